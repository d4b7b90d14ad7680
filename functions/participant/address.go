package participant

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// addressPage is what the pages about somebody's address show.
type addressPage struct {
	Link    string
	Me      *enrolment.Enrolment
	Entered string
	// Meant are what to choose from where the address looks like a slip.
	Meant []web.Option
	// Shown tells that the page was shown on which it is confirmed, see link.Links.Shown.
	Shown string
}

// linked is the link that a request came by, and its programme.
func (s *site) linked(r *http.Request) (*programme.Programme, *store.Link, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Programme(r.Context(), l.Programme)
	return p, l, err
}

// addressed is the person whom the request's link is for, and the same in their other role.
func (s *site) addressed(r *http.Request) (*programme.Programme, *store.Link, []*enrolment.Enrolment, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, nil, nil, err
	}
	roles := []*enrolment.Enrolment{l.Owner}
	other, err := s.inOtherRole(r, p.ID, l.Owner)
	if other != nil {
		roles = append(roles, other)
	}
	return p, l, roles, err
}

// addressPath is the page for another address, under the link.
const addressPath = "address"

// doorBeforeAddress asks for a code before another address is asked for, each time: who has a
// link alone, or the browser, must not get at the rest by having the next ones sent to
// themselves.
func doorBeforeAddress(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Emails, Behind: "change your email address", Each: []string{addressPath}}
}

func (s *site) showAddress(w http.ResponseWriter, r *http.Request) error {
	p, _, roles, err := s.addressed(r)
	if err != nil {
		return err
	}
	if open, err := s.beforeAddress.Fresh(r, addressPath); err != nil {
		return err
	} else if !open {
		return web.Redirect(w, r, s.beforeAddress.To(r, addressPath))
	}
	return s.renderAddress(w, r, p, addressPage{Me: roles[0]}, nil)
}

