package questionnaires

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/form"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// beforeAnswers is the door before answers that are saved.
func beforeAnswers(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Questionnaire, Behind: "read the answers that you have saved"}
}

// answering is what one person is asked, and has answered so far.
type answering struct {
	Link       string
	Definition *questionnaire.Definition
	invitation *questionnaire.Invitation
	owner      *enrolment.Enrolment
	// Saved is what they have answered so far.
	Saved *questionnaire.Saved
	// Anonymous is the day from which on nobody can tell whose answers are whose, as people
	// read it; "" where there is none yet.
	Anonymous string
	// handedIn says that they have handed in their answers, and closed that nobody can any more.
	handedIn, closed bool
	// agreed says that they have agreed to what the privacy notice says now; agreement is what
	// waits of it to be written beside people, or nil.
	agreed     bool
	agreement  *questionnaire.Agreed
	pseudonyms questionnaire.Pseudonyms
	// Number is the page's, from 1.
	Number int
	// Shown is what the page's hidden input says of the answers that are saved.
	Shown string
	// Newer: on the page before, answers of another window were kept.
	Newer bool
	// on is the device on which they are.
	on *device.Device
}

// hidden: answers are saved that may not be seen on this device.
func (a answering) hidden() bool {
	return len(a.Saved.Answers) > 0 && !a.on.MaySee(a.Saved.ID, a.Saved.Writer)
}

// Questions are those of the page, as fields of a form.
func (a answering) Questions() []question {
	var all []question
	for _, q := range a.Definition.Pages[a.Number-1].Questions {
		all = append(all, question{q, a.Saved.Answers[q.ID]})
	}
	return all
}

// question is one question with its answer so far.
type question struct {
	questionnaire.Question
	Answer string
}

// Choices are the possible answers as a form's options.
func (q question) Choices() []web.Option {
	var all []web.Option
	for _, c := range q.Options() {
		all = append(all, web.Option{Value: c.Value, Text: c.Text})
	}
	return all
}

// AnswerText is the answer as people read it.
func (q question) AnswerText() string { return q.Question.AnswerText(q.Answer) }

// open finds what the request's link asks.
func (s *site) open(r *http.Request) (*programme.Programme, answering, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, answering{}, err
	}
	p, err := s.Store.Programme(r.Context(), l.Programme)
	if err != nil {
		return nil, answering{}, err
	}
	notice := s.Notice(p)
	a := answering{Link: link.Path(r, purpose.Questionnaire), owner: l.Owner, agreed: l.Owner.HasAgreed(notice)}
	if a.on, err = s.Devices.Of(r); err != nil {
		return nil, answering{}, err
	}
	var secret *questionnaire.Secret
	var reading errgroup.Group // of two databases
	reading.Go(func() (err error) {
		a.invitation, err = s.Store.Invitation(r.Context(), p.ID, l.Invitation)
		return err
	})
	reading.Go(func() (err error) {
		secret, err = s.Answers.Secret(r.Context(), p.ID)
		return err
	})
	if err := reading.Wait(); err != nil {
		return p, a, err
	}
	if a.Definition, err = questionnaire.Load(a.invitation.Questionnaire); err != nil {
		return p, a, err
	}
	if at, ok := p.Anonymous(); ok {
		a.Anonymous = at.Format("2 January 2006")
	}
	if err := s.readAnswers(r, p, &a, secret); err != nil {
		return p, a, err
	}
	if a.agreement != nil {
		a.agreed = a.agreed || notice.Current(a.agreement.Version, a.agreement.Facts)
	}
	if name := r.PathValue("page"); name != "" {
		a.Number, err = strconv.Atoi(name)
		if err != nil || a.Number < 1 || a.Number > len(a.Definition.Pages) {
			return p, a, fault.New(fault.NotFound, "There is no such page.")
		}
	}
	questions := a.Definition.Questions()
	if a.Number > 0 {
		questions = a.Definition.Pages[a.Number-1].Questions
	}
	a.Shown, a.Newer = questionnaire.Shown(questions, a.Saved.Answers), r.URL.Query().Has(newer)
	return p, a, nil
}

// readAnswers reads how far somebody has come. Of who was marked as having answered nothing is
// looked at: that they have is known.
func (s *site) readAnswers(r *http.Request, p *programme.Programme, a *answering, secret *questionnaire.Secret) (err error) {
	a.closed = p.Closed(a.invitation.Moment, s.Now())
	a.handedIn = a.invitation.Submitted
	if a.Saved = new(questionnaire.Saved); a.handedIn || a.closed {
		return nil
	}
	// What a version before kept beside people is shown from there until the sweep moves it, and
	// moved before it is changed: all of the programme's together.
	if former := a.invitation.Former; former != "" && r.Method == http.MethodGet {
		found, err := s.Store.FormerResponses(r.Context(), p.ID, []string{former})
		if f := found[former]; f != nil {
			a.Saved.Answers = f.Answers
		}
		return err
	} else if former != "" {
		if err := s.moveFormer(r.Context(), p); err != nil {
			return err
		}
		if a.invitation, err = s.Store.Invitation(r.Context(), p.ID, a.invitation.ID); err != nil {
			return err
		}
	}
	if secret == nil && r.Method == http.MethodGet { // which makes none
		return nil
	}
	if secret == nil {
		if secret, err = pseudonym.Secret(r.Context(), s.Answers, s.AnswerKeys, p.ID); err != nil {
			return err
		}
	}
	if a.pseudonyms, err = pseudonym.By(s.AnswerKeys, secret); err != nil {
		return err
	}
	a.Saved = a.pseudonyms.New(a.invitation)
	found, err := s.kept(r.Context(), p.ID, secret, a.pseudonyms, a.invitation.Enrolment, a.invitation.Moment)
	if err != nil {
		return err
	}
	if found.former {
		return fault.New(fault.Unavailable, "Answers are being checked after a backup was restored. Please come back in an hour: this link will still be good.")
	}
	if a.handedIn = found.Response != nil; found.Saved != nil {
		a.Saved = found.Saved
	}
	if !a.agreed {
		a.agreement = found.agreement
	}
	return nil
}

