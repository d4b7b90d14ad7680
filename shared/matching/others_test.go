package matching_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What is said of others holds, by trying each: so many were possible, and none would have cost
// less than is said.
func TestOthersAreAsManyAndCostAsMuchAsIsSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pr := anyRanked(t, seeded(rapid.Uint64().Draw(t, "seed")))
		pr.Programme.Place = programme.Place{Within: programme.SameRegion}
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatal(err)
		}
		all := s.Others(pr)
		for _, m := range s.Matches {
			o, tried := all[m.Client], costs(t, pr, s, m.Client)
			if !o.Known || o.Possible != len(tried) {
				t.Fatalf("%d others of %s are possible, and %+v", len(tried), m.Client, o)
			}
			if len(tried) == 0 {
				continue
			}
			cheapest := tried[0]
			fair := pr.Programme.Objective != programme.Total
			switch {
			case o.Fewer > 0 && cheapest[0] < o.Fewer,
				o.Farther && cheapest[0] <= 0 && cheapest[1] <= 0,
				o.Worst > 0 && cheapest[0] <= 0 && cheapest[1] <= 0 && cheapest[2] < o.Worst,
				o.Total > 0 && cheapest[0] <= 0 && cheapest[1] <= 0 && (!fair || cheapest[2] <= 0) && cheapest[3] < o.Total:
				t.Fatalf("the cheapest of %s costs %v, and %+v is said", m.Client, cheapest, o)
			}
		}
	})
}
