package sealed

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whenever a letter is sealed, it comes back six months later, before all that is kept is
// deleted, and can be read within the year for which keys are kept.
func TestLetterComesBackBeforeEverythingGoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2027, time.January, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 3*365*24).Draw(t, "hours")) * time.Hour)
		p := &programme.Programme{Zone: "Europe/London"}
		if rapid.Bool().Draw(t, "ends") {
			p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
		}
		l, err := New(p, &enrolment.Enrolment{ID: "abc-seek", Role: programme.Client}, "Dear me", now)
		until, ends := p.KeptUntil()
		if err != nil {
			if !ends || Possible(p, now) || !fault.Is(err, fault.Conflict) {
				t.Fatalf("at %s: %v", now, err)
			}
			return
		}
		if ends && !l.ReturnAt.Before(until) {
			t.Fatalf("at %s: it comes back at %s, and everything goes at %s", now, l.ReturnAt, until)
		}
		if l.ID != "abc" || l.Back(now) || !l.Back(l.ReturnAt) || l.Over(l.ReturnAt) || !l.Over(l.Until()) || !l.DueAt.Equal(l.ReturnAt) {
			t.Fatalf("%+v", l)
		}
		if d := l.ReturnAt.Sub(now); d < 180*24*time.Hour || d > 185*24*time.Hour || l.Until().Sub(now) > 370*24*time.Hour { // six months from 31 August are 2 March
			t.Fatalf("back after %s, read until %s", d, l.Until())
		}
		early := now.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "days"))
		if was := l.Back(early); l.ReturnNow(early) == was || !l.Back(early) {
			t.Fatal("it was to come back at once")
		}
	})
}

func TestLetterHasWords(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"", " \n ", strings.Repeat("é", Most+1)} {
		_, err := New(&programme.Programme{}, &enrolment.Enrolment{ID: "a-seek"}, words, time.Now())
		if invalid := new(fault.Invalid); !errors.As(err, &invalid) {
			t.Errorf("%d characters: %v", len(words), err)
		}
	}
}
