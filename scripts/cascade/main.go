// Command cascade sets up programmes and their staff in Firestore.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cascade:", err)
		os.Exit(2)
	}
}

func command() *cobra.Command {
	root := group("cascade", "Set up Cascading Leadership programmes", programmeCommand(), staffCommand(), sampleCommand())
	root.Long = "Set up Cascading Leadership programmes.\n\n" +
		"It works on the Firestore of the project in GOOGLE_CLOUD_PROJECT, or, with FIRESTORE_EMULATOR_HOST set, on the emulator there."
	root.SilenceUsage, root.SilenceErrors = true, true
	root.CompletionOptions = cobra.CompletionOptions{DisableDefaultCmd: true}
	return root
}

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

// open connects to Firestore as the environment says.
func open(ctx context.Context) (*store.Store, error) {
	project := os.Getenv("GOOGLE_CLOUD_PROJECT")
	if project == "" {
		return nil, errors.New("GOOGLE_CLOUD_PROJECT is not set: it names the project whose Firestore is meant")
	}
	database := os.Getenv("FIRESTORE_DATABASE")
	if database == "" {
		database = "(default)"
	}
	return store.Open(ctx, project, database)
}
