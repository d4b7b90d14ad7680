package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// MaxReason is the longest reason for a cancelled session, in characters.
const MaxReason = 300

// Changeable reports whether a session can still be moved or cancelled: it is
// booked and has not begun.
func (s *Session) Changeable(now time.Time) bool { return s.State == Booked && now.Before(s.StartsAt) }

// Booking is when, how long and where the session is now.
func (s *Session) Booking() Booking { return Booking{s.StartsAt, s.Minutes, s.Place, s.Way} }

// Is reports whether two bookings are the same time, length and place.
func (b Booking) Is(other Booking) bool {
	return b.StartsAt.Equal(other.StartsAt) && b.Minutes == other.Minutes && b.Place == other.Place && b.Way == other.Way
}

// Move books a session anew, and reports whether that changed it: to where it is
// already changes nothing. seen is the session's sequence as the person saw it,
// so that nobody overwrites a change that they do not know of.
func (p *Pairing) Move(s *Session, seen int, b Booking, now time.Time) (moved bool, err error) {
	if s.State == Booked && b.Is(s.Booking()) {
		return false, nil
	}
	if s.State == Cancelled {
		return false, fault.New(fault.Conflict, "Session %d was cancelled. Go back to your sessions to book another.", s.Number)
	}
	if err := s.changeable(seen, now); err != nil {
		return false, err
	}
	if p.State != Active {
		return false, fault.New(fault.Conflict, "This pairing has ended, so its sessions can be cancelled but not moved.")
	}
	if err := p.check(s.ID, b, now); err != nil {
		return false, err
	}
	if err := p.change(now); err != nil {
		return false, err
	}
	s.Was = s.Booking()
	s.StartsAt, s.Minutes, s.Place, s.Way = b.StartsAt, b.Minutes, b.Place, b.Way
	s.changed(now)
	s.BookedAt = now
	p.meet(s.ID, b, now)
	return true, nil
}

// Cancel calls a session off, for a reason or none, and reports whether that
// changed it: for the same reason again changes nothing. It counts as booked no
// more, and keeps its number. seen is the session's sequence as the person saw it.
func (p *Pairing) Cancel(s *Session, seen int, reason string, now time.Time) (cancelled bool, err error) {
	if s.State == Cancelled {
		if reason == s.Reason {
			return false, nil
		}
		return false, fault.New(fault.Conflict, "Session %d has been cancelled already. Nothing was changed.", s.Number)
	}
	if err := s.changeable(seen, now); err != nil {
		return false, err
	}
	var invalid fault.Invalid
	switch {
	case len([]rune(reason)) > MaxReason:
		invalid.Add("reason", "The reason must be %d characters or fewer", MaxReason)
	case !programme.Plain(reason):
		invalid.Add("reason", "Enter the reason on one line, without special codes")
	}
	if err := invalid.Err(); err != nil {
		return false, err
	}
	p.cancel(s, reason, now)
	return true, nil
}

func (p *Pairing) cancel(s *Session, reason string, now time.Time) {
	s.State, s.Reason = Cancelled, reason
	s.changed(now)
	p.Numbered = p.numbered()
	p.Booked--
	p.callOff(s.ID, now, now)
}

// changeable says why a session cannot be changed by someone who saw it at a sequence.
func (s *Session) changeable(seen int, now time.Time) error {
	switch {
	case s.State != Booked:
		return fault.New(fault.Conflict, "A log of session %d was written, so it cannot be moved or cancelled.", s.Number)
	case !now.Before(s.StartsAt):
		return fault.New(fault.Conflict, "Session %d has begun. If it did not happen, say so in your log.", s.Number)
	case seen != s.Sequence:
		return fault.New(fault.Conflict, "Session %d has just been changed. Go back to your sessions to see when it is now.", s.Number)
	}
	return nil
}

// changed counts a change, and has reminders look at the session again.
func (s *Session) changed(now time.Time) { s.Sequence, s.DueAt, s.UpdatedAt = s.Sequence+1, now, now }
