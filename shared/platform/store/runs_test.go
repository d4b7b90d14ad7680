package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// proposed is a proposal of so many matches, and as many who are unmatched.
func proposed(id, before string, n int) *proposal.Proposal {
	x := &proposal.Proposal{ID: id, Before: before, Input: "input of " + id, Clients: 2 * n, Consultants: n, Score: 5 * n, Worst: 5,
		Moves: []proposal.Move{{Run: "r", Match: "m", Client: "a", From: "y", To: "z"}}, Gain: proposal.Gain{Total: 3},
		Unpinned: []proposal.Unpinned{{Pair: matching.Pair{Client: "a", Consultant: "z"}, Lacks: "a free place"}}, Blocking: []matching.Block{{Client: "b"}},
		Certificate: []byte(`{"format": "cascade-certificate-1", "matched": ` + fmt.Sprint(n) + strings.Repeat(" ", 300*n) + `}`)}
	for i := range n {
		x.Matches = append(x.Matches, &pairing.Match{ID: fmt.Sprintf("a%d-%s", i, id), Run: id, Programme: "p", State: pairing.Proposed, Score: 5,
			Client: pairing.Side{Enrolment: fmt.Sprint("a", i)}, Consultant: pairing.Side{Enrolment: fmt.Sprint("z", i)},
			Reasons: matching.Reasons{Region: "Wales", Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}}, Points: []matching.Points{{Rule: matching.Fit, Points: 6}}}})
		x.Unmatched = append(x.Unmatched, matching.Unmatched{Client: fmt.Sprint("b", i), RuledOut: map[matching.Criterion]int{matching.NoConflict: i}, Taken: 1})
	}
	return x
}

// begun is a store with a programme "p", and its input.
func begun(t *testing.T) (*Store, *MatchingInput) {
	t.Helper()
	s := open(t)
	add(t, s, func(c *Commit) { c.CreateProgramme(&programme.Programme{ID: "p", Name: "Pilot"}) })
	return s, input(t, s)
}

