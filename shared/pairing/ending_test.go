package pairing

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whatever the two pass on, change and take back, each has the other read what they passed on
// last, and nothing that they did not.
func TestThanksAreWhatWasPassedOnLast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, want := &Pairing{State: rapid.SampledFrom([]State{Active, Completed, Stopped}).Draw(t, "state")}, map[programme.Role]string{}
		for range rapid.IntRange(0, 10).Draw(t, "steps") {
			by, text := rapid.SampledFrom(programme.Roles).Draw(t, "by"), rapid.SampledFrom([]string{"", "Thank you", "Diolch"}).Draw(t, "text")
			if changed := p.PassOn(by, text, time.Now()); changed != (want[by] != text) {
				t.Fatalf("changed: %v", changed)
			}
			want[by] = text
		}
		for _, by := range programme.Roles {
			if got := p.Thanks[string(by)].Text; got != want[by] {
				t.Fatalf("%s passed on %q, want %q", by, got, want[by])
			}
		}
		p.Client, p.Consultant, p.Next = "a", "z", map[string]Next{}
		theirs := p.Only([]string{"a"}).(*Pairing)
		if theirs.Thanks[string(programme.Consultant)].Text != "" || theirs.Thanks[string(programme.Client)].Text != want[programme.Client] {
			t.Fatalf("of one's own: %v", theirs.Thanks)
		}
		if p.Forget([]string{"a"}); p.Thanks[string(programme.Client)].Text != "" || p.Thanks[string(programme.Consultant)].Text != "" {
			t.Fatal("thanks of and to somebody who was forgotten")
		}
	})
}

func TestEndingIsWritten(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)
	e := &Ending{Role: programme.Client}
	if changed, err := e.Write("", "", "", now); changed || err != nil || e.Says() {
		t.Errorf("nothing: %v, %v", changed, err)
	}
	long := strings.Repeat("é", MaxText)
	if changed, err := e.Write(long, "", "Thanks", now); !changed || err != nil || !e.Says() || !e.UpdatedAt.Equal(now) {
		t.Errorf("written: %v, %v", changed, err)
	}
	if changed, _ := e.Write(long, "", "Thanks", now.Add(time.Hour)); changed {
		t.Error("sent twice, it changed twice")
	}
	var invalid *fault.Invalid
	if _, err := e.Write(long+"é", long+"é", long+"é", now); !errors.As(err, &invalid) || len(invalid.Fields) != 3 || e.Takes != long {
		t.Errorf("too long: %v", err)
	}
}

// An end is near once the sessions that are planned are over, or where one has proposed it.
func TestEndIsNear(t *testing.T) {
	t.Parallel()
	now, planned := time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC), programme.Sessions{Minimum: 1, Target: 2}
	dates := func(in ...time.Duration) map[string]time.Time {
		all := map[string]time.Time{}
		for i, d := range in {
			all[string(rune('a'+i))] = now.Add(d)
		}
		return all
	}
	for name, row := range map[string]struct {
		p    Pairing
		want bool
	}{
		"one of two":              {Pairing{State: Active, Held: 1, Dates: dates(-time.Hour)}, false},
		"both held":               {Pairing{State: Active, Held: 2, Dates: dates(-2*time.Hour, -time.Hour)}, true},
		"both over, one logged":   {Pairing{State: Active, Held: 1, Dates: dates(-2*time.Hour, -time.Hour)}, true},
		"the second is to come":   {Pairing{State: Active, Held: 1, Dates: dates(-time.Hour, time.Hour)}, false},
		"one proposes to finish":  {Pairing{State: Active, Held: 1, FinishBy: programme.Client}, true},
		"over":                    {Pairing{State: Completed, Held: 2, Dates: dates(-2*time.Hour, -time.Hour)}, false},
		"nothing was held of two": {Pairing{State: Active, Dates: dates(-2*time.Hour, -time.Hour)}, false},
	} {
		if got := row.p.Near(planned, now); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
