package matching

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
	"github.com/cascading-leadership/cascade/shared/parallel"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Problem is one matching run: whom to match, and what was settled before.
type Problem struct {
	Programme            *programme.Programme
	Clients, Consultants []Person
	// Supervisors hold how many more pairings each supervisor can take.
	Supervisors map[string]int
	// Pinned pairs are made whatever the rest; Forbidden ones are not made.
	Pinned, Forbidden []Pair
	// Kept are matches that were released and not answered yet: among solutions that
	// are otherwise as good, one that keeps most of them is the best.
	Kept []Pair
	// Progress is told how many of the clients have been dealt with in a step.
	Progress func(step string, done, of int)
}

// Match is one pair of a solution.
type Match struct {
	Client, Consultant string
	Score              int
	// Relaxed is what was allowed to this pair beyond the programme's place, or "".
	Relaxed programme.Within
	Pinned  bool
}

// Unmatched is a client for whom no pair is left, and how many consultants each
// criterion ruled out; those that none did are taken by others.
type Unmatched struct {
	Client   string            `firestore:"client" json:"client"`
	RuledOut map[Criterion]int `firestore:"ruledOut" json:"ruledOut"`
	Taken    int               `firestore:"taken" json:"taken"`
}

// Solution is the best set of pairs, in the order of the clients' ids.
type Solution struct {
	Matches   []Match
	Unmatched []Unmatched
	// Score is the total of all matches, Worst the lowest of them.
	Score, Worst int
	// Moved are kept pairs that are no longer matched.
	Moved []Pair
	// Statement is the problem as it was solved, Certificate the proof.
	*Statement
	Certificate *Certificate
}

// Statement is the problem as the certificate speaks of it.
type Statement struct {
	Pool *Pool
	// Capacity of each consultant and supervisor, less what is pinned.
	Capacity           []int
	Supervisor         []int
	Supervisors        []string
	SupervisorCapacity []int
	// Relaxed is how many of the programme's relaxations each client was allowed.
	Relaxed []uint8
	// Kept and Pinned are each client's consultant, or -1.
	Kept, Pinned []int32
}

// solving is a run under way.
type solving struct {
	*Statement
	engine
	pr *Problem
}

// Solve finds the best matching, with its proof.
func Solve(pr *Problem) (*Solution, error) {
	pool, err := NewPool(pr.Programme, pr.Clients, pr.Consultants, pr.Forbidden)
	if err != nil {
		return nil, err
	}
	return pr.solveIn(pool)
}

// solveIn is Solve for people who were made comparable before.
func (pr *Problem) solveIn(pool *Pool) (*Solution, error) {
	s := &solving{Statement: &Statement{Pool: pool, Relaxed: make([]uint8, len(pool.clientProfiles))}, pr: pr}
	if err := s.subtractPins(); err != nil {
		return nil, err
	}
	s.engine = engine{
		model: s, capacity: s.Capacity, supervisor: binding(s.Capacity, s.Supervisor, s.SupervisorCapacity), supervisorCapacity: s.SupervisorCapacity,
		clients: len(pool.clientProfiles), fair: pr.Programme.Objective != programme.Total, progress: pr.Progress, factor: 1,
	}
	if slices.ContainsFunc(s.Kept, func(j int32) bool { return j >= 0 }) {
		s.factor = int64(len(pool.clientProfiles)) + 1
	}
	// Those left over by the best solution are allowed the next relaxation, then
	// others who could then go elsewhere in their favour, and all is solved again; only when
	// no more can be matched so does the fair solution, which costs more, have its turn.
	for all := (*assignment)(nil); ; {
		all = s.maximiseTotal(all)
		if s.relax(all) {
			continue
		}
		if s.relaxAlongPaths(all) {
			all = nil // some who are matched are allowed more: its prices do not hold for them
			continue
		}
		if best := s.optimise(all); !s.relax(best.assignment) {
			return s.solution(best), nil
		}
		all = nil // the same: who is left over now may have been matched by all
	}
}

// relax allows those who are left over the programme's next relaxation, and
// reports whether there was anyone to allow it to.
func (s *solving) relax(f *assignment) bool {
	again := false
	for i, j := range f.consultant {
		if j < 0 && s.Pinned[i] < 0 && int(s.Relaxed[i]) < len(s.pr.Programme.Relax) {
			s.Relaxed[i]++
			again = true
		}
	}
	return again
}

