package store

import (
	"context"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/budget"
)

func (s *Store) budgets() *firestore.CollectionRef { return s.client.Collection("budgets") }

// BudgetParts reads parts of budgets by id, in their order, in one round trip. One of which
// nothing was taken yet is empty.
func (s *Store) BudgetParts(ctx context.Context, ids []string) ([]*budget.Part, error) {
	refs := make([]*firestore.DocumentRef, len(ids))
	for i, id := range ids {
		refs[i] = document(s.budgets(), id)
	}
	all, err := readAll(ctx, s, refs, "budgets", func(p *budget.Part, snap *firestore.DocumentSnapshot) { p.Version = snap.UpdateTime })
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i] == nil {
			all[i] = new(budget.Part)
		}
		all[i].ID = ids[i]
	}
	return all, nil
}

// SaveBudgetPart writes a part as it was read and changed, or makes it where there was none.
func (c *Commit) SaveBudgetPart(p *budget.Part) {
	ref := document(c.store.budgets(), p.ID)
	if p.Version.IsZero() {
		c.create(ref, p)
		return
	}
	c.update(ref, p, p.Version)
}

// SetBudgetPart writes a part whatever was there.
func (c *Commit) SetBudgetPart(p *budget.Part) { c.set(document(c.store.budgets(), p.ID), p) }

// SweepBudgets deletes up to n parts of budgets that count no more.
func (s *Store) SweepBudgets(ctx context.Context, n int) (int, error) {
	return s.sweepExpired(ctx, s.budgets(), s.now(), n)
}
