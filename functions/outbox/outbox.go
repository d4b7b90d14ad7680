// Package outbox is the function that turns messages into emails: woken by a
// message's event, and by a schedule that finds what an event missed, a crash
// left behind or the provider refused for now.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/platform/event"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
)

func init() { serve.Register("outbox", New) }

// Config is the environment of this function beside that of every function.
type Config struct {
	Key         string `env:"SENDGRID_API_KEY, required"`
	Host        string `env:"SENDGRID_HOST, default=https://api.sendgrid.com"`
	SenderName  string `env:"CASCADE_SENDER_NAME, required"`
	SenderEmail string `env:"CASCADE_SENDER_EMAIL, required"`
}

// sender is what the handlers work with.
type sender struct {
	*serve.Runtime
	letters  *mail.Letters
	provider mail.Provider
	sent     metric.Int64Counter
}

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	var c Config
	if err := serve.Environment(&c); err != nil {
		return nil, err
	}
	return handler(rt, c)
}

func handler(rt *serve.Runtime, c Config) (http.Handler, error) {
	letters, err := mail.Parse()
	if err != nil {
		return nil, err
	}
	sent, err := otel.Meter("github.com/cascading-leadership/cascade").Int64Counter("cascade.messages",
		metric.WithDescription("Attempts to send a message, by kind and outcome"))
	if err != nil {
		return nil, err
	}
	s := &sender{rt, letters, mail.NewSendGrid(c.Key, c.Host, c.SenderName, c.SenderEmail, false), sent}
	events := event.Handlers{
		Document: func(ctx context.Context, ids []string) error { return s.send(ctx, ids[0]) },
		Schedule: func(ctx context.Context, _ string) error { return s.sweep(ctx) },
	}.Handler()
	mux := http.NewServeMux()
	mux.Handle("POST "+event.Path, events)
	return mux, nil
}

// page is how many due messages one look takes up.
const page = 100

// sweep sends what is due. It stops when nothing more is, or when a message
// failed for now, which the next tick tries again.
func (s *sender) sweep(ctx context.Context) error {
	var errs []error
	swept := 0
	for {
		// Due by the server's clock, which the reading of any document tells.
		now, err := s.Store.Time(ctx)
		if err != nil {
			return err
		}
		ids, err := s.Store.DueMessages(ctx, now, page)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.send(ctx, id); err != nil {
				errs = append(errs, err)
			}
		}
		swept += len(ids)
		if len(ids) < page || len(errs) > 0 || ctx.Err() != nil {
			if swept > 0 { // most sweeps find nothing
				slog.InfoContext(ctx, "swept", "messages", swept, "failed", len(errs))
			}
			return errors.Join(append(errs, ctx.Err())...)
		}
	}
}
