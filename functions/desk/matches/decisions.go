package matches

import (
	"context"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// decisionsPage lists what was decided by hand, the newest first: what stands, and
// what was lifted, which stays to be read.
type decisionsPage struct{ Standing, Lifted []decisionRow }

// decisionRow is a decision with names.
type decisionRow struct {
	*pairing.Decision
	A, B         *enrolment.Enrolment
	By, LiftedBy string
}

// ListDecisions lists what was decided by hand.
func (h Handlers) ListDecisions(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	all, err := h.Store.Decisions(ctx, p.ID)
	if err != nil {
		return err
	}
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b *pairing.Decision) int { return b.At.Compare(a.At) })
	var data decisionsPage
	staff := map[string]string{"": ""}
	for _, d := range all {
		row := decisionRow{Decision: d, A: people.Of(d.Client), B: people.Of(d.Consultant)}
		if row.By, err = h.staffName(ctx, staff, d.By); err != nil {
			return err
		}
		if row.LiftedBy, err = h.staffName(ctx, staff, d.LiftedBy); err != nil {
			return err
		}
		if d.Stands() {
			data.Standing = append(data.Standing, row)
		} else {
			data.Lifted = append(data.Lifted, row)
		}
	}
	return h.Page(w, r, "decisions", web.Page{Title: "Decisions by hand", Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: data, Said: data.said(web.WhatDone(r), web.DoneTo(r))})
}

// staffName is the name of a member of staff; each is read once.
func (h Handlers) staffName(ctx context.Context, known map[string]string, id string) (string, error) {
	if name, ok := known[id]; ok {
		return name, nil
	}
	m, err := h.Store.StaffMember(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound):
		known[id] = "someone who has left"
	case err != nil:
		return "", err
	default:
		known[id] = m.Name
	}
	return known[id], nil
}

// Lift ends a decision: the next run goes without it.
func (h Handlers) Lift(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(at.Decisions, func(d *pairing.Decision) bool { return d.ID == posted.Get("decision") })
	if k < 0 {
		return fault.New(fault.NotFound, "There is no such decision.")
	}
	if d, now := at.Decisions[k], h.Now(); d.Stands() { // otherwise it was sent twice
		d.Lift(staff.ID, now)
		c := h.Store.Commit()
		c.UpdateDecision(p.ID, d, at.Latest)
		if at.Latest == nil {
			site.GuardRuns(c, at.Programme, now)
		}
		c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "lifted the decision", To: d.ID, About: []string{d.Client, d.Consultant}, At: now})
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Done(w, r, deskpath.Of(p.ID).Decisions(), didLift, at.Decisions[k].ID)
}
