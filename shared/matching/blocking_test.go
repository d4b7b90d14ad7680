package matching_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// rank is a place on a list from 0, and behind all of them for who is not on it.
func rank(list []string, id string) int {
	if k := slices.Index(list, id); k >= 0 {
		return k
	}
	return 1000
}

// blocking are the blocking pairs by their definition.
func blocking(pr *matching.Problem, s *matching.Solution) []matching.Pair {
	has, clientsOf, underSupervision := map[string]string{}, map[string][]string{}, map[string]int{}
	byID := map[string]matching.Person{}
	for _, x := range slices.Concat(pr.Clients, pr.Consultants) {
		byID[x.ID] = x
	}
	for _, m := range s.Matches {
		has[m.Client] = m.Consultant
		clientsOf[m.Consultant] = append(clientsOf[m.Consultant], m.Client)
		underSupervision[byID[m.Consultant].Supervisor]++
	}
	relaxed := map[string]int{}
	for i, x := range s.Pool.Clients {
		relaxed[x.ID] = int(s.Relaxed[i])
	}
	var found []matching.Pair
	for _, c := range pr.Clients {
		for _, d := range pr.Consultants {
			pair := matching.Pair{Client: c.ID, Consultant: d.ID}
			if has[c.ID] == d.ID || unmet(pr.Programme, c, d, relaxed[c.ID]) != "" || slices.Contains(pr.Forbidden, pair) {
				continue
			}
			wants := slices.Contains(c.Preferences, d.ID) && (has[c.ID] == "" || rank(c.Preferences, d.ID) < rank(c.Preferences, has[c.ID]))
			free := len(clientsOf[d.ID]) < d.Capacity && (d.Supervisor == "" || underSupervision[d.Supervisor] < pr.Supervisors[d.Supervisor])
			wanted := slices.Contains(d.Preferences, c.ID) && (free || slices.ContainsFunc(clientsOf[d.ID], func(other string) bool {
				return rank(d.Preferences, c.ID) < rank(d.Preferences, other)
			}))
			if wants && wanted {
				found = append(found, pair)
			}
		}
	}
	return found
}

func TestBlockingPairsAreThoseOfTheDefinition(t *testing.T) {
	t.Parallel()
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		pr := anyRanked(t, seeded(rapid.Uint64().Draw(t, "seed")))
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		blocks := s.Blocking()
		var got []matching.Pair
		for _, b := range blocks {
			got = append(got, matching.Pair{Client: b.Client, Consultant: b.Consultant})
		}
		order := func(a, b matching.Pair) int {
			return slices.Compare([]string{a.Client, a.Consultant}, []string{b.Client, b.Consultant})
		}
		want := blocking(pr, s)
		slices.SortFunc(want, order)
		slices.SortFunc(got, order)
		if !slices.Equal(got, want) {
			t.Fatalf("blocking pairs %v, want %v\nof %+v", got, want, s.Matches)
		}
		found += len(got)
		for _, b := range blocks {
			c, d := s.Pool.Clients[slices.IndexFunc(s.Pool.Clients, func(x *matching.Person) bool { return x.ID == b.Client })], s.Pool.Consultants[slices.IndexFunc(s.Pool.Consultants, func(x *matching.Person) bool { return x.ID == b.Consultant })]
			if c.Preferences[b.Wants-1] != b.Consultant || d.Preferences[b.Wanted-1] != b.Client ||
				b.HasAt > 0 && c.Preferences[b.HasAt-1] != b.Has || b.InSteadAt > 0 && d.Preferences[b.InSteadAt-1] != b.InStead || b.InStead != "" && b.InSteadAt > 0 && b.InSteadAt <= b.Wanted {
				t.Fatalf("%+v is not what %q and %q say", b, c.Preferences, d.Preferences)
			}
		}
	})
	if found < 50 {
		t.Errorf("only %d blocking pairs: the people drawn say little", found)
	}
}

// anyRanked is a small problem of people who rank each other much.
func anyRanked(t *rapid.T, c *rand.Rand) *matching.Problem {
	p := anyProgramme(t, c, 2)
	p.Mode, p.Weights.Preference, p.Place = programme.Ranked, pick(c, 0, 1), programme.Place{Within: programme.Online}
	a, b := anyPeople(c, p, 3+c.IntN(5), 3+c.IntN(5))
	pr := &matching.Problem{Programme: p, Clients: a, Consultants: b, Supervisors: map[string]int{"s0": c.IntN(3), "s1": 1 + c.IntN(3)}}
	rankAll := func(mine, others []matching.Person) {
		for i := range mine {
			if c.IntN(4) > 0 { // most can meet most
				mine[i].Languages, mine[i].Meeting, mine[i].Organisation.Categories = nil, nil, nil
			}
			for _, k := range c.Perm(len(others))[:c.IntN(len(others)+1)] {
				mine[i].Preferences = append(mine[i].Preferences, others[k].ID)
			}
		}
	}
	rankAll(a, b)
	rankAll(b, a)
	for j := range b {
		b[j].Supervisor = pick(c, "", "", "s0", "s1")
	}
	if c.IntN(3) == 0 {
		pr.Forbidden = []matching.Pair{{Client: a[0].ID, Consultant: b[0].ID}}
	}
	return pr
}

func TestBlockingPairIsReportedWithPositions(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Weights.Preference = 0
	a, b, c, d := needs("a", "LS6 2AB"), needs("b", "LS6 2AB"), offers("c", "S1 1AA"), offers("d", "S1 1AA")
	a.Preferences, b.Preferences = []string{"d", "c"}, []string{"nobody", "c", "d"}
	c.Preferences, d.Preferences = []string{"b", "a"}, []string{"a"}
	pin := []matching.Pair{{Client: "a", Consultant: "c"}, {Client: "b", Consultant: "d"}}
	solve := func() *matching.Solution {
		s, err := matching.Solve(&matching.Problem{Programme: p, Clients: []matching.Person{a, b}, Consultants: []matching.Person{c, d}, Pinned: pin})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := []matching.Block{
		{Client: "a", Consultant: "d", Wants: 1, Has: "c", HasAt: 2, Wanted: 1, InStead: "b"},
		{Client: "b", Consultant: "c", Wants: 2, Has: "d", HasAt: 3, Wanted: 1, InStead: "a", InSteadAt: 2},
	}
	if got := solve().Blocking(); !slices.Equal(got, want) {
		t.Errorf("blocking pairs %+v\nwant %+v", got, want)
	}
	d.Capacity = 2
	want[0].InStead = ""
	if got := solve().Blocking(); !slices.Equal(got, want) {
		t.Errorf("with a free place: %+v\nwant %+v", got, want)
	}
	pin[0].Consultant, pin[1].Consultant = "d", "c"
	if got := solve().Blocking(); len(got) != 0 {
		t.Errorf("everybody has whom they want, and %+v block", got)
	}
}
