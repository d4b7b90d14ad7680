package signin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// cookieOf is the cookie of a name in an answer, or nil.
func cookieOf(a testbed.Answer, name string) *http.Cookie {
	if i := slices.IndexFunc(a.Cookies(), func(c *http.Cookie) bool { return c.Name == name }); i >= 0 {
		return a.Cookies()[i]
	}
	return nil
}

const wanted = "__Host-cascade-wanted"

// The page that somebody asked for comes once they have signed in by the emailed link, in
// whichever tab, and only then; a later sign-in leads to the desk.
func TestSigningInLeadsToThePageThatWasWanted(t *testing.T) {
	b := newBed(t)
	b.As()
	page := desk + "/people?q=" + url.QueryEscape("Alex & Co")
	asked := b.Get(page)
	c := cookieOf(asked, wanted)
	if asked.StatusCode != http.StatusSeeOther || asked.Header.Get("Location") != signin.Page || c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
		t.Fatalf("status %d, to %q, %v", asked.StatusCode, asked.Header.Get("Location"), asked.Cookies())
	}
	b.Get(signin.Page)
	b.ask("morgan@example.org")
	path := b.SignInLink("morgan")
	b.Get(path)
	for try, want := range []string{page, "/desk/"} {
		got := b.Post(path, desktest.Pressed())
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("press %d: status %d, to %q, want %q", try+1, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	if got := b.Get(page); got.StatusCode != http.StatusOK {
		t.Errorf("the page: status %d", got.StatusCode)
	}

	b.As()
	b.Get(desk + "/matches")
	b.Get("/desk/") // the last one counts
	if got := b.Post(b.SignInLink("morgan"), desktest.Pressed()); got.Header.Get("Location") != "/desk/" {
		t.Errorf("to %q", got.Header.Get("Location"))
	}
}

// Whatever stands in the cookie, nobody is led off the pages of staff.
func TestNobodyIsLedElsewhere(t *testing.T) {
	b := newBed(t)
	for _, to := range []string{
		"https://elsewhere.example/desk/", "//elsewhere.example/desk/", `/\elsewhere.example`, "/desk/..//elsewhere.example", "/desk/../enrol/pilot", "/desk//elsewhere.example",
		"javascript:alert(1)", "/enrol/pilot", "/", "", "desk/", "/desk", "/desk/\r\nX-Forged: yes", "/desk/%zz", "/desk/ x", "https:/desk/", "/desk/" + strings.Repeat("x", 2000),
		"/desk/\\..\\x", "http:///desk/", "/deskpath", "/report",
	} {
		b.As(&http.Cookie{Name: wanted, Value: url.QueryEscape(to), Path: "/", Secure: true})
		if got := b.Post(b.SignInLink("morgan"), desktest.Pressed()); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/desk/" || got.Header.Get("X-Forged") != "" {
			t.Errorf("%q leads to %q", to, got.Header.Get("Location"))
		}
	}
	for _, to := range []string{"/report/pilot", desk + "/people/a%2Fb", desk + "/matches/why?for=a&with=b"} {
		b.As(&http.Cookie{Name: wanted, Value: url.QueryEscape(to), Path: "/", Secure: true})
		if got := b.Post(b.SignInLink("morgan"), desktest.Pressed()); got.Header.Get("Location") != to {
			t.Errorf("%q leads to %q", to, got.Header.Get("Location"))
		}
	}
	b.As()
	if got := b.Get("/desk/?q=" + strings.Repeat("x", 2000)); cookieOf(got, wanted) != nil {
		t.Error("a page that is too long to remember is remembered")
	}
	if got := b.Post(desk+"/people/alex", nil); got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
		t.Errorf("what is posted is remembered: status %d, %v", got.StatusCode, got.Cookies())
	}
}
