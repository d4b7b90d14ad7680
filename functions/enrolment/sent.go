package enrolment

import (
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// sentPage is what the page says that follows an enrolment. It is the same whether or not
// the address had one before, and whether or not it was confirmed since.
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

// sendAgain owes the email once more, to the address that the browser enrolled with. What
// the email says depends on what is there; what the page says does not.
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
	update := func(c *store.Commit) { c.UpdateDraft(p.ID, d) }
	m, err := s.askedFor(r, p, d)
	if err != nil {
		return err
	}
	if m != nil {
		err = s.oweAgain(r.Context(), p, *m, update)
	} else {
		c := s.Store.Commit()
		update(c)
		err = c.Do(r.Context())
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sentPath(p, r), didSendAgain)
}

// askedFor is the message that goes once more: to confirm where that is open, and
// otherwise that the address is enrolled already, unless the browser's own enrolment was
// confirmed since. Then it is nil.
func (s *site) askedFor(r *http.Request, p *programme.Programme, d *store.Draft) (*outbox.Message, error) {
	e, err := s.Store.Enrolment(r.Context(), p.ID, enrolment.ID(p.Salt, d.Role, email.Address(d.Form.Email)))
	switch {
	case fault.Is(err, fault.NotFound): // corrected in another tab
		return nil, nil
	case err != nil:
		return nil, err
	}
	m := message.AlreadyEnrolled(p, e)
	switch {
	case e.State == enrolment.Unconfirmed:
		m = message.ConfirmEnrolment(p, e)
	case e.ID == d.Enrolment:
		return nil, nil
	}
	return &m, nil
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

// correct enrols the same answers with another address, and takes the enrolment away that
// this browser made, in one commit: its link opens nothing then. One that was confirmed
// stays, and so does one that somebody else made.
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
	from, err := s.correcting(r, p, d)
	if err != nil {
		return err
	}
	d.Asked, d.Form.Email = asked, string(address)
	if _, err := s.enrol(r.Context(), p, d.Role, d.Form, from); err != nil {
		return err
	}
	return web.Done(w, r, sentPath(p, r), didCorrect)
}

// correcting is what a correction starts from: the enrolment that goes is the browser's
// own, as long as it is not confirmed.
func (s *site) correcting(r *http.Request, p *programme.Programme, d *store.Draft) (*sending, error) {
	from := &sending{draft: d}
	if d.Enrolment == "" {
		return from, nil
	}
	e, err := s.Store.Enrolment(r.Context(), p.ID, d.Enrolment)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil && e.State == enrolment.Unconfirmed {
		from.instead = e
	}
	return from, nil
}

// toCorrect is what a page says at an input.
func toCorrect(input string, err error) *fault.Invalid {
	var invalid fault.Invalid
	invalid.Add(input, "%s", err)
	return &invalid
}
