// Package messages is the desk's pages about emails: those that did not go.
package messages

import (
	"embed"
	"net/http"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Pages are the templates.
//
//go:embed pages/*.html
var Pages embed.FS

// Handlers answer at the pages about emails.
type Handlers struct{ *site.Site }

// emailsPage lists the emails that were set aside: refused for good, turned away by
// the recipient's server, or not to be written; and the people who are written to no
// more since their address failed or they reported an email.
type emailsPage struct {
	SetAside []emailRow
	// Held is how many wait for a fault of the host's account at the provider, and Faults
	// say which.
	Held    int
	Faults  []string
	Stopped []stoppedRow
}

// stoppedRow is somebody to whom nothing is sent, with why and since when.
type stoppedRow struct {
	*enrolment.Enrolment
	Why   string
	Since time.Time
}

// emailRow is an email with the person whom it did not reach.
type emailRow struct {
	*outbox.Message
	About string
	To    *enrolment.Enrolment // nil for staff, and for somebody who is gone
	// Unconfirmed is the address of a form that nobody has confirmed; "" for any other.
	Unconfirmed string
	// Why says what is wrong and what to do about it.
	Why string
}

// why says in a coordinator's words why an email was set aside, and what to do.
func why(m *outbox.Message) string {
	switch m.Outcome {
	case outbox.Bounced:
		return "Their address does not take emails. Call them and ask for another one, and change it on their page. Nothing more is sent to this one until you try again."
	case outbox.Dropped:
		return "Our email provider does not write to this address any more, since it turned earlier emails away. Call them and ask for another one, and change it on their page. If the address is right, try again: the provider is then told to try, too."
	case outbox.Invalid:
		return "Our email provider does not take this for an address. Check how it is written, call them and ask, and change it on their page."
	case outbox.BoxFull:
		return "Their mailbox has been full for days. Call them: once there is room, try again. Nothing else that we send them is held up."
	case outbox.PutOff:
		return "Their email server has put it off for days, or was not to be reached. Call them and ask whether they get other emails, or for another address. Nothing else that we send them is held up."
	case outbox.Blocked:
		return "Their email server has turned it away for days, for what it takes it for or for where it came from. If that happens with several people, tell whoever looks after this system. Otherwise call them."
	case outbox.Held:
		return "Their email server does not take emails from us as they are set up. Tell whoever looks after this system; try again when that is mended."
	case outbox.SpamReport:
		return "They have reported an email of ours as spam, and our email provider writes to them no more. Call them before you try again."
	case outbox.Unsubscribed:
		return "They have told our email provider that they want no more emails, so this one did not go, although they need to know. Call them."
	case outbox.Unclear:
		return "It came back, and nobody says why. Call them and ask whether the address is right, then try again."
	}
	return "It could not be sent: " + m.Failure + ". If that happens with several emails, tell whoever looks after this system."
}

// faults say in a coordinator's words what is wrong with the host's account.
var faults = map[outbox.Fault]string{
	outbox.OverQuota:    "The host has used up the emails that its account may send.",
	outbox.WrongKey:     "The provider does not take the key of the host’s account.",
	outbox.Suspended:    "The provider has closed the host’s account.",
	outbox.BadSettings:  "The host’s account adds something to emails that the provider cannot read.",
	outbox.SpamCheck:    "The host’s account has a check for spam that refuses our emails.",
	outbox.Unauthorised: "The host’s domain does not say that the provider may send for it.",
}

// List lists the emails that were set aside.
func (h Handlers) List(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.Coordinated(r)
	if err != nil {
		return err
	}
	all, err := h.Store.Messages(r.Context(), p.ID, outbox.SetAside)
	if err != nil {
		return err
	}
	contacts, err := h.Store.Stopped(r.Context(), p.ID)
	if err != nil {
		return err
	}
	var ids, claimed []string
	for _, m := range all {
		if ids = append(ids, m.To); m.ClaimID != "" {
			claimed = append(claimed, m.ClaimID)
		}
	}
	claims, err := h.Store.ClaimsOf(r.Context(), p.ID, claimed)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		ids = append(ids, enrolment.IDs(c.ID)...)
	}
	people, err := h.Store.EnrolmentsOf(r.Context(), p.ID, ids)
	if err != nil {
		return err
	}
	held, err := h.Store.Held(r.Context(), p.ID)
	if err != nil {
		return err
	}
	data := emailsPage{Held: len(held)}
	for _, m := range held {
		if words := faults[m.Fault]; !slices.Contains(data.Faults, words) {
			data.Faults = append(data.Faults, words)
		}
	}
	for _, m := range all {
		row := emailRow{Message: m, About: message.About(m.Kind, p.Terms), To: people[m.To], Why: why(m)}
		if m.ClaimID != "" {
			row.To = nil // nobody has said that it is them
		}
		if m.Nomination != "" {
			row.Why = "An invitation that somebody passed on did not arrive. There is nothing to do, and nobody sees to whom it went."
		}
		if c := claims[m.ClaimID]; c != nil {
			row.Unconfirmed = c.Address().Shown()
		}
		data.SetAside = append(data.SetAside, row)
	}
	for _, c := range contacts {
		for _, id := range enrolment.IDs(c.ID) {
			if e := people[id]; e != nil && e.State != enrolment.Withdrawn {
				data.Stopped = append(data.Stopped, stoppedRow{e, site.Stopped[c.Stopped], c.StoppedAt})
			}
		}
	}
	said, err := h.said(r, p)
	if err != nil {
		return err
	}
	return h.Page(w, r, "emails", web.Page{Title: "Emails that did not go", Programme: p, Back: deskpath.Of(p.ID).String(), Data: data, Said: said})
}

