package matching

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// Of two runs that began at the same time, of the same people or not, exactly one is
// applied and the other is told; and what is seen is whole.
func TestOneOfTwoRivalRunsIsApplied(t *testing.T) {
	b := newArena(t)
	each(func(i int) bool {
		if i >= testbed.Runs(100) || t.Failed() {
			return false
		}
		id := fmt.Sprint("p", i)
		b.begin(id, 3)
		var rivals [2]*store.MatchingInput
		var runs [2]*store.Run
		var found [2]*proposal.Proposal
		for k := range rivals {
			var err error
			if rivals[k], err = b.Store.MatchingInput(t.Context(), id); err != nil {
				t.Error(err)
				return false
			}
			if i%2 == 1 && k == 0 { // the second one knows of a change
				b.change(id, "a001", func(e *enrolment.Enrolment) { e.Skills["finance"] = 1 })
			}
		}
		var errs [2]error
		var both sync.WaitGroup
		for k := range rivals {
			both.Go(func() {
				if found[k], errs[k] = proposal.Make(&rivals[k].Input, ""); errs[k] == nil {
					runs[k], errs[k] = b.Store.Prepare(t.Context(), id, found[k], 3, b.Now())
				}
				switch {
				case errs[k] != nil:
				case runs[k].State != store.Preparing: // the other applied the same
					errs[k] = store.ErrChanged
				default:
					errs[k] = b.Store.Apply(t.Context(), rivals[k], runs[k], b.Now())
				}
			})
		}
		both.Wait()
		won := slices.IndexFunc(errs[:], func(err error) bool { return err == nil })
		if won < 0 || !errors.Is(errs[1-won], store.ErrChanged) {
			t.Errorf("%s: %v and %v", id, errs[0], errs[1])
			return false
		}
		if p, err := b.Store.Programme(t.Context(), id); err != nil || p.Run != found[won].ID || len(b.proposals(id)) != 3 {
			t.Errorf("%s: the latest run is %v with %d matches, %v", id, p, len(b.proposals(id)), err)
		}
		b.run(id) // whoever lost, what there is to do is done then
		b.sound(id)
		return true
	})
}

// Whatever people change while a run is made and its matches go out: no match is out
// that did not hold when it was released.
func TestNoStaleMatchIsReleased(t *testing.T) {
	b := newArena(t)
	const people = 10
	programmes := testbed.Runs(50) // 500 races
	changes := []func(*enrolment.Enrolment){
		func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed },
		func(e *enrolment.Enrolment) {
			e.Conflicts = []string{"Z000 Trust", "z001 Trust", "z002 Trust", "z003 Trust"}
		},
		func(e *enrolment.Enrolment) { e.Skills = map[string]int{"finance": 3} },
		func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "London", "E1 6AN" },
		func(e *enrolment.Enrolment) { e.Skills["board"] = 1 + e.Skills["board"]%3 },
	}
	var beaten atomic.Int64
	each(func(i int) bool {
		if i >= programmes || t.Failed() {
			return false
		}
		id := fmt.Sprint("p", i)
		b.begin(id, people)
		if i%2 == 0 { // or while the first run is made
			b.run(id)
		}
		var both sync.WaitGroup
		had := make([][]string, people)
		both.Go(func() {
			for k := range people {
				had[k] = b.change(id, fmt.Sprintf("a%03d", k), changes[(i+k)%len(changes)])
			}
		})
		both.Go(func() {
			for range 2 {
				b.run(id)
				beaten.Add(int64(len(b.release(id, b.proposals(id)...))))
			}
		})
		both.Wait()
		b.sound(id)
		released, err := b.Store.Matches(t.Context(), id, pairing.Released)
		if err != nil {
			t.Error(err)
		}
		for _, m := range released {
			var k int
			_, _ = fmt.Sscanf(m.Client.Enrolment, "a%03d", &k)
			if slices.Contains(had[k], m.ID) {
				continue // it was out before the change
			}
			a, err := b.Store.Enrolment(t.Context(), id, m.Client.Enrolment)
			if err != nil {
				t.Error(err)
				continue
			}
			z, err := b.Store.Enrolment(t.Context(), id, m.Consultant.Enrolment)
			if err != nil {
				t.Error(err)
				continue
			}
			if still, err := matching.Still(b.Programme, matching.FromEnrolment(a), matching.FromEnrolment(z), nil, m.Reasons); !still || a.State != enrolment.Ready || err != nil {
				t.Errorf("%s: %s was released after %s had changed to %+v, %v", id, m.ID, a.ID, a, err)
			}
		}
		return true
	})
	t.Logf("%d releases were refused", beaten.Load())
}

// Two coordinators release different matches of the same people at once: one wins,
// and the other is told why.
func TestOneOfTwoReleasesOfTheSamePeopleWins(t *testing.T) {
	b := newArena(t)
	each(func(i int) bool {
		if i >= testbed.Runs(100) || t.Failed() {
			return false
		}
		id := fmt.Sprint("p", i)
		b.begin(id, 2)
		b.run(id)
		first := b.proposals(id)[0]
		// The same two by another consultant, or the same consultant for another client.
		second := *first
		if second.ID = "another"; i%2 == 0 {
			second.Consultant.Enrolment = map[string]string{"z000": "z001", "z001": "z000"}[first.Consultant.Enrolment]
		} else {
			second.Client.Enrolment = map[string]string{"a000": "a001", "a001": "a000"}[first.Client.Enrolment]
		}
		a, err := b.Store.Enrolment(t.Context(), id, second.Client.Enrolment)
		if err != nil {
			t.Error(err)
			return false
		}
		z, err := b.Store.Enrolment(t.Context(), id, second.Consultant.Enrolment)
		if err != nil {
			t.Error(err)
			return false
		}
		second.Reasons = matching.Explain(b.Programme, matching.FromEnrolment(a), matching.FromEnrolment(z))
		c := b.Store.Commit()
		c.CreateMatch(id, &second)
		b.Commit(c)

		var refused [2][]matches.Refusal
		var both sync.WaitGroup
		for k, m := range []*pairing.Match{first, &second} {
			both.Go(func() { refused[k] = b.release(id, m) })
		}
		both.Wait()
		n := len(refused[0]) + len(refused[1])
		if n != 1 {
			t.Errorf("%s: refused were %+v and %+v", id, refused[0], refused[1])
			return false
		}
		why := append(refused[0], refused[1]...)[0].Why
		if want := map[bool]error{true: enrolment.ErrMatched, false: enrolment.ErrFull}[i%2 == 0]; !errors.Is(why, want) || !fault.Is(why, fault.Conflict) {
			t.Errorf("%s: told %v, want %v", id, why, want)
		}
		b.sound(id)
		return true
	})
}

// A release and a run that takes over cannot both happen without knowing of each other.
func TestReleaseAndRunAtOnce(t *testing.T) {
	b := newArena(t)
	each(func(i int) bool {
		if i >= testbed.Runs(40) || t.Failed() {
			return false
		}
		id := fmt.Sprint("p", i)
		b.begin(id, 3)
		b.run(id)
		old := b.proposals(id)
		b.change(id, "a002", func(e *enrolment.Enrolment) { e.Skills["finance"] = 1 })
		var both sync.WaitGroup
		both.Go(func() { b.release(id, old...) })
		both.Go(func() { b.run(id) })
		both.Wait()
		b.release(id, b.proposals(id)...)
		b.sound(id)
		return true
	})
}
