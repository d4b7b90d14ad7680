package enrolment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// answer is one row of the check page.
type answer struct {
	Question, Step string
	Lines          []string
	// First is the first row of its step, where the error summary's link goes.
	First bool
}

// checkPage is what the check page shows.
type checkPage struct {
	Side    string
	Answers []answer
	// Newer: on the page before, answers of another window were kept.
	Newer bool
}

func (s *site) showCheck(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return err
	}
	side := r.PathValue("side")
	if d.ID == "" || d.Sent {
		return web.Redirect(w, r, "/enrol/"+p.ID+"/"+side+"/you")
	}
	return s.renderCheck(w, r, p, role, d.Form, nil)
}

func (s *site) renderCheck(w http.ResponseWriter, r *http.Request, p *programme.Programme, role programme.Role, f enrolment.Form, invalid *fault.Invalid) error {
	last := steps[len(steps)-1].name
	return s.Pages.Show(w, r, "check", web.Page{
		Title: "Check your answers", Programme: p, Back: "/enrol/" + p.ID + "/" + r.PathValue("side") + "/" + last,
		Invalid: invalid, Data: checkPage{r.PathValue("side"), answers(p, role, f), r.URL.Query().Has(newer)},
	})
}

func answers(p *programme.Programme, role programme.Role, f enrolment.Form) []answer {
	skills := func(kind programme.SkillKind) []string {
		var lines []string
		for _, skill := range p.Skills {
			if level := f.Skills[skill.ID]; level > 0 && skill.Kind == kind {
				lines = append(lines, skill.Name+": "+stepPage{Role: role}.Levels()[min(level, 3)].Text)
			}
		}
		return lines
	}
	var categories, halfDays, meetings []string
	for _, c := range f.Categories {
		categories = append(categories, p.CategoryName(c))
	}
	for _, h := range enrolment.HalfDays {
		if slices.Contains(f.Availability, h.ID) {
			halfDays = append(halfDays, h.Name)
		}
	}
	for _, m := range enrolment.Meetings {
		if slices.Contains(f.Meeting, m.ID) {
			meetings = append(meetings, m.Name)
		}
	}
	all := []answer{
		{Question: "Name", Step: "you", Lines: []string{f.Name}},
		{Question: "Email", Step: "you", Lines: []string{email.Address(f.Email).Shown()}},
		{Question: "Phone", Step: "you", Lines: []string{f.Phone}},
		{Question: "Organisation", Step: "organisation", Lines: []string{f.Organisation}},
		{Question: "Register number", Step: "organisation", Lines: []string{f.Number}},
		{Question: "Postcode", Step: "organisation", Lines: []string{f.Postcode}},
		{Question: "Region", Step: "region", Lines: []string{f.Where(p)}},
		{Question: "Mainly does", Step: "categories", Lines: categories},
		{Question: "Leadership", Step: "leadership", Lines: skills(programme.Leadership)},
		{Question: "Specialist help", Step: "specialist", Lines: skills(programme.Specialist)},
		{Question: "Can usually meet", Step: "availability", Lines: halfDays},
		{Question: "Could meet", Step: "availability", Lines: meetings},
	}
	if !p.Territory().HasPostcodes() {
		all = slices.DeleteFunc(all, func(a answer) bool { return a.Question == "Postcode" })
	}
	if p.Weights.Size > 0 {
		region := slices.IndexFunc(all, func(a answer) bool { return a.Step == "region" })
		all = slices.Insert(all, region, answer{Question: "Last year’s income", Step: "organisation", Lines: []string{enrolment.Pounds(f.Income)}})
	}
	if spoken := p.Spoken(); len(spoken) > 1 {
		if len(f.Languages) > 0 {
			spoken = f.Languages
		} else {
			spoken = spoken[:1]
		}
		all = append(all, answer{Question: "Languages", Step: "availability", Lines: spoken})
	}
	if role == programme.Consultant {
		all = append(all, answer{Question: "How many at once", Step: "capacity", Lines: []string{stepPage{Form: f}.Capacity()}})
	}
	all = append(all, answer{Question: "Organisations to avoid", Step: "conflicts", Lines: f.Conflicts})
	for i := range all {
		all[i].First = i == 0 || all[i-1].Step != all[i].Step
	}
	return all
}

