package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// patience is how long a sweep goes on: less than the time for which its caller waits,
// and until about when the next one starts.
const patience = 45 * time.Second

// sweep sends what is due, in all programmes at once, so that one with many messages
// does not hold up another's few.
func (s *sender) sweep(ctx context.Context) error {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	until := time.Now().Add(patience)
	errs := make([]error, len(all))
	var sweeping errgroup.Group
	sweeping.SetLimit(atOnce)
	for i, p := range all {
		sweeping.Go(func() error {
			errs[i] = s.sweepProgramme(ctx, p.ID, until)
			return nil
		})
	}
	_ = sweeping.Wait() // their errors are in errs
	return errors.Join(append(errs, ctx.Err())...)
}

// sweepProgramme sends what is due in one programme, until nothing more is or no more
// may be sent for now.
func (s *sender) sweepProgramme(ctx context.Context, id string, until time.Time) error {
	// Due by the server's clock, which the reading of any document tells.
	server, err := s.Store.Time(ctx)
	if err != nil {
		return err
	}
	now, waits := s.programmeTime(server), time.Duration(0)
	of := metric.WithAttributes(attribute.String("programme", id))
	var beside sync.WaitGroup
	beside.Go(func() {
		if tried, err := s.Store.Unsettled(ctx, id); err != nil {
			slog.WarnContext(ctx, "since when messages are tried is not known", "programme", id, "error", err)
		} else {
			unsettled.Record(ctx, since(tried, server).Seconds(), of)
		}
	})
	swept, errs, paused := s.work(ctx, func(yield func(*outbox.Message, error) bool) {
		for m, err := range s.Store.Due(ctx, id, server, now) {
			if m != nil {
				waits = max(waits, m.Waits(now))
			}
			if !yield(m, err) {
				return
			}
		}
	}, until)
	oldest.Record(ctx, waits.Seconds(), of)
	beside.Wait()
	if swept > 0 { // most sweeps find nothing
		slog.InfoContext(ctx, "swept", "programme", id, "messages", swept, "failed", len(errs), "paused", paused)
	}
	return errors.Join(errs...)
}

// since is how long ago a time is, and 0 for the zero time.
func since(t, now time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t))
}
