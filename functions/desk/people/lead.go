package people

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Lead asks whoever leads a person's organisation now to take its place, or nobody any more, with
// the reason, which the person can read. To whom the email goes is kept with the invitation alone,
// until that is over.
func (h Handlers) Lead(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, e, do := form.programme, form.person, form.posted.Get("do")
	ch := &matches.Change{Store: h.Store, Commit: h.Store.Commit(), Programme: p, Now: h.Now(), Budgets: h.Budgets}
	if do != didAskLeader && do != didLeadOn {
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	data := personPage{Enrolment: e, Leader: form.posted.Get("new")}
	reason, wrong := form.reasonOf("why")
	if data.Why = reason; wrong != nil {
		return h.render(w, r, p, data, wrong)
	}
	changed, did := false, "took back that somebody else leads the organisation now"
	if do == didAskLeader {
		did = "asked who leads the organisation now to take its place"
		changed, err = ch.AskLeader(r.Context(), data.Leader, e, true, false)
	} else {
		changed = ch.StopAsking(e)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		for i := range invalid.Fields { // another address of theirs has the other name on the page
			invalid.Fields[i].Name = "new"
		}
		return h.render(w, r, p, data, invalid)
	}
	if err != nil || !changed { // it was sent twice
		if err != nil {
			return err
		}
		return web.Done(w, r, form.page(), do)
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
