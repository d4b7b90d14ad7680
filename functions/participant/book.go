package participant

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

// bookPage is what the form to book a session shows.
type bookPage struct {
	pairingPage
	when
	// Form makes the same form sent twice one session: it is the session's id.
	Form string
}

// when is a session's time, length and place as they are entered.
type when struct{ Day, Month, Year, Time, Minutes, Place, Way string }

// Ways are how the two can meet.
func (b when) Ways() (all []web.Option) {
	for _, c := range pairing.Ways {
		all = append(all, web.Option{Value: c.ID, Text: c.Name})
	}
	return all
}

// Date is the day, the month and the year.
func (b when) Date() []string { return []string{b.Day, b.Month, b.Year} }

// entered reads them from a form.
func entered(form url.Values) when {
	value := func(name string) string { return text.Tidy(form.Get(name)) }
	return when{value("date"), value("date-month"), value("date-year"), value("time"), value("minutes"), value("place"), form.Get("way")}
}

// booking is what was entered, in the programme's zone; unclear is what is wrong with the
// date and the time, which is the zero time then.
func (b when) booking(zone *time.Location) (booking pairing.Booking, unclear error) {
	booking.StartsAt, unclear = calendar.Entered{Day: b.Day, Month: b.Month, Year: b.Year, Time: b.Time}.In(zone)
	booking.Minutes, _ = strconv.Atoi(b.Minutes) // 0 is refused
	booking.Place, booking.Way = b.Place, pairing.Way(b.Way)
	return booking, unclear
}

// toCorrect is what a refused booking's form says, or nil for any other error.
func toCorrect(err, unclear error) *fault.Invalid {
	var invalid, of *fault.Invalid
	if errors.As(err, &invalid) && errors.As(unclear, &of) { // the first field is that there is no time
		invalid.Fields = append(of.Fields, invalid.Fields[1:]...)
	}
	return invalid
}

func (s *site) showBook(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	if !data.CanBook() { // it would be refused
		return web.Redirect(w, r, data.Link)
	}
	return s.renderBook(w, r, p, bookPage{data, when{Minutes: strconv.Itoa(p.Sessions.Minutes)}, rand.Text()}, nil)
}

func (s *site) renderBook(w http.ResponseWriter, r *http.Request, p *programme.Programme, data bookPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "book", web.Page{Title: "Book a session", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// book adds a session and owes both its calendar invitation, in one commit.
func (s *site) book(w http.ResponseWriter, r *http.Request) error {
	p, page, err := s.paired(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	data := bookPage{page, entered(posted), strings.TrimSpace(posted.Get("form"))}
	if !web.FormID(data.Form) {
		return fault.New(fault.Conflict, "This form is out of date. Go back to your sessions and book again.")
	}
	booking, unclear := data.booking(p.Location())
	pair, now := page.Pairing, s.Now()
	if _, there := pair.Dates[data.Form]; there {
		return s.bookedBefore(w, r, p, data, booking)
	}
	session, err := pair.Book(data.Form, p.ID, page.Role, booking, page.Most, now)
	if invalid := toCorrect(err, unclear); invalid != nil {
		return s.renderBook(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	c := s.change(p)
	if err := c.TakeBack(r.Context(), pair); err != nil {
		return s.noRoom(r, p, pair.ID, err)
	}
	s.addSession(r, c, session)
	c.Save(r.Context(), pair, nil)
	err = c.Do(r.Context())
	if store.IsConflict(err) {
		// Sent twice: the session is there. Otherwise the other side changed the
		// pairing in this moment, and the person should look before booking again.
		if again := s.bookedBefore(w, r, p, data, booking); !fault.Is(again, fault.NotFound) {
			return again
		}
	}
	return doneOr(w, r, data.Link, didBook, err)
}

// addSession adds a session that was booked, and owes both its calendar invitation.
func (s *site) addSession(r *http.Request, c *matches.Change, session *pairing.Session) {
	c.CreateSession(session)
	c.LogTransition("session", session.ID, string(session.State))
	for _, role := range programme.Roles {
		c.Enqueue(r.Context(), message.SessionBooked(c.Programme, session, role), c.Now)
	}
}

// bookedBefore answers to a form that has booked a session before: it is sent twice, or was
// changed on a page that the browser kept. The error is NotFound where it has booked none.
func (s *site) bookedBefore(w http.ResponseWriter, r *http.Request, p *programme.Programme, data bookPage, booking pairing.Booking) error {
	sent, err := s.Store.Session(r.Context(), p.ID, data.Pairing.ID, data.Form)
	if err == nil && !sent.Booking().Is(booking) {
		err = fault.New(fault.Conflict, "This form has booked session %d already, for %s. Go back to your sessions to book another.", sent.Number, web.When(sent.StartsAt, p.Location()))
	}
	return doneOr(w, r, data.Link, didBook, err)
}

// noRoom has the coordinator see to a pairing whose places others have since it paused.
func (s *site) noRoom(r *http.Request, p *programme.Programme, id string, why error) error {
	pair, err := s.Store.Pairing(r.Context(), p.ID, id) // as it is, without what was refused
	if err != nil {
		return err
	}
	if !pair.Overdue {
		ch := s.change(p)
		pair.Overdue = true
		ch.Save(r.Context(), pair, nil)
		if err := ch.Do(r.Context()); err != nil && !store.IsConflict(err) {
			return err
		}
	}
	return why
}
