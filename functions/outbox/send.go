package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// errPaused is that a programme may send no more for now; the next sweep goes on.
var errPaused = errors.New("no more may be sent for now")

// act does what is to be done about a message that is due: it asks whether it is still
// wanted and may go now, leases it together with what goes in the same email, so that
// no other sender takes them up meanwhile, writes the email, hands it over and records
// the outcome.
func (s *sender) act(ctx context.Context, g *group) error {
	server := g.now()
	now := s.programmeTime(server)
	// The trace goes on from the message's cause, not from what woke us.
	m := g.message
	ctx = telemetry.Continue(ctx, m.Trace)
	if m.Expired(server) {
		return s.takeOver(ctx, m, server, now)
	}
	plan, err := s.decide(ctx, g, server, now)
	if err != nil {
		return err
	}
	paused, err := s.paced(ctx, plan, server, now)
	if err != nil {
		return err
	}
	began := time.Now()
	commit := s.Store.Commit()
	for _, m := range plan.changed {
		m.UpdatedAt = s.Now()
		commit.UpdateMessage(m)
	}
	post := plan.post
	if post != nil {
		s.claim(commit, post, server, now)
	}
	if err := commit.Do(ctx); err != nil {
		if post != nil {
			s.pace.giveBack(post.about[0])
		}
		if store.IsConflict(err) {
			return nil // another sender has it, or something about the person changed
		}
		return err
	}
	if post == nil {
		return paused
	}
	post.saved(commit)
	// By the reading alone, the server's time is behind by what its answer took.
	claimed := time.Now()
	if server = server.Add(claimed.Sub(began)); server.Before(commit.At()) {
		server = commit.At()
	}
	ctx, end := post.traced(ctx)
	defer end()

	// The attempt goes on when the caller goes away: an email that the provider
	// takes meanwhile would be sent again. Each call has a time limit of its own.
	ctx = context.WithoutCancel(ctx)
	post.outcome(s.deliver(ctx, post, began), s.terms, server.Add(time.Since(claimed)), now)
	post.count(ctx)
	if err := s.record(ctx, post); !store.IsConflict(err) {
		return err
	}
	return nil // the provider's report came first: there is nothing left to say
}

// traced begins the span of an attempt, in the trace of what caused the lead, which
// goes on to what the provider reports. What goes along has a span in its own trace,
// which names the lead.
func (p *post) traced(ctx context.Context) (lead context.Context, end func()) {
	for _, f := range p.followers {
		_, span := telemetry.Span(telemetry.Continue(ctx, f.Trace), "send message", attribute.String("cascade.message", f.ID),
			attribute.String("cascade.letter", string(f.Kind)), attribute.String("cascade.with", f.With))
		span.End()
	}
	lead, span := telemetry.Span(telemetry.Continue(ctx, p.lead.Trace), "send message",
		attribute.String("cascade.message", p.lead.ID), attribute.String("cascade.letter", string(p.lead.Kind)))
	return lead, func() { span.End() }
}

// takeOver ends the lease of a sender that left no outcome: it may have sent the
// email or not.
func (s *sender) takeOver(ctx context.Context, m *outbox.Message, server, now time.Time) error {
	post := &post{lead: m}
	if err := s.follow(ctx, post); err != nil {
		return err
	}
	post.outcome(errNoOutcome, s.terms, server, now)
	switch err := s.record(ctx, post); {
	case store.IsConflict(err):
		return nil // another was faster
	case err != nil:
		return err
	}
	takeovers.Add(ctx, 1)
	post.count(ctx)
	slog.WarnContext(ctx, "lease taken over", "id", m.ID, "kind", m.Kind, "state", m.State, "attempts", m.Attempts)
	return nil
}

// errNoOutcome is an attempt whose sender did not come back.
var errNoOutcome = errors.New("the attempt left no outcome")

// deliver writes the email and hands it to the provider.
func (s *sender) deliver(ctx context.Context, p *post, began time.Time) (err error) {
	envelope, err := s.write(p)
	if err != nil {
		return err
	}
	// Whoever has been stalled since the claim must not send: another may hold the
	// lease by now. The time is the process's own, which goes on while it is stopped.
	if time.Since(began) > s.terms.Lease/2 {
		return &mail.Refused{Cause: errors.New("stalled since the claim")}
	}
	p.provider, err = s.provider.Send(ctx, *envelope)
	return err
}

// unwritable is an email that cannot be written: what it is about does not fit its
// letter, and would not the next time.
type unwritable struct {
	cause error
	// letters are those of the post that cannot be written even by themselves, by their
	// place; none where that is not known, or where they fail only together.
	letters []int
}

func (e *unwritable) Error() string { return "it cannot be written: " + e.cause.Error() }

// write renders the letters of a post as one email. A letter that fails on its data
// must fail alone.
func (s *sender) write(p *post) (envelope *mail.Envelope, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &unwritable{fmt.Errorf("panic of kind %T", v), s.failing(p)} // its value may be personal
		}
	}()
	envelope, err = p.envelope(s)
	if err != nil {
		return nil, &unwritable{err, s.failing(p)}
	}
	return envelope, nil
}

