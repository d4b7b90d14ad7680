package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// Run is one matching run: how many it matched, and why others were not.
type Run struct {
	ID          string               `firestore:"-"`
	Clients     int                  `firestore:"clients"`
	Consultants int                  `firestore:"consultants"`
	Matched     int                  `firestore:"matched"`
	Score       int                  `firestore:"score"`
	Unmatched   []matching.Unmatched `firestore:"unmatched"`
	Schema      int                  `firestore:"schema"`
	CreatedAt   time.Time            `firestore:"createdAt"`
	UpdatedAt   time.Time            `firestore:"updatedAt"`
}

func (s *Store) runs(p string) *firestore.CollectionRef { return s.in(p, "runs") }

func (s *Store) match(p, run, id string) *firestore.DocumentRef {
	if ref := document(s.runs(p), run); ref != nil {
		return document(ref.Collection("matches"), id)
	}
	return nil
}

func matchAt(m *pairing.Match, snap *firestore.DocumentSnapshot) {
	m.ID, m.Run, m.Version = snap.Ref.ID, snap.Ref.Parent.Parent.ID, snap.UpdateTime
}

// Run reads one matching run.
func (s *Store) Run(ctx context.Context, p, id string) (*Run, error) {
	r := new(Run)
	snap, err := read(ctx, document(s.runs(p), id), "matching run", r)
	if err != nil {
		return nil, err
	}
	r.ID = snap.Ref.ID
	return r, nil
}

// Runs lists a programme's matching runs, newest first.
func (s *Store) Runs(ctx context.Context, p string) ([]*Run, error) {
	return list(ctx, s.runs(p).OrderBy("createdAt", firestore.Desc).Limit(50), "matching runs",
		func(r *Run, snap *firestore.DocumentSnapshot) { r.ID = snap.Ref.ID })
}

// Match reads one match of a run.
func (s *Store) Match(ctx context.Context, p, run, id string) (*pairing.Match, error) {
	m := new(pairing.Match)
	snap, err := read(ctx, s.match(p, run, id), "match", m)
	if err != nil {
		return nil, err
	}
	matchAt(m, snap)
	return m, nil
}

// Matches lists a programme's matches of all runs in any of the states.
func (s *Store) Matches(ctx context.Context, p string, states ...pairing.MatchState) ([]*pairing.Match, error) {
	return list(ctx, s.client.CollectionGroup("matches").Where("programme", "==", p).Where("state", "in", states), "matches", matchAt)
}

// CountMatches counts a programme's matches of all runs in any of the states.
func (s *Store) CountMatches(ctx context.Context, p string, states ...pairing.MatchState) (int, error) {
	return count(ctx, s.client.CollectionGroup("matches").Where("programme", "==", p).Where("state", "in", states), "matches")
}

// CreateRun adds a new matching run.
func (c *Commit) CreateRun(p string, r *Run) { c.create(document(c.store.runs(p), r.ID), r) }

// CreateMatch adds a match to its run.
func (c *Commit) CreateMatch(p string, m *pairing.Match) {
	c.create(c.store.match(p, m.Run, m.ID), m)
}

// UpdateMatch writes a match as it was read and changed.
func (c *Commit) UpdateMatch(p string, m *pairing.Match) {
	c.update(c.store.match(p, m.Run, m.ID), m, m.Version)
}

// MatchedPairs lists who was matched in a programme and not declined, by ids alone.
func (s *Store) MatchedPairs(ctx context.Context, p string) ([]*pairing.Match, error) {
	return list(ctx, s.client.CollectionGroup("matches").Where("programme", "==", p).
		Where("state", "in", []pairing.MatchState{pairing.Proposed, pairing.Released, pairing.Accepted}).
		Select("client.enrolment", "consultant.enrolment"), "matches", matchAt)
}
