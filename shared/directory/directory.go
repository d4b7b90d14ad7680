// Package directory is whom somebody can choose, in a programme in which people have a say
// in whom they work with: in a directory one side chooses, and where both rank each
// other, the matching counts what they prefer.
//
// Only those are shown who are possible by all criteria of the programme. Everyone else
// is absent, whatever the reason: nobody can tell who avoids them, who declined, or
// whom the coordinator ruled out. Nor does the order tell who asked for the reader.
package directory

import (
	"cmp"
	"slices"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// View is what decides whom one person can choose.
type View struct {
	Programme *programme.Programme
	// Me is who chooses.
	Me *enrolment.Enrolment
	// Others are people of the other side who are ready.
	Others      []*enrolment.Enrolment
	Supervisors []*supervision.Supervisor
	// Declined are the ids of those with whom a match was declined by either, or lapsed, Forbidden
	// the pairs that a coordinator ruled out.
	Declined  []string
	Forbidden []matching.Pair
}

// Candidate is somebody who is possible.
type Candidate struct {
	*enrolment.Enrolment
	// Free is how many matches they can take now, with their supervisor, of Capacity.
	Free int
	// Score is the fit by the programme's rules, without what either prefers.
	Score int
	// Relaxed is what was allowed beyond the programme's place, or "".
	Relaxed programme.Within
}

// List is whom the person can choose: those who have a place free first, then the best
// fits. Where nobody is near enough, it goes on by the programme's order of relaxing.
// Those whom the matching would leave out are left out: who has no supervisor, and,
// where people do not choose from a directory, who has no place free.
func (s *View) List() ([]Candidate, error) {
	pool, mine, err := s.pool()
	if err != nil {
		return nil, err
	}
	others := make(map[string]*enrolment.Enrolment, len(s.Others))
	for _, e := range s.Others {
		others[e.ID] = e
	}
	theirs := pool.Consultants
	if !mine {
		theirs = pool.Clients
	}
	var all []Candidate
	for relaxed := 0; relaxed <= len(s.Programme.Relax) && len(all) == 0; relaxed++ {
		for k := range theirs {
			i, j := 0, k
			if !mine {
				i, j = k, 0
			}
			if pool.RuledOut(i, j, relaxed) != "" {
				continue
			}
			c := Candidate{Enrolment: others[theirs[k].ID], Score: pool.Score(i, j), Relaxed: pool.Relaxed(i, j)}
			if c.Free = s.placesLeft(c.Enrolment); c.Free > 0 || s.Programme.Mode == programme.Directory {
				all = append(all, c)
			}
		}
	}
	// The pool's order decides between equals: a fixed lottery.
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(min(1, b.Free), min(1, a.Free)), cmp.Compare(b.Score, a.Score))
	})
	return all, nil
}

// pool makes the person comparable with the others. Mine is whether the person is on
// the first side of it.
func (s *View) pool() (pool *matching.Pool, mine bool, err error) {
	me := person(s.Me)
	me.Declined = s.Declined
	supervised := map[string]bool{}
	for _, supervisor := range s.Supervisors {
		supervised[supervisor.ID] = true
	}
	others := make([]matching.Person, 0, len(s.Others))
	for _, e := range s.Others {
		if e.Role != s.Me.Role && (e.Role == programme.Client || supervised[e.Supervisor]) {
			others = append(others, person(e))
		}
	}
	mine = s.Me.Role == programme.Client
	clients, consultants := others, []matching.Person{me}
	if mine {
		clients, consultants = consultants, clients
	}
	pool, err = matching.NewPool(s.Programme, clients, consultants, s.Forbidden)
	return pool, mine, err
}

// person is somebody for the matching, without whom they prefer: the order of a list
// must not tell that.
func person(e *enrolment.Enrolment) matching.Person {
	who := matching.FromEnrolment(e)
	who.Preferences = nil
	return who
}

// placesLeft is how many matches somebody can take now. Where the matching assigns, their
// supervisor's room is for it to share out.
func (s *View) placesLeft(e *enrolment.Enrolment) int {
	n := e.Left()
	if e.Role == programme.Consultant && s.Programme.Mode == programme.Directory {
		for _, supervisor := range s.Supervisors {
			if supervisor.ID == e.Supervisor {
				n = min(n, supervisor.Left())
			}
		}
	}
	return n
}

// Reasons say why the person and a candidate fit, as a match of the two keeps them.
func (s *View) Reasons(c Candidate) matching.Reasons {
	client, consultant := s.pair(c)
	r := matching.Explain(s.Programme, client, consultant)
	r.Relaxed = c.Relaxed
	return r
}

// Facts are the reasons in words for the person who chooses.
func (s *View) Facts(c Candidate) matching.Facts {
	client, consultant := s.pair(c)
	return matching.FactsOf(s.Programme, client, consultant, c.Relaxed, s.Me.Role)
}

func (s *View) pair(c Candidate) (client, consultant matching.Person) {
	me, other := person(s.Me), person(c.Enrolment)
	if s.Me.Role == programme.Client {
		return me, other
	}
	return other, me
}
