package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// OfClaim is what is owed about a claim: that whoever reads its address confirms it, or
// discards it.
func OfClaim(p *programme.Programme, c *enrolment.Claim, cal calendar.Calendar, since, now time.Time) Due {
	if !c.Waits(now) {
		return Due{}
	}
	// The first was owed by the form itself.
	on := func(days int) time.Time { return cal.AddDays(c.CreatedAt, days) }
	again := func(step int) outbox.Message { return message.ConfirmEnrolmentAgain(p, c, step) }
	return dueOf(series(p.Cadence.Filled().Asks.ConfirmEnrolment, on, 2, lasts, again), time.Time{}, since, now)
}

// OfEnrolment is what is owed about an enrolment: that somebody hears what they still need
// before they can be matched.
func OfEnrolment(p *programme.Programme, e *enrolment.Enrolment, cal calendar.Calendar, since, now time.Time) Due {
	asks := p.Cadence.Filled().Asks
	switch e.State {
	case enrolment.Unconfirmed:
		return OfClaim(p, enrolment.ClaimOf(e), cal, since, now) // until it is migrated
	case enrolment.Confirmed:
		from := e.ConfirmedAt
		if from.IsZero() { // from before it was kept
			from = e.CreatedAt
		}
		on := func(days int) time.Time { return cal.AddDays(from, days) }
		ask := func(step int) outbox.Message { return message.GetReady(p, e, step) }
		return dueOf(series(asks.GetReady, on, 1, lasts, ask), on(asks.Unready), since, now)
	}
	return Due{}
}

// Missing are what somebody still needs before they can be matched, as it stands
// after "you still need". A supervisor is found by the coordinator.
func Missing(e *enrolment.Enrolment) []string {
	var all []string
	switch {
	case e.Role == programme.Client && !e.Readiness.Workshop:
		all = append(all, "the workshop where you prepare what you want to work on")
	case e.Role == programme.Consultant && !e.Readiness.Trained:
		all = append(all, "the group training")
	}
	if e.Role == programme.Consultant && e.Supervisor == "" {
		all = append(all, "a supervisor, whom we find for you")
	}
	return all
}
