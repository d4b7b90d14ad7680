package matching_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/matching/internal/exhaustive"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var objectives = []programme.Objective{programme.Fair, programme.Total}

// solveScored solves and checks a problem of scored pairs.
func solveScored(t rapid.TB, b *matching.ScoredPairs, objective programme.Objective) ([]certificate.Match, *certificate.Certificate) {
	t.Helper()
	matches, c, err := matching.SolveScored(b, objective)
	if err != nil {
		t.Fatal(err)
	}
	if err := certificate.Check(*b.Problem(), matches, *c); err != nil {
		t.Fatal(err)
	}
	if c.Objective != string(objective) {
		t.Fatalf("asked for %q, solved for %q", objective, c.Objective)
	}
	return matches, c
}

// anyScoredPairs has pairs of so many in a hundred, with scores below a limit, and
// capacities up to 3.
func anyScoredPairs(c chance, clients, consultants, percent, scores int) *matching.ScoredPairs {
	b := &matching.ScoredPairs{}
	for k := range c.IntN(4) {
		b.Supervisors = append(b.Supervisors, certificate.Supervisor{ID: fmt.Sprint("s", k), Capacity: pick(c, 0, 1, 2, 3, clients/2, clients)})
	}
	for j := range consultants {
		b.Consultants = append(b.Consultants, certificate.Consultant{
			ID: fmt.Sprint("d", j), Capacity: pick(c, 1, 1, 1, 0, 2, 3), Supervisor: c.IntN(len(b.Supervisors)+1) - 1,
		})
	}
	for i := range clients {
		b.Clients = append(b.Clients, fmt.Sprint("c", i))
		var edges []matching.ScoredPair
		for j := range consultants {
			if c.IntN(100) < percent {
				edges = append(edges, matching.ScoredPair{Consultant: j, Score: c.IntN(scores)})
			}
		}
		b.Pairs = append(b.Pairs, edges)
	}
	return b
}

func TestSolutionOfScoredPairsIsTheBestOfAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		for range 4 {
			b := anyScoredPairs(c, c.IntN(8), c.IntN(8), pick(c, 20, 50, 100), pick(c, 1, 2, 4, certificate.MaxScore+1))
			for _, objective := range objectives {
				matches, cert := solveScored(t, b, objective)
				best := exhaustive.Solve(*b.Problem(), objective == programme.Fair)
				got := exhaustive.Best{Matched: len(matches), Score: cert.Score}
				if objective == programme.Fair {
					got.Worst = cert.Worst
				}
				if got != best {
					t.Fatalf("%s: found %+v, and the best is %+v", objective, got, best)
				}
			}
		}
	})
}

// Lists of pairs are complete here, so that what is tested is the solver itself;
// the certificate is the proof.
func TestLargerProblemsOfScoredPairsHaveTheirProof(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		b := anyScoredPairs(c, 30+c.IntN(121), 30+c.IntN(121), pick(c, 2, 5, 20, 90), pick(c, 1, 3, 50, certificate.MaxScore+1))
		solveScored(t, b, pick(c, objectives...))
	})
}

// someScoredPairs has consultants with one place each, all under one supervisor if it has places.
func someScoredPairs(supervised int, edges ...[]matching.ScoredPair) *matching.ScoredPairs {
	b := &matching.ScoredPairs{Pairs: edges}
	consultants := 0
	for i := range edges {
		b.Clients = append(b.Clients, fmt.Sprint("c", i))
		for _, e := range edges[i] {
			consultants = max(consultants, e.Consultant+1)
		}
	}
	for j := range consultants {
		b.Consultants = append(b.Consultants, certificate.Consultant{ID: fmt.Sprint("d", j), Capacity: 1, Supervisor: -1})
		if supervised >= 0 {
			b.Consultants[j].Supervisor = 0
		}
	}
	if supervised >= 0 {
		b.Supervisors = []certificate.Supervisor{{ID: "s", Capacity: supervised}}
	}
	return b
}

