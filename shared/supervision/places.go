package supervision

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// ErrFull is that a supervisor has as many pairings under them as they can take.
var ErrFull = fault.New(fault.Conflict, "The supervisor can take no more pairings.")

// Left is how many more pairings a supervisor can take.
func (s *Supervisor) Left() int { return max(0, s.Capacity-len(s.Places)) }

// Open is nil: a supervisor takes whoever there is room for.
func (*Supervisor) Open() error { return nil }

// Room says why a match cannot be under this supervisor; nil where it can, or is.
func (s *Supervisor) Room(match string) error {
	if s.Left() == 0 && !slices.Contains(s.Places, match) {
		return ErrFull
	}
	return nil
}

// Take puts a match under the supervisor, who has Room for it. Twice is once.
func (s *Supervisor) Take(match string) {
	if !slices.Contains(s.Places, match) {
		s.Places = append(s.Places, match)
	}
}

// Free takes a match away from the supervisor, if it is there.
func (s *Supervisor) Free(match string) {
	s.Places = slices.DeleteFunc(s.Places, func(id string) bool { return id == match })
}

// Holders are those whose places a match of the two people takes up: whoever is nil
// has left, or is not there.
func Holders(client, consultant *enrolment.Enrolment, supervisor *Supervisor) (h pairing.Holders) {
	if client != nil {
		h.Client = client
	}
	if consultant != nil {
		h.Consultant = consultant
	}
	if supervisor != nil {
		h.Supervisor = supervisor
	}
	return h
}

// Transfer has a person's matches and pairings go over from one supervisor to another,
// either of whom may be nil for nobody: all of them, or none where the other has too
// little room. Who has any is never without a supervisor.
func Transfer(e *enrolment.Enrolment, from, to *Supervisor) error {
	var invalid fault.Invalid
	switch n := len(e.Places); {
	case to == nil && n > 0:
		invalid.Add("supervisor", "Select a supervisor: pairings are under way")
	case to != nil && n > to.Left():
		invalid.Add("supervisor", "Select another supervisor: %s can take %d more, and %d are under way", to.Name, to.Left(), n)
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	for _, match := range e.Places {
		if from != nil {
			from.Free(match)
		}
		if to != nil {
			to.Take(match)
		}
	}
	return nil
}
