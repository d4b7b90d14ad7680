// Package outbox is the function that turns messages into emails: woken by a
// message's event, and by a schedule that finds what an event missed, a crash
// left behind or the provider refused for now. It also takes the provider's
// reports of what became of emails.
package outbox

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/schedule"
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
	pace     *pace
	// strangers has a place for each email to a stranger that events send at once.
	strangers chan struct{}
	backup    backup
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
	s := &sender{
		Runtime: rt, letters: letters, provider: provider, terms: outbox.Usual, key: key,
		pace: newPace(rt.Store, c), strangers: make(chan struct{}, strangersAtOnce),
	}
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
		Schedules: map[schedule.Name]func(context.Context) error{schedule.OutboxSweep: s.sweep},
		Beat:      rt.Beat,
	}.Handler()
	routes := serve.NewRoutes(rt, nil)
	routes.Machine("POST "+cloudevent.Path, access.Events, events)
	if s.key != nil {
		routes.Machine("POST "+web.Webhooks+"sendgrid", access.Outcomes, &webhook{s})
	}
	return routes, nil
}

// programmeTime is the programme's time at a moment of the server's: they differ
// where the programme's date was moved, in local development.
func (s *sender) programmeTime(server time.Time) time.Time {
	return server.Add(s.Now().Sub(clock.Real())).Truncate(time.Microsecond)
}

// What an operator watches: docs/runbook.md says what each means. Kinds, states and
// answers are few; none tells of a person.
var (
	attempts  = telemetry.Counter("cascade.messages.attempts", "Attempts to send an email, by kind, by the state it was left in and by the provider's answer")
	reports   = telemetry.Counter("cascade.messages.reports", "What the provider reported of emails, by outcome")
	takeovers = telemetry.Counter("cascade.messages.takeovers", "Leases that ran out without an outcome")
	limited   = telemetry.Counter("cascade.messages.limited", "Emails that had to wait since a limit of emails a minute was used up, by limit and lane")
	faults    = telemetry.Counter("cascade.account.faults", "What the provider found wrong with the host's account, by fault")
	unplaced  = telemetry.Counter("cascade.webhook.unplaced", "Reports about emails that are not known, by outcome")
	unsigned  = telemetry.Counter("cascade.webhook.refused", "Reports that were refused: not signed by the provider, or too old")
	backups   = telemetry.Counter("cascade.erasures.uncompared", "Looks by which emails wait, since erasures are not compared with a backup that was restored")
	oldest    = telemetry.Gauge("cascade.messages.oldest", "How long the message of a lane waits that waits the longest beyond its time; 0 where none does")
	unsettled = telemetry.Gauge("cascade.messages.unsettled", "How long ago the message was first tried that was so the longest ago and is not at its end; 0 where all are")
)

// fromZero has counts begin at nothing, since the rise to the first one would not be
// seen otherwise.
func fromZero() {
	ctx := context.Background()
	takeovers.Add(ctx, 0)
	unsigned.Add(ctx, 0)
	backups.Add(ctx, 0)
	for _, f := range outbox.Faults {
		faults.Add(ctx, 0, metric.WithAttributes(attribute.String("fault", string(f))))
	}
	for _, limit := range []string{ofProgramme, ofDomain} {
		for _, lane := range outbox.Lanes {
			limited.Add(ctx, 0, metric.WithAttributes(attribute.String("limit", limit), attribute.String("lane", string(lane))))
		}
	}
}
