package matching

import (
	"math"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
	"github.com/cascading-leadership/cascade/shared/parallel"
)

// engine applies the objectives, in their order, to a problem in numbers: clients
// and consultants by their places, in components that cannot touch each other.
type engine struct {
	model
	clients int
	// capacity of each consultant, supervisor by place or -1, and their capacity; see
	// binding.
	capacity           []int
	supervisor         []int
	supervisorCapacity []int
	fair               bool
	// factor multiplies scores, so that what counts less than any score can be added.
	factor   int64
	premium  int64
	progress func(step string, done, of int)
}

// binding are the consultants' supervisors, leaving out those who can supervise all
// that their consultants have places for: they need no thought.
func binding(capacity, supervisor, supervisorCapacity []int) []int {
	places := make([]int, len(supervisorCapacity))
	for j, t := range supervisor {
		if t >= 0 {
			places[t] += min(capacity[j], supervisorCapacity[t]+1)
		}
	}
	out := slices.Clone(supervisor)
	for j, t := range out {
		if t >= 0 && places[t] <= supervisorCapacity[t] {
			out[j] = -1
		}
	}
	return out
}

// model is what the engine asks of a problem.
type model interface {
	score(i, j int) int
	maxScore() int
	// components are those of the problem, the largest first.
	components() []component
	// edges are a component's, of pairs that score at least so much, and pairs those that do.
	edges(p component, least int) assign.Edges
	pairs(p component, least int) assign.Pairs
	// reserve guesses the prices of a component's consultants, nil for no guess.
	reserve(p component, least int, premium int64) []int64
}

// component is people whose matches cannot touch those of others: clients by their
// places, and the runs of consultants, from one place to before another, that hold
// all those they may be matched with. Between them may lie the runs of other components.
type component struct {
	clients  []int32
	from, to int32
	runs     []run
}

type run struct{ from, to int32 }

// consultants are all of a component's, by their places.
func (p component) consultants(yield func(j int32) bool) {
	for _, r := range p.runs {
		for j := r.from; j < r.to; j++ {
			if !yield(j) {
				return
			}
		}
	}
}

// assignment is a solution in numbers: each client's consultant, and prices.
type assignment struct {
	consultant                      []int32
	client, consultants, supervisor []int64
}

func (f *assignment) matched() int {
	n := 0
	for _, j := range f.consultant {
		if j >= 0 {
			n++
		}
	}
	return n
}

// optimum is the best solution with all that proves it.
type optimum struct {
	*assignment
	// all is the best by the total over all pairs, whose prices show that no more can
	// be matched. With the objective fair, cover shows that fewer can be with scores
	// above worst.
	all   *assignment
	fair  bool
	worst int
	cover *assignment
}

// maximiseTotal solves the problem for the most matched and the highest total, beginning
// with its solution before some of those left over were allowed more, if any.
func (s *engine) maximiseTotal(before *assignment) *assignment {
	greatest := int64(s.maxScore()) * s.factor
	if s.factor > 1 {
		greatest++ // a pair to keep
	}
	s.premium = assign.Premium(s.clients, greatest)
	return s.solve(s.components(), 0, false, before)
}

// optimise solves the problem by the programme's objective, given the solution that
// maximiseTotal found.
func (s *engine) optimise(all *assignment) *optimum {
	components := s.components()
	a := &optimum{assignment: all, all: all, fair: s.fair}
	n := all.matched()
	if !a.fair || n == 0 {
		a.fair = false
		return a
	}
	// The worst-off can have at least what they have at the best total, and cannot
	// have more than every score.
	low, high := s.worst(all), s.maxScore()+1
	// From below, in growing steps, since the nearer a threshold is to what they have
	// the fewer have to move.
	from, step := all, 1
	for low+1 < high || a.cover == nil {
		middle := min(low+step, max(low+1, (low+high)/2))
		if f := s.solve(components, middle, true, from); f.matched() == n {
			low, from, step = max(middle, s.worst(f)), f, 2*step
		} else {
			high, a.cover = middle, f
		}
	}
	if a.worst = low; a.worst > s.worst(all) {
		a.assignment = s.solve(components, low, false, nil)
	}
	return a
}

