package matching

import "math"

// Others says to one of two who are matched how many others of the run were possible for them,
// and what any of these would have cost everyone together at the least. It names nobody, and
// the zero value says nothing.
type Others struct {
	// Known says that it was looked for, and Possible how many there were.
	Known    bool `firestore:"known,omitempty" json:"known"`
	Possible int  `firestore:"possible" json:"possible"`
	// With each of them, at the least: Fewer people would have been matched; or, where that is
	// 0, more would have been matched farther away, where Farther; or the match that fits least
	// would have lost Worst points; or all together Total points.
	Fewer   int  `firestore:"fewer" json:"fewer"`
	Farther bool `firestore:"farther,omitempty" json:"farther"`
	Worst   int  `firestore:"worst" json:"worst"`
	Total   int  `firestore:"total" json:"total"`
}

// Others are those of each client and each consultant of a solved problem, by their ids. The
// costs are bounds that the certificate's prices show, see Alternatives: nothing is solved
// again. Pairs of somebody who is pinned are no part of what these speak of, and are left out.
func (s *Solution) Others(pr *Problem) map[string]Others {
	all := map[string]Others{}
	least := map[string]Cost{}
	bound, now := s.bounds(pr), s.consultants()
	count := func(id string, c Cost) {
		o := all[id]
		if o.Possible == 0 || c.compare(least[id], pr.Programme.Objective) < 0 {
			least[id] = c
		}
		o.Known, o.Possible = true, o.Possible+1
		all[id] = o
	}
	for i, client := range s.Pool.Clients {
		if s.Pinned[i] >= 0 {
			continue
		}
		if _, seen := all[client.ID]; !seen {
			all[client.ID] = Others{Known: true}
		}
		s.Pool.each(i, int(s.Relaxed[i]), func(j, score int) {
			if t := s.Supervisor[j]; now[i] == j || s.Capacity[j] <= 0 || t >= 0 && s.SupervisorCapacity[t] <= 0 {
				return
			}
			c := bound(i, j, score)
			count(client.ID, c)
			count(s.Pool.Consultants[j].ID, c)
		})
	}
	for id, c := range least {
		o := all[id]
		switch {
		case c.Matched > 0:
			o.Fewer = c.Matched
		case c.Further > 0:
			o.Farther = true
		case c.Worst > 0:
			o.Worst = c.Worst
		case c.Total > 0 && c.Total != math.MinInt:
			o.Total = c.Total
		}
		all[id] = o
	}
	return all
}
