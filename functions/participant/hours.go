package participant

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/onward"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// hoursOf is where the statement of hours is, under My programme.
const hoursOf = "hours"

// hoursPage is a statement of the hours that somebody gave.
type hoursPage struct {
	Link string
	Me   *enrolment.Enrolment
	Now  time.Time
	Rows []hoursRow
}

// hoursRow is one of its figures.
type hoursRow struct{ Name, Value string }

// stated is the statement of whoever gives hours in a programme.
func (s *site) stated(w http.ResponseWriter, r *http.Request, at string) (p *programme.Programme, data hoursPage, stopped bool, err error) {
	m, stopped, err := s.behind(w, r, s.beforeMy, at)
	if stopped || err != nil {
		return nil, data, stopped, err
	}
	p = m.programme
	part, err := s.Store.TakingPart(r.Context(), p, m.link.Person)
	if err != nil {
		return nil, data, false, err
	}
	data = hoursPage{Link: link.Path(r, purpose.My), Now: s.Now()}
	for _, e := range part.Enrolments {
		if e.Role == programme.Consultant {
			data.Me = e
		}
	}
	if data.Me == nil {
		return nil, data, false, fault.New(fault.NotFound, "There are no hours of yours to state.")
	}
	work, err := s.works(r.Context(), part, programme.Consultant)
	if err != nil {
		return nil, data, false, err
	}
	data.Rows = rowsOf(web.Page{Programme: p}, onward.StatementOf(p, data.Me, work))
	return p, data, false, nil
}

// rowsOf are the figures of a statement in words, without whom it was with.
func rowsOf(page web.Page, h onward.Hours) (all []hoursRow) {
	add := func(name, value string) { all = append(all, hoursRow{name, value}) }
	add("Sessions held", strconv.Itoa(h.Sessions))
	add("Hours given in them", onward.Long(h.Minutes))
	if h.Sessions > 0 {
		add("With how many leaders", strconv.Itoa(h.Pairings))
		add("From and to", page.Date(h.From)+" – "+page.Date(h.To))
	}
	add("Contacts by email between sessions", strconv.Itoa(h.Emails))
	add("Contacts by phone between sessions", strconv.Itoa(h.Calls))
	trained := "Not yet"
	if h.Trained {
		trained = "Yes"
		if !h.TrainedAt.IsZero() {
			trained += ", recorded on " + page.Date(h.TrainedAt)
		}
	}
	add("Trained with the group", trained)
	if h.Training > 0 {
		add("Hours of training", strconv.Itoa(h.Training))
	}
	return all
}

func (s *site) showHours(w http.ResponseWriter, r *http.Request) error {
	p, data, stopped, err := s.stated(w, r, hoursOf)
	if stopped || err != nil {
		return err
	}
	return s.Pages.Show(w, r, "hours", web.Page{Title: "A statement of hours given", Programme: p, Back: data.Link, Data: data})
}

// downloadHours sends the statement as a table for a spreadsheet.
func (s *site) downloadHours(w http.ResponseWriter, r *http.Request) error {
	p, data, stopped, err := s.stated(w, r, hoursOf)
	if stopped || err != nil {
		return err
	}
	var file bytes.Buffer
	file.WriteString("\uFEFF") // by which spreadsheets see that it is UTF-8
	table := csv.NewWriter(&file)
	rows := [][]string{{"Programme", p.Name}, {"Name", data.Me.Person.Name}, {"Organisation", data.Me.Organisation.Name}, {"As of", data.Now.In(p.Location()).Format(time.DateOnly)}}
	for _, row := range data.Rows {
		rows = append(rows, []string{row.Name, row.Value})
	}
	for _, row := range rows {
		row[1] = unformulated(row[1])
	}
	if err := table.WriteAll(rows); err != nil {
		return err
	}
	return attach(w, "text/csv; charset=utf-8", "hours.csv", file.Bytes())
}

// unformulated is a text that a spreadsheet takes for no formula.
func unformulated(s string) string {
	if s != "" && bytes.ContainsAny([]byte(s[:1]), "=+-@\t\r") {
		return "'" + s
	}
	return s
}
