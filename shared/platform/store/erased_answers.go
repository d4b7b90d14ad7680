package store

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func (s *Store) erasedAnswers(p string) firestore.Query {
	return s.client.Collection("erasedAnswers").Where("programme", "==", p)
}

// BuryAnswers keeps that somebody's answers were taken away, and reports whether that is new.
func (s *Store) BuryAnswers(ctx context.Context, t *questionnaire.Tombstone) (fresh bool, err error) {
	c := s.Commit()
	c.create(document(s.client.Collection("erasedAnswers"), t.ID), t)
	err = c.Do(ctx)
	if errors.Is(err, ErrExists) {
		return false, nil
	}
	return err == nil, err
}

// CountErasedAnswers counts the tombstones of answers of a programme.
func (s *Store) CountErasedAnswers(ctx context.Context, p string) (int, error) {
	return count(ctx, s.erasedAnswers(p), "tombstones of answers")
}

// ErasedAnswers reads the tombstones of answers of a programme.
func (s *Store) ErasedAnswers(ctx context.Context, p string) ([]*questionnaire.Tombstone, error) {
	return listAll(ctx, s.erasedAnswers(p), time.Time{}, "tombstones of answers", tombstoneAt)
}

func tombstoneAt(t *questionnaire.Tombstone, snap *firestore.DocumentSnapshot) { t.ID = snap.Ref.ID }

// ErasedAs reads the tombstones that name something gone: those of one person, of whom there
// are some where they were erased and have enrolled again since.
func (s *Store) ErasedAs(ctx context.Context, gone string) ([]*questionnaire.Tombstone, error) {
	return list(ctx, s.client.Collection("erasedAnswers").Where("gone", "array-contains", gone), "tombstones of answers", tombstoneAt)
}

// keyed are the collections of answers whose ids are keyed hashes of persons, in the order in
// which they are looked through.
var keyed = []string{"answers", "saved", "agreed"}

// lookedAtOnce is how many documents one page of a look has, and looks how many pages one call
// reads at most: the next one goes on.
const (
	lookedAtOnce = 300
	looks        = 10
)

// DropGone goes on looking through all that stands under keyed ids, from where a look has come
// to, and takes away what is gone. It reads no more than 3,000 ids. over says that it has come to
// the end.
func (a *Answers) DropGone(ctx context.Context, p string, from questionnaire.Look, gone func(id string) bool) (to questionnaire.Look, over bool, err error) {
	to = from
	for range looks {
		if to.Kind >= len(keyed) {
			return to, true, nil
		}
		in := a.in(p, keyed[to.Kind])
		q := in.Select().OrderBy(firestore.DocumentID, firestore.Asc).Limit(lookedAtOnce)
		if to.After != "" {
			q = q.StartAfter(in.Doc(to.After))
		}
		c, last := a.Commit(), ""
		some, err := list(ctx, q, keyed[to.Kind], func(_ *struct{}, snap *firestore.DocumentSnapshot) {
			if last = snap.Ref.ID; gone(last) {
				c.delete(snap.Ref, snap.UpdateTime)
			}
		})
		if err != nil {
			return from, false, err
		}
		if err := c.Do(ctx); err != nil {
			return from, false, err
		}
		if to.After = last; len(some) < lookedAtOnce {
			to.Kind, to.After = to.Kind+1, ""
		}
	}
	return to, to.Kind >= len(keyed), nil
}
