package matching_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// BenchmarkSolve matches the sector's people for the highest total, by region, by
// region and then its neighbours, and by distance, which looks at every two districts.
func BenchmarkSolve(b *testing.B) {
	for _, size := range []int{3_000, 12_000, 36_000} {
		for name, place := range map[string]programme.Place{"region": {Within: programme.SameRegion}, "distance": {Within: programme.Distance, Kilometres: 50}} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				p := pilot(b)
				p.Place, p.Relax, p.Objective = place, nil, programme.Total
				clients, consultants := sector.People(p, size, size, rand.New(rand.NewPCG(1, uint64(size))))
				for b.Loop() {
					if _, err := matching.Solve(&matching.Problem{Programme: p, Clients: clients, Consultants: consultants}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkNewPool makes people comparable, which is where places are looked up.
func BenchmarkNewPool(b *testing.B) {
	for name, place := range map[string]programme.Place{"region": {Within: programme.SameRegion}, "distance": {Within: programme.Distance, Kilometres: 50}} {
		b.Run(name, func(b *testing.B) {
			p := pilot(b)
			p.Place = place
			clients, consultants := sector.People(p, 36_000, 36_000, rand.New(rand.NewPCG(1, 36_000)))
			for b.Loop() {
				if _, err := matching.NewPool(p, clients, consultants, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
