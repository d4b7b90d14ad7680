package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	// leftover is how old a run must be before what nobody sees of it is deleted: by
	// then nobody writes it any more, and nobody reads it who saw it as the latest.
	leftover = time.Hour
	// sweepRuns and sweepCommits bound how much one sweep deletes.
	sweepRuns    = 20
	sweepCommits = 20
)

// Sweep deletes what nobody will see any more of a programme's matching runs: the
// matches of superseded runs that were not released, and all of runs in preparation
// that another overtook. It does a bounded part of that; the next goes on from there.
func (s *Store) Sweep(ctx context.Context, p *programme.Programme, now time.Time) error {
	old, err := list(ctx, s.runs(p.ID).Where("state", "in", []RunState{Preparing, Superseded}).Limit(sweepRuns), "matching runs", runAt)
	if err != nil {
		return err
	}
	commits := sweepCommits
	for _, r := range old {
		// A run in preparation after the latest one may yet be gone on with.
		if now.Sub(r.UpdatedAt) < leftover || r.ID == p.Run || r.State == Preparing && r.Before == p.Run {
			continue
		}
		done, err := s.sweepAll(ctx, s.ofRun(p.ID, r.ID, "matches").Where("state", "==", pairing.Proposed), &commits)
		if err == nil && done && r.State == Preparing {
			done, err = s.sweepAll(ctx, s.ofRun(p.ID, r.ID, "parts").Query, &commits)
		}
		if err != nil || !done {
			return err
		}
		c := s.Commit()
		if r.State == Preparing {
			c.delete(document(s.runs(p.ID), r.ID), r.Version)
		} else {
			r.State, r.UpdatedAt = Cleared, now
			c.UpdateRun(p.ID, r)
			c.LogTransition("run", r.ID, string(r.State))
		}
		if err := c.Do(ctx); err != nil && !IsConflict(err) {
			return err
		}
	}
	return nil
}

// sweepAll deletes all documents of a query, in no more than so many commits.
func (s *Store) sweepAll(ctx context.Context, q firestore.Query, commits *int) (done bool, err error) {
	for ; *commits > 0; *commits-- {
		c := s.Commit()
		found, err := list(ctx, q.Select().Limit(MaxWrites), "leftovers", func(_ *struct{}, snap *firestore.DocumentSnapshot) { c.delete(snap.Ref, snap.UpdateTime) })
		if err != nil {
			return false, err
		}
		if err := c.Do(ctx); err != nil && !IsConflict(err) { // another sweep deletes the same
			return false, err
		}
		if len(found) < MaxWrites {
			return true, nil
		}
	}
	return false, nil
}
