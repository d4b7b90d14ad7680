package enrolment

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// pile is what waits behind a link: the claims that were sent with its reader's address in one
// role, and whether they take part already.
type pile struct {
	programme *programme.Programme
	role      programme.Role
	// claims are those that wait, the newest first.
	claims []*enrolment.Claim
	// there is who takes part with the address in that role, or did; nil for nobody.
	there *enrolment.Enrolment
	// succeeds is whose place the claim by an invitation takes, by that, as far as it still can.
	succeeds map[string]*enrolment.Enrolment
	// before is what an earlier version has stored in the place of a claim, or nil.
	before *enrolment.Enrolment
}

// linked is what waits behind the request's link.
func (s *site) linked(r *http.Request) (*pile, *store.Link, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, nil, err
	}
	all := &pile{role: l.Role}
	if all.programme, err = s.Store.Programme(r.Context(), l.Programme); err != nil {
		return nil, nil, err
	}
	if all.programme.Retention.Due(s.Now()) {
		return nil, nil, serve.Past(all.programme)
	}
	found, err := s.Store.Claims(r.Context(), l.Programme, l.Person)
	if err != nil {
		return nil, nil, err
	}
	if all.there = l.Owner; all.there != nil && all.there.State == enrolment.Unconfirmed {
		all.before, all.there = all.there, nil
		found = append(found, enrolment.ClaimOf(all.before))
	}
	if l.ClaimID != "" && !slices.ContainsFunc(found, func(c *enrolment.Claim) bool { return c.ID == l.ClaimID }) {
		// Below many others of its address it is found by its name.
		switch c, err := s.Store.Claim(r.Context(), l.Programme, l.ClaimID); {
		case err == nil && c.Enrolment == l.Person:
			found = append(found, c)
		case err != nil && !fault.Is(err, fault.NotFound):
			return nil, nil, err
		}
	}
	now := s.Now()
	all.claims = slices.DeleteFunc(found, func(c *enrolment.Claim) bool { return !c.Waits(now) })
	if all.there == nil {
		if all.succeeds, err = s.handingOver(r.Context(), all.programme.ID, all.claims); err != nil {
			return nil, nil, err
		}
	}
	if all.there == nil && len(all.claims) > 0 { // they may have another address since, or this one
		e, err := s.Store.EnrolmentWith(r.Context(), l.Programme, all.role, all.claims[0].Address())
		if err != nil {
			return nil, nil, err
		}
		if e != nil && e.State != enrolment.Unconfirmed && e.Person.Email.Same(all.claims[0].Address()) {
			all.there = e
		}
	}
	return all, l, nil
}

// handingOver are those whose places claims take that came by an invitation to do so, by that.
func (s *site) handingOver(ctx context.Context, p string, claims []*enrolment.Claim) (map[string]*enrolment.Enrolment, error) {
	all := map[string]*enrolment.Enrolment{}
	for _, c := range claims {
		if _, known := all[c.Nomination]; c.Nomination == "" || known {
			continue
		}
		before, err := s.Store.LedBefore(ctx, p, c.Nomination)
		if err != nil {
			return nil, err
		}
		if before != nil && before.Hands(c.Nomination) && before.Role == c.Role && enrolment.PersonOf(before.ID) != enrolment.PersonOf(c.Enrolment) {
			all[c.Nomination] = before
		}
	}
	return all, nil
}

// chosen is the claim that a page is about: the one that its address names, or that of the
// email with the link, or the newest.
func (p *pile) chosen(ids ...string) *enrolment.Claim {
	for _, id := range ids {
		for _, c := range p.claims {
			if c.ID == id {
				return c
			}
		}
	}
	if len(p.claims) == 0 {
		return nil
	}
	return p.claims[0]
}

// claimPage is what the page behind the link shows.
type claimPage struct {
	Role programme.Role
	// Claim is the one that is shown, with all that it says.
	Claim   *enrolment.Claim
	Answers []answer
	SentAt  time.Time
	// Others are those that wait beside it, and Link the page.
	Others []*enrolment.Claim
	Link   string
	// Shown tells that the page was shown, see link.Links.Shown.
	Shown string
	// Takes is the organisation of which they take the place, or "".
	Takes string
	// Notice is the privacy notice to which they agree.
	Notice *privacy.Notice
	// There says that whoever reads it takes part already, and Left that they did.
	There, Left bool
	// Choices are what can be done, and Chosen which of it was.
	Choices []web.Option
}

// What whoever reads an address can do about what was sent with it.
const (
	doConfirm = "confirm"
	doDiscard = "discard"
	doAll     = "discard-all"
)

var errNoClaim = fault.New(fault.Gone, "What this link was about is no longer there: its address was corrected, it was discarded, or it was not confirmed within 30 days. Open the newest email from us, or fill in the form once more.")

// showConfirm shows all that a claim says, with what to do about it, or what became of it.
// Mail scanners open this page too, so it changes nothing.
func (s *site) showConfirm(w http.ResponseWriter, r *http.Request) error {
	all, l, err := s.linked(r)
	if err != nil {
		return err
	}
	return s.renderClaim(w, r, all, l, nil)
}

