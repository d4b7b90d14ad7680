package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

func (s *Store) sealedLetters(p string) *firestore.CollectionRef { return s.in(p, "sealedLetters") }

func sealedAt(l *sealed.Letter, snap *firestore.DocumentSnapshot) {
	l.ID, l.Version = snap.Ref.ID, snap.UpdateTime
}

// SealedLetter reads the letter of a person to themselves; nil where there is none.
func (s *Store) SealedLetter(ctx context.Context, p, person string) (*sealed.Letter, error) {
	l := new(sealed.Letter)
	snap, err := read(ctx, document(s.sealedLetters(p), person), "sealed letter", l)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sealedAt(l, snap)
	return l, nil
}

// SaveSealedLetter writes a letter that is new, or as it was read and changed.
func (c *Commit) SaveSealedLetter(p string, l *sealed.Letter) {
	ref := document(c.store.sealedLetters(p), l.ID)
	if l.Version.IsZero() {
		c.create(ref, l)
	} else {
		c.update(ref, l, l.Version)
	}
	c.due(ref, l.DueAt)
}

// DeleteSealedLetter takes a letter away as it was read.
func (c *Commit) DeleteSealedLetter(p string, l *sealed.Letter) {
	c.delete(document(c.store.sealedLetters(p), l.ID), l.Version)
}

// ReturnSealedLetters has all letters come back at once that have not: because all that is kept
// is going to be deleted. What changes meanwhile, a later look finds.
func (s *Store) ReturnSealedLetters(ctx context.Context, p string, now time.Time) error {
	all, err := listAll(ctx, s.sealedLetters(p).Query, time.Time{}, "sealed letters", sealedAt)
	if err != nil {
		return err
	}
	for _, l := range all {
		if !l.ReturnNow(now) {
			continue
		}
		c := s.Commit()
		c.SaveSealedLetter(p, l)
		if err := c.Do(ctx); err != nil && !IsConflict(err) {
			return err
		}
	}
	return nil
}
