package link_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

var purposes = map[purpose.Purpose]time.Duration{
	purpose.Confirm:       30 * 24 * time.Hour,
	purpose.Choose:        60 * 24 * time.Hour,
	purpose.Match:         60 * 24 * time.Hour,
	purpose.Pairing:       366 * 24 * time.Hour,
	purpose.Questionnaire: 60 * 24 * time.Hour,
	purpose.Emails:        366 * 24 * time.Hour,
	purpose.Address:       7 * 24 * time.Hour,
	purpose.SignIn:        30 * time.Minute,
}

// newBed has alex, whose links they are.
func newBed(t *testing.T) *testbed.Bed {
	t.Helper()
	b := testbed.New(t)
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "alex", Role: programme.Client, State: enrolment.Ready})
	b.Commit(c)
	return b
}

// open follows a link to the page of a purpose, as a browser would.
func open(t *testing.T, links *link.Links, purpose purpose.Purpose, path string) (l *store.Link, err error) {
	t.Helper()
	link.Conceal(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		l, err = links.Open(r, purpose, nil)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return l, err
}

// tokenIn is the last part of a link.
func tokenIn(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func TestLinkOpensOneThingForOnePerson(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for purpose, life := range purposes {
		meant := store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m", Pairing: "x", Session: "s", Invitation: "i"}, Topics: []message.Topic{message.Questionnaires}}
		path := b.Link(purpose, meant)
		l, err := open(t, b.Links, purpose, path)
		if err != nil {
			t.Errorf("%s does not open: %v", purpose, err)
			continue
		}
		if lasts := l.ExpireAt.Sub(l.CreatedAt); lasts != life {
			t.Errorf("%s opens for %v, want %v", purpose, lasts, life)
		}
		got := store.Link{Programme: l.Programme, Person: l.Person, Role: l.Role, IDs: l.IDs, Topics: l.Topics}
		if !reflect.DeepEqual(got, meant) || l.Purpose != string(purpose) {
			t.Errorf("%s opens %+v, want %+v", purpose, got, meant)
		}
		if text := fmt.Sprintf("%+v", l); strings.Contains(text, tokenIn(path)) {
			t.Errorf("%s: the token is stored: %s", purpose, text)
		}
		for other := range purposes {
			if _, err := open(t, b.Links, other, path); other != purpose && !fault.Is(err, fault.Forbidden) {
				t.Errorf("a link of %s at %s: %v", purpose, other, err)
			}
		}
		if _, err := open(t, b.Links, purpose, path); err != nil {
			t.Errorf("%s opens once: %v", purpose, err)
		}
	}
}

func TestLinksAreNeverAlike(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	seen := map[string]bool{}
	for range 20 {
		path := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex"})
		if seen[path] || !regexp.MustCompile(`^/match/[A-Za-z0-9_-]{43}$`).MatchString(path) {
			t.Errorf("link %q", path)
		}
		seen[path] = true
	}
}

func TestLinkEnds(t *testing.T) {
	t.Parallel()
	for purpose, life := range purposes {
		t.Run(string(purpose), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			path := b.Link(purpose, store.Link{Programme: "pilot", Person: "alex"})
			revoked := b.Link(purpose, store.Link{Programme: "pilot", Person: "alex"})
			b.Pass(life - time.Minute)
			l, err := open(t, b.Links, purpose, revoked)
			if err != nil {
				t.Fatalf("a minute before its end: %v", err)
			}
			c := b.Store.Commit()
			b.Links.Revoke(c, l)
			b.Commit(c)
			if _, err := open(t, b.Links, purpose, revoked); !fault.Is(err, fault.Gone) {
				t.Errorf("revoked: %v", err)
			}
			if _, err := open(t, b.Links, purpose, path); err != nil {
				t.Errorf("another person's, after a revocation: %v", err)
			}
			b.Pass(time.Minute)
			_, err = open(t, b.Links, purpose, path)
			if !fault.Is(err, fault.Gone) {
				t.Errorf("at its end: %v", err)
			}
			for other := range purposes {
				// Someone who tries one elsewhere does not hear that it once was good.
				if _, err := open(t, b.Links, other, path); other != purpose && !fault.Is(err, fault.Forbidden) {
					t.Errorf("expired, at %s: %v", other, err)
				}
			}
		})
	}
}

// Whatever is wrong with a link, the answer is the same one.
func TestForgedLinksAreForbidden(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	good := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex"})
	token := tokenIn(good)
	l, err := open(t, b.Links, purpose.Match, good)
	if err != nil {
		t.Fatal(err)
	}
	other := "A"
	if token[0] == 'A' {
		other = "B"
	}
	said := map[string]bool{}
	for name, path := range map[string]string{
		"one letter changed":     "/match/" + other + token[1:],
		"the last letter gone":   "/match/" + token[:42],
		"a letter too many":      "/match/" + token + "A",
		"in capitals":            "/match/" + strings.Repeat("A", 43),
		"nothing":                "/match/",
		"no path":                "/",
		"a full stop after it":   "/match/" + token + ".",
		"not of the alphabet":    "/match/" + strings.Repeat("!", 43),
		"an escaped slash in it": "/match/" + token[:20] + "%2F" + token[20:],
		"the stored hash":        "/match/" + l.ID,
		"part of the hash":       "/match/" + l.ID[:43],
		"in the query":           "/match/?" + token,
		"the placeholder":        "/match/link",
		"above":                  "/match/../" + token[:42],
	} {
		_, err := open(t, b.Links, purpose.Match, path)
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		said[err.Error()] = true
	}
	elsewhere := link.New(b.Store, link.Same(ring(t, keys.New(b.Now()))), "", b.Now)
	_, err = open(t, elsewhere, purpose.Match, good)
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("made with another key: %v", err)
	}
	if len(said) != 1 || !said[err.Error()] {
		t.Errorf("the answers differ: %v and %v", said, err)
	}
}

