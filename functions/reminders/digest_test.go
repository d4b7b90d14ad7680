package reminders

import (
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What is new is told in the next digest, and in no other; what waits, as long as it waits.
func TestDigestTellsWhatIsNewOnce(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	b.Commit(c)
	monday := b.monday()
	opens := monday.Add(-6 * time.Hour) // at eight
	digests := 0
	morning := func(what string, day, more int, want message.Concerns) {
		t.Helper()
		b.tickAt(opens.AddDate(0, 0, day).Add(10 * time.Minute))
		all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != digests+more {
			t.Fatalf("%s: %d digests, want %d: %v", what, len(all), digests+more, b.owed())
		}
		digests += more
		if more == 0 {
			return
		}
		last := all[0]
		for _, m := range all {
			if m.Since.After(last.Since) {
				last = m
			}
		}
		if got, err := b.Store.Concerns(t.Context(), b.Programme, last.Since); err != nil || got != want {
			t.Errorf("%s: since %v it tells of %+v, want %+v, %v", what, last.Since, got, want, err)
		}
	}
	morning("nothing", 0, 0, message.Concerns{})

	b.Pass(4 * time.Hour) // at noon on Monday
	c = b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "kim", Role: programme.Client, State: enrolment.Confirmed, ConfirmedAt: b.Now()})
	c.CreateMatch("pilot", &pairing.Match{ID: "m", Run: "r", Programme: "pilot", State: pairing.Declined, UpdatedAt: b.Now(), Client: pairing.Side{Enrolment: "alex", Answer: pairing.No, Reason: "Too far"}, Consultant: pairing.Side{Enrolment: "zoe"}})
	c.CreatePairing("pilot", &pairing.Pairing{ID: "y", Client: "alex", Consultant: "zoe", State: pairing.Stopped, EndedAt: b.Now()})
	b.Commit(c)
	morning("what is new", 1, 1, message.Concerns{Enrolled: 1, Declined: 1, Stopped: 1})
	morning("the day after", 2, 0, message.Concerns{})

	if err := b.Store.KeepUnclear(t.Context(), "pilot", []*enrolment.Unclear{{ID: "kim", Entries: []enrolment.Entry{{Text: "Elsewhere House"}}}}, b.Now()); err != nil {
		t.Fatal(err)
	}
	morning("what waits", 3, 1, message.Concerns{Unclear: 1})
	morning("what still waits", 4, 1, message.Concerns{Unclear: 1})
}

// Over a weekend, and over days on which nobody looked, nothing that is new is left out.
func TestDigestLeavesNothingOut(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	b.Commit(c)
	monday := b.monday()
	b.tickAt(monday.AddDate(0, 0, -3)) // on Friday afternoon
	c = b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "kim", Role: programme.Client, State: enrolment.Confirmed, ConfirmedAt: b.Now()})
	b.Commit(c)
	b.tickAt(monday.AddDate(0, 0, 2)) // nobody looked on Monday and Tuesday
	b.wants("on Wednesday", "daily-digest morgan")
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Store.Concerns(t.Context(), b.Programme, all[0].Since); err != nil || got != (message.Concerns{Enrolled: 1}) {
		t.Errorf("it tells of %+v, %v", got, err)
	}
}
