package enrolment

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Why no place of someone can be taken up. Those who read it know of which pair it
// is said, and not which of the two it is.
var (
	ErrNotReady = fault.New(fault.Conflict, "One of the two is no longer ready to be matched.")
	ErrMatched  = fault.New(fault.Conflict, "One of the two already has a match.")
	ErrNotNow   = fault.New(fault.Conflict, "One of the two wants no match for now.")
	ErrFull     = fault.New(fault.Conflict, "One of the two has no place left.")
)

// Open says why this person can be given no match that is new: after the end of their
// sessions they have said that they want nothing for now.
func (e *Enrolment) Open() error {
	if e.NotNow {
		return ErrNotNow
	}
	return nil
}

// Room says why a match cannot take up a place of this person: they must be ready,
// and have fewer matches and pairings than they can take. A match that has its
// place already keeps it, ready or not.
func (e *Enrolment) Room(match string) error {
	switch {
	case slices.Contains(e.Places, match):
		return nil
	case e.State != Ready:
		return ErrNotReady
	case len(e.Places) < e.Capacity:
		return nil
	case e.Role == programme.Client:
		return ErrMatched
	}
	return ErrFull
}

// Left is how many more matches this person can be given.
func (e *Enrolment) Left() int {
	if e.NotNow {
		return 0
	}
	return max(0, e.Capacity-len(e.Places))
}

// Take has a match take up a place, for which there is Room. Twice is one place.
func (e *Enrolment) Take(match string) {
	if !slices.Contains(e.Places, match) {
		e.Places = append(e.Places, match)
	}
}

// Free gives back the place that a match took up, if it did.
func (e *Enrolment) Free(match string) {
	e.Places = slices.DeleteFunc(e.Places, func(id string) bool { return id == match })
}
