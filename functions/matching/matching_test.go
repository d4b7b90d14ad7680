package matching

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// bed has this function, and people by the names of their enrolments.
type bed struct {
	*testbed.Bed
	t *testing.T
}

func newBed(t *testing.T) *bed {
	t.Parallel()
	b := &bed{testbed.New(t), t}
	b.Serve("matching", New)
	b.supervise("robin", 100)
	return b
}

// person is someone who is ready and fits everybody on the other side: the first
// letter of the name, a or z, says which side it is.
func person(name string) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: name, Role: programme.Client, State: enrolment.Ready, Capacity: 1,
		Person: enrolment.Person{Name: name, Email: email.Address(name + "@example.org")},
		Organisation: enrolment.Organisation{Name: name + " Trust", Postcode: "LS6 2AB",
			Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
		Skills: map[string]int{"board": 3, "digital": 1}, Availability: []string{"mon-am", "tue-pm"}, Meeting: []string{"in-person"},
	}
	if strings.HasPrefix(name, "z") {
		e.Role, e.Organisation.Categories = programme.Consultant, []string{"ED"}
		e.Skills, e.Availability, e.Supervisor = map[string]int{"board": 2}, []string{"tue-pm", "wed-am"}, "robin"
	}
	return e
}

func (b *bed) enrol(people ...*enrolment.Enrolment) {
	b.t.Helper()
	c := b.Store.Commit()
	for _, e := range people {
		c.CreateEnrolment("pilot", e)
	}
	b.Commit(c)
}

// supervise adds a supervisor to the pilot.
func (b *bed) supervise(id string, capacity int) {
	b.t.Helper()
	c := b.Store.Commit()
	c.CreateSupervisor("pilot", &supervision.Supervisor{ID: id, Name: id, Capacity: capacity})
	b.Commit(c)
}

func (b *bed) tick() { b.t.Helper(); b.Event("", "matching-run") }

