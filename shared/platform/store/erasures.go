package store

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

func (s *Store) erasures(p string) *firestore.CollectionRef { return s.in(p, "erasures") }

func erasureAt(e *erasure.Erasure, snap *firestore.DocumentSnapshot) {
	e.ID, e.Version = snap.Ref.ID, snap.UpdateTime
}

// Erasure reads how far it is that a person is forgotten; nil where nobody asked for it.
func (s *Store) Erasure(ctx context.Context, p, person string) (*erasure.Erasure, error) {
	e := new(erasure.Erasure)
	snap, err := read(ctx, document(s.erasures(p), person), "erasure", e)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	erasureAt(e, snap)
	return e, nil
}

// Erasures lists those of a programme that are not done: a document each, for some days.
func (s *Store) Erasures(ctx context.Context, p string) ([]*erasure.Erasure, error) {
	return list(ctx, s.erasures(p).Query, "erasures", erasureAt)
}

// SaveErasure writes an erasure that is new, or as it was read and changed.
func (c *Commit) SaveErasure(p string, e *erasure.Erasure) {
	ref := document(c.store.erasures(p), e.ID)
	if e.Version.IsZero() {
		c.create(ref, e)
	} else {
		c.update(ref, e, e.Version)
	}
	c.LogTransition("erasure", e.ID, string(e.State))
}

// DropErasure takes away one that is stopped, was not confirmed, or is done.
func (c *Commit) DropErasure(p string, e *erasure.Erasure) {
	c.delete(document(c.store.erasures(p), e.ID), e.Version)
}

func (s *Store) tombstones() *firestore.CollectionRef { return s.client.Collection("erased") }

// Bury keeps that somebody was forgotten, by the keyed hash of who it was.
func (c *Commit) Bury(hash string, t *erasure.Tombstone) {
	c.set(document(c.store.tombstones(), hash), t)
}

// Buried reports whether that is kept already, by the same hash.
func (s *Store) Buried(ctx context.Context, hash string) (bool, error) {
	_, err := read(ctx, document(s.tombstones(), hash), "tombstone", new(erasure.Tombstone))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// BroughtBack reports whether a backup was loaded and who came back with it may not be
// forgotten again yet. It reads a document and counts the tombstones, which is billed as one
// more for each thousand; and both once more where they differ, since one may have been
// written between the two.
func (s *Store) BroughtBack(ctx context.Context) (bool, error) {
	for range 2 {
		compared, err := s.Compared(ctx)
		if err != nil {
			return false, err
		}
		n, err := s.CountTombstones(ctx)
		if err != nil || !compared.Misses(n) {
			return false, err
		}
	}
	return true, nil
}

// CountTombstones counts them.
func (s *Store) CountTombstones(ctx context.Context) (int, error) {
	return count(ctx, s.tombstones().Query, "tombstones")
}

// Tombstones reads all of a programme by their hashes.
func (s *Store) Tombstones(ctx context.Context, p string) (map[string]*erasure.Tombstone, error) {
	all := map[string]*erasure.Tombstone{}
	_, err := listAll(ctx, s.tombstones().Where("programme", "==", p), time.Time{}, "tombstones",
		func(t *erasure.Tombstone, snap *firestore.DocumentSnapshot) { all[snap.Ref.ID] = t })
	return all, err
}

func (s *Store) comparedRef() *firestore.DocumentRef {
	return s.client.Collection("compared").Doc("tombstones")
}

// Compared is how many tombstones there were when they were last compared with who is there.
func (s *Store) Compared(ctx context.Context) (*erasure.Compared, error) {
	c := new(erasure.Compared)
	snap, err := read(ctx, s.comparedRef(), "comparison", c)
	if fault.Is(err, fault.NotFound) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.Version = snap.UpdateTime
	return c, nil
}

// SaveCompared keeps it.
func (c *Commit) SaveCompared(compared *erasure.Compared) {
	if compared.Version.IsZero() {
		c.create(c.store.comparedRef(), compared)
		return
	}
	c.update(c.store.comparedRef(), compared, compared.Version)
}

// People lists when the first enrolment of each person in a programme was made, and nothing
// else of them.
func (s *Store) People(ctx context.Context, p string) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	_, err := listAll(ctx, s.enrolments(p).Select("schema", "createdAt"), time.Time{}, "people", func(e *enrolment.Enrolment, snap *firestore.DocumentSnapshot) {
		id := enrolment.PersonOf(snap.Ref.ID)
		if first, there := all[id]; !there || e.CreatedAt.Before(first) {
			all[id] = e.CreatedAt
		}
	})
	return all, err
}

// ForgetPart works off a function's part of all erasures of a programme that have begun: do
// takes away what the function alone can find of a person.
func (s *Store) ForgetPart(ctx context.Context, p *programme.Programme, function register.Functions, now time.Time, do func(context.Context, *Person, *erasure.Erasure) error) error {
	all, err := s.Erasures(ctx, p.ID)
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range all {
		if e.State != erasure.Begun || !e.Finish(function.String(), now) {
			continue
		}
		who, err := s.Person(ctx, p, e.ID)
		if err == nil {
			err = do(ctx, who, e)
		}
		if err == nil {
			c := s.Commit()
			c.SaveErasure(p.ID, e)
			err = c.Do(ctx)
		}
		if err != nil && !IsConflict(err) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
