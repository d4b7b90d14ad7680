package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func (s *Store) pairings(p string) *firestore.CollectionRef { return s.in(p, "pairings") }

// of is a collection of a pairing, or nowhere for ids that cannot be one.
func (s *Store) of(p, pairingID, collection string) *firestore.CollectionRef {
	if ref := document(s.pairings(p), pairingID); ref != nil {
		return ref.Collection(collection)
	}
	return s.client.Collection(nowhere)
}

func pairingAt(pair *pairing.Pairing, snap *firestore.DocumentSnapshot) {
	pair.ID, pair.Version = snap.Ref.ID, snap.UpdateTime
}

func sessionAt(session *pairing.Session, snap *firestore.DocumentSnapshot) {
	session.ID, session.Version = snap.Ref.ID, snap.UpdateTime
}

// Pairing is one pairing.
func (h *BatchReader) Pairing(p, id string) (*pairing.Pairing, error) {
	return take(h, document(h.store.pairings(p), id), "pairing", pairingAt)
}

// Session is one session of a pairing.
func (h *BatchReader) Session(p, pairingID, id string) (*pairing.Session, error) {
	return take(h, document(h.store.of(p, pairingID, "sessions"), id), "session", sessionAt)
}

// Pairing reads one pairing.
func (s *Store) Pairing(ctx context.Context, p, id string) (*pairing.Pairing, error) {
	pair := new(pairing.Pairing)
	snap, err := read(ctx, document(s.pairings(p), id), "pairing", pair)
	if err != nil {
		return nil, err
	}
	pairingAt(pair, snap)
	return pair, nil
}

// Pairings lists a programme's pairings, the longest standing first.
func (s *Store) Pairings(ctx context.Context, p string) ([]*pairing.Pairing, error) {
	return list(ctx, s.pairings(p).OrderBy("startedAt", firestore.Asc), "pairings", pairingAt)
}

// PairingsOf reads pairings of a programme by id, into a map that lacks those which
// are not there.
func (s *Store) PairingsOf(ctx context.Context, p string, ids []string) (map[string]*pairing.Pairing, error) {
	return byID(ctx, s, s.pairings(p), ids, "pairings", pairingAt, func(pair *pairing.Pairing) string { return pair.ID })
}

// PairingsWith lists all pairings that the person of an enrolment has had in a programme, in
// whichever role.
func (s *Store) PairingsWith(ctx context.Context, p, enrolmentID string) ([]*pairing.Pairing, error) {
	return list(ctx, s.pairingsOf(p, enrolmentID), "pairings", pairingAt)
}

// pairingsOf are those in which the person of an enrolment was, on whichever side.
func (s *Store) pairingsOf(p, enrolmentID string) firestore.Query {
	var either firestore.OrFilter
	for _, side := range programme.Roles {
		either.Filters = append(either.Filters, firestore.PropertyFilter{Path: string(side), Operator: "in", Value: inAnyRole(enrolmentID)})
	}
	return s.pairings(p).WhereEntity(either)
}

// PairingsAt lists up to n pairings whose milestone still waits for its invitations.
func (s *Store) PairingsAt(ctx context.Context, p string, n int, milestones ...pairing.Milestone) ([]*pairing.Pairing, error) {
	return list(ctx, s.pairings(p).Where("milestone", "in", milestones).Limit(n), "pairings", pairingAt)
}

// CountPairings counts a programme's pairings in any of the states.
func (s *Store) CountPairings(ctx context.Context, p string, states ...pairing.State) (int, error) {
	return count(ctx, s.pairings(p).Where("state", "in", states), "pairings")
}

// CreatePairing adds a new pairing.
func (c *Commit) CreatePairing(p string, pair *pairing.Pairing) {
	ref := document(c.store.pairings(p), pair.ID)
	c.create(ref, pair)
	c.due(ref, pair.DueAt)
}

// UpdatePairing writes a pairing as it was read and changed.
func (c *Commit) UpdatePairing(p string, pair *pairing.Pairing) {
	ref := document(c.store.pairings(p), pair.ID)
	c.update(ref, pair, pair.Version)
	c.due(ref, pair.DueAt)
}

// Session reads one session of a pairing.
func (s *Store) Session(ctx context.Context, p, pairingID, id string) (*pairing.Session, error) {
	session := new(pairing.Session)
	snap, err := read(ctx, document(s.of(p, pairingID, "sessions"), id), "session", session)
	if err != nil {
		return nil, err
	}
	sessionAt(session, snap)
	return session, nil
}

