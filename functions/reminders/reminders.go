// Package reminders is the function that does what is due at the ticks of its schedules: it
// turns what is to be told into messages, forgets people who asked for it, and deletes what a
// programme has kept about people for long enough.
package reminders

import (
	"context"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/forget"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

func init() { serve.Register("reminders", New) }

// reminders is what the handlers work with.
type reminders struct{ *serve.Runtime }

// forget goes on with those who are to be forgotten.
func (t *reminders) forget(ctx context.Context) error {
	return forget.Sweep{Store: t.Store, Keys: t.Erasure, Now: t.Now}.Do(ctx)
}

// letPast goes on with what was kept for long enough.
func (t *reminders) letPast(ctx context.Context) error {
	return retention.Scheduled(t.Store, t.Now).Do(ctx)
}

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	t := &reminders{rt}
	events := cloudevent.Handlers{
		Schedules: map[schedule.Name]func(context.Context) error{
			schedule.RemindersTick: t.tick, schedule.ErasureSweep: t.forget, schedule.RetentionSweep: t.letPast,
		},
		Beat: rt.Beat,
	}.Handler()
	routes := serve.NewRoutes(rt, nil)
	routes.Machine("POST "+cloudevent.Path, access.Events, events)
	return routes, nil
}
