// Package certificate checks that a matching is feasible and that none is better,
// without solving anything: it knows nothing of how the matching was found.
//
// A certificate holds up to three proofs of one form, weak duality of linear
// programming. Each gives a price of 0 or more to clients, consultants and
// supervisors such that, for every eligible pair of a score of at least Least,
//
//	client + consultant + their supervisor >= Premium + Factor × score (+ 1 if kept).
//
// Adding this up over the pairs of any matching shows that its Premium × pairs +
// Factor × total score + kept pairs is at most
//
//	sum of clients + sum of capacity × consultants + sum of capacity × supervisors,
//
// the proof's bound. So, with K pairs matched of total score S and lowest score T:
//
//   - "most matched" has Premium 1 and Factor 0 over all pairs and a bound of K: no
//     matching has more than K pairs.
//   - "worst-off" has Premium 1 and Factor 0 over pairs of T+1 and more and a bound
//     below K: whoever matches K has somebody at T or less.
//   - "total" has a bound of Premium × K + Factor × S + kept pairs over all pairs, or
//     over those of T and more where the objective is fair: of the matchings with K
//     pairs none has a higher total, nor, at this total, keeps more.
//
// See Schrijver, Combinatorial Optimization (2003), chapters 17 and 21.
package certificate

import (
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"sync"
	"sync/atomic"
)

// Format is the version of the certificate's form.
const Format = "cascade-certificate-1"

// Certificate is what is claimed of a matching, with the proofs.
type Certificate struct {
	Format string `json:"format"`
	// Objective is "fair" or "total".
	Objective string  `json:"objective"`
	Matched   int     `json:"matched"`
	Score     int     `json:"score"`
	Worst     int     `json:"worst"`
	Proofs    []Proof `json:"proofs"`
}

// Claim is what a proof shows.
type Claim string

// The claims, in the order of the objectives.
const (
	MostMatched Claim = "most matched"
	WorstOff    Claim = "worst-off"
	Total       Claim = "total"
)

// Proof is prices for one claim, by id; those left out are 0.
type Proof struct {
	Claim       Claim            `json:"claim"`
	Least       int              `json:"least"`
	Premium     int64            `json:"premium"`
	Factor      int64            `json:"factor"`
	Clients     map[string]int64 `json:"clients"`
	Consultants map[string]int64 `json:"consultants"`
	Supervisors map[string]int64 `json:"supervisors"`
}

// Problem is what a matching is checked against.
type Problem struct {
	Clients     []string
	Consultants []Consultant
	Supervisors []Supervisor
	// Edges gives the eligible consultants of a client, each once, with their scores,
	// 0 to MaxScore, by their places in Clients and Consultants. It may be called for
	// several clients at once.
	Edges func(client int, yield func(consultant, score int))
	// Kept is the consultant that a client was matched with before, by place.
	Kept map[int]int
}

// Consultant has a capacity in clients, and a supervisor by place, -1 for none.
type Consultant struct {
	ID         string
	Capacity   int
	Supervisor int
}

// Supervisor has a capacity in their consultants' clients.
type Supervisor struct {
	ID       string
	Capacity int
}

// Match is one pair, by id, with its score.
type Match struct {
	Client, Consultant string
	Score              int
}

// Bounds within which no sum of the checker overflows.
const (
	MaxScore = 1 << 20
	maxPrice = 1 << 60
	// maxFactor times MaxScore is maxPrice.
	maxFactor = 1 << 40
)

// Check reports what is wrong with a matching or its certificate; nil means that
// every place holds and that the matching is optimal. It looks at each eligible
// pair once, on all processors.
func Check(p Problem, matches []Match, c Certificate) error {
	k := &checker{Problem: p, consultant: make([]int, len(p.Clients)), score: make([]int, len(p.Clients))}
	if err := k.places(matches); err != nil {
		return err
	}
	if err := k.claims(matches, c); err != nil {
		return err
	}
	for _, proof := range c.Proofs {
		if err := k.prices(proof); err != nil {
			return err
		}
	}
	return k.edges()
}

// checker holds the matching by place and the proofs' prices.
type checker struct {
	Problem
	consultant []int // of each client, -1 for none
	score      []int
	proofs     []priced
}

// priced is a proof's prices by place; a consultant's with the supervisor's.
type priced struct {
	Proof
	client, consultant []int64
}