func (s *site) renderAddress(w http.ResponseWriter, r *http.Request, p *programme.Programme, data addressPage, invalid *fault.Invalid) error {
	data.Link = link.Path(r, purpose.Emails)
	return s.Pages.Show(w, r, "address", web.Page{Title: "Change your email address", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// askAddress asks whoever reads another address to confirm that it is this person's.
func (s *site) askAddress(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.addressed(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if open, err := s.beforeAddress.Fresh(r, addressPath); err != nil {
		return err
	} else if !open {
		return s.beforeAddress.Stop(w, r, addressPath, posted)
	}
	settled, ask := email.Settle(email.Read(posted.Get("email")), posted.Get(web.Meant), roles[0].Person.Email)
	if ask != "" && settled.Valid() {
		options, question := web.AskMeant(settled, ask)
		return s.renderAddress(w, r, p, addressPage{Me: roles[0], Entered: settled.Shown(), Meant: options}, question)
	}
	ch := s.change(p)
	changed, err := ch.AskAddress(r.Context(), string(settled), roles...)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderAddress(w, r, p, addressPage{Me: roles[0], Entered: posted.Get("email")}, invalid)
	}
	to := link.Path(r, purpose.Emails)
	if err != nil || !changed {
		return doneOr(w, r, to, didAddress, err)
	}
	ch.Audit(store.AuditEntry{Programme: p.ID, By: l.Person, Did: "asked for another address", To: l.Person, At: ch.Now})
	return s.commit(w, r, ch, to, didAddress, nil)
}

// notMe closes all links of somebody who says that it was not them, and sends them a new one.
func (s *site) notMe(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.addressed(r)
	if err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	ch := s.change(p)
	for _, e := range roles {
		e.Disown()
		e.UpdatedAt = ch.Now
		ch.UpdateEnrolment(p.ID, e)
	}
	ch.Enqueue(r.Context(), message.LinkAnew(p, roles[0]), ch.Now)
	ch.Audit(store.AuditEntry{Programme: p.ID, By: l.Person, Did: "said that it was not them, and closed their links", To: l.Person, At: ch.Now})
	return s.commit(w, r, ch, askLink, "closed", nil)
}

// to opens another page of the same person, by a link of its own: such as that on which they
// say which emails they get.
func (s *site) to(what purpose.Purpose) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		l, err := link.Of(r)
		if err != nil {
			return err
		}
		if _, err := web.Form(r); err != nil {
			return err
		}
		c := s.Store.Commit()
		url := s.Links.Add(c, what, store.Link{Programme: l.Programme, Person: l.Person, Role: l.Role, Generation: l.Generation})
		if err := c.Do(r.Context()); err != nil {
			return err
		}
		return web.Redirect(w, r, url)
	}
}

// showConfirmAddress shows the button by which whoever reads an address confirms it.
func (s *site) showConfirmAddress(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.addressed(r)
	if err != nil {
		return err
	}
	return s.renderConfirmAddress(w, r, p, l, roles[0])
}

func (s *site) renderConfirmAddress(w http.ResponseWriter, r *http.Request, p *programme.Programme, l *store.Link, me *enrolment.Enrolment) error {
	if _, err := confirmed(*me, l, s.change(p)); err != nil {
		return err
	}
	data := addressPage{Link: link.Path(r, purpose.Address), Me: me, Shown: s.Links.Shown(r, purpose.Address, string(me.NewEmail))}
	return s.Pages.Show(w, r, "confirm-address", web.Page{Title: "Confirm your address", Programme: p, Data: data})
}

// confirmed is somebody with the address that a link confirms.
func confirmed(e enrolment.Enrolment, l *store.Link, ch *matches.Change) (*enrolment.Enrolment, error) {
	_, err := e.ConfirmAddress(l.CreatedAt, ch.Now)
	return &e, err
}

// confirmAddress gives somebody the address that waits, in each of their roles. The one before
// hears of it, its links are closed, and the new one gets a link to what is theirs. A bare
// POST, as a mail scanner may make one, confirms nothing and is shown the page.
func (s *site) confirmAddress(w http.ResponseWriter, r *http.Request) error {
	p, l, roles, err := s.addressed(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if !s.Links.WasShown(r, posted.Get("shown"), purpose.Address, string(roles[0].NewEmail)) {
		return s.renderConfirmAddress(w, r, p, l, roles[0])
	}
	ch := s.change(p)
	for i, e := range roles {
		now, err := confirmed(*e, l, ch)
		switch {
		case err != nil && i == 0:
			return err
		case err != nil: // in that role they had asked for another
			continue
		}
		*e = *now
		e.UpdatedAt = ch.Now
		ch.UpdateEnrolment(p.ID, e)
	}
	contact, err := s.Store.Contact(r.Context(), p.ID, l.Person)
	if err != nil {
		return err
	}
	ch.RestartContact(p.ID, contact, ch.Now)
	ch.Enqueue(r.Context(), message.AddressChanged(p, roles[0], ch.Now), ch.Now)
	ch.Enqueue(r.Context(), message.LinkAnew(p, roles[0]), ch.Now)
	ch.Audit(store.AuditEntry{Programme: p.ID, By: l.Person, Did: "confirmed another address", To: l.Person, At: ch.Now})
	return s.commit(w, r, ch, askLink, "address", nil)
}

// askLink is where somebody asks for their link once more.
const askLink = "/emails/"

// askLinkPage is what the form to ask for one's link shows.
type askLinkPage struct{ Email string }

// saidOfLinks is what has just been done by who has no link that opens.
var saidOfLinks = map[string]string{
	"closed":  "All links that we sent before are closed, and the address stays as it is. We have sent you a new link: it is in your newest email from us.",
	"address": "The address is yours. We have sent a link to what is yours to it: it is in your newest email from us.",
	"sent":    "If that address takes part, we have sent its link there. It comes within a few minutes.",
}

// showAskLink shows the form by which somebody asks for their link once more.
func (s *site) showAskLink(w http.ResponseWriter, r *http.Request) error {
	return s.renderAskLink(w, r, "", nil)
}

func (s *site) renderAskLink(w http.ResponseWriter, r *http.Request, entered string, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "ask-link", web.Page{Title: "Send me my link again", Data: askLinkPage{entered}, Invalid: invalid, Said: saidOfLinks[web.WhatDone(r)]})
}

// sendLink sends somebody a link to all that they take part in, in each programme in which their
// address does, and asks whoever has sent a form and not confirmed it to do so. Whoever it is,
// and if it is nobody, the answer is the same, and so is all that is done for it.
func (s *site) sendLink(w http.ResponseWriter, r *http.Request) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	address, err := email.Parse(posted.Get("email"))
	if err != nil {
		return s.renderAskLink(w, r, posted.Get("email"), &fault.Invalid{Fields: []fault.Field{{Name: "email", Message: err.Error()}}})
	}
	if err := budgets.Retried(r.Context(), func() error { return s.oweLinks(r, address) }); err != nil {
		return err
	}
	return web.Redirect(w, r, askLink+"?"+url.Values{"done": {"sent"}}.Encode())
}

