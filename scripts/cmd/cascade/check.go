package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func checkCommand() *cobra.Command {
	var root string
	c := &cobra.Command{
		Use: "check", Short: "Say which schedule has been silent for two intervals", Args: cobra.NoArgs,
		Long: "Say when the work of each schedule in infra/schedules.yaml was last done. Ends with 1 where one has been silent for two intervals:\n" +
			"where it came due twice since. It needs nothing but Firestore, and can be run by any scheduler that tells someone about a failure.",
		Example: "  cascade check",
		RunE: func(cmd *cobra.Command, _ []string) error {
			schedules, err := wiring.Schedules(root)
			if err != nil {
				return err
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			// The programme's date, where it was moved in local development.
			date, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			server, err := db.Time(cmd.Context())
			if err != nil {
				return err
			}
			beats, err := db.Heartbeats(cmd.Context())
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			silent := heard(table, schedules, beats, server.Add(date().Sub(clock.Real())))
			if err := table.Flush(); err != nil {
				return err
			}
			if len(silent) > 0 {
				return finding{errors.New("silent for two intervals: " + strings.Join(silent, ", "))}
			}
			return nil
		},
	}
	c.Flags().StringVar(&root, "root", ".", "the project's folder, with infra/schedules.yaml")
	return c
}

// heard prints when each schedule was last heard of, and returns the silent ones. One
// that was never heard of counts from the first that ever was.
func heard(out *tabwriter.Writer, schedules []wiring.Schedule, beats []*store.Heartbeat, now time.Time) (silent []string) {
	last, first := map[string]time.Time{}, time.Time{}
	for _, b := range beats {
		last[b.Schedule] = b.At
		if first.IsZero() || b.First.Before(first) {
			first = b.First
		}
	}
	for _, s := range schedules {
		at, said := last[s.Name], "never"
		if !at.IsZero() {
			said = fmt.Sprintf("%s ago", now.Sub(at).Round(time.Second))
		}
		since, state := at, "well"
		if since.IsZero() {
			since = first
		}
		if since.IsZero() || s.Silent(since, now) {
			state = "SILENT"
			silent = append(silent, s.Name)
		}
		fmt.Fprintf(out, "%s\t%s\tlast done %s\t(%s)\n", s.Name, state, said, s.Cron)
	}
	return silent
}
