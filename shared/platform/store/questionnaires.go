package store

import (
	"context"

	"cloud.google.com/go/firestore"

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

// InvitationsOf lists all invitations of one enrolment.
func (s *Store) InvitationsOf(ctx context.Context, p, enrolment string) ([]*questionnaire.Invitation, error) {
	return list(ctx, s.in(p, "invitations").Where("enrolment", "==", enrolment), "invitations", invitationAt)
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

// Response reads one person's answers.
func (s *Store) Response(ctx context.Context, p, id string) (*questionnaire.Response, error) {
	r := new(questionnaire.Response)
	snap, err := read(ctx, document(s.in(p, "responses"), id), "response", r)
	if err != nil {
		return nil, err
	}
	responseAt(r, snap)
	return r, nil
}

func responseAt(r *questionnaire.Response, snap *firestore.DocumentSnapshot) {
	r.ID, r.Version = snap.Ref.ID, snap.UpdateTime
}

// SubmittedResponses lists all answers of a programme that were submitted.
func (s *Store) SubmittedResponses(ctx context.Context, p string) ([]*questionnaire.Response, error) {
	return list(ctx, s.in(p, "responses").Where("submitted", "==", true), "responses", responseAt)
}

// CreateResponse adds an empty set of answers.
func (c *Commit) CreateResponse(p string, r *questionnaire.Response) {
	c.create(document(c.store.in(p, "responses"), r.ID), r)
}

// DeleteResponse takes away answers as they were read.
func (c *Commit) DeleteResponse(p string, r *questionnaire.Response) {
	c.delete(document(c.store.in(p, "responses"), r.ID), r.Version)
}

// UpdateResponse writes answers as they were read and changed.
func (c *Commit) UpdateResponse(p string, r *questionnaire.Response) {
	c.update(document(c.store.in(p, "responses"), r.ID), r, r.Version)
}
