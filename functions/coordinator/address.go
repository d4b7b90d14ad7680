package coordinator

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// readdress gives somebody another address, who has told it to the coordinator. What
// waits for them goes there, and they are written to again.
func (s *site) readdress(w http.ResponseWriter, r *http.Request) error {
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
	changed, err := e.Readdress(posted.Get("email"))
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		e.Person.Email = posted.Get("email") // as it was entered
		return s.renderPerson(w, r, p, e, e.Supervisor, invalid)
	}
	if err != nil {
		return err
	}
	back := "/desk/programmes/" + p.ID + "/people/" + e.ID
	if !changed { // it was sent twice
		return web.Redirect(w, r, back)
	}
	contact, err := s.Store.Contact(r.Context(), p.ID, e.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	e.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	if contact.Stopped != "" && contact.Stopped != reminder.Withdrawn {
		contact.Restart()
		c.SaveContact(p.ID, contact, now)
		c.Moved("contact", contact.ID, contact.State())
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "gave another address", To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, back)
}
