package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"time"

	"cloud.google.com/go/firestore"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/api/iterator"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// lanesOfKinds gives each message its lane. Those that a version without lanes wrote, or
// writes meanwhile, are found by their shape, see inLane: none has to be changed to be sent.
var lanesOfKinds = Migration{
	Collection: "outbox", To: 2, Why: "so that emails to who is known are found without those to strangers",
	Change: func(fields map[string]any) error {
		kind, _ := fields["kind"].(string)
		fields["lane"] = string(message.LaneOf(outbox.Kind(kind)))
		return nil
	},
}

// inLane asks for messages of a lane, and for those of all lanes that have none yet. It goes
// when lanesOfKinds does.
func inLane(lane outbox.Lane) firestore.OrFilter {
	return firestore.OrFilter{Filters: []firestore.EntityFilter{
		firestore.PropertyFilter{Path: "lane", Operator: "==", Value: lane},
		firestore.PropertyFilter{Path: "schema", Operator: "==", Value: lanesOfKinds.To - 1},
	}}
}

func (s *Store) outbox() *firestore.CollectionRef { return s.client.Collection("outbox") }

func messageAt(m *outbox.Message, snap *firestore.DocumentSnapshot) {
	m.ID, m.Version, m.ReadAt = snap.Ref.ID, snap.UpdateTime, snap.ReadTime
}

