package signin_test

import (
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
	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func (b *bed) ask(email string) testbed.Answer {
	b.T.Helper()
	return b.Post(signin.Page, url.Values{"email": {email}})
}

// Whoever is known and whoever is not get one answer.
func TestAnswerDoesNotTellWhoIsKnown(t *testing.T) {
	b := newBed(t)
	b.As()
	answer := func(typed, shown string) testbed.Answer {
		t.Helper()
		got := b.ask(typed)
		if strings.Count(got.Body, shown) != 2 { // what it is, and to be corrected
			t.Errorf("%q: the page does not show %s: %s", typed, shown, got.Body)
		}
		got.Body = strings.ReplaceAll(got.Body, shown, "ADDRESS")
		got.Header.Del("Date")
		got.Header.Del("Content-Length")
		return got
	}
	unknown := answer("nobody@example.org", "nobody@example.org")
	if unknown.StatusCode != http.StatusOK || !strings.Contains(unknown.Body, "If <strong>ADDRESS</strong> belongs to someone") {
		t.Fatalf("status %d: %s", unknown.StatusCode, unknown.Body)
	}
	b.Untouched("an unknown address")
	answer("nora@example.org", "nora@example.org")
	b.Untouched("the address of someone without a role")
	for typed, shown := range map[string]string{"morgan@example.org": "morgan@example.org", " Nora@EXAMPLE.org": "Nora@example.org", "mailto:nobody@example.org": "nobody@example.org"} {
		got := answer(typed, shown)
		if got.StatusCode != unknown.StatusCode || got.Body != unknown.Body || !reflect.DeepEqual(got.Header, unknown.Header) {
			t.Errorf("%q is told from an unknown address: status %d, %v", typed, got.StatusCode, got.Header)
		}
	}
}

// A second link can be asked for at once; nobody is sent more than a few that still open,
// whoever asks and however the address is written, and who asks for more gets the same answer.
// Who is refused one has several that open.
func TestLinksAreSentWithinABudget(t *testing.T) {
	b := newBed(t)
	b.As()
	var first testbed.Answer
	var want []string
	for i, typed := range []string{"morgan@example.org", "Morgan@Example.ORG", "  morgan@example.org\t", "morgan@example.org", "morgan@example.org"} {
		got := b.ask(typed)
		if i == 0 {
			first = got
		}
		if want = append(want, "staff-sign-in morgan"); len(want) > budget.SignIn.Most {
			want = want[:budget.SignIn.Most]
		}
		if owed := b.Owed(); !slices.Equal(owed, want) {
			t.Errorf("asked %d times: owed %q", i+1, owed)
		}
		if i == 4 && (got.StatusCode != first.StatusCode || got.Body != first.Body) {
			t.Errorf("one too many is answered by status %d: %s", got.StatusCode, got.Body)
		}
	}
	b.ask("eve@example.org")
	want = append([]string{"staff-sign-in eve"}, want...)
	if owed := b.Owed(); !slices.Equal(owed, want) {
		t.Errorf("someone else: owed %q", owed)
	}
	b.Pass(purpose.SignIn.Life())
	b.ask("morgan@example.org")
	if owed := b.Owed(); len(owed) != len(want)+1 {
		t.Errorf("once the first opens no more: owed %q", owed)
	}
}

// Many links that are asked for at once are no more than there can be.
func TestLinksThatAreAskedForAtOnce(t *testing.T) {
	b := newBed(t)
	b.As()
	var at sync.WaitGroup
	for range 10 {
		at.Go(func() {
			if got := b.ask("morgan@example.org"); got.StatusCode != http.StatusOK {
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	at.Wait()
	if owed := b.Owed(); len(owed) < 1 || len(owed) > budget.SignIn.Most {
		t.Errorf("owed %q", owed)
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

	for _, form := range []url.Values{nil, {"do": {"nothing"}}} { // a scanner's
		if got := b.Post(path, form); got.StatusCode != http.StatusOK || len(got.Cookies()) > 0 || !strings.Contains(got.Body, `<form method="post">`) {
			t.Errorf("posted %v: status %d", form, got.StatusCode)
		}
	}
	got := b.Post(path, desktest.Pressed())
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/desk/" || cookieOf(got, "__Host-cascade-staff") == nil {
		t.Fatalf("status %d, to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	if c := cookieOf(got, "__Host-cascade-staff"); !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 12*60*60 {
		t.Errorf("the cookie is %v", c)
	}
	if got := b.Get("/desk/"); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, b.Programme.Name) {
		t.Errorf("the desk: status %d: %s", got.StatusCode, got.Body)
	}

	// It is pressed again, opened again, or gone back to.
	for _, got := range []testbed.Answer{b.Get(path), b.Post(path, desktest.Pressed())} {
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/desk/" || len(got.Cookies()) > 0 {
			t.Errorf("a link that was used, signed in: status %d, to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
		}
	}

	b.As() // someone who finds the email later
	b.lapsed("was used", path)
}

// lapsed fails unless a link leads back to sign-in, and the page says why.
func (b *bed) lapsed(what, path string) {
	b.T.Helper()
	for _, got := range []testbed.Answer{b.Get(path), b.Post(path, desktest.Pressed())} {
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Lapsed || len(got.Cookies()) > 0 {
			b.T.Errorf("a link that %s: status %d, to %q, cookies %v", what, got.StatusCode, got.Header.Get("Location"), got.Cookies())
		}
	}
	if got := b.Get(signin.Lapsed); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "has been used already, or is older than 30 minutes") || !strings.Contains(got.Body, `name="email"`) {
		b.T.Errorf("sign-in after a link that %s: status %d: %s", what, got.StatusCode, got.Body)
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
			got := b.Post(path, desktest.Pressed())
			switch {
			case got.StatusCode == http.StatusSeeOther && len(got.Cookies()) == 1:
				in.Add(1)
			case got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Lapsed || len(got.Cookies()) > 0:
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
		b.lapsed("is "+name, path)
	}
	b.Pass(29 * time.Minute)
	if got := b.Post(young, desktest.Pressed()); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after 29 minutes: status %d", got.StatusCode)
	}
	b.Pass(time.Minute)
	b.As()
	b.lapsed("is 30 minutes old", old)
}

func TestSigningOut(t *testing.T) {
	b := newBed(t)
	if got := b.Get("/desk/"); got.StatusCode != http.StatusOK {
		t.Fatalf("signed in: status %d", got.StatusCode)
	}
	got := b.Post("/desk/sign-out", nil)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page || len(got.Cookies()) != 3 {
		t.Fatalf("status %d, to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), got.Cookies())
	}
	for _, name := range []string{b.Cookie("morgan").Name, passed, "__Host-cascade-report"} {
		if c := cookieOf(got, name); c == nil || c.Value != "" || c.MaxAge != -1 || c.Path != "/" || !c.Secure || !c.HttpOnly {
			t.Errorf("the cookie %s is %v", name, c)
		}
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
	if got := b.Post(b.SignInLink("nora"), desktest.Pressed()); got.StatusCode != http.StatusSeeOther {
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
	b.Post(b.SignInLink("alex"), desktest.Pressed())
	if got := b.Get("/desk/"); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != signin.Page {
		t.Errorf("status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
}
