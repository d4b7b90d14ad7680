// Package scheduler fires the schedules of infra/schedules.yaml, as a Knative
// PingSource does in production, and moves the programme's date.
//
// Time in the programme is real time plus an offset in a file that every function
// reads. Moving it forward goes in steps: at each, every schedule that came due
// fires, so that what should happen on the way does happen.
package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"

	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// step is how far the date moves at once: a few hours, so that what is due on a
// day comes on that day.
const step = 3 * time.Hour

// last is the function whose schedules fire after all others of the same moment,
// so that what those owe is sent in the same step.
const last = "outbox"

// Scheduler fires schedules.
type Scheduler struct {
	schedules []wiring.Schedule
	// urls are the functions' event addresses by name.
	urls   map[string]string
	file   string
	now    clock.Clock
	issuer *localissuer.Issuer
	client *http.Client

	mu sync.Mutex // one moment at a time
	// done is the programme's time up to which schedules have fired.
	done time.Time
}

// New returns a scheduler. file is where the offset of the programme's time is
// kept; urls are the functions' event addresses by name. issuer signs for it, as
// functions ask of whoever delivers events.
func New(schedules []wiring.Schedule, urls map[string]string, issuer *localissuer.Issuer, file, emulator string) (*Scheduler, error) {
	now, err := clock.New(file, emulator)
	if err != nil {
		return nil, err
	}
	schedules = slices.Clone(schedules)
	slices.SortStableFunc(schedules, func(a, b wiring.Schedule) int {
		switch {
		case a.Function == last && b.Function != last:
			return 1
		case b.Function == last && a.Function != last:
			return -1
		}
		return 0
	})
	return &Scheduler{schedules: schedules, urls: urls, file: file, now: now, issuer: issuer, done: now(), client: &http.Client{Timeout: 2 * time.Minute}}, nil
}

// Now is the programme's time.
func (s *Scheduler) Now() time.Time { return s.now() }

// Schedules are all schedules, in the order in which those of one moment fire.
func (s *Scheduler) Schedules() []wiring.Schedule { return s.schedules }

// Run fires schedules as they come due, until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.mu.Lock()
			err := s.due(ctx)
			s.mu.Unlock()
			if err != nil && ctx.Err() == nil {
				slog.Warn("a schedule was not taken; it fires again in its turn", "error", err)
			}
		}
	}
}

// due fires, once each, the schedules that came due since the last look.
func (s *Scheduler) due(ctx context.Context) error {
	now := s.now()
	var errs []error
	for _, schedule := range s.schedules {
		if next := schedule.Next(s.done); !next.IsZero() && !next.After(now) {
			errs = append(errs, s.fire(ctx, schedule))
		}
	}
	s.done = now
	return errors.Join(errs...)
}

// Fire fires one schedule now.
func (s *Scheduler) Fire(ctx context.Context, name string) error {
	for _, schedule := range s.schedules {
		if schedule.Name == name {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.fire(ctx, schedule)
		}
	}
	return fmt.Errorf("there is no schedule %q", name)
}

// Forward moves the programme's date, firing what comes due on the way.
func (s *Scheduler) Forward(ctx context.Context, by time.Duration) error {
	if by < 0 || by > 366*24*time.Hour {
		return errors.New("the date can be moved forward by up to a year")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	offset := s.now().Sub(clock.Real())
	for by > 0 {
		forward := min(by, step)
		by -= forward
		offset += forward
		if err := s.keep(offset.Round(time.Second)); err != nil {
			return fmt.Errorf("the date could not be kept: %w", err)
		}
		if err := s.due(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the offset in one step, so that no function reads half of it.
func (s *Scheduler) keep(offset time.Duration) error {
	part, err := os.CreateTemp(filepath.Dir(s.file), "clock-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = fmt.Fprintln(part, offset)
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), s.file)
}

// fire sends a schedule's event, in the form of a Knative PingSource's.
func (s *Scheduler) fire(ctx context.Context, schedule wiring.Schedule) error {
	e := cloudevents.NewEvent()
	e.SetID(uuid.NewString())
	e.SetType(cloudevent.ScheduleType)
	e.SetSource("/apis/v1/namespaces/cascade/pingsources/" + schedule.Name)
	e.SetTime(s.now())
	if err := e.SetData(cloudevents.ApplicationJSON, map[string]string{"schedule": schedule.Name}); err != nil {
		return err
	}
	request, err := cloudevents.NewHTTPRequestFromEvent(ctx, s.urls[schedule.Function], e)
	if err != nil {
		return err
	}
	s.issuer.Sign(request.Header, localissuer.Scheduler)
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", schedule.Name, err)
	}
	var answer bytes.Buffer
	_, _ = answer.ReadFrom(http.MaxBytesReader(nil, response.Body, 1<<10)) // only for the message
	response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s: %s answered %s", schedule.Name, schedule.Function, response.Status)
	}
	return nil
}
