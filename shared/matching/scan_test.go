package matching

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching/assign"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// A list that was given is its owner's: what is looked at later does not write to it.
func TestListsStayAsTheyWereGiven(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	var clients, consultants []Person
	for k := range 60 {
		x := Person{ID: fmt.Sprint(k), Capacity: 1, Organisation: enrolment.Organisation{Region: "London", Postcode: geography.Postcode(fmt.Sprint("N", 1+k%9))}}
		x.Needs = map[string]int{"board": 1 + k%3}
		clients = append(clients, x)
		x.Needs, x.Skills = nil, map[string]int{"board": 1 + k%2}
		consultants = append(consultants, x)
	}
	pool, err := NewPool(p, clients, consultants, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &view{pool: pool, relaxed: make([]uint8, len(clients)), factor: 1}
	for i := range clients {
		v.clients = append(v.clients, int32(i))
	}
	prices := make([]int64, len(consultants))
	v.UpdatePrices(prices)
	var given, kept [][]assign.Edge
	for i := range clients {
		all, _ := v.Best(i, prices, 20, nil)
		if len(all) == 0 {
			t.Fatalf("client %d has no list", i)
		}
		given, kept = append(given, all), append(kept, slices.Clone(all))
		v.raise(i, 0, -1, slices.Clone(prices), slices.Clone(prices))
	}
	for i := range given {
		if !slices.Equal(given[i], kept[i]) {
			t.Fatalf("the list of %d is now %v, and was %v", i, given[i], kept[i])
		}
	}
}

// A consultant's words hold every skill beside half-days and income, however many there are.
func TestTablesHoldAnyNumberOfSkills(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 19, 20, 21, 32, 33, 52, 53, 64} {
		p, err := programme.Preset("pilot-2016")
		if err != nil {
			t.Fatal(err)
		}
		p.Skills = nil
		for k := range n {
			p.Skills = append(p.Skills, programme.Skill{ID: fmt.Sprint("s", k)})
		}
		random := rand.New(rand.NewPCG(1, uint64(n)))
		var clients, consultants []Person
		for k := range 40 {
			levels := map[string]int{}
			for _, s := range p.Skills {
				levels[s.ID] = random.IntN(4)
			}
			x := Person{ID: fmt.Sprint(k), Capacity: 1, Availability: []string{"mon-am", "fri-pm"}[:random.IntN(3)]}
			x.Organisation.Region, x.Organisation.Income = "London", 1+random.IntN(10_000_000)
			x.Organisation.Postcode = geography.Postcode(fmt.Sprint("N", 1+k%9))
			x.Needs = levels
			clients = append(clients, x)
			x.Needs, x.Skills = nil, levels
			x.Organisation.Postcode = geography.Postcode(fmt.Sprint("SE", 1+k%9))
			consultants = append(consultants, x)
		}
		pool, err := NewPool(p, clients, consultants, nil)
		if err != nil {
			t.Fatal(err)
		}
		v := &view{pool: pool, factor: 1, relaxed: make([]uint8, len(clients))}
		for i := range clients {
			s := v.scan(i, nil, 0)
			for j := range consultants {
				if got, want := s.score(int32(j)), pool.Score(i, j); got != want {
					t.Errorf("%d skills: the score of %d and %d is %d, not %d", n, i, j, got, want)
				}
			}
			scanPool.Put(s)
		}
	}
}
