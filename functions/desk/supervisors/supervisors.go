// Package supervisors is the desk's pages about those who supervise and their caseloads.
package supervisors

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the pages about supervisors.
type Handlers struct{ *site.Site }

// supervisorsPage shows who supervises, and who has nobody.
type supervisorsPage struct {
	Rows []supervisorRow
	// Without are those who are confirmed and have no supervisor.
	Without []*enrolment.Enrolment
}

// supervisorRow is a supervisor with how many people are theirs.
type supervisorRow struct {
	*supervision.Supervisor
	People int
}

// List lists the supervisors with their caseloads, and who has none.
func (h Handlers) List(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	supervisors, err := h.Store.Supervisors(r.Context(), p.ID)
	if err != nil {
		return err
	}
	all, err := h.Store.Enrolments(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var data supervisorsPage
	people := map[string]int{}
	for _, e := range all {
		if people[e.Supervisor]++; e.Role == programme.Consultant && e.State != enrolment.Unconfirmed && e.Supervisor == "" {
			data.Without = append(data.Without, e)
		}
	}
	page := web.Page{Title: "Supervisors", Programme: p, Back: deskpath.Of(p.ID).String()}
	for _, supervisor := range supervisors {
		row := supervisorRow{supervisor, people[supervisor.ID]}
		if supervisor.ID == web.DoneTo(r) {
			page.Said = row.said(web.WhatDone(r), len(data.Without))
		}
		data.Rows = append(data.Rows, row)
	}
	page.Data = data
	return h.Page(w, r, "supervisors", page)
}

// What has just been done about a supervisor, see web.Done.
const didAdd, didChange = "added", "changed"

// said is what has just been done about the supervisor, with what is next; "" for nothing.
// without is how many have no supervisor.
func (row supervisorRow) said(did string, without int) string {
	room := fmt.Sprintf("%s can supervise %d pairings at once, and has %d.", row.Name, row.Capacity, len(row.Places))
	switch {
	case did == didAdd && row.People == 0 && without > 0:
		return "Added: " + room + " Choose them on the page of whom they supervise, which those without a supervisor below lead to."
	case did == didAdd:
		return "Added: " + room + " Choose them on the page of whom they supervise."
	case did == didChange:
		return "Saved: " + room + " Matching goes by it from the next run on, " + site.Runs + "."
	}
	return ""
}

// supervisorPage is the form for a supervisor: who is new where Form is not empty.
type supervisorPage struct {
	Name, Email, Capacity string
	// Form makes the same form sent twice one supervisor: it is the new one's id.
	Form     string
	Caseload int
	// Meant are the addresses of which one is to be chosen, where one may be a slip.
	Meant []web.Option
}

// readSupervisor is what was typed, as it is shown again and as it is checked. question is
// about an address that may be a slip of another than the known one, or nil.
func readSupervisor(posted url.Values, known email.Address) (data supervisorPage, entered supervision.Form, question *fault.Invalid) {
	data = supervisorPage{Name: posted.Get("name"), Email: posted.Get("email"), Capacity: posted.Get("capacity"), Form: posted.Get("form")}
	capacity, err := strconv.Atoi(strings.TrimSpace(data.Capacity))
	if err != nil {
		capacity = -1 // refused by the form's rules
	}
	settled, ask := email.Settle(email.Read(data.Email), posted.Get(web.Meant), known)
	if ask != "" && settled.Valid() {
		data.Meant, question = web.AskMeant(settled, ask)
	}
	return data, supervision.Form{Name: data.Name, Email: string(settled), Capacity: capacity}, question
}

func (h Handlers) render(w http.ResponseWriter, r *http.Request, p *programme.Programme, title string, data supervisorPage, invalid *fault.Invalid) error {
	return h.Page(w, r, "supervisor", web.Page{
		Title: title, Programme: p, Back: deskpath.Of(p.ID).Supervisors(), Data: data, Invalid: invalid,
	})
}

// appoint makes a supervisor a member of staff, in the commit that writes them. It says
// what to correct where another supervisor has the same address: who was given it after
// the account was read, has written the account, and the commit fails.
func (h Handlers) appoint(ctx context.Context, c *store.Commit, p string, supervisor *supervision.Supervisor, by string, now time.Time) error {
	if _, err := c.AppointSupervisor(ctx, p, supervisor, by, now); err != nil {
		return err
	}
	all, err := h.Store.Supervisors(ctx, p)
	if err != nil {
		return err
	}
	var invalid fault.Invalid
	for _, other := range all {
		if other.ID != supervisor.ID && other.Email.Same(supervisor.Email) {
			invalid.Add("email", "%s has this address already. Enter another one", other.Name)
			break
		}
	}
	return invalid.Err()
}

// ShowNew shows the form to add a supervisor.
func (h Handlers) ShowNew(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	return h.render(w, r, p, "Add a supervisor", supervisorPage{Form: rand.Text()}, nil)
}

// Add adds a supervisor: one, however often the form is sent.
func (h Handlers) Add(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	data, entered, question := readSupervisor(posted, "")
	if !web.FormID(data.Form) {
		return fault.New(fault.Conflict, "This form is out of date. Go back to the supervisors and add one again.")
	}
	if question != nil {
		return h.render(w, r, p, "Add a supervisor", data, question)
	}
	now, c := h.Now(), h.Store.Commit()
	supervisor, err := supervision.New(data.Form, entered, now)
	if err == nil {
		err = h.appoint(r.Context(), c, p.ID, supervisor, staff.ID, now)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.render(w, r, p, "Add a supervisor", data, invalid)
	}
	if err != nil {
		return err
	}
	c.CreateSupervisor(p.ID, supervisor)
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "added the supervisor", To: supervisor.ID, At: now})
	err = c.Do(r.Context())
	if errors.Is(err, store.ErrExists) { // sent twice: the supervisor is there
		var sent *supervision.Supervisor
		if sent, err = h.Store.Supervisor(r.Context(), p.ID, supervisor.ID); fault.Is(err, fault.NotFound) {
			return store.ErrChanged // another made an account for the address
		} else if err == nil && (sent.Name != supervisor.Name || sent.Email != supervisor.Email || sent.Capacity != supervisor.Capacity) {
			err = fault.New(fault.Conflict, "This form has added %s already. Go back to the supervisors to add another.", sent.Name)
		}
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).Supervisors(), didAdd, supervisor.ID)
}

