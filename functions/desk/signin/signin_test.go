package signin_test

import (
	"github.com/cascading-leadership/cascade/shared/outbox"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func (b *bed) ask(email string) testbed.Answer {
	b.T.Helper()
	return b.Post(signin.Page, url.Values{"email": {email}})
}

// aMinuteBegins moves the date to the start of a minute, so that what follows
// happens within one.
func (b *bed) aMinuteBegins() {
	now := b.Now()
	b.Pass(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
}

func TestAnswerDoesNotTellWhoIsKnown(t *testing.T) {
	b := newBed(t)
	b.As()
	unknown := b.ask("nobody@example.org")
	if unknown.StatusCode != http.StatusOK || !strings.Contains(unknown.Body, "If that address belongs to someone") {
		t.Fatalf("status %d: %s", unknown.StatusCode, unknown.Body)
	}
	b.Untouched("an unknown address")
	b.ask("nora@example.org")
	b.Untouched("the address of someone without a role")
	for _, email := range []string{"morgan@example.org", "morgan@example.org", "nora@example.org", " Nora@EXAMPLE.org", "mailto:nobody@example.org"} {
		got := b.ask(email)
		for _, answer := range []testbed.Answer{got, unknown} {
			answer.Header.Del("Date")
		}
		if got.StatusCode != unknown.StatusCode || got.Body != unknown.Body || !reflect.DeepEqual(got.Header, unknown.Header) {
			t.Errorf("%q is told from an unknown address: status %d, %v", email, got.StatusCode, got.Header)
		}
	}
}

func TestWhoeverIsKnownIsOwedOneLinkAMinute(t *testing.T) {
	b := newBed(t)
	b.As()
	b.aMinuteBegins()
	var at sync.WaitGroup
	for range 8 {
		at.Go(func() {
			if got := b.ask("morgan@example.org"); got.StatusCode != http.StatusOK {
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	at.Wait()
	b.ask("morgan@example.org")
	want := []string{"staff-sign-in morgan"}
	if got := b.Owed(); !slices.Equal(got, want) {
		t.Errorf("owed %q", got)
	}
	for _, later := range []string{"morgan@example.org", "Morgan@Example.ORG", "  morgan@example.org\t"} {
		b.Pass(time.Minute)
		b.ask(later)
		want = append(want, "staff-sign-in morgan")
		if got := b.Owed(); !slices.Equal(got, want) {
			t.Errorf("a minute later, as %q: owed %q", later, got)
		}
	}
	b.ask("eve@example.org")
	if got := b.Owed(); !slices.Equal(got, append([]string{"staff-sign-in eve"}, want...)) {
		t.Errorf("someone else in the same minute: owed %q", got)
	}
}

func TestAddressThatIsNoneIsShownAgain(t *testing.T) {
	b := newBed(t)
	b.As()
	for _, typed := range []string{"", "   ", "morgan", "@", "morgan@example", "a@b@example.org", "jörg@example.org", "Morgan at example.org", `"><script>alert(1)</script>`, strings.Repeat("x", 250) + "@x.org"} {
		got := b.ask(typed)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", typed, got.StatusCode)
		}
		for _, want := range []string{"<title>Error: ", "There is a problem", `href="#email"`, `value="` + html.EscapeString(typed) + `"`} {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%q: the page lacks %q", typed, want)
			}
		}
		if strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%q is not escaped", typed)
		}
	}
	if got := b.Post(signin.Page, nil); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an empty form: status %d", got.StatusCode)
	}
	b.Untouched("addresses that are none")
}

func TestLinkSignsInOnce(t *testing.T) {
	b := newBed(t)
	b.As()
	path := b.SignInLink("morgan")
	for range 3 { // a mail scanner
		if got := b.Get(path); got.StatusCode != http.StatusOK || len(got.Cookies()) > 0 || !strings.Contains(got.Body, `<form method="post">`) {
			t.Fatalf("opening the link: status %d, cookies %v", got.StatusCode, got.Cookies())
		}
	}
	if got := b.Get("/desk/"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("opening the link signed in: status %d", got.StatusCode)
	}

	got := b.Post(path, nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/desk/" || len(got.Cookies()) != 1 {
		t.Fatalf("status %d, to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	if c := got.Cookies()[0]; !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 12*60*60 {
		t.Errorf("the cookie is %v", c)
	}
	if got := b.Get("/desk/"); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, b.Programme.Name) {
		t.Errorf("the desk: status %d: %s", got.StatusCode, got.Body)
	}

	b.As() // someone who finds the email later
	for _, got := range []testbed.Answer{b.Get(path), b.Post(path, nil)} {
		if got.StatusCode != http.StatusGone || len(got.Cookies()) > 0 {
			t.Errorf("a link that was used: status %d, cookies %v", got.StatusCode, got.Cookies())
		}
	}
}

func TestLinkUsedByManyAtOnceSignsInOne(t *testing.T) {
	b := newBed(t)
	b.Browser.Jar = nil
	path := b.SignInLink("morgan")
	var at sync.WaitGroup
	var in atomic.Int32
	for range 8 {
		at.Go(func() {
			got := b.Post(path, nil)
			switch {
			case got.StatusCode == http.StatusSeeOther && len(got.Cookies()) == 1:
				in.Add(1)
			case got.StatusCode != http.StatusConflict && got.StatusCode != http.StatusGone || len(got.Cookies()) > 0:
				t.Errorf("status %d, cookies %v", got.StatusCode, got.Cookies())
			}
		})
	}
	at.Wait()
	if n := in.Load(); n != 1 {
		t.Errorf("%d were signed in by one link", n)
	}
}

func TestLinksThatDoNotSignIn(t *testing.T) {
	b := newBed(t)
	b.As()
	old, young := b.SignInLink("morgan"), b.SignInLink("morgan")
	other := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "morgan", IDs: outbox.IDs{Pairing: "x"}})
	for name, path := range map[string]string{
		"for another purpose": strings.Replace(other, "/pairing", signin.Page, 1),
		"unknown":             signin.Page + "/" + strings.Repeat("A", 43),
		"malformed":           signin.Page + "/short",
		"too long":            old + "A",
		"the hash of one":     signin.Page + "/" + strings.Repeat("0123456789abcdef", 4),
	} {
		for _, got := range []testbed.Answer{b.Get(path), b.Post(path, nil)} {
			if got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
				t.Errorf("a link that is %s: status %d, cookies %v", name, got.StatusCode, got.Cookies())
			}
		}
	}
	b.Pass(29 * time.Minute)
	if got := b.Post(young, nil); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after 29 minutes: status %d", got.StatusCode)
	}
	b.Pass(time.Minute)
	for _, got := range []testbed.Answer{b.Get(old), b.Post(old, nil)} {
		if got.StatusCode != http.StatusGone || len(got.Cookies()) > 0 {
			t.Errorf("after 30 minutes: status %d, cookies %v", got.StatusCode, got.Cookies())
		}
	}
}

