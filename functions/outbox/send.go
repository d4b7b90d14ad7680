package outbox

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// send sends one message if it is due: it leases it, so that no other sender
// takes it up meanwhile, writes the email, hands it over and records the outcome.
// A message that is sent, leased or not due is left alone.
func (s *sender) send(ctx context.Context, id string) error {
	m, now, err := s.Store.Message(ctx, id)
	if err != nil {
		return err
	}
	if !m.Claim(now) {
		return nil
	}
	// The trace goes on from the message's cause, not from what woke us.
	ctx, span := telemetry.Span(telemetry.Continue(ctx, m.Trace), "send message",
		attribute.String("cascade.message", m.ID), attribute.String("cascade.letter", string(m.Kind)))
	defer span.End()

	if err := s.save(ctx, m); err != nil {
		if store.Beaten(err) {
			return nil // another sender has it
		}
		return err
	}
	if m.State != outbox.Sending {
		slog.ErrorContext(ctx, "message given up", "id", m.ID, "kind", m.Kind, "attempts", m.Attempts)
		return nil
	}
	// The attempt goes on when the caller goes away: an email that the provider
	// takes meanwhile would be sent again. Each call has a time limit of its own.
	ctx = context.WithoutCancel(ctx)
	m, now, err = s.Store.Message(ctx, id) // as leased, to guard the outcome
	if err != nil {
		return err
	}
	failed := s.deliver(ctx, m)
	var refused *mail.Refused
	switch {
	case failed == nil:
	case fault.Is(failed, fault.NotFound):
		m.Drop("what it is about is gone")
	case errors.As(failed, &refused):
		m.Failed(refused.Error(), refused.Permanent, refused.RetryAfter, now)
	default:
		m.Failed("no answer from the provider, or the email could not be written", false, 0, now)
	}
	slog.InfoContext(ctx, "message", "id", m.ID, "kind", m.Kind, "state", m.State, "attempts", m.Attempts)
	s.sent.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", string(m.Kind)), attribute.String("state", string(m.State))))
	if failed != nil {
		slog.WarnContext(ctx, "message not sent", "id", m.ID, "error", failed)
	}
	return s.save(ctx, m)
}

func (s *sender) save(ctx context.Context, m *outbox.Message) error {
	m.UpdatedAt = s.Now()
	c := s.Store.Commit()
	c.UpdateMessage(m)
	return c.Do(ctx)
}

// deliver writes the email and hands it to the provider.
func (s *sender) deliver(ctx context.Context, m *outbox.Message) error {
	envelope, err := s.write(ctx, m)
	if err != nil {
		return err
	}
	id, err := s.provider.Send(ctx, *envelope)
	if err != nil {
		return err
	}
	m.Accepted(id)
	return nil
}
