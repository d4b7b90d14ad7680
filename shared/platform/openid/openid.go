// Package openid has people sign in at another service, by OpenID Connect: the code flow
// with PKCE, a state and a nonce. What a provider says of somebody is believed once its ID
// token has passed all checks; see check.go for those that the library leaves to us.
//
// Nothing is asked of the provider before somebody signs in there, so that a function
// starts while it is down.
package openid

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/jwks"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Config is how a provider is known, and how we are known there.
type Config struct {
	// Issuer is the provider's address, exactly as its tokens have it.
	Issuer       string
	ClientID     string
	ClientSecret string
	// HostedDomain is the one organisation of Google Workspace whose accounts are let in,
	// "" for any account of the provider's.
	HostedDomain string
}

// Check says what is wrong with an issuer's address, or nil.
func (c Config) Check() error {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !web.Loopback(u.Hostname())) {
		return errors.New("must be the provider's address as its tokens have it, such as https://accounts.google.com")
	}
	return nil
}

// Why a sign-in fails, each with another way on. The errors that wrap one hold nothing
// personal.
var (
	ErrDeclined    = errors.New("the person or the provider said no")
	ErrStale       = errors.New("the answer is not to a question of this browser's, or comes too late")
	ErrUnavailable = errors.New("the provider does not answer")
	ErrRejected    = errors.New("the provider's answer does not pass")
	ErrUnverified  = errors.New("the provider has not verified the address")
)

// Identity is who somebody is, by the provider's word.
type Identity struct {
	Issuer string
	// Subject is the account, which never becomes somebody else's.
	Subject string
	// Email is theirs now, and verified.
	Email email.Address
}

// Flow is a sign-in that is under way in one browser, which keeps it until the answer.
type Flow struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE's
	// Until is when the answer comes too late, in Unix seconds.
	Until int64 `json:"until"`
}

// FlowLife is how long somebody has for signing in at the provider.
const FlowLife = 10 * time.Minute

// Provider is a service at which people sign in. It is safe for concurrent use.
type Provider struct {
	config   Config
	redirect string
	now      func() time.Time
	client   *http.Client

	mu    sync.Mutex
	found *discovered // once it was
}

// discovered is what a provider says of itself.
type discovered struct {
	oauth2   oauth2.Config
	verifier *oidc.IDTokenVerifier
	logout   string
}

// New returns a provider that sends people back to an address of ours.
func New(c Config, redirect string, now func() time.Time) *Provider {
	return &Provider{config: c, redirect: redirect, now: now, client: &http.Client{
		Timeout: 5 * time.Second, Transport: http.DefaultTransport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// discover reads what the provider says of itself, until it has answered once.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	said, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, unavailable(err)
	}
	var more struct {
		Keys       string   `json:"jwks_uri"`
		EndSession string   `json:"end_session_endpoint"`
		Methods    []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := said.Claims(&more); err != nil {
		return nil, unavailable(err)
	}
	endpoint := said.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // what holds where nothing is said
	if len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	found = &discovered{
		oauth2: oauth2.Config{ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.redirect,
			Endpoint: endpoint, Scopes: []string{oidc.ScopeOpenID, "email"}},
		verifier: oidc.NewVerifier(p.config.Issuer, jwks.New(more.Keys, p.client, p.now),
			&oidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: jwks.AlgorithmNames(), Now: p.now}),
		logout: more.EndSession,
	}
	p.mu.Lock()
	p.found = found
	p.mu.Unlock()
	return found, nil
}

// unavailable leaves out the provider's own words, which may be a page of its own.
func unavailable(err error) error {
	var refused *url.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", ErrUnavailable, refused.Err)
	}
	var mismatch *oidc.IssuerMismatchError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%w: %w", ErrUnavailable, mismatch)
	}
	return fmt.Errorf("%w: it answers with something else", ErrUnavailable)
}

