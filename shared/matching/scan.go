package matching

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
)

// Who could count for a client is found for 64 consultants at once: planes hold what
// their skills are worth to a need, rounded up to a few bits, one bit of 64
// consultants a word, and so do the prices, rounded down. Words are added bit by bit,
// as a circuit would. Only of those few who pass, the score is worked out, and only of
// those whose score counts, the criteria are looked at: each from what stands close
// together, words with two bits for the level of each skill and a last one for
// half-days and income, and a gate.
const (
	skillsPerWord = 32
	bandShift     = 16

	gainBits  = 5
	priceBits = 8
	// summed are how many needs are added up; that is the most whose sum with a price
	// fits priceBits+1 bits. Further needs are taken to be met.
	summed = 8
)

// gains are what skills are worth to a need, of 64 consultants, and costs how far
// their prices are below the highest that can be told apart.
type (
	gains [gainBits]uint64
	costs [priceBits]uint64
)

// gate is what a consultant's criteria are looked up in, see profile.
type gate struct {
	languages, has, mask uint64
	competition          int32
	meeting              uint8
}

func (pool *Pool) pack() {
	last := (len(pool.Programme.Skills) + skillsPerWord - 1) / skillsPerWord
	pool.stride = last + 1
	pool.words = make([]uint64, pool.stride*len(pool.d))
	pool.gates = make([]gate, len(pool.d))
	for j := range pool.d {
		d := &pool.d[j]
		at := pool.words[j*pool.stride : (j+1)*pool.stride]
		for k, level := range d.offers {
			at[k/skillsPerWord] |= uint64(level) << (2 * (k % skillsPerWord))
		}
		at[last] = uint64(d.half) | uint64(d.band)<<bandShift
		pool.gates[j] = gate{d.languages, d.has, d.mask, d.competition, d.meeting}
	}
	w := &pool.Programme.Weights
	pool.unit = max(1, (gain(w, 3, 3, 0)+1<<gainBits-2)/(1<<gainBits-1))
	pool.planes = make([][3][]gains, len(pool.Programme.Skills))
	for k := range pool.planes {
		for asks := range pool.planes[k] {
			plane := make([]gains, (len(pool.d)+63)/64)
			for j := range pool.d {
				worth := (gain(w, asks+1, int(pool.d[j].offers[k]), 0) + pool.unit - 1) / pool.unit
				for b := range gainBits {
					plane[j/64][b] |= uint64(worth>>b&1) << (j % 64)
				}
			}
			pool.planes[k][asks] = plane
		}
	}
}

// view is the edges of a part of the clients, as the solver asks for them.
type view struct {
	pool *Pool
	// clients and consultants are the part's, by the pool's numbers; consultants are
	// counted from first on, which begins a block of 64.
	clients []int32
	first   int32
	// relaxed is how many relaxations each client of the pool is allowed.
	relaxed []uint8
	// least is the score below which pairs are left out.
	least int
	// factor multiplies a score, and kept is who each client has already, -1 for
	// nobody, which weighs 1.
	factor int64
	kept   []int32
	// costs are by block, or the same for all; what costs nothing there costs base.
	costs []costs
	base  int64
}

// Priced implements assign.Edges.
func (v *view) Priced(prices []int64) {
	if len(prices) == 0 {
		return
	}
	v.base = slices.Min(prices)
	if v.costs == nil {
		v.costs = make([]costs, (len(prices)+63)/64)
	}
	clear(v.costs)
	unit := v.factor * int64(v.pool.unit)
	for k, price := range prices {
		c := &v.costs[k/64]
		below := uint64(1<<priceBits-1) - uint64(min((price-v.base)/unit, 1<<priceBits-1))
		for b := range priceBits {
			c[b] |= below >> b & 1 << (k % 64)
		}
	}
}

// Best implements assign.Edges.
func (v *view) Best(client int, prices []int64, want int, edges []assign.Edge) ([]assign.Edge, int64) {
	i := int(v.clients[client])
	s := v.scan(i, prices, want)
	defer scans.Put(s)
	spans, total := v.pool.spans(s.c, int(v.relaxed[i])), int32(0)
	for _, span := range spans {
		total += span.to - span.from
	}
	listed := len(edges)
	limit := int64(-1)
	if len(spans) > 0 {
		limit = s.guess(spans[0], start(i, spans[0]), total)
	}
	for lower := int64(4); ; lower *= 2 {
		s.edges, s.above, s.bound = edges[:listed], math.MinInt64, assign.None
		if limit >= 0 {
			s.above = s.value(limit)
			s.bound = s.above
		}
		for _, span := range spans {
			s.look(span, start(i, span))
		}
		s.special()
		if limit < 0 || len(s.edges)-listed >= min(want, 16) {
			break
		}
		limit -= lower // too few were found
	}
	if len(s.edges) > want {
		s.cut()
	}
	edges, s.edges = s.edges, nil // they are the caller's from now on
	return edges, s.bound
}