// Show shows the form to change a supervisor.
func (h Handlers) Show(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	supervisor, err := h.Store.Supervisor(r.Context(), p.ID, r.PathValue("supervisor"))
	if err != nil {
		return err
	}
	if err := h.Saw(r, access.OneSupervisor, supervisor.ID); err != nil {
		return err
	}
	data := supervisorPage{Name: supervisor.Name, Email: supervisor.Email.Shown(), Capacity: strconv.Itoa(supervisor.Capacity), Caseload: len(supervisor.Places)}
	return h.render(w, r, p, supervisor.Name, data, nil)
}

// Change takes over what was entered about a supervisor.
func (h Handlers) Change(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	supervisor, err := h.Store.Supervisor(r.Context(), p.ID, r.PathValue("supervisor"))
	if err != nil {
		return err
	}
	data, entered, question := readSupervisor(posted, supervisor.Email)
	data.Form, data.Caseload = "", len(supervisor.Places)
	if question != nil {
		return h.render(w, r, p, supervisor.Name, data, question)
	}
	now, c, name, capacity := h.Now(), h.Store.Commit(), supervisor.Name, supervisor.Capacity
	if err = supervisor.Change(entered, now); err == nil {
		err = h.appoint(r.Context(), c, p.ID, supervisor, staff.ID, now)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.render(w, r, p, name, data, invalid)
	}
	if err != nil {
		return err
	}
	c.UpdateSupervisor(p.ID, supervisor)
	if supervisor.Capacity < capacity {
		site.GuardRuns(c, p, now)
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "changed the supervisor", To: supervisor.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, deskpath.Of(p.ID).Supervisors(), didChange, supervisor.ID)
}
