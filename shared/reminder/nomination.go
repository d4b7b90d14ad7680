package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfNomination is what is owed about an invitation that was passed on: one reminder.
func OfNomination(p *programme.Programme, n *nomination.Nomination, cal calendar.Calendar, since, now time.Time) Due {
	if !n.Waits(now) {
		return Due{}
	}
	on := func(days int) time.Time { return cal.AddDays(n.CreatedAt, days) }
	again := func(step int) outbox.Message { return message.PassedOnAgain(p, n, step) }
	return dueOf(series([]int{nomination.RemindAfter}, on, 2, lasts, again), time.Time{}, since, now)
}
