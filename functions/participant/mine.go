package participant

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/correction"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/request"
	"github.com/cascading-leadership/cascade/shared/text"
)

// The pages under somebody's page that ask for a code each time.
const (
	minePage     = ""
	downloadPage = "download"
	erasePage    = "erase"
)

// beforeMine is the door before what is held about somebody. To take it along, and to have it
// erased, a code is given each time.
func beforeMine(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Mine, Behind: "see what we hold about you, and do what you can with it", Each: []string{downloadPage, erasePage}}
}

// errNoSuch is that a page does not know what was asked of it.
var errNoSuch = fault.New(fault.NotFound, "This page does not know what was asked of it. Go back, and use its buttons.")

// mineData is what somebody's own page shows.
type mineData struct {
	Link  string
	Me    *enrolment.Enrolment
	Sheet *held.Sheet
	// Roles are what they take part as, each with what they can correct.
	Roles []mineRole
	// Requests are what they asked for and nobody has answered yet.
	Requests []mineRequest
	// Erasure is that they are to be forgotten, or nil.
	Erasure *erasure.Erasure
	// Succeeded are their places that somebody else has taken, who leads the organisation now.
	Succeeded []*enrolment.Enrolment
	// Left: they take part in no role any more.
	Left bool
}

// mineRole is what somebody is in the programme.
type mineRole struct {
	*enrolment.Enrolment
	// Now are the answers that a place needs, and Later those that can follow as one likes.
	Now, Later []mineGroup
}

// mineGroup is a group of answers, and whether they are told.
type mineGroup struct {
	enrolment.Group
	Told bool
	// At is the address at which it is told or corrected, below that of the page.
	At string
}

// groups are what somebody can tell in a role, or correct.
func groups(p *programme.Programme, e *enrolment.Enrolment) (role mineRole) {
	role.Enrolment = e
	f := enrolment.FormOf(e)
	for _, g := range enrolment.Groups(p, e.Role) {
		g.For = p.Terms.Say(g.For)
		each := mineGroup{g, g.Told(f), "correct/" + e.Role.Side() + "/" + g.Name}
		if g.Later {
			role.Later = append(role.Later, each)
		} else {
			role.Now = append(role.Now, each)
		}
	}
	return role
}

// In are groups with their addresses below a page.
func (mineRole) In(page string, groups []mineGroup) []mineGroup {
	all := slices.Clone(groups)
	for i := range all {
		all[i].At = page + "/" + all[i].At
	}
	return all
}

// mineRequest is what they asked for, with the name of who answers it: "" for nobody who is
// among the coordinators now.
type mineRequest struct {
	*request.Request
	By   string
	Late bool
}

// mine is whose page is asked for; who is nil where that was not read.
type mine struct {
	programme *programme.Programme
	link      *store.Link
	who       *store.Person
}

// own is whose page is asked for, on a device that is known.
func (s *site) own(w http.ResponseWriter, r *http.Request, page string) (m *mine, stopped bool, err error) {
	m, stopped, err = s.behind(w, r, s.beforeMine, page)
	if stopped || err != nil {
		return nil, stopped, err
	}
	m.who, err = s.Store.Person(r.Context(), m.programme, m.link.Person)
	return m, false, err
}

// behind is by which link a page behind a door is asked for, on a device that is known.
func (s *site) behind(w http.ResponseWriter, r *http.Request, door device.Door, page string) (m *mine, stopped bool, err error) {
	m = new(mine)
	if m.link, err = link.Of(r); err != nil {
		return nil, false, err
	}
	if m.programme, err = s.Store.Programme(r.Context(), m.link.Programme); err != nil {
		return nil, false, err
	}
	if stopped, err = s.stopped(w, r, door, page); stopped || err != nil {
		return nil, stopped, err
	}
	return m, false, nil
}

// stopped answers with a door where a page is asked for on a device that is not known, with what
// was sent to it.
func (s *site) stopped(w http.ResponseWriter, r *http.Request, door device.Door, page string) (bool, error) {
	on, err := s.Devices.Of(r)
	if err != nil {
		return false, err
	}
	open := on.Known()
	if slices.Contains(door.Each, page) {
		if open, err = door.Fresh(r, page); err != nil {
			return false, err
		}
	}
	if open {
		return false, nil
	}
	if r.Method == http.MethodGet {
		return true, web.Redirect(w, r, door.To(r, page))
	}
	posted, err := web.Form(r)
	if err != nil {
		return false, err
	}
	_, below, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, string(door.Purpose)+"/"), "/") // what stands after the link
	return true, door.Stop(w, r, below, posted)
}

