package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/id"
)

// Staff is someone who works for a programme's host.
type Staff struct {
	ID    string        `firestore:"-"`
	Name  string        `firestore:"name"`
	Email email.Address `firestore:"email"` // folded
	// Account is the one by which they are known at the service at which staff sign in, ""
	// where they never did.
	Account access.Account `firestore:"account,omitempty"`
	// Roles are what they are in each programme.
	Roles access.ByProgramme `firestore:"rolesIn"`
	// Before are the same for a version of the code that knows one role a programme; they
	// are written with Roles, and never read. The next release drops them.
	Before    map[string]access.Role `firestore:"roles"`
	CreatedAt time.Time              `firestore:"createdAt"`
	UpdatedAt time.Time              `firestore:"updatedAt"`
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
	if m.Roles == nil {
		m.Roles = access.ByProgramme{}
	}
}

// StaffOf reads members of staff by id, into a map that lacks those who are not there.
func (s *Store) StaffOf(ctx context.Context, ids []string) (map[string]*Staff, error) {
	return byID(ctx, s, s.staff(), ids, "staff", staffAt, func(m *Staff) string { return m.ID })
}

// StaffMember is one member of staff.
func (h *BatchReader) StaffMember(id string) (*Staff, error) {
	return take(h, document(h.store.staff(), id), "member of staff", staffAt)
}

// StaffByEmail finds the member of staff with an address, or nil.
func (s *Store) StaffByEmail(ctx context.Context, address email.Address) (*Staff, error) {
	stored := []string{address.Folded(), strings.ToLower(address.Shown())} // as it is, and as it was before Punycode
	found, err := list(ctx, s.staff().Where("email", "in", stored).Limit(1), "staff", staffAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// StaffByAccount finds the member of staff who is known by an account, or nil.
func (s *Store) StaffByAccount(ctx context.Context, a access.Account) (*Staff, error) {
	found, err := list(ctx, s.staff().Where("account", "==", a).Limit(1), "staff", staffAt)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// AllStaff lists all members of staff, of every programme.
func (s *Store) AllStaff(ctx context.Context) ([]*Staff, error) {
	return list(ctx, s.staff().Query, "staff", staffAt)
}

// Coordinators lists the members of staff who coordinate a programme: also those whose
// documents no migration has changed yet.
func (s *Store) Coordinators(ctx context.Context, p string) ([]*Staff, error) {
	return list(ctx, s.staff().WhereEntity(firestore.OrFilter{Filters: []firestore.EntityFilter{
		firestore.PropertyPathFilter{Path: firestore.FieldPath{"rolesIn", p}, Operator: "array-contains", Value: access.Coordinator},
		firestore.PropertyPathFilter{Path: firestore.FieldPath{"roles", p}, Operator: "==", Value: access.Coordinator},
	}}), "staff", staffAt)
}

// NewStaff is somebody without a role yet. Their id is derived from the address, so that
// of two who make an account for one address at the same time one comes too late.
func NewStaff(name string, address email.Address, now time.Time) *Staff {
	sum := sha256.Sum256([]byte("staff\x00" + address.Folded()))
	return &Staff{ID: id.FromHash(sum[:]), Name: name, Email: email.Address(address.Folded()), Roles: access.ByProgramme{}, CreatedAt: now, UpdatedAt: now}
}

// SaveStaff writes a member of staff who is new, or as they were read and changed.
func (c *Commit) SaveStaff(m *Staff, now time.Time) {
	m.UpdatedAt = now
	if m.Version.IsZero() {
		c.CreateStaff(m)
	} else {
		c.UpdateStaff(m)
	}
}

// CreateStaff adds a new member of staff.
func (c *Commit) CreateStaff(m *Staff) {
	m.keepBefore()
	c.create(document(c.store.staff(), m.ID), m)
}

// UpdateStaff writes a member of staff as they were read and changed.
func (c *Commit) UpdateStaff(m *Staff) {
	m.keepBefore()
	c.update(document(c.store.staff(), m.ID), m, m.Version)
}

// Quit takes away what somebody may do in a programme. was says whether there was anything,
// and nobody that nothing is left anywhere.
func (m *Staff) Quit(programme string) (was, nobody bool) {
	_, was = m.Roles[programme]
	delete(m.Roles, programme)
	return was, len(m.Roles) == 0
}

// keepBefore sets what an earlier version reads: of several roles in a programme the
// one that may most, which stands first among all roles.
func (m *Staff) keepBefore() {
	m.Before = make(map[string]access.Role, len(m.Roles))
	for p := range m.Roles {
		for _, r := range access.Roles {
			if m.Roles.Has(p, r) {
				m.Before[p] = r
				break
			}
		}
	}
}

// severalRoles gives each member of staff a list of roles in a programme, where they
// had one.
var severalRoles = Migration{
	Collection: "staff", To: 2, Why: "so that somebody can have several roles in one programme",
	Change: func(fields map[string]any) error {
		before, _ := fields["roles"].(map[string]any)
		all := make(map[string]any, len(before))
		for p, role := range before {
			if _, ok := role.(string); !ok {
				return fmt.Errorf("the role in %s is a %T", p, role)
			}
			all[p] = []any{role}
		}
		fields["rolesIn"] = all
		return nil
	},
}
