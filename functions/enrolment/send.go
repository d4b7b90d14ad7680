package enrolment

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// answer is one row of the check page.
type answer struct {
	enrolment.Answer
	// Step is the page that asks it, "" for none.
	Step string
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
	return s.Pages.Show(w, r, "check", web.Page{
		Title: "Check your answers", Programme: p, Back: "/enrol/" + p.ID + "/" + r.PathValue("side") + "/" + levels,
		Invalid: invalid, Data: checkPage{r.PathValue("side"), answers(p, role, f), r.URL.Query().Has(newer)},
	})
}

// answers are all that a form says, each with the step that asks it.
func answers(p *programme.Programme, role programme.Role, f enrolment.Form) (all []answer) {
	for _, a := range f.Answers(p, role) {
		st := stepOf(role, a.Input)
		first := !slices.ContainsFunc(all, func(before answer) bool { return before.Step == st })
		all = append(all, answer{Answer: a, Step: st, First: first})
	}
	return all
}

// send makes a claim of the pages' answers. Sent twice, by a double click or the browser's
// back button, it is one claim and the same page.
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
	now := s.Now()
	d.Sent, d.Asked, d.ExpireAt = true, enrolment.Sendings{now}, now.Add(store.DraftLife)
	err = s.claimOf(r, p, d)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		for i, f := range invalid.Fields { // the summary's links go to the rows
			invalid.Fields[i].Name = "row-" + stepOf(role, f.Name)
		}
		return s.renderCheck(w, r, p, role, d.Form, invalid)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, here+"/sent")
}

// stepOf is the step that asks somebody in a role for an input first, "" for none.
func stepOf(role programme.Role, input string) string {
	for _, st := range steps {
		if (st.only == "" || st.only == role) && slices.Contains(st.inputs, input) {
			return st.name
		}
	}
	return ""
}

// claimOf makes a claim of a draft's answers, in the place of the one that the draft became
// before, if it did.
func (s *site) claimOf(r *http.Request, p *programme.Programme, d *store.Draft) error {
	claim, err := enrolment.NewClaim(p, d.Role, d.Form, strings.ToLower(rand.Text()), s.Now())
	if err != nil {
		return err
	}
	_, claim.Language = web.Read(r, p)
	claim.Nomination = d.Nomination
	c := s.Store.Commit()
	if d.Claim != "" {
		c.RemoveClaim(p.ID, d.Claim)
	}
	d.Claim, d.UpdatedAt = claim.ID, claim.CreatedAt
	c.UpdateDraft(p, d)
	return s.add(r, c, p, claim)
}

// add makes a commit with a claim and the email that asks to confirm it. Nobody looks here
// whether the address takes part: the answer is the same and as quick, and its owner alone
// hears of it, on the page behind the email's link. An address that was written to enough on
// strangers' word today is not written to, and reminded of no more than one claim.
func (s *site) add(r *http.Request, c *store.Commit, p *programme.Programme, claim *enrolment.Claim) error {
	allowed, err := s.Budgets.Take(r, c, p, budgets.One, budget.Unasked, claim.Address())
	if err != nil {
		return err
	}
	if !allowed.First {
		claim.DueAt = claim.ExpireAt // it is looked at once more, for nothing: as much work
	}
	c.SaveClaim(p.ID, claim)
	s.owe(r, c, allowed, message.ConfirmEnrolment(p, claim))
	return c.Do(r.Context())
}

// addOnce is add of a claim that is there: nothing changes, by as much work, so that whoever
// sends the same form again cannot tell whether it was confirmed or discarded meanwhile.
func (s *site) addOnce(r *http.Request, p *programme.Programme, claim *enrolment.Claim) error {
	c := s.Store.Commit()
	if _, err := s.Budgets.Take(r, c, p, budgets.None, budget.Unasked, claim.Address()); err != nil {
		return err
	}
	if claim.DueAt.IsZero() {
		claim.DueAt = claim.ExpireAt
	}
	c.SaveClaim(p.ID, claim)
	c.Pretend(r.Context(), message.KindConfirmEnrolment, s.Now())
	return c.Do(r.Context())
}

// owe adds a message that a stranger's form causes, which is sent as far as its address may be
// written to.
func (s *site) owe(r *http.Request, c *store.Commit, allowed budgets.Allowed, m outbox.Message) {
	if allowed.Email {
		c.Enqueue(r.Context(), m, s.Now())
		return
	}
	c.Withhold(r.Context(), m, "the address was written to enough today", s.Now())
}
