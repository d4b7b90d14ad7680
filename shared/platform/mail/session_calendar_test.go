package mail

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var written = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

func TestInvitationsReadAsApproved(t *testing.T) {
	t.Parallel()
	alex := person("Alex Example", "Example House")
	alex.Person.Email = "alex.example@example.org"
	for name, kind := range map[string]outbox.Kind{"session": message.KindSessionBooked, "session-moved": message.KindSessionMoved, "session-cancelled": message.KindSessionCancelled} {
		f := factsOf(t, kind)
		golden(t, name+".ics", string(SessionCalendar(f.Programme, f.Session, []*enrolment.Enrolment{alex, f.Other}, written)))
	}
}

// entry is what a calendar shows for one UID.
type entry struct {
	sequence int
	stamp    time.Time
	start    time.Time
	minutes  int
	place    string
	gone     bool
}

// calendar keeps entries as RFC 5546, 2.1.5 has calendar programs do: by UID, and of
// two messages the one of the higher SEQUENCE, then of the later DTSTAMP.
type calendar map[string]entry

func (c calendar) take(t interface{ Fatalf(string, ...any) }, text []byte) {
	parsed, err := ics.ParseCalendar(bytes.NewReader(text))
	if err != nil || len(parsed.Events()) != 1 {
		t.Fatalf("%v: %q", err, text)
	}
	e := parsed.Events()[0]
	property := func(p ics.ComponentProperty) string { return e.GetProperty(p).Value }
	start, err1 := e.GetStartAt()
	end, err2 := e.GetEndAt()
	stamp, err3 := e.GetDtStampTime()
	sequence, err4 := strconv.Atoi(property(ics.ComponentPropertySequence))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	method := ""
	for _, p := range parsed.CalendarProperties {
		if p.IANAToken == string(ics.PropertyMethod) {
			method = p.Value
		}
	}
	status := property(ics.ComponentPropertyStatus)
	if method+" "+status != "REQUEST CONFIRMED" && method+" "+status != "CANCEL CANCELLED" {
		t.Fatalf("a %s of what is %s", method, status)
	}
	got := entry{sequence, stamp, start, int(end.Sub(start).Minutes()), property(ics.ComponentPropertyLocation), method == "CANCEL"}
	if had, ok := c[e.Id()]; !ok || got.sequence > had.sequence || got.sequence == had.sequence && got.stamp.After(had.stamp) {
		c[e.Id()] = got
	}
}

// "Calendar duplicates, wrong zone, moved meeting not updated" (complaint 4 of the
// programme's requirements) cannot be: however often a session is moved, across
// changes of the clocks, and whether or not it is cancelled at last, a calendar that
// gets the messages late, twice, in any order and with clocks that differ shows it once, at the instant that
// was entered, or not at all.
func TestCalendarsShowASessionOnceAndAsItIs(t *testing.T) {
	t.Parallel()
	london := preset(t).Location()
	rapid.Check(t, func(r *rapid.T) {
		p, now := preset(t), written
		x := &pairing.Pairing{ID: "x", State: pairing.Active}
		booking := func() pairing.Booking {
			at := time.Date(2027, 3, rapid.IntRange(2, 60).Draw(r, "day"), rapid.IntRange(2, 23).Draw(r, "hour"), 0, 0, 0, london)
			return pairing.Booking{StartsAt: at.UTC(), Minutes: rapid.SampledFrom([]int{60, 90}).Draw(r, "minutes"), Place: rapid.SampledFrom([]string{"Room 2, Leeds", "York"}).Draw(r, "place")}
		}
		s, err := x.Book("s", "p", programme.Client, booking(), programme.MostSessions, now)
		if err != nil {
			r.Fatal(err)
		}
		people := []*enrolment.Enrolment{person("Alex", ""), person("Robin", "")}
		sent := [][]byte{SessionCalendar(p, s, people, now)}
		send := func() { // some wait for long, and the same goes again where an answer was lost
			for range rapid.IntRange(1, 2).Draw(r, "copies") {
				now = now.Add(time.Minute)
				skew := time.Duration(rapid.IntRange(-10, 10).Draw(r, "skew")) * time.Minute // of the sender's clock
				sent = append(sent, SessionCalendar(p, s, people, now.Add(skew)))
			}
		}
		for range rapid.IntRange(0, 4).Draw(r, "moves") {
			if moved, err := x.Move(s, s.Sequence, booking(), now); err != nil {
				r.Fatal(err)
			} else if moved {
				send()
			}
		}
		if rapid.Bool().Draw(r, "cancelled") {
			if _, err := x.Cancel(s, s.Sequence, "", now); err != nil {
				r.Fatal(err)
			}
			send()
		}
		shown := calendar{}
		for _, text := range rapid.Permutation(append(sent, sent...)).Draw(r, "arrived") {
			shown.take(r, text)
		}
		got, ok := shown["x-s@cascade"]
		if len(shown) != 1 || !ok {
			r.Fatalf("shown as %v", shown)
		}
		if got.gone != (s.State == pairing.Cancelled) || !got.start.Equal(s.StartsAt) || got.minutes != s.Minutes || got.place != s.Place {
			r.Fatalf("shown as %+v, and is %+v", got, s)
		}
	})
}

