package matching

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func pilot(t rapid.TB) *programme.Programme {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func person(id, postcode string, categories []string, skills map[string]int) Person {
	pc, _ := programme.ParsePostcode(postcode)
	return Person{
		ID: id, Capacity: 1, Skills: skills, Availability: []string{"mon-am"},
		Organisation: enrolment.Organisation{Name: "Organisation " + id, Postcode: pc, Region: pc.Region(), Categories: categories},
	}
}

func TestRuledOut(t *testing.T) {
	t.Parallel()
	needs := map[string]int{"fundraising": 3}
	client := person("a", "LS6 2AB", []string{"HE"}, needs)
	for _, row := range []struct {
		name       string
		consultant Person
		client     func(*Person)
		want       Criterion
	}{
		{"eligible: same region, other service", person("b", "LS1 1AA", []string{"AR"}, needs), nil, ""},
		{"eligible: same service, other area", person("b", "S1 1AA", []string{"HE"}, needs), nil, ""},
		{"other region", person("b", "M1 1AA", []string{"AR"}, needs), nil, SameRegion},
		{"same service in the same area", person("b", "LS28 1AA", []string{"SC", "HE"}, needs), nil, NoCompetition},
		{"named by name", person("b", "S1 1AA", []string{"AR"}, needs), func(p *Person) { p.Conflicts = []string{"organisation-B!"} }, NoConflict},
		{"declined before", person("b", "S1 1AA", []string{"AR"}, needs), func(p *Person) { p.Declined = []string{"b"} }, NoConflict},
		{"nothing to ask", person("b", "S1 1AA", []string{"AR"}, map[string]int{"digital": 3}), nil, SomethingToAsk},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := client
			if row.client != nil {
				row.client(&c)
			}
			if got := RuledOut(pilot(t), c, row.consultant); got != row.want {
				t.Errorf("RuledOut = %q, want %q", got, row.want)
			}
		})
	}
}

func TestConflictByRegisterNumber(t *testing.T) {
	t.Parallel()
	o := enrolment.Organisation{Name: "Some charity", Number: "GB-CHC-1000430"}
	for _, c := range []string{"1000430", "gb-chc-1000430", "SOME CHARITY"} {
		if !names([]string{c}, o) {
			t.Errorf("%q does not name %v", c, o)
		}
	}
	if names([]string{"", "430", "Another"}, o) {
		t.Error("a part of a number or nothing names an organisation")
	}
}

// problem draws people in few enough regions and skills that conflicts abound.
func problem(t *rapid.T) (clients, consultants []Person) {
	postcodes := []string{"LS1 1AA", "LS2 1AA", "S1 1AA", "M1 1AA"}
	skills := []string{"fundraising", "board", "digital"}
	draw := func(kind string, capacity int) []Person {
		people := make([]Person, rapid.IntRange(0, 5).Draw(t, kind+"s"))
		for i := range people {
			levels := map[string]int{}
			for _, s := range skills {
				if l := rapid.IntRange(0, 3).Draw(t, s); l > 0 {
					levels[s] = l
				}
			}
			people[i] = person(fmt.Sprintf("%s%d", kind, i), rapid.SampledFrom(postcodes).Draw(t, "postcode"),
				[]string{rapid.SampledFrom([]string{"HE", "AR"}).Draw(t, "category")}, levels)
			people[i].Capacity = rapid.IntRange(min(1, capacity), capacity).Draw(t, "capacity")
		}
		return people
	}
	return draw("c", 1), draw("d", 2)
}

// everySolution tries all assignments and returns the best count and score.
func everySolution(p *programme.Programme, clients, consultants []Person) (matched, score int) {
	var try func(i, n, sum int, left []int)
	try = func(i, n, sum int, left []int) {
		if i == len(clients) {
			if n > matched || n == matched && sum > score {
				matched, score = n, sum
			}
			return
		}
		try(i+1, n, sum, left)
		for j, d := range consultants {
			if left[j] > 0 && RuledOut(p, clients[i], d) == "" {
				left[j]--
				try(i+1, n+1, sum+Explain(p, clients[i], d).Score(), left)
				left[j]++
			}
		}
	}
	left := make([]int, len(consultants))
	for j, d := range consultants {
		left[j] = d.Capacity
	}
	try(0, 0, 0, left)
	return matched, score
}

func TestSolutionIsTheOptimum(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	rapid.Check(t, func(t *rapid.T) {
		clients, consultants := problem(t)
		s := Solve(p, clients, consultants)
		matched, score := everySolution(p, clients, consultants)
		if len(s.Matches) != matched || s.Score != score {
			t.Fatalf("Solve: %d matched, score %d; the best is %d, %d", len(s.Matches), s.Score, matched, score)
		}
		used := map[string]int{}
		for _, m := range s.Matches {
			c := clients[slices.IndexFunc(clients, func(x Person) bool { return x.ID == m.Client })]
			d := consultants[slices.IndexFunc(consultants, func(x Person) bool { return x.ID == m.Consultant })]
			if why := RuledOut(p, c, d); why != "" {
				t.Fatalf("matched a pair that %q rules out", why)
			}
			used[m.Client]++
			used[m.Consultant]++
			if used[m.Client] > 1 || used[m.Consultant] > d.Capacity {
				t.Fatal("someone is matched beyond capacity")
			}
		}
		if len(s.Matches)+len(s.Unmatched) != len(clients) {
			t.Fatal("a client is neither matched nor unmatched")
		}
	})
}

func TestOrderOfEnrolmentDoesNotMatter(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	rapid.Check(t, func(t *rapid.T) {
		clients, consultants := problem(t)
		want := fmt.Sprint(Solve(p, clients, consultants))
		got := fmt.Sprint(Solve(p, rapid.Permutation(clients).Draw(t, "clients"), rapid.Permutation(consultants).Draw(t, "consultants")))
		if got != want {
			t.Fatalf("another order gives another solution:\n%s\n%s", got, want)
		}
	})
}
