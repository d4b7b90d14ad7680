package store

import (
	"cmp"
	"context"
	"errors"

	"cloud.google.com/go/firestore"
	"golang.org/x/sync/errgroup"
)

// addition is a document to create.
type addition struct {
	ref *firestore.DocumentRef
	doc any
}

// atOnce is how many commits addAll makes at once.
const atOnce = 4

// addAll creates documents in commits of at most so many writes, several at once.
// Documents that are there already stay as they are: an earlier attempt made them
// from the same. The first error ends it.
func (s *Store) addAll(ctx context.Context, all []addition, most int) error {
	adding, within := errgroup.WithContext(ctx)
	adding.SetLimit(atOnce)
	for len(all) > 0 && within.Err() == nil {
		n, bytes := 0, 0
		for n < len(all) && n < most {
			if bytes += size(all[n].ref, all[n].doc); n > 0 && bytes > maxBytes {
				break
			}
			n++
		}
		batch := all[:n]
		all = all[n:]
		adding.Go(func() error { return s.add(within, batch) })
	}
	return cmp.Or(adding.Wait(), context.Cause(ctx))
}

// add creates documents in one commit, those of them that are not there already.
func (s *Store) add(ctx context.Context, batch []addition) error {
	for {
		c := s.Commit()
		for _, a := range batch {
			c.create(a.ref, a.doc)
		}
		err := c.Do(ctx)
		if !errors.Is(err, ErrExists) {
			return err
		}
		refs := make([]*firestore.DocumentRef, len(batch))
		for i, a := range batch {
			refs[i] = a.ref
		}
		there, err := readAll(ctx, s, refs, "documents", func(*struct{}, *firestore.DocumentSnapshot) {})
		if err != nil {
			return err
		}
		var left []addition
		for i, a := range batch {
			if there[i] == nil {
				left = append(left, a)
			}
		}
		batch = left
	}
}
