package matching_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// SciPy solves by another method, in other people's code: each consultant as many
// columns as places, a pair that is not eligible at 0, and others at a premium that
// outweighs all scores. What the objective fair comes to, it finds by trying which is
// the highest score that all can have.
const scipyProgram = `
import json, sys
import numpy
from scipy.optimize import linear_sum_assignment

def best(scores, least):
    eligible = scores >= max(least, 0)
    premium = (len(scores) + 1) * (scores.max(initial=0) + 1)
    worth = numpy.where(eligible, scores + premium, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    made = eligible[rows, columns]
    return int(made.sum()), int(scores[rows, columns][made].sum())

for line in sys.stdin:
    problem = json.loads(line)
    scores = numpy.repeat(numpy.array(problem["scores"]), problem["capacity"], axis=1)
    matched, score = best(scores, 0)
    if problem["fair"] and matched:
        low, high = 0, int(scores.max()) + 1
        while low + 1 < high:
            middle = (low + high) // 2
            if best(scores, middle)[0] == matched:
                low = middle
            else:
                high = middle
        score = best(scores, low)[1]
    print(json.dumps({"matched": matched, "score": score}), flush=True)
`

// optimum is what there is to agree on.
type optimum struct {
	Matched int `json:"matched"`
	Score   int `json:"score"`
}

// startSciPy starts a Python that solves each problem it is given.
func startSciPy(t *testing.T) func(problem any) optimum {
	t.Helper()
	// Debian's package serves Debian's Python, which need not be the first in PATH.
	var python string
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import scipy.optimize").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		t.Skip("no Python here has SciPy, so that nothing is compared with it: install python3-scipy")
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	c := exec.CommandContext(ctx, python, "-c", scipyProgram)
	c.Env = append(c.Environ(), "OPENBLAS_NUM_THREADS=1")
	c.Stderr = t.Output()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer stop()
		in.Close() // at which it ends by itself
		if err := c.Wait(); err != nil {
			t.Errorf("Python: %v", err)
		}
	})
	ask, answer := json.NewEncoder(in), json.NewDecoder(out)
	return func(problem any) (o optimum) {
		t.Helper()
		if err := ask.Encode(problem); err != nil {
			t.Fatal(err)
		}
		if err := answer.Decode(&o); err != nil {
			t.Fatal(err)
		}
		return o
	}
}

// middling is a problem of 30 to 200 people a side in one region or three, with a
// bit of everything that rules pairs out or changes scores.
func middling(random *rand.Rand) *matching.Problem {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		panic(err)
	}
	p.Objective = []programme.Objective{programme.Fair, programme.Total}[random.IntN(2)]
	p.Relax = nil
	if random.IntN(3) == 0 {
		p.Place.Within = programme.Neighbouring
	}
	p.Competition.Area = []programme.Area{programme.District, programme.PostcodeArea, programme.Region}[random.IntN(3)]
	w := &p.Weights
	for _, weight := range []*int{&w.Fit, &w.Breadth, &w.Experience, &w.Size, &w.Difference, &w.Availability, &w.Preference} {
		*weight = random.IntN(12) * random.IntN(2) // often 0, so that many pairs are as good
	}
	clients, consultants := sector.People(p, 30+random.IntN(171), 30+random.IntN(171), random)

	regions := [][]string{{"Wales"}, {"Scotland", "North East", "London"}}[random.IntN(2)]
	change := func(x *matching.Person, others []matching.Person) {
		o := &x.Organisation
		o.Region = regions[random.IntN(len(regions))]
		districts := slices.DeleteFunc(geography.UK().Districts(), func(code string) bool { return geography.UK().Usual(geography.Postcode(code)) != o.Region })
		o.Postcode = geography.Postcode(districts[random.IntN(9)])
		x.Languages = [][]string{nil, {"English"}, {"Welsh"}, {"English", "Welsh"}}[random.IntN(4)]
		x.Meeting = [][]string{nil, {"in-person"}, {"video", "phone"}, {"phone"}}[random.IntN(4)]
		x.Availability = slices.DeleteFunc(slices.Clone(x.Availability), func(string) bool { return random.IntN(3) == 0 })
		other := func() *matching.Person { return &others[random.IntN(len(others))] }
		for range random.IntN(4) {
			x.Conflicts = append(x.Conflicts, other().Organisation.Number)
			x.Declined = append(x.Declined, other().ID)
			if id := other().ID; !slices.Contains(x.Preferences, id) {
				x.Preferences = append(x.Preferences, id)
			}
		}
	}
	for i := range clients {
		change(&clients[i], consultants)
		if random.IntN(2) == 0 {
			clients[i].Skills = map[string]int{p.Skills[random.IntN(len(p.Skills))].ID: 1 + random.IntN(3)}
		}
	}
	several := random.IntN(2) == 0
	for j := range consultants {
		change(&consultants[j], clients)
		if several {
			consultants[j].Capacity = random.IntN(4)
		}
	}
	return &matching.Problem{Programme: p, Clients: clients, Consultants: consultants}
}

