package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

// answer is how an attempt ended: with the provider's id of the email, or why there is
// none.
type answer struct {
	id     string
	failed error
}

// deliver hands an email to the provider.
func (s *sender) deliver(ctx context.Context, c *claimed, e *mail.Envelope) answer {
	// Whoever has been stalled since the claim must not send: another may hold the
	// lease by now. The time is the process's own, which goes on while it is stopped.
	if time.Since(c.began) > s.terms.Lease/2 {
		return answer{failed: &mail.Refused{Cause: errors.New("stalled since the claim")}}
	}
	id, err := s.provider.Send(ctx, *e)
	return answer{id, err}
}
