package store

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Choosable lists those of one role who are ready, in one region or, where that is "",
// in all, for somebody who chooses among them. Of each it reads what matching looks
// at, which is not their name or how to reach them, and the sentence that they wrote for
// this list; so these enrolments have no Version, and cannot be written.
func (s *Store) Choosable(ctx context.Context, p string, role programme.Role, region string) ([]*enrolment.Enrolment, error) {
	q := s.enrolments(p).Where("state", "==", enrolment.Ready).Where("role", "==", role)
	if region != "" {
		q = q.Where("organisation.region", "==", region)
	}
	return listAll(ctx, q.Select(append(slices.Clone(enrolmentFields), "introduction")...), time.Time{}, "enrolments", func(e *enrolment.Enrolment, snap *firestore.DocumentSnapshot) { e.ID = snap.Ref.ID })
}

// ReleasedWith lists the matches that are out and not answered by both, of which one of some
// enrolments is the side of a role.
func (s *Store) ReleasedWith(ctx context.Context, p string, role programme.Role, ids ...string) ([]*pairing.Match, error) {
	return listAll(ctx, s.out(p, []pairing.MatchState{pairing.Released}).Where(string(role)+".enrolment", "in", ids), time.Time{}, "matches", matchAt)
}

// DeclinedWith lists the ids of those with whom a match of somebody was declined, by
// either of the two, or lapsed, or a pairing stopped.
func (s *Store) DeclinedWith(ctx context.Context, p string, role programme.Role, id string) ([]string, error) {
	var all []*pairing.Match
	var stopped []*pairing.Pairing
	err := InParallel(ctx,
		func(ctx context.Context) (err error) {
			q := s.out(p, pairing.Apart).Where(string(role)+".enrolment", "==", id).Select(pairOf...)
			all, err = listAll(ctx, q, time.Time{}, "matches", matchAt)
			return err
		},
		func(ctx context.Context) (err error) {
			stopped, err = listAll(ctx, s.stopped(p).Where(string(role), "==", id), time.Time{}, "pairings", pairingAt)
			return err
		})
	if err != nil {
		return nil, err
	}
	others := make([]string, 0, len(all)+len(stopped))
	for _, m := range all {
		others = append(others, m.Side(role.Other()).Enrolment)
	}
	for _, pair := range stopped {
		others = append(others, pair.Enrolment(role.Other()))
	}
	return others, nil
}

// AddRun adds the run to which those of a programme's matches belong that no run made, see
// pairing.Match.Solved, where it is not there yet, so that they can be counted and taken back as
// those of any run. The
// commit is beaten where somebody else adds it at the same moment.
func (s *Store) AddRun(ctx context.Context, c *Commit, p, run string, now time.Time) error {
	_, err := s.Run(ctx, p, run)
	if fault.Is(err, fault.NotFound) {
		c.CreateRun(p, &Run{ID: run, State: Applied, CreatedAt: now, UpdatedAt: now})
		return nil
	}
	return err
}
