package matching_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestSpeed(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	p, _ := programme.Preset("pilot-2016")
	p.Relax = nil
	p.Objective = programme.Objective(os.Getenv("OBJ"))
	a, b := sector.People(p, n, n, rand.New(rand.NewPCG(1, 2016)))
	for range max(1, 30000/max(n, 1)) {
		start := time.Now()
		s, err := matching.Solve(&matching.Problem{Programme: p, Clients: a, Consultants: b})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%v: matched %d, score %d, worst %d, lists %d, phases %d", time.Since(start), len(s.Matches), s.Score, s.Worst, s.Lists, s.Phases)
		if os.Getenv("V") != "" {
			start = time.Now()
			if err := s.Verify(); err != nil {
				t.Fatal(err)
			}
			t.Log("verified", time.Since(start))
		}
	}
}
