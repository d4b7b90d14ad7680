package participant

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// matchPage is what the pages of a match show to one side.
type matchPage struct {
	Link  string
	Match *pairing.Match
	Role  programme.Role
	Me    *enrolment.Enrolment
	Other *enrolment.Enrolment
	// Why are the reasons of the match in few sentences, as this side may read them, and Rules
	// all that the pair meets.
	Why, Rules []string
	// Counted is how their answers counted, and Needs are those that are met.
	Counted []matching.Counted
	Needs   []need
	Reason  string
	// Fair is the programme's objective.
	Fair bool
	// Describes is the other side without names, while these wait, see pairing.Match.Named.
	Describes *description
	// Limits are what was entered of the limits of a yes.
	Limits string
	// Question and Reply are what was entered of a question, and of an answer.
	Question, Reply string
	// Chosen: the reader chose the other side from a directory; Asked: the other side
	// chose the reader.
	Chosen, Asked bool
}

// need is a need that is met by a skill, each from 1 to 3.
type need struct {
	Name            string
	Priority, Level int
}

// NotPossible is all that anybody is told of pairs that are not made.
func (matchPage) NotPossible() string { return matching.NotPossible }

// Mine is the reader's side of the match.
func (m matchPage) Mine() *pairing.Side { return m.Match.Side(m.Role) }

// Theirs is the other side of the match.
func (m matchPage) Theirs() *pairing.Side { return m.Match.Side(m.Role.Other()) }

// matched is the match that the request's link is for, for its person.
func (s *site) matched(r *http.Request) (*programme.Programme, matchPage, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, matchPage{}, err
	}
	m, err := s.Store.Match(r.Context(), p.ID, l.Run, l.Match)
	if err != nil {
		return nil, matchPage{}, err
	}
	if m.State == pairing.Proposed { // not for participants' eyes
		return nil, matchPage{}, fault.New(fault.NotFound, "There is no match to show.")
	}
	two, err := s.Store.EnrolmentsOf(r.Context(), p.ID, []string{m.Client.Enrolment, m.Consultant.Enrolment})
	if err != nil {
		return nil, matchPage{}, err
	}
	me, other := two[m.Side(l.Role).Enrolment], two[m.Side(l.Role.Other()).Enrolment]
	if me == nil || other == nil {
		return nil, matchPage{}, fault.New(fault.NotFound, "One of the two of you no longer takes part.")
	}
	page := matchPage{Link: link.Path(r, purpose.Match), Match: m, Role: l.Role, Me: me, Other: other, Fair: p.Objective != programme.Total, Asked: m.Run == pairing.Directory}
	// As the run found them: somebody may have said something else of themselves since.
	facts := matching.FactsFrom(p, matching.FromEnrolment(two[m.Client.Enrolment]), matching.FromEnrolment(two[m.Consultant.Enrolment]), m.Reasons, l.Role)
	page.Why, page.Counted = facts.Sentences(p), facts.Counted(p, matching.FromEnrolment(me))
	for _, c := range facts.Criteria {
		page.Rules = append(page.Rules, c.Words)
	}
	if !m.Named() {
		page.Describes = describe(p, other, facts)
	}
	for _, n := range facts.Met {
		page.Needs = append(page.Needs, need{p.SkillName(n.Skill), n.Priority, n.Level})
	}
	return p, page, nil
}

func (s *site) showMatch(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	return s.renderMatch(w, r, p, data, nil)
}

func (s *site) renderMatch(w http.ResponseWriter, r *http.Request, p *programme.Programme, data matchPage, invalid *fault.Invalid) error {
	title := map[pairing.MatchState]string{
		pairing.Released: "Your match", pairing.Accepted: "You are both in", pairing.Declined: "This match will not go ahead",
		pairing.Withdrawn: "This match will not go ahead", pairing.Lapsed: "This match has lapsed",
	}[data.Match.State]
	return s.Pages.Show(w, r, "match", web.Page{Title: title, Programme: p, Data: data, Invalid: invalid, Said: data.said(web.WhatDone(r))})
}

