package matching_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// costs are those of each other consultant for a client, by trying all of them,
// the cheapest first.
func costs(t rapid.TB, pr *matching.Problem, s *matching.Solution, client string) [][]int {
	var all [][]int
	for _, d := range pr.Consultants {
		pair := matching.Pair{Client: client, Consultant: d.ID}
		if slices.ContainsFunc(s.Matches, func(m matching.Match) bool { return m.Client == client && m.Consultant == d.ID }) {
			continue
		}
		i := slices.IndexFunc(s.Pool.Clients, func(x *matching.Person) bool { return x.ID == client })
		j := slices.IndexFunc(s.Pool.Consultants, func(x *matching.Person) bool { return x.ID == d.ID })
		if s.Pool.RuledOut(i, j, int(s.Relaxed[i])) != "" {
			continue
		}
		c, err := matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{pair}}.Cost(pr, s)
		if errors.As(err, new(*matching.PinError)) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, key(pr, c))
	}
	slices.SortFunc(all, slices.Compare)
	return all
}

// key is a cost by what counts first.
func key(pr *matching.Problem, c matching.Cost) []int {
	if pr.Programme.Objective == programme.Total {
		return []int{c.Matched, c.Further, 0, c.Total}
	}
	return []int{c.Matched, c.Further, c.Worst, c.Total}
}

func TestNextBestIsReallyNextBest(t *testing.T) {
	t.Parallel()
	proven, alternatives := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		if c.IntN(2) == 0 {
			pr.Programme.Place = programme.Place{Within: programme.SameRegion}
		} else {
			pr.Programme.Relax = nil
		}
		for range c.IntN(3) {
			pr.Kept = append(pr.Kept, matching.Pair{Client: pick(c, pr.Clients...).ID, Consultant: pick(c, pr.Consultants...).ID})
		}
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Matches) > 0 && c.IntN(2) == 0 {
			m := pick(c, s.Matches...)
			pr.Pinned = []matching.Pair{{Client: m.Client, Consultant: m.Consultant}}
			if s, err = matching.Solve(pr); err != nil {
				t.Fatal(err)
			}
		}
		most := c.IntN(4)
		for _, x := range pr.Clients {
			got, err := s.Alternatives(pr, x.ID, most, 1+c.IntN(8))
			if err != nil {
				t.Fatal(err)
			}
			want := costs(t, pr, s, x.ID)
			for _, a := range got.Best {
				alternatives++
				if !slices.ContainsFunc(want, func(k []int) bool { return slices.Equal(k, key(pr, a.Cost)) }) {
					t.Fatalf("%+v costs nothing that was tried: %v", a, want)
				}
			}
			if !got.Proven {
				continue
			}
			proven++
			if len(got.Best) != min(most, len(want)) {
				t.Fatalf("of %d alternatives to %s, %+v", len(want), x.ID, got)
			}
			for k, a := range got.Best {
				if !slices.Equal(key(pr, a.Cost), want[k]) {
					t.Fatalf("%s: the alternatives are %+v, and the costs %v\n%+v", x.ID, got.Best, want, s.Matches)
				}
			}
		}
	})
	if proven < 100 || alternatives < 50 {
		t.Errorf("%d alternatives, %d times proven to be the next best: they say little", alternatives, proven)
	}
}

// Few of many have to be tried, since prices tell what the others cost at least.
func TestPricesSpareMostOfTheTrying(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Relax = nil
	a, b := sector.People(p, 100, 110, rand.New(rand.NewPCG(1, 2016)))
	for i := range a {
		a[i].Organisation.Region = "London"
	}
	for j := range b {
		b[j].Organisation.Region = "London"
	}
	pr := &matching.Problem{Programme: p, Clients: a, Consultants: b}
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	tried, proven := 0, 0
	for _, m := range s.Matches[:5] {
		got, err := s.Alternatives(pr, m.Client, 3, 40)
		if err != nil || len(got.Best) != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
		tried += got.Tried
		if got.Proven {
			proven++
		}
	}
	t.Logf("%d tried", tried)
	if proven < 4 || tried > 120 {
		t.Errorf("of 5 clients and their some 80 consultants each, %d were tried, and the three next best proven for %d", tried, proven)
	}
}