// start is where a client's look at a run begins: it is the client's own, so that
// clients to whom many are equally good do not all list the same few.
func start(i int, span span) int32 {
	return span.from + int32(mix(uint64(i)+1)%uint64(span.to-span.from))
}

// look looks at all of a run.
func (s *scan) look(span span, start int32) {
	s.meeting = s.c.meeting
	if span.remote {
		s.meeting &= remote
	}
	s.run(start, span.to)
	s.run(span.from, start)
}

// guess is a limit that about as many as are wanted of so many will pass, judged by
// a few blocks of one run, or -1 where all should be looked at.
func (s *scan) guess(span span, start, total int32) int64 {
	const blocks = 16
	from := int(min(start, max(span.from, span.to-64*blocks))) / 64
	to := min(from+blocks, int(span.to)/64)
	if from >= to || int(total) < 4*max(s.want, 64) {
		return -1
	}
	var of [blocks]sums
	all := limited(-1)
	var left [blocks]uint64 // those whose sum begins with the limit's bits
	for k := range to - from {
		s.add(from+k, &s.costs[from+k-int(s.first)/64], &all, &of[k])
		left[k] = ^uint64(0)
	}
	more := s.want*64*(to-from)/int(total) + 6 // may have a greater sum
	limit := int64(0)
	for b := priceBits; b >= 0; b-- {
		n := 0
		for k := range to - from {
			n += bits.OnesCount64(left[k] & of[k][b])
		}
		one := n > more
		if one {
			limit |= 1 << b
		} else {
			more -= n
		}
		for k := range to - from {
			if one {
				left[k] &= of[k][b]
			} else {
				left[k] &^= of[k][b]
			}
		}
	}
	return limit
}

func (v *view) weight(i int, j int32, score int) int64 {
	w := int64(score) * v.factor
	if v.kept != nil && v.kept[i] == j {
		w++
	}
	return w
}

// scans are kept for their memory.
var scans = sync.Pool{New: func() any { return new(scan) }}

// scan is one client's look at all consultants in reach.
type scan struct {
	*view
	i       int
	c       *profile
	prices  []int64
	want    int
	edges   []assign.Edge
	meeting uint8
	// needs are what a skill may be worth, by its level, and planes those of the needs
	// that are summed; most is what all else can add.
	needs  []need
	planes [][]gains
	most   int
	// above is what a pair's weight less price must exceed to be listed; bound is
	// that of those left out.
	above, bound int64
	values       []int64
}

// need is where the level of a skill is found, and what it is worth.
type need struct {
	word, shift uint8
	worth       [4]int32
}

// scan prepares a client's look.
func (v *view) scan(i int, prices []int64, want int) *scan {
	s := scans.Get().(*scan)
	c, w := &v.pool.c[i], &v.pool.Programme.Weights
	s.view, s.i, s.c, s.prices, s.want = v, i, c, prices, want
	s.needs, s.planes = s.needs[:0], s.planes[:0]
	s.most = w.Availability*bits.OnesCount16(c.half) + w.Size + w.Difference
	for asks := 3; asks > 0; asks-- {
		for needs := c.has; needs != 0; needs &= needs - 1 {
			k := bits.TrailingZeros64(needs)
			if int(c.asks[k]) != asks {
				continue
			}
			n := need{word: uint8(k / skillsPerWord), shift: uint8(2 * (k % skillsPerWord))}
			for level := range n.worth {
				n.worth[level] = int32(gain(w, asks, level, int(c.offers[k])))
			}
			if s.needs = append(s.needs, n); len(s.needs) <= summed {
				s.planes = append(s.planes, v.pool.planes[k][asks-1])
			} else {
				s.most += int(n.worth[3])
			}
		}
	}
	return s
}

// run looks at the consultants from one to before another.
func (s *scan) run(from, to int32) {
	if from >= to {
		return
	}
	first := s.first / 64
	above, limit := s.above, s.limit()
	for block := from / 64; block <= (to-1)/64; block++ {
		found := s.add(int(block), &s.costs[block-first], &limit, nil) & inside(block, from, to)
		for ; found != 0; found &= found - 1 {
			j := block*64 + int32(bits.TrailingZeros64(found))
			if score := s.score(j); int64(score)*s.factor-s.prices[j-s.first] > above {
				s.consider(j, score)
			}
		}
		if above != s.above {
			above, limit = s.above, s.limit()
		}
	}
}