// matches are all matches that anybody sees, in the order of the two names.
func (b *bed) matches() []*pairing.Match {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := b.Store.Proposals(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := b.Store.Matches(b.t.Context(), "pilot", pairing.Out...)
	if err != nil {
		b.t.Fatal(err)
	}
	all = append(all, out...)
	slices.SortFunc(all, func(m, n *pairing.Match) int { return strings.Compare(names(m), names(n)) })
	return all
}

func names(m *pairing.Match) string { return m.Client.Enrolment + " " + m.Consultant.Enrolment }

// pairs are the names of the matches in a state.
func (b *bed) pairs(state pairing.MatchState) []string {
	b.t.Helper()
	var all []string
	for _, m := range b.matches() {
		if m.State == state {
			all = append(all, names(m))
		}
	}
	return all
}

// answer brings the match that is proposed to a client to a state, with its places.
func (b *bed) answer(client string, state pairing.MatchState) *pairing.Match {
	b.t.Helper()
	for _, m := range b.matches() {
		if m.Client.Enrolment != client || m.State != pairing.Proposed {
			continue
		}
		people, err := matches.Read(b.t.Context(), b.Store, "pilot", client, m.Consultant.Enrolment)
		if err != nil {
			b.t.Fatal(err)
		}
		h := people.Of(client, m.Consultant.Enrolment)
		if state != pairing.Proposed {
			err = m.Release(h, time.Time{}, b.Now())
		}
		switch state {
		case pairing.Accepted:
			err = errors.Join(err, m.Accept(programme.Client, "v", b.Now()), m.Accept(programme.Consultant, "v", b.Now()))
		case pairing.Declined:
			err = errors.Join(err, m.Decline(programme.Client, "a reason", b.Now(), h))
		}
		if err != nil || m.State != state {
			b.t.Fatal(m.State, err)
		}
		c := b.Store.Commit()
		c.UpdateMatch("pilot", m)
		people.Update(c, b.Now(), m)
		b.Commit(c)
		return m
	}
	b.t.Fatalf("no match is proposed to %s", client)
	return nil
}

// end completes a pairing, which gives places back.
func (b *bed) end(id string) {
	b.t.Helper()
	x, err := b.Store.Pairing(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	x.State = pairing.Completed
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	ch := &matches.Change{Store: b.Store, Commit: c, Programme: b.Programme, Now: b.Now()}
	if err := ch.End(b.t.Context(), x); err != nil {
		b.t.Fatal(err)
	}
	b.Commit(c)
}

// unmatched are those for whom the latest run had nobody.
func (b *bed) unmatched() []matching.Unmatched {
	b.t.Helper()
	all, err := b.Store.Unmatched(b.t.Context(), "pilot", b.run().ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// run is the run that the programme names.
func (b *bed) run() *store.Run {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := b.Store.Run(b.t.Context(), "pilot", p.Run)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bed) runs() int {
	b.t.Helper()
	all, err := b.Store.Runs(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	return len(all)
}

func TestMatchIsProposedWithItsReasons(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("zoe"))
	b.tick()
	all := b.matches()
	if len(all) != 1 {
		t.Fatalf("%d matches", len(all))
	}
	m := all[0]
	if names(m) != "alex zoe" || m.State != pairing.Proposed || m.Client.Answer != "" || m.Consultant.Answer != "" {
		t.Errorf("match %+v", m)
	}
	r := m.Reasons
	if r.Region != "Yorkshire and the Humber" || !slices.Equal(r.Met, []matching.Need{{Skill: "board", Priority: 3, Level: 2}}) ||
		!slices.Equal(r.Unmet, []string{"digital"}) || !slices.Equal(r.HalfDays, []string{"tue-pm"}) {
		t.Errorf("reasons %+v", r)
	}
	w := b.Programme.Weights
	if want := 6*w.Fit + w.Breadth + 2*w.Experience + w.Difference + w.Availability; m.Score != want || r.Score() != want {
		t.Errorf("score %d, points %d, want %d", m.Score, r.Score(), want)
	}
	if run := b.run(); run.ID != m.Run || run.Clients != 1 || run.Consultants != 1 || run.Matched != 1 || run.Score != m.Score || len(b.unmatched()) != 0 {
		t.Errorf("run %+v", run)
	}
	if owed, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending); err != nil || len(owed) > 0 {
		t.Errorf("%d messages before a coordinator has looked, %v", len(owed), err)
	}
}

func TestOnlyWhoIsReadyIsMatched(t *testing.T) {
	b := newBed(t)
	for _, state := range []enrolment.State{enrolment.Unconfirmed, enrolment.Confirmed} {
		a, z := person("a-"+string(state)), person("z-"+string(state))
		a.State, z.State = state, state
		b.enrol(a, z)
	}
	b.tick()
	if n, runs := len(b.matches()), b.runs(); n > 0 || runs > 0 {
		t.Errorf("%d matches in %d runs of nobody", n, runs)
	}
	b.enrol(person("alex"))
	b.tick()
	if n, runs := len(b.matches()), b.runs(); n > 0 || runs > 0 {
		t.Errorf("%d matches in %d runs of one side", n, runs)
	}
	b.enrol(person("zoe"))
	b.tick()
	if got := b.pairs(pairing.Proposed); !slices.Equal(got, []string{"alex zoe"}) {
		t.Errorf("matches %v", got)
	}
}

func TestWhoMayWorkTogether(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(a, z *enrolment.Enrolment)
		ruled  matching.Criterion // or "" for a match
	}{
		{"too far for who meets in person alone", func(_, z *enrolment.Enrolment) {
			z.Organisation.Postcode, z.Organisation.Region = "EC1A 1BB", "London"
		}, matching.CommonMeeting}, // all that the programme allows when nothing is left is online
		{"a neighbouring region", func(_, z *enrolment.Enrolment) {
			z.Organisation.Postcode, z.Organisation.Region = "M1 1AE", "North West"
		}, ""},
		{"far, and online for both", func(a, z *enrolment.Enrolment) {
			z.Organisation.Postcode, z.Organisation.Region = "EC1A 1BB", "London"
			a.Meeting, z.Meeting = []string{"in-person", "video"}, []string{"video"}
		}, ""},
		{"another area of the region", func(_, z *enrolment.Enrolment) { z.Organisation.Postcode = "YO1 7HH" }, ""},
		{"competitors", func(_, z *enrolment.Enrolment) { z.Organisation.Categories = []string{"ED", "HE"} }, matching.NoCompetition},
		{"the same work elsewhere", func(_, z *enrolment.Enrolment) {
			z.Organisation.Categories, z.Organisation.Postcode = []string{"HE"}, "YO1 7HH"
		}, ""},
		{"whom the one avoids", func(a, _ *enrolment.Enrolment) { a.Conflicts = []string{"ZOE trust"} }, matching.NoConflict},
		{"whom the other avoids", func(a, z *enrolment.Enrolment) {
			a.Organisation.Number, z.Conflicts = "GB-CHC-1000430", []string{"1000430"}
		}, matching.NoConflict},
		{"one organisation", func(a, z *enrolment.Enrolment) { z.Organisation.Name = a.Organisation.Name }, matching.NoConflict},
		{"no language in common", func(_, z *enrolment.Enrolment) { z.Languages = []string{"Welsh"} }, matching.CommonLanguage},
		{"another language in common", func(a, z *enrolment.Enrolment) {
			a.Languages, z.Languages = []string{"English", "Welsh"}, []string{"Welsh"}
		}, ""},
		{"no way of meeting in common", func(_, z *enrolment.Enrolment) { z.Meeting = []string{"video", "phone"} }, matching.CommonMeeting},
		{"nothing to ask", func(_, z *enrolment.Enrolment) { z.Skills = map[string]int{"finance": 3} }, matching.SomethingToAsk},
		{"no half-day in common", func(_, z *enrolment.Enrolment) { z.Availability = []string{"fri-pm"} }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			a, z := person("alex"), person("zoe")
			row.change(a, z)
			b.enrol(a, z)
			b.tick()
			run := b.run()
			if row.ruled == "" {
				if n := len(b.matches()); n != 1 || run.Matched != 1 {
					t.Errorf("%d matches; %+v", n, run)
				}
				return
			}
			if n := len(b.matches()); n > 0 || run.Matched > 0 {
				t.Errorf("%d matches; %+v", n, run)
			}
			if un := b.unmatched(); len(un) != 1 || un[0].Client != "alex" || !maps.Equal(un[0].RuledOut, map[matching.Criterion]int{row.ruled: 1}) {
				t.Errorf("unmatched %+v, want for %q", un, row.ruled)
			}
		})
	}
}

func TestNobodyGetsMoreThanTheyCanTake(t *testing.T) {
	b := newBed(t)
	zoe := person("zoe")
	zoe.Capacity = 2
	b.enrol(person("a1"), person("a2"), person("a3"), person("a4"), zoe)
	b.tick()
	taken := map[string]int{}
	for _, m := range b.matches() {
		taken[m.Client.Enrolment]++
		taken[m.Consultant.Enrolment]++
	}
	if len(taken) != 3 || taken["zoe"] != 2 {
		t.Errorf("matched %v", taken)
	}
	if un := b.unmatched(); len(un) != 2 || un[0].Taken != 1 {
		t.Errorf("unmatched %+v, want two to whom zoe is taken", un)
	}

	b.enrol(person("zac"))
	b.tick()
	b.tick()
	if got := b.pairs(pairing.Proposed); len(got) != 3 {
		t.Errorf("matches %v, want one more", got)
	}
	b.enrol(person("zed"), person("zig"))
	b.tick()
	seen := map[string]bool{}
	for _, m := range b.matches() {
		if seen[m.Client.Enrolment] {
			t.Errorf("%s is matched twice", m.Client.Enrolment)
		}
		seen[m.Client.Enrolment] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d are matched, want all 4", len(seen))
	}
}

// Nobody is matched without a supervisor, and none gets more than they can take;
// more room is a new run.
func TestSupervisorsRoomIsNotExceeded(t *testing.T) {
	b := newBed(t)
	b.supervise("kit", 2)
	alone, unknown := person("z-alone"), person("z-unknown")
	alone.Supervisor, unknown.Supervisor = "", "nobody"
	b.enrol(alone, unknown)
	for i := range 4 {
		z := person(fmt.Sprint("z", i))
		z.Supervisor, z.Capacity = "kit", 2
		b.enrol(person(fmt.Sprint("a", i)), z)
	}
	for range 2 {
		b.tick()
		if got := b.pairs(pairing.Proposed); len(got) != 2 {
			t.Fatalf("matches %v under a supervisor who can take 2", got)
		}
	}
	if un := b.unmatched(); len(un) != 2 {
		t.Errorf("unmatched %+v", un)
	}
	for _, m := range b.matches() {
		if z := m.Consultant.Enrolment; z == "z-alone" || z == "z-unknown" {
			t.Errorf("%s is matched without a supervisor", z)
		}
	}

	kit, err := b.Store.Supervisor(t.Context(), "pilot", "kit")
	if err != nil {
		t.Fatal(err)
	}
	kit.Capacity = 3
	c := b.Store.Commit()
	c.UpdateSupervisor("pilot", kit)
	b.Commit(c)
	b.tick()
	if got := b.pairs(pairing.Proposed); len(got) != 3 {
		t.Errorf("matches %v under a supervisor who can take 3", got)
	}
}

// Pairings count towards a supervisor also when who works in them takes on no more,
// and no longer once they are completed.
func TestSupervisorsPairingsCountUntilTheyAreCompleted(t *testing.T) {
	b := newBed(t)
	b.supervise("kit", 1)
	zoe, zac := person("zoe"), person("zac")
	zoe.Supervisor, zac.Supervisor = "kit", "kit"
	b.enrol(person("alex"), zoe)
	b.tick()
	x := pairing.Start(b.answer("alex", pairing.Accepted), b.Now())
	busy, err := b.Store.Enrolment(t.Context(), "pilot", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	busy.State = enrolment.Confirmed
	c := b.Store.Commit()
	c.CreatePairing("pilot", x)
	c.UpdateEnrolment("pilot", busy)
	b.Commit(c)
	b.enrol(person("ann"), zac)
	b.tick()
	if got := b.pairs(pairing.Proposed); len(got) > 0 {
		t.Fatalf("matches %v while kit is taken", got)
	}
	b.end(x.ID)
	b.tick()
	if got, want := b.pairs(pairing.Proposed), []string{"ann zac"}; !slices.Equal(got, want) {
		t.Errorf("matches %v, want %v", got, want)
	}
}

func TestRivalAndRepeatedTicksAreOneRun(t *testing.T) {
	b := newBed(t)
	for i := range 5 {
		b.enrol(person(fmt.Sprint("a", i)), person(fmt.Sprint("z", i)))
	}
	for range 2 {
		var at sync.WaitGroup
		for range 6 {
			at.Go(b.tick)
		}
		at.Wait()
	}
	if n, runs := len(b.matches()), b.runs(); n != 5 || runs != 1 {
		t.Errorf("%d matches in %d runs", n, runs)
	}
}

func TestSameUnmatchedPeopleAreNoNewRun(t *testing.T) {
	b := newBed(t)
	far := person("zoe")
	far.Organisation.Region = "London"
	b.enrol(person("alex"), far)
	b.tick()
	first := b.run().ID
	b.tick()
	if runs := b.runs(); runs != 1 || b.run().ID != first {
		t.Errorf("%d runs", runs)
	}
	b.enrol(person("zac"))
	b.tick()
	if got := b.pairs(pairing.Proposed); b.run().ID == first || !slices.Equal(got, []string{"alex zac"}) {
		t.Errorf("matches %v once someone came who fits", got)
	}
}

func TestWhoHasAMatchStaysOut(t *testing.T) {
	for _, state := range []pairing.MatchState{pairing.Proposed, pairing.Released, pairing.Accepted} {
		t.Run(string(state), func(t *testing.T) {
			b := newBed(t)
			b.enrol(person("alex"), person("zoe"))
			b.tick()
			b.answer("alex", state)
			b.enrol(person("zac"))
			b.tick()
			if n := len(b.matches()); n != 1 {
				t.Errorf("%d matches: alex has one already", n)
			}
			b.enrol(person("ann"))
			b.tick()
			var all []string
			for _, m := range b.matches() {
				all = append(all, names(m))
			}
			want := []string{"alex zoe", "ann zac"}
			if state == pairing.Proposed && !slices.Equal(all, want) { // nobody knows of it yet
				want = []string{"alex zac", "ann zoe"}
			}
			if !slices.Equal(all, want) {
				t.Errorf("matches %v, want %v", all, want)
			}
		})
	}
}

func TestDeclinedPairIsNotProposedAgain(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("zoe"))
	b.tick()
	b.answer("alex", pairing.Declined)
	for range 2 {
		b.tick()
		if got := b.pairs(pairing.Proposed); len(got) > 0 {
			t.Fatalf("proposed again: %v", got)
		}
	}
	if un := b.unmatched(); len(un) != 1 || un[0].RuledOut[matching.NoConflict] != 1 {
		t.Errorf("unmatched %+v", un)
	}
	b.enrol(person("ann"), person("zac"))
	b.tick()
	if got, want := b.pairs(pairing.Proposed), []string{"alex zac", "ann zoe"}; !slices.Equal(got, want) {
		t.Errorf("matches %v, want %v: both are back in the pool", got, want)
	}
}

func TestCompletedPairingFreesTheOneWhoGives(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("zoe"))
	b.tick()
	x := pairing.Start(b.answer("alex", pairing.Accepted), b.Now())
	c := b.Store.Commit()
	c.CreatePairing("pilot", x)
	b.Commit(c)
	b.enrol(person("ann"))
	b.tick()
	if got := b.pairs(pairing.Proposed); len(got) > 0 {
		t.Fatalf("matches %v while zoe is taken", got)
	}

	b.end(x.ID)
	b.tick()
	if got, want := b.pairs(pairing.Proposed), []string{"ann zoe"}; !slices.Equal(got, want) {
		t.Errorf("matches %v, want %v", got, want)
	}
}

