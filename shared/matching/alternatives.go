package matching

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Alternative is another consultant for a client, with what that would cost
// everyone together.
type Alternative struct {
	Consultant string `firestore:"consultant" json:"consultant"`
	// Score is the pair's own.
	Score int  `firestore:"score" json:"score"`
	Cost  Cost `firestore:"cost" json:"cost"`
}

// Alternatives are the next best consultants for a client, the cheapest for
// everyone together first.
type Alternatives struct {
	Client string        `firestore:"client" json:"client"`
	Best   []Alternative `firestore:"best" json:"best"`
	// Proven means that none of those left out costs less: all were tried, or the
	// certificate's prices show it. Otherwise there were more to try than allowed.
	Proven bool `firestore:"proven" json:"proven"`
	// Tried is how often the problem was solved again.
	Tried int `firestore:"tried" json:"tried"`
}

// Alternatives finds the next best consultants for a client of a solved problem,
// so many of them at most, by solving the problem again with each one pinned, so
// often at most. Whom to try next, and when to stop, the certificate's prices say:
// a pair's prices less its worth, its reduced cost, is what any matching that
// holds it falls short by at least (Schrijver, Combinatorial Optimization, chapter
// 17). Consultants are those who are eligible with what the client was allowed
// beyond the programme's place. The error is a fault.NotFound for an unknown client.
func (s *Solution) Alternatives(pr *Problem, client string, most, solves int) (Alternatives, error) {
	pool := s.Pool
	found, ok := pool.clientIndex[client]
	if !ok {
		return Alternatives{}, fault.New(fault.NotFound, "This person does not take part in this run.")
	}
	i := int(found)
	// A client who is pinned is no part of what the certificate speaks of.
	unpinned := s.Pinned[i] < 0
	now := s.consultant(client)
	least := s.bounds(pr)
	var untried []candidate
	pool.each(i, int(s.Relaxed[i]), func(j, score int) {
		if pool.Consultants[j].ID == now {
			return
		}
		if t := s.Supervisor[j]; unpinned && (s.Capacity[j] <= 0 || t >= 0 && s.SupervisorCapacity[t] <= 0) {
			return
		}
		c := candidate{j: j, score: score, least: unbounded}
		if unpinned {
			c.least = least(i, j, score)
		}
		untried = append(untried, c)
	})
	objective := pr.Programme.Objective
	slices.SortFunc(untried, func(a, b candidate) int {
		return cmp.Or(a.least.compare(b.least, objective), cmp.Compare(b.score, a.score), cmp.Compare(a.j, b.j))
	})

	out := Alternatives{Client: client, Best: []Alternative{}, Proven: true}
	var best []candidate
	for k, c := range untried {
		if len(best) == most && (most == 0 || best[most-1].least.compare(c.least, objective) <= 0) {
			break
		}
		if k == solves {
			out.Proven = false
			break
		}
		out.Tried++
		pin := Change{Pin, []Pair{{client, pool.Consultants[c.j].ID}}}
		var err error
		if c.least, err = pin.Cost(pr, s); errors.As(err, new(*PinError)) {
			continue // another pin has the place
		} else if err != nil {
			return Alternatives{}, err
		}
		at, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int {
			return cmp.Or(a.least.compare(b.least, objective), cmp.Compare(b.score, a.score), cmp.Compare(a.j, b.j))
		})
		best = slices.Insert(best, at, c)
		best = best[:min(len(best), most)]
	}
	for _, c := range best {
		out.Best = append(out.Best, Alternative{pool.Consultants[c.j].ID, c.score, c.least})
	}
	return out, nil
}

// candidate is a consultant with a bound of what pairing them would cost at least,
// or, once tried, with the cost.
type candidate struct {
	j, score int
	least    Cost
}

// unbounded is below all costs.
var unbounded = Cost{Matched: math.MinInt, Further: math.MinInt, Worst: math.MinInt, Total: math.MinInt}

// consultant is whom a client is matched with, or "".
func (s *Solution) consultant(client string) string {
	k, ok := slices.BinarySearchFunc(s.Matches, client, func(m Match, id string) int { return cmp.Compare(m.Client, id) })
	if !ok {
		return ""
	}
	return s.Matches[k].Consultant
}

