package people

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/request"
	"github.com/cascading-leadership/cascade/shared/text"
)

// dataPage is what is held about somebody, as they see it themselves.
type dataPage struct {
	*enrolment.Enrolment
	// Groups are the groups of answers that can be corrected.
	Groups []enrolment.Group
	// Why is the request by which it was said why somebody looks at it, and Sheet what is held;
	// both nil until then.
	Why     *request.Request
	Sheet   *held.Sheet
	Erasure *erasure.Erasure
	// Reason is what was written in a form that was not taken.
	Reason string
}

// looksFor is for how long who has said why they look at somebody's data is not asked again.
const looksFor = time.Hour

// whose is the person whom a request's address names, with why the member of staff looks at
// what is held about them: nil where they have not said so within the hour.
func (h Handlers) whose(r *http.Request) (p *programme.Programme, e *enrolment.Enrolment, why *request.Request, err error) {
	p, by, err := h.Coordinated(r)
	if err != nil {
		return nil, nil, nil, err
	}
	if e, err = h.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment")); err != nil {
		return nil, nil, nil, err
	}
	said := web.DoneTo(r)
	if said == "" {
		return p, e, nil, nil
	}
	why, err = h.Store.Request(r.Context(), p.ID, said)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, nil, nil, err
	}
	if err != nil || why.Kind != request.OnTheirBehalf || why.DoneBy != by.ID || enrolment.PersonOf(why.Enrolment) != enrolment.PersonOf(e.ID) || h.Now().Sub(why.DoneAt) > looksFor {
		why = nil
	}
	return p, e, why, nil
}

// sheet is what is held about somebody.
func (h Handlers) sheet(r *http.Request, p *programme.Programme, e *enrolment.Enrolment) (*held.Sheet, error) {
	who, err := h.Store.Person(r.Context(), p, e.ID)
	if err != nil {
		return nil, err
	}
	return held.Of(r.Context(), h.Store, who, h.Now())
}

// ShowData shows what is held about somebody, who asked for it in another way than by their
// page, once it is said why; until then the form that asks.
func (h Handlers) ShowData(w http.ResponseWriter, r *http.Request) error {
	p, e, why, err := h.whose(r)
	if err != nil {
		return err
	}
	data := dataPage{Enrolment: e, Why: why}
	if why != nil {
		if data.Sheet, err = h.sheet(r, p, e); err != nil {
			return err
		}
	}
	return h.renderData(w, r, p, data, nil)
}

func (h Handlers) renderData(w http.ResponseWriter, r *http.Request, p *programme.Programme, data dataPage, invalid *fault.Invalid) (err error) {
	if err := h.Saw(r, access.Person, data.ID); err != nil {
		return err
	}
	if data.Erasure, err = h.Store.Erasure(r.Context(), p.ID, enrolment.PersonOf(data.ID)); err != nil {
		return err
	}
	data.Groups = enrolment.Groups(p, data.Role)
	page := web.Page{Title: "What is held about " + data.Person.Name, Programme: p, Back: deskpath.Of(p.ID).Person(data.ID), Data: data, Invalid: invalid}
	switch did := web.WhatDone(r); {
	case did == "stop" && data.Erasure == nil:
		page.Said = "It is stopped, and nothing is deleted."
	case did == "look" && data.Why != nil:
		page.Said = "It is kept that you look at it, and why. You can download it below for an hour."
	case did == "ask" && data.Why == nil:
		page.Said = "Say why you look at it first."
	}
	return h.Page(w, r, "data", page)
}

