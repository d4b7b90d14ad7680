package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/gateway"
	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/scripts/internal/relay"
	"github.com/cascading-leadership/cascade/scripts/internal/scheduler"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
)

// issuerKey says what the file is that those share who tell and use the local issuer's key.
const issuerKey = "file with the local issuer's key, made at the first time"

func issuerCommand() *cobra.Command {
	var port int
	var key string
	c := &cobra.Command{
		Use: "issuer", Short: "Tell the key by which events of this machine are signed", Args: cobra.NoArgs,
		Long: "Tell the key by which the relay, the scheduler and `cascade invoke` sign for the events that they deliver, as functions ask for it.\n" +
			"A platform has an issuer of its own.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			issuer, err := localissuer.Open(key)
			if err != nil {
				return err
			}
			return listen(cmd.Context(), port, issuer)
		},
	}
	c.Flags().IntVar(&port, "port", 0, "port to listen on")
	c.Flags().StringVar(&key, "key", "issuer.key", issuerKey)
	return c
}

func relayCommand() *cobra.Command {
	var port int
	var routes map[string]string
	var faults relay.Faults
	var seed uint64
	var key string
	c := &cobra.Command{
		Use: "relay", Short: "Deliver the emulator's document events to the functions", Args: cobra.NoArgs,
		Example: "  local relay --port 9001 --route outbox-created=http://127.0.0.1:9002/events --double 1 --shuffle 2s --drop 0.1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			issuer, err := localissuer.Open(key)
			if err != nil {
				return err
			}
			return listen(cmd.Context(), port, relay.New(routes, faults, seed, issuer))
		},
	}
	f := c.Flags()
	f.IntVar(&port, "port", 0, "port to listen on")
	f.StringToStringVar(&routes, "route", nil, "a trigger's name and the address that takes its events")
	f.DurationVar(&faults.Delay, "delay", 0, "how long each event waits")
	f.DurationVar(&faults.Shuffle, "shuffle", 0, "the most that each event waits beyond that, at random")
	f.Float64Var(&faults.Double, "double", 0, "share of events to deliver twice, 0 to 1")
	f.Float64Var(&faults.Drop, "drop", 0, "share of events not to deliver, 0 to 1")
	f.Uint64Var(&seed, "seed", 1, "the same seed makes the same choices")
	f.StringVar(&key, "key", "issuer.key", issuerKey)
	return c
}

func schedulerCommand() *cobra.Command {
	var port int
	var root, key string
	var functions map[string]string
	c := &cobra.Command{
		Use: "scheduler", Short: "Fire the schedules of infra/schedules.yaml", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schedules, err := wiring.Schedules(root)
			if err != nil {
				return err
			}
			for name, address := range functions {
				functions[name] = address + cloudevent.Path
			}
			issuer, err := localissuer.Open(key)
			if err != nil {
				return err
			}
			s, err := scheduler.New(schedules, functions, issuer, os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			h, err := s.Handler()
			if err != nil {
				return err
			}
			go s.Run(cmd.Context())
			return listen(cmd.Context(), port, h)
		},
	}
	f := c.Flags()
	f.IntVar(&port, "port", 0, "port to listen on")
	f.StringVar(&root, "root", ".", "the project's folder")
	f.StringVar(&key, "key", "issuer.key", issuerKey)
	f.StringToStringVar(&functions, "function", nil, "a function's name and address")
	return c
}

func mailboxCommand() *cobra.Command {
	var port int
	var file, events, key, faults string
	var patience time.Duration
	c := &cobra.Command{
		Use: "mailbox", Short: "Take emails as SendGrid does, tell what became of them, and show them", Args: cobra.NoArgs,
		Long: `Take emails as SendGrid does, tell what became of them, and show them at /mailbox/.

With --events, what becomes of each email is posted as SendGrid's signed event
webhook does. Where an address begins with one of these words, that becomes of
its emails; all others are delivered:
` + mailbox.Fates() + `
Faults are a JSON object, in --faults or put to /mailbox/faults while it runs:
  {"seed": 1, "shares": {"429": 0.1, "hang-after": 0.02}, "hang": "2s", "slow": "1s",
   "retryAfter": "2s", "events": {"drop": 0.1, "double": 0.2, "delay": "3s", "shuffle": true}}
With {"account": "quota"}, "header" or "spam-check", every email is taken, and told to be
dropped for that fault of the sender's account.
Shares are those of requests, 0 to 1, that meet each of:
` + mailbox.Kinds() + `
GET /mailbox/faults says what is set and has happened, /mailbox/attempts.json how
often each message was asked for, taken, and left unclear, and /mailbox/events.json
which events were told and taken.`,
		Example: `  local mailbox --port 9001 --events http://127.0.0.1:9002/webhooks/sendgrid --key webhook.key
  curl -X PUT -d '{"shares": {"503": 1}}' http://127.0.0.1:9001/mailbox/faults`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			b, err := mailbox.Open(file, now)
			if err != nil {
				return err
			}
			defer b.Close()
			if faults != "" {
				f, err := mailbox.ParseFaults(strings.NewReader(faults))
				if err != nil {
					return fmt.Errorf("--faults: %w", err)
				}
				if err := b.SetFaults(f); err != nil {
					return err
				}
			}
			h, err := b.Handler()
			if err != nil {
				return err
			}
			if events != "" {
				private, public, err := mailbox.Key(key)
				if err != nil {
					return err
				}
				slog.Info("events are told", "to", events, "publicKey", public)
				ctx, end := context.WithCancel(cmd.Context())
				ended := b.Report(ctx, mailbox.Reports{URL: events, Key: private, For: patience})
				defer func() { end(); ended() }()
			}
			return listen(cmd.Context(), port, h)
		},
	}
	f := c.Flags()
	f.IntVar(&port, "port", 0, "port to listen on")
	f.StringVar(&file, "file", "mailbox.jsonl", "file to keep the emails in")
	f.StringVar(&events, "events", "", "address to post events to")
	f.StringVar(&key, "key", "webhook.key", "file with the key that signs them, made at the first time")
	f.DurationVar(&patience, "patience", 2*time.Minute, "how long an event is posted again that nobody takes")
	f.StringVar(&faults, "faults", "", "what to do wrong from the start, as JSON")
	return c
}

func gatewayCommand() *cobra.Command {
	var port int
	var parts map[string]string
	c := &cobra.Command{
		Use: "gateway", Short: "Give all parts one address", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			addresses := map[string]*url.URL{}
			for name, address := range parts {
				to, err := url.Parse(address)
				if err != nil {
					return err
				}
				addresses[name] = to
			}
			return listen(cmd.Context(), port, gateway.New(addresses))
		},
	}
	c.Flags().IntVar(&port, "port", 0, "port to listen on")
	c.Flags().StringToStringVar(&parts, "part", nil, "a part's name and address")
	return c
}
