package proposal

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Proposal is all that one matching run found.
type Proposal struct {
	// ID is a hash of all that the proposal says, of what it was made from and of the
	// run before it: whoever makes it again gets the same, and what was written of it
	// needs no comparing.
	ID string
	// Input is a hash of what it was made from, see matching.Problem.Digest.
	Input string
	// Before is the run that was the programme's latest when it was made, or "".
	Before string
	// Commitment is what the run was bound to before it was solved.
	Commitment *Commitment
	// Clients and Consultants are how many took part.
	Clients, Consultants int
	// Score is the total of all matches, Worst the lowest.
	Score, Worst int
	// Matches are proposed, in the order of the clients' ids.
	Matches   []*pairing.Match
	Unmatched []matching.Unmatched
	// Bottlenecks are why they are unmatched, all of them together, where few enough
	// take part.
	Bottlenecks []Bottleneck
	// Unpinned are pinned pairs that could not be made.
	Unpinned []Unpinned
	// Blocking are the blocking pairs, where both sides rank each other.
	Blocking []matching.Block
	// Moves are released matches that the best solution would change, which Gain says
	// more of.
	Moves []Move
	Gain  Gain
	// Certificate proves that no other matches are better beside those that stay, as
	// JSON.
	Certificate json.RawMessage
}

// Unpinned is a pinned pair that could not be made, for want of something.
type Unpinned struct {
	matching.Pair
	Lacks string `firestore:"lacks"`
}

// Bottleneck is a statement that the host can act on, in the words of the programme
// at the time of the run, and some of those without a match whom it is about.
type Bottleneck struct {
	Words   string   `firestore:"words"`
	Clients []string `firestore:"clients"`
}

// Move is a released match that stands in the way of something better: the client
// would be with To instead of From, or, where To is "", with nobody for now.
type Move struct {
	Run    string `firestore:"run"`
	Match  string `firestore:"match"`
	Client string `firestore:"client"`
	From   string `firestore:"from"`
	To     string `firestore:"to"`
}

// Gain is what everyone together gains if all moves are made: more matched, a better
// worst score, more points in total.
type Gain struct {
	Matched int `firestore:"matched"`
	Worst   int `firestore:"worst"`
	Total   int `firestore:"total"`
}

const (
	// namedAtMost is how many people a bottleneck names: no list grows without bound.
	namedAtMost = 50
	// statedAtMost is how many take part in a run that states its bottlenecks, and to each what
	// others were possible for them. Among more it may take longer than the run, and the former
	// is worked out when somebody asks.
	statedAtMost = 200
)

// Bottlenecks are why a solution of a problem leaves people without a match.
func Bottlenecks(s *matching.Solution, pr *matching.Problem) []Bottleneck {
	if len(s.Unmatched) == 0 {
		return nil
	}
	var all []Bottleneck
	for _, b := range s.Bottlenecks(pr) {
		all = append(all, Bottleneck{b.Sentence(pr.Programme), b.Unmatched[:min(len(b.Unmatched), namedAtMost)]})
	}
	return all
}

// Make solves a input, after the run before. A solution whose certificate does
// not hold is an error, and so never seen.
func Make(s *Input, before string) (*Proposal, error) { return makeWith(matching.Solve, s, before) }

// solver is matching.Solve, or in tests one that is wrong.
type solver func(*matching.Problem) (*matching.Solution, error)

