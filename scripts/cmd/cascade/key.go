package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

func keyCommand() *cobra.Command {
	return group("key", "Make the keys by which links are hashed and cookies are signed", &cobra.Command{
		Use: "new", Short: "Print a new key, with today's date as its id", Args: cobra.NoArgs,
		Long: "Print a new key, with today's date as its id. Whoever has it and can write to the database can make links: keep it where you keep passwords.\n" +
			"How a key is changed without breaking links that were sent stands in docs/deploy.md, under Keys.",
		Example: "  cascade key new",
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), keys.New(clock.Real()))
			return nil
		},
	})
}
