package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfPairing is what is owed about a pairing: an answer where one side has proposed to
// finish, or that the two book a session where none is to come and they have had fewer than
// the programme means them to have. While it pauses, nothing is.
func OfPairing(p *programme.Programme, pair *pairing.Pairing, who Calendars, since, now time.Time) Due {
	cal, there := who.first()
	switch {
	case pair.State != pairing.Active || !there:
		return Due{}
	case pair.Paused(now):
		return Due{Next: pair.PausedUntil}
	}
	due := ofPairing(p, pair, who, cal, since, now)
	// What the two say differently, and what they cannot do by themselves, nobody else sees.
	due.Overdue = due.Overdue || pair.Disputed > 0 || pair.Lent && pair.Overdue
	return due
}

func ofPairing(p *programme.Programme, pair *pairing.Pairing, who Calendars, cal calendar.Calendar, since, now time.Time) Due {
	days := p.Cadence.Filled().Asks
	if pair.FinishBy != "" {
		return ofProposal(p, pair, who, since, now)
	}
	if pair.Taken() >= p.Sessions.Target {
		return Due{}
	}
	last := pair.LastDate()
	var asks []ask
	for _, role := range programme.Roles {
		cal, there := who[role]
		if !there {
			continue
		}
		on := func(days int) time.Time { return cal.AddWorkingDays(last, days) }
		asks = append(asks, series(days.BookSession, on, 1, lasts, func(step int) outbox.Message {
			return message.BookSession(p, pair, role, step)
		})...)
	}
	return dueOf(asks, cal.AddWorkingDays(last, days.Unbooked), since, now)
}

// ofProposal is what is owed where one side has proposed to finish: an answer by the other,
// as to a match.
func ofProposal(p *programme.Programme, pair *pairing.Pairing, who Calendars, since, now time.Time) Due {
	role := pair.FinishBy.Other()
	cal, there := who[role]
	if !there {
		return Due{Overdue: true} // nobody is left to answer
	}
	days := p.Cadence.Filled().Asks
	on := func(days int) time.Time { return cal.AddWorkingDays(pair.FinishAt, days) }
	return dueOf(series(days.AnswerMatch, on, 1, lasts, func(step int) outbox.Message {
		return message.FinishWaits(p, pair, role, step)
	}), on(days.Unanswered), since, now)
}

// FurtherBy is until when a coordinator is to answer two people who both ask for a further
// session since a time: the end of the last of some working days of the programme.
func FurtherBy(p *programme.Programme, since time.Time) time.Time {
	cal := calendar.Of(p, "", "")
	last := cal.AddWorkingDays(since, pairing.FurtherDays)
	return cal.Midnight(last.In(cal.Zone()).AddDate(0, 0, 1))
}
