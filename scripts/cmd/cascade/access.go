package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/access"
)

func accessCommand() *cobra.Command {
	return &cobra.Command{
		Use: "access", Short: "Print who may do and see what", Args: cobra.NoArgs,
		Long:    "Print who may do and see what, as docs/access.md has it.",
		Example: "  cascade access > docs/access.md",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), access.Document())
			return err
		},
	}
}
