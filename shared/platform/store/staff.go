package store

import (
	"context"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
)

// Staff is someone who works for a programme's host.
type Staff struct {
	ID    string        `firestore:"-"`
	Name  string        `firestore:"name"`
	Email email.Address `firestore:"email"` // folded
	// Roles are "coordinator" or "evaluator" by programme id.
	Roles     map[string]string `firestore:"roles"`
	Schema    int               `firestore:"schema"`
	CreatedAt time.Time         `firestore:"createdAt"`
	UpdatedAt time.Time         `firestore:"updatedAt"`
	// Version is the time of the document's last write, which guards the next.
	Version time.Time `firestore:"-"`
}

func (s *Store) staff() *firestore.CollectionRef { return s.client.Collection("staff") }

// StaffMember reads one member of staff.
func (s *Store) StaffMember(ctx context.Context, id string) (*Staff, error) {
	m := new(Staff)
	snap, err := read(ctx, document(s.staff(), id), "member of staff", m)
	if err != nil {
		return nil, err
	}
	staffAt(m, snap)
	return m, nil
}

func staffAt(m *Staff, snap *firestore.DocumentSnapshot) {
	m.ID, m.Version = snap.Ref.ID, snap.UpdateTime
}

// StaffByEmail finds the member of staff with an address, or nil.
func (s *Store) StaffByEmail(ctx context.Context, address email.Address) (*Staff, error) {
	found, err := list(ctx, s.staff().Where("email", "==", address.Folded()).Limit(1), "staff", staffAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Coordinators lists the members of staff who coordinate a programme.
func (s *Store) Coordinators(ctx context.Context, p string) ([]*Staff, error) {
	return list(ctx, s.staff().WherePath(firestore.FieldPath{"roles", p}, "==", "coordinator"), "staff", staffAt)
}

// CreateStaff adds a new member of staff.
func (c *Commit) CreateStaff(m *Staff) { c.create(document(c.store.staff(), m.ID), m) }

// UpdateStaff writes a member of staff as they were read and changed.
func (c *Commit) UpdateStaff(m *Staff) { c.update(document(c.store.staff(), m.ID), m, m.Version) }
