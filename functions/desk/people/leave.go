package people

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Leave takes somebody out of the programme in one role, from whichever state, or in again, as
// they asked, with the reason, which they can read.
func (h Handlers) Leave(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, e := form.programme, form.person
	ch := &matches.Change{Store: h.Store, Commit: h.Store.Commit(), Programme: p, Now: h.Now()}
	do, did, left := form.posted.Get("do"), "took out of the programme", e.State == enrolment.Withdrawn
	switch {
	case do == didLeave && left, do == didReturn && !left: // it was sent twice
		return web.Done(w, r, form.page(), do)
	case do != didLeave && do != didReturn:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	reason, wrong := form.reasonOf("reason")
	if wrong != nil {
		return h.render(w, r, p, personPage{Enrolment: e, Reason: reason}, wrong)
	}
	switch do {
	case didLeave:
		err = ch.Leave(r.Context(), e)
	case didReturn:
		did = "took in again"
		err = h.takeIn(r, ch, e)
	}
	if err != nil {
		return err
	}
	if _, err := form.because(ch.Commit, reason, ch.Now); err != nil {
		return err
	}
	ch.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: did, To: e.ID, At: ch.Now})
	if err := ch.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, form.page(), do)
}

// takeIn adds that somebody takes part again who had left, as they were before. Reminders had
// left alone what they were asked.
func (h Handlers) takeIn(r *http.Request, ch *matches.Change, e *enrolment.Enrolment) error {
	p := ch.Programme.ID
	contact, err := h.Store.Contact(r.Context(), p, e.ID)
	if err != nil {
		return err
	}
	open, err := h.Store.OpenInvitations(r.Context(), p, e.ID)
	if err != nil {
		return err
	}
	e.Return(ch.Now)
	e.UpdatedAt = ch.Now
	ch.UpdateEnrolment(p, e)
	ch.LogTransition("enrolment", e.ID, string(e.State))
	ch.SaveContact(p, contact, ch.Now)
	for _, i := range open {
		i.DueAt, i.UpdatedAt = ch.Now, ch.Now
		ch.UpdateInvitation(p, i)
	}
	return nil
}
