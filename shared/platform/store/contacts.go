package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
)

func (s *Store) contacts(p string) *firestore.CollectionRef { return s.in(p, "contacts") }

// Contact reads what the person of an enrolment has been sent and wants to be
// spared. Of somebody who was never written to it is empty, and saving it makes it.
func (s *Store) Contact(ctx context.Context, p, id string) (*contact.Contact, error) {
	person := enrolment.PersonOf(id)
	whom, ref := new(contact.Contact), document(s.contacts(p), person)
	snap, err := read(ctx, ref, "contact", whom)
	if ref != nil && fault.Is(err, fault.NotFound) {
		return &contact.Contact{ID: person}, nil
	}
	if err != nil {
		return nil, err
	}
	contactAt(whom, snap)
	return whom, nil
}

func contactAt(whom *contact.Contact, snap *firestore.DocumentSnapshot) {
	whom.ID, whom.Version = snap.Ref.ID, snap.UpdateTime
}

// Contact is that of an enrolment's person, empty where there is none.
func (h *BatchReader) Contact(p, id string) (*contact.Contact, error) {
	person := enrolment.PersonOf(id)
	ref := document(h.store.contacts(p), person)
	whom, err := take(h, ref, "contact", contactAt)
	if ref != nil && fault.Is(err, fault.NotFound) {
		return &contact.Contact{ID: person}, nil
	}
	return whom, err
}

// ContactsOf reads contacts of a programme by their people's ids, into a map that
// lacks those of people who were never written to.
func (s *Store) ContactsOf(ctx context.Context, p string, ids []string) (map[string]*contact.Contact, error) {
	return byID(ctx, s, s.contacts(p), ids, "contacts", contactAt, func(whom *contact.Contact) string { return whom.ID })
}

// Stopped reads the contacts of a programme that are not written to any more since
// their address failed or they reported an email: a hundred at most, as of messages.
func (s *Store) Stopped(ctx context.Context, p string) ([]*contact.Contact, error) {
	q := s.contacts(p).Where("stopped", "in", []contact.Stop{contact.Bounced, contact.SpamReport}).Limit(100)
	return list(ctx, q, "contacts", contactAt)
}

// SaveContact writes a contact as it was read and changed, or makes it where there
// was none yet.
func (c *Commit) SaveContact(p string, whom *contact.Contact, now time.Time) {
	ref := document(c.store.contacts(p), whom.ID)
	whom.UpdatedAt = now
	if whom.Version.IsZero() {
		whom.CreatedAt = now
		c.create(ref, whom)
		return
	}
	c.update(ref, whom, whom.Version)
}

// RestartContact has somebody written to again, where nothing is sent to them any more.
func (c *Commit) RestartContact(p string, whom *contact.Contact, now time.Time) {
	if whom.Stopped == "" {
		return
	}
	whom.Restart()
	c.SaveContact(p, whom, now)
	c.LogTransition("contact", whom.ID, whom.State())
}
