package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// ReplyBy is until when two people are to answer a match that is out since a time, see within.
func ReplyBy(p *programme.Programme, client, consultant *enrolment.Enrolment, since time.Time) time.Time {
	return within(p, client, consultant, p.Cadence.Filled().Asks.ReplyBy, since)
}

// AnswerBy is until when they can answer at least once something has come that they had to
// wait for, such as a name or the answer to a question: for as many working days as pass until
// they are asked for the second time.
func AnswerBy(p *programme.Programme, client, consultant *enrolment.Enrolment, since time.Time) time.Time {
	asks := p.Cadence.Filled().Asks.AnswerMatch
	return within(p, client, consultant, asks[len(asks)-1], since)
}

// within is the end of the last of so many working days of two people after a time, by the
// clock of the programme, where both have had so many.
func within(p *programme.Programme, client, consultant *enrolment.Enrolment, days int, since time.Time) (by time.Time) {
	for _, e := range []*enrolment.Enrolment{client, consultant} {
		if e == nil {
			continue
		}
		cal := calendar.Of(p, e.Organisation.Region, "")
		last := cal.AddWorkingDays(since, days)
		if end := cal.Midnight(last.In(cal.Zone()).AddDate(0, 0, 1)); end.After(by) {
			by = end
		}
	}
	return by
}

// OfMatch is what is owed about a match that is out: an answer by each side that has
// given none. Where the other side has agreed already, somebody waits for them. Once it has
// waited for as long as it may, it lapses.
func OfMatch(p *programme.Programme, m *pairing.Match, who Calendars, since, now time.Time) Due {
	cal, there := who.first()
	if m.State != pairing.Released || !there {
		return Due{}
	}
	if m.Lapses(now) {
		return Due{Lapses: true}
	}
	from := m.ReleasedAt
	if from.IsZero() { // from before it was kept
		from = m.UpdatedAt
	}
	days := p.Cadence.Filled().Asks
	var asks []ask
	for _, role := range programme.Roles {
		cal, there := who[role]
		if !there || !m.Owes(role) {
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
	due := dueOf(asks, cal.AddWorkingDays(from, days.Unanswered), since, now)
	if !m.ReplyBy.IsZero() && (due.Next.IsZero() || m.ReplyBy.Before(due.Next)) {
		due.Next = m.ReplyBy
	}
	due.Overdue = due.Overdue || m.Asked()
	return due
}
