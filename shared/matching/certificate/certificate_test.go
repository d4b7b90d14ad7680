package certificate_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/matching/internal/exhaustive"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// run is a matching with its certificate and what both are about.
type run struct {
	clients     []string
	consultants []certificate.Consultant
	supervisors []certificate.Supervisor
	edges       [][]edge
	kept        map[int]int
	matches     []certificate.Match
	certificate.Certificate
}

type edge struct{ consultant, score int }

func (r *run) problem() certificate.Problem {
	return certificate.Problem{
		Clients: r.clients, Consultants: r.consultants, Supervisors: r.supervisors, Kept: r.kept,
		Edges: func(i int, yield func(j, score int)) {
			for _, e := range r.edges[i] {
				yield(e.consultant, e.score)
			}
		},
	}
}

func (r *run) check() error { return certificate.Check(r.problem(), r.matches, r.Certificate) }

// Places in the example's lists.
const (
	ann, ben, cat = 0, 1, 2
	dee, eve, fay = 0, 1, 2
	most, worst   = 0, 1
	total         = 2
)

// example was proved by hand. Dee and Eve have one supervisor, Sam, with one place
// in all, so that of three clients two can be matched, one of them by Fay, who has
// only Ben to offer for: at best Ann with Dee and Ben with Fay.
func example() *run {
	type by = map[string]int64
	return &run{
		clients:     []string{"ann", "ben", "cat"},
		consultants: []certificate.Consultant{{ID: "dee", Capacity: 1, Supervisor: 0}, {ID: "eve", Capacity: 1, Supervisor: 0}, {ID: "fay", Capacity: 2, Supervisor: -1}},
		supervisors: []certificate.Supervisor{{ID: "sam", Capacity: 1}},
		edges:       [][]edge{{{dee, 5}, {eve, 3}}, {{dee, 4}, {fay, 1}}, {{eve, 2}}},
		matches:     []certificate.Match{{Client: "ann", Consultant: "dee", Score: 5}, {Client: "ben", Consultant: "fay", Score: 1}},
		Certificate: certificate.Certificate{
			Format: certificate.Format, Objective: "fair", Matched: 2, Score: 6, Worst: 1,
			Proofs: []certificate.Proof{
				{Claim: certificate.MostMatched, Premium: 1, Clients: by{"ben": 1}, Supervisors: by{"sam": 1}},
				{Claim: certificate.WorstOff, Least: 2, Premium: 1, Supervisors: by{"sam": 1}},
				{
					Claim: certificate.Total, Least: 1, Premium: 100, Factor: 1,
					Clients: by{"ann": 1, "ben": 101}, Consultants: by{"dee": 2}, Supervisors: by{"sam": 102},
				},
			},
		},
	}
}

// withoutPlace adds Gus, who has no place, so that his price adds nothing to a bound.
func withoutPlace(r *run) {
	r.consultants = append(r.consultants, certificate.Consultant{ID: "gus", Supervisor: -1})
}

// prices gives a consultant a price in all proofs.
func prices(r *run, id string, price int64) {
	for n := range r.Proofs {
		if r.Proofs[n].Consultants == nil {
			r.Proofs[n].Consultants = map[string]int64{}
		}
		r.Proofs[n].Consultants[id] = price
	}
}

// keeping has two clients and two consultants who all fit all alike, of whom Ann
// had Dee before.
func keeping() *run {
	type by = map[string]int64
	return &run{
		clients:     []string{"ann", "ben"},
		consultants: []certificate.Consultant{{ID: "dee", Capacity: 1, Supervisor: -1}, {ID: "eve", Capacity: 1, Supervisor: -1}},
		edges:       [][]edge{{{dee, 1}, {eve, 1}}, {{dee, 1}, {eve, 1}}},
		kept:        map[int]int{ann: dee},
		matches:     []certificate.Match{{Client: "ann", Consultant: "dee", Score: 1}, {Client: "ben", Consultant: "eve", Score: 1}},
		Certificate: certificate.Certificate{
			Format: certificate.Format, Objective: "total", Matched: 2, Score: 2, Worst: 1,
			Proofs: []certificate.Proof{
				{Claim: certificate.MostMatched, Premium: 1, Clients: by{"ann": 1, "ben": 1}},
				{Claim: certificate.Total, Premium: 10, Factor: 3, Clients: by{"ann": 13, "ben": 13}, Consultants: by{"dee": 1}},
			},
		},
	}
}

