package people

import (
	"net/http"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
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
	Sheet   *held.Sheet
	Erasure *erasure.Erasure
	Reason  string
}

// sheet is what is held about the person whom a request's address names.
func (h Handlers) sheet(r *http.Request) (*programme.Programme, *enrolment.Enrolment, *held.Sheet, error) {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := h.Store.Enrolment(r.Context(), p.ID, r.PathValue("enrolment"))
	if err != nil {
		return nil, nil, nil, err
	}
	who, err := h.Store.Person(r.Context(), p, e.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	sheet, err := held.Of(r.Context(), h.Store, who, h.Now())
	return p, e, sheet, err
}

// ShowData shows what is held about somebody, who asked for it in another way than by their
// page.
func (h Handlers) ShowData(w http.ResponseWriter, r *http.Request) error {
	p, e, sheet, err := h.sheet(r)
	if err != nil {
		return err
	}
	return h.renderData(w, r, p, dataPage{Enrolment: e, Sheet: sheet}, nil)
}

func (h Handlers) renderData(w http.ResponseWriter, r *http.Request, p *programme.Programme, data dataPage, invalid *fault.Invalid) (err error) {
	if err := h.Saw(r, access.Person, data.ID); err != nil {
		return err
	}
	if data.Erasure, err = h.Store.Erasure(r.Context(), p.ID, enrolment.PersonOf(data.ID)); err != nil {
		return err
	}
	page := web.Page{Title: "What is held about " + data.Person.Name, Programme: p, Back: deskpath.Of(p.ID).Person(data.ID), Data: data, Invalid: invalid}
	if did := web.WhatDone(r); did == "stop" && data.Erasure == nil {
		page.Said = "It is stopped, and nothing is deleted."
	}
	return h.Page(w, r, "data", page)
}

// DownloadData sends the same as a file, to be handed over.
func (h Handlers) DownloadData(w http.ResponseWriter, r *http.Request) error {
	kinds := map[string]string{"data.json": "application/json", "page.html": "text/html; charset=utf-8"}
	name := r.PathValue("file")
	if kinds[name] == "" {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	_, e, sheet, err := h.sheet(r)
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

// Forget has somebody forgotten, as they asked, or stops it. They hear of it by email, and can
// stop it themselves.
func (h Handlers) Forget(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
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
		reason := text.Tidy(form.posted.Get("reason"))
		if reason == "" || utf8.RuneCountInString(reason) > pairing.MaxText {
			var invalid fault.Invalid
			invalid.Add("reason", "Write why, such as when and how they asked, in %d characters or fewer", pairing.MaxText)
			who, err := h.Store.Person(r.Context(), p, e.ID)
			if err != nil {
				return err
			}
			sheet, err := held.Of(r.Context(), h.Store, who, now)
			if err != nil {
				return err
			}
			return h.renderData(w, r, p, dataPage{Enrolment: e, Sheet: sheet, Reason: reason}, &invalid)
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
type requestsPage struct{ Rows []requestRow }

// requestRow is one request, with what is to be corrected.
type requestRow struct {
	*request.Request
	Person *enrolment.Enrolment
	// For is who of the staff sees to it.
	For     string
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
	for _, q := range all {
		row := requestRow{Request: q, Person: names.Of(q.Enrolment)}
		for _, m := range staff {
			if m.ID == q.For {
				row.For = m.Name
			}
		}
		if e := people[q.Enrolment]; e != nil && q.Kind == request.Correction {
			row.Changes = changes(p, e, q)
		}
		data.Rows = append(data.Rows, row)
	}
	said := map[string]string{"make": "The correction is made.", "close": "The request is closed."}[web.WhatDone(r)]
	return h.Page(w, r, "requests", web.Page{Title: "What people asked about their data", Programme: p, Back: deskpath.Of(p.ID).String(), Data: data, Said: said})
}

// changes are the answers that a correction would change.
func changes(p *programme.Programme, e *enrolment.Enrolment, q *request.Request) (all []requestChange) {
	g, err := enrolment.GroupOf(e.Role, q.Group)
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

// EndRequest makes a correction as it was asked for, or closes a request that was answered in
// another way.
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
		g, err := enrolment.GroupOf(e.Role, q.Group)
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
