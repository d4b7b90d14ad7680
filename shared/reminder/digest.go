package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Digest is a programme's daily digest: a small document of its own, since the
// programme's is what matching runs are guarded by.
type Digest struct {
	Programme string `firestore:"programme"`
	// DueAt is when it is next written.
	DueAt     time.Time `firestore:"dueAt"`
	Schema    int       `firestore:"schema"`
	CreatedAt time.Time `firestore:"createdAt"`
	UpdatedAt time.Time `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

// Concerns count what in a programme needs a coordinator.
type Concerns struct {
	// Unanswered are matches, Unbooked pairings, Unready people, for too long each;
	// SetAside are messages that could not be sent.
	Unanswered, Unbooked, Unready, SetAside int
}

// Any reports whether anything does.
func (c Concerns) Any() bool { return c != Concerns{} }

// OfDigest is what is owed to a programme's coordinators, by the ids of the members of
// staff: one digest on each working day on which something needs one.
func OfDigest(p *programme.Programme, concerns Concerns, coordinators []string, since, now time.Time) Look {
	cal := CalendarOf(p, "", "")
	l := Look{Next: cal.OpeningAfter(now)}
	today := cal.AddWorkingDays(now, 0)
	if !cal.WorkingDay(now) || today.Before(since) || today.After(now) || !concerns.Any() {
		return l
	}
	for _, id := range coordinators {
		m := about(outbox.Message{Kind: outbox.DailyDigest, Programme: p.ID, To: id}, p.ID, cal.Day(now))
		m.Until = cal.Midnight(now.In(cal.zone).AddDate(0, 0, 1))
		l.Owed = append(l.Owed, m)
	}
	return l
}
