// Package matches is the desk's pages about matches: what was proposed and why, releasing
// it, changing it by hand at a known cost, and the proof of the run.
package matches

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pages are the templates.
//
//go:embed pages/*.html parts/*.html
var Pages embed.FS

// Handlers answer at the pages about matches.
type Handlers struct{ *site.Site }

// matchesPage shows the matches by how far they have come, and the latest run.
type matchesPage struct {
	Run         *store.Run
	Fair        bool
	Relaxed     []relaxedRow
	Unmatched   []unmatchedRow
	Bottlenecks []bottleneckRow
	Unpinned    []unpinnedRow
	Blocking    []blockingRow
	Proposed    []matchRow
	Others      []matchRow
	// Standing is how many decisions by hand there are.
	Standing int
}

// relaxedRow is a place that was allowed beyond the programme's, and to whom.
type relaxedRow struct {
	Within programme.Within
	People []*enrolment.Enrolment
}

// bottleneckRow is why some people have no match, and who they are.
type bottleneckRow struct {
	Words  string
	People []*enrolment.Enrolment
}

// blockingRow is a pair of two who would both rather work with each other than with
// those whom they have, who may be nil.
type blockingRow struct{ A, B, Has, InStead *enrolment.Enrolment }

// matchRow is one match with the two people.
type matchRow struct {
	*pairing.Match
	A, B *enrolment.Enrolment
	// Reference names the match in the form: its run and its id.
	Reference string
	Met       []string
}

// Declines are the reasons of those who declined, for the coordinator alone.
func (m matchRow) Declines() []string {
	var reasons []string
	for _, r := range programme.Roles {
		if side := m.Side(r); side.Answer == pairing.No {
			switch {
			case side.Conflict && side.Reason != "":
				reasons = append(reasons, "There may be a conflict: "+side.Reason)
			case side.Conflict:
				reasons = append(reasons, "There may be a conflict")
			case side.Reason != "":
				reasons = append(reasons, side.Reason)
			}
		}
	}
	return reasons
}

// unmatchedRow is someone without a match and what ruled the others out.
type unmatchedRow struct {
	Person *enrolment.Enrolment
	Why    []string
}

// unpinnedRow is a pair that a coordinator pinned and the run could not make.
type unpinnedRow struct {
	A, B  *enrolment.Enrolment
	Lacks string
}

// matchRowOf is a match with its two people.
func matchRowOf(people site.Names, p *programme.Programme, m *pairing.Match) matchRow {
	row := matchRow{Match: m, A: people.Of(m.Client.Enrolment), B: people.Of(m.Consultant.Enrolment), Reference: m.Run + "/" + m.ID}
	for _, need := range m.Reasons.Met {
		row.Met = append(row.Met, fmt.Sprintf("%s (%d × %d)", p.SkillName(need.Skill), need.Priority, need.Level))
	}
	return row
}

// List shows the matches and the latest run.
func (h Handlers) List(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	return h.renderList(w, r, p, nil)
}

func (h Handlers) renderList(w http.ResponseWriter, r *http.Request, p *programme.Programme, invalid *fault.Invalid) error {
	data, err := h.read(r.Context(), p)
	if err != nil {
		return err
	}
	return h.Page(w, r, "matches", web.Page{Title: "Matches", Programme: p, Back: deskpath.Of(p.ID).String(), Data: data, Invalid: invalid, Said: data.said(p, web.WhatDone(r), web.DoneTo(r))})
}

