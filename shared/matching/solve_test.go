package matching_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/matching/internal/exhaustive"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func solve(t rapid.TB, pr *matching.Problem) *matching.Solution {
	t.Helper()
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Fatal(err)
	}
	return s
}

// anyProblem has all that can be settled before a run: supervisors, pairs that
// must not be, pairs to keep and pins.
func anyProblem(t rapid.TB, c chance, clients, consultants int) *matching.Problem {
	p := anyProgramme(t, c, 4)
	a, b := anyPeople(c, p, clients, consultants)
	pr := &matching.Problem{Programme: p, Clients: a, Consultants: b, Supervisors: map[string]int{}}
	for k := range c.IntN(4) {
		pr.Supervisors[fmt.Sprint("s", k)] = pick(c, 1, 1, 0, 2, 3, 9)
	}
	if len(pr.Supervisors) > 0 {
		for j := range b {
			if k := c.IntN(len(pr.Supervisors) + 1); k > 0 {
				b[j].Supervisor = fmt.Sprint("s", k-1)
			}
		}
	}
	if consultants == 0 {
		return pr
	}
	keeps := c.IntN(2) == 0
	for _, x := range a {
		pair := matching.Pair{Client: x.ID, Consultant: b[c.IntN(consultants)].ID}
		if keeps && c.IntN(3) > 0 {
			pr.Kept = append(pr.Kept, pair)
		}
		pair.Consultant = b[c.IntN(consultants)].ID
		switch c.IntN(12) {
		case 0:
			pr.Forbidden = append(pr.Forbidden, pair)
		case 1:
			pr.Pinned = append(pr.Pinned, pair)
		}
	}
	return pr
}

func TestSolutionIsTheBestOfAll(t *testing.T) {
	t.Parallel()
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		for range 5 {
			pr := anyProblem(t, c, c.IntN(8), c.IntN(7))
			s, err := matching.Solve(pr)
			var refused *matching.PinError
			for errors.As(err, &refused) {
				checkRefusal(t, pr, refused)
				pr.Pinned = slices.DeleteFunc(pr.Pinned, func(p matching.Pair) bool { return p == refused.Pair })
				s, err = matching.Solve(pr)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Verify(); err != nil {
				t.Fatal(err)
			}
			checkBest(t, pr, s)
			matched += len(s.Matches)
		}
	})
	if matched < 250 {
		t.Errorf("only %d pairs matched in all: the problems drawn say little", matched)
	}
}

