package signin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	functionDesk "github.com/cascading-leadership/cascade/functions/desk"
	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	desksignin "github.com/cascading-leadership/cascade/functions/desk/signin"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// accounts is a desk at which staff sign in by accounts of a provider.
type accounts struct {
	*bed
	at *openidtest.Provider
}

func newAccounts(t *testing.T, change ...func(*desksignin.Config)) *accounts {
	t.Helper()
	return accountsOf(t, newBed(t), "morgan@example.org", change...)
}

// accountsOf is a desk over the documents of a bed, and a provider that signs in whoever
// has an address.
func accountsOf(t *testing.T, b *bed, email string, change ...func(*desksignin.Config)) *accounts {
	t.Helper()
	a := &accounts{b, openidtest.New(t, email)}
	a.at.Now = a.Now
	c := desksignin.Config{Link: "on", Issuer: a.at.URL, Name: "Example ID", ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret}
	for _, f := range change {
		f(&c)
	}
	a.Serve("desk", func(ctx context.Context, rt *serve.Runtime) (http.Handler, error) {
		rt.PublicURL = a.URL
		return functionDesk.With(c)(ctx, rt)
	})
	a.As()
	return a
}

// path is an address of this host without the host.
func (a *accounts) path(address string) string {
	a.T.Helper()
	path, ok := strings.CutPrefix(address, a.URL)
	if !ok {
		a.T.Fatalf("%s is not here", address)
	}
	return path
}

// begin is where the provider sends a browser back to that has begun to sign in.
func (a *accounts) begin() string {
	a.T.Helper()
	got := a.Get("/desk/account")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), a.at.URL+"/authorize?") {
		a.T.Fatalf("status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	c := cookieOf(got, "__Host-cascade-sign-in")
	if c == nil || c.SameSite != http.SameSiteLaxMode || !c.HttpOnly || !c.Secure || c.MaxAge != 600 {
		a.T.Fatalf("the cookie is %v", c)
	}
	return a.path(openidtest.Authorize(a.T, got.Header.Get("Location")))
}

func (a *accounts) signIn() testbed.Answer { a.T.Helper(); return a.Get(a.begin()) }

// refused fails unless nobody is signed in, and the page says why and leads on.
func (a *accounts) refused(what string, got testbed.Answer, status int, says string) {
	a.T.Helper()
	if got.StatusCode != status || !strings.Contains(got.Body, says) || !strings.Contains(got.Body, `href="/desk/account"`) || cookieOf(got, "__Host-cascade-staff") != nil {
		a.T.Errorf("%s: status %d, want %d and %q: %s", what, got.StatusCode, status, says, got.Body)
	}
	a.signedIn(false, what)
}

func (a *accounts) account(staff string) access.Account {
	a.T.Helper()
	m, err := a.Store.StaffMember(a.T.Context(), staff)
	if err != nil {
		a.T.Fatal(err)
	}
	return m.Account
}

func TestSigningInByAnAccount(t *testing.T) {
	a := newAccounts(t)
	page := desktest.Path + "/people"
	a.Get(page)
	if got := a.Get(signin.Page); !strings.Contains(got.Body, `href="/desk/account"`) || !strings.Contains(got.Body, "Sign in with Example ID") || !strings.Contains(got.Body, `name="email"`) {
		t.Errorf("the sign-in page: %s", got.Body)
	}
	got := a.signIn()
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != page || cookieOf(got, "__Host-cascade-staff") == nil {
		t.Fatalf("status %d to %q, %v: %s", got.StatusCode, got.Header.Get("Location"), got.Cookies(), got.Body)
	}
	a.signedIn(true, "by an account")
	if want := access.NewAccount(a.at.URL, "account-1"); a.account("morgan") != want {
		t.Errorf("kept is %q, want %q", a.account("morgan"), want)
	}
	if got := a.Get("/desk/sessions"); !strings.Contains(got.Body, "Signed in by an account") {
		t.Errorf("the sessions: %s", got.Body)
	}

	// The address is another one there now: the account is still theirs.
	a.As()
	a.at.Claims["email"] = "m.sample@example.org"
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("under another address: status %d: %s", got.StatusCode, got.Body)
	}
	a.signedIn(true, "under another address")
}

// An address that its provider has given to somebody else lets nobody in.
func TestAddressThatIsGivenToSomebodyElse(t *testing.T) {
	a := newAccounts(t)
	a.signIn()
	first := a.account("morgan")
	a.As()
	a.at.Claims["sub"] = "account-2"
	a.refused("another account with the address", a.signIn(), 403, "another account")
	if a.account("morgan") != first {
		t.Errorf("kept is %q, and before %q", a.account("morgan"), first)
	}
}