// DownloadData sends the same as a file, to be handed over, once it is said why.
func (h Handlers) DownloadData(w http.ResponseWriter, r *http.Request) error {
	kinds := map[string]string{"data.json": "application/json", "page.html": "text/html; charset=utf-8"}
	name := r.PathValue("file")
	if kinds[name] == "" {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	p, e, why, err := h.whose(r)
	if err != nil {
		return err
	}
	if why == nil {
		return web.Done(w, r, deskpath.Of(p.ID).Data(e.ID), "ask")
	}
	sheet, err := h.sheet(r, p, e)
	if err != nil {
		return err
	}
	if err := h.TookAlong(r, access.PersonsData, "", e.ID); err != nil {
		return err
	}
	file, err := sheet.JSON()
	if name == "page.html" {
		file, err = sheet.HTML()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kinds[name])
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err = w.Write(file)
	return err
}

// reasonOf is a reason as it was written in an input of a form, or what is wrong with it.
func (form *personForm) reasonOf(input string) (string, *fault.Invalid) {
	reason := text.Tidy(form.posted.Get(input))
	if reason == "" || utf8.RuneCountInString(reason) > pairing.MaxText {
		var invalid fault.Invalid
		invalid.Add(input, "Write why, such as when and how they asked, in %d characters or fewer", pairing.MaxText)
		return reason, &invalid
	}
	return reason, nil
}

// because adds that something was done on somebody's behalf, and why, which they can read.
func (form *personForm) because(c *store.Commit, reason string, now time.Time) (*request.Request, error) {
	q := request.New(strings.ToLower(rand.Text()), form.person.ID, request.OnTheirBehalf, "", now)
	q.Note = reason
	if err := q.End(request.Made, form.by.ID, now); err != nil {
		return nil, err
	}
	c.SaveRequest(form.programme.ID, q)
	return q, nil
}

// PostData takes the forms of the page: why somebody looks at what is held, and that a person
// is to be forgotten, or not.
func (h Handlers) PostData(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	if form.posted.Get("do") == "look" {
		return h.look(w, r, form)
	}
	return h.forget(w, r, form)
}

// look keeps why somebody looks at what is held about a person, and shows it. The reason goes
// with the person, who can read it: the audit trail stays, and holds ids alone.
func (h Handlers) look(w http.ResponseWriter, r *http.Request, form personForm) error {
	p, e, now := form.programme, form.person, h.Now()
	reason, invalid := form.reasonOf("why")
	if invalid != nil {
		return h.renderData(w, r, p, dataPage{Enrolment: e, Reason: reason}, invalid)
	}
	c := h.Store.Commit()
	q, err := form.because(c, reason, now)
	if err != nil {
		return err
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: "looked at all that is held about somebody", To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).Data(e.ID), "look", q.ID)
}

// forget has somebody forgotten, as they asked, or stops it. They hear of it by email, and can
// stop it themselves.
func (h Handlers) forget(w http.ResponseWriter, r *http.Request, form personForm) error {
	p, e, now := form.programme, form.person, h.Now()
	person := enrolment.PersonOf(e.ID)
	before, err := h.Store.Erasure(r.Context(), p.ID, person)
	if err != nil {
		return err
	}
	c, did, back := h.Store.Commit(), form.posted.Get("do"), deskpath.Of(p.ID).Data(e.ID)
	audit := store.AuditEntry{Programme: p.ID, By: form.by.ID, To: e.ID, At: now}
	switch {
	case did == "forget" && before != nil && before.State != erasure.Asked, did == "stop" && (before == nil || !before.Stoppable()):
		return web.Done(w, r, back, did) // it was sent twice, or has begun: the page says so
	case did == "forget":
		reason, invalid := form.reasonOf("reason")
		if invalid != nil {
			return h.renderData(w, r, p, dataPage{Enrolment: e, Reason: reason}, invalid)
		}
		asked := erasure.AskFor(person, e.ID, form.by.ID, reason, now)
		if before != nil {
			asked.Version = before.Version
		}
		c.SaveErasure(p.ID, asked)
		c.Enqueue(r.Context(), message.ErasureAskedFor(p, e, now), now)
		audit.Did = "asked that somebody is forgotten"
	case did == "stop":
		c.DropErasure(p.ID, before)
		audit.Did = "stopped that somebody is forgotten"
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	c.Audit(audit)
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, did)
}

// requestsPage lists what people asked about their own data.
type requestsPage struct {
	Rows []requestRow
	// Colleagues are those to whom one can be handed.
	Colleagues []web.Option
	// Complaints are those whose authors agreed that staff read them, the latest first.
	Complaints []*complaint.Complaint
}

// requestRow is one request, with what is to be corrected.
type requestRow struct {
	*request.Request
	Person *enrolment.Enrolment
	// By is the name of who of the staff sees to it, "" for nobody who is a coordinator now.
	By      string
	Late    bool
	Changes []requestChange
}

// requestChange is one answer, as it is and as it is to be.
type requestChange struct{ Field, Is, Becomes string }

