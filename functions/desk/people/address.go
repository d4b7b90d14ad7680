package people

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Readdress asks for another address of somebody, who has told it to the coordinator: in both
// roles, where they have both. It counts once they have confirmed it, and they are then written
// to again.
func (h Handlers) Readdress(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, address := form.programme, form.posted.Get("email")
	settled, ask := email.Settle(email.Read(address), form.posted.Get(web.Meant), form.person.Person.Email)
	if ask != "" && settled.Valid() {
		form.person.NewEmail = settled
		options, question := web.AskMeant(settled, ask)
		return h.render(w, r, p, personPage{Enrolment: form.person, Meant: options}, question)
	}
	other, err := h.inOtherRole(r, p.ID, form.person)
	if err != nil {
		return err
	}
	roles := []*enrolment.Enrolment{form.person}
	if other != nil {
		roles = append(roles, other)
	}
	ch := &matches.Change{Store: h.Store, Commit: h.Store.Commit(), Programme: p, Now: h.Now()}
	changed, err := ch.AskAddress(r.Context(), string(settled), roles...)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		form.person.NewEmail = email.Address(address) // as it was entered
		return h.render(w, r, p, personPage{Enrolment: form.person}, invalid)
	}
	if err != nil {
		return err
	}
	if changed { // or it was sent twice
		ch.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: "asked for another address", To: form.person.ID, At: ch.Now})
		if err := ch.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Done(w, r, form.page(), didReaddress)
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