// Whatever people are called and wherever they meet: the invitation has the lines
// that RFC 5545 asks for, each ended by CRLF and none longer than 75 octets, says
// what was entered, and has no property or attendee more.
func TestInvitationsAreWellFormed(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(
		rapid.StringMatching(`[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\x{fffd}]{1,120}`),
		rapid.SampledFrom([]string{
			`Smith, Jones; "and" Sons: \n`, `END:VEVENT`, `;RSVP=FALSE:mailto:other@example.org`, `^n^'^^`, "Zoë O’Neill", "会議室 二",
			strings.Repeat("👩🏽‍💼", 30), "https://meet.example.org/a?b=c;d,e",
		}))
	rapid.Check(t, func(r *rapid.T) {
		f := facts(t, programme.Client)
		f.Programme.Host.Name = text.Draw(r, "host")
		f.Programme.Name = text.Draw(r, "programme")
		f.Session.Place = text.Draw(r, "place")
		people := []*enrolment.Enrolment{person(text.Draw(r, "one"), ""), person(text.Draw(r, "other"), "")}
		if rapid.Bool().Draw(r, "cancelled") {
			f.Session.State = pairing.Cancelled
		}
		got := string(SessionCalendar(f.Programme, f.Session, people, written))

		if !utf8.ValidString(got) || strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\r") {
			r.Fatalf("line ends: %q", got)
		}
		for _, line := range strings.Split(got, "\r\n") {
			if len(line) > 75 {
				r.Fatalf("%d octets: %q", len(line), line)
			}
		}
		names := map[string]int{}
		for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(got, "\r\n ", "")), "\r\n") {
			name, _, _ := strings.Cut(line, ":")
			name, _, _ = strings.Cut(name, ";")
			names[name]++
		}
		for name, n := range map[string]int{"BEGIN": 2, "END": 2, "VERSION": 1, "PRODID": 1, "METHOD": 1, "UID": 1, "DTSTAMP": 1, "DTSTART": 1, "DTEND": 1,
			"SEQUENCE": 1, "STATUS": 1, "SUMMARY": 1, "LOCATION": 1, "ORGANIZER": 1, "ATTENDEE": 2} {
			if names[name] != n {
				r.Fatalf("%s stands %d times: %q", name, names[name], got)
			}
			delete(names, name)
		}
		if len(names) > 0 {
			r.Fatalf("has %v: %q", names, got)
		}
		c, err := ics.ParseCalendar(strings.NewReader(got))
		if err != nil || len(c.Events()) != 1 {
			r.Fatalf("%v: %q", err, got)
		}
		e := c.Events()[0]
		if place := e.GetProperty(ics.ComponentPropertyLocation).Value; place != f.Session.Place {
			r.Fatalf("the place %q is read as %q", f.Session.Place, place)
		}
		for i, a := range e.Attendees() {
			if a.Email() != string(people[i].Person.Email) {
				r.Fatalf("attendee %q", a.Email())
			}
		}
	})
}

// A session keeps its UID, by which a calendar knows it again; another has another.
func TestUIDIsTheSessions(t *testing.T) {
	t.Parallel()
	f := facts(t, programme.Client)
	uid := func() string {
		c, err := ics.ParseCalendar(strings.NewReader(string(SessionCalendar(f.Programme, f.Session, nil, written))))
		if err != nil {
			t.Fatal(err)
		}
		return c.Events()[0].Id()
	}
	first := uid()
	f.Session.Place, f.Session.StartsAt = "Elsewhere", f.Session.StartsAt.Add(time.Hour)
	if again := uid(); again != first {
		t.Errorf("a moved session has the UID %s, and had %s", again, first)
	}
	f.Session.ID = "another"
	if other := uid(); other == first {
		t.Errorf("two sessions have the UID %s", other)
	}
}
