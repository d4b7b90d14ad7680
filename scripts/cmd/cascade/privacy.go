package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/text"
)

func privacyCommand() *cobra.Command {
	var settings string
	c := &cobra.Command{
		Use: "privacy [PROGRAMME]", Short: "Print the record of processing, a draft impact assessment, and who handles data where", Args: cobra.MaximumNArgs(1),
		Long: `Print, as Markdown, what a host's organisation needs for data protection beside the notice that people read: the record of processing
activities, a draft of the impact assessment, the processors and transfers by the settings, and what those who run the system can read.

It comes from the same source as the notice: the register of what is stored, and the settings of a programme in the
database, or of a file or preset. Where data goes is read from the
environment, as the functions have it: CASCADE_MAIL_PROVIDER, SENDGRID_HOST, SMTP_HOST, CASCADE_OPENID_ISSUER, and what no program can know:
CASCADE_DATABASE_LOCATION (such as europe-west2), CASCADE_PLATFORM and CASCADE_WATCHED_BY, in words.`,
		Example: "  cascade privacy north > north-privacy.md\n" +
			"  cascade privacy --settings north.yaml\n" +
			"  CASCADE_DATABASE_LOCATION=europe-west2 cascade privacy --settings pilot-2016",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := programmeOf(cmd.Context(), args, settings)
			if err != nil {
				return err
			}
			var d privacy.Deployment
			if err := serve.Environment(&d); err != nil {
				return err
			}
			return privacy.Papers(cmd.OutOrStdout(), p, store.Stored(), d)
		},
	}
	c.Flags().StringVar(&settings, "settings", "pilot-2016", "the programme's settings: a file, or a preset's name")
	return c
}

// programmeOf is the programme that is named, or the one that a file's or a preset's settings
// would make.
func programmeOf(ctx context.Context, args []string, settings string) (*programme.Programme, error) {
	if len(args) == 0 {
		if slices.Contains(programme.Presets(), settings) {
			return programme.Preset(settings)
		}
		file, err := os.ReadFile(settings)
		if err != nil {
			return nil, err
		}
		p, err := programme.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", settings, err)
		}
		return p, nil
	}
	db, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Programme(ctx, text.Tidy(args[0]))
}
