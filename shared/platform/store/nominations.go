package store

import (
	"context"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/nomination"
)

func (s *Store) nominations(p string) *firestore.CollectionRef { return s.in(p, "nominations") }

func nominationAt(n *nomination.Nomination, snap *firestore.DocumentSnapshot) {
	n.ID, n.Version = snap.Ref.ID, snap.UpdateTime
}

// Nomination reads one invitation that was passed on.
func (s *Store) Nomination(ctx context.Context, p, id string) (*nomination.Nomination, error) {
	n := new(nomination.Nomination)
	snap, err := read(ctx, document(s.nominations(p), id), "invitation", n)
	if err != nil {
		return nil, err
	}
	nominationAt(n, snap)
	return n, nil
}

// Nomination is one invitation that was passed on.
func (h *BatchReader) Nomination(p, id string) (*nomination.Nomination, error) {
	return take(h, document(h.store.nominations(p), id), "invitation", nominationAt)
}

// SaveNomination writes an invitation that is new, or as it was read and changed.
func (c *Commit) SaveNomination(p string, n *nomination.Nomination) {
	ref := document(c.store.nominations(p), n.ID)
	if n.Version.IsZero() {
		c.create(ref, n)
	} else {
		c.update(ref, n, n.Version)
	}
	c.due(ref, n.DueAt)
}

// RemoveNomination takes away an invitation, by its id, where it is there yet: who does so must
// not be able to tell.
func (c *Commit) RemoveNomination(p, id string) { c.remove(document(c.store.nominations(p), id)) }

// DeleteNomination takes away an invitation as it was read.
func (c *Commit) DeleteNomination(p string, n *nomination.Nomination) {
	c.delete(document(c.store.nominations(p), n.ID), n.Version)
}
