package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

var (
	attempts  = telemetry.Counter("cascade.messages.attempts", "Attempts to send an email, by kind, by the state it was left in and by the provider's answer")
	takeovers = telemetry.Counter("cascade.messages.takeovers", "Leases that ran out without an outcome")
)

// settle records how the attempt at a bundle ended.
func (s *sender) settle(ctx context.Context, b *bundle, a answer, at moment) error {
	b.outcome(a, s.terms, at)
	b.count(ctx, a)
	if err := s.record(ctx, b); !store.IsConflict(err) {
		return err
	}
	return nil // the provider's report came first: there is nothing left to say
}

// errNoOutcome is an attempt whose sender did not come back.
var errNoOutcome = errors.New("the attempt left no outcome")

// takeOver ends the lease of a sender that left no outcome: it may have sent the
// email or not.
func (s *sender) takeOver(ctx context.Context, m *outbox.Message, at moment) error {
	b, err := s.bundleOf(ctx, m)
	if err != nil {
		return err
	}
	none := answer{failed: errNoOutcome}
	b.outcome(none, s.terms, at)
	switch err := s.record(ctx, b); {
	case store.IsConflict(err):
		return nil // another was faster
	case err != nil:
		return err
	}
	takeovers.Add(ctx, 1)
	b.count(ctx, none)
	slog.WarnContext(ctx, "lease taken over", "id", m.ID, "kind", m.Kind, "state", m.State, "attempts", m.Attempts)
	return nil
}

// outcome makes of all messages of a bundle what its attempt ended with.
func (b *bundle) outcome(a answer, t outbox.Terms, at moment) {
	var refused *mail.Refused
	var unwritten *unwritable
	m, failed, now := b.lead, a.failed, at.programme
	switch jitter := rand.Float64(); {
	case failed == nil:
		m.Took(a.id, now)
	case errors.As(failed, &unwritten):
		b.separate(unwritten.letters, "it cannot be written", now)
		return
	case errors.As(failed, &refused) && refused.Permanent:
		m.PutAside(refused.Error())
	case errors.As(failed, &refused):
		m.Refused(refused.Error(), refused.RetryAfter, jitter, now)
	default:
		m.Doubt("no answer from the provider", jitter, at.server, now, t)
	}
	b.mirror()
}

// separate sets those letters aside that cannot be written. The others wait for the
// person's next email: nothing was sent.
func (b *bundle) separate(failing []int, why string, now time.Time) {
	for i, m := range b.messages() {
		switch {
		case len(failing) == 0 || slices.Contains(failing, i):
			m.PutAside(why)
		case i == 0:
			m.Attempts-- // it was none
			m.Wait(now)
		default:
			m.With = ""
			m.Wait(now)
		}
	}
	b.lead.Bundle = nil
}

// count counts an attempt, by its outcome.
func (b *bundle) count(ctx context.Context, a answer) {
	m := b.lead
	attempts.Add(ctx, 1, metric.WithAttributes(
		attribute.String("kind", string(m.Kind)), attribute.String("state", string(m.State)), attribute.String("answer", a.word())))
	if a.failed != nil {
		// Not the error itself, which may name an address.
		slog.WarnContext(ctx, "message not sent", "id", m.ID, "answer", a.word(), "kind", fmt.Sprintf("%T", a.failed))
	}
}

// word is an answer in a word or as a status of HTTP or SMTP.
func (a answer) word() string {
	var refused *mail.Refused
	switch failed := a.failed; {
	case failed == nil:
		return "taken"
	case errors.As(failed, new(*unwritable)):
		return "not asked" // there is no email
	case !errors.As(failed, &refused):
		return "unknown"
	case refused.Status != 0:
		return strconv.Itoa(refused.Status)
	case refused.Permanent:
		return "not asked"
	}
	return "not reached"
}

// record writes all messages of a bundle as they are now.
func (s *sender) record(ctx context.Context, b *bundle) error {
	c := s.Store.Commit()
	b.save(c, s.Now())
	return c.Do(ctx)
}
