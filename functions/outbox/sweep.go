package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/platform/sabotage"
)

const (
	// page is how many due messages one look finds, by their ids alone: many, since a
	// look costs the emulator as much as there are.
	page = 2000
	// patience is how long a sweep goes on: less than the time for which its caller
	// waits, and until about when the next one starts.
	patience = 45 * time.Second
)

// sweep sends what is due, in all programmes at once, so that one with many messages
// does not hold up another's few.
func (s *sender) sweep(ctx context.Context) error {
	if sabotage.Off(sabotage.Sweep) {
		return nil
	}
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	ids := []string{""} // what belongs to no programme
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	until := time.Now().Add(patience)
	errs := make([]error, len(ids))
	var wait sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i, id := range ids {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			errs[i] = s.sweepProgramme(ctx, id, until)
		})
	}
	wait.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// sweepProgramme sends what is due in one programme. It stops when nothing more is,
// when no more may be sent for now, or when a page held nothing but failures, which
// the next sweep tries again.
func (s *sender) sweepProgramme(ctx context.Context, id string, until time.Time) error {
	var errs []error
	swept := 0
	for {
		// Due by the server's clock, which the reading of any document tells.
		server, err := s.Store.Time(ctx)
		if err != nil {
			return err
		}
		now := s.programmeTime(server)
		if swept == 0 {
			s.measure(ctx, id, now)
		}
		ids, err := s.Store.DueMessages(ctx, id, server, now, page)
		if err != nil {
			return err
		}
		failed, paused := s.work(ctx, ids, until)
		errs = append(errs, failed...)
		swept += len(ids)
		if len(ids) < page || paused || len(failed) > 0 || ctx.Err() != nil || time.Now().After(until) {
			if swept > 0 { // most sweeps find nothing
				slog.InfoContext(ctx, "swept", "programme", id, "messages", swept, "failed", len(errs))
			}
			return errors.Join(errs...)
		}
	}
}

// measure tells how long the oldest message waits that could be sent now.
func (s *sender) measure(ctx context.Context, id string, now time.Time) {
	since, err := s.Store.OldestMessage(ctx, id, now)
	if err != nil {
		slog.WarnContext(ctx, "the oldest message is not known", "programme", id, "error", err)
		return
	}
	age := time.Duration(0)
	if !since.IsZero() {
		age = now.Sub(since)
	}
	oldest.Record(ctx, age.Seconds(), metric.WithAttributes(attribute.String("programme", id)))
}
