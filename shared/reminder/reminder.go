// Package reminder decides which messages are owed to whom and when. It holds
// no clock: the time comes in as an argument.
//
// What is owed about a document is a set of asks, each due at a time and worth
// sending until another. They follow from the document's state and the programme's
// cadence alone, so that whoever looks finds the same:
//
//	an enrolment        confirm-enrolment once more, get-ready
//	a match             answer-match; agree-expectations where the other side did
//	a pairing           book-session; finish-waits where one side proposed to finish
//	a session           session-in-a-week, session-tomorrow, log-your-session, follow-up
//	an invitation       questionnaire-waits
//	a programme         daily-digest, to each coordinator
//
// Here will stand, with what causes them: an event (its invitation, its reminder, its
// materials), and a consultant's supervision.
//
// Each document says when to look at it next. A look owes what was due since then, so
// that nothing is owed twice, however many look and however late: what is no longer
// worth sending by then is left out.
package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Due is what somebody finds who looks at a document at a time.
type Due struct {
	// Owed are the messages to write.
	Owed []outbox.Message
	// Next is when to look again; the zero time when nothing more will be owed.
	Next time.Time
	// Overdue says that nothing was done for so long that a coordinator is to know.
	Overdue bool
	// Lapses says that the document, a match, is over for want of an answer.
	Lapses bool
}

// Calendars are those of the people of a document. One without a calendar has left,
// and is owed nothing.
type Calendars map[programme.Role]calendar.Calendar

// first is the calendar by which a document's days are counted that is about both.
func (c Calendars) first() (calendar.Calendar, bool) {
	for _, r := range programme.Roles {
		if cal, there := c[r]; there {
			return cal, true
		}
	}
	return calendar.Calendar{}, false
}

// ask is one message that is due at a time, and worth sending until another.
type ask struct {
	due, until time.Time
	message    outbox.Message
}

// dueOf is what is owed of all asks at the time now by somebody who looks for the
// first time since another. overdue is from when on a coordinator is to know; the
// zero time for never.
func dueOf(asks []ask, overdue, since, now time.Time) Due {
	var l Due
	next := func(t time.Time) {
		if t.After(now) && (l.Next.IsZero() || t.Before(l.Next)) {
			l.Next = t
		}
	}
	for _, a := range asks {
		next(a.due)
		if a.due.Before(since) || a.due.After(now) || !now.Before(a.until) {
			continue
		}
		m := a.message
		m.Until = a.until
		l.Owed = append(l.Owed, m)
	}
	if !overdue.IsZero() {
		next(overdue)
		l.Overdue = !overdue.After(now)
	}
	return l
}

// series are the asks of one kind that come on several days, each until the next
// comes: whoever looks late owes one. The last one is worth sending for a while.
// first is the number of the first one, and the message tells what is about each.
func series(days []int, on func(days int) time.Time, first int, lasts time.Duration, message func(step int) outbox.Message) []ask {
	asks := make([]ask, len(days))
	for i, n := range days {
		asks[i] = ask{due: on(n), message: message(first + i)}
		asks[i].until = asks[i].due.Add(lasts)
		if i > 0 && asks[i].due.Before(asks[i-1].until) {
			asks[i-1].until = asks[i].due
		}
	}
	return asks
}

// lasts is how long the last ask of a series is worth sending.
const lasts = 14 * 24 * time.Hour
