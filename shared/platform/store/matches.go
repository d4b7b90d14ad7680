package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func (s *Store) match(p, run, id string) *firestore.DocumentRef {
	return document(s.ofRun(p, run, "matches"), id)
}

func matchAt(m *pairing.Match, snap *firestore.DocumentSnapshot) {
	m.ID, m.Run, m.Version = snap.Ref.ID, snap.Ref.Parent.Parent.ID, snap.UpdateTime
}

// Match is one match of a run.
func (h *BatchReader) Match(p, run, id string) (*pairing.Match, error) {
	return take(h, h.store.match(p, run, id), "match", matchAt)
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

// MatchRef names a match.
type MatchRef struct{ Run, ID string }

// MatchesOf reads matches by name; one that is not there is nil.
func (s *Store) MatchesOf(ctx context.Context, p string, names []MatchRef) ([]*pairing.Match, error) {
	refs := make([]*firestore.DocumentRef, len(names))
	for i, n := range names {
		refs[i] = s.match(p, n.Run, n.ID)
	}
	return readAll(ctx, s, refs, "matches", matchAt)
}

// proposals are what the programme's latest run proposed and nobody released: what
// other runs proposed is seen by nobody.
func (s *Store) proposals(p *programme.Programme) firestore.Query {
	if p.Run == "" {
		return s.client.Collection(nowhere).Query
	}
	return s.ofRun(p.ID, p.Run, "matches").Where("state", "==", pairing.Proposed)
}

// Proposals lists the matches that wait for a coordinator to release them.
func (s *Store) Proposals(ctx context.Context, p *programme.Programme) ([]*pairing.Match, error) {
	return listAll(ctx, s.proposals(p), time.Time{}, "matches", matchAt)
}

// CountProposals counts the matches that wait for a coordinator to release them.
func (s *Store) CountProposals(ctx context.Context, p *programme.Programme) (int, error) {
	return count(ctx, s.proposals(p), "matches")
}

// out are the matches of all runs in any of the states, which are some of pairing.Out.
func (s *Store) out(p string, states []pairing.MatchState) firestore.Query {
	return s.client.CollectionGroup("matches").Where("programme", "==", p).Where("state", "in", states)
}

// Matches lists a programme's matches of all runs in any of the states, which are
// some of pairing.Out. Those that are proposed lists Proposals.
func (s *Store) Matches(ctx context.Context, p string, states ...pairing.MatchState) ([]*pairing.Match, error) {
	return listAll(ctx, s.out(p, states), time.Time{}, "matches", matchAt)
}

// CountMatches counts a programme's matches of all runs in any of the states, which
// are some of pairing.Out.
func (s *Store) CountMatches(ctx context.Context, p string, states ...pairing.MatchState) (int, error) {
	return count(ctx, s.out(p, states), "matches")
}

// pairOf are the fields of a match that say who is in it.
var pairOf = []string{"client.enrolment", "consultant.enrolment"}

// MatchedPairs lists who is matched in a programme, by ids alone: those proposed now,
// and those that are released or accepted.
func (s *Store) MatchedPairs(ctx context.Context, p *programme.Programme) ([]*pairing.Match, error) {
	all, err := listAll(ctx, s.proposals(p).Select(pairOf...), time.Time{}, "matches", matchAt)
	if err != nil {
		return nil, err
	}
	out, err := listAll(ctx, s.out(p.ID, []pairing.MatchState{pairing.Released, pairing.Accepted}).Select(pairOf...), time.Time{}, "matches", matchAt)
	return append(all, out...), err
}

// CreateMatch adds a match to its run.
func (c *Commit) CreateMatch(p string, m *pairing.Match) {
	ref := c.store.match(p, m.Run, m.ID)
	c.create(ref, m)
	c.due(ref, m.DueAt)
}

// UpdateMatch writes a match as it was read and changed.
func (c *Commit) UpdateMatch(p string, m *pairing.Match) {
	ref := c.store.match(p, m.Run, m.ID)
	c.update(ref, m, m.Version)
	c.due(ref, m.DueAt)
}
