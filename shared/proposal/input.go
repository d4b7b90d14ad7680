// Package proposal is what a matching run makes of a programme as it stands: the
// problem that is solved, and what of its solution people get to see.
//
// Matches that people know of are never taken back by a run. What both accepted
// stands; what was released stands too, and the proposal is the best among those who
// are free besides. Where it would be better to move some of those who have not
// answered, the proposal says which, from whom to whom and what everyone together
// would gain: a coordinator decides, and withdraws them, and the next run proposes
// what takes their place.
package proposal

import (
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Input is a programme at one moment, as far as matching looks at it.
type Input struct {
	Programme *programme.Programme
	// Ready are those who are ready, on either side.
	Ready []*enrolment.Enrolment
	// Matches are all that are released or were declined.
	Matches []*pairing.Match
	// Stopped are the pairings that were stopped: the two are not matched again.
	Stopped     []*pairing.Pairing
	Supervisors []*supervision.Supervisor
	// Bound is what a run is bound to before it is solved, or nil.
	Bound *Commitment
	// Decisions are a coordinator's, those that were lifted among them.
	Decisions []*pairing.Decision
}

// Settled is the problem of those who are free, beside matches that stay.
func (s *Input) Settled() *matching.Problem { return s.problem(nil) }

// Open is the same problem with those in released matches that nobody answered yet:
// these are kept where that is as good.
func (s *Input) Open() *matching.Problem { return s.problem(s.unanswered()) }

// unanswered are the released matches without an answer between two who could be
// matched.
func (s *Input) unanswered() []*pairing.Match {
	supervisors := map[string]bool{}
	for _, supervisor := range s.Supervisors {
		supervisors[supervisor.ID] = true
	}
	ready := make(map[string]bool, len(s.Ready))
	for _, e := range s.Ready {
		ready[e.ID] = e.Role == programme.Client || supervisors[e.Supervisor]
	}
	var open []*pairing.Match
	for _, m := range s.Matches {
		if m.Unanswered() && ready[m.Client.Enrolment] && ready[m.Consultant.Enrolment] {
			open = append(open, m)
		}
	}
	return open
}

// people are all who are ready, by id.
func (s *Input) people() map[string]matching.Person {
	people := make(map[string]matching.Person, len(s.Ready))
	for _, e := range s.Ready {
		people[e.ID] = matching.FromEnrolment(e)
	}
	return people
}

func (s *Input) problem(open []*pairing.Match) *matching.Problem {
	pr := &matching.Problem{Programme: s.Programme, Supervisors: map[string]int{}}
	for _, supervisor := range s.Supervisors {
		pr.Supervisors[supervisor.ID] = supervisor.Capacity - len(supervisor.Places)
	}
	for _, d := range s.Decisions {
		switch {
		case !d.Stands():
		case d.Kind == pairing.Pin:
			pr.Pinned = append(pr.Pinned, matching.Pair{Client: d.Client, Consultant: d.Consultant})
		case d.Kind == pairing.Forbid:
			pr.Forbidden = append(pr.Forbidden, matching.Pair{Client: d.Client, Consultant: d.Consultant})
		}
	}
	declined := map[string][]string{}
	for _, m := range s.Matches {
		if slices.Contains(pairing.Apart, m.State) {
			declined[m.Client.Enrolment] = append(declined[m.Client.Enrolment], m.Consultant.Enrolment)
		}
	}
	for _, pair := range s.Stopped {
		declined[pair.Client] = append(declined[pair.Client], pair.Consultant)
	}
	freed := map[string]int{}
	for _, m := range open {
		freed[m.Client.Enrolment]++
		freed[m.Consultant.Enrolment]++
		pr.Kept = append(pr.Kept, matching.Pair{Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment})
	}
	for _, e := range s.Ready {
		if e.NotNow {
			continue
		}
		person := matching.FromEnrolment(e)
		person.Declined = declined[e.ID]
		person.Capacity = e.Capacity - len(e.Places) + freed[e.ID]
		_, supervised := pr.Supervisors[person.Supervisor]
		if supervised {
			pr.Supervisors[person.Supervisor] += freed[e.ID]
		}
		switch {
		case person.Capacity < 1:
		case e.Role == programme.Client:
			pr.Clients = append(pr.Clients, person)
		case supervised: // nobody is matched without a supervisor
			pr.Consultants = append(pr.Consultants, person)
		}
	}
	for id, left := range pr.Supervisors {
		pr.Supervisors[id] = max(0, left)
	}
	for _, side := range [][]matching.Person{pr.Clients, pr.Consultants} {
		slices.SortFunc(side, func(a, b matching.Person) int { return strings.Compare(a.ID, b.ID) })
	}
	return pr
}
