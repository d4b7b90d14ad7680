// Package openidtest is an OpenID provider for tests: it signs in whoever asks, and its
// tokens can be made wrong in any way.
package openidtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ClientID and ClientSecret are those of the one client.
const (
	ClientID     = "cascade"
	ClientSecret = "secret of the client"
)

// Provider is a provider on this machine. Its fields may be changed between requests.
type Provider struct {
	URL string
	// Claims are what is said of whoever signs in, beside what each token has.
	Claims map[string]any
	// Change changes a token's claims before they are signed, and Sign signs them: as
	// KeySigned does, where it is nil.
	Change func(claims map[string]any)
	Sign   func(claims map[string]any) string
	// Error is what the browser is sent back with in place of a code.
	Error string
	// Down has everything answered by this status.
	Down int
	// NoLogout leaves out where people sign out.
	NoLogout bool
	// Post has the client say its secret in the form.
	Post bool
	Now  func() time.Time

	mu        sync.Mutex
	key       *rsa.PrivateKey
	kid       string
	published []jose.JSONWebKey
	codes     map[string]url.Values // what was asked for, by code
	asked     map[string]int        // by path
}

// key is one for all tests, since making it takes long.
var key = sync.OnceValue(func() *rsa.PrivateKey { return newKey() })

func newKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// New starts a provider of whoever has an address.
func New(t testing.TB, email string) *Provider {
	p, stop := Start(email)
	t.Cleanup(stop)
	return p
}

// Start is New for whoever stops it by themselves.
func Start(email string) (p *Provider, stop func()) {
	p = &Provider{Claims: map[string]any{"sub": "account-1", "email": email, "email_verified": true}, Now: time.Now,
		codes: map[string]url.Values{}, asked: map[string]int{}}
	p.use(key(), "first")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked[r.URL.Path]++
		if p.Down != 0 {
			http.Error(w, "down", p.Down)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	p.URL = server.URL
	return p, server.Close
}

// Asked is how often a path was asked for.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// Rotate has the provider sign with a new key, and forget the one before.
func (p *Provider) Rotate(kid string) { p.use(newKey(), kid) }

func (p *Provider) use(k *rsa.PrivateKey, kid string) {
	p.key, p.kid = k, kid
	p.published = []jose.JSONWebKey{{Key: k.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"}}
}

// Authorize does what a browser does with the address of the provider's page, and returns
// the address that it is sent back to.
func Authorize(t testing.TB, page string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %s to %s", answer.Status, page)
	}
	return answer.Header.Get("Location")
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	said := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}}
	if !p.NoLogout {
		said["end_session_endpoint"] = p.URL + "/logout"
	}
	if p.Post {
		said["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	}
	answer(w, said)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, jose.JSONWebKeySet{Keys: p.published})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	if asked.Get("client_id") != ClientID || asked.Get("response_type") != "code" || asked.Get("code_challenge_method") != "S256" ||
		len(asked.Get("code_challenge")) != 43 || len(asked.Get("nonce")) < 20 || len(asked.Get("state")) < 20 {
		http.Error(w, "what is asked for is not enough", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": asked["state"]}
	if p.Error != "" {
		back.Set("error", p.Error)
	} else {
		code := rand.Text()
		p.codes[code] = asked
		back.Set("code", code)
	}
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749, 2.3.1
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	}
	if p.Post {
		id, secret, basic = r.FormValue("client_id"), r.FormValue("client_secret"), !basic
	}
	if !basic || id != ClientID || secret != ClientSecret {
		refuse(w, "invalid_client")
		return
	}
	asked, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || asked.Get("redirect_uri") != r.FormValue("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
		refuse(w, "invalid_grant")
		return
	}
	now := p.Now()
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "nonce": asked.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range p.Claims {
		claims[name] = value
	}
	if p.Change != nil {
		p.Change(claims)
	}
	sign := p.KeySigned
	if p.Sign != nil {
		sign = p.Sign
	}
	answer(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "id_token": sign(claims)})
}

// KeySigned signs claims with the provider's key.
func (p *Provider) KeySigned(claims map[string]any) string {
	return Signed(jose.RS256, p.key, p.kid, claims)
}

// KeyID is the id of the provider's key.
func (p *Provider) KeyID() string { return p.kid }

// PublicKey is the provider's.
func (p *Provider) PublicKey() crypto.PublicKey { return p.key.Public() }

// OtherKey is a key that is not the provider's.
var OtherKey = sync.OnceValue(newKey)

// Signed signs claims with any key.
func Signed(algorithm jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		panic(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}

// Unsigned are claims by the algorithm "none".
func Unsigned(claims map[string]any) string {
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part(text) + "."
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client went away
}

func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"error":%q}`, why)
}
