package people

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// personPage is one person's enrolment.
type personPage struct {
	*enrolment.Enrolment
	Checks     []check
	Skills     []string
	Experience []string
	// Beside is what they answered to the programme's own questions, and what they said of for
	// whom it is.
	Beside []enrolment.Answer
	// Strengths are what they could offer others, and Heard how they heard of the programme.
	Strengths []string
	Heard     string
	Meeting   []string
	Income    string
	// Prefers are those with whom they would like to work, the most wanted first.
	Prefers []string
	// Supervisors are the choices for a consultant; Chosen is the id of one.
	Supervisors []web.Option
	Chosen      string
	// Other is the same person's enrolment in the other role, or nil.
	Other  *enrolment.Enrolment
	Mailed mailed
	// Meant are the addresses of which one is to be chosen, where one may be a slip.
	Meant []web.Option
	// Joined are the organisation's other names and numbers, one on each line.
	Joined string
	// Reason is what was written of why they leave, or are taken in again.
	Reason string
	// Leader and Why are what was entered of who leads their organisation now, and Asked says that
	// somebody is asked already.
	Leader, Why string
	Asked       bool
}

// Agreed is to what a person has agreed, in words.
func (p personPage) Agreed(a enrolment.Agreement) string {
	asked, _ := privacy.Of(a.Purpose)
	return asked.Title
}

// check is one thing that makes a person ready.
type check struct {
	Name, Text string
	Done       bool
}

// checks are what makes somebody of a role ready.
func checks(e *enrolment.Enrolment) []check {
	if e.Role == programme.Client {
		return []check{{"workshop", "Attended the development workshop", e.Readiness.Workshop}}
	}
	return []check{{"trained", "Attended the group training", e.Readiness.Trained}}
}

// Show shows one person's enrolment.
func (h Handlers) Show(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	e, err := h.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return err
	}
	return h.render(w, r, p, personPage{Enrolment: e}, nil)
}

func (h Handlers) render(w http.ResponseWriter, r *http.Request, p *programme.Programme, data personPage, invalid *fault.Invalid) error {
	e := data.Enrolment
	if err := h.Saw(r, access.Person, e.ID); err != nil {
		return err
	}
	data.Asked = e.Handover.Waits(h.Now())
	data.Chosen, data.Checks, data.Income, data.Joined = e.Supervisor, checks(e), enrolment.Pounds(e.Organisation.Income), strings.Join(e.Organisation.Joined, "\n")
	for _, skill := range p.Skills {
		if e.Skills[skill.ID] > 0 {
			data.Skills = append(data.Skills, skill.Name)
		}
		if slices.Contains(e.Strengths, skill.ID) {
			data.Strengths = append(data.Strengths, skill.Name)
		}
		if level := e.Experience[skill.ID]; level > 0 {
			data.Experience = append(data.Experience, fmt.Sprintf("%s (%d of 3)", skill.Name, level))
		}
	}
	for _, a := range enrolment.FormOf(e).Answers(p, e.Role) {
		if a.Input == "extra" || a.Input == "fits" {
			data.Beside = append(data.Beside, a)
		}
	}
	for _, way := range enrolment.Routes {
		if way.ID == e.Heard {
			data.Heard = way.Name
		}
	}
	for _, m := range enrolment.Meetings {
		if len(e.Meeting) == 0 || slices.Contains(e.Meeting, m.ID) {
			data.Meeting = append(data.Meeting, m.Name)
		}
	}
	wanted, err := h.Store.EnrolmentsOf(r.Context(), p.ID, e.Preferences)
	if err != nil {
		return err
	}
	for _, id := range e.Preferences {
		other := enrolment.Gone
		if wanted[id] != nil {
			other = wanted[id]
		}
		data.Prefers = append(data.Prefers, other.Person.Name+" ("+other.Organisation.Name+")")
	}
	if data.Other, err = h.inOtherRole(r, p.ID, e); err != nil {
		return err
	}
	if data.Mailed, err = h.mailed(r, p, e); err != nil {
		return err
	}
	if e.Role == programme.Consultant {
		all, err := h.Store.Supervisors(r.Context(), p.ID)
		if err != nil {
			return err
		}
		data.Supervisors = append(data.Supervisors, web.Option{Text: "None yet"})
		for _, supervisor := range all {
			data.Supervisors = append(data.Supervisors, web.Option{Value: supervisor.ID, Text: fmt.Sprintf("%s (%d of %d pairings)", supervisor.Name, len(supervisor.Places), supervisor.Capacity)})
		}
	}
	return h.Page(w, r, "person", web.Page{Title: e.Person.Name, Programme: p, Back: deskpath.Of(p.ID).People(), Data: data, Invalid: invalid, Said: data.said(p, web.WhatDone(r), h.Now())})
}

// Means is the fuller name that a coordinator has said one of the organisations stands for
// that the person named, or "".
func (data personPage) Means(entry string) string {
	if s := organisation.SettledFor(entry, data.Settled); s != nil {
		return s.Means
	}
	return ""
}

// personForm is a form about one person that a coordinator has sent.
type personForm struct {
	programme *programme.Programme
	by        *store.Staff
	posted    url.Values
	person    *enrolment.Enrolment
}

func (h Handlers) personForm(r *http.Request) (form personForm, err error) {
	if form.programme, form.by, form.posted, err = h.Posted(r); err != nil {
		return form, err
	}
	form.person, err = h.Store.Enrolment(r.Context(), form.programme.ID, r.PathValue("enrolment"))
	return form, err
}

// page is the path of the person's page.
func (form *personForm) page() string {
	return deskpath.Of(form.programme.ID).Person(form.person.ID)
}