func (s *site) renderClaim(w http.ResponseWriter, r *http.Request, all *pile, l *store.Link, invalid *fault.Invalid) error {
	p, did := all.programme, web.WhatDone(r)
	c := all.chosen(r.PostForm.Get("form"), r.URL.Query().Get("form"), l.ClaimID)
	switch {
	case c == nil && did == doDiscard:
		return s.Pages.Show(w, r, "discarded", web.Page{Title: "Nothing waits any more", Programme: p, Data: claimPage{There: all.there != nil}})
	case c == nil && all.there != nil && all.there.State == enrolment.Withdrawn:
		return fault.New(fault.Gone, "You have left the programme. To come back, write to the people who run it.")
	case c == nil && all.there != nil:
		return s.Pages.Show(w, r, "confirmed", web.Page{Title: "Your enrolment is confirmed", Programme: p, Data: all.there})
	case c == nil:
		return errNoClaim
	}
	data := claimPage{
		Role: all.role, Claim: c, Answers: answers(p, all.role, c.Form), SentAt: c.CreatedAt, Link: link.Path(r, purpose.Confirm),
		Shown: s.Links.Shown(r, purpose.Confirm, s.shown(all, c)...), Notice: s.Notice(p), There: all.there != nil, Left: all.there != nil && all.there.State == enrolment.Withdrawn,
	}
	if before := all.succeeds[c.Nomination]; before != nil {
		data.Takes = before.Organisation.Name
	}
	for _, other := range all.claims {
		if other != c {
			data.Others = append(data.Others, other)
		}
	}
	page := web.Page{Title: "Is this yours?", Programme: p, Invalid: invalid}
	if !data.There {
		data.Choices = append(data.Choices, web.Option{Value: doConfirm, Text: "Yes: I lead this organisation now, want to take part, and agree to the privacy notice"})
	} else {
		page.Title = "You are enrolled already"
	}
	data.Choices = append(data.Choices, web.Option{Value: doDiscard, Text: "Discard this form"})
	if n := len(all.claims); n > 1 {
		data.Choices = append(data.Choices, web.Option{Value: doAll, Text: "Discard all " + strconv.Itoa(n) + " forms"})
	}
	page.Data = data
	if did == doDiscard {
		page.Said = "The form is discarded. Another one waits."
	}
	return s.Pages.Show(w, r, "confirm", page)
}

// shown is what a page has shown of a claim and of the privacy notice: nobody agrees to what
// they have not seen.
func (s *site) shown(all *pile, c *enrolment.Claim) []string {
	notice, takes := s.Notice(all.programme), ""
	if all.succeeds[c.Nomination] != nil {
		takes = c.Nomination
	}
	return []string{c.ID, c.Digest(), notice.Version, notice.Facts, takes}
}

// confirm does what whoever reads the address has chosen on the page that showed them what it
// is about. A bare POST, as a mail scanner may make one, chooses nothing and is shown the page.
func (s *site) confirm(w http.ResponseWriter, r *http.Request) error {
	all, l, err := s.linked(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	at := link.Path(r, purpose.Confirm)
	c, do := all.chosen(posted.Get("form"), l.ClaimID), posted.Get("do")
	if c == nil { // it was done before
		return s.renderClaim(w, r, all, l, nil)
	}
	seen := c.ID == posted.Get("form") && s.Links.WasShown(r, posted.Get("shown"), purpose.Confirm, s.shown(all, c)...)
	if !seen || do != doDiscard && do != doAll && (do != doConfirm || all.there != nil) {
		var invalid fault.Invalid
		invalid.Add("do", "Select what to do with this form")
		return s.renderClaim(w, r, all, l, &invalid)
	}
	now := s.Now()
	change := s.Store.Commit()
	for _, each := range all.claims {
		switch {
		case do == doDiscard && each != c:
		case all.before != nil && each.ID == all.before.ID:
			if do != doConfirm { // else it is written over
				change.DeleteEnrolment(all.programme.ID, all.before)
			}
		default:
			change.DeleteClaim(all.programme.ID, each)
		}
	}
	if do == doConfirm { // which is their word, and the others are not
		e := c.Confirmed(all.programme, all.programme.Privacy.Version, now)
		e.AgreeToNotice(s.Notice(all.programme), now)
		if before := all.succeeds[c.Nomination]; before != nil {
			e.Succeed(before, now)
			before.UpdatedAt = now
			change.UpdateEnrolment(all.programme.ID, before)
		}
		if all.before != nil {
			e.Version = all.before.Version
			change.UpdateEnrolment(all.programme.ID, e)
		} else {
			change.CreateEnrolment(all.programme.ID, e)
		}
		change.LogTransition("enrolment", e.ID, string(e.State))
		change.Enqueue(r.Context(), message.EnrolmentConfirmed(all.programme, e), now)
	}
	if err := change.Do(r.Context()); err != nil {
		return err
	}
	if do == doConfirm {
		return web.Redirect(w, r, at)
	}
	return web.Done(w, r, at, doDiscard)
}
