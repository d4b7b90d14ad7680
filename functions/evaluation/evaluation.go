// Package evaluation is the function for reports: figures for the whole cohort,
// for people who work for the programme. It reads counts, ids and answers under
// pseudonyms, and no person.
package evaluation

import (
	"context"
	"embed"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func init() { serve.Register("evaluation", New) }

//go:embed pages/*.html
var files embed.FS

// site is what the handlers work with.
type site struct{ *serve.Site }

// New makes the function's handler.
var New = serve.Pages(routes, files)

// routes are the function's contents page.
func routes(at *serve.Site, route serve.Route) {
	s := &site{at}
	route("GET /report/{programme}", access.See, access.Report, s.showReport)
}

// report is what the page shows.
type report struct {
	Funnel []evaluation.Step
	Plot   funnelPlot
	Sides  []side
}

// side is one role's answers before and after.
type side struct {
	Role    programme.Role
	Term    programme.Term
	Changes []evaluation.Change
	// Shown: at least one question has enough people behind it.
	Shown bool
	Plot  changePlot
}

func (s *site) showReport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Store.Programme(r.Context(), r.PathValue("programme"))
	if err != nil {
		return err
	}
	data, err := s.report(r.Context(), p)
	if err != nil {
		return err
	}
	return s.Pages.Show(w, r, "report", web.Page{Title: "Report", Programme: p, SignedIn: true, Data: data})
}

func (s *site) report(ctx context.Context, p *programme.Programme) (*report, error) {
	enrolled, err := s.Store.CountEnrolments(ctx, p.ID, enrolment.Confirmed, enrolment.Ready)
	if err != nil {
		return nil, err
	}
	ready, err := s.Store.CountEnrolments(ctx, p.ID, enrolment.Ready)
	if err != nil {
		return nil, err
	}
	matches, err := s.Store.MatchedPairs(ctx, p)
	if err != nil {
		return nil, err
	}
	pairings, err := s.Store.Pairs(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	responses, err := s.Answers.Responses(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	before, err := questionnaire.Load(p.Questionnaires.Baseline)
	if err != nil {
		return nil, err
	}
	after, err := questionnaire.Load(p.Questionnaires.Closing)
	if err != nil {
		return nil, err
	}

	var matched, paired []evaluation.Pair
	for _, m := range matches {
		matched = append(matched, evaluation.Pair{Client: m.Client.Enrolment, Consultant: m.Consultant.Enrolment})
	}
	for _, pair := range pairings {
		paired = append(paired, evaluation.Pair{Client: pair.Client, Consultant: pair.Consultant, Held: pair.Held > 0, Completed: pair.State == pairing.Completed})
	}
	data := &report{Funnel: evaluation.Funnel(enrolled, ready, matched, paired)}
	data.Plot = plotFunnel(data.Funnel)
	for _, role := range programme.Roles {
		one := side{Role: role, Term: p.Terms.Of(role), Changes: evaluation.Compare(before, after, responses, role)}
		for _, c := range one.Changes {
			one.Shown = one.Shown || c.N.Shown
		}
		one.Plot = plotChanges(one.Changes)
		data.Sides = append(data.Sides, one)
	}
	return data, nil
}
