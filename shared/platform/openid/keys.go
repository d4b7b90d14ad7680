package openid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// seldom fetches a provider's keys no more than once in an interval: the library asks for
// them for each token whose key it does not know. What is fetched is kept by the library.
type seldom struct {
	next http.RoundTripper
	now  func() time.Time
	mu   sync.Mutex
	last time.Time
}

// interval is how long a provider that signs with a new key may be refused at worst.
const interval = 30 * time.Second

var errTooSoon = errors.New("the keys were fetched a moment ago")

func (s *seldom) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	now := s.now()
	soon := !s.last.IsZero() && now.Before(s.last.Add(interval))
	if !soon {
		s.last = now
	}
	s.mu.Unlock()
	if soon {
		return nil, errTooSoon
	}
	answer, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("status %d for the keys", answer.StatusCode)
	}
	return answer, nil
}

// noticed tells whoever verifies a token that the provider's keys could not be fetched,
// which the library puts into words alone: that is an outage, and no forgery.
type noticed struct{ oidc.KeySet }

type awayKey struct{}

func (n noticed) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := n.KeySet.VerifySignature(ctx, jwt)
	var refused interface{ Timeout() bool } // a url.Error, of our transport's
	if away, ok := ctx.Value(awayKey{}).(*error); ok && errors.As(err, &refused) {
		*away = err
	}
	return payload, err
}