// ring is of some keys.
func ring(t *testing.T, texts ...string) keys.Ring {
	t.Helper()
	r, err := keys.Parse(strings.Join(texts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A key is changed in steps, at each of which some functions have what another will have
// only at the next: no link that either makes is unknown to the other.
func TestRotationBreaksNoLink(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	before, after := keys.New(b.Now()), keys.New(b.Now().AddDate(1, 0, 0))
	legacy, err := keys.Single("7f38205932975761ae4f34549890447f994cbd67ffa12cbe870e9ec7b7ac8a16")
	if err != nil {
		t.Fatal(err)
	}
	with := func(rings ...keys.Ring) *link.Links {
		return link.New(b.Store, link.Same(slices.Concat(rings...)), "", b.Now)
	}
	steps := []*link.Links{
		with(legacy), with(legacy, ring(t, before)), with(ring(t, before), legacy), with(ring(t, before)),
		with(ring(t, before, after)), with(ring(t, after, before)), with(ring(t, after)),
	}
	for i, here := range steps {
		path, err := here.Mint(t.Context(), purpose.Pairing, store.Link{Programme: "pilot", Person: "alex"})
		if err != nil {
			t.Fatal(err)
		}
		for k, there := range steps {
			_, err := open(t, there, purpose.Pairing, path)
			if near := k >= i-1 && k <= i+1; near && err != nil {
				t.Errorf("made at step %d, at step %d it does not open: %v", i, k, err)
			}
			if gone := i < 2 && k > 2 || i > 4 && k < 4; gone && !fault.Is(err, fault.Forbidden) {
				t.Errorf("made at step %d, at step %d, which has another key, it opens: %v", i, k, err)
			}
		}
	}
}

// A function without keys of another's pages makes no links to them, and opens none.
func TestKeysAreOfOneFunctionsPages(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	one := ring(t, keys.New(b.Now()))
	links := link.New(b.Store, link.Keys{"participant": one}, "", b.Now)
	path, err := links.Mint(t.Context(), purpose.Pairing, store.Link{Programme: "pilot", Person: "alex"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, links, purpose.Pairing, path); err != nil {
		t.Error(err)
	}
	confirm, err := link.New(b.Store, link.Same(one), "", b.Now).Mint(t.Context(), purpose.Confirm, store.Link{Programme: "pilot", Person: "alex"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, links, purpose.Confirm, confirm); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a link to another function's page: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a link is made that nobody knows")
		}
	}()
	_, _ = links.Mint(t.Context(), purpose.Confirm, store.Link{Programme: "pilot", Person: "alex"})
}

func TestPublicAddressStandsBeforeLinks(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	links := b.LinksAt("https://programme.example.org")
	url, err := links.Mint(t.Context(), purpose.Pairing, store.Link{Programme: "pilot", Person: "alex"})
	if err != nil || !strings.HasPrefix(url, "https://programme.example.org/pairing/") {
		t.Errorf("the link is %q: %v", url, err)
	}
}

// What a handler, its logs and its spans see is a request without its token;
// forms and redirects on the page still find it.
func TestConceal(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("aZ0_-", 9)[:43]
	for _, row := range []struct{ given, seen, own string }{
		{"/match/" + token, "/match/link", "/match/" + token},
		{"/match/" + token + "/accept", "/match/link/accept", "/match/" + token},
		{"/pairing/" + token + "/sessions/s1?saved=1", "/pairing/link/sessions/s1?saved=1", "/match/" + token},
		{"/match/%61" + token[1:], "/match/link", "/match/" + token},
		{"/match/" + token + "/" + token, "/match/link/link", "/match/" + token},
		{"/match/" + token + "/and/" + strings.ToUpper(token), "/match/link/and/link", "/match/" + token},
		{"//match//" + token, "//match//link", "/match/" + token},
		{"/match/" + token + ".", "/match/link", "/match/"},
		{"/match/" + token + "=", "/match/link", "/match/"},
		{"/match/a" + token + "/accept", "/match/link/accept", "/match/"},
		{"/match/" + token[1:], "/match/" + token[1:], "/match/"},
		{"/enrol/pilot", "/enrol/pilot", "/match/"},
		{"/match/x%2Fy", "/match/x%2Fy", "/match/"},
	} {
		r := httptest.NewRequest(http.MethodGet, row.given, nil)
		before := r.URL.String()
		link.Conceal(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := r.URL.RequestURI(); got != row.seen || r.RequestURI != row.seen && r.RequestURI != row.given {
				t.Errorf("%s is seen as %s and %s, want %s", row.given, got, r.RequestURI, row.seen)
			}
			if got := link.Path(r, purpose.Match); got != row.own {
				t.Errorf("%s: its own link is %s, want %s", row.given, got, row.own)
			}
			if got := link.Path(r, purpose.Match, "accept"); got != row.own+"/accept" {
				t.Errorf("%s: a path below is %s", row.given, got)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		if r.URL.String() != before {
			t.Errorf("the caller's request was changed to %s", r.URL)
		}
	}
}

// A store that does not answer is not a bad link.
func TestStoreThatIsAwayIsNotABadLink(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	path := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex"})
	s, err := store.Open(t.Context(), b.Project, "(default)")
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	away := link.New(s, link.Same(ring(t, keys.New(b.Now()))), "", b.Now)
	_, err = open(t, away, purpose.Match, path)
	if err == nil || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Gone) {
		t.Errorf("the answer is %v", err)
	}
	if _, err := away.Mint(t.Context(), purpose.Match, store.Link{}); err == nil {
		t.Error("a link was made that is stored nowhere")
	}
}

// However a path is written, no handler sees a token, and nothing but a token is
// taken out.
func FuzzConceal(f *testing.F) {
	token := hex.EncodeToString(bytes.Repeat([]byte{7}, 32))[:43]
	for _, path := range []string{"", "match/" + token, token, "match/" + token + "/" + token, "//" + token + "//", "a%2F" + token, token + "x", "..//" + token, "\xff/" + token, "%", "?" + token} {
		f.Add(path)
	}
	form, like := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`), regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = "/" + path
		r.RequestURI = r.URL.RequestURI()
		given := strings.Split(r.URL.Path, "/")
		link.Conceal(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			seen := strings.Split(r.URL.Path, "/")
			if len(seen) != len(given) {
				t.Fatalf("%q became %q", path, r.URL.Path)
			}
			first := ""
			for i, s := range given {
				switch {
				case !like.MatchString(s) && seen[i] != s, like.MatchString(s) && seen[i] != "link":
					t.Fatalf("%q became %q", path, r.URL.Path)
				case form.MatchString(s) && first == "":
					first = s
				}
			}
			if got := link.Path(r, ""); got != "/"+first {
				t.Fatalf("%q: the token is %q, want %q", path, got, first)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}

// Who closes their links, or leaves, opens nothing with what was sent before.
func TestClosedLinksOpenNothing(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	change := func(change func(*enrolment.Enrolment)) int {
		t.Helper()
		e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
		if err != nil {
			t.Fatal(err)
		}
		change(e)
		c := b.Store.Commit()
		c.UpdateEnrolment("pilot", e)
		b.Commit(c)
		return e.Generation
	}
	mint := func(generation int) map[purpose.Purpose]string {
		all := map[purpose.Purpose]string{}
		for what := range purposes {
			if what != purpose.SignIn {
				all[what] = b.Link(what, store.Link{Programme: "pilot", Person: "alex", Generation: generation})
			}
		}
		return all
	}
	opens := func(when string, links map[purpose.Purpose]string, want bool) {
		t.Helper()
		for what, path := range links {
			l, err := open(t, b.Links, what, path)
			if got := err == nil; got != want || !want && !fault.Is(err, fault.Gone) || want && l.Owner.ID != "alex" {
				t.Errorf("%s: the link of %s: %v", when, what, err)
			}
		}
	}
	sent := mint(0)
	opens("at first", sent, true)
	newer := mint(change((*enrolment.Enrolment).Disown))
	opens("after it was not them", sent, false)
	opens("and what was sent since", newer, true)
	last := mint(change(func(e *enrolment.Enrolment) {
		if _, err := e.AskAddress("other@example.org", b.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := e.ConfirmAddress(b.Now(), b.Now()); err != nil {
			t.Fatal(err)
		}
	}))
	opens("with another address", newer, false)
	opens("and what was sent since", last, true)
	change((*enrolment.Enrolment).Withdraw)
	opens("after leaving", last, false)
	change(func(e *enrolment.Enrolment) { e.Return(b.Now()) })
	opens("after coming back", last, false)
}

// The address that a link was made with is read by who opens it, also after the key has changed,
// and by nobody from what is stored: neither from the link alone nor with the keys.
func TestAddressIsReadWithTheLinkAlone(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	before, after := keys.New(b.Now()), keys.New(b.Now().AddDate(1, 0, 0))
	old := link.New(b.Store, link.Same(ring(t, before)), "", b.Now)
	make := func(address email.Address) string {
		path, err := old.Mint(t.Context(), purpose.Confirm, store.Link{Programme: "pilot", Person: "nobody", Address: address})
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, another, none := make("alex@example.org"), make("zoe@example.org"), make("")
	for _, links := range []*link.Links{old, link.New(b.Store, link.Same(ring(t, after, before)), "", b.Now)} {
		for path, want := range map[string]email.Address{one: "alex@example.org", another: "zoe@example.org", none: ""} {
			if l, err := open(t, links, purpose.Confirm, path); err != nil || l.Address != want {
				t.Errorf("%+v, %v, want %q", l, err, want)
			}
		}
	}
	l, err := open(t, old, purpose.Confirm, one)
	if err != nil {
		t.Fatal(err)
	}
	if stored := fmt.Sprint(b.Stored()["links/"+l.ID]); stored == "" || strings.Contains(stored, "alex") || l.Hidden == "" {
		t.Errorf("stored is %s", stored)
	}
	for _, token := range []string{"", l.ID, tokenIn(another)} { // what else somebody may have, with the keys
		if text, ok := ring(t, before).For("address "+token).Decrypt(l.Hidden, l.ID); ok {
			t.Errorf("with %q it says %q", token, text)
		}
	}
}
