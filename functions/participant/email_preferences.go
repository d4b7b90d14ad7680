package participant

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// emailsPage is what somebody gets, and what they want to be spared.
type emailsPage struct {
	Link string
	Me   *enrolment.Enrolment
	// Waits: another address waits to be confirmed.
	Waits bool
	// Topics are what can be declined; Wanted those that are not.
	Topics []web.Option
	Wanted []string
	// Asked is how often they were asked for something that could wait in the last 30 days.
	Asked   int
	Cadence programme.Cadence
	// MostAgain is how often they are reminded in all of what they have not done, of which Again
	// were.
	MostAgain, Again int
	// PausedUntil is when reminders begin again, or the zero time.
	PausedUntil time.Time
	Stopped     bool
	// Zones are the time zones to choose from, and Zone the person's, "" for the
	// programme's.
	Zones []web.Option
	Zone  string
}

// said is what has just been chosen, by the button's value, with what is next; "" where it
// is not so.
func (d emailsPage) said(p web.Page, did string) string {
	switch {
	case did == didAddress && d.Waits:
		return "We have sent an email to " + d.Me.NewEmail.Shown() + ". Press the button in it, and the address is yours."
	case did == "pause" && !d.PausedUntil.IsZero():
		return "Reminders are paused. They begin again on " + p.Date(d.PausedUntil) + "."
	case did == "resume" && d.PausedUntil.IsZero():
		return "Reminders come again."
	case (did == "save" || did == "must") && d.Nothing():
		return "Your choice is saved. You get only what you must have."
	case did == "save":
		return "Your choice is saved. We write to you about what is ticked below."
	case did == "zone" && d.Zone != "":
		return "Your time zone is saved. Reminders come by the time in " + place(d.Zone) + "."
	case did == "zone":
		return "Your time zone is saved. Reminders come by the programme’s time."
	}
	return ""
}

// Nothing reports whether only what everybody must have is sent.
func (d emailsPage) Nothing() bool { return len(d.Wanted) == 0 }

// topics are the words for what can be declined: what it is, and why it comes.
var topics = map[message.Topic]web.Option{
	message.Preparing:       {Text: "Getting ready", Hint: "What to read, agree or do before a match or a first session"},
	message.SessionPlanning: {Text: "Planning sessions", Hint: "A reminder to book a session, and one a week before it, so that there is time to move it"},
	message.SessionLogs:     {Text: "After sessions", Hint: "A reminder to write your log, and to tell us of calls and emails in between"},
	message.Questionnaires:  {Text: "Questionnaires", Hint: "The invitation to each questionnaire, and at most two reminders. Answers show whether the programme helps; you never have to give any"},
}

// mailed is the person whom the request's link is for, with their contact.
func (s *site) mailed(r *http.Request) (*store.Link, *programme.Programme, *contact.Contact, error) {
	p, l, err := s.linked(r)
	if err != nil {
		return nil, nil, nil, err
	}
	c, err := s.Store.Contact(r.Context(), p.ID, l.Person)
	return l, p, c, err
}

func (s *site) showEmails(w http.ResponseWriter, r *http.Request) error {
	l, p, c, err := s.mailed(r)
	if err != nil {
		return err
	}
	return s.renderEmails(w, r, l, p, c, web.WhatDone(r))
}

func (s *site) renderEmails(w http.ResponseWriter, r *http.Request, l *store.Link, p *programme.Programme, c *contact.Contact, did string) error {
	now := s.Now()
	data := emailsPage{Link: link.Path(r, purpose.Emails), Me: l.Owner, Waits: l.Owner.AddressWaits(now), Cadence: p.Cadence.Filled(), MostAgain: p.MostAgain(), Again: c.Again, Stopped: c.Stopped != "",
		Asked: c.Asked(calendar.Of(p, "", c.Zone), now, contact.Month)}
	for _, t := range message.Topics {
		data.Topics = append(data.Topics, web.Option{Value: string(t), Text: topics[t].Text, Hint: topics[t].Hint})
		if c.Wants(t) {
			data.Wanted = append(data.Wanted, string(t))
		}
	}
	data.Zones, data.Zone = zones(p, c), c.Zone
	if c.Snoozed(now) {
		data.PausedUntil = c.SnoozedUntil
	}
	page := web.Page{Title: "Which emails you get", Programme: p, Data: data}
	page.Said = data.said(page, did)
	return s.Pages.Show(w, r, "emails", page)
}

// zones are the programme's time zone, those that many live in, and the person's own.
func zones(p *programme.Programme, c *contact.Contact) []web.Option {
	all := []web.Option{{Text: "The programme’s: " + place(p.Location().String())}}
	names := calendar.Zones
	if c.Zone != "" && !slices.Contains(names, c.Zone) {
		names = append([]string{c.Zone}, names...)
	}
	for _, name := range names {
		if name != p.Location().String() {
			all = append(all, web.Option{Value: name, Text: place(name)})
		}
	}
	return all
}

// place is a time zone's name as people read it, such as "New York (America)".
func place(zone string) string {
	region, name, ok := strings.Cut(strings.ReplaceAll(zone, "_", " "), "/")
	if !ok {
		return zone
	}
	return name + " (" + region + ")"
}

// chooseEmails changes what somebody gets: by a button of the page, or by one of
// their mail program, which declines what the email was about and wants no page.
func (s *site) chooseEmails(w http.ResponseWriter, r *http.Request) error {
	l, p, c, err := s.mailed(r)
	if err != nil {
		return err
	}
	oneClick, err := web.OneClick(r)
	if err != nil {
		return err
	}
	now, before := s.Now(), *c
	switch do := r.PostForm.Get("do"); {
	case oneClick && len(l.Topics) == 0, do == "must":
		c.Want()
	case oneClick:
		c.Decline(l.Topics...)
	case do == "save":
		var wanted []message.Topic
		for _, t := range r.PostForm["topics"] {
			if !message.Topic(t).Known() {
				return fault.New(fault.NotFound, "There are no emails of that kind.")
			}
			wanted = append(wanted, message.Topic(t))
		}
		c.Want(wanted...)
	case do == "pause" && !c.Snoozed(now): // pressed twice, it is one week
		c.Snooze(calendar.Of(p, "", c.Zone), now)
	case do == "pause":
	case do == "resume":
		c.Resume()
	case do == "zone":
		zone := r.PostForm.Get("zone")
		if zone == p.Location().String() {
			zone = "" // as it was named when it was chosen
		}
		if !c.SetZone(zone, now) {
			return fault.New(fault.NotFound, "There is no such time zone.")
		}
	default:
		return fault.New(fault.NotFound, "There is no such choice. Go back, and choose what the page offers.")
	}
	if changed := !slices.Equal(c.Declined, before.Declined) || !c.SnoozedUntil.Equal(before.SnoozedUntil) || c.Zone != before.Zone; changed {
		commit := s.Store.Commit()
		commit.SaveContact(p.ID, c, now)
		commit.Audit(store.AuditEntry{Programme: p.ID, By: l.Person, Did: "chose which emails they get", To: l.Person, At: now})
		if err := commit.Do(r.Context()); err != nil {
			return err
		}
	}
	if oneClick {
		return s.renderEmails(w, r, l, p, c, "save")
	}
	return web.Done(w, r, link.Path(r, purpose.Emails), r.PostForm.Get("do"))
}