func input(t *testing.T, s *Store) *MatchingInput {
	t.Helper()
	at, err := s.MatchingInput(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func prepare(t *testing.T, s *Store, x *proposal.Proposal, most int) *Run {
	t.Helper()
	run, err := s.Prepare(t.Context(), "p", x, most, now)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// seen is what a reader finds of the programme's latest run, whole or an error.
func seen(ctx context.Context, s *Store) (string, error) {
	p, err := s.Programme(ctx, "p")
	if err != nil {
		return "", err
	}
	matches, err := s.Proposals(ctx, p)
	if err != nil || p.Run == "" {
		return fmt.Sprint(len(matches)), err
	}
	run, err := s.Run(ctx, "p", p.Run)
	if err != nil {
		return "", err
	}
	unmatched, err := s.Unmatched(ctx, "p", p.Run)
	if err != nil {
		return "", err
	}
	certificate, err := s.Certificate(ctx, "p", p.Run)
	if err != nil {
		return "", err
	}
	moves, err := s.Moves(ctx, "p", p.Run)
	if err != nil {
		return "", err
	}
	unpinned, err := s.Unpinned(ctx, "p", p.Run)
	if err != nil {
		return "", err
	}
	blocking, err := s.Blocking(ctx, "p", p.Run)
	return fmt.Sprintf("%s %s: %d and %d, proof of %d, %d %d %d", p.Run, run.State, len(matches), len(unmatched), certificate.Matched, len(moves), len(unpinned), len(blocking)), err
}

func sees(t *testing.T, s *Store, want string) {
	t.Helper()
	if got, err := seen(t.Context(), s); got != want || err != nil {
		t.Errorf("a reader sees %q, %v; want %q", got, err, want)
	}
}

func TestRunIsSeenOnceItIsApplied(t *testing.T) {
	t.Parallel()
	s, at := begun(t)
	first := prepare(t, s, proposed("r1", "", 520), MaxWrites)
	sees(t, s, "0")
	if first.State != Preparing || first.Matched != 520 || first.Input != "input of r1" || first.Moves != 1 || first.Gain.Total != 3 || first.Version.IsZero() {
		t.Errorf("run %+v", first)
	}
	if err := s.Apply(t.Context(), at, first, now); err != nil {
		t.Fatal(err)
	}
	sees(t, s, "r1 applied: 520 and 520, proof of 520, 1 1 1")
	if unmatched, _ := s.Unmatched(t.Context(), "p", "r1"); unmatched[519].Client != "b519" || unmatched[519].RuledOut[matching.NoConflict] != 519 || unmatched[0].Client != "b0" {
		t.Errorf("they are in another order: %+v", unmatched[519])
	}

	at = input(t, s)
	if at.Latest == nil || at.Latest.ID != "r1" {
		t.Fatalf("latest %+v", at.Latest)
	}
	second := prepare(t, s, proposed("r2", "r1", 3), 2)
	sees(t, s, "r1 applied: 520 and 520, proof of 520, 1 1 1")
	if err := s.Apply(t.Context(), at, second, now); err != nil {
		t.Fatal(err)
	}
	sees(t, s, "r2 applied: 3 and 3, proof of 3, 1 1 1")
	if r, err := s.Run(t.Context(), "p", "r1"); err != nil || r.State != Superseded {
		t.Errorf("the one before is %+v, %v", r, err)
	}
	// The parts stay small, however many there are.
	parts, err := s.client.Collection("programmes/p/runs/r1/parts").Documents(t.Context()).GetAll()
	if err != nil || len(parts) != 2+1+3 {
		t.Errorf("%d parts, %v", len(parts), err)
	}
}

// Whatever of a proposal was written before, the next attempt writes the rest.
func TestPreparingGoesOnFromWhatIsThere(t *testing.T) {
	t.Parallel()
	s, at := begun(t)
	x := proposed("r1", "", 30)
	add(t, s, func(c *Commit) {
		c.CreateRun("p", NewRun(x, now))
		for i := 0; i < 30; i += 7 {
			c.CreateMatch("p", x.Matches[i])
		}
		c.CreateParts("p", proposed("r1", "", 0))
	})
	var rivals sync.WaitGroup
	for range 3 {
		rivals.Go(func() {
			if run, err := s.Prepare(t.Context(), "p", x, 8, now); err != nil || run.State != Preparing {
				t.Errorf("run %+v, %v", run, err)
			}
		})
	}
	rivals.Wait()
	run := prepare(t, s, x, 8)
	if err := s.Apply(t.Context(), at, run, now); err != nil {
		t.Fatal(err)
	}
	// The certificate is the one that was there: what has an id is never overwritten.
	sees(t, s, "r1 applied: 30 and 30, proof of 0, 1 1 1")
	// A match that was released meanwhile is not proposed again by whoever comes late.
	m, err := s.Match(t.Context(), "p", "r1", x.Matches[3].ID)
	if err != nil {
		t.Fatal(err)
	}
	m.State = pairing.Released
	add(t, s, func(c *Commit) { c.UpdateMatch("p", m) })
	if run := prepare(t, s, x, 8); run.State != Applied {
		t.Errorf("run %+v", run)
	}
	sees(t, s, "r1 applied: 29 and 30, proof of 0, 1 1 1")
}

func TestRunThatComesTooLateIsNotApplied(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(c *Commit, p *programme.Programme, latest *Run){
		"the programme changed": func(c *Commit, p *programme.Programme, _ *Run) { p.Name = "Changed"; c.UpdateProgramme(p) },
		"a match was released":  func(c *Commit, _ *programme.Programme, latest *Run) { latest.Released++; c.UpdateRun("p", latest) },
		"a pair was forbidden": func(c *Commit, _ *programme.Programme, latest *Run) {
			c.CreateDecision("p", &pairing.Decision{ID: "d", Kind: pairing.Forbid}, latest)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := begun(t)
			if err := s.Apply(t.Context(), at, prepare(t, s, proposed("r1", "", 1), 10), now); err != nil {
				t.Fatal(err)
			}
			at = input(t, s)
			run := prepare(t, s, proposed("r2", "r1", 2), 10)
			p, err := s.Programme(t.Context(), "p")
			if err != nil {
				t.Fatal(err)
			}
			latest := *at.Latest
			add(t, s, func(c *Commit) { meanwhile(c, p, &latest) })
			if err := s.Apply(t.Context(), at, run, now); !errors.Is(err, ErrChanged) {
				t.Errorf("applied: %v", err)
			}
			sees(t, s, "r1 applied: 1 and 1, proof of 1, 1 1 1")
		})
	}
}

func TestOneOfTwoRunsIsApplied(t *testing.T) {
	t.Parallel()
	s, at := begun(t)
	errs := make(chan error, 2)
	for _, id := range []string{"r1", "r2"} {
		run := prepare(t, s, proposed(id, "", 2), 10)
		go func() { errs <- s.Apply(t.Context(), at, run, now) }()
	}
	a, b := <-errs, <-errs
	if (a == nil) == (b == nil) || a != nil && !errors.Is(a, ErrChanged) || b != nil && !errors.Is(b, ErrChanged) {
		t.Errorf("%v and %v", a, b)
	}
}

// What is written while a input is read is not in it, and of people there is
// nothing that matching does not look at.
func TestSituationIsOfOneMoment(t *testing.T) {
	t.Parallel()
	const people = 1010 // more than a page
	enrolled := func(i int) *enrolment.Enrolment {
		return &enrolment.Enrolment{ID: fmt.Sprintf("e%04d", i), Role: programme.Client, State: enrolment.Ready, Capacity: 1, Places: []string{"m"}, Supervisor: "su",
			Person: enrolment.Person{Name: "Alex", Email: "alex@example.org", Phone: "1"}, Skills: map[string]int{"board": 3}, Experience: map[string]int{"board": 1},
			Organisation: enrolment.Organisation{Name: "T", Postcode: "LS6 2AB", Region: "r", Income: 5}, Conflicts: []string{"x"}, Languages: []string{"Welsh"}, Meeting: []string{"phone"},
			Availability: []string{"mon-am"}, Digest: "digest", Consent: enrolment.Consent{Version: "v"}}
	}
	s := open(t)
	add(t, s, func(c *Commit) {
		c.CreateProgramme(&programme.Programme{ID: "p", Run: "r"})
		c.CreateRun("p", &Run{ID: "r", State: Applied})
		c.CreateSupervisor("p", &supervision.Supervisor{ID: "su", Capacity: 1})
		c.CreateDecision("p", &pairing.Decision{ID: "d1", Kind: pairing.Pin}, nil)
		for i, state := range []pairing.MatchState{pairing.Proposed, pairing.Released, pairing.Accepted, pairing.Declined, pairing.Withdrawn} {
			c.CreateMatch("p", &pairing.Match{ID: fmt.Sprint("m", i), Run: "r", Programme: "p", State: state, Score: 9,
				Client: pairing.Side{Enrolment: "a", Answer: pairing.Yes, Reason: "private"}, Consultant: pairing.Side{Enrolment: "z"}, Reasons: matching.Reasons{Region: "r"}})
		}
	})
	var all []addition
	for i := range people {
		all = append(all, addition{document(s.enrolments("p"), enrolled(i).ID), enrolled(i)})
	}
	other := enrolled(people)
	other.State = enrolment.Confirmed
	all = append(all, addition{document(s.enrolments("p"), other.ID), other})
	if err := s.addAll(t.Context(), all, MaxWrites); err != nil {
		t.Fatal(err)
	}
	programmeAt, err := s.client.Doc("programmes/p").Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, func(c *Commit) {
		c.CreateEnrolment("p", enrolled(people+1))
		c.CreateSupervisor("p", &supervision.Supervisor{ID: "late"})
		c.CreateMatch("p", &pairing.Match{ID: "late", Run: "r", Programme: "p", State: pairing.Released})
	})
	at, err := s.matchingInputAt(t.Context(), &programme.Programme{ID: "p", Run: "r"}, programmeAt.ReadTime)
	if err != nil {
		t.Fatal(err)
	}
	if len(at.Ready) != people || len(at.Supervisors) != 1 || len(at.Decisions) != 1 || at.Latest == nil || len(at.Matches) != 2 {
		t.Fatalf("%d people, %d supervisors, %d decisions, %d matches, latest %+v", len(at.Ready), len(at.Supervisors), len(at.Decisions), len(at.Matches), at.Latest)
	}
	ids := map[string]bool{}
	for _, e := range at.Ready {
		ids[e.ID] = true
		whole := enrolled(0)
		if e.Person != (enrolment.Person{}) || e.Digest != "" || e.Consent.Version != "" || !e.Version.IsZero() {
			t.Fatalf("more was read than matching looks at: %+v", e)
		}
		if a, b := fmt.Sprint(matching.FromEnrolment(e), e.Places, e.State, e.Role), fmt.Sprint(matching.FromEnrolment(whole), whole.Places, whole.State, whole.Role); strings.ReplaceAll(a, e.ID, whole.ID) != b {
			t.Fatalf("read %s, want %s", a, b)
		}
		// It cannot be written by mistake.
		if e.ID == "e0000" {
			c := s.Commit()
			c.UpdateEnrolment("p", e)
			if err := c.Do(t.Context()); err == nil {
				t.Error("what was read in part was written")
			}
		}
	}
	if len(ids) != people {
		t.Errorf("%d people for %d", len(ids), people)
	}
	for _, m := range at.Matches {
		if m.State != pairing.Released && m.State != pairing.Declined || m.Client.Reason != "" || m.Client.Answer != pairing.Yes || m.Client.Enrolment != "a" || m.Consultant.Enrolment != "z" || m.Reasons.Region != "" {
			t.Errorf("match %+v", m)
		}
	}
	late := input(t, s)
	if len(late.Ready) != people+1 || len(late.Matches) != 3 || len(late.Supervisors) != 2 {
		t.Errorf("now there are %d people, %d matches", len(late.Ready), len(late.Matches))
	}
}

// What nobody will see any more is deleted: in bounded steps, and not before nobody
// can be writing or reading it.
func TestSweepDeletesWhatNobodySees(t *testing.T) {
	t.Parallel()
	s, at := begun(t)
	ctx := t.Context()
	prepare(t, s, proposed("given-up", "", 510), MaxWrites)
	if err := s.Apply(ctx, at, prepare(t, s, proposed("r1", "", 4), 10), now); err != nil {
		t.Fatal(err)
	}
	m, err := s.Match(ctx, "p", "r1", "a2-r1")
	if err != nil {
		t.Fatal(err)
	}
	m.State = pairing.Released
	add(t, s, func(c *Commit) { c.UpdateMatch("p", m) })
	if err := s.Apply(ctx, input(t, s), prepare(t, s, proposed("r2", "r1", 5), 10), now); err != nil {
		t.Fatal(err)
	}
	prepare(t, s, proposed("under-way", "r2", 6), 10)
	p, err := s.Programme(ctx, "p")
	if err != nil {
		t.Fatal(err)
	}
	stands := func() string {
		t.Helper()
		var all []string
		for _, run := range []string{"given-up", "r1", "r2", "under-way"} {
			state := "gone"
			if r, err := s.Run(ctx, "p", run); err == nil {
				state = string(r.State)
			}
			matches, _ := s.ofRun("p", run, "matches").Documents(ctx).GetAll()
			parts, _ := s.ofRun("p", run, "parts").Documents(ctx).GetAll()
			all = append(all, fmt.Sprintf("%s %s %d %d", run, state, len(matches), len(parts)))
		}
		return strings.Join(all, ", ")
	}
	before := "given-up preparing 510 6, r1 superseded 4 5, r2 applied 5 5, under-way preparing 6 5"
	if got := stands(); got != before {
		t.Fatalf("%s", got)
	}
	if err := s.Sweep(ctx, p, now.Add(leftover-time.Second)); err != nil || stands() != before {
		t.Errorf("swept too early, %v: %s", err, stands())
	}
	for range 2 {
		if err := s.Sweep(ctx, p, now.Add(leftover)); err != nil {
			t.Fatal(err)
		}
		if got, want := stands(), "given-up gone 0 0, r1 cleared 1 5, r2 applied 5 5, under-way preparing 6 5"; got != want {
			t.Errorf("swept: %s, want %s", got, want)
		}
	}
	// As much as fits in so many commits, and the rest the next time.
	prepare(t, s, proposed("also-given-up", "", 510), MaxWrites)
	left := 1
	done, err := s.sweepAll(ctx, s.ofRun("p", "also-given-up", "matches").Query, &left)
	if docs, _ := s.ofRun("p", "also-given-up", "matches").Documents(ctx).GetAll(); err != nil || done || len(docs) != 10 {
		t.Errorf("%d are left, done %v, %v", len(docs), done, err)
	}
}

// A commit is measured before it is sent, and never as smaller than it is.
func TestCommitIsMeasured(t *testing.T) {
	t.Parallel()
	var size atomic.Int64
	s := through(t, emulator(t), func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if r, ok := req.(*firestorepb.CommitRequest); ok {
			size.Store(int64(proto.Size(r)))
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	})
	x := proposed("r1", "", 400)
	c := s.Commit()
	for _, m := range x.Matches {
		c.CreateMatch("p", m)
	}
	do(t, c)
	if sent := int(size.Load()); sent > c.bytes || sent < c.bytes/4 {
		t.Errorf("creating takes %d bytes, counted as %d", sent, c.bytes)
	}
	matches, err := s.Proposals(t.Context(), &programme.Programme{ID: "p", Run: "r1"})
	if err != nil {
		t.Fatal(err)
	}
	c = s.Commit()
	for _, m := range matches {
		c.UpdateMatch("p", m)
	}
	do(t, c)
	if sent := int(size.Load()); sent > c.bytes || sent < c.bytes/4 {
		t.Errorf("updating takes %d bytes, counted as %d", sent, c.bytes)
	}
	c = s.Commit()
	for range 7 {
		c.CreateParts("p", &proposal.Proposal{ID: "r", Certificate: make([]byte, partBytes)})
	}
	if err := c.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("of more than 3 MiB: %v", err)
	}
	// Many large ones go in as many commits as it takes.
	var all []addition
	for i := range 13 {
		all = append(all, addition{document(s.ofRun("p", "large", "parts"), fmt.Sprint("x", i)), &part{Text: make([]byte, partBytes)}})
	}
	if err := s.addAll(t.Context(), all, MaxWrites); err != nil {
		t.Error(err)
	}
	if docs, err := s.ofRun("p", "large", "parts").Select().Documents(t.Context()).GetAll(); err != nil || len(docs) != 13 {
		t.Errorf("%d are there, %v", len(docs), err)
	}
}

func TestErrorEndsAdding(t *testing.T) {
	t.Parallel()
	s := open(t)
	all := []addition{{nil, &part{}}}
	for i := range 40 {
		all = append(all, addition{document(s.ofRun("p", "r", "parts"), fmt.Sprint("x", i)), &part{}})
	}
	if err := s.addAll(t.Context(), all, 1); err == nil || IsConflict(err) {
		t.Errorf("a malformed id: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.addAll(ctx, all[1:], 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := s.Certificate(t.Context(), "p", "r"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a certificate that is not there: %v", err)
	}
	if _, err := s.MatchingInput(t.Context(), "nowhere"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a programme that is not there: %v", err)
	}
}