func TestSigningOut(t *testing.T) {
	b := newBed(t)
	if got := b.Get("/desk/"); got.StatusCode != http.StatusOK {
		t.Fatalf("signed in: status %d", got.StatusCode)
	}
	got := b.Post("/desk/sign-out", nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page || len(got.Cookies()) != 1 {
		t.Fatalf("status %d, to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	if c := got.Cookies()[0]; c.Name != b.Cookie("morgan").Name || c.Value != "" || c.MaxAge != -1 || c.Path != "/" || !c.Secure || !c.HttpOnly {
		t.Errorf("the cookie is %v", c)
	}
	for _, page := range []string{"/desk/", desk} {
		if got := b.Get(page); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page {
			t.Errorf("%s: status %d, to %q", page, got.StatusCode, got.Header.Get("Location"))
		}
	}
	if got := b.Post("/desk/sign-out", nil); got.StatusCode != http.StatusSeeOther {
		t.Errorf("signing out twice: status %d", got.StatusCode)
	}
}

// Someone whose last role was taken away after the link was sent.
func TestLinkOfWhoHasNoRoleOpensNothing(t *testing.T) {
	b := newBed(t)
	b.As()
	if got := b.Post(b.SignInLink("nora"), nil); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", got.StatusCode)
	}
	if got := b.Get("/desk/"); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "You have no part in a programme") {
		t.Errorf("the desk: status %d: %s", got.StatusCode, got.Body)
	}
	for _, page := range []string{desk, desk + "/people", desk + "/matches"} {
		if got := b.Get(page); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", page, got.StatusCode)
		}
	}
}

// A link's person is a member of staff; an enrolment of the same id is none.
func TestLinkOfWhoIsNoStaffSignsNobodyIn(t *testing.T) {
	b := newBed(t)
	b.As()
	b.Enrol("pilot", desktest.Person("alex"))
	b.Post(b.SignInLink("alex"), nil)
	if got := b.Get("/desk/"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page {
		t.Errorf("status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
}