// checkBest compares a solution with what trying all of them finds, and with the
// problem as this test states it.
func checkBest(t rapid.TB, pr *matching.Problem, s *matching.Solution) {
	t.Helper()
	relaxed, pinned := relaxations(s), map[matching.Pair]bool{}
	for _, p := range pr.Pinned {
		pinned[p] = true
	}
	var open []certificate.Match
	score, worst := 0, 0
	for n, m := range s.Matches {
		if m.Pinned != pinned[matching.Pair{Client: m.Client, Consultant: m.Consultant}] {
			t.Fatalf("%v is pinned, or is not, and says otherwise", m)
		}
		if !m.Pinned {
			open = append(open, certificate.Match{Client: m.Client, Consultant: m.Consultant, Score: m.Score})
		}
		if score += m.Score; n == 0 || m.Score < worst {
			worst = m.Score
		}
	}
	if s.Score != score || s.Worst != worst {
		t.Fatalf("a score of %d and a worst of %d are said of matches with %d and %d", s.Score, s.Worst, score, worst)
	}
	problem := stated(pr, relaxed)
	if err := certificate.Check(problem, open, *s.Certificate); err != nil {
		t.Fatalf("the certificate does not hold for the rules as this test has them: %v", err)
	}
	fair := pr.Programme.Objective == programme.Fair
	best := exhaustive.Solve(problem, fair)
	got := exhaustive.Best{Matched: s.Certificate.Matched, Score: s.Certificate.Score, Kept: best.Kept}
	if fair {
		got.Worst = s.Certificate.Worst
	}
	if got != best {
		t.Fatalf("found %+v, and the best is %+v", got, best)
	}

	// Everybody is told of once, with the truth.
	with := map[string]string{}
	for _, m := range s.Matches {
		with[m.Client] = m.Consultant
		client, consultant := lookUp(t, pr.Clients, m.Client), lookUp(t, pr.Consultants, m.Consultant)
		if got := matching.Explain(pr.Programme, client, consultant).Score(); got != m.Score {
			t.Fatalf("%v scores %d", m, got)
		}
		if want := relaxation(pr.Programme, client, consultant); m.Relaxed != want {
			t.Fatalf("%v needs the relaxation %q", m, want)
		}
	}
	for _, u := range s.Unmatched {
		if _, twice := with[u.Client]; twice {
			t.Fatalf("%s is both matched and unmatched", u.Client)
		}
		with[u.Client] = ""
		if relaxed[u.Client] != len(pr.Programme.Relax) {
			t.Fatalf("%s waits, with %d of %d relaxations tried", u.Client, relaxed[u.Client], len(pr.Programme.Relax))
		}
		counts, taken := map[matching.Criterion]int{}, 0
		for _, d := range pr.Consultants {
			if k := why(pr, lookUp(t, pr.Clients, u.Client), d, relaxed[u.Client]); k != "" {
				counts[k]++
			} else {
				taken++
			}
		}
		if !maps.Equal(counts, u.RuledOut) || taken != u.Taken {
			t.Fatalf("%s: ruled out are %v and %d taken; said are %v", u.Client, counts, taken, u)
		}
	}
	if len(with) != len(pr.Clients) || len(s.Matches)+len(s.Unmatched) != len(pr.Clients) {
		t.Fatalf("%d of %d clients are matched or unmatched", len(with), len(pr.Clients))
	}
	var moved []matching.Pair
	kept := 0
	for _, k := range pr.Kept {
		switch {
		case with[k.Client] != k.Consultant:
			moved = append(moved, k)
		case !pinned[k]:
			kept++
		}
	}
	byClient := func(a, b matching.Pair) int { return cmp.Compare(a.Client, b.Client) }
	slices.SortFunc(moved, byClient)
	if !slices.Equal(moved, s.Moved) {
		t.Fatalf("moved are %v, and said are %v", moved, s.Moved)
	}
	if kept != best.Kept {
		t.Fatalf("kept are %d, and %d could be", kept, best.Kept)
	}
}

// why is unmet, with the pairs that a coordinator ruled out.
func why(pr *matching.Problem, a, b matching.Person, relaxed int) matching.Criterion {
	k := unmet(pr.Programme, a, b, relaxed)
	if k != matching.NearEnough && k != matching.NoCompetition && slices.Contains(pr.Forbidden, matching.Pair{Client: a.ID, Consultant: b.ID}) {
		return matching.NoConflict
	}
	return k
}

// relaxations are how many each client was allowed.
func relaxations(s *matching.Solution) map[string]int {
	m := map[string]int{}
	for i, c := range s.Pool.Clients {
		m[c.ID] = int(s.Relaxed[i])
	}
	return m
}

// relaxation is the first that a pair needs.
func relaxation(p *programme.Programme, a, b matching.Person) programme.Within {
	for k, w := range append([]programme.Within{""}, p.Relax...) {
		if unmet(p, a, b, k) == "" {
			return w
		}
	}
	return "none is enough"
}

func lookUp(t rapid.TB, people []matching.Person, id string) matching.Person {
	t.Helper()
	i := slices.IndexFunc(people, func(x matching.Person) bool { return x.ID == id })
	if i < 0 {
		t.Fatalf("nobody has the id %q", id)
	}
	return people[i]
}

// checkRefusal checks that pins were refused for a reason that is there.
func checkRefusal(t rapid.TB, pr *matching.Problem, e *matching.PinError) {
	t.Helper()
	client, consultant := lookUp(t, pr.Clients, e.Client), lookUp(t, pr.Consultants, e.Consultant)
	ofConsultant, ofSupervisor := 0, 0
	for _, pin := range pr.Pinned {
		if pin.Consultant == e.Consultant {
			ofConsultant++
		}
		if lookUp(t, pr.Consultants, pin.Consultant).Supervisor == consultant.Supervisor {
			ofSupervisor++
		}
	}
	k := why(pr, client, consultant, len(pr.Programme.Relax))
	full := ofConsultant > consultant.Capacity
	fullBy := consultant.Supervisor != "" && ofSupervisor > pr.Supervisors[consultant.Supervisor]
	if !(k != "" && e.Lacks == string(k) || k == "" && (full && e.Lacks == "a free place" || fullBy && e.Lacks == "a place in supervision")) {
		t.Fatalf("refused with %q; ruled out by %q, full %t, supervisor full %t", e, k, full, fullBy)
	}
}

