package matching

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
)

// What counts of a consultant is packed into bytes, so that a client's table of
// 256 sums for each byte gives a score in a handful of look-ups: two bits for the
// level of a skill, four skills a byte; then one byte with five half-days and the
// band of income; then one with the other five. What look-ups cannot say, whether
// the pair is eligible and whether the kinds of service differ, is asked only of
// those few whose score could count.
const (
	skillsPerByte = 4
	bandShift     = 5
	halfBits      = 1<<bandShift - 1
)

func (pool *Pool) skillBytes() int {
	return (len(pool.Programme.Skills) + skillsPerByte - 1) / skillsPerByte
}

func (pool *Pool) pack() {
	pool.stride = (pool.skillBytes() + 2 + 7) / 8
	pool.words = make([]uint64, pool.stride*len(pool.d))
	for j := range pool.d {
		d := &pool.d[j]
		at := pool.words[j*pool.stride : (j+1)*pool.stride]
		put := func(b int, v uint64) { at[b/8] |= v << (8 * (b % 8)) }
		for k, level := range d.offers {
			put(k/skillsPerByte, uint64(level)<<(2*(k%skillsPerByte)))
		}
		put(pool.skillBytes(), uint64(d.half&halfBits)|uint64(d.band)<<bandShift)
		put(pool.skillBytes()+1, uint64(d.half>>bandShift))
	}
}

// table are the sums of one byte.
type table [256]int32

var zeros table

// view is the edges of a part of the clients, as the solver asks for them.
type view struct {
	pool *Pool
	// clients and consultants are the part's, by the pool's numbers; consultants are
	// a run from first on.
	clients []int32
	first   int32
	// relaxed is how many relaxations each client of the pool is allowed.
	relaxed []uint8
	// least is the score below which pairs are left out; flat weighs all pairs 0.
	least int
	flat  bool
	// factor multiplies a score, and kept is who each client has already, -1 for
	// nobody, which weighs 1.
	factor int64
	kept   []int32
}

// Best implements assign.Edges.
func (v *view) Best(client int, prices []int64, want int, edges []assign.Edge) ([]assign.Edge, int64) {
	i := int(v.clients[client])
	s := scans.Get().(*scan)
	defer scans.Put(s)
	s.view, s.i, s.c, s.prices, s.want, s.edges, s.above, s.bound = v, i, &v.pool.c[i], prices, want, edges, math.MinInt64, assign.None
	s.tables()
	for _, span := range v.pool.spans(s.c, int(v.relaxed[i])) {
		// Where to begin is the client's own, so that clients to whom many are equally
		// good do not all list the same few.
		start := span.from + int32(mix(uint64(i)+1)%uint64(span.to-span.from))
		s.meeting = s.c.meeting
		if span.remote {
			s.meeting &= remote
		}
		// A first eighth says about how good the best are; most of the others then
		// need no second look.
		eighth := min(start+(span.to-span.from)/8, span.to)
		if !s.flat {
			s.want = want/8 + 4
		}
		s.run(start, eighth)
		s.want = want
		s.run(eighth, span.to)
		s.run(span.from, start)
	}
	s.special()
	if len(s.edges) > want {
		s.cut()
	}
	edges, s.edges = s.edges, nil // they are the caller's from now on
	return edges, s.bound
}

func (v *view) weight(i int, j int32, score int) int64 {
	if v.flat {
		return 0
	}
	w := int64(score) * v.factor
	if v.kept != nil && v.kept[i] == j {
		w++
	}
	return w
}

// scans are kept for their tables.
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
	tab     []*table
	own     []table
	// active are the bytes of skills that the client needs; most is what all other
	// bytes can add.
	active []int
	most   int32
	// above is what a pair's weight less price must exceed to be listed; bound is
	// that of those left out.
	above, bound int64
	values       []int64
}

// tables are the client's sums for each byte.
func (s *scan) tables() {
	p, c, w := s.pool.Programme, s.c, &s.pool.Programme.Weights
	n := s.pool.skillBytes()
	if len(s.own) < n+2 {
		s.own = make([]table, n+2)
	}
	s.tab, s.active = s.tab[:0], s.active[:0]
	for range 8 * s.pool.stride {
		s.tab = append(s.tab, &zeros)
	}
	for b := range n {
		first := b * skillsPerByte
		count := min(skillsPerByte, len(p.Skills)-first)
		if c.has>>first&(1<<count-1) == 0 {
			continue
		}
		t := &s.own[b]
		size := 1
		t[0] = 0
		for k := first; k < first+count; k++ {
			var gain [4]int32
			if asks := int(c.asks[k]); asks > 0 {
				for level := 1; level <= 3; level++ {
					gain[level] = int32(w.Fit*asks*level + w.Breadth + w.Experience*max(0, level-int(c.offers[k])))
				}
			}
			for level := 3; level >= 0; level-- {
				for x := range size {
					t[level*size+x] = t[x] + gain[level]
				}
			}
			size *= 4
		}
		s.tab[b] = t
		s.active = append(s.active, b)
	}
	if len(s.active) == 0 {
		s.active = append(s.active, 0)
	}
	s.most = int32(w.Availability*bits.OnesCount16(c.half) + w.Size + w.Difference)
	low, high := &s.own[n], &s.own[n+1]
	for x := range 256 {
		low[x] = int32(w.Availability * bits.OnesCount16(c.half&uint16(x&halfBits)))
		if c.band > 0 && uint8(x>>bandShift) > c.band {
			low[x] += int32(w.Size)
		}
		low[x] += int32(w.Difference) // taken back where kinds are shared
		high[x] = int32(w.Availability * bits.OnesCount16(c.half>>bandShift&uint16(x)))
	}
	s.tab[n], s.tab[n+1] = low, high
}

