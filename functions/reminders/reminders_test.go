package reminders

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// bed has this function, and an active pairing of alex and zoe.
type bed struct {
	*testbed.Bed
	t *testing.T
	x *pairing.Pairing
}

func newBed(t *testing.T) *bed {
	t.Parallel()
	b := &bed{testbed.New(t), t, &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active}}
	b.Serve("reminders", New)
	return b
}

// at is a time of day so many days from today, in the programme's zone.
func (b *bed) at(days, hour int) time.Time {
	zone := b.Programme.Location()
	today := b.Now().In(zone)
	return time.Date(today.Year(), today.Month(), today.Day()+days, hour, 0, 0, 0, zone)
}

// book books a session of 90 minutes, after it was changed.
func (b *bed) book(id string, starts time.Time, change ...func(*pairing.Session)) {
	b.t.Helper()
	s, err := b.x.Book(id, "pilot", programme.Client, pairing.Booking{StartsAt: starts.UTC(), Minutes: 90, Place: "Leeds"}, b.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range change {
		f(s)
	}
	c := b.Store.Commit()
	c.CreateSession(s)
	b.Commit(c)
}

// tickAt moves the programme's date to a time and ticks.
func (b *bed) tickAt(t time.Time) {
	b.t.Helper()
	b.Pass(t.Sub(b.Now()))
	b.tick()
}

func (b *bed) tick() { b.t.Helper(); b.Event("", "reminders-tick") }

// owed are all messages so far, as "kind to".
func (b *bed) owed() []string {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for _, m := range all {
		lines = append(lines, string(m.Kind)+" "+m.To)
	}
	slices.Sort(lines)
	return lines
}

// both are a kind's messages to both people.
func both(kinds ...outbox.Kind) []string {
	var lines []string
	for _, k := range kinds {
		lines = append(lines, string(k)+" alex", string(k)+" zoe")
	}
	slices.Sort(lines)
	return lines
}

func TestEachReminderComesOnceAndInTime(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	b.book("s", starts)
	var so []outbox.Kind
	for _, row := range []struct {
		name string
		at   time.Time
		adds []outbox.Kind
	}{
		{"just booked", b.Now(), nil},
		{"before the week", starts.AddDate(0, 0, -7).Add(-time.Minute), nil},
		{"a week before", starts.AddDate(0, 0, -7), []outbox.Kind{outbox.SessionInAWeek}},
		{"before the day", starts.AddDate(0, 0, -1).Add(-time.Minute), nil},
		{"a day before", starts.AddDate(0, 0, -1).Add(time.Hour), []outbox.Kind{outbox.SessionTomorrow}},
		{"while it is held", starts.Add(89 * time.Minute), nil},
		{"when it is over", starts.Add(90 * time.Minute), []outbox.Kind{outbox.LogYourSession}},
		{"a month later", starts.AddDate(0, 1, 0), nil},
	} {
		so = append(so, row.adds...)
		b.tickAt(row.at)
		b.tick()
		if got, want := b.owed(), both(so...); !slices.Equal(got, want) {
			t.Fatalf("%s: owed %v, want %v", row.name, got, want)
		}
	}
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]programme.Role{"alex": programme.Client, "zoe": programme.Consultant}
	for _, m := range all {
		if m.Pairing != "x" || m.Session != "s" || m.Role != roles[m.To] {
			t.Errorf("message %+v", m)
		}
	}
	if s, err := b.Store.Session(t.Context(), "pilot", "x", "s"); err != nil || !s.DueAt.IsZero() {
		t.Errorf("a session about which nothing more is owed is still looked at: %v, %v", s, err)
	}
}

