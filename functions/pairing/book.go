package pairing

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// bookPage is what the form to book a session shows.
type bookPage struct {
	pairingPage
	// Form makes the same form sent twice one session: it is the session's id.
	Form                                   string
	Day, Month, Year, Time, Minutes, Place string
}

// startsAt is the time that was entered, in the programme's zone. Where it is
// none, it is the zero time, and unclear says what to correct where the date is
// right and its time is not.
func (b bookPage) startsAt(zone *time.Location) (at time.Time, unclear string) {
	day, err := time.Parse("2006-1-2", b.Year+"-"+b.Month+"-"+b.Day)
	if err != nil {
		return time.Time{}, ""
	}
	entered := strings.NewReplacer(" ", "", "a.m.", "am", "p.m.", "pm", ".", ":").Replace(strings.ToLower(b.Time))
	for _, form := range []string{"15:04", "1504", "3:04pm", "3pm"} {
		clock, err := time.Parse(form, entered)
		if err != nil {
			continue
		}
		if form == "15:04" && clock.Hour() < 7 && !strings.HasPrefix(entered, "0") {
			return time.Time{}, "Enter whether you mean " + entered + "am or " + entered + "pm"
		}
		t := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
		if t.Hour() != clock.Hour() {
			return time.Time{}, "Enter another time: the clocks go forward on that day, and leave this hour out"
		}
		return t.UTC(), ""
	}
	return time.Time{}, "Enter a time, like 14:00 or 2pm"
}

func (s *site) showBook(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.paired(r)
	if err != nil {
		return err
	}
	return s.renderBook(w, r, p, bookPage{pairingPage: data, Form: rand.Text(), Minutes: strconv.Itoa(p.Sessions.Minutes)}, nil)
}

func (s *site) renderBook(w http.ResponseWriter, r *http.Request, p *programme.Programme, data bookPage, invalid *fault.Invalid) error {
	return s.pages.Show(w, r, "book", web.Page{Title: "Book a session", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
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
	value := func(name string) string { return strings.TrimSpace(posted.Get(name)) }
	data := bookPage{
		pairingPage: page, Form: value("form"), Day: value("date"), Month: value("date-month"), Year: value("date-year"),
		Time: value("time"), Minutes: value("minutes"), Place: strings.Join(strings.Fields(value("place")), " "),
	}
	if !web.FormID(data.Form) {
		return fault.New(fault.Conflict, "This form is out of date. Go back to your sessions and book again.")
	}
	minutes, _ := strconv.Atoi(data.Minutes) // 0 is refused
	startsAt, unclear := data.startsAt(p.Location())
	x, now := page.Pairing, s.Now()
	session, err := x.Book(data.Form, p.ID, page.Role, pairing.Booking{StartsAt: startsAt, Minutes: minutes, Place: data.Place}, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		if unclear != "" { // the first field is the date, which is right
			invalid.Fields[0] = fault.Field{Name: "time", Message: unclear}
		}
		return s.renderBook(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	x.UpdatedAt = now
	c := s.Store.Commit()
	c.CreateSession(session)
	c.UpdatePairing(p.ID, x)
	for _, role := range programme.Roles {
		c.Owe(r.Context(), outbox.Message{
			ID: outbox.ID(outbox.SessionBooked, x.Enrolment(role), x.ID+"/"+session.ID, ""), Kind: outbox.SessionBooked,
			Programme: p.ID, To: x.Enrolment(role), Role: role, Pairing: x.ID, Session: session.ID,
		}, now)
	}
	err = c.Do(r.Context())
	if store.Beaten(err) {
		// Sent twice: the session is there. Otherwise the other side changed the
		// pairing in this moment, and the person should look before booking again.
		if sent, missing := s.Store.Session(r.Context(), p.ID, x.ID, session.ID); missing == nil {
			err = nil
			if !sent.StartsAt.Equal(session.StartsAt) || sent.Minutes != session.Minutes || sent.Place != session.Place {
				err = fault.New(fault.Conflict, "This form has booked session %d already, for %s. Go back to your sessions to book another.", sent.Number, web.When(sent.StartsAt, p.Location()))
			}
		}
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, data.Link)
}
