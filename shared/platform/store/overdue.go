package store

import (
	"context"
	"errors"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// Overdue is what nobody has done anything about for too long.
type Overdue struct {
	Matches  []*pairing.Match
	Pairings []*pairing.Pairing
	People   []*enrolment.Enrolment
}

func (s *Store) overdueMatches(p string) firestore.Query {
	return s.client.CollectionGroup("matches").Where("programme", "==", p).Where("overdue", "==", true)
}

// Overdue lists what in a programme waits for a coordinator, a hundred of each kind at
// most.
func (s *Store) Overdue(ctx context.Context, p string) (all Overdue, err error) {
	const most = 100
	if all.Matches, err = list(ctx, s.overdueMatches(p).Limit(most), "matches", matchAt); err != nil {
		return all, err
	}
	if all.Pairings, err = list(ctx, s.pairings(p).Where("overdue", "==", true).Limit(most), "pairings", pairingAt); err != nil {
		return all, err
	}
	all.People, err = list(ctx, s.enrolments(p).Where("overdue", "==", true).Limit(most), "enrolments", enrolmentAt)
	return all, err
}

// Concerns counts what in a programme needs a coordinator.
func (s *Store) Concerns(ctx context.Context, p string) (message.Concerns, error) {
	var all message.Concerns
	var errs []error
	for _, x := range []struct {
		n *int
		q firestore.Query
	}{
		{&all.Unanswered, s.overdueMatches(p)},
		{&all.Unbooked, s.pairings(p).Where("overdue", "==", true)},
		{&all.Unready, s.enrolments(p).Where("overdue", "==", true)},
		{&all.SetAside, s.outbox().Where("programme", "==", p).Where("state", "==", outbox.SetAside).
			OrderBy("createdAt", firestore.Desc)}, // so that it needs no index more
	} {
		n, err := count(ctx, x.q, "what needs a coordinator")
		*x.n = n
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}
