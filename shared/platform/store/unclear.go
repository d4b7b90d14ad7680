package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
)

func (s *Store) unclear(p string) *firestore.CollectionRef { return s.in(p, "unclear") }

func unclearAt(u *enrolment.Unclear, snap *firestore.DocumentSnapshot) {
	u.ID, u.Version = snap.Ref.ID, snap.UpdateTime
}

// Unclear lists up to so many enrolments with entries to settle, those first that
// resemble somebody who takes part, and then the longest known.
func (s *Store) Unclear(ctx context.Context, p string, most int) ([]*enrolment.Unclear, error) {
	q := s.unclear(p).OrderBy("resembles", firestore.Desc).OrderBy("createdAt", firestore.Asc).Limit(most)
	return list(ctx, q, "entries to settle", unclearAt)
}

// UnclearOf reads the entries of one enrolment to settle.
func (s *Store) UnclearOf(ctx context.Context, p, id string) (*enrolment.Unclear, error) {
	u := new(enrolment.Unclear)
	snap, err := read(ctx, document(s.unclear(p), id), "entry to settle", u)
	if err != nil {
		return nil, err
	}
	unclearAt(u, snap)
	return u, nil
}

// CountUnclear counts the enrolments with entries to settle.
func (s *Store) CountUnclear(ctx context.Context, p string) (int, error) {
	return count(ctx, s.unclear(p).Query, "entries to settle")
}

// KeepUnclear writes which entries are to settle now, as far as they were others before.
// What somebody else writes meanwhile stays as it is: the next time sees to it.
func (s *Store) KeepUnclear(ctx context.Context, p string, all []*enrolment.Unclear, now time.Time) error {
	before, err := listAll(ctx, s.unclear(p).Query, time.Time{}, "entries to settle", unclearAt)
	if err != nil {
		return err
	}
	known := make(map[string]*enrolment.Unclear, len(before))
	for _, u := range before {
		known[u.ID] = u
	}
	c := s.Commit()
	flush := func(most int) error {
		if c.count < most {
			return nil
		}
		if err := c.Do(ctx); err != nil && !IsConflict(err) {
			return err
		}
		c = s.Commit()
		return nil
	}
	for _, u := range all {
		switch was := known[u.ID]; {
		case was == nil:
			u.CreatedAt, u.UpdatedAt = now, now
			c.create(document(s.unclear(p), u.ID), u)
		case !was.Same(u):
			u.CreatedAt, u.UpdatedAt = was.CreatedAt, now
			c.update(document(s.unclear(p), u.ID), u, was.Version)
		}
		delete(known, u.ID)
		if err := flush(unclearWrites); err != nil {
			return err
		}
	}
	for _, u := range known {
		c.delete(document(s.unclear(p), u.ID), u.Version)
		if err := flush(unclearWrites); err != nil {
			return err
		}
	}
	return flush(0)
}

// unclearWrites is how many are written at once: few, since one that somebody settles
// meanwhile has the others wait for the next time.
const unclearWrites = 50

// SaveUnclear writes the entries of an enrolment that are left to settle.
func (c *Commit) SaveUnclear(p string, u *enrolment.Unclear) {
	ref := document(c.store.unclear(p), u.ID)
	if len(u.Entries) == 0 {
		c.delete(ref, u.Version)
		return
	}
	c.update(ref, u, u.Version)
}