// inside are the bits of a block from one consultant to before another.
func inside(block, from, to int32) uint64 {
	all := ^uint64(0)
	if block == from/64 {
		all <<= from % 64
	}
	if block == (to-1)/64 {
		all &= ^uint64(0) >> (63 - (to-1)%64)
	}
	return all
}

// limit is what a sum of planes must exceed for a pair to be worth more than above.
// It is rounded down, as prices are: what is left out is left out by right.
func (s *scan) limit() beyond {
	if s.above < -hugeSum {
		return limited(-1)
	}
	unit := s.factor * int64(s.pool.unit)
	return limited(floorDiv(s.above+s.base, unit) - s.rest())
}

// rest is what sums are moved by: what else than skills can add, and the highest
// price that can be told.
func (s *scan) rest() int64 {
	return int64((s.most+s.pool.unit-1)/s.pool.unit) - (1<<priceBits - 1)
}

// value is a value whose limit is the given one.
func (s *scan) value(limit int64) int64 {
	return (limit+s.rest())*s.factor*int64(s.pool.unit) - s.base
}

// beyond is a limit for sums, bit by bit, each 64 times.
type beyond struct {
	bit sums
	all uint64 // every sum exceeds it
}

func limited(limit int64) (t beyond) {
	if limit < 0 {
		t.all = ^uint64(0)
	}
	for b := range t.bit {
		if limit >= 1<<len(t.bit) || limit>>b&1 == 1 {
			t.bit[b] = ^uint64(0)
		}
	}
	return t
}

// hugeSum is more than any weight less a price.
const hugeSum = 1 << 60

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// sums are those of 64 consultants' gains and costs, bit by bit.
type sums [priceBits + 1]uint64

// add adds up a block of 64 consultants, to a place for that if there is one, and
// finds whose sums exceed a limit.
func (s *scan) add(block int, c *costs, limit *beyond, to *sums) uint64 {
	s0, s1, s2, s3, s4, s5, s6, s7, s8 := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], uint64(0)
	for _, plane := range s.planes {
		g := &plane[block]
		// Each bit of a sum is where one or three are set, what it carries where two are.
		carry := s0 & g[0]
		s0 ^= g[0]
		x := s1 ^ g[1]
		next := s1&g[1] | x&carry
		s1, carry = x^carry, next
		x = s2 ^ g[2]
		next = s2&g[2] | x&carry
		s2, carry = x^carry, next
		x = s3 ^ g[3]
		next = s3&g[3] | x&carry
		s3, carry = x^carry, next
		x = s4 ^ g[4]
		next = s4&g[4] | x&carry
		s4, carry = x^carry, next
		next = s5 & carry
		s5, carry = s5^carry, next
		next = s6 & carry
		s6, carry = s6^carry, next
		next = s7 & carry
		s7 ^= carry
		s8 ^= next
	}
	if to != nil {
		*to = sums{s0, s1, s2, s3, s4, s5, s6, s7, s8}
	}
	// A sum exceeds the limit where it has a bit that the limit lacks, and all higher
	// ones that the limit has.
	t := &limit.bit
	m := s0&^t[0] | limit.all
	m = s1&m | (s1|m)&^t[1]
	m = s2&m | (s2|m)&^t[2]
	m = s3&m | (s3|m)&^t[3]
	m = s4&m | (s4|m)&^t[4]
	m = s5&m | (s5|m)&^t[5]
	m = s6&m | (s6|m)&^t[6]
	m = s7&m | (s7|m)&^t[7]
	m = s8&m | (s8|m)&^t[8]
	return m | limit.all
}

// score is the score of a pair whose kinds of service differ, before preferences.
func (s *scan) score(j int32) int {
	at := s.pool.words[int(j)*s.pool.stride : int(j+1)*s.pool.stride]
	w, sum := &s.pool.Programme.Weights, int32(0)
	for k := range s.needs {
		n := &s.needs[k]
		sum += n.worth[at[n.word]>>n.shift&3]
	}
	more := at[len(at)-1]
	total := int(sum) + w.Difference + w.Availability*bits.OnesCount16(s.c.half&uint16(more))
	if s.c.band > 0 && uint8(more>>bandShift) > s.c.band {
		total += w.Size
	}
	return total
}

// consider lists a consultant who is eligible.
func (s *scan) consider(j int32, score int) {
	if score, ok := s.eligible(j, score); ok && !(s.kept != nil && s.kept[s.i] == j) { // else listed by special
		s.list(j, score)
	}
}

