package jwks_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/cascading-leadership/cascade/shared/platform/jwks"
)

const issuer = "https://issuer.example.org"

// place is an issuer's keys, and a verifier that has them from there.
type place struct {
	t        *testing.T
	verifier *oidc.IDTokenVerifier

	mu      sync.Mutex
	at      time.Time
	down    bool
	answer  string // in place of the keys
	fetches int
	keys    map[string]*ecdsa.PrivateKey
}

func newPlace(t *testing.T) *place {
	p := &place{t: t, at: time.Now(), keys: map[string]*ecdsa.PrivateKey{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fetches++
		switch {
		case p.down:
			w.WriteHeader(http.StatusBadGateway)
		case p.answer != "":
			fmt.Fprint(w, p.answer)
		default:
			var set jose.JSONWebKeySet
			for id, k := range p.keys {
				set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public(), KeyID: id, Algorithm: "ES256", Use: "sig"})
			}
			_ = json.NewEncoder(w).Encode(set)
		}
	}))
	t.Cleanup(server.Close)
	p.verifier = oidc.NewVerifier(issuer, jwks.New(server.URL, &http.Client{Timeout: 5 * time.Second}, p.now),
		&oidc.Config{SkipClientIDCheck: true, SupportedSigningAlgs: jwks.AlgorithmNames(), Now: p.now})
	return p
}

func (p *place) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

// change changes the place between requests.
func (p *place) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
}

func (p *place) pass(d time.Duration) { p.change(func() { p.at = p.at.Add(d) }) }

func (p *place) fetched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

func newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

// verify has a token verified that a key signs under an id.
func (p *place) verify(k *ecdsa.PrivateKey, id string) error {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k, KeyID: id}}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := signer.Sign(fmt.Appendf(nil, `{"iss":%q,"sub":"s","aud":"a","exp":%d}`, issuer, p.now().Add(24*time.Hour).Unix()))
	if err != nil {
		p.t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = jwks.Verify(p.t.Context(), p.verifier, token)
	return err
}

// While the issuer is away, tokens are put off and not refused, and those whose key is
// known go on to pass.
func TestAnOutageIsNoForgery(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k := newKey()
	p.change(func() { p.keys["k"], p.down = k, true })
	for _, outage := range []func(){func() {}, func() { p.down, p.answer = false, "<html>" }, func() { p.answer = `{"keys":[]}` }, func() { p.answer = `{}` }} {
		p.change(outage)
		if err := p.verify(k, "k"); !errors.Is(err, jwks.ErrAway) {
			t.Errorf("while the issuer is away: %v", err)
		}
		p.pass(6 * time.Second)
	}
	p.change(func() { p.answer = "" })
	if err := p.verify(k, "k"); err != nil {
		t.Errorf("once it is back: %v", err)
	}
	p.change(func() { p.down = true })
	for _, later := range []time.Duration{time.Minute, jwks.Fresh, 24 * time.Hour} {
		p.pass(later)
		if err := p.verify(k, "k"); err != nil {
			t.Errorf("%v after it went away: %v", later, err)
		}
	}
	if err := p.verify(newKey(), "other"); !errors.Is(err, jwks.ErrAway) {
		t.Errorf("a key that is not known, while the issuer is away: %v", err)
	}
}

// However many tokens of keys come that the issuer does not have, it is asked once in an
// interval; and tokens of those that it has pass meanwhile.
func TestAFloodOfUnknownKeysIsOneFetch(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k, foreign := newKey(), newKey()
	p.change(func() { p.keys["k"] = k })
	if err := p.verify(k, "k"); err != nil || p.fetched() != 1 {
		t.Fatalf("%v after %d fetches", err, p.fetched())
	}
	for interval := range 3 {
		before := p.fetched()
		p.pass(jwks.Interval)
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				if err := p.verify(foreign, fmt.Sprintf("unknown-%d", i)); !errors.Is(err, jwks.ErrAway) && !errors.Is(err, jwks.ErrForged) {
					t.Errorf("an unknown key: %v", err)
				}
				if err := p.verify(k, "k"); err != nil {
					t.Errorf("the issuer's own key: %v", err)
				}
			})
		}
		all.Wait()
		if n := p.fetched() - before; n != 1 {
			t.Errorf("interval %d: %d fetches for 200 unknown keys", interval, n)
		}
	}
}

// A foreign key under the id of the issuer's own is refused, also where the keys may not be
// fetched again yet.
func TestAForeignKeyUnderAKnownIDIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k, foreign := newKey(), newKey()
	p.change(func() { p.keys["k"] = k })
	for i := range 5 {
		if err := p.verify(foreign, "k"); !errors.Is(err, jwks.ErrForged) {
			t.Errorf("try %d: %v", i, err)
		}
		if err := p.verify(k, "k"); err != nil {
			t.Errorf("the issuer's own: %v", err)
		}
	}
	if n := p.fetched(); n != 1 {
		t.Errorf("%d fetches", n)
	}
	p.pass(jwks.Fresh + time.Minute)
	if err := p.verify(foreign, "k"); !errors.Is(err, jwks.ErrForged) {
		t.Errorf("once the keys are old: %v", err)
	}
	if err := p.verify(k, "k"); err != nil {
		t.Errorf("the issuer's own, once the keys were fetched anew: %v", err)
	}
}

// A new key is found: at once, or an interval after the last fetch.
func TestRotationIsFound(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first, second := newKey(), newKey()
	p.change(func() { p.keys["first"] = first })
	if err := p.verify(first, "first"); err != nil {
		t.Fatal(err)
	}
	p.change(func() { p.keys["second"] = second })
	if err := p.verify(second, "second"); !errors.Is(err, jwks.ErrAway) {
		t.Errorf("a moment after the last fetch: %v, want that it is put off", err)
	}
	p.pass(jwks.Interval)
	if err := p.verify(second, "second"); err != nil {
		t.Errorf("an interval later: %v", err)
	}
}

// A key that the issuer withdrew is not trusted for long, and what is fetched anew is
// fetched once.
func TestWithdrawnKeysEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first, second := newKey(), newKey()
	p.change(func() { p.keys["first"] = first })
	if err := p.verify(first, "first"); err != nil {
		t.Fatal(err)
	}
	p.change(func() { delete(p.keys, "first"); p.keys["second"] = second })
	p.pass(jwks.Fresh - time.Second)
	if err := p.verify(first, "first"); err != nil {
		t.Errorf("before the keys are old: %v", err)
	}
	p.pass(time.Second)
	if err := p.verify(first, "first"); !errors.Is(err, jwks.ErrForged) {
		t.Errorf("once they are: %v", err)
	}
	for range 10 {
		if err := p.verify(second, "second"); err != nil {
			t.Errorf("the issuer's key now: %v", err)
		}
	}
	if n := p.fetched(); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

// A redirect could lead anywhere, and is not followed.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k := newKey()
	p.change(func() { p.keys["k"] = k })
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	elsewhere.Close()
	from := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	t.Cleanup(from.Close)
	p.verifier = oidc.NewVerifier(issuer, jwks.New(from.URL, http.DefaultClient, p.now), &oidc.Config{SkipClientIDCheck: true, SupportedSigningAlgs: jwks.AlgorithmNames(), Now: p.now})
	if err := p.verify(k, "k"); !errors.Is(err, jwks.ErrAway) {
		t.Errorf("behind a redirect: %v", err)
	}
}
