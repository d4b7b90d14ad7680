package participant

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/directory"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// perPage is how many people a page of the list shows.
const perPage = 20

// choosePage is the list of those who are possible for its reader, or why there is none.
type choosePage struct {
	Link string
	Me   *enrolment.Enrolment
	// Problem is why the choice before was not made, or "".
	Problem string
	// Match is the reader's own, out of the directory, with the other side; or nil.
	Match *pairing.Match
	Other *enrolment.Enrolment

	Rows []candidateRow
	// From and To number the rows among All; Page and the next are "" where there is none.
	From, To, All int
	Before, After string
	// Ranks are the choices in order, where both sides rank each other.
	Ranks []rankField
	// Declined is the match that the reader has just taken back, or nil.
	Declined *pairing.Match
}

// Decline is the page on which the match is taken back. Its query says where that finds the
// match, so that it need not look for it one after another.
func (c choosePage) Decline() string {
	return c.Link + "/decline?" + url.Values{link.MatchAt: {c.Match.ID}, link.OtherAt: {c.Other.ID}}.Encode()
}

// CanChoose reports whether the reader can take another match.
func (c choosePage) CanChoose() bool { return c.Me.Left() > 0 }

// Ready reports whether the reader is ready to be matched.
func (c choosePage) Ready() bool { return c.Me.State == enrolment.Ready }

// candidateRow is one of the people in the list: their organisation, and what they
// offer or ask for. Who they are and how to reach them, a match tells.
type candidateRow struct {
	directory.Candidate
	// Met are what one needs and the other offers, Others what else they offer or ask
	// for; HalfDays those that both have. All are names.
	Kinds, Met, Others, HalfDays []string
	// Unsaid: not both have said when they are usually free.
	Unsaid bool
	// Ask is the page on which they are chosen. Its query says who supervises them, so that it need
	// not look for that first, and tells nobody.
	Ask string
}

// chooser is who a request's link is for, with what decides whom they can choose.
type chooser struct {
	*directory.View
	path string
	list []directory.Candidate
}

// choosing is the person that the request's link is for, in a programme in which people
// of their role have a say in whom they work with.
func (s *site) choosing(r *http.Request) (*chooser, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, err
	}
	if !p.Chooses(l.Role) {
		return nil, fault.New(fault.Conflict, "There is nothing to choose in this programme now: we look for a match for you, and write to you.")
	}
	return &chooser{View: &directory.View{Programme: p, Me: l.Owner}, path: link.Path(r, purpose.Choose)}, nil
}

// rules reads what decides whom a chooser can choose, beside the people.
func (s *site) rules(ctx context.Context, who *chooser) error {
	p, me := who.Programme, who.Me
	decisions, err := s.Store.DecisionsOn(ctx, p.ID, me.Role, me.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		if d.Stands() && d.Kind == pairing.Forbid {
			who.Forbidden = append(who.Forbidden, matching.Pair{Client: d.Client, Consultant: d.Consultant})
		}
	}
	who.Declined, err = s.Store.DeclinedWith(ctx, p.ID, me.Role, me.ID)
	return err
}

// candidates lists whom a chooser can choose: those near first, and those farther away
// only where the programme allows it and nobody is near.
func (s *site) candidates(ctx context.Context, who *chooser) (err error) {
	p, me := who.Programme, who.Me
	if who.Supervisors, err = s.Store.Supervisors(ctx, p.ID); err != nil {
		return err
	}
	regions := []string{""}
	if p.Place.Within == programme.SameRegion {
		if regions[0] = me.Organisation.Region; len(p.Relax) > 0 {
			regions = append(regions, "")
		}
	}
	for _, region := range regions {
		if who.Others, err = s.Store.Choosable(ctx, p.ID, me.Role.Other(), region); err != nil {
			return err
		}
		if who.list, err = who.List(); err != nil || len(who.list) > 0 {
			return err
		}
	}
	return nil
}

