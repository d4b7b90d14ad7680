package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// longestPause is for how long a pairing can pause at once.
const longestPause = 183 * 24 * time.Hour

// Pause has a pairing rest until a time, at the word of either side: an illness, a leave, a
// crisis. Sessions before then are cancelled by CallOff. It reports whether that changed something: a pause that the
// other has asked for can be made longer, and one's own also shorter.
func (p *Pairing) Pause(by programme.Role, until time.Time, now time.Time) (changed bool, err error) {
	if p.State != Active {
		return false, errEnded
	}
	if p.Paused(now) && (until.Equal(p.PausedUntil) || p.PausedBy != by && until.Before(p.PausedUntil)) {
		return false, nil
	}
	var invalid fault.Invalid
	switch {
	case until.IsZero():
		invalid.Add("until", "Enter the date on which you will be back, like 27 3 2027")
	case !until.After(now):
		invalid.Add("until", "The date must be in the future")
	case until.After(now.Add(longestPause)):
		invalid.Add("until", "The date must be within half a year. If it will take longer, you can stop, or write to the coordinator")
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	p.PausedBy, p.PausedAt, p.PausedUntil = by, now, until
	p.lookAgain(now)
	return true, nil
}

// Resume ends a pause before its time, at the word of who has asked for it. It reports
// whether that changed something.
func (p *Pairing) Resume(by programme.Role, now time.Time) (changed bool, err error) {
	switch {
	case p.State != Active:
		return false, errEnded
	case !p.Paused(now):
		return false, nil
	case p.PausedBy != by:
		return false, fault.New(fault.Conflict, "Only who has asked for a pause can end it before its time.")
	}
	p.PausedUntil = now
	p.lookAgain(now)
	return true, nil
}

// Paused reports whether the pairing rests.
func (p *Pairing) Paused(now time.Time) bool { return p.State == Active && now.Before(p.PausedUntil) }

// Lend gives the places of the consultant and of the supervisor to others while a pairing
// pauses. The client's stays taken: they have their support.
func (p *Pairing) Lend(h Holders) {
	p.Lent = true
	for _, holder := range []Holder{h.Consultant, h.Supervisor} {
		if holder != nil {
			holder.Free(p.ID)
		}
	}
}

// TakeBack takes the places again that were lent, of all holders or of none. The error says
// that others have them, which the coordinator has to see to.
func (p *Pairing) TakeBack(h Holders) error {
	if !p.Lent {
		return nil
	}
	h.Client = nil
	if err := h.take(p.ID); err != nil {
		p.Overdue = true
		return fault.Because(err, fault.Conflict, "The place was given to somebody else during the pause. The coordinator has been told, and writes to you both.")
	}
	p.Lent = false
	return nil
}
