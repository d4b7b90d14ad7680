package enrolment

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
)

// mostAssistants is how often somebody can be asked to pick times on one day: each is written to.
const mostAssistants = 5

// Assistant is who is let in to pick times for somebody, and sees nothing else.
type Assistant struct {
	// Email is where they were asked, since a time; "" where nobody is let in.
	Email email.Address `firestore:"email,omitempty"`
	Since time.Time     `firestore:"since,omitempty"`
	// AgreedAt is when they said that they pick times; before, they see none.
	AgreedAt time.Time `firestore:"agreedAt,omitempty"`
	// Refused says that the last who was asked would rather not.
	Refused bool `firestore:"refused,omitempty"`
	// Generation counts who was let in and out: what was sent before opens nothing any more.
	Generation int `firestore:"generation,omitempty"`
	// Asked are how many were asked on the day of Since.
	Asked int `firestore:"asked,omitempty"`
}

// Named reports whether somebody is let in, or asked whether they want to be.
func (a Assistant) Named() bool { return a.Email != "" }

// Picks reports whether they have said that they pick times.
func (a Assistant) Picks() bool { return a.Named() && !a.AgreedAt.IsZero() }

// NameAssistant has somebody asked whether they pick times, in the place of who did before. It
// reports whether that changed something. The error is a *fault.Invalid that says what to
// correct, or a conflict where it was asked of too many.
func (e *Enrolment) NameAssistant(entered string, now time.Time) (changed bool, err error) {
	var invalid fault.Invalid
	address, err := email.Parse(entered)
	if err != nil {
		invalid.Add("email", "%s", err)
		return false, invalid.Err()
	}
	for _, own := range []email.Address{e.Person.Email, e.NewEmail} {
		if own != "" && address.Mailbox() == own.Mailbox() {
			invalid.Add("email", "Enter the address of your assistant: this one is yours")
			return false, invalid.Err()
		}
	}
	a := &e.Assistant
	if address == a.Email {
		return false, nil
	}
	asked := a.Asked
	if a.Since.UTC().Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		asked = 0
	}
	if asked >= mostAssistants {
		return false, fault.New(fault.Conflict, "You have asked %d people today. Try again tomorrow.", mostAssistants)
	}
	*a = Assistant{Email: address, Since: now, Generation: a.Generation + 1, Asked: asked + 1}
	return true, nil
}

// AssistantAgrees records that whoever was asked picks times. It reports whether that is new.
func (e *Enrolment) AssistantAgrees(now time.Time) (changed bool) {
	if !e.Assistant.Named() || e.Assistant.Picks() {
		return false
	}
	e.Assistant.AgreedAt = now
	return true
}

// DismissAssistant lets nobody in any more; refused says that it was they who would rather not.
// Their address is gone with that, and the day's count stays. It reports whether that changed
// something.
func (e *Enrolment) DismissAssistant(refused bool) (changed bool) {
	a := &e.Assistant
	if !a.Named() {
		return false
	}
	*a = Assistant{Since: a.Since, Asked: a.Asked, Refused: refused, Generation: a.Generation + 1}
	return true
}
