package people

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/correction"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// correctPage is the form by which a group of somebody's answers is corrected on their behalf.
type correctPage struct {
	*enrolment.Enrolment
	Group  enrolment.Group
	Inputs []correction.Input
	// Reason is what was written of why.
	Reason string
}

// ShowCorrect shows the form.
func (h Handlers) ShowCorrect(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	e, err := h.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return err
	}
	g, err := enrolment.GroupOf(p, e.Role, r.PathValue("group"))
	if err != nil {
		return err
	}
	return h.renderCorrect(w, r, p, correctPage{Enrolment: e, Group: g}, enrolment.FormOf(e), nil)
}

func (h Handlers) renderCorrect(w http.ResponseWriter, r *http.Request, p *programme.Programme, data correctPage, f enrolment.Form, invalid *fault.Invalid) error {
	if err := h.Saw(r, access.Person, data.ID); err != nil {
		return err
	}
	page := web.Page{Title: "Correct what " + data.Person.Name + " answered", Programme: p, Back: deskpath.Of(p.ID).Data(data.ID), Invalid: invalid}
	data.Inputs = correction.Inputs(page, p, data.Role, data.Group, f)
	page.Data = data
	return h.Page(w, r, "correct", page)
}

// Correct takes over a group of somebody's answers, as they asked, with the reason, which they
// can read. The answers are held to the rules of their own page.
func (h Handlers) Correct(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, e, now := form.programme, form.person, h.Now()
	g, err := enrolment.GroupOf(p, e.Role, r.PathValue("group"))
	if err != nil {
		return err
	}
	data, f := correctPage{Enrolment: e, Group: g}, correction.Read(enrolment.FormOf(e), g, form.posted)
	reason, wrong := form.reasonOf("reason")
	if data.Reason = reason; wrong != nil {
		return h.renderCorrect(w, r, p, data, f, wrong)
	}
	changed, err := e.Correct(p, g, f, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.renderCorrect(w, r, p, data, f, invalid)
	}
	if err != nil {
		return err
	}
	back := deskpath.Of(p.ID).Person(e.ID)
	if !changed { // it was sent twice, or is as before
		return web.Done(w, r, back, didCorrect)
	}
	c := h.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	if _, err := form.because(c, reason, now); err != nil {
		return err
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: "corrected somebody's answers: " + g.Name, To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, didCorrect)
}
