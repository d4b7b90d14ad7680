package matching

import (
	"cmp"
	"slices"
)

// makeWay looks for clients who could be matched if others, who have somebody
// without a relaxation, were allowed one and made way for them; it allows those
// others no more than they need for it, and reports whether there were any. With
// it, no more clients can be matched by any of the programme's relaxations, while
// nobody is allowed one for whom it makes no difference.
//
// It goes along augmenting paths (Berge, Proceedings of the National Academy of
// Sciences 43, 1957) from everyone left over at once, first over pairs that are
// allowed already and then with one relaxation more, two, and so on.
func (s *solving) makeWay(f *found) bool {
	if len(s.Pool.Programme.Relax) == 0 || f.matched() == len(f.consultant) {
		return false
	}
	w := newWay(s, f.consultant)
	for w.search(true) {
	}
	return w.made
}

// way is a search for those who could make way. At, used and usedBy are the
// matching, moved along each path that was found.
type way struct {
	*solving
	at        []int32
	clientsOf [][]int32
	team      [][]int32
	used      []int
	usedBy    []int
	made      bool

	// Of one search: the client who asks for each consultant's place; the consultant
	// in whose favour each client would give up theirs, -1 for who has none; and the
	// client with whom that began, which has a place once one is found.
	asks     []int32
	favours  []int32
	root     []int32
	provided []bool
	reached  []bool    // clients
	settled  []bool    // supervisors
	unseen   [][]int32 // consultants by the pool's groups
	near     [][]span  // to each client who was looked at, as allowed already
	// now are clients to look at, next those to look at with more relaxations.
	now, next []int32
}

func newWay(s *solving, matching []int32) *way {
	n, m, k := len(s.Pool.c), len(s.Pool.d), len(s.SupervisorCapacity)
	w := &way{
		solving: s, at: make([]int32, n), clientsOf: make([][]int32, m), team: make([][]int32, k), used: make([]int, m), usedBy: make([]int, k),
		asks: make([]int32, m), favours: make([]int32, n), root: make([]int32, n), provided: make([]bool, n), reached: make([]bool, n), settled: make([]bool, k), unseen: make([][]int32, len(s.Pool.groups)), near: make([][]span, n),
	}
	for i, j := range matching {
		if w.at[i] = j; j >= 0 {
			w.clientsOf[j] = append(w.clientsOf[j], int32(i))
			w.take(j, 1)
		}
	}
	for j, t := range s.Supervisor {
		if t >= 0 {
			w.team[t] = append(w.team[t], int32(j))
		}
	}
	return w
}

// take counts a place of a consultant as taken, or with -1 as free.
func (w *way) take(j int32, n int) {
	w.used[j] += n
	if t := w.Supervisor[j]; t >= 0 {
		w.usedBy[t] += n
	}
}

// search goes once from everyone left over, to as many places as different ones of
// them reach, and moves the matching; over pairs that are allowed already or, if
// further, with relaxations more. It reports whether there was one.
func (w *way) search(further bool) bool {
	clear(w.reached)
	clear(w.settled)
	clear(w.provided)
	w.now, w.next = w.now[:0], w.next[:0]
	for g, group := range w.Pool.groups {
		w.unseen[g] = w.unseen[g][:0]
		for j := group.from; j < group.to; j++ {
			if w.Capacity[j] > 0 {
				w.unseen[g] = append(w.unseen[g], j)
			}
		}
	}
	for i, j := range w.at {
		if j < 0 && w.Pinned[i] < 0 && w.Pool.c[i].sets[skills] != 0 {
			w.reached[i], w.root[i], w.favours[i] = true, int32(i), -1
			w.now = append(w.now, int32(i))
		}
	}
	found := false
	all := uint8(0)
	if further {
		all = uint8(len(w.Pool.Programme.Relax))
	}
	for len(w.now) > 0 {
		for len(w.now) > 0 {
			i := w.now[len(w.now)-1]
			w.now = w.now[:len(w.now)-1]
			if w.provided[w.root[i]] {
				continue
			}
			if w.look(i, w.Relaxed[i]) {
				found = true
			} else if w.Relaxed[i] < all {
				w.next = append(w.next, i)
			}
		}
		for _, i := range w.next {
			if !w.provided[w.root[i]] && w.look(i, all) {
				found = true
			}
		}
		w.next = w.next[:0]
	}
	return found
}

// look goes on from a client to all consultants not seen yet with whom they may
// work if allowed so much. It reports whether one of them had a place.
func (w *way) look(i int32, relaxed uint8) bool {
	groups := w.Pool.groups
	near := w.near[i]
	if relaxed != w.Relaxed[i] {
		near = w.Pool.spans(&w.Pool.c[i], int(relaxed))
	} else if near == nil {
		near = w.Pool.spans(&w.Pool.c[i], int(relaxed))
		w.near[i] = near
	}
	for _, span := range near {
		client := w.Pool.gateIn(int(i), span)
		g, _ := slices.BinarySearchFunc(groups, span.from, func(g group, from int32) int { return cmp.Compare(g.from, from) })
		for ; g < len(groups) && groups[g].from < span.to; g++ {
			left := w.unseen[g][:0]
			for k, j := range w.unseen[g] {
				if !w.Pool.eligible(&client, i, j) {
					left = append(left, j)
				} else if w.see(i, j) {
					w.unseen[g] = append(left, w.unseen[g][k+1:]...)
					return true
				}
			}
			w.unseen[g] = left
		}
	}
	return false
}

// see goes on from a consultant's place for which a client asks. It reports
// whether it was free, and was given.
func (w *way) see(i, j int32) bool {
	w.asks[j] = i
	t := w.Supervisor[j]
	switch {
	case w.used[j] >= w.Capacity[j]:
		w.reach(w.clientsOf[j], j, i)
	case t >= 0 && w.usedBy[t] >= w.SupervisorCapacity[t]:
		if !w.settled[t] {
			w.settled[t] = true
			for _, k := range w.team[t] {
				w.reach(w.clientsOf[k], j, i)
			}
		}
	default:
		w.move(j)
		return true
	}
	return false
}

// reach goes on to clients who could make a place for a consultant free.
func (w *way) reach(clients []int32, j, asks int32) {
	for _, i := range clients {
		if !w.reached[i] {
			w.reached[i], w.root[i], w.favours[i] = true, w.root[asks], j
			w.now = append(w.now, i)
		}
	}
}

// move gives a consultant's free place to the client who asks for it, theirs to
// who asks for that, and so on.
func (w *way) move(j int32) {
	for j >= 0 {
		i := w.asks[j]
		if from := w.at[i]; from >= 0 {
			w.clientsOf[from] = slices.DeleteFunc(w.clientsOf[from], func(k int32) bool { return k == i })
			w.take(from, -1)
		}
		w.at[i] = j
		w.clientsOf[j] = append(w.clientsOf[j], i)
		w.take(j, 1)
		if needs := uint8(w.Pool.needs(int(i), int(j))); needs > w.Relaxed[i] {
			w.Relaxed[i], w.made, w.near[i] = needs, true, nil
		}
		if j = w.favours[i]; j < 0 {
			w.provided[i] = true
		}
	}
}
