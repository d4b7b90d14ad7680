package reminder

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var london = func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
}()

func at(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, london)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func session(starts time.Time) *pairing.Session {
	return &pairing.Session{StartsAt: starts, Minutes: 90, State: pairing.Booked, Logged: map[string]bool{}}
}

func both(k outbox.Kind) []Owed { return []Owed{{k, programme.Client}, {k, programme.Consultant}} }

func TestDue(t *testing.T) {
	t.Parallel()
	booked, starts := at("2026-11-01 09:30"), at("2026-11-24 14:00")
	week, day, ends := at("2026-11-17 14:00"), at("2026-11-23 14:00"), at("2026-11-24 15:30")
	never := time.Time{}
	for _, row := range []struct {
		name       string
		since, now time.Time
		owed       []Owed
		next       time.Time
	}{
		{"just booked", booked, booked, nil, week},
		{"a moment before the week", booked, week.Add(-time.Microsecond), nil, week},
		{"a week before", week, week, both(outbox.SessionInAWeek), day},
		{"looked at late", week, week.Add(14 * time.Minute), both(outbox.SessionInAWeek), day},
		{"looked at once more", day, week.Add(15 * time.Minute), nil, day},
		{"a day before", day, day, both(outbox.SessionTomorrow), ends},
		{"late that evening", day, at("2026-11-23 23:59"), both(outbox.SessionTomorrow), ends},
		{"on the day itself it is not tomorrow", day, at("2026-11-24 00:00"), nil, ends},
		{"nobody looked for three weeks", week, at("2026-11-23 18:00"), both(outbox.SessionTomorrow), ends},
		{"booked five days before", at("2026-11-19 10:00"), at("2026-11-19 10:00"), nil, day},
		{"booked on the eve", at("2026-11-23 20:00"), at("2026-11-23 20:10"), nil, ends},
		{"while it is held", ends, starts.Add(time.Hour), nil, ends},
		{"once it is over", ends, ends, both(outbox.LogYourSession), never},
		{"four weeks later", ends, ends.AddDate(0, 0, 28), nil, never},
	} {
		owed, next := Due(session(starts), london, row.since, row.now)
		if !slices.Equal(owed, row.owed) || !next.Equal(row.next) {
			t.Errorf("%s: %v and next %v, want %v and %v", row.name, owed, next, row.owed, row.next)
		}
	}
}

func TestNothingIsOwedThatIsDone(t *testing.T) {
	t.Parallel()
	starts := at("2026-11-24 14:00")
	week, day := starts.AddDate(0, 0, -7), starts.AddDate(0, 0, -1)
	for _, state := range []pairing.SessionState{pairing.Held, pairing.NotHeld} {
		s := session(starts)
		s.State = state
		for _, now := range []time.Time{week, day} {
			if owed, _ := Due(s, london, now, now); len(owed) != 0 {
				t.Errorf("of a session that is %s: %v", state, owed)
			}
		}
	}
	s := session(starts)
	s.Logged["client"] = true
	if owed, _ := Due(s, london, s.EndsAt(), s.EndsAt()); !slices.Equal(owed, []Owed{{outbox.LogYourSession, programme.Consultant}}) {
		t.Errorf("one has written a log: %v", owed)
	}
	s.Logged["consultant"] = true
	if owed, _ := Due(s, london, s.EndsAt(), s.EndsAt()); len(owed) != 0 {
		t.Errorf("both have written a log: %v", owed)
	}
	cancelled := session(starts)
	cancelled.State = pairing.Cancelled
	for _, now := range []time.Time{week, day, cancelled.EndsAt()} {
		if owed, next := Due(cancelled, london, now, now); len(owed) != 0 || !next.IsZero() {
			t.Errorf("of a session that was cancelled: %v, %v", owed, next)
		}
	}
	past := session(starts)
	if owed, next := Due(past, london, week, starts.AddDate(1, 0, 0)); len(owed) != 0 || !next.IsZero() {
		t.Errorf("a year later: %v, %v", owed, next)
	}
}