// places checks that the matching names who there is and that nobody's capacity
// is exceeded.
func (k *checker) places(matches []Match) error {
	clients, consultants, supervisors := map[string]int{}, map[string]int{}, map[string]int{}
	for i, id := range k.Clients {
		clients[id], k.consultant[i] = i, -1
	}
	for j, d := range k.Consultants {
		if consultants[d.ID] = j; d.Capacity < 0 || d.Supervisor >= len(k.Supervisors) {
			return fmt.Errorf("the consultant %q has a capacity below 0, or a supervisor who is not in the problem", d.ID)
		}
	}
	for t, s := range k.Supervisors {
		if supervisors[s.ID] = t; s.Capacity < 0 {
			return fmt.Errorf("the supervisor %q has a capacity below 0", s.ID)
		}
	}
	if len(clients) < len(k.Clients) || len(consultants) < len(k.Consultants) || len(supervisors) < len(k.Supervisors) {
		return errors.New("an id is in the problem twice")
	}
	used, usedBy := make([]int, len(k.Consultants)), make([]int, len(k.Supervisors))
	for _, m := range matches {
		i, known := clients[m.Client]
		j, also := consultants[m.Consultant]
		switch {
		case !known:
			return fmt.Errorf("the matched client %q is not in the problem", m.Client)
		case !also:
			return fmt.Errorf("the matched consultant %q is not in the problem", m.Consultant)
		case k.consultant[i] >= 0:
			return fmt.Errorf("the client %q is matched twice", m.Client)
		}
		k.consultant[i], k.score[i] = j, m.Score
		if used[j]++; used[j] > k.Consultants[j].Capacity {
			return fmt.Errorf("the consultant %q is matched beyond the capacity of %d", m.Consultant, k.Consultants[j].Capacity)
		}
		if t := k.Consultants[j].Supervisor; t >= 0 {
			if usedBy[t]++; usedBy[t] > k.Supervisors[t].Capacity {
				return fmt.Errorf("the supervisor %q is matched beyond the capacity of %d", k.Supervisors[t].ID, k.Supervisors[t].Capacity)
			}
		}
	}
	return nil
}

// claims checks that the certificate speaks of this matching and has the proofs
// that its objective needs, over all the pairs that they must hold for.
func (k *checker) claims(matches []Match, c Certificate) error {
	score, worst := 0, 0
	for n, m := range matches {
		if score += m.Score; n == 0 || m.Score < worst {
			worst = m.Score
		}
	}
	switch {
	case c.Format != Format:
		return fmt.Errorf("the certificate's format is %q, not %q", c.Format, Format)
	case c.Matched != len(matches) || c.Score != score || c.Worst != worst:
		return fmt.Errorf("the certificate speaks of %d matches with a score of %d, the lowest %d; these are %d with %d, the lowest %d",
			c.Matched, c.Score, c.Worst, len(matches), score, worst)
	}
	var needed []Claim
	switch c.Objective {
	case "fair":
		needed = []Claim{MostMatched, WorstOff, Total}
	case "total":
		needed = []Claim{MostMatched, Total}
	default:
		return fmt.Errorf("the certificate's objective is %q, not fair or total", c.Objective)
	}
	if len(c.Proofs) != len(needed) {
		return fmt.Errorf("the certificate has %d proofs, and %s needs %d", len(c.Proofs), c.Objective, len(needed))
	}
	for n, proof := range c.Proofs {
		least := 0
		switch {
		case proof.Claim == WorstOff:
			least = worst + 1
		case proof.Claim == Total && c.Objective == "fair":
			least = worst
		}
		unit := proof.Premium == 1 && proof.Factor == 0
		switch {
		case proof.Claim != needed[n]:
			return fmt.Errorf("proof %d is of %q, not of %q", n+1, proof.Claim, needed[n])
		case proof.Least > least:
			return fmt.Errorf("%s: the proof leaves out pairs of a score below %d, and must hold from %d on", proof.Claim, proof.Least, least)
		case proof.Claim != Total && !unit:
			return fmt.Errorf("%s: premium and factor must be 1 and 0", proof.Claim)
		case proof.Claim == Total && (proof.Factor < 1 || proof.Factor > maxFactor || proof.Premium < 0 || proof.Premium > maxPrice):
			return fmt.Errorf("%s: premium or factor is out of range", proof.Claim)
		case proof.Claim == Total && len(k.Kept) > 0 && proof.Factor <= int64(len(k.Clients)):
			return fmt.Errorf("%s: with pairs to keep, the factor must exceed the number of clients, so that score comes first", proof.Claim)
		}
	}
	return nil
}

