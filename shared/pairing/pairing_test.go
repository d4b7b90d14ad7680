package pairing

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func active() *Pairing {
	return Start(&Match{ID: "m", Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}, noon)
}

func booking() Booking { return Booking{noon.Add(48 * time.Hour), 90, "Room 1"} }

func log(role programme.Role, held bool) *Log {
	l := &Log{Role: role, Held: held}
	if held {
		l.Balance, l.Thinking = "both", "asked"
	}
	return l
}

func TestBook(t *testing.T) {
	t.Parallel()
	x := active()
	s, err := x.Book("s1", "p", programme.Client, booking(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if x.Booked != 1 || x.Held != 0 || s.Number != 1 || s.State != Booked || s.Pairing != "m" || s.Programme != "p" || s.BookedBy != programme.Client ||
		!s.EndsAt().Equal(s.StartsAt.Add(90*time.Minute)) || !s.DueAt.Equal(noon) || s.Enrolment(programme.Client) != "a" || s.Enrolment(programme.Consultant) != "b" {
		t.Errorf("session %+v of %+v", s, x)
	}
	for _, row := range []struct {
		name, field string
		change      func(*Booking)
	}{
		{"no date", "date", func(b *Booking) { b.StartsAt = time.Time{} }},
		{"now", "date", func(b *Booking) { b.StartsAt = noon }},
		{"in the past", "date", func(b *Booking) { b.StartsAt = noon.Add(-time.Hour) }},
		{"years ahead", "date", func(b *Booking) { b.StartsAt = noon.Add(367 * 24 * time.Hour) }},
		{"too short", "minutes", func(b *Booking) { b.Minutes = MinMinutes - 1 }},
		{"too long", "minutes", func(b *Booking) { b.Minutes = MaxMinutes + 1 }},
		{"nowhere", "place", func(b *Booking) { b.Place = "" }},
		{"a long place", "place", func(b *Booking) { b.Place = strings.Repeat("é", 301) }},
		// What stands in letters and calendars is plain text of one line.
		{"a place of two lines", "place", func(b *Booking) { b.Place = "Room 1\r\nATTENDEE:mailto:sam@example.org" }},
		{"a place with a control character", "place", func(b *Booking) { b.Place = "Room\x071" }},
		{"a place that reads backwards", "place", func(b *Booking) { b.Place = "Room \u202e1" }},
	} {
		b := booking()
		row.change(&b)
		if s, err := x.Book("s2", "p", programme.Client, b, noon); !invalid(err, row.field) || s != nil || x.Booked != 1 {
			t.Errorf("%s: %v, %d booked", row.name, err, x.Booked)
		}
	}
	x.State = Completed
	if _, err := x.Book("s2", "p", programme.Client, booking(), noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("booked once completed: %v", err)
	}
}

func TestLogCheck(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, field string
		log         Log
	}{
		{"held without a balance", "balance", Log{Held: true, Thinking: "asked"}},
		{"held without who thought", "thinking", Log{Held: true, Balance: "both"}},
		{"held with another choice", "balance", Log{Held: true, Balance: "neither", Thinking: "asked"}},
		{"not held with a choice that is none", "balance", Log{Balance: strings.Repeat("x", 9000)}},
		{"not held with a thought that is none", "thinking", Log{Thinking: "x"}},
		{"too much surfaced", "surfaced", Log{Surfaced: strings.Repeat("é", MaxText+1)}},
		{"too much next", "next", Log{Next: strings.Repeat("é", MaxText+1)}},
	} {
		if err := row.log.Check(); !invalid(err, row.field) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	for _, l := range []*Log{log(programme.Client, true), log(programme.Client, false), {Surfaced: strings.Repeat("é", MaxText)}, {Balance: "both"}} {
		if err := l.Check(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		first, second bool
		state         SessionState
		held          int
	}{
		{"both say held", true, true, Held, 1},
		{"one says held, then one not", true, false, Held, 1},
		{"one says not, then one held", false, true, Held, 1},
		{"both say not", false, false, NotHeld, 0},
	} {
		x := active()
		s, err := x.Book("s1", "p", programme.Client, booking(), noon)
		if err != nil {
			t.Fatal(err)
		}
		before := s.StartsAt.Add(-time.Second)
		if err := x.Record(s, log(programme.Client, true), 2, before); !fault.Is(err, fault.Conflict) || x.Held != 0 || s.Logged["client"] {
			t.Fatalf("logged before it began: %v", err)
		}
		if err := x.Record(s, &Log{Role: programme.Client, Held: true}, 2, s.StartsAt); !invalidLog(err) || x.Held != 0 || s.Logged["client"] {
			t.Fatalf("an incomplete log: %v", err)
		}
		if err := x.Record(s, log(programme.Client, row.first), 2, s.StartsAt); err != nil {
			t.Fatal(err)
		}
		if err := x.Record(s, log(programme.Client, !row.first), 2, s.StartsAt); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: logged twice: %v", row.name, err)
		}
		if err := x.Record(s, log(programme.Consultant, row.second), 2, s.StartsAt); err != nil {
			t.Fatal(err)
		}
		if s.State != row.state || x.Held != row.held || x.State != Active {
			t.Errorf("%s: session %s, %d held, pairing %s", row.name, s.State, x.Held, x.State)
		}
	}
}

func invalidLog(err error) bool {
	var i *fault.Invalid
	return errors.As(err, &i)
}

// A session that an earlier version of the code wrote may have no logs at all.
func TestRecordOfASessionWithoutLogs(t *testing.T) {
	t.Parallel()
	x, s := active(), &Session{Number: 1, State: Booked, StartsAt: noon}
	if err := x.Record(s, log(programme.Client, true), 1, noon); err != nil || !s.Logged["client"] {
		t.Errorf("recorded: %v, %v", err, s.Logged)
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	x := active()
	x.Held = 1
	if err := x.Finish(2, noon); !fault.Is(err, fault.Conflict) || x.State != Active || !strings.Contains(err.Error(), "1 of at least 2") {
		t.Errorf("too early: %v", err)
	}
	x.Held = 2
	later := noon.Add(time.Hour)
	if err := x.Finish(2, later); err != nil || x.State != Completed || x.Milestone != Ended || !x.EndedAt.Equal(later) {
		t.Errorf("finished: %v, %+v", err, x)
	}
	x.Milestone = None // the invitations went out
	if err := x.Finish(2, later.Add(time.Hour)); err != nil || x.Milestone != None || !x.EndedAt.Equal(later) {
		t.Errorf("finished twice: %v, %+v", err, x)
	}
}

// Whatever both do in whatever order: held counts the sessions that someone said
// were held, each once; a pairing completes when enough of those were, or at its
// own word once the least number was; it ends once and asks for its closing
// questionnaires once; and a step that is refused changes nothing.
func TestNoStepBreaksAPairing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(1, 3).Draw(t, "minimum")
		target := minimum + rapid.IntRange(0, 3).Draw(t, "more")
		x := active()
		var sessions []*Session
		saidHeld := map[int]bool{}
		logs, ended := map[string]bool{}, 0
		now := noon
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			before, changed := *x, false
			now = now.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hours")) * time.Hour)
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			var err error
			switch rapid.SampledFrom([]string{"book", "log", "log", "log", "finish", "invite"}).Draw(t, "step") {
			case "book":
				var s *Session
				s, err = x.Book(string(rune('a'+i)), "p", role, Booking{now.Add(time.Duration(rapid.IntRange(-1, 200).Draw(t, "ahead")) * time.Hour), 60, "here"}, now)
				if err == nil {
					changed = true
					sessions = append(sessions, s)
				}
			case "log":
				if len(sessions) == 0 {
					continue
				}
				n := rapid.IntRange(0, len(sessions)-1).Draw(t, "session")
				s, held := sessions[n], rapid.Bool().Draw(t, "held")
				was := s.State
				err = x.Record(s, log(role, held), target, now)
				key := s.ID + string(role)
				if err == nil {
					changed = true
					if logs[key] || now.Before(s.StartsAt) {
						t.Fatalf("a log was taken that should not be")
					}
					logs[key] = true
					saidHeld[n] = saidHeld[n] || held
					if (s.State == Held) != saidHeld[n] || s.State == Booked {
						t.Fatalf("said to be held %v, and is %s", saidHeld[n], s.State)
					}
				} else if s.State != was || s.Logged[string(role)] != logs[key] {
					t.Fatalf("a log was refused and changed the session")
				}
			case "finish":
				err = x.Finish(minimum, now)
				changed = err == nil
			case "invite":
				x.Milestone, before.Milestone = None, None
			}
			if err != nil {
				if !reflect.DeepEqual(*x, before) {
					t.Fatalf("refused, and changed from %+v to %+v", before, x)
				}
				if !fault.Is(err, fault.Conflict) && !invalidLog(err) {
					t.Fatalf("error %v", err)
				}
			}
			held := 0
			for _, said := range saidHeld {
				if said {
					held++
				}
			}
			if x.Held != held || x.Booked != len(sessions) || x.Held > x.Booked {
				t.Fatalf("%d held and %d booked, counted %d and %d", held, len(sessions), x.Held, x.Booked)
			}
			if before.State == Active && x.State == Completed {
				ended++
				if !changed || x.Held < minimum || x.Milestone != Ended || !x.EndedAt.Equal(now) {
					t.Fatalf("completed as %+v", x)
				}
			}
			if before.State == Completed && (x.State != Completed || !x.EndedAt.Equal(before.EndedAt) || x.Milestone != before.Milestone) || ended > 1 {
				t.Fatalf("it ended, and went on from %+v to %+v", before, x)
			}
			if x.State == Active && x.Held >= target {
				t.Fatalf("%d of %d held, and still active", x.Held, target)
			}
		}
	})
}

func TestChoicesTakeTheProgrammesWords(t *testing.T) {
	t.Parallel()
	terms := programme.Terms{Client: programme.Term{Article: "an", Singular: "ublick"}, Consultant: programme.Term{Article: "a", Singular: "zworp"}}
	for _, c := range append(Balances, Thinkings...) {
		if said := terms.Say(c.Name); c.ID == "" || strings.Contains(said, "client") || strings.Contains(said, "consultant") || strings.Contains(said, "{") {
			t.Errorf("choice %q says %q", c.ID, said)
		}
	}
}
