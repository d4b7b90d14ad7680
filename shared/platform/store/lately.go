package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// Lately is what people in a programme have done that a coordinator hears of, the newest
// first.
type Lately struct {
	// Enrolled are those who have confirmed.
	Enrolled []*enrolment.Enrolment
	Declined []*pairing.Match
	Stopped  []*pairing.Pairing
	// Lapsed are matches that nobody answered in time, which just happened.
	Lapsed []*pairing.Match
}

func (s *Store) enrolledSince(p string, since time.Time) firestore.Query {
	return s.enrolments(p).Where("confirmedAt", ">=", since).OrderBy("confirmedAt", firestore.Desc)
}

// declinedSince goes by the last write of a match: there is none after it was declined.
func (s *Store) declinedSince(p string, since time.Time) firestore.Query {
	return s.out(p, []pairing.MatchState{pairing.Declined}).Where("updatedAt", ">=", since).OrderBy("updatedAt", firestore.Desc)
}

// lapsedSince goes by the last write of a match, as declinedSince does.
func (s *Store) lapsedSince(p string, since time.Time) firestore.Query {
	return s.out(p, []pairing.MatchState{pairing.Lapsed}).Where("updatedAt", ">=", since).OrderBy("updatedAt", firestore.Desc)
}

func (s *Store) stoppedSince(p string, since time.Time) firestore.Query {
	return s.pairings(p).Where("state", "==", pairing.Stopped).Where("endedAt", ">=", since).OrderBy("endedAt", firestore.Desc)
}

// Lately lists what has happened in a programme since a time, n of each kind at most.
func (s *Store) Lately(ctx context.Context, p string, since time.Time, n int) (all Lately, err error) {
	err = InParallel(ctx,
		func(ctx context.Context) (err error) {
			all.Enrolled, err = list(ctx, s.enrolledSince(p, since).Limit(n), "enrolments", enrolmentAt)
			return err
		},
		func(ctx context.Context) (err error) {
			all.Declined, err = list(ctx, s.declinedSince(p, since).Limit(n), "matches", matchAt)
			return err
		},
		func(ctx context.Context) (err error) {
			all.Lapsed, err = list(ctx, s.lapsedSince(p, since).Limit(n), "matches", matchAt)
			return err
		},
		func(ctx context.Context) (err error) {
			all.Stopped, err = list(ctx, s.stoppedSince(p, since).Limit(n), "pairings", pairingAt)
			return err
		})
	return all, err
}
