package participant

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// timesOf is where an assistant picks the times of one pairing.
const timesOf = "times"

// assistingPage is what an assistant sees before the times of one pairing.
type assistingPage struct {
	Link string
	// For is who lets them pick times, and Since when they were asked.
	For   string
	Since time.Time
	// Asked says that they have not answered yet, and Refused that they have just said no.
	Asked, Refused bool
	// Pairs are those of whom they pick times, where there are several.
	Pairs []assistingPair
}

// assistingPair is one of the pairings.
type assistingPair struct {
	With, At string
	Proposed bool
}

// letIn are the roles in which whoever the request's link is of lets the same assistant in.
func (s *site) letIn(r *http.Request, l *store.Link) (all []*enrolment.Enrolment, err error) {
	other, err := s.inOtherRole(r, l.Programme, l.Owner)
	if err != nil {
		return nil, err
	}
	all = append(all, l.Owner)
	if other != nil && other.State != enrolment.Withdrawn && other.Assistant.Email == l.Owner.Assistant.Email {
		all = append(all, other)
	}
	return all, nil
}

// assisting is for whom the reader of the request's link picks times.
func (s *site) assisting(r *http.Request) (*programme.Programme, *store.Link, []*enrolment.Enrolment, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, nil, nil, err
	}
	roles, err := s.letIn(r, l)
	return p, l, roles, err
}

// assisted is one pairing of whoever the request's link is of, for their assistant.
func (s *site) assisted(r *http.Request, p *programme.Programme, l *store.Link) (*programme.Programme, pairingPage, error) {
	roles, err := s.letIn(r, l)
	if err != nil {
		return nil, pairingPage{}, err
	}
	pair, err := s.Store.Pairing(r.Context(), p.ID, r.PathValue("pairing"))
	if err != nil {
		return nil, pairingPage{}, err
	}
	for _, self := range roles {
		if pair.Enrolment(self.Role) != self.ID || pair.State != pairing.Active || !self.Assistant.Picks() {
			continue
		}
		other, err := s.Store.Enrolment(r.Context(), p.ID, pair.Enrolment(self.Role.Other()))
		if fault.Is(err, fault.NotFound) {
			other = enrolment.Gone
		} else if err != nil {
			return nil, pairingPage{}, err
		}
		return p, pairingPage{
			Link: link.Path(r, purpose.Assistant, timesOf, pair.ID), Role: self.Role, Pairing: pair, Assistant: true, Self: self, Other: other,
			Now: s.Now(), Zone: p.Location(), Planned: p.Sessions, Most: pair.Most(p.Sessions),
		}, nil
	}
	return nil, pairingPage{}, errNoSuch
}

// showAssisting asks whoever reads the address whether they pick times, and leads who does to
// them.
func (s *site) showAssisting(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.assisting(r)
	if err != nil {
		return err
	}
	data := assistingPage{Link: link.Path(r, purpose.Assistant), For: l.Owner.Person.Name, Since: l.Owner.Assistant.Since, Asked: !l.Owner.Assistant.Picks()}
	if data.Asked {
		return s.renderAssisting(w, r, p, data)
	}
	pairs, others, err := s.assistingPairs(r, p, roles)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, pair := range pairs {
		at := data.Link + "/" + timesOf + "/" + pair.ID
		if len(pairs) == 1 {
			return web.Redirect(w, r, at)
		}
		role := roleAmong(roles, pair)
		one := assistingPair{With: enrolment.Gone.Person.Name, At: at, Proposed: pair.Proposal.By == role.Other() && len(pair.Proposed(now)) > 0}
		if e := others[pair.Enrolment(role.Other())]; e != nil {
			one.With = e.Person.Name
		}
		data.Pairs = append(data.Pairs, one)
	}
	slices.SortFunc(data.Pairs, func(a, b assistingPair) int { return strings.Compare(a.With, b.With) })
	return s.renderAssisting(w, r, p, data)
}

// roleAmong is in which of some roles somebody is in a pairing; "" where they are not.
func roleAmong(roles []*enrolment.Enrolment, pair *pairing.Pairing) programme.Role {
	for _, e := range roles {
		if pair.Enrolment(e.Role) == e.ID {
			return e.Role
		}
	}
	return ""
}