func TestWhoIsNoMemberOfStaffIsToldSo(t *testing.T) {
	a := newAccounts(t)
	for _, address := range []string{"stranger@example.org", "nora@example.org"} { // who has no role
		a.at.Claims["email"] = address
		a.refused(address, a.signIn(), 403, "Nobody with the address "+address)
	}
	a.at.Claims["email"] = "Morgan@EXAMPLE.org"
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the address in capitals: status %d", got.StatusCode)
	}
	// Roles that are taken away are gone, also for a known account.
	m, err := a.Store.StaffMember(t.Context(), "morgan")
	if err != nil {
		t.Fatal(err)
	}
	m.Roles = nil
	c := a.Store.Commit()
	c.UpdateStaff(m)
	a.Commit(c)
	a.As()
	a.refused("without a role", a.signIn(), 403, "Nobody with the address")
}

// Each kind of token that is not to be trusted signs nobody in: those that the library
// refuses, and those that it leaves to us.
func TestTokensThatAreNotToBeTrusted(t *testing.T) {
	a := newAccounts(t)
	now := a.Now()
	set := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	without := func(name string) func(map[string]any) {
		return func(claims map[string]any) { delete(claims, name) }
	}
	cannot, unverified := "cannot be trusted", "does not say that your email address is yours"
	for _, row := range []struct {
		name   string
		change func(map[string]any)
		sign   func(map[string]any) string
		says   string
	}{
		{"another audience", set("aud", "another"), nil, cannot},
		{"no audience", without("aud"), nil, cannot},
		{"others in the audience", set("aud", []string{openidtest.ClientID, "another"}), nil, cannot},
		{"given to another party", set("azp", "another"), nil, cannot},
		{"another issuer", set("iss", "https://elsewhere.example"), nil, cannot},
		{"an issuer with a slash more", set("iss", a.at.URL+"/"), nil, cannot},
		{"no issuer", without("iss"), nil, cannot},
		{"expired", set("exp", now.Add(-time.Second).Unix()), nil, cannot},
		{"no expiry", without("exp"), nil, cannot},
		{"an expiry in years", set("exp", now.AddDate(10, 0, 0).Unix()), nil, cannot},
		{"from the future", set("iat", now.Add(3*time.Minute).Unix()), nil, cannot},
		{"issued an hour ago", set("iat", now.Add(-time.Hour).Unix()), nil, cannot},
		{"issued nobody knows when", without("iat"), nil, cannot},
		{"not valid yet", set("nbf", now.Add(time.Hour).Unix()), nil, cannot},
		{"no subject", without("sub"), nil, cannot},
		{"an empty subject", set("sub", ""), nil, cannot},
		{"a subject that is too long", set("sub", strings.Repeat("x", 256)), nil, cannot},
		{"another nonce", set("nonce", "another"), nil, cannot},
		{"no nonce", without("nonce"), nil, cannot},
		{"the address not verified", set("email_verified", false), nil, unverified},
		{"the address as a text not verified", set("email_verified", "false"), nil, unverified},
		{"nothing said of that", without("email_verified"), nil, unverified},
		{"a number said of that", set("email_verified", 1), nil, unverified},
		{"no address", without("email"), nil, unverified},
		{"an address that is none", set("email", "morgan"), nil, unverified},
		{"not signed", nil, openidtest.Unsigned, cannot},
		{"signed by the client's secret", nil, func(claims map[string]any) string {
			return openidtest.Signed(jose.HS256, []byte(strings.Repeat(openidtest.ClientSecret, 2)), a.at.KeyID(), claims)
		}, cannot},
		{"signed by the public key as a secret", nil, func(claims map[string]any) string {
			return openidtest.Signed(jose.HS256, []byte(fmt.Sprint(a.at.PublicKey())), a.at.KeyID(), claims)
		}, cannot},
		{"no token", nil, func(map[string]any) string { return "" }, cannot},
		{"damaged", nil, func(claims map[string]any) string { return a.at.KeySigned(claims)[10:] }, cannot},
	} {
		a.As()
		a.at.Change, a.at.Sign = row.change, row.sign
		a.refused(row.name, a.signIn(), 403, row.says)
	}
	if a.account("morgan") != "" {
		t.Errorf("an account is kept: %q", a.account("morgan"))
	}

	// What differs by nothing that matters is taken.
	for name, change := range map[string]func(map[string]any){
		"verified as a text": set("email_verified", "true"), "the audience as a list": set("aud", []string{openidtest.ClientID}), "given to us": set("azp", openidtest.ClientID),
		"half a minute ahead": set("iat", now.Add(30*time.Second).Unix()), "more of it": set("amr", []string{"pwd", "otp"}),
	} {
		a.As()
		a.at.Change, a.at.Sign = change, nil
		if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: status %d: %s", name, got.StatusCode, got.Body)
		}
	}

	a.As()
	a.Pass(time.Minute) // the keys may be fetched again
	a.at.Sign = func(claims map[string]any) string {
		return openidtest.Signed(jose.RS256, openidtest.OtherKey(), a.at.KeyID(), claims)
	}
	a.refused("signed by another key of the same id", a.signIn(), 403, cannot)
}

