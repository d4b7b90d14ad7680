package participant

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// assistantOf is the page under My programme on which somebody lets an assistant pick times.
const assistantOf = "assistant"

// assistantPage is what the page shows.
type assistantPage struct {
	Link string
	enrolment.Assistant
	Entered string
	// Meant are what to choose from where the address looks like a slip.
	Meant []web.Option
}

// planning are the roles in which somebody plans sessions now.
func (s *site) planning(r *http.Request, m *mine) (all []*enrolment.Enrolment, err error) {
	p, owner := m.programme.ID, m.link.Owner
	var roles map[string]*enrolment.Enrolment
	var pairings []*pairing.Pairing
	err = store.InParallel(r.Context(),
		func(ctx context.Context) (err error) {
			roles, err = s.Store.EnrolmentsOf(ctx, p, enrolment.IDs(enrolment.PersonOf(owner.ID)))
			return err
		},
		func(ctx context.Context) (err error) {
			pairings, err = s.Store.PairingsWith(ctx, p, owner.ID)
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	if roles[owner.ID] == nil {
		roles[owner.ID] = owner
	}
	for _, e := range roles {
		if e.State != enrolment.Withdrawn && slices.ContainsFunc(pairings, func(pair *pairing.Pairing) bool {
			return pair.State == pairing.Active && pair.Enrolment(e.Role) == e.ID
		}) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *enrolment.Enrolment) int {
		return slices.Index(programme.Roles, a.Role) - slices.Index(programme.Roles, b.Role)
	})
	return all, nil
}

// assistantPage is the page about the assistant of somebody who plans sessions.
func (s *site) assistantPage(r *http.Request, m *mine) (data assistantPage, roles []*enrolment.Enrolment, err error) {
	roles, err = s.planning(r, m)
	if err == nil && len(roles) == 0 {
		err = fault.New(fault.Conflict, "You have no sessions to plan, so there are no times to pick.")
	}
	if err != nil {
		return data, nil, err
	}
	data = assistantPage{Link: link.Path(r, purpose.My), Assistant: roles[0].Assistant}
	for _, e := range roles {
		if e.Assistant.Named() {
			data.Assistant = e.Assistant
		}
	}
	return data, roles, nil
}

func (s *site) showAssistant(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, assistantOf)
	if stopped || err != nil {
		return err
	}
	data, _, err := s.assistantPage(r, m)
	if err != nil {
		return err
	}
	return s.renderAssistant(w, r, m.programme, data, nil)
}

func (s *site) renderAssistant(w http.ResponseWriter, r *http.Request, p *programme.Programme, data assistantPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "Let your assistant pick times", Programme: p, Back: data.Link, Data: data, Invalid: invalid}
	switch did := web.WhatDone(r); {
	case did == didName && data.Named():
		page.Said = "We ask them by email, unless they want no such email. Until they say yes, they see nothing."
	case did == didDismiss && !data.Named():
		page.Said = "Nobody picks times for you any more. The links that they were sent open nothing, and their address is deleted."
	}
	return s.Pages.Show(w, r, "assistant", page)
}

// nameAssistant has whom somebody names asked whether they pick times, or lets nobody in any
// more. Sent twice it is once.
func (s *site) nameAssistant(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, assistantOf)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	data, roles, err := s.assistantPage(r, m)
	if err != nil {
		return err
	}
	ch, to := s.change(m.programme), data.Link+"/"+assistantOf
	if posted.Get("do") == "dismiss" {
		return s.dismiss(w, r, ch, roles, to)
	}
	settled, ask := email.Settle(email.Read(posted.Get("email")), posted.Get(web.Meant), data.Email)
	if ask != "" && settled.Valid() {
		options, question := web.AskMeant(settled, ask)
		data.Entered, data.Meant = settled.Shown(), options
		return s.renderAssistant(w, r, m.programme, data, question)
	}
	var named *enrolment.Enrolment // the first of those in which they were not
	for _, e := range roles {
		did, err := e.NameAssistant(string(settled), ch.Now)
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			data.Entered = posted.Get("email")
			return s.renderAssistant(w, r, m.programme, data, invalid)
		}
		if err != nil {
			return err
		}
		if did {
			if named == nil {
				named = e
			}
			e.UpdatedAt = ch.Now
			ch.UpdateEnrolment(m.programme.ID, e)
		}
	}
	if named == nil {
		return web.Done(w, r, to, didName)
	}
	if err := s.askAssistant(r.Context(), ch, named); err != nil {
		return err
	}
	return s.commit(w, r, ch, to, didName, nil)
}

// askAssistant adds that whom somebody named is asked, unless they have refused that, or were asked
// often.
func (s *site) askAssistant(ctx context.Context, ch *matches.Change, e *enrolment.Enrolment) error {
	var refused bool
	var allowed budgets.Allowed
	err := store.InParallel(ctx,
		func(ctx context.Context) (err error) {
			refused, err = s.Budgets.Refused(ctx, budget.Assistants, e.Assistant.Email)
			return err
		},
		func(ctx context.Context) (err error) { // which takes nothing that counts where they have refused
			allowed, err = s.Budgets.TakeInbox(ctx, ch.Commit, budgets.One, budget.Assistants, e.Assistant.Email)
			return err
		},
	)
	if err != nil {
		return err
	}
	if m := message.AssistantAsked(ch.Programme, e); allowed.Email && !refused {
		ch.Enqueue(ctx, m, ch.Now)
	} else {
		ch.Withhold(ctx, m, "the address wants no such email, or had enough", ch.Now)
	}
	return nil
}

// dismiss lets nobody pick times any more, as somebody asks.
func (s *site) dismiss(w http.ResponseWriter, r *http.Request, ch *matches.Change, roles []*enrolment.Enrolment, to string) error {
	changed := false
	for _, e := range roles {
		if e.DismissAssistant(false) {
			changed = true
			e.UpdatedAt = ch.Now
			ch.UpdateEnrolment(ch.Programme.ID, e)
		}
	}
	if !changed {
		return web.Done(w, r, to, didDismiss)
	}
	return s.commit(w, r, ch, to, didDismiss, nil)
}
