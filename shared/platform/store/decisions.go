package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func (s *Store) decisions(p string) *firestore.CollectionRef { return s.in(p, "decisions") }

func decisionAt(d *pairing.Decision, snap *firestore.DocumentSnapshot) {
	d.ID, d.Version = snap.Ref.ID, snap.UpdateTime
}

// Decisions lists what coordinators decided about pairs of a programme, also what
// was lifted, by pair.
func (s *Store) Decisions(ctx context.Context, p string) ([]*pairing.Decision, error) {
	return listAll(ctx, s.decisions(p).Query, time.Time{}, "decisions", decisionAt)
}

// DecisionsOn lists those of which somebody is the side of a role.
func (s *Store) DecisionsOn(ctx context.Context, p string, role programme.Role, id string) ([]*pairing.Decision, error) {
	return listAll(ctx, s.decisions(p).Where(string(role), "==", id), time.Time{}, "decisions", decisionAt)
}

// CreateDecision adds a new decision, and counts it in the programme's latest run,
// which may be nil before the first one: a run or a release that did not know of the
// decision then comes too late.
func (c *Commit) CreateDecision(p string, d *pairing.Decision, latest *Run) {
	c.create(document(c.store.decisions(p), d.ID), d)
	c.decided(p, latest)
}

// UpdateDecision writes a decision as it was read and lifted, see CreateDecision.
func (c *Commit) UpdateDecision(p string, d *pairing.Decision, latest *Run) {
	c.update(document(c.store.decisions(p), d.ID), d, d.Version)
	c.decided(p, latest)
}

func (c *Commit) decided(p string, latest *Run) {
	if latest != nil {
		latest.Decided++
		c.UpdateRun(p, latest)
	}
}
