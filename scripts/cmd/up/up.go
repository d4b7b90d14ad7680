package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/sample"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func up() *cobra.Command {
	var o stack.Options
	var relay, mailbox []string
	c := &cobra.Command{
		Use: "up", Short: "Start everything, with a sample programme", Args: cobra.NoArgs,
		Long: "Start everything on this machine: the Firestore emulator, every function, the scheduler, a mailbox and one address for all of it,\n" +
			"with a sample programme to look at. Ctrl-C stops what was started. The next start finds the data again.",
		Example: "  ./scripts/up\n  ./scripts/up --fresh                 begin anew\n  ./scripts/up --port 9000\n" +
			"  ./scripts/up --relay=--double=1 --relay=--shuffle=2s     every event twice, and out of order",
		RunE: func(cmd *cobra.Command, _ []string) error {
			began := time.Now()
			// What the sample moves is for the functions' logs.
			slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
			o.Say = func(text string) {
				fmt.Printf("%-14s | %s\n", "up", text)
			}
			o.Log, o.Relay, o.Mailbox = os.Stdout, relay, mailbox
			o.Emulator = os.Getenv("FIRESTORE_EMULATOR_HOST")
			var err error
			if o.Root, err = filepath.Abs(o.Root); err != nil {
				return err
			}
			if o.Dir == "" {
				o.Dir = filepath.Join(o.Root, ".cascade")
			}
			s, err := stack.Start(cmd.Context(), o)
			if err != nil {
				return err
			}
			defer s.Stop()
			if err := load(cmd, s, o); err != nil {
				return err
			}
			o.Say(fmt.Sprintf("ready after %d seconds", int(time.Since(began).Seconds())))
			fmt.Printf(`
  Enrol                %[1]s/
  Read every email     %[1]s/mailbox/
  Coordinate           %[1]s/desk/          sign in as %[2]s: the link comes to the mailbox
  Report               %[1]s/report/%[3]s   (signed in)
  Move the date        %[1]s/local/
  Its data, for ./scripts/cascade:  %[4]s
  For a function beside it, also:   %[5]s

  Ctrl-C stops everything. The data is kept; ./scripts/up --fresh begins anew.

`, s.URL, sample.Coordinator, sample.Programme, strings.Join(s.Environment(), " "), bearer.Setting+"='"+s.EventsFrom()+"'")
			<-cmd.Context().Done()
			o.Say("stopping")
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.Root, "root", ".", "the project's folder")
	f.StringVar(&o.Dir, "dir", "", "folder to keep data in (default: .cascade in the project's folder)")
	f.IntVar(&o.Port, "port", 8080, "port of the one address")
	f.BoolVar(&o.Fresh, "fresh", false, "forget what was kept and begin anew")
	f.StringArrayVar(&relay, "relay", nil, "a flag for the relay of document events, such as --relay=--double=1")
	f.StringArrayVar(&mailbox, "mailbox", nil, "a flag for the mailbox, such as --mailbox='--faults={\"shares\":{\"503\":1}}'")
	_ = f.MarkHidden("root")
	return c
}

// load puts the sample programme in, unless it is there.
func load(cmd *cobra.Command, s *stack.Stack, o stack.Options) error {
	os.Setenv("FIRESTORE_EMULATOR_HOST", s.Emulator)
	db, err := store.Open(cmd.Context(), stack.Project, "(default)")
	if err != nil {
		return err
	}
	defer db.Close()
	now, err := clock.New(filepath.Join(o.Dir, "clock"), s.Emulator)
	if err != nil {
		return err
	}
	db.SetClock(now)
	key, err := s.AuditKeys()
	if err != nil {
		return err
	}
	db.SetAuditKeys(key)
	answers, err := store.OpenAnswers(cmd.Context(), stack.Project, stack.Answers)
	if err != nil {
		return err
	}
	defer answers.Close()
	ring, err := keys.Parse(s.AnswerKeys())
	if err != nil {
		return err
	}
	return sample.Load(cmd.Context(), db, answers, ring.For("answers"), now(), o.Say)
}
