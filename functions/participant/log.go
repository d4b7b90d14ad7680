package participant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// logPage is what the form for a session's log shows.
type logPage struct {
	pairingPage
	Session *pairing.Session
	Log     pairing.Log
	// Held is "yes", "no", or "" before it was answered.
	Held                string
	Helds               []web.Option
	Balances, Thinkings []web.Option
}

func (s *site) logged(r *http.Request) (*programme.Programme, logPage, error) {
	p, data, err := s.paired(r)
	if err != nil {
		return nil, logPage{}, err
	}
	session, err := s.Store.Session(r.Context(), p.ID, data.Pairing.ID, r.PathValue("session"))
	if err != nil {
		return nil, logPage{}, err
	}
	page := logPage{pairingPage: data, Session: session,
		Helds: []web.Option{{Value: "yes", Text: "Yes"}, {Value: "no", Text: "No, it did not happen"}}}
	for _, c := range pairing.Balances {
		page.Balances = append(page.Balances, web.Option{Value: c.ID, Text: p.Terms.Say(c.Name)})
	}
	for _, c := range pairing.Thinkings {
		page.Thinkings = append(page.Thinkings, web.Option{Value: c.ID, Text: p.Terms.Say(c.Name)})
	}
	return p, page, nil
}

func (s *site) showLog(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	if data.Session.Logged[string(data.Role)] { // another would not be kept
		return web.Redirect(w, r, data.Link)
	}
	return s.renderLog(w, r, p, data, nil)
}

func (s *site) renderLog(w http.ResponseWriter, r *http.Request, p *programme.Programme, data logPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "log", web.Page{Title: "How was your session?", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// log records one side's log, and with it whether the session was held, in one
// commit. Sent twice, it is one log.
func (s *site) log(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	if data.Session.Logged[string(data.Role)] {
		return web.Redirect(w, r, data.Link)
	}
	now := s.Now()
	data.Held = posted.Get("held")
	data.Log = pairing.Log{
		Session: data.Session.ID, Role: data.Role, Held: data.Held == "yes",
		Surfaced: strings.TrimSpace(posted.Get("surfaced")), Balance: posted.Get("balance"),
		Thinking: posted.Get("thinking"), Next: strings.TrimSpace(posted.Get("next")),
		CreatedAt: now, UpdatedAt: now,
	}
	if data.Held != "yes" && data.Held != "no" {
		return s.renderLog(w, r, p, data, &fault.Invalid{Fields: []fault.Field{{Name: "held", Message: "Select whether the session was held"}}})
	}
	before := data.Pairing.State
	err = data.Pairing.Record(data.Session, &data.Log, p.Sessions.Target, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderLog(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	data.Pairing.UpdatedAt, data.Session.UpdatedAt = now, now
	c := s.Store.Commit()
	c.UpdatePairing(p.ID, data.Pairing)
	c.UpdateSession(data.Session)
	c.CreateLog(p.ID, data.Pairing.ID, &data.Log)
	c.LogTransition("session", data.Session.ID, string(data.Session.State))
	if data.Pairing.State != before {
		c.LogTransition("pairing", data.Pairing.ID, string(data.Pairing.State))
		if err := matches.End(r.Context(), s.Store, c, p.ID, data.Pairing, now); err != nil {
			return err
		}
	}
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, data.Link)
}