func TestWhatWasProvedByHandIsAccepted(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*run{"example": example(), "keeping": keeping()} {
		if err := r.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := json.Marshal(r.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		if r.Certificate = (certificate.Certificate{}); json.Unmarshal(text, &r.Certificate) != nil || r.check() != nil {
			t.Errorf("%s: as JSON it is no longer accepted: %s", name, text)
		}
	}
	// These change nothing in what is best, so they are no corruption.
	for name, change := range map[string]func(r *run){
		"edges in another order":        func(r *run) { slices.Reverse(r.edges[ann]) },
		"matches in another order":      func(r *run) { slices.Reverse(r.matches) },
		"a place that nobody used gone": func(r *run) { r.consultants[fay].Capacity = 1 },
		"a pair more with one who has no place": func(r *run) {
			withoutPlace(r)
			r.edges[cat] = append(r.edges[cat], edge{3, 9})
			prices(r, "gus", 109)
		},
		"a worse pair more":           func(r *run) { r.edges[cat] = append(r.edges[cat], edge{dee, 0}) },
		"a price of 0 given in words": func(r *run) { r.Proofs[total].Clients["cat"] = 0 },
		"a supervisor's price for a consultant's": func(r *run) {
			r.Proofs[total].Consultants, r.Proofs[total].Supervisors["sam"] = nil, 104
		},
		"the total alone": func(r *run) {
			r.Objective, r.Proofs = "total", []certificate.Proof{r.Proofs[most], r.Proofs[total]}
			r.Proofs[1].Least = 0
		},
	} {
		r := example()
		if change(r); r.check() != nil {
			t.Errorf("%s: %v", name, r.check())
		}
	}
}

func TestEveryPriceMatters(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() *run{"example": example, "keeping": keeping} {
		for n := range make().Proofs {
			for kind := range 3 {
				prices := func(r *run) map[string]int64 {
					return []map[string]int64{r.Proofs[n].Clients, r.Proofs[n].Consultants, r.Proofs[n].Supervisors}[kind]
				}
				for id := range prices(make()) {
					for what, change := range map[string]func(prices map[string]int64){
						"raised by one":  func(prices map[string]int64) { prices[id]++ },
						"lowered by one": func(prices map[string]int64) { prices[id]-- },
						"missing":        func(prices map[string]int64) { delete(prices, id) },
						"negated":        func(prices map[string]int64) { prices[id] = -prices[id] },
					} {
						r := make()
						if change(prices(r)); r.check() == nil {
							t.Errorf("%s: the price of %s in %q, %s, goes unnoticed", name, id, r.Proofs[n].Claim, what)
						}
					}
				}
			}
		}
	}
}

func TestEveryCorruptionIsCaught(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(r *run){
		// The matching.
		"a match dropped":                   func(r *run) { r.matches = r.matches[:1] },
		"a match dropped, and the counts":   func(r *run) { r.matches, r.Matched, r.Score = r.matches[1:], 1, 1 },
		"all matches dropped":               func(r *run) { r.matches, r.Matched, r.Score, r.Worst = nil, 0, 0, 0 },
		"a match given twice":               func(r *run) { r.matches = append(r.matches, r.matches[1]) },
		"a match twice, and the counts":     func(r *run) { r.matches, r.Matched, r.Score = append(r.matches, r.matches[1]), 3, 7 },
		"a client matched with two":         func(r *run) { r.matches[0] = certificate.Match{Client: "ben", Consultant: "dee", Score: 4} },
		"a client who is not there":         func(r *run) { r.matches[0].Client = "zoe" },
		"a consultant who is not there":     func(r *run) { r.matches[0].Consultant = "zoe" },
		"a client as a consultant":          func(r *run) { r.matches[0].Consultant = "cat" },
		"a pair that is not eligible":       func(r *run) { r.matches[1] = certificate.Match{Client: "cat", Consultant: "fay", Score: 1} },
		"a worse consultant":                func(r *run) { r.matches[0].Consultant, r.matches[0].Score, r.Score = "eve", 3, 4 },
		"another client":                    func(r *run) { r.matches[0], r.Score = certificate.Match{Client: "cat", Consultant: "eve", Score: 2}, 3 },
		"a match with another score":        func(r *run) { r.matches[0].Score = 6 },
		"another score, and the counts":     func(r *run) { r.matches[0].Score, r.Score = 6, 7 },
		"a point from one to another match": func(r *run) { r.matches[0].Score, r.matches[1].Score, r.Worst = 4, 2, 2 },
		"one match too many for the place": func(r *run) {
			r.matches = append(r.matches, certificate.Match{Client: "cat", Consultant: "eve", Score: 2})
		},
		"one too many, and the counts": func(r *run) {
			r.matches = append(r.matches, certificate.Match{Client: "cat", Consultant: "eve", Score: 2})
			r.Matched, r.Score = 3, 8
		},

		// The problem.
		"a place lost":                      func(r *run) { r.consultants[dee].Capacity = 0 },
		"the places of one who has two":     func(r *run) { r.consultants[fay].Capacity = 0 },
		"a supervisor's place lost":         func(r *run) { r.supervisors[0].Capacity = 0 },
		"a supervisor's place more":         func(r *run) { r.supervisors[0].Capacity = 2 },
		"a consultant without a supervisor": func(r *run) { r.consultants[eve].Supervisor = -1 },
		"a place more that would be used":   func(r *run) { r.consultants[dee].Capacity, r.consultants[dee].Supervisor = 2, -1 },
		"a capacity below 0":                func(r *run) { r.consultants[eve].Capacity = -1 },
		"a supervisor's capacity below 0":   func(r *run) { r.supervisors = append(r.supervisors, certificate.Supervisor{ID: "sue", Capacity: -1}) },
		"a supervisor who is not there":     func(r *run) { r.consultants[fay].Supervisor = 1 },
		"a client given twice":              func(r *run) { r.clients, r.edges = append(r.clients, "cat"), append(r.edges, nil) },
		"a consultant given twice":          func(r *run) { r.consultants = append(r.consultants, r.consultants[fay]) },
		"a supervisor given twice":          func(r *run) { r.supervisors = append(r.supervisors, r.supervisors[0]) },
		"a client more who could be":        func(r *run) { r.edges[cat] = append(r.edges[cat], edge{fay, 0}) },
		"a better pair":                     func(r *run) { r.edges[cat] = append(r.edges[cat], edge{dee, 6}) },
		"a better pair for the worst-off":   func(r *run) { r.edges[ann] = append(r.edges[ann], edge{fay, 2}) },
		"a score that rose":                 func(r *run) { r.edges[ann][1].score = 6 },
		"a match that is no longer a pair":  func(r *run) { r.edges[ben] = r.edges[ben][:1] },
		"a pair given twice":                func(r *run) { r.edges[cat] = append(r.edges[cat], r.edges[cat][0]) },
		"a score below 0":                   func(r *run) { r.edges[cat][0].score = -1 },
		"a score too high":                  func(r *run) { r.edges[cat][0].score = certificate.MaxScore + 1 },
		"a pair with nobody":                func(r *run) { r.edges[cat][0].consultant = 3 },
		"a pair with one before the first":  func(r *run) { r.edges[cat][0].consultant = -1 },

		// What is claimed.
		"another format":                   func(r *run) { r.Format = "cascade-certificate-2" },
		"no format":                        func(r *run) { r.Format = "" },
		"more matched":                     func(r *run) { r.Matched++ },
		"fewer matched":                    func(r *run) { r.Matched-- },
		"a higher score":                   func(r *run) { r.Score++ },
		"a lower score":                    func(r *run) { r.Score-- },
		"a better worst":                   func(r *run) { r.Worst++ },
		"a worse worst":                    func(r *run) { r.Worst-- },
		"another objective":                func(r *run) { r.Objective = "total" },
		"an unknown objective":             func(r *run) { r.Objective = "kind" },
		"no objective":                     func(r *run) { r.Objective = "" },
		"no proofs":                        func(r *run) { r.Proofs = nil },
		"the first proof missing":          func(r *run) { r.Proofs = r.Proofs[1:] },
		"the last proof missing":           func(r *run) { r.Proofs = r.Proofs[:2] },
		"a proof twice":                    func(r *run) { r.Proofs = append(r.Proofs, r.Proofs[total]) },
		"one proof in the place of others": func(r *run) { r.Proofs[worst] = r.Proofs[most] },
		"proofs in another order":          func(r *run) { r.Proofs[most], r.Proofs[worst] = r.Proofs[worst], r.Proofs[most] },
		"a claim renamed":                  func(r *run) { r.Proofs[worst].Claim = certificate.MostMatched },
		"an unknown claim":                 func(r *run) { r.Proofs[total].Claim = "best" },
		"the total for the worst-off":      func(r *run) { r.Proofs = []certificate.Proof{r.Proofs[most], r.Proofs[total]} },
		"total, with a proof of only some": func(r *run) { r.Objective, r.Proofs = "total", []certificate.Proof{r.Proofs[most], r.Proofs[total]} },

		// The proofs.
		"most matched among only some":        func(r *run) { r.Proofs[most].Least = 1 },
		"worst-off among too few":             func(r *run) { r.Proofs[worst].Least = 3 },
		"worst-off among those who are worse": func(r *run) { r.Proofs[worst].Least = 1 },
		"the total of too few":                func(r *run) { r.Proofs[total].Least = 2 },
		"a smaller premium":                   func(r *run) { r.Proofs[total].Premium-- },
		"a larger premium":                    func(r *run) { r.Proofs[total].Premium++ },
		"no premium":                          func(r *run) { r.Proofs[most].Premium = 0 },
		"a premium of two":                    func(r *run) { r.Proofs[worst].Premium = 2 },
		"a premium below 0":                   func(r *run) { r.Proofs[total].Premium = -100 },
		"another factor":                      func(r *run) { r.Proofs[total].Factor = 2 },
		"no factor":                           func(r *run) { r.Proofs[total].Factor = 0 },
		"a factor below 0":                    func(r *run) { r.Proofs[total].Factor = -1 },
		"a factor for the most matched":       func(r *run) { r.Proofs[most].Factor = 1 },
		"nothing is worth anything": func(r *run) {
			r.Proofs[total] = certificate.Proof{Claim: certificate.Total, Least: 1}
		},
		"a stranger's price":                     func(r *run) { r.Proofs[most].Clients["zoe"] = 1 },
		"a stranger's price of 0":                func(r *run) { r.Proofs[total].Consultants["zoe"] = 0 },
		"a price in the wrong list":              func(r *run) { r.Proofs[total].Consultants["ann"] = 0 },
		"a negative price that makes up the sum": func(r *run) { r.Proofs[most].Clients["ann"], r.Proofs[most].Clients["ben"] = -1, 2 },
		"a price moved to another": func(r *run) {
			r.Proofs[total].Clients["ann"], r.Proofs[total].Clients["cat"] = 0, 1
		},

		// Proofs that add up, and prove something else.
		"a price below 0 for one whom no pair needs": func(r *run) {
			r.clients, r.edges = append(r.clients, "dan"), append(r.edges, nil)
			r.matches, r.Matched, r.Score, r.Worst = r.matches[:1], 1, 5, 5
			r.Objective, r.Proofs = "total", []certificate.Proof{r.Proofs[most], r.Proofs[total]}
			r.Proofs[0].Clients["dan"], r.Proofs[1].Clients["dan"], r.Proofs[1].Least = -1, -101, 0
		},
		"a price below 0 for one without a place": func(r *run) {
			withoutPlace(r)
			r.Proofs[most].Consultants = map[string]int64{"gus": -1}
		},
		"a price too high for one without a place": func(r *run) {
			withoutPlace(r)
			r.Proofs[most].Consultants = map[string]int64{"gus": 1<<60 + 1}
		},
		"a score too high that a price covers": func(r *run) {
			withoutPlace(r)
			r.edges[cat] = append(r.edges[cat], edge{3, certificate.MaxScore + 1})
			prices(r, "gus", 1<<60)
		},
		"pairs that count twice": func(r *run) {
			r.Proofs[most].Premium, r.Proofs[most].Clients["ben"], r.Proofs[most].Supervisors["sam"] = 2, 2, 2
		},
		"scores that count as pairs": func(r *run) {
			r.Proofs[most].Factor, r.Proofs[most].Clients = 1, map[string]int64{"ann": 1, "ben": 2}
			r.Proofs[most].Consultants, r.Proofs[most].Supervisors = map[string]int64{"dee": 2}, map[string]int64{"sam": 3}
		},
		"pairs that count against": func(r *run) {
			r.Proofs[total].Premium, r.Proofs[total].Clients = -1, map[string]int64{"ann": 1}
			r.Proofs[total].Consultants, r.Proofs[total].Supervisors = map[string]int64{"dee": 2}, map[string]int64{"sam": 1}
		},
		"all of it times 2^41": func(r *run) {
			p := &r.Proofs[total]
			p.Premium, p.Factor = p.Premium<<41, p.Factor<<41
			for _, prices := range []map[string]int64{p.Clients, p.Consultants, p.Supervisors} {
				for id := range prices {
					prices[id] <<= 41
				}
			}
		},
		"an unknown objective that needs no proof": func(r *run) { r.Objective, r.Proofs = "kind", nil },

		// Numbers that do not fit.
		"a price that is too high":   func(r *run) { r.Proofs[worst].Clients = map[string]int64{"ann": 1<<60 + 1} },
		"the greatest price":         func(r *run) { r.Proofs[most].Clients["ben"] = math.MaxInt64 },
		"the least price":            func(r *run) { r.Proofs[most].Clients["ben"] = math.MinInt64 },
		"a premium that is too high": func(r *run) { r.Proofs[total].Premium = 1<<60 + 1 },
		"a factor that is too high":  func(r *run) { r.Proofs[total].Factor = 1<<40 + 1 },
		"the greatest factor":        func(r *run) { r.Proofs[total].Factor = math.MaxInt64 },
		"the greatest Least":         func(r *run) { r.Proofs[worst].Least = math.MaxInt },
		"a bound beyond 64 bits": func(r *run) {
			r.consultants[fay].Capacity, r.Proofs[most].Consultants = 16, map[string]int64{"fay": 1 << 60}
		},
		"below K beyond 64 bits": func(r *run) {
			r.consultants[fay].Capacity, r.Proofs[worst].Consultants = 16, map[string]int64{"fay": 1 << 60}
		},
		"the greatest capacity": func(r *run) { r.consultants[fay].Capacity, r.Proofs[total].Consultants["fay"] = math.MaxInt, 2 },
		"the greatest score":    func(r *run) { r.matches[0].Score = math.MaxInt },
		"scores that come round to 6": func(r *run) {
			r.matches[0].Score, r.matches[1].Score, r.Worst = math.MaxInt, math.MinInt+7, math.MinInt+7
		},
		"a premium that comes round": func(r *run) { r.Proofs[total].Premium += math.MinInt64 },
	} {
		r := example()
		if change(r); r.check() == nil {
			t.Errorf("%s: it goes unnoticed", name)
		}
	}
	for name, change := range map[string]func(r *run){
		"nothing was kept":               func(r *run) { r.kept = nil },
		"another was kept":               func(r *run) { r.kept = map[int]int{ben: dee} },
		"a kept pair moved":              func(r *run) { r.matches[0].Consultant, r.matches[1].Consultant = "eve", "dee" },
		"a factor that lets kept lead":   func(r *run) { r.Proofs[1].Factor, r.Proofs[1].Premium = 2, 11 },
		"a factor of 1, for all it says": func(r *run) { r.Proofs[1].Factor, r.Proofs[1].Premium = 1, 12 },
	} {
		r := keeping()
		if change(r); r.check() == nil {
			t.Errorf("%s: it goes unnoticed", name)
		}
	}
}

func TestNobodyIsMatchedWhereNobodyCanBe(t *testing.T) {
	t.Parallel()
	r := &run{Certificate: certificate.Certificate{
		Format: certificate.Format, Objective: "fair",
		Proofs: []certificate.Proof{
			{Claim: certificate.MostMatched, Premium: 1}, {Claim: certificate.WorstOff, Premium: 1, Least: 1}, {Claim: certificate.Total, Factor: 1, Premium: 1},
		},
	}}
	if err := r.check(); err != nil {
		t.Errorf("nobody there: %v", err)
	}
	r.clients, r.edges = []string{"ann"}, [][]edge{nil}
	if err := r.check(); err != nil {
		t.Errorf("nobody eligible: %v", err)
	}
	r.consultants, r.edges = []certificate.Consultant{{ID: "dee", Capacity: 1, Supervisor: -1}}, [][]edge{{{dee, 0}}}
	if r.check() == nil {
		t.Error("somebody could be matched, and it goes unnoticed")
	}
}

// chance and pick are what random problems and corruptions come from.
type chance = *rand.Rand

func pick[T any](c chance, values ...T) T { return values[c.IntN(len(values))] }

// solved is a random problem with its solution and certificate, sometimes with pairs to keep.
func solved(t *rapid.T, c chance) *run {
	r := &run{kept: map[int]int{}}
	b := &matching.ScoredPairs{}
	n := 1 + c.IntN(6)
	for k := range c.IntN(3) {
		r.supervisors = append(r.supervisors, certificate.Supervisor{ID: fmt.Sprint("s", k), Capacity: c.IntN(4)})
	}
	for j := range 1 + c.IntN(5) {
		r.consultants = append(r.consultants, certificate.Consultant{
			ID: fmt.Sprint("d", j), Capacity: pick(c, 1, 1, 0, 2), Supervisor: c.IntN(len(r.supervisors)+1) - 1,
		})
	}
	keeps, scores := c.IntN(3) == 0, pick(c, 1, 3, 20)
	factor := 1
	if keeps {
		factor = n + 1
	}
	for i := range n {
		r.clients = append(r.clients, fmt.Sprint("c", i))
		var edges []edge
		var scaled []matching.ScoredPair
		if keeps && c.IntN(2) == 0 {
			r.kept[i] = c.IntN(len(r.consultants))
		}
		for j := range r.consultants {
			if c.IntN(3) > 0 {
				e := edge{j, c.IntN(scores)}
				edges = append(edges, e)
				weight := factor * e.score
				if before, ok := r.kept[i]; ok && before == j {
					weight++
				}
				scaled = append(scaled, matching.ScoredPair{Consultant: j, Score: weight})
			}
		}
		r.edges, b.Pairs = append(r.edges, edges), append(b.Pairs, scaled)
	}
	b.Clients, b.Consultants, b.Supervisors = r.clients, r.consultants, r.supervisors
	objective := pick(c, programme.Fair, programme.Total)
	if keeps {
		objective = programme.Total
	}
	matches, cert, err := matching.SolveScored(b, objective)
	if err != nil {
		t.Fatal(err)
	}
	r.matches, r.Certificate = matches, *cert
	if keeps {
		r.Proofs[1].Factor = int64(factor)
		for k := range r.matches {
			r.matches[k].Score /= factor
		}
		r.count()
	}
	if err := r.check(); err != nil {
		t.Fatal(err)
	}
	return r
}

// count makes the certificate speak of the matches as they are.
func (r *run) count() {
	r.Matched, r.Score, r.Worst = len(r.matches), 0, 0
	for n, m := range r.matches {
		if r.Score += m.Score; n == 0 || m.Score < r.Worst {
			r.Worst = m.Score
		}
	}
}

// corrupt changes one thing, as a mistake or a liar might.
func (r *run) corrupt(c chance) {
	id := func() string {
		switch c.IntN(3) {
		case 0:
			return pick(c, r.clients...)
		case 1:
			return pick(c, r.consultants...).ID
		}
		return fmt.Sprint("s", c.IntN(2))
	}
	proof := &r.Proofs[c.IntN(len(r.Proofs))]
	prices := []map[string]int64{proof.Clients, proof.Consultants, proof.Supervisors}[c.IntN(3)]
	some := func() string {
		if len(prices) > 0 && c.IntN(5) > 0 {
			return pick(c, slices.Sorted(maps.Keys(prices))...)
		}
		return id()
	}
	i := c.IntN(len(r.clients))
	switch c.IntN(12) {
	case 0:
		prices[some()] += pick[int64](c, 1, -1, 2, 5)
	case 1: // from one to another, which leaves the sum
		by := pick[int64](c, 1, 2)
		prices[some()] += by
		prices[some()] -= by
	case 2:
		delete(prices, some())
	case 3:
		proof.Least += pick(c, 1, -1)
	case 4:
		proof.Premium += pick[int64](c, 1, -1)
	case 5:
		proof.Factor += pick[int64](c, 1, -1)
	case 6: // a match dropped, with the counts made good
		if len(r.matches) > 0 {
			k := c.IntN(len(r.matches))
			r.matches = slices.Delete(r.matches, k, k+1)
			r.count()
		}
	case 7: // somebody matched otherwise, with the counts made good
		if len(r.edges[i]) > 0 {
			e := pick(c, r.edges[i]...)
			r.matches = slices.DeleteFunc(r.matches, func(m certificate.Match) bool { return m.Client == r.clients[i] })
			r.matches = append(r.matches, certificate.Match{Client: r.clients[i], Consultant: r.consultants[e.consultant].ID, Score: e.score})
			r.count()
		}
	case 8:
		if len(r.edges[i]) > 0 {
			r.edges[i][c.IntN(len(r.edges[i]))].score += pick(c, 1, -1, 3)
		}
	case 9:
		e := edge{c.IntN(len(r.consultants)), c.IntN(4)}
		if !slices.ContainsFunc(r.edges[i], func(f edge) bool { return f.consultant == e.consultant }) {
			r.edges[i] = append(r.edges[i], e)
		}
	case 10:
		d := &r.consultants[c.IntN(len(r.consultants))]
		d.Capacity = max(0, d.Capacity+pick(c, 1, -1))
		if len(r.supervisors) > 0 {
			s := &r.supervisors[c.IntN(len(r.supervisors))]
			s.Capacity = max(0, s.Capacity+pick(c, 0, 1, -1))
		}
	case 11:
		if len(r.Proofs) == 3 {
			r.Objective, r.Proofs = "total", []certificate.Proof{r.Proofs[0], r.Proofs[2]}
		} else {
			r.kept[i] = c.IntN(len(r.consultants))
		}
	}
}

func TestWhatIsAcceptedIsTheBestOfAll(t *testing.T) {
	t.Parallel()
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range 30 {
			r := solved(t, c)
			for range 1 + c.IntN(3) {
				r.corrupt(c)
			}
			if r.check() != nil {
				refused++
				continue
			}
			accepted++
			r.mustBeBest(t)
		}
	})
	if accepted < 100 || refused < 1000 {
		t.Errorf("%d accepted, %d refused: the corruptions drawn say little", accepted, refused)
	}
}

