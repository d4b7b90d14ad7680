// Command cascade sets up programmes and their staff in Firestore, and matches
// people from files without it.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	slog.SetLogLoggerLevel(slog.LevelWarn) // what moves is for the functions' logs
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cascade:", err)
		os.Exit(status(err))
	}
}

// status is the exit status of a run that failed: 1 for a finding, 2 for what
// cannot be done as it was asked for.
func status(err error) int {
	if errors.As(err, new(finding)) {
		return 1
	}
	return 2
}

func command() *cobra.Command {
	root := group("cascade", "Set up Cascading Leadership programmes, and match people from files",
		programmeCommand(), retentionCommand(), staffCommand(), personCommand(), auditCommand(), organisationsCommand(), keyCommand(), sampleCommand(), checkCommand(), matchCommand(), solveCommand(), verifyCommand(), generateCommand(), checkRowCommand(), migrateCommand(store.Migrations), invokeCommand(), dataCommand(), accessCommand(), privacyCommand(), wordsCommand())
	root.Long = "Set up Cascading Leadership programmes, and match people from files.\n\n" +
		"programme, retention, staff, audit, organisations, sample, check and migrate work on the Firestore of the project in GOOGLE_CLOUD_PROJECT, or, with FIRESTORE_EMULATOR_HOST set, on the\n" +
		"emulator there. match, solve, verify, generate and check-row work on files alone. invoke posts an event to a function, key makes a secret key, data and access\n" +
		"print what is stored, and who may see it, privacy the papers of data protection."
	root.SilenceUsage, root.SilenceErrors = true, true
	root.CompletionOptions = cobra.CompletionOptions{DisableDefaultCmd: true}
	return root
}

// finding is an error in what was checked, and not in how it was asked for.
type finding struct{ error }

func (f finding) Unwrap() error { return f.error }

// runs is the annotation of a command that holds others and does something by itself.
const runs = "runs"

// group is a command that only holds others, with all their examples. By itself
// it shows its help; what it does not hold is an error, and not just more help.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	var examples []string
	for _, c := range commands {
		examples = append(examples, c.Example)
	}
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs, Example: strings.Join(examples, "\n"),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(commands...)
	return c
}

// projectID is the one that the environment names.
func projectID() (string, error) {
	p := os.Getenv("GOOGLE_CLOUD_PROJECT")
	if p == "" {
		return "", errors.New("GOOGLE_CLOUD_PROJECT is not set: it names the project whose Firestore is meant")
	}
	return p, nil
}

// openAnswers connects to the database of answers as the environment says.
func openAnswers(ctx context.Context) (*store.Answers, error) {
	p, err := projectID()
	if err != nil {
		return nil, err
	}
	return store.OpenAnswers(ctx, p, cmp.Or(os.Getenv("FIRESTORE_ANSWERS_DATABASE"), "answers"))
}

// open connects to Firestore as the environment says.
func open(ctx context.Context) (*store.Store, error) {
	p, err := projectID()
	if err != nil {
		return nil, err
	}
	now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, p, cmp.Or(os.Getenv("FIRESTORE_DATABASE"), "(default)"))
	if err != nil {
		return nil, err
	}
	s.SetClock(now)
	// Without the key a command that would add to the audit trail says that it is missing.
	if setting, before := os.Getenv(keys.AuditSetting), os.Getenv("CASCADE_LINK_KEY"); setting != "" || before != "" {
		ring, err := keys.Audit(setting, before)
		if err != nil {
			return nil, err
		}
		s.SetAuditKeys(ring)
	}
	return s, nil
}
