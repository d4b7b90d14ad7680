package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/lookup"
)

// listPart is of how many bytes a part of the list of organisations is at most: a document
// can have 1 MiB.
const listPart = 900 << 10

// ErrReplaced is that a list of organisations is not there any more as it was published:
// another one has been published twice since.
var ErrReplaced = errors.New("the list of organisations was replaced while it was read")

// published is the document that says which list is looked up in.
func (s *Store) published() *firestore.DocumentRef {
	return document(s.client.Collection("organisations"), "published")
}

func (s *Store) listParts() *firestore.CollectionRef { return s.client.Collection("organisationParts") }

// listPart is a part of a list by its number from 0.
func (s *Store) listPart(list string, n int) *firestore.DocumentRef {
	return document(s.listParts(), fmt.Sprintf("%s-%d", list, n))
}

// PublishedOrganisations says which list of organisations is looked up in. It is a fault of
// kind NotFound where none was ever published.
func (s *Store) PublishedOrganisations(ctx context.Context) (*lookup.Published, error) {
	p := new(lookup.Published)
	snap, err := read(ctx, s.published(), "list of organisations", p)
	if err != nil {
		return nil, err
	}
	p.Version = snap.UpdateTime
	return p, nil
}

// Organisations reads a list as it was published. The error is ErrReplaced where it is gone.
func (s *Store) Organisations(ctx context.Context, p *lookup.Published) (*lookup.List, error) {
	refs := make([]*firestore.DocumentRef, p.Parts)
	for i := range refs {
		refs[i] = s.listPart(p.List, i)
	}
	parts, err := readAll(ctx, s, refs, "the list of organisations", func(*lookup.Part, *firestore.DocumentSnapshot) {})
	if err != nil {
		return nil, err
	}
	var encoded []byte
	for _, part := range parts {
		if part == nil {
			return nil, ErrReplaced
		}
		encoded = append(encoded, part.Bytes...)
	}
	if sum := sha256.Sum256(encoded); hex.EncodeToString(sum[:]) != p.Sum {
		return nil, fmt.Errorf("the list of organisations %s: %w: its hash is another", p.List, ErrUnreadable)
	}
	return lookup.Decode(encoded)
}

// PublishOrganisations has a list be looked up in from now on, instead of the one that before
// names, which is nil where there is none. The new one is written beside it, and then the one
// document that names it moves, so that whoever looks up finds the one or the other. The list
// before stays for those who are reading it; all others are deleted. The error is ErrChanged
// or ErrExists where somebody else published one meanwhile.
func (s *Store) PublishOrganisations(ctx context.Context, list *lookup.List, from []lookup.Source, before *lookup.Published, now time.Time) (*lookup.Published, error) {
	encoded := list.Encode()
	sum := sha256.Sum256(encoded)
	p := &lookup.Published{List: now.UTC().Format("20060102T150405Z") + "-" + strings.ToLower(rand.Text()[:6]), Sum: hex.EncodeToString(sum[:]), From: from, At: now}
	for piece := range slices.Chunk(encoded, listPart) {
		c := s.Commit()
		c.create(s.listPart(p.List, p.Parts), &lookup.Part{Bytes: piece})
		if err := c.Do(ctx); err != nil {
			return nil, err
		}
		p.Parts++
	}
	c := s.Commit()
	if before == nil {
		c.create(s.published(), p)
	} else {
		p.Before = before.List
		c.update(s.published(), p, before.Version)
	}
	if err := c.Do(ctx); err != nil {
		return nil, err
	}
	p.Version = c.At()
	return p, s.deleteListsBut(ctx, p.List, p.Before)
}

// deleteListsBut deletes the parts of all lists but some, also of those whose publishing was
// broken off.
func (s *Store) deleteListsBut(ctx context.Context, kept ...string) error {
	var gone []*firestore.DocumentRef
	if _, err := list(ctx, s.listParts().Select(), "parts of lists of organisations", func(_ *lookup.Part, snap *firestore.DocumentSnapshot) {
		if !slices.ContainsFunc(kept, func(list string) bool { return list != "" && strings.HasPrefix(snap.Ref.ID, list+"-") }) {
			gone = append(gone, snap.Ref)
		}
	}); err != nil {
		return err
	}
	for some := range slices.Chunk(gone, MaxWrites) {
		c := s.Commit()
		for _, ref := range some {
			c.remove(ref)
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
	return nil
}
