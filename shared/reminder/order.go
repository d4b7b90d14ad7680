package reminder

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// soon is how long after an email nobody is reminded of it.
const soon = 20 * time.Hour

// Order says what becomes of a message, at the programme's time now, since it reminds
// of another, its first: it waits until then while the first is on its way, and is
// not wanted where that has only just gone. The zero time and "" are for one that may
// go: the first went long ago, or is not wanted itself.
//
// Where the first was set aside, the reminder waits for a person to try it again. That
// of a session does not: it says all that the first would have said, and without it
// nobody would come.
func Order(m, first *outbox.Message, now time.Time) (until time.Time, unwanted string) {
	lately := soon
	if m.Session != "" {
		lately = justBooked
	}
	switch {
	case first.State == outbox.Sent && now.Sub(first.SentAt) < lately:
		return time.Time{}, "what it reminds of has only just been sent"
	case first.State == outbox.SetAside && m.Session == "":
		return now.Add(24 * time.Hour), ""
	case !first.State.Final():
		return now.Add(time.Hour), ""
	}
	return time.Time{}, ""
}
