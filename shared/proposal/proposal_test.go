package proposal

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

var pilot = sync.OnceValue(func() programme.Programme {
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		panic(err)
	}
	p.ID = "pilot"
	return *p
})

// drawn is a small programme in which anything may have happened so far.
func drawn(t *rapid.T) *Input {
	p := pilot()
	p.Objective = rapid.SampledFrom([]programme.Objective{programme.Fair, programme.Total}).Draw(t, "objective")
	p.Mode = rapid.SampledFrom([]programme.Mode{programme.Assigned, programme.Ranked}).Draw(t, "mode")
	s := &Input{Programme: &p}
	for _, id := range []string{"kit", "robin"} {
		s.Supervisors = append(s.Supervisors, &supervision.Supervisor{ID: id, Capacity: rapid.IntRange(0, 6).Draw(t, "room")})
	}
	levels := rapid.MapOfN(rapid.SampledFrom([]string{"board", "finance", "digital"}), rapid.IntRange(1, 3), 1, 3)
	one := func(id string, role programme.Role) *enrolment.Enrolment {
		e := &enrolment.Enrolment{ID: id, Role: role, State: enrolment.Ready, Capacity: 1, NotNow: rapid.IntRange(0, 9).Draw(t, "nothing for now") == 0, Skills: levels.Draw(t, "skills"),
			Organisation: enrolment.Organisation{Name: id, Postcode: "LS6 2AB", Region: rapid.SampledFrom([]string{"Wales", "Wales", "Wales", "London"}).Draw(t, "region"), Categories: []string{string(role[:4])}}}
		if role == programme.Consultant {
			e.Capacity = rapid.IntRange(1, 3).Draw(t, "capacity")
			e.Supervisor = rapid.SampledFrom([]string{"kit", "robin", "robin", "gone"}).Draw(t, "supervisor")
		}
		return e
	}
	var clients, consultants []*enrolment.Enrolment
	for i := range rapid.IntRange(0, 6).Draw(t, "clients") {
		clients = append(clients, one(fmt.Sprint("a", i), programme.Client))
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "consultants") {
		consultants = append(consultants, one(fmt.Sprint("z", i), programme.Consultant))
	}
	s.Ready = append(clients, consultants...)
	for i, x := range clients {
		if len(consultants) == 0 || !rapid.Bool().Draw(t, "matched") {
			continue
		}
		y := rapid.SampledFrom(consultants).Draw(t, "with")
		m := &pairing.Match{ID: fmt.Sprint("m", i), Run: "earlier", State: pairing.Proposed,
			Client: pairing.Side{Enrolment: x.ID}, Consultant: pairing.Side{Enrolment: y.ID}}
		h := s.holders(x.ID, y.ID)
		if h.Supervisor == nil || m.Release(h, time.Time{}, time.Time{}) != nil {
			continue
		}
		switch rapid.SampledFrom([]string{"released", "yes", "accepted", "declined"}).Draw(t, "so far") {
		case "yes":
			_ = m.Accept(programme.Consultant, "v", noon)
		case "accepted":
			m.State = pairing.Accepted
		case "declined":
			_ = m.Decline(programme.Client, "why", noon, h)
		}
		if m.State != pairing.Accepted { // which a run does not read
			s.Matches = append(s.Matches, m)
		}
	}
	for _, y := range consultants { // what people can take may have become less
		y.Capacity -= rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "less")
	}
	s.Supervisors[0].Capacity -= rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "less")
	for range rapid.IntRange(0, 3).Draw(t, "decisions") {
		if len(clients) == 0 || len(consultants) == 0 {
			break
		}
		kind := rapid.SampledFrom([]pairing.DecisionKind{pairing.Pin, pairing.Forbid}).Draw(t, "kind")
		d, err := pairing.Decide(kind, rapid.SampledFrom(clients).Draw(t, "who").ID, rapid.SampledFrom(consultants).Draw(t, "whom").ID, "why", "morgan", noon, s.Decisions)
		if err == nil {
			s.Decisions = append(s.Decisions, d)
			if rapid.IntRange(0, 3).Draw(t, "lifted") == 0 {
				d.Lift("morgan", noon)
			}
		}
	}
	return s
}

func (s *Input) person(id string) *enrolment.Enrolment {
	i := slices.IndexFunc(s.Ready, func(e *enrolment.Enrolment) bool { return e.ID == id })
	return s.Ready[i]
}

