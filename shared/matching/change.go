package matching

import (
	"cmp"
	"slices"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// ChangeKind is what a change by hand does.
type ChangeKind string

// The kinds of change. Pin makes pairs, Forbid rules them out, and Swap, which is
// two pins, lets two clients exchange their consultants.
const (
	Pin    ChangeKind = "pin"
	Forbid ChangeKind = "forbid"
	Swap   ChangeKind = "swap"
)

// Change is what a coordinator wants otherwise than the best solution has it.
type Change struct {
	Kind  ChangeKind `firestore:"kind" json:"kind"`
	Pairs []Pair     `firestore:"pairs" json:"pairs"`
}

// Swap is the change by which two matched clients exchange their consultants. The
// error is a fault.Conflict where one of them has none, or both have the same.
func (s *Solution) Swap(a, b string) (Change, error) {
	has := map[string]string{}
	for _, m := range s.Matches {
		has[m.Client] = m.Consultant
	}
	if has[a] == "" || has[b] == "" || has[a] == has[b] {
		return Change{}, fault.New(fault.Conflict, "These two have nobody to exchange.")
	}
	return Change{Swap, []Pair{{a, has[b]}, {b, has[a]}}}, nil
}

// Apply is the problem with a change to its solution made, which the next run
// solves: its pairs are added to those pinned or forbidden, in place of earlier
// pins of the same clients. What the solution matched counts as kept, so that
// nobody moves who need not.
//
// The error is a fault.NotFound for somebody who is not in the problem. Whether a
// pin can be made, Solve says.
func (c Change) Apply(pr *Problem, s *Solution) (*Problem, error) {
	client, consultant := s.Pool.clientIndex, s.Pool.consultantIndex
	named := map[string]bool{}
	for _, p := range c.Pairs {
		_, ok := client[p.Client]
		_, also := consultant[p.Consultant]
		if !ok || !also {
			return nil, fault.New(fault.NotFound, "Somebody in this change does not take part in this run.")
		}
		if named[p.Client] && c.Kind != Forbid {
			return nil, fault.New(fault.Conflict, "This change gives somebody two at once.")
		}
		named[p.Client] = true
	}
	changed := *pr
	switch c.Kind {
	case Pin, Swap:
		changed.Pinned = slices.DeleteFunc(slices.Clone(pr.Pinned), func(p Pair) bool { return named[p.Client] })
		changed.Pinned = append(changed.Pinned, c.Pairs...)
	case Forbid:
		changed.Pinned = slices.DeleteFunc(slices.Clone(pr.Pinned), func(p Pair) bool { return slices.Contains(c.Pairs, p) })
		changed.Forbidden = append(slices.Clone(pr.Forbidden), c.Pairs...)
	default:
		return nil, fault.New(fault.Conflict, "There is no change called %q.", c.Kind)
	}
	changed.Kept = make([]Pair, 0, len(s.Matches))
	for _, m := range s.Matches {
		changed.Kept = append(changed.Kept, Pair{m.Client, m.Consultant})
	}
	return &changed, nil
}

// Try solves the problem with a change made, which is what the next run will find.
// The solution must be that of the problem. The error is a PinError that names the
// criterion or the place for want of which a pair cannot be made: place gives way
// as far as the programme's relaxations allow, and nothing else does. A pair that
// was forbidden has to be allowed again first.
func (c Change) Try(pr *Problem, s *Solution) (*Solution, error) {
	changed, err := c.Apply(pr, s)
	if err != nil {
		return nil, err
	}
	changed.Progress = nil // whose end would not be the caller's
	pool := s.Pool
	if c.Kind == Forbid {
		pool = pool.without(c.Pairs)
	}
	return changed.solveIn(pool)
}

// Cost is what a change costs everyone together, exactly: the problem is solved
// again. Errors are those of Try.
func (c Change) Cost(pr *Problem, s *Solution) (Cost, error) {
	after, err := c.Try(pr, s)
	if err != nil {
		return Cost{}, err
	}
	return Compare(s, after), nil
}

// without is the same pool with more pairs barred.
func (pool *Pool) without(pairs []Pair) *Pool {
	changed := *pool
	changed.barred = slices.Clone(pool.barred)
	client, consultant := pool.clientIndex, pool.consultantIndex
	for _, p := range pairs {
		i, j := client[p.Client], consultant[p.Consultant]
		if at, found := slices.BinarySearch(changed.barred[i], j); !found {
			changed.barred[i] = slices.Insert(slices.Clone(changed.barred[i]), at, j)
		}
	}
	return &changed
}

// Cost is by how much one solution is worse than another, in all and not for one
// person. What is below 0 is better.
type Cost struct {
	// Matched is how many clients fewer are matched.
	Matched int `firestore:"matched" json:"matched"`
	// Further is how many are matched in a place farther from the programme's than
	// they were allowed before.
	Further int `firestore:"further" json:"further"`
	// Worst is by how many points the lowest score of all falls. OthersWorst leaves out
	// clients who are pinned after the change: those for whom the next run does its
	// best.
	Worst       int `firestore:"worst" json:"worst"`
	OthersWorst int `firestore:"othersWorst" json:"othersWorst"`
	// Total is by how many points the sum of all scores falls.
	Total int `firestore:"total" json:"total"`
	// Moves are all clients who would be with someone else, those of the change among
	// them, in the order of their ids.
	Moves []Move `firestore:"moves" json:"moves"`
}

// Move is a client's from one consultant to another; "" is none.
type Move struct {
	Client string `firestore:"client" json:"client"`
	From   string `firestore:"from" json:"from"`
	To     string `firestore:"to" json:"to"`
}

// Compare is by how much the solution after is worse than the one before, of the
// same people.
func Compare(before, after *Solution) Cost {
	c := Cost{
		Matched: len(before.Matches) - len(after.Matches), Worst: before.Worst - after.Worst, Total: before.Score - after.Score, Moves: []Move{},
	}
	pinned := map[string]bool{}
	to := make(map[string]string, len(after.Matches))
	for _, m := range after.Matches {
		to[m.Client] = m.Consultant
		pinned[m.Client] = m.Pinned
	}
	others := func(s *Solution) int {
		worst, some := 0, false
		for _, m := range s.Matches {
			if !pinned[m.Client] && (!some || m.Score < worst) {
				worst, some = m.Score, true
			}
		}
		return worst
	}
	c.OthersWorst = others(before) - others(after)

	pool := before.Pool
	client, consultant := pool.clientIndex, pool.consultantIndex
	from := make(map[string]string, len(before.Matches))
	for _, m := range before.Matches {
		from[m.Client] = m.Consultant
	}
	for _, m := range after.Matches {
		i, ok := client[m.Client]
		j, also := consultant[m.Consultant]
		if ok && also && from[m.Client] != m.Consultant && pool.RuledOut(int(i), int(j), int(before.Relaxed[i])) != "" {
			c.Further++
		}
		if from[m.Client] == "" {
			c.Moves = append(c.Moves, Move{m.Client, "", m.Consultant})
		}
	}
	for _, m := range before.Matches {
		if to[m.Client] != m.Consultant {
			c.Moves = append(c.Moves, Move{m.Client, m.Consultant, to[m.Client]})
		}
	}
	slices.SortFunc(c.Moves, func(a, b Move) int { return cmp.Compare(a.Client, b.Client) })
	return c
}

// compare orders costs by what counts first: by the objective, and by staying
// within the programme's place before points.
func (c Cost) compare(d Cost, objective programme.Objective) int {
	worst := 0
	if objective != programme.Total {
		worst = cmp.Compare(c.Worst, d.Worst)
	}
	return cmp.Or(cmp.Compare(c.Matched, d.Matched), cmp.Compare(c.Further, d.Further), worst, cmp.Compare(c.Total, d.Total))
}
