package participant

import (
	"net/http"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// pairingPage is what the pages of a pairing show to one side.
type pairingPage struct {
	Link     string
	Role     programme.Role
	Pairing  *pairing.Pairing
	Sessions []sessionRow
	Other    *enrolment.Enrolment
	// CanFinish: the least number of sessions was held and the pairing goes on.
	CanFinish bool
}

// sessionRow is one session as its reader sees it.
type sessionRow struct {
	*pairing.Session
	// CanLog: it has started and the reader has written no log yet.
	CanLog bool
	// CanMove and CanCancel: it is booked and has not begun.
	CanMove, CanCancel bool
	// Mine is the reader's own log, or nil.
	Mine *pairing.Log
}

// paired is the pairing that the request's link is for, for its person.
func (s *site) paired(r *http.Request) (*programme.Programme, pairingPage, error) {
	l, err := link.Of(r)
	if err != nil {
		return nil, pairingPage{}, err
	}
	p, err := s.Store.Programme(r.Context(), l.Programme)
	if err != nil {
		return nil, pairingPage{}, err
	}
	pair, err := s.Store.Pairing(r.Context(), p.ID, l.Pairing)
	if err != nil {
		return nil, pairingPage{}, err
	}
	other, err := s.Store.Enrolment(r.Context(), p.ID, pair.Enrolment(l.Role.Other()))
	if err != nil {
		return nil, pairingPage{}, err
	}
	return p, pairingPage{
		Link: link.Path(r, purpose.Pairing), Role: l.Role, Pairing: pair, Other: other,
		CanFinish: pair.State == pairing.Active && pair.Held >= p.Sessions.Minimum,
	}, nil
}

func (s *site) showPairing(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	sessions, err := s.Store.Sessions(r.Context(), p.ID, data.Pairing.ID)
	if err != nil {
		return err
	}
	logs, err := s.Store.Logs(r.Context(), p.ID, data.Pairing.ID, data.Role)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, session := range sessions {
		row := sessionRow{
			Session:   session,
			CanLog:    !now.Before(session.StartsAt) && !session.Logged[string(data.Role)] && session.State != pairing.Cancelled,
			CanCancel: session.Changeable(now),
		}
		row.CanMove = row.CanCancel && data.Pairing.State == pairing.Active
		for _, l := range logs {
			if l.Session == session.ID {
				row.Mine = l
			}
		}
		data.Sessions = append(data.Sessions, row)
	}
	title := "Your sessions with " + data.Other.Person.Name
	return s.Pages.Show(w, r, "pairing", web.Page{Title: title, Programme: p, Data: data})
}

// finish ends the pairing at one side's word.
func (s *site) finish(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	if _, err := web.Form(r); err != nil {
		return err
	}
	pair, now := data.Pairing, s.Now()
	if pair.State == pairing.Active {
		if err := pair.Finish(p.Sessions.Minimum, now); err != nil {
			return err
		}
		pair.UpdatedAt = now
		c := s.Store.Commit()
		c.UpdatePairing(p.ID, pair)
		c.LogTransition("pairing", pair.ID, string(pair.State))
		if err := matches.End(r.Context(), s.Store, c, p.ID, pair, now); err != nil {
			return err
		}
		if err := c.Do(r.Context()); err != nil {
			return err
		}
	}
	return web.Redirect(w, r, data.Link)
}