func (s *site) showChoices(w http.ResponseWriter, r *http.Request) error {
	who, err := s.choosing(r)
	if err != nil {
		return err
	}
	data, err := s.choices(r, who)
	if err != nil {
		return err
	}
	if web.WhatDone(r) == didDecline {
		data.Declined, err = s.Store.Match(r.Context(), who.Programme.ID, pairing.Directory, web.DoneTo(r))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return s.renderChoices(w, r, who, data, nil)
}

// said is what has just been chosen or taken back, with what is next; "" where it is not so.
func (c choosePage) said(did string) string {
	switch {
	case did == didAsk && c.Match != nil && c.Match.State == pairing.Released:
		return fmt.Sprintf("You chose %s of %s. We have asked them, and write to you as soon as they have answered.", c.Other.Person.Name, c.Other.Organisation.Name)
	case did == didRank && len(c.Me.Preferences) > 0:
		return "Your choice is saved. You can change it until you have a match."
	case did == didRank:
		return "It is saved that you prefer nobody. You can change it until you have a match."
	case did == didDecline && c.Declined != nil && c.Declined.Side(c.Me.Role).Enrolment == c.Me.ID && c.Declined.Side(c.Me.Role).Answer == pairing.No && c.CanChoose():
		return "You have taken your choice back, and they know of it. You can choose somebody else."
	}
	return ""
}

// choices is the page of the list that a request asks for.
func (s *site) choices(r *http.Request, who *chooser) (*choosePage, error) {
	data := &choosePage{Link: who.path, Me: who.Me}
	if who.Programme.Mode == programme.Directory && !data.CanChoose() {
		return data, s.chosenAlready(r.Context(), who, data)
	}
	if !data.CanChoose() || !data.Ready() {
		return data, nil
	}
	if err := s.rules(r.Context(), who); err != nil {
		return nil, err
	}
	if err := s.candidates(r.Context(), who); err != nil {
		return nil, err
	}
	data.All = len(who.list)
	number, _ := strconv.Atoi(r.URL.Query().Get("page")) // whatever is no page is the first
	last := max(1, (data.All+perPage-1)/perPage)
	number = min(max(1, number), last)
	from, to := (number-1)*perPage, min(number*perPage, data.All)
	data.From, data.To = from+1, to
	if number > 1 {
		data.Before = strconv.Itoa(number - 1)
	}
	if number < last {
		data.After = strconv.Itoa(number + 1)
	}
	for _, c := range who.list[from:to] {
		row := who.row(c)
		row.Ask = who.path + "/with/" + c.ID + "?" + url.Values{link.HiddenAt: {s.Links.Hide(r, purpose.Choose, who.supervisor(c.Enrolment), "with", c.ID)}}.Encode()
		data.Rows = append(data.Rows, row)
	}
	if who.Programme.Mode == programme.Ranked {
		data.Ranks = who.ranks(data.Rows, who.Me.Preferences)
	}
	return data, nil
}

// chosenAlready finds the match that takes up the chooser's place.
func (s *site) chosenAlready(ctx context.Context, who *chooser, data *choosePage) error {
	for _, id := range who.Me.Places {
		m, err := s.Store.Match(ctx, who.Programme.ID, pairing.Directory, id)
		if fault.Is(err, fault.NotFound) { // from a matching run, before people chose
			continue
		}
		if err != nil {
			return err
		}
		other, err := s.Store.Enrolment(ctx, who.Programme.ID, m.Side(who.Me.Role.Other()).Enrolment)
		if err != nil {
			return err
		}
		data.Match, data.Other = m, other
	}
	return nil
}

func (s *site) renderChoices(w http.ResponseWriter, r *http.Request, who *chooser, data *choosePage, invalid *fault.Invalid) error {
	title := who.Programme.Terms.Say("Choose {a consultant}")
	switch {
	case data.Match != nil && data.Match.State == pairing.Accepted:
		title = "You are both in"
	case data.Match != nil:
		title = "Your choice"
	case !data.CanChoose():
		title = "You have a match"
	case !data.Ready():
		title = "You cannot choose yet"
	case who.Programme.Mode == programme.Ranked:
		title = "Whom would you like to work with?"
	}
	page := web.Page{Title: title, Programme: who.Programme, Data: data, Invalid: invalid}
	status := http.StatusOK
	if invalid == nil && data.Problem == "" {
		page.Said = data.said(web.WhatDone(r))
	}
	switch {
	case invalid != nil:
		status = http.StatusUnprocessableEntity
	case data.Problem != "":
		status = http.StatusConflict
	}
	return s.Pages.Render(w, r, status, "choose", page)
}

// supervisor is who supervises a match of the chooser and somebody else, by id.
func (who *chooser) supervisor(other *enrolment.Enrolment) string {
	if who.Me.Role == programme.Consultant {
		return who.Me.Supervisor
	}
	return other.Supervisor
}

func (who *chooser) row(c directory.Candidate) candidateRow {
	p, row := who.Programme, candidateRow{Candidate: c}
	for _, code := range c.Organisation.Categories {
		row.Kinds = append(row.Kinds, p.CategoryName(code))
	}
	r := who.Reasons(c)
	met := map[string]bool{}
	for _, n := range r.Met {
		met[n.Skill] = true
		row.Met = append(row.Met, p.SkillName(n.Skill))
	}
	for _, skill := range p.Skills {
		if c.Skills[skill.ID] > 0 && !met[skill.ID] {
			row.Others = append(row.Others, skill.Name)
		}
	}
	row.Unsaid = who.Facts(c).Unsaid
	for _, h := range enrolment.HalfDays {
		if slices.Contains(r.HalfDays, h.ID) {
			row.HalfDays = append(row.HalfDays, h.Name)
		}
	}
	return row
}

// askPage is somebody in the directory, and what to agree to before asking them.
type askPage struct {
	Link string
	Row  candidateRow
	// Why are the reasons in words.
	Why []string
}

// Why somebody in the directory was not chosen. It does not tell who ruled it out, or
// whether anybody did.
var (
	errNotPossible = fault.New(fault.Conflict, "This choice is not possible any more. Please choose somebody else.")
	errTaken       = fault.New(fault.Conflict, "The last free place was taken a moment ago. Please choose somebody else.")
	errChosen      = fault.New(fault.Conflict, "You have chosen already, so this choice was not made.")
)

// named is the person in the directory that a request's address names.
func (s *site) named(r *http.Request) (*chooser, directory.Candidate, error) {
	who, err := s.choosing(r)
	if err != nil {
		return nil, directory.Candidate{}, err
	}
	switch {
	case who.Programme.Mode != programme.Directory:
		return nil, directory.Candidate{}, fault.New(fault.NotFound, "People do not choose from a directory in this programme.")
	case who.Me.Left() == 0:
		return who, directory.Candidate{}, errChosen
	case who.Me.State != enrolment.Ready:
		return who, directory.Candidate{}, errNotPossible
	}
	id := r.PathValue("person")
	if err := s.candidate(r.Context(), who, id); err != nil {
		return nil, directory.Candidate{}, err
	}
	i := slices.IndexFunc(who.list, func(c directory.Candidate) bool { return c.ID == id })
	switch {
	case i < 0:
		return who, directory.Candidate{}, errNotPossible
	case who.list[i].Free == 0:
		return who, directory.Candidate{}, errTaken
	}
	return who, who.list[i], nil
}

// candidate lists one person alone, if the chooser can choose them. Only where that
// takes more than the programme's place is everybody looked at: it is for those who have
// nobody nearer.
func (s *site) candidate(ctx context.Context, who *chooser, id string) error {
	if err := s.rules(ctx, who); err != nil {
		return err
	}
	found, err := s.Store.EnrolmentsOf(ctx, who.Programme.ID, []string{id})
	if err != nil || found[id] == nil || found[id].State != enrolment.Ready {
		return err
	}
	who.Others = []*enrolment.Enrolment{found[id]}
	supervisor, err := s.Store.Supervisor(ctx, who.Programme.ID, who.supervisor(found[id]))
	switch {
	case err == nil:
		who.Supervisors = []*supervision.Supervisor{supervisor}
	case !fault.Is(err, fault.NotFound):
		return err
	}
	if who.list, err = who.List(); err != nil || len(who.list) == 0 || who.list[0].Relaxed == "" {
		return err
	}
	return s.candidates(ctx, who)
}

// again shows the list once more, as it is now, with why the choice was not made.
func (s *site) again(w http.ResponseWriter, r *http.Request, why error) error {
	var known *fault.Error
	if !errors.As(why, &known) {
		return why
	}
	who, err := s.choosing(r) // as they are now
	if err != nil {
		return err
	}
	data, err := s.choices(r, who)
	if err != nil {
		return err
	}
	data.Problem = known.Message
	return s.renderChoices(w, r, who, data, nil)
}

// refusedChoice reports whether an error is why a choice was not made.
func refusedChoice(err error) bool {
	for _, why := range []error{errNotPossible, errTaken, errChosen} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}

func (s *site) showAsk(w http.ResponseWriter, r *http.Request) error {
	who, c, err := s.named(r)
	if refusedChoice(err) {
		return s.again(w, r, err)
	}
	if err != nil {
		return err
	}
	return s.renderAsk(w, r, who, c, nil)
}

func (s *site) renderAsk(w http.ResponseWriter, r *http.Request, who *chooser, c directory.Candidate, invalid *fault.Invalid) error {
	data := askPage{Link: who.path, Row: who.row(c), Why: who.Facts(c).Sentences(who.Programme)}
	return s.Pages.Show(w, r, "ask", web.Page{Title: c.Organisation.Name, Programme: who.Programme, Back: who.path, Data: data, Invalid: invalid})
}

// ask makes the match that somebody chose, which takes up the places of both, and
// writes to the other side, in one commit. Of two who ask at once for a last place, one
// gets it; who asks for two people at once gets one.
func (s *site) ask(w http.ResponseWriter, r *http.Request) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	who, c, err := s.named(r)
	if err == nil {
		if posted.Get("agree") != who.Programme.Expectations.Version {
			return s.renderAsk(w, r, who, c, &fault.Invalid{Fields: []fault.Field{
				{Name: "agree", Message: "Select that you agree, or go back and choose somebody else"}}})
		}
		err = s.choose(r.Context(), who, c)
	}
	if refusedChoice(err) {
		// Sent twice, it is one choice, whichever part of it the second one finds.
		mine, failed := s.isChosen(r.Context(), who, r.PathValue("person"))
		if failed != nil {
			return failed
		}
		if !mine {
			return s.again(w, r, err)
		}
	} else if err != nil {
		return err
	}
	return web.Done(w, r, who.path, didAsk)
}

