package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/request"
)

func (s *Store) requests(p string) *firestore.CollectionRef { return s.in(p, "requests") }

func requestAt(r *request.Request, snap *firestore.DocumentSnapshot) {
	r.ID, r.Version = snap.Ref.ID, snap.UpdateTime
}

// Request reads one request of somebody about their own data.
func (s *Store) Request(ctx context.Context, p, id string) (*request.Request, error) {
	r := new(request.Request)
	snap, err := read(ctx, document(s.requests(p), id), "request", r)
	if err != nil {
		return nil, err
	}
	requestAt(r, snap)
	return r, nil
}

// OpenRequests lists those that somebody has to see to, the first due first: a hundred at
// most.
func (s *Store) OpenRequests(ctx context.Context, p string) ([]*request.Request, error) {
	return list(ctx, s.openRequests(p).OrderBy("dueAt", firestore.Asc).Limit(100), "requests", requestAt)
}

// RequestsOf lists those of the person of an enrolment, in whichever role.
func (s *Store) RequestsOf(ctx context.Context, p, enrolmentID string) ([]*request.Request, error) {
	return list(ctx, s.requests(p).Where("enrolment", "in", inAnyRole(enrolmentID)), "requests", requestAt)
}

func (s *Store) openRequests(p string) firestore.Query {
	return s.requests(p).Where("state", "==", request.Open)
}

// RequestsFor counts those that one member of staff has to see to.
func (s *Store) RequestsFor(ctx context.Context, p, staff string) (int, error) {
	return count(ctx, s.openRequests(p).Where("for", "==", staff), "requests")
}

// firstRequestDue is when the first of those that somebody has to see to is due; the zero time
// where there are none.
func (s *Store) firstRequestDue(ctx context.Context, p string) (time.Time, error) {
	first, err := list(ctx, s.openRequests(p).OrderBy("dueAt", firestore.Asc).Limit(1), "requests", requestAt)
	if err != nil || len(first) == 0 {
		return time.Time{}, err
	}
	return first[0].DueAt, nil
}

// SaveRequest writes a request that is new, or as it was read and changed.
func (c *Commit) SaveRequest(p string, r *request.Request) {
	ref := document(c.store.requests(p), r.ID)
	if r.Version.IsZero() {
		c.create(ref, r)
	} else {
		c.update(ref, r, r.Version)
	}
	c.LogTransition("request", r.ID, string(r.State))
}