func (s *Input) holders(client, consultant string) pairing.Holders {
	y := s.person(consultant)
	i := slices.IndexFunc(s.Supervisors, func(x *supervision.Supervisor) bool { return x.ID == y.Supervisor })
	if i < 0 {
		return supervision.Holders(s.person(client), y, nil)
	}
	return supervision.Holders(s.person(client), y, s.Supervisors[i])
}

func made(t interface{ Fatal(...any) }, s *Input) *Proposal {
	x, err := Make(s, "before")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Whatever has happened: all that is proposed can be released as it stands, nobody is
// in it who declined or was ruled out, and pins are made or said to be impossible.
func TestAllThatIsProposedCanBeReleased(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		offered := map[string]bool{}
		for _, y := range s.Settled().Consultants {
			offered[y.ID] = true
		}
		x := made(t, s)
		pairs := map[matching.Pair]bool{}
		for _, m := range x.Matches {
			pair := matching.Pair{Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment}
			pairs[pair] = true
			a, z := s.person(pair.Client), s.person(pair.Consultant)
			if still, err := matching.Still(s.Programme, matching.FromEnrolment(a), matching.FromEnrolment(z), nil, m.Reasons); !still || err != nil {
				t.Fatalf("%v does not hold: %v", pair, err)
			}
			if err := m.Release(s.holders(pair.Client, pair.Consultant), time.Time{}, time.Time{}); err != nil {
				t.Fatalf("%v: %v", pair, err)
			}
			for _, declined := range s.Matches {
				if declined.State == pairing.Declined && declined.Client.Enrolment == pair.Client && declined.Consultant.Enrolment == pair.Consultant {
					t.Fatalf("%v was declined", pair)
				}
			}
		}
		unpinned := map[matching.Pair]bool{}
		for _, u := range x.Unpinned {
			unpinned[u.Pair] = u.Lacks != ""
		}
		for _, d := range s.Decisions {
			pair := matching.Pair{Client: d.Client, Consultant: d.Consultant}
			free := slices.ContainsFunc(x.Unmatched, func(u matching.Unmatched) bool { return u.Client == d.Client }) ||
				slices.ContainsFunc(x.Matches, func(m *pairing.Match) bool {
					return m.Client.Enrolment == d.Client && m.Consultant.Enrolment != d.Consultant
				})
			if d.Stands() && d.Kind == pairing.Forbid && pairs[pair] {
				t.Fatalf("%v was ruled out", pair)
			}
			if d.Stands() && d.Kind == pairing.Pin && free && offered[d.Consultant] && !unpinned[pair] {
				t.Fatalf("%v is pinned, and neither matched nor said to be impossible", pair)
			}
		}
		if x.Clients != len(x.Matches)+len(x.Unmatched) {
			t.Fatalf("%d take part, %d are matched and %d not", x.Clients, len(x.Matches), len(x.Unmatched))
		}
	})
}

// Whoever takes back the matches that a proposal would change gets from the next one
// what was promised: exactly, where nobody has to be matched farther away, since who
// is allowed to depends on who else is unmatched.
func TestMovesKeepTheirPromise(t *testing.T) {
	t.Parallel()
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		s.Decisions, s.Programme.Relax = nil, nil
		x := made(t, s)
		if len(x.Moves) == 0 {
			if x.Gain != (Gain{}) {
				t.Fatalf("a gain of %+v for no moves", x.Gain)
			}
			return
		}
		moved++
		scores := 0
		for _, move := range x.Moves {
			i := slices.IndexFunc(s.Matches, func(m *pairing.Match) bool { return m.ID == move.Match })
			m := s.Matches[i]
			if m.Run != move.Run || m.Client.Enrolment != move.Client || m.Consultant.Enrolment != move.From || move.From == move.To || m.Client.Answer != "" || m.Consultant.Answer != "" {
				t.Fatalf("move %+v of match %+v", move, m)
			}
			if err := m.Withdraw(s.holders(move.Client, move.From)); err != nil {
				t.Fatal(err)
			}
			scores += matching.Explain(s.Programme, matching.FromEnrolment(s.person(move.Client)), matching.FromEnrolment(s.person(move.From))).Score()
		}
		s.Matches = slices.DeleteFunc(s.Matches, func(m *pairing.Match) bool { return m.State == pairing.Withdrawn })
		y := made(t, s)
		if len(y.Moves) > 0 {
			t.Fatalf("it would move more: %+v", y.Moves)
		}
		if got, want := len(y.Matches), len(x.Matches)+x.Gain.Matched+len(x.Moves); got != want {
			t.Fatalf("%d are matched, promised were %d", got, want)
		}
		if s.Programme.Objective == programme.Total {
			if got, want := y.Score, x.Score+x.Gain.Total+scores; got != want {
				t.Fatalf("the total is %d, promised was %d", got, want)
			}
		}
	})
	if moved == 0 {
		t.Error("nothing was ever moved")
	}
}

