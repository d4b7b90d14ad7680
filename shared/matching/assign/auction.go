package assign

import (
	"math"
	"slices"

	"github.com/cascading-leadership/cascade/shared/parallel"
)

// An auction brings the prices near to what they will be, and most clients to whom
// they will have: each in turn bids for its best consultant, and whoever is outbid
// bids again, first in large steps and then in ever smaller ones (Bertsekas, Annals
// of Operations Research 14, 1988). Searches then have little left to do.
//
// That works best where nobody and no place can be left over. So a problem is made
// even first: where places are more than clients, idlers take those that stay free,
// each as content with one as with another; where clients are more, a last
// consultant has as many places as must go without.

const (
	// steps are how many steps the greatest weight is divided into at first, and after
	// a reserve; each next step is finer by so much.
	steps, stepsAfterReserve, finer = 8, 256, 8
	// stales is which part of the greatest weight a client's list may be stale by, until
	// the last step.
	stales = 12
	// givenUp is at how many times the greatest weight a client stops to bid: it is one
	// of too many who have nobody else.
	givenUp = 4
)

// balance makes the problem even, and lists everybody's edges. It reports false
// where that is not worth the trouble, or would take an account of supervisors.
func (s *solver) balance() bool {
	if s.Supervisor != nil {
		return false
	}
	places := 0
	for _, c := range s.Capacity {
		places += int(c)
	}
	if places == 0 || places > 2*s.Clients {
		return false
	}
	for j, price := range s.Reserve {
		s.p[j] = max(s.p[j], price)
	}
	s.priced()
	full := s.want
	s.want = few // which are stale soon
	s.listAll()
	with := 0
	for i := range s.at {
		if len(s.list[i]) > 0 {
			with++
		}
		for _, e := range s.list[i] {
			s.most = max(s.most, e.Weight)
		}
	}
	s.want = full
	if s.Premium <= givenUp*(s.most+1) {
		return false // only the number matched counts
	}
	s.even = true
	if short := s.Clients - places; short > 0 {
		s.goingWithout(short)
	} else {
		s.hire(places - with)
	}
	return true
}

// listAll makes everybody's list.
func (s *solver) listAll() {
	const together = 64 // clients, who share what lists are made on
	parallel.Do((s.Clients+together-1)/together, func(k int) {
		var on paper
		for i := k * together; i < min((k+1)*together, s.Clients); i++ {
			s.relist(int32(i), &on)
		}
	})
}

// goingWithout adds the last consultant, with so many places.
func (s *solver) goingWithout(n int) {
	s.without = int32(len(s.p))
	s.capacity = append(slices.Clone(s.Capacity), int32(n))
	s.p, s.head = append(s.p, 0), append(s.head, -1)
	for _, a := range []*[]int32{&s.used, &s.seen, &s.done, &s.tried} {
		*a = append(*a, 0)
	}
	s.dist, s.hidden = append(s.dist, 0), append(s.hidden, 0)
	for i := range s.list {
		s.list[i] = append(s.list[i], Edge{Consultant: s.without})
		s.rank(int32(i), &s.paper)
	}
}

// hire adds so many idlers.
func (s *solver) hire(n int) {
	for range n {
		s.list, s.bound, s.top, s.u = append(s.list, nil), append(s.bound, unlisted), append(s.top, 0), append(s.u, 0)
		s.listed, s.at = append(s.listed, -1), append(s.at, free)
		for _, a := range []*[]int32{&s.asked, &s.next, &s.prev, &s.clientRound, &s.triedClient} {
			*a = append(*a, 0)
		}
		s.clientDist = append(s.clientDist, 0)
	}
}

// ask gives a client's best edges, as Edges does.
func (s *solver) ask(i int32, prices []int64, want int, edges []Edge) ([]Edge, int64) {
	edges, bound := s.Edges.Best(int(i), prices[:len(s.Problem.Capacity)], want, edges)
	if s.without >= 0 {
		edges = append(edges, Edge{Consultant: s.without})
	}
	return edges, bound
}

// relistIdlers makes the list that all idlers share, of so many of the cheapest
// consultants and all others who are as cheap.
func (s *solver) relistIdlers(want int32) {
	edges, bound, lowest := s.paper.listed[:0], int64(None), s.lowest()
	for j, c := range s.capacity {
		if c > 0 {
			edges = append(edges, Edge{Consultant: int32(j), fall: uint32(min(s.p[j]-lowest, math.MaxUint32))})
		}
	}
	s.paper.listed = edges
	s.paper.sort(edges, 0)
	if n := int(want); n < len(edges) {
		for n < len(edges) && edges[n].fall == edges[want-1].fall {
			n++
		}
		if n < len(edges) {
			bound = s.worth(edges[n])
		}
		edges = edges[:n]
	}
	edges = slices.Clone(edges)
	for i := s.Clients; i < len(s.at); i++ {
		s.list[i], s.bound[i], s.top[i], s.listed[i], s.asked[i] = edges, bound, s.Premium-lowest, s.round, want
	}
}

// lowest is the lowest price.
func (s *solver) lowest() int64 {
	lowest := int64(hidden)
	for j, c := range s.capacity {
		if c > 0 {
			lowest = min(lowest, s.p[j])
		}
	}
	return lowest
}

// auction is the state of an auction.
type auction struct {
	*solver
	step int64
	// weight is that of the edge by which each is assigned, and level what it bid.
	weight, level []int64
	// bids are those who have places with a consultant of several, by level: the
	// lowest is the price.
	bids map[int32]*queue
	// cheap are the consultants by price, or by what it was.
	cheap queue
	turn  []int32
	floor int64
}