// in is the person's enrolment on a side.
func (m *mine) in(side string) (*enrolment.Enrolment, error) {
	for _, e := range m.who.Enrolments {
		if e.Role == programme.RoleOf(side) {
			return e, nil
		}
	}
	return nil, errNoSuch
}

func (s *site) showMine(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, minePage)
	if stopped || err != nil {
		return err
	}
	data := mineData{Link: link.Path(r, purpose.Mine), Me: m.link.Owner, Left: true}
	if data.Sheet, err = held.Of(r.Context(), s.Store, m.who, s.Now()); err != nil {
		return err
	}
	if data.Erasure, err = s.Store.Erasure(r.Context(), m.programme.ID, m.who.ID); err != nil {
		return err
	}
	for _, e := range m.who.Enrolments {
		if e.State == enrolment.Withdrawn && e.Handover.Taken() {
			data.Succeeded = append(data.Succeeded, e)
		}
		if e.State != enrolment.Withdrawn {
			data.Left = false
			data.Roles = append(data.Roles, groups(m.programme, e))
		}
	}
	all, err := s.Store.RequestsOf(r.Context(), m.programme.ID, m.link.Person)
	if err != nil {
		return err
	}
	for _, q := range all {
		if q.State == request.Open {
			data.Requests = append(data.Requests, mineRequest{Request: q, Late: q.Late(s.Now())})
		}
	}
	if err := s.nameAnswerers(r, m.programme, data.Requests); err != nil {
		return err
	}
	page := web.Page{Title: "What we hold about you", Programme: m.programme, Data: data}
	page.Said = data.said(page, web.WhatDone(r))
	return s.Pages.Show(w, r, "mine", page)
}

// nameAnswerers says of requests who answers them.
func (s *site) nameAnswerers(r *http.Request, p *programme.Programme, requests []mineRequest) error {
	if len(requests) == 0 {
		return nil
	}
	all, err := s.Store.Coordinators(r.Context(), p.ID)
	if err != nil {
		return err
	}
	for i := range requests {
		if k := slices.IndexFunc(all, func(m *store.Staff) bool { return m.ID == requests[i].For }); k >= 0 {
			requests[i].By = all[k].Name
		}
	}
	return nil
}

// said is what has just been done on the page, with what is next; "" where it is not so.
func (d mineData) said(p web.Page, did string) string {
	switch {
	case did == "corrected":
		return "Your answers are saved."
	case did == "asked" && len(d.Requests) > 0:
		latest := slices.MaxFunc(d.Requests, func(a, b mineRequest) int { return a.CreatedAt.Compare(b.CreatedAt) })
		return "Your request is with " + cmp.Or(latest.By, "the people who run the programme") + ". You are answered by " + p.Date(latest.DueAt) + "."
	case did == "stopped" && d.Erasure == nil:
		return "It is stopped, and nothing is deleted."
	}
	return ""
}

// correctPage is the form of one group of answers.
type correctPage struct {
	Link, Side string
	Group      enrolment.Group
	Me         *enrolment.Enrolment
	Inputs     []correction.Input
	// Note is what they say to it, once they are matched.
	Note string
}

func (s *site) showCorrect(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, minePage)
	if stopped || err != nil {
		return err
	}
	e, g, err := m.group(r)
	if err != nil {
		return err
	}
	return s.renderCorrect(w, r, m, e, g, enrolment.FormOf(e), "", nil)
}

// group is the group of answers that a request's address names, and whose.
func (m *mine) group(r *http.Request) (*enrolment.Enrolment, enrolment.Group, error) {
	e, err := m.in(r.PathValue("side"))
	if err != nil {
		return nil, enrolment.Group{}, err
	}
	g, err := enrolment.GroupOf(m.programme, e.Role, r.PathValue("group"))
	return e, g, err
}

func (s *site) renderCorrect(w http.ResponseWriter, r *http.Request, m *mine, e *enrolment.Enrolment, g enrolment.Group, f enrolment.Form, note string, invalid *fault.Invalid) error {
	page := web.Page{Title: g.Title, Programme: m.programme, Back: link.Path(r, purpose.Mine), Invalid: invalid}
	page.Data = correctPage{Link: link.Path(r, purpose.Mine), Side: e.Role.Side(), Group: g, Me: e, Inputs: correction.Inputs(page, m.programme, e.Role, g, f), Note: note}
	return s.Pages.Show(w, r, "correct", page)
}