// A reminder comes at the session's time of day, also where the clocks change
// between the two.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ starts, week, day string }{
		{"2027-03-28 09:00", "2027-03-21 09:00", "2027-03-27 09:00"}, // the day of the spring change
		{"2027-03-29 09:00", "2027-03-22 09:00", "2027-03-28 09:00"},
		{"2027-04-03 09:00", "2027-03-27 09:00", "2027-04-02 09:00"},
		{"2026-10-25 09:00", "2026-10-18 09:00", "2026-10-24 09:00"}, // the day of the autumn change
		{"2026-10-26 23:30", "2026-10-19 23:30", "2026-10-25 23:30"},
		{"2026-10-31 09:00", "2026-10-24 09:00", "2026-10-30 09:00"},
		{"2028-03-01 09:00", "2028-02-23 09:00", "2028-02-29 09:00"}, // a leap day
	} {
		s := session(at(row.starts))
		if _, next := Due(s, london, at("2026-01-01 00:00"), at("2026-01-01 00:00")); !next.Equal(at(row.week)) {
			t.Errorf("%s: the week's is due %v, want %s", row.starts, next.In(london), row.week)
		}
		if owed, next := Due(s, london, at(row.week), at(row.week)); !slices.Equal(owed, both(outbox.SessionInAWeek)) || !next.Equal(at(row.day)) {
			t.Errorf("%s: %v, and the day's is due %v, want %s", row.starts, owed, next.In(london), row.day)
		}
		if owed, _ := Due(s, london, at(row.day), at(row.day)); !slices.Equal(owed, both(outbox.SessionTomorrow)) {
			t.Errorf("%s: %v a day before", row.starts, owed)
		}
	}
	// The time that the spring change leaves out is made up for within the hour.
	s := session(at("2027-04-04 01:30"))
	_, next := Due(s, london, at("2027-01-01 00:00"), at("2027-01-01 00:00"))
	if d := next.Sub(at("2027-03-28 00:30")).Abs(); d > time.Hour {
		t.Errorf("due %v", next.In(london))
	}
}

// However often and irregularly a session is looked at, in whatever zone: each
// side is told each thing at most once, in its order and its time, and whoever is
// looked at in time is told everything.
func TestNobodyIsToldTwice(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{london, time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -11*3600)}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		booked := at("2026-09-01 00:00").Add(time.Duration(rapid.Int64Range(0, 400*24*60).Draw(t, "booked")) * time.Minute)
		s := session(booked.Add(time.Duration(rapid.Int64Range(1, 30*24*60).Draw(t, "ahead")) * time.Minute))
		s.Minutes, s.DueAt = rapid.IntRange(pairing.MinMinutes, pairing.MaxMinutes).Draw(t, "minutes"), booked
		punctual := rapid.Bool().Draw(t, "punctual")
		told := map[Owed]int{}
		for now := booked; now.Before(s.EndsAt().AddDate(0, 0, 40)); {
			if !s.DueAt.IsZero() && !s.DueAt.After(now) {
				owed, next := Due(s, zone, s.DueAt, now)
				if !next.IsZero() && !next.After(now) {
					t.Fatalf("to be looked at again in the past: %v at %v", next, now)
				}
				for _, o := range owed {
					if told[o]++; told[o] > 1 {
						t.Fatalf("%v was told twice", o)
					}
					left := s.StartsAt.Sub(now)
					wrong := map[outbox.Kind]bool{
						outbox.SessionInAWeek:  left > 7*24*time.Hour+time.Hour || left < 47*time.Hour,
						outbox.SessionTomorrow: left > 25*time.Hour || left <= 0 || now.In(zone).YearDay() == s.StartsAt.In(zone).YearDay(),
						outbox.LogYourSession:  now.Before(s.EndsAt()),
					}
					if wrong[o.Kind] {
						t.Fatalf("%v was told %v before", o, left)
					}
				}
				s.DueAt = next
			}
			if punctual {
				now = now.Add(15 * time.Minute)
			} else {
				now = now.Add(time.Duration(rapid.IntRange(1, 9*24*60).Draw(t, "tick")) * time.Minute)
			}
		}
		if !punctual {
			return
		}
		if told[Owed{outbox.LogYourSession, programme.Client}] != 1 {
			t.Fatalf("nobody was asked for a log: %v", told)
		}
		if ahead := s.StartsAt.Sub(booked); ahead > 8*24*time.Hour && told[Owed{outbox.SessionInAWeek, programme.Consultant}] != 1 {
			t.Fatalf("nobody was told a week before: %v", told)
		}
		// A session in the first quarter of an hour of a day may miss its eve.
		if in := s.StartsAt.In(zone); s.StartsAt.Sub(booked) > 26*time.Hour && in.Hour() > 0 && told[Owed{outbox.SessionTomorrow, programme.Client}] != 1 {
			t.Fatalf("nobody was told a day before: %v", told)
		}
	})
}
