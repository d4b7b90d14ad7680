package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
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

// Concerns counts what in a programme needs a coordinator, with what is new since a time;
// nothing is new since the zero time.
func (s *Store) Concerns(ctx context.Context, p *programme.Programme, since time.Time) (message.Concerns, error) {
	type counted struct {
		n *int
		q firestore.Query
	}
	n := message.Concerns{Deletes: p.Retention.Tell(since, s.now())}
	all := []counted{
		{&n.Proposed, s.proposals(p)},
		{&n.Unclear, s.unclear(p.ID).Query},
		{&n.Unanswered, s.overdueMatches(p.ID)},
		{&n.Unbooked, s.pairings(p.ID).Where("overdue", "==", true)},
		{&n.Unready, s.enrolments(p.ID).Where("overdue", "==", true)},
		{&n.SetAside, s.outbox().Where("programme", "==", p.ID).Where("state", "==", outbox.SetAside).
			OrderBy("createdAt", firestore.Desc)}, // so that it needs no index more
		{&n.Held, s.held(p.ID)},
		{&n.Requests, s.openRequests(p.ID).OrderBy("dueAt", firestore.Asc)}, // so that it needs no index more
		{&n.LateRequests, s.openRequests(p.ID).Where("dueAt", "<", s.now())},
	}
	if !since.IsZero() {
		all = append(all, counted{&n.Enrolled, s.enrolledSince(p.ID, since)}, counted{&n.Declined, s.declinedSince(p.ID, since)}, counted{&n.Lapsed, s.lapsedSince(p.ID, since)}, counted{&n.Stopped, s.stoppedSince(p.ID, since)})
	}
	var counts []func(context.Context) error
	for _, x := range all {
		counts = append(counts, func(ctx context.Context) (err error) {
			*x.n, err = count(ctx, x.q, "what needs a coordinator")
			return err
		})
	}
	counts = append(counts, func(ctx context.Context) (err error) {
		n.RequestDue, err = s.firstRequestDue(ctx, p.ID)
		return err
	}, func(ctx context.Context) error { return s.countFurthers(ctx, p.ID, &n) })
	return n, InParallel(ctx, counts...)
}
