package people_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// hostile breaks out of wherever it is not escaped.
const hostile = `</dd></td>"'><script>alert(1)</script>{{.}}&amp;`

// listed are the rows of the list of people: one line a person, by side.
func listed(page string) [][]string {
	row := regexp.MustCompile(`<a class="govuk-link" href="` + desk + `/people/([^"]*)">([^<]*)</a></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td><td[^>]*><strong[^>]*>([^<]*)</strong>`)
	var sides [][]string
	for _, table := range strings.Split(page, "<h2")[1:] {
		side := []string{html.UnescapeString(regexp.MustCompile(`>([^<]*)</h2>`).FindStringSubmatch(table)[1])}
		for _, r := range row.FindAllStringSubmatch(table, -1) {
			side = append(side, html.UnescapeString(strings.Join(r[1:], ", ")))
		}
		sides = append(sides, side)
	}
	return sides
}

func TestPeopleAreListedByRole(t *testing.T) {
	b := newBed(t)
	b.Enrol("other", desktest.Person("olga"), desktest.Person("zara"))
	empty := b.Get(desk + "/people")
	if got := listed(empty.Body); !slices.EqualFunc(got, [][]string{{"Ublicks"}, {"Zworps"}}, slices.Equal) || strings.Count(empty.Body, "Nobody yet") != 2 {
		t.Errorf("with nobody: %q", got)
	}
	b.Enrol("pilot",
		desktest.Person("zoe", func(e *enrolment.Enrolment) { e.State = enrolment.Ready }),
		desktest.Person("bo", func(e *enrolment.Enrolment) { e.Organisation.Region = "Wales" }),
		desktest.Person("cy", func(e *enrolment.Enrolment) { e.State = enrolment.Ready }),
		desktest.Person("alex", func(e *enrolment.Enrolment) { e.Organisation.Region = "London" }),
		// The same leader on the other side.
		desktest.Person("z2", func(e *enrolment.Enrolment) { e.Person.Name, e.Organisation.Name = "Alex Sample", hostile }),
	)
	got := b.Get(desk + "/people")
	want := [][]string{
		{"Ublicks", "alex, Alex Sample, Alex Trust, London, confirmed", "bo, Bo Sample, Bo Trust, Wales, confirmed", "cy, Cy Sample, Cy Trust, Yorkshire and the Humber, ready"},
		{"Zworps", "z2, Alex Sample, " + hostile + ", Yorkshire and the Humber, confirmed", "zoe, Zoe Sample, Zoe Trust, Yorkshire and the Humber, ready"},
	}
	if got := listed(got.Body); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestPersonsPageShowsWhatTheCoordinatorDecidesBy(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot",
		desktest.Person("alex", func(e *enrolment.Enrolment) {
			e.Person.Phone, e.Organisation.Number, e.Organisation.Categories = "020 7946 0001", "GB-CHC-1000430", []string{"HE", "ED"}
			e.Skills = map[string]int{"digital": 1, "board": 3, "finance": 0}
			e.Conflicts = []string{"Rival Trust", "1000431"}
			e.Organisation.Income, e.Experience = 1_250_000, map[string]int{"finance": 1, "board": 2}
			e.Meeting, e.Languages = []string{"phone", "video"}, []string{"Welsh", "English"}
		}),
		desktest.Person("zoe", func(e *enrolment.Enrolment) {
			e.Readiness.Trained, e.Skills, e.Supervisor, e.NotNow = true, map[string]int{"coaching": 2}, "kit", true
		}),
		desktest.Person("bo", func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }),
	)
	b.Supervisors(map[string]int{"robin": 4, "kit": 3})
	b.Matched("m", "alex", "zoe", pairing.Released)
	for id, row := range map[string]struct{ shows, hides []string }{
		"alex": {[]string{">Ublick<", "Alex Sample", "Alex Trust", "LS6 2AB, Yorkshire and the Humber", "GB-CHC-1000430", "Health<br>Education<br>", ">Needs<", ">Board and trustee relations, Digital<",
			`href="mailto:alex@example.org"`, "020 7946 0001", "Not to be matched with", "Rival Trust<br>1000431<br>", `name="workshop"`,
			"£1,250,000", ">Board and trustee relations (2 of 3), Finance (1 of 3)<", ">By video, By phone<", ">Welsh, English<"},
			[]string{`name="trained"`, `name="supervisor"`, ">Offers<", "Finance<", " checked", "Kit", "Another match"}},
		"zoe": {[]string{">Zworp<", ">Offers<", ">Coaching<", `name="trained" type="checkbox" value="yes" checked>`,
			`name="supervisor"`, `<option value="">None yet</option>`, `<option value="kit" selected>Kit Sample (1 of 3 pairings)</option>`, `<option value="robin">Robin Sample (0 of 4 pairings)</option>`,
			">Another match<", ">Not for now, as they have said<", ">In person, By video, By phone<", ">English<"}, // as one reads who was not asked
			[]string{`name="workshop"`, ">Needs<", "Not to be matched with", "Phone", "Register number", "income", "Own experience"}},
		"bo": {[]string{"has not confirmed their email address yet"}, []string{`>Save<`, `type="checkbox"`}},
	} {
		got := b.Get(desk + "/people/" + id)
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", id, got.StatusCode)
		}
		for _, want := range row.shows {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s's page lacks %q", id, want)
			}
		}
		for _, other := range row.hides {
			if strings.Contains(got.Body, other) {
				t.Errorf("%s's page has %q", id, other)
			}
		}
	}
}

