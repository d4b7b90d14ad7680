package participant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
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

// showLog shows the form, with what its reader has written already: a log can be amended.
func (s *site) showLog(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	if data.Session.Logged[string(data.Role)] {
		before, err := s.Store.Log(r.Context(), p.ID, data.Pairing.ID, data.Session.ID, data.Role)
		if err != nil {
			return err
		}
		data.Log, data.Held = *before, map[bool]string{true: "yes", false: "no"}[before.Held]
	}
	return s.renderLog(w, r, p, data, nil)
}

func (s *site) renderLog(w http.ResponseWriter, r *http.Request, p *programme.Programme, data logPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "log", web.Page{Title: "How was your session?", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// log records one side's log, or what they have amended in it, and with it whether the
// session was held, in one commit. Sent twice, it is one log.
func (s *site) log(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
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
	before := data.Session.State
	amends := data.Session.Logged[string(data.Role)]
	err = data.Pairing.Record(data.Session, &data.Log, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderLog(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	ch := s.change(p)
	if amends {
		was, err := s.Store.Log(r.Context(), p.ID, data.Pairing.ID, data.Session.ID, data.Role)
		if err != nil {
			return err
		}
		if data.Log.CreatedAt, data.Log.Version = was.CreatedAt, was.Version; data.Log.Is(was) {
			return web.Done(w, r, data.Link, didLog) // it was sent twice
		}
		ch.UpdateLog(p.ID, data.Pairing.ID, &data.Log)
	} else {
		ch.CreateLog(p.ID, data.Pairing.ID, &data.Log)
	}
	data.Session.UpdatedAt = now
	ch.Save(r.Context(), data.Pairing, nil)
	ch.UpdateSession(data.Session)
	if data.Session.State != before {
		ch.LogTransition("session", data.Session.ID, string(data.Session.State))
	}
	return s.commit(w, r, ch, data.Link, didLog, nil)
}
