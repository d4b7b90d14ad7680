package matches

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// furtherPage lists the pairs who both ask for a session more than planned.
type furtherPage struct {
	Rows []furtherRow
	// Given is how many further sessions the programme has given, of so many that it can give,
	// of which Left are left.
	Given, Of, Left int
}

// furtherRow is a pair who both ask for one.
type furtherRow struct {
	*pairing.Pairing
	A, B *enrolment.Enrolment
	// By is the last day on which they are to be answered, and Late that it is over.
	By   time.Time
	Late bool
}

// Asked tells it from others that the pair asks for.
func (row furtherRow) Asked() string {
	return strconv.FormatInt(row.Further.AskedAt.UnixMicro(), 10)
}

// Asker is who of the two has asked.
func (row furtherRow) Asker() *enrolment.Enrolment {
	if row.Further.By == programme.Client {
		return row.A
	}
	return row.B
}

// What a coordinator does about a further session, see web.Done.
const didGrant, didRefuse = "grant", "refuse"

// ListFurther lists the pairs who both ask for a further session, the first due first.
func (h Handlers) ListFurther(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Furthers(r.Context(), p.ID)
	if err != nil {
		return err
	}
	given, err := h.Store.Grants(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, pair := range all {
		ids = append(ids, pair.Client, pair.Consultant)
	}
	people, err := h.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	if err != nil {
		return err
	}
	data, names := furtherPage{Given: given.Given, Of: p.Sessions.Further, Left: given.Left(p.Sessions)}, site.Names(people)
	for _, pair := range all {
		by := pair.Further.AnswerBy
		data.Rows = append(data.Rows, furtherRow{pair, names.Of(pair.Client), names.Of(pair.Consultant), by.Add(-time.Second), !h.Now().Before(by)})
	}
	page := web.Page{Title: "Further sessions", Programme: p, Back: deskpath.Of(p.ID).String(), Data: data}
	if page.Said, err = h.saidFurther(r, p); err != nil {
		return err
	}
	return h.Page(w, r, "further", page)
}

// saidFurther is what was just done about a pair's further session; "" where it is not so.
func (h Handlers) saidFurther(r *http.Request, p *programme.Programme) (string, error) {
	if web.DoneTo(r) == "" {
		return "", nil
	}
	pair, err := h.Store.Pairing(r.Context(), p.ID, web.DoneTo(r))
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	switch did := web.WhatDone(r); {
	case did == didGrant && pair.Further.State == pairing.FurtherGranted:
		return "The session is given. We write to both that they can plan it.", nil
	case did == didRefuse && pair.Further.State == pairing.FurtherRefused:
		return "The session is not given. We write to both that it stays as planned.", nil
	}
	return "", nil
}

// AnswerFurther gives two people the session that both ask for, or does not. Of two who give
// the last one at the same time, the second is told.
func (h Handlers) AnswerFurther(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	pair, err := h.Store.Pairing(ctx, p.ID, posted.Get("pairing"))
	if err != nil {
		return err
	}
	micro, wrong := strconv.ParseInt(posted.Get("asked"), 10, 64)
	if wrong != nil {
		micro = 0 // when nobody asked for anything
	}
	ch, asked, do := &matches.Change{Store: h.Store, Commit: h.Store.Commit(), Programme: p, Now: h.Now()}, time.UnixMicro(micro), posted.Get("do")
	var changed bool
	tell, did := message.FurtherGranted, "gave a further session"
	switch do {
	case didGrant:
		given, failed := h.Store.Grants(ctx, p.ID)
		if failed != nil {
			return failed
		}
		if changed, err = pair.Grant(asked, p.Sessions, given, ch.Now); changed {
			ch.SaveGrants(p.ID, given, ch.Now)
		}
	case didRefuse:
		tell, did = message.FurtherRefused, "did not give a further session"
		changed, err = pair.Refuse(asked, ch.Now)
	default:
		return fault.New(fault.NotFound, "There is no such choice.")
	}
	if err != nil {
		return err
	}
	back := deskpath.Of(p.ID).Further()
	if !changed { // it was sent twice
		return web.Done(w, r, back, do, pair.ID)
	}
	ch.Save(ctx, pair, tell, programme.Roles...)
	ch.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: did, To: pair.ID, About: []string{pair.Client, pair.Consultant}, At: ch.Now})
	if err := ch.Do(ctx); err != nil {
		return err
	}
	return web.Done(w, r, back, do, pair.ID)
}
