package assign

import "math/bits"

// Pairs are who may be assigned to whom, where nothing else counts.
type Pairs interface {
	// Each gives the eligible consultants of a client whose bits are set, 64 to a word,
	// in any fixed order, until yield returns false. Bits may be cleared meanwhile.
	Each(client int, among []uint64, yield func(consultant int32) bool)
}

// Cover assigns as many clients as can be, beginning with the assignment of
// pr.Start if there is one; weights, premium and edges do not count. The prices are 0
// or 1: those at 1 cover every pair, and it takes as many places as are assigned, so
// that more cannot be (König, Matematikai és Fizikai Lapok 38, 1931).
//
// It grows alternating trees from all unassigned clients at once and uses one augmenting
// path of each, again and again (as in Azad, Buluç and Pothen, IEEE Transactions on
// Parallel and Distributed Systems 28, 2017). Whom a tree has is not looked at again,
// so a round asks about each client once.
func Cover(pr *Problem, pairs Pairs) *Solution {
	c := &cover{
		solver: newSolver(pr), pairs: pairs, among: make([]uint64, (len(pr.Capacity)+63)/64),
		from: make([]int32, len(pr.Capacity)), via: make([]int32, pr.Clients), tree: make([]int32, pr.Clients), done: make([]bool, pr.Clients),
		supervisorInTree: make([]bool, len(pr.SupervisorCapacity)),
	}
	if pr.Start != nil {
		for i, j := range pr.Start.Consultant {
			if j >= 0 {
				c.attach(int32(i), j)
			}
		}
	}
	c.assignGreedily()
	for c.grow() {
	}
	return c.covered()
}

type cover struct {
	*solver
	pairs Pairs
	// among are those consultants whom no tree has.
	among []uint64
	from  []int32 // the client from whom a consultant was come to
	// via is the consultant with whom a client makes room by going elsewhere, -1 for an
	// unassigned client, and tree the unassigned client with whom its tree began, -1 where
	// it is in none.
	via, tree        []int32
	done             []bool // trees of which a path was used
	supervisorInTree []bool // supervisors, all of whose places are taken, who are in a tree
	frontier         []int32
}

// resetAmong puts every consultant among those whom no tree has.
func (c *cover) resetAmong() {
	for k := range c.among {
		c.among[k] = ^uint64(0)
	}
	if n := len(c.Capacity) % 64; n > 0 {
		c.among[len(c.among)-1] = 1<<n - 1
	}
}

func (c *cover) hasRoom(j int32) bool {
	return c.load[j] < c.Capacity[j] && c.supervisorHasRoom(c.supervisor(j))
}

// assignGreedily gives each client the first free place that is found.
func (c *cover) assignGreedily() {
	c.resetAmong()
	for i := range c.mate {
		if c.mate[i] != unassigned {
			continue
		}
		c.pairs.Each(i, c.among, func(j int32) bool {
			if c.hasRoom(j) {
				c.attach(int32(i), j)
				return false
			}
			c.among[j/64] &^= 1 << (j % 64)
			return true
		})
	}
}

// grow is one round. It reports whether any client was assigned.
func (c *cover) grow() bool {
	c.resetAmong()
	clear(c.supervisorInTree)
	clear(c.done)
	c.frontier = c.frontier[:0]
	for i := range c.mate {
		if c.tree[i] = -1; c.mate[i] == unassigned {
			c.reached(int32(i), -1, int32(i))
		}
	}
	some := false
	for k := 0; k < len(c.frontier); k++ {
		i := c.frontier[k]
		tree := c.tree[i]
		if c.done[tree] {
			continue
		}
		c.pairs.Each(int(i), c.among, func(j int32) bool {
			c.among[j/64] &^= 1 << (j % 64)
			c.from[j] = i
			switch t := c.supervisor(j); {
			case c.hasRoom(j):
				c.augmentTo(i, j)
				c.done[tree], some = true, true
				return false
			case c.load[j] == c.Capacity[j]:
				c.clientsOf(j, j, tree)
			case !c.supervisorInTree[t]:
				c.supervisorInTree[t] = true
				for _, k := range c.team[t] {
					c.clientsOf(k, j, tree)
				}
			}
			return true
		})
	}
	return some
}

// clientsOf adds to a tree those who make room with via by leaving a consultant.
func (c *cover) clientsOf(j, via, tree int32) {
	for i := c.head[j]; i >= 0; i = c.next[i] {
		if c.tree[i] < 0 {
			c.reached(i, via, tree)
		}
	}
}

func (c *cover) reached(i, via, tree int32) {
	c.via[i], c.tree[i] = via, tree
	c.frontier = append(c.frontier, i)
}

// augmentTo gives a client a place, the one before it the place that becomes free so, and
// so on to the beginning of the tree.
func (c *cover) augmentTo(i, j int32) {
	for {
		via := c.via[i]
		c.detach(i)
		c.attach(i, j)
		if via < 0 {
			return
		}
		i, j = c.from[via], via
	}
}

// covered is the solution, after a round in which nobody was assigned.
func (c *cover) covered() *Solution {
	out := &Solution{Consultant: c.mate, Client: make([]int64, len(c.mate)), Price: make([]int64, len(c.Capacity)), Supervisor: make([]int64, len(c.supervisorInTree))}
	for i := range c.mate {
		if c.tree[i] < 0 {
			out.Client[i] = 1
		}
	}
	for t, in := range c.supervisorInTree {
		if in {
			out.Supervisor[t] = 1
		}
	}
	for k, among := range c.among {
		for in := ^among; in != 0; in &= in - 1 {
			j := int32(k*64 + bits.TrailingZeros64(in))
			if int(j) >= len(c.Capacity) {
				break
			}
			if t := c.supervisor(j); c.load[j] == c.Capacity[j] && (t < 0 || !c.supervisorInTree[t]) {
				out.Price[j] = 1
			}
		}
	}
	return out
}
