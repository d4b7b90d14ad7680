package mail

import (
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// SessionCalendar is the iCalendar message (RFC 5545, RFC 5546) about a session as it
// is now, with both people as attendees: a REQUEST for one that is booked or was
// moved, and a CANCEL for one that was cancelled. The session keeps its UID, and
// SEQUENCE is its own, so that a calendar changes the entry that it has, whichever
// of our messages come late or twice.
//
// Times are UTC: an instant that every calendar shows in its owner's zone. A
// VTIMEZONE would say nothing more about a meeting that does not recur, and could
// say it wrongly where a government changes its clocks after it was sent.
func SessionCalendar(p *programme.Programme, s *pairing.Session, people []*enrolment.Enrolment, now time.Time) []byte {
	cancelled := s.State == pairing.Cancelled
	c := ics.NewCalendarFor("Cascade")
	e := c.AddEvent(s.Pairing + "-" + s.ID + "@cascade")
	if cancelled {
		c.SetMethod(ics.MethodCancel)
		e.SetStatus(ics.ObjectStatusCancelled)
	} else {
		c.SetMethod(ics.MethodRequest)
		e.SetStatus(ics.ObjectStatusConfirmed)
	}
	e.SetDtStampTime(now)
	e.SetStartAt(s.StartsAt.UTC())
	e.SetEndAt(s.EndsAt().UTC())
	e.SetSequence(s.Sequence)
	var names []string
	for _, person := range people {
		names = append(names, person.Person.Name)
	}
	e.SetSummary(p.Name + ": session " + strconv.Itoa(s.Number) + ", " + strings.Join(names, " and "))
	e.SetLocation(s.Place)
	e.SetOrganizer("mailto:"+p.Host.Email, ics.WithCN(parameter(p.Host.Name)))
	for _, person := range people {
		asked := []ics.PropertyParameter{ics.WithCN(parameter(person.Person.Name))}
		if !cancelled { // nobody need answer a cancellation
			asked = append(asked, ics.ParticipationStatusNeedsAction,
				&ics.KeyValues{Key: string(ics.ParameterRsvp), Value: []string{"TRUE"}}) // the library writes "true", which some compare
		}
		e.AddAttendee("mailto:"+string(person.Person.Email), asked...)
	}
	return []byte(c.Serialize(ics.WithNewLineWindows))
}

// parameter takes out of a name what iCalendar parsers trip over in a parameter.
func parameter(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`",;:\`, r) || r < ' ' {
			return ' '
		}
		return r
	}, name)
}
