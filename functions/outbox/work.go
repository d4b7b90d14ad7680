package outbox

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

const (
	// atOnce is how many emails are sent at once.
	atOnce = 8
	// strangersAtOnce is how many emails to strangers the events send at once in a process.
	// More of them are left to the sweep, so that events of others find room.
	strangersAtOnce = atOnce / 2
	// chunk is how many messages are read together with what they are about.
	chunk = 16 * atOnce
	// stale is how old what was read may be when it is acted on. A slow provider makes
	// the last of a chunk wait.
	stale = 2 * time.Second
	// crowd bounds how many waiting messages of one person are looked at together.
	crowd = 30
)

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
	docs   *store.BatchReader
	// read is when the message was read, by the process's own clock.
	read time.Time
}

// first is the message of which another reminds.
func (g *group) first(m *outbox.Message) (*outbox.Message, error) {
	if m.After == "" {
		return nil, nil
	}
	return g.docs.Message(m.After)
}

// send does what is to be done about one message, if anything is. One to a stranger for
// which there is no room is left for the sweep.
func (s *sender) send(ctx context.Context, id string) error {
	crowded, leave := false, func() {}
	_, failed, paused := s.work(ctx, func(yield func(*outbox.Message, error) bool) {
		for m, err := range s.Store.These(ctx, id) {
			if m != nil && m.Lane == outbox.Strangers {
				select {
				case s.strangers <- struct{}{}:
					leave = func() { <-s.strangers }
				default:
					crowded = true
					return
				}
			}
			if !yield(m, err) {
				return
			}
		}
	}, time.Now().Add(patience))
	leave()
	if paused || crowded {
		failed = append(failed, errPaused)
	}
	return errors.Join(failed...)
}

// work does what is to be done about messages of one programme and lane, as they are read:
// some are sent at once while it is read what the next ones are about. A message that
// is sent, leased or not due is left alone, as are those that are left when the time
// is over. paused says that the programme may send no more for now.
func (s *sender) work(ctx context.Context, all iter.Seq2[*outbox.Message, error], until time.Time) (n int, failed []error, paused bool) {
	next := make(chan *group, chunk/2) // enough for the senders while more is read
	var mu sync.Mutex
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if errors.Is(err, errPaused) {
			paused = true
		} else if err != nil {
			failed = append(failed, err)
		}
	}
	over := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return paused || ctx.Err() != nil || time.Now().After(until)
	}
	var wait sync.WaitGroup
	started := 0
	start := func(some []*outbox.Message) (more bool) {
		groups, err := s.groups(ctx, some)
		fail(err)
		for _, g := range groups {
			if over() {
				return false
			}
			if started < atOnce {
				started++
				wait.Go(func() {
					for g := range next {
						if !over() {
							fail(s.actNow(ctx, g))
						}
					}
				})
			}
			next <- g
		}
		return !over()
	}
	var some []*outbox.Message
	for m, err := range all {
		var unreadable *store.Unreadable
		switch n++; {
		case errors.As(err, &unreadable):
			fail(s.unreadable(ctx, unreadable))
			continue
		case err != nil:
			fail(err)
			continue
		}
		if some = append(some, m); len(some) == chunk {
			if !start(some) {
				some = nil
				break
			}
			some = nil
		}
	}
	start(some)
	close(next)
	wait.Wait()
	return n, failed, paused
}

// actNow is act by what is fresh: what was read too long ago is read once more, so that
// who has left or moved meanwhile is not written to as before.
func (s *sender) actNow(ctx context.Context, g *group) error {
	if time.Since(g.read) < stale {
		return s.act(ctx, g)
	}
	for m, err := range s.Store.These(ctx, g.message.ID) {
		if err != nil {
			return err
		}
		again, err := s.groups(ctx, []*outbox.Message{m})
		if err != nil || len(again) == 0 { // somebody else has done it
			return err
		}
		return s.act(ctx, again[0])
	}
	return nil
}

// unreadable puts a message aside that cannot be read.
func (s *sender) unreadable(ctx context.Context, e *store.Unreadable) error {
	return s.Store.PutAside(ctx, e.ID, "it cannot be read")
}

// now is the server's time, by when a message was read.
func (g *group) now() time.Time {
	return g.message.ReadAt.Add(time.Since(g.read))
}

// groups puts messages together with what may go in the same email, and reads what
// they are about.
func (s *sender) groups(ctx context.Context, all []*outbox.Message) ([]*group, error) {
	read := time.Now()
	due := slices.DeleteFunc(all, func(m *outbox.Message) bool {
		return !m.Due(m.ReadAt, s.programmeTime(m.ReadAt))
	})
	if waits := func(m *outbox.Message) bool { return !goesAlways(m) }; slices.ContainsFunc(due, waits) {
		held, err := s.waitsForErasures(ctx)
		if err != nil {
			return nil, err
		}
		if held {
			due = slices.DeleteFunc(due, waits)
		}
	}
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
	h := s.Store.BatchReader()
	var groups []*group
	grouped := map[string]bool{}
	for _, m := range due {
		if grouped[m.ID] {
			continue // it goes with another
		}
		g := &group{message: m, all: []*outbox.Message{m}, docs: h, read: read}
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
			s.fill(ctx, g)
		}
		var err error
		if more, err = h.Fetch(ctx); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// fill finds in the batch reader what a group needs, as far as it is there.
func (s *sender) fill(ctx context.Context, g *group) {
	m := g.message
	for _, id := range m.Bundle {
		if o, err := g.docs.Message(id); err == nil && o.With == m.ID && !slices.ContainsFunc(g.all, func(x *outbox.Message) bool { return x.ID == id }) {
			g.all = append(g.all, o)
		}
	}
	g.about, g.errs = make([]*about, len(g.all)), make([]error, len(g.all))
	for i, o := range g.all {
		g.about[i], g.errs[i] = s.about(ctx, g.docs, o)
		_, _ = g.first(o) // only asked for
	}
	if !message.ForStaff(m.Kind) && message.ClassOf(m.Kind) != message.Answer {
		contact, err := g.docs.Contact(m.Programme, m.To)
		if g.contact = contact; err != nil {
			g.errs[0] = err
			return
		}
		g.others = nil
		for _, id := range contact.Enrolments {
			if id == m.To {
				continue
			}
			if e, err := g.docs.Enrolment(m.Programme, id); err == nil {
				g.others = append(g.others, e)
			}
		}
	}
}

// gathers reports whether all that waits for a message's person is to be looked at
// together with it: not where it is tried again, in the same company as before.
func gathers(m *outbox.Message) bool {
	return bundles(m) && m.State == outbox.Pending && m.Attempts == m.Retried && len(m.Bundle) == 0
}
