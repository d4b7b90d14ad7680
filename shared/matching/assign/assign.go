// Package assign solves the assignment problem at the heart of matching: clients
// to consultants with capacities, under supervisors with capacities, so that the
// most clients are assigned and, among those ways, the total weight is greatest.
//
// It is a primal-dual method for minimum-cost flow that never holds all edges.
// Each client keeps a short list of its best consultants and a bound on all
// others; since prices only rise while it runs, a bound once true stays true, so
// an edge outside the lists is asked for exactly when the bound allows it to
// matter, and the answer is as optimal as with all edges in memory. Lists and
// bounds are the idea of Volgenant's core-oriented method (European Journal of
// Operational Research 90, 1996), here with a proof instead of a repair. An auction
// brings most prices near (see auction.go), the augmenting row reduction of Jonker
// and Volgenant (Computing 38, 1987) goes on without its steps, and the rest is as
// Hopcroft and Karp do it (SIAM Journal on Computing 2, 1973): one shortest-path
// search from all unassigned clients at once, one change of prices, and then as many
// augmenting paths of tight edges as do not meet.
//
// The result depends on the numbers given alone: no map is ranged over, no
// goroutine raced. Only the first lists, which do not depend on each other, are made
// on all processors.
package assign

import (
	"math"
	"slices"
)

// Edge is an eligible consultant of a client. Weight is at least 0; more is better.
type Edge struct {
	Consultant int32
	// slack is by how much it was worth less than the best of its list when that was
	// made, as far as it fits.
	slack  uint32
	Weight int64
}

// None is a bound below everything: no other edge exists.
const None = math.MinInt64 / 4

// Edges are the eligible pairs of a problem, held or computed when asked for.
type Edges interface {
	// Best appends to edges those of a client whose weight less the consultant's
	// price is greatest, about as many as wanted, in any fixed order. No edge left
	// out has a weight less price above bound; it is None where none was left out.
	// It may be called for several clients at once.
	Best(client int, prices []int64, want int, edges []Edge) (all []Edge, bound int64)
	// UpdatePrices tells of all prices before Best is first asked, and again when some have
	// fallen or many risen: from then on Best is asked with none that are lower.
	UpdatePrices(prices []int64)
}

// Problem is who is to be assigned to whom.
type Problem struct {
	// Clients is how many there are, 0 to Clients-1.
	Clients int
	// Capacity of each consultant, in clients.
	Capacity []int32
	// Supervisor of each consultant, or -1; nil where nobody has one.
	Supervisor []int32
	// SupervisorCapacity is each supervisor's, in clients of their consultants.
	SupervisorCapacity []int32
	Edges              Edges
	// Premium is what assigning a client at all is worth. It must exceed any
	// weight that others could lose by it, see Premium.
	Premium int64
	// Reserve are prices to begin with, nil for none: a guess that saves work where
	// it is near the truth, and changes nothing in what is optimal. It is not used
	// where there are supervisors.
	Reserve []int64
	// Start is a solution to begin with, nil for none: its prices cover every edge,
	// those it assigns exactly, and only what is used up has a price. It may lack
	// clients, whose prices count for nothing then.
	Start *Solution
}

// Premium is large enough for a number of clients and a greatest weight: an
// augmenting path changes at most each client once, so more clients always beat
// more weight, and prices fall into two clusters, those near 0 and those near it.
func Premium(clients int, weight int64) int64 {
	return 8 * (int64(clients) + 1) * (weight + 1)
}

// Solution is an optimal assignment with the prices that prove it: no price is
// negative, client + consultant + supervisor prices of every edge cover premium +
// weight, of each assigned edge exactly, and only what is used up has a price.
type Solution struct {
	// Consultant of each client, or -1.
	Consultant []int32
	// Client, Price and Supervisor are the prices.
	Client     []int64
	Price      []int64
	Supervisor []int64
}

const (
	unassigned  int32 = -1 // a client not assigned yet
	unmatchable int32 = -2 // a client for whom nothing is left
)

