package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// choose chooses what of the wanted goes now, as one email, and puts the rest off.
func (s *sender) choose(ctx context.Context, g *group, wanted []*about, server, now time.Time, plan *plan) error {
	m, c := g.message, g.contact
	i := slices.IndexFunc(wanted, func(a *about) bool { return a.ID == m.ID })
	if i < 0 {
		return nil
	}
	mine := wanted[i]
	if c == nil {
		plan.post = &post{lead: m, about: []*about{mine}}
		return nil
	}
	at := contact.Conditions{Calendar: calendar.Of(mine.programme, mine.subject.Person.Organisation.Region, c.Zone), Cadence: mine.programme.Cadence,
		MostAgain: mine.programme.MostAgain(), Now: now}
	if bundles(m) {
		var err error
		if at.Meetings, err = s.meetings(ctx, m.Programme, places(g, wanted), now); err != nil {
			return err
		}
	}
	pending := make([]contact.Pending, len(wanted))
	for i, a := range wanted {
		pending[i] = contact.Pending{ID: a.ID, Kind: a.Kind, Step: a.Step, Session: a.Session, Until: a.Until}
	}
	decision := c.Decide(at, pending)

	find := func(id string) *about {
		return wanted[slices.IndexFunc(wanted, func(a *about) bool { return a.ID == id })]
	}
	for _, r := range decision.Unwanted {
		a := find(r.ID)
		a.Drop(string(r.Why))
		plan.changed = append(plan.changed, a.Message)
	}
	goes := decision.Together
	if slices.ContainsFunc(decision.Alone, func(p contact.Pending) bool { return p.ID == m.ID }) {
		goes = []contact.Pending{{ID: m.ID}}
	}
	again := len(goes) > 0 && find(goes[0].ID).Attempts > find(goes[0].ID).Retried
	for _, w := range decision.Waiting {
		a := find(w.ID)
		if again && a.With == goes[0].ID { // it shares the lead's place, and goes along again
			goes = append(goes, w.Pending)
			continue
		}
		a.With = ""
		putOff(a.Message, w.Until, server, now)
		plan.changed = append(plan.changed, a.Message)
	}
	if len(goes) == 0 {
		return nil
	}
	lead := find(goes[0].ID)
	plan.post = &post{lead: lead.Message}
	for i, p := range goes {
		a := find(p.ID)
		plan.post.about = append(plan.post.about, a)
		if i > 0 {
			plan.post.followers = append(plan.post.followers, a.Message)
		}
	}
	if bundles(m) {
		for _, a := range plan.post.about {
			c.AddEnrolment(a.To)
		}
		c.Record(at.Calendar, goes, now)
		plan.post.contact = c
	}
	return nil
}

// putOff makes a message wait. One in doubt stays so, since its report may yet come.
func putOff(m *outbox.Message, until, server, now time.Time) {
	if m.State == outbox.InDoubt {
		m.DueAt = server.Add(until.Sub(now))
		return
	}
	m.Wait(until)
}

// bundles reports whether a message shares the day's email with others.
func bundles(m *outbox.Message) bool {
	class := message.ClassOf(m.Kind)
	return (class == message.News || class == message.Reminder) && !message.ForStaff(m.Kind)
}

// places are the ids of the person's matches and pairings, in whichever role.
func places(g *group, wanted []*about) []string {
	mine := slices.Clone(g.others)
	for _, a := range wanted {
		mine = append(mine, a.subject.Person)
	}
	var all []string
	for _, e := range mine {
		for _, id := range e.Places {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}

// meetings are the booked sessions of pairings from today on.
func (s *sender) meetings(ctx context.Context, p string, pairings []string, now time.Time) ([]contact.Meeting, error) {
	sessions, err := s.Store.SessionsFrom(ctx, p, pairings, now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	var meetings []contact.Meeting
	for _, session := range sessions {
		if session.State == pairing.Booked {
			meetings = append(meetings, contact.Meeting{Session: session.ID, StartsAt: session.StartsAt})
		}
	}
	return meetings, nil
}
