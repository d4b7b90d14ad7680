package matching

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cascading-leadership/cascade/shared/matching/assign"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// ScoredPairs is a problem whose eligible pairs and scores somebody else has stated.
type ScoredPairs struct {
	Clients     []string
	Consultants []certificate.Consultant
	Supervisors []certificate.Supervisor
	// Pairs are each client's eligible pairs.
	Pairs    [][]ScoredPair
	Progress func(step string, done, of int)
}

// ScoredPair is a consultant by place, with the score of the pair, 0 to
// certificate.MaxScore.
type ScoredPair struct{ Consultant, Score int }

// scoredModel is the model that the engine solves of ScoredPairs.
type scoredModel struct {
	*ScoredPairs
	edgesOf [][]assign.Edge
}

// SolveScored finds the best matching of scored pairs, with its proof. The matches
// come in the order of the clients' ids. The order of clients, consultants and
// edges makes no difference.
func SolveScored(b *ScoredPairs, objective programme.Objective) ([]certificate.Match, *Certificate, error) {
	if err := b.check(); err != nil {
		return nil, nil, err
	}
	b = b.inOrder()
	m := &scoredModel{ScoredPairs: b, edgesOf: make([][]assign.Edge, len(b.Clients))}
	for i, edges := range b.Pairs {
		m.edgesOf[i] = make([]assign.Edge, len(edges))
		for k, e := range edges {
			if k > 0 && edges[k-1].Consultant == e.Consultant {
				return nil, nil, fmt.Errorf("client %q and consultant %q are given twice", b.Clients[i], b.Consultants[e.Consultant].ID)
			}
			m.edgesOf[i][k] = assign.Edge{Consultant: int32(e.Consultant), Weight: int64(e.Score)}
		}
	}
	s := &engine{model: m, clients: len(b.Clients), fair: objective != programme.Total, progress: b.Progress, factor: 1}
	for _, d := range b.Consultants {
		s.capacity, s.supervisor = append(s.capacity, d.Capacity), append(s.supervisor, d.Supervisor)
	}
	for _, t := range b.Supervisors {
		s.supervisorCapacity = append(s.supervisorCapacity, t.Capacity)
	}
	s.supervisor = binding(s.capacity, s.supervisor, s.supervisorCapacity)
	a := s.optimise(s.maximiseTotal(nil))
	var matches []certificate.Match
	for i, j := range a.consultant {
		if j >= 0 {
			matches = append(matches, certificate.Match{Client: b.Clients[i], Consultant: b.Consultants[j].ID, Score: m.score(i, int(j))})
		}
	}
	slices.SortFunc(matches, func(a, b certificate.Match) int { return cmp.Compare(a.Client, b.Client) })
	return matches, s.certificate(a, b.Problem()), nil
}

// check says what is out of range, or given twice.
func (b *ScoredPairs) check() error {
	seen := map[string]bool{}
	known := func(kind, id string, capacity int) error {
		if key := kind + " " + id; seen[key] {
			return fmt.Errorf("the %s %q is given twice", kind, id)
		} else if seen[key] = true; capacity < 0 {
			return fmt.Errorf("the %s %q has a capacity of %d, below 0", kind, id, capacity)
		}
		return nil
	}
	for _, t := range b.Supervisors {
		if err := known("supervisor", t.ID, t.Capacity); err != nil {
			return err
		}
	}
	for _, d := range b.Consultants {
		if err := known("consultant", d.ID, d.Capacity); err != nil {
			return err
		}
		if d.Supervisor < -1 || d.Supervisor >= len(b.Supervisors) {
			return fmt.Errorf("the consultant %q has a supervisor who is not there", d.ID)
		}
	}
	if len(b.Pairs) != len(b.Clients) {
		return fmt.Errorf("%d clients have edges, of %d", len(b.Pairs), len(b.Clients))
	}
	for i, id := range b.Clients {
		if err := known("client", id, 1); err != nil {
			return err
		}
		for _, e := range b.Pairs[i] {
			if e.Score < 0 || e.Score > certificate.MaxScore || e.Consultant < 0 || e.Consultant >= len(b.Consultants) {
				return fmt.Errorf("client %q: the score %d or the consultant's place %d is out of range", id, e.Score, e.Consultant)
			}
		}
	}
	return nil
}

