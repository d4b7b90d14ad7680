package pairing

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Named reports whether the two may know who the other is: at once, or where names wait, once
// each has said that they see no conflict.
func (m *Match) Named() bool {
	return !m.Neutral || !m.Client.ClearAt.IsZero() && !m.Consultant.ClearAt.IsZero()
}

// Clear records that one side sees no conflict in what they read of the other without names.
// It reports whether that changed something, and the match is Named once both have said so.
func (m *Match) Clear(r programme.Role, now time.Time) (changed bool, err error) {
	side := m.Side(r)
	switch {
	case !m.Neutral || !side.ClearAt.IsZero():
		return false, nil
	case m.State != Released:
		return false, errNotOpen
	}
	side.ClearAt, m.DueAt = now, programme.DueNow(m.DueAt, now)
	return true, nil
}

// SeeConflict records that one side may have a conflict with the other, which ends the match
// as a no does, without blame. The reason is for the coordinator alone, and may be empty.
func (m *Match) SeeConflict(r programme.Role, reason string, now time.Time, h Holders) error {
	if err := m.Decline(r, reason, now, h); err != nil {
		return err
	}
	m.Side(r).Conflict = true
	return nil
}

// Owes reports whether a match that is out waits for a word of one side: that they see no
// conflict, or their answer.
func (m *Match) Owes(r programme.Role) bool {
	side := m.Side(r)
	return m.State == Released && side.Answer == "" && (m.Named() || side.ClearAt.IsZero())
}

// Silent reports whether one side of a match that is over for want of an answer has not given
// one: they did not say what was theirs to say.
func (m *Match) Silent(r programme.Role) bool {
	side := m.Side(r)
	return side.Answer == "" && (m.Named() || side.ClearAt.IsZero())
}

var errNotNamed = fault.New(fault.Conflict, "Each of you first says whether you see a conflict. Open your match again to do so.")
