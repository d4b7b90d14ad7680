package today

import (
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
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
	// Until is for how long what is about people is kept; the zero time without an end.
	Until time.Time
	// Deleted are what was announced to be deleted, by type.
	Deleted []deletedRow
}

// deletedRow is how many documents of a type are to be deleted.
type deletedRow struct {
	Holds string
	N     int
}

// toDelete are what was announced to be deleted in a programme.
func toDelete(p *programme.Programme) (all []deletedRow) {
	for _, c := range p.Retention.Counts {
		if d := store.DocumentOf(c.Of); d != nil {
			all = append(all, deletedRow{programme.Capital(privacy.Own(p, d.Register.Holds)), c.N})
		}
	}
	return all
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
	data := programmePage{Days: newsDays, Deleted: toDelete(p)}
	data.Until, _ = p.KeptUntil()
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
