// Package evaluation is the function for reports, for people who work for the programme. It
// reads what was released and nothing else: no person, no answer and no member of staff, who
// come with a pass from the desk.
package evaluation

import (
	"embed"
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/fault"
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

// report is what the page shows: a release, and which ones there are.
type report struct {
	*evaluation.Release
	Steps         funnelPlot
	Start, Change []group
	// Releases are all, the newest first.
	Releases []*evaluation.Release
}

// After says which questionnaires had closed.
func (r report) After() string {
	if r.Moment == programme.Baseline {
		return "the first questionnaires closed"
	}
	return "the last questionnaires closed"
}

// Day is the release's date in words.
func Day(on string) string {
	if day, err := time.Parse(time.DateOnly, on); err == nil {
		return day.Format("2 January 2006")
	}
	return on
}

// Day is the date of a release in words.
func (report) Day(on string) string { return Day(on) }

// Earlier says of which release a figure is that this one repeats, or "".
func (r report) Earlier(since int) string {
	for _, other := range r.Releases {
		if other.Number == since && since != r.Number {
			return "as of " + Day(other.On)
		}
	}
	return ""
}

// group is one role's averages, or those of both.
type group struct {
	disclosure.Group
	// Who says whose they are, and ID is the plot's in the page.
	Who, ID string
	// Title and Desc say what is drawn.
	Title, Desc string
	Rows        []row
	Plot        plot
}

// row is the average of one statement.
type row struct {
	Statement, Theme, Figure string
}

func (s *site) showReport(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("programme")
	all, err := s.Answers.Releases(r.Context(), id)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return s.Pages.Show(w, r, "none", web.Page{Title: "Report", SignedIn: true})
	}
	shown := all[len(all)-1]
	if number := r.URL.Query().Get("release"); number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(all) {
			return fault.New(fault.NotFound, "There is no such release.")
		}
		shown = all[n-1]
	}
	data, err := newReport(shown, all)
	if err != nil {
		return err
	}
	// Of the programme, its page needs what the release holds.
	p := &programme.Programme{ID: id, Name: shown.Programme, Terms: shown.Terms, Look: shown.Look}
	return s.Pages.Show(w, r, "report", web.Page{Title: "Report", Programme: p, SignedIn: true, Data: data})
}

// newReport lays out a release. What is drawn and written follows from its figures alone.
func newReport(shown *evaluation.Release, all []*evaluation.Release) (*report, error) {
	asked, err := questionnaire.Load(shown.Baseline)
	if err != nil {
		return nil, err
	}
	questions := map[string]questionnaire.Question{}
	for _, q := range asked.Questions() {
		questions[q.ID] = q
	}
	data := &report{Release: shown, Steps: plotFunnel(shown.Steps)}
	data.Start = groups(scaleOfAnswers, shown.Start, shown.Terms, questions)
	data.Change = groups(scaleOfChanges, shown.Change, shown.Terms, questions)
	for i := range all {
		data.Releases = append(data.Releases, all[len(all)-1-i])
	}
	return data, nil
}

func groups(on scale, from []disclosure.Group, terms programme.Terms, questions map[string]questionnaire.Question) (all []group) {
	for _, g := range from {
		one := group{Group: g, Who: "people of both sides together", ID: on.id, Desc: on.desc}
		if g.Role != "" {
			one.Who, one.ID = terms.Of(g.Role).Plural, on.id+"-"+g.Role.Side()
		}
		one.Title = on.title + ": " + one.Who
		for _, a := range g.Averages {
			q := questions[a.Question]
			one.Rows = append(one.Rows, row{terms.Say(q.Text), q.Theme, on.say(a.Tenths)})
		}
		one.Plot = on.plot(one)
		all = append(all, one)
	}
	return all
}