// failing finds which letters of a post cannot be written by themselves.
func (s *sender) failing(p *post) (places []int) {
	fails := func(a *about) (failed bool) {
		defer func() { failed = failed || recover() != nil }()
		_, err := s.letters.Bundle([]mail.Enclosure{{Kind: a.Kind, Facts: a.facts()}})
		return err != nil
	}
	for i, a := range p.about {
		if fails(a) {
			places = append(places, i)
		}
	}
	return places
}

// leaveOut sets those letters aside that cannot be written. The others wait for the
// person's next email: nothing was sent.
func (p *post) leaveOut(failing []int, why string, now time.Time) {
	for i, m := range p.messages() {
		switch {
		case len(failing) == 0 || slices.Contains(failing, i):
			m.PutAside(why)
		case i == 0:
			m.Attempts-- // it was none
			m.Wait(now)
		default:
			m.With = ""
			m.Wait(now)
		}
	}
	p.lead.Bundle = nil
}

// outcome records on all messages of a post how its attempt ended.
func (p *post) outcome(failed error, t outbox.Terms, server, now time.Time) {
	var refused *mail.Refused
	var unwritten *unwritable
	m := p.lead
	p.failed = failed
	switch jitter := rand.Float64(); {
	case failed == nil:
		m.Took(p.provider, now)
	case errors.As(failed, &unwritten):
		p.leaveOut(unwritten.letters, "it cannot be written", now)
		return
	case errors.As(failed, &refused) && refused.Fault != outbox.NoFault:
		m.Hold(refused.Fault, refused.Error(), jitter, now)
	case errors.As(failed, &refused) && refused.Permanent:
		m.PutAside(refused.Error())
	case errors.As(failed, &refused):
		m.Refused(refused.Error(), refused.RetryAfter, jitter, now)
	default:
		m.Doubt("no answer from the provider", jitter, server, now, t)
	}
	p.mirror()
}

// mirror makes the messages that went in the lead's email follow it to its end.
func (p *post) mirror() {
	for _, f := range p.followers {
		switch m := p.lead; m.State {
		case outbox.Sent:
			f.Took(m.Provider, m.SentAt)
		case outbox.SetAside:
			f.PutAside(m.Failure)
			f.Outcome, f.OutcomeAt = m.Outcome, m.OutcomeAt
		case outbox.Pending: // it came back, and goes again with all that went with it
			f.Join(m.ID)
		case outbox.Unwanted: // they need not be
			f.With = ""
			f.Wait(m.UpdatedAt)
		}
	}
}

// count counts an attempt, by its outcome.
func (p *post) count(ctx context.Context) {
	m := p.lead
	attempts.Add(ctx, 1, metric.WithAttributes(
		attribute.String("kind", string(m.Kind)), attribute.String("state", string(m.State)), attribute.String("answer", answer(p.failed))))
	if refused := new(mail.Refused); errors.As(p.failed, &refused) && refused.Fault != outbox.NoFault {
		blame(ctx, refused.Fault)
	}
	if p.failed != nil {
		// Not the error itself, which may name an address.
		slog.WarnContext(ctx, "message not sent", "id", m.ID, "answer", answer(p.failed), "kind", fmt.Sprintf("%T", p.failed))
	}
}

// answer is the provider's to an attempt, in a word or as a status of HTTP or SMTP.
func answer(failed error) string {
	var refused *mail.Refused
	switch {
	case failed == nil:
		return "taken"
	case errors.As(failed, new(*unwritable)):
		return "not asked" // there is no email
	case !errors.As(failed, &refused):
		return "unknown"
	case refused.Status != 0:
		return strconv.Itoa(refused.Status)
	case refused.Permanent:
		return "not asked"
	}
	return "not reached"
}

// record writes how an attempt ended.
func (s *sender) record(ctx context.Context, p *post) error {
	c := s.Store.Commit()
	p.save(c, s.Now())
	return c.Do(ctx)
}

// paced takes the programme's and the domain's share for what a plan sends. An email
// for a domain that may be sent no more waits for the next window; a programme that
// may send no more in a lane pauses there, which is the first result.
func (s *sender) paced(ctx context.Context, p *plan, server, now time.Time) (paused, err error) {
	if p.post == nil {
		return nil, nil
	}
	free, full, err := s.pace.reserve(ctx, p.post.about[0], server)
	if err != nil || free {
		return nil, err
	}
	m := p.post.lead
	p.post = nil
	limited.Add(ctx, 1, metric.WithAttributes(attribute.String("limit", full), attribute.String("lane", string(m.Lane))))
	if full == ofProgramme {
		return errPaused, nil
	}
	if m.State == outbox.InDoubt {
		m.DueAt = outbox.Next(server) // it stays in doubt
	} else {
		m.Wait(now.Add(outbox.Next(server).Sub(server)))
	}
	p.changed = append(p.changed, m)
	return nil, nil
}