func TestRivalTicksOweOnce(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	b.book("s", starts)
	b.Pass(starts.AddDate(0, 0, -7).Sub(b.Now()))
	var at sync.WaitGroup
	for range 6 {
		at.Go(b.tick)
	}
	at.Wait()
	if got, want := b.owed(), both(outbox.SessionInAWeek); !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestSchedulerThatStoodStillSaysNothingStale(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	b.book("s", starts)
	b.tickAt(starts.Add(-time.Hour)) // on the day itself "in a week" and "tomorrow" are wrong
	if got := b.owed(); len(got) > 0 {
		t.Errorf("owed %v", got)
	}
	b.tickAt(starts.Add(3 * time.Hour))
	if got, want := b.owed(), both(outbox.LogYourSession); !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestWhoIsRemindedOfWhat(t *testing.T) {
	logged := func(roles ...programme.Role) func(*pairing.Session) {
		return func(s *pairing.Session) {
			for _, r := range roles {
				s.Logged[string(r)] = true
			}
		}
	}
	state := func(state pairing.SessionState) func(*pairing.Session) {
		return func(s *pairing.Session) { s.State = state }
	}
	for _, row := range []struct {
		name   string
		days   int // until the session
		change []func(*pairing.Session)
		want   []string
	}{
		{"booked", 10, nil, both(outbox.SessionInAWeek, outbox.SessionTomorrow, outbox.LogYourSession)},
		{"booked days before", 4, nil, both(outbox.SessionTomorrow, outbox.LogYourSession)},
		{"called off", 10, []func(*pairing.Session){state(pairing.NotHeld), logged(programme.Roles...)}, nil},
		{"called off by one", 10, []func(*pairing.Session){state(pairing.NotHeld), logged(programme.Client)}, []string{"log-your-session zoe"}},
		{"logged by one", 10, []func(*pairing.Session){logged(programme.Consultant)},
			append([]string{"log-your-session alex"}, both(outbox.SessionInAWeek, outbox.SessionTomorrow)...)},
		{"held and logged", 10, []func(*pairing.Session){state(pairing.Held), logged(programme.Roles...)}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			starts := b.at(row.days, 14)
			b.book("s", starts, row.change...)
			for _, at := range []time.Time{b.Now(), starts.AddDate(0, 0, -7), starts.AddDate(0, 0, -1), starts, starts.Add(2 * time.Hour)} {
				if at.Before(b.Now().Add(-time.Hour)) {
					continue
				}
				b.tickAt(at)
			}
			if got := b.owed(); !slices.Equal(got, row.want) {
				t.Errorf("owed %v, want %v", got, row.want)
			}
		})
	}
}

func TestPairingWithoutSessionsIsLeftAlone(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	c.CreatePairing("pilot", b.x)
	b.Commit(c)
	b.tickAt(b.at(30, 9))
	if got := b.owed(); len(got) > 0 {
		t.Errorf("owed %v", got)
	}
}

func TestMoreSessionsThanOnePage(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	c := b.Store.Commit()
	for i := range page + 5 {
		s, err := b.x.Book(fmt.Sprint("s", i), "pilot", programme.Client, pairing.Booking{StartsAt: starts.UTC(), Minutes: 90, Place: "Leeds"}, b.Now())
		if err != nil {
			t.Fatal(err)
		}
		c.CreateSession(s)
	}
	b.Commit(c)
	b.tick()
	b.tickAt(starts.AddDate(0, 0, -7))
	ids, err := b.Store.DueMessages(t.Context(), "pilot", time.Now(), time.Now(), 1000)
	if err != nil || len(ids) != 2*(page+5) {
		t.Errorf("%d messages, want two for each of %d sessions; %v", len(ids), page+5, err)
	}
}

func TestSessionThatCannotBeHandledDoesNotHoldUpTheRest(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	b.book("lost", starts, func(s *pairing.Session) { s.Programme = "gone" })
	b.book("s", starts)
	b.tickAt(starts.AddDate(0, 0, -7))
	if got, want := b.owed(), both(outbox.SessionInAWeek); !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestOnlyItsScheduleWakesIt(t *testing.T) {
	b := newBed(t)
	starts := b.at(10, 14)
	b.book("s", starts)
	b.Pass(starts.AddDate(0, 0, -7).Sub(b.Now()))
	b.Event("programmes/pilot/pairings/x/sessions/s", "")
	for name, status := range map[string]int{"{}": 400, "": 400, `{"specversion":"1.0"`: 400, `{"data":"` + strings.Repeat("x", 70<<10) + `"}`: 413} {
		if got := b.Do(http.MethodPost, "/events", "application/cloudevents+json", name); got.StatusCode != status {
			t.Errorf("%.40s: status %d, want %d", name, got.StatusCode, status)
		}
	}
	if got := b.Get("/events"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.StatusCode)
	}
	if got := b.owed(); len(got) > 0 {
		t.Errorf("owed %v", got)
	}
}
