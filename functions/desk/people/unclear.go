package people

import (
	"errors"
	"net/http"
	"slices"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// unclearPage lists entries by which people named organisations, and of which it is not
// clear whom they mean.
type unclearPage struct {
	Rows []unclearRow
	// Nobody is how many of those shown resemble nobody who takes part, All how many people
	// have entries to settle.
	Nobody, All int
}

// unclearRow is one entry of a person.
type unclearRow struct {
	Person *enrolment.Enrolment
	enrolment.Entry
	// Invalid is what to correct in what was sent about it, or nil, and Means what was entered.
	Invalid *fault.Invalid
	Means   string
}

// unclearAPage is the people of how many are shown on the page.
const unclearAPage = 50

// ListUnclear lists the entries to settle.
func (h Handlers) ListUnclear(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	return h.renderUnclear(w, r, p, nil)
}

// renderUnclear shows the list, with what to correct in one of its rows, or nil.
func (h Handlers) renderUnclear(w http.ResponseWriter, r *http.Request, p *programme.Programme, wrong *unclearRow) error {
	all, people, err := h.unclear(r, p)
	if err != nil {
		return err
	}
	var data unclearPage
	if data.All, err = h.Store.CountUnclear(r.Context(), p.ID); err != nil {
		return err
	}
	page := web.Page{Title: "Organisations that people named", Programme: p, Back: deskpath.Of(p.ID).String()}
	for _, u := range all {
		for _, entry := range u.Entries {
			row := unclearRow{Person: people[u.ID], Entry: entry}
			if wrong != nil && wrong.Person.ID == u.ID && wrong.Text == entry.Text {
				row.Invalid, row.Means, page.Invalid = wrong.Invalid, wrong.Means, wrong.Invalid
			}
			if len(entry.Candidates) == 0 {
				data.Nobody++
			}
			data.Rows = append(data.Rows, row)
		}
	}
	page.Data = data
	if page.Said, err = h.saidOfUnclear(r, p, data); err != nil {
		return err
	}
	return h.Page(w, r, "unclear", page)
}

// unclear reads the entries that are shown, with the people who wrote them.
func (h Handlers) unclear(r *http.Request, p *programme.Programme) ([]*enrolment.Unclear, map[string]*enrolment.Enrolment, error) {
	all, err := h.Store.Unclear(r.Context(), p.ID, unclearAPage)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(all))
	for i, u := range all {
		ids[i] = u.ID
	}
	people, err := h.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	all = slices.DeleteFunc(all, func(u *enrolment.Unclear) bool { return people[u.ID] == nil }) // erased since
	return all, people, err
}

// Settle records whom an entry means; or of all those shown that resemble nobody that they
// mean nobody who takes part.
func (h Handlers) Settle(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	said := organisation.Settlement{Entry: posted.Get("entry"), Means: posted.Get("means"), By: staff.ID, At: h.Now()}
	for _, key := range posted["meant"] {
		said.Meant = append(said.Meant, organisation.Key(key))
	}
	back, did, to := deskpath.Of(p.ID).Unclear(), didSettle, posted.Get("person")
	c := h.Store.Commit()
	if posted.Get("do") == "nobody" {
		did = didSettleNobody
		all, people, err := h.unclear(r, p)
		if err != nil {
			return err
		}
		for _, u := range all {
			if err := settleNobody(c, p.ID, u, people[u.ID], said); err != nil {
				return err
			}
		}
	} else {
		e, err := h.Store.Enrolment(r.Context(), p.ID, to)
		if err != nil {
			return err
		}
		u, err := h.Store.UnclearOf(r.Context(), p.ID, e.ID)
		if fault.Is(err, fault.NotFound) {
			u, err = new(enrolment.Unclear), nil
		}
		if err != nil {
			return err
		}
		changed, err := u.Settle(e, said)
		var invalid *fault.Invalid
		switch {
		case errors.As(err, &invalid):
			return h.renderUnclear(w, r, p, &unclearRow{Person: e, Entry: enrolment.Entry{Text: said.Entry}, Invalid: invalid, Means: said.Means})
		case err != nil:
			return err
		case !changed:
			return web.Done(w, r, back, didSettle, e.ID) // it was sent twice
		}
		saveSettled(c, p.ID, u, e, said)
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, did, to)
}

// settleNobody settles those entries of a person that resemble nobody who takes part.
func settleNobody(c *store.Commit, p string, u *enrolment.Unclear, e *enrolment.Enrolment, said organisation.Settlement) error {
	before := len(u.Entries)
	for _, entry := range u.Entries {
		if len(entry.Candidates) > 0 {
			continue
		}
		said.Entry, said.Means, said.Meant = entry.Text, "", nil
		if _, err := u.Settle(e, said); err != nil {
			return err
		}
	}
	if len(u.Entries) < before {
		saveSettled(c, p, u, e, said)
	}
	return nil
}

func saveSettled(c *store.Commit, p string, u *enrolment.Unclear, e *enrolment.Enrolment, said organisation.Settlement) {
	c.UpdateEnrolment(p, e)
	c.SaveUnclear(p, u)
	c.Audit(store.AuditEntry{Programme: p, By: said.By, Did: "settled whom somebody means", To: e.ID, At: said.At})
}

// Join saves which other names and numbers somebody's organisation has.
func (h Handlers) Join(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	e, now := form.person, h.Now()
	before := slices.Clone(e.Organisation.Joined)
	err = e.Join(form.posted.Get("joined"), now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return h.render(w, r, form.programme, personPage{Enrolment: e}, invalid)
	}
	if err != nil {
		return err
	}
	if !slices.Equal(before, e.Organisation.Joined) { // or it was sent twice
		c := h.Store.Commit()
		c.UpdateEnrolment(form.programme.ID, e)
		c.Audit(store.AuditEntry{Programme: form.programme.ID, By: form.by.ID, Did: "changed which other names an organisation has", To: e.ID, At: now})
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Done(w, r, form.page(), didJoin)
}
