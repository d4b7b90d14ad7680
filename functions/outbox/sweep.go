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
	"github.com/cascading-leadership/cascade/shared/programme"
)

// patience is how long a sweep goes on: less than the time for which its caller waits,
// and until about when the next one starts.
const patience = 45 * time.Second

// sweep sends what is due: one lane after the other, each in all programmes at once, so that
// one with many messages does not hold up another's few.
func (s *sender) sweep(ctx context.Context) error {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	// Due by the server's clock, which the reading of any document tells.
	server, err := s.Store.Time(ctx)
	if err != nil {
		return err
	}
	read := time.Now()
	until := read.Add(patience)
	var beside sync.WaitGroup
	beside.Go(func() {
		_ = inEach(all, func(programme string) error { s.sinceWhenTried(ctx, programme, server); return nil })
	})
	var errs []error
	for _, lane := range outbox.Lanes {
		errs = append(errs, inEach(all, func(programme string) error {
			return s.sweepLane(ctx, programme, lane, server.Add(time.Since(read)).Truncate(time.Microsecond), until)
		}))
	}
	beside.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// inEach does something in all programmes, in several at once, and in all whatever fails.
func inEach(all []*programme.Programme, do func(programme string) error) error {
	errs := make([]error, len(all))
	var doing errgroup.Group
	doing.SetLimit(atOnce)
	for i, p := range all {
		doing.Go(func() error {
			errs[i] = do(p.ID)
			return nil
		})
	}
	_ = doing.Wait() // their errors are in errs
	return errors.Join(errs...)
}

// sinceWhenTried takes the figure of what does not come to its end.
func (s *sender) sinceWhenTried(ctx context.Context, programme string, server time.Time) {
	tried, err := s.Store.Unsettled(ctx, programme)
	if err != nil {
		slog.WarnContext(ctx, "since when messages are tried is not known", "programme", programme, "error", err)
		return
	}
	unsettled.Record(ctx, since(tried, server).Seconds(), metric.WithAttributes(attribute.String("programme", programme)))
}

// sweepLane sends what is due in a lane of one programme, until nothing more is or no more
// may be sent for now.
func (s *sender) sweepLane(ctx context.Context, programme string, lane outbox.Lane, server, until time.Time) error {
	now, waits := s.programmeTime(server), time.Duration(0)
	swept, errs, paused := s.work(ctx, func(yield func(*outbox.Message, error) bool) {
		for m, err := range s.Store.Due(ctx, programme, lane, server, now) {
			if m != nil {
				waits = max(waits, m.Waits(now))
			}
			if !yield(m, err) {
				return
			}
		}
	}, until)
	oldest.Record(ctx, waits.Seconds(), metric.WithAttributes(attribute.String("programme", programme), attribute.String("lane", string(lane))))
	if swept > 0 { // most sweeps find nothing
		slog.InfoContext(ctx, "swept", "programme", programme, "lane", lane, "messages", swept, "failed", len(errs), "paused", paused)
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
