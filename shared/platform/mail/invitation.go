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

// Invitation is the iCalendar request (RFC 5545, RFC 5546) for a session, with
// both people as attendees. Times are UTC, which every calendar program reads
// alike; the same session keeps its UID.
func Invitation(p *programme.Programme, s *pairing.Session, people []*enrolment.Enrolment, now time.Time) []byte {
	c := ics.NewCalendarFor("Cascade")
	c.SetMethod(ics.MethodRequest)
	e := c.AddEvent(s.Pairing + "-" + s.ID + "@cascade")
	e.SetDtStampTime(now)
	e.SetStartAt(s.StartsAt.UTC())
	e.SetEndAt(s.EndsAt().UTC())
	e.SetSequence(0)
	e.SetStatus(ics.ObjectStatusConfirmed)
	e.SetSummary(p.Name + ": session " + strconv.Itoa(s.Number))
	e.SetLocation(s.Place)
	e.SetOrganizer("mailto:"+p.Host.Email, ics.WithCN(parameter(p.Host.Name)))
	for _, person := range people {
		e.AddAttendee("mailto:"+person.Person.Email, ics.WithCN(parameter(person.Person.Name)),
			ics.ParticipationStatusNeedsAction,
			&ics.KeyValues{Key: string(ics.ParameterRsvp), Value: []string{"TRUE"}}) // the library writes "true", which some compare
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