// Sessions lists a pairing's sessions by number.
func (s *Store) Sessions(ctx context.Context, p, pairingID string) ([]*pairing.Session, error) {
	return list(ctx, s.of(p, pairingID, "sessions").OrderBy("number", firestore.Asc), "sessions", sessionAt)
}

// CreateSession adds a new session to its pairing.
func (c *Commit) CreateSession(session *pairing.Session) {
	ref := document(c.store.of(session.Programme, session.Pairing, "sessions"), session.ID)
	c.create(ref, session)
	c.due(ref, session.DueAt)
}

// UpdateSession writes a session as it was read and changed.
func (c *Commit) UpdateSession(session *pairing.Session) {
	ref := document(c.store.of(session.Programme, session.Pairing, "sessions"), session.ID)
	c.update(ref, session, session.Version)
	c.due(ref, session.DueAt)
}

// log is where one side's log of a session stands. There is at most one.
func (s *Store) log(p, pairingID, session string, role programme.Role) *firestore.DocumentRef {
	return document(s.of(p, pairingID, "logs"), session+"-"+string(role))
}

func logAt(l *pairing.Log, snap *firestore.DocumentSnapshot) { l.Version = snap.UpdateTime }

// CreateLog adds one side's log of a session.
func (c *Commit) CreateLog(p, pairingID string, l *pairing.Log) {
	c.create(c.store.log(p, pairingID, l.Session, l.Role), l)
}

// UpdateLog writes a log as it was read and amended.
func (c *Commit) UpdateLog(p, pairingID string, l *pairing.Log) {
	c.update(c.store.log(p, pairingID, l.Session, l.Role), l, l.Version)
}

// Logs lists one side's own logs of a pairing.
func (s *Store) Logs(ctx context.Context, p, pairingID string, role programme.Role) ([]*pairing.Log, error) {
	return list(ctx, s.of(p, pairingID, "logs").Where("role", "==", role), "logs", logAt)
}

// shared is where stands what one side shares of a session. There is at most one.
func (s *Store) shared(p, pairingID, session string, role programme.Role) *firestore.DocumentRef {
	return document(s.of(p, pairingID, "shared"), session+"-"+string(role))
}

func sharedAt(x *pairing.Shared, snap *firestore.DocumentSnapshot) { x.Version = snap.UpdateTime }

