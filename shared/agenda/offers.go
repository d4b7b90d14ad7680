package agenda

import (
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// Offer is something that somebody can do with what they have from the programme. Nothing of it
// is asked of them, and nobody is ever reminded of it.
type Offer string

// The offers, in the order in which they are shown.
const (
	// PassOn is to offer others what one learnt: to enrol on the side that helps.
	PassOn Offer = "to offer what one learnt"
	// Assistant is to let an assistant pick times.
	Assistant Offer = "to let one's assistant pick times"
	// ChairBefore is a letter for one's chair before it starts, and ChairAfter a summary.
	ChairBefore Offer = "a letter for one's chair"
	ChairAfter  Offer = "a summary for one's chair"
	// Statement is a statement of the hours that a consultant gave.
	Statement Offer = "a statement of hours given"
	// Myself is a letter to oneself, which comes back sealed.
	Myself Offer = "a letter to oneself"
)

// Offers are those to somebody, as they stand.
func Offers(f Facts, now time.Time) (all []Offer) {
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
	if PassesOn(f, now) {
		all = append(all, PassOn)
	}
	if Plans(f) && !slices.ContainsFunc(f.Enrolments, func(e *enrolment.Enrolment) bool { return e.Assistant.Named() }) {
		all = append(all, Assistant)
	}
	if held == 0 {
		all = append(all, ChairBefore)
	} else {
		all = append(all, ChairAfter)
	}
	if helps && given > 0 {
		all = append(all, Statement)
	}
	if sealed.Possible(f.Programme, now) {
		all = append(all, Myself)
	}
	return all
}

// Plans reports whether somebody has sessions to plan.
func Plans(f Facts) bool {
	return slices.ContainsFunc(f.Pairings, func(pair *pairing.Pairing) bool { return pair.State == pairing.Active })
}

// Completed is the pairing by which somebody has completed the programme as a client, the
// latest; nil where they have not.
func Completed(f Facts) (last *pairing.Pairing) {
	for _, e := range f.Enrolments {
		for _, pair := range f.Pairings {
			if e.Role == programme.Client && e.State != enrolment.Withdrawn && pair.Client == e.ID && pair.State == pairing.Completed && (last == nil || pair.EndedAt.After(last.EndedAt)) {
				last = pair
			}
		}
	}
	return last
}

// Helps reports whether somebody takes part, or did, on the side that helps.
func Helps(f Facts) bool {
	return slices.ContainsFunc(f.Enrolments, func(e *enrolment.Enrolment) bool { return e.Role == programme.Consultant })
}

// PassesOn reports whether somebody can go on to offer what they learnt: who has completed the
// programme as a client, while it runs; but not among peers, where no side leads more.
func PassesOn(f Facts, now time.Time) bool {
	return Completed(f) != nil && !Helps(f) && !f.Programme.Peers && !f.Programme.Ended(now)
}
