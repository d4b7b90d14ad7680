package store

import (
	"context"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/programme"
)

func (s *Store) logo(p, id string) *firestore.DocumentRef {
	return document(s.in(p, "logos"), id)
}

// Logo reads a programme's logo by its id. It is a fault of kind NotFound where that is not its
// logo any more.
func (s *Store) Logo(ctx context.Context, p, id string) (*programme.Picture, error) {
	logo := new(programme.Picture)
	snap, err := read(ctx, s.logo(p, id), "logo", logo)
	if err != nil {
		return nil, err
	}
	logo.ID = snap.Ref.ID
	return logo, nil
}

// SaveLogo keeps a programme's logo; the same one twice is one.
func (c *Commit) SaveLogo(p string, logo *programme.Picture) {
	c.set(c.store.logo(p, logo.ID), logo)
}

// RemoveLogo deletes a logo that another one has taken the place of.
func (c *Commit) RemoveLogo(p, id string) { c.remove(c.store.logo(p, id)) }