// The browser that comes back must be the one that was sent, with the answer to its own
// question, once, and in time.
func TestAnswersThatWereNotAskedFor(t *testing.T) {
	a := newAccounts(t)
	stale := "begun in another window, was used already"
	back := a.begin()
	a.As() // whoever is sent somebody else's answer
	a.refused("in another browser", a.Get(back), 403, stale)

	first := a.begin()
	a.begin()
	a.refused("the answer to the question before", a.Get(first), 403, stale)

	back = a.begin()
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", "another"} {
		q := u.Query()
		q.Set("state", state)
		a.refused("with the state "+state, a.Get(u.Path+"?"+q.Encode()), 403, stale)
		back = a.begin()
	}
	a.Pass(10 * time.Minute)
	a.refused("after ten minutes", a.Get(back), 403, stale)

	back = a.begin()
	if got := a.Get(back); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	if got := a.Get(back); got.StatusCode != http.StatusForbidden || !strings.Contains(got.Body, stale) {
		t.Errorf("gone back to: status %d", got.StatusCode)
	}
	a.signedIn(true, "gone back to")

	a.As()
	forged := &http.Cookie{Name: "__Host-cascade-sign-in", Path: "/", Secure: true}
	for _, value := range []string{"", ".", "e30.e30", `{"state":"x"}`} {
		forged.Value = value
		a.As(forged)
		a.refused("with a forged flow", a.Get("/desk/account/back?state=&code=x"), 403, stale)
	}
	back = a.begin()
	q, err := url.ParseQuery(back[strings.IndexByte(back, '?')+1:])
	if err != nil {
		t.Fatal(err)
	}
	q.Set("iss", "https://elsewhere.example")
	a.refused("another provider's answer", a.Get("/desk/account/back?"+q.Encode()), 403, "cannot be trusted")
	back = a.begin()
	a.refused("a code that is none", a.Get(back+"x"), 403, stale)
}

func TestProviderThatSaysNoOrNothing(t *testing.T) {
	a := newAccounts(t)
	for failure, row := range map[string]struct {
		status int
		says   string
	}{
		"access_denied": {403, "You did not sign in at Example ID"}, "login_required": {403, "You did not sign in"}, "invalid_scope": {403, "You did not sign in"},
		"temporarily_unavailable": {503, "does not answer at the moment"}, "server_error": {503, "does not answer"},
	} {
		a.at.Error = failure
		a.refused(failure, a.signIn(), row.status, row.says)
	}
	a.at.Error = ""
	back := a.begin()
	a.at.Down = http.StatusBadGateway
	down := a.Get(back)
	a.refused("down before the token", down, 503, "Example ID does not answer at the moment")
	if !strings.Contains(down.Body, `href="/desk/sign-in"`) || down.Header.Get("Retry-After") == "" {
		t.Error("the page does not lead to the emailed link")
	}
	a.at.Down = 0
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("up again: status %d", got.StatusCode)
	}

	// Down from the start: the desk runs, and its pages say so.
	other := accountsOf(t, a.bed, "sam@example.org")
	other.at.Post = true // as other providers want it
	other.at.Down = http.StatusServiceUnavailable
	other.refused("down at the start", other.Get("/desk/account"), 503, "does not answer at the moment")
	other.at.Down = 0
	if got := other.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("up after the start: status %d: %s", got.StatusCode, got.Body)
	}
}

