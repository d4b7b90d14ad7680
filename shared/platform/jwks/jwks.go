// Package jwks holds the keys by which an issuer signs its tokens, and tells a token that
// the issuer did not sign from an issuer that does not answer: the first is refused for
// good, the second comes again.
//
// The library fetches the keys for each token that none of those it has can verify. Here
// they are fetched no more than once in an interval, whoever asks for it and how often, and
// anew after a while, so that a key that was withdrawn is not trusted for ever. While the
// issuer is away, those that are known go on to be.
package jwks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// Interval is the time between two fetches, and so how long an issuer that signs with a
	// key of which it did not tell before is refused at worst.
	Interval = 30 * time.Second
	// again is the time between two, where the first of them failed.
	again = time.Second
	// Fresh is how long keys are used that the issuer may have withdrawn.
	Fresh = time.Hour
	// most is how large an issuer's keys are at most, in bytes.
	most = 1 << 20
)

var (
	// ErrAway is that the issuer does not say by which keys it signs, or was asked a moment
	// ago and told nothing of this one. A later try may pass.
	ErrAway = errors.New("the issuer's keys cannot be had now")
	// ErrForged is that no key of the issuer's has made the signature.
	ErrForged = errors.New("it is not signed by the issuer")
)

// Set is the keys that stand at an address. It is safe for concurrent use.
type Set struct {
	address string
	client  *http.Client // whose transport is the seldom below
	seldom  *seldom
	now     func() time.Time

	mu    sync.Mutex
	keys  *oidc.RemoteKeySet
	since time.Time // when the keys were fetched that keys began with; zero where none were
}

// New returns the keys at an address, which the client fetches when a first token is to be
// verified.
func New(address string, client *http.Client, now func() time.Time) *Set {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	own := *client
	s := &Set{address: address, client: &own, seldom: &seldom{next: next, now: now}, now: now}
	own.Transport = s.seldom
	s.keys = s.remote()
	return s
}

func (s *Set) remote() *oidc.RemoteKeySet {
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), s.client), s.address)
}

// VerifySignature is for the library's verifiers alone: see Verify.
func (s *Set) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := s.verify(ctx, token)
	if kept, ok := ctx.Value(keptKey{}).(*error); ok {
		*kept = err // the library puts it into words alone
	}
	return payload, err
}

func (s *Set) verify(ctx context.Context, token string) ([]byte, error) {
	s.mu.Lock()
	keys, old := s.keys, !s.since.IsZero() && !s.now().Before(s.since.Add(Fresh))
	s.mu.Unlock()
	if old {
		anew := s.remote()
		payload, err := by(ctx, anew, token)
		if !errors.Is(err, ErrAway) {
			s.mu.Lock()
			s.keys, s.since = anew, s.now()
			s.mu.Unlock()
			return payload, err
		}
	}
	payload, err := by(ctx, keys, token)
	switch {
	case errors.Is(err, errTooSoon) && s.seldom.knows(keyOf(token)): // and the signature is another's
		return nil, ErrForged
	case !errors.Is(err, ErrAway):
		s.mu.Lock()
		if s.since.IsZero() {
			s.since = s.now()
		}
		s.mu.Unlock()
	}
	return payload, err
}

// by verifies a token by keys, which may be fetched for it.
func by(ctx context.Context, keys *oidc.RemoteKeySet, token string) ([]byte, error) {
	payload, err := keys.VerifySignature(ctx, token)
	var refused interface{ Timeout() bool } // a url.Error, of the client's
	switch {
	case err == nil:
		return payload, nil
	case errors.As(err, &refused), ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	return nil, ErrForged
}

// keyOf is the id of the key by which a token says that it is signed.
func keyOf(token string) string {
	// The algorithms were checked before; none of these is that of a secret.
	t, err := jose.ParseSignedCompact(token, Algorithms)
	if err != nil {
		return ""
	}
	return t.Signatures[0].Header.KeyID
}

// Algorithms are those with which a token may be signed: by a key pair, and not by a secret
// that we would have as well.
var Algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256, jose.EdDSA}

// AlgorithmNames are the same, as the library has them.
func AlgorithmNames() (all []string) {
	for _, a := range Algorithms {
		all = append(all, string(a))
	}
	return all
}

type keptKey struct{}

// Verify has a verifier, whose keys are a Set, check a token. Where it is the signature that
// does not pass, the error is ErrAway or ErrForged.
func Verify(ctx context.Context, v *oidc.IDTokenVerifier, token string) (*oidc.IDToken, error) {
	var kept error
	t, err := v.Verify(context.WithValue(ctx, keptKey{}, &kept), token)
	if err != nil && kept != nil {
		return nil, kept
	}
	return t, err
}

// seldom fetches an issuer's keys no more than once in an interval.
type seldom struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	until time.Time // when the next fetch may be
	ids   []string  // of the keys that were fetched last
}

var errTooSoon = errors.New("the keys were fetched a moment ago")

func (s *seldom) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.may() {
		return nil, errTooSoon
	}
	answer, ids, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until, s.ids = s.now().Add(Interval), ids
	return answer, nil
}

// may reports whether the keys may be fetched, and has others wait.
func (s *seldom) may() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.Before(s.until) {
		return false
	}
	s.until = now.Add(again)
	return true
}

// knows reports whether a key was among those that were fetched last.
func (s *seldom) knows(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.ids, id)
}

// fetch reads the keys. Whatever is no set of keys is an error: the library would put it
// into words, with what the issuer answered.
func (s *seldom) fetch(r *http.Request) (answer *http.Response, ids []string, err error) {
	if answer, err = s.next.RoundTrip(r); err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("status %d for the keys", answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most))
	if err != nil {
		return nil, nil, err
	}
	var said struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(body, &said); err != nil || len(said.Keys) == 0 {
		return nil, nil, errors.New("what stands in the place of the keys is none")
	}
	for _, k := range said.Keys {
		ids = append(ids, k.ID)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, ids, nil
}
