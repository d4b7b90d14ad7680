package mail

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var written = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

func TestInvitationReadsAsApproved(t *testing.T) {
	t.Parallel()
	f := facts(t, programme.Client)
	alex := person("Alex Example", "Example House")
	alex.Person.Email = "alex.example@example.org"
	got := Invitation(f.Programme, f.Session, []*enrolment.Enrolment{alex, f.Other}, written)
	golden(t, "session.ics", string(got))
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
		got := string(Invitation(f.Programme, f.Session, people, written))

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
			if a.Email() != people[i].Person.Email {
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
		c, err := ics.ParseCalendar(strings.NewReader(string(Invitation(f.Programme, f.Session, nil, written))))
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