// Begin starts a sign-in: its flow, for the browser to keep, and the address of the
// provider's page. The error is ErrUnavailable.
func (p *Provider) Begin(ctx context.Context) (f Flow, page string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Flow{}, "", err
	}
	f = Flow{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), p.now().Add(FlowLife).Unix()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if p.config.HostedDomain != "" {
		options = append(options, oauth2.SetAuthURLParam("hd", p.config.HostedDomain))
	}
	return f, found.oauth2.AuthCodeURL(f.State, options...), nil
}

// Finish reads the answer that the provider sent the browser back with. The error is one
// of the five above.
func (p *Provider) Finish(ctx context.Context, f Flow, answer url.Values) (Identity, error) {
	state, issuer := answer.Get("state"), answer.Get("iss")
	switch {
	case f.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1 || p.now().Unix() >= f.Until:
		return Identity{}, ErrStale
	case issuer != "" && issuer != p.config.Issuer: // RFC 9207
		return Identity{}, fmt.Errorf("%w: it is another provider's", ErrRejected)
	case answer.Get("error") == "temporarily_unavailable" || answer.Get("error") == "server_error":
		return Identity{}, ErrUnavailable
	case answer.Has("error"):
		return Identity{}, ErrDeclined
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	raw, err := found.exchange(oidc.ClientContext(ctx, p.client), answer.Get("code"), f.Verifier)
	if err != nil {
		return Identity{}, err
	}
	return p.identity(ctx, found, raw, f.Nonce)
}

// exchange takes the ID token for a code.
func (d *discovered) exchange(ctx context.Context, code, verifier string) (string, error) {
	token, err := d.oauth2.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant": // used before, as by going back
		return "", ErrStale
	case errors.As(err, &refused) && refused.Response.StatusCode < 500:
		return "", fmt.Errorf("%w: status %d for the code", ErrRejected, refused.Response.StatusCode)
	case err != nil:
		return "", fmt.Errorf("%w: no token for the code", ErrUnavailable)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: there is no ID token", ErrRejected)
	}
	return raw, nil
}

// identity reads an ID token.
func (p *Provider) identity(ctx context.Context, found *discovered, raw, nonce string) (Identity, error) {
	token, err := jwks.Verify(ctx, found.verifier, raw)
	switch {
	case errors.Is(err, jwks.ErrAway):
		return Identity{}, fmt.Errorf("%w: no keys", ErrUnavailable)
	case err != nil:
		return Identity{}, fmt.Errorf("%w: %w", ErrRejected, err)
	}
	c := claims{Subject: token.Subject, Audience: token.Audience, Nonce: token.Nonce, IssuedAt: token.IssuedAt, Expiry: token.Expiry}
	if err := token.Claims(&c.said); err != nil {
		return Identity{}, fmt.Errorf("%w: its claims cannot be read", ErrRejected)
	}
	address, err := c.check(p.config, nonce, p.now())
	return Identity{p.config.Issuer, c.Subject, address}, err
}

// SignOut is the address at which somebody signs out of the provider too, and comes back
// to a page of ours; "" where it has none, or does not answer.
func (p *Provider) SignOut(ctx context.Context, back string) string {
	found, err := p.discover(ctx)
	if err != nil || found.logout == "" {
		return ""
	}
	u, err := url.Parse(found.logout)
	if err != nil || u.Scheme != "https" && !web.Loopback(u.Hostname()) {
		return ""
	}
	query := u.Query()
	query.Set("client_id", p.config.ClientID)
	query.Set("post_logout_redirect_uri", back)
	u.RawQuery = query.Encode()
	return u.String()
}

// MarshalFlow and UnmarshalFlow are a flow as text, which the caller signs.
func MarshalFlow(f Flow) string {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and a number
	}
	return string(text)
}

// UnmarshalFlow reads what MarshalFlow wrote; the zero Flow, which nothing answers, for
// anything else.
func UnmarshalFlow(text string) (f Flow) {
	if json.Unmarshal([]byte(text), &f) != nil {
		return Flow{}
	}
	return f
}
