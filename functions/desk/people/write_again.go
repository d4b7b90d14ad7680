package people

import (
	"net/http"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// mailed is what somebody is sent, as their page says it.
type mailed struct {
	// Asked is how often they were asked for something that could wait in the last 30 days, Most how
	// often they may be.
	Asked, Most int
	// Stopped is why nothing is sent to them, in words that stand as a sentence, or "".
	Stopped string
	// Again reports whether a coordinator can have them written to again.
	Again   bool
	Contact *contact.Contact
	// Paused reports whether they have paused reminders.
	Paused bool
	// Declined are what they do not want to be written to about.
	Declined []string
}

// declined are the topics of emails in a coordinator's words.
var declined = map[message.Topic]string{
	message.Preparing:       "getting ready",
	message.SessionPlanning: "planning sessions",
	message.SessionLogs:     "logs and follow-ups",
	message.Questionnaires:  "questionnaires",
}

// mailed finds what somebody is sent.
func (h Handlers) mailed(r *http.Request, p *programme.Programme, e *enrolment.Enrolment) (mailed, error) {
	c, err := h.Store.Contact(r.Context(), p.ID, e.ID)
	if err != nil {
		return mailed{}, err
	}
	now := h.Now()
	m := mailed{
		Asked: c.Asked(calendar.Of(p, e.Organisation.Region, c.Zone), now, contact.Month), Most: p.Cadence.Filled().MostAMonth,
		Stopped: site.Stopped[c.Stopped], Again: c.Stopped != "",
		Contact: c, Paused: c.Snoozed(now),
	}
	if e.State == enrolment.Withdrawn {
		m.Stopped, m.Again = "Nothing is sent: they have left the programme.", false
	}
	for _, t := range c.Declined {
		m.Declined = append(m.Declined, declined[t])
	}
	return m, nil
}

// WriteAgain has somebody written to again whose address had stopped to be, after the
// coordinator has talked with them.
func (h Handlers) WriteAgain(w http.ResponseWriter, r *http.Request) error {
	form, err := h.personForm(r)
	if err != nil {
		return err
	}
	p, e := form.programme, form.person
	contact, err := h.Store.Contact(r.Context(), p.ID, e.ID)
	if err != nil {
		return err
	}
	switch {
	case e.State == enrolment.Withdrawn:
		return fault.New(fault.Conflict, "This person has left the programme.")
	case contact.Stopped == "": // it was sent twice
		return web.Done(w, r, form.page(), didWriteAgain)
	}
	now := h.Now()
	c := h.Store.Commit()
	c.RestartContact(p.ID, contact, now)
	c.Audit(store.AuditEntry{Programme: p.ID, By: form.by.ID, Did: "had somebody written to again", To: e.ID, At: now})
	if err := c.Do(r.Context()); err != nil {
		return err
	}
	return web.Done(w, r, form.page(), didWriteAgain)
}