// auction runs one, on an even problem.
func (s *solver) auction() {
	a := &auction{solver: s, weight: make([]int64, len(s.at)), level: make([]int64, len(s.at)), bids: map[int32]*queue{}}
	a.floor = s.Premium - givenUp*(s.most+1)
	for j, c := range s.capacity {
		if c > 0 {
			a.cheap.push(s.p[j], int32(j))
		}
		if c > 1 {
			a.bids[int32(j)] = &queue{}
		}
	}
	a.step = s.most / steps
	if s.Reserve != nil {
		a.step = s.most / stepsAfterReserve
	}
	for a.step = max(a.step, 1); ; a.step = max(a.step/finer, 1) {
		if a.stale = 0; a.step > 1 {
			a.stale = a.most / stales
		}
		a.release()
		a.round()
		if a.step == 1 {
			break
		}
	}
	a.step = 0
	a.release()
	for i := range s.at {
		if s.at[i] == never {
			s.at[i] = free
		}
	}
}

// release takes the places of those who would gain by more than a step elsewhere.
func (a *auction) release() {
	for _, q := range a.bids {
		q.reset()
	}
	a.priced()
	a.turn = a.turn[:0]
	for b := range a.at {
		b := int32(b)
		switch j := a.at[b]; {
		case j >= 0:
			first, _, _ := a.best(b)
			if a.u[b] = first; a.Premium+a.weight[b]-a.p[j] < first-a.step {
				a.detach(b)
				a.turn = append(a.turn, b)
			} else if q := a.bids[j]; q != nil {
				q.push(a.level[b], b)
			}
		case j == free:
			a.turn = append(a.turn, b)
		}
	}
}

// round lets those in turn bid until all have a place or have given up.
func (a *auction) round() {
	for k, limit := 0, 100*len(a.at); k < len(a.turn) && k < limit; k++ {
		if k%len(a.at) == len(a.at)-1 {
			a.priced()
		}
		b := a.turn[k]
		first, second, j := a.best(b)
		if int(b) < a.Clients && (j < 0 || first < a.floor) {
			a.at[b] = never
			if a.without < 0 { // its place stays free
				a.turn = append(a.turn, int32(len(a.at)))
				a.hire(1)
				a.weight, a.level = append(a.weight, 0), append(a.level, 0)
			}
			continue
		}
		q := a.bids[j]
		if a.used[j] == a.capacity[j] {
			outbid := a.head[j]
			if q != nil {
				_, outbid = q.pop()
			}
			a.detach(outbid)
			a.turn = append(a.turn, outbid)
		}
		a.attach(b, j)
		a.weight[b] = first + a.p[j] - a.Premium
		a.level[b] = a.p[j] + max(0, first-max(second, a.floor)) + a.step
		if q != nil {
			q.push(a.level[b], b)
		}
		if a.used[j] == a.capacity[j] {
			a.p[j] = a.level[b]
			if q != nil {
				a.p[j] = q.least()
			}
		}
	}
}

// best is what a client gains most by, or an idler.
func (a *auction) best(b int32) (first, second int64, to int32) {
	if int(b) < a.Clients {
		return a.solver.best(b)
	}
	p, j := a.cheapest()
	_, _ = a.cheap.pop()
	second = p + givenUp
	if len(a.cheap.items) > 0 {
		second, _ = a.cheapest()
	}
	a.cheap.push(p, j)
	return a.Premium - p, a.Premium - second, j
}

// cheapest is the consultant with the lowest price.
func (a *auction) cheapest() (int64, int32) {
	for {
		p, j := a.cheap.items[0].d, a.cheap.items[0].node
		if p == a.p[j] {
			return p, j
		}
		a.cheap.pop()
		a.cheap.push(a.p[j], j)
	}
}

// settleUp takes out what made the problem even, and lowers prices that are too
// high for what is not used up. It reports whether someone may be free again.
func (s *solver) settleUp() bool {
	if s.Supervisor != nil {
		return false
	}
	if !s.even {
		return s.descend()
	}
	if s.without < 0 {
		unfilled := 0
		for j, c := range s.capacity {
			unfilled += int(c - s.used[j])
		}
		if unfilled > 0 && !slices.Contains(s.at[s.Clients:], never) { // as many clients found none
			s.hire(unfilled)
			return true
		}
	}
	s.even, s.full = false, false
	if s.without >= 0 {
		s.goWithout()
		return true
	}
	for i := s.Clients; i < len(s.at); i++ {
		s.detach(int32(i))
	}
	s.at = s.at[:s.Clients]
	s.lower(s.lowest())
	return true
}

// goWithout leaves those who have a place with the last consultant without: what
// they gain is nothing, and so all others gain less by as much as they gained.
func (s *solver) goWithout() {
	m := s.without
	by := max(0, s.Premium-s.p[m])
	for i, j := range s.at {
		if j == m {
			s.detach(int32(i))
			s.at[i] = never
		}
		if s.at[i] == never {
			s.u[i] = 0
		} else {
			s.u[i] -= by
		}
		s.bound[i] -= by
		s.list[i] = slices.DeleteFunc(s.list[i], func(e Edge) bool { return e.Consultant == m })
		s.top[i] -= by
	}
	s.without, s.capacity, s.p = -1, s.Capacity, s.p[:m]
	for j, c := range s.Capacity {
		if c > 0 {
			s.p[j] += by
		}
	}
}
