package store

import (
	"context"
	"maps"
	"slices"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/fault"
)

func (s *Store) staffSessions() *firestore.CollectionRef { return s.client.Collection("staffSessions") }

func staffSessionAt(x *access.StaffSession, snap *firestore.DocumentSnapshot) {
	x.ID, x.Version = snap.Ref.ID, snap.UpdateTime
}

// StaffSession is one session of a member of staff.
func (h *BatchReader) StaffSession(id string) (*access.StaffSession, error) {
	return take(h, document(h.store.staffSessions(), id), "staff session", staffSessionAt)
}

// SignedIn reads a member of staff with the one of their sessions that has one of some
// ids, in one round trip. It is NotFound where either is not there, or the session is
// somebody else's.
func (s *Store) SignedIn(ctx context.Context, staff string, ids ...string) (*Staff, *access.StaffSession, error) {
	h := s.BatchReader()
	for _, id := range ids {
		_, _ = h.StaffSession(id) // asked for, and read below
	}
	_, _ = h.StaffMember(staff)
	if _, err := h.Fetch(ctx); err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		x, err := h.StaffSession(id)
		switch {
		case fault.Is(err, fault.NotFound):
			continue
		case err != nil:
			return nil, nil, err
		case x.Staff == staff:
			m, err := h.StaffMember(staff)
			return m, x, err
		}
	}
	return nil, nil, fault.New(fault.NotFound, "There is no such session.")
}

// StaffSessions lists a member of staff's sessions, also those that are over and not
// deleted yet. There are few: see access.Surplus.
func (s *Store) StaffSessions(ctx context.Context, staff string) ([]*access.StaffSession, error) {
	return list(ctx, s.staffSessions().Where("staff", "==", staff).Limit(MaxWrites-1), "staff sessions", staffSessionAt)
}

// CreateStaffSession adds a new session of a member of staff, with the entry of the audit
// trail: nobody is signed in without one.
func (c *Commit) CreateStaffSession(m *Staff, x *access.StaffSession) {
	c.create(document(c.store.staffSessions(), x.ID), x)
	c.Audit(AuditEntry{Kind: audit.SignIn, Shown: m.programmes(), By: m.ID, Did: "signed in by " + string(x.Way)})
}

// programmes are those in which somebody has a role.
func (m *Staff) programmes() []string { return slices.Sorted(maps.Keys(m.Roles)) }

// UpdateStaffSession writes a session as it was read and changed.
func (c *Commit) UpdateStaffSession(x *access.StaffSession) {
	c.update(document(c.store.staffSessions(), x.ID), x, x.Version)
}

// EndStaffSessions deletes sessions of a member of staff as they were read: nobody is signed
// in by them any more, from the next page on. The audit trail keeps who did that and how
// that came, and how many sessions it were.
func (c *Commit) EndStaffSessions(m *Staff, by, did string, all ...*access.StaffSession) {
	for _, x := range all {
		c.delete(document(c.store.staffSessions(), x.ID), x.Version)
	}
	if len(all) > 0 {
		c.Audit(AuditEntry{Kind: audit.SignOut, Shown: m.programmes(), By: by, Did: did, To: m.ID, Times: len(all)})
	}
}