// correct takes over a group of answers as long as nobody else counts on them. Once somebody
// is matched it is a request to the people who run the programme.
func (s *site) correct(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, minePage)
	if stopped || err != nil {
		return err
	}
	e, g, err := m.group(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	f := correction.Read(enrolment.FormOf(e), g, posted)
	now, matched, p := s.Now(), e.Matched(), m.programme.ID
	changed, err := e.Correct(m.programme, g, f, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderCorrect(w, r, m, e, g, f, posted.Get("note"), invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, link.Path(r, purpose.Mine), "", err)
	}
	c := s.Store.Commit()
	did := "corrected"
	if matched {
		who, err := s.answers(r, m.programme)
		if err != nil {
			return err
		}
		q := request.New(strings.ToLower(rand.Text()), e.ID, request.Correction, who, now)
		q.Group, q.Form, q.Note = g.Name, f.Normalised(m.programme), text.Tidy(posted.Get("note"))
		if utf8.RuneCountInString(q.Note) > pairing.MaxText {
			return s.renderCorrect(w, r, m, e, g, f, q.Note, tooLong("note"))
		}
		c.SaveRequest(p, q)
		did = "asked"
	} else {
		c.UpdateEnrolment(p, e)
	}
	c.Audit(store.AuditEntry{Programme: p, By: e.ID, Did: did + " their answers: " + g.Name, To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, link.Path(r, purpose.Mine), did)
}

// answers is the id of who of the staff answers somebody's request, or "" where there is
// nobody yet.
func (s *site) answers(r *http.Request, p *programme.Programme) (string, error) {
	all, err := s.Store.Coordinators(r.Context(), p.ID)
	if err != nil {
		return "", err
	}
	colleagues := make([]request.Colleague, len(all))
	for i, m := range all {
		colleagues[i] = request.Colleague{ID: m.ID, Address: m.Email, Since: m.CreatedAt}
	}
	return request.To(p, colleagues), nil
}

// askOthers asks for what others wrote about somebody, which a person answers by hand.
func (s *site) askOthers(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, minePage)
	if stopped || err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	all, err := s.Store.RequestsOf(r.Context(), m.programme.ID, m.link.Person)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(q *request.Request) bool { return q.Kind == request.Others && q.State == request.Open }) {
		return web.Done(w, r, link.Path(r, purpose.Mine), "asked") // it was sent twice
	}
	who, err := s.answers(r, m.programme)
	if err != nil {
		return err
	}
	now, c, id := s.Now(), s.Store.Commit(), m.link.Owner.ID
	q := request.New(strings.ToLower(rand.Text()), id, request.Others, who, now)
	q.Note = text.Tidy(posted.Get("note"))
	if utf8.RuneCountInString(q.Note) > pairing.MaxText {
		return tooLong("note")
	}
	c.SaveRequest(m.programme.ID, q)
	c.Audit(store.AuditEntry{Programme: m.programme.ID, By: id, Did: "asked for what others wrote about them", To: id, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, link.Path(r, purpose.Mine), "asked")
}

func (s *site) showDownload(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, downloadPage)
	if stopped || err != nil {
		return err
	}
	return s.Pages.Show(w, r, "download", web.Page{Title: "Take along what we hold about you", Programme: m.programme, Back: link.Path(r, purpose.Mine), Data: link.Path(r, purpose.Mine)})
}

// tooLong is that more was written in an input than there is room for.
func tooLong(input string) *fault.Invalid {
	var invalid fault.Invalid
	invalid.Add(input, "Write %d characters or fewer", pairing.MaxText)
	return &invalid
}

// attach answers with a file to keep.
func attach(w http.ResponseWriter, kind, name string, text []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(text)
	return err
}

// downloads sends what is held about somebody as a file: a page to read, or data.
func (s *site) downloads(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, downloadPage)
	if stopped || err != nil {
		return err
	}
	sheet, err := held.Of(r.Context(), s.Store, m.who, s.Now())
	if err != nil {
		return err
	}
	switch r.PathValue("file") {
	case "data.json":
		text, err := sheet.JSON()
		if err != nil {
			return err
		}
		return attach(w, "application/json", "my-data.json", text)
	case "page.html":
		text, err := sheet.HTML()
		if err != nil {
			return err
		}
		return attach(w, "text/html; charset=utf-8", "my-data.html", text)
	}
	return errNoSuch
}

