package store

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Invitation reads one invitation to a questionnaire.
func (s *Store) Invitation(ctx context.Context, p, id string) (*questionnaire.Invitation, error) {
	i := new(questionnaire.Invitation)
	snap, err := read(ctx, document(s.in(p, "invitations"), id), "invitation", i)
	if err != nil {
		return nil, err
	}
	invitationAt(i, snap)
	return i, nil
}

// OpenInvitations lists an enrolment's invitations to questionnaires that were not
// handed in.
func (s *Store) OpenInvitations(ctx context.Context, p, enrolment string) ([]*questionnaire.Invitation, error) {
	return list(ctx, s.in(p, "invitations").Where("enrolment", "==", enrolment).Where("submitted", "==", false), "invitations", invitationAt)
}

func invitationAt(i *questionnaire.Invitation, snap *firestore.DocumentSnapshot) {
	i.ID, i.Version = snap.Ref.ID, snap.UpdateTime
}

// Invitation is one invitation to a questionnaire.
func (h *BatchReader) Invitation(p, id string) (*questionnaire.Invitation, error) {
	return take(h, document(h.store.in(p, "invitations"), id), "invitation", invitationAt)
}

// CreateInvitation adds a new invitation.
func (c *Commit) CreateInvitation(p string, i *questionnaire.Invitation) {
	ref := document(c.store.in(p, "invitations"), i.ID)
	c.create(ref, i)
	c.due(ref, i.DueAt)
}

// UpdateInvitation writes an invitation as it was read and changed.
func (c *Commit) UpdateInvitation(p string, i *questionnaire.Invitation) {
	ref := document(c.store.in(p, "invitations"), i.ID)
	c.update(ref, i, i.Version)
	c.due(ref, i.DueAt)
}

// InvitationsOf lists all invitations that the person of an enrolment has had in a programme,
// in whichever role.
func (s *Store) InvitationsOf(ctx context.Context, p, enrolmentID string) ([]*questionnaire.Invitation, error) {
	return list(ctx, s.in(p, "invitations").Where("enrolment", "in", inAnyRole(enrolmentID)), "invitations", invitationAt)
}

// inAnyRole are the ids of the enrolments of an enrolment's person.
func inAnyRole(enrolmentID string) []string {
	ids := enrolment.IDs(enrolment.PersonOf(enrolmentID))
	if !slices.Contains(ids, enrolmentID) {
		ids = append(ids, enrolmentID)
	}
	return ids
}

// AllOpenInvitations lists the invitations of a programme that are not marked as answered.
func (s *Store) AllOpenInvitations(ctx context.Context, p string) ([]*questionnaire.Invitation, error) {
	return listAll(ctx, s.in(p, "invitations").Where("submitted", "==", false), time.Time{}, "invitations", invitationAt)
}

// InvitationsAt lists all invitations of a programme at a moment.
func (s *Store) InvitationsAt(ctx context.Context, p string, m programme.Moment) ([]*questionnaire.Invitation, error) {
	return listAll(ctx, s.in(p, "invitations").Where("moment", "==", m), time.Time{}, "invitations", invitationAt)
}

// FormerInvitations lists those invitations of a programme whose answers are kept beside
// people, as versions before did.
func (s *Store) FormerInvitations(ctx context.Context, p string) ([]*questionnaire.Invitation, error) {
	return list(ctx, s.in(p, "invitations").Where("response", ">", ""), "invitations", invitationAt)
}

// FormerResponses reads answers as versions before kept them, by id, into a map that lacks
// those that are not there.
func (s *Store) FormerResponses(ctx context.Context, p string, ids []string) (map[string]*questionnaire.Former, error) {
	return byID(ctx, s, s.in(p, "responses"), ids, "responses", func(f *questionnaire.Former, snap *firestore.DocumentSnapshot) {
		f.ID, f.Version = snap.Ref.ID, snap.UpdateTime
	}, func(f *questionnaire.Former) string { return f.ID })
}

// DeleteFormer takes away answers as versions before kept them, as they were read.
func (c *Commit) DeleteFormer(p string, f *questionnaire.Former) {
	c.delete(document(c.store.in(p, "responses"), f.ID), f.Version)
}

// marks is the one document of its kind of a programme.
func (s *Store) marks(p string) *firestore.DocumentRef {
	return document(s.in(p, "marks"), "questionnaires")
}

// Marks reads how far it was marked in a programme who has answered: empty where nothing was.
func (s *Store) Marks(ctx context.Context, p string) (*questionnaire.Marks, error) {
	m := &questionnaire.Marks{Programme: p}
	snap, err := read(ctx, s.marks(p), "marks", m)
	if fault.Is(err, fault.NotFound) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	m.Version = snap.UpdateTime
	return m, nil
}

// SaveMarks writes marks as they were read and changed, or makes them.
func (c *Commit) SaveMarks(m *questionnaire.Marks) {
	ref := c.store.marks(m.Programme)
	if m.Version.IsZero() {
		c.create(ref, m)
		return
	}
	c.update(ref, m, m.Version)
}
