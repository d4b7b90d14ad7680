package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	// justBooked is how long before a reminder a session must have been booked or moved:
	// the email about that says the same.
	justBooked = 12 * time.Hour
	// logFor is for how long a log is asked for, and followUpFor how long a follow-up is
	// worth a reminder.
	logFor      = 28 * 24 * time.Hour
	followUpFor = 14 * 24 * time.Hour
)

// OfSession is what is owed about a session of a pairing: that it is near, then a log
// by each side, and then a follow-up where no other session follows and the two were not in contact since: after the last one, too,
// unless the pairing was stopped. While the pairing pauses, nothing is.
func OfSession(p *programme.Programme, s *pairing.Session, pair *pairing.Pairing, who Calendars, since, now time.Time) Due {
	if pair.Paused(now) {
		return Due{Next: pair.PausedUntil}
	}
	days := p.Cadence.Filled().Asks
	ends := s.EndsAt()
	booked := s.BookedAt
	if booked.IsZero() { // from before it was kept
		booked = s.CreatedAt
	}
	var asks []ask
	for _, role := range programme.Roles {
		cal, there := who[role]
		if !there || s.State == pairing.Cancelled {
			continue
		}
		if s.State == pairing.Booked {
			week, eve := cal.WeekBefore(s.StartsAt), cal.DayBefore(s.StartsAt)
			if week.Sub(booked) >= justBooked && week.Before(eve) {
				asks = append(asks, ask{week, eve, message.SessionInAWeek(p, s, role)})
			}
			if eve.Sub(booked) >= justBooked {
				// On the day itself it would come too late.
				asks = append(asks, ask{eve, cal.Midnight(s.StartsAt), message.SessionTomorrow(p, s, role)})
			}
		}
		if !s.Logged[string(role)] {
			first := cal.OpeningAfter(ends)
			on := func(days int) time.Time { return cal.AddWorkingDays(first, days) }
			logs := series(append([]int{0}, days.LogSession...), on, 1, logFor, func(step int) outbox.Message {
				return message.LogYourSession(p, s, role, step)
			})
			for _, a := range logs {
				if last := ends.Add(logFor); a.until.After(last) {
					a.until = last
				}
				asks = append(asks, a)
			}
		}
		if role == programme.Consultant && s.State != pairing.NotHeld {
			// Before that day nobody knows: a log may yet come, or the next session be called off.
			due := cal.AddDays(ends, days.FollowUp)
			if due.After(now) || s.State == pairing.Held && pair.State != pairing.Stopped && pair.State != "" && !follows(pair, s) && !pair.FollowedUp(s) {
				asks = append(asks, ask{due, due.Add(followUpFor), message.FollowUp(p, s, role)})
			}
		}
	}
	return dueOf(asks, time.Time{}, since, now)
}

// follows reports whether a pairing has a later session than one.
func follows(pair *pairing.Pairing, s *pairing.Session) bool {
	for _, at := range pair.Dates {
		if at.After(s.StartsAt) {
			return true
		}
	}
	return false
}
