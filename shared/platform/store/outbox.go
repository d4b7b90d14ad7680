package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

func (s *Store) outbox() *firestore.CollectionRef { return s.client.Collection("outbox") }

func messageAt(m *outbox.Message, snap *firestore.DocumentSnapshot) {
	m.ID, m.Version = snap.Ref.ID, snap.UpdateTime
}

// Message reads one message and the server's time of the reading, by which
// leases are judged.
func (s *Store) Message(ctx context.Context, id string) (*outbox.Message, time.Time, error) {
	m := new(outbox.Message)
	snap, err := read(ctx, document(s.outbox(), id), "message", m)
	if err != nil {
		return nil, time.Time{}, err
	}
	messageAt(m, snap)
	return m, snap.ReadTime, nil
}

// DueMessages lists the ids of up to n messages that wait for a sender at the
// time now, the longest waiting first. It reads no more of them, so that one that
// cannot be read does not keep the rest from being found.
func (s *Store) DueMessages(ctx context.Context, now time.Time, n int) ([]string, error) {
	due, err := list(ctx, s.outbox().Where("state", "in", []outbox.State{outbox.Pending, outbox.Sending}).
		Where("dueAt", "<=", now).OrderBy("dueAt", firestore.Asc).Limit(n).Select(), "messages", messageAt)
	ids := make([]string, len(due))
	for i, m := range due {
		ids[i] = m.ID
	}
	return ids, err
}

// Messages lists a programme's messages in a state, newest first.
func (s *Store) Messages(ctx context.Context, p string, state outbox.State) ([]*outbox.Message, error) {
	return list(ctx, s.outbox().Where("programme", "==", p).Where("state", "==", state).
		OrderBy("createdAt", firestore.Desc).Limit(100), "messages", messageAt)
}

// Owe adds a message to the outbox, due at once, as part of the trace in ctx.
func (c *Commit) Owe(ctx context.Context, m outbox.Message, now time.Time) {
	m.State, m.Trace, m.Schema, m.CreatedAt, m.UpdatedAt = outbox.Pending, telemetry.Parent(ctx), 1, now, now
	// Due by the server's clock: the programme's date may have been moved.
	m.DueAt = time.Unix(0, 0).UTC()
	c.create(document(c.store.outbox(), m.ID), m)
}

// UpdateMessage writes a message as it was read and changed.
func (c *Commit) UpdateMessage(m *outbox.Message) {
	c.update(document(c.store.outbox(), m.ID), m, m.Version)
}
