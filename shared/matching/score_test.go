package matching_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/assign"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestEachRuleGivesItsPoints(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Weights = programme.Weights{Fit: 10, Breadth: 5, Experience: 2, Size: 7, Difference: 3, Availability: 1, Preference: 100}
	client, consultant := needs("a", "LS6 2AB", "HE", "AR"), offers("b", "S1 1AA", "ED")
	client.Needs = map[string]int{"fundraising": 3, "digital": 1, "board": 2, "policy": 0}
	client.Skills = map[string]int{"fundraising": 1, "digital": 3}
	consultant.Skills = map[string]int{"fundraising": 2, "digital": 2, "policy": 3, "finance": 3}
	client.Availability, consultant.Availability = []string{"fri-pm", "mon-am", "tue-pm"}, []string{"tue-pm", "mon-am", "wed-am"}
	client.Organisation.Income, consultant.Organisation.Income = 50_000, 5_000_000
	client.Preferences, consultant.Preferences = []string{"z", "b"}, []string{"x", "y", "a", "a"}

	r := matching.Explain(p, client, consultant)
	points := map[matching.Rule]int{}
	for _, x := range r.Points {
		points[x.Rule] = x.Points
	}
	want := map[matching.Rule]int{
		matching.Fit: 10 * (3*2 + 1*2), matching.Breadth: 5 * 2, matching.Experience: 2 * (2 - 1), matching.Size: 7,
		matching.Difference: 3, matching.Availability: 2, matching.Preference: 100 * (2 + 1),
	}
	if !maps.Equal(points, want) {
		t.Errorf("points %v, want %v", points, want)
	}
	if want := []matching.Need{{Skill: "fundraising", Priority: 3, Level: 2}, {Skill: "digital", Priority: 1, Level: 2}}; !slices.Equal(r.Met, want) {
		t.Errorf("met %v, want %v", r.Met, want)
	}
	if !slices.Equal(r.Unmet, []string{"board"}) {
		t.Errorf("unmet %q, want the board alone", r.Unmet)
	}
	if !slices.Equal(r.HalfDays, []string{"mon-am", "tue-pm"}) {
		t.Errorf("half-days %q, want those in common in the order of the week", r.HalfDays)
	}

	p.Weights.Difference, p.Weights.Size = 0, 0
	for _, x := range matching.Explain(p, client, consultant).Points {
		if x.Rule == matching.Difference || x.Rule == matching.Size {
			t.Errorf("a rule of weight 0 gives %v", x)
		}
	}
}

func TestALargerOrganisationIsOneOfALargerBand(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	p.Weights = programme.Weights{Size: 1}
	for _, row := range []struct{ client, consultant, want int }{
		{50_000, 500_000, 1}, {50_000, 90_000, 0}, {500_000, 50_000, 0}, {0, 500_000, 0}, {50_000, 0, 0}, {9_999, 10_000, 1}, {99_999_999, 100_000_000, 1},
	} {
		a, b := needs("a", "LS6 2AB"), offers("b", "S1 1AA")
		a.Organisation.Income, b.Organisation.Income = row.client, row.consultant
		if got := matching.Explain(p, a, b).Score(); got != row.want {
			t.Errorf("£%d and £%d: %d points, want %d", row.client, row.consultant, got, row.want)
		}
	}
}

// A skill that the programme dropped from its list counts neither for the score
// nor in what people read.
func TestADroppedSkillGivesNoPoints(t *testing.T) {
	t.Parallel()
	p := pilot(t)
	a, b := needs("a", "LS6 2AB"), offers("b", "S1 1AA")
	a.Needs["juggling"], b.Skills["juggling"], a.Needs["mime"] = 3, 3, 2
	r := matching.Explain(p, a, b)
	if len(r.Met) != 1 || len(r.Unmet) != 0 {
		t.Errorf("met %v and unmet %v, want fundraising alone", r.Met, r.Unmet)
	}
	pool, err := matching.NewPool(p, []matching.Person{a}, []matching.Person{b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Score() != pool.Score(0, 0) {
		t.Errorf("the reasons give %d points, the score is %d", r.Score(), pool.Score(0, 0))
	}
}

func TestEveryPointBelongsToOneRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		p := anyProgramme(t, c, 1+c.IntN(programme.MaxSkills))
		a, b := anyPeople(c, p, 6, 6)
		pool, err := matching.NewPool(p, a, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := p.Weights
		weight := map[matching.Rule]int{
			matching.Fit: w.Fit, matching.Breadth: w.Breadth, matching.Experience: w.Experience, matching.Size: w.Size,
			matching.Difference: w.Difference, matching.Availability: w.Availability, matching.Preference: w.Preference,
		}
		for i, client := range pool.Clients {
			for j, consultant := range pool.Consultants {
				r, given := matching.Explain(p, *client, *consultant), map[matching.Rule]bool{}
				for _, x := range r.Points {
					if given[x.Rule] || weight[x.Rule] == 0 || x.Points%weight[x.Rule] != 0 || x.Points < 0 {
						t.Fatalf("%v of a weight of %d, or given twice", x, weight[x.Rule])
					}
					given[x.Rule] = true
				}
				if r.Score() != pool.Score(i, j) {
					t.Fatalf("%v and %v: the reasons give %d points, the score is %d", client, consultant, r.Score(), pool.Score(i, j))
				}
			}
		}
	})
}