func TestWhatPeopleWroteIsEscaped(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex", func(e *enrolment.Enrolment) {
		e.Person = enrolment.Person{Name: hostile, Email: hostile, Phone: hostile}
		e.Organisation = enrolment.Organisation{Name: hostile, Number: hostile, Region: hostile, Categories: []string{hostile}}
		e.Conflicts, e.Languages = []string{hostile}, []string{hostile}
	}), desktest.Person("zoe", func(e *enrolment.Enrolment) { e.Person.Name = hostile }))
	c := b.Store.Commit()
	c.CreateSupervisor("pilot", &supervision.Supervisor{ID: "s", Name: hostile, Email: hostile, Capacity: 1})
	b.Commit(c)
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	b.Matched("n", "alex", "zoe", pairing.Declined, func(m *pairing.Match) { m.Client.Answer, m.Client.Reason = pairing.No, hostile })
	for page, times := range map[string]int{"/people": 4, "/people/alex": 10, "/people/zoe": 3, "/matches": 4, "/supervisors": 3, "/supervisors/s": 4} {
		got := b.Get(desk + page)
		if n := strings.Count(got.Body, html.EscapeString(hostile)); got.StatusCode != http.StatusOK || n < times || strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s: status %d, shown as it was written %d times, want %d: %s", page, got.StatusCode, n, times, got.Body)
		}
	}
}

func TestWhoIsReady(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.Supervisors(map[string]int{"robin": 4, "kit": 3})
	var audited []string
	was := ""
	for _, row := range []struct {
		id         string
		ticked     []string
		supervisor string
		state      enrolment.State
	}{
		{"alex", []string{"workshop"}, "", enrolment.Ready},
		{"alex", []string{"workshop"}, "", enrolment.Ready}, // saved twice
		{"alex", nil, "", enrolment.Confirmed},
		{"alex", []string{"trained"}, "robin", enrolment.Confirmed}, // who seeks has none
		{"alex", []string{"workshop"}, "", enrolment.Ready},
		{"zoe", []string{"trained"}, "", enrolment.Confirmed},
		{"zoe", nil, "robin", enrolment.Confirmed},
		{"zoe", []string{"trained"}, "robin", enrolment.Ready},
		{"zoe", []string{"trained"}, "robin", enrolment.Ready},
		{"zoe", []string{"trained"}, "kit", enrolment.Ready},
		{"zoe", []string{"trained"}, "", enrolment.Confirmed},
		{"zoe", []string{"workshop", "supervised", "state", "ready", "Trained"}, "", enrolment.Confirmed},
	} {
		posted := desktest.Ticked(row.ticked...)
		posted.Set("supervisor", row.supervisor)
		got := b.Post(desk+"/people/"+row.id, posted)
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != desk+"/people?done=prepared&to="+row.id {
			t.Errorf("%s %v: status %d, to %q", row.id, row.ticked, got.StatusCode, got.Header.Get("Location"))
		}
		e := b.Enrolment(row.id)
		has := func(name string) bool { return slices.Contains(row.ticked, name) }
		if want := (enrolment.Readiness{Workshop: has("workshop"), Trained: has("trained")}); e.State != row.state || e.Readiness != want {
			t.Errorf("%s %v: %s, %+v", row.id, row.ticked, e.State, e.Readiness)
		}
		audited = append(audited, fmt.Sprintf("morgan recorded what was prepared: %s %s in pilot", row.state, row.id))
		if row.id == "alex" {
			row.supervisor = ""
		} else if row.supervisor != was {
			audited = append(audited, map[bool]string{true: "morgan chose the supervisor " + row.supervisor, false: "morgan took the supervisor away: " + was}[row.supervisor != ""]+" zoe in pilot")
			was = row.supervisor
		}
		if e.Supervisor != row.supervisor {
			t.Errorf("%s has the supervisor %q", row.id, e.Supervisor)
		}
	}
	got := b.Audited()
	slices.Sort(got)
	slices.Sort(audited) // the two entries of one moment have no order
	if !slices.Equal(got, audited) {
		t.Errorf("audited %q, want %q", got, audited)
	}
	if got := b.Owed(); len(got) > 0 {
		t.Errorf("owed %q", got)
	}
}