// Message is one message.
func (h *BatchReader) Message(id string) (*outbox.Message, error) {
	return take(h, document(h.store.outbox(), id), "message", messageAt)
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

// Unreadable is a message that is there and does not hold what it should.
type Unreadable struct{ ID string }

func (e *Unreadable) Error() string { return "message " + e.ID + ": " + ErrUnreadable.Error() }

// Unwrap makes it ErrUnreadable.
func (e *Unreadable) Unwrap() error { return ErrUnreadable }

// Due goes through the messages of a programme in a lane about which something is to be
// done: at the server's time those that a sender left behind or that are in doubt, at the
// programme's those that wait for a sender; the longest waiting first. One that cannot be read is an *Unreadable, and the rest follow; any
// other error ends it.
func (s *Store) Due(ctx context.Context, p string, lane outbox.Lane, server, now time.Time) iter.Seq2[*outbox.Message, error] {
	last := server
	if now.After(last) {
		last = now
	}
	// No state is asked for: where nothing is to be done, there is no dueAt, or the zero
	// time in what an earlier version wrote.
	q := s.outbox().Where("programme", "==", p).WhereEntity(inLane(lane)).Where("dueAt", ">", time.Time{}).Where("dueAt", "<=", last).OrderBy("dueAt", firestore.Asc)
	return func(yield func(*outbox.Message, error) bool) {
		for next := q; ; {
			p, more := readPage(ctx, next.Limit(DueAtOnce)), true
			for f := range p.found {
				if f.message != nil {
					f.message.ReadAt = p.now()
					if f.message.Lane != lane || !f.message.Due(server, now) {
						continue // it was written without a lane, or is due by the other clock
					}
				}
				if more = yield(f.message, f.err); !more {
					break
				}
			}
			p.end()
			switch {
			case !more:
				return
			case p.err != nil:
				yield(nil, failed(p.err, "list messages"))
				return
			case p.n < DueAtOnce:
				return
			}
			next = q.StartAfter(p.last)
		}
	}
}

// DueAtOnce is how many due messages are read together, and held in memory at most.
const DueAtOnce = 10_000

// page is messages of one query, which are gone through while it still brings more:
// sending them takes longer than a query may.
type page struct {
	found chan found // with room for all, so that the query waits for nobody
	end   func()     // ends the reading; what follows can be read then
	n     int
	last  *firestore.DocumentSnapshot
	err   error
	// read is the server's time of the reading, which came at a time of ours; both are
	// there with the first message.
	read, came time.Time
}

// found is a message, or why it cannot be read.
type found struct {
	message *outbox.Message
	err     error
}

func readPage(ctx context.Context, q firestore.Query) *page {
	ctx, cancel := context.WithTimeout(ctx, 3*deadline)
	p := new(page)
	docs := q.Documents(ctx)
	snap, err := docs.Next()
	if err == nil { // most looks find nothing, and need no room
		p.found = make(chan found, DueAtOnce)
		p.read, p.came = snap.ReadTime, time.Now()
	} else {
		p.found = make(chan found)
	}
	p.end = func() {
		cancel()
		for range p.found { // until it is closed
		}
	}
	go func() {
		defer close(p.found)
		defer docs.Stop()
		for ; err == nil; snap, err = docs.Next() {
			m, unreadable := messageOf(snap)
			p.n, p.last = p.n+1, snap
			p.found <- found{m, unreadable}
		}
		if !errors.Is(err, iterator.Done) {
			p.err = err
		}
	}()
	return p
}

// now is the server's time while a page is gone through that was read long before: a
// lease that begins at the time of reading would be over too soon. It is behind the
// server's by what the answer took, and never ahead.
func (p *page) now() time.Time {
	return p.read.Add(time.Since(p.came)).Truncate(time.Microsecond)
}

// These goes through messages by id, those that are there, read in one round trip.
func (s *Store) These(ctx context.Context, ids ...string) iter.Seq2[*outbox.Message, error] {
	return func(yield func(*outbox.Message, error) bool) {
		var refs []*firestore.DocumentRef
		for _, id := range ids {
			if ref := document(s.outbox(), id); ref != nil {
				refs = append(refs, ref)
			}
		}
		if len(refs) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		snaps, err := s.client.GetAll(ctx, refs)
		if err != nil {
			yield(nil, failed(err, "read messages"))
			return
		}
		for _, snap := range snaps {
			if snap.Exists() && !yield(messageOf(snap)) {
				return
			}
		}
	}
}

func messageOf(snap *firestore.DocumentSnapshot) (*outbox.Message, error) {
	m := new(outbox.Message)
	if decode(snap, m) != nil {
		return nil, &Unreadable{snap.Ref.ID}
	}
	messageAt(m, snap)
	return m, nil
}

// MaxIn is the most values that a query may ask for by "in".
const MaxIn = 30

// Waiting lists up to n messages to some people, MaxIn of them at most, that wait for
// a sender.
func (s *Store) Waiting(ctx context.Context, p string, people []string, n int) ([]*outbox.Message, error) {
	return list(ctx, s.outbox().Where("programme", "==", p).Where("person", "in", people).Where("state", "==", outbox.Pending).Limit(n), "messages", messageAt)
}

// Messages lists a programme's messages in a state, newest first.
func (s *Store) Messages(ctx context.Context, p string, state outbox.State) ([]*outbox.Message, error) {
	return list(ctx, s.outbox().Where("programme", "==", p).Where("state", "==", state).
		OrderBy("createdAt", firestore.Desc).Limit(100), "messages", messageAt)
}

// MessageOf is the message whose email a provider calls so, or nil. Where several went in
// the same email, it is the one that led it.
func (s *Store) MessageOf(ctx context.Context, provider string) (*outbox.Message, error) {
	all, err := list(ctx, s.outbox().Where("provider", "==", provider).Limit(MaxIn+1), "messages", messageAt)
	for _, m := range all {
		if m.With == "" {
			return m, err
		}
	}
	return nil, err
}

// held are the messages of a programme that wait for a fault of the host's account.
func (s *Store) held(p string) firestore.Query {
	return s.outbox().Where("programme", "==", p).Where("state", "==", outbox.Pending).Where("fault", "in", outbox.Faults)
}

// CountHeld counts the messages that wait for a fault of the host's account.
func (s *Store) CountHeld(ctx context.Context, p string) (int, error) {
	return count(ctx, s.held(p), "messages")
}

// Held lists some of them.
func (s *Store) Held(ctx context.Context, p string) ([]*outbox.Message, error) {
	return list(ctx, s.held(p).Limit(100), "messages", messageAt)
}

// Unsettled is when, by the server's clock, the message was first tried that was so
// the longest ago and has not come to its end, of a programme or of none for "": it is
// refused again and again, in doubt, or its sender does not come back. The zero time
// where there is none.
func (s *Store) Unsettled(ctx context.Context, p string) (time.Time, error) {
	found, err := list(ctx, s.outbox().Where("programme", "==", p).Where("triedAt", ">", time.Time{}).
		OrderBy("triedAt", firestore.Asc).Limit(1).Select("schema", "triedAt"), "messages", messageAt)
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].TriedAt, nil
}

