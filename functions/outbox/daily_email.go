package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

// plan is what is to be done about a message and what waits for the same person.
type plan struct {
	// changed are those that are not wanted or wait for later.
	changed []*outbox.Message
	// bundle goes now; nil for nothing.
	bundle *bundle
}

// choose plans what of the wanted goes now, as one email.
func (s *sender) choose(ctx context.Context, g *group, v *verdict, at moment) (*plan, error) {
	goes, later, err := s.together(ctx, g, v.wanted, at)
	if err != nil {
		return nil, err
	}
	p := &plan{append(v.changed, later...), goes}
	if g.message.State.Final() {
		// Those that were to go with it stand for themselves now.
		for _, a := range v.wanted {
			if a.With == g.message.ID {
				a.With = ""
				a.Wait(at.programme)
				p.changed = append(p.changed, a.Message)
			}
		}
		p.bundle = nil
	}
	return p, nil
}

// together puts what of the wanted goes now into one email, and puts the rest off:
// later are those that wait, or that the person does not want.
func (s *sender) together(ctx context.Context, g *group, wanted []*about, at moment) (goes *bundle, later []*outbox.Message, err error) {
	m, c := g.message, g.contact
	i := slices.IndexFunc(wanted, func(a *about) bool { return a.ID == m.ID })
	if i < 0 {
		return nil, nil, nil
	}
	mine := wanted[i]
	if c == nil {
		return newBundle([]*about{mine}), nil, nil
	}
	in := contact.Conditions{Calendar: calendar.Of(mine.programme, mine.me.Organisation.Region, c.Zone), Cadence: mine.programme.Cadence, Now: at.programme}
	if daily(m) {
		if in.Meetings, err = s.meetings(ctx, m.Programme, places(g, wanted), at.programme); err != nil {
			return nil, nil, err
		}
	}
	pending := make([]contact.Pending, len(wanted))
	for i, a := range wanted {
		pending[i] = contact.Pending{ID: a.ID, Kind: a.Kind, Step: a.Step, Session: a.Session, Until: a.Until}
	}
	decision := c.Decide(in, pending)

	find := func(id string) *about {
		return wanted[slices.IndexFunc(wanted, func(a *about) bool { return a.ID == id })]
	}
	for _, r := range decision.Unwanted {
		a := find(r.ID)
		a.Drop(string(r.Why))
		later = append(later, a.Message)
	}
	now := decision.Together
	if slices.ContainsFunc(decision.Alone, func(p contact.Pending) bool { return p.ID == m.ID }) {
		now = []contact.Pending{{ID: m.ID}}
	}
	again := len(now) > 0 && find(now[0].ID).Attempts > find(now[0].ID).Retried
	for _, w := range decision.Waiting {
		a := find(w.ID)
		if again && a.With == now[0].ID { // it shares the lead's place, and goes along again
			now = append(now, w.Pending)
			continue
		}
		a.With = ""
		putOff(a.Message, w.Until, at)
		later = append(later, a.Message)
	}
	if len(now) == 0 {
		return nil, later, nil
	}
	var all []*about
	for _, p := range now {
		all = append(all, find(p.ID))
	}
	goes = newBundle(all)
	if daily(m) {
		for _, a := range all {
			c.AddEnrolment(a.To)
		}
		c.Record(in.Calendar, now, at.programme)
		goes.contact = c
	}
	return goes, later, nil
}

// places are the ids of the person's matches and pairings, in whichever role.
func places(g *group, wanted []*about) []string {
	mine := slices.Clone(g.others)
	for _, a := range wanted {
		mine = append(mine, a.me)
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
	for _, x := range sessions {
		if x.State == pairing.Booked {
			meetings = append(meetings, contact.Meeting{Session: x.ID, StartsAt: x.StartsAt})
		}
	}
	return meetings, nil
}