// prices takes over a proof's prices, and checks that its bound is what it claims.
func (k *checker) prices(proof Proof) error {
	p := priced{Proof: proof, client: make([]int64, len(k.Clients)), consultant: make([]int64, len(k.Consultants))}
	bound, known := new(big.Int), 0
	var bad error
	take := func(kind string, prices map[string]int64, id string, capacity int) int64 {
		price, ok := prices[id]
		if ok {
			known++
		}
		if price < 0 || price > maxPrice {
			bad = fmt.Errorf("%s: the price of the %s %q is %d, not 0 to 2^60", proof.Claim, kind, id, price)
		}
		bound.Add(bound, new(big.Int).Mul(big.NewInt(price), big.NewInt(int64(capacity))))
		return price
	}
	for i, id := range k.Clients {
		p.client[i] = take("client", proof.Clients, id, 1)
	}
	supervisor := make([]int64, len(k.Supervisors))
	for t, s := range k.Supervisors {
		supervisor[t] = take("supervisor", proof.Supervisors, s.ID, s.Capacity)
	}
	for j, d := range k.Consultants {
		p.consultant[j] = take("consultant", proof.Consultants, d.ID, d.Capacity)
		if d.Supervisor >= 0 {
			p.consultant[j] += supervisor[d.Supervisor]
		}
	}
	if bad != nil {
		return bad
	}
	if known != len(proof.Clients)+len(proof.Consultants)+len(proof.Supervisors) {
		return fmt.Errorf("%s: prices are given to somebody who is not in the problem", proof.Claim)
	}

	matched, score, kept := int64(0), int64(0), int64(0)
	for i, j := range k.consultant {
		if j >= 0 {
			matched, score = matched+1, score+int64(k.score[i])
			if before, ok := k.Kept[i]; ok && before == j {
				kept++
			}
		}
	}
	value := new(big.Int).Mul(big.NewInt(proof.Premium), big.NewInt(matched))
	value.Add(value, new(big.Int).Mul(big.NewInt(proof.Factor), big.NewInt(score)))
	if proof.Claim == Total {
		value.Add(value, big.NewInt(kept))
	}
	if c := bound.Cmp(value); proof.Claim == WorstOff && c >= 0 && matched > 0 || proof.Claim != WorstOff && c != 0 {
		return fmt.Errorf("%s: the prices add up to %s, and the matching to %s", proof.Claim, bound, value)
	}
	k.proofs = append(k.proofs, p)
	return nil
}

// edges checks every eligible pair against the prices, and that every match is one.
func (k *checker) edges() error {
	var next atomic.Int64
	var wait sync.WaitGroup
	found := make([]error, runtime.GOMAXPROCS(0))
	for w := range found {
		wait.Go(func() {
			seen := make([]int, len(k.Consultants))
			for i := int(next.Add(1) - 1); i < len(k.Clients) && found[w] == nil; i = int(next.Add(1) - 1) {
				found[w] = k.client(i, seen)
			}
		})
	}
	wait.Wait()
	return errors.Join(found...)
}

// client checks one client's pairs. Seen is the last client, from 1, of whom each
// consultant was seen.
func (k *checker) client(i int, seen []int) error {
	var bad error
	matched := k.consultant[i] < 0
	before, ok := k.Kept[i]
	if !ok {
		before = -1
	}
	k.Edges(i, func(j, score int) {
		if j < 0 || j >= len(seen) || seen[j] == i+1 || score < 0 || score > MaxScore {
			bad = fmt.Errorf("the pair of %q and consultant number %d, with a score of %d, is given twice or out of range", k.Clients[i], j, score)
			return
		}
		seen[j] = i + 1
		if j == k.consultant[i] {
			if matched = true; score != k.score[i] {
				bad = fmt.Errorf("the match of %q and %q is given a score of %d, and has %d", k.Clients[i], k.Consultants[j].ID, k.score[i], score)
			}
		}
		for n := range k.proofs {
			p := &k.proofs[n]
			if score < p.Least {
				continue
			}
			worth := p.Premium + p.Factor*int64(score)
			if p.Claim == Total && j == before {
				worth++
			}
			if p.client[i]+p.consultant[j] < worth {
				bad = fmt.Errorf("%s: the prices of %q and %q are %d together, and the pair is worth %d",
					p.Claim, k.Clients[i], k.Consultants[j].ID, p.client[i]+p.consultant[j], worth)
			}
		}
	})
	if bad == nil && !matched {
		bad = fmt.Errorf("the match of %q and %q is not an eligible pair", k.Clients[i], k.Consultants[k.consultant[i]].ID)
	}
	return bad
}
