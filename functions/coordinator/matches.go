package coordinator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// matchesPage shows the matches by how far they have come, and the latest run.
type matchesPage struct {
	Run       *store.Run
	Unmatched []unmatchedRow
	Proposed  []matchRow
	Others    []matchRow
}

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
			reasons = append(reasons, side.Reason)
		}
	}
	return reasons
}

// gone stands in for someone whose enrolment was deleted, as people may ask.
var gone = &enrolment.Enrolment{
	Person:       enrolment.Person{Name: "Someone who has left"},
	Organisation: enrolment.Organisation{Name: "no longer enrolled", Region: "no longer enrolled"},
}

// unmatchedRow is someone without a match and what ruled the others out.
type unmatchedRow struct {
	Person *enrolment.Enrolment
	Why    []string
}

func (s *site) showMatches(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.coordinated(r)
	if err != nil {
		return err
	}
	return s.renderMatches(w, r, p, nil)
}

func (s *site) renderMatches(w http.ResponseWriter, r *http.Request, p *programme.Programme, invalid *fault.Invalid) error {
	data, err := s.matches(r.Context(), p)
	if err != nil {
		return err
	}
	return s.pages.Show(w, r, "matches", web.Page{Title: "Matches", Programme: p, SignedIn: true, Back: "/desk/programmes/" + p.ID, Data: data, Invalid: invalid})
}

func (s *site) matches(ctx context.Context, p *programme.Programme) (*matchesPage, error) {
	all, err := s.Store.Matches(ctx, p.ID, pairing.Proposed, pairing.Released, pairing.Accepted, pairing.Declined)
	if err != nil {
		return nil, err
	}
	people, err := s.Store.Enrolments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	byID := map[string]*enrolment.Enrolment{}
	for _, e := range people {
		byID[e.ID] = e
	}
	person := func(id string) *enrolment.Enrolment {
		if e := byID[id]; e != nil {
			return e
		}
		return gone
	}
	data := new(matchesPage)
	for _, m := range all {
		row := matchRow{Match: m, A: person(m.Client.Enrolment), B: person(m.Consultant.Enrolment), Reference: m.Run + "/" + m.ID}
		for _, n := range m.Reasons.Met {
			row.Met = append(row.Met, fmt.Sprintf("%s (%d × %d)", p.SkillName(n.Skill), n.Priority, n.Level))
		}
		if m.State == pairing.Proposed {
			data.Proposed = append(data.Proposed, row)
		} else {
			data.Others = append(data.Others, row)
		}
	}
	if p.Run == "" {
		return data, nil
	}
	if data.Run, err = s.Store.Run(ctx, p.ID, p.Run); err != nil {
		return nil, err
	}
	for _, u := range data.Run.Unmatched {
		row := unmatchedRow{Person: person(u.Client)}
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

// release lets both people of each chosen match see it, and owes both the email.
// Each match is one commit: what was released stays so when a later one fails,
// and releasing again goes on from there. One that can no longer be released, since
// the page was old, does not hold up the others.
func (s *site) release(w http.ResponseWriter, r *http.Request) error {
	p, staff, err := s.coordinated(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	chosen := posted["match"]
	if len(chosen) == 0 {
		return s.renderMatches(w, r, p, &fault.Invalid{Fields: []fault.Field{{Name: "match", Message: "Select at least one match to release"}}})
	}
	var refused []error
	for _, reference := range chosen {
		err := s.releaseOne(r.Context(), p, staff, reference)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			refused = append(refused, err)
		} else if err != nil {
			return err
		}
	}
	var why *fault.Error
	if errors.As(errors.Join(refused...), &why) {
		if len(chosen) == 1 {
			return why
		}
		return fault.Because(why, why.Kind, "Released: %d of the %d matches that you selected. The rest were already answered or are not there any more. Open the matches again to see how far each has come.",
			len(chosen)-len(refused), len(chosen))
	}
	return web.Redirect(w, r, "/desk/programmes/"+p.ID+"/matches")
}

func (s *site) releaseOne(ctx context.Context, p *programme.Programme, staff *store.Staff, reference string) error {
	run, id, ok := strings.Cut(reference, "/")
	if !ok {
		return fault.New(fault.NotFound, "There is no such match.")
	}
	m, err := s.Store.Match(ctx, p.ID, run, id)
	if err != nil {
		return err
	}
	if m.State == pairing.Released {
		return nil
	}
	if err := m.Release(); err != nil {
		return err
	}
	now := s.Now()
	m.UpdatedAt = now
	c := s.Store.Commit()
	c.UpdateMatch(p.ID, m)
	for _, role := range programme.Roles {
		to := m.Side(role).Enrolment
		c.Owe(ctx, outbox.Message{
			ID: outbox.ID(outbox.MatchReleased, to, m.Run+"/"+m.ID, ""), Kind: outbox.MatchReleased,
			Programme: p.ID, To: to, Role: role, Run: m.Run, Match: m.ID,
		}, now)
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "released the match", To: m.ID, At: now})
	// Beaten by another coordinator, who wanted the same.
	if err := c.Do(ctx); err != nil && !store.Beaten(err) {
		return err
	}
	return nil
}
