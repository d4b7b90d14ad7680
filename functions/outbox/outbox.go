// Package outbox is the function that turns messages into emails: woken by a
// message's event, and by a schedule that finds what an event missed, a crash
// left behind or the provider refused for now. It also takes the provider's
// reports of what became of emails.
//
// A message's way through it is the order of its files. Each step takes what the one
// before it returned; send.go passes it on, and no file calls into one above it, as a
// test here holds.
//
//	outbox.go      is woken, by an event, a schedule or the provider
//	sweep.go       finds the messages of each programme that are due
//	send.go        takes them through the steps, several at once
//	read.go        reads what may go in the same email, and what all of it is about
//	decide.go      says what is not wanted any more, and what has to wait for another
//	daily_email.go says what of the rest goes now, as one email to a person
//	rate_limit.go  holds emails to so many a minute
//	claim.go       leases the messages, so that no other sender takes them up
//	write.go       writes their letters as one email
//	deliver.go     hands it to the provider
//	outcome.go     records how that ended
//	webhook.go     takes the provider's report of what became of the email
//	bundle.go      is the messages that go as one email
//	about.go       is a message with what it is about
package outbox

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

func init() { serve.Register("outbox", New) }

// Config is the environment of this function beside that of every function.
type Config struct {
	// Provider is sendgrid or smtp.
	Provider string `env:"CASCADE_MAIL_PROVIDER, default=sendgrid"`
	Key      string `env:"SENDGRID_API_KEY"`
	Host     string `env:"SENDGRID_HOST, default=https://api.sendgrid.com"`
	// WebhookKey is the public key of SendGrid's signed event webhook, as SendGrid
	// shows it: base64 of DER. Without it no report is believed, and a message in doubt
	// is sent again after a short while.
	WebhookKey  string `env:"SENDGRID_WEBHOOK_KEY"`
	SMTP        SMTP
	SenderName  string `env:"CASCADE_SENDER_NAME, required"`
	SenderEmail string `env:"CASCADE_SENDER_EMAIL, required"`
	// Emails a minute of each programme, and to each domain of recipients; 0 for as
	// many as there are.
	PerProgramme int `env:"CASCADE_MAILS_PER_MINUTE, default=600"`
	PerDomain    int `env:"CASCADE_MAILS_PER_MINUTE_AND_DOMAIN, default=120"`
}

// SMTP is how a mail server is reached, where it is the provider.
type SMTP struct {
	Host     string `env:"SMTP_HOST"`
	Port     int    `env:"SMTP_PORT, default=587"`
	User     string `env:"SMTP_USER"`
	Password string `env:"SMTP_PASSWORD"`
	// TLS is implicit, starttls, none on this machine alone, or "" for what is usual at
	// the port.
	TLS string `env:"SMTP_TLS"`
}

// provider is the one that the configuration names.
func (c Config) provider(reports bool) (mail.Provider, error) {
	switch c.Provider {
	case "", "sendgrid":
		if c.Key == "" {
			return nil, errors.New("environment: SENDGRID_API_KEY is missing; or set CASCADE_MAIL_PROVIDER=smtp and SMTP_HOST")
		}
		return mail.NewSendGrid(c.Key, c.Host, c.SenderName, c.SenderEmail, reports), nil
	case "smtp":
		if c.SMTP.Host == "" {
			return nil, errors.New("environment: SMTP_HOST is missing, which CASCADE_MAIL_PROVIDER=smtp needs")
		}
		return mail.NewSMTP(mail.SMTPConfig(c.SMTP), c.SenderName, c.SenderEmail)
	}
	return nil, fmt.Errorf("environment: CASCADE_MAIL_PROVIDER is %q: it can be sendgrid or smtp", c.Provider)
}

// sender is what the handlers work with.
type sender struct {
	*serve.Runtime
	letters  *mail.Letters
	provider mail.Provider
	terms    outbox.Terms
	limits   *limiter
	// key is the provider's, which signs its reports; nil where none is believed.
	key *ecdsa.PublicKey
}

// New makes the function's handler.
func New(_ context.Context, rt *serve.Runtime) (http.Handler, error) {
	var c Config
	if err := serve.Environment(&c); err != nil {
		return nil, err
	}
	return handler(rt, c)
}

// newSender makes what the handlers work with.
func newSender(rt *serve.Runtime, c Config) (*sender, error) {
	letters, err := mail.Parse()
	if err != nil {
		return nil, err
	}
	key, err := publicKey(c.WebhookKey)
	if err != nil {
		return nil, err
	}
	provider, err := c.provider(key != nil)
	if err != nil {
		return nil, err
	}
	s := &sender{rt, letters, provider, outbox.Usual, newLimiter(rt.Store, c), key}
	s.terms.Reports = s.provider.Reports()
	return s, nil
}

func handler(rt *serve.Runtime, c Config) (http.Handler, error) {
	s, err := newSender(rt, c)
	if err != nil {
		return nil, err
	}
	fromZero()
	events := cloudevent.Handlers{
		Document: func(ctx context.Context, ids []string) error {
			if err := s.send(ctx, ids[0]); !errors.Is(err, errPaused) {
				return err
			}
			return nil // the sweep goes on with it
		},
		Schedule: func(ctx context.Context, _ string) error { return s.sweep(ctx) },
		Beat:     rt.Beat,
	}.Handler()
	mux := http.NewServeMux()
	mux.Handle("POST "+cloudevent.Path, events)
	if s.key != nil {
		mux.Handle("POST "+web.Webhooks+"sendgrid", &webhook{s})
	}
	return mux, nil
}

// fromZero has counts begin at nothing, since the rise to the first one would not be
// seen otherwise.
func fromZero() {
	ctx := context.Background()
	takeovers.Add(ctx, 0)
	unsigned.Add(ctx, 0)
	for _, limit := range []string{ofProgramme, ofDomain} {
		limited.Add(ctx, 0, metric.WithAttributes(attribute.String("limit", limit)))
	}
}
