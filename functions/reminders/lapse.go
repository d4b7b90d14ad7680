package reminders

import (
	"context"
	"fmt"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// lapse ends a match that was not answered in time, gives both people their places back and
// tells them, in one commit. Whoever answers at that moment is first, or is told that it is
// over.
func (t *reminders) lapse(ctx context.Context, s *subject, now time.Time) error {
	m, ok := s.doc.(*pairing.Match)
	if !ok {
		return fmt.Errorf("a %T does not lapse", s.doc)
	}
	p := s.programme
	people, err := matches.Read(ctx, t.Store, p.ID, m.Both()...)
	if err != nil {
		return err
	}
	if !m.Lapse(people.Of(m.Client.Enrolment, m.Consultant.Enrolment), now) {
		return nil
	}
	m.UpdatedAt = now
	c := t.Store.Commit()
	c.UpdateMatch(p.ID, m)
	c.LogTransition("match", m.ID, string(m.State))
	if err := matches.NotContinued(ctx, t.Store, c, p.ID, m, now); err != nil {
		return err
	}
	people.Update(c, now, m)
	c.Looked(s.due, m.DueAt)
	for _, role := range programme.Roles {
		c.Enqueue(ctx, message.MatchLapsed(p, m, role), now)
	}
	return c.Do(ctx)
}
