package questionnaire

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Marks is how far it is known beside people who has answered: one document of a programme.
//
// Who has answered is marked once a day for all, before the first reminder of the day, since a
// mark for each answer would say which answer was given when its person was seen. What
// Firestore's own times still tell ends when a moment closes: then its answers and its marks
// are written anew.
type Marks struct {
	Programme string `firestore:"-"`
	// Day is the programme's day on which it was last marked, such as 2027-03-01.
	Day string `firestore:"day"`
	// Closed are the moments of which all was written anew since they closed.
	Closed []programme.Moment `firestore:"closed,omitempty"`
	// Anonymous says that the programme's secret is destroyed, and what people wrote in their
	// own words deleted.
	Anonymous bool `firestore:"anonymous,omitempty"`
	// Version is the time of the document's last write, which guards the next; the zero time
	// where nothing was marked yet.
	Version time.Time `firestore:"-"`
}

// before is how many hours before the programme's people are first written to on a day it is
// marked who has answered.
const before = 1

// Due is the day of which it is to be marked who has answered, or "".
func (m *Marks) Due(p *programme.Programme, now time.Time) string {
	local := now.In(p.Location())
	day := local.Format(time.DateOnly)
	if m.Day >= day || local.Hour() < p.Cadence.Filled().Opens-before {
		return ""
	}
	return day
}

// Made reports whether it was marked today who has answered: only then is it known who still
// has to be reminded.
func (m *Marks) Made(p *programme.Programme, now time.Time) bool {
	return m.Day >= now.In(p.Location()).Format(time.DateOnly)
}

// ToClose are the moments that have closed and of which not all was written anew yet.
func (m *Marks) ToClose(p *programme.Programme, now time.Time) (all []programme.Moment) {
	for _, moment := range programme.Moments {
		if p.Closed(moment, now) && !slices.Contains(m.Closed, moment) {
			all = append(all, moment)
		}
	}
	return all
}

// ToForget reports whether the programme's secret is to be destroyed: its day has come, and
// all moments have closed.
func (m *Marks) ToForget(p *programme.Programme, now time.Time) bool {
	at, ok := p.Anonymous()
	return ok && !now.Before(at) && !m.Anonymous && len(m.Closed) == len(programme.Moments)
}