// The address of a form says nothing of what was ticked.
func TestOnlyTheFormItselfCounts(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.Supervisors(map[string]int{"robin": 4})
	b.Post(desk+"/people/alex?workshop=yes", nil)
	b.Post(desk+"/people/zoe?supervisor=robin", desktest.Ticked("trained"))
	for id, want := range map[string]enrolment.Readiness{"alex": {}, "zoe": {Trained: true}} {
		if e := b.Enrolment(id); e.State != enrolment.Confirmed || e.Readiness != want || e.Supervisor != "" {
			t.Errorf("%s: %s, %+v", id, e.State, e.Readiness)
		}
	}
}

func TestWhoHasNotConfirmedIsNotPrepared(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex", func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }))
	got := b.Post(desk+"/people/alex", desktest.Ticked("workshop"))
	if got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "has not confirmed their email address yet") {
		t.Errorf("status %d: %s", got.StatusCode, got.Body)
	}
	if e := b.Enrolment("alex"); e.State != enrolment.Unconfirmed || e.Readiness.Workshop {
		t.Errorf("%s, %+v", e.State, e.Readiness)
	}
	b.Untouched("the refusal")
}

func TestEachOfSeveralSavedAtOnceIsDoneAndAuditedOrNeither(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("zoe"))
	b.Supervisors(map[string]int{"robin": 4})
	posted := desktest.Ticked("trained")
	posted.Set("supervisor", "robin")
	var at sync.WaitGroup
	var saved atomic.Int32
	for range 6 {
		at.Go(func() {
			switch got := b.Post(desk+"/people/zoe", posted); got.StatusCode {
			case http.StatusSeeOther:
				saved.Add(1)
			case http.StatusConflict:
			default:
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	at.Wait()
	audited := slices.DeleteFunc(b.Audited(), func(s string) bool { return strings.Contains(s, "chose the supervisor") })
	if n := len(audited); b.Enrolment("zoe").State != enrolment.Ready || n == 0 || n != int(saved.Load()) || len(b.Audited()) != n+1 {
		t.Errorf("%s: %d were told that it is saved, %d are audited", b.Enrolment("zoe").State, saved.Load(), n)
	}
}

func TestOpeningPagesChangesNothing(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Proposed)
	before := b.Enrolment("alex").Version
	for range 2 {
		for _, page := range []string{"/desk/", desk, desk + "/people", desk + "/people/alex?workshop=yes", desk + "/supervisors", desk + "/supervisors/new?name=x", desk + "/matches?match=run%2Fm"} {
			if got := b.Get(page); got.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d", page, got.StatusCode)
			}
		}
	}
	if e := b.Enrolment("alex"); e.Version != before || e.State != enrolment.Confirmed || b.State("m") != pairing.Proposed {
		t.Errorf("%s, the match %s", e.State, b.State("m"))
	}
	b.Untouched("looking around")
}

func TestPeopleWhoAreNotThere(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	b.Enrol("other", desktest.Person("olga"))
	for _, id := range []string{
		"olga", "nobody", "ALEX", "alex%20", "%61lex%2f", "a%2Fb", "%2e%2e", "%2e", "..%2Fpeople%2Falex", "..%2f..%2fother%2fenrolments%2folga", "__x__", "-", "%00", "%FF", "%F0%9F%98%80", "{enrolment}",
		strings.Repeat("a", 300), strings.Repeat("ab.", 100), strings.Repeat("%C3%A9", 300),
	} {
		for _, got := range []testbed.Answer{b.Get(desk + "/people/" + id), b.Post(desk+"/people/"+id, desktest.Ticked("workshop"))} {
			if got.StatusCode != http.StatusNotFound || strings.Contains(got.Body, "Olga") {
				t.Errorf("%.40s: status %d: %s", id, got.StatusCode, got.Body)
			}
		}
		if got := b.Get("/desk/programmes/" + id + "/people/alex"); got.StatusCode != http.StatusNotFound {
			t.Errorf("a programme %.40s: status %d", id, got.StatusCode)
		}
	}
	// A path that is not clean is led to the clean one, and no further.
	if got := b.Get(desk + "/people/../people/alex"); got.StatusCode/100 != 3 || got.Header.Get("Location") != desk+"/people/alex" {
		t.Errorf("status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b.Untouched("asking for people who are not there")
}

// Whatever the register says that a coordinator is shown of what somebody answered stands
// on the person's page, or where this test says.
func TestPersonsPageShowsAllAnswers(t *testing.T) {
	b := newBed(t)
	elsewhere := map[string]string{
		"availability": "the page of a match, as the half-days of both", "capacity": "the proof of a run",
	}
	b.Programme.Questions = []programme.Question{{ID: "trustees", Label: "How many trustees?", For: "to know you"}}
	b.Programme.Eligibility = programme.Eligibility{Rules: []programme.Rule{{ID: "leads", Ask: "Do you lead now?", Why: "It is for those who do."}}}
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	full := func(e *enrolment.Enrolment) {
		e.Extra, e.Fits = map[string]string{"trustees": "7"}, []string{"leads"}
		e.Person, e.Organisation.Name = enrolment.Person{Name: "Alex Sample", Email: "alex@example.org", Phone: "020 7946 0001"}, "Example Trust"
		e.Organisation.Number, e.Organisation.Income = "GB-CHC-1000430", 250_000
		e.Experience, e.Conflicts, e.Languages, e.Meeting = map[string]int{"board": 1}, []string{"The Other House"}, []string{"Welsh"}, []string{"video"}
		e.Strengths, e.Situation, e.Hopes, e.Offering, e.Introduction, e.Heard = []string{"team"}, "We grow", "Calm", "Boards", "I ask more", "peer"
		e.Mention, e.Bids = "The Fund", []string{"The Council"}
		e.Agreements = []enrolment.Agreement{{Purpose: privacy.Interview, Given: b.Now()}}
		e.Preferences, e.NewEmail = []string{"zoe"}, "alex.new@example.org"
	}
	b.Enrol("pilot", desktest.Person("all-of-it", full), desktest.Person("zoe"))
	page := func(id string) string { return strings.ReplaceAll(b.Get(desk+"/people/"+id).Body, id, "ID") }
	shown := page("all-of-it")
	for _, r := range enrolment.Register.Rows {
		if r.Class != register.Given || r.Seen&register.Coordinators == 0 {
			continue
		}
		for i, path := range r.Names() {
			path, _, _ = strings.Cut(path, ".*")
			id := fmt.Sprintf("without-%d-%s", i, strings.ToLower(strings.ReplaceAll(path, ".", "-")))
			b.Enrol("pilot", desktest.Person(id, full))
			b.Spoil("programmes/pilot/enrolments/"+id, path, firestore.Delete)
			if missing := page(id) == shown; missing != (elsewhere[path] != "") {
				t.Errorf("%s is missing on a person's page: %v; %s", path, missing, elsewhere[path])
			}
		}
	}
}