// A provider that changes its key is asked for the new one, and whoever sends tokens of
// unknown keys does not make us ask again and again.
func TestProvidersKeysAreFetchedSeldom(t *testing.T) {
	a := newAccounts(t)
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", got.StatusCode)
	}
	a.Pass(time.Minute)
	a.at.Rotate("second")
	a.As()
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther || a.at.Asked("/keys") != 2 {
		t.Errorf("a new key: status %d, asked %d times", got.StatusCode, a.at.Asked("/keys"))
	}
	a.at.Sign = func(claims map[string]any) string {
		return openidtest.Signed(jose.RS256, openidtest.OtherKey(), "unknown", claims)
	}
	for range 5 {
		a.As()
		a.refused("an unknown key", a.signIn(), 503, "does not answer")
	}
	if n := a.at.Asked("/keys"); n != 2 {
		t.Errorf("the keys were asked for %d times", n)
	}
	a.at.Sign = nil
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the known key meanwhile: status %d", got.StatusCode)
	}
}

func TestOneOrganisationsAccountsAlone(t *testing.T) {
	a := newAccounts(t, func(c *desksignin.Config) { c.HostedDomain = "example.org" })
	if got := a.Get("/desk/account"); !strings.Contains(got.Header.Get("Location"), "hd=example.org") {
		t.Errorf("to %q", got.Header.Get("Location"))
	}
	for _, domain := range []any{nil, "", "elsewhere.example"} {
		a.at.Claims["hd"] = domain
		a.refused(fmt.Sprint("of ", domain), a.signIn(), 403, "cannot be trusted")
	}
	a.at.Claims["hd"] = "example.org"
	if got := a.signIn(); got.StatusCode != http.StatusSeeOther {
		t.Errorf("of the organisation: status %d", got.StatusCode)
	}
}

