package lives

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/calendar"
	ids "github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// over has the programme have ended, so that it will have kept things for long enough in some
// days.
func (x *lives) over(in int) *programme.Programme {
	x.t.Helper()
	p := x.programme()
	if err := p.Redate(programme.Dates{Starts: "2020-01-01", Ends: x.Now().AddDate(-1, 0, in).Format(time.DateOnly)}); err != nil {
		x.t.Fatal(err)
	}
	c := x.Store.Commit()
	c.UpdateProgramme(p)
	x.Commit(c)
	return p
}

func (x *lives) programme() *programme.Programme {
	x.t.Helper()
	p, err := x.Store.Programme(x.t.Context(), "pilot")
	if err != nil {
		x.t.Fatal(err)
	}
	return p
}

// A year after the end of a programme nothing of those who took part is left, wherever it may
// stand. Coordinators heard of it a month before, nobody else is written to once it has begun,
// and whoever opens a link of an old email, or wants to take part, is told kindly that it is over.
func TestNothingOfAnybodyIsLeftOnceItIsOver(t *testing.T) {
	t.Parallel()
	x := newLives(t, 2)
	c := x.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "casey", Name: "Casey Sample", Email: "casey@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	x.Commit(c)
	for _, p := range points[:9] {
		p.come(x)
		x.tick("outbox", "outbox-sweep")
	}
	var canaries []string
	for _, pair := range x.pairs {
		for _, l := range pair.people {
			canaries = append(canaries, l.canaries()...)
		}
	}
	x.over(30)
	x.work()
	r := x.programme().Retention
	if !r.Announced() || r.Due(x.Now()) || len(r.Counts) < 10 {
		t.Fatalf("it is not announced: %+v", r)
	}
	// Functions remember a programme for ten seconds, which days take here.
	fresh, bury := x.Dying(new(testbed.Death))
	defer bury()
	rt := *x.Runtime
	rt.Store = fresh
	x.start(&rt)
	heard := len(emails.since(0))
	cal := calendar.Of(x.Programme, "", "")
	x.Pass(cal.OpeningAfter(x.Now()).Add(2 * time.Hour).Sub(x.Now()))
	x.work()
	told := slices.ContainsFunc(emails.since(heard), func(email string) bool {
		return strings.Contains(email, "casey@example.org") && strings.Contains(email, "all that is kept about those who took part is deleted")
	})
	if !told {
		t.Error("the coordinator does not hear of it")
	}
	x.devices["desk"], x.owners["/desk/programmes"] = append(x.devices["desk"], x.Cookie("casey")), "desk"
	w := x.do("desk", "GET", "/desk/programmes/pilot", nil)
	for _, says := range []string{"what is kept about those who took part is deleted", "leader and their organisation in one programme in one role: 4"} {
		if w.Code != 200 || !strings.Contains(w.Body.String(), says) {
			t.Errorf("the desk does not say %q: %d", says, w.Code)
		}
	}

	// Links from emails of the last weeks.
	links := map[string]string{}
	link := func(function string, to purpose.Purpose, l store.Link) {
		l.Programme = "pilot"
		links[x.Link(to, l)] = function
	}
	x.Pass(r.DueAt.Sub(x.Now()) - time.Hour)
	pair := x.pairs[0]
	for role, l := range pair.people {
		of := store.Link{Person: l.id, Role: role, Generation: x.enrolment(l).Generation}
		for to, with := range map[purpose.Purpose]ids.IDs{purpose.Match: {Run: pair.match.Run, Match: pair.match.ID}, purpose.Pairing: {Pairing: pair.match.ID}, purpose.Emails: {}, purpose.Mine: {}, purpose.Erase: {}, purpose.Address: {}, purpose.Choose: {}} {
			of.IDs = with
			link("participant", to, of)
		}
		of.IDs = ids.IDs{Invitation: "x"}
		link("questionnaires", purpose.Questionnaire, of)
		link("enrolment", purpose.Confirm, of)
	}
	x.work()
	if len(testbed.Traces(x.Stored(), canaries...)) == 0 {
		t.Fatal("nothing is there before its day")
	}
	x.Pass(time.Hour + time.Minute)
	sent := len(emails.since(0))
	x.work()
	for _, trace := range testbed.Traces(x.Stored(), canaries...) {
		t.Error(trace)
	}
	for at, function := range links {
		for _, request := range []struct {
			method, path string
			form         url.Values
		}{{"GET", at, nil}, {"GET", at + "/leave", nil}, {"POST", at + "/leave", url.Values{}}, {"POST", at, url.Values{}}} {
			w := x.do(function, request.method, request.path, request.form)
			if w.Code == 404 && !strings.Contains(w.Body.String(), "is over") && request.path != at || w.Code == 405 {
				continue // there is no such page
			}
			if w.Code != 410 || !strings.Contains(w.Body.String(), "is over. What was kept about those who took part has been deleted") {
				t.Errorf("%s %s: %d %s", request.method, request.path, w.Code, said(w.Body.String()))
			}
		}
	}
	for path, want := range map[string]int{"/enrol/pilot": 410, "/enrol/pilot/seek/1": 410, "/privacy/pilot": 200} {
		if w := x.do("enrolment", "GET", path, nil); w.Code != want || want == 410 && !strings.Contains(w.Body.String(), "is over") {
			t.Errorf("%s: %d %s", path, w.Code, said(w.Body.String()))
		}
	}
	if w := x.do("enrolment", "GET", "/", nil); w.Code != 200 || strings.Contains(w.Body.String(), "/enrol/pilot") {
		t.Errorf("it stands among the programmes that are open: %d", w.Code)
	}
	for range 5 {
		x.Pass(24 * time.Hour)
		x.work()
	}
	later := map[string]string{}
	for i, email := range emails.since(sent) {
		later[fmt.Sprint("email ", i)] = email
	}
	for _, trace := range append(testbed.Traces(later, canaries...), testbed.Traces(x.Stored(), canaries...)...) {
		t.Error("days later: ", trace)
	}
	if r := x.programme().Retention; !r.Done() {
		t.Errorf("it is not done: %+v", r)
	}
}

// said is what a page says in its column.
func said(page string) string {
	_, column, _ := strings.Cut(page, "<main")
	column, _, _ = strings.Cut(column, "</main>")
	return column
}
