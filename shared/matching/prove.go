package matching

import (
	"fmt"

	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Certificate is the proof of a solution.
type Certificate = certificate.Certificate

// certificate states the proofs of an answer, from the solver's prices, with
// people by the ids of a statement.
func (s *engine) certificate(a *optimum, ids *certificate.Problem) *Certificate {
	c := &Certificate{Format: certificate.Format, Objective: string(programme.Total)}
	for i, j := range a.consultant {
		if j >= 0 {
			score := s.score(i, int(j))
			if c.Score += score; c.Matched == 0 || score < c.Worst {
				c.Worst = score
			}
			c.Matched++
		}
	}
	exact := func(price int64) int64 { return price }
	// Every price lies near 0 or near the premium; rounded, they say who is part of
	// the bottleneck.
	most := proof(certificate.MostMatched, a.all, ids, func(price int64) int64 { return (price + s.premium/2) / s.premium })
	most.Premium = 1
	c.Proofs = append(c.Proofs, most)
	if s.fair {
		c.Objective = string(programme.Fair)
		worst := most // where nobody can be matched at all
		worst.Claim = certificate.WorstOff
		if a.cover != nil {
			worst = proof(certificate.WorstOff, a.cover, ids, exact)
		}
		worst.Premium, worst.Least = 1, c.Worst+1
		c.Proofs = append(c.Proofs, worst)
	}
	total := proof(certificate.Total, a.assignment, ids, exact)
	total.Premium, total.Factor, total.Least = s.premium, s.factor, a.worst
	c.Proofs = append(c.Proofs, total)
	return c
}

func proof(claim certificate.Claim, f *assignment, ids *certificate.Problem, value func(int64) int64) certificate.Proof {
	p := certificate.Proof{Claim: claim, Clients: map[string]int64{}, Consultants: map[string]int64{}, Supervisors: map[string]int64{}}
	for i, price := range f.client {
		if v := value(price); v != 0 {
			p.Clients[ids.Clients[i]] = v
		}
	}
	for j, price := range f.consultants {
		if v := value(price); v != 0 {
			p.Consultants[ids.Consultants[j].ID] = v
		}
	}
	for t, price := range f.supervisor {
		if v := value(price); v != 0 {
			p.Supervisors[ids.Supervisors[t].ID] = v
		}
	}
	return p
}

// Problem is the statement in the checker's terms: exactly the pairs that the
// certificate speaks of. What is pinned is not in it.
func (s *Statement) Problem() *certificate.Problem {
	pool := s.Pool
	p := &certificate.Problem{
		Clients: make([]string, len(pool.Clients)), Consultants: make([]certificate.Consultant, len(pool.Consultants)), Kept: map[int]int{},
		Edges: func(i int, yield func(j, score int)) {
			if s.Pinned[i] < 0 {
				pool.each(i, int(s.Relaxed[i]), yield)
			}
		},
	}
	for i := range pool.Clients {
		p.Clients[i] = pool.Clients[i].ID
		if k := s.Kept[i]; k >= 0 {
			p.Kept[i] = int(k)
		}
	}
	for j := range pool.Consultants {
		p.Consultants[j] = certificate.Consultant{ID: pool.Consultants[j].ID, Capacity: s.Capacity[j], Supervisor: s.Supervisor[j]}
	}
	for t, id := range s.Supervisors {
		p.Supervisors = append(p.Supervisors, certificate.Supervisor{ID: id, Capacity: s.SupervisorCapacity[t]})
	}
	return p
}

// Verify checks a solution with package certificate, from the criteria and the
// rules themselves.
func (s *Solution) Verify() error {
	var matches []certificate.Match
	for _, m := range s.Matches {
		if !m.Pinned {
			matches = append(matches, certificate.Match{Client: m.Client, Consultant: m.Consultant, Score: m.Score})
		}
	}
	if err := certificate.Check(*s.Problem(), matches, *s.Certificate); err != nil {
		return fmt.Errorf("the certificate does not hold: %w", err)
	}
	return nil
}