func TestProgrammesAreKeptApart(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", person("alex"))
	for _, mode := range programme.Modes {
		p := *b.Programme
		p.ID, p.Mode = string(mode), mode
		c.CreateProgramme(&p)
		c.CreateSupervisor(p.ID, &supervision.Supervisor{ID: "robin", Capacity: 1})
		c.CreateEnrolment(p.ID, person("ann"))
		c.CreateEnrolment(p.ID, person("zoe"))
	}
	b.Commit(c)
	b.tick()
	for id, want := range map[string]int{"pilot": 0, "assigned": 1, "ranked": 1, "directory": 0} { // where people choose for themselves
		p, err := b.Store.Programme(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := b.Store.CountProposals(t.Context(), p); n != want || err != nil {
			t.Errorf("%s: %d matches, want %d; %v", id, n, want, err)
		}
	}
}

func TestOnlyItsScheduleMakesItRun(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("zoe"))
	b.Event("programmes/pilot/enrolments/alex", "")
	for _, row := range []struct {
		method, contentType, body string
		status                    int
	}{
		{"POST", "application/json", "{}", 400},
		{"POST", "", "", 400},
		{"POST", "application/cloudevents+json", `{"specversion":"1.0"`, 400},
		{"POST", "application/cloudevents+json", `{"data":"` + strings.Repeat("x", 70<<10) + `"}`, 413},
		{"GET", "", "", 405},
	} {
		if got := b.Do(row.method, "/events", row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %q %.40s: status %d, want %d", row.method, row.contentType, row.body, got.StatusCode, row.status)
		}
	}
	if got := b.Do(http.MethodPost, "/", "application/json", "{}"); got.StatusCode != http.StatusNotFound {
		t.Errorf("another path: status %d", got.StatusCode)
	}
	if n := len(b.matches()); n > 0 {
		t.Errorf("%d matches", n)
	}
}