// Words are a session, what one side wrote of it, or nil, and what they share of that.
func (s *Store) Words(ctx context.Context, p, pairingID, id string, role programme.Role) (session *pairing.Session, l *pairing.Log, shared *pairing.Shared, err error) {
	h := s.BatchReader()
	for range 2 { // what is asked for is there the second time
		session, err = h.Session(p, pairingID, id)
		var none, nothing error
		l, none = take(h, s.log(p, pairingID, id, role), "log", logAt)
		if shared, nothing = take(h, s.shared(p, pairingID, id, role), "what is shared", sharedAt); fault.Is(nothing, fault.NotFound) {
			shared, nothing = &pairing.Shared{Session: id, Role: role}, nil
		}
		if !fault.Is(none, fault.NotFound) {
			err = cmp.Or(err, none)
		}
		if err = cmp.Or(err, nothing); !errors.Is(err, message.ErrLater) {
			return session, l, shared, err
		}
		if _, err := h.Fetch(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	return nil, nil, nil, err
}

// Work is what the two of a pairing did together, as one side of it may see that.
type Work struct {
	// Sessions are by number.
	Sessions []*pairing.Session
	// Logs are the side's own, and Shared what the other shares.
	Logs   []*pairing.Log
	Shared []*pairing.Shared
	// Notebook is what both keep together.
	Notebook *pairing.Notebook
}

// notebook is where stands what the two of a pairing keep together.
func (s *Store) notebook(p, pairingID string) *firestore.DocumentRef {
	return document(s.of(p, pairingID, "notebooks"), "both")
}

func notebookAt(n *pairing.Notebook, snap *firestore.DocumentSnapshot) { n.Version = snap.UpdateTime }

// Notebook reads what the two of a pairing keep together: an empty one, where that is nothing.
func (s *Store) Notebook(ctx context.Context, p string, pair *pairing.Pairing) (*pairing.Notebook, error) {
	n := new(pairing.Notebook)
	snap, err := read(ctx, s.notebook(p, pair.ID), "notebook", n)
	if fault.Is(err, fault.NotFound) {
		return pairing.NewNotebook(pair), nil
	}
	if err != nil {
		return nil, err
	}
	notebookAt(n, snap)
	return n, nil
}

// SaveNotebook writes what the two of a pairing keep together, as it was read and changed.
func (c *Commit) SaveNotebook(p string, n *pairing.Notebook, now time.Time) {
	n.UpdatedAt = now
	if n.Version.IsZero() {
		n.CreatedAt = now
		c.create(c.store.notebook(p, n.Pairing), n)
		return
	}
	c.update(c.store.notebook(p, n.Pairing), n, n.Version)
}

// endingOf is where stands what one side writes at the end of a pairing.
func (s *Store) endingOf(p, pairingID string, role programme.Role) *firestore.DocumentRef {
	return document(s.of(p, pairingID, "endings"), string(role))
}

// Ending reads what one side wrote at the end of a pairing: an empty one, where that is nothing.
func (s *Store) Ending(ctx context.Context, p, pairingID string, role programme.Role) (*pairing.Ending, error) {
	e := new(pairing.Ending)
	snap, err := read(ctx, s.endingOf(p, pairingID, role), "ending", e)
	if fault.Is(err, fault.NotFound) {
		return &pairing.Ending{Role: role}, nil
	}
	if err != nil {
		return nil, err
	}
	e.Version = snap.UpdateTime
	return e, nil
}

// SaveEnding writes what one side writes at the end, as it was read and changed.
func (c *Commit) SaveEnding(p, pairingID string, e *pairing.Ending) {
	ref := c.store.endingOf(p, pairingID, e.Role)
	if e.Version.IsZero() {
		e.CreatedAt = e.UpdatedAt
		c.create(ref, e)
		return
	}
	c.update(ref, e, e.Version)
}

// Work reads what the two of a pairing did, for one side of it.
func (s *Store) Work(ctx context.Context, p string, pair *pairing.Pairing, role programme.Role) (*Work, error) {
	w, pairingID := new(Work), pair.ID
	err := InParallel(ctx, func(ctx context.Context) (err error) {
		w.Sessions, err = s.Sessions(ctx, p, pairingID)
		return err
	}, func(ctx context.Context) (err error) {
		w.Logs, err = s.Logs(ctx, p, pairingID, role)
		return err
	}, func(ctx context.Context) (err error) {
		w.Notebook, err = s.Notebook(ctx, p, pair)
		return err
	}, func(ctx context.Context) (err error) {
		w.Shared, err = list(ctx, s.of(p, pairingID, "shared").Where("role", "==", role.Other()), "what is shared", sharedAt)
		return err
	})
	return w, err
}

// SaveShared writes what one side shares of a session, as it was read and changed.
func (c *Commit) SaveShared(p, pairingID string, x *pairing.Shared) {
	ref := c.store.shared(p, pairingID, x.Session, x.Role)
	if x.Version.IsZero() {
		x.CreatedAt = x.UpdatedAt
		c.create(ref, x)
		return
	}
	c.update(ref, x, x.Version)
}

// Pairs lists who is in a programme's pairings and how far they came, by ids alone.
func (s *Store) Pairs(ctx context.Context, p string) ([]*pairing.Pairing, error) {
	return list(ctx, s.pairings(p).Select("client", "consultant", "held", "state"), "pairings", pairingAt)
}

// stopped are who was in pairings that were stopped.
func (s *Store) stopped(p string) firestore.Query {
	return s.pairings(p).Where("state", "==", pairing.Stopped).Select("client", "consultant")
}

// SessionsFrom lists the sessions of several pairings that start at a time or later.
// An id that is of no pairing has none.
func (s *Store) SessionsFrom(ctx context.Context, p string, pairings []string, from time.Time) ([]*pairing.Session, error) {
	found := make([][]*pairing.Session, len(pairings))
	var all []func(context.Context) error
	for i, id := range pairings {
		all = append(all, func(ctx context.Context) (err error) {
			if from.IsZero() {
				found[i], err = s.Sessions(ctx, p, id)
			} else {
				found[i], err = list(ctx, s.of(p, id, "sessions").Where("startsAt", ">=", from), "sessions", sessionAt)
			}
			return err
		})
	}
	if err := InParallel(ctx, all...); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}
