package matching

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
)

// Who could count for a client is found for eight consultants at once: a word holds
// what a skill of theirs is worth to a need, a byte each, rounded up, and another their
// prices, rounded down, so that a few additions give what each is worth at most. Only
// of those few who pass, the score is worked out, and only of those whose score counts,
// the criteria are looked at: each from what stands close together, words with two bits
// for the level of each skill, then half-days and income, and a gate.
const (
	skillsPerWord = 32
	// The last of somebody's words ends with these, which take the place of so many skills.
	skillsGiven, halfShift, bandShift = 12, 40, 56

	// A byte holds the sum of a price and of what skills are worth, up to these. The
	// highest that one is worth is greatestGain; needs whose sum could exceed mostGains
	// are taken to be met.
	mostPrice, mostGains, greatestGain = 111, 144, 34
)

// block is a number below 256 of each of 64 consultants. Those of eight who follow each
// other are in eight words, in the same byte, see passed.
type block [8]uint64

func (b *block) set(j int, n uint8) { b[j%8] |= uint64(n) << (j &^ 7) }

func (b *block) get(j int) uint8 { return uint8(b[j%8] >> (j &^ 7)) }

func (pool *Pool) packScores() {
	last := (len(pool.Programme.Skills) + skillsGiven - 1) / skillsPerWord
	pool.stride = last + 1
	pool.words = make([]uint64, pool.stride*len(pool.consultantProfiles))
	pool.gates = make([]gate, len(pool.consultantProfiles))
	for j := range pool.consultantProfiles {
		d := &pool.consultantProfiles[j]
		at := pool.words[j*pool.stride : (j+1)*pool.stride]
		for k, level := range d.offers {
			at[k/skillsPerWord] |= uint64(level) << (2 * (k % skillsPerWord))
		}
		at[last] |= uint64(d.half)<<halfShift | uint64(d.band)<<bandShift
		pool.gates[j] = d.gate
	}
	pool.unit = max(1, (pool.points.skill[mostLevel][mostLevel]+greatestGain-1)/greatestGain)
	pool.gains = make([][3][]block, len(pool.Programme.Skills))
	for k := range pool.gains {
		for asks := range pool.gains[k] {
			var worth [4]uint8
			for level := range worth {
				worth[level] = uint8(pool.units(pool.points.skill[asks+1][level]))
			}
			gains := make([]block, (len(pool.consultantProfiles)+63)/64)
			for j := range pool.consultantProfiles {
				gains[j/64].set(j%64, worth[pool.consultantProfiles[j].offers[k]])
			}
			pool.gains[k][asks] = gains
		}
	}
}

// units are so many points at least.
func (pool *Pool) units(points int) int { return (points + pool.unit - 1) / pool.unit }

// view gives the edges of a component, as the solver asks for them.
type view struct {
	pool *Pool
	// clients and consultants are the component's, by the pool's numbers; consultants are
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
	// costs are how far prices are below the highest that can be told apart, in units;
	// what is not below it at all costs base and that.
	costs []block
	base  int64
}

// UpdatePrices implements assign.Edges.
func (v *view) UpdatePrices(prices []int64) {
	if len(prices) == 0 {
		return
	}
	v.base = slices.Min(prices)
	if v.costs == nil {
		v.costs = make([]block, (len(prices)+63)/64)
	}
	clear(v.costs)
	unit := v.factor * int64(v.pool.unit)
	for k, price := range prices {
		v.costs[k/64].set(k%64, uint8(mostPrice-min((price-v.base)/unit, mostPrice)))
	}
}

// Best implements assign.Edges.
func (v *view) Best(client int, prices []int64, want int, edges []assign.Edge) ([]assign.Edge, int64) {
	i := int(v.clients[client])
	s := v.scan(i, prices, want)
	defer scanPool.Put(s)
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
			s.scanSpan(span, start(i, span))
		}
		s.listSpecial()
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

// start is where a client's scan of a run begins: it is the client's own, so that
// clients to whom many are equally good do not all list the same few.
func start(i int, span span) int32 {
	return span.from + int32(mix(uint64(i)+1)%uint64(span.to-span.from))
}

// scanSpan scans all of a run, from a place of the client's own.
func (s *scan) scanSpan(span span, start int32) {
	s.gate = s.pool.gateIn(s.i, span)
	s.scanRange(start, span.to)
	s.scanRange(span.from, start)
}

