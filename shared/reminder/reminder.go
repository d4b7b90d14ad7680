// Package reminder decides which messages are owed to whom and when. It holds
// the programme's cadence and no clock: the time comes in as an argument.
//
// Each message is about a subject and an occasion; its id is derived from both,
// so that deciding twice owes one message.
package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Owed is one message that is due to one side.
type Owed struct {
	Kind outbox.Kind
	Role programme.Role
}

// step is one point of a session's cadence: due at a time, worth sending until another.
type step struct {
	kind     outbox.Kind
	due      time.Time
	until    time.Time
	whenHeld bool
}

// cadence is what is said about a session, in order. Days are calendar days in
// the programme's zone, so that a reminder comes at the session's time of day
// across a change of the clocks.
func cadence(s *pairing.Session, zone *time.Location) []step {
	starts := s.StartsAt.In(zone)
	midnight := time.Date(starts.Year(), starts.Month(), starts.Day(), 0, 0, 0, 0, zone)
	return []step{
		{outbox.SessionInAWeek, starts.AddDate(0, 0, -7), starts.AddDate(0, 0, -2), false},
		{outbox.SessionTomorrow, starts.AddDate(0, 0, -1), midnight, false}, // on the day it would say the wrong thing
		{outbox.LogYourSession, s.EndsAt(), s.EndsAt().AddDate(0, 0, 28), true},
	}
}

// Due says what is owed about a session now, and when to look again: the zero
// time when nothing more will be owed. since is when it was last looked at; what
// was due before then was owed then.
func Due(s *pairing.Session, zone *time.Location, since, now time.Time) (owed []Owed, next time.Time) {
	if s.State == pairing.Cancelled {
		return nil, time.Time{}
	}
	for _, step := range cadence(s, zone) {
		if step.due.After(now) {
			return owed, step.due
		}
		// A session booked at short notice needs no reminder of what was booked
		// minutes ago, and a day missed altogether is not made up for.
		if step.due.Before(since) || !now.Before(step.until) {
			continue
		}
		for _, r := range programme.Roles {
			if step.whenHeld && s.Logged[string(r)] || !step.whenHeld && s.State != pairing.Booked {
				continue
			}
			owed = append(owed, Owed{step.kind, r})
		}
	}
	return owed, time.Time{}
}
