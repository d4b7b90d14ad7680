package outbox

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

const (
	// patience is how long it goes on: less than the time for which its caller waits,
	// and until about when the next sweep starts.
	patience = 45 * time.Second
	// atOnce is how many emails are sent at once.
	atOnce = 8
	// chunk is how many messages are read together with what they are about.
	chunk = 16 * atOnce
	// stale is how old what was read may be when it is acted on. A slow provider makes
	// the last of a chunk wait.
	stale = 2 * time.Second
)

// errPaused is that a programme may send no more for now; the next sweep goes on.
var errPaused = errors.New("no more may be sent for now")

// send does what is to be done about one message, if anything is.
func (s *sender) send(ctx context.Context, id string) error {
	_, failed, paused := s.sendAll(ctx, s.Store.These(ctx, id), time.Now().Add(patience))
	if paused {
		failed = append(failed, errPaused)
	}
	return errors.Join(failed...)
}

// sendAll does what is to be done about messages of one programme, as they are read:
// some are sent at once while it is read what the next ones are about. A message that
// is sent, leased or not due is left alone, as are those that are left when the time
// is over. paused says that the programme may send no more for now.
func (s *sender) sendAll(ctx context.Context, all iter.Seq2[*outbox.Message, error], until time.Time) (n int, failed []error, paused bool) {
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
		groups, err := s.read(ctx, some)
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
							fail(s.sendFresh(ctx, g))
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

// sendFresh is sendOne by what is fresh: what was read too long ago is read once more,
// so that who has left or moved meanwhile is not written to as before.
func (s *sender) sendFresh(ctx context.Context, g *group) error {
	if time.Since(g.read) < stale {
		return s.sendOne(ctx, g)
	}
	for m, err := range s.Store.These(ctx, g.message.ID) {
		if err != nil {
			return err
		}
		again, err := s.read(ctx, []*outbox.Message{m})
		if err != nil || len(again) == 0 { // somebody else has done it
			return err
		}
		return s.sendOne(ctx, again[0])
	}
	return nil
}

// unreadable puts a message aside that cannot be read.
func (s *sender) unreadable(ctx context.Context, e *store.Unreadable) error {
	return s.Store.PutAside(ctx, e.ID, "it cannot be read")
}

// sendOne takes a message that is due through the steps: what is still wanted and may
// go now is leased together with what goes in the same email, so that no other sender
// takes it up meanwhile, written, handed over, and its outcome recorded.
func (s *sender) sendOne(ctx context.Context, g *group) error {
	// The trace goes on from the message's cause, not from what woke us.
	ctx = telemetry.Continue(ctx, g.message.Trace)
	at := s.moment(g.now())
	if g.message.Expired(at.server) {
		return s.takeOver(ctx, g.message, at)
	}
	verdict, err := decide(ctx, g, at)
	if err != nil {
		return err
	}
	plan, err := s.choose(ctx, g, verdict, at)
	if err != nil {
		return err
	}
	plan, paused, err := s.limit(ctx, plan, at)
	if err != nil {
		return err
	}
	claimed, err := s.claim(ctx, plan, at)
	if err != nil && plan.bundle != nil {
		s.limits.release(plan.bundle)
	}
	switch {
	case store.IsConflict(err):
		return nil // another sender has it, or something about the person changed
	case err != nil:
		return err
	case paused:
		return errPaused
	case claimed == nil:
		return nil
	}
	ctx, end := claimed.traced(ctx)
	defer end()

	// The attempt goes on when the caller goes away: an email that the provider
	// takes meanwhile would be sent again. Each call has a time limit of its own.
	ctx = context.WithoutCancel(ctx)
	envelope, err := s.write(claimed.bundle)
	ended := answer{failed: err}
	if err == nil {
		ended = s.deliver(ctx, claimed, envelope)
	}
	return s.settle(ctx, claimed.bundle, ended, claimed.present(at))
}

// traced begins the span of an attempt, in the trace of what caused the lead, which
// goes on to what the provider reports. What goes along has a span in its own trace,
// which names the lead.
func (b *bundle) traced(ctx context.Context) (lead context.Context, end func()) {
	for _, f := range b.followers {
		_, span := telemetry.Span(telemetry.Continue(ctx, f.Trace), "send message", attribute.String("cascade.message", f.ID),
			attribute.String("cascade.letter", string(f.Kind)), attribute.String("cascade.with", f.With))
		span.End()
	}
	lead, span := telemetry.Span(telemetry.Continue(ctx, b.lead.Trace), "send message",
		attribute.String("cascade.message", b.lead.ID), attribute.String("cascade.letter", string(b.lead.Kind)))
	return lead, func() { span.End() }
}