// subtractPins states capacities and takes what is pinned out of them.
func (s *solving) subtractPins() error {
	pool := s.Pool
	number := map[string]int{}
	for id := range s.pr.Supervisors {
		s.Supervisors = append(s.Supervisors, id)
	}
	slices.Sort(s.Supervisors)
	for t, id := range s.Supervisors {
		number[id] = t
		s.SupervisorCapacity = append(s.SupervisorCapacity, max(0, s.pr.Supervisors[id]))
	}
	s.Capacity, s.Supervisor = make([]int, len(pool.consultantProfiles)), make([]int, len(pool.consultantProfiles))
	for j := range pool.Consultants {
		consultant := pool.Consultants[j]
		s.Capacity[j], s.Supervisor[j] = max(0, consultant.Capacity), -1
		if consultant.Supervisor != "" {
			t, ok := number[consultant.Supervisor]
			if !ok {
				return fmt.Errorf("%q: the supervisor %q is not known", consultant.ID, consultant.Supervisor)
			}
			s.Supervisor[j] = t
		}
	}
	client, consultant := pool.clientIndex, pool.consultantIndex
	pairs := func(given []Pair) []int32 {
		at := make([]int32, len(pool.clientProfiles))
		for i := range at {
			at[i] = -1
		}
		for _, p := range given {
			i, ok := client[p.Client]
			j, also := consultant[p.Consultant]
			if ok && also {
				at[i] = j
			}
		}
		return at
	}
	s.Kept, s.Pinned = pairs(s.pr.Kept), pairs(s.pr.Pinned)
	for i, j := range s.Kept {
		if j >= 0 { // what was allowed once, stays allowed
			s.Relaxed[i] = uint8(pool.needs(i, int(j)))
		}
	}
	for i, j := range s.Pinned {
		if j < 0 {
			continue
		}
		pair := Pair{pool.Clients[i].ID, pool.Consultants[j].ID}
		if why := pool.RuledOut(i, int(j), len(s.pr.Programme.Relax)); why != "" {
			return &PinError{pair, string(why)}
		}
		if s.Capacity[j]--; s.Capacity[j] < 0 {
			return &PinError{pair, "a free place"}
		}
		if t := s.Supervisor[j]; t >= 0 {
			if s.SupervisorCapacity[t]--; s.SupervisorCapacity[t] < 0 {
				return &PinError{pair, "a place in supervision"}
			}
		}
	}
	return nil
}

// PinError is a pinned pair that cannot be made, for want of something.
type PinError struct {
	Pair
	Lacks string
}

func (e *PinError) Error() string {
	return fmt.Sprintf("%s and %s cannot be pinned: they lack %s", e.Client, e.Consultant, e.Lacks)
}

// maxScore implements model: no pair scores more.
func (s *solving) maxScore() int {
	pool := s.Pool
	needs := 0
	for i := range pool.clientProfiles {
		n := 0
		for _, asks := range pool.clientProfiles[i].asks {
			n += pool.points.skill[asks][mostLevel]
		}
		needs = max(needs, n)
	}
	return pool.points.most(needs)
}

// score implements model.
func (s *solving) score(i, j int) int { return s.Pool.Score(i, j) }

// edges implements model.
func (s *solving) edges(p component, least int) assign.Edges {
	return &view{pool: s.Pool, clients: p.clients, first: p.from, relaxed: s.Relaxed, least: least, factor: s.factor, kept: s.Kept}
}

// pairs implements model.
func (s *solving) pairs(p component, least int) assign.Pairs {
	return &view{pool: s.Pool, clients: p.clients, first: p.from, relaxed: s.Relaxed, least: least, factor: 1}
}