// over reports whether there is nothing to answer any more.
func (a answering) over() bool { return a.handedIn || a.closed }

// newer is the parameter by which a page says that answers of another window were kept.
const newer = "newer"

func (s *site) showStart(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	switch {
	case a.handedIn:
		return s.Pages.Show(w, r, "submitted", web.Page{Title: "Thank you", Programme: p, Data: a})
	case a.closed:
		return s.Pages.Show(w, r, "closed", web.Page{Title: "These questions are closed", Programme: p, Data: a})
	}
	return s.Pages.Show(w, r, "start", web.Page{Title: p.Terms.Say(a.Definition.Title), Programme: p, Data: a})
}

func (s *site) showPage(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	if a.over() {
		return web.Redirect(w, r, a.Link)
	}
	if a.hidden() {
		return web.Redirect(w, r, s.door.To(r, strconv.Itoa(a.Number)))
	}
	if !a.agreed {
		return web.Redirect(w, r, a.noticeBefore(strconv.Itoa(a.Number)))
	}
	a.on.Keep(w)
	return s.renderPage(w, r, p, a, nil)
}

func (s *site) renderPage(w http.ResponseWriter, r *http.Request, p *programme.Programme, a answering, invalid *fault.Invalid) error {
	back := a.Link
	if a.Number > 1 {
		back += "/" + strconv.Itoa(a.Number-1)
	}
	return s.Pages.Show(w, r, "questions", web.Page{Title: p.Terms.Say(a.Definition.Pages[a.Number-1].Title), Programme: p, Back: back, Data: a, Invalid: invalid,
		Said: a.saved(a.Number-1, web.WhatDone(r))})
}

// savePage saves a page's answers at once, so that the person can come back with
// the same link; on another device they give a code first.
func (s *site) savePage(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if a.over() {
		return web.Redirect(w, r, a.Link)
	}
	if a.hidden() {
		return s.door.Stop(w, r, strconv.Itoa(a.Number), posted)
	}
	kept, err := a.Definition.Pages[a.Number-1].Record(a.Saved.Answers, posted)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderPage(w, r, p, a, invalid)
	}
	a.Saved.Writer = a.on.Writer(a.Saved.ID)
	a.on.Keep(w)
	c := s.Answers.Commit()
	c.Save(p.ID, a.Saved)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	next := a.Link + "/check"
	if a.Number < len(a.Definition.Pages) {
		next = a.Link + "/" + strconv.Itoa(a.Number+1)
	}
	if kept {
		return web.Redirect(w, r, next+"?"+newer)
	}
	return web.Done(w, r, next, didSave)
}

// didSave is that the page before was saved, see web.Done.
const didSave = "saved"

// saved is that a page has just been saved, with what is next; "" where there is no answer
// to any of its questions.
func (a answering) saved(number int, did string) string {
	if did != didSave || number < 1 {
		return ""
	}
	for _, q := range a.Definition.Pages[number-1].Questions {
		if a.Saved.Answers[q.ID] != "" {
			return fmt.Sprintf("Part %d is saved. Go on here, or come back to it by the same link.", number)
		}
	}
	return ""
}

// checkPage shows all answers before they are handed in.
type checkPage struct {
	answering
	Pages []checkedPage
}

type checkedPage struct {
	Number    int
	Questions []question
}

func (s *site) showCheck(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	if a.over() {
		return web.Redirect(w, r, a.Link)
	}
	if a.hidden() {
		return web.Redirect(w, r, s.door.To(r, "check"))
	}
	if !a.agreed {
		return web.Redirect(w, r, a.noticeBefore("check"))
	}
	return s.renderCheck(w, r, p, a, nil)
}

func (s *site) renderCheck(w http.ResponseWriter, r *http.Request, p *programme.Programme, a answering, invalid *fault.Invalid) error {
	data, last := checkPage{answering: a}, len(a.Definition.Pages)
	for i := range a.Definition.Pages {
		a.Number = i + 1
		data.Pages = append(data.Pages, checkedPage{a.Number, a.Questions()})
	}
	return s.Pages.Show(w, r, "check", web.Page{Title: "Check your answers", Programme: p,
		Back: a.Link + "/" + strconv.Itoa(last), Data: data, Invalid: invalid, Said: a.saved(last, web.WhatDone(r))})
}

// submit hands the answers in, once. Nothing is written beside people: who has answered is
// marked once a day, for all.
func (s *site) submit(w http.ResponseWriter, r *http.Request) error {
	p, a, err := s.open(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if a.over() {
		return web.Redirect(w, r, a.Link)
	}
	if a.hidden() {
		return web.Redirect(w, r, s.door.To(r, "check"))
	}
	response, err := a.pseudonyms.Submit(a.Definition, a.invitation, a.Saved)
	var invalid *fault.Invalid
	if shown := posted.Get(form.Shown); err == nil && shown != "" && shown != a.Shown {
		invalid = &fault.Invalid{Fields: []fault.Field{{Name: a.Definition.Questions()[0].ID, Message: "Your answers were changed in another window since you opened this page. Check them, and hand them in"}}}
	}
	if invalid != nil || errors.As(err, &invalid) {
		return s.renderCheck(w, r, p, a, invalid)
	}
	if err != nil {
		return err
	}
	c := s.Answers.Commit()
	c.Hand(p.ID, response)
	c.DeleteSaved(p.ID, a.Saved)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, a.Link)
}
