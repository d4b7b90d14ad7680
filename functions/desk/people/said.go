package people

import (
	"fmt"
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What has just been done about somebody, see web.Done.
const (
	didPrepare      = "prepared"
	didLeave        = "leave"
	didReturn       = "return"
	didReaddress    = "readdressed"
	didAskLeader    = "leader-asked"
	didLeadOn       = "lead-on"
	didWriteAgain   = "written-to"
	didJoin         = "joined"
	didCorrect      = "corrected"
	didSettle       = "settled"
	didSettleNobody = "settled-nobody"
)

// saidOfReadiness is that what makes somebody ready was saved, with what is next; "" where
// nothing of that kind was done.
func saidOfReadiness(p *programme.Programme, e *enrolment.Enrolment, did string) string {
	switch {
	case did != didPrepare:
		return ""
	case e.State == enrolment.Ready:
		return e.Person.Name + " is ready. " + whatIsNext(p, e)
	case e.State == enrolment.Confirmed:
		return "It is saved, and " + e.Person.Name + " is not ready yet. " + lacks(e)
	}
	return ""
}

// whatIsNext is how somebody who is ready comes to a match.
func whatIsNext(p *programme.Programme, e *enrolment.Enrolment) string {
	const link = "the link in the email that goes to whoever becomes ready"
	switch {
	case e.NotNow:
		return "They want no other match for now, and are matched again once they say so."
	case e.Left() == 0:
		return "They have as many matches as they can take."
	case p.FromDirectory(e.Role):
		return "They choose by " + link + "."
	case p.Mode == programme.Directory:
		return p.Terms.Say("{Clients} can choose them from now on.")
	case p.Chooses(e.Role):
		return "They can be matched from the next run on, " + site.Runs + ", and say whom they prefer by " + link + "."
	}
	return "They can be matched from the next run on, " + site.Runs + "."
}

// lacks says what somebody who is confirmed lacks to be ready.
func lacks(e *enrolment.Enrolment) string {
	switch {
	case e.Role == programme.Client:
		return "They can be matched once they have been to the workshop."
	case !e.Readiness.Trained && e.Supervisor == "":
		return "They can be matched once they are trained and have a supervisor."
	case !e.Readiness.Trained:
		return "They can be matched once they are trained."
	}
	return "They can be matched once they have a supervisor."
}

// said is what has just been done about the person, with what is next; "" where it is not
// so, since anybody can write an address.
func (data personPage) said(p *programme.Programme, did string, now time.Time) string {
	name, here := data.Person.Name, data.State != enrolment.Withdrawn
	switch {
	case did == didLeave && !here:
		return name + " has left. Their matches and pairings have ended, the others are told, and nothing more is sent to them. You can take them in again."
	case did == didReturn && data.State == enrolment.Ready:
		return name + " takes part again. " + whatIsNext(p, data.Enrolment)
	case did == didReturn && data.State == enrolment.Confirmed:
		return name + " takes part again. " + lacks(data.Enrolment)
	case did == didReturn && here:
		return name + " takes part again, and has yet to confirm their address."
	case did == didReaddress && data.AddressWaits(now):
		return fmt.Sprintf("We have sent an email to %s. The address counts once %s has pressed the button in it.", data.NewEmail.Shown(), name)
	case did == didAskLeader && data.Handover.Waits(now):
		return "Whoever leads " + data.Organisation.Name + " now gets an email, unless they take part already or want none. Until they confirm, " + name + " keeps their place. Nobody sees here whether they refuse."
	case did == didLeadOn && here && data.Handover.Nomination == "":
		return "Nobody is asked any more, and " + name + " keeps their place."
	case did == didWriteAgain && here && data.Mailed.Stopped == "":
		return name + " is written to again, and gets what waits for them."
	case did == didJoin && len(data.Organisation.Joined) == 0:
		return data.Organisation.Name + " has no other names. Matching goes by that from the next run on, " + site.Runs + "."
	case did == didCorrect:
		return "What " + data.Person.Name + " answered is as you saved it. It counts from the next run on, " + site.Runs + "."
	case did == didJoin:
		return "The other names of " + data.Organisation.Name + " are saved. Matching goes by them from the next run on, " + site.Runs + "."
	}
	return ""
}

// saidOfUnclear is what has just been settled, with what is left; "" where it is not so.
func (h Handlers) saidOfUnclear(r *http.Request, p *programme.Programme, data unclearPage) (string, error) {
	left := " Nothing is left to settle."
	if data.All > 0 {
		left = fmt.Sprintf(" Of %d people entries are left to settle.", data.All)
		if data.All == 1 {
			left = " Of one person entries are left to settle."
		}
	}
	switch did := web.WhatDone(r); {
	case did == didSettleNobody && data.Nobody == 0:
		return "Those that resemble nobody rule nobody out." + left, nil
	case did == didSettle && web.DoneTo(r) != "":
		e, err := h.Store.Enrolment(r.Context(), p.ID, web.DoneTo(r))
		if fault.Is(err, fault.NotFound) {
			return "", nil
		}
		if err != nil || len(e.Settled) == 0 {
			return "", err
		}
		return "It is settled whom " + e.Person.Name + " means. Matching goes by it from the next run on, " + site.Runs + "." + left, nil
	}
	return "", nil
}
