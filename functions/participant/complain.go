package participant

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/id"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// complainFrom is the page under My programme on which somebody complains.
const complainFrom = "complain"

// mostWaiting is how many complaints of one person wait for an answer at the same time.
const mostWaiting = 5

// What has just been done about a complaint, see web.Done.
const (
	didComplain    = "complained"
	didAcknowledge = "acknowledged"
	didAnswer      = "answered"
)

// beforeComplaint is the door before a complaint.
func beforeComplaint(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Complaint, Behind: "read the complaint and answer it"}
}

// complainPage is what the form shows.
type complainPage struct {
	Link, What string
	// Form tells what is sent twice from two complaints.
	Form string
	Desk bool
}

// DeskChoices are whether staff may read it.
func (complainPage) DeskChoices() []web.Option {
	return []web.Option{{Value: "yes", Text: "The people who run the programme may read it, too"}}
}

// Ticked are those that are chosen.
func (d complainPage) Ticked() []string {
	if d.Desk {
		return []string{"yes"}
	}
	return nil
}

// named is a fault where nobody is named to whom people can complain.
func named(p *programme.Programme) error {
	if !p.Complaints.Set() {
		return fault.New(fault.NotFound, "This programme has not yet named somebody to whom you can complain. Write to %s.", p.Host.Contact)
	}
	return nil
}

func (s *site) showComplain(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, complainFrom)
	if stopped || err != nil {
		return err
	}
	if err := named(m.programme); err != nil {
		return err
	}
	return s.renderComplain(w, r, m.programme, complainPage{Link: link.Path(r, purpose.My), Form: strings.ToLower(rand.Text())}, nil)
}

func (s *site) renderComplain(w http.ResponseWriter, r *http.Request, p *programme.Programme, data complainPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "complain", web.Page{Title: "Complain", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// complain keeps a complaint, and owes its author and the named person an email each, in one
// commit. Sent twice it is one.
func (s *site) complain(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.behind(w, r, s.beforeMy, complainFrom)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	p, owner, now := m.programme, m.link.Owner, s.Now()
	if err := named(p); err != nil {
		return err
	}
	data := complainPage{Link: link.Path(r, purpose.My), What: posted.Get("what"), Form: posted.Get("form"), Desk: posted.Get("desk") == "yes"}
	sum := sha256.Sum256([]byte(owner.ID + "\x00" + data.Form))
	c, err := complaint.New(p, owner, id.FromHash(sum[:]), data.What, data.Desk, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderComplain(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	theirs, err := s.Store.ComplaintsOf(r.Context(), p.ID, owner.ID)
	if err != nil {
		return err
	}
	waiting := 0
	for _, other := range theirs {
		if other.ID == c.ID {
			return web.Done(w, r, data.Link, didComplain) // it was sent twice
		}
		if other.Waits() {
			waiting++
		}
	}
	if waiting >= mostWaiting {
		return fault.New(fault.Conflict, "Several complaints of yours wait for an answer already. Wait for it, or write to %s.", p.Complaints.Name)
	}
	commit := s.Store.Commit()
	commit.SaveComplaint(p.ID, c)
	commit.Enqueue(r.Context(), message.ComplaintReceived(p, c), now)
	commit.Enqueue(r.Context(), message.ComplaintArrived(p, c), now)
	if err := commit.Do(r.Context()); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return web.Done(w, r, data.Link, didComplain)
}

// complaintPage is a complaint as the named person reads it.
type complaintPage struct {
	Link string
	*complaint.Complaint
	// By is who wrote it; "" where they were forgotten since.
	By, Email, Note string
}

// toAnswer is the complaint of a link, on a device that is known.
func (s *site) toAnswer(w http.ResponseWriter, r *http.Request) (p *programme.Programme, data complaintPage, stopped bool, err error) {
	m, stopped, err := s.behind(w, r, s.beforeComplaint, "")
	if stopped || err != nil {
		return nil, data, stopped, err
	}
	c, err := s.Store.Complaint(r.Context(), m.programme.ID, m.link.Complaint)
	if err != nil {
		return nil, data, false, err
	}
	data = complaintPage{Link: link.Path(r, purpose.Complaint), Complaint: c, Note: c.Note}
	e, err := s.Store.Enrolment(r.Context(), m.programme.ID, c.Enrolment)
	if err == nil {
		data.By, data.Email = e.Person.Name, string(e.Person.Email)
	} else if !fault.Is(err, fault.NotFound) {
		return nil, data, false, err
	}
	return m.programme, data, false, nil
}

func (s *site) showComplaint(w http.ResponseWriter, r *http.Request) error {
	p, data, stopped, err := s.toAnswer(w, r)
	if stopped || err != nil {
		return err
	}
	return s.renderComplaint(w, r, p, data, nil)
}

func (s *site) renderComplaint(w http.ResponseWriter, r *http.Request, p *programme.Programme, data complaintPage, invalid *fault.Invalid) error {
	said := map[string]string{}
	switch data.State {
	case complaint.Acknowledged:
		said[didAcknowledge] = "You have acknowledged it, and we have told its author."
	case complaint.Answered:
		said[didAnswer] = "You have answered it, and we have told its author where to read it."
	}
	return s.Pages.Show(w, r, "complaint", web.Page{Title: "A complaint", Programme: p, Data: data, Invalid: invalid, Said: said[web.WhatDone(r)]})
}

// answerComplaint takes a complaint on, and tells its author, in one commit.
func (s *site) answerComplaint(w http.ResponseWriter, r *http.Request) error {
	p, data, stopped, err := s.toAnswer(w, r)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	to, did := complaint.Answered, didAnswer
	switch posted.Get("do") {
	case "acknowledge":
		to, did = complaint.Acknowledged, didAcknowledge
	case "answer":
	default:
		return errNoSuch
	}
	now := s.Now()
	changed, err := data.Move(to, posted.Get("note"), now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		data.Note = posted.Get("note")
		return s.renderComplaint(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if changed {
		c := s.Store.Commit()
		c.SaveComplaint(p.ID, data.Complaint)
		if data.By != "" {
			c.Enqueue(r.Context(), message.ComplaintNews(p, data.Complaint), now)
		}
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Done(w, r, data.Link, did)
}
