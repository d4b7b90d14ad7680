package trail_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

var (
	rows  = regexp.MustCompile(`(?s)<tr class="govuk-table__row"><th scope="row"[^>]*>.*?</th>(.*?)</tr>`)
	cells = regexp.MustCompile(`<td class="govuk-table__cell">(.*?)</td>`)
	next  = regexp.MustCompile(`<a class="govuk-link" href="([^"]+)">What was before</a>`)
)

// read are the rows of a page, each "who: what: about whom", and the address of the next.
func read(b *desktest.Bed, at string) (all []string, more string) {
	b.T.Helper()
	got := b.Get(at)
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("%s: status %d: %s", at, got.StatusCode, got.Body)
	}
	for _, row := range rows.FindAllStringSubmatch(got.Body, -1) {
		var texts []string
		for _, c := range cells.FindAllStringSubmatch(row[1], -1) {
			texts = append(texts, html.UnescapeString(c[1]))
		}
		all = append(all, strings.Join(texts, ": "))
	}
	if found := next.FindStringSubmatch(got.Body); found != nil {
		more = html.UnescapeString(found[1])
	}
	return all, more
}

const (
	person = "Looked at one person: what they gave, their emails and what staff noted"
	match  = "Looked at one match or pairing: its two people, their sessions and emails"
)

// An administrator reads who looked at whom, and finds it by person and by day; a
// coordinator does not, nor an administrator of another programme.
func TestAdministratorReadsWhoSawWhat(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Ready("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	b.Get(desk + "/people")
	b.Get(desk + "/people/alex")
	b.As(b.Cookie("sam"))
	b.Get(desk + "/matches/of/run/m")
	b.Post(desk+"/people/alex", desktest.Ticked("workshop"))
	if got := b.Get(desk + "/audit"); got.StatusCode != http.StatusNotFound {
		t.Errorf("a coordinator reads the trail: status %d", got.StatusCode)
	}
	b.TellRefusals(t.Context())
	b.Pass(24 * time.Hour)
	b.As(b.Cookie("morgan"))
	b.Get(desk + "/people/zoe")

	b.As(b.Cookie("ada"))
	all, more := read(b, desk+"/audit")
	want := []string{
		"Ada Sample: Signed in by link: ",
		"Morgan Sample: " + person + ": Zoe Sample",
		"Morgan Sample: Was signed out: a session was over, or another began: Morgan Sample",
		"Morgan Sample: Signed in by link: ",
		"Sam Sample: Was refused: has no role for it: see who did and saw what: ",
		"Sam Sample: Recorded what was prepared: ready: Alex Sample",
		"Sam Sample: " + match + ": Alex Sample, Zoe Sample",
		"Sam Sample: Signed in by link: ",
		"Morgan Sample: " + person + ": Alex Sample",
		"Morgan Sample: Signed in by link: ",
	}
	if !slices.Equal(all, want) || more != "" {
		t.Errorf("the trail reads\n%s\nwant\n%s\nand then %q", strings.Join(all, "\n"), strings.Join(want, "\n"), more)
	}

	find := func(form url.Values) []string {
		t.Helper()
		got := b.Post(desk+"/audit", form)
		to := got.Header.Get("Location")
		if got.StatusCode != http.StatusSeeOther || strings.Contains(to, "example") {
			t.Fatalf("%v: status %d to %q: %s", form, got.StatusCode, to, got.Body)
		}
		all, _ := read(b, to)
		return all
	}
	if got := find(url.Values{"email": {"sam@example.org"}}); !slices.Equal(got, want[4:8]) {
		t.Errorf("by Sam there is %q", got)
	}
	day := func(at time.Time) url.Values {
		at = at.In(b.Programme.Location())
		return url.Values{"date": {at.Format("2")}, "date-month": {at.Format("1")}, "date-year": {at.Format("2006")}}
	}
	if got := find(day(b.Now().AddDate(0, 0, -1))); !slices.Equal(got, want[4:]) {
		t.Errorf("of the day before there is %q", got)
	}
	both := day(b.Now().AddDate(0, 0, -1))
	both.Set("email", "Morgan@example.org")
	if got := find(both); !slices.Equal(got, want[8:]) {
		t.Errorf("by Morgan on the day before there is %q", got)
	}
	for name, form := range map[string]url.Values{"no address": {"email": {"alex"}}, "no day": {"date": {"32"}, "date-month": {"1"}, "date-year": {"2027"}}} {
		if got := b.Post(desk+"/audit", form); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
	}
	for _, odd := range []string{"?who=x", "?day=x", "?after=x", "?who=%ff", "?after=1_%2F"} {
		if got := b.Get(desk + "/audit" + odd); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", odd, got.StatusCode)
		}
	}
	b.As(b.Cookie("omar")) // of another programme
	if got := b.Get(desk + "/audit"); got.StatusCode != http.StatusNotFound {
		t.Errorf("somebody of another programme: status %d", got.StatusCode)
	}
}

