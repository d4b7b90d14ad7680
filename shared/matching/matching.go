// Package matching decides who may work with whom, how well two people fit, and
// which set of pairs is best for everyone together; and it says why.
//
// A pair is eligible when every criterion of the programme holds; other pairs are
// absent from the problem, never merely penalised. An eligible pair has a score, a
// small whole number, each point of which one of the programme's rules gave. The
// best solution has, in this order, the most clients matched; with the objective
// fair, the best fit for the worst-off of them; the highest total score; as many
// as possible of the matches that were out already; and then one fixed choice
// among equals, by a hash of ids, so that neither the order of enrolment nor of
// rows decides.
//
// Solve finds it with package assign and states a certificate, from which package
// certificate, which knows nothing of the solver, shows that nothing is better.
package matching

import (
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/organisation"
)

// Person is what matching needs to know of someone who is ready.
type Person struct {
	// ID is the enrolment's.
	ID           string
	Organisation enrolment.Organisation
	// Needs are a client's priorities, 1 to 3 by skill id; Skills anybody's levels,
	// 1 to 3: what a consultant offers, and what a client already has.
	Needs, Skills map[string]int
	// Availability are half-days, see enrolment.HalfDays.
	Availability []string
	// Languages are those spoken, none for English; Meeting the ways of meeting, none
	// for all of them.
	Languages, Meeting []string
	// Capacity is how many more pairings this person can take now; a client has one.
	Capacity int
	// Supervisor is a consultant's, or "" where none is booked by pairings.
	Supervisor string
	// Conflicts are organisations' names or register numbers, private.
	Conflicts []string
	// Settled is what a coordinator said about which organisations those are.
	Settled []organisation.Settlement
	// Mention is a funder's or commissioner's name, who mentioned the programme to them, and
	// Bids those to whom they bid, private.
	Mention string   `json:",omitempty"`
	Bids    []string `json:",omitempty"`
	// Declined are the ids of people with whom a match was declined by either, or lapsed.
	Declined []string
	// Preferences are ids of people, the most wanted first.
	Preferences []string
}

// Pair is two people by their ids.
type Pair struct {
	Client     string `firestore:"client" json:"client"`
	Consultant string `firestore:"consultant" json:"consultant"`
}
