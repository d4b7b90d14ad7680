package matches

import (
	"fmt"
	"net/http"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// matchPage is one match with everybody's reasons, and what else could be.
type matchPage struct {
	matchRow
	Unmet []string
	// Reads are the reasons as each of the two reads them.
	Reads []readsRow
	// Open is set while the match is only proposed. Instead is then whom the next run
	// would match with the client as things are now, if it is not this match, or nil
	// for nobody.
	Open, Differs bool
	Instead       *enrolment.Enrolment
	Alternatives  []alternativeRow
	// Proven means that none that is left out costs less.
	Proven bool
	// Pairing is what an accepted match became, or nil.
	Pairing *pairingPart
	// Made says that who reads this made the match, and Alone that nobody else is there to
	// look again at it. Entered is what was entered of an answer.
	Made, Alone bool
	Entered     string
	// Others are those with whom the client could exchange.
	Others []web.Option
}

// readsRow is what one of the two reads.
type readsRow struct {
	Who       *enrolment.Enrolment
	Sentences []string
}

// alternativeRow is somebody else for a client, with what that would cost everyone.
type alternativeRow struct {
	Person *enrolment.Enrolment
	Score  int
	Cost   matching.Cost
	// Fewer, Worst and Total are the cost in words; Moved is how many others would be
	// with somebody else.
	Fewer, Worst, Total string
	Moved               int
}

const (
	// alternatives are shown so many; they are looked for as often as fits in lookFor.
	alternatives           = 5
	fewestTries, mostTries = 5, 60
	lookFor                = 4 * time.Second
	exchangesAtMost        = 500
)

// Show shows one match, with its reasons and what else could be.
func (h Handlers) Show(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	m, err := h.Store.Match(r.Context(), p.ID, r.PathValue("run"), r.PathValue("match"))
	if err != nil {
		return err
	}
	return h.render(w, r, p, m, "", nil)
}

// render shows a match, with a reason that was entered for ending its pairing and what to
// correct in it.
func (h Handlers) render(w http.ResponseWriter, r *http.Request, p *programme.Programme, m *pairing.Match, reason string, invalid *fault.Invalid) error {
	ctx := r.Context()
	if m.State == pairing.Proposed && m.Run != p.Run {
		return fault.New(fault.NotFound, "A newer matching run has taken the place of this match.")
	}
	if err := h.Saw(r, access.Match, m.Both()...); err != nil {
		return err
	}
	people, err := site.ReadNames(ctx, h.Store, p)
	if err != nil {
		return err
	}
	data := &matchPage{matchRow: matchRowOf(people, p, m), Open: m.State == pairing.Proposed}
	for _, id := range m.Reasons.Unmet {
		data.Unmet = append(data.Unmet, p.SkillName(id))
	}
	if a, b := people[m.Client.Enrolment], people[m.Consultant.Enrolment]; a != nil && b != nil {
		for _, role := range programme.Roles {
			facts := matching.FactsFrom(p, matching.FromEnrolment(a), matching.FromEnrolment(b), m.Reasons, role)
			data.Reads = append(data.Reads, readsRow{people.Of(m.Side(role).Enrolment), facts.Sentences(p)})
		}
	}
	if data.Pairing, err = h.pairingOf(r, p, m, data.matchRow); err != nil {
		return err
	}
	if data.Pairing != nil {
		data.Pairing.Reason = reason
	}
	data.Entered = reason
	if m.LooksAgain() {
		_, staff, err := h.Coordinated(r)
		if err != nil {
			return err
		}
		if data.Made, data.Alone, _, err = h.lookAgain(ctx, p, m, staff.ID); err != nil {
			return err
		}
	}
	if data.Open {
		if err := h.alternatives(r, p, people, data); err != nil {
			return err
		}
	}
	return h.Page(w, r, "match", web.Page{
		Title: data.A.Person.Name + " with " + data.B.Person.Name, Programme: p, Back: deskpath.Of(p.ID).Matches(), Data: data,
		Invalid: invalid, Said: data.said(web.WhatDone(r), programme.Role(web.DoneTo(r))),
	})
}

// alternatives finds the next best for a match's client, as things are now.
func (h Handlers) alternatives(r *http.Request, p *programme.Programme, people site.Names, data *matchPage) error {
	at, err := h.Store.MatchingInput(r.Context(), p.ID)
	if err != nil {
		return err
	}
	type answer struct {
		*solved
		matching.Alternatives
	}
	client := data.Client.Enrolment
	found, err := within(r.Context(), func() (answer, error) {
		run, err := solve(at)
		if err != nil || !run.included(client) {
			return answer{solved: run}, err
		}
		tries := max(fewestTries, min(mostTries, int(lookFor/max(run.took, time.Millisecond))))
		next, err := run.Solution.Alternatives(run.problem, client, alternatives, tries)
		return answer{run, next}, err
	})
	if err != nil {
		return err
	}
	now := found.consultant(client)
	data.Differs, data.Instead, data.Proven = now != data.Consultant.Enrolment, people.Any(now), found.Proven
	for _, a := range found.Best {
		row := alternativeRow{
			Person: people.Of(a.Consultant), Score: a.Score, Cost: a.Cost,
			Fewer: difference(a.Cost.Matched, "fewer", "more"), Worst: difference(a.Cost.Worst, "less", "more"), Total: difference(a.Cost.Total, "less", "more"),
		}
		for _, move := range a.Cost.Moves {
			if move.Client != client {
				row.Moved++
			}
		}
		data.Alternatives = append(data.Alternatives, row)
	}
	if len(found.Matches) <= exchangesAtMost {
		for _, other := range found.Matches {
			if other.Client != client && other.Consultant != now && now != "" {
				client, consultant := people.Of(other.Client), people.Of(other.Consultant)
				data.Others = append(data.Others, web.Option{Value: other.Client, Text: fmt.Sprintf("%s, who has %s", client.Person.Name, consultant.Person.Name)})
			}
		}
		sorted(data.Others)
	}
	return nil
}

// difference is a cost in words.
func difference(n int, worse, better string) string {
	switch {
	case n > 0:
		return fmt.Sprintf("%d %s", n, worse)
	case n < 0:
		return fmt.Sprintf("%d %s", -n, better)
	}
	return "the same"
}
