package store

import (
	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/reminder"
)

func digestAt(d *reminder.Digest, snap *firestore.DocumentSnapshot) { d.Version = snap.UpdateTime }

func (s *Store) digest(p string) *firestore.DocumentRef { return document(s.in(p, "digests"), "daily") }

// createDigest adds the document of a new programme's daily digest.
func (c *Commit) createDigest(p string) {
	now := c.store.now()
	d := &reminder.Digest{Programme: p, DueAt: now, CreatedAt: now, UpdatedAt: now}
	c.create(c.store.digest(p), d)
	c.due(c.store.digest(p), now)
}

// UpdateDigest writes a programme's daily digest as it was read and changed.
func (c *Commit) UpdateDigest(d *reminder.Digest) {
	c.update(c.store.digest(d.Programme), d, d.Version)
	c.due(c.store.digest(d.Programme), d.DueAt)
}
