package matching

import (
	"math"
	"slices"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
)

const (
	// sampled is one in how many people are in the sample from which prices are guessed.
	sampled = 6
	// worthwhile is how many clients a component must have for that to save time.
	worthwhile = 500
)

// reserve implements model. Where many people meet, prices are set by what kinds
// of people there are more than by who they are: so the prices of a large component are
// guessed from a sample of it, solved first. A consultant's guess is the second most
// that anyone in the sample would give: one who has too little there for want of
// choice, and would give too much to many, spoils no price alone. What an auction begins
// with too high costs it more than what is too low, since all others have to rise.
func (s *solving) reserve(p component, least int, premium int64) []int64 {
	if s.factor != 1 || len(p.clients) < worthwhile || len(p.runs) > 1 {
		return nil // where groups meet over a few clients, a sample may have none of those
	}
	for j := range p.consultants {
		if s.supervisor[j] >= 0 {
			return nil
		}
	}
	pool := s.Pool
	small := &Pool{Programme: pool.Programme, points: pool.points, spansOf: map[reach][]span{}}
	sub := &solving{Statement: &Statement{Pool: small}, pr: s.pr}
	sub.factor = 1
	q := component{}
	for k := 0; k < len(p.clients); k += sampled {
		i := p.clients[k]
		q.clients = append(q.clients, int32(len(small.clientProfiles)))
		small.clientProfiles = append(small.clientProfiles, pool.clientProfiles[i])
		sub.Relaxed = append(sub.Relaxed, s.Relaxed[i])
	}
	k := 0
	var places []int32 // of those in the sample
	for j := range p.consultants {
		if s.Capacity[j] == 0 {
			continue // nobody pays for what is not to be had
		}
		if k++; k%sampled == 1 {
			places = append(places, j-p.from)
			small.consultantProfiles = append(small.consultantProfiles, pool.consultantProfiles[j])
			sub.Capacity, sub.supervisor = append(sub.Capacity, s.Capacity[j]), append(sub.supervisor, -1)
		}
	}
	q.to = int32(len(small.consultantProfiles))
	q.runs = []run{{0, q.to}}
	small.barred, small.wishes = make([][]int32, len(small.clientProfiles)), make([]map[int32]uint8, len(small.clientProfiles))
	small.groupConsultants()
	problem := &assign.Problem{
		Clients: len(small.clientProfiles), Capacity: make([]int32, len(small.consultantProfiles)), Premium: premium,
		Edges:   &view{pool: small, clients: q.clients, relaxed: sub.Relaxed, least: least, factor: 1},
		Reserve: sub.reserve(q, least, premium),
	}
	for j, c := range sub.Capacity {
		problem.Capacity[j] = int32(c)
	}
	solved := assign.Solve(problem)

	prices := slices.Repeat([]int64{slices.Min(solved.Price)}, int(p.to-p.from))
	highest := slices.Clone(prices)
	v := &view{pool: pool, clients: p.clients, first: p.from, relaxed: s.Relaxed, least: least, factor: 1}
	for k, i := range q.clients {
		if k%64 == 0 {
			v.UpdatePrices(prices)
		}
		own := int32(-1)
		if j := solved.Consultant[i]; j >= 0 {
			own = places[j]
		}
		v.raise(int(p.clients[k*sampled]), solved.Client[i]-premium, own, highest, prices)
	}
	// Those in the sample have the price that their own client leaves them, which the
	// others have still to meet: as much more, on average, is theirs too.
	more := int64(0)
	for k, j := range places {
		more += solved.Price[k] - prices[j]
	}
	more /= max(1, int64(len(places)))
	for j := range prices {
		prices[j] += more
	}
	for k, j := range places {
		prices[j] = solved.Price[k]
	}
	// What matters is how prices differ. Where all places are used up in the sample,
	// they may all be as high as the premium.
	lowest := int64(math.MaxInt64)
	for j := range p.consultants {
		lowest = min(lowest, prices[j-p.from])
	}
	for j := range p.consultants {
		prices[j-p.from] = min(prices[j-p.from]-lowest, math.MaxInt32)
	}
	return prices
}

// raise raises prices, but that of the client's own consultant, to the second highest
// that anyone so far would give, to which it adds a client who has so much already.
func (v *view) raise(i int, has int64, own int32, highest, prices []int64) {
	s := v.scan(i, prices, math.MaxInt32)
	defer scanPool.Put(s)
	s.edges, s.above, s.bound = s.edges[:0], has, assign.None
	for _, span := range v.pool.spans(s.c, int(v.relaxed[i])) {
		s.scanSpan(span, span.from)
	}
	for _, e := range s.edges {
		if j := e.Consultant; j != own {
			bid := e.Weight - has
			prices[j] = max(prices[j], min(bid, highest[j]))
			highest[j] = max(highest[j], bid)
		}
	}
}
