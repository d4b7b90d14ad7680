package enrolment

import (
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// sentPage is what the page says that follows an enrolment. It is the same whether or not
// the address takes part, and whether or not it was confirmed since.
type sentPage struct {
	Side string
	// Address is to where the email went, or "" in another browser than the one that enrolled.
	Address string
	// Last is when it was last asked for, and Again whether it was asked for once more.
	Last  time.Time
	Again bool
}

func (s *site) showSent(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Has(website) {
		return s.renderSent(w, r, p, new(store.Draft), nil)
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return err
	}
	return s.renderSent(w, r, p, d, nil)
}

func (s *site) renderSent(w http.ResponseWriter, r *http.Request, p *programme.Programme, d *store.Draft, invalid *fault.Invalid) error {
	data := sentPage{Side: r.PathValue("side")}
	if d.Sent && len(d.Asked) > 0 { // before, nothing was kept
		data.Address = email.Address(d.Form.Email).Shown()
		data.Last, data.Again = d.Asked[len(d.Asked)-1], len(d.Asked) > 1
	}
	return s.Pages.Show(w, r, "sent", web.Page{Title: "Check your email", Programme: p, Invalid: invalid, Data: data, Said: data.said(web.WhatDone(r))})
}

// What has just been done about the email, see web.Done.
const didSendAgain, didCorrect = "again", "corrected"

// said is what has just been done, with what is next; "" where it is not so. Like the page
// it is the same whether or not the address was enrolled before.
func (data sentPage) said(did string) string {
	switch {
	case !data.Again:
		return ""
	case did == didSendAgain:
		return "We have sent the email to " + data.Address + " once more. Give it some minutes to arrive."
	case did == didCorrect:
		return "The address is corrected, and the email goes to " + data.Address + "."
	}
	return ""
}

// sentForm is a form of the pages that follow an enrolment, with what its browser enrolled
// with; nil, where it did not, and the answer is on its way.
func (s *site) sentForm(w http.ResponseWriter, r *http.Request) (*programme.Programme, *store.Draft, error) {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return nil, nil, err
	}
	if r.Method == http.MethodPost {
		if _, err := web.Form(r); err != nil {
			return nil, nil, err
		}
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return nil, nil, err
	}
	if !d.Sent || len(d.Asked) == 0 {
		return p, nil, web.Redirect(w, r, sentPath(p, r))
	}
	return p, d, nil
}

func sentPath(p *programme.Programme, r *http.Request) string {
	return "/enrol/" + p.ID + "/" + r.PathValue("side") + "/sent"
}

// sendAgain owes the email once more, to the address that the browser enrolled with. It is
// not sent where the claim was confirmed or discarded since; the page says nothing of that.
func (s *site) sendAgain(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.sentForm(w, r)
	if err != nil || d == nil {
		return err
	}
	now := s.Now()
	asked, err := d.Asked.Again(now, false)
	if err != nil {
		return s.renderSent(w, r, p, d, toCorrect("again", err))
	}
	d.Asked, d.UpdatedAt = asked, now
	c := s.Store.Commit()
	c.UpdateDraft(p, d)
	allowed, err := s.Budgets.Take(r, c, p, budgets.One, budget.Unasked, email.Address(d.Form.Email))
	if err != nil {
		return err
	}
	s.owe(r, c, allowed, message.ConfirmEnrolmentAsked(p, s.claimed(p, d), now))
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, sentPath(p, r), didSendAgain)
}

// claimed is the claim that a draft became, as far as an email about it needs it.
func (s *site) claimed(p *programme.Programme, d *store.Draft) *enrolment.Claim {
	return &enrolment.Claim{ID: d.Claim, Enrolment: enrolment.ID(p.Salt, d.Role, email.Address(d.Form.Email)), Role: d.Role}
}

// addressPage is the form by which the address is corrected.
type addressPage struct {
	Address string
	// Meant are the addresses of which one is to be chosen, where one may be a slip.
	Meant []web.Option
}

func (s *site) showAddress(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.sentForm(w, r)
	if err != nil || d == nil {
		return err
	}
	return s.renderAddress(w, r, p, addressPage{Address: email.Address(d.Form.Email).Shown()}, nil)
}

func (s *site) renderAddress(w http.ResponseWriter, r *http.Request, p *programme.Programme, data addressPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "address", web.Page{Title: "Correct your email address", Programme: p, Back: sentPath(p, r), Data: data, Invalid: invalid})
}

// correct makes a claim of the same answers with another address, and takes the one away
// that this browser made, in one commit: its link opens nothing then. What was confirmed stays.
func (s *site) correct(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.sentForm(w, r)
	if err != nil || d == nil {
		return err
	}
	typed := r.PostForm.Get("email")
	address, err := email.Parse(typed)
	if err != nil {
		return s.renderAddress(w, r, p, addressPage{Address: typed}, toCorrect("email", err))
	}
	before := email.Address(d.Form.Email)
	address, ask := email.Settle(address, r.PostForm.Get(web.Meant), before)
	if ask != "" {
		options, question := web.AskMeant(address, ask)
		return s.renderAddress(w, r, p, addressPage{address.Shown(), options}, question)
	}
	if address.Same(before) {
		return web.Redirect(w, r, sentPath(p, r))
	}
	asked, err := d.Asked.Again(s.Now(), true)
	if err != nil {
		return s.renderAddress(w, r, p, addressPage{Address: typed}, toCorrect("email", err))
	}
	d.Asked, d.Form.Email = asked, string(address)
	if err := s.claimOf(r, p, d); err != nil {
		return err
	}
	return web.Done(w, r, sentPath(p, r), didCorrect)
}

// toCorrect is what a page says at an input.
func toCorrect(input string, err error) *fault.Invalid {
	var invalid fault.Invalid
	invalid.Add(input, "%s", err)
	return &invalid
}
