package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"
)

// Heartbeat is when a schedule's work was last done, in the programme's time by the
// server's clock. A document of its own for each schedule, so that silence is noticed
// without anything else that remembers.
type Heartbeat struct {
	Schedule string    `firestore:"-"`
	At       time.Time `firestore:"at"` // by the server's clock
	// Moved is how far the programme's date was moved, in local development.
	Moved time.Duration `firestore:"moved"`
	// First is when the schedule's work was done for the first time.
	First time.Time `firestore:"-"`
}

func (s *Store) heartbeats() *firestore.CollectionRef { return s.client.Collection("heartbeats") }

// Beat keeps that a schedule's work was done just now.
func (s *Store) Beat(ctx context.Context, schedule string, moved time.Duration) error {
	ref := document(s.heartbeats(), schedule)
	if ref == nil {
		return nil // no schedule of ours
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if _, err := ref.Set(ctx, map[string]any{"at": firestore.ServerTimestamp, "moved": moved, "schema": typeOf(ref).Schema}); err != nil {
		return failed(err, "keep a heartbeat")
	}
	return nil
}

// Heartbeats are the last one of each schedule that ever left one.
func (s *Store) Heartbeats(ctx context.Context) ([]*Heartbeat, error) {
	return list(ctx, s.heartbeats().Query, "heartbeats", func(h *Heartbeat, snap *firestore.DocumentSnapshot) {
		h.Schedule, h.First, h.At = snap.Ref.ID, snap.CreateTime.Add(h.Moved), h.At.Add(h.Moved)
	})
}
