package people

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Prepare records what the coordinator has seen done, and who supervises someone.
func (h Handlers) Prepare(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, staff, posted, e := form.programme, form.by, form.posted, form.person
	now := h.Now()
	was, before, readiness := e.Supervisor, e.State, enrolment.Readiness{Workshop: posted.Has("workshop"), Trained: posted.Has("trained")}
	if err := e.Prepare(readiness, posted.Get("supervisor"), now); err != nil {
		return err
	}
	e.UpdatedAt = now
	c := h.Store.Commit()
	c.UpdateEnrolment(p.ID, e)
	if e.State != before {
		c.LogTransition("enrolment", e.ID, string(e.State))
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "recorded what was prepared: " + string(e.State), To: e.ID, At: now})
	if e.State == enrolment.Ready && before != enrolment.Ready && p.Chooses(e.Role) {
		// Each time that somebody becomes ready again they get a new link.
		c.Enqueue(r.Context(), message.ChooseNow(p, e, now), now)
	}
	if e.Supervisor != was {
		err := h.assign(r.Context(), c, p, e, was, now)
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			return h.render(w, r, p, personPage{Enrolment: e}, invalid)
		}
		if err != nil {
			return err
		}
		did := "chose the supervisor " + e.Supervisor
		if e.Supervisor == "" {
			did = "took the supervisor away: " + was
		}
		c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: e.ID, At: now})
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).People(), didPrepare, e.ID)
}