// run looks at the consultants from one to before another.
func (s *scan) run(from, to int32) {
	if from >= to {
		return
	}
	if s.flat {
		s.runFlat(from, to)
		return
	}
	factor := s.factor
	prices := s.prices[from-s.first : to-s.first]
	if s.pool.stride == 1 {
		// Most are out of the question by their skills alone, of which a client needs
		// few: those bytes are looked up first.
		above, most := s.above, s.most
		n := len(s.active)
		a, b, c, d := s.active[0], s.active[min(1, n-1)], s.active[min(2, n-1)], s.active[min(3, n-1)]
		ta, tb, tc, td := s.tab[a], s.tab[b], s.tab[c], s.tab[d]
		a, b, c, d = 8*a&63, 8*b&63, 8*c&63, 8*d&63
		words := s.pool.words[from:to]
		words = words[:len(prices)]
		again := func(k int, w uint64) {
			if sum := s.sum(w); int64(sum)*factor-prices[k] > above {
				s.consider(from+int32(k), sum)
				above = s.above
			}
		}
		switch n {
		case 1:
			for k, w := range words {
				if int64(ta[byte(w>>a)]+most)*factor-prices[k] > above {
					again(k, w)
				}
			}
		case 2:
			for k, w := range words {
				if int64(ta[byte(w>>a)]+tb[byte(w>>b)]+most)*factor-prices[k] > above {
					again(k, w)
				}
			}
		case 3:
			for k, w := range words {
				if int64(ta[byte(w>>a)]+tb[byte(w>>b)]+tc[byte(w>>c)]+most)*factor-prices[k] > above {
					again(k, w)
				}
			}
		case 4:
			for k, w := range words {
				if int64(ta[byte(w>>a)]+tb[byte(w>>b)]+tc[byte(w>>c)]+td[byte(w>>d)]+most)*factor-prices[k] > above {
					again(k, w)
				}
			}
		default:
			for k, w := range words {
				again(k, w)
			}
		}
		return
	}
	for k := range prices {
		j := from + int32(k)
		if sum := s.long(j); int64(sum)*factor-prices[k] > s.above {
			s.consider(j, sum)
		}
	}
}

// sum is what all bytes of one word add up to.
func (s *scan) sum(w uint64) int {
	t := s.tab[:8]
	return int(t[0][byte(w)] + t[1][byte(w>>8)] + t[2][byte(w>>16)] + t[3][byte(w>>24)] + t[4][byte(w>>32)] + t[5][byte(w>>40)] + t[6][byte(w>>48)] + t[7][byte(w>>56)])
}

// long is the sum for a consultant of any number of words.
func (s *scan) long(j int32) int {
	sum := int32(0)
	for b, t := range s.tab {
		sum += t[byte(s.pool.words[int(j)*s.pool.stride+b/8]>>(8*(b%8)))]
	}
	return int(sum)
}

// runFlat lists pairs for their own sake: any will do, those at no price first,
// and once there are enough of them no more are looked for.
func (s *scan) runFlat(from, to int32) {
	for j := from; j < to; j++ {
		price := s.prices[j-s.first]
		if -price <= s.above {
			s.bound = max(s.bound, s.above)
			continue
		}
		if price == 0 && s.above == math.MinInt64 && len(s.edges) >= s.want && s.cheap() {
			s.above, s.bound = 0, 0
			return
		}
		sum := 0
		if s.pool.stride == 1 {
			sum = s.sum(s.pool.words[j])
		} else {
			sum = s.long(j)
		}
		if sum >= s.least {
			s.consider(j, sum)
		}
	}
}

// cheap reports whether enough pairs at no price are listed.
func (s *scan) cheap() bool {
	n := 0
	for _, e := range s.edges {
		if s.prices[e.Consultant] == 0 {
			n++
		}
	}
	return n >= s.want
}

// consider lists a consultant who is eligible, at the exact score.
func (s *scan) consider(j int32, score int) {
	d := &s.pool.d[j]
	if s.meeting&d.meeting == 0 || s.c.languages&d.languages == 0 || s.c.has&d.has == 0 {
		return
	}
	if s.c.competition == d.competition || s.pool.Programme.Weights.Difference > 0 {
		if overlap(s.c, d) {
			if s.c.competition == d.competition {
				return
			}
			score -= s.pool.Programme.Weights.Difference
		}
	}
	if s.pool.wanted[s.i] != nil && s.pool.wanted[s.i][j] > 0 || s.kept != nil && s.kept[s.i] == j {
		return // listed by special
	}
	if score < s.least || s.pool.isBarred(s.i, j) {
		return
	}
	s.list(j, score)
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
		for j := span.from; j < span.to; j++ {
			if pool.RuledOut(i, int(j), relaxed) == "" {
				yield(int(j), pool.Score(i, int(j)))
			}
		}
	}
}
