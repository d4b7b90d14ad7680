package pairing

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// booked is an active pairing with one session.
func booked(t testing.TB) (*Pairing, *Session) {
	t.Helper()
	x := active()
	s, err := x.Book("s1", "p", programme.Client, booking(), most, noon)
	if err != nil {
		t.Fatal(err)
	}
	return x, s
}

func TestMove(t *testing.T) {
	t.Parallel()
	x, s := booked(t)
	later := noon.Add(time.Hour)
	to := Booking{noon.Add(72 * time.Hour), 60, "Room 2", ""}
	was := s.Booking()
	s.DueAt = time.Time{} // nothing more would have been owed
	if moved, err := x.Move(s, 0, to, later); err != nil || !moved {
		t.Fatalf("moved %v: %v", moved, err)
	}
	if !s.Booking().Is(to) || !s.Was.Is(was) || s.Sequence != 1 || s.Number != 1 || s.State != Booked || !s.DueAt.Equal(later) || !s.UpdatedAt.Equal(later) || x.Booked != 1 {
		t.Errorf("moved to %+v of %+v", s, x)
	}
	// Sent twice it is once, whichever sequence the form holds.
	for _, seen := range []int{0, 1, 9} {
		if moved, err := x.Move(s, seen, to, later.Add(time.Hour)); err != nil || moved || s.Sequence != 1 || !s.DueAt.Equal(later) {
			t.Errorf("moved again %v: %v, %+v", moved, err, s)
		}
	}
	// Each of time, length and place is a change of its own.
	for i, change := range []func(*Booking){
		func(b *Booking) { b.StartsAt = b.StartsAt.Add(time.Minute) },
		func(b *Booking) { b.Minutes++ },
		func(b *Booking) { b.Place += "a" },
	} {
		b := s.Booking()
		change(&b)
		if moved, err := x.Move(s, i+1, b, later); err != nil || !moved || s.Sequence != i+2 {
			t.Errorf("change %d: moved %v: %v", i, moved, err)
		}
	}
	// The rules for the new booking are those of a first.
	before := *s
	for field, change := range map[string]func(*Booking){
		"date":    func(b *Booking) { b.StartsAt = later },
		"minutes": func(b *Booking) { b.Minutes = MaxMinutes + 1 },
		"place":   func(b *Booking) { b.Place = "Room 1\r\nATTENDEE:mailto:sam@example.org" },
	} {
		b := s.Booking()
		change(&b)
		if _, err := x.Move(s, s.Sequence, b, later); !invalid(err, field) || !s.Booking().Is(before.Booking()) || s.Sequence != before.Sequence {
			t.Errorf("%s: %v, %+v", field, err, s)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", "I am ill", strings.Repeat("é", MaxReason)} {
		x, s := booked(t)
		later := noon.Add(time.Hour)
		s.DueAt = time.Time{}
		if cancelled, err := x.Cancel(s, 0, reason, later); err != nil || !cancelled {
			t.Fatalf("cancelled %v: %v", cancelled, err)
		}
		if s.State != Cancelled || s.Reason != reason || s.Sequence != 1 || s.Number != 1 || !s.DueAt.Equal(later) || x.Booked != 0 || x.Held != 0 {
			t.Errorf("cancelled %+v of %+v", s, x)
		}
		if cancelled, err := x.Cancel(s, 0, reason, later.Add(time.Hour)); err != nil || cancelled || s.Sequence != 1 || x.Booked != 0 {
			t.Errorf("cancelled again %v: %v", cancelled, err)
		}
		if cancelled, err := x.Cancel(s, 1, reason+" today", later); !fault.Is(err, fault.Conflict) || cancelled || s.Reason != reason {
			t.Errorf("cancelled for another reason %v: %v", cancelled, err)
		}
		if moved, err := x.Move(s, 1, s.Booking(), later); !fault.Is(err, fault.Conflict) || moved || s.State != Cancelled {
			t.Errorf("moved after it was cancelled: %v", err)
		}
		if err := x.Record(s, log(programme.Client, true), s.StartsAt); !fault.Is(err, fault.Conflict) || x.Held != 0 {
			t.Errorf("logged after it was cancelled: %v", err)
		}
	}
	x, s := booked(t)
	for _, reason := range []string{strings.Repeat("é", MaxReason+1), "I am\nill", "I am \u202eill", "I am\x07ill"} {
		if _, err := x.Cancel(s, 0, reason, noon); !invalid(err, "reason") || s.State != Booked || s.Sequence != 0 || x.Booked != 1 {
			t.Errorf("%.20q: %v", reason, err)
		}
	}
}

// What has begun or was logged stays as it is, and so does what somebody else
// changed meanwhile.
func TestWhatCannotBeChanged(t *testing.T) {
	t.Parallel()
	to := Booking{noon.Add(72 * time.Hour), 60, "Room 2", ""}
	for name, row := range map[string]struct {
		before func(*Pairing, *Session) (seen int, now time.Time)
		cancel bool // it can still be cancelled
	}{
		"it has begun":    {func(_ *Pairing, s *Session) (int, time.Time) { return 0, s.StartsAt }, false},
		"it is over":      {func(_ *Pairing, s *Session) (int, time.Time) { return 0, s.EndsAt().Add(time.Hour) }, false},
		"it was held":     {func(_ *Pairing, s *Session) (int, time.Time) { s.State = Held; return 0, noon }, false},
		"it was not held": {func(_ *Pairing, s *Session) (int, time.Time) { s.State = NotHeld; return 0, noon }, false},
		"it moved meanwhile": {func(x *Pairing, s *Session) (int, time.Time) {
			if _, err := x.Move(s, 0, Booking{noon.Add(50 * time.Hour), 90, "Room 1", ""}, noon); err != nil {
				t.Error(err)
			}
			return 0, noon
		}, false},
		"the pairing has ended": {func(x *Pairing, _ *Session) (int, time.Time) { x.State = Completed; return 0, noon }, true},
	} {
		x, s := booked(t)
		seen, now := row.before(x, s)
		beforeX, was := *x, s.Booking()
		beforeX.Dates = maps.Clone(x.Dates)
		state, sequence := s.State, s.Sequence
		if moved, err := x.Move(s, seen, to, now); !fault.Is(err, fault.Conflict) || moved || !s.Booking().Is(was) || s.State != state || s.Sequence != sequence || !reflect.DeepEqual(*x, beforeX) {
			t.Errorf("%s, and it moved: %v", name, err)
		}
		if cancelled, err := x.Cancel(s, seen, "", now); cancelled != row.cancel || !row.cancel && (!fault.Is(err, fault.Conflict) || s.State != state || s.Sequence != sequence || !reflect.DeepEqual(*x, beforeX)) {
			t.Errorf("%s, and cancelling it did %v: %v", name, cancelled, err)
		}
		if changeable := s.Changeable(now); changeable && name != "it moved meanwhile" && name != "the pairing has ended" {
			t.Errorf("%s, and it looks as if it could be changed", name)
		}
	}
}

// A pairing that an earlier version of the code wrote has no last number.
func TestNumbersGoOnInAPairingFromBefore(t *testing.T) {
	t.Parallel()
	x := active()
	x.Booked, x.Numbered = 3, 0
	third := &Session{Number: 3, State: Booked, StartsAt: noon.Add(time.Hour)}
	if _, err := x.Cancel(third, 0, "", noon); err != nil || x.Booked != 2 {
		t.Fatalf("cancelled: %v, %+v", err, x)
	}
	if s, err := x.Book("s4", "p", programme.Client, booking(), most, noon); err != nil || s.Number != 4 || x.Booked != 3 {
		t.Errorf("session %+v of %+v, %v", s, x, err)
	}
}

// Whatever is booked, moved and cancelled in whatever order, from whatever the
// person last saw: numbers are given once and stay, the sequence rises by one at
// each change and at nothing else, what is booked is counted, and nothing changes
// for somebody who saw something else.
func TestChangesAreCountedAndSeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := active()
		var sessions []*Session
		now := noon
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "hours")) * time.Hour)
			b := Booking{now.Add(time.Duration(rapid.IntRange(-2, 60).Draw(t, "ahead")) * time.Hour), rapid.SampledFrom([]int{60, 90}).Draw(t, "minutes"), "here", ""}
			if step := rapid.SampledFrom([]string{"book", "move", "move", "cancel"}).Draw(t, "step"); step == "book" || len(sessions) == 0 {
				if s, err := x.Book(string(rune('a'+i)), "p", programme.Client, b, most, now); err == nil {
					sessions = append(sessions, s)
				}
			} else {
				s := sessions[rapid.IntRange(0, len(sessions)-1).Draw(t, "session")]
				before, pair, seen := *s, *x, max(0, s.Sequence-rapid.IntRange(0, 1).Draw(t, "behind"))
				var changed bool
				var err error
				if step == "move" {
					changed, err = x.Move(s, seen, b, now)
				} else {
					changed, err = x.Cancel(s, seen, rapid.SampledFrom([]string{"", "ill"}).Draw(t, "reason"), now)
				}
				switch {
				case changed && (err != nil || seen != before.Sequence || before.State != Booked || !now.Before(before.StartsAt)):
					t.Fatalf("changed what should not be: %+v, %v", before, err)
				case changed && (s.Sequence != before.Sequence+1 || !s.DueAt.Equal(now)):
					t.Fatalf("a change is not counted: %+v", s)
				case changed && step == "move" && (!s.Was.Is(before.Booking()) || !s.Booking().Is(b)):
					t.Fatalf("moved from %+v to %+v", before, s)
				case !changed && (s.Sequence != before.Sequence || !s.Booking().Is(before.Booking()) || s.State != before.State || s.Reason != before.Reason || !s.DueAt.Equal(before.DueAt) || !reflect.DeepEqual(*x, pair)):
					t.Fatalf("refused or no change, and changed from %+v to %+v", before, s)
				}
			}
			count := 0
			for n, s := range sessions {
				if s.Number != n+1 {
					t.Fatalf("session %d has the number %d", n+1, s.Number)
				}
				if s.State == Booked {
					count++
				}
			}
			if x.Booked != count {
				t.Fatalf("%d are booked, counted %d", count, x.Booked)
			}
		}
	})
}