// solver is the state between steps: the assignment, and the dual solution that is
// moved towards the optimum. In the words of auctions (Bertsekas), what a client gains
// by an edge, premium and weight less the consultant's price, is the edge's value, and
// the best value is the client's profit. A consultant's price is its own and its
// supervisor's together.
type solver struct {
	*Problem
	// capacity is that of each consultant. Where the problem was balanced by a dummy
	// consultant for those who go without, see balance, that is the last, and dummy its
	// place, else -1.
	capacity        []int32
	dummy           int32
	balanced        bool
	most            int64 // the greatest weight listed at first
	list            [][]Edge
	scratch         scratch
	bound           []int64 // premium included
	top             []int64 // what the best of the list was worth
	listed          []int32 // round in which the list was made
	requested       []int32 // how many edges it was to have
	profit          []int64
	price           []int64
	supervisorPrice []int64

	mate           []int32 // consultant of a client, unassigned or unmatchable
	head           []int32 // a consultant's first client, -1 for none
	next, prev     []int32 // the list of a consultant's clients
	load           []int32 // clients of a consultant
	supervisorLoad []int32 // clients of a supervisor's consultants
	team           [][]int32

	// of the present search
	round       int32
	dist        []int64 // of a consultant
	seen        []int32 // round in which dist was set
	done        []int32 // round in which the consultant was settled
	clientDist  []int64
	clientRound []int32
	clients     []int32 // in the search
	settled     []int32
	hidden      []int64 // the prices, with those of settled consultants out of reach
	superDist   []int64
	superRound  []int32
	supers      []int32
	queue       queue
	limit       int64
	full        bool // every place is taken
	// want is how many edges a list is to hold, and stale by how much a client's best
	// may be worth less than what is not listed: both are less exact while an auction
	// only brings prices near.
	want  int32
	stale int64

	// of the present augmentation
	tried       []int32 // consultants
	triedClient []int32
	triedSuper  []int32
}

// A list is asked to hold want edges, and one more for every perListed consultants:
// the more there are, the nearer to each other the best of them are. The first lists
// hold no more than few.
const (
	want      = 48
	perListed = 240
	few       = 32
)

// Solve finds the best assignment. It takes memory for the lists, not for the
// edges.
func Solve(pr *Problem) *Solution {
	s := newSolver(pr)
	switch {
	case pr.Clients == 0:
		return s.solution()
	case pr.Start != nil:
		s.resume()
	case s.balance():
		s.auction()
	}
	s.finish()
	for s.removeDummies() {
		s.finish()
	}
	return s.solution()
}

// finish assigns exactly all who are unassigned.
func (s *solver) finish() {
	s.updatePrices()
	s.reduce()
	for s.search() {
	}
}

// descend lowers all prices by as much as takes those at which a place stayed free
// down to nothing, since only what is used up may have a price. It reports whether
// there was such a price.
func (s *solver) descend() bool {
	by := int64(0)
	for j, c := range s.capacity {
		if c > 0 && s.load[j] < c {
			by = max(by, s.price[j])
		}
	}
	s.lower(by)
	return by > 0
}

// lower lowers all prices, but none below nothing: clients whose consultant comes
// to cost nothing before that are unassigned again.
func (s *solver) lower(by int64) {
	if by == 0 {
		return
	}
	for j, c := range s.capacity {
		if c == 0 {
			continue
		}
		if s.price[j] < by {
			for s.head[j] >= 0 {
				s.detach(s.head[j])
			}
		}
		s.price[j] = max(0, s.price[j]-by)
	}
	for i := range s.mate {
		s.profit[i] += by
		s.bound[i] += by
		s.top[i] += by
		if s.mate[i] == unmatchable {
			s.mate[i] = unassigned
		}
	}
}

func (s *solver) solution() *Solution {
	own := make([]int64, len(s.price))
	for j := range own {
		own[j] = s.price[j] - s.supervisorPriceOf(int32(j))
	}
	for i, j := range s.mate {
		if j < 0 {
			s.mate[i] = -1
		}
	}
	return &Solution{Consultant: s.mate, Client: s.profit[:s.Clients], Price: own, Supervisor: s.supervisorPrice}
}

