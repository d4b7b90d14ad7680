package outbox

import "time"

// Window is the span of time for which a quota is counted.
const Window = 10 * time.Second

// Quota counts the emails of one programme, or to one domain, in the current window.
// All senders share it, and each takes a part of it at once, so that its document
// is written a few times a window and not once an email.
type Quota struct {
	ID     string    `firestore:"-"`
	Window time.Time `firestore:"window"`
	Used   int       `firestore:"used"`
	// Strangers is how many of those used are of their lane.
	Strangers int       `firestore:"strangers"`
	Version   time.Time `firestore:"-"`
}

// Shares is into how many parts a window's quota is divided at least, where it is
// large enough: what a sender took and does not use is lost to the others.
const Shares = 4

// Reserve takes a part of what is left of perMinute emails a minute at a time for a lane,
// and says how many that is: 0 where the window's are used up, or all that strangers may
// have of them.
func (q *Quota) Reserve(lane Lane, perMinute int, now time.Time) int {
	most := max(1, perMinute*int(Window/time.Second)/60)
	if w := now.Truncate(Window); w.After(q.Window) {
		q.Window, q.Used, q.Strangers = w, 0, 0
	}
	left := most - q.Used
	if lane == Strangers {
		most = half(most, q.Window)
		left = min(left, most-q.Strangers)
	}
	part := max(0, min(max(1, most/Shares), left))
	q.Used += part
	if lane == Strangers {
		q.Strangers += part
	}
	return part
}

// half is half of a window's emails. Of an odd number it is one more in each other window,
// so that strangers have a turn also where one email a window may go.
func half(n int, window time.Time) int {
	return (n + int(window.Unix()/int64(Window/time.Second)%2)) / 2
}

// Next is when the window after the one at a time begins.
func Next(now time.Time) time.Time { return now.Truncate(Window).Add(Window) }
