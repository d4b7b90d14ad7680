package matching

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Match is one pair of a solution.
type Match struct {
	Client, Consultant string
	Reasons            Reasons
}

// Unmatched is a client for whom no pair is left, and how many consultants each
// criterion ruled out; those that none did are taken by others.
type Unmatched struct {
	Client   string            `firestore:"client"`
	RuledOut map[Criterion]int `firestore:"ruledOut"`
	Taken    int               `firestore:"taken"`
}

// Solution is the best set of pairs, in the order of the clients' ids.
type Solution struct {
	Matches   []Match
	Unmatched []Unmatched
	// Score is the total of all matches.
	Score int
}

// edge is an eligible pair; weight decides between pairs, higher is better.
type edge struct {
	consultant int
	weight     int64
	reasons    Reasons
}

// tieBits is the width of the hash below the score in a weight. A score of up to
// 2^31 and sums along a path over 2^10 people stay within 63 bits.
const tieBits = 20

// Solve finds the most matched clients and, among such solutions, the highest
// total score. Each client is matched at most once, each consultant at most
// Capacity times. The result depends on the set of people alone.
func Solve(p *programme.Programme, clients, consultants []Person) Solution {
	byID := func(a, b Person) int { return cmp.Compare(a.ID, b.ID) }
	clients, consultants = slices.SortedFunc(slices.Values(clients), byID), slices.SortedFunc(slices.Values(consultants), byID)

	edges := make([][]edge, len(clients))
	ruledOut := make([]map[Criterion]int, len(clients))
	for i, c := range clients {
		ruledOut[i] = map[Criterion]int{}
		for j, d := range consultants {
			if why := RuledOut(p, c, d); why != "" {
				ruledOut[i][why]++
				continue
			}
			r := Explain(p, c, d)
			edges[i] = append(edges[i], edge{j, int64(r.Score())<<tieBits | tie(c.ID, d.ID), r})
		}
	}

	capacity := make([]int, len(consultants))
	for j, d := range consultants {
		capacity[j] = d.Capacity
	}
	assigned := assign(edges, capacity)

	var s Solution
	for i, c := range clients {
		if assigned[i] < 0 {
			s.Unmatched = append(s.Unmatched, Unmatched{c.ID, ruledOut[i], len(edges[i])})
			continue
		}
		e := edges[i][assigned[i]]
		s.Matches = append(s.Matches, Match{c.ID, consultants[e.consultant].ID, e.reasons})
		s.Score += e.reasons.Score()
	}
	return s
}

// tie is a hash of the two ids, the fixed choice among equally good pairs.
func tie(client, consultant string) int64 {
	h := fnv.New64a()
	h.Write([]byte(client))
	h.Write([]byte{0})
	h.Write([]byte(consultant))
	return int64(binary.BigEndian.Uint64(h.Sum(nil)) >> (64 - tieBits))
}

// assign gives each client the index of its edge, or -1, such that the number of
// assigned clients is largest and then the sum of weights. Each round finds, over
// all unassigned clients at once, the path of changes that gains most: Bellman and
// Ford's algorithm, since taking an assignment back has a negative weight. After k
// rounds the k assignments are the best k, so when no path is left the most
// clients are assigned at the best weight.
func assign(edges [][]edge, capacity []int) []int {
	assigned := make([]int, len(edges))
	for i := range assigned {
		assigned[i] = -1
	}
	used := make([]int, len(capacity))
	for {
		// gain[j] is the most that can be gained by a path that ends with one more
		// client at consultant j; from[j] is the last client on it and its edge.
		type step struct{ client, edge int }
		const none = int64(-1) << 62
		gain := make([]int64, len(capacity))
		from := make([]step, len(capacity))
		for j := range gain {
			gain[j], from[j] = none, step{-1, -1}
		}
		relax := func(i int, base int64) (changed bool) {
			for k, e := range edges[i] {
				if k != assigned[i] && base+e.weight > gain[e.consultant] {
					gain[e.consultant], from[e.consultant] = base+e.weight, step{i, k}
					changed = true
				}
			}
			return changed
		}
		for i := range edges {
			if assigned[i] < 0 {
				relax(i, 0)
			}
		}
		for changed := true; changed; {
			changed = false
			for i := range edges {
				if k := assigned[i]; k >= 0 && gain[edges[i][k].consultant] > none {
					changed = relax(i, gain[edges[i][k].consultant]-edges[i][k].weight) || changed
				}
			}
		}
		best := -1
		for j := range gain {
			if used[j] < capacity[j] && gain[j] > none && (best < 0 || gain[j] > gain[best]) {
				best = j
			}
		}
		if best < 0 {
			return assigned
		}
		used[best]++
		for j := best; ; {
			s := from[j]
			previous := assigned[s.client]
			assigned[s.client] = s.edge
			if previous < 0 {
				break
			}
			j = edges[s.client][previous].consultant
		}
	}
}
