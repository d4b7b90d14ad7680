package pairing

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func active() *Pairing {
	return Start(&Match{ID: "m", Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}, noon)
}

// most is how many sessions the pairings of these tests can have.
const most = 20

func booking() Booking { return Booking{noon.Add(48 * time.Hour), 90, "Room 1", ""} }

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
	s, err := x.Book("s1", "p", programme.Client, booking(), most, noon)
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
		b.StartsAt = b.StartsAt.Add(24 * time.Hour) // beside the other
		row.change(&b)
		if s, err := x.Book("s2", "p", programme.Client, b, most, noon); !invalid(err, row.field) || s != nil || x.Booked != 1 {
			t.Errorf("%s: %v, %d booked", row.name, err, x.Booked)
		}
	}
	x.State = Completed
	if _, err := x.Book("s2", "p", programme.Client, booking(), most, noon); !fault.Is(err, fault.Conflict) {
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
		{"too much learnt", "learnt", Log{Learnt: strings.Repeat("é", MaxText+1)}},
		{"a long line", "helps", Log{Helps: strings.Repeat("é", MaxReason+1)}},
		{"another long line", "change", Log{Change: strings.Repeat("é", MaxReason+1)}},
		{"a fit that is none", "fit", Log{Fit: "perhaps"}},
		{"sharing what is nobody else's", "shares", Log{Role: programme.Client, Shares: []string{"surfaced", "fit"}}},
		{"sharing what only a client says", "shares", Log{Role: programme.Consultant, Shares: []string{"topic"}}},
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
		name           string
		first, second  bool
		state          SessionState
		held, disputed int
	}{
		{"both say held", true, true, Held, 1, 0},
		{"one says held, then one not", true, false, Disputed, 0, 1},
		{"one says not, then one held", false, true, Disputed, 0, 1},
		{"both say not", false, false, NotHeld, 0, 0},
	} {
		x := active()
		s, err := x.Book("s1", "p", programme.Client, booking(), most, noon)
		if err != nil {
			t.Fatal(err)
		}
		before := s.StartsAt.Add(-time.Second)
		if err := x.Record(s, log(programme.Client, true), before); !fault.Is(err, fault.Conflict) || x.Held != 0 || s.Logged["client"] {
			t.Fatalf("logged before it began: %v", err)
		}
		if err := x.Record(s, &Log{Role: programme.Client, Held: true}, s.StartsAt); !invalidLog(err) || x.Held != 0 || s.Logged["client"] {
			t.Fatalf("an incomplete log: %v", err)
		}
		for _, l := range []*Log{log(programme.Client, row.first), log(programme.Consultant, row.second), log(programme.Consultant, row.second)} {
			if err := x.Record(s, l, s.StartsAt); err != nil {
				t.Fatal(err)
			}
		}
		if s.State != row.state || x.Held != row.held || x.Disputed != row.disputed || x.State != Active || s.Says(programme.Client) == s.Says(programme.Consultant) != (row.first == row.second) {
			t.Errorf("%s: session %s, %d held, %d disputed, pairing %s", row.name, s.State, x.Held, x.Disputed, x.State)
		}
		// Whoever was wrong amends their log.
		if err := x.Record(s, log(programme.Consultant, row.first), s.StartsAt); err != nil || s.State == Disputed || x.Disputed != 0 || (s.State == Held) != row.first || x.Held != map[bool]int{true: 1}[row.first] {
			t.Errorf("%s, and then the same: %v, session %s, %d held, %d disputed", row.name, err, s.State, x.Held, x.Disputed)
		}
	}
}

// A session from before it was kept who had said what.
func TestRecordOfASessionFromBefore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		state SessionState
		says  bool
		then  SessionState
	}{{Held, true, Held}, {Held, false, Disputed}, {NotHeld, false, NotHeld}, {NotHeld, true, Disputed}} {
		x, s := active(), &Session{Number: 1, State: row.state, StartsAt: noon, Logged: map[string]bool{"client": true}}
		x.Held = map[SessionState]int{Held: 1}[row.state]
		if got := s.Says(programme.Client); got != string(row.state) || s.Says(programme.Consultant) != "" {
			t.Errorf("a client says %q of a session that is %s", got, row.state)
		}
		if err := x.Record(s, log(programme.Consultant, row.says), noon); err != nil || s.State != row.then || x.Held != map[SessionState]int{Held: 1}[row.then] {
			t.Errorf("%s, and the other says %v: %v, %s, %d held", row.state, row.says, err, s.State, x.Held)
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
	if err := x.Record(s, log(programme.Client, true), noon); err != nil || !s.Logged["client"] {
		t.Errorf("recorded: %v, %v", err, s.Logged)
	}
}

func TestChoicesTakeTheProgrammesWords(t *testing.T) {
	t.Parallel()
	terms := programme.Terms{Client: programme.Term{Article: "an", Singular: "ublick"}, Consultant: programme.Term{Article: "a", Singular: "zworp"}}
	for _, c := range slices.Concat(Balances, Thinkings, Fitness) {
		if said := terms.Say(c.Name); c.ID == "" || strings.Contains(said, "client") || strings.Contains(said, "consultant") || strings.Contains(said, "{") {
			t.Errorf("choice %q says %q", c.ID, said)
		}
	}
}
