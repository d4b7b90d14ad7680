package enrolment

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
)

// mostNewEmails is how often another address can be asked for on one day: each is written to.
const mostNewEmails = 5

// addressLasts is for how long an address waits to be confirmed.
const addressLasts = 7 * 24 * time.Hour

// AskAddress records that somebody wants to have another email address, which counts once
// whoever reads it has confirmed it. It reports whether that changed something: the address
// that they have takes back what they asked for before. The error is a *fault.Invalid that
// says what to correct, or a conflict where it was asked too often.
func (e *Enrolment) AskAddress(entered string, now time.Time) (changed bool, err error) {
	address, err := email.Parse(entered)
	if err != nil {
		var invalid fault.Invalid
		invalid.Add("email", "%s", err)
		return false, invalid.Err()
	}
	switch {
	case address == e.Person.Email:
		changed = e.NewEmail != ""
		e.NewEmail = ""
		return changed, nil
	case address == e.NewEmail && now.Before(e.NewEmailAt.Add(addressLasts)):
		return false, nil
	}
	if e.NewEmailAt.UTC().Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		e.NewEmails = 0
	}
	if e.NewEmails >= mostNewEmails {
		return false, fault.New(fault.Conflict, "Another address was asked for %d times today. Try again tomorrow, or write to the coordinator.", mostNewEmails)
	}
	e.NewEmail, e.NewEmailAt, e.NewEmails = address, now, e.NewEmails+1
	return true, nil
}

// AddressWaits reports whether another address waits to be confirmed.
func (e *Enrolment) AddressWaits(now time.Time) bool {
	return e.NewEmail != "" && now.Before(e.NewEmailAt.Add(addressLasts))
}

// ConfirmAddress gives somebody the address that waits, at the word of who reads it, by a
// link that was sent to it at a time. What was sent to the one before opens nothing any more.
// It reports whether that changed something.
func (e *Enrolment) ConfirmAddress(sent, now time.Time) (changed bool, err error) {
	if !e.AddressWaits(now) || sent.Before(e.NewEmailAt) {
		return false, fault.New(fault.Gone, "This address is no longer asked for. If it is to be yours, ask for it once more.")
	}
	e.FormerEmail, e.Person.Email, e.NewEmail = e.Person.Email, e.NewEmail, ""
	e.Generation++
	return true, nil
}

// Disown closes all links of somebody who says that it was not them: what was sent before
// opens nothing any more, no other address waits, and nobody picks times for them.
func (e *Enrolment) Disown() {
	e.Generation++
	e.DismissAssistant(false)
	e.NewEmail = ""
}