func TestSolutionEqualsSciPysOnMiddleProblems(t *testing.T) {
	t.Parallel()
	scipy := startSciPy(t)
	matched, waiting := 0, 0
	for seed := range uint64(24) {
		pr := middling(rand.New(rand.NewPCG(seed, 36)))
		s, err := matching.Solve(pr)
		if err != nil {
			t.Fatalf("problem %d: %v", seed, err)
		}
		if err := s.Verify(); err != nil {
			t.Errorf("problem %d: %v", seed, err)
		}
		// SciPy is given the words' view of each pair, not the solver's tables.
		pool := s.Pool
		scores := make([][]int, len(pool.Clients))
		capacity := make([]int, len(pool.Consultants))
		scored := &matching.ScoredPairs{Pairs: make([][]matching.ScoredPair, len(pool.Clients))}
		for j, y := range pool.Consultants {
			capacity[j] = y.Capacity
			scored.Consultants = append(scored.Consultants, certificate.Consultant{ID: y.ID, Capacity: y.Capacity, Supervisor: -1})
		}
		for i, x := range pool.Clients {
			scored.Clients = append(scored.Clients, x.ID)
			for j, y := range pool.Consultants {
				score := -1
				if pool.RuledOut(i, j, 0) == "" {
					score = matching.Explain(pr.Programme, *x, *y).Score()
					scored.Pairs[i] = append(scored.Pairs[i], matching.ScoredPair{Consultant: j, Score: score})
				}
				scores[i] = append(scores[i], score)
			}
		}
		fair := pr.Programme.Objective == programme.Fair
		want := scipy(map[string]any{"scores": scores, "capacity": capacity, "fair": fair})
		matched, waiting = matched+want.Matched, waiting+len(pool.Clients)-want.Matched

		if got := (optimum{len(s.Matches), s.Score}); got != want {
			t.Errorf("problem %d, %s, %d and %d people: ours is %+v, SciPy's %+v", seed, pr.Programme.Objective, len(pool.Clients), len(pool.Consultants), got, want)
		}
		edges, _, err := matching.SolveScored(scored, pr.Programme.Objective)
		if err != nil {
			t.Fatalf("problem %d, scored: %v", seed, err)
		}
		got := optimum{Matched: len(edges)}
		for _, m := range edges {
			got.Score += m.Score
		}
		if got != want {
			t.Errorf("problem %d, scored, %s: ours is %+v, SciPy's %+v", seed, pr.Programme.Objective, got, want)
		}
	}
	// Problems in which everyone is matched, or nobody, would show little.
	t.Logf("%d clients matched, %d not", matched, waiting)
	if matched < 500 || waiting < 200 {
		t.Errorf("the problems are too easy: %d matched, %d not", matched, waiting)
	}
}
