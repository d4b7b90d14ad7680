package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// BatchReader is documents of many collections that are read together: whoever needs some
// asks for them, is told ErrLater, and asks again after Fetch. Each is read once. It
// is safe for concurrent use.
type BatchReader struct {
	store *Store

	mu    sync.Mutex
	asked []*firestore.DocumentRef
	// docs are those asked for by path, nil until they were fetched.
	docs map[string]*firestore.DocumentSnapshot
}

// ErrLater is that a document was asked for and not fetched yet.
var ErrLater = errors.New("not read yet")

// BatchReader is an empty batch reader.
func (s *Store) BatchReader() *BatchReader {
	return &BatchReader{store: s, docs: map[string]*firestore.DocumentSnapshot{}}
}

// Fetch reads what was asked for since the last time, in one round trip, and reports
// whether that was anything.
func (h *BatchReader) Fetch(ctx context.Context) (more bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	snaps, err := h.store.client.GetAll(ctx, h.asked)
	if err != nil {
		return false, failed(err, "read documents")
	}
	for _, snap := range snaps {
		h.docs[snap.Ref.Path] = snap
	}
	h.asked = nil
	return true, nil
}

// take is a document of the batch reader.
func take[T any](h *BatchReader, ref *firestore.DocumentRef, what string, each func(*T, *firestore.DocumentSnapshot)) (*T, error) {
	if ref == nil {
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	h.mu.Lock()
	snap, asked := h.docs[ref.Path]
	if !asked {
		h.docs[ref.Path] = nil
		h.asked = append(h.asked, ref)
	}
	h.mu.Unlock()
	switch {
	case snap == nil:
		return nil, ErrLater
	case !snap.Exists():
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	v := new(T)
	if err := decode(snap, v); err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", what, ErrUnreadable, err)
	}
	each(v, snap)
	return v, nil
}

// Message is one message.
func (h *BatchReader) Message(id string) (*outbox.Message, error) {
	return take(h, document(h.store.outbox(), id), "message", messageAt)
}

// Enrolment is one enrolment of a programme.
func (h *BatchReader) Enrolment(p, id string) (*enrolment.Enrolment, error) {
	return take(h, document(h.store.enrolments(p), id), "enrolment", enrolmentAt)
}

// Contact is that of an enrolment's person, empty where there is none.
func (h *BatchReader) Contact(p, id string) (*contact.Contact, error) {
	person := enrolment.PersonOf(id)
	ref := document(h.store.contacts(p), person)
	x, err := take(h, ref, "contact", contactAt)
	if ref != nil && fault.Is(err, fault.NotFound) {
		return &contact.Contact{ID: person}, nil
	}
	return x, err
}

// Match is one match of a run.
func (h *BatchReader) Match(p, run, id string) (*pairing.Match, error) {
	return take(h, h.store.match(p, run, id), "match", matchAt)
}

// Pairing is one pairing.
func (h *BatchReader) Pairing(p, id string) (*pairing.Pairing, error) {
	return take(h, document(h.store.pairings(p), id), "pairing", pairingAt)
}

// Session is one session of a pairing.
func (h *BatchReader) Session(p, pairingID, id string) (*pairing.Session, error) {
	return take(h, document(h.store.of(p, pairingID, "sessions"), id), "session", sessionAt)
}

// Invitation is one invitation to a questionnaire.
func (h *BatchReader) Invitation(p, id string) (*questionnaire.Invitation, error) {
	return take(h, document(h.store.in(p, "invitations"), id), "invitation", invitationAt)
}

// StaffMember is one member of staff.
func (h *BatchReader) StaffMember(id string) (*Staff, error) {
	return take(h, document(h.store.staff(), id), "member of staff", staffAt)
}