func TestPinsAreMade(t *testing.T) {
	t.Parallel()
	// a would do better with d, and b has nobody else: without the pin both are matched.
	a, b, d, e := needs("a", "LS6 2AB"), needs("b", "LS6 2AB"), offers("d", "S1 1AA"), offers("e", "S1 1AA")
	e.Skills["fundraising"] = 1
	b.Conflicts = []string{"Organisation e"}
	pr := &matching.Problem{Programme: pilot(t), Clients: []matching.Person{a, b}, Consultants: []matching.Person{d, e}}
	if s := solve(t, pr); len(s.Matches) != 2 {
		t.Fatalf("without the pin: %v", s.Matches)
	}
	pr.Pinned = []matching.Pair{{Client: "a", Consultant: "d"}}
	s := solve(t, pr)
	if len(s.Matches) != 1 || s.Matches[0].Consultant != "d" || !s.Matches[0].Pinned || len(s.Unmatched) != 1 || s.Unmatched[0].Client != "b" {
		t.Errorf("with the pin: %+v, waiting %+v", s.Matches, s.Unmatched)
	}
	if s.Score != s.Matches[0].Score || s.Certificate.Matched != 0 {
		t.Errorf("the pair counts for a score of %d, and in the certificate, which speaks of the rest, as %d", s.Score, s.Certificate.Matched)
	}
	for lacks, pins := range map[string][]matching.Pair{
		"a free place":              {{Client: "a", Consultant: "d"}, {Client: "b", Consultant: "d"}},
		string(matching.NoConflict): {{Client: "b", Consultant: "e"}},
	} {
		pr.Pinned = pins
		_, err := matching.Solve(pr)
		var refused *matching.PinError
		if !errors.As(err, &refused) || refused.Lacks != lacks {
			t.Errorf("pins %v: %v, want one that lacks %s", pins, err, lacks)
		}
	}
}

func TestPairsOfPeopleWhoAreNotThereCountForNothing(t *testing.T) {
	t.Parallel()
	pr := &matching.Problem{
		Programme: pilot(t), Clients: []matching.Person{needs("a", "LS6 2AB"), needs("b", "LS6 2AB")}, Consultants: []matching.Person{offers("d", "S1 1AA")},
	}
	want := written(t, pr)
	gone := []matching.Pair{{Client: "a", Consultant: "gone"}, {Client: "b", Consultant: "gone"}, {Client: "gone", Consultant: "d"}}
	pr.Kept, pr.Pinned, pr.Forbidden = gone, gone, gone
	if got := written(t, pr); got != want {
		t.Errorf("with them:\n%s\nwithout:\n%s", got, want)
	}
}

func TestAnUnknownSupervisorIsRefused(t *testing.T) {
	t.Parallel()
	d := offers("d", "LS6 2AB")
	d.Supervisor = "s"
	if _, err := matching.Solve(&matching.Problem{Programme: pilot(t), Consultants: []matching.Person{d}}); err == nil {
		t.Error("no error")
	}
}

func TestCompetitorsAreNeverMatched(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Competition = programme.Competition{Area: programme.Region, Level: 1}
	pr := &matching.Problem{
		Programme: p, Clients: []matching.Person{needs("a", "LS6 2AB", "HE")},
		Consultants: []matching.Person{offers("d", "S1 1AA", "HE"), offers("e", "LS1 1AA", "HE", "AR")},
	}
	s := solve(t, pr)
	if len(s.Unmatched) != 1 || s.Unmatched[0].RuledOut[matching.NoCompetition] != 2 {
		t.Errorf("matches %v, waiting %v", s.Matches, s.Unmatched)
	}
}

