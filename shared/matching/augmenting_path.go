package matching

import (
	"cmp"
	"slices"
)

// relaxAlongPaths finds clients who can be matched once others, who have somebody
// without a relaxation, are allowed one and go elsewhere; it allows those others no more
// than they need for it, and reports whether there were any. After it, no more clients
// can be matched by any of the programme's relaxations, while nobody is allowed one for
// whom it makes no difference.
//
// It follows augmenting paths (Berge, Proceedings of the National Academy of Sciences
// 43, 1957) from everyone left over at once, first over pairs that are allowed already
// and then with one relaxation more, two, and so on.
func (s *solving) relaxAlongPaths(f *assignment) bool {
	if len(s.Pool.Programme.Relax) == 0 || f.matched() == len(f.consultant) {
		return false
	}
	w := newAugmentingPaths(s, f.consultant)
	for w.search(true) {
	}
	return w.changed
}

// augmentingPaths is a search for augmenting paths. Each one that is found changes the
// matching that it holds: mate is each client's consultant or -1, and load how many a
// consultant or a supervisor's consultants have.
type augmentingPaths struct {
	*solving
	mate           []int32
	clientsOf      [][]int32
	team           [][]int32
	load           []int
	supervisorLoad []int
	// changed is whether somebody was allowed more.
	changed bool

	// Of one search: who stands before each consultant and each client on the path to
	// them, -1 before a client who has nobody; and the client with whom that path begins,
	// the root, who is augmented once a path is found.
	clientBefore      []int32
	consultantBefore  []int32
	root              []int32
	augmented         []bool
	labelled          []bool    // clients
	supervisorVisited []bool    // supervisors
	unvisited         [][]int32 // consultants by the pool's groups
	near              [][]span  // of each client who was explored, as allowed already
	// frontier are clients to explore, nextFrontier those to explore with more relaxations.
	frontier, nextFrontier []int32
}

func newAugmentingPaths(s *solving, matching []int32) *augmentingPaths {
	n, m, k := len(s.Pool.clientProfiles), len(s.Pool.consultantProfiles), len(s.SupervisorCapacity)
	w := &augmentingPaths{
		solving: s, mate: make([]int32, n), clientsOf: make([][]int32, m), team: make([][]int32, k), load: make([]int, m), supervisorLoad: make([]int, k),
		clientBefore: make([]int32, m), consultantBefore: make([]int32, n), root: make([]int32, n), augmented: make([]bool, n), labelled: make([]bool, n), supervisorVisited: make([]bool, k), unvisited: make([][]int32, len(s.Pool.groups)), near: make([][]span, n),
	}
	for i, j := range matching {
		if w.mate[i] = j; j >= 0 {
			w.clientsOf[j] = append(w.clientsOf[j], int32(i))
			w.changeLoad(j, 1)
		}
	}
	for j, t := range s.Supervisor {
		if t >= 0 {
			w.team[t] = append(w.team[t], int32(j))
		}
	}
	return w
}

// changeLoad counts so many more clients with a consultant, or fewer.
func (w *augmentingPaths) changeLoad(j int32, n int) {
	w.load[j] += n
	if t := w.Supervisor[j]; t >= 0 {
		w.supervisorLoad[t] += n
	}
}

