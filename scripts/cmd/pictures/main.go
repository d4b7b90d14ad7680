// Command pictures makes the pictures of the documents: pages as they look in the
// running sample, and the packages as their imports have them. It is run by
// scripts/pictures.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// folder is where the documents' pictures stand, in the project's folder.
const folder = "docs/pictures"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var root string
	var only bool
	c := &cobra.Command{
		Use: "pictures", Short: "Make the pictures of the documents", Args: cobra.NoArgs,
		Long: "Make the pictures in docs/pictures: pages as Chromium shows them in the running sample, and the packages as their imports have them.\n" +
			"The plot of matching is made by scripts/bench-matching.",
		Example:      "  scripts/pictures\n  scripts/pictures --packages     the packages alone, in a second",
		SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			into := filepath.Join(root, folder)
			drawing, err := packages(cmd.Context(), root)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(into, packagesFile), drawing, 0o644); err != nil {
				return err
			}
			if only {
				return nil
			}
			return pages(cmd.Context(), root, into, cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&root, "root", ".", "the project's folder")
	c.Flags().BoolVar(&only, "packages", false, "draw the packages alone")
	_ = c.Flags().MarkHidden("root")
	return c
}
