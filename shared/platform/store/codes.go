package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/fault"
)

func (s *Store) codes(p string) *firestore.CollectionRef { return s.in(p, "codes") }

// Codes reads which codes a person of a programme, by their id, was sent lately. Of
// somebody who was sent none they are empty, and saving makes them.
func (s *Store) Codes(ctx context.Context, p, person string) (*devicecode.Codes, error) {
	codes, ref := new(devicecode.Codes), document(s.codes(p), person)
	snap, err := read(ctx, ref, "codes", codes)
	if ref != nil && fault.Is(err, fault.NotFound) {
		return &devicecode.Codes{ID: person}, nil
	}
	if err != nil {
		return nil, err
	}
	codes.ID, codes.Version = snap.Ref.ID, snap.UpdateTime
	return codes, nil
}

// SaveCodes writes codes as they were read and changed, or makes them where there were
// none yet.
func (c *Commit) SaveCodes(p string, codes *devicecode.Codes, now time.Time) {
	ref := document(c.store.codes(p), codes.ID)
	codes.UpdatedAt = now
	if codes.Version.IsZero() {
		codes.CreatedAt = now
		c.create(ref, codes)
		return
	}
	c.update(ref, codes, codes.Version)
}