// eligible reports whether a consultant for whom no preference counts is eligible, and
// the exact score.
func (s *scan) eligible(j int32, score int) (int, bool) {
	d := &s.pool.gates[j]
	if s.meeting&d.meeting == 0 || s.c.languages&d.languages == 0 || s.c.has&d.has == 0 {
		return 0, false
	}
	if s.c.mask&d.mask != 0 && overlap(s.c, &s.pool.d[j]) {
		if s.c.competition == d.competition {
			return 0, false
		}
		score -= s.pool.Programme.Weights.Difference
	}
	if score < s.least || s.pool.wanted[s.i] != nil && s.pool.wanted[s.i][j] > 0 || s.pool.isBarred(s.i, j) {
		return 0, false
	}
	return score, true
}

// free are the costs of what costs nothing.
var free = [1]costs{{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}}

// Each implements assign.Pairs.
func (v *view) Each(client int, among []uint64, yield func(int32) bool) {
	i := int(v.clients[client])
	s := v.scan(i, nil, 0)
	defer scans.Put(s)
	s.above = int64(v.least) - 1
	for _, j := range sortedKeys(v.pool.wanted[i]) {
		if v.pool.RuledOut(i, int(j), int(v.relaxed[i])) != "" || v.pool.Score(i, int(j)) < v.least {
			continue
		}
		if k := j - v.first; among[k/64]>>(k%64)&1 == 1 && !yield(k) {
			return
		}
	}
	limit, first := s.limit(), v.first/64
	for _, span := range v.pool.spans(s.c, int(v.relaxed[i])) {
		s.meeting = s.c.meeting
		if span.remote {
			s.meeting &= remote
		}
		// From where is the client's own, so that not all turn to the same.
		for _, run := range [][2]int32{{start(i, span), span.to}, {span.from, start(i, span)}} {
			for block := run[0] / 64; block <= (run[1]-1)/64 && run[0] < run[1]; block++ {
				found := among[block-first] & inside(block, run[0], run[1])
				if found != 0 {
					found &= s.add(int(block), &v.costs[0], &limit, nil)
				}
				for ; found != 0; found &= found - 1 {
					j := block*64 + int32(bits.TrailingZeros64(found))
					if score := s.score(j); score < v.least {
						continue
					} else if _, ok := s.eligible(j, score); ok && !yield(j-v.first) {
						return
					}
				}
			}
		}
	}
}

func (s *scan) list(j int32, score int) {
	e := assign.Edge{Consultant: j - s.first, Weight: s.weight(s.i, j, score)}
	if e.Weight-s.prices[e.Consultant] <= s.above {
		return
	}
	s.edges = append(s.edges, e)
	if len(s.edges) >= 2*s.want {
		s.cut()
	}
}

// cut keeps the best of those listed: quickselect (Hoare 1961) on the values.
func (s *scan) cut() {
	e := s.edges
	s.values = s.values[:0]
	for _, x := range e {
		s.values = append(s.values, x.Weight-s.prices[x.Consultant])
	}
	v := s.values
	from, to := 0, len(e)-1
	for k := s.want; from < to; {
		pivot := v[(from+to)/2]
		i, j := from, to
		for i <= j {
			for v[i] > pivot {
				i++
			}
			for v[j] < pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				e[i], e[j] = e[j], e[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			to = j
		case k >= i:
			from = i
		default:
			from, to = k, k
		}
	}
	s.edges = e[:s.want]
	s.bound = max(s.bound, v[s.want])
	s.above = s.bound
}

// special lists those for whom something counts that no table holds.
func (s *scan) special() {
	consider := func(j int32) {
		if s.pool.RuledOut(s.i, int(j), int(s.relaxed[s.i])) != "" {
			return
		}
		if score := s.pool.Score(s.i, int(j)); score >= s.least {
			s.list(j, score)
		}
	}
	asked := s.pool.wanted[s.i]
	for _, j := range sortedKeys(asked) {
		consider(j)
	}
	if s.kept != nil && s.kept[s.i] >= 0 && asked[s.kept[s.i]] == 0 {
		consider(s.kept[s.i])
	}
}

func sortedKeys(m map[int32]int32) []int32 {
	if len(m) == 0 {
		return nil
	}
	keys := make([]int32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// each gives the eligible pairs of a client with their scores, from the criteria
// and rules themselves and not from a scan's tables.
func (pool *Pool) each(i, relaxed int, yield func(j, score int)) {
	for _, span := range pool.spans(&pool.c[i], relaxed) {
		meeting := pool.c[i].meeting
		if span.remote {
			meeting &= remote
		}
		for j := span.from; j < span.to; j++ {
			if pool.ruledOut(i, int(j), meeting&pool.d[j].meeting) == "" {
				yield(int(j), pool.Score(i, int(j)))
			}
		}
	}
}
