package outbox

import "time"

// Window is the span of time for which a quota is counted.
const Window = 10 * time.Second

// Quota counts the emails of one programme, or to one domain, in the current window.
// All senders share it, and each takes a part of it at once, so that its document
// is written a few times a window and not once an email.
type Quota struct {
	ID      string    `firestore:"-"`
	Window  time.Time `firestore:"window"`
	Used    int       `firestore:"used"`
	Version time.Time `firestore:"-"`
}

// Shares is into how many parts a window's quota is divided at least, where it is
// large enough: what a sender took and does not use is lost to the others.
const Shares = 4

// Reserve takes a part of what is left of perMinute emails a minute at a time, and says
// how many that is: 0 where the window's are used up.
func (q *Quota) Reserve(perMinute int, now time.Time) int {
	most := max(1, perMinute*int(Window/time.Second)/60)
	if w := now.Truncate(Window); w.After(q.Window) {
		q.Window, q.Used = w, 0
	}
	part := min(max(1, most/Shares), most-q.Used)
	q.Used += part
	return part
}

// Next is when the window after the one at a time begins.
func Next(now time.Time) time.Time { return now.Truncate(Window).Add(Window) }
