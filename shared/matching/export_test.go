package matching

import "github.com/cascading-leadership/cascade/shared/matching/assign"

// Look is how the solver looks at one client's pairs, see view.
type Look struct {
	Prices  []int64
	Want    int
	Relaxed uint8
	Least   int
	Factor  int64
	// Kept is the client's consultant, or -1.
	Kept int32
}

// Scan is what the solver sees of a client's pairs.
func (pool *Pool) Scan(i int, l Look) ([]assign.Edge, int64) {
	n := len(pool.Clients)
	v := &view{pool: pool, clients: make([]int32, n), relaxed: make([]uint8, n), least: l.Least, factor: l.Factor}
	for k := range n {
		v.clients[k], v.relaxed[k] = int32(k), l.Relaxed
	}
	if l.Kept >= 0 {
		v.kept = make([]int32, n)
		for k := range v.kept {
			v.kept[k] = -1
		}
		v.kept[i] = l.Kept
	}
	v.UpdatePrices(l.Prices)
	return v.Best(i, l.Prices, l.Want, nil)
}

// Each are the consultants of a client, of those among, who score at least so much.
func (pool *Pool) Each(i, least int, relaxed uint8, among []uint64) (all []int) {
	v := &view{pool: pool, clients: []int32{int32(i)}, relaxed: make([]uint8, len(pool.Clients)), least: least, factor: 1}
	v.relaxed[i] = relaxed
	v.Each(0, among, func(j int32) bool {
		all = append(all, int(j))
		return true
	})
	return all
}

// FirstUnmet is the first criterion of the table that a pair does not meet, or "", row by
// row and without the fast form.
func (pool *Pool) FirstUnmet(i, j, relaxed int) Criterion {
	x := pool.check(i, j, relaxed)
	for k := range criteria {
		if !criteria[k].holds(x) {
			return criteria[k].Criterion
		}
	}
	return ""
}

// MostPoints is most.
var MostPoints = most
