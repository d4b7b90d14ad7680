package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/register"
	"github.com/cascading-leadership/cascade/shared/text"
)

func deleteCommand() *cobra.Command {
	var apply, people bool
	var reason string
	c := &cobra.Command{
		Use: "delete PROGRAMME", Short: "Delete a programme with all that it stores", Args: cobra.ExactArgs(1),
		Long: "Count what is stored of a programme in both databases, its settings, answers and published figures among it; with --apply delete all of\n" +
			"it. You are asked to type the programme's id. Nothing brings it back but a backup. The audit trail stays, for two years, and has who did it\n" +
			"and why, so name nobody in the reason.\n\n" +
			"A programme that still keeps what is about people is refused: `cascade retention` says when that is deleted. With --with-people it is\n" +
			"deleted all the same, as where a programme never began; nobody is told. An erasure that was asked for is done with it. Ends with 1 where\n" +
			"something is left, since an email is being sent or another writes: run it again.",
		Example: "  cascade programme delete north\n" +
			"  cascade programme delete north --apply --reason 'The host gives it up'\n" +
			"  cascade programme delete trial --with-people --apply --reason 'It was to try things out'",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
			if apply && reason == "" {
				return errors.New("say why with --reason")
			}
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			answers, err := openAnswers(ctx)
			if err != nil {
				return err
			}
			defer answers.Close()
			p, err := namedProgramme(ctx, db, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s (%s): %s.\n", p.Name, p.ID, retained(p))
			if _, err := tellEnding(ctx, out, db, answers, p.ID, register.OnceDeleted); err != nil {
				return err
			}
			if !p.Retention.Done() && !people {
				return errors.New("it still keeps what is about people: wait until that is deleted, or say --with-people")
			}
			if !apply {
				fmt.Fprintln(out, "Nothing was deleted. Run it again with --apply and --reason to delete all of it.")
				return nil
			}
			if err := typedAgain(cmd.InOrStdin(), out, p.ID); err != nil {
				return err
			}
			now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				return err
			}
			if err := deleteProgramme(ctx, db, answers, p.ID, reason, now); err != nil {
				return err
			}
			fmt.Fprintf(out, "%s is deleted.\n", p.Name)
			return nil
		},
	}
	c.Flags().BoolVar(&apply, "apply", false, "delete it")
	c.Flags().BoolVar(&people, "with-people", false, "also where it still keeps what is about people")
	c.Flags().Var((*typed)(&reason), "reason", "why; it is kept, so name nobody")
	return c
}

// typedAgain has somebody type an id, so that nobody deletes another programme than they mean.
func typedAgain(in io.Reader, out io.Writer, id string) error {
	fmt.Fprintf(out, "Type %s to delete it: ", id)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	fmt.Fprintln(out)
	if text.Tidy(line) != id {
		return errors.New("that is not its id: nothing was deleted")
	}
	return nil
}

// deleteProgramme deletes all of a programme in both databases, and the programme itself last,
// so that whoever is interrupted goes on by the same command.
func deleteProgramme(ctx context.Context, db *store.Store, answers *store.Answers, id, reason string, now clock.Clock) error {
	const by, enough = "cascade programme", 10_000
	for range 5 {
		there, err := answers.End(ctx, id, register.OnceDeleted, enough)
		if err != nil {
			return err
		}
		here, err := db.End(ctx, id, register.OnceDeleted, enough, by, "with its programme: "+reason, now())
		if err != nil {
			return err
		}
		if there.Left || here.Left || there.Documents()+here.Documents() > 0 {
			continue
		}
		p, err := db.Programme(ctx, id)
		if err != nil {
			return err
		}
		c := db.Commit()
		c.Audit(store.AuditEntry{Programme: id, By: by, Did: "deleted the programme: " + reason, At: now()})
		c.DeleteProgramme(p)
		if err := c.Do(ctx); !store.IsConflict(err) {
			return err
		}
	}
	return finding{errors.New("something is left: run it again in a few minutes")}
}
