package matching

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
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
		x := Person{ID: fmt.Sprint(k), Capacity: 1, Organisation: enrolment.Organisation{Region: "London", Postcode: programme.Postcode(fmt.Sprint("N", 1+k%9))}}
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
	v.Priced(prices)
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
