package mail

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Sample is a letter with facts of nobody, to read what people will read: in
// golden files, and on a page of the local stack.
type Sample struct {
	// Variant tells apart the samples of a letter that says different things.
	Variant string
	Enclosure
}

// Samples are the letters of a kind as one role reads them in a programme, in
// every variant; none where the role never gets one.
func Samples(kind outbox.Kind, p *programme.Programme, role programme.Role) []Sample {
	f := sampleFacts(p, role)
	one := func(variant string, change func(*Facts)) Sample {
		f := f
		if change != nil {
			change(&f)
		}
		return Sample{variant, Enclosure{kind, f}}
	}
	switch kind { // what cannot be declined
	case outbox.ConfirmEnrolment, outbox.AlreadyEnrolled, outbox.EnrolmentConfirmed, outbox.StaffSignIn,
		outbox.SessionBooked, outbox.SessionMoved, outbox.SessionCancelled:
		f.Choices = ""
	}
	switch kind {
	case outbox.SessionMoved:
		moved := func(change func(*pairing.Session)) func(*Facts) {
			return func(f *Facts) {
				s := *f.Session
				s.Was, s.Sequence = s.Booking(), 1
				change(&s)
				f.Session = &s
			}
		}
		return []Sample{
			// The same time of day, a day later, after the clocks went forward.
			one("to another time", moved(func(s *pairing.Session) { s.Was.StartsAt = s.Was.StartsAt.Add(-23 * time.Hour) })),
			one("to another length and place", moved(func(s *pairing.Session) { s.Minutes, s.Place = 60, "https://meet.example.org/a?b=c" })),
		}
	case outbox.SessionCancelled:
		cancelled := func(reason string, state pairing.State) func(*Facts) {
			return func(f *Facts) {
				s, x := *f.Session, *f.Pairing
				s.State, s.Sequence, s.Reason, x.State = pairing.Cancelled, 1, reason, state
				f.Session, f.Pairing = &s, &x
			}
		}
		return []Sample{
			one("for a reason", cancelled("I have been called to a funders’ meeting that day", pairing.Active)),
			one("for none, after the pairing ended", cancelled("", pairing.Completed)),
		}
	case outbox.QuestionnaireInvited:
		return []Sample{one("at the start", nil), one("at the end", func(f *Facts) { f.Closing = true })}
	}
	return []Sample{one("", nil)}
}

// SampleBundles are emails that hold several letters.
func SampleBundles(p *programme.Programme, role programme.Role) map[string][]Enclosure {
	f := sampleFacts(p, role)
	four := []Enclosure{{outbox.MatchReleased, f}, {outbox.SessionTomorrow, f}, {outbox.QuestionnaireInvited, f}, {outbox.LogYourSession, f}}
	return map[string][]Enclosure{"of two": {four[1], four[3]}, "of four": four}
}

// sampleFacts are all that any letter needs.
func sampleFacts(p *programme.Programme, role programme.Role) Facts {
	return Facts{
		Programme: p, Name: "Alex Example", Role: role,
		Other: &enrolment.Enrolment{
			Person:       enrolment.Person{Name: "Robin Sample", Email: "robin.sample@example.org"},
			Organisation: enrolment.Organisation{Name: "Sample House"},
		},
		Reasons: matching.Reasons{Region: "Yorkshire and the Humber",
			Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}, {Skill: "finance", Priority: 1, Level: 3}}},
		Session: &pairing.Session{
			ID: "s", Pairing: "x", Number: 1, Minutes: 90, Place: "Room 2, Sample Library",
			// Two in the afternoon in London, on the first day of summer time.
			StartsAt: time.Date(2027, 3, 28, 13, 0, 0, 0, time.UTC), State: pairing.Booked,
		},
		Pairing: &pairing.Pairing{ID: "x", State: pairing.Active},
		Link:    "https://cascade.example.org/link",
		Choices: "https://cascade.example.org/choices",
	}
}
