package assign

// queue is a binary heap of nodes by distance, and by node where distances are
// the same, so that its order is fixed.
type queue struct{ items []item }

type item struct {
	d    int64
	node int32
}

func (q *queue) reset() { q.items = q.items[:0] }

// least is the distance of the nearest.
func (q *queue) least() int64 { return q.items[0].d }

func (a item) before(b item) bool { return a.d < b.d || a.d == b.d && a.node < b.node }

func (q *queue) push(d int64, node int32) {
	q.items = append(q.items, item{})
	h := q.items
	i := len(h) - 1
	it := item{d, node}
	for i > 0 {
		up := (i - 1) / 2
		if !it.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = it
}

// pop takes the nearest node, -1 where there is none.
func (q *queue) pop() (int64, int32) {
	h := q.items
	if len(h) == 0 {
		return 0, -1
	}
	top := h[0]
	it := h[len(h)-1]
	h = h[:len(h)-1]
	q.items = h
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(it) {
			break
		}
		h[i] = h[c]
		i = c
	}
	if len(h) > 0 {
		h[i] = it
	}
	return top.d, top.node
}
