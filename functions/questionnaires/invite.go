package questionnaires

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// tries is how often an invitation is tried that another came before.
const tries = 5

// untilFirst does something again where another came first, who may have done a part of it.
func untilFirst(do func() error) (err error) {
	for range tries {
		if err = do(); !store.IsConflict(err) {
			return err
		}
	}
	return err
}

// inviteEnrolled invites who has confirmed their enrolment to the questionnaire of the start,
// unless they were invited before, and clears what asked for it, in one commit.
func (s *site) inviteEnrolled(ctx context.Context, programmeID, enrolmentID string) error {
	return untilFirst(func() error {
		e, err := s.Store.Enrolment(ctx, programmeID, enrolmentID)
		if err != nil || e.Invite == "" {
			return err
		}
		p, err := s.Store.Programme(ctx, programmeID)
		if err != nil {
			return err
		}
		had, err := s.Store.InvitationsOf(ctx, p.ID, e.ID)
		if err != nil {
			return err
		}
		now := s.Now()
		moment := e.Invite
		e.Invite, e.UpdatedAt = "", now
		c := s.Store.Commit()
		c.UpdateEnrolment(p.ID, e)
		if e.State != enrolment.Withdrawn && !p.Closed(moment, now) && !questionnaire.Asked(had, moment) {
			s.owe(ctx, c, p, questionnaire.Invite(p, e, moment, "", now))
		}
		return c.Do(ctx)
	})
}

// owe adds an invitation to a commit, with its email.
func (s *site) owe(ctx context.Context, c *store.Commit, p *programme.Programme, i *questionnaire.Invitation) {
	c.CreateInvitation(p.ID, i)
	c.LogTransition("invitation", i.ID, "invited")
	c.Enqueue(ctx, message.QuestionnaireInvited(p, i), s.Now())
}

// inviteEnded invites those of a pairing that has ended to the questionnaire of the end whose
// last pairing it was, and clears the milestone, in one commit. A pairing whose milestone is
// cleared is left alone.
func (s *site) inviteEnded(ctx context.Context, programmeID, pairingID string) error {
	return untilFirst(func() error {
		pair, err := s.Store.Pairing(ctx, programmeID, pairingID)
		if err != nil || pair.Milestone != pairing.Ended {
			return err
		}
		p, err := s.Store.Programme(ctx, programmeID)
		if err != nil {
			return err
		}
		now := s.Now()
		c := s.Store.Commit()
		pair.Milestone, pair.UpdatedAt = pairing.None, now
		c.UpdatePairing(p.ID, pair)
		invitations := make([]*questionnaire.Invitation, len(programme.Roles))
		var finding errgroup.Group
		for k, role := range programme.Roles {
			finding.Go(func() (err error) {
				invitations[k], err = s.closing(ctx, p, pair, role)
				return err
			})
		}
		if err := finding.Wait(); err != nil {
			return err
		}
		for _, i := range invitations {
			if i != nil {
				s.owe(ctx, c, p, i)
			}
		}
		return c.Do(ctx)
	})
}

// closing is the invitation to the questionnaire of the end that somebody of a pairing is owed,
// or nil. It asks in the role in which they answered at the start, so that the two are
// compared, unless they have left that.
func (s *site) closing(ctx context.Context, p *programme.Programme, pair *pairing.Pairing, role programme.Role) (*questionnaire.Invitation, error) {
	if pair.Enrolment(role) == pairing.Forgotten {
		return nil, nil
	}
	now := s.Now()
	had, err := s.Store.InvitationsOf(ctx, p.ID, pair.Enrolment(role))
	if err != nil || p.Closed(programme.Closing, now) || questionnaire.Asked(had, programme.Closing) {
		return nil, err
	}
	pairings, err := s.Store.PairingsWith(ctx, p.ID, pair.Enrolment(role))
	if err != nil || !questionnaire.AtTheEnd(pairings) {
		return nil, err
	}
	ids := []string{pair.Enrolment(role)}
	for _, i := range had {
		ids = append(ids, i.Enrolment)
	}
	enrolments, err := s.Store.EnrolmentsOf(ctx, p.ID, ids)
	if err != nil {
		return nil, err
	}
	e := enrolments[pair.Enrolment(role)]
	for _, i := range had {
		if before := enrolments[i.Enrolment]; before != nil && before.State != enrolment.Withdrawn {
			e = before
		}
	}
	if e == nil {
		return nil, nil // they were forgotten
	}
	return questionnaire.Invite(p, e, programme.Closing, pair.ID, now), nil
}

// page is how many documents one look takes up.
const page = 100

// inviteMissed invites everybody whom an event missed.
func (s *site) inviteMissed(ctx context.Context, p *programme.Programme) error {
	ended, err := s.Store.PairingsAt(ctx, p.ID, page, pairing.Ended)
	errs := []error{err}
	for _, pair := range ended {
		errs = append(errs, s.inviteEnded(ctx, p.ID, pair.ID))
	}
	enrolled, err := s.Store.ToInvite(ctx, p.ID, page)
	errs = append(errs, err)
	for _, e := range enrolled {
		errs = append(errs, s.inviteEnrolled(ctx, p.ID, e.ID))
	}
	return errors.Join(errs...)
}