// Signing out ends the session here; who came by an account is offered to sign out there.
func TestSigningOutOfTheAccount(t *testing.T) {
	a := newAccounts(t)
	a.signIn()
	got := a.Post("/desk/sign-out", nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/desk/signed-out" {
		t.Fatalf("status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	a.signedIn(false, "signed out")
	if page := a.Get("/desk/signed-out"); page.StatusCode != http.StatusOK || !strings.Contains(page.Body, `href="/desk/account/out"`) {
		t.Errorf("status %d: %s", page.StatusCode, page.Body)
	}
	there := a.at.URL + "/logout?client_id=" + openidtest.ClientID + "&post_logout_redirect_uri=" + url.QueryEscape(a.URL+signin.Page)
	if got := a.Get("/desk/account/out"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != there {
		t.Errorf("status %d to %q, want %q", got.StatusCode, got.Header.Get("Location"), there)
	}
	a.As(a.Cookie("morgan")) // by a link
	if got := a.Post("/desk/sign-out", nil); got.Header.Get("Location") != signin.Page {
		t.Errorf("by a link: to %q", got.Header.Get("Location"))
	}

	b := accountsOf(t, a.bed, "sam@example.org")
	b.at.NoLogout = true
	if got := b.Get("/desk/signed-out"); got.StatusCode != http.StatusOK || strings.Contains(got.Body, "as well") {
		t.Errorf("where one cannot: status %d: %s", got.StatusCode, got.Body)
	}
	if got := b.Get("/desk/account/out"); got.Header.Get("Location") != "/desk/signed-out" {
		t.Errorf("where one cannot: to %q", got.Header.Get("Location"))
	}
}

// Where links are switched off, none is sent, and none that was sent signs anybody in.
func TestLinksCanBeSwitchedOff(t *testing.T) {
	a := newAccounts(t, func(c *desksignin.Config) { c.Link = "off" })
	path := a.SignInLink("morgan")
	for _, got := range []testbed.Answer{a.ask("morgan@example.org"), a.Get(path), a.Post(path, desktest.Pressed())} {
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page || len(got.Cookies()) > 0 {
			t.Errorf("status %d to %q, %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
		}
	}
	a.Untouched("links are off")
	if got := a.Get(signin.Page); strings.Contains(got.Body, `name="email"`) || !strings.Contains(got.Body, "Sign in with Example ID") {
		t.Errorf("the page: %s", got.Body)
	}
	a.at.Error = "access_denied"
	if got := a.signIn(); strings.Contains(got.Body, `href="/desk/sign-in"`) {
		t.Error("the page leads to links")
	}
}

func TestWithoutAProviderThereAreLinksAlone(t *testing.T) {
	b := newBed(t)
	b.As()
	for _, page := range []string{"/desk/account", "/desk/account/back?code=x&state=y", "/desk/account/out"} {
		if got := b.Get(page); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", page, got.StatusCode)
		}
	}
	if got := b.Get("/desk/signed-out"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("signed out: status %d", got.StatusCode)
	}
	if got := b.Get(signin.Page); strings.Contains(got.Body, "/desk/account") {
		t.Error("the page leads to an account")
	}
}

// What is missing or malformed stops the start, by its name.
func TestSettingsOfSigningIn(t *testing.T) {
	t.Parallel()
	rt := &serve.Runtime{SignIn: signin.New((*store.Store)(nil), nil, access.UsualLimits, time.Now)}
	whole := desksignin.Config{Link: "on", Issuer: "https://id.example.org/realm", ClientID: "cascade", ClientSecret: "secret"}
	for _, row := range []struct {
		name   string
		change func(*desksignin.Config)
		says   string
	}{
		{"all", func(*desksignin.Config) {}, ""},
		{"without links", func(c *desksignin.Config) { c.Link = "off" }, ""},
		{"links alone", func(c *desksignin.Config) { *c = desksignin.Config{Link: "on"} }, ""},
		{"on this machine", func(c *desksignin.Config) { c.Issuer = "http://127.0.0.1:8090" }, ""},
		{"neither", func(c *desksignin.Config) { *c = desksignin.Config{Link: "off"} }, "CASCADE_SIGN_IN_LINK"},
		{"neither on nor off", func(c *desksignin.Config) { c.Link = "no" }, "CASCADE_SIGN_IN_LINK"},
		{"no client", func(c *desksignin.Config) { c.ClientID = "" }, "CASCADE_OPENID_CLIENT_ID"},
		{"no secret", func(c *desksignin.Config) { c.ClientSecret = "" }, "CASCADE_OPENID_CLIENT_SECRET"},
		{"a secret alone", func(c *desksignin.Config) { c.Issuer = "" }, "CASCADE_OPENID_ISSUER"},
		{"an address that is not secret", func(c *desksignin.Config) { c.Issuer = "http://id.example.org" }, "CASCADE_OPENID_ISSUER"},
		{"no address", func(c *desksignin.Config) { c.Issuer = "id.example.org" }, "CASCADE_OPENID_ISSUER"},
		{"an address with a query", func(c *desksignin.Config) { c.Issuer = "https://id.example.org/?x" }, "CASCADE_OPENID_ISSUER"},
	} {
		c := whole
		row.change(&c)
		ways, err := desksignin.NewWays(c, rt)
		if row.says == "" && err != nil || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
			t.Errorf("%s: %v, want %q", row.name, err, row.says)
		}
		if err == nil && c.Issuer == whole.Issuer && ways.Name != "id.example.org" {
			t.Errorf("%s: it is called %q", row.name, ways.Name)
		}
	}
}

// Nothing that passes between the provider and us stands in a log line, a span or a figure,
// nor whose account it is: whether they come in or not.
func TestNothingOfAnAccountIsLogged(t *testing.T) {
	seen := testbed.Watch(t)
	a := accountsOf(t, &bed{desktest.NewAlone(t)}, "morgan@example.org")
	a.at.Claims["sub"] = "canary-subject"
	canaries := []string{"canary-subject", "morgan@example.org", "canary-address", openidtest.ClientSecret}
	open := func(status int) {
		t.Helper()
		back := a.begin()
		u, err := url.Parse(back)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"code", "state"} {
			if value := u.Query().Get(name); value != "" {
				canaries = append(canaries, value)
			}
		}
		if got := a.Get(back); got.StatusCode != status {
			t.Errorf("status %d, want %d: %s", got.StatusCode, status, got.Body)
		}
		a.As()
	}
	open(http.StatusSeeOther)
	a.at.Claims["email"], a.at.Claims["sub"] = "canary-address@example.org", "canary-subject-2"
	open(http.StatusForbidden)
	a.at.Claims["email_verified"] = false
	open(http.StatusForbidden)
	a.at.Change = func(claims map[string]any) {
		canaries = append(canaries, fmt.Sprint(claims["nonce"]))
		claims["nonce"] = "canary-nonce"
	}
	canaries = append(canaries, "canary-nonce")
	open(http.StatusForbidden)
	a.at.Error = "access_denied"
	open(http.StatusForbidden)
	a.at.Error, a.at.Change = "", nil
	back := a.begin()
	a.at.Down = http.StatusBadGateway
	if got := a.Get(back); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("down: status %d", got.StatusCode)
	}
	seen.Silent(canaries...)
}