// assistingPairs are the pairings of which an assistant picks times, and, of several, who is on
// the other side.
func (s *site) assistingPairs(r *http.Request, p *programme.Programme, roles []*enrolment.Enrolment) (pairs []*pairing.Pairing, others map[string]*enrolment.Enrolment, err error) {
	all, err := s.Store.PairingsWith(r.Context(), p.ID, roles[0].ID)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, pair := range all {
		if role := roleAmong(roles, pair); role != "" && pair.State == pairing.Active {
			pairs, ids = append(pairs, pair), append(ids, pair.Enrolment(role.Other()))
		}
	}
	if len(pairs) > 1 {
		others, err = s.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	}
	return pairs, others, err
}

func (s *site) renderAssisting(w http.ResponseWriter, r *http.Request, p *programme.Programme, data assistingPage) error {
	title := "Times for " + data.For
	switch {
	case data.Refused:
		title = "You pick no times"
	case data.Asked:
		title = "Would you pick times for " + data.For + "?"
	}
	return s.Pages.Show(w, r, "assisting", web.Page{Title: title, Programme: p, Data: data})
}

// answerAssisting takes the word of whoever reads the address: that they pick times, or that they
// would rather not, also later. Who would rather not is never asked again, by nobody, and their
// address is deleted.
func (s *site) answerAssisting(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.assisting(r)
	if err != nil {
		return err
	}
	oneClick, err := web.OneClick(r)
	if err != nil {
		return err
	}
	address, ch, changed := l.Owner.Assistant.Email, s.change(p), false
	refuses := oneClick || r.PostForm.Get("do") == "no"
	if !refuses && r.PostForm.Get("do") != "yes" {
		return errNoSuch
	}
	for _, e := range roles {
		if refuses && e.DismissAssistant(true) || !refuses && e.AssistantAgrees(ch.Now) {
			changed = true
			e.UpdatedAt = ch.Now
			ch.UpdateEnrolment(p.ID, e)
		}
	}
	if refuses {
		s.Budgets.Refuse(ch.Commit, budget.Assistants, address)
	}
	if changed {
		if err := ch.Do(r.Context()); err != nil {
			return err
		}
	}
	if refuses { // the link opens nothing any more
		return s.renderAssisting(w, r, p, assistingPage{For: l.Owner.Person.Name, Refused: true})
	}
	return web.Done(w, r, link.Path(r, purpose.Assistant), didAssist)
}

func (s *site) showTimes(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	return s.renderTimes(w, r, p, data, nil)
}

// timesPage is what an assistant sees of one pairing.
type timesPage struct {
	pairingPage
	// All is where those of several stand, or "".
	All string
	// Base is where they say that they do it no more.
	Base string
}

// Coming are the times at which the two meet.
func (d timesPage) Coming() (all []time.Time) {
	for _, at := range d.Pairing.Dates {
		if at.After(d.Now) {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// Way is how the two would meet, or "".
func (d timesPage) Way() string { return d.Pairing.Proposal.Booking(time.Time{}).WayName() }

func (s *site) renderTimes(w http.ResponseWriter, r *http.Request, p *programme.Programme, data pairingPage, invalid *fault.Invalid) error {
	page := web.Page{Title: "Times for " + data.Self.Person.Name + " and " + data.Other.Person.Name, Programme: p, Invalid: invalid}
	times := timesPage{pairingPage: data, Base: link.Path(r, purpose.Assistant)}
	if len(data.Self.Places) > 1 {
		page.Back = times.Base
	}
	switch did := web.WhatDone(r); {
	case did == didBook && len(times.Coming()) > 0:
		page.Said = "A session is booked. " + data.Self.Person.Name + " and " + data.Other.Person.Name + " each get an email with an invitation for their calendar."
	case did == didProposeTimes && data.Pairing.Proposal.By == data.Role && len(data.Proposed()) > 0:
		page.Said = "We have sent " + data.Other.Person.Name + " these times. Once they pick one, it stands in both calendars."
	}
	page.Data = times
	return s.Pages.Show(w, r, "times", page)
}
