package participant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/agenda"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/correction"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// passOnOf is where somebody offers what they learnt, under My programme.
const passOnOf = "pass-on"

// passOnPage is the form by which who was helped goes on to help, with what they have told already.
type passOnPage struct {
	Link string
	// Inputs are what somebody most likely answers, and More the skills that they were neither
	// helped with nor said that they could offer.
	Inputs, More []correction.Input
	Rules        []web.Option
	Fits         []string
	Agrees       bool
}

// Agree is the choice of agreeing to the notice.
func (passOnPage) Agree() []web.Option {
	return []web.Option{{Value: "yes", Text: "I lead my organisation now, have read the privacy notice, and agree"}}
}

// Agreed is what is chosen of it.
func (d passOnPage) Agreed() string {
	if d.Agrees {
		return "yes"
	}
	return ""
}

// passing are the groups of answers that it asks for: what somebody offers, and the programme's
// own questions.
func passing(p *programme.Programme) (all []enrolment.Group) {
	for _, g := range enrolment.Groups(p, programme.Consultant) {
		switch g.Name {
		case "skills", "capacity", "extra":
			all = append(all, g)
		case "words":
			g.Inputs = []string{"offering"}
			all = append(all, g)
		}
	}
	return all
}

// passer is whoever may offer what they learnt, from which pairing, and what they wrote at its end.
func (s *site) passer(w http.ResponseWriter, r *http.Request) (m *mine, me *enrolment.Enrolment, from *pairing.Pairing, stopped bool, err error) {
	m, stopped, err = s.behind(w, r, s.beforeMy, passOnOf)
	if stopped || err != nil {
		return nil, nil, nil, stopped, err
	}
	part, err := s.Store.TakingPart(r.Context(), m.programme, m.link.Person)
	if err != nil {
		return nil, nil, nil, false, err
	}
	from = agenda.Completed(part.Facts)
	if agenda.Helps(part.Facts) { // pressed twice, or done on another device
		return m, nil, from, false, nil
	}
	if from == nil || !agenda.PassesOn(part.Facts, s.Now()) {
		return nil, nil, nil, false, fault.New(fault.NotFound, "There is nothing here for you to offer now.")
	}
	for _, e := range part.Enrolments {
		if e.ID == from.Client {
			me = e
		}
	}
	return m, me, from, false, nil
}

func (s *site) showPassOn(w http.ResponseWriter, r *http.Request) error {
	m, me, from, stopped, err := s.passer(w, r)
	if stopped || err != nil {
		return err
	}
	if me == nil {
		return web.Redirect(w, r, link.Path(r, purpose.My))
	}
	ending, err := s.Store.Ending(r.Context(), m.programme.ID, from.ID, programme.Client)
	if err != nil {
		return err
	}
	return s.renderPassOn(w, r, m.programme, me, enrolment.Onward(m.programme, me, strings.TrimSpace(ending.Takes)), nil)
}

func (s *site) renderPassOn(w http.ResponseWriter, r *http.Request, p *programme.Programme, me *enrolment.Enrolment, f enrolment.Form, invalid *fault.Invalid) error {
	page := web.Page{Title: "Offer what you learnt", Programme: p, Back: link.Path(r, purpose.My), Invalid: invalid}
	data := passOnPage{Link: link.Path(r, purpose.My), Fits: f.Fits, Agrees: f.Consent != ""}
	for _, g := range passing(p) {
		inputs := correction.Inputs(page, p, programme.Consultant, g, f)
		if g.Name != "skills" || page.Error("skills") != "" {
			data.Inputs = append(data.Inputs, inputs...)
			continue
		}
		for i, skill := range p.Skills {
			if f.Skills[skill.ID] > 0 || me.Skills[skill.ID] > 0 {
				data.Inputs = append(data.Inputs, inputs[i])
			} else {
				data.More = append(data.More, inputs[i])
			}
		}
	}
	if invalid != nil { // the summary leads to where it is said
		for i, field := range invalid.Fields {
			if field.Name == "skills" && len(p.Skills) > 0 {
				invalid.Fields[i].Name = "skill-" + p.Skills[0].ID
			}
		}
	}
	for _, rule := range p.Rules(programme.Consultant) {
		data.Rules = append(data.Rules, web.Option{Value: rule.ID, Text: p.Terms.Say(rule.Ask)})
	}
	page.Data = data
	return s.Pages.Show(w, r, "pass-on", page)
}

// passOn enrols who was helped as somebody who helps, of the generation after that of who helped
// them, in one commit with the email that says what is next. Sent twice it is once.
func (s *site) passOn(w http.ResponseWriter, r *http.Request) error {
	m, me, from, stopped, err := s.passer(w, r)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	my, p, now := link.Path(r, purpose.My), m.programme, s.Now()
	if me == nil {
		return web.Done(w, r, my, didPassOn)
	}
	helper, err := s.Store.Enrolment(r.Context(), p.ID, from.Consultant)
	if fault.Is(err, fault.NotFound) {
		helper = enrolment.Gone
	} else if err != nil {
		return err
	}
	f := enrolment.Onward(p, me, "")
	for _, g := range passing(p) {
		f = correction.Read(f, g, posted)
	}
	f.Fits = posted["fits"]
	if posted.Get("consent") == "yes" {
		f.Consent = p.Privacy.Version
	}
	e, err := enrolment.Cascaded(p, me, f, from.ID, helper, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderPassOn(w, r, p, me, f, invalid)
	}
	if err != nil {
		return err
	}
	e.AgreeToNotice(s.Notice(p), now)
	c := s.Store.Commit()
	c.CreateEnrolment(p.ID, e)
	c.LogTransition("enrolment", e.ID, string(e.State))
	c.Enqueue(r.Context(), message.EnrolmentConfirmed(p, e), now)
	if err := c.Do(r.Context()); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return web.Done(w, r, my, didPassOn)
}