// A change of order changes nothing.
func TestAlternativesDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		other := *pr
		other.Clients, other.Consultants = slices.Clone(pr.Clients), slices.Clone(pr.Consultants)
		slices.Reverse(other.Clients)
		c.Shuffle(len(other.Consultants), func(i, j int) {
			other.Consultants[i], other.Consultants[j] = other.Consultants[j], other.Consultants[i]
		})
		x, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		y, err := matching.Solve(&other)
		if err != nil {
			t.Fatal(err)
		}
		for _, client := range pr.Clients {
			a, err := x.Alternatives(pr, client.ID, 3, 9)
			if err != nil {
				t.Fatal(err)
			}
			b, err := y.Alternatives(&other, client.ID, 3, 9)
			if err != nil || !slices.EqualFunc(a.Best, b.Best, func(a, b matching.Alternative) bool {
				return a.Consultant == b.Consultant && a.Score == b.Score && slices.Equal(key(pr, a.Cost), key(pr, b.Cost)) && slices.Equal(a.Cost.Moves, b.Cost.Moves)
			}) {
				t.Fatalf("%+v, and in another order %+v, %v", a, b, err)
			}
		}
	})
}

func TestWhyNamesTheFirstCriterionOrTheCost(t *testing.T) {
	t.Parallel()
	count := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := anyRanked(t, c)
		pr.Programme.Relax = nil
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		client, consultant := pick(c, pr.Clients...), pick(c, pr.Consultants...)
		pair := matching.Pair{Client: client.ID, Consultant: consultant.ID}
		got, err := s.Why(pr, client.ID, consultant.ID)
		if err != nil {
			t.Fatal(err)
		}
		matched := slices.ContainsFunc(s.Matches, func(m matching.Match) bool { return m.Client == client.ID && m.Consultant == consultant.ID })
		if why := ruledOutBy(pr, pair); got.RuledOut != why || got.Matched != matched {
			t.Fatalf("%+v, want %q, matched %v", got, why, matched)
		} else if why != "" || matched {
			if got.Cost != nil || got.Lacks != "" {
				t.Fatalf("%+v", got)
			}
			return
		}
		cost, err := matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{pair}}.Cost(pr, s)
		if (err != nil) != (got.Lacks != "") || (got.Cost == nil) != (err != nil) || err == nil && !slices.Equal(key(pr, cost), key(pr, *got.Cost)) {
			t.Fatalf("%+v, and the pin costs %+v, %v", got, cost, err)
		}
		if got.Score != matching.Explain(pr.Programme, client, consultant).Score() {
			t.Fatalf("%+v", got)
		}
		count[err == nil]++
	})
	if count[true] < 10 || count[false] == 0 {
		t.Errorf("too few eligible pairs: %v", count)
	}
}

func TestNobodyUnknownHasAlternatives(t *testing.T) {
	t.Parallel()
	pr := &matching.Problem{Programme: pilot(t), Clients: []matching.Person{needs("a", "LS6 2AB")}, Consultants: []matching.Person{offers("b", "S1 1AA")}}
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Alternatives(pr, "z", 3, 9); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if got, err := s.Alternatives(pr, "a", 3, 9); err != nil || len(got.Best) != 0 || !got.Proven || got.Tried != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, pair := range [][2]string{{"a", "z"}, {"z", "b"}, {"b", "a"}} {
		if _, err := s.Why(pr, pair[0], pair[1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", pair, err)
		}
	}
	if got, err := s.Why(pr, "a", "b"); err != nil || !got.Matched || got.Score != s.Score {
		t.Errorf("%+v, %v", got, err)
	}
}
