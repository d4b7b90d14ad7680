package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// claimed is a bundle whose messages are leased to this process.
type claimed struct {
	*bundle
	// server is the server's time at the claim. The other times are the process's own,
	// which go on while it is stopped: when the claim began, and when it was made.
	server, began, made time.Time
}

// present is the time that it has become since the claim. The programme's is still that of
// the decision.
func (c *claimed) present(decided moment) moment {
	return moment{c.server.Add(time.Since(c.made)), decided.programme}
}

// claim carries a plan out as far as the documents go: it writes what waits or is not
// wanted, and leases the messages that go now, with their links and what keeps the
// person's next email away, in one commit. nil is for a plan by which nothing goes.
func (s *sender) claim(ctx context.Context, p *plan, at moment) (*claimed, error) {
	began := time.Now()
	c := s.Store.Commit()
	for _, m := range p.changed {
		m.UpdatedAt = s.Now()
		c.UpdateMessage(m)
	}
	if p.bundle == nil {
		return nil, c.Do(ctx)
	}
	s.lease(p.bundle, at)
	s.addLinks(c, p.bundle)
	if p.bundle.contact != nil {
		c.SaveContact(p.bundle.lead.Programme, p.bundle.contact, s.Now())
	}
	p.bundle.save(c, s.Now())
	if err := c.Do(ctx); err != nil {
		return nil, err
	}
	for _, m := range p.bundle.messages() {
		m.Version = c.At()
	}
	// By the reading alone, the server's time is behind by what its answer took.
	made := time.Now()
	server := at.server.Add(made.Sub(began))
	if server.Before(c.At()) {
		server = c.At()
	}
	return &claimed{p.bundle, server, began, made}, nil
}

// lease makes the lead of a bundle this sender's, and has the others follow it.
func (s *sender) lease(b *bundle, at moment) {
	b.lead.Claim(at.server, s.terms)
	b.lead.Bundle = nil
	for _, f := range b.followers {
		f.Join(b.lead.ID)
		b.lead.Bundle = append(b.lead.Bundle, f.ID)
	}
}

// addLinks makes the links of a bundle's letters, and the one for what of it the person
// may decline.
func (s *sender) addLinks(c *store.Commit, b *bundle) {
	for _, a := range b.about {
		of := store.Link{
			Programme: a.Programme, Person: a.To, Role: a.Role,
			Run: a.Run, Match: a.Match, Pairing: a.Pairing, Invitation: a.Invitation,
		}
		switch leads := message.Leads(a.Kind, a.programme, a.Role); {
		case leads.Purpose != "":
			a.link = s.Links.Add(c, leads.Purpose, of)
		case leads.Page != "":
			a.link = s.Links.Page(leads.Page)
		}
	}
	if topics := b.topics(); len(topics) > 0 {
		b.about[0].choices = s.Links.Add(c, purpose.Emails, store.Link{
			Programme: b.lead.Programme, Person: b.lead.To, Role: b.lead.Role, Topics: topics,
		})
	}
}

// topics are what of the email the person may decline.
func (b *bundle) topics() []message.Topic {
	var all []message.Topic
	for _, a := range b.about {
		if t := message.TopicOf(a.Kind); t != "" && !message.ForStaff(a.Kind) && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}
