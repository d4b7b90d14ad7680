package reminders

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	// due is about how many pairings something is due at each tick.
	due = 100
	// most is how much longer such a tick may take among many pairings.
	most = 1.5
)

// crowd is a programme in which so many pairings go on, each with a day in the future
// on which something is next due.
type crowd struct {
	*testbed.Bed
	reminders
	pairings int
	// opening is of the day of the ticks.
	opening time.Time
	told    int
}

func newCrowd(b *testing.B, pairings int) *crowd {
	bed := testbed.New(b)
	x := &crowd{Bed: bed, reminders: reminders{&serve.Runtime{Store: bed.Store, Now: bed.Now}}, pairings: pairings}
	cal := calendar.Of(bed.Programme, "", "")
	x.opening = cal.AddWorkingDays(bed.Now(), 10)
	bed.Pass(x.opening.Sub(bed.Now()) + 5*time.Minute)

	var writers errgroup.Group
	writers.SetLimit(4)
	c := bed.Store.Commit()
	for i := range due { // read by name: it does not matter how many there are
		for _, role := range programme.Roles {
			c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: fmt.Sprint(role, i), Role: role, State: enrolment.Ready})
		}
	}
	bed.Commit(c)
	c = bed.Store.Commit()
	for i := range pairings {
		// Always at an opening: here of one of the twenty days to come.
		next := cal.AddWorkingDays(x.opening, 1+i%20)
		c.CreatePairing("pilot", &pairing.Pairing{ID: fmt.Sprint("x", i), Client: fmt.Sprint(programme.Client, i%due), Consultant: fmt.Sprint(programme.Consultant, i%due),
			State: pairing.Active, StartedAt: x.opening.AddDate(0, 0, -1), DueAt: next})
		if i%200 == 199 || i == pairings-1 {
			full := c
			c = bed.Store.Commit()
			writers.Go(func() error { return full.Do(b.Context()) })
		}
	}
	if err := writers.Wait(); err != nil {
		b.Fatal(err)
	}
	x.time(b, 0) // which looks through the days before for once
	return x
}

// time makes a tick at which two messages are due about each of 100 pairings, and says
// how long it took.
func (x *crowd) time(b *testing.B, round int) time.Duration {
	b.Helper()
	ids := make([]string, due)
	for i := range ids {
		ids[i] = fmt.Sprint("x", (round*due+i)%x.pairings)
	}
	found, err := x.reminders.Store.PairingsOf(b.Context(), "pilot", ids)
	if err != nil || len(found) != due {
		b.Fatal(len(found), err)
	}
	cal := calendar.Of(x.Programme, "", "")
	began := x.opening
	for !cal.AddWorkingDays(began, 5).Equal(x.opening) {
		began = began.AddDate(0, 0, -1)
	}
	c := x.reminders.Store.Commit()
	for _, p := range found {
		p.StartedAt, p.DueAt = began.Add(time.Duration(round)*time.Second), x.opening
		c.UpdatePairing("pilot", p)
	}
	x.Commit(c)

	start := time.Now()
	if err := x.tick(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	x.told += 2 * due
	if owed := x.Due(); len(owed) != x.told {
		b.Fatalf("%d messages are owed, want %d", len(owed), x.told)
	}
	return took
}

// BenchmarkTick compares ticks at which something is due about 100 of 36,000 pairings
// with such among 100, in turn, and fails where their medians differ by more than half:
//
//	go run ./scripts/cmd/up emulator go test -run - -bench Tick -benchtime 1x ./functions/reminders
func BenchmarkTick(b *testing.B) {
	few, many := newCrowd(b, due), newCrowd(b, 36_000)
	const rounds = 11
	for range b.N {
		var of [2][]time.Duration
		for i := range rounds {
			for k, x := range []*crowd{few, many} {
				of[k] = append(of[k], x.time(b, 1+i))
			}
		}
		for _, all := range of {
			slices.Sort(all)
		}
		low, high := of[0][rounds/2], of[1][rounds/2]
		ratio := float64(high) / float64(low)
		b.ReportMetric(float64(low.Microseconds())/1000, "ms/tick-of-100")
		b.ReportMetric(float64(high.Microseconds())/1000, "ms/tick-of-36000")
		b.ReportMetric(ratio, "ratio")
		if ratio > most {
			b.Errorf("a tick takes %v among 36,000 pairings and %v among 100: %.2f times as long, and not %.1f at most", high, low, ratio, most)
		}
	}
}
