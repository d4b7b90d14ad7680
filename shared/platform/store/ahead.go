package store

import (
	"context"
	"sync"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// ahead are documents that were read before they were asked for, by path. Each is handed out
// once: whoever asks again, since another change came first, reads it anew.
type ahead struct {
	mu   sync.Mutex
	docs map[string]*firestore.DocumentSnapshot
}

// take is a document that was read ahead and not handed out yet, or nil.
func (a *ahead) take(ref *firestore.DocumentRef) *firestore.DocumentSnapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	snap := a.docs[ref.Path]
	delete(a.docs, ref.Path)
	return snap
}

type aheadKey struct{}

// taken is a document that was read ahead for a request, or nil.
func taken(ctx context.Context, ref *firestore.DocumentRef) *firestore.DocumentSnapshot {
	if a, _ := ctx.Value(aheadKey{}).(*ahead); a != nil {
		return a.take(ref)
	}
	return nil
}

// With is a context in which what was read with a link's owner is at hand.
func (l *Link) With(ctx context.Context) context.Context {
	if l.ahead == nil {
		return ctx
	}
	return context.WithValue(ctx, aheadKey{}, l.ahead)
}

// Owner reads whose a link is; and with it, in the same round trip, what the link names, which
// its pages are bound to ask for in a context of the link's, see With. Without, each of them
// would be a round trip that waits for the one before.
func (s *Store) Owner(ctx context.Context, l *Link) (*enrolment.Enrolment, error) {
	owner := document(s.enrolments(l.Programme), l.Person)
	if owner == nil {
		return nil, fault.New(fault.NotFound, "There is no such enrolment.")
	}
	var refs []*firestore.DocumentRef
	for _, ref := range append(s.named(l), owner) {
		if ref != nil {
			refs = append(refs, ref)
		}
	}
	snaps, err := s.getAll(ctx, refs)
	if err != nil {
		return nil, failed(err, "read what a link names")
	}
	l.ahead = &ahead{docs: map[string]*firestore.DocumentSnapshot{}}
	for _, snap := range snaps {
		l.ahead.docs[snap.Ref.Path] = snap
	}
	return s.Enrolment(l.With(ctx), l.Programme, l.Person)
}

// named are the documents that the pages of a link ask for, as far as the link says which; nil
// for what it says nothing of.
func (s *Store) named(l *Link) []*firestore.DocumentRef {
	all := []*firestore.DocumentRef{s.programme(l.Programme)}
	switch purpose.Purpose(l.Purpose) {
	case purpose.Match:
		all = append(all, s.match(l.Programme, l.Run, l.Match))
	case purpose.Pairing:
		all = append(all, document(s.pairings(l.Programme), l.Pairing))
	case purpose.Emails:
		all = append(all, document(s.contacts(l.Programme), enrolment.PersonOf(l.Person)))
	case purpose.Questionnaire:
		all = append(all, document(s.in(l.Programme, "invitations"), l.Invitation))
	}
	return all
}

// get is a document, read ahead or now.
func get(ctx context.Context, ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, error) {
	snap := taken(ctx, ref)
	if snap == nil {
		return ref.Get(ctx)
	}
	if !snap.Exists() {
		return nil, status.Error(codes.NotFound, ref.ID+" is not there")
	}
	return snap, nil
}

// getAll is documents by name, those that were not read ahead in one round trip.
func (d *database) getAll(ctx context.Context, refs []*firestore.DocumentRef) ([]*firestore.DocumentSnapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	all := make([]*firestore.DocumentSnapshot, len(refs))
	var missing []*firestore.DocumentRef
	var places []int
	for i, ref := range refs {
		if all[i] = taken(ctx, ref); all[i] == nil {
			missing, places = append(missing, ref), append(places, i)
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	found, err := d.client.GetAll(ctx, missing)
	for i, snap := range found {
		all[places[i]] = snap
	}
	return all, err
}