func newSolver(pr *Problem) *solver {
	n, m, k := pr.Clients, len(pr.Capacity), len(pr.SupervisorCapacity)
	s := &solver{
		Problem: pr, capacity: pr.Capacity, dummy: -1, want: int32(want + m/perListed),
		list: make([][]Edge, n), bound: fill(n, int64(unlisted)), top: make([]int64, n), listed: fill(n, int32(-1)), requested: make([]int32, n), profit: make([]int64, n), price: make([]int64, m), supervisorPrice: make([]int64, k),
		mate: fill(n, int32(unassigned)), head: fill(m, int32(-1)), next: fill(n, int32(-1)), prev: fill(n, int32(-1)), load: make([]int32, m), supervisorLoad: make([]int32, k), team: make([][]int32, k),
		dist: make([]int64, m), hidden: make([]int64, m), seen: make([]int32, m), done: make([]int32, m),
		clientDist: make([]int64, n), clientRound: make([]int32, n), superDist: make([]int64, k), superRound: make([]int32, k),
		tried: make([]int32, m), triedClient: make([]int32, n), triedSuper: make([]int32, k),
	}
	// What has no place costs more than any client is worth, and never gets one.
	for t, c := range pr.SupervisorCapacity {
		if c == 0 {
			s.supervisorPrice[t] = 2 * pr.Premium
		}
	}
	for j, c := range pr.Capacity {
		if c == 0 {
			s.price[j] = 2 * pr.Premium
		}
		if pr.Supervisor != nil && pr.Supervisor[j] >= 0 {
			t := pr.Supervisor[j]
			s.team[t] = append(s.team[t], int32(j))
			s.price[j] += s.supervisorPrice[t]
		}
	}
	return s
}

func fill[T int32 | int64](n int, v T) []T {
	a := make([]T, n)
	for i := range a {
		a[i] = v
	}
	return a
}

func (s *solver) supervisor(j int32) int32 {
	if s.Supervisor == nil {
		return -1
	}
	return s.Supervisor[j]
}

func (s *solver) supervisorPriceOf(j int32) int64 {
	if t := s.supervisor(j); t >= 0 {
		return s.supervisorPrice[t]
	}
	return 0
}

// supervisorHasRoom reports whether a supervisor, -1 for none, has a place left.
func (s *solver) supervisorHasRoom(t int32) bool {
	return t < 0 || s.supervisorLoad[t] < s.SupervisorCapacity[t]
}

// updatePrices tells Edges the prices of the consultants.
func (s *solver) updatePrices() { s.Edges.UpdatePrices(s.price[:len(s.Problem.Capacity)]) }

// scratch is memory on which lists are made.
type scratch struct{ listed, sorted []Edge }

// relist makes a client's list anew, at the present prices.
func (s *solver) relist(i int32, on *scratch) {
	if int(i) >= s.Clients {
		s.relistDummies(s.want)
		return
	}
	s.listed[i], s.requested[i] = s.round, s.want
	var b int64
	on.listed, b = s.bestEdges(i, s.price, int(s.requested[i]), on.listed[:0])
	if cap(s.list[i]) < len(on.listed) {
		s.list[i] = make([]Edge, len(on.listed))
	}
	s.list[i] = s.list[i][:copy(s.list[i][:len(on.listed)], on.listed)]
	if s.bound[i] = None; b > None {
		s.bound[i] = b + s.Premium
	}
	s.rank(i, on)
}

// extend lists more of a client's edges in the middle of a search, of those to
// consultants whom it has not settled: the others count no more in it. So where
// no place is free in all reach, that is found by looking at each edge once.
func (s *solver) extend(i int32) {
	want := min(2*s.requested[i], int32(len(s.price))+1)
	if int(i) >= s.Clients {
		if s.bound[i] > None { // else another dummy client needed it before
			s.relistDummies(want)
		}
		s.scan(i)
		return
	}
	s.requested[i] = want
	more, b := s.bestEdges(i, s.hidden, int(s.requested[i]), s.scratch.listed[:0])
	s.scratch.listed = more
	base := s.clientDist[i] + s.profit[i]
	known := len(s.list[i])
	for _, e := range more {
		if s.done[e.Consultant] == s.round {
			continue
		}
		s.offer(e.Consultant, base+s.price[e.Consultant]-s.Premium-e.Weight)
		if !slices.ContainsFunc(s.list[i][:known], func(edge Edge) bool { return edge.Consultant == e.Consultant }) {
			s.list[i] = append(s.list[i], e)
		}
	}
	if b > -hidden/2 {
		if d := base - b - s.Premium; d < s.limit {
			s.queue.push(d, int32(len(s.price))+i)
		}
	}
	s.rank(i, &s.scratch)
}

