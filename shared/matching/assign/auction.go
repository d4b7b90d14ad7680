package assign

import (
	"math"
	"slices"

	"github.com/cascading-leadership/cascade/shared/parallel"
)

// An auction brings the prices near to what they will be, and most clients to whom
// they will have: each in turn bids for its best consultant, and whoever is outbid
// bids again. A bid exceeds what was needed by epsilon, which is large first and then
// ever smaller (Bertsekas, Annals of Operations Research 14, 1988). Searches then have
// little left to do.
//
// That works best where nobody and no place can be left over. So a problem is balanced
// first: where places are more than clients, dummy clients take those that stay free,
// each as content with one as with another; where clients are more, a dummy consultant
// has as many places as must go without.

const (
	// The first epsilon is the greatest weight divided by epsilons, or after a reserve by
	// epsilonsAfterReserve; each next one is finer by so much.
	epsilons, epsilonsAfterReserve, finer = 8, 256, 8
	// stales is which part of the greatest weight a client's list may be stale by, until
	// the last epsilon.
	stales = 12
	// stopBidding is at how many times the greatest weight a client stops to bid: it is one
	// of too many who have nobody else.
	stopBidding = 4
)

// balance balances the problem, and lists everybody's edges. It reports false
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
		s.price[j] = max(s.price[j], price)
	}
	s.updatePrices()
	full := s.want
	s.want = few // which are stale soon
	s.listAll()
	with := 0
	for i := range s.mate {
		if len(s.list[i]) > 0 {
			with++
		}
		for _, e := range s.list[i] {
			s.most = max(s.most, e.Weight)
		}
	}
	s.want = full
	if s.Premium <= stopBidding*(s.most+1) {
		return false // only the number matched counts
	}
	s.balanced = true
	if short := s.Clients - places; short > 0 {
		s.addDummyConsultant(short)
	} else {
		s.addDummyClients(places - with)
	}
	return true
}

// listAll makes everybody's list.
func (s *solver) listAll() {
	const together = 64 // clients, who share what lists are made on
	parallel.Do((s.Clients+together-1)/together, func(k int) {
		var on scratch
		for i := k * together; i < min((k+1)*together, s.Clients); i++ {
			s.relist(int32(i), &on)
		}
	})
}

// addDummyConsultant adds the dummy consultant, with so many places.
func (s *solver) addDummyConsultant(n int) {
	s.dummy = int32(len(s.price))
	s.capacity = append(slices.Clone(s.Capacity), int32(n))
	s.price, s.head = append(s.price, 0), append(s.head, -1)
	for _, a := range []*[]int32{&s.load, &s.seen, &s.done, &s.tried} {
		*a = append(*a, 0)
	}
	s.dist, s.hidden = append(s.dist, 0), append(s.hidden, 0)
	for i := range s.list {
		s.list[i] = append(s.list[i], Edge{Consultant: s.dummy})
		s.rank(int32(i), &s.scratch)
	}
}

// addDummyClients adds so many dummy clients.
func (s *solver) addDummyClients(n int) {
	for range n {
		s.list, s.bound, s.top, s.profit = append(s.list, nil), append(s.bound, unlisted), append(s.top, 0), append(s.profit, 0)
		s.listed, s.mate = append(s.listed, -1), append(s.mate, unassigned)
		for _, a := range []*[]int32{&s.requested, &s.next, &s.prev, &s.clientRound, &s.triedClient} {
			*a = append(*a, 0)
		}
		s.clientDist = append(s.clientDist, 0)
	}
}

// bestEdges gives a client's best edges, as Edges does, with the dummy consultant.
func (s *solver) bestEdges(i int32, prices []int64, want int, edges []Edge) ([]Edge, int64) {
	edges, bound := s.Edges.Best(int(i), prices[:len(s.Problem.Capacity)], want, edges)
	if s.dummy >= 0 {
		edges = append(edges, Edge{Consultant: s.dummy})
	}
	return edges, bound
}

// relistDummies makes the list that all dummy clients share, of so many of the cheapest
// consultants and all others who are as cheap.
func (s *solver) relistDummies(want int32) {
	edges, bound, lowest := s.scratch.listed[:0], int64(None), s.lowest()
	for j, c := range s.capacity {
		if c > 0 {
			edges = append(edges, Edge{Consultant: int32(j), slack: uint32(min(s.price[j]-lowest, math.MaxUint32))})
		}
	}
	s.scratch.listed = edges
	s.scratch.sort(edges, 0)
	if n := int(want); n < len(edges) {
		for n < len(edges) && edges[n].slack == edges[want-1].slack {
			n++
		}
		if n < len(edges) {
			bound = s.value(edges[n])
		}
		edges = edges[:n]
	}
	edges = slices.Clone(edges)
	for i := s.Clients; i < len(s.mate); i++ {
		s.list[i], s.bound[i], s.top[i], s.listed[i], s.requested[i] = edges, bound, s.Premium-lowest, s.round, want
	}
}

// lowest is the lowest price.
func (s *solver) lowest() int64 {
	lowest := int64(hidden)
	for j, c := range s.capacity {
		if c > 0 {
			lowest = min(lowest, s.price[j])
		}
	}
	return lowest
}

// auction is the state of an auction.
type auction struct {
	*solver
	epsilon int64
	// weight is that of the edge by which each is assigned, and level what it bid.
	weight, level []int64
	// bids are those who have places with a consultant of several, by level: the
	// lowest is the price.
	bids map[int32]*queue
	// byPrice are the consultants by price, or by what it was.
	byPrice queue
	// bidders are those who bid next, one after the other.
	bidders []int32
	floor   int64
}

