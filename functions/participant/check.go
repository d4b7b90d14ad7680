package participant

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// checkPage lets somebody check that the run used their answers.
type checkPage struct {
	matchPage
	// Root is the number that the run was bound by, "" where there is none; Bound when.
	Root   string
	Bound  time.Time
	People int
	// Answers are what the run was bound to, "" where what they have said of themselves
	// is no longer that.
	Answers string
	row     *commitment.Row
}

// showCheck shows somebody their own row of the run, and of nobody else anything.
func (s *site) showCheck(w http.ResponseWriter, r *http.Request) error {
	p, match, err := s.matched(r)
	if err != nil {
		return err
	}
	data, err := s.check(r.Context(), p, match)
	if err != nil {
		return err
	}
	return s.Pages.Show(w, r, "check", web.Page{Title: "Check that the run used your answers", Programme: p, Back: match.Link, Data: data})
}

// check finds the reader's row of the run that made their match.
func (s *site) check(ctx context.Context, p *programme.Programme, match matchPage) (*checkPage, error) {
	data := &checkPage{matchPage: match}
	if !match.Match.Solved() { // no run made it
		return data, nil
	}
	bound := match.Match.Bound
	if bound.Root == "" {
		return data, s.checkFormer(ctx, p, data)
	}
	data.Root, data.Bound, data.People = bound.Root, bound.At, bound.People
	var root commitment.Hash
	if err := root.UnmarshalText([]byte(bound.Root)); err != nil {
		return nil, err
	}
	row, ok, err := match.Match.Side(match.Role).Proof.Row([]byte(p.Salt), root, bound.ID, proposal.Entry(match.Me))
	if err != nil || !ok {
		return data, err
	}
	return data, data.shows(&row)
}

// shows has the page show a row.
func (data *checkPage) shows(row *commitment.Row) error {
	answers, err := json.MarshalIndent(row.Answers, "", "  ")
	data.Answers, data.row = string(answers), row
	return err
}

// checkFormer finds the row of a match that a version before made, from all leaves of its run.
func (s *site) checkFormer(ctx context.Context, p *programme.Programme, data *checkPage) error {
	match := data.matchPage
	run, err := s.Store.Run(ctx, p.ID, match.Match.Run)
	if err != nil || run.Commitment == "" {
		return err
	}
	bound, err := s.Store.Commitment(ctx, p.ID, run.Commitment)
	if err != nil {
		return err
	}
	data.Root, data.Bound, data.People = bound.Root, bound.CreatedAt, bound.People
	leaves, err := s.Store.Leaves(ctx, p.ID, run.ID)
	if err != nil {
		return err
	}
	var prices []commitment.Price
	certificate, err := s.Store.Certificate(ctx, p.ID, run.ID)
	if err == nil {
		prices = commitment.Prices(certificate, match.Role, match.Me.ID)
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	row, ok, err := commitment.RowOf([]byte(p.Salt), bound.ID, leaves, proposal.Entry(match.Me), prices)
	if err != nil || !ok {
		return err
	}
	return data.shows(&row)
}

// downloadRow gives somebody their row with the root, as cascade check-row reads it.
func (s *site) downloadRow(w http.ResponseWriter, r *http.Request) error {
	p, match, err := s.matched(r)
	if err != nil {
		return err
	}
	data, err := s.check(r.Context(), p, match)
	if err != nil {
		return err
	}
	if data.row == nil {
		return fault.New(fault.NotFound, "There is no row of yours to download.")
	}
	receipt := commitment.Receipt{Row: *data.row}
	if err := receipt.Root.UnmarshalText([]byte(data.Root)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="row.json"`)
	_, err = w.Write(text)
	return err
}