// hidden is a price that nobody pays, and unlisted the bound before there is a list.
const (
	hidden   = 1 << 60
	unlisted = 1 << 60
)

// rank sorts a client's list at the present prices: the best first, and equals from
// a place that is the client's own, so that not everyone turns to the same one.
func (s *solver) rank(i int32, on *scratch) {
	s.top[i] = None
	for _, e := range s.list[i] {
		s.top[i] = max(s.top[i], s.value(e))
	}
	for k, e := range s.list[i] {
		s.list[i][k].slack = uint32(min(s.top[i]-s.value(e), math.MaxUint32))
	}
	on.sort(s.list[i], uint32(i))
}

func (s *solver) value(e Edge) int64 { return s.Premium + e.Weight - s.price[e.Consultant] }

// valueAtMost is what an edge of a client's list can be worth: prices have only risen since.
func (s *solver) valueAtMost(i int32, e Edge) int64 { return s.top[i] - int64(e.slack) }

// sort sorts edges by slack, byte by byte from the last: slacks are small. Equals stay in
// their order, from a place that is the owner's.
func (on *scratch) sort(edges []Edge, own uint32) {
	if len(edges) < 2 {
		return
	}
	most := uint32(0)
	for _, e := range edges {
		most = max(most, e.slack)
	}
	if len(on.sorted) < len(edges) {
		on.sorted = make([]Edge, 2*len(edges))
	}
	start := int(own * 2654435761 % uint32(len(edges)))
	for shift := 0; shift < 32 && (shift == 0 || most>>shift > 0); shift += 8 {
		var at [256]int32
		for _, e := range edges {
			at[byte(e.slack>>shift)]++
		}
		n := int32(0)
		for d, count := range at[:min(most>>shift, 255)+1] {
			at[d] = n
			n += count
		}
		for _, part := range [][]Edge{edges[start:], edges[:start]} {
			for _, e := range part {
				d := byte(e.slack >> shift)
				on.sorted[at[d]] = e
				at[d]++
			}
		}
		copy(edges, on.sorted)
		start = 0
	}
}

// best is what a client gains most by, and second by what else at least nothing
// is left out of: no edge that is not listed has more than second, but for stale.
func (s *solver) best(i int32) (first, second int64, to int32) {
	for {
		first, second, to = 0, 0, unmatchable
		for _, e := range s.list[i] {
			if s.valueAtMost(i, e) < second {
				break
			}
			switch v := s.Premium + e.Weight - s.price[e.Consultant]; {
			case v > first || v == first && to == unmatchable:
				first, second, to = v, first, e.Consultant
			case v > second:
				second = v
			}
		}
		if first >= s.bound[i]-s.stale {
			return first, max(second, s.bound[i]), to
		}
		s.relist(i, &s.scratch)
	}
}

func (s *solver) attach(i, j int32) {
	s.mate[i] = j
	s.next[i], s.prev[i] = s.head[j], -1
	if s.head[j] >= 0 {
		s.prev[s.head[j]] = i
	}
	s.head[j] = i
	s.load[j]++
	if t := s.supervisor(j); t >= 0 {
		s.supervisorLoad[t]++
	}
}

func (s *solver) detach(i int32) {
	j := s.mate[i]
	if s.mate[i] = unassigned; j < 0 {
		return
	}
	if s.prev[i] >= 0 {
		s.next[s.prev[i]] = s.next[i]
	} else {
		s.head[j] = s.next[i]
	}
	if s.next[i] >= 0 {
		s.prev[s.next[i]] = s.prev[i]
	}
	s.load[j]--
	if t := s.supervisor(j); t >= 0 {
		s.supervisorLoad[t]--
	}
}

// bids is how often each client may bid in reduce, on average.
const bids = 6

