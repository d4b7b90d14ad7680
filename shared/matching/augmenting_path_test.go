package matching_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/internal/exhaustive"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The most clients are matched of all ways that the programme's relaxations allow,
// and not just of those that are left to whoever is left over.
func TestRelaxationsMatchAsManyAsTheyCan(t *testing.T) {
	t.Parallel()
	allowed := 0
	rapid.Check(t, func(t *rapid.T) {
		c := seeded(rapid.Uint64().Draw(t, "seed"))
		pr := scarce(t, c)
		pr.Programme.Relax = pick(c, []programme.Within{programme.Neighbouring}, []programme.Within{programme.Online}, []programme.Within{programme.Neighbouring, programme.Online}, []programme.Within{programme.Online, programme.Neighbouring})
		pr.Clients = pr.Clients[:min(len(pr.Clients), 7)]
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Fatal(err)
		}
		all := map[string]int{}
		for _, x := range pr.Clients {
			all[x.ID] = len(pr.Programme.Relax)
		}
		if most := exhaustive.Solve(stated(pr, all), false).Matched; len(s.Matches) != most {
			t.Fatalf("%d are matched, and %d can be", len(s.Matches), most)
		}
		for i, x := range s.Pool.Clients {
			if s.Relaxed[i] > 0 && !slices.ContainsFunc(s.Unmatched, func(u matching.Unmatched) bool { return u.Client == x.ID }) {
				allowed++
			}
		}
	})
	if allowed < 20 {
		t.Errorf("only %d were allowed anything", allowed)
	}
}

func TestOneMakesWayForAnother(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Relax = []programme.Within{programme.Neighbouring, programme.Online}
	// Both could work with the one here, and only one, who would be kept here for the
	// better score, with the one in the next region.
	stays, goes := needs("stays", "LS6 2AB", "HE"), needs("goes", "LS6 2AB", "AR")
	goes.Needs = map[string]int{"fundraising": 3, "board": 3}
	here, there := offers("here", "S1 1AA"), offers("there", "M1 1AA")
	here.Skills["board"], there.Skills = 3, map[string]int{"board": 1}
	pr := &matching.Problem{Programme: p, Clients: []matching.Person{stays, goes}, Consultants: []matching.Person{here, there}}
	s, err := matching.Solve(pr)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Fatal(err)
	}
	if len(s.Matches) != 2 || s.Matches[0].Consultant != "there" || s.Matches[0].Relaxed != programme.Neighbouring || s.Matches[1].Consultant != "here" || s.Matches[1].Relaxed != "" {
		t.Errorf("%+v, left over %+v", s.Matches, s.Unmatched)
	}
}