// said is what has just been done about the match, with what is next; "" where it is not so.
func (m matchPage) said(did string) string {
	switch {
	case did == didAccept && m.Mine().Answer == pairing.Yes && m.Match.State == pairing.Released:
		return "You accepted. We write to you as soon as " + m.Other.Person.Name + " has answered."
	case did == didDecline && m.Mine().Answer == pairing.No:
		return "You declined. We have told the other, and not why."
	case did == didQuestion && len(m.About()) > 0:
		return "We have your question. You find the answer here, and we write to you when it is there."
	case did == didReply:
		return "Thank you. We have passed your answer on."
	case did == didClear && !m.Mine().ClearAt.IsZero() && m.Match.State == pairing.Released && m.Match.Named():
		return "Neither of you sees a conflict, so here is who it is."
	case did == didClear && !m.Mine().ClearAt.IsZero() && m.Match.State == pairing.Released:
		return "Thank you. You see who it is as soon as the other has said the same. We write to you then."
	}
	return ""
}

func (s *site) showExpectations(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	if data.Describes != nil {
		return web.Redirect(w, r, data.Link)
	}
	return s.renderExpectations(w, r, p, data, nil)
}

func (s *site) renderExpectations(w http.ResponseWriter, r *http.Request, p *programme.Programme, data matchPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "expectations", web.Page{Title: "What to expect", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// accept records one side's yes. The second yes makes the pairing and tells both,
// in the same commit.
func (s *site) accept(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	data.Limits = strings.TrimSpace(posted.Get("limits"))
	if data.Describes != nil {
		return web.Redirect(w, r, data.Link)
	}
	if posted.Get("agree") != p.Expectations.Version {
		return s.renderExpectations(w, r, p, data, &fault.Invalid{Fields: []fault.Field{
			{Name: "agree", Message: "Select that you agree, or decline the match"}}})
	}
	if data.Mine().Answer == pairing.Yes { // sent twice
		return web.Done(w, r, data.Link, didAccept)
	}
	m, now := data.Match, s.Now()
	err = m.AcceptWithin(data.Role, data.Limits, p.Expectations.Version, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderExpectations(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	m.UpdatedAt = now
	c, to := s.Store.Commit(), data.Link
	c.UpdateMatch(p.ID, m)
	if m.State == pairing.Accepted {
		to = s.linkToSessions(c, p, m, data.Role, data.Me.Generation)
		c.LogTransition("match", m.ID, string(m.State))
		pair := pairing.Start(m, now)
		pair.Expectations.Version = p.Expectations.Version
		for _, point := range p.Expectations.Points { // as both have read them
			pair.Expectations.Points = append(pair.Expectations.Points, p.Terms.Say(point))
		}
		if err := s.takeUp(r.Context(), c, p, m, pair, now); err != nil {
			return err
		}
		c.CreatePairing(p.ID, pair)
		c.LogTransition("pairing", pair.ID, string(pair.State))
		for _, role := range programme.Roles {
			c.Enqueue(r.Context(), message.PairingStarted(p, pair, m, role), now)
		}
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: m.Side(data.Role).Enrolment, Did: "accepted the match", To: m.ID, About: m.Both(), At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, to, didAccept)
}

// takeUp has a pairing that begins count what was before it with who led the client's organisation
// then, where there was something, with the goals and actions that they passed on.
func (s *site) takeUp(ctx context.Context, c *store.Commit, p *programme.Programme, m *pairing.Match, pair *pairing.Pairing, now time.Time) error {
	if m.Continues == "" {
		return nil
	}
	before, err := s.Store.Pairing(ctx, p.ID, m.Continues)
	if fault.Is(err, fault.NotFound) { // both who were in it are forgotten
		return nil
	}
	if err != nil {
		return err
	}
	sessions, err := s.Store.Sessions(ctx, p.ID, before.ID)
	if err != nil {
		return err
	}
	pair.TakeUp(before, sessions)
	if !m.Goals || before.Client == pairing.Forgotten {
		return nil
	}
	old, err := s.Store.Notebook(ctx, p.ID, before)
	if err != nil {
		return err
	}
	if notebook := pairing.NewNotebook(pair); notebook.Inherit(old, p.ID) {
		c.SaveNotebook(p.ID, notebook, now)
	}
	return nil
}

// linkToSessions adds to a commit a link for one side to the sessions of a match that both
// have accepted, as its email has one: who has just said yes need not wait for that.
func (s *site) linkToSessions(c *store.Commit, p *programme.Programme, m *pairing.Match, role programme.Role, generation int) string {
	return s.Links.Add(c, purpose.Pairing, store.Link{Programme: p.ID, Person: m.Side(role).Enrolment, Role: role, Generation: generation, IDs: outbox.IDs{Run: m.Run, Match: m.ID, Pairing: m.ID}})
}

// toSessions opens the sessions of a match that both have accepted.
func (s *site) toSessions(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.matched(r)
	if err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	if data.Match.State != pairing.Accepted {
		return web.Redirect(w, r, data.Link)
	}
	c := s.Store.Commit()
	to := s.linkToSessions(c, p, data.Match, data.Role, data.Me.Generation)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// What is chosen on the page on which somebody declines.
const (
	declines     = "yes"
	declinesLook = "look-again"
)

// Ways are what who declines can choose.
func (m matchPage) Ways() []web.Option {
	if !m.Match.Solved() {
		return []web.Option{{Value: declines, Text: "I decline this match"}}
	}
	return []web.Option{
		{Value: declines, Text: "I decline this match"},
		{Value: declinesLook, Text: "I decline, and please look again", Hint: "Somebody who did not make this match looks at how it was made, and writes to you"},
	}
}

// finder finds the match that a request is about, for the person of its link.
type finder func(*http.Request) (*programme.Programme, matchPage, error)

func (s *site) showDecline(find finder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, data, err := find(r)
		if err != nil {
			return err
		}
		return s.renderDecline(w, r, p, data, nil)
	}
}

func (s *site) renderDecline(w http.ResponseWriter, r *http.Request, p *programme.Programme, data matchPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "decline", web.Page{Title: "Decline this match", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// decline records one side's no, which gives both their places back, and tells the
// other side that the match will not go ahead, without the reason.
func (s *site) decline(find finder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return s.declined(w, r, find) }
}

func (s *site) declined(w http.ResponseWriter, r *http.Request, find finder) error {
	p, data, err := find(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	data.Reason = strings.TrimSpace(posted.Get("reason"))
	m, now := data.Match, s.Now()
	people, err := matches.Read(r.Context(), s.Store, p.ID, m.Client.Enrolment, m.Consultant.Enrolment)
	if err != nil {
		return err
	}
	before := m.State
	holders := people.Of(m.Client.Enrolment, m.Consultant.Enrolment)
	conflict := posted.Get("conflict") == mayConflict
	switch decline := posted.Get("decline"); {
	case conflict:
		err = m.SeeConflict(data.Role, data.Reason, now, holders)
	case decline != declines && decline != declinesLook: // a scanner presses buttons, and chooses nothing
		err = &fault.Invalid{Fields: []fault.Field{{Name: "decline", Message: "Select that you decline, or go back"}}}
	default:
		err = m.Decline(data.Role, data.Reason, now, holders)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) && conflict {
		return s.renderMatch(w, r, p, data, invalid)
	}
	if errors.As(err, &invalid) {
		return s.renderDecline(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if before == pairing.Declined { // sent twice
		return web.Done(w, r, data.Link, didDecline, m.ID)
	}
	if posted.Get("decline") == declinesLook && !conflict && m.Solved() {
		m.LookAgain(data.Role, now)
	}
	m.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateMatch(p.ID, m)
	c.LogTransition("match", m.ID, string(m.State))
	people.Update(c, now, m)
	if err := matches.NotContinued(r.Context(), s.Store, c, p.ID, m, now); err != nil {
		return err
	}
	c.Enqueue(r.Context(), message.MatchDeclined(p, m, data.Role.Other()), now)
	c.Audit(store.AuditEntry{Programme: p.ID, By: m.Side(data.Role).Enrolment, Did: "declined the match", To: m.ID, About: m.Both(), At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, data.Link, didDecline, m.ID)
}
