package store

import (
	"context"
	"sync"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// MatchingInput is a programme with all that a matching run looks at, as it stood at one
// moment.
type MatchingInput struct {
	proposal.Input
	// Latest is the programme's latest run, or nil before the first.
	Latest *Run
}

// MatchingInput reads a programme with all that matching looks at, in a few queries at
// the moment at which the programme was read. Firestore answers for a moment of the
// past as long as it is within the last hour. Of people it reads no more than
// matching looks at, which is not their addresses; so these enrolments have no
// Version, and cannot be written.
func (s *Store) MatchingInput(ctx context.Context, p string) (*MatchingInput, error) {
	of, at, err := s.programmeAt(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.matchingInputAt(ctx, of, at)
}

// matchingInputAt is the input of a programme as it was at a moment.
func (s *Store) matchingInputAt(ctx context.Context, of *programme.Programme, at time.Time) (*MatchingInput, error) {
	p := of.ID
	in := &MatchingInput{Input: proposal.Input{Programme: of}}
	err := InParallel(ctx,
		func(ctx context.Context) error {
			if of.Run == "" {
				return nil
			}
			r := new(Run)
			ref := document(s.runs(p), of.Run)
			if ref != nil {
				ref = ref.WithReadOptions(firestore.ReadTime(at))
			}
			snap, err := read(ctx, ref, "matching run", r)
			if fault.Is(err, fault.NotFound) {
				return nil // its runs were deleted: it begins anew
			}
			if err == nil {
				runAt(r, snap)
				in.Latest = r
			}
			return err
		},
		func(ctx context.Context) (err error) {
			q := s.enrolments(p).Where("state", "==", enrolment.Ready).Select(enrolmentFields...)
			in.Ready, err = listAll(ctx, q, at, "enrolments", func(e *enrolment.Enrolment, snap *firestore.DocumentSnapshot) { e.ID = snap.Ref.ID })
			return err
		},
		func(ctx context.Context) (err error) {
			q := s.out(p, append([]pairing.MatchState{pairing.Released}, pairing.Apart...)).
				Select(append([]string{"state", "client.answer", "consultant.answer"}, pairOf...)...)
			in.Matches, err = listAll(ctx, q, at, "matches", matchAt)
			return err
		},
		func(ctx context.Context) (err error) {
			in.Stopped, err = listAll(ctx, s.stopped(p), at, "pairings", pairingAt)
			return err
		},
		func(ctx context.Context) (err error) {
			in.Supervisors, err = listAll(ctx, s.supervisors(p).Query, at, "supervisors", supervisorAt)
			return err
		},
		func(ctx context.Context) (err error) {
			in.Decisions, err = listAll(ctx, s.decisions(p).Query, at, "decisions", decisionAt)
			return err
		},
	)
	return in, err
}

// InParallel does several things at once, and returns the first error, which ends
// the others.
func InParallel(ctx context.Context, all ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	for _, do := range all {
		beside, join := cost.Branch(ctx)
		defer join(ctx)
		wait.Go(func() {
			if err := do(beside); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
