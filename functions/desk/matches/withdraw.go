package matches

import (
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// withdrawPage shows the released matches that can be taken back, those first that
// the latest run would change.
type withdrawPage struct {
	Run  *store.Run
	Rows []withdrawRow
}

// withdrawRow is a released match; the run would change it where Moves, to the person
// To, or to nobody for now where that is nil.
type withdrawRow struct {
	matchRow
	Moves bool
	To    *enrolment.Enrolment
}

// ShowWithdraw lists the released matches that can be taken back.
func (h Handlers) ShowWithdraw(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	return h.renderWithdraw(w, r, p, nil)
}

func (h Handlers) renderWithdraw(w http.ResponseWriter, r *http.Request, p *programme.Programme, invalid *fault.Invalid) error {
	ctx := r.Context()
	released, err := h.Store.Matches(ctx, p.ID, pairing.Released)
	if err != nil {
		return err
	}
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return err
	}
	var data withdrawPage
	moves := map[store.MatchRef]string{}
	if p.Run != "" {
		if data.Run, err = h.Store.Run(ctx, p.ID, p.Run); err != nil {
			return err
		}
		all, err := h.Store.Moves(ctx, p.ID, p.Run)
		if err != nil {
			return err
		}
		for _, m := range all {
			moves[store.MatchRef{Run: m.Run, ID: m.Match}] = m.To
		}
	}
	var others []withdrawRow
	for _, m := range released {
		row := withdrawRow{matchRow: matchRowOf(people, p, m)}
		to, moved := moves[store.MatchRef{Run: m.Run, ID: m.ID}]
		if !moved {
			others = append(others, row)
			continue
		}
		if row.Moves = true; to != "" {
			row.To = people.Of(to)
		}
		data.Rows = append(data.Rows, row)
	}
	data.Rows = append(data.Rows, others...)
	return h.Page(w, r, "withdraw", web.Page{
		Title: "Take matches back", Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: data, Invalid: invalid,
	})
}

// Withdraw takes the chosen matches back, and owes both people of each the email.
func (h Handlers) Withdraw(w http.ResponseWriter, r *http.Request) error {
	return h.chosen(w, r, "take back", "Taken back", didWithdraw, h.renderWithdraw, matches.Withdraw)
}
