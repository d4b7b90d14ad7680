package store

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// transition is a change of a document's state, for the log: ids, kinds and states alone.
type transition struct {
	what  string
	attrs []any
	count func(context.Context)
}

// LogTransition says for the log that the commit moves a document to a state. The line is
// written once the commit is made: of what never was, there is none.
func (c *writes) LogTransition(what, id, state string) {
	c.transitions = append(c.transitions, transition{what: what, attrs: []any{"id", id, "state", state}})
}

// tell writes the lines about a commit that was made, and counts.
func (c *writes) tell(ctx context.Context) {
	for _, m := range c.transitions {
		slog.InfoContext(ctx, m.what, m.attrs...)
		if m.count != nil {
			m.count(ctx)
		}
	}
}

// What an operator watches. Kinds are few, and none tells of a person.
var (
	owed  = telemetry.Counter("cascade.messages.owed", "Messages written with their cause, by kind")
	aside = telemetry.Counter("cascade.messages.aside", "Messages that were set aside and need a person, by kind")
)

// message is that of a message.
func (c *writes) message(m *outbox.Message, counter metric.Int64Counter) {
	line := transition{what: "message", attrs: []any{"id", m.ID, "kind", m.Kind, "state", m.State, "attempts", m.Attempts, "doubts", m.Doubts}}
	for name, value := range map[string]string{"with": m.With, "outcome": string(m.Outcome), "why": m.Failure} {
		if value != "" {
			line.attrs = append(line.attrs, name, value)
		}
	}
	if counter != nil {
		kind := metric.WithAttributes(attribute.String("kind", string(m.Kind)))
		line.count = func(ctx context.Context) { counter.Add(ctx, 1, kind) }
	}
	c.transitions = append(c.transitions, line)
}
