package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

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

// unpinnedRow is a pair that a coordinator pinned and the run could not make.
type unpinnedRow struct {
	A, B  *enrolment.Enrolment
	Lacks string
}

// names are a programme's people by the ids of their enrolments.
type names map[string]*enrolment.Enrolment

func (s *site) names(ctx context.Context, p *programme.Programme) (names, error) {
	people, err := s.Store.Enrolments(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	byID := make(names, len(people))
	for _, e := range people {
		byID[e.ID] = e
	}
	return byID, nil
}

// of is one of them, or a stand-in.
func (n names) of(id string) *enrolment.Enrolment {
	if e := n[id]; e != nil {
		return e
	}
	return gone
}

// any is one of them, or nil for nobody.
func (n names) any(id string) *enrolment.Enrolment {
	if id == "" {
		return nil
	}
	return n.of(id)
}

// row is a match with its two people.
func (n names) row(p *programme.Programme, m *pairing.Match) matchRow {
	row := matchRow{Match: m, A: n.of(m.Client.Enrolment), B: n.of(m.Consultant.Enrolment), Reference: m.Run + "/" + m.ID}
	for _, need := range m.Reasons.Met {
		row.Met = append(row.Met, fmt.Sprintf("%s (%d × %d)", p.SkillName(need.Skill), need.Priority, need.Level))
	}
	return row
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
	proposed, err := s.Store.Proposals(ctx, p)
	if err != nil {
		return nil, err
	}
	out, err := s.Store.Matches(ctx, p.ID, pairing.Out...)
	if err != nil {
		return nil, err
	}
	people, err := s.names(ctx, p)
	if err != nil {
		return nil, err
	}
	data := new(matchesPage)
	for _, m := range proposed {
		data.Proposed = append(data.Proposed, people.row(p, m))
	}
	for _, m := range out {
		data.Others = append(data.Others, people.row(p, m))
	}
	decisions, err := s.Store.Decisions(ctx, p.ID)
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
	if data.Run, err = s.Store.Run(ctx, p.ID, p.Run); err != nil {
		return nil, err
	}
	unmatched, err := s.Store.Unmatched(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	bottlenecks, err := s.Store.Bottlenecks(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	data.Bottlenecks = people.bottlenecks(bottlenecks)
	blocking, err := s.Store.Blocking(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	for _, b := range blocking {
		data.Blocking = append(data.Blocking, blockingRow{people.of(b.Client), people.of(b.Consultant), people.any(b.Has), people.any(b.InStead)})
	}
	unpinned, err := s.Store.Unpinned(ctx, p.ID, p.Run)
	if err != nil {
		return nil, err
	}
	for _, u := range unpinned {
		data.Unpinned = append(data.Unpinned, unpinnedRow{people.of(u.Client), people.of(u.Consultant), u.Lacks})
	}
	for _, u := range unmatched {
		row := unmatchedRow{Person: people.of(u.Client)}
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
func (s *site) release(w http.ResponseWriter, r *http.Request) error {
	return s.chosen(w, r, "release", "Released", s.renderMatches, matches.Release)
}

// chosen does something to each of the matches chosen in a form, which is shown
// again where there is none.
func (s *site) chosen(w http.ResponseWriter, r *http.Request, to, done string,
	show func(http.ResponseWriter, *http.Request, *programme.Programme, *fault.Invalid) error,
	do func(ctx context.Context, db *store.Store, p *programme.Programme, by string, refs []store.MatchRef, now time.Time) ([]matches.Refusal, error),
) error {
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
		return show(w, r, p, &fault.Invalid{Fields: []fault.Field{{Name: "match", Message: "Select at least one match to " + to}}})
	}
	refused, err := do(r.Context(), s.Store, p, staff.ID, references(chosen), s.Now())
	if err == nil {
		err = s.refused(r.Context(), p, done, len(chosen), refused)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/desk/programmes/"+p.ID+"/matches")
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
func (s *site) refused(ctx context.Context, p *programme.Programme, done string, chosen int, refused []matches.Refusal) error {
	if len(refused) == 0 {
		return nil
	}
	why := refused[0].Why
	if chosen == 1 {
		return why
	}
	people, err := s.names(ctx, p)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %d of the %d matches that you selected. The others are as they were.", done, chosen-len(refused), chosen)
	for _, no := range refused[:min(len(refused), namedAtMost)] {
		if no.Client != "" {
			text += fmt.Sprintf(" %s with %s: ", people.of(no.Client).Person.Name, people.of(no.Consultant).Person.Name)
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
