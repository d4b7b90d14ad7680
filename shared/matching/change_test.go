package matching_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/internal/exhaustive"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// anyChange asks for one of a random kind, of which many cannot be made.
func anyChange(c chance, pr *matching.Problem, s *matching.Solution) matching.Change {
	a, b := pick(c, pr.Clients...).ID, pick(c, pr.Clients...).ID
	pair := matching.Pair{Client: a, Consultant: pick(c, pr.Consultants...).ID}
	switch c.IntN(4) {
	case 0:
		return matching.Change{Kind: matching.Forbid, Pairs: []matching.Pair{pair}}
	case 1:
		if len(s.Matches) > 0 {
			m := pick(c, s.Matches...)
			return matching.Change{Kind: pick(c, matching.Forbid, matching.Pin), Pairs: []matching.Pair{{Client: m.Client, Consultant: m.Consultant}}}
		}
	case 2:
		if swap, err := s.Swap(a, b); err == nil {
			return swap
		}
	}
	return matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{pair}}
}

// value is what a problem without relaxations reaches, found by looking at every
// matching there is, with the pins counted in.
func value(pr *matching.Problem) exhaustive.Best {
	fair := pr.Programme.Objective == programme.Fair
	best := exhaustive.Solve(stated(pr, nil), fair)
	for _, p := range pr.Pinned {
		score := matching.Explain(pr.Programme, someone(pr.Clients, p.Client), someone(pr.Consultants, p.Consultant)).Score()
		if best.Score += score; best.Matched == 0 || score < best.Worst {
			best.Worst = score
		}
		best.Matched++
	}
	return best
}

func someone(people []matching.Person, id string) matching.Person {
	return people[slices.IndexFunc(people, func(x matching.Person) bool { return x.ID == id })]
}

func TestCostIsTheDifferenceOfBothSolvedFromNothing(t *testing.T) {
	t.Parallel()
	made, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		pr.Programme.Relax = nil
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		// Changes follow on each other.
		for range 3 {
			change := anyChange(c, pr, s)
			cost, err := change.Cost(pr, s)
			if pin := (*matching.PinError)(nil); errors.As(err, &pin) {
				if why := ruledOutBy(pr, pin.Pair); string(why) != pin.Lacks && (why != "" || !strings.HasPrefix(pin.Lacks, "a ")) {
					t.Fatalf("%+v is refused for %q, and lacks %q", change, pin.Lacks, why)
				}
				refused++
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			made++
			changed, err := change.Apply(pr, s)
			if err != nil {
				t.Fatal(err)
			}
			after, err := matching.Solve(changed)
			if err != nil {
				t.Fatal(err)
			}
			if err := after.Verify(); err != nil {
				t.Fatal(err)
			}
			x, y := value(pr), value(changed)
			if cost.Matched != x.Matched-y.Matched || cost.Total != x.Score-y.Score || pr.Programme.Objective == programme.Fair && cost.Worst != x.Worst-y.Worst {
				t.Fatalf("%+v costs %+v; the best was %+v and is %+v", change, cost, x, y)
			}
			// As few as can be move.
			kept := 0
			for _, m := range after.Matches {
				if !m.Pinned && slices.ContainsFunc(s.Matches, func(n matching.Match) bool { return n.Client == m.Client && n.Consultant == m.Consultant }) {
					kept++
				}
			}
			if kept != y.Kept {
				t.Fatalf("%+v keeps %d pairs, and could keep %d", change, kept, y.Kept)
			}
			if got, want := cost.Moves, moves(s, after); !slices.Equal(got, want) {
				t.Fatalf("moves %+v, want %+v", got, want)
			}
			if matching.Compare(s, after).Total != cost.Total {
				t.Fatal("the next run does not do what was shown")
			}
			pr, s = changed, after
		}
	})
	if made < 100 || refused < 30 {
		t.Errorf("%d changes were made and %d refused: they say little", made, refused)
	}
}

// ruledOutBy is the first criterion that a pair does not meet, whom a coordinator
// forbade among them.
func ruledOutBy(pr *matching.Problem, pair matching.Pair) matching.Criterion {
	why := unmet(pr.Programme, someone(pr.Clients, pair.Client), someone(pr.Consultants, pair.Consultant), 0)
	if slices.Contains(pr.Forbidden, pair) && why != matching.NearEnough && why != matching.NoCompetition {
		return matching.NoConflict
	}
	return why
}

