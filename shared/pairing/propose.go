package pairing

import (
	"errors"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// MostProposed is how many times are proposed at once.
const MostProposed = 3

// Proposal is some times that one side proposes for a session, of which the other picks one.
type Proposal struct {
	// ID is that of the session that it becomes; "" where nothing is proposed.
	ID string         `firestore:"id,omitempty"`
	By programme.Role `firestore:"by,omitempty"`
	// Times are one to three, in order.
	Times   []time.Time `firestore:"times,omitempty"`
	Minutes int         `firestore:"minutes,omitempty"`
	Place   string      `firestore:"place,omitempty"`
	Way     Way         `firestore:"way,omitempty"`
	// ByAssistant says that it was the assistant of that side who proposed them.
	ByAssistant bool `firestore:"byAssistant,omitempty"`
}

// Booking is a session at one of the times.
func (x Proposal) Booking(at time.Time) Booking { return Booking{at, x.Minutes, x.Place, x.Way} }

// is reports whether two proposals say the same.
func (x Proposal) is(y Proposal) bool {
	return x.By == y.By && slices.EqualFunc(x.Times, y.Times, time.Time.Equal) && x.Minutes == y.Minutes && x.Place == y.Place && x.Way == y.Way
}

// Proposed are the times that can still be picked: they are to come, and nothing else of the
// two is at that time.
func (p *Pairing) Proposed(now time.Time) (open []time.Time) {
	if p.State != Active {
		return nil
	}
	for _, at := range p.Proposal.Times {
		if at.After(now) && !p.clash("", p.Proposal.Booking(at)) && !(p.Paused(now) && at.Before(p.PausedUntil)) {
			open = append(open, at)
		}
	}
	return open
}

// errProposal is that somebody acts on a proposal that is not there any more.
var errProposal = fault.New(fault.Conflict, "What was proposed has just been answered or changed. Go back to your sessions to see what is booked or proposed now.")

// Propose puts one side's times before the other, in the place of what was proposed before:
// seen is the id of that as the person saw it, so that nobody overwrites what they do not know
// of. It reports whether that changed something. The times that are wrong are told by
// "date-1" to "date-3".
func (p *Pairing) Propose(x Proposal, seen string, most int, now time.Time) (changed bool, err error) {
	switch {
	case p.Proposal.ID != "" && p.Proposal.is(x):
		return false, nil
	case p.State != Active:
		return false, fault.New(fault.Conflict, "This pairing has ended, so no more sessions can be booked.")
	case p.Full(most):
		return false, errFull(p.Taken())
	case seen != p.Proposal.ID:
		return false, errProposal
	}
	var all fault.Invalid
	if len(x.Times) == 0 {
		all.Add("date-1", "Enter at least one date and time, like 27 3 2027 and 14:00")
	}
	for i, at := range x.Times {
		name := "date-" + string(rune('1'+i))
		if slices.ContainsFunc(x.Times[:i], at.Equal) {
			all.Add(name, "Enter another time: this one is there twice")
			continue
		}
		var invalid *fault.Invalid
		if err := p.check("", x.Booking(at), now); errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				if f.Name == "date" {
					all.Add(name, "%s", f.Message)
				} else if i == 0 {
					all.Add(f.Name, "%s", f.Message)
				}
			}
		}
	}
	if err := all.Err(); err != nil {
		return false, err
	}
	if err := p.change(now); err != nil {
		return false, err
	}
	x.Times = slices.SortedFunc(slices.Values(x.Times[:min(len(x.Times), MostProposed)]), time.Time.Compare)
	p.Proposal = x
	return true, nil
}

// Pick books the session at one of the times that the other side has proposed. seen is the id
// of the proposal as the person saw it.
func (p *Pairing) Pick(seen string, at time.Time, by programme.Role, programmeID string, most int, now time.Time) (*Session, error) {
	x := p.Proposal
	switch {
	case seen == "" || seen != x.ID || x.By == by:
		return nil, errProposal
	case !slices.ContainsFunc(x.Times, at.Equal):
		var invalid fault.Invalid
		invalid.Add("at", "Select one of the times")
		return nil, invalid.Err()
	case !slices.ContainsFunc(p.Proposed(now), at.Equal):
		return nil, fault.New(fault.Conflict, "That time is not free any more. Go back to pick another, or propose others.")
	}
	return p.Book(x.ID, programmeID, by, x.Booking(at), most, now)
}
