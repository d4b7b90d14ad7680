package store

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

func (s *Store) supervisors(p string) *firestore.CollectionRef { return s.in(p, "supervisors") }

func supervisorAt(supervisor *supervision.Supervisor, snap *firestore.DocumentSnapshot) {
	supervisor.ID, supervisor.Version = snap.Ref.ID, snap.UpdateTime
}

// Supervisor reads one supervisor of a programme.
func (s *Store) Supervisor(ctx context.Context, p, id string) (*supervision.Supervisor, error) {
	supervisor := new(supervision.Supervisor)
	snap, err := read(ctx, document(s.supervisors(p), id), "supervisor", supervisor)
	if err != nil {
		return nil, err
	}
	supervisorAt(supervisor, snap)
	return supervisor, nil
}

// SupervisorsOf reads supervisors of a programme by id, into a map that lacks those
// who are not there.
func (s *Store) SupervisorsOf(ctx context.Context, p string, ids []string) (map[string]*supervision.Supervisor, error) {
	return byID(ctx, s, s.supervisors(p), ids, "supervisors", supervisorAt, func(supervisor *supervision.Supervisor) string { return supervisor.ID })
}

// Supervisors lists a programme's supervisors by name.
func (s *Store) Supervisors(ctx context.Context, p string) ([]*supervision.Supervisor, error) {
	return list(ctx, s.supervisors(p).OrderBy("name", firestore.Asc), "supervisors", supervisorAt)
}

// CreateSupervisor adds a new supervisor.
func (c *Commit) CreateSupervisor(p string, supervisor *supervision.Supervisor) {
	c.create(document(c.store.supervisors(p), supervisor.ID), supervisor)
}

// UpdateSupervisor writes a supervisor as they were read and changed.
func (c *Commit) UpdateSupervisor(p string, supervisor *supervision.Supervisor) {
	c.update(document(c.store.supervisors(p), supervisor.ID), supervisor, supervisor.Version)
}

// AppointSupervisor makes whoever has a supervisor's address a member of staff with that
// role in the programme, in the commit that writes the supervisor, and reports whether
// there is something to write. An account belongs to its address: where the supervisor
// has got another one, the role leaves the account that it was with and goes to that of
// the new address. Nobody's account gets another address, and another name only where it
// is for nothing but this. by is who does it, for the audit trail.
func (c *Commit) AppointSupervisor(ctx context.Context, p string, supervisor *supervision.Supervisor, by string, now time.Time) (bool, error) {
	m, err := c.store.StaffByEmail(ctx, supervisor.Email)
	if err != nil {
		return false, err
	}
	renamed := m != nil && m.Name != supervisor.Name && len(m.Roles) == 1 && slices.Equal(m.Roles[p], []access.Role{access.Supervisor})
	if m != nil && m.ID == supervisor.Staff && m.Roles.Has(p, access.Supervisor) && !renamed {
		return false, nil
	}
	if before := supervisor.Staff; before != "" && (m == nil || m.ID != before) {
		old, err := c.store.StaffMember(ctx, before)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return false, err
		}
		if err == nil && old.Roles.Revoke(p, access.Supervisor) {
			c.SaveStaff(old, now)
			c.Audit(AuditEntry{Programme: p, By: by, Did: "took away the role supervisor", To: old.ID, At: now})
		}
	}
	switch {
	case m == nil:
		m = NewStaff(supervisor.Name, supervisor.Email, now)
	case renamed:
		m.Name = supervisor.Name
	}
	if m.Roles.Grant(p, access.Supervisor) {
		c.Audit(AuditEntry{Programme: p, By: by, Did: "gave the role supervisor", To: m.ID, At: now})
	}
	c.SaveStaff(m, now) // also as a guard, where the role is there
	supervisor.Staff = m.ID
	return true, nil
}

// AppointSupervisors makes members of staff of all supervisors of all programmes who are
// none, since a version before this one added them or gave them another address; where
// apply is not set it only counts them. Safe to run twice, and beside the desk. by is
// for the audit trail.
func (s *Store) AppointSupervisors(ctx context.Context, by string, apply bool) (int, error) {
	found, err := listAll(ctx, s.client.CollectionGroup("supervisors").Query, time.Time{}, "supervisors", func(doc *snapshot, snap *firestore.DocumentSnapshot) { doc.of = snap })
	if err != nil {
		return 0, err
	}
	appointed := 0
	for _, each := range found {
		did, err := s.appoint(ctx, each.of.Ref, by, apply)
		if err != nil {
			return appointed, err
		}
		if did {
			appointed++
		}
	}
	return appointed, nil
}

// appoint reads a supervisor again as often as somebody else writes first.
func (s *Store) appoint(ctx context.Context, ref *firestore.DocumentRef, by string, apply bool) (bool, error) {
	p := ref.Parent.Parent.ID
	for range tries {
		supervisor, err := s.Supervisor(ctx, p, ref.ID)
		if err != nil {
			return false, err
		}
		c := s.Commit()
		did, err := c.AppointSupervisor(ctx, p, supervisor, by, s.now())
		if err != nil || !did || !apply {
			return did, err
		}
		c.UpdateSupervisor(p, supervisor)
		if err := c.Do(ctx); !IsConflict(err) {
			return true, err
		}
	}
	return false, ErrChanged
}