func TestRunIsBoundToPeoplesAnswersBeforeItIsSolved(t *testing.T) {
	b := newBed(t)
	alex, zoe := person("alex"), person("zoe")
	b.enrol(alex, zoe)
	b.tick()
	run := b.run()
	bound, err := b.Store.Commitment(t.Context(), "pilot", run.Commitment)
	if err != nil {
		t.Fatal(err)
	}
	if bound.Root != run.Root || bound.People != 2 || bound.CreatedAt.After(run.CreatedAt) {
		t.Errorf("bound to %+v, run %+v", bound, run)
	}
	leaves, err := b.Store.Leaves(t.Context(), "pilot", run.ID)
	if err != nil {
		t.Fatal(err)
	}
	var root commitment.Hash
	if err := root.UnmarshalText([]byte(run.Root)); err != nil {
		t.Fatal(err)
	}
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	proposed, err := b.Store.Proposals(t.Context(), p)
	if err != nil || len(proposed) != 1 {
		t.Fatal(len(proposed), err)
	}
	m := proposed[0]
	if m.Bound != (pairing.Bound{ID: bound.ID, Root: bound.Root, People: 2, At: bound.CreatedAt}) {
		t.Errorf("the match is bound to %+v", m.Bound)
	}
	for _, e := range []*enrolment.Enrolment{alex, zoe} {
		if row, ok, err := m.Side(e.Role).Proof.Row([]byte(b.Programme.Salt), root, run.Commitment, proposal.Entry(e)); err != nil || !ok || len(row.Prices) == 0 {
			t.Errorf("%s finds no row beside their match: %+v, %v", e.ID, row, err)
		}
		row, ok, err := commitment.RowOf([]byte(b.Programme.Salt), run.Commitment, leaves, proposal.Entry(e), nil)
		if err != nil || !ok || commitment.Check(root, row) != nil {
			t.Errorf("%s is not bound: %v", e.ID, err)
		}
		e.Skills = map[string]int{"digital": 3}
		if _, ok, _ := commitment.RowOf([]byte(b.Programme.Salt), run.Commitment, leaves, proposal.Entry(e), nil); ok {
			t.Errorf("%s is bound to something else", e.ID)
		}
	}
}

