// Package reminders is the function that turns what is due into messages at each
// tick of its schedule.
package reminders

import (
	"context"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

func init() { serve.Register("reminders", New) }

// reminders is what the handlers work with.
type reminders struct{ *serve.Runtime }

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	t := &reminders{rt}
	events := cloudevent.Handlers{
		Schedules: map[schedule.Name]func(context.Context) error{schedule.RemindersTick: t.tick},
		Beat:      rt.Beat,
	}.Handler()
	routes := serve.NewRoutes(rt, nil)
	routes.Machine("POST "+cloudevent.Path, access.Events, events)
	return routes, nil
}
