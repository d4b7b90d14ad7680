package people

import (
	"context"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// assign adds to a commit that someone's matches and pairings go over from the
// supervisor was to the one whom they have now.
func (h Handlers) assign(ctx context.Context, c *store.Commit, p *programme.Programme, e *enrolment.Enrolment, was string, now time.Time) error {
	both, err := h.Store.SupervisorsOf(ctx, p.ID, []string{was, e.Supervisor})
	if err != nil {
		return err
	}
	from, to := both[was], both[e.Supervisor]
	if to == nil && e.Supervisor != "" {
		return &fault.Invalid{Fields: []fault.Field{{Name: "supervisor", Message: "Select a supervisor from the list"}}}
	}
	if err := supervision.Transfer(e, from, to); err != nil {
		return err
	}
	if len(e.Places) > 0 {
		for _, supervisor := range both {
			supervisor.UpdatedAt = now
			c.UpdateSupervisor(p.ID, supervisor)
		}
	}
	if was != "" {
		site.GuardRuns(c, p, now)
	}
	return nil
}