// The solver's view of the pairs must be exact in all ways that optimality hangs on.
func TestTheSolverSeesTheBestPairsAtTheirScores(t *testing.T) {
	t.Parallel()
	for _, skills := range []int{1, 18, 24, 25, programme.MaxSkills} {
		t.Run(fmt.Sprint(skills, " skills"), rapid.MakeCheck(func(t *rapid.T) {
			c := drawn(t)
			p := anyProgramme(t, c, skills)
			if c.IntN(8) == 0 {
				const most = programme.MaxWeight
				p.Weights = programme.Weights{Fit: most, Breadth: most, Experience: most, Size: most, Difference: most, Availability: most, Preference: most}
			}
			a, b := anyPeople(c, p, 4, pick(c, 60, 60, 60, 900)) // enough to be judged by a part of them
			pool, err := matching.NewPool(p, a, b, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range pool.Clients {
				each(t, c, pool, i)
				look := matching.Look{
					Prices: make([]int64, len(b)), Want: pick(c, 1, 2, 5, 24, 100, 2000), Relaxed: uint8(c.IntN(len(p.Relax) + 1)),
					Least: pick(c, 0, 0, 5, 20), Factor: pick(c, int64(1), 5, 1<<30), Kept: int32(c.IntN(2*len(b)) - len(b)),
				}
				height := pick(c, int64(1), 10, 100) * look.Factor
				for j := range look.Prices {
					look.Prices[j] = max(0, int64(c.IntN(int(2*height)))-height)
				}
				seen(t, pool, i, look)
			}
		}))
	}
}

// each checks who of some of the consultants scores enough.
func each(t *rapid.T, c chance, pool *matching.Pool, i int) {
	n := len(pool.Consultants)
	least, relaxed, among := pick(c, 0, 5, 20, 60, 120), uint8(c.IntN(len(pool.Programme.Relax)+1)), make([]uint64, (n+63)/64)
	var want []int
	for j := range n {
		if c.IntN(3) == 0 {
			continue
		}
		among[j/64] |= 1 << (j % 64)
		if pool.RuledOut(i, j, int(relaxed)) == "" && pool.Score(i, j) >= least {
			want = append(want, j)
		}
	}
	got := pool.Each(i, least, relaxed, among)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("those who score %d are %v, want %v", least, got, want)
	}
}

// seen checks one look at a client's pairs.
func seen(t *rapid.T, pool *matching.Pool, i int, look matching.Look) {
	weights := map[int32]int64{}
	for j := range pool.Consultants {
		score := pool.Score(i, j)
		if pool.RuledOut(i, j, int(look.Relaxed)) != "" || score < look.Least {
			continue
		}
		w := int64(score) * look.Factor
		if int32(j) == look.Kept {
			w++
		}
		weights[int32(j)] = w
	}
	value := func(j int32) int64 { return weights[j] - look.Prices[j] }
	best := slices.SortedFunc(maps.Keys(weights), func(a, b int32) int { return cmp.Compare(value(b), value(a)) })

	edges, bound := pool.Scan(i, look)
	if len(edges) > look.Want || len(edges) < min(look.Want/8+4, look.Want, len(weights)) { // about as many as wanted
		t.Fatalf("%d pairs listed, of %d wanted and %d there", len(edges), look.Want, len(weights))
	}
	if look.Want > 20*len(pool.Consultants) && (len(edges) < len(weights) || bound > assign.None) {
		t.Fatalf("all are wanted, and %d of %d listed, with a bound of %d", len(edges), len(weights), bound)
	}
	slices.SortFunc(edges, func(a, b assign.Edge) int { return cmp.Compare(value(b.Consultant), value(a.Consultant)) })
	listed := map[int32]bool{}
	for k, e := range edges {
		w, eligible := weights[e.Consultant]
		switch {
		case !eligible || listed[e.Consultant]:
			t.Fatalf("%d is listed, and is not eligible or listed twice", e.Consultant)
		case w != e.Weight:
			t.Fatalf("%d is listed with a weight of %d, and has %d", e.Consultant, e.Weight, w)
		case value(e.Consultant) != value(best[k]):
			t.Fatalf("the number %d of those listed is worth %d, and of all %d", k+1, value(e.Consultant), value(best[k]))
		}
		listed[e.Consultant] = true
	}
	most := int64(math.MinInt64)
	for _, j := range best {
		if !listed[j] {
			most = max(most, value(j))
		}
	}
	if most > bound {
		t.Fatalf("one left out is worth %d, above the bound of %d", most, bound)
	}
}
