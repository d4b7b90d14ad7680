package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfPairing is what is owed about a pairing: that the two book a session where none is
// to come and they have had fewer than the programme means them to have.
func OfPairing(p *programme.Programme, pair *pairing.Pairing, who Calendars, since, now time.Time) Due {
	cal, there := who.first()
	if pair.State != pairing.Active || len(pair.Dates) >= p.Sessions.Target || !there {
		return Due{}
	}
	days := p.Cadence.Filled().Asks
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
