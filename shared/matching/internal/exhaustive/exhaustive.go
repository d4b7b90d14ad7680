// Package exhaustive finds the best matching of a small problem by looking at
// every one, for tests of those who are cleverer than that.
package exhaustive

import (
	"cmp"
	"slices"

	"github.com/cascading-leadership/cascade/shared/matching/certificate"
)

// Best is what the best matching reaches. Worst is 0 where nobody is matched or
// the worst-off do not count.
type Best struct{ Matched, Worst, Score, Kept int }

// Solve is the best there is: the most matched; if fair, the best for the
// worst-off; the highest score; the most kept. It is for some seven people a side.
func Solve(p certificate.Problem, fair bool) Best {
	edges := make([][]edge, len(p.Clients))
	var scores []int
	for i := range p.Clients {
		p.Edges(i, func(j, score int) {
			edges[i] = append(edges[i], edge{j, score})
			scores = append(scores, score)
		})
	}
	from := func(least int) Best {
		s := &search{p, edges, least, map[string]Best{}}
		return s.rest(0, make([]byte, len(p.Consultants)), make([]int, len(p.Supervisors)))
	}
	best := from(0)
	if !fair || best.Matched == 0 {
		return best
	}
	slices.Sort(scores)
	for _, least := range slices.Backward(scores) {
		if b := from(least); b.Matched == best.Matched {
			b.Worst = least
			return b
		}
	}
	return best
}

type edge struct{ consultant, score int }

// search is over pairs of a score of at least least; memo has what was found for
// the same clients with the same places left.
type search struct {
	certificate.Problem
	edges [][]edge
	least int
	memo  map[string]Best
}

// rest is the best for the clients from i on.
func (s *search) rest(i int, used []byte, usedBy []int) Best {
	if i == len(s.Clients) {
		return Best{}
	}
	key := string(rune(i)) + string(used)
	if b, ok := s.memo[key]; ok {
		return b
	}
	best := s.rest(i+1, used, usedBy)
	for _, e := range s.edges[i] {
		d := s.Consultants[e.consultant]
		t := d.Supervisor
		if e.score < s.least || int(used[e.consultant]) >= d.Capacity || t >= 0 && usedBy[t] >= s.Supervisors[t].Capacity {
			continue
		}
		used[e.consultant]++
		if t >= 0 {
			usedBy[t]++
		}
		b := s.rest(i+1, used, usedBy)
		used[e.consultant]--
		if t >= 0 {
			usedBy[t]--
		}
		b.Matched++
		b.Score += e.score
		if before, ok := s.Kept[i]; ok && before == e.consultant {
			b.Kept++
		}
		if cmp.Or(cmp.Compare(b.Matched, best.Matched), cmp.Compare(b.Score, best.Score), cmp.Compare(b.Kept, best.Kept)) > 0 {
			best = b
		}
	}
	s.memo[key] = best
	return best
}