// components divides the problem: regions that no client can leave and that share no
// supervisor are solved by themselves, at the same time.
func (s *solving) components() []component {
	pool := s.Pool
	groups := pool.groups
	joined := make([]int, len(groups)+len(s.Supervisors))
	for k := range joined {
		joined[k] = k
	}
	var root func(k int) int
	root = func(k int) int {
		if joined[k] != k {
			joined[k] = root(joined[k])
		}
		return joined[k]
	}
	join := func(a, b int) {
		a, b = root(a), root(b)
		joined[max(a, b)] = min(a, b)
	}
	groupAt := func(j int32) int {
		g, _ := slices.BinarySearchFunc(groups, j, func(g group, j int32) int { return cmp.Compare(g.to-1, j) })
		return g
	}
	for g := range groups {
		for j := groups[g].from; j < groups[g].to; j++ {
			if t := s.supervisor[j]; t >= 0 {
				join(g, len(groups)+t)
			}
		}
	}
	met := map[reach]bool{}
	for i := range pool.clientProfiles {
		c := &pool.clientProfiles[i]
		key := reach{c.location, int(s.Relaxed[i])}
		if met[key] {
			continue
		}
		met[key] = true
		first := -1
		for _, span := range pool.spans(c, int(s.Relaxed[i])) {
			for j := span.from; j < span.to; j = groups[groupAt(j)].to {
				if g := groupAt(j); first < 0 {
					first = g
				} else {
					join(first, g)
				}
			}
		}
	}
	byRoot := map[int]*component{}
	var order []int
	for g := range groups {
		r := root(g)
		if byRoot[r] == nil {
			byRoot[r] = &component{from: groups[g].from &^ 63}
			order = append(order, r)
		}
		p := byRoot[r]
		p.to = groups[g].to
		p.runs = append(p.runs, run{groups[g].from, groups[g].to})
	}
	for i := range pool.clientProfiles {
		spans := pool.spans(&pool.clientProfiles[i], int(s.Relaxed[i]))
		if len(spans) == 0 || s.Pinned[i] >= 0 {
			continue
		}
		p := byRoot[root(groupAt(spans[0].from))]
		p.clients = append(p.clients, int32(i))
	}
	all := make([]component, 0, len(order))
	for _, r := range order {
		all = append(all, *byRoot[r])
	}
	// The largest first, so that no processor waits for it at the end.
	slices.SortStableFunc(all, func(a, b component) int { return cmp.Compare(len(b.clients), len(a.clients)) })
	return all
}

// solution puts an answer into words.
func (s *solving) solution(a *optimum) *Solution {
	pool := s.Pool
	out := &Solution{Statement: s.Statement}
	for i := range pool.clientProfiles {
		j, pinned := a.consultant[i], false
		if s.Pinned[i] >= 0 {
			j, pinned = s.Pinned[i], true
		}
		if j < 0 {
			continue
		}
		out.Matches = append(out.Matches, Match{
			Client: pool.Clients[i].ID, Consultant: pool.Consultants[j].ID, Score: pool.Score(i, int(j)),
			Relaxed: pool.Relaxed(i, int(j)), Pinned: pinned,
		})
		if k := s.Kept[i]; k >= 0 && k != j {
			out.Moved = append(out.Moved, Pair{pool.Clients[i].ID, pool.Consultants[k].ID})
		}
	}
	var unmatched []int
	for i := range pool.clientProfiles {
		if a.consultant[i] < 0 && s.Pinned[i] < 0 {
			unmatched = append(unmatched, i)
			if k := s.Kept[i]; k >= 0 {
				out.Moved = append(out.Moved, Pair{pool.Clients[i].ID, pool.Consultants[k].ID})
			}
		}
	}
	out.Unmatched = make([]Unmatched, len(unmatched))
	parallel.Do(len(unmatched)+1, func(k int) {
		if k == 0 {
			out.Certificate = s.certificate(a, s.Problem())
		} else {
			out.Unmatched[k-1] = pool.unmatched(unmatched[k-1], int(s.Relaxed[unmatched[k-1]]))
		}
	})
	for k, m := range out.Matches {
		out.Score += m.Score
		if k == 0 || m.Score < out.Worst {
			out.Worst = m.Score
		}
	}
	byClient := func(a, b Match) int { return cmp.Compare(a.Client, b.Client) }
	slices.SortFunc(out.Matches, byClient)
	slices.SortFunc(out.Unmatched, func(a, b Unmatched) int { return cmp.Compare(a.Client, b.Client) })
	slices.SortFunc(out.Moved, func(a, b Pair) int { return cmp.Compare(a.Client, b.Client) })
	return out
}

func (pool *Pool) unmatched(i, relaxed int) Unmatched {
	u := Unmatched{Client: pool.Clients[i].ID, RuledOut: map[Criterion]int{}}
	far := len(pool.consultantProfiles)
	for _, span := range pool.spans(&pool.clientProfiles[i], relaxed) {
		far -= int(span.to - span.from)
		for j := span.from; j < span.to; j++ {
			if why := pool.RuledOut(i, int(j), relaxed); why != "" {
				u.RuledOut[why]++
			} else {
				u.Taken++
			}
		}
	}
	if far > 0 {
		u.RuledOut[NearEnough] = far
	}
	return u
}