// resume takes over the solution to begin with.
func (s *solver) resume() {
	for t, price := range s.Start.Supervisor {
		s.supervisorPrice[t] = max(s.supervisorPrice[t], price)
	}
	for j, own := range s.Start.Price {
		s.price[j] = max(s.price[j], own+s.supervisorPriceOf(int32(j)))
	}
	for i, j := range s.Start.Consultant {
		if j >= 0 {
			s.attach(int32(i), j)
			s.profit[i] = s.Start.Client[i]
			s.bound[i] = s.profit[i] // listed when it comes to that
		}
	}
}

// reduce assigns most clients by bidding: each takes its best consultant at the
// price at which the second best is as good, and the one it displaces bids again.
// Only consultants with one place are bid for: raising the price of several places
// would have to move several clients.
func (s *solver) reduce() {
	var turn []int32
	for i, j := range s.mate {
		if j == unassigned {
			turn = append(turn, int32(i))
		}
	}
	for limit, k := bids*len(turn), 0; k < len(turn) && k < limit; k++ {
		i := turn[k]
		first, second, j := s.best(i)
		s.profit[i] = first
		switch {
		case j < 0:
			s.mate[i] = unmatchable
		case s.load[j] < s.capacity[j] && s.supervisorHasRoom(s.supervisor(j)):
			s.attach(i, j)
		default:
			if first == second {
				for _, e := range s.list[i] {
					if s.valueAtMost(i, e) < first {
						break
					}
					if s.value(e) == first && s.load[e.Consultant] < s.capacity[e.Consultant] && s.supervisorHasRoom(s.supervisor(e.Consultant)) {
						s.attach(i, e.Consultant)
						break
					}
				}
				continue
			}
			if s.capacity[j] != 1 || s.load[j] != 1 {
				continue
			}
			displaced := s.head[j]
			s.detach(displaced)
			s.attach(i, j)
			s.price[j] += first - second
			s.profit[i] = second
			turn = append(turn, displaced)
		}
	}
}

// search finds how far the nearest free place is from the unassigned clients, by the
// sum of slacks, moves the prices by that much, and uses all augmenting paths whose
// edges have become tight. It reports whether a client was unassigned.
func (s *solver) search() bool {
	s.round++
	s.clients, s.settled, s.supers = s.clients[:0], s.settled[:0], s.supers[:0]
	s.queue.reset()
	s.limit = math.MaxInt64
	copy(s.hidden, s.price)
	for i := range s.mate {
		if s.mate[i] == unassigned {
			first, _, _ := s.best(int32(i))
			s.profit[i] = first
			s.reach(int32(i), 0)
		}
	}
	if len(s.clients) == 0 {
		return false
	}
	if s.shift() {
		return true
	}
	s.updatePrices()
	roots := len(s.clients)

	var reached int64
	for {
		d, node := s.queue.pop()
		if node < 0 || d >= s.limit {
			reached = s.limit
			break
		}
		if node >= int32(len(s.price)) { // a client whose list ends here
			i := node - int32(len(s.price))
			if s.listed[i] == s.round {
				s.extend(i)
			} else {
				s.relist(i, &s.scratch)
				s.scan(i)
			}
			continue
		}
		if s.done[node] == s.round {
			continue
		}
		s.settle(node, d)
	}

	for _, i := range s.clients {
		s.profit[i] -= reached - s.clientDist[i]
	}
	for _, t := range s.supers {
		if s.superDist[t] < reached {
			s.supervisorPrice[t] += reached - s.superDist[t]
		}
	}
	for _, j := range s.settled {
		s.price[j] += reached - s.dist[j]
	}
	for _, t := range s.supers {
		for _, j := range s.team[t] {
			s.price[j] = max(s.price[j], s.supervisorPrice[t])
		}
	}

	for _, i := range s.clients[:roots] {
		s.augment(i)
	}
	return true
}

// shift raises the prices of all places at once, when none of them is free, until
// some client would as soon go without. Searches would find the same, by proving
// for every client and every consultant that nothing is left. It reports whether
// it did so.
func (s *solver) shift() bool {
	if s.full || s.balanced {
		return false
	}
	for j, c := range s.capacity {
		if s.load[j] < c && s.supervisorHasRoom(s.supervisor(int32(j))) {
			return false
		}
	}
	s.full = true // places, once taken, stay taken
	by := int64(math.MaxInt64)
	for i := range s.mate {
		if s.mate[i] != unmatchable {
			by = min(by, s.profit[i])
		}
	}
	for i := range s.mate {
		if s.mate[i] != unmatchable {
			s.profit[i] -= by
		}
		s.bound[i] -= by
		s.top[i] -= by
	}
	for t := range s.supervisorPrice {
		if !s.supervisorHasRoom(int32(t)) {
			s.supervisorPrice[t] += by
		}
	}
	for j := range s.price {
		s.price[j] += by
	}
	return by > 0
}

