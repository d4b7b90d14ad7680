package desk

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// bed has this function, two programmes and the staff of both. Morgan and Sam
// coordinate the pilot, Eve evaluates it, Omar coordinates the other programme and
// Nora has no role. Morgan is signed in.
type bed struct {
	*testbed.Bed
	// raw reads what the function only writes.
	raw *firestore.Client
	t   *testing.T
}

const desk = "/desk/programmes/pilot"

func newBed(t *testing.T) *bed {
	t.Parallel()
	return newBedAlone(t)
}

// newBedAlone is newBed for a test of what belongs to the whole process.
func newBedAlone(t *testing.T) *bed {
	b := &bed{Bed: testbed.New(t), t: t}
	b.Serve("desk", New)
	var err error
	if b.raw, err = firestore.NewClient(t.Context(), b.Project); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.raw.Close() })
	c := b.Store.Commit()
	other := *b.Programme
	other.ID, other.Name = "other", "The other programme"
	c.CreateProgramme(&other)
	for id, roles := range map[string]map[string]string{
		"morgan": {"pilot": "coordinator"}, "sam": {"pilot": "coordinator"}, "eve": {"pilot": "evaluator"}, "omar": {"other": "coordinator"}, "nora": nil,
	} {
		c.CreateStaff(&store.Staff{ID: id, Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org"), Roles: roles, Schema: 1})
	}
	b.Commit(c)
	b.as(b.cookie("morgan"))
	return b
}

// cookie is the one of a member of staff who signs in now.
func (b *bed) cookie(staff string) *http.Cookie {
	w := httptest.NewRecorder()
	b.SignIn.Start(w, staff)
	return w.Result().Cookies()[0]
}

// as makes the browser a new one with these cookies.
func (b *bed) as(cookies ...*http.Cookie) {
	b.t.Helper()
	u, err := url.Parse(b.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Browser.Jar, _ = cookiejar.New(nil)
	b.Browser.Jar.SetCookies(u, cookies)
}

const form = "application/x-www-form-urlencoded"

// send posts a form with headers of its own and returns the answer.
func (b *bed) send(path string, posted url.Values, header map[string]string) *http.Response {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+path, strings.NewReader(posted.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := b.Browser.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response
}

// person is someone who has confirmed: on the consultants' side if the name
// begins with z.
func person(id string, change ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: id, Role: programme.Client, State: enrolment.Confirmed, Capacity: 1,
		Person: enrolment.Person{Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org")},
		Organisation: enrolment.Organisation{Name: programme.Capital(id) + " Trust", Postcode: "LS6 2AB",
			Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
		Skills: map[string]int{"board": 3}, Availability: []string{"mon-am", "tue-pm"},
	}
	if strings.HasPrefix(id, "z") {
		e.Role, e.Organisation.Categories, e.Skills = programme.Consultant, []string{"ED"}, map[string]int{"board": 2}
	}
	for _, f := range change {
		f(e)
	}
	return e
}

func (b *bed) enrol(programme string, people ...*enrolment.Enrolment) {
	b.t.Helper()
	c := b.Store.Commit()
	for _, e := range people {
		c.CreateEnrolment(programme, e)
	}
	b.Commit(c)
}

// supervisors adds some with their capacities, by name.
func (b *bed) supervisors(all map[string]int) {
	b.t.Helper()
	c := b.Store.Commit()
	for id, capacity := range all {
		c.CreateSupervisor("pilot", &supervision.Supervisor{ID: id, Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org"), Capacity: capacity, Schema: 1})
	}
	b.Commit(c)
}

func (b *bed) supervisor(id string) *supervision.Supervisor {
	b.t.Helper()
	x, err := b.Store.Supervisor(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

func (b *bed) enrolment(id string) *enrolment.Enrolment {
	b.t.Helper()
	e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// latest is the run of the pilot that its programme names: "run".
func (b *bed) latest() *store.Run {
	b.t.Helper()
	r, err := b.Store.Run(b.t.Context(), "pilot", "run")
	if err == nil {
		return r
	}
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	p.Run = "run"
	c := b.Store.Commit()
	c.CreateRun("pilot", &store.Run{ID: "run", State: store.Applied, CreatedAt: b.Now()})
	c.UpdateProgramme(p)
	b.Commit(c)
	return b.latest()
}

// matched adds a match of the pilot's latest run. It has the reasons that its two
// people have, and takes up their places if it is out.
func (b *bed) matched(id, client, consultant string, state pairing.MatchState, change ...func(*pairing.Match)) {
	b.t.Helper()
	b.latest()
	m := &pairing.Match{ID: id, Run: "run", Programme: "pilot", State: pairing.Proposed,
		Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}}
	for _, f := range change {
		f(m)
	}
	people, err := matches.Read(b.t.Context(), b.Store, m.Programme, client, consultant)
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.Store.Commit()
	if x, y := people.Enrolment(client), people.Enrolment(consultant); x != nil && y != nil {
		m.Reasons = matching.Explain(b.Programme, matching.FromEnrolment(x), matching.FromEnrolment(y))
		m.Score = m.Reasons.Score()
	}
	if m.State = state; state == pairing.Released || state == pairing.Accepted {
		h := people.Of(client, consultant)
		for _, x := range []pairing.Holder{h.Client, h.Consultant, h.Supervisor} {
			if x != nil {
				x.Take(id)
			}
		}
		people.Update(c, b.Now(), m)
	}
	c.CreateMatch(m.Programme, m)
	b.Commit(c)
}

func (b *bed) state(match string) pairing.MatchState {
	b.t.Helper()
	m, err := b.Store.Match(b.t.Context(), "pilot", "run", match)
	if err != nil {
		b.t.Fatal(err)
	}
	return m.State
}

// owed are the messages that wait, of all programmes, by "kind to match", sorted.
func (b *bed) owed() []string {
	b.t.Helper()
	var all []string
	for _, m := range b.Due() {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Kind, m.To, m.Match)))
	}
	slices.Sort(all)
	return all
}

// audited is the audit trail, the oldest first.
func (b *bed) audited() []string {
	b.t.Helper()
	docs, err := b.raw.Collection("audit").OrderBy("at", firestore.Asc).Documents(b.t.Context()).GetAll()
	if err != nil {
		b.t.Fatal(err)
	}
	var all []string
	for _, d := range docs {
		var e store.AuditEntry
		if err := d.DataTo(&e); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %s %s in %s", e.By, e.Did, e.To, e.Programme))
	}
	return all
}

// untouched fails unless nothing was ever changed at this desk.
func (b *bed) untouched(after string) {
	b.t.Helper()
	if audited, owed := b.audited(), b.owed(); len(audited)+len(owed) > 0 {
		b.t.Errorf("after %s: audited %q, owed %q", after, audited, owed)
	}
}

// routes are those that the function's contents page names.
func routes(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("coordinator.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, found := range regexp.MustCompile(`(?m)^\t(?:route|desk)\("([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		all = append(all, found[1])
	}
	return all
}

func TestWhoMayOpenWhat(t *testing.T) {
	// The statuses for nobody, a forged and an expired cookie, an evaluator, another
	// programme's coordinator, and the coordinator.
	var (
		anybody = [6]int{200, 200, 200, 200, 200, 200}
		onwards = [6]int{303, 303, 303, 303, 303, 303}
		staff   = [6]int{303, 303, 303, 200, 200, 200}
		sees    = [6]int{303, 303, 303, 404, 404, 200}
		changes = [6]int{403, 403, 403, 404, 404, 303}
	)
	want := map[string][6]int{
		"GET /desk/sign-in":         anybody,
		"POST /desk/sign-in":        anybody,
		"GET /desk/sign-in/{link}":  anybody,
		"POST /desk/sign-in/{link}": onwards,
		"POST /desk/sign-out":       onwards,
		"GET /desk/{$}":             staff,

		"GET /desk/programmes/{programme}":                             sees,
		"GET /desk/programmes/{programme}/people":                      sees,
		"GET /desk/programmes/{programme}/people/{enrolment}":          sees,
		"POST /desk/programmes/{programme}/people/{enrolment}":         changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/leave":   changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/emails":  changes,
		"POST /desk/programmes/{programme}/people/{enrolment}/address": changes,
		"GET /desk/programmes/{programme}/waiting":                     sees,
		"GET /desk/programmes/{programme}/emails":                      sees,
		"POST /desk/programmes/{programme}/emails":                     changes,
		"GET /desk/programmes/{programme}/supervisors":                 sees,
		"GET /desk/programmes/{programme}/supervisors/new":             sees,
		"POST /desk/programmes/{programme}/supervisors/new":            changes,
		"GET /desk/programmes/{programme}/supervisors/{supervisor}":    sees,
		"POST /desk/programmes/{programme}/supervisors/{supervisor}":   changes,
		"GET /desk/programmes/{programme}/matches":                     sees,
		"POST /desk/programmes/{programme}/matches":                    changes,
		"GET /desk/programmes/{programme}/matches/withdraw":            sees,
		"POST /desk/programmes/{programme}/matches/withdraw":           changes,
		"GET /desk/programmes/{programme}/matches/of/{run}/{match}":    sees,
		"GET /desk/programmes/{programme}/matches/why":                 sees,
		"GET /desk/programmes/{programme}/matches/bottlenecks":         sees,
		"GET /desk/programmes/{programme}/matches/change":              sees,
		"POST /desk/programmes/{programme}/matches/change":             {403, 403, 403, 404, 404, 422}, // it has not seen the cost
		"GET /desk/programmes/{programme}/matches/decisions":           sees,
		"POST /desk/programmes/{programme}/matches/decisions":          changes,
		"GET /desk/programmes/{programme}/matches/certificate":         sees,
		"GET /desk/programmes/{programme}/matches/proof":               {303, 303, 303, 404, 404, 409}, // people have changed
	}
	all := routes(t)
	if known := slices.Sorted(maps.Keys(want)); !slices.Equal(slices.Sorted(slices.Values(all)), known) {
		t.Fatalf("the routes are %q, and the table knows %q", all, known)
	}

	b := newBed(t)
	b.enrol("pilot", person("alex"), ready("zoe"))
	b.matched("m", "alex", "zoe", pairing.Proposed)
	b.supervisors(map[string]int{"robin": 4})
	b.ran(1, 1, 5, proposal.Proposal{Certificate: []byte("{}")})
	c := b.Store.Commit()
	c.CreateDecision("pilot", &pairing.Decision{ID: "x_y_1", Kind: pairing.Pin, Client: "x", Consultant: "y"}, nil)
	b.Commit(c)
	expired := b.cookie("morgan")
	b.Pass(8 * time.Hour)
	forged := b.cookie("omar")
	forged.Value = "morgan" + strings.TrimPrefix(forged.Value, "omar")
	posted := url.Values{"email": {"nobody@example.org"}, "workshop": {"yes"}, "match": {"run/m"}, "name": {"No Body"}, "capacity": {"7"}, "form": {strings.Repeat("A", 26)},
		"kind": {"forbid"}, "for": {"alex"}, "with": {"zoe"}, "reason": {"A reason"}, "decision": {"x_y_1"}, "message": {"aside"}, "do": {"return"}}
	b.setAside("aside", "pilot", "alex", "")

	b.as(b.cookie("omar"))
	nowhere := b.Get("/desk/programmes/nowhere")
	for i, visitor := range []struct {
		name    string
		cookies []*http.Cookie
	}{
		{"nobody", nil},
		{"a forged cookie", []*http.Cookie{forged}},
		{"an expired cookie", []*http.Cookie{expired}},
		{"an evaluator", []*http.Cookie{b.cookie("eve")}},
		{"another programme's coordinator", []*http.Cookie{b.cookie("omar")}},
		{"the coordinator", []*http.Cookie{b.cookie("morgan")}},
	} {
		for _, route := range all {
			token := ""
			if strings.Contains(route, "{link}") {
				token = path.Base(b.link("nora"))
			}
			method, at, _ := strings.Cut(strings.NewReplacer("{programme}", "pilot", "{enrolment}", "alex", "{supervisor}", "robin", "{run}", "run", "{match}", "m", "{link}", token, "{$}", "").Replace(route), " ")
			b.as(visitor.cookies...)
			var got testbed.Answer
			if method == http.MethodGet && strings.HasSuffix(at, "/change") {
				at += "?kind=forbid&for=alex&with=zoe"
			}
			if method == http.MethodPost {
				posted.Set("email", map[bool]string{true: "robin@example.org", false: "nobody@example.org"}[strings.HasSuffix(at, "/robin")])
				got = b.Post(at, posted)
			} else {
				got = b.Get(at)
			}
			status := want[route][i]
			if got.StatusCode != status {
				t.Errorf("%s for %s: status %d, want %d", route, visitor.name, got.StatusCode, status)
			}
			if method == http.MethodGet && status == 303 && got.Header.Get("Location") != signin.Page {
				t.Errorf("%s for %s: to %q", route, visitor.name, got.Header.Get("Location"))
			}
			if status == 404 && got.Body != nowhere.Body {
				t.Errorf("%s for %s does not look like a programme that is not there: %s", route, visitor.name, got.Body)
			}
			if status >= 300 && status != 422 {
				for _, told := range []string{b.Programme.Name, b.Programme.Host.Email, "Alex", "Zoe", "Robin", "ublick", "zworp"} {
					if strings.Contains(got.Body, told) {
						t.Errorf("%s for %s tells %q", route, visitor.name, told)
					}
				}
			}
		}
		if visitor.name != "the coordinator" {
			b.untouched(visitor.name)
			if x := b.supervisor("robin"); x.Capacity != 4 {
				t.Fatalf("%s changed %+v", visitor.name, x)
			}
			if b.enrolment("alex").State != enrolment.Confirmed || b.state("m") != pairing.Proposed {
				t.Fatalf("%s changed something", visitor.name)
			}
		}
	}
	if b.enrolment("alex").State != enrolment.Ready || b.state("m") != pairing.Withdrawn {
		t.Error("the coordinator changed nothing: the refusals above prove nothing")
	}
}

func TestRoleThatWasTakenAwayIsGoneAtOnce(t *testing.T) {
	b := newBed(t)
	b.enrol("pilot", person("alex"))
	for _, roles := range []map[string]string{{"pilot": "evaluator"}, {"other": "coordinator"}, nil} {
		for _, row := range []struct {
			roles  map[string]string
			status int
		}{{map[string]string{"pilot": "coordinator"}, 200}, {roles, 404}} {
			m, err := b.Store.StaffMember(t.Context(), "morgan")
			if err != nil {
				t.Fatal(err)
			}
			m.Roles = row.roles
			c := b.Store.Commit()
			c.UpdateStaff(m)
			b.Commit(c)
			for _, page := range []string{desk, desk + "/people", desk + "/people/alex", desk + "/matches"} {
				if got := b.Get(page); got.StatusCode != row.status {
					t.Errorf("%s with the roles %v: status %d, want %d", page, row.roles, got.StatusCode, row.status)
				}
			}
		}
		if got := b.Post(desk+"/people/alex", url.Values{"workshop": {"yes"}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("changing something with the roles %v: status %d", roles, got.StatusCode)
		}
	}
	b.untouched("the role was taken away")
}

func TestDeskListsOnesOwnProgrammes(t *testing.T) {
	b := newBed(t)
	toDesk := func(id string) string { return `href="/desk/programmes/` + id + `"` }
	toReport := func(id string) string { return `href="/report/` + id + `"` }
	none := "You have no part in a programme"
	for staff, row := range map[string]struct{ shows, hides []string }{
		"morgan": {[]string{toDesk("pilot"), toReport("pilot"), b.Programme.Name}, []string{"other", none}},
		"eve":    {[]string{toReport("pilot"), b.Programme.Name}, []string{toDesk("pilot"), "other", none}},
		"omar":   {[]string{toDesk("other"), toReport("other"), "The other programme"}, []string{"pilot", none}},
		"nora":   {[]string{none, "Sign out"}, []string{"pilot", "other"}},
	} {
		b.as(b.cookie(staff))
		got := b.Get("/desk/")
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", staff, got.StatusCode)
		}
		for _, want := range row.shows {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s is not shown %q", staff, want)
			}
		}
		for _, other := range row.hides {
			if strings.Contains(got.Body, other) {
				t.Errorf("%s is shown %q", staff, other)
			}
		}
	}
}

func TestBadRequests(t *testing.T) {
	b := newBed(t)
	b.enrol("pilot", person("alex"), person("zoe"))
	b.matched("m", "alex", "zoe", pairing.Proposed)
	token := b.link("morgan")
	long := strings.Repeat("x", 64<<10)
	for _, row := range []struct {
		method, path, contentType, body string
		status                          int
	}{
		{"POST", "/desk/sign-in", form, "email=" + long, 413},
		{"POST", desk + "/people/alex", form, "workshop=" + long, 413},
		{"POST", desk + "/matches", form, "match=" + long, 413},
		{"POST", "/desk/sign-in", "application/json", `{"email":"morgan@example.org"}`, 415},
		{"POST", desk + "/people/alex", "multipart/form-data; boundary=x", "--x--", 415},
		{"POST", desk + "/people/alex", "", "workshop=yes", 415},
		{"POST", desk + "/matches", "text/plain", "match=run/m", 415},
		{"POST", "/desk/sign-in", form, "email=%ff@example.org", 400},
		{"POST", desk + "/people/alex", form, "workshop=%zz", 400},
		{"POST", desk + "/matches", form, "match=run/m&match=%ff", 400},

		{"GET", "/desk/nowhere", "", "", 404},
		{"GET", "/desk/programmes", "", "", 404},
		{"GET", "/desk/programmes/", "", "", 404},
		{"GET", desk + "/", "", "", 404},
		{"GET", desk + "/nothing", "", "", 404},
		{"GET", desk + "/people/alex/more", "", "", 404},
		{"POST", desk + "/people/", form, "workshop=yes", 404},
		{"GET", desk + "/supervisors/nobody", "", "", 404},
		{"POST", desk + "/supervisors/nobody", form, "name=x", 404},
		{"POST", desk + "/supervisors/new", form, "name=" + long, 413},
		{"POST", desk + "/supervisors/new", "application/json", `{"name":"x"}`, 415},
		{"POST", desk + "/supervisors/new", form, "name=%ff", 400},
		{"POST", desk + "/supervisors/new", form, "name=Kit&email=kit@example.org&capacity=1", 409},
		{"POST", desk + "/supervisors/new", form, "form=a/b&name=Kit&email=kit@example.org&capacity=1", 409},
		{"POST", "/events", "application/json", "{}", 404},

		{"POST", "/desk/", form, "", 405},
		{"POST", desk, form, "", 405},
		{"POST", desk + "/people", form, "", 405},
		{"POST", desk + "/supervisors", form, "", 405},
		{"PUT", desk + "/people/alex", form, "workshop=yes", 405},
		{"DELETE", desk + "/people/alex", "", "", 405},
		{"DELETE", desk + "/matches", "", "", 405},
		{"GET", "/desk/sign-out", "", "", 405},
		{"DELETE", "/desk/sign-in", "", "", 405},
	} {
		if got := b.Do(row.method, row.path, row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %s %.30s: status %d, want %d", row.method, row.path, row.body, got.StatusCode, row.status)
		}
	}

	// What another site's page asks for in the coordinator's browser.
	posted := url.Values{"email": {"morgan@example.org"}, "workshop": {"yes"}, "match": {"run/m"}}
	for _, from := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}} {
		for _, path := range []string{"/desk/sign-in", token, "/desk/sign-out", desk + "/people/alex", desk + "/supervisors/new", desk + "/matches"} {
			if got := b.send(path, posted, from); got.StatusCode != http.StatusForbidden || len(got.Cookies()) > 0 {
				t.Errorf("%s, %v: status %d, cookies %v", path, from, got.StatusCode, got.Cookies())
			}
		}
	}
	b.untouched("bad requests")
	if got := b.Get(token); got.StatusCode != http.StatusOK {
		t.Errorf("a bad request used the link up: status %d", got.StatusCode)
	}
}