// auction runs one, on a balanced problem.
func (s *solver) auction() {
	a := &auction{solver: s, weight: make([]int64, len(s.mate)), level: make([]int64, len(s.mate)), bids: map[int32]*queue{}}
	a.floor = s.Premium - stopBidding*(s.most+1)
	for j, c := range s.capacity {
		if c > 0 {
			a.byPrice.push(s.price[j], int32(j))
		}
		if c > 1 {
			a.bids[int32(j)] = &queue{}
		}
	}
	a.epsilon = s.most / epsilons
	if s.Reserve != nil {
		a.epsilon = s.most / epsilonsAfterReserve
	}
	for a.epsilon = max(a.epsilon, 1); ; a.epsilon = max(a.epsilon/finer, 1) {
		if a.stale = 0; a.epsilon > 1 {
			a.stale = a.most / stales
		}
		a.release()
		a.round()
		if a.epsilon == 1 {
			break
		}
	}
	a.epsilon = 0
	a.release()
	for i := range s.mate {
		if s.mate[i] == unmatchable {
			s.mate[i] = unassigned
		}
	}
}

// release frees the places of those who would gain by more than epsilon elsewhere.
func (a *auction) release() {
	for _, q := range a.bids {
		q.reset()
	}
	a.updatePrices()
	a.bidders = a.bidders[:0]
	for b := range a.mate {
		b := int32(b)
		switch j := a.mate[b]; {
		case j >= 0:
			first, _, _ := a.best(b)
			if a.profit[b] = first; a.Premium+a.weight[b]-a.price[j] < first-a.epsilon {
				a.detach(b)
				a.bidders = append(a.bidders, b)
			} else if q := a.bids[j]; q != nil {
				q.push(a.level[b], b)
			}
		case j == unassigned:
			a.bidders = append(a.bidders, b)
		}
	}
}

// round lets the bidders bid until all have a place or have given up.
func (a *auction) round() {
	for k, limit := 0, 100*len(a.mate); k < len(a.bidders) && k < limit; k++ {
		if k%len(a.mate) == len(a.mate)-1 {
			a.updatePrices()
		}
		b := a.bidders[k]
		first, second, j := a.best(b)
		if int(b) < a.Clients && (j < 0 || first < a.floor) {
			a.mate[b] = unmatchable
			if a.dummy < 0 { // its place stays free
				a.bidders = append(a.bidders, int32(len(a.mate)))
				a.addDummyClients(1)
				a.weight, a.level = append(a.weight, 0), append(a.level, 0)
			}
			continue
		}
		q := a.bids[j]
		if a.load[j] == a.capacity[j] {
			outbid := a.head[j]
			if q != nil {
				_, outbid = q.pop()
			}
			a.detach(outbid)
			a.bidders = append(a.bidders, outbid)
		}
		a.attach(b, j)
		a.weight[b] = first + a.price[j] - a.Premium
		a.level[b] = a.price[j] + max(0, first-max(second, a.floor)) + a.epsilon
		if q != nil {
			q.push(a.level[b], b)
		}
		if a.load[j] == a.capacity[j] {
			a.price[j] = a.level[b]
			if q != nil {
				a.price[j] = q.least()
			}
		}
	}
}

// best is what a client gains most by, or a dummy client.
func (a *auction) best(b int32) (first, second int64, to int32) {
	if int(b) < a.Clients {
		return a.solver.best(b)
	}
	p, j := a.cheapest()
	_, _ = a.byPrice.pop()
	second = p + stopBidding
	if len(a.byPrice.items) > 0 {
		second, _ = a.cheapest()
	}
	a.byPrice.push(p, j)
	return a.Premium - p, a.Premium - second, j
}

// cheapest is the consultant with the lowest price.
func (a *auction) cheapest() (int64, int32) {
	for {
		p, j := a.byPrice.items[0].d, a.byPrice.items[0].node
		if p == a.price[j] {
			return p, j
		}
		a.byPrice.pop()
		a.byPrice.push(a.price[j], j)
	}
}

// removeDummies takes out the dummies that balanced the problem, and lowers prices that
// are too high for what is not used up. It reports whether someone may be unassigned
// again.
func (s *solver) removeDummies() bool {
	if s.Supervisor != nil {
		return false
	}
	if !s.balanced {
		return s.descend()
	}
	if s.dummy < 0 {
		unfilled := 0
		for j, c := range s.capacity {
			unfilled += int(c - s.load[j])
		}
		if unfilled > 0 && !slices.Contains(s.mate[s.Clients:], unmatchable) { // as many clients found none
			s.addDummyClients(unfilled)
			return true
		}
	}
	s.balanced, s.full = false, false
	if s.dummy >= 0 {
		s.dropDummyConsultant()
		return true
	}
	for i := s.Clients; i < len(s.mate); i++ {
		s.detach(int32(i))
	}
	s.mate = s.mate[:s.Clients]
	s.lower(s.lowest())
	return true
}

// dropDummyConsultant leaves those who have a place with the dummy consultant without:
// what they gain is nothing, and so all others gain less by as much as they gained.
func (s *solver) dropDummyConsultant() {
	m := s.dummy
	by := max(0, s.Premium-s.price[m])
	for i, j := range s.mate {
		if j == m {
			s.detach(int32(i))
			s.mate[i] = unmatchable
		}
		if s.mate[i] == unmatchable {
			s.profit[i] = 0
		} else {
			s.profit[i] -= by
		}
		s.bound[i] -= by
		s.list[i] = slices.DeleteFunc(s.list[i], func(e Edge) bool { return e.Consultant == m })
		s.top[i] -= by
	}
	s.dummy, s.capacity, s.price = -1, s.Capacity, s.price[:m]
	for j, c := range s.Capacity {
		if c > 0 {
			s.price[j] += by
		}
	}
}
