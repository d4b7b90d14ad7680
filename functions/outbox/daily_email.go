package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/reminder"
)

// post is what goes to one person as one email: the message that leads, and those
// that go with it.
type post struct {
	lead      *outbox.Message
	followers []*outbox.Message
	// about are what the lead and the followers are about, in their order.
	about []*about
	// contact is the person's, which keeps the day's email; nil where none does.
	contact *contact.Contact

	provider string // the provider's id of the email
	failed   error
}

// messages are the lead and its followers.
func (p *post) messages() []*outbox.Message { return append([]*outbox.Message{p.lead}, p.followers...) }

// plan is what is to be done about a message and what waits for the same person.
type plan struct {
	// changed are those that are no longer wanted or wait for later.
	changed []*outbox.Message
	// post goes now; nil for nothing.
	post *post
}

// decide says what is to be done about a message and all that waits for its person.
func (s *sender) decide(ctx context.Context, g *group, server, now time.Time) (*plan, error) {
	m, plan := g.message, new(plan)
	var wanted []*about
	for i, a := range g.about {
		switch m, err := g.all[i], g.errs[i]; {
		case fault.Is(err, fault.NotFound):
			m.Drop("what it is about is gone")
			plan.changed = append(plan.changed, m)
		case errors.Is(err, store.ErrUnreadable):
			slog.ErrorContext(ctx, "message put aside", "id", m.ID, "kind", m.Kind, "error", err)
			m.PutAside("what it is about cannot be read")
			plan.changed = append(plan.changed, m)
		case err != nil:
			return nil, err
		default:
			switch why, err := judge(a, now); {
			case err != nil:
				slog.ErrorContext(ctx, "message put aside", "id", m.ID, "kind", m.Kind, "error", err)
				m.PutAside("it lacks what it is about")
				plan.changed = append(plan.changed, m)
			case why != "":
				m.Drop(why)
				plan.changed = append(plan.changed, m)
			default:
				wanted = append(wanted, a)
			}
		}
	}
	wanted = inOrder(g, wanted, now, plan)
	if err := s.choose(ctx, g, wanted, server, now, plan); err != nil {
		return nil, err
	}
	if m.State.Final() {
		// Those that were to go with it stand for themselves now.
		for _, a := range wanted {
			if a.With == m.ID {
				a.With = ""
				a.Wait(now)
				plan.changed = append(plan.changed, a.Message)
			}
		}
		plan.post = nil
	}
	return plan, nil
}

// judge says why a message is not wanted. A message that does not name what its kind
// is about must fail alone.
func judge(a *about, now time.Time) (why string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic of kind %T", v)
		}
	}()
	if a.programme.Retention.Due(now) && !message.ForStaff(a.Kind) {
		return "the programme is over", nil
	}
	return message.Unwanted(a.Message, a.subject, now), nil
}

// inOrder keeps a message from coming before the one that it reminds of.
func inOrder(g *group, wanted []*about, now time.Time, plan *plan) (left []*about) {
	for _, a := range wanted {
		first, err := g.first(a.Message)
		if first == nil || err != nil { // it is gone, or cannot be read
			left = append(left, a)
			continue
		}
		switch until, unwanted := reminder.Order(a.Message, first, now); {
		case unwanted != "":
			a.Drop(unwanted)
		case !until.IsZero():
			a.Wait(until)
		default:
			left = append(left, a)
			continue
		}
		plan.changed = append(plan.changed, a.Message)
	}
	return left
}

// claim leases a post's messages, and makes their links, in one commit with what
// keeps the person's next email away.
func (s *sender) claim(c *store.Commit, p *post, server, now time.Time) {
	p.lead.Claim(server, s.terms)
	p.lead.Bundle = nil
	for _, f := range p.followers {
		f.Join(p.lead.ID)
		p.lead.Bundle = append(p.lead.Bundle, f.ID)
	}
	for _, a := range p.about {
		of := store.Link{Programme: a.Programme, Person: a.To, Role: a.Role, IDs: a.IDs, Generation: a.generation()}
		switch leads := message.Leads(a.Kind, a.programme, a.Role, a.IDs); {
		case leads.Purpose != "":
			if leads.Purpose == purpose.Confirm && a.subject.Claim != nil {
				of.Address = a.subject.Claim.Address()
			}
			a.link = s.Links.Add(c, leads.Purpose, of)
		case leads.Page != "":
			a.link = s.Links.Page(leads.Page)
		}
	}
	if p.contact != nil {
		c.SaveContact(p.lead.Programme, p.contact, s.Now())
	}
	if topics := p.topics(); len(topics) > 0 {
		p.about[0].choices = s.Links.Add(c, purpose.Emails, store.Link{
			Programme: p.lead.Programme, Person: p.lead.To, Role: p.lead.Role, Topics: topics, Generation: p.about[0].generation(),
		})
	}
	if first := p.about[0]; first.leadsToAll() {
		first.my = s.Links.Add(c, purpose.My, store.Link{Programme: p.lead.Programme, Person: p.lead.To, Role: p.lead.Role, Generation: first.generation()})
	}
	p.save(c, s.Now())
}

// topics are what of the email the person may decline.
func (p *post) topics() []message.Topic {
	var all []message.Topic
	for _, a := range p.about {
		if t := message.TopicOf(a.Kind); t != "" && !message.ForStaff(a.Kind) && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// save writes all messages of a post.
func (p *post) save(c *store.Commit, now time.Time) {
	for _, m := range p.messages() {
		m.UpdatedAt = now
		c.UpdateMessage(m)
	}
}

// saved takes over that a commit was made.
func (p *post) saved(c *store.Commit) {
	for _, m := range p.messages() {
		m.Version = c.At()
	}
}

// follow reads those that go with the lead, and those that went with it and came back.
func (s *sender) follow(ctx context.Context, p *post) error {
	if len(p.lead.Bundle) == 0 {
		return nil
	}
	found, err := s.Store.MessagesOf(ctx, p.lead.Bundle)
	if err != nil {
		return err
	}
	for _, id := range p.lead.Bundle {
		if f, ok := found[id]; ok && f.With == p.lead.ID && (f.State == outbox.Bundled || f.State == outbox.Sent && p.lead.Outcome.Failed()) {
			p.followers = append(p.followers, f)
		}
	}
	return nil
}

// envelope writes the letters of a post as one email.
func (p *post) envelope(s *sender) (*mail.Envelope, error) {
	first := p.about[0]
	e := &mail.Envelope{ReplyTo: first.programme.Host.Email, Message: p.lead.ID, Attempt: p.lead.Attempts, Again: p.lead.Again(), Thread: first.Pairing}
	e.ToName, e.ToAddress = first.recipient()
	switch e.Unsubscribe = first.choices; message.Leads(first.Kind, first.programme, first.Role, first.IDs).Purpose {
	case purpose.PassedOn, purpose.Assistant: // whose page refuses it for good
		e.Unsubscribe = first.link
	}
	letters := make([]mail.Enclosure, len(p.about))
	for i, a := range p.about {
		letters[i] = mail.Enclosure{Kind: a.Kind, Facts: a.facts()}
	}
	var err error
	if e.Email, err = s.letters.Bundle(letters); err != nil {
		return nil, err
	}
	// Reminders of a session carry no calendar part: the entry is there, and some
	// calendars ask for an answer to it again, or show it twice.
	switch first.Kind {
	case message.KindSessionBooked, message.KindSessionMoved, message.KindSessionCancelled:
		e.Calendar = mail.SessionCalendar(first.programme, first.subject.Session, []*enrolment.Enrolment{first.subject.Person, first.subject.Other}, s.Now())
	}
	return e, nil
}
