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
	"github.com/cascading-leadership/cascade/shared/text"
)

// beforeWords is the door before what the two of a pairing wrote: in their logs and notes, in what
// they keep together, and in what they agreed on.
func beforeWords(at *serve.Site) device.Door {
	return device.Door{Devices: at.Devices, Pages: at.Pages, Purpose: purpose.Pairing, Behind: "read what the two of you wrote"}
}

// logPage is what the form for a session's log shows.
type logPage struct {
	pairingPage
	Session *pairing.Session
	Log     pairing.Log
	// Held is "yes", "no", or "" before it was answered.
	Held                        string
	Helds                       []web.Option
	Balances, Thinkings, Topics []web.Option
	// Fitness are the choices of whether the two fit, which only the first session's log asks.
	Fitness []web.Option
	// Shares are what can be shared with the other.
	Shares []web.Option
	was    earlier
}

// Fit is the answer about the fit as the form has it.
func (d logPage) Fit() string { return string(d.Log.Fit) }

// earlier is what the reader has written of a session before: their log, or nil, and what they
// share of it.
type earlier struct {
	Session *pairing.Session
	Log     *pairing.Log
	Shared  *pairing.Shared
	// On is the device on which they are, and Hidden says that they may not see it there.
	On     *device.Device
	Hidden bool
}

// topic is the kind of issue that they picked before, or "".
func (was earlier) topic() string {
	if was.Log == nil {
		return ""
	}
	return was.Log.Topic
}

func (s *site) earlier(r *http.Request, p *programme.Programme, data pairingPage, session string) (was earlier, err error) {
	if was.On, err = s.Devices.Of(r); err != nil {
		return was, err
	}
	if was.Session, was.Log, was.Shared, err = s.Store.Words(r.Context(), p.ID, data.Pairing.ID, session, data.Role); err != nil {
		return was, err
	}
	switch {
	case was.Log != nil:
		was.Hidden = !was.On.MaySee(was.Log.Thing(data.Pairing.ID), was.Log.Writer)
	case was.Shared.Note != "": // which was released before anything was kept with it
		was.Hidden = !was.On.Known()
	}
	return was, nil
}

func (s *site) logged(r *http.Request) (*programme.Programme, logPage, error) {
	p, data, err := s.paired(r)
	if err != nil {
		return nil, logPage{}, err
	}
	was, err := s.earlier(r, p, data, r.PathValue("session"))
	if err != nil {
		return nil, logPage{}, err
	}
	session := was.Session
	page := logPage{pairingPage: data, Session: session, was: was,
		Helds: []web.Option{{Value: "yes", Text: "Yes"}, {Value: "no", Text: "No, it did not happen"}}}
	page.Balances, page.Thinkings = options(p, pairing.Balances), options(p, pairing.Thinkings)
	if data.Pairing.First(session) {
		page.Fitness = options(p, pairing.Fitness)
	}
	for _, field := range pairing.Shareable(data.Role) {
		page.Shares = append(page.Shares, web.Option{Value: field, Text: p.Terms.Say(called[field])})
	}
	return p, page, nil
}

// options are the choices of a question in the programme's words.
func options(p *programme.Programme, choices []pairing.Choice) (all []web.Option) {
	for _, c := range choices {
		all = append(all, web.Option{Value: c.ID, Text: p.Terms.Say(c.Name)})
	}
	return all
}

// issues are the kinds of issue that a client picks from, with what they picked before the
// programme dropped it.
func issues(p *programme.Programme, picked string) []web.Option {
	all := []web.Option{{Text: "Not said"}}
	there := picked == ""
	for _, skill := range p.Skills {
		all = append(all, web.Option{Value: skill.ID, Text: skill.Name})
		there = there || skill.ID == picked
	}
	if !there {
		all = append(all, web.Option{Value: picked, Text: p.SkillName(picked)})
	}
	return all
}

// called is what each field of a log is called where it is read.
var called = map[string]string{
	"surfaced": "What came up", "topic": "Kind of issue", "balance": "What it was mostly about", "thinking": "Who did the thinking",
	"next": "What the {client} decided", "learnt": "What was learnt", "helps": "What helps", "change": "What to change",
}

// line is a field of a log as it is read.
type line struct{ Name, Text string }

// lines are what is said in the fields of a log or of what is shared, in their order.
func lines(p *programme.Programme, x *pairing.Shared) (all []line) {
	for _, said := range x.Said() {
		text := said.Text
		switch said.Field {
		case "topic":
			text = p.SkillName(text)
		case "balance":
			text = p.Terms.Say(pairing.NameOf(pairing.Balances, text))
		case "thinking":
			text = p.Terms.Say(pairing.NameOf(pairing.Thinkings, text))
		}
		all = append(all, line{p.Terms.Say(called[said.Field]), text})
	}
	return all
}