// oweLinks owes whoever has an address what linksOf says of each programme, within its budget. In
// the place of each email that is not owed stands one to nobody.
func (s *site) oweLinks(r *http.Request, address email.Address) error {
	c, now, need := s.Store.Commit(), s.Now(), budgets.None
	var owed [][]outbox.Message
	var counted *budgets.Counted
	err := store.InParallel(r.Context(),
		func(ctx context.Context) (err error) { owed, err = s.linksAnywhere(ctx, address, now); return err },
		func(ctx context.Context) (err error) {
			counted, err = s.Budgets.Count(r.WithContext(ctx), nil, budget.Links, address)
			return err
		},
	)
	if err != nil {
		return err
	}
	for _, messages := range owed {
		if len(messages) > 0 {
			need = budgets.One
		}
	}
	allowed, err := counted.Take(r.Context(), c, need)
	if err != nil {
		return err
	}
	for _, messages := range owed {
		for i := range programme.Roles {
			if allowed.Email && i < len(messages) {
				c.Enqueue(r.Context(), message.Asked(messages[i], now), now)
			} else {
				c.Pretend(r.Context(), message.KindYourLink, now)
			}
		}
	}
	return c.Do(r.Context())
}

// linksAnywhere is what linksOf says of each programme.
func (s *site) linksAnywhere(ctx context.Context, address email.Address, now time.Time) ([][]outbox.Message, error) {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	owed, reads := make([][]outbox.Message, len(all)), make([]func(context.Context) error, len(all))
	for i, p := range all {
		reads[i] = func(ctx context.Context) (err error) { owed[i], err = s.linksOf(ctx, p, address, now); return err }
	}
	return owed, store.InParallel(ctx, reads...)
}

// linksOf are the messages with their links to whoever has an address in a programme: to all
// that they take part in, or to what is held about them where they have left; and for each role
// whose form waits, to that. They are as many as there are roles at most.
func (s *site) linksOf(ctx context.Context, p *programme.Programme, address email.Address, now time.Time) ([]outbox.Message, error) {
	var found []*enrolment.Enrolment
	claims := make([]*enrolment.Claim, len(programme.Roles))
	reads := []func(context.Context) error{func(ctx context.Context) (err error) {
		found, err = s.Store.EnrolmentsAt(ctx, p, address)
		return err
	}}
	for i, role := range programme.Roles {
		reads = append(reads, func(ctx context.Context) (err error) {
			claims[i], err = s.Store.NewestClaim(ctx, p.ID, enrolment.ID(p.Salt, role, address))
			return err
		})
	}
	if err := store.InParallel(ctx, reads...); err != nil {
		return nil, err
	}
	var link, data, all []outbox.Message
	for i, role := range programme.Roles {
		claim := claims[i]
		i := slices.IndexFunc(found, func(e *enrolment.Enrolment) bool { return e.Role == role })
		switch {
		case i >= 0 && found[i].State == enrolment.Withdrawn:
			data = []outbox.Message{message.YourData(p, found[i], now)}
		case i >= 0 && found[i].State == enrolment.Unconfirmed: // which an earlier version stored
			all = append(all, message.ConfirmEnrolmentAsked(p, enrolment.ClaimOf(found[i]), now))
		case i >= 0:
			link = []outbox.Message{message.YourLink(p, found[i], "", now)}
		case claim != nil && claim.Waits(now):
			all = append(all, message.ConfirmEnrolmentAsked(p, claim, now))
		}
	}
	if link == nil {
		link = data
	}
	return append(all, link...), nil
}
