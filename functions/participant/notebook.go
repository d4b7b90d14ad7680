package participant

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// notebookPage is what the two keep together: goals, actions and follow-ups.
type notebookPage struct {
	pairingPage
	when
	// Form makes the same form sent twice one entry: it is the entry's id.
	Form string
	// Goal, Action, Line and How are as they were entered.
	Goal, Action, Owner, Line, How string
	Owners, Hows                   []web.Option
}

func (s *site) showNotebook(w http.ResponseWriter, r *http.Request) error {
	p, page, err := s.paired(r)
	if err != nil {
		return err
	}
	if page.Notebook, err = s.Store.Notebook(r.Context(), p.ID, page.Pairing); err != nil {
		return err
	}
	return s.renderNotebook(w, r, p, notebookPage{pairingPage: page, Form: rand.Text(), Owner: programme.Client.Side()}, nil)
}

func (s *site) renderNotebook(w http.ResponseWriter, r *http.Request, p *programme.Programme, data notebookPage, invalid *fault.Invalid) error {
	for _, role := range programme.Roles {
		data.Owners = append(data.Owners, web.Option{Value: role.Side(), Text: data.Name(role)})
	}
	data.Hows = options(p, pairing.Channels)
	return s.Pages.Show(w, r, "notebook", web.Page{Title: "Goals, actions and follow-ups", Programme: p, Back: data.Link, Data: data, Invalid: invalid, Said: data.saidOfNotebook(web.WhatDone(r))})
}

// saidOfNotebook is what has just been done in it.
func (d notebookPage) saidOfNotebook(did string) string {
	if did == didNotebook && !d.Notebook.UpdatedAt.IsZero() {
		return "Saved. " + d.Other.Person.Name + " sees it here, too."
	}
	return ""
}

// Name is what one of the two is called on the reader's page.
func (d pairingPage) Name(r programme.Role) string {
	if r == d.Role {
		return "You"
	}
	return d.Other.Person.Name
}

// notebook changes one thing of what the two keep together. Sent twice, it is once.
func (s *site) notebook(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	if page.Notebook, err = s.Store.Notebook(r.Context(), p.ID, page.Pairing); err != nil {
		return err
	}
	ch, back, did := s.change(p), page.Link+"/notebook", didNotebook
	value := func(name string) string { return text.Tidy(posted.Get(name)) }
	data := notebookPage{pairingPage: page, when: entered(posted), Form: strings.TrimSpace(posted.Get("form")),
		Goal: value("goal"), Action: value("action"), Owner: posted.Get("owner"), Line: value("line"), How: posted.Get("how")}
	do := posted.Get("do")
	if adds := do == "goal" || do == "action" || do == "follow-up"; adds && !web.FormID(data.Form) {
		return fault.New(fault.Conflict, "This form is out of date. Go back and fill it in again.")
	}
	n := page.Notebook
	switch do {
	case "goal":
		err = n.AddGoal(data.Form, data.Goal, ch.Now)
	case "remove-goal":
		n.RemoveGoal(posted.Get("id"))
	case "action":
		err = n.AddAction(data.Form, data.Action, programme.RoleOf(data.Owner), ch.Now)
	case "turn":
		err = n.Turn(posted.Get("id"), pairing.ActionState(posted.Get("to")), ch.Now)
	case "follow-up":
		err = s.followUp(data, p, ch.Now.In(p.Location()).Format("2006"))
	case "ring", "ring-not":
		n.Ring(data.Role, do == "ring")
		back, did = page.Link, didRing
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderNotebook(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if do == "follow-up" && len(n.FollowUps) > 0 && page.Pairing.Follow(n.FollowUps[len(n.FollowUps)-1].On) {
		ch.Save(r.Context(), page.Pairing, nil)
	}
	ch.SaveNotebook(p.ID, n, ch.Now)
	return s.commit(w, r, ch, back, did, nil)
}

// followUp records a contact on a day, which is this year's where none is entered.
func (s *site) followUp(data notebookPage, p *programme.Programme, year string) error {
	if data.Year == "" && data.Day+data.Month != "" {
		data.Year = year
	}
	on, unclear := calendar.Entered{Day: data.Day, Month: data.Month, Year: data.Year, Time: "00:00"}.In(p.Location())
	err := data.Notebook.AddFollowUp(pairing.FollowUpEntry{ID: data.Form, By: data.Role, On: on, How: pairing.Channel(data.How), Line: data.Line}, s.Now())
	var invalid, of *fault.Invalid
	if errors.As(err, &invalid) && on.IsZero() && errors.As(unclear, &of) {
		for i, f := range invalid.Fields {
			if f.Name == "date" {
				invalid.Fields[i] = of.Fields[0]
			}
		}
	}
	return err
}
