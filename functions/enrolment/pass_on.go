package enrolment

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// What has just been done about an invitation, see web.Done.
const didPassOn, didNever = "passed", "never"

// passOnPage is what the form shows by which somebody passes an invitation on.
type passOnPage struct{ Address string }

func (s *site) showPassOn(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	return s.renderPassOn(w, r, p, passOnPage{}, nil)
}

func (s *site) renderPassOn(w http.ResponseWriter, r *http.Request, p *programme.Programme, data passOnPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "Pass on an invitation", Programme: p, Back: "/enrol/" + p.ID, Data: data, Invalid: invalid}
	if web.WhatDone(r) == didPassOn {
		page.Said = "Thank you. That is all: you hear nothing of what they make of it, and no funder does."
	}
	return s.Pages.Show(w, r, "pass-on", page)
}

// passOn has one email go to an address, unless it had one within a year or asked for none. The
// answer and the work are the same in each case, and who passes it on is not kept.
func (s *site) passOn(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	n, err := nomination.New(p, posted.Get("email"), strings.ToLower(rand.Text()), s.Now())
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderPassOn(w, r, p, passOnPage{posted.Get("email")}, invalid)
	}
	if err != nil {
		return err
	}
	refused, err := s.Budgets.Refused(r.Context(), budget.PassedOn, n.Email)
	if err != nil {
		return err
	}
	need := budgets.One
	if refused {
		need = budgets.None
	}
	c := s.Store.Commit()
	allowed, err := s.Budgets.Take(r, c, p, need, budget.PassedOn, n.Email)
	if err != nil {
		return err
	}
	if !allowed.Email {
		n.Rest(s.Now())
	}
	c.SaveNomination(p.ID, n)
	s.owe(r, c, allowed, message.PassedOn(p, n))
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, passOnTo(p), didPassOn)
}

// passOnTo is where a programme's invitation is passed on.
func passOnTo(p *programme.Programme) string { return "/enrol/pass-on/" + p.ID }

// passedOnPage is what whoever was sent an invitation reads.
type passedOnPage struct {
	// Organisation is that of which they are to take the place, in the role Takes; "" for an
	// invitation to enrol as they like.
	Organisation string
	Takes        programme.Role
	// Waits says that it can be taken up or refused, and Never that they have just asked for no
	// others.
	Waits, Never bool
}

// passed is an invitation that waits, and whose place it is to take; nobody's for one to enrol
// as they like.
type passed struct {
	*nomination.Nomination
	before *enrolment.Enrolment
}

// page is what is shown of it.
func (n *passed) page() passedOnPage {
	if n == nil || n.before == nil {
		return passedOnPage{Waits: n != nil}
	}
	return passedOnPage{Waits: true, Organisation: n.before.Organisation.Name, Takes: n.Takes}
}

// share is the budget of which it was taken.
func (n *passed) share() budget.Budget {
	if n.Takes != "" {
		return budget.Successor
	}
	return budget.PassedOn
}

// passedOn is the invitation of the request's link; nil, where it is refused, taken back or over.
func (s *site) passedOn(r *http.Request) (*programme.Programme, *passed, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.RecentProgramme(r.Context(), l.Programme)
	if err == nil && p.Retention.Due(s.Now()) {
		err = serve.Past(p)
	}
	if err != nil {
		return nil, nil, err
	}
	n, err := s.Store.Nomination(r.Context(), p.ID, l.Nomination)
	if fault.Is(err, fault.NotFound) || err == nil && !n.Waits(s.Now()) {
		return p, nil, nil
	}
	if err != nil || n.Takes == "" {
		return p, &passed{Nomination: n}, err
	}
	before, err := s.Store.LedBefore(r.Context(), p.ID, n.ID)
	if err != nil || before == nil || !before.Hands(n.ID) {
		return p, nil, err
	}
	return p, &passed{n, before}, nil
}

func (s *site) showPassedOn(w http.ResponseWriter, r *http.Request) error {
	p, n, err := s.passedOn(r)
	if err != nil {
		return err
	}
	data := n.page()
	data.Never = n == nil && web.WhatDone(r) == didNever
	return s.renderPassedOn(w, r, p, data, nil)
}

func (s *site) renderPassedOn(w http.ResponseWriter, r *http.Request, p *programme.Programme, data passedOnPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "An invitation", Programme: p, Data: data, Invalid: invalid}
	if data.Takes != "" {
		page.Title = "Do you lead this organisation now?"
	}
	if data.Never {
		page.Said = "No invitation of this kind is sent to you any more, and your address is deleted here."
	}
	return s.Pages.Show(w, r, "passed-on", page)
}

// answerPassedOn has whoever was sent an invitation begin their own form, with their address in
// it, or be sent no other ever again. Neither leaves anything for anybody else to see.
func (s *site) answerPassedOn(w http.ResponseWriter, r *http.Request) error {
	p, n, err := s.passedOn(r)
	if err != nil {
		return err
	}
	oneClick, err := web.OneClick(r)
	if err != nil {
		return err
	}
	do := r.PostForm.Get("do")
	role := programme.RoleOf(do)
	c := s.Store.Commit()
	if oneClick || do == didNever {
		if n != nil { // else it was done before
			c.DeleteNomination(p.ID, n.Nomination)
			s.Budgets.Refuse(c, n.share(), n.Email)
			if err := c.Do(r.Context()); err != nil {
				return err
			}
		}
		if oneClick { // which follows no redirect
			return s.renderPassedOn(w, r, p, passedOnPage{Never: true}, nil)
		}
		return web.Done(w, r, link.Path(r, purpose.PassedOn), didNever)
	}
	switch {
	case n == nil:
		return web.Redirect(w, r, "/enrol/"+p.ID)
	case role == "" || n.before != nil && role != n.before.Role:
		var invalid fault.Invalid
		invalid.Add("do", "Use one of the buttons")
		return s.renderPassedOn(w, r, p, n.page(), &invalid)
	}
	n.Rest(s.Now())
	c.SaveNomination(p.ID, n.Nomination)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	d, err := s.filling(r, p, role)
	if err != nil {
		return err
	}
	if n.before != nil { // whatever this browser was filling in before
		d.Form, d.Nomination = enrolment.Succession(n.before), n.ID
	}
	if d.Form.Heard = enrolment.ByInvitation; d.Form.Email == "" {
		d.Form.Email = string(n.Email)
	}
	if err := s.keep(w, r, p, d); err != nil {
		return err
	}
	return web.Redirect(w, r, "/enrol/"+p.ID+"/"+role.Side()+"/"+notice)
}