func (s *engine) worst(f *assignment) int {
	worst := -1
	for i, j := range f.consultant {
		if j >= 0 {
			if score := s.score(i, int(j)); worst < 0 || score < worst {
				worst = score
			}
		}
	}
	return worst
}

// solve solves all components for scores from least on, beginning with a solution if
// there is one. Cover asks only how many can be matched, and begins with what of the
// solution is left at those scores.
func (s *engine) solve(components []component, least int, cover bool, start *assignment) *assignment {
	f := &assignment{
		consultant: make([]int32, s.clients), client: make([]int64, s.clients),
		consultants: make([]int64, len(s.capacity)), supervisor: make([]int64, len(s.supervisorCapacity)),
	}
	for i := range f.consultant {
		f.consultant[i] = -1
	}
	step := "total"
	if cover {
		step = "fair"
	}
	done := 0
	s.report(step, 0)
	var lock sync.Mutex // of f, done and the report
	parallel.Do(len(components), func(k int) {
		p := components[k]
		n := int(p.to - p.from)
		problem := &assign.Problem{
			Clients: len(p.clients), Capacity: make([]int32, n), Premium: s.premium,
		}
		supervisors := []int{}
		local := map[int]int32{}
		for j := range p.consultants {
			problem.Capacity[j-p.from] = int32(min(s.capacity[j], math.MaxInt32))
			t := s.supervisor[j]
			if t < 0 {
				continue
			}
			if problem.Supervisor == nil {
				problem.Supervisor = make([]int32, n)
				for k := range problem.Supervisor {
					problem.Supervisor[k] = -1
				}
			}
			at, ok := local[t]
			if !ok {
				at = int32(len(supervisors))
				local[t] = at
				supervisors = append(supervisors, t)
				problem.SupervisorCapacity = append(problem.SupervisorCapacity, int32(min(s.supervisorCapacity[t], math.MaxInt32)))
			}
			problem.Supervisor[j-p.from] = at
		}
		if start != nil {
			problem.Start = s.start(p, supervisors, start, least, cover)
		}
		var solved *assign.Solution
		if cover {
			solved = assign.Cover(problem, s.pairs(p, least))
		} else {
			problem.Edges = s.edges(p, least)
			if start == nil {
				problem.Reserve = s.reserve(p, least, s.premium)
			}
			solved = assign.Solve(problem)
		}
		lock.Lock()
		defer lock.Unlock()
		for k, i := range p.clients {
			f.client[i] = solved.Client[k]
			if j := solved.Consultant[k]; j >= 0 {
				f.consultant[i] = p.from + j
			}
		}
		for j := range p.consultants {
			f.consultants[j] = solved.Price[j-p.from]
		}
		for k, t := range supervisors {
			f.supervisor[t] = solved.Supervisor[k]
		}
		done += len(p.clients)
		s.report(step, done)
	})
	return f
}

// start is what of a solution a component can begin with: all of it, or, for a cover,
// those pairs that score enough.
func (s *engine) start(p component, supervisors []int, from *assignment, least int, cover bool) *assign.Solution {
	n := int(p.to - p.from)
	out := &assign.Solution{
		Consultant: make([]int32, len(p.clients)), Client: make([]int64, len(p.clients)), Price: make([]int64, n), Supervisor: make([]int64, len(supervisors)),
	}
	for k, i := range p.clients {
		switch j := from.consultant[i]; {
		case j < 0 || cover && s.score(int(i), int(j)) < least:
			out.Consultant[k] = -1
		default:
			out.Consultant[k], out.Client[k] = j-p.from, from.client[i]
		}
	}
	copy(out.Price, from.consultants[p.from:p.to])
	for k, t := range supervisors {
		out.Supervisor[k] = from.supervisor[t]
	}
	return out
}

func (s *engine) report(step string, done int) {
	if s.progress != nil {
		s.progress(step, done, s.clients)
	}
}
