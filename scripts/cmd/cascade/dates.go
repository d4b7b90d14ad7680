package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/text"
)

func datesCommand() *cobra.Command {
	var to programme.Dates
	var apply bool
	c := &cobra.Command{
		Use: "dates PROGRAMME", Short: "See or set from when to when a programme runs", Args: cobra.ExactArgs(1),
		Long: "Say from when to when a programme runs, and what follows: when its questionnaires close, when answers become anonymous, and when what\n" +
			"it stores about people is deleted. With --starts and --ends say what would follow from other dates; with --apply set them. A date that is\n" +
			"left out stays. That they were set is kept in the audit trail. What has closed by earlier dates, or is anonymous, stays so.",
		Example: "  cascade programme dates north\n" +
			"  cascade programme dates north --starts 2027-01-11 --ends 2027-12-17\n" +
			"  cascade programme dates north --ends 2028-01-28 --apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
			given := cmd.Flags().Changed("starts") || cmd.Flags().Changed("ends")
			if apply && !given {
				return errors.New("say which with --starts and --ends")
			}
			return changing(ctx, args[0], func(db *store.Store, p *programme.Programme, now clock.Clock) error {
				before := p.Dates
				if given {
					after := before
					if cmd.Flags().Changed("starts") {
						after.Starts = to.Starts
					}
					if cmd.Flags().Changed("ends") {
						after.Ends = to.Ends
					}
					if err := p.Redate(after); err != nil {
						return err
					}
				}
				marks, err := db.Marks(ctx, p.ID)
				if err != nil {
					return err
				}
				if apply && p.Dates != before {
					if err := redate(ctx, db, p, before, now()); err != nil {
						return err
					}
				}
				tellDates(out, p, before, marks)
				if !p.Complaints.Set() {
					fmt.Fprintln(out, complaintsOf(p))
				}
				switch {
				case p.Dates != before && !apply:
					fmt.Fprintln(out, "Nothing was changed. Run it again with --apply to set these dates.")
				case given && p.Dates == before:
					fmt.Fprintln(out, "It has these dates already.")
				}
				return nil
			})
		},
	}
	c.Flags().Var((*typed)(&to.Starts), "starts", "the first day, such as 2027-01-11")
	c.Flags().Var((*typed)(&to.Ends), "ends", "the last day, such as 2027-12-17")
	c.Flags().BoolVar(&apply, "apply", false, "set the dates, and not only say what follows")
	return c
}

// namedProgramme is the programme that a command is given.
func namedProgramme(ctx context.Context, db *store.Store, id string) (*programme.Programme, error) {
	p, err := db.Programme(ctx, text.Tidy(id))
	if err != nil {
		return nil, fmt.Errorf("programme %q: %w", id, err)
	}
	return p, nil
}

// redate writes a programme with other dates than before.
func redate(ctx context.Context, db *store.Store, p *programme.Programme, before programme.Dates, now time.Time) error {
	c := db.Commit()
	p.UpdatedAt = now
	c.UpdateProgramme(p)
	c.Audit(store.AuditEntry{Programme: p.ID, By: "cascade programme", Did: "moved the programme’s dates from " + fromTo(before) + " to " + fromTo(p.Dates), At: now})
	return c.Do(ctx)
}

// fromTo is from when to when, in words.
func fromTo(d programme.Dates) string {
	if !d.Set() {
		return "none"
	}
	return d.Starts + " – " + d.Ends
}

// tellDates prints when a programme runs, and what follows.
func tellDates(out io.Writer, p *programme.Programme, before programme.Dates, marks *questionnaire.Marks) {
	day := func(at time.Time) string { return at.In(p.Location()).Format(time.DateOnly) }
	last := func(at time.Time) string { return day(at.AddDate(0, 0, -1)) }
	if p.Dates.Set() {
		fmt.Fprintf(out, "%s runs from %s to %s.\n", p.Name, p.Dates.Starts, p.Dates.Ends)
	} else {
		fmt.Fprintf(out, "%s has no dates, and so no end.\n", p.Name)
	}
	if p.Dates != before {
		fmt.Fprintf(out, "  before: %s\n", fromTo(before))
	}
	for _, m := range programme.Moments {
		at, ok := p.Closes(m)
		switch {
		case slices.Contains(marks.Closed, m):
			fmt.Fprintf(out, "  The %s questionnaire has closed, and stays so.\n", m)
		case ok:
			fmt.Fprintf(out, "  The %s questionnaire is answered until %s.\n", m, last(at))
		default:
			fmt.Fprintf(out, "  The %s questionnaire does not close, and there is no report.\n", m)
		}
	}
	switch at, ok := p.Anonymous(); {
	case marks.Anonymous:
		fmt.Fprintln(out, "  Answers are anonymous, and stay so.")
	case ok:
		fmt.Fprintf(out, "  Answers become anonymous on %s.\n", day(at))
	default:
		fmt.Fprintln(out, "  Answers stay pseudonymous.")
	}
	if at, ok := p.KeptUntil(); ok {
		fmt.Fprintf(out, "  What is kept about people is kept until %s.\n", last(at))
	} else {
		fmt.Fprintln(out, "  Nothing that is kept until a year after its end is ever deleted by itself.")
	}
}