func makeWith(solve solver, s *Input, before string) (*Proposal, error) {
	settled, open := s.Settled(), s.Open()
	p := &Proposal{Input: open.Digest(), Before: before, Commitment: s.Bound, Clients: len(settled.Clients), Consultants: len(settled.Consultants)}
	solution, unpinned, err := solve.checked(settled)
	if err != nil {
		return nil, err
	}
	p.Unpinned, p.Unmatched, p.Score, p.Worst = unpinned, solution.Unmatched, solution.Score, solution.Worst
	if p.Clients+p.Consultants <= statedAtMost {
		p.Bottlenecks = Bottlenecks(solution, settled)
	}
	if s.Programme.Mode == programme.Ranked {
		p.Blocking = solution.Blocking()
	}
	if p.Certificate, err = json.Marshal(solution.Certificate); err != nil {
		return nil, err
	}
	people := s.people()
	others := map[string]matching.Others{}
	if p.Clients+p.Consultants <= statedAtMost {
		others = solution.Others(settled)
	}
	for _, m := range solution.Matches {
		reasons := matching.Explain(s.Programme, people[m.Client], people[m.Consultant])
		reasons.Relaxed = m.Relaxed
		match := &pairing.Match{
			Programme: s.Programme.ID, State: pairing.Proposed, Reasons: reasons, Score: m.Score,
			Client: pairing.Side{Enrolment: m.Client, Others: others[m.Client]}, Consultant: pairing.Side{Enrolment: m.Consultant, Others: others[m.Consultant]},
		}
		if s.Bound != nil {
			for _, role := range programme.Roles {
				side := match.Side(role)
				side.Proof = s.Bound.proof(side.Enrolment, commitment.Prices(solution.Certificate, role, side.Enrolment))
			}
		}
		p.Matches = append(p.Matches, match)
	}
	if len(open.Kept) > 0 {
		if err := p.findMoves(solve, s, open, solution); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	p.ID = id.FromHash(sum[:16])
	for _, m := range p.Matches {
		// Others' documents name the match, and so its id must not name who is in it.
		of := sha256.Sum256([]byte(p.ID + "\x00" + m.Client.Enrolment + "\x00" + m.Consultant.Enrolment))
		m.Run, m.ID = p.ID, id.FromHash(of[:])
	}
	return p, nil
}

// findMoves finds the released matches that the best solution would change.
func (p *Proposal) findMoves(solve solver, s *Input, open *matching.Problem, settled *matching.Solution) error {
	best, _, err := solve.checked(open)
	if err != nil {
		return err
	}
	to := map[string]string{}
	for _, m := range best.Matches {
		to[m.Client] = m.Consultant
	}
	p.Gain = Gain{Matched: len(best.Matches) - len(settled.Matches), Worst: best.Worst, Total: best.Score - settled.Score}
	worst, some := settled.Worst, len(settled.Matches) > 0
	people := s.people()
	for _, m := range s.unanswered() {
		pair := matching.Pair{Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment}
		score := matching.Explain(s.Programme, people[pair.Client], people[pair.Consultant]).Score() // as the two are now
		p.Gain.Matched--
		p.Gain.Total -= score
		if !some || score < worst {
			worst, some = score, true
		}
		// Not all are among best.Moved: someone may take no match at all any more.
		if to[pair.Client] != pair.Consultant {
			p.Moves = append(p.Moves, Move{Run: m.Run, Match: m.ID, Client: pair.Client, From: pair.Consultant, To: to[pair.Client]})
		}
	}
	if p.Gain.Worst -= worst; len(p.Moves) == 0 {
		p.Gain = Gain{}
	}
	slices.SortFunc(p.Moves, func(a, b Move) int { return strings.Compare(a.Client, b.Client) })
	return nil
}

// Solve solves a problem as a run does, and checks its certificate. A pinned pair
// that cannot be made does not hold up the others: the problem is left without it.
func Solve(pr *matching.Problem) (*matching.Solution, error) {
	s, _, err := solver(matching.Solve).checked(pr)
	return s, err
}

// checked solves a problem and checks its certificate. A pinned pair that cannot be
// made does not hold up the others.
func (solve solver) checked(pr *matching.Problem) (*matching.Solution, []Unpinned, error) {
	var unpinned []Unpinned
	for {
		solution, err := solve(pr)
		var pin *matching.PinError
		if errors.As(err, &pin) {
			unpinned = append(unpinned, Unpinned{pin.Pair, pin.Lacks})
			pr.Pinned = slices.DeleteFunc(pr.Pinned, func(pair matching.Pair) bool { return pair == pin.Pair })
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if err := solution.Verify(); err != nil {
			return nil, nil, fmt.Errorf("the run is not shown: %w", err)
		}
		return solution, unpinned, nil
	}
}
