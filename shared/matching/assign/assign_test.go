package assign_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
)

// memory are edges in memory, of which no more are given than were asked for.
type memory struct {
	edges [][]assign.Edge
	// loose is by how much bounds are higher than they need be; but something listed
	// is always worth the bound, or asking again would not help.
	loose int64
}

func (m *memory) UpdatePrices([]int64) {}

func (m *memory) Each(client int, among []uint64, yield func(int32) bool) {
	for _, e := range m.edges[client] {
		if among[e.Consultant/64]>>(e.Consultant%64)&1 == 1 && !yield(e.Consultant) {
			return
		}
	}
}

func (m *memory) Best(client int, prices []int64, want int, edges []assign.Edge) ([]assign.Edge, int64) {
	value := func(e assign.Edge) int64 { return e.Weight - prices[e.Consultant] }
	all := slices.Clone(m.edges[client])
	slices.SortStableFunc(all, func(a, b assign.Edge) int { return cmp.Compare(value(b), value(a)) })
	if len(all) <= want {
		return append(edges, all...), assign.None
	}
	return append(edges, all[:want]...), min(value(all[want])+m.loose, value(all[0]))
}

// anyProblem has pairs of so many in a hundred, with weights below a limit.
func anyProblem(c *rand.Rand, clients, consultants, percent int, weights int64, supervisors int) *assign.Problem {
	m := &memory{edges: make([][]assign.Edge, clients), loose: c.Int64N(2) * c.Int64N(1+weights/8)}
	pr := &assign.Problem{Clients: clients, Edges: m, Premium: assign.Premium(clients, weights)}
	if weights == 1 && c.IntN(2) == 0 {
		pr.Premium = 1 // only the number counts
	}
	for i := range clients {
		for j := range consultants {
			if c.IntN(100) < percent {
				m.edges[i] = append(m.edges[i], assign.Edge{Consultant: int32(j), Weight: c.Int64N(weights)})
			}
		}
	}
	for range consultants {
		pr.Capacity = append(pr.Capacity, []int32{1, 1, 1, 0, 2, 3, math.MaxInt32}[c.IntN(4+c.IntN(4))])
		if supervisors > 0 {
			pr.Supervisor = append(pr.Supervisor, int32(c.IntN(supervisors+1)-1))
		}
	}
	for range supervisors {
		pr.SupervisorCapacity = append(pr.SupervisorCapacity, int32(c.IntN(2*clients/supervisors+2)))
	}
	return pr
}

// proved checks a solution by complementary slackness: that is optimality.
func proved(pr *assign.Problem, s *assign.Solution) error {
	used, usedBy := make([]int32, len(pr.Capacity)), make([]int32, len(pr.SupervisorCapacity))
	supervisor := func(j int32) int32 {
		if pr.Supervisor == nil {
			return -1
		}
		return pr.Supervisor[j]
	}
	for i, j := range s.Consultant {
		if s.Client[i] < 0 || s.Client[i] > 0 && j < 0 {
			return fmt.Errorf("client %d, assigned to %d, has the price %d", i, j, s.Client[i])
		}
		if j >= 0 {
			used[j]++
			if t := supervisor(j); t >= 0 {
				usedBy[t]++
			}
		}
		assigned := j < 0
		for _, e := range pr.Edges.(*memory).edges[i] {
			prices := s.Client[i] + s.Price[e.Consultant]
			if t := supervisor(e.Consultant); t >= 0 {
				prices += s.Supervisor[t]
			}
			if prices < pr.Premium+e.Weight {
				return fmt.Errorf("the prices of %d and %d are %d, below %d and %d", i, e.Consultant, prices, pr.Premium, e.Weight)
			}
			if e.Consultant == j {
				if assigned = true; prices != pr.Premium+e.Weight {
					return fmt.Errorf("the prices of the assigned %d and %d are %d, above %d and %d", i, j, prices, pr.Premium, e.Weight)
				}
			}
		}
		if !assigned {
			return fmt.Errorf("client %d is assigned to %d, which is no edge", i, j)
		}
	}
	for j, c := range pr.Capacity {
		if used[j] > c || s.Price[j] < 0 || s.Price[j] > 0 && used[j] < c {
			return fmt.Errorf("consultant %d, %d of %d used, has the price %d", j, used[j], c, s.Price[j])
		}
	}
	for t, c := range pr.SupervisorCapacity {
		if usedBy[t] > c || s.Supervisor[t] < 0 || s.Supervisor[t] > 0 && usedBy[t] < c {
			return fmt.Errorf("supervisor %d, %d of %d used, has the price %d", t, usedBy[t], c, s.Supervisor[t])
		}
	}
	return nil
}