// reach brings a client into the search.
func (s *solver) reach(i int32, d int64) {
	if s.clientRound[i] == s.round {
		return
	}
	s.clientRound[i], s.clientDist[i] = s.round, d
	s.clients = append(s.clients, i)
	s.limit = min(s.limit, d+s.profit[i]) // it could go without
	s.scan(i)
}

// scan offers the consultants on a client's list.
func (s *solver) scan(i int32) {
	base := s.clientDist[i] + s.profit[i]
	for _, e := range s.list[i] {
		if base-s.valueAtMost(i, e) >= s.limit {
			break
		}
		j := e.Consultant
		s.offer(j, base+s.price[j]-s.Premium-e.Weight)
	}
	if d := base - s.bound[i]; d < s.limit {
		s.queue.push(d, int32(len(s.price))+i)
	}
}

func (s *solver) offer(j int32, d int64) {
	if d >= s.limit || s.seen[j] == s.round && s.dist[j] <= d {
		return
	}
	s.seen[j], s.dist[j] = s.round, d
	if s.load[j] < s.capacity[j] && s.supervisorHasRoom(s.supervisor(j)) {
		s.limit = d // a free place
		return
	}
	s.queue.push(d, j)
}

// settle goes on from a consultant without a free place: to its clients, who
// might move, and to its supervisor's other consultants.
func (s *solver) settle(j int32, d int64) {
	s.done[j] = s.round
	s.hidden[j] = hidden
	s.settled = append(s.settled, j)
	for i := s.head[j]; i >= 0; i = s.next[i] {
		s.reach(i, d)
	}
	t := s.supervisor(j)
	if t < 0 || s.load[j] == s.capacity[j] || s.superRound[t] == s.round {
		return
	}
	s.superRound[t], s.superDist[t] = s.round, d
	s.supers = append(s.supers, t)
	for _, k := range s.team[t] {
		if s.load[k] > 0 {
			s.offer(k, d+s.price[k]-s.supervisorPrice[t])
		}
	}
}

// augment finds an augmenting path of tight edges for a client, to a free place or to
// who would as soon go without, and moves everyone on it.
func (s *solver) augment(i int32) bool {
	if s.triedClient[i] == s.round {
		return false
	}
	s.triedClient[i] = s.round
	for _, e := range s.list[i] {
		if s.valueAtMost(i, e) < s.profit[i] {
			break
		}
		j := e.Consultant
		if s.tried[j] == s.round || s.profit[i]+s.price[j] != s.Premium+e.Weight {
			continue
		}
		s.tried[j] = s.round
		if s.makeRoom(j) {
			s.detach(i)
			s.attach(i, j)
			return true
		}
	}
	if s.profit[i] == 0 {
		s.detach(i)
		s.mate[i] = unmatchable
		return true
	}
	return false
}

// makeRoom makes a free place with a consultant, if an augmenting path leads on from it.
func (s *solver) makeRoom(j int32) bool {
	t := s.supervisor(j)
	if s.load[j] < s.capacity[j] {
		if s.supervisorHasRoom(t) {
			return true
		}
		if s.price[j] == s.supervisorPrice[t] && s.triedSuper[t] != s.round {
			s.triedSuper[t] = s.round
			for _, k := range s.team[t] {
				if s.price[k] == s.supervisorPrice[t] && s.vacate(k) {
					return true
				}
			}
		}
		return false
	}
	return s.vacate(j)
}

// vacate moves one of a consultant's clients elsewhere, along an augmenting path.
func (s *solver) vacate(j int32) bool {
	for i := s.head[j]; i >= 0; {
		next := s.next[i]
		if s.augment(i) {
			return true
		}
		i = next
	}
	return false
}
