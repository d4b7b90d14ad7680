package programme

import "time"

// DueNow is when reminders look at a document once more that has changed now: now, or
// when they were to look at it before, where they have not yet, since what was owed
// then still is.
func DueNow(dueAt, now time.Time) time.Time {
	if dueAt.IsZero() || dueAt.After(now) {
		return now
	}
	return dueAt
}
