package pairing

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Forgotten stands in the place of an enrolment's id whose person was forgotten.
const Forgotten = "forgotten"

// forget puts Forgotten in the place of an enrolment's id that is one of some.
func forget(id *string, ids []string) bool {
	if !slices.Contains(ids, *id) {
		return false
	}
	*id = Forgotten
	return true
}

// Forget takes out of a match what is of the enrolments with some ids, and reports whether
// nobody is left whom it is about. The reasons were made from what both gave. A match that
// was never released nobody knows of.
func (m *Match) Forget(ids []string) (nobody bool) {
	for _, role := range programme.Roles {
		side := m.Side(role)
		if forget(&side.Enrolment, ids) {
			*side = Side{Enrolment: Forgotten}
			m.Questions = slices.DeleteFunc(m.Questions, func(q Question) bool { return q.By == role || q.ByOther })
			if m.Look.By == role {
				m.Look = Look{}
			}
			m.Reasons, m.Score = matching.Reasons{}, 0
		}
	}
	return m.State == Proposed || m.Client.Enrolment == Forgotten && m.Consultant.Enrolment == Forgotten
}

// Only is a match with nothing of the other side than whose enrolment is one of some.
func (m Match) Only(ids []string) any {
	for _, role := range programme.Roles {
		if side := m.Side(role); !slices.Contains(ids, side.Enrolment) {
			*side = Side{}
			m.Questions = slices.DeleteFunc(slices.Clone(m.Questions), func(q Question) bool { return q.By == role && q.PassedAt.IsZero() })
			if m.Look.By == role {
				m.Look = Look{}
			}
		}
	}
	return &m
}

// Forget takes out of a pairing what is of the enrolments with some ids, and reports whether
// nobody is left whom it is about.
func (p *Pairing) Forget(ids []string) (nobody bool) {
	for _, side := range []struct {
		role programme.Role
		id   *string
	}{{programme.Client, &p.Client}, {programme.Consultant, &p.Consultant}} {
		if !forget(side.id, ids) {
			continue
		}
		if p.EndedBy != Ender(side.role.Other()) { // the coordinator's may be about them
			p.EndReason = ""
		}
		delete(p.Next, string(side.role))
		p.Proposal, p.Further = Proposal{}, Further{}
		delete(p.Limits, string(side.role))
		p.Thanks = nil // each is to the other, too
		if p.Agreement.By == side.role {
			p.Agreement = Agreement{}
		}
	}
	return p.Client == Forgotten && p.Consultant == Forgotten
}

// Only is a pairing with nothing that the other side has said.
func (p Pairing) Only(ids []string) any {
	next, limits, thanks := map[string]Next{}, map[string]string{}, map[string]Thanks{}
	for _, role := range programme.Roles {
		if slices.Contains(ids, p.Enrolment(role)) {
			if said := p.Next[string(role)]; said != "" {
				next[string(role)] = said
			}
			if within := p.Limits[string(role)]; within != "" {
				limits[string(role)] = within
			}
			if said, ok := p.Thanks[string(role)]; ok {
				thanks[string(role)] = said
			}
			continue
		}
		if role == programme.Client {
			p.Client = ""
		} else {
			p.Consultant = ""
		}
		if p.Agreement.By == role {
			p.Agreement = Agreement{}
		}
		if p.EndedBy == Ender(role) {
			p.EndReason = ""
		}
		if p.Proposal.By == role {
			p.Proposal = Proposal{}
		}
		if p.Further.By == role {
			p.Further = Further{}
		}
	}
	p.Next, p.Limits, p.Thanks = next, limits, thanks
	return &p
}

// Forget takes out of a session what is of the enrolments with some ids, and reports whether
// nobody is left whom it is about. Who wrote where they meet and why it was cancelled is not
// known, and so neither stays.
func (s *Session) Forget(ids []string) (nobody bool) {
	for _, side := range []struct {
		role programme.Role
		id   *string
	}{{programme.Client, &s.Client}, {programme.Consultant, &s.Consultant}} {
		if forget(side.id, ids) {
			s.Place, s.Was.Place, s.Reason = "", "", ""
			delete(s.Logged, string(side.role))
			delete(s.Said, string(side.role))
		}
	}
	return s.Client == Forgotten && s.Consultant == Forgotten
}

// Only is a session with nothing that the other side has said of it.
func (s Session) Only(ids []string) any {
	logged, said := map[string]bool{}, map[string]bool{}
	for _, role := range programme.Roles {
		switch {
		case slices.Contains(ids, s.Enrolment(role)):
			if l, ok := s.Logged[string(role)]; ok {
				logged[string(role)] = l
			}
			if x, ok := s.Said[string(role)]; ok {
				said[string(role)] = x
			}
		case role == programme.Client:
			s.Client = ""
		default:
			s.Consultant = ""
		}
	}
	s.Logged, s.Said = logged, said
	return &s
}

// Only is a decision without whom else it is about.
func (d Decision) Only(ids []string) any {
	if !slices.Contains(ids, d.Client) {
		d.Client = ""
	}
	if !slices.Contains(ids, d.Consultant) {
		d.Consultant = ""
	}
	return &d
}