// showLog shows the form, with what its reader has written already: a log can be amended,
// on a device on which they may see it.
func (s *site) showLog(w http.ResponseWriter, r *http.Request) error {
	p, data, err := s.logged(r)
	if err != nil {
		return err
	}
	was := data.was
	if was.Hidden {
		return web.Redirect(w, r, s.beforeWords.To(r, logOf(data.Session)))
	}
	if was.Log != nil {
		data.Log = *was.Log
		if data.Session.Logged[string(data.Role)] {
			data.Held = map[bool]string{true: "yes", false: "no"}[was.Log.Held]
		}
	}
	was.On.Keep(w)
	return s.renderLog(w, r, p, data, nil)
}

// logOf is where the log of a session is written, under its pairing's link.
func logOf(session *pairing.Session) string { return "log/" + session.ID }

func (s *site) renderLog(w http.ResponseWriter, r *http.Request, p *programme.Programme, data logPage, invalid *fault.Invalid) error {
	if data.Role == programme.Client {
		data.Topics = issues(p, data.was.topic())
	}
	return s.Pages.Show(w, r, "log", web.Page{Title: "How was your session?", Programme: p, Back: data.Link, Data: data, Invalid: invalid})
}

// entered takes a log from a form.
func (d *logPage) entered(posted url.Values, now time.Time) {
	d.Held = posted.Get("held")
	d.Log = pairing.Log{
		Session: d.Session.ID, Role: d.Role, Held: d.Held == "yes",
		Surfaced: strings.TrimSpace(posted.Get("surfaced")), Balance: posted.Get("balance"),
		Thinking: posted.Get("thinking"), Next: strings.TrimSpace(posted.Get("next")), Learnt: strings.TrimSpace(posted.Get("learnt")),
		Helps: text.Tidy(posted.Get("helps")), Change: text.Tidy(posted.Get("change")), Shares: posted["shares"],
		CreatedAt: now, UpdatedAt: now,
	}
	if d.Role == programme.Client {
		d.Log.Topic = posted.Get("topic")
	}
	if len(d.Fitness) > 0 {
		d.Log.Fit = pairing.Fit(posted.Get("fit"))
	}
}

// log records one side's log, or what they have amended in it, with what they share of it, and
// whether the session was held, in one commit. Sent twice, it is one log. Where it would overwrite what
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
	was := data.was
	if was.Hidden {
		return s.beforeWords.Stop(w, r, logOf(data.Session), posted)
	}
	now := s.Now()
	data.entered(posted, now)
	if data.Held != "yes" && data.Held != "no" {
		return s.renderLog(w, r, p, data, &fault.Invalid{Fields: []fault.Field{{Name: "held", Message: "Select whether the session was held"}}})
	}
	if was.Log != nil && len(data.Fitness) == 0 { // it was the first session, and another is now
		data.Log.Fit = was.Log.Fit
	}
	if was.Log != nil {
		data.Log.Note = was.Log.Note
	}
	before, logged := data.Session.State, data.Session.Logged[string(data.Role)]
	if err = data.Log.CheckTopic(p.Skills, was.topic()); err == nil {
		err = data.Pairing.Record(data.Session, &data.Log, now)
	}
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		return s.renderLog(w, r, p, data, invalid)
	}
	if err != nil {
		return err
	}
	ch := s.change(p)
	data.Log.Writer = was.On.Writer(data.Log.Thing(data.Pairing.ID))
	if was.Log != nil {
		if data.Log.CreatedAt, data.Log.Version = was.Log.CreatedAt, was.Log.Version; logged && data.Log.Is(was.Log) {
			return web.Done(w, r, data.Link, didLog) // it was sent twice
		}
		ch.UpdateLog(p.ID, data.Pairing.ID, &data.Log)
	} else {
		ch.CreateLog(p.ID, data.Pairing.ID, &data.Log)
	}
	if was.Shared.Share(&data.Log, now) {
		ch.SaveShared(p.ID, data.Pairing.ID, was.Shared)
	}
	was.On.Keep(w)
	data.Session.UpdatedAt = now
	ch.Save(r.Context(), data.Pairing, nil)
	ch.UpdateSession(data.Session)
	if data.Session.State != before {
		ch.LogTransition("session", data.Session.ID, string(data.Session.State))
	}
	return s.commit(w, r, ch, data.Link, didLog, nil)
}
