package participant

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// beforeLogs is the door before what somebody wrote in their logs.
func beforeLogs(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Pairing, Behind: "read what you wrote in your logs"}
}

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

// earlier is what the reader has written of the session already, or nil, and the device on
// which they are; hidden says that they may not see it there.
func (s *site) earlier(r *http.Request, p *programme.Programme, data logPage) (was *pairing.Log, on *device.Device, hidden bool, err error) {
	if on, err = s.Devices.Of(r); err != nil || !data.Session.Logged[string(data.Role)] {
		return nil, on, false, err
	}
	if was, err = s.Store.Log(r.Context(), p.ID, data.Pairing.ID, data.Session.ID, data.Role); err != nil {
		return nil, on, false, err
	}
	return was, on, !on.MaySee(was.Thing(data.Pairing.ID), was.Writer), nil
}

// showLog shows the form, with what its reader has written already: a log can be amended,
// on a device on which they may see it.
func (s *site) showLog(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	was, on, hidden, err := s.earlier(r, p, data)
	if err != nil {
		return err
	}
	if hidden {
		return web.Redirect(w, r, s.door.To(r, logOf(data.Session)))
	}
	if was != nil {
		data.Log, data.Held = *was, map[bool]string{true: "yes", false: "no"}[was.Held]
	}
	on.Keep(w)
	return s.renderLog(w, r, p, data, nil)
}

// logOf is where the log of a session is written, under its pairing's link.
func logOf(session *pairing.Session) string { return "log/" + session.ID }

func (s *site) renderLog(w http.ResponseWriter, r *http.Request, p *programme.Programme, data logPage, invalid *fault.Invalid) error {
	return s.Pages.Show(w, r, "log", web.Page{Title: "How was your session?", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// entered takes a log from a form.
func (d *logPage) entered(posted url.Values, now time.Time) {
	d.Held = posted.Get("held")
	d.Log = pairing.Log{
		Session: d.Session.ID, Role: d.Role, Held: d.Held == "yes",
		Surfaced: strings.TrimSpace(posted.Get("surfaced")), Balance: posted.Get("balance"),
		Thinking: posted.Get("thinking"), Next: strings.TrimSpace(posted.Get("next")),
		CreatedAt: now, UpdatedAt: now,
	}
}

// log records one side's log, or what they have amended in it, and with it whether the
// session was held, in one commit. Sent twice, it is one log. Where it would overwrite what
// may not be seen on the device, it asks for a code first.
func (s *site) log(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	was, on, hidden, err := s.earlier(r, p, data)
	if err != nil {
		return err
	}
	if hidden {
		return s.door.Stop(w, r, logOf(data.Session), posted)
	}
	now := s.Now()
	data.entered(posted, now)
	if data.Held != "yes" && data.Held != "no" {
		return s.renderLog(w, r, p, data, &fault.Invalid{Fields: []fault.Field{{Name: "held", Message: "Select whether the session was held"}}})
	}
	before := data.Session.State
	err = data.Pairing.Record(data.Session, &data.Log, now)
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderLog(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	ch := s.change(p)
	data.Log.Writer = on.Writer(data.Log.Thing(data.Pairing.ID))
	if was != nil {
		if data.Log.CreatedAt, data.Log.Version = was.CreatedAt, was.Version; data.Log.Is(was) {
			return web.Done(w, r, data.Link, didLog) // it was sent twice
		}
		ch.UpdateLog(p.ID, data.Pairing.ID, &data.Log)
	} else {
		ch.CreateLog(p.ID, data.Pairing.ID, &data.Log)
	}
	on.Keep(w)
	data.Session.UpdatedAt = now
	ch.Save(r.Context(), data.Pairing, nil)
	ch.UpdateSession(data.Session)
	if data.Session.State != before {
		ch.LogTransition("session", data.Session.ID, string(data.Session.State))
	}
	return s.commit(w, r, ch, data.Link, didLog, nil)
}