func TestEveryAssignmentIsProvedByItsPrices(t *testing.T) {
	t.Parallel()
	for _, supervisors := range []int{0, 1, 4} {
		t.Run(fmt.Sprint(supervisors, " supervisors"), rapid.MakeCheck(func(t *rapid.T) {
			c := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), uint64(supervisors)))
			most := []int{4, 12, 100}[c.IntN(3)]
			weights := []int64{1, 3, 100, 1 << 20, 1 << 40}[c.IntN(5)]
			pr := anyProblem(c, c.IntN(most), c.IntN(most), []int{3, 10, 50, 100}[c.IntN(4)], weights, supervisors)
			s := assign.Solve(pr)
			if err := proved(pr, s); err != nil {
				t.Fatal(err)
			}
			if again := assign.Solve(pr); !reflect.DeepEqual(s, again) {
				t.Fatalf("the same problem has another solution: %+v, then %+v", s, again)
			}
		}))
	}
}

// A reserve is only a guess: however bad it is, the prices that come out are proof.
func TestNoReserveIsTooBad(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		most := []int{4, 12, 100}[c.IntN(3)]
		weights := []int64{1, 3, 100, 1 << 20}[c.IntN(4)]
		pr := anyProblem(c, 1+c.IntN(most), c.IntN(most), []int{3, 10, 50, 100}[c.IntN(4)], weights, 0)
		truth := assign.Solve(pr)
		heights := []int64{1, weights, pr.Premium, 3 * pr.Premium}
		height := heights[c.IntN(len(heights))]
		near := c.IntN(2) == 0
		for j := range pr.Capacity {
			guess := c.Int64N(height)
			if near {
				guess = max(0, truth.Price[j]+c.Int64N(2*height)-height)
			}
			pr.Reserve = append(pr.Reserve, guess)
		}
		if err := proved(pr, assign.Solve(pr)); err != nil {
			t.Fatal(err)
		}
	})
}

// A cover proves that no more can be assigned, from whatever it began with.
func TestACoverProvesTheNumber(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		most := []int{4, 12, 100}[c.IntN(3)]
		pr := anyProblem(c, c.IntN(most), c.IntN(most), []int{3, 10, 50, 100}[c.IntN(4)], 1, c.IntN(4))
		pr.Premium = 1
		begin := &assign.Solution{Price: make([]int64, len(pr.Capacity)), Supervisor: make([]int64, len(pr.SupervisorCapacity))}
		left, leftBy := slices.Clone(pr.Capacity), slices.Clone(pr.SupervisorCapacity)
		for _, edges := range pr.Edges.(*memory).edges {
			start := int32(-1)
			if len(edges) > 0 && c.IntN(3) > 0 {
				j := edges[c.IntN(len(edges))].Consultant
				supervisor := int32(-1)
				if pr.Supervisor != nil {
					supervisor = pr.Supervisor[j]
				}
				if left[j] > 0 && (supervisor < 0 || leftBy[supervisor] > 0) {
					start = j
					left[j]--
					if supervisor >= 0 {
						leftBy[supervisor]--
					}
				}
			}
			begin.Consultant, begin.Client = append(begin.Consultant, start), append(begin.Client, pr.Premium)
		}
		if c.IntN(4) > 0 {
			pr.Start = begin
		}
		solved := assign.Cover(pr, pr.Edges.(*memory))
		if err := proved(pr, solved); err != nil {
			t.Fatal(err)
		}
		if again := assign.Cover(pr, pr.Edges.(*memory)); !reflect.DeepEqual(solved, again) {
			t.Fatalf("the same problem has another cover: %+v, then %+v", solved, again)
		}
	})
}

// Clients who come later, or whose edges are others now, join a solution of the rest.
func TestASolutionIsABeginningForOthersToJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		most := []int{4, 12, 100}[c.IntN(3)]
		weights := []int64{1, 3, 100, 1 << 20}[c.IntN(4)]
		pr := anyProblem(c, c.IntN(most), c.IntN(most), []int{3, 10, 50, 100}[c.IntN(4)], weights, c.IntN(4))
		before, m := *pr, *pr.Edges.(*memory)
		m.edges = slices.Clone(m.edges)
		before.Edges = &m
		late := []int{2, 5, 20}[c.IntN(3)]
		for i := range m.edges {
			if c.IntN(late) == 0 {
				m.edges[i] = nil
			}
		}
		pr.Start = assign.Solve(&before)
		if err := proved(pr, assign.Solve(pr)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMoreClientsBeatMoreWeight(t *testing.T) {
	t.Parallel()
	// A chain in which every client but the last would rather have its neighbour's.
	const n = 50
	m := &memory{edges: make([][]assign.Edge, n)}
	pr := &assign.Problem{Clients: n, Premium: assign.Premium(n, 1000), Edges: m}
	for i := range n {
		m.edges[i] = append(m.edges[i], assign.Edge{Consultant: int32(i), Weight: 0})
		if i+1 < n {
			m.edges[i] = append(m.edges[i], assign.Edge{Consultant: int32(i + 1), Weight: 1000})
		}
		pr.Capacity = append(pr.Capacity, 1)
	}
	s := assign.Solve(pr)
	if err := proved(pr, s); err != nil {
		t.Fatal(err)
	}
	for i, j := range s.Consultant {
		if int(j) != i {
			t.Errorf("client %d has %d, and then not everyone is assigned", i, j)
		}
	}
}
