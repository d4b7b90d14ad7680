package audit

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Refused is who was refused what. Each is from a list that ends: the rows of the table of
// access, the reasons that the code knows, programmes, and the ids of members of staff.
type Refused struct {
	By        string // the id of a member of staff, "" for anybody else
	Programme string // in which they are, "" where that is not known
	// Shown are the programmes in which it is read where Programme is "", a space between.
	Shown string
	What  string
}

// Refusals counts refusals, so that a flood of them is a handful of entries, and being
// refused writes nothing by itself: what was counted is told every few minutes, and when
// the process stops.
type Refusals struct {
	mu     sync.Mutex
	counts map[Refused]int
}

// TellAfter is how long refusals are counted before they are told.
const TellAfter = 5 * time.Minute

// Counted is how often there was a refusal since it was last told.
type Counted struct {
	Refused
	Times int
}

// Add counts one, and reports whether it is the first since it was told.
func (r *Refusals) Add(what Refused) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if first = r.counts == nil; first {
		r.counts = map[Refused]int{}
	}
	r.counts[what]++
	return first
}

// Take is what was counted, and begins anew.
func (r *Refusals) Take() (due []Counted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for what, n := range r.counts {
		due = append(due, Counted{what, n})
	}
	r.counts = nil
	slices.SortFunc(due, func(a, b Counted) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.By, b.By), cmp.Compare(a.Programme, b.Programme))
	})
	return due
}
