package participant

import (
	"errors"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// pausePage is what the form to pause shows.
type pausePage struct {
	pairingPage
	when
	// Lent: the places go to others meanwhile.
	Lent bool
}

func (s *site) showPause(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	if data.Pairing.State != pairing.Active {
		return web.Redirect(w, r, data.Link)
	}
	return s.renderPause(w, r, p, pausePage{pairingPage: data}, nil)
}

func (s *site) renderPause(w http.ResponseWriter, r *http.Request, p *programme.Programme, data pausePage, invalid *fault.Invalid) error {
	data.Lent = p.Sessions.Paused == programme.Lent
	return s.Pages.Show(w, r, "pause", web.Page{Title: "Pause your sessions", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// pause has the pairing rest until a date at one side's word: the sessions until then are
// cancelled, the other is told, and who asked is reminded of nothing meanwhile, in one commit.
func (s *site) pause(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	data := pausePage{pairingPage: page, when: entered(posted)}
	// They are back from the start of the day on.
	until, unclear := calendar.Entered{Day: data.Day, Month: data.Month, Year: data.Year, Time: "00:00"}.In(p.Location())
	pair, ch := data.Pairing, s.change(p)
	changed, err := pair.Pause(data.Role, until, ch.Now)
	var invalid, of *fault.Invalid
	if errors.As(err, &invalid) {
		if invalid.Fields[0].Name = "date"; errors.As(unclear, &of) {
			invalid = of
		}
		return s.renderPause(w, r, p, data, invalid)
	}
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didPause, err)
	}
	contact, err := s.Store.Contact(r.Context(), p.ID, pair.Enrolment(data.Role))
	if err != nil {
		return err
	}
	contact.SnoozeUntil(until)
	ch.SaveContact(p.ID, contact, ch.Now)
	err = ch.Pause(r.Context(), pair)
	ch.Save(r.Context(), pair, message.PairingPaused, data.Role.Other())
	return s.commit(w, r, ch, data.Link, didPause, err)
}

// resume ends a pause before its time.
func (s *site) resume(w http.ResponseWriter, r *http.Request) error {
	p, data, _, err := s.pairingForm(r)
	if err != nil {
		return err
	}
	pair, ch := data.Pairing, s.change(p)
	changed, err := pair.Resume(data.Role, ch.Now)
	if err != nil || !changed {
		return doneOr(w, r, data.Link, didResume, err)
	}
	contact, err := s.Store.Contact(r.Context(), p.ID, enrolment.PersonOf(pair.Enrolment(data.Role)))
	if err != nil {
		return err
	}
	contact.Resume()
	ch.SaveContact(p.ID, contact, ch.Now)
	ch.Save(r.Context(), pair, message.PairingResumed, data.Role.Other())
	return s.commit(w, r, ch, data.Link, didResume, nil)
}
