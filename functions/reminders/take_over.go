package reminders

import (
	"context"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// takesOver is whoever has confirmed that they lead an organisation now, whose place before is
// still to end; nil for any other document. The public forms, where they confirm, read no
// pairings.
func (s *subject) takesOver() *enrolment.Enrolment {
	if e, ok := s.doc.(*enrolment.Enrolment); ok && e.TakesOver && e.State != enrolment.Withdrawn {
		return e
	}
	return nil
}

// takeOver ends the place of who led somebody's organisation before, in one commit; the next look
// at them is for what else is due.
func (t *reminders) takeOver(ctx context.Context, s *subject, heir *enrolment.Enrolment) error {
	ch := &matches.Change{Store: t.Store, Commit: t.Store.Commit(), Programme: s.programme, Now: t.Now()}
	if err := ch.TakeOver(ctx, heir); err != nil {
		return err
	}
	ch.Audit(store.AuditEntry{Programme: s.programme.ID, By: heir.ID, Did: "took the place of who led the organisation before", To: heir.ID, At: ch.Now})
	return ch.Do(ctx)
}
