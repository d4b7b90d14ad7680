// Package matching is the function that runs the matching when its schedule fires:
// it proposes, among everybody who is ready, the best set of matches.
//
// A run reads the programme as it stands at one moment, binds itself to what people
// have answered so that they can check it later, solves it, and writes what it
// proposes where nobody looks, in as many commits as it takes. Then one commit makes
// the run the programme's latest, and all of it is seen at once; or none of it, where
// the programme, a release or a rival run came in between. So it can be killed at any
// point: the next tick makes the same proposal again and goes on from what is there.
package matching

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

func init() { serve.Register("matching", New) }

// runner is what the handlers work with.
type runner struct {
	*serve.Runtime
	// most is how many writes a commit holds.
	most int
}

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	r := &runner{rt, store.MaxWrites}
	events := cloudevent.Handlers{
		Schedules: map[schedule.Name]func(context.Context) error{schedule.MatchingRun: r.runAll, schedule.AuditSeal: r.seal},
		Beat:      rt.Beat,
	}.Handler()
	routes := serve.NewRoutes(rt, nil)
	routes.Machine("POST "+cloudevent.Path, access.Events, events)
	return routes, nil
}

// runAll runs every programme whose people are assigned to each other, by a host or
// by what both sides prefer. In a directory people choose for themselves.
func (r *runner) runAll(ctx context.Context) error {
	all, err := r.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		if p.Mode != programme.Directory {
			errs = append(errs, r.run(ctx, p.ID))
		} else {
			errs = append(errs, r.look(ctx, p.ID))
		}
	}
	return errors.Join(errs...)
}

// look finds what a coordinator is to settle where no run does.
func (r *runner) look(ctx context.Context, id string) error {
	at, err := r.Store.MatchingInput(ctx, id)
	if err != nil {
		return err
	}
	return r.keepUnclear(ctx, at)
}

// keepUnclear notes whom people may mean by the organisations that they named. What is
// unclear keeps people apart until a coordinator has said whom it means.
func (r *runner) keepUnclear(ctx context.Context, at *store.MatchingInput) error {
	return r.Store.KeepUnclear(ctx, at.Programme.ID, enrolment.FindUnclear(at.Ready), r.Now())
}

// tries is how often a run is made again at once that came too late.
const tries = 3

// run makes one programme's matching run, and clears up after earlier ones.
func (r *runner) run(ctx context.Context, id string) error {
	ctx, span := telemetry.Span(ctx, "matching run")
	defer span.End()
	for try := 1; ; try++ {
		what, err := r.once(ctx, id)
		if err != nil {
			return err
		}
		if what != beaten {
			break
		}
		slog.InfoContext(ctx, "another change came before a matching run", "programme", id, "try", try)
		if try == tries { // the next tick sees what is left to do
			break
		}
	}
	p, err := r.Store.Programme(ctx, id)
	if err != nil {
		return err
	}
	return r.Store.Sweep(ctx, p, r.Now())
}

// outcome is how a run ended.
type outcome string

// The outcomes. A run that was beaten is seen by nobody: the programme, its latest run
// or a decision changed after it was read.
const (
	nobody    outcome = "nobody to match"
	unchanged outcome = "nothing changed"
	applied   outcome = "applied"
	beaten    outcome = "beaten"
)

// once solves a programme as it is now and applies the proposal. Nobody ready, or all
// as it was at the last run, is no run: nothing is written then.
func (r *runner) once(ctx context.Context, id string) (outcome, error) {
	at, err := r.Store.MatchingInput(ctx, id)
	if err != nil {
		return "", err
	}
	if err := r.keepUnclear(ctx, at); err != nil {
		return "", err
	}
	open := at.Open()
	if len(open.Clients) == 0 || len(open.Consultants) == 0 {
		slog.InfoContext(ctx, "no matching run", "programme", id, "seeking", len(open.Clients), "offering", len(open.Consultants))
		return nobody, nil
	}
	if last := at.Latest; last != nil && last.Withdrawn == 0 && last.Input == open.Digest() {
		return unchanged, nil
	}
	if at.Bound, err = proposal.Commit(&at.Input, at.Programme.Run); err == nil {
		err = r.Store.Bind(ctx, id, at.Bound, r.Now())
	}
	if err != nil {
		return "", err
	}
	proposed, err := proposal.Make(&at.Input, at.Programme.Run)
	if err != nil {
		return "", err
	}
	run, err := r.Store.Prepare(ctx, id, proposed, r.most, r.Now())
	if err != nil {
		return "", err
	}
	if run.State == store.Preparing {
		err = r.Store.Apply(ctx, at, run, r.Now())
	}
	switch {
	case run.State != store.Preparing, errors.Is(err, store.ErrChanged):
		return beaten, nil
	case err != nil:
		return "", err
	}
	slog.InfoContext(ctx, "matching run", "programme", id, "run", proposed.ID, "matched", len(proposed.Matches), "unmatched", len(proposed.Unmatched), "moves", len(proposed.Moves))
	return applied, nil
}
