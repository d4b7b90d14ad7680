package today

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// programmePage says what is new, what needs the coordinator, and how far the programme is.
type programmePage struct {
	message.Concerns
	// News are what people did in the last Days.
	News                      []newsPart
	Days                      int
	NotReady, Waiting, Active int
	// Unconfirmed are forms that nobody has confirmed yet.
	Unconfirmed int
}

// Overdue is how much waits for too long.
func (data programmePage) Overdue() int { return data.Unanswered + data.Unbooked + data.Unready }

// ShowProgramme is the desk of one programme: what needs a person first.
func (h Handlers) ShowProgramme(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	ctx, since := r.Context(), h.Now().AddDate(0, 0, -newsDays)
	data := programmePage{Days: newsDays}
	if data.Concerns, err = h.Store.Concerns(ctx, p, since); err != nil {
		return err
	}
	if data.News, err = h.news(ctx, p, since, data.Concerns); err != nil {
		return err
	}
	if data.NotReady, err = h.Store.CountEnrolments(ctx, p.ID, enrolment.Confirmed); err != nil {
		return err
	}
	if data.Unconfirmed, err = h.Store.CountClaims(ctx, p.ID, h.Now()); err != nil {
		return err
	}
	if data.Waiting, err = h.Store.CountMatches(ctx, p.ID, pairing.Released); err != nil {
		return err
	}
	if data.Active, err = h.Store.CountPairings(ctx, p.ID, pairing.Active); err != nil {
		return err
	}
	return h.Page(w, r, "programme", web.Page{Title: "Desk", Programme: p, Back: deskpath.Home, Data: data})
}