func TestScoredPairsAtTheEdge(t *testing.T) {
	t.Parallel()
	type edges = []matching.ScoredPair
	// The one who fits better is the only one for the other client.
	crossed := []edges{{{Consultant: 0, Score: 9}, {Consultant: 1, Score: 1}}, {{Consultant: 0, Score: 8}}}
	withCapacity := func(b *matching.ScoredPairs, capacities ...int) *matching.ScoredPairs {
		for j, c := range capacities {
			b.Consultants[j].Capacity = c
		}
		return b
	}
	for _, row := range []struct {
		name  string
		b     *matching.ScoredPairs
		fair  string
		total string
	}{
		{"nobody", &matching.ScoredPairs{}, "", ""},
		{"no consultants", someScoredPairs(-1, nil, nil), "", ""},
		{"no clients", &matching.ScoredPairs{Consultants: []certificate.Consultant{{ID: "d0", Capacity: 1, Supervisor: -1}}}, "", ""},
		{"nobody eligible", &matching.ScoredPairs{
			Clients: []string{"c0", "c1"}, Pairs: make([][]matching.ScoredPair, 2),
			Consultants: []certificate.Consultant{{ID: "d0", Capacity: 1, Supervisor: -1}},
		}, "", ""},
		{"a score of 0 is a match", someScoredPairs(-1, edges{{Consultant: 0}}), "c0-d0:0", "c0-d0:0"},
		{"more matched before a better fit", someScoredPairs(-1, crossed...), "c0-d1:1 c1-d0:8", "c0-d1:1 c1-d0:8"},
		{"no places", withCapacity(someScoredPairs(-1, crossed...), 0, 0), "", ""},
		{"no place with the one, one with the other", withCapacity(someScoredPairs(-1, crossed...), 0, 1), "c0-d1:1", "c0-d1:1"},
		{"two places with one", withCapacity(someScoredPairs(-1, crossed...), 2, 0), "c0-d0:9 c1-d0:8", "c0-d0:9 c1-d0:8"},
		{"more places than there are people", withCapacity(someScoredPairs(-1, crossed...), 1<<40, 1<<40), "c0-d0:9 c1-d0:8", "c0-d0:9 c1-d0:8"},
		{"one place in supervision", someScoredPairs(1, crossed...), "c0-d0:9", "c0-d0:9"},
		{"no place in supervision", someScoredPairs(0, crossed...), "", ""},
		{"more places in supervision than people", someScoredPairs(1<<40, crossed...), "c0-d1:1 c1-d0:8", "c0-d1:1 c1-d0:8"},
		{
			"the worst-off before the total",
			someScoredPairs(-1, edges{{Consultant: 0, Score: 9}, {Consultant: 1, Score: 4}}, edges{{Consultant: 0, Score: 4}, {Consultant: 1, Score: 1}}),
			"c0-d1:4 c1-d0:4", "c0-d0:9 c1-d1:1",
		},
	} {
		for _, objective := range objectives {
			t.Run(row.name+", "+string(objective), func(t *testing.T) {
				t.Parallel()
				matches, _ := solveScored(t, row.b, objective)
				var got []string
				for _, m := range matches {
					got = append(got, fmt.Sprintf("%s-%s:%d", m.Client, m.Consultant, m.Score))
				}
				want := row.total
				if objective == programme.Fair {
					want = row.fair
				}
				if strings.Join(got, " ") != want {
					t.Errorf("matched %q, want %q", got, want)
				}
			})
		}
	}
}

func TestScoredPairsOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *matching.ScoredPairs){
		"a score below 0":             func(b *matching.ScoredPairs) { b.Pairs[0][0].Score = -1 },
		"a score too high":            func(b *matching.ScoredPairs) { b.Pairs[0][0].Score = certificate.MaxScore + 1 },
		"a consultant who is not":     func(b *matching.ScoredPairs) { b.Pairs[0][0].Consultant = 1 },
		"a place below 0":             func(b *matching.ScoredPairs) { b.Pairs[0][0].Consultant = -1 },
		"a pair given twice":          func(b *matching.ScoredPairs) { b.Pairs[0] = append(b.Pairs[0], b.Pairs[0]...) },
		"a capacity below 0":          func(b *matching.ScoredPairs) { b.Consultants[0].Capacity = -1 },
		"a supervisor's below 0":      func(b *matching.ScoredPairs) { b.Supervisors[0].Capacity = -1 },
		"a supervisor who is not":     func(b *matching.ScoredPairs) { b.Consultants[0].Supervisor = 1 },
		"a client given twice":        func(b *matching.ScoredPairs) { b.Clients, b.Pairs = append(b.Clients, "c0"), append(b.Pairs, nil) },
		"a consultant given twice":    func(b *matching.ScoredPairs) { b.Consultants = append(b.Consultants, b.Consultants[0]) },
		"a supervisor given twice":    func(b *matching.ScoredPairs) { b.Supervisors = append(b.Supervisors, b.Supervisors[0]) },
		"clients without their edges": func(b *matching.ScoredPairs) { b.Clients = append(b.Clients, "c1") },
	} {
		b := someScoredPairs(1, []matching.ScoredPair{{Consultant: 0, Score: 1}})
		change(b)
		if _, _, err := matching.SolveScored(b, programme.Fair); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// reordered is the same problem in another order of everything.
func reordered(c chance, b *matching.ScoredPairs) *matching.ScoredPairs {
	places := func(n int) []int {
		all := make([]int, n)
		for k := range all {
			all[k] = k
		}
		return shuffled(c, all)
	}
	clients, consultants, supervisors := places(len(b.Clients)), places(len(b.Consultants)), places(len(b.Supervisors))
	other := &matching.ScoredPairs{}
	for _, t := range supervisors {
		other.Supervisors = append(other.Supervisors, b.Supervisors[t])
	}
	for _, j := range consultants {
		d := b.Consultants[j]
		if d.Supervisor >= 0 {
			d.Supervisor = slices.Index(supervisors, d.Supervisor)
		}
		other.Consultants = append(other.Consultants, d)
	}
	for _, i := range clients {
		edges := shuffled(c, b.Pairs[i])
		for k := range edges {
			edges[k].Consultant = slices.Index(consultants, edges[k].Consultant)
		}
		other.Clients, other.Pairs = append(other.Clients, b.Clients[i]), append(other.Pairs, edges)
	}
	return other
}

// Not parallel: it changes how many processors there are.
func TestOrderOfRowsMakesNoDifference(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		b := anyScoredPairs(c, 4+c.IntN(20), 4+c.IntN(20), pick(c, 20, 60, 100), pick(c, 1, 3, 50))
		objective := pick(c, objectives...)
		write := func(b *matching.ScoredPairs) string {
			matches, cert := solveScored(t, b, objective)
			if !slices.IsSortedFunc(matches, func(a, b certificate.Match) int { return cmp.Compare(a.Client, b.Client) }) {
				t.Fatalf("matches are not in the order of ids: %v", matches)
			}
			text, err := json.Marshal([]any{matches, cert})
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		want := write(b)
		for k := range 5 {
			runtime.GOMAXPROCS(1 + k%2)
			if got := write(reordered(c, b)); got != want {
				t.Fatalf("another order gives another solution:\n%s\n%s", got, want)
			}
		}
	})
}
