// Package reminders is the function that turns what is due into messages at each
// tick of its schedule.
package reminders

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/event"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

func init() { serve.Register("reminders", New) }

// teller is what the handlers work with.
type teller struct{ *serve.Runtime }

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	t := &teller{rt}
	events := event.Handlers{
		Schedule: func(ctx context.Context, _ string) error { return t.tick(ctx) },
	}.Handler()
	mux := http.NewServeMux()
	mux.Handle("POST "+event.Path, events)
	return mux, nil
}

// page is how many due sessions one look takes up.
const page = 100

// tick looks at every session about which something is due. Its work grows with
// what is due, not with the programme: each session says when to look again.
func (t *teller) tick(ctx context.Context) error {
	now := t.Now()
	for {
		due, err := t.Store.DueSessions(ctx, now, page)
		if err != nil {
			return err
		}
		var errs []error
		for _, s := range due {
			errs = append(errs, t.remind(ctx, s, now))
		}
		if err := errors.Join(errs...); err != nil || len(due) < page {
			if len(due) > 0 { // most ticks find nothing
				slog.InfoContext(ctx, "tick", "sessions", len(due))
			}
			return err
		}
	}
}

// remind owes what is due about one session and says when to look again, in one
// commit. A session that changed meanwhile is looked at by the next tick.
func (t *teller) remind(ctx context.Context, s *pairing.Session, now time.Time) error {
	p, err := t.Store.Programme(ctx, s.Programme)
	if err != nil {
		return err
	}
	owed, next := reminder.Due(s, p.Location(), s.DueAt, now)
	c := t.Store.Commit()
	s.DueAt, s.UpdatedAt = next, now
	c.UpdateSession(s)
	for _, o := range owed {
		to := s.Enrolment(o.Role)
		kind := outbox.Kind(o.Kind)
		c.Owe(ctx, outbox.Message{
			ID: outbox.ID(kind, to, s.Pairing+"/"+s.ID, s.StartsAt.UTC().Format(time.RFC3339)), Kind: kind,
			Programme: s.Programme, To: to, Role: o.Role, Pairing: s.Pairing, Session: s.ID,
		}, now)
	}
	if err := c.Do(ctx); err != nil && !store.Beaten(err) {
		return err
	}
	return nil
}