func TestRelaxationsGoInTheProgrammesOrder(t *testing.T) {
	t.Parallel()
	const neighbouring, online = programme.Neighbouring, programme.Online
	leeds, manchester, belfast := offers("leeds", "LS1 1AA"), offers("manchester", "M1 1AA"), offers("belfast", "BT1 1AA")
	for _, far := range []*matching.Person{&manchester, &belfast} {
		far.Skills = map[string]int{"fundraising": 3, "digital": 3} // they would fit better
	}
	for _, row := range []struct {
		name        string
		relax       []programme.Within
		consultants []matching.Person
		want        string
		relaxed     programme.Within
	}{
		{"none is used while somebody is near", []programme.Within{neighbouring, online}, []matching.Person{belfast, manchester, leeds}, "leeds", ""},
		{"first neighbours", []programme.Within{neighbouring, online}, []matching.Person{belfast, manchester}, "manchester", neighbouring},
		{"then online", []programme.Within{neighbouring, online}, []matching.Person{belfast}, "belfast", online},
		{"the other order", []programme.Within{online, neighbouring}, []matching.Person{manchester}, "manchester", online},
		{"none beyond the programme's", []programme.Within{neighbouring}, []matching.Person{belfast}, "", ""},
		{"none at all", nil, []matching.Person{manchester}, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := pilot(t)
			p.Relax = row.relax
			a := needs("a", "LS6 2AB")
			a.Needs["digital"] = 3
			s := solve(t, &matching.Problem{Programme: p, Clients: []matching.Person{a}, Consultants: row.consultants})
			var got matching.Match
			if len(s.Matches) > 0 {
				got = s.Matches[0]
			}
			if got.Consultant != row.want || got.Relaxed != row.relaxed {
				t.Errorf("matched with %q, relaxed %q; want %q, %q", got.Consultant, got.Relaxed, row.want, row.relaxed)
			}
		})
	}
}

// Who can only meet in person is not near by video: what let them meet is the
// region next door, which came second.
func TestTheRelaxationNamedIsTheOneThatWasNeeded(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Relax = []programme.Within{programme.Online, programme.Neighbouring}
	d := offers("d", "M1 1AA")
	d.Meeting = []string{"in-person"}
	s := solve(t, &matching.Problem{Programme: p, Clients: []matching.Person{needs("a", "LS6 2AB")}, Consultants: []matching.Person{d}})
	if len(s.Matches) != 1 || s.Matches[0].Relaxed != programme.Neighbouring {
		t.Errorf("%+v", s.Matches)
	}
}

func TestNobodyIsRelaxedWhoCanBeMatchedWithout(t *testing.T) {
	t.Parallel()
	used := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		pr := anyProblem(t, c, 6, 6)
		pr.Pinned, pr.Kept = nil, nil
		s := solve(t, pr)
		strict, p := *pr, *pr.Programme
		p.Relax, p.Objective = nil, programme.Total // it is by the total that somebody is left over
		strict.Programme = &p
		before := solve(t, &strict)
		waiting := map[string]bool{}
		for _, u := range before.Unmatched {
			waiting[u.Client] = true
		}
		allowed := 0
		for id, k := range relaxations(s) {
			if k > 0 {
				allowed++
			} else if waiting[id] && len(pr.Programme.Relax) > 0 {
				t.Fatalf("%s has nobody without a relaxation, and got none", id)
			}
		}
		if len(waiting) == 0 && allowed > 0 {
			t.Fatalf("all can be matched without, and %d are relaxed", allowed)
		}
		if len(s.Matches) < len(before.Matches) {
			t.Fatalf("%d matched with relaxations, and %d without", len(s.Matches), len(before.Matches))
		}
		for _, m := range s.Matches {
			if m.Relaxed != "" {
				used++
			}
		}
	})
	if used < 20 {
		t.Errorf("only %d relaxed pairs: the problems drawn say little", used)
	}
}

