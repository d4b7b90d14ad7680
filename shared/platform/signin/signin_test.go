package signin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

const name = "__Host-cascade-staff"

// ring is of fresh keys, the first one first.
func ring(t testing.TB, texts ...string) keys.Ring {
	t.Helper()
	r, err := keys.Parse(strings.Join(texts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fresh is a key with an id of its own.
func fresh(day int) string {
	return keys.New(time.Date(2026, time.November, day, 0, 0, 0, 0, time.UTC))
}

// place is two people, of whom the first has both roles in two programmes, and a time.
type place struct {
	*testbed.Bed
	t   *testing.T
	now time.Time
}

func newPlace(t *testing.T) *place {
	t.Helper()
	b := testbed.New(t)
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "m@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator}, "second": {access.Evaluator}}})
	c.CreateStaff(&store.Staff{ID: "robin.r", Name: "Robin Sample", Email: "r@example.org"})
	b.Commit(c)
	return &place{b, t, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
}

func (p *place) signIn(k keys.Ring) *signin.SignIn {
	return signin.New(p.Store, k, access.UsualLimits, func() time.Time { return p.now })
}

// start signs somebody in, with whatever cookies their browser has.
func (p *place) start(s *signin.SignIn, id string, cookies ...*http.Cookie) *http.Cookie {
	p.t.Helper()
	c := p.Store.Commit()
	cookie, err := s.Start(c, with(p.t, cookies...), id, access.ByLink)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Commit(c)
	return cookie
}

// in is who is signed in by some cookies, "" for nobody.
func (p *place) in(s *signin.SignIn, cookies ...*http.Cookie) string {
	p.t.Helper()
	m, x, err := s.Staff(with(p.t, cookies...))
	switch {
	case errors.Is(err, signin.ErrSignedOut):
		return ""
	case err != nil:
		p.t.Fatal(err)
	case x.Staff != m.ID:
		p.t.Errorf("%s has the session of %s", m.ID, x.Staff)
	}
	return m.ID
}

func (p *place) sessions(id string) []*access.StaffSession {
	p.t.Helper()
	all, err := p.Store.StaffSessions(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

func with(t *testing.T, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/desk/", nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func value(text string) *http.Cookie { return &http.Cookie{Name: name, Value: text} }

func TestCookieIsBoundToItsHost(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.signIn(ring(t, fresh(1)))
	c := p.start(s, "morgan")
	if c.Name != name || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 12*60*60 {
		t.Errorf("the cookie is %v", c)
	}
	w := httptest.NewRecorder()
	if _, err := s.End(w, with(t, c)); err != nil {
		t.Fatal(err)
	}
	if ended := w.Result().Cookies()[0]; ended.Name != name || ended.Value != "" || ended.MaxAge != -1 || ended.Path != "/" || !ended.Secure {
		t.Errorf("signing out sets %v", ended)
	}
}

func TestWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k := fresh(1)
	s := p.signIn(ring(t, k))
	good, dotted := p.start(s, "morgan").Value, p.start(s, "robin.r").Value
	token := strings.TrimPrefix(good, "morgan.")
	stored := p.sessions("morgan")[0]
	if stored.Browser != "Firefox on Linux" || strings.Contains(stored.ID, token) {
		t.Errorf("stored is %+v", stored)
	}
	for _, row := range []struct{ name, value, want string }{
		{"signed in", good, "morgan"},
		{"an id with a full stop", dotted, "robin.r"},

		{"nothing", "", ""},
		{"no token", "morgan", ""},
		{"an empty token", "morgan.", ""},
		{"another's token", "morgan" + strings.TrimPrefix(dotted, "robin.r"), ""},
		{"someone else's name", "robin.r." + token, ""},
		{"no name", token, ""},
		{"the stored hash", "morgan." + stored.ID, ""},
		{"part of the hash", "morgan." + stored.ID[:43], ""},
		{"one letter gone", good[:len(good)-1], ""},
		{"one letter more", good + "A", ""},
		{"someone who is no member", "alex." + token, ""},
		{"a path for an id", "morgan/../x." + token, ""},
		{"what a version before signed", "morgan.1790000000.47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", ""},
		{"nonsense", "..", ""},
	} {
		if got := p.in(s, value(row.value)); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
	if got := p.in(s); got != "" {
		t.Errorf("without a cookie: %q", got)
	}
	if got := p.in(s, &http.Cookie{Name: "cascade-staff", Value: good}); got != "" {
		t.Errorf("under another name: %q", got)
	}
	if got := p.in(p.signIn(ring(t, fresh(2))), value(good)); got != "" {
		t.Errorf("with another key: %q", got)
	}
	if got := p.in(p.signIn(ring(t, fresh(2), k)), value(good)); got != "morgan" {
		t.Errorf("with a new key before its own: %q", got)
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.signIn(ring(t, fresh(1)))
	out, elsewhere := p.start(s, "morgan"), p.start(s, "morgan")
	for _, what := range []string{"signing out", "signing out twice"} {
		if _, err := s.End(httptest.NewRecorder(), with(t, out)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if p.in(s, out) != "" || p.in(s, elsewhere) != "morgan" {
			t.Errorf("%s ends another session than the browser's", what)
		}
	}
	began := p.now
	soon, late, used := p.start(s, "morgan"), p.start(s, "morgan"), p.start(s, "robin.r")
	for at := time.Hour; at < 12*time.Hour; at += time.Hour {
		p.now = began.Add(at)
		if p.in(s, used) == "" {
			t.Fatalf("after %v, used every hour: signed out", at)
		}
	}
	p.now = began.Add(2*time.Hour - time.Second)
	if p.in(s, soon) == "" {
		t.Error("a second before it is idle for two hours: signed out")
	}
	p.now = began.Add(2 * time.Hour)
	if p.in(s, late) != "" {
		t.Error("idle for two hours: signed in")
	}
	p.now = began.Add(12 * time.Hour)
	if p.in(s, used) != "" {
		t.Error("after twelve hours: signed in")
	}
}

// Pages that are opened one after another write nothing, and one that is opened later
// writes when.
func TestUseIsKeptNowAndThen(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.signIn(ring(t, fresh(1)))
	c := p.start(s, "morgan")
	began := p.sessions("morgan")[0]
	p.now = p.now.Add(4 * time.Minute)
	p.in(s, c)
	if now := p.sessions("morgan")[0]; !now.Version.Equal(began.Version) {
		t.Error("a page within five minutes wrote the session")
	}
	p.now = p.now.Add(time.Minute)
	p.in(s, c)
	if now := p.sessions("morgan")[0]; !now.SeenAt.Equal(p.now) || !now.ExpireAt.Equal(began.ExpireAt) {
		t.Errorf("it is %+v", now)
	}
}

// Signing in replaces the browser's session, whoever's it was, and there are never more
// than ten.
func TestSigningInReplaces(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.signIn(ring(t, fresh(1)))
	first := p.start(s, "robin.r")
	second := p.start(s, "morgan", first)
	if p.in(s, first) != "" || p.in(s, second) != "morgan" || len(p.sessions("robin.r")) != 0 {
		t.Error("the browser's session before goes on")
	}
	for range access.MaxStaffSessions {
		p.now = p.now.Add(time.Minute)
		p.start(s, "morgan")
	}
	if all := p.sessions("morgan"); len(all) != access.MaxStaffSessions || p.in(s, second) != "" {
		t.Errorf("%d sessions, and the longest unused is open: %q", len(all), p.in(s, second))
	}
}

// A role that was taken away is gone at the next request, and nobody is somebody's
// request whom the table did not let in.
func TestWhoseRequestItIs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.signIn(ring(t, fresh(1)))
	r := with(t, p.start(s, "morgan"))
	if m, err := signin.Of(r); m != nil || !errors.Is(err, signin.ErrSignedOut) {
		t.Errorf("nobody was let in: %+v, %v", m, err)
	}
	m, x, err := s.Staff(r)
	if err != nil || !m.Roles.Has("pilot", access.Coordinator) {
		t.Fatal(m, err)
	}
	if of, session, err := signin.Session(signin.With(r, m, x)); of != m || session != x || err != nil {
		t.Errorf("%+v, %+v, %v", of, session, err)
	}
	m.Roles.Revoke("pilot", access.Coordinator)
	c := p.Store.Commit()
	c.UpdateStaff(m)
	p.Commit(c)
	if m, _, err := s.Staff(r); err != nil || m.Roles.Has("pilot", access.Coordinator) || !m.Roles.Has("second", access.Evaluator) {
		t.Errorf("a role that was taken away: %+v, %v", m, err)
	}
}

// Whatever stands in the cookie, nobody is signed in by it without its being looked up.
func FuzzCookie(f *testing.F) {
	s := signin.New(nil, ring(f, fresh(1)), access.UsualLimits, time.Now) // a cookie that passes would reach for the store
	for _, value := range []string{"", ".", "..", "morgan", "morgan.9999999999.x", "a.b.c.d", "\x00.\xff.1", "morgan." + strings.Repeat("A", 42), strings.Repeat("A", 43)} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if i := strings.LastIndexByte(value, '.'); i >= 0 && len(value)-i == 44 {
			t.Skip() // which the store would be asked about
		}
		r := httptest.NewRequest(http.MethodGet, "/desk/", nil)
		r.Header["Cookie"] = []string{name + "=" + value}
		if m, _, err := s.Staff(r); !errors.Is(err, signin.ErrSignedOut) {
			t.Fatalf("%q signs in %+v: %v", value, m, err)
		}
	})
}