// Somebody whose documents are gone is named nowhere on the page, and found by their
// address all the same, by whoever has that and the key.
func TestWhoIsErasedIsNobodyInTheTrail(t *testing.T) {
	b := newBed(t)
	form := desktest.Person("alex")
	form.ID = "alex-seek"
	b.Enrol("pilot", form)
	b.Get(desk + "/people/alex-seek")
	if _, err := b.Raw.Doc("programmes/pilot/enrolments/alex-seek").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.As(b.Cookie("ada"))
	all, _ := read(b, desk+"/audit")
	if want := "Morgan Sample: " + person + ": somebody who was erased, or is gone"; !slices.Contains(all, want) {
		t.Errorf("the trail reads %q", all)
	}
	if got := b.Get(desk + "/audit"); strings.Contains(got.Body, "alex") {
		t.Error("the page names who was erased")
	}
	for p, d := range b.Documents() {
		if text := fmt.Sprint(d.Data()); strings.HasPrefix(p, "auditEntries/") && strings.Contains(text, "alex") {
			t.Errorf("%s names who was erased: %s", p, text)
		}
	}
}

// Pages follow one another, and each reads no more than it shows.
func TestTrailHasPages(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	const views = 57
	for range views {
		b.Get(desk + "/people/alex")
	}
	b.As(b.Cookie("ada"))
	seen, pages := 0, 0
	for at := desk + "/audit"; at != ""; pages++ {
		all, more := read(b, at)
		for _, row := range all {
			if strings.Contains(row, person) {
				seen++
			}
		}
		at = more
	}
	if seen != views || pages != 3 {
		t.Errorf("%d views on %d pages, want %d on 3", seen, pages, views)
	}
}

