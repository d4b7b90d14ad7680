package coordinator

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// leave takes somebody out of the programme, or in again. In the same commit they are
// written to no more, or again: whatever waits for them is not sent.
func (s *site) leave(w http.ResponseWriter, r *http.Request) error {
	p, staff, err := s.coordinated(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return err
	}
	contact, err := s.Store.Contact(r.Context(), p.ID, e.ID)
	if err != nil {
		return err
	}
	now, before, written, did := s.Now(), e.State, contact.State(), "took out of the programme"
	switch posted.Get("do") {
	case "leave":
		if err := e.Withdraw(); err != nil {
			return err
		}
		contact.Stop(reminder.Withdrawn, now)
	case "return":
		did = "took in again"
		e.Return(now)
		if contact.Stopped == reminder.Withdrawn {
			contact.Restart()
		}
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	back := "/desk/programmes/" + p.ID + "/people"
	if e.State == before { // it was sent twice
		return web.Redirect(w, r, back)
	}
	e.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	c.Moved("enrolment", e.ID, string(e.State))
	c.SaveContact(p.ID, contact, now)
	if contact.State() != written {
		c.Moved("contact", e.ID, contact.State())
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, back)
}
