package people

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Leave takes somebody out of the programme in one role, or in again. What waits for
// them in it is not sent any more: their contact is written, too, so that nobody sends
// who has read before that they were there.
func (h Handlers) Leave(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, e := form.programme, form.person
	contact, err := h.Store.Contact(r.Context(), p.ID, e.ID)
	if err != nil {
		return err
	}
	now, before, did := h.Now(), e.State, "took out of the programme"
	switch form.posted.Get("do") {
	case "leave":
		if err := e.Withdraw(); err != nil {
			return err
		}
	case "return":
		did = "took in again"
		e.Return(now)
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	back := deskpath.Of(p.ID).People()
	if e.State == before { // it was sent twice
		return web.Redirect(w, r, back)
	}
	e.UpdatedAt = now
	c := h.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	c.LogTransition("enrolment", e.ID, string(e.State))
	c.SaveContact(p.ID, contact, now)
	if e.State != enrolment.Withdrawn { // reminders had left alone what somebody who had left was asked
		open, err := h.Store.OpenInvitations(r.Context(), p.ID, e.ID)
		if err != nil {
			return err
		}
		for _, i := range open {
			i.DueAt, i.UpdatedAt = now, now
			c.UpdateInvitation(p.ID, i)
		}
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: did, To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, back)
}