// The same people are the same proposal, byte for byte, in whatever order they come.
func TestOrderMakesNoDifference(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		first := made(t, s)
		want, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		ids[first.ID] = true
		for range 10 {
			random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
			random.Shuffle(len(s.Ready), func(i, k int) { s.Ready[i], s.Ready[k] = s.Ready[k], s.Ready[i] })
			random.Shuffle(len(s.Matches), func(i, k int) { s.Matches[i], s.Matches[k] = s.Matches[k], s.Matches[i] })
			random.Shuffle(len(s.Supervisors), func(i, k int) { s.Supervisors[i], s.Supervisors[k] = s.Supervisors[k], s.Supervisors[i] })
			random.Shuffle(len(s.Decisions), func(i, k int) { s.Decisions[i], s.Decisions[k] = s.Decisions[k], s.Decisions[i] })
			if got, err := json.Marshal(made(t, s)); string(got) != string(want) || err != nil {
				t.Fatalf("now it is %s, %v\nand was %s", got, err, want)
			}
		}
	})
	if len(ids) < 20 {
		t.Errorf("%d proposals differ", len(ids))
	}
}

// simple is two who fit, and whatever changes them.
func simple(change func(s *Input, a, z *enrolment.Enrolment)) *Input {
	p := pilot()
	a := &enrolment.Enrolment{ID: "a", Role: programme.Client, State: enrolment.Ready, Capacity: 1, Skills: map[string]int{"board": 3},
		Organisation: enrolment.Organisation{Name: "A", Postcode: "LS6 2AB", Region: "Wales", Categories: []string{"HE"}}, Availability: []string{"mon-am"}}
	z := &enrolment.Enrolment{ID: "z", Role: programme.Consultant, State: enrolment.Ready, Capacity: 2, Skills: map[string]int{"board": 2}, Supervisor: "robin",
		Organisation: enrolment.Organisation{Name: "Z", Postcode: "LS6 2AB", Region: "Wales", Categories: []string{"ED"}}, Availability: []string{"mon-am"}}
	s := &Input{Programme: &p, Ready: []*enrolment.Enrolment{a, z}, Supervisors: []*supervision.Supervisor{{ID: "robin", Capacity: 2}}}
	if change != nil {
		change(s, a, z)
	}
	return s
}

