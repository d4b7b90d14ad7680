package enrolment

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Handover is that somebody leads their organisation no longer, and who leads it now was asked to
// take its place. It names an invitation and no person: whoever takes it up is a new person, and
// nothing of either stays with the other when one of them is forgotten.
type Handover struct {
	// Nomination is the id of what was sent, and AskedAt when; the zero Handover is that nobody
	// was asked.
	Nomination string    `firestore:"nomination,omitempty"`
	AskedAt    time.Time `firestore:"askedAt,omitempty"`
	// ByStaff says that a coordinator asked, and not who leads no longer.
	ByStaff bool `firestore:"byStaff,omitempty"`
	// Goals says that what stands in the notebook goes on to whoever takes over.
	Goals bool `firestore:"goals,omitempty"`
	// TakenAt is when the new leader confirmed; the zero time until then.
	TakenAt time.Time `firestore:"takenAt,omitempty"`
}

// HandoverLife is for how long a new leader can answer: as long as the link in their email opens.
const HandoverLife = 30 * 24 * time.Hour

// Waits reports whether a new leader was asked, may yet answer, and has not. Whether they have
// refused is not known.
func (h Handover) Waits(now time.Time) bool {
	return h.Nomination != "" && h.TakenAt.IsZero() && now.Before(h.AskedAt.Add(HandoverLife))
}

// Taken reports whether somebody else leads the organisation now.
func (h Handover) Taken() bool { return !h.TakenAt.IsZero() }

// Until is a time of the last day on which a new leader can answer.
func (h Handover) Until() time.Time { return h.AskedAt.Add(HandoverLife - time.Second) }

// HandOver records that a new leader is asked by an invitation. It reports whether that changed
// something: while one is asked, nobody else is.
func (e *Enrolment) HandOver(nomination string, byStaff, goals bool, now time.Time) (changed bool, err error) {
	switch {
	case e.State == Unconfirmed:
		return false, fault.New(fault.Conflict, "This person has not confirmed their email address yet.")
	case e.State == Withdrawn:
		return false, fault.New(fault.Conflict, "This place has ended already.")
	case e.Handover.Waits(now):
		return false, nil
	}
	e.Handover = Handover{Nomination: nomination, AskedAt: now.Truncate(time.Microsecond), ByStaff: byStaff, Goals: goals && !byStaff && e.Role == programme.Client}
	return true, nil
}

// LeadOn records that no new leader is asked any more. It reports whether that changed
// something: what was taken up stays so.
func (e *Enrolment) LeadOn() (changed bool) {
	if e.Handover.Nomination == "" || e.Handover.Taken() {
		return false
	}
	e.Handover = Handover{}
	return true
}

// Succession is the form with which a new leader begins: what the organisation is, and nothing
// that its leader before said of themselves, of where it stands or of what they hoped for.
func Succession(e *Enrolment) Form {
	o := e.Organisation
	return Form{
		Organisation: o.Name, Number: o.Number, Postcode: string(o.Postcode), Region: o.Region,
		Categories: slices.Clone(o.Categories), Income: o.Income, Heard: ByInvitation,
	}
}

// Succeed records that an enrolment that has just been confirmed takes the place of another,
// whose leader before is to leave: see platform/matches. The place stays as ready as it was.
func (e *Enrolment) Succeed(before *Enrolment, now time.Time) {
	before.Handover.TakenAt = now
	e.Succeeds, e.TakesOver = before.Handover.Nomination, true
	was := before.State
	if was == Withdrawn {
		was = before.WithdrawnFrom
	}
	if e.Role == programme.Client && was == Ready { // who trains and is supervised is a person
		e.Readiness, e.State = before.Readiness, Ready
	}
}

// Hands reports whether an invitation is that by which somebody hands over their place.
func (e *Enrolment) Hands(nomination string) bool {
	return nomination != "" && e.Handover.Nomination == nomination && !e.Handover.Taken()
}