// gateIn is a client's gate for those of a run.
func (pool *Pool) gateIn(i int, span span) gate {
	if span.remote {
		return pool.clientProfiles[i].remotely()
	}
	return pool.clientProfiles[i].gate
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
	var with [256]int // so many have a sum
	for k := range to - from {
		sum := s.add(from+k, &s.costs[from+k-int(s.first)/64])
		for j := range 64 {
			with[sum.get(j)]++
		}
	}
	more := s.want*64*(to-from)/int(total) + 6 // may have a greater sum
	limit := len(with) - 1
	for ; limit > 0 && with[limit] <= more; limit-- {
		more -= with[limit]
	}
	return int64(limit)
}

func (v *view) weight(i int, j int32, score int) int64 {
	w := int64(score) * v.factor
	if v.kept != nil && v.kept[i] == j {
		w++
	}
	return w
}

// scanPool keeps scans for their memory.
var scanPool = sync.Pool{New: func() any { return new(scan) }}

// scan is one client's search through all consultants in reach.
type scan struct {
	*view
	i      int
	c      *profile
	prices []int64
	want   int
	edges  []assign.Edge
	points *pointTable
	gate   gate // the client's, in the run that is scanned
	// needs are what a skill may be worth, by its level, and gains those of the needs
	// that are summed; most is what all else can add.
	needs []need
	gains [][]block
	most  int
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

// scan prepares a client's scan.
func (v *view) scan(i int, prices []int64, want int) *scan {
	s := scanPool.Get().(*scan)
	c, t := &v.pool.clientProfiles[i], v.pool.points
	s.view, s.i, s.c, s.points, s.prices, s.want = v, i, c, t, prices, want
	s.needs, s.gains = s.needs[:0], s.gains[:0]
	left := mostGains
	s.most = t.mostBesides(bits.OnesCount16(c.half))
	for asks := 3; asks > 0; asks-- {
		for needs := c.sets[skills]; needs != 0; needs &= needs - 1 {
			k := bits.TrailingZeros64(needs)
			if int(c.asks[k]) != asks {
				continue
			}
			n := need{word: uint8(k / skillsPerWord), shift: uint8(2 * (k % skillsPerWord))}
			for level := range n.worth {
				n.worth[level] = int32(t.need[asks][level][c.offers[k]])
			}
			s.needs = append(s.needs, n)
			if most := v.pool.units(t.skill[asks][mostLevel]); most <= left {
				s.gains = append(s.gains, v.pool.gains[k][asks-1])
				left -= most
			} else {
				s.most += int(n.worth[mostLevel])
			}
		}
	}
	return s
}

// scanRange lists those consultants, from one to before another, who can count.
func (s *scan) scanRange(from, to int32) {
	if from >= to {
		return
	}
	first := s.first / 64
	above, limit := s.above, s.limit()
	for block := from / 64; block <= (to-1)/64; block++ {
		sum := s.add(int(block), &s.costs[block-first])
		found := limit.passed(&sum) & inside(block, from, to)
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

// limit is what a sum must exceed for a pair to be worth more than above. It is
// rounded down, as prices are: what is left out is left out by right.
func (s *scan) limit() limit {
	if s.above < -hugeSum {
		return limited(-1)
	}
	unit := s.factor * int64(s.pool.unit)
	return limited(floorDiv(s.above+s.base, unit) - s.rest())
}

// rest is what sums are moved by: what else than skills can add, and the highest
// price that can be told.
func (s *scan) rest() int64 {
	return int64(s.pool.units(s.most)) - mostPrice
}

// value is a value whose limit is the given one.
func (s *scan) value(limit int64) int64 {
	return (limit+s.rest())*s.factor*int64(s.pool.unit) - s.base
}

// limit is what bytes must exceed. The lower seven bits of one do, alone, where adding
// to them what is left up to 127 sets the eighth.
type limit struct {
	left uint64
	// high is set for 128 and above, and all and none where each byte exceeds it or none can.
	high, all, none bool
}

const (
	ones  = 0x0101010101010101 // of each byte the lowest bit
	highs = 0x80 * ones
)

func limited(n int64) limit {
	return limit{left: ones * uint64(127-n&127), high: n >= 128, all: n < 0, none: n >= 255}
}

// passed are the consultants of a block whose numbers exceed it, a bit each.
func (t *limit) passed(b *block) (found uint64) {
	switch {
	case t.all:
		return ^uint64(0)
	case t.none:
	case t.high:
		for _, bytes := range b {
			found = found>>1 | (bytes&^highs+t.left)&bytes&highs
		}
	default:
		for _, bytes := range b {
			found = found>>1 | (bytes&^highs+t.left|bytes)&highs
		}
	}
	return found
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

// add adds up what a block of 64 consultants is worth, with what it costs.
func (s *scan) add(at int, c *block) block {
	b0, b1, b2, b3, b4, b5, b6, b7 := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
	for _, gains := range s.gains {
		g := &gains[at]
		b0 += g[0]
		b1 += g[1]
		b2 += g[2]
		b3 += g[3]
		b4 += g[4]
		b5 += g[5]
		b6 += g[6]
		b7 += g[7]
	}
	return block{b0, b1, b2, b3, b4, b5, b6, b7}
}

// score is the score of a pair whose kinds of service differ, before preferences.
func (s *scan) score(j int32) int {
	at := s.pool.words[int(j)*s.pool.stride : int(j+1)*s.pool.stride]
	sum := int32(0)
	for k := range s.needs {
		n := &s.needs[k]
		sum += n.worth[at[n.word]>>n.shift&3]
	}
	more, t := at[len(at)-1], s.points
	return int(sum) + t.services[0] + t.besides(s.c, uint16(more>>halfShift), uint8(more>>bandShift))
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
	if !s.gate.meets(d) {
		return 0, false
	}
	if s.gate.share(d, services) && s.pool.overlap(int32(s.i), j) {
		if s.gate.competition == d.competition {
			return 0, false
		}
		score += s.pool.points.services[1] - s.pool.points.services[0]
	}
	if score < s.least || s.pool.wishes[s.i] != nil && s.pool.wishes[s.i][j] > 0 || s.pool.isBarred(int32(s.i), j) {
		return 0, false
	}
	return score, true
}

// noCosts are the costs of what costs nothing.
var noCosts = block{mostPrice * ones, mostPrice * ones, mostPrice * ones, mostPrice * ones, mostPrice * ones, mostPrice * ones, mostPrice * ones, mostPrice * ones}

// Each implements assign.Pairs.
func (v *view) Each(client int, among []uint64, yield func(int32) bool) {
	i := int(v.clients[client])
	s := v.scan(i, nil, 0)
	defer scanPool.Put(s)
	s.above = int64(v.least) - 1
	for _, j := range sortedKeys(v.pool.wishes[i]) {
		if v.pool.RuledOut(i, int(j), int(v.relaxed[i])) != "" || v.pool.Score(i, int(j)) < v.least {
			continue
		}
		if k := j - v.first; among[k/64]>>(k%64)&1 == 1 && !yield(k) {
			return
		}
	}
	limit, first := s.limit(), v.first/64
	for _, span := range v.pool.spans(s.c, int(v.relaxed[i])) {
		s.gate = s.pool.gateIn(s.i, span)
		// From where is the client's own, so that not all turn to the same.
		for _, run := range [][2]int32{{start(i, span), span.to}, {span.from, start(i, span)}} {
			for block := run[0] / 64; block <= (run[1]-1)/64 && run[0] < run[1]; block++ {
				found := among[block-first] & inside(block, run[0], run[1])
				if found != 0 {
					sum := s.add(int(block), &noCosts)
					found &= limit.passed(&sum)
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
	for _, edge := range e {
		s.values = append(s.values, edge.Weight-s.prices[edge.Consultant])
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

// listSpecial lists those for whom something counts that no table holds.
func (s *scan) listSpecial() {
	consider := func(j int32) {
		if s.pool.RuledOut(s.i, int(j), int(s.relaxed[s.i])) != "" {
			return
		}
		if score := s.pool.Score(s.i, int(j)); score >= s.least {
			s.list(j, score)
		}
	}
	asked := s.pool.wishes[s.i]
	for _, j := range sortedKeys(asked) {
		consider(j)
	}
	if s.kept != nil && s.kept[s.i] >= 0 && asked[s.kept[s.i]] == 0 {
		consider(s.kept[s.i])
	}
}

func sortedKeys(m map[int32]uint8) []int32 {
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
	for _, span := range pool.spans(&pool.clientProfiles[i], relaxed) {
		client := pool.gateIn(i, span)
		for j := span.from; j < span.to; j++ {
			if pool.eligible(&client, int32(i), j) {
				yield(int(j), pool.Score(i, int(j)))
			}
		}
	}
}