// send makes the enrolment of the pages' answers. Sent twice, by a double click
// or the browser's back button, it is one enrolment and the same page.
func (s *site) send(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	d, err := s.draft(r, p, role)
	if err != nil {
		return err
	}
	here := "/enrol/" + p.ID + "/" + r.PathValue("side")
	if d.Sent {
		return web.Redirect(w, r, here+"/sent")
	}
	if d.ID == "" {
		return web.Redirect(w, r, here+"/you")
	}
	_, err = s.enrol(r.Context(), p, role, d.Form, &sending{draft: d})
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		for i, f := range invalid.Fields { // the summary's links go to the rows
			invalid.Fields[i].Name = "row-" + stepOf(f.Name)
		}
		return s.renderCheck(w, r, p, role, d.Form, invalid)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, here+"/sent")
}

// stepOf is the step that asks for an input.
func stepOf(input string) string {
	for _, st := range steps {
		if slices.Contains(st.inputs, input) {
			return st.name
		}
	}
	return ""
}

// enrolByJSON makes an enrolment from one document, see enrolment.Form.
func (s *site) enrolByJSON(w http.ResponseWriter, r *http.Request) error {
	p, role, err := s.programmeAndRole(r)
	if err != nil {
		return err
	}
	var f enrolment.Form
	if err := web.JSON(r, &f); err != nil {
		return err
	}
	id, err := s.enrol(r.Context(), p, role, f.InUsualRegion(p), nil)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	answer := map[string]string{"id": id, "next": "confirm by the link in the email"}
	if meant := email.Read(f.Email).Meant(); meant != "" { // a program cannot be asked: it is taken, and can ask its person
		answer["suggestion"] = string(meant)
	}
	return json.NewEncoder(w).Encode(answer)
}

// sending is an enrolment that comes from the pages.
type sending struct {
	draft *store.Draft
	// instead is the unconfirmed enrolment whose address is corrected, or nil.
	instead *enrolment.Enrolment
}

// into writes what became of a draft: the id of its enrolment, or "" where its address had
// one.
func (from *sending) into(c *store.Commit, p, id string, now time.Time) {
	if from == nil {
		return
	}
	d := from.draft
	if !d.Sent {
		d.Sent, d.Asked, d.ExpireAt = true, enrolment.Sendings{now}, now.Add(store.DraftLife)
	}
	d.Enrolment, d.UpdatedAt = id, now
	c.UpdateDraft(p, d)
	if from.instead != nil {
		c.DeleteEnrolment(p, from.instead)
		c.LogTransition("enrolment", from.instead.ID, "gone")
	}
}

// enrol creates the enrolment with the email that asks to confirm it, in one
// commit. The answer is the same whether or not the address is enrolled already,
// so that nobody can find out who is; its owner is told by email.
func (s *site) enrol(ctx context.Context, p *programme.Programme, role programme.Role, f enrolment.Form, from *sending) (id string, err error) {
	now := s.Now()
	e, err := enrolment.New(p, role, f, strings.ToLower(rand.Text()), now)
	if err != nil {
		return "", err
	}
	asks := message.ConfirmEnrolment(p, e)
	create := func(c *store.Commit) {
		c.CreateEnrolment(p.ID, e)
		c.LogTransition("enrolment", e.ID, string(e.State))
		from.into(c, p.ID, e.ID, now)
	}
	c := s.Store.Commit()
	create(c)
	c.Enqueue(ctx, asks, now)
	if err := c.Do(ctx); !errors.Is(err, store.ErrExists) {
		return e.ID, err
	}

	earlier, err := s.Store.Enrolment(ctx, p.ID, e.ID)
	switch {
	case fault.Is(err, fault.NotFound): // its address was corrected, and now back
		return e.ID, s.oweAgain(ctx, p, asks, create)
	case err != nil:
		return "", err
	}
	c = s.Store.Commit()
	from.into(c, p.ID, "", now)
	if earlier.Digest == e.Digest { // the same form sent twice
		return e.ID, c.Do(ctx)
	}
	c.Enqueue(ctx, message.AlreadyEnrolled(p, e), now)
	if err := c.Do(ctx); !errors.Is(err, store.ErrExists) {
		return e.ID, err
	}
	c = s.Store.Commit() // its owner was told of this form before
	from.into(c, p.ID, "", now)
	return e.ID, c.Do(ctx)
}

// oweAgain makes writes together with a message that was owed before. Of one such message
// no more go in a day than one browser may ask for, whoever asks: what is too much is left
// out, and the writes are made.
func (s *site) oweAgain(ctx context.Context, p *programme.Programme, m outbox.Message, write func(c *store.Commit)) error {
	now := s.Now()
	for n := range enrolment.MostAgain {
		c := s.Store.Commit()
		write(c)
		c.Enqueue(ctx, message.OnRequest(m, p, now.UTC().Format(time.DateOnly), n+1), now)
		if err := c.Do(ctx); !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	c := s.Store.Commit()
	write(c)
	return c.Do(ctx)
}