// eraseData is what the pages about having everything erased show.
type eraseData struct {
	Link    string
	Me      *enrolment.Enrolment
	Erasure *erasure.Erasure
}

func (s *site) showErase(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, erasePage)
	if stopped || err != nil {
		return err
	}
	data := eraseData{Link: link.Path(r, purpose.Mine), Me: m.link.Owner}
	if data.Erasure, err = s.Store.Erasure(r.Context(), m.programme.ID, m.who.ID); err != nil {
		return err
	}
	return s.Pages.Show(w, r, "erase", web.Page{Title: "Have everything about you deleted", Programme: m.programme, Back: data.Link, Data: data})
}

// askErase sends the person the email by which they confirm that they want to be forgotten.
func (s *site) askErase(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, erasePage)
	if stopped || err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	now, p := s.Now(), m.programme
	before, err := s.Store.Erasure(r.Context(), p.ID, m.who.ID)
	if err != nil {
		return err
	}
	if before == nil || before.Lapsed(now) {
		e := erasure.Ask(m.who.ID, m.link.Owner.ID, now)
		if before != nil {
			e.Version = before.Version
		}
		c := s.Store.Commit()
		c.SaveErasure(p.ID, e)
		c.Enqueue(r.Context(), message.ConfirmErasure(p, m.link.Owner, now), now)
		c.Audit(store.AuditEntry{Programme: p.ID, By: m.link.Owner.ID, Did: "asked to be forgotten", To: m.link.Owner.ID, At: now})
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	s.beforeMine.Spend(w, r)
	return web.Redirect(w, r, link.Path(r, purpose.Mine)+"?done=erase")
}

// erasing is the erasure that a link of an email is about, or that there is none any more.
func (s *site) erasing(r *http.Request) (*programme.Programme, eraseData, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, eraseData{}, err
	}
	data := eraseData{Link: link.Path(r, purpose.Erase), Me: l.Owner}
	data.Erasure, err = s.Store.Erasure(r.Context(), p.ID, enrolment.PersonOf(l.Person))
	return p, data, err
}

func (s *site) showConfirmErase(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.erasing(r)
	if err != nil {
		return err
	}
	title := "Nothing is deleted"
	if data.Erasure != nil {
		title = map[erasure.State]string{erasure.Asked: "Delete everything about you?", erasure.Confirmed: "Everything is deleted soon", erasure.Begun: "Everything is being deleted"}[data.Erasure.State]
	}
	return s.Pages.Show(w, r, "confirm-erase", web.Page{Title: title, Programme: p, Data: data})
}

// confirmErase confirms that somebody wants to be forgotten, or stops it.
func (s *site) confirmErase(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.erasing(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	return s.settleErase(w, r, p, data, posted.Get("do"), data.Link)
}

// stopErase stops it on somebody's own page.
func (s *site) stopErase(w http.ResponseWriter, r *http.Request) error {
	m, stopped, err := s.own(w, r, minePage)
	if stopped || err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	data := eraseData{Me: m.link.Owner}
	if data.Erasure, err = s.Store.Erasure(r.Context(), m.programme.ID, m.who.ID); err != nil {
		return err
	}
	return s.settleErase(w, r, m.programme, data, "stop", link.Path(r, purpose.Mine))
}

func (s *site) settleErase(w http.ResponseWriter, r *http.Request, p *programme.Programme, data eraseData, do, to string) error {
	now, c, e := s.Now(), s.Store.Commit(), data.Erasure
	did := "confirmed that they want to be forgotten"
	switch {
	case e == nil, do == "stop" && !e.Stoppable():
		return web.Redirect(w, r, to) // the page says so
	case do == "confirm":
		changed, err := e.Confirm(now)
		if err != nil || !changed {
			return doneOr(w, r, to, "", err)
		}
		c.SaveErasure(p.ID, e)
		c.Enqueue(r.Context(), message.ErasureConfirmed(p, data.Me, now), now)
	case do == "stop":
		did = "stopped that they are forgotten"
		c.DropErasure(p.ID, e)
	default:
		return errNoSuch
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: data.Me.ID, Did: did, To: data.Me.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, to, map[string]string{"confirm": "confirmed", "stop": "stopped"}[do])
}
