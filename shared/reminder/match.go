package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfMatch is what is owed about a match that is out: an answer by each side that has
// given none. Where the other side has agreed already, somebody waits for them.
func OfMatch(p *programme.Programme, m *pairing.Match, who Calendars, since, now time.Time) Due {
	cal, there := who.first()
	if m.State != pairing.Released || !there {
		return Due{}
	}
	from := m.ReleasedAt
	if from.IsZero() { // from before it was kept
		from = m.UpdatedAt
	}
	days := p.Cadence.Filled().Asks
	var asks []ask
	for _, role := range programme.Roles {
		cal, there := who[role]
		if !there || m.Side(role).Answer != "" {
			continue
		}
		answer := message.AnswerMatch
		if m.Side(role.Other()).Answer == pairing.Yes {
			answer = message.AgreeExpectations
		}
		on := func(days int) time.Time { return cal.AddWorkingDays(from, days) }
		asks = append(asks, series(days.AnswerMatch, on, 1, lasts, func(step int) outbox.Message {
			return answer(p, m, role, step)
		})...)
	}
	return dueOf(asks, cal.AddWorkingDays(from, days.Unanswered), since, now)
}
