package store

import (
	"context"
	"fmt"
	"sync"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
)

// BatchReader is documents of many collections that are read together: whoever needs some
// asks for them, is told message.ErrLater, and asks again after Fetch. Each is read once.
// It is safe for concurrent use.
type BatchReader struct {
	store *Store

	mu    sync.Mutex
	asked []*firestore.DocumentRef
	// docs are those asked for by path, nil until they were fetched.
	docs map[string]*firestore.DocumentSnapshot
}

// BatchReader is an empty batch reader.
func (s *Store) BatchReader() *BatchReader {
	return &BatchReader{store: s, docs: map[string]*firestore.DocumentSnapshot{}}
}

// Fetch reads what was asked for since the last time, in one round trip, and reports
// whether that was anything.
func (h *BatchReader) Fetch(ctx context.Context) (more bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) == 0 {
		return false, nil
	}
	snaps, err := h.store.getAll(ctx, h.asked)
	if err != nil {
		return false, failed(err, "read documents")
	}
	for _, snap := range snaps {
		h.docs[snap.Ref.Path] = snap
	}
	h.asked = nil
	return true, nil
}

// take is a document of the batch reader.
func take[T any](h *BatchReader, ref *firestore.DocumentRef, what string, each func(*T, *firestore.DocumentSnapshot)) (*T, error) {
	if ref == nil {
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	h.mu.Lock()
	snap, asked := h.docs[ref.Path]
	if !asked {
		h.docs[ref.Path] = nil
		h.asked = append(h.asked, ref)
	}
	h.mu.Unlock()
	switch {
	case snap == nil:
		return nil, message.ErrLater
	case !snap.Exists():
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	v := new(T)
	if err := decode(snap, v); err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", what, ErrUnreadable, err)
	}
	each(v, snap)
	return v, nil
}
