package matching

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// arena has many programmes in one project, each with people of its own.
type arena struct {
	*testbed.Bed
	t *testing.T
}

func newArena(t *testing.T) *arena {
	t.Parallel()
	return &arena{testbed.New(t), t}
}

// on is the function on a store.
func (b *arena) on(s *store.Store, most int) *runner {
	return &runner{&serve.Runtime{Store: s, Now: b.Now}, most}
}

// begin makes a programme with so many people on each side, whose needs and skills
// differ.
func (b *arena) begin(id string, people int) {
	b.t.Helper()
	c := b.Store.Commit()
	if id != "pilot" {
		p := *b.Programme
		p.ID = id
		c.CreateProgramme(&p)
	}
	c.CreateSupervisor(id, &supervision.Supervisor{ID: "robin", Capacity: 10 * people})
	for i := range people {
		c.CreateEnrolment(id, someone("a", i))
		c.CreateEnrolment(id, someone("z", i))
		if i%200 == 199 {
			b.Commit(c)
			c = b.Store.Commit()
		}
	}
	b.Commit(c)
}

// someone is the i-th person of a side.
func someone(side string, i int) *enrolment.Enrolment {
	e := person(fmt.Sprintf("%s%03d", side, i))
	e.Skills = map[string]int{"board": 1 + i%3, "digital": 1 + i/3%3}
	return e
}

// change changes somebody, and returns the places that they had then.
func (b *arena) change(programme, id string, change func(*enrolment.Enrolment)) []string {
	b.t.Helper()
	for {
		e, err := b.Store.Enrolment(b.t.Context(), programme, id)
		if err != nil {
			b.t.Fatal(err)
		}
		change(e)
		c := b.Store.Commit()
		c.UpdateEnrolment(programme, e)
		if err = c.Do(b.t.Context()); err == nil {
			return e.Places
		}
		if !store.IsConflict(err) {
			b.t.Fatal(err)
		}
	}
}

// run runs a programme to whatever comes of it.
func (b *arena) run(id string) {
	b.t.Helper()
	if err := b.on(b.Store, store.MaxWrites).run(b.t.Context(), id); err != nil {
		b.t.Error(err)
	}
}

func (b *arena) proposals(id string) []*pairing.Match {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := b.Store.Proposals(b.t.Context(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// release releases matches as a coordinator.
func (b *arena) release(id string, all ...*pairing.Match) []matches.Refusal {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	var refs []store.MatchRef
	for _, m := range all {
		refs = append(refs, store.MatchRef{Run: m.Run, ID: m.ID})
	}
	refused, err := matches.Release(b.t.Context(), b.Store, p, "morgan", refs, b.Now())
	if err != nil {
		b.t.Errorf("%s: %v", id, err)
	}
	return refused
}

// view is all that anybody sees of a programme's matches and of its latest run.
func view(ctx context.Context, s *store.Store, id string) (string, error) {
	p, err := s.Programme(ctx, id)
	if err != nil {
		return "", err
	}
	lines, err := out(ctx, s, id)
	if err != nil || p.Run == "" {
		return strings.Join(lines, "\n"), err
	}
	run, err := s.Run(ctx, id, p.Run)
	if err != nil {
		return "", err
	}
	x := proposal.Proposal{ID: run.ID, Before: run.Before, Input: run.Input, Clients: run.Clients, Consultants: run.Consultants, Score: run.Score, Worst: run.Worst, Gain: run.Gain}
	if x.Matches, err = s.Proposals(ctx, p); err != nil {
		return "", err
	}
	if x.Unmatched, err = s.Unmatched(ctx, id, p.Run); err != nil {
		return "", err
	}
	if x.Moves, err = s.Moves(ctx, id, p.Run); err != nil {
		return "", err
	}
	certificate, err := s.Certificate(ctx, id, p.Run)
	if err != nil {
		return "", err
	}
	if x.Certificate, err = json.Marshal(certificate); err != nil {
		return "", err
	}
	return strings.Join(append(lines, string(run.State), shown(x, run.Matched)), "\n"), nil
}

// out are the matches that people know of.
func out(ctx context.Context, s *store.Store, id string) (lines []string, err error) {
	all, err := s.Matches(ctx, id, pairing.Out...)
	for _, m := range all {
		lines = append(lines, string(m.State)+" "+m.ID)
	}
	slices.Sort(lines)
	return lines, err
}

// shown is a proposal as text, without the times at which it was written.
func shown(x proposal.Proposal, matched int) string {
	all := make([]*pairing.Match, len(x.Matches))
	for i, m := range x.Matches {
		all[i] = &pairing.Match{ID: m.ID, Run: m.Run, Programme: m.Programme, Client: m.Client, Consultant: m.Consultant, Reasons: m.Reasons, Score: m.Score, State: m.State}
	}
	x.Matches, x.Commitment, x.Bottlenecks = all, nil, nil // the latter two follow from the rest
	slices.SortFunc(x.Matches, func(m, n *pairing.Match) int { return strings.Compare(m.ID, n.ID) })
	text, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return fmt.Sprint(matched, " ", strings.ReplaceAll(string(text), "null", "[]"))
}

func (b *arena) view(id string) string {
	b.t.Helper()
	text, err := view(b.t.Context(), b.Store, id)
	if err != nil {
		b.t.Error(err)
	}
	return text
}

// expected is what everybody will see of a programme as it is once it was run.
func (b *arena) expected(id string) string {
	b.t.Helper()
	at, err := b.Store.MatchingInput(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	if at.Bound, err = proposal.Commit(&at.Input, at.Programme.Run); err != nil {
		b.t.Fatal(err)
	}
	x, err := proposal.Make(&at.Input, at.Programme.Run)
	if err != nil {
		b.t.Fatal(err)
	}
	lines, err := out(b.t.Context(), b.Store, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(append(lines, "applied", shown(*x, len(x.Matches))), "\n")
}

// sound fails unless nobody has more matches than places, and each that is out takes
// up its places.
func (b *arena) sound(id string) {
	b.t.Helper()
	released, err := b.Store.Matches(b.t.Context(), id, pairing.Released, pairing.Accepted)
	if err != nil {
		b.t.Fatal(err)
	}
	people, err := b.Store.Enrolments(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	has, known := map[string]int{}, map[string]int{}
	for _, m := range append(b.proposals(id), released...) {
		has[m.Client.Enrolment]++
		has[m.Consultant.Enrolment]++
	}
	under := 0
	for _, m := range released {
		known[m.Client.Enrolment]++
		known[m.Consultant.Enrolment]++
		under++
	}
	for _, e := range people {
		if known[e.ID] > e.Capacity || len(e.Places) != known[e.ID] {
			b.t.Errorf("%s: %s has %d matches out of %d, and the places %v", id, e.ID, known[e.ID], e.Capacity, e.Places)
		}
	}
	x, err := b.Store.Supervisor(b.t.Context(), id, "robin")
	if err != nil || len(x.Places) != under {
		b.t.Errorf("%s: the supervisor has %v, %d are out, %v", id, x, under, err)
	}
}

// each does something for numbers from 0 on, several at once, until it returns false.
func each(do func(i int) bool) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for do(int(next.Add(1) - 1)) {
			}
		})
	}
	wait.Wait()
}