func moves(before, after *matching.Solution) []matching.Move {
	has := func(s *matching.Solution, client string) string {
		for _, m := range s.Matches {
			if m.Client == client {
				return m.Consultant
			}
		}
		return ""
	}
	all := []matching.Move{}
	for _, x := range before.Pool.Clients {
		if from, to := has(before, x.ID), has(after, x.ID); from != to {
			all = append(all, matching.Move{Client: x.ID, From: from, To: to})
		}
	}
	slices.SortFunc(all, func(a, b matching.Move) int { return strings.Compare(a.Client, b.Client) })
	return all
}

// Where the programme relaxes its place the cost is still what the next run finds.
func TestCostIsWhatTheNextRunFinds(t *testing.T) {
	t.Parallel()
	further := 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		pr.Programme.Place = programme.Place{Within: programme.SameRegion}
		pr.Programme.Relax = []programme.Within{programme.Neighbouring, programme.Online}
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		change := anyChange(c, pr, s)
		cost, err := change.Cost(pr, s)
		if err != nil {
			return
		}
		changed, _ := change.Apply(pr, s)
		after, err := matching.Solve(changed)
		if err != nil {
			t.Fatal(err)
		}
		if cost.Matched != len(s.Matches)-len(after.Matches) || cost.Worst != s.Worst-after.Worst || cost.Total != s.Score-after.Score || !slices.Equal(cost.Moves, moves(s, after)) {
			t.Fatalf("%+v costs %+v, and the next run finds %+v", change, cost, after)
		}
		further += cost.Further
	})
	if further == 0 {
		t.Error("nobody was ever sent farther away")
	}
}

func TestPinIsRefusedByNameOfWhatItLacks(t *testing.T) {
	t.Parallel()
	pin := matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{{Client: "a", Consultant: "b"}}}
	for _, row := range []struct {
		name   string
		change func(pr *matching.Problem, a, b *matching.Person)
		lacks  string
	}{
		{"an eligible pair", func(*matching.Problem, *matching.Person, *matching.Person) {}, ""},
		{"the next region, as relaxed", func(_ *matching.Problem, _, b *matching.Person) { *b = offers("b", "M1 1AA") }, ""},
		{"far away", func(_ *matching.Problem, _, b *matching.Person) { *b = offers("b", "BT1 1AA") }, string(matching.NearEnough)},
		{"competitors", func(_ *matching.Problem, _, b *matching.Person) { b.Organisation.Categories = []string{"HE"} }, string(matching.NoCompetition)},
		{"avoided", func(_ *matching.Problem, a, _ *matching.Person) { a.Conflicts = []string{"Organisation b"} }, string(matching.NoConflict)},
		{"declined", func(_ *matching.Problem, _, b *matching.Person) { b.Declined = []string{"a"} }, string(matching.NoConflict)},
		{"forbidden", func(pr *matching.Problem, _, _ *matching.Person) { pr.Forbidden = pin.Pairs }, string(matching.NoConflict)},
		{"no language", func(_ *matching.Problem, _, b *matching.Person) { b.Languages = []string{"Welsh"} }, string(matching.CommonLanguage)},
		{"no way to meet", func(_ *matching.Problem, a, b *matching.Person) {
			a.Meeting, b.Meeting = []string{"phone"}, []string{"video"}
		}, string(matching.CommonMeeting)},
		{"no skill", func(_ *matching.Problem, _, b *matching.Person) { b.Skills = nil }, string(matching.SomethingToAsk)},
		{"no place", func(_ *matching.Problem, _, b *matching.Person) { b.Capacity = 0 }, "a free place"},
		{"no supervision", func(pr *matching.Problem, _, b *matching.Person) {
			b.Supervisor, pr.Supervisors = "s", map[string]int{"s": 0}
		}, "a place in supervision"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			pr := &matching.Problem{Programme: pilot(t)}
			pr.Programme.Relax = []programme.Within{programme.Neighbouring}
			a, b := needs("a", "LS6 2AB", "HE"), offers("b", "LS1 1AA", "AR")
			row.change(pr, &a, &b)
			pr.Clients, pr.Consultants = []matching.Person{a}, []matching.Person{b}
			s, err := matching.Solve(pr)
			if err != nil {
				t.Fatal(err)
			}
			_, err = pin.Cost(pr, s)
			e := new(matching.PinError)
			if refused := errors.As(err, &e); refused != (row.lacks != "") || e.Lacks != row.lacks || !refused && err != nil {
				t.Errorf("refused for %q, want %q: %v", e.Lacks, row.lacks, err)
			}
		})
	}
}

func TestChangeOfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	pr := &matching.Problem{Programme: p, Clients: []matching.Person{needs("a", "LS6 2AB"), needs("b", "LS6 2AB")}, Consultants: []matching.Person{offers("c", "S1 1AA")}}
	pr.Consultants[0].Capacity = 2
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		change matching.Change
		kind   fault.Kind
	}{
		"an unknown client":     {matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{{Client: "z", Consultant: "c"}}}, fault.NotFound},
		"an unknown consultant": {matching.Change{Kind: matching.Forbid, Pairs: []matching.Pair{{Client: "a", Consultant: "a"}}}, fault.NotFound},
		"two for one":           {matching.Change{Kind: matching.Swap, Pairs: []matching.Pair{{Client: "a", Consultant: "c"}, {Client: "a", Consultant: "c"}}}, fault.Conflict},
		"no kind":               {matching.Change{Pairs: []matching.Pair{{Client: "a", Consultant: "c"}}}, fault.Conflict},
	} {
		if _, err := row.change.Cost(pr, s); !fault.Is(err, row.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, pair := range [][2]string{{"a", "b"}, {"a", "a"}, {"a", "z"}, {"", ""}} {
		if _, err := s.Swap(pair[0], pair[1]); !fault.Is(err, fault.Conflict) {
			t.Errorf("%q exchange: %v", pair, err)
		}
	}
}

// A later word of the coordinator's stands in place of an earlier one, and the
// problem that was changed stays as it is.
func TestApplyReplacesEarlierPins(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	a, b := needs("a", "LS6 2AB"), needs("b", "LS6 2AB")
	c, d := offers("c", "S1 1AA"), offers("d", "S1 1AA")
	ac, ad, bc, bd := matching.Pair{Client: "a", Consultant: "c"}, matching.Pair{Client: "a", Consultant: "d"}, matching.Pair{Client: "b", Consultant: "c"}, matching.Pair{Client: "b", Consultant: "d"}
	pr := &matching.Problem{Programme: p, Clients: []matching.Person{a, b}, Consultants: []matching.Person{c, d}, Pinned: []matching.Pair{ac}}
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	swap, err := s.Swap("a", "b")
	if err != nil || !slices.Equal(swap.Pairs, []matching.Pair{ad, bc}) {
		t.Fatalf("%+v, %v", swap, err)
	}
	swapped, err := swap.Apply(pr, s)
	if err != nil || !slices.Equal(swapped.Pinned, []matching.Pair{ad, bc}) || !slices.Equal(swapped.Kept, []matching.Pair{ac, bd}) {
		t.Errorf("%+v, %v", swapped, err)
	}
	forbidden, err := matching.Change{Kind: matching.Forbid, Pairs: []matching.Pair{ac}}.Apply(pr, s)
	if err != nil || len(forbidden.Pinned) != 0 || !slices.Equal(forbidden.Forbidden, []matching.Pair{ac}) {
		t.Errorf("%+v, %v", forbidden, err)
	}
	if !slices.Equal(pr.Pinned, []matching.Pair{ac}) || pr.Forbidden != nil || pr.Kept != nil {
		t.Errorf("the problem became %+v", pr)
	}
	cost, err := swap.Cost(pr, s)
	if err != nil || !slices.Equal(cost.Moves, []matching.Move{{Client: "a", From: "c", To: "d"}, {Client: "b", From: "d", To: "c"}}) || cost.Matched != 0 {
		t.Errorf("%+v, %v", cost, err)
	}
}

// Where all places are pinned, and nobody else can be matched, that is proved too.
func TestNothingLeftToMatchIsProved(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	for _, objective := range []programme.Objective{programme.Fair, programme.Total} {
		p.Objective = objective
		pr := &matching.Problem{
			Programme: p, Clients: []matching.Person{needs("a", "LS6 2AB"), needs("b", "LS6 2AB")}, Consultants: []matching.Person{offers("c", "S1 1AA")},
			Pinned: []matching.Pair{{Client: "a", Consultant: "c"}},
		}
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil || len(s.Matches) != 1 || len(s.Unmatched) != 1 {
			t.Errorf("%s: %+v, %v", objective, s.Matches, err)
		}
	}
}