// ListRequests lists what people asked about their own data, the first due first.
func (h Handlers) ListRequests(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	all, err := h.Store.OpenRequests(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, q := range all {
		ids = append(ids, q.Enrolment)
	}
	people, err := h.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	if err != nil {
		return err
	}
	staff, err := h.Store.Coordinators(r.Context(), p.ID)
	if err != nil {
		return err
	}
	data, names := requestsPage{}, site.Names(people)
	for _, m := range staff {
		data.Colleagues = append(data.Colleagues, web.Option{Value: m.ID, Text: m.Name})
	}
	for _, q := range all {
		row := requestRow{Request: q, Person: names.Of(q.Enrolment), Late: q.Late(h.Now())}
		for _, m := range staff {
			if m.ID == q.For {
				row.By = m.Name
			}
		}
		if e := people[q.Enrolment]; e != nil && q.Kind == request.Correction {
			row.Changes = changes(p, e, q)
		}
		data.Rows = append(data.Rows, row)
	}
	if data.Complaints, err = h.Store.ComplaintsForDesk(r.Context(), p.ID); err != nil {
		return err
	}
	slices.SortFunc(data.Complaints, func(a, b *complaint.Complaint) int { return b.CreatedAt.Compare(a.CreatedAt) })
	said := map[string]string{"make": "The correction is made.", "close": "The request is closed.", "hand": "The request is handed over."}[web.WhatDone(r)]
	return h.Page(w, r, "requests", web.Page{Title: "What people asked about their data", Programme: p, Back: deskpath.Of(p.ID).String(), Data: data, Said: said})
}

// changes are the answers that a correction would change.
func changes(p *programme.Programme, e *enrolment.Enrolment, q *request.Request) (all []requestChange) {
	g, err := enrolment.GroupOf(p, e.Role, q.Group)
	if err != nil {
		return nil
	}
	is, becomes := enrolment.FormOf(e), q.Form
	words := held.Words{Programme: p, Role: e.Role}
	for _, input := range g.Inputs {
		if a, b := words.Text(input, is.Answer(input)), words.Text(input, becomes.Answer(input)); a != b {
			all = append(all, requestChange{programme.Capital(input), a, b})
		}
	}
	return all
}

// hand gives a request to another coordinator.
func (h Handlers) hand(w http.ResponseWriter, r *http.Request, p *programme.Programme, by *store.Staff, q *request.Request, to string) error {
	staff, err := h.Store.Coordinators(r.Context(), p.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(staff, func(m *store.Staff) bool { return m.ID == to }) {
		return fault.New(fault.NotFound, "Only a coordinator of the programme can answer it.")
	}
	now := h.Now()
	changed, err := q.Hand(to, now)
	if err != nil || !changed {
		if err != nil {
			return err
		}
		return web.Done(w, r, deskpath.Of(p.ID).Requests(), "hand")
	}
	c := h.Store.Commit()
	c.SaveRequest(p.ID, q)
	c.Audit(store.AuditEntry{Programme: p.ID, By: by.ID, Did: "handed over a request about somebody's data", To: q.Enrolment, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).Requests(), "hand")
}

// EndRequest makes a correction as it was asked for, closes a request that was answered in
// another way, or hands one over.
func (h Handlers) EndRequest(w http.ResponseWriter, r *http.Request) error {
	p, by, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	q, err := h.Store.Request(r.Context(), p.ID, posted.Get("request"))
	if err != nil {
		return err
	}
	back, did, now := deskpath.Of(p.ID).Requests(), posted.Get("do"), h.Now()
	if q.State != request.Open {
		return web.Done(w, r, back, did) // it was sent twice
	}
	c := h.Store.Commit()
	switch {
	case did == "make" && q.Kind == request.Correction:
		e, err := h.Store.Enrolment(r.Context(), p.ID, q.Enrolment)
		if err != nil {
			return err
		}
		g, err := enrolment.GroupOf(p, e.Role, q.Group)
		if err != nil {
			return err
		}
		changed, err := e.Correct(p, g, q.Form, now)
		if err != nil {
			return fault.New(fault.Conflict, "The programme does not take these answers any more. Talk with the person, and close the request.")
		}
		if changed {
			c.UpdateEnrolment(p.ID, e)
		}
		err = q.End(request.Made, by.ID, now)
		if err != nil {
			return err
		}
	case did == "close":
		if err := q.End(request.Closed, by.ID, now); err != nil {
			return err
		}
	case did == "hand":
		return h.hand(w, r, p, by, q, posted.Get("to-"+q.ID))
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	c.SaveRequest(p.ID, q)
	c.Audit(store.AuditEntry{Programme: p.ID, By: by.ID, Did: "answered a request about somebody's data: " + string(q.State), To: q.Enrolment, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, did)
}
