package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/proposal"
)

func (s *Store) commitments(p string) *firestore.CollectionRef { return s.in(p, "commitments") }

// Bind writes what a run is bound to, before it is solved. What an earlier attempt
// bound in the same way stays, with its time.
func (s *Store) Bind(ctx context.Context, p string, commitment *proposal.Commitment, now time.Time) error {
	c := s.Commit()
	c.CreateCommitment(p, commitment, now)
	if err := c.Do(ctx); err != nil && !IsConflict(err) {
		return err
	}
	return nil
}

// CreateCommitment adds what a run is bound to.
func (c *Commit) CreateCommitment(p string, commitment *proposal.Commitment, now time.Time) {
	bound := *commitment
	bound.CreatedAt = now
	c.create(document(c.store.commitments(p), commitment.ID), &bound)
}

// Commitment reads what a run was bound to, without the leaves, which are the run's.
func (s *Store) Commitment(ctx context.Context, p, id string) (*proposal.Commitment, error) {
	commitment := new(proposal.Commitment)
	snap, err := read(ctx, document(s.commitments(p), id), "commitment", commitment)
	if err != nil {
		return nil, err
	}
	commitment.ID = snap.Ref.ID
	return commitment, nil
}