// search goes once from everyone left over, to as many places as different ones of
// them reach, and moves the matching; over pairs that are allowed already or, if
// further, with relaxations more. It reports whether there was one.
func (w *augmentingPaths) search(further bool) bool {
	clear(w.labelled)
	clear(w.supervisorVisited)
	clear(w.augmented)
	w.frontier, w.nextFrontier = w.frontier[:0], w.nextFrontier[:0]
	for g, group := range w.Pool.groups {
		w.unvisited[g] = w.unvisited[g][:0]
		for j := group.from; j < group.to; j++ {
			if w.Capacity[j] > 0 {
				w.unvisited[g] = append(w.unvisited[g], j)
			}
		}
	}
	for i, j := range w.mate {
		if j < 0 && w.Pinned[i] < 0 && w.Pool.clientProfiles[i].sets[skills] != 0 {
			w.labelled[i], w.root[i], w.consultantBefore[i] = true, int32(i), -1
			w.frontier = append(w.frontier, int32(i))
		}
	}
	found := false
	all := uint8(0)
	if further {
		all = uint8(len(w.Pool.Programme.Relax))
	}
	for len(w.frontier) > 0 {
		for len(w.frontier) > 0 {
			i := w.frontier[len(w.frontier)-1]
			w.frontier = w.frontier[:len(w.frontier)-1]
			if w.augmented[w.root[i]] {
				continue
			}
			if w.explore(i, w.Relaxed[i]) {
				found = true
			} else if w.Relaxed[i] < all {
				w.nextFrontier = append(w.nextFrontier, i)
			}
		}
		for _, i := range w.nextFrontier {
			if !w.augmented[w.root[i]] && w.explore(i, all) {
				found = true
			}
		}
		w.nextFrontier = w.nextFrontier[:0]
	}
	return found
}

// explore goes on from a client to all consultants not seen yet with whom they may
// work if allowed so much. It reports whether one of them had a place.
func (w *augmentingPaths) explore(i int32, relaxed uint8) bool {
	groups := w.Pool.groups
	near := w.near[i]
	if relaxed != w.Relaxed[i] {
		near = w.Pool.spans(&w.Pool.clientProfiles[i], int(relaxed))
	} else if near == nil {
		near = w.Pool.spans(&w.Pool.clientProfiles[i], int(relaxed))
		w.near[i] = near
	}
	for _, span := range near {
		client := w.Pool.gateIn(int(i), span)
		g, _ := slices.BinarySearchFunc(groups, span.from, func(g group, from int32) int { return cmp.Compare(g.from, from) })
		for ; g < len(groups) && groups[g].from < span.to; g++ {
			left := w.unvisited[g][:0]
			for k, j := range w.unvisited[g] {
				if !w.Pool.eligible(&client, i, j) {
					left = append(left, j)
				} else if w.visit(i, j) {
					w.unvisited[g] = append(left, w.unvisited[g][k+1:]...)
					return true
				}
			}
			w.unvisited[g] = left
		}
	}
	return false
}

// visit goes on from a consultant whom a client may work with. It reports whether a
// place was free, and a path ends there.
func (w *augmentingPaths) visit(i, j int32) bool {
	w.clientBefore[j] = i
	t := w.Supervisor[j]
	switch {
	case w.load[j] >= w.Capacity[j]:
		w.label(w.clientsOf[j], j, i)
	case t >= 0 && w.supervisorLoad[t] >= w.SupervisorCapacity[t]:
		if !w.supervisorVisited[t] {
			w.supervisorVisited[t] = true
			for _, k := range w.team[t] {
				w.label(w.clientsOf[k], j, i)
			}
		}
	default:
		w.augment(j)
		return true
	}
	return false
}

// label puts on the frontier clients who could free a place for a consultant by going
// elsewhere.
func (w *augmentingPaths) label(clients []int32, j, asks int32) {
	for _, i := range clients {
		if !w.labelled[i] {
			w.labelled[i], w.root[i], w.consultantBefore[i] = true, w.root[asks], j
			w.frontier = append(w.frontier, i)
		}
	}
}

// augment changes the matching along the path that ends with a consultant's free place:
// the client before gets it, and the client before that theirs, back to the root.
func (w *augmentingPaths) augment(j int32) {
	for j >= 0 {
		i := w.clientBefore[j]
		if from := w.mate[i]; from >= 0 {
			w.clientsOf[from] = slices.DeleteFunc(w.clientsOf[from], func(k int32) bool { return k == i })
			w.changeLoad(from, -1)
		}
		w.mate[i] = j
		w.clientsOf[j] = append(w.clientsOf[j], i)
		w.changeLoad(j, 1)
		if needs := uint8(w.Pool.needs(int(i), int(j))); needs > w.Relaxed[i] {
			w.Relaxed[i], w.changed, w.near[i] = needs, true, nil
		}
		if j = w.consultantBefore[i]; j < 0 {
			w.augmented[i] = true
		}
	}
}