func TestRematchingMovesAsFewAsItCan(t *testing.T) {
	t.Parallel()
	// Three clients and three consultants of whom all fit all alike, but for what
	// is said below.
	people := func() (a, b []matching.Person) {
		for k := range 3 {
			a = append(a, needs(fmt.Sprint("a", k), "LS6 2AB"))
			b = append(b, offers(fmt.Sprint("d", k), "S1 1AA"))
		}
		return a, b
	}
	pairs := func(ids ...string) (all []matching.Pair) {
		for k := 0; k < len(ids); k += 2 {
			all = append(all, matching.Pair{Client: ids[k], Consultant: ids[k+1]})
		}
		return all
	}
	for _, row := range []struct {
		name   string
		change func(a, b []matching.Person)
		kept   []matching.Pair
		moved  []matching.Pair
	}{
		{"none where all can stay", func(a, b []matching.Person) {}, pairs("a0", "d1", "a1", "d2", "a2", "d0"), nil},
		{"one declined, two change places", func(a, b []matching.Person) { a[0].Declined = []string{"d0"} },
			pairs("a0", "d0", "a1", "d1", "a2", "d2"), nil},
		{"only who is gone", func(a, b []matching.Person) { b[2].Capacity = 0 },
			pairs("a0", "d0", "a1", "d1", "a2", "d2"), pairs("a2", "d2")},
		{"for a point more", func(a, b []matching.Person) {
			a[0].Availability, b[0].Availability, b[1].Availability = []string{"mon-am", "tue-am"}, []string{"mon-am"}, []string{"mon-am", "tue-am"}
		}, pairs("a0", "d0", "a1", "d1", "a2", "d2"), pairs("a0", "d0", "a1", "d1")},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			a, b := people()
			row.change(a, b)
			s := solve(t, &matching.Problem{Programme: pilot(t), Clients: a, Consultants: b, Kept: row.kept})
			if row.name == "one declined, two change places" {
				if len(s.Moved) != 2 || s.Moved[0].Client != "a0" {
					t.Errorf("moved %v, want a0 and one other", s.Moved)
				}
				return
			}
			if !slices.Equal(s.Moved, row.moved) {
				t.Errorf("moved %v, want %v; matches %v", s.Moved, row.moved, s.Matches)
			}
		})
	}
}

// No fit is better than that of two who have all that any rule gives points for,
// and nothing above it needs to be looked at.
func TestThePerfectPairHasItsProof(t *testing.T) {
	t.Parallel()
	const most = programme.MaxWeight
	for name, w := range map[string]programme.Weights{
		"fit": {Fit: most}, "breadth": {Breadth: most}, "experience": {Experience: most}, "size": {Size: most}, "difference": {Difference: most},
		"availability": {Availability: most}, "preference": {Preference: most},
		"all": {Fit: most, Breadth: most, Experience: most, Size: most, Difference: most, Availability: most, Preference: most},
	} {
		p := pilot(t)
		p.Weights = w
		a, b := needs("a", "LS6 2AB", "HE"), offers("b", "S1 1AA", "AR")
		for _, s := range p.Skills {
			a.Needs[s.ID], b.Skills[s.ID] = 3, 3
		}
		a.Organisation.Income, b.Organisation.Income = 5_000, 5_000_000
		a.Preferences, b.Preferences = []string{"b"}, []string{"a"}
		a.Availability = nil
		for _, h := range enrolment.HalfDays {
			a.Availability = append(a.Availability, h.ID)
		}
		b.Availability = a.Availability
		s := solve(t, &matching.Problem{Programme: p, Clients: []matching.Person{a}, Consultants: []matching.Person{b}})
		if len(s.Matches) != 1 || s.Score != matching.Explain(p, a, b).Score() || s.Score > certificate.MaxScore {
			t.Errorf("%s: %+v", name, s.Matches)
		}
	}
}