// Problem is the problem in the checker's terms.
func (b *ScoredPairs) Problem() *certificate.Problem {
	return &certificate.Problem{
		Clients: b.Clients, Consultants: b.Consultants, Supervisors: b.Supervisors,
		Edges: func(i int, yield func(j, score int)) {
			for _, e := range b.Pairs[i] {
				yield(e.Consultant, e.Score)
			}
		},
	}
}

// inOrder is the same problem, which was checked, with everybody in the order of
// the fixed lottery.
func (b *ScoredPairs) inOrder() *ScoredPairs {
	clients := places(len(b.Clients), func(i int) string { return b.Clients[i] })
	consultants := places(len(b.Consultants), func(j int) string { return b.Consultants[j].ID })
	out := &ScoredPairs{Supervisors: b.Supervisors, Progress: b.Progress}
	at := make([]int, len(consultants))
	for k, j := range consultants {
		at[j] = k
		out.Consultants = append(out.Consultants, b.Consultants[j])
	}
	for _, i := range clients {
		edges := slices.Clone(b.Pairs[i])
		for k := range edges {
			edges[k].Consultant = at[edges[k].Consultant]
		}
		slices.SortFunc(edges, func(a, b ScoredPair) int { return cmp.Compare(a.Consultant, b.Consultant) })
		out.Clients, out.Pairs = append(out.Clients, b.Clients[i]), append(out.Pairs, edges)
	}
	return out
}

// places are 0 to n-1 in the order of the fixed lottery of ids.
func places(n int, id func(int) string) []int {
	all := make([]int, n)
	tickets := make([]uint64, n)
	for i := range all {
		all[i], tickets[i] = i, ticket(id(i))
	}
	slices.SortFunc(all, func(a, b int) int {
		return cmp.Or(cmp.Compare(tickets[a], tickets[b]), cmp.Compare(id(a), id(b)))
	})
	return all
}

// score implements model.
func (m *scoredModel) score(i, j int) int {
	k, _ := slices.BinarySearchFunc(m.Pairs[i], j, func(e ScoredPair, j int) int { return cmp.Compare(e.Consultant, j) })
	return m.Pairs[i][k].Score
}

// maxScore implements model.
func (m *scoredModel) maxScore() int {
	most := 0
	for _, edges := range m.Pairs {
		for _, e := range edges {
			most = max(most, e.Score)
		}
	}
	return most
}

// components implements model: all is one component.
func (m *scoredModel) components() []component {
	n := int32(len(m.Consultants))
	p := component{to: n, runs: []run{{0, n}}}
	for i := range m.Clients {
		p.clients = append(p.clients, int32(i))
	}
	return []component{p}
}

// edges implements model.
func (m *scoredModel) edges(_ component, least int) assign.Edges {
	return scoredEdges{m.edgesOf, least}
}

// pairs implements model.
func (m *scoredModel) pairs(_ component, least int) assign.Pairs {
	return scoredEdges{m.edgesOf, least}
}

// reserve implements model.
func (m *scoredModel) reserve(component, int, int64) []int64 { return nil }

// scoredEdges gives a client's edges.
type scoredEdges struct {
	from  [][]assign.Edge
	least int
}

// UpdatePrices implements assign.Edges.
func (scoredEdges) UpdatePrices([]int64) {}

// Best implements assign.Edges. A client's edges are few, or in memory anyway: all
// of them are listed.
func (v scoredEdges) Best(client int, _ []int64, _ int, edges []assign.Edge) ([]assign.Edge, int64) {
	for _, e := range v.from[client] {
		if e.Weight >= int64(v.least) {
			edges = append(edges, e)
		}
	}
	return edges, assign.None
}

// Each implements assign.Pairs.
func (v scoredEdges) Each(client int, among []uint64, yield func(int32) bool) {
	for _, e := range v.from[client] {
		if j := e.Consultant; e.Weight >= int64(v.least) && among[j/64]>>(j%64)&1 == 1 && !yield(j) {
			return
		}
	}
}
