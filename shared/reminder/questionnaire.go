package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// OfInvitation is what is owed about an invitation to a questionnaire: that somebody is
// asked once or twice more, until they are marked to have handed it in or its moment closes.
func OfInvitation(p *programme.Programme, i *questionnaire.Invitation, cal calendar.Calendar, since, now time.Time) Due {
	if i.Submitted || p.Closed(i.Moment, now) {
		return Due{}
	}
	days := p.Cadence.Filled().Asks.QuestionnaireWaits
	days = days[:min(len(days), programme.MostQuestionnaireWaits)]
	on := func(days int) time.Time { return cal.AddWorkingDays(i.CreatedAt, days) }
	return dueOf(series(days, on, 1, lasts, func(step int) outbox.Message {
		return message.QuestionnaireWaits(p, i, step)
	}), time.Time{}, since, now)
}
