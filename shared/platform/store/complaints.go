package store

import (
	"context"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/complaint"
)

func (s *Store) complaints(p string) *firestore.CollectionRef { return s.in(p, "complaints") }

func complaintAt(c *complaint.Complaint, snap *firestore.DocumentSnapshot) {
	c.ID, c.Version = snap.Ref.ID, snap.UpdateTime
}

// Complaint reads one complaint.
func (s *Store) Complaint(ctx context.Context, p, id string) (*complaint.Complaint, error) {
	c := new(complaint.Complaint)
	snap, err := read(ctx, document(s.complaints(p), id), "complaint", c)
	if err != nil {
		return nil, err
	}
	complaintAt(c, snap)
	return c, nil
}

// Complaint is one complaint.
func (h *BatchReader) Complaint(p, id string) (*complaint.Complaint, error) {
	return take(h, document(h.store.complaints(p), id), "complaint", complaintAt)
}

// ComplaintsOf lists those of the person of an enrolment, in whichever role.
func (s *Store) ComplaintsOf(ctx context.Context, p, enrolmentID string) ([]*complaint.Complaint, error) {
	return list(ctx, s.complaints(p).Where("enrolment", "in", inAnyRole(enrolmentID)), "complaints", complaintAt)
}

// ComplaintsForDesk lists those whose authors agreed that the programme's coordinators read
// them: a hundred at most.
func (s *Store) ComplaintsForDesk(ctx context.Context, p string) ([]*complaint.Complaint, error) {
	return list(ctx, s.complaints(p).Where("desk", "==", true).Limit(100), "complaints", complaintAt)
}

// SaveComplaint writes a complaint that is new, or as it was read and changed.
func (c *Commit) SaveComplaint(p string, x *complaint.Complaint) {
	ref := document(c.store.complaints(p), x.ID)
	if x.Version.IsZero() {
		c.create(ref, x)
	} else {
		c.update(ref, x, x.Version)
	}
	c.due(ref, x.DueAt)
	c.LogTransition("complaint", x.ID, string(x.State))
}
