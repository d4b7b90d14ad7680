package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Digest is a programme's daily digest: a small document of its own, since the
// programme's is what matching runs are guarded by.
type Digest struct {
	Programme string `firestore:"programme"`
	// DueAt is when it is next written.
	DueAt     time.Time `firestore:"dueAt"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// NewsSince is from when on the digest tells what is new that is due at a time: since the
// one of the working day before.
func NewsSince(p *programme.Programme, due time.Time) time.Time {
	return calendar.Of(p, "", "").DayBefore(due)
}

// OfDigest is what is owed to a programme's coordinators, by the ids of the members of
// staff: one digest on each working day on which something needs one. The concerns are
// those of that day, with what is new by NewsSince.
func OfDigest(p *programme.Programme, concerns message.Concerns, coordinators []string, since, now time.Time) Due {
	cal := calendar.Of(p, "", "")
	l := Due{Next: cal.OpeningAfter(now)}
	today := cal.AddWorkingDays(now, 0)
	if !cal.WorkingDay(now) || today.Before(since) || today.After(now) || !concerns.Any() {
		return l
	}
	for _, id := range coordinators {
		m := message.DailyDigest(p, id, cal.Day(now))
		m.Since = NewsSince(p, since)
		m.Until = cal.Midnight(now.In(cal.Zone()).AddDate(0, 0, 1))
		l.Owed = append(l.Owed, m)
	}
	return l
}
