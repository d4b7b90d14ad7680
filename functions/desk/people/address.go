package people

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Readdress gives somebody another address, who has told it to the coordinator: in
// both roles, where they have both. What waits for them goes there, and they are
// written to again.
func (h Handlers) Readdress(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, address := form.programme, form.posted.Get("email")
	settled, ask := email.Settle(email.Read(address), form.posted.Get(web.Meant), form.person.Person.Email)
	if ask != "" && settled.Valid() {
		form.person.Person.Email = settled
		options, question := web.AskMeant(settled, ask)
		return h.render(w, r, p, form.person, form.person.Supervisor, question, options...)
	}
	other, err := h.inOtherRole(r, p.ID, form.person)
	if err != nil {
		return err
	}
	now := h.Now()
	c, writes := h.Store.Commit(), false
	for _, e := range []*enrolment.Enrolment{form.person, other} {
		if e == nil {
			continue
		}
		changed, err := e.Readdress(string(settled))
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			e.Person.Email = email.Address(address) // as it was entered
			return h.render(w, r, p, e, e.Supervisor, invalid)
		}
		if err != nil {
			return err
		}
		if changed { // or it was sent twice
			e.UpdatedAt, writes = now, true
			c.UpdateEnrolment(p.ID, e)
			c.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: "gave another address", To: e.ID, At: now})
		}
	}
	if !writes {
		return web.Redirect(w, r, form.page())
	}
	contact, err := h.Store.Contact(r.Context(), p.ID, form.person.ID)
	if err != nil {
		return err
	}
	c.RestartContact(p.ID, contact, now)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, form.page())
}

// inOtherRole is the same person's enrolment in the other role, or nil.
func (h Handlers) inOtherRole(r *http.Request, p string, e *enrolment.Enrolment) (*enrolment.Enrolment, error) {
	found, err := h.Store.EnrolmentsOf(r.Context(), p, enrolment.IDs(enrolment.PersonOf(e.ID)))
	if err != nil {
		return nil, err
	}
	delete(found, e.ID)
	for _, other := range found {
		return other, nil
	}
	return nil, nil
}
