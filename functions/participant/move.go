package participant

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// movePage is what the form to move a session shows.
type movePage struct {
	changePage
	when
}

func (s *site) showMove(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.changing(r)
	if err != nil {
		return err
	}
	if !data.Session.Changeable(s.Now()) || data.Pairing.State != pairing.Active { // it would be refused
		return web.Redirect(w, r, data.Link)
	}
	return s.renderMove(w, r, p, movePage{data, asEntered(data.Session, p.Location())}, nil)
}

// asEntered is a session's time, length and place as a form has them.
func asEntered(s *pairing.Session, zone *time.Location) when {
	at := s.StartsAt.In(zone)
	return when{at.Format("2"), at.Format("1"), at.Format("2006"), at.Format("15:04"), strconv.Itoa(s.Minutes), s.Place, string(s.Way)}
}

func (b when) sameTime(other when) bool {
	return b.Day == other.Day && b.Month == other.Month && b.Year == other.Year && b.Time == other.Time
}

func (s *site) renderMove(w http.ResponseWriter, r *http.Request, p *programme.Programme, data movePage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "move", web.Page{Title: "Move session " + strconv.Itoa(data.Session.Number), Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// move books a session anew and owes both the news, in one commit. Sent twice, it
// is one change; what the other side changed meanwhile is not overwritten.
func (s *site) move(w http.ResponseWriter, r *http.Request) error {
	p, page, posted, err := s.changeForm(r)
	if err != nil {
		return err
	}
	data := movePage{page, entered(posted)}
	booking, unclear := data.booking(p.Location())
	session, now := data.Session, s.Now()
	if data.sameTime(asEntered(session, p.Location())) { // also in the hour that comes twice
		booking.StartsAt, unclear = session.StartsAt, nil
	}
	moved, err := data.Pairing.Move(session, seen(data.Seen), booking, now)
	if invalid := toCorrect(err, unclear); invalid != nil {
		return s.renderMove(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	if moved {
		if err := s.saveChange(r, p, page, now, "moved", message.SessionMoved); err != nil {
			return err
		}
	}
	return web.Done(w, r, data.Link, didMove)
}
