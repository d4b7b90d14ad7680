package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/sample"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

func sampleCommand() *cobra.Command {
	return group("sample", "Work with the sample programme", &cobra.Command{
		Use: "load", Short: "Load the sample programme into the emulator", Args: cobra.NoArgs,
		Long: "Load a programme with 15 and 15 made-up leaders of real organisations, at every stage of the journey. ./scripts/up does this by itself.\n" +
			"CASCADE_ANSWER_KEYS is the setting of the questionnaires function that is to find their answers.",
		Example: "  FIRESTORE_EMULATOR_HOST=127.0.0.1:8081 GOOGLE_CLOUD_PROJECT=demo-cascade cascade sample load",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Getenv("FIRESTORE_EMULATOR_HOST") == "" {
				return errors.New("the sample is for the emulator alone: set FIRESTORE_EMULATOR_HOST")
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			answers, err := openAnswers(cmd.Context())
			if err != nil {
				return err
			}
			defer answers.Close()
			ring, err := keys.Parse(os.Getenv("CASCADE_ANSWER_KEYS"))
			if err != nil {
				return fmt.Errorf("CASCADE_ANSWER_KEYS: %w; give the one that the questionnaires function has, by which the sample's answers are kept", err)
			}
			return sample.Load(cmd.Context(), db, answers, ring.For("answers"), clock.Real(), func(text string) { fmt.Fprintln(cmd.OutOrStdout(), text) })
		},
	})
}