// What counts makes another run, and what does not makes none.
func TestInputIsWhatCounts(t *testing.T) {
	t.Parallel()
	base := simple(nil).Open().Digest()
	both := pairing.Match{Client: pairing.Side{Enrolment: "a"}, Consultant: pairing.Side{Enrolment: "z"}}
	declined := both
	declined.State = pairing.Declined
	decided := func(kind pairing.DecisionKind, lifted time.Time) []*pairing.Decision {
		return []*pairing.Decision{{Kind: kind, Client: "a", Consultant: "z", LiftedAt: lifted}}
	}
	for name, change := range map[string]func(s *Input, a, z *enrolment.Enrolment){
		"a need":             func(_ *Input, a, _ *enrolment.Enrolment) { a.Skills["board"] = 2 },
		"experience":         func(_ *Input, a, _ *enrolment.Enrolment) { a.Experience = map[string]int{"board": 1} },
		"a conflict":         func(_ *Input, a, _ *enrolment.Enrolment) { a.Conflicts = []string{"Q"} },
		"a bid":              func(_ *Input, a, _ *enrolment.Enrolment) { a.Bids = []string{"Q"} },
		"a place":            func(_ *Input, _, z *enrolment.Enrolment) { z.Take("m") },
		"nothing for now":    func(_ *Input, _, z *enrolment.Enrolment) { z.NotNow = true },
		"a capacity":         func(_ *Input, _, z *enrolment.Enrolment) { z.Capacity++ },
		"supervision":        func(s *Input, _, _ *enrolment.Enrolment) { s.Supervisors[0].Capacity++ },
		"a half-day":         func(_ *Input, _, z *enrolment.Enrolment) { z.Availability = append(z.Availability, "fri-pm") },
		"a weight":           func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Weights.Fit++ },
		"the place":          func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Place.Within = programme.Online },
		"the objective":      func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Objective = programme.Total },
		"a relaxation":       func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Relax = s.Programme.Relax[1:] },
		"a skill":            func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Skills = s.Programme.Skills[1:] },
		"a pin":              func(s *Input, _, _ *enrolment.Enrolment) { s.Decisions = decided(pairing.Pin, time.Time{}) },
		"a forbidden pair":   func(s *Input, _, _ *enrolment.Enrolment) { s.Decisions = decided(pairing.Forbid, time.Time{}) },
		"a declined match":   func(s *Input, _, _ *enrolment.Enrolment) { s.Matches = []*pairing.Match{&declined} },
		"someone else":       func(s *Input, a, _ *enrolment.Enrolment) { b := *a; b.ID = "b"; s.Ready = append(s.Ready, &b) },
		"someone less":       func(s *Input, _, _ *enrolment.Enrolment) { s.Ready = s.Ready[1:] },
		"another supervisor": func(_ *Input, _, z *enrolment.Enrolment) { z.Supervisor = "kit" },
	} {
		if simple(change).Open().Digest() == base {
			t.Errorf("%s makes no difference", name)
		}
	}
	for name, change := range map[string]func(s *Input, a, z *enrolment.Enrolment){
		"a phone number": func(_ *Input, a, _ *enrolment.Enrolment) { a.Person.Phone = "1" },
		"a name":         func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Name = "Another" },
		"own words":      func(_ *Input, a, _ *enrolment.Enrolment) { a.Situation = "1" },
		"a text":         func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.About = "Another" },
		"the last run":   func(s *Input, _, _ *enrolment.Enrolment) { s.Programme.Run = "r" },
		"a lifted pin":   func(s *Input, _, _ *enrolment.Enrolment) { s.Decisions = decided(pairing.Pin, noon) },
		"who takes no more": func(s *Input, a, _ *enrolment.Enrolment) {
			b := *a
			b.ID, b.Places = "b", []string{"m"}
			s.Ready = append(s.Ready, &b)
		},
	} {
		if simple(change).Open().Digest() != base {
			t.Errorf("%s makes a difference", name)
		}
	}
}

// A run after another one is another run, also of the same people.
func TestProposalHasTheIdOfAllThatItSays(t *testing.T) {
	t.Parallel()
	x := made(t, simple(nil))
	if len(x.Matches) != 1 || x.Matches[0].Run != x.ID || strings.Contains(x.Matches[0].ID, "a-") || len(x.Matches[0].ID) != id.Length || x.Matches[0].State != pairing.Proposed || x.Matches[0].Programme != "pilot" {
		t.Fatalf("%+v", x.Matches)
	}
	if m := x.Matches[0]; m.Score != m.Reasons.Score() || m.Score != x.Score || x.Worst != x.Score {
		t.Errorf("match %+v of %+v", m, x)
	}
	later, err := Make(simple(nil), "another")
	if err != nil || later.ID == x.ID || later.Input != x.Input {
		t.Errorf("%s after %s, %v", later.ID, x.ID, err)
	}
}

// What a solver finds that is not what its certificate says is never seen.
func TestWhatDoesNotCheckIsNotShown(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(s *matching.Solution){
		"someone is left out": func(s *matching.Solution) { s.Matches = nil },
		"a price is changed": func(s *matching.Solution) {
			for _, p := range s.Certificate.Proofs {
				for id := range maps.Clone(p.Clients) {
					p.Clients[id]--
				}
			}
		},
		"a score is made up":    func(s *matching.Solution) { s.Matches[0].Score++ },
		"somebody is made up":   func(s *matching.Solution) { s.Matches[0].Consultant = "q" },
		"the proof is left out": func(s *matching.Solution) { s.Certificate.Proofs = nil },
	} {
		lying := func(pr *matching.Problem) (*matching.Solution, error) {
			s, err := matching.Solve(pr)
			if err == nil {
				wrong(s)
			}
			return s, err
		}
		if x, err := makeWith(lying, simple(nil), ""); err == nil || x != nil || !strings.Contains(err.Error(), "the run is not shown") {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
}