// mustBeBest checks without the checker that the matches are feasible and the best.
func (r *run) mustBeBest(t *rapid.T) {
	t.Helper()
	left, leftBy, got := map[string]int{}, map[int]int{}, exhaustive.Best{}
	for _, d := range r.consultants {
		left[d.ID] = d.Capacity
	}
	for k, s := range r.supervisors {
		leftBy[k] = s.Capacity
	}
	worst := 0
	for n, m := range r.matches {
		i := slices.Index(r.clients, m.Client)
		j := slices.IndexFunc(r.consultants, func(d certificate.Consultant) bool { return d.ID == m.Consultant })
		if i < 0 || j < 0 || !slices.Contains(r.edges[i], edge{j, m.Score}) {
			t.Fatalf("accepted %v, which is no pair of %+v", m, r)
		}
		left[m.Client]--
		left[m.Consultant]--
		if s := r.consultants[j].Supervisor; s >= 0 {
			leftBy[s]--
			if leftBy[s] < 0 {
				t.Fatalf("accepted %v with a supervisor over capacity: %+v", r.matches, r)
			}
		}
		if left[m.Client] < -1 || left[m.Consultant] < 0 {
			t.Fatalf("accepted %v with somebody over capacity: %+v", r.matches, r)
		}
		got.Score += m.Score
		if before, ok := r.kept[i]; ok && before == j {
			got.Kept++
		}
		if n == 0 || m.Score < worst {
			worst = m.Score
		}
	}
	got.Matched = len(r.matches)
	if r.Objective == "fair" {
		got.Worst = worst
	}
	best := exhaustive.Solve(r.problem(), r.Objective == "fair")
	if cmp.Or(cmp.Compare(got.Matched, best.Matched), cmp.Compare(got.Worst, best.Worst), cmp.Compare(got.Score, best.Score), cmp.Compare(got.Kept, best.Kept)) != 0 {
		t.Fatalf("accepted %+v, and the best is %+v: %+v", got, best, r)
	}
}
