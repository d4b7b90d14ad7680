package today

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// programmePage says what needs the coordinator, and how far the programme is.
type programmePage struct {
	NotReady, ToReview, Overdue, Unclear, Waiting, Active, Refused int
}

// ShowProgramme is the desk of one programme: what needs a person first.
func (h Handlers) ShowProgramme(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var data programmePage
	if data.NotReady, err = h.Store.CountEnrolments(ctx, p.ID, enrolment.Confirmed); err != nil {
		return err
	}
	if data.ToReview, err = h.Store.CountProposals(ctx, p); err != nil {
		return err
	}
	if data.Unclear, err = h.Store.CountUnclear(ctx, p.ID); err != nil {
		return err
	}
	if data.Waiting, err = h.Store.CountMatches(ctx, p.ID, pairing.Released); err != nil {
		return err
	}
	if data.Active, err = h.Store.CountPairings(ctx, p.ID, pairing.Active); err != nil {
		return err
	}
	refused, err := h.Store.Messages(ctx, p.ID, outbox.SetAside)
	if err != nil {
		return err
	}
	data.Refused = len(refused)
	concerns, err := h.Store.Concerns(ctx, p.ID)
	if err != nil {
		return err
	}
	data.Overdue = concerns.Unanswered + concerns.Unbooked + concerns.Unready
	return h.Page(w, r, "programme", web.Page{Title: "Desk", Programme: p, Back: deskpath.Home, Data: data})
}
