package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// crowd bounds how many waiting messages of one person are looked at together.
const crowd = 30

// moment is a time by two clocks: the server's, by which leases go, and the
// programme's. They differ where the programme's date was moved, in local development.
type moment struct{ server, programme time.Time }

// moment is a time of the server's by both clocks.
func (s *sender) moment(server time.Time) moment {
	return moment{server, server.Add(s.Now().Sub(clock.Real())).Truncate(time.Microsecond)}
}

// group is a message that is due, with what may go in the same email, what all of
// them are about, and the person's contact.
type group struct {
	message *outbox.Message
	// all are the message and those that went with it before, or all that waits for
	// the same person.
	all     []*outbox.Message
	about   []*about
	errs    []error // in the place of what could not be read
	contact *contact.Contact
	// others are the person's enrolments in the other role, as far as they are there.
	others []*enrolment.Enrolment
	// read is when the message was read, by the process's own clock.
	read time.Time
}

// now is the server's time, by when the message was read.
func (g *group) now() time.Time {
	return g.message.ReadAt.Add(time.Since(g.read))
}

// read puts messages together with what may go in the same email, and reads what
// they are about.
func (s *sender) read(ctx context.Context, all []*outbox.Message) ([]*group, error) {
	began := time.Now()
	due := slices.DeleteFunc(all, func(m *outbox.Message) bool {
		at := s.moment(m.ReadAt)
		return !m.Due(at.server, at.programme)
	})
	var people []string
	for _, m := range due {
		if gathers(m) && !slices.Contains(people, m.Person) {
			people = append(people, m.Person)
		}
	}
	waiting := map[string][]*outbox.Message{}
	for some := range slices.Chunk(people, store.MaxIn) {
		found, err := s.Store.Waiting(ctx, due[0].Programme, some, crowd*len(some))
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			waiting[m.Person] = append(waiting[m.Person], m)
		}
	}
	docs := s.Store.BatchReader()
	var groups []*group
	grouped := map[string]bool{}
	for _, m := range due {
		if grouped[m.ID] {
			continue // it goes with another
		}
		g := &group{message: m, all: []*outbox.Message{m}, read: began}
		if gathers(m) {
			for _, o := range waiting[m.Person] {
				if o.ID != m.ID && gathers(o) && !grouped[o.ID] {
					g.all = append(g.all, o)
					grouped[o.ID] = true
				}
			}
		}
		grouped[m.ID] = true
		groups = append(groups, g)
	}
	for more := true; more; {
		for _, g := range groups {
			s.fill(ctx, docs, g)
		}
		var err error
		if more, err = docs.Fetch(ctx); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// fill finds in the batch reader what a group needs, as far as it is there.
func (s *sender) fill(ctx context.Context, docs *store.BatchReader, g *group) {
	m := g.message
	for _, id := range m.Bundle {
		if o, err := docs.Message(id); err == nil && o.With == m.ID && !slices.ContainsFunc(g.all, func(x *outbox.Message) bool { return x.ID == id }) {
			g.all = append(g.all, o)
		}
	}
	g.about, g.errs = make([]*about, len(g.all)), make([]error, len(g.all))
	for i, o := range g.all {
		g.about[i], g.errs[i] = s.about(ctx, docs, o)
		if o.After != "" {
			if first, err := docs.Message(o.After); err == nil && g.about[i] != nil {
				g.about[i].first = first
			}
		}
	}
	if !message.ForStaff(m.Kind) && message.ClassOf(m.Kind, m.Step) != message.Answer {
		contact, err := docs.Contact(m.Programme, m.To)
		if g.contact = contact; err != nil {
			g.errs[0] = err
			return
		}
		g.others = nil
		for _, id := range contact.Enrolments {
			if id == m.To {
				continue
			}
			if e, err := docs.Enrolment(m.Programme, id); err == nil {
				g.others = append(g.others, e)
			}
		}
	}
}

// gathers reports whether all that waits for a message's person is to be looked at
// together with it: not where it is tried again, in the same company as before.
func gathers(m *outbox.Message) bool {
	return daily(m) && m.State == outbox.Pending && m.Attempts == m.Retried && len(m.Bundle) == 0
}
