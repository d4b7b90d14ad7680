package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Ender is who ended a pairing: one of the two by their role, both, or the coordinator.
type Ender string

// Those who end a pairing who are not one of the two.
const (
	Both        Ender = "both"
	Coordinator Ender = "coordinator"
)

// Next is what somebody wants after a pairing.
type Next string

// What somebody can want next: another match, nothing for now, or to leave.
const (
	Another Next = "another"
	Later   Next = "later"
	Leave   Next = "leave"
)

// Stop ends a pairing before it is completed: whoever of the two does it owes nobody a
// reason. It reports whether that changed something: an end stays as it is.
func (p *Pairing) Stop(by Ender, reason string, next Next, now time.Time) (changed bool, err error) {
	if p.State != Active {
		return false, nil
	}
	var invalid fault.Invalid
	if len([]rune(reason)) > MaxText {
		invalid.Add("reason", "Your reason must be %d characters or fewer", MaxText)
	}
	if by != Coordinator && next != Another && next != Later && next != Leave {
		invalid.Add("next", "Select what you would like next")
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	p.end(Stopped, by, now)
	p.EndReason = reason
	if by != Coordinator {
		p.Next = map[string]Next{string(by): next}
	}
	return true, nil
}

// Complete ends a pairing as completed, at the coordinator's word.
func (p *Pairing) Complete(now time.Time) (changed bool) {
	if p.State != Active {
		return false
	}
	p.end(Completed, Coordinator, now)
	return true
}

func (p *Pairing) end(s State, by Ender, now time.Time) {
	p.State, p.EndedBy, p.EndedAt, p.Milestone = s, by, now, Ended
	p.DueAt, p.Overdue = time.Time{}, false
	p.FinishBy, p.FinishAt, p.Proposal = "", time.Time{}, Proposal{}
	if p.Further.Open() {
		p.settleFurther(FurtherOver, now)
	}
}

// errEnded is that a pairing goes on no more.
var errEnded = fault.New(fault.Conflict, "This pairing has ended already.")

// ProposeFinish is one side's word that the sessions are enough, once the least number was
// held. Where the other has proposed it, both agree and the pairing is completed. It reports
// whether that changed something.
func (p *Pairing) ProposeFinish(by programme.Role, minimum int, now time.Time) (changed bool, err error) {
	switch {
	case p.State == Completed || p.State == Active && p.FinishBy == by:
		return false, nil
	case p.State != Active:
		return false, errEnded
	case p.FinishBy != "":
		p.end(Completed, Both, now)
		return true, nil
	case p.HeldInAll() < minimum:
		return false, fault.New(fault.Conflict, "You have held %d of at least %d sessions. If you want to stop before, you can: choose to stop on the page of your sessions.", p.HeldInAll(), minimum)
	}
	p.FinishBy, p.FinishAt = by, now
	p.lookAgain(now)
	return true, nil
}

// GoOn is one side's word that the pairing goes on, although one of them has proposed to
// finish. It reports whether that changed something.
func (p *Pairing) GoOn(now time.Time) (changed bool, err error) {
	switch {
	case p.State != Active:
		return false, errEnded
	case p.FinishBy == "":
		return false, nil
	}
	p.FinishBy, p.FinishAt = "", time.Time{}
	p.lookAgain(now)
	return true, nil
}

// Choose records what somebody wants after the end, and reports whether that changed
// something. A client whose pairing is completed has had their support: for them there is no
// other match.
func (p *Pairing) Choose(r programme.Role, next Next) (changed bool, err error) {
	switch {
	case p.State == Active:
		return false, fault.New(fault.Conflict, "Your pairing goes on.")
	case next != Another && next != Later || p.State == Completed && r == programme.Client:
		return false, fault.New(fault.NotFound, "There is no such choice.")
	case p.Next[string(r)] == next:
		return false, nil
	}
	if p.Next == nil {
		p.Next = map[string]Next{}
	}
	p.Next[string(r)] = next
	return true, nil
}

// Free gives back the places that a pairing took up, once it is over. The consultant's and
// the supervisor's always; a client's only where the pairing was stopped and they want
// another match, since a client is supported once.
func (p *Pairing) Free(h Holders) {
	if p.State == Active {
		return
	}
	for _, holder := range []Holder{h.Consultant, h.Supervisor} {
		if holder != nil {
			holder.Free(p.ID)
		}
	}
	if h.Client != nil && p.State == Stopped && p.Next[string(programme.Client)] == Another {
		h.Client.Free(p.ID)
	}
}

// CallOff cancels, of some sessions of the pairing, those that are to come before a time;
// the zero time is all of them. It returns those that it cancelled.
func (p *Pairing) CallOff(sessions []*Session, before, now time.Time) (cancelled []*Session) {
	for _, s := range sessions {
		if s.Changeable(now) && (before.IsZero() || s.StartsAt.Before(before)) {
			p.cancel(s, "", now)
			cancelled = append(cancelled, s)
		}
	}
	return cancelled
}
