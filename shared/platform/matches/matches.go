// Package matches changes matches together with the places that they take up: of the
// two people, and of the consultant's supervisor. Each change is one commit of the
// match and its holders, each guarded by what was read of it, with the emails that
// follow: whoever else acts at the same moment, nobody has more matches than places.
package matches

import (
	"context"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// People are some of a programme's people and the supervisors of those who have one,
// as they were read.
type People struct {
	programme   string
	enrolments  map[string]*enrolment.Enrolment
	supervisors map[string]*supervision.Supervisor
}

// Read reads people by the ids of their enrolments.
func Read(ctx context.Context, s *store.Store, programme string, ids ...string) (*People, error) {
	p := &People{programme: programme}
	var err error
	if p.enrolments, err = s.EnrolmentsOf(ctx, programme, ids); err != nil {
		return nil, err
	}
	var supervisors []string
	for _, e := range p.enrolments {
		if e.Supervisor != "" {
			supervisors = append(supervisors, e.Supervisor)
		}
	}
	p.supervisors, err = s.SupervisorsOf(ctx, programme, supervisors)
	return p, err
}

// Enrolment is one of the people, or nil for someone who has left.
func (p *People) Enrolment(id string) *enrolment.Enrolment { return p.enrolments[id] }

// Of are the holders of the places that a match of two of the people takes up.
func (p *People) Of(client, consultant string) pairing.Holders {
	return supervision.Holders(p.enrolments[client], p.enrolments[consultant], p.supervisor(consultant))
}

func (p *People) supervisor(consultant string) *supervision.Supervisor {
	if e := p.enrolments[consultant]; e != nil {
		return p.supervisors[e.Supervisor]
	}
	return nil
}

// Update writes the two people of a match, and the supervisor, as they were read and
// changed. Somebody who is in several matches is written once.
func (p *People) Update(c *store.Commit, now time.Time, matches ...*pairing.Match) {
	written := map[string]bool{}
	for _, m := range matches {
		for _, id := range []string{m.Client.Enrolment, m.Consultant.Enrolment} {
			if e := p.enrolments[id]; e != nil && !written[id] {
				written[id] = true
				e.UpdatedAt = now
				c.UpdateEnrolment(p.programme, e)
			}
		}
		if supervisor := p.supervisor(m.Consultant.Enrolment); supervisor != nil && !written["supervisor "+supervisor.ID] {
			written["supervisor "+supervisor.ID] = true
			supervisor.UpdatedAt = now
			c.UpdateSupervisor(p.programme, supervisor)
		}
	}
}