// Enqueue adds a message to the outbox, due at once, as part of the trace in ctx.
func (c *Commit) Enqueue(ctx context.Context, m outbox.Message, now time.Time) {
	m.State, m.Lane, m.Trace, m.CreatedAt, m.UpdatedAt = outbox.Pending, message.LaneOf(m.Kind), telemetry.Parent(ctx), now, now
	// Due at once by whoever's clock is asked, and the first owed is the first sent.
	m.DueAt = now.Add(-headStart)
	c.create(document(c.store.outbox(), m.ID), m)
	c.message(&m, owed)
}

// Withhold adds a message that is not sent, in the place of one that would be: with the same
// work, so that whoever caused it cannot tell.
func (c *Commit) Withhold(ctx context.Context, m outbox.Message, why string, now time.Time) {
	m.State, m.Lane, m.Trace, m.CreatedAt, m.UpdatedAt = outbox.Unwanted, message.LaneOf(m.Kind), telemetry.Parent(ctx), now, now
	m.Failure = why
	c.create(document(c.store.outbox(), m.ID), m)
	c.message(&m, nil)
}

// nobodys is how many messages to nobody there are for each place in a commit: few, so that
// they do not add up, and enough for those who write at the same moment.
const nobodys = 64

// Pretend writes a message to nobody, in the place of one to somebody who is not there: with
// the same work, and nothing is left that tells what was asked for.
func (c *Commit) Pretend(ctx context.Context, kind outbox.Kind, now time.Time) {
	m := message.ToNobody(kind, fmt.Sprintf("%d-%d", c.count, rand.IntN(nobodys)))
	m.State, m.Lane, m.Trace, m.CreatedAt, m.UpdatedAt = outbox.Unwanted, message.LaneOf(kind), telemetry.Parent(ctx), now, now
	m.Failure = "there is nobody to send it to"
	c.set(document(c.store.outbox(), m.ID), m)
}

// headStart is by how much clocks may differ without delaying an email.
const headStart = time.Hour

// UpdateMessage writes a message as it was read and changed.
func (c *Commit) UpdateMessage(m *outbox.Message) {
	c.update(document(c.store.outbox(), m.ID), m, m.Version)
	if m.State == outbox.SetAside {
		c.message(m, aside)
		return
	}
	c.message(m, nil)
}

// PutAside puts a message aside that cannot be read, whatever it holds. Where it is
// gone, or cannot even be written, there is an error.
func (s *Store) PutAside(ctx context.Context, id, why string) error {
	ref := document(s.outbox(), id)
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	_, err := ref.Update(ctx, []firestore.Update{{Path: "state", Value: outbox.SetAside}, {Path: "failure", Value: why}, {Path: "dueAt", Value: firestore.Delete}, {Path: "triedAt", Value: firestore.Delete}, {Path: "code", Value: firestore.Delete}})
	if err != nil {
		return failed(err, "put a message aside")
	}
	slog.ErrorContext(ctx, "message", "id", id, "state", outbox.SetAside, "why", why)
	aside.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", "unreadable")))
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
	return &outbox.Quota{ID: id}, nil
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