// Whatever staff open and in whatever order: what shows one person, or a match's two, is
// kept once each, what is taken along too, and nothing else that is opened writes anything.
// Which page is which the table of access says.
func TestOpeningPagesKeepsViewsAlone(t *testing.T) {
	b := newBed(t)
	b.Three()
	matched := b.Solved()
	contents, ok := b.Handler().(*serve.Routes)
	if !ok {
		t.Fatal("the function has no routes")
	}
	byPattern := map[string]audit.Kind{}
	for _, e := range contents.All() {
		byPattern[e.Pattern] = e.Row.Keeps()
	}
	ids := map[string][]string{
		"enrolment": {"alex", "zoe", "zed", "nobody"}, "supervisor": {"robin", "nobody"}, "run": {matched[0].Run}, "match": {matched[0].ID, matched[1].ID, "none"},
		"file": {"data.json", "page.html", "none"}, "group": {"you", "skills", "none"},
	}
	queries := map[string][]string{"why": {"", "?for=alex&with=zoe", "?for=alex&with=nobody"}, "change": {"?kind=forbid&for=amy&with=zed", "?kind=pin&for=ann&with=zoe", "?kind=x"}}
	var patterns []string
	for pattern := range byPattern {
		if strings.HasPrefix(pattern, "GET /desk/programmes/") {
			patterns = append(patterns, pattern)
		}
	}
	slices.Sort(patterns)
	b.As(b.Cookie("morgan"))
	name := regexp.MustCompile(`\{([a-z]+)\}`)
	kept := map[audit.Kind]int{}
	rapid.Check(t, func(r *rapid.T) {
		pattern := rapid.SampledFrom(patterns).Draw(r, "page")
		at := name.ReplaceAllStringFunc(strings.TrimPrefix(pattern, "GET "), func(in string) string {
			if in == "{programme}" {
				return "pilot"
			}
			return rapid.SampledFrom(ids[strings.Trim(in, "{}")]).Draw(r, in)
		})
		if all := queries[path.Base(at)]; all != nil {
			at += rapid.SampledFrom(all).Draw(r, "query")
		}
		before := b.Documents()
		got := b.Get(at)
		var wrote []string
		views, about := 0, 0
		for p, d := range b.Documents() {
			if old := before[p]; old != nil && old.UpdateTime.Equal(d.UpdateTime) {
				continue
			}
			if kind, _ := d.Data()["kind"].(string); strings.HasPrefix(p, "auditEntries/") && byPattern[pattern] == audit.Kind(kind) {
				views++
				about = len(b.Named(d))
				continue
			}
			wrote = append(wrote, p)
		}
		shown := got.StatusCode == http.StatusOK && byPattern[pattern] != "" && !strings.HasSuffix(at, "/why") // where nobody is chosen
		if len(wrote) > 0 || views > 1 || shown != (views == 1) {
			r.Fatalf("%s: status %d, %d views, and wrote %q", at, got.StatusCode, views, wrote)
		}
		if views == 1 {
			kept[byPattern[pattern]]++
			if byPattern[pattern] == audit.View && about == 0 {
				r.Fatalf("%s: a view of nobody", at)
			}
		}
	})
	t.Logf("kept %v", kept)
}

// Each way of signing in and out has its entry, and so has each way of being refused.
func TestSigningInAndOutIsKept(t *testing.T) {
	b := newBed(t)
	count := func(kind audit.Kind) (n int) {
		b.TellRefusals(t.Context())
		for _, e := range b.Bed.Audited() {
			if e.Kind == kind && e.At.After(b.Now().Add(-time.Hour)) {
				n += max(1, e.Times)
			}
		}
		return n
	}
	from := map[audit.Kind]int{}
	for _, k := range audit.Kinds {
		from[k] = count(k)
	}
	changed := func(what string, want map[audit.Kind]int) {
		t.Helper()
		for _, k := range audit.Kinds {
			if n := count(k); n-from[k] != want[k] {
				t.Errorf("%s: %d entries of %s, want %d", what, n-from[k], k, want[k])
			}
			from[k] = count(k)
		}
	}
	b.As()
	link := b.SignInLink("eve")
	b.Get(link)
	changed("a link was opened", nil)
	b.Post(link, desktest.Pressed())
	changed("a link was used", map[audit.Kind]int{audit.SignIn: 1})
	b.Get("/desk/sessions")
	changed("a page that shows nobody", nil)
	b.Post("/desk/sign-out", nil)
	changed("signed out", map[audit.Kind]int{audit.SignOut: 1})
	b.Post(desk+"/people/alex", nil)
	changed("nobody is signed in", map[audit.Kind]int{audit.Refusal: 1})
	b.Post(link, desktest.Pressed())
	changed("a link that was used", map[audit.Kind]int{audit.Refusal: 1})
	b.As(b.Cookie("eve"))
	changed("again", map[audit.Kind]int{audit.SignIn: 1})
	b.Post("/desk/sessions", url.Values{"all": {"yes"}})
	changed("everywhere", map[audit.Kind]int{audit.SignOut: 1})
	b.As(b.Cookie("eve"))
	for range 1000 {
		b.Get(desk + "/people")
	}
	entries := len(b.Bed.Audited())
	b.TellRefusals(t.Context())
	if n := len(b.Bed.Audited()) - entries; n != 1 {
		t.Errorf("a thousand refusals have %d entries", n)
	}
	changed("a thousand refusals", map[audit.Kind]int{audit.SignIn: 1, audit.Refusal: 1000})
}
