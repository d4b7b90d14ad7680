package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/retention"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

func retentionCommand() *cobra.Command {
	var apply bool
	var reason string
	c := &cobra.Command{
		Use: "retention [PROGRAMME]", Short: "See what is deleted when, and delete what is due", Args: cobra.MaximumNArgs(1),
		Long: "List the programmes, how long each keeps what is about people, and how far its deletion is. For one programme count what would be\n" +
			"deleted now, by type of document, and say from when on.\n\n" +
			"The reminders function announces it five weeks before, at the desk and in the coordinators' daily email, and deletes it on its day, by the\n" +
			"schedule retention-sweep. --apply does the same at once, where it is due: where the day has come and the announcement has stood for\n" +
			"30 days. To keep things for longer, move the programme's end before with `cascade programme dates`. The reason is kept in the audit\n" +
			"trail for two years: name nobody in it. Ends with 1 where something is left, since an email is being sent or another writes.",
		Example: "  cascade retention\n" +
			"  cascade retention north\n" +
			"  cascade retention north --apply --reason 'The schedule did not run in May'",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
			switch {
			case apply && len(args) == 0:
				return errors.New("--apply is for one programme: name it")
			case apply && reason == "":
				return errors.New("say why with --reason")
			}
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listRetention(ctx, out, db)
			}
			p, err := namedProgramme(ctx, db, args[0])
			if err != nil {
				return err
			}
			answers, err := openAnswers(ctx)
			if err != nil {
				return err
			}
			defer answers.Close()
			if apply {
				if !p.Retention.Due(now()) {
					return fmt.Errorf("nothing is due: %s", retained(p))
				}
				err = carryOut(ctx, db, answers, p.ID, reason, now)
				if err == nil || store.IsConflict(err) {
					p, err = db.Programme(ctx, p.ID)
				}
				if err != nil {
					return err
				}
			}
			fmt.Fprintf(out, "%s: %s.\n", p.Name, retained(p))
			left, err := tellEnding(ctx, out, db, answers, p.ID, register.OnceOver)
			switch {
			case err != nil:
				return err
			case apply && !p.Retention.Done():
				return finding{fmt.Errorf("%s left: run it again in a few minutes", documents(left))}
			case left == 0:
				fmt.Fprintln(out, "There is nothing to be deleted.")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&apply, "apply", false, "delete what is due")
	c.Flags().Var((*typed)(&reason), "reason", "why it is done by hand; it is kept, so name nobody")
	return c
}

// carryOut deletes what is due of a programme in both databases.
func carryOut(ctx context.Context, db *store.Store, answers *store.Answers, id, reason string, now clock.Clock) error {
	sweep := retention.Sweep{Store: db, Now: now, By: "cascade retention", Why: "by hand: " + reason, Commits: 10_000}
	// The first round deletes, the second one finds nothing, and what another did meanwhile
	// takes one more.
	for range 5 {
		p, err := db.Programme(ctx, id)
		if err != nil || p.Retention.Done() {
			return err
		}
		if err := sweep.One(ctx, p); err != nil && !store.IsConflict(err) {
			return err
		}
		if p, err = db.Programme(ctx, id); err != nil {
			return err
		}
		if err := sweep.Part(ctx, answers, p, register.Questionnaires); err != nil {
			return err
		}
	}
	return nil
}

// listRetention prints how long programmes keep things.
func listRetention(ctx context.Context, out io.Writer, db *store.Store) error {
	all, err := db.Programmes(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		fmt.Fprintf(out, "%s, %s: %s\n", p.ID, p.Name, retained(p))
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "There are no programmes.")
	}
	return nil
}

// retained is how long a programme keeps what is about people, and how far it is, in words.
func retained(p *programme.Programme) string {
	day := func(at time.Time) string { return at.In(p.Location()).Format(time.DateOnly) }
	until, ends := p.KeptUntil()
	switch r := &p.Retention; {
	case r.Done():
		return "it ended on " + p.Dates.Ends + ", and what it kept about people was deleted; on " + day(r.DoneAt) + " nothing was left"
	case r.Begun():
		return "it ended on " + p.Dates.Ends + ", and what it kept about people is being deleted since " + day(r.BegunAt)
	case !ends:
		return "it has no dates, and nothing is deleted by itself: see cascade programme dates"
	case r.Announced():
		return "it ends on " + p.Dates.Ends + "; what it keeps about people is deleted from " + day(r.DueAt) + " on, as was announced on " + day(r.AnnouncedAt)
	default:
		return "it ends on " + p.Dates.Ends + "; what it keeps about people is deleted from " + day(until) + " on, and not announced yet"
	}
}

// tellEnding prints how many documents of each type end at an occasion, and returns how many
// they are.
func tellEnding(ctx context.Context, out io.Writer, db *store.Store, answers *store.Answers, p string, at register.Occasion) (n int, err error) {
	all, err := db.CountEnding(ctx, p, at)
	if err != nil {
		return 0, err
	}
	more, err := answers.CountEnding(ctx, p, at)
	if err != nil {
		return 0, err
	}
	for _, c := range append(all, more...) {
		n += c.N
		fmt.Fprintf(out, "  %7s  %s: %s\n", count(c.N), c.Of, store.DocumentOf(c.Of).Register.Holds)
	}
	return n, nil
}