// Enough people that lists are cut, prices guessed and parts solved side by side;
// the certificate proves the rest.
func TestLargerProgrammesHaveTheirProof(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		clients, consultants int
		change               func(p *programme.Programme)
	}{
		{50, 50, func(p *programme.Programme) {}},
		{60, 400, func(p *programme.Programme) { p.Weights = programme.Weights{Fit: 1} }},
		{200, 30, func(p *programme.Programme) {}},
		{400, 400, func(p *programme.Programme) { p.Objective, p.Relax = programme.Total, nil }},
		{100, 100, func(p *programme.Programme) { p.Place.Within, p.Relax = programme.Online, nil }},
		{50, 60, func(p *programme.Programme) {
			p.Place = programme.Place{Within: programme.Distance, Kilometres: 60}
		}},
		{150, 150, func(p *programme.Programme) { p.Weights = programme.Weights{} }},
	} {
		for _, supervisors := range []int{0, 7} {
			t.Run(fmt.Sprintf("%d clients, %d consultants, %d supervisors", row.clients, row.consultants, supervisors), func(t *testing.T) {
				t.Parallel()
				p := pilot(t)
				row.change(p)
				c := seeded(uint64(row.clients + supervisors))
				a, b := sector.People(p, row.clients, row.consultants, c)
				// Nobody at all in Wales; nobody to turn to in the North East.
				a = slices.DeleteFunc(a, func(x matching.Person) bool { return x.Organisation.Region == "Wales" })
				b = slices.DeleteFunc(b, func(x matching.Person) bool {
					return x.Organisation.Region == "Wales" || x.Organisation.Region == "North East"
				})
				pr := &matching.Problem{Programme: p, Clients: a, Consultants: b, Supervisors: map[string]int{}}
				for k := range supervisors {
					pr.Supervisors[fmt.Sprint("s", k)] = c.IntN(2 * len(b) / supervisors)
				}
				for j := range b {
					b[j].Capacity = pick(c, 0, 1, 1, 1, 2, 5)
					if supervisors > 0 {
						b[j].Supervisor = fmt.Sprint("s", c.IntN(supervisors))
					}
				}
				s := solve(t, pr)
				if len(s.Matches)+len(s.Unmatched) != len(a) || len(s.Matches) == 0 {
					t.Errorf("%d matched and %d unmatched of %d", len(s.Matches), len(s.Unmatched), len(a))
				}
				for _, m := range s.Matches {
					pr.Kept = append(pr.Kept, matching.Pair{Client: m.Client, Consultant: m.Consultant})
				}
				if again := solve(t, pr); len(again.Moved) > 0 {
					t.Errorf("asked to keep what is best, it moved %v", again.Moved)
				}
			})
		}
	}
}

// written is all that a run makes, as it would be stored.
func written(t rapid.TB, pr *matching.Problem) string {
	t.Helper()
	s := solve(t, pr)
	var reasons []matching.Reasons
	for _, m := range s.Matches {
		reasons = append(reasons, matching.Explain(pr.Programme, lookUp(t, pr.Clients, m.Client), lookUp(t, pr.Consultants, m.Consultant)))
	}
	text, err := json.Marshal([]any{s.Matches, s.Unmatched, s.Score, s.Worst, s.Moved, s.Certificate, reasons})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func shuffled[T any](c chance, all []T) []T {
	all = slices.Clone(all)
	for k := len(all) - 1; k > 0; k-- {
		i := c.IntN(k + 1)
		all[k], all[i] = all[i], all[k]
	}
	return all
}

// With TestOrderOfRowsMakesNoDifference these are row M5's 1,000 shuffles. Not parallel: it
// changes how many processors there are.
func TestOrderOfEnrolmentMakesNoDifference(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		pr := anyProblem(t, c, 4+c.IntN(12), 4+c.IntN(12))
		pr.Pinned = nil
		want := written(t, pr)
		for k := range 5 {
			runtime.GOMAXPROCS(1 + k%2)
			other := *pr
			other.Clients, other.Consultants = shuffled(c, pr.Clients), shuffled(c, pr.Consultants)
			other.Kept, other.Forbidden = shuffled(c, pr.Kept), shuffled(c, pr.Forbidden)
			if got := written(t, &other); got != want {
				t.Fatalf("another order gives another solution:\n%s\n%s", got, want)
			}
		}
	})
}

// Leeds and Manchester are near enough to each other, and Belfast, which lies
// between them in the order of regions, is by itself: what is solved side by side
// must not write over each other's prices.
func TestPartsThatLieBetweenOthersAreSolvedTheSameEveryTime(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Place, p.Relax = programme.Place{Within: programme.Distance, Kilometres: 60}, nil
	full := offers("d3", "BT1 1AA")
	full.Capacity = 0
	pr := &matching.Problem{
		Programme:   p,
		Clients:     []matching.Person{needs("a1", "LS1 1AA"), needs("a2", "LS1 1AA"), needs("a3", "M1 1AA"), needs("a4", "BT1 1AA")},
		Consultants: []matching.Person{offers("d1", "M1 1AA"), offers("d2", "LS1 1AA"), full},
	}
	want := written(t, pr)
	for range 300 {
		if got := written(t, pr); got != want {
			t.Fatalf("the same problem has another solution:\n%s\n%s", got, want)
		}
	}
}