func (h Handlers) read(ctx context.Context, p *programme.Programme) (*matchesPage, error) {
	proposed, err := h.Store.Proposals(ctx, p)
	if err != nil {
		return nil, err
	}
	out, err := h.Store.Matches(ctx, p.ID, pairing.Out...)
	if err != nil {
		return nil, err
	}
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return nil, err
	}
	data := new(matchesPage)
	for _, m := range proposed {
		data.Proposed = append(data.Proposed, matchRowOf(people, p, m))
	}
	for _, m := range out {
		data.Others = append(data.Others, matchRowOf(people, p, m))
	}
	decisions, err := h.Store.Decisions(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	data.Standing, data.Fair = len(standing(decisions)), p.Objective != programme.Total
	if p.Run == "" {
		return data, nil
	}
	for _, within := range p.Relax {
		row := relaxedRow{Within: within}
		for _, m := range data.Proposed {
			if m.Reasons.Relaxed == within {
				row.People = append(row.People, m.A)
			}
		}
		if len(row.People) > 0 {
			data.Relaxed = append(data.Relaxed, row)
		}
	}
	if data.Run, err = h.Store.Run(ctx, p.ID, p.Run); err != nil {
		return nil, err
	}
	unmatched, err := h.Store.Unmatched(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	found, err := h.Store.Bottlenecks(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	data.Bottlenecks = bottlenecks(people, found)
	blocking, err := h.Store.Blocking(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	for _, b := range blocking {
		data.Blocking = append(data.Blocking, blockingRow{people.Of(b.Client), people.Of(b.Consultant), people.Any(b.Has), people.Any(b.InStead)})
	}
	unpinned, err := h.Store.Unpinned(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	for _, u := range unpinned {
		data.Unpinned = append(data.Unpinned, unpinnedRow{people.Of(u.Client), people.Of(u.Consultant), u.Lacks})
	}
	for _, u := range unmatched {
		row := unmatchedRow{Person: people.Of(u.Client)}
		for _, c := range matching.Criteria {
			if n := u.RuledOut[c]; n > 0 {
				row.Why = append(row.Why, fmt.Sprintf("%s: %d ruled out", c, n))
			}
		}
		if u.Taken > 0 {
			row.Why = append(row.Why, fmt.Sprintf("possible, but taken by a better fit overall: %d", u.Taken))
		}
		data.Unmatched = append(data.Unmatched, row)
	}
	return data, nil
}

// Release lets both people of each chosen match see it, and owes both the email.
func (h Handlers) Release(w http.ResponseWriter, r *http.Request) error {
	return h.chosen(w, r, "release", "Released", didRelease, h.renderList, matches.Release)
}

// chosen does something to each of the matches chosen in a form, which is shown
// again where there is none.
func (h Handlers) chosen(w http.ResponseWriter, r *http.Request, to, done, did string,
	show func(http.ResponseWriter, *http.Request, *programme.Programme, *fault.Invalid) error,
	do func(ctx context.Context, db *store.Store, p *programme.Programme, by string, refs []store.MatchRef, now time.Time) ([]matches.Refusal, error),
) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	chosen := posted["match"]
	if len(chosen) == 0 {
		return show(w, r, p, &fault.Invalid{Fields: []fault.Field{{Name: "match", Message: "Select at least one match to " + to}}})
	}
	refused, err := do(r.Context(), h.Store, p, staff.ID, references(chosen), h.Now())
	if err == nil {
		err = h.refused(r.Context(), p, done, len(chosen), refused)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).Matches(), did, chosen[0])
}

// references are the matches that a form names, each by its run and its id.
func references(chosen []string) []store.MatchRef {
	all := make([]store.MatchRef, len(chosen))
	for i, c := range chosen {
		all[i].Run, all[i].ID, _ = strings.Cut(c, "/")
	}
	return all
}

// namedAtMost is how many of the matches that could not be changed are named.
const namedAtMost = 10

// refused says which of the chosen matches could not be changed and why: nil where
// all could.
func (h Handlers) refused(ctx context.Context, p *programme.Programme, done string, chosen int, refused []matches.Refusal) error {
	if len(refused) == 0 {
		return nil
	}
	why := refused[0].Why
	if chosen == 1 {
		return why
	}
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %d of the %d matches that you selected. The others are as they were.", done, chosen-len(refused), chosen)
	for _, no := range refused[:min(len(refused), namedAtMost)] {
		if no.Client != "" {
			text += fmt.Sprintf(" %s with %s: ", people.Of(no.Client).Person.Name, people.Of(no.Consultant).Person.Name)
		} else {
			text += " "
		}
		text += no.Why.Message
	}
	if more := len(refused) - namedAtMost; more > 0 {
		text += fmt.Sprintf(" And %d more.", more)
	}
	return fault.Because(why, why.Kind, "%s Open the matches again to see how far each has come.", text)
}