// bounds gives what pairing a client who is not pinned with a consultant costs at
// least, by the order of Cost.compare.
//
// Adding up the certificate's inequalities over a matching that holds the pair
// shows that its value is below the proof's bound by the pair's prices less its
// worth. That holds for matchings of the pairs that the proof is about: for others,
// somebody is sent farther away or, with the objective fair, the worst-off lose,
// and both count before the total.
func (s *Solution) bounds(pr *Problem) func(i, j, score int) Cost {
	most, total := &s.Certificate.Proofs[0], &s.Certificate.Proofs[len(s.Certificate.Proofs)-1]
	fair := pr.Programme.Objective != programme.Total
	kept := int64(0)
	for i, j := range s.consultants() {
		if j >= 0 && s.Pinned[i] < 0 && int(s.Kept[i]) == j {
			kept++
		}
	}
	short := func(p *certificate.Proof, i, j, score int) int64 {
		prices := p.Clients[s.Pool.Clients[i].ID] + p.Consultants[s.Pool.Consultants[j].ID]
		if t := s.Supervisor[j]; t >= 0 {
			prices += p.Supervisors[s.Supervisors[t]]
		}
		worth := p.Premium + p.Factor*int64(score)
		if p.Factor > 0 && int(s.Kept[i]) == j {
			worth++
		}
		return prices - worth
	}
	return func(i, j, score int) Cost {
		var c Cost
		if c.Matched = int(short(most, i, j, score)); c.Matched > 0 && len(pr.Programme.Relax) > 0 {
			// Whoever is left over may be matched farther away.
			return Cost{Further: 1, Worst: math.MinInt, Total: math.MinInt}
		}
		if fair && score < s.Worst {
			c.Worst, c.Total = s.Worst-score, math.MinInt
		} else if less := short(total, i, j, score) - kept; less > 0 {
			c.Total = int((less + total.Factor - 1) / total.Factor)
		}
		if c.Matched > 0 {
			c.Worst, c.Total = math.MinInt, math.MinInt
		}
		if fair && s.Worst != s.Certificate.Worst {
			// A pin is the worst-off: the others may lose before that shows.
			c.Total = math.MinInt
		}
		return c
	}
}

// Answer says why two people are not matched with each other, or that they are.
type Answer struct {
	Client     string `firestore:"client" json:"client"`
	Consultant string `firestore:"consultant" json:"consultant"`
	// Matched means that they are.
	Matched bool `firestore:"matched" json:"matched"`
	// RuledOut is the first criterion that they do not meet, with what the client was
	// allowed beyond the programme's place; "" for an eligible pair.
	RuledOut Criterion `firestore:"ruledOut" json:"ruledOut,omitempty"`
	// Lacks is a place for want of which an eligible pair cannot be made at all.
	Lacks string `firestore:"lacks" json:"lacks,omitempty"`
	// Score is an eligible pair's, and Cost what making it would cost everyone together.
	Score int   `firestore:"score" json:"score"`
	Cost  *Cost `firestore:"cost" json:"cost,omitempty"`
}

// Why says for any two people why they are not matched with each other: the first
// criterion that ruled them out, or what making the pair would cost. It is for the
// coordinator; what participants may know, Facts holds. The error is a
// fault.NotFound for somebody unknown.
func (s *Solution) Why(pr *Problem, client, consultant string) (Answer, error) {
	pool := s.Pool
	i, ok := pool.clientIndex[client]
	j, also := pool.consultantIndex[consultant]
	if !ok || !also {
		return Answer{}, fault.New(fault.NotFound, "Somebody in this pair does not take part in this run.")
	}
	a := Answer{Client: client, Consultant: consultant, Matched: s.consultant(client) == consultant}
	if a.RuledOut = pool.RuledOut(int(i), int(j), int(s.Relaxed[i])); a.RuledOut != "" && !a.Matched {
		return a, nil
	}
	a.RuledOut, a.Score = "", pool.Score(int(i), int(j))
	if a.Matched {
		return a, nil
	}
	cost, err := Change{Pin, []Pair{{client, consultant}}}.Cost(pr, s)
	if pin := (*PinError)(nil); errors.As(err, &pin) {
		a.Lacks = pin.Lacks
	} else if err != nil {
		return Answer{}, err
	} else {
		a.Cost = &cost
	}
	return a, nil
}