// didTryAgain is that an email was tried again, see web.Done.
const didTryAgain = "tried"

// said is which email has just been tried again; "" where that is not so, or it has come
// back already and is listed.
func (h Handlers) said(r *http.Request, p *programme.Programme) (string, error) {
	if web.WhatDone(r) != didTryAgain {
		return "", nil
	}
	m, _, err := h.Store.Message(r.Context(), web.DoneTo(r))
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil || m.Programme != p.ID {
		return "", err
	}
	about := "The email about " + message.About(m.Kind, p.Terms)
	switch m.State {
	case outbox.SetAside:
		return "", nil
	case outbox.Sent:
		return about + " has gone.", nil
	case outbox.Unwanted:
		return about + " is not needed any more, and does not go.", nil
	}
	return about + " is tried again, and goes within some minutes. If it does not go this time either, it is listed here again.", nil
}

var errNoEmail = fault.New(fault.NotFound, "There is no such email.")

// TryAgain has an email sent that was set aside, and the person written to again.
func (h Handlers) TryAgain(w http.ResponseWriter, r *http.Request) error {
	p, staff, posted, err := h.Posted(r)
	if err != nil {
		return err
	}
	m, _, err := h.Store.Message(r.Context(), posted.Get("message"))
	if err != nil {
		return err
	}
	if m.Programme != p.ID {
		return errNoEmail
	}
	back := deskpath.Of(p.ID).Emails()
	if m.State != outbox.SetAside { // it was sent twice, or tried again by somebody else
		return web.Done(w, r, back, didTryAgain, m.ID)
	}
	now := h.Now()
	if err := m.TryAgain(now); err != nil {
		return err
	}
	m.UpdatedAt = now
	c := h.Store.Commit()
	c.UpdateMessage(m)
	if !message.ForStaff(m.Kind) {
		contact, err := h.Store.Contact(r.Context(), p.ID, m.To)
		if err != nil {
			return err
		}
		c.RestartContact(p.ID, contact, now)
	}
	c.Audit(store.AuditEntry{Programme: p.ID, By: staff.ID, Did: "tried an email again", To: m.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, back, didTryAgain, m.ID)
}
