package signin_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

const name = "__Host-cascade-staff"

var key = make([]byte, 32)

// staff are two people, of whom the first has both roles in two programmes.
func staff(t *testing.T, b *testbed.Bed) {
	t.Helper()
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "m@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator}, "second": {access.Evaluator}}})
	c.CreateStaff(&store.Staff{ID: "robin.r", Name: "Robin Sample", Email: "r@example.org"})
	b.Commit(c)
}

// started is the cookie that signing in sets.
func started(s *signin.SignIn, id string) *http.Cookie {
	w := httptest.NewRecorder()
	s.Start(w, id)
	return w.Result().Cookies()[0]
}

func with(t *testing.T, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/desk/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestCookieIsBoundToItsHost(t *testing.T) {
	t.Parallel()
	s := signin.New(nil, key, time.Now)
	c := started(s, "morgan")
	if c.Name != name || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 8*60*60 {
		t.Errorf("the cookie is %v", c)
	}
	w := httptest.NewRecorder()
	s.End(w)
	if ended := w.Result().Cookies()[0]; ended.Name != name || ended.Value != "" || ended.MaxAge != -1 || ended.Path != "/" || !ended.Secure {
		t.Errorf("signing out sets %v", ended)
	}
}

func TestStaff(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	staff(t, b)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := signin.New(b.Store, key, func() time.Time { return now })
	good := started(s, "morgan").Value
	dotted := started(s, "robin.r").Value
	body, mac := good[:strings.LastIndexByte(good, '.')], good[strings.LastIndexByte(good, '.'):]
	later := strconv.FormatInt(now.Add(1000*time.Hour).Unix(), 10)
	direct := hmac.New(sha256.New, key)
	direct.Write([]byte(body))

	for _, row := range []struct{ name, value, want string }{
		{"signed in", good, "morgan"},
		{"an id with a full stop", dotted, "robin.r"},

		{"nothing", "", ""},
		{"no signature", body, ""},
		{"an empty signature", body + ".", ""},
		{"another's signature", body + dotted[strings.LastIndexByte(dotted, '.'):], ""},
		{"someone else's name", "robin.r" + strings.TrimPrefix(good, "morgan"), ""},
		{"a later end", "morgan." + later + mac, ""},
		{"another key", started(signin.New(b.Store, []byte("another key of the same length.."), func() time.Time { return now }), "morgan").Value, ""},
		{"the link key itself", body + "." + base64.RawURLEncoding.EncodeToString(direct.Sum(nil)), ""},
		{"someone who is no member", started(s, "alex").Value, ""},
		{"an id that is none", started(s, "").Value, ""},
		{"a path for an id", started(s, "morgan/../x").Value, ""},
		{"nonsense", "..", ""},
		{"one word", "morgan", ""},
	} {
		m, err := s.Staff(with(t, &http.Cookie{Name: name, Value: row.value}))
		switch {
		case row.want == "" && !errors.Is(err, signin.ErrSignedOut):
			t.Errorf("%s: %+v, %v", row.name, m, err)
		case row.want != "" && (err != nil || m.ID != row.want):
			t.Errorf("%s: %+v, %v, want %s", row.name, m, err, row.want)
		}
	}
	if _, err := s.Staff(with(t)); !errors.Is(err, signin.ErrSignedOut) {
		t.Errorf("without a cookie: %v", err)
	}
	if _, err := s.Staff(with(t, &http.Cookie{Name: "cascade-staff", Value: good})); !errors.Is(err, signin.ErrSignedOut) {
		t.Errorf("under another name: %v", err)
	}
	now = now.Add(8*time.Hour - time.Second)
	if _, err := s.Staff(with(t, &http.Cookie{Name: name, Value: good})); err != nil {
		t.Errorf("at the end of the day: %v", err)
	}
	now = now.Add(time.Second)
	if _, err := s.Staff(with(t, &http.Cookie{Name: name, Value: good})); !errors.Is(err, signin.ErrSignedOut) {
		t.Errorf("after eight hours: %v", err)
	}
}

// A role that was taken away is gone at the next request, and nobody is somebody's
// request whom the table did not let in.
func TestWhoseRequestItIs(t *testing.T) {
	t.Parallel()
	b := testbed.New(t)
	staff(t, b)
	s := b.SignIn
	r := with(t, started(s, "morgan"))
	if m, err := signin.Of(r); m != nil || !errors.Is(err, signin.ErrSignedOut) {
		t.Errorf("nobody was let in: %+v, %v", m, err)
	}
	m, err := s.Staff(r)
	if err != nil || !m.Roles.Has("pilot", access.Coordinator) {
		t.Fatal(m, err)
	}
	if of, err := signin.Of(signin.With(r, m)); of != m || err != nil {
		t.Errorf("%+v, %v", of, err)
	}
	m.Roles.Revoke("pilot", access.Coordinator)
	c := b.Store.Commit()
	c.UpdateStaff(m)
	b.Commit(c)
	if m, err := s.Staff(r); err != nil || m.Roles.Has("pilot", access.Coordinator) || !m.Roles.Has("second", access.Evaluator) {
		t.Errorf("a role that was taken away: %+v, %v", m, err)
	}
}

// Whatever stands in the cookie, nobody is signed in by it.
func FuzzCookie(f *testing.F) {
	s := signin.New(nil, key, time.Now) // a cookie that passes would reach for the store
	for _, value := range []string{"", ".", "..", "morgan", "morgan.9999999999", "morgan.9999999999.", "a.b.c.d", "morgan.-1.x", "\x00.\xff.1", "morgan.99999999999999999999." + strings.Repeat("A", 43)} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, "/desk/", nil)
		r.Header["Cookie"] = []string{name + "=" + value}
		if m, err := s.Staff(r); !errors.Is(err, signin.ErrSignedOut) {
			t.Fatalf("%q signs in %+v: %v", value, m, err)
		}
	})
}
