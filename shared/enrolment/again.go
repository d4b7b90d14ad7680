package enrolment

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// How often a browser that enrolled may have the email sent once more, which asks to
// confirm: no sooner than a minute after the last, and MostAgain times in a day, in which
// corrections of the address count.
const (
	againAfter = time.Minute
	MostAgain  = 4
)

// Sendings are when the email that asks to confirm was asked for in the last day, from the
// first on, the oldest first.
type Sendings []time.Time

// Again adds one at now. At once is for another address, which need not wait for a minute.
// The error is a conflict that says when to try again.
func (s Sendings) Again(now time.Time, atOnce bool) (Sendings, error) {
	day := now.Add(-24 * time.Hour)
	s = slices.DeleteFunc(slices.Clone(s), func(at time.Time) bool { return !at.After(day) })
	switch {
	case len(s) > MostAgain:
		return nil, fault.New(fault.Conflict, "We have sent it as often as we can in one day. Look in your junk folder too, or try again tomorrow")
	case !atOnce && len(s) > 0 && now.Before(s[len(s)-1].Add(againAfter)):
		return nil, fault.New(fault.Conflict, "We sent it less than a minute ago. Give it a minute to arrive, and look in your junk folder too")
	}
	return append(s, now), nil
}
