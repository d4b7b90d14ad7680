package store

import (
	"context"
	"fmt"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/evaluation"
)

// Releases lists a programme's releases, oldest first.
func (a *Answers) Releases(ctx context.Context, p string) ([]*evaluation.Release, error) {
	return list(ctx, a.in(p, "releases").OrderBy(firestore.DocumentID, firestore.Asc), "releases", func(*evaluation.Release, *firestore.DocumentSnapshot) {})
}

// Bases lists what a programme's releases were made from, oldest first.
func (a *Answers) Bases(ctx context.Context, p string) ([]*evaluation.Basis, error) {
	return list(ctx, a.in(p, "bases").OrderBy(firestore.DocumentID, firestore.Asc), "bases", func(b *evaluation.Basis, snap *firestore.DocumentSnapshot) {
		b.ID, b.Version = snap.Ref.ID, snap.UpdateTime
	})
}

// UpdateBasis writes a basis as it was read and changed.
func (c *AnswersCommit) UpdateBasis(p string, b *evaluation.Basis) {
	c.update(document(c.db.in(p, "bases"), b.ID), b, b.Version)
}

// CreateRelease publishes a release, once: of two that were computed at the same time, the
// second one fails with ErrExists.
func (c *AnswersCommit) CreateRelease(p string, r *evaluation.Release, b *evaluation.Basis) {
	id := fmt.Sprintf("%06d", r.Number)
	c.create(document(c.db.in(p, "releases"), id), r)
	c.create(document(c.db.in(p, "bases"), id), b)
}
