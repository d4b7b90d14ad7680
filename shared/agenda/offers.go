package agenda

import (
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Offer is something that somebody can do with what they have from the programme. Nothing of it
// is asked of them, and nobody is ever reminded of it.
type Offer string

// The offers, in the order in which they are shown.
const (
	// ChairBefore is a letter for one's chair before it starts, and ChairAfter a summary.
	ChairBefore Offer = "a letter for one's chair"
	ChairAfter  Offer = "a summary for one's chair"
	// Statement is a statement of the hours that a consultant gave.
	Statement Offer = "a statement of hours given"
)

// Offers are those to somebody, as they stand.
func Offers(f Facts) (all []Offer) {
	takesPart, helps, held, given := false, false, 0, 0
	for _, e := range f.Enrolments {
		if e.State == enrolment.Withdrawn {
			continue
		}
		takesPart = true
		if e.Role == programme.Consultant {
			helps = true
			if e.Readiness.Trained {
				given++
			}
			for _, pair := range f.Pairings {
				if pair.Consultant == e.ID {
					given += pair.Held
				}
			}
		}
	}
	for _, pair := range f.Pairings {
		held += pair.Held
	}
	if !takesPart {
		return nil
	}
	if held == 0 {
		all = append(all, ChairBefore)
	} else {
		all = append(all, ChairAfter)
	}
	if helps && given > 0 {
		all = append(all, Statement)
	}
	return all
}
