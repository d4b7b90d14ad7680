// Command cascade sets up programmes and their staff in Firestore.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use: "cascade", Short: "Set up Cascading Leadership programmes",
		Long: "Set up Cascading Leadership programmes.\n\n" +
			"It works on the Firestore of the project in GOOGLE_CLOUD_PROJECT, or, with FIRESTORE_EMULATOR_HOST set, on the emulator there.",
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(programmeCommand(), staffCommand(), sampleCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cascade:", err)
		os.Exit(2)
	}
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
