package questionnaires

import (
	"context"
	"errors"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/register"
)

// invite invites both people to the questionnaire of the milestone that their
// pairing has reached, and clears the milestone, in one commit. A pairing whose
// milestone is cleared is left alone.
func (s *site) invite(ctx context.Context, programmeID, pairingID string) error {
	pair, err := s.Store.Pairing(ctx, programmeID, pairingID)
	if err != nil {
		return err
	}
	moment, ok := questionnaire.MomentOf(pair.Milestone)
	if !ok {
		return nil
	}
	p, err := s.Store.Programme(ctx, programmeID)
	if err != nil {
		return err
	}
	now := s.Now()
	c := s.Store.Commit()
	pair.Milestone, pair.UpdatedAt = pairing.None, now
	c.UpdatePairing(p.ID, pair)
	for _, role := range programme.Roles {
		if pair.Enrolment(role) == pairing.Forgotten {
			continue
		}
		e, err := s.Store.Enrolment(ctx, p.ID, pair.Enrolment(role))
		if err != nil {
			return err
		}
		i, r := questionnaire.Invite(p, pair, e, moment, now)
		c.CreateInvitation(p.ID, i)
		c.LogTransition("invitation", i.ID, "invited")
		c.CreateResponse(p.ID, r)
		c.Enqueue(ctx, message.QuestionnaireInvited(p, i), now)
	}
	if err := c.Do(ctx); err != nil && !store.IsConflict(err) {
		return err
	}
	return nil
}

// page is how many pairings one look takes up.
const page = 100

// sweep invites for every milestone that an event missed.
func (s *site) sweep(ctx context.Context) error {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		waiting, err := s.Store.PairingsAt(ctx, p.ID, page, pairing.Started, pairing.Ended)
		errs = append(errs, err)
		for _, pair := range waiting {
			errs = append(errs, s.invite(ctx, p.ID, pair.ID))
		}
		errs = append(errs, s.Store.ForgetPart(ctx, p, register.Questionnaires, s.Now(), s.forget))
	}
	return errors.Join(errs...)
}

// forget takes away somebody's answers, which this function alone can find.
func (s *site) forget(ctx context.Context, who *store.Person) error {
	c := s.Store.Commit()
	for _, id := range who.IDs() {
		all, err := s.Store.InvitationsOf(ctx, who.Programme.ID, id)
		if err != nil {
			return err
		}
		for _, i := range all {
			r, err := s.Store.Response(ctx, who.Programme.ID, i.Response)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			c.DeleteResponse(who.Programme.ID, r)
		}
	}
	return c.Do(ctx)
}