// isChosen reports whether somebody in the directory is whom the chooser has, now.
func (s *site) isChosen(ctx context.Context, who *chooser, person string) (bool, error) {
	me, err := s.Store.Enrolment(ctx, who.Programme.ID, who.Me.ID)
	if err != nil {
		return false, err
	}
	now := *who.View
	now.Me = me
	var data choosePage
	err = s.chosenAlready(ctx, &chooser{View: &now}, &data)
	return data.Other != nil && data.Other.ID == person, err
}

// choose writes a choice, guarded by what the two people and the supervisor are now.
func (s *site) choose(ctx context.Context, who *chooser, c directory.Candidate) error {
	p, now := who.Programme, s.Now()
	client, consultant := who.Me.ID, c.ID
	if who.Me.Role == programme.Consultant {
		client, consultant = consultant, client
	}
	people, err := matches.Read(ctx, s.Store, p.ID, client, consultant)
	if err != nil {
		return err
	}
	// The list was read before, and without guards: what it says must still hold for
	// what is written now.
	other := people.Enrolment(c.ID)
	me := people.Enrolment(who.Me.ID)
	if me == nil || other == nil {
		return errNotPossible
	}
	who.Me = me
	who.Others = []*enrolment.Enrolment{other}
	still, err := who.List()
	if err != nil {
		return err
	}
	if len(still) == 0 || still[0].Relaxed != c.Relaxed {
		return errNotPossible
	}
	m, err := pairing.Choose(strings.ToLower(rand.Text()), p.ID, who.Me.Role, client, consultant,
		who.Reasons(still[0]), p.Expectations.Version, reminder.ReplyBy(p, me, other, now), now, people.Of(client, consultant))
	switch {
	case errors.Is(err, enrolment.ErrMatched):
		return errChosen
	case errors.Is(err, enrolment.ErrFull), errors.Is(err, supervision.ErrFull):
		return errTaken
	case errors.Is(err, enrolment.ErrNotReady), errors.Is(err, enrolment.ErrNotNow):
		return errNotPossible
	case err != nil:
		return err
	}
	commit := s.Store.Commit()
	commit.CreateMatch(p.ID, m)
	commit.LogTransition("match", m.ID, string(m.State))
	people.Update(commit, now, m)
	if err := s.Store.AddRun(ctx, commit, p.ID, pairing.Directory, now); err != nil {
		return err
	}
	commit.Enqueue(ctx, message.MatchChosen(p, m, who.Me.Role.Other()), now)
	commit.Audit(store.AuditEntry{Programme: p.ID, By: who.Me.ID, Did: "chose somebody from the directory", To: m.ID, About: []string{other.ID}, At: now})
	return commit.Do(ctx)
}

// chosen is the match that the person of a request's link chose, see finder.
func (s *site) chosen(r *http.Request) (*programme.Programme, matchPage, error) {
	who, err := s.choosing(r)
	if err != nil {
		return nil, matchPage{}, err
	}
	var data choosePage
	if err := s.chosenAlready(r.Context(), who, &data); err != nil {
		return nil, matchPage{}, err
	}
	if data.Match == nil {
		return nil, matchPage{}, fault.New(fault.Conflict, "There is no match to take back. Open your list again.")
	}
	return who.Programme, matchPage{Link: who.path, Match: data.Match, Role: who.Me.Role, Other: data.Other, Chosen: true}, nil
}