func TestThoseUnmatchedHaveTheirBottleneckStated(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("amy"), person("zoe"))
	b.tick()
	all, err := b.Store.Bottlenecks(t.Context(), "pilot", b.run().ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || !strings.HasPrefix(all[0].Words, "2 ublicks in Yorkshire and the Humber depend on 1 zworp; 1 more who offers ") || len(all[0].Clients) != 1 {
		t.Errorf("%q", all)
	}
}

// What people named, and of which it is unclear whom it means, is noted before each run,
// also where nothing else changed and in a directory; nobody whom it may mean is matched.
func TestWhatIsUnclearIsNoted(t *testing.T) {
	b := newBed(t)
	b.enrol(person("alex"), person("zoe"))
	b.tick()
	named, called := person("ann"), person("zac")
	named.Conflicts, called.Organisation.Name = []string{"Harbour Example", "Elsewhere"}, "North Harbour Example"
	called.Capacity = 2
	b.enrol(named, called)
	unclear := func() (found []string) {
		all, err := b.Store.Unclear(t.Context(), "pilot", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range all {
			for _, entry := range u.Entries {
				found = append(found, u.ID+": "+entry.Text)
			}
		}
		return found
	}
	for range 2 {
		b.tick()
		if got := unclear(); !slices.Equal(got, []string{"ann: Harbour Example", "ann: Elsewhere"}) {
			t.Errorf("unclear is %q", got)
		}
	}
	for _, pair := range b.pairs(pairing.Proposed) {
		if pair == "ann zac" {
			t.Error("ann is matched with whom they may mean")
		}
	}
	c := b.Store.Commit()
	u, err := b.Store.UnclearOf(t.Context(), "pilot", "ann")
	if err != nil {
		t.Fatal(err)
	}
	u.Entries = nil
	c.SaveUnclear("pilot", u)
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Mode = programme.Directory
	c.UpdateProgramme(p)
	b.Commit(c)
	b.tick()
	if got := unclear(); len(got) != 2 {
		t.Errorf("in a directory unclear is %q", got)
	}
}
