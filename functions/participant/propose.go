package participant

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// proposePage is what the form to propose times shows.
type proposePage struct {
	pairingPage
	// when has the length and the place of all.
	when
	Slots []slot
	// Seen is the id of what is proposed as the person sees it, so that what the other
	// proposes meanwhile is not overwritten.
	Seen string
	// Usual are the half-days in which both can usually meet.
	Usual []string
}

// slot is one of the times as it is entered.
type slot struct {
	when
	N int
	// Label names its date, and Which tells it from the others.
	Label, Which string
}

// soonest is how far ahead times are suggested: the other has to answer before.
const soonest = 3 * 24 * time.Hour

func (s *site) showPropose(w http.ResponseWriter, r *http.Request) error {
	p, page, err := s.paired(r)
	if err != nil {
		return err
	}
	if !page.CanBook() { // it would be refused
		return web.Redirect(w, r, page.Link)
	}
	data := proposePage{pairingPage: page, when: when{Minutes: strconv.Itoa(p.Sessions.Minutes)}, Seen: page.Pairing.Proposal.ID}
	both := slices.DeleteFunc(slices.Clone(page.Self.Availability), func(id string) bool { return !slices.Contains(page.Other.Availability, id) })
	suggested := calendar.Of(p, page.Self.Organisation.Region, "").InHalfDays(both, s.Now().Add(soonest), pairing.MostProposed)
	for _, at := range suggested {
		data.Slots = append(data.Slots, slot{when: asEntered(&pairing.Session{StartsAt: at}, p.Location())})
	}
	return s.renderPropose(w, r, p, data, nil)
}

func (s *site) renderPropose(w http.ResponseWriter, r *http.Request, p *programme.Programme, data proposePage, invalid *fault.Invalid) error {
	for _, h := range enrolment.HalfDays {
		if slices.Contains(data.Self.Availability, h.ID) && slices.Contains(data.Other.Availability, h.ID) {
			data.Usual = append(data.Usual, h.Name)
		}
	}
	for i := range pairing.MostProposed {
		if i == len(data.Slots) {
			data.Slots = append(data.Slots, slot{})
		}
		data.Slots[i].N, data.Slots[i].Which = i+1, []string{"first", "second", "third"}[i]
		data.Slots[i].Label = []string{"First date", "Second date (optional)", "Third date (optional)"}[i]
	}
	return s.Pages.Show(w, r, "propose", web.Page{Title: "Propose times to " + data.Other.Person.Name, Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// entered takes what is proposed from a form; unclear says of each time, by its field, what is
// wrong with how it was entered.
func (d *proposePage) entered(form url.Values, zone *time.Location) (x pairing.Proposal, unclear map[string]*fault.Invalid) {
	d.when, d.Seen = entered(form), strings.TrimSpace(form.Get("seen"))
	b, _ := d.booking(zone)
	x = pairing.Proposal{ID: rand.Text(), By: d.Role, Minutes: b.Minutes, Place: b.Place, Way: b.Way}
	unclear = map[string]*fault.Invalid{}
	for i := range pairing.MostProposed {
		n := strconv.Itoa(i + 1)
		value := func(name string) string { return text.Tidy(form.Get(name)) }
		one := slot{when: when{Day: value("date-" + n), Month: value("date-" + n + "-month"), Year: value("date-" + n + "-year"), Time: value("time-" + n)}}
		d.Slots = append(d.Slots, one)
		if one.Day+one.Month+one.Year == "" { // a time alone is what was suggested
			continue
		}
		at, err := calendar.Entered{Day: one.Day, Month: one.Month, Year: one.Year, Time: one.Time}.In(zone)
		var invalid *fault.Invalid
		if errors.As(err, &invalid) {
			unclear[n] = invalid
			continue
		}
		x.Times = append(x.Times, at)
	}
	return x, unclear
}

// propose puts times before the other, who is written to, in one commit. Sent twice, it is
// once; what the other has proposed or picked meanwhile is not overwritten.
func (s *site) propose(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	data, ch := proposePage{pairingPage: page}, s.change(p)
	x, unclear := data.entered(posted, p.Location())
	x.ByAssistant = data.Assistant
	if len(unclear) > 0 {
		return s.renderPropose(w, r, p, data, inSlots(unclear))
	}
	pair := data.Pairing
	changed, err := pair.Propose(x, data.Seen, data.Most, ch.Now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderPropose(w, r, p, data, invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didProposeTimes, err)
	}
	ch.Save(r.Context(), pair, message.TimesProposed, data.Role.Other())
	if data.Other.Assistant.Picks() {
		ch.Enqueue(r.Context(), message.AssistantTimes(p, pair, data.Role.Other()), ch.Now)
	}
	return s.commit(w, r, ch, data.Link, didProposeTimes, nil)
}

// inSlots is what is wrong with times, each at its own fields.
func inSlots(unclear map[string]*fault.Invalid) *fault.Invalid {
	all := new(fault.Invalid)
	for i := range pairing.MostProposed {
		n := strconv.Itoa(i + 1)
		if invalid := unclear[n]; invalid != nil {
			for _, f := range invalid.Fields {
				all.Add(f.Name+"-"+n, "%s", f.Message)
			}
		}
	}
	return all
}

// pick books the session at one of the times that the other has proposed, and owes both its
// calendar invitation, in one commit. Sent twice, it is one session.
func (s *site) pick(w http.ResponseWriter, r *http.Request) error {
	p, data, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	pair, now := data.Pairing, s.Now()
	seen := strings.TrimSpace(posted.Get("seen"))
	if _, there := pair.Dates[seen]; there {
		return web.Done(w, r, data.Link, didBook)
	}
	unix, _ := strconv.ParseInt(posted.Get("at"), 10, 64) // 0 is none of them
	session, err := pair.Pick(seen, time.Unix(unix, 0), data.Role, p.ID, data.Most, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		if data.Assistant {
			return s.renderTimes(w, r, p, data, invalid)
		}
		return s.renderPairing(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	session.ByAssistant = data.Assistant
	c := s.change(p)
	if err := c.TakeBack(r.Context(), pair); err != nil {
		return s.noRoom(r, p, pair.ID, err)
	}
	s.addSession(r, c, session)
	c.Save(r.Context(), pair, nil)
	return s.commit(w, r, c, data.Link, didBook, nil)
}
