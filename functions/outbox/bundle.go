package outbox

import (
	"context"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// bundle is what goes to one person as one email: the message that leads, and those
// that go with it.
type bundle struct {
	lead      *outbox.Message
	followers []*outbox.Message
	// about are what the lead and the followers are about, in their order; nil where only
	// what became of the email is of interest.
	about []*about
	// contact is the person's, which keeps the day's email; nil where none does.
	contact *contact.Contact
}

// newBundle has the first of some messages lead the others.
func newBundle(together []*about) *bundle {
	b := &bundle{lead: together[0].Message, about: together}
	for _, a := range together[1:] {
		b.followers = append(b.followers, a.Message)
	}
	return b
}

// bundleOf reads those that went with a message.
func (s *sender) bundleOf(ctx context.Context, lead *outbox.Message) (*bundle, error) {
	b := &bundle{lead: lead}
	if len(lead.Bundle) == 0 {
		return b, nil
	}
	found, err := s.Store.MessagesOf(ctx, lead.Bundle)
	if err != nil {
		return nil, err
	}
	for _, id := range lead.Bundle {
		if f, ok := found[id]; ok && f.With == lead.ID && f.State == outbox.Bundled {
			b.followers = append(b.followers, f)
		}
	}
	return b, nil
}

// messages are the lead and its followers.
func (b *bundle) messages() []*outbox.Message {
	return append([]*outbox.Message{b.lead}, b.followers...)
}

// save writes all messages of a bundle.
func (b *bundle) save(c *store.Commit, now time.Time) {
	for _, m := range b.messages() {
		m.UpdatedAt = now
		c.UpdateMessage(m)
	}
}

// mirror makes the messages that went in the lead's email follow it to its end.
func (b *bundle) mirror() {
	for _, f := range b.followers {
		switch m := b.lead; m.State {
		case outbox.Sent:
			f.Took(m.Provider, m.SentAt)
		case outbox.SetAside:
			f.PutAside(m.Failure)
		case outbox.Unwanted: // they need not be
			f.With = ""
			f.Wait(m.UpdatedAt)
		}
	}
}

// daily reports whether a message shares the day's email with others.
func daily(m *outbox.Message) bool {
	class := message.ClassOf(m.Kind, m.Step)
	return (class == message.News || class == message.Reminder) && !message.ForStaff(m.Kind)
}

// putOff makes a message wait. One in doubt stays so, since its report may yet come.
func putOff(m *outbox.Message, until time.Time, at moment) {
	if m.State == outbox.InDoubt {
		m.DueAt = at.server.Add(until.Sub(at.programme))
		return
	}
	m.Wait(until)
}
