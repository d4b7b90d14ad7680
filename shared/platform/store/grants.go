package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

func (s *Store) grants(p string) *firestore.DocumentRef {
	return document(s.in(p, "grants"), "sessions")
}

// Grants reads how many further sessions a programme has given: none, where nothing is kept.
func (s *Store) Grants(ctx context.Context, p string) (*pairing.Grants, error) {
	g := new(pairing.Grants)
	snap, err := read(ctx, s.grants(p), "further sessions", g)
	if fault.Is(err, fault.NotFound) {
		return new(pairing.Grants), nil
	}
	if err != nil {
		return nil, err
	}
	g.Version = snap.UpdateTime
	return g, nil
}

// SaveGrants writes how many further sessions a programme has given, as it was read and changed.
func (c *Commit) SaveGrants(p string, g *pairing.Grants, now time.Time) {
	g.UpdatedAt = now
	if g.Version.IsZero() {
		g.CreatedAt = now
		c.create(c.store.grants(p), g)
		return
	}
	c.update(c.store.grants(p), g, g.Version)
}

// furthers are the pairings in which a further session waits for a coordinator, the first due
// first.
func (s *Store) furthers(p string) firestore.Query {
	return s.pairings(p).Where("further.answerBy", ">", time.Unix(0, 0)).OrderBy("further.answerBy", firestore.Asc)
}

// Furthers lists the pairings in which a further session waits for a coordinator, the first due
// first: a hundred at most.
func (s *Store) Furthers(ctx context.Context, p string) ([]*pairing.Pairing, error) {
	return list(ctx, s.furthers(p).Limit(100), "pairings", pairingAt)
}

// countFurthers counts them, and those that are late, up to a hundred, with until when the first is
// to be answered.
func (s *Store) countFurthers(ctx context.Context, p string, n *message.Concerns) error {
	all, err := list(ctx, s.furthers(p).Select("further.answerBy").Limit(100), "pairings", pairingAt)
	for _, pair := range all {
		if pair.Further.AnswerBy.Before(s.now()) {
			n.LateFurther++
		}
	}
	if n.Further = len(all); n.Further > 0 {
		n.FurtherDue = all[0].Further.AnswerBy
	}
	return err
}
