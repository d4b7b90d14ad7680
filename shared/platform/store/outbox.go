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

// MessagesOf reads messages by id in one round trip, into a map that lacks those
// which are not there.
func (s *Store) MessagesOf(ctx context.Context, ids []string) (map[string]*outbox.Message, error) {
	return byID(ctx, s, s.outbox(), ids, "messages", messageAt, func(m *outbox.Message) string { return m.ID })
}

// ReadMessages reads messages by id in one round trip, those that are there, with the
// ids of those that cannot be read and the server's time of the reading.
func (s *Store) ReadMessages(ctx context.Context, ids []string) (found []*outbox.Message, unreadable []string, at time.Time, err error) {
	var refs []*firestore.DocumentRef
	for _, id := range ids {
		if ref := document(s.outbox(), id); ref != nil {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		return nil, nil, time.Time{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	snaps, err := s.client.GetAll(ctx, refs)
	if err != nil {
		return nil, nil, time.Time{}, failed(err, "read messages")
	}
	for _, snap := range snaps {
		m := new(outbox.Message)
		switch at = snap.ReadTime; {
		case !snap.Exists():
		case snap.DataTo(m) != nil:
			unreadable = append(unreadable, snap.Ref.ID)
		default:
			messageAt(m, snap)
			found = append(found, m)
		}
	}
	return found, unreadable, at, nil
}

// DueMessages lists the ids of up to n messages of a programme, or of none for "",
// about which something is to be done: those that wait for a sender at the
// programme's time, and those that a sender left behind or that are in doubt at the
// server's time; the longest waiting first of each. It reads no more of them than
// their ids, so that one that cannot be read does not keep the rest from being found.
func (s *Store) DueMessages(ctx context.Context, p string, server, now time.Time, n int) ([]string, error) {
	var ids []string
	for _, q := range []struct {
		states []outbox.State
		now    time.Time
	}{{[]outbox.State{outbox.Sending, outbox.InDoubt}, server}, {[]outbox.State{outbox.Pending}, now}} {
		due, err := list(ctx, s.outbox().Where("programme", "==", p).Where("state", "in", q.states).
			Where("dueAt", "<=", q.now).OrderBy("dueAt", firestore.Asc).Limit(n-len(ids)).Select(), "messages", messageAt)
		if err != nil {
			return nil, err
		}
		for _, m := range due {
			ids = append(ids, m.ID)
		}
		if len(ids) == n {
			break
		}
	}
	return ids, nil
}

// MaxIn is the most values that a query may ask for by "in".
const MaxIn = 30

// Waiting lists up to n messages to some people, MaxIn of them at most, that wait for
// a sender.
func (s *Store) Waiting(ctx context.Context, p string, to []string, n int) ([]*outbox.Message, error) {
	return list(ctx, s.outbox().Where("programme", "==", p).Where("to", "in", to).Where("state", "==", outbox.Pending).Limit(n), "messages", messageAt)
}

// Messages lists a programme's messages in a state, newest first.
func (s *Store) Messages(ctx context.Context, p string, state outbox.State) ([]*outbox.Message, error) {
	return list(ctx, s.outbox().Where("programme", "==", p).Where("state", "==", state).
		OrderBy("createdAt", firestore.Desc).Limit(100), "messages", messageAt)
}

// OldestMessage is when the message was owed that waits for a sender the longest
// beyond its time, of a programme or of none for ""; the zero time where none does.
func (s *Store) OldestMessage(ctx context.Context, p string, now time.Time) (time.Time, error) {
	due, err := list(ctx, s.outbox().Where("programme", "==", p).Where("state", "in", []outbox.State{outbox.Pending}).
		Where("dueAt", "<=", now).OrderBy("dueAt", firestore.Asc).Limit(1).Select("dueAt", "createdAt"), "messages", messageAt)
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	if due[0].DueAt.After(due[0].CreatedAt) {
		return due[0].DueAt, nil
	}
	return due[0].CreatedAt, nil
}

// Owe adds a message to the outbox, due at once, as part of the trace in ctx.
func (c *Commit) Owe(ctx context.Context, m outbox.Message, now time.Time) {
	m.State, m.Trace, m.Schema, m.CreatedAt, m.UpdatedAt = outbox.Pending, telemetry.Parent(ctx), 1, now, now
	m.DueAt = time.Unix(0, 0).UTC() // whoever's clock is asked
	c.create(document(c.store.outbox(), m.ID), m)
	c.owed++
}

// owed counts the messages that were written with their cause.
var owed = telemetry.Counter("cascade.messages.owed", "Messages written with their cause")

// UpdateMessage writes a message as it was read and changed.
func (c *Commit) UpdateMessage(m *outbox.Message) {
	c.update(document(c.store.outbox(), m.ID), m, m.Version)
}

// PutAside puts a message aside that cannot be read, whatever it holds. Where it is
// gone, or cannot even be written, there is an error.
func (s *Store) PutAside(ctx context.Context, id, why string) error {
	ref := document(s.outbox(), id)
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	_, err := ref.Update(ctx, []firestore.Update{{Path: "state", Value: outbox.SetAside}, {Path: "failure", Value: why}, {Path: "dueAt", Value: time.Time{}}})
	if err != nil {
		return failed(err, "put a message aside")
	}
	return nil
}

// Quota reads how much of a quota is used.
func (s *Store) Quota(ctx context.Context, id string) (*outbox.Quota, error) {
	all, err := byID(ctx, s, s.client.Collection("quotas"), []string{id}, "quotas",
		func(q *outbox.Quota, snap *firestore.DocumentSnapshot) {
			q.ID, q.Version = snap.Ref.ID, snap.UpdateTime
		},
		func(q *outbox.Quota) string { return q.ID })
	if err != nil {
		return nil, err
	}
	if q, ok := all[id]; ok {
		return q, nil
	}
	return &outbox.Quota{ID: id, Schema: 1}, nil
}

// SaveQuota writes a quota as it was read and changed.
func (c *Commit) SaveQuota(q *outbox.Quota) {
	ref := document(c.store.client.Collection("quotas"), q.ID)
	if q.Version.IsZero() {
		c.create(ref, q)
		return
	}
	c.update(ref, q, q.Version)
}
