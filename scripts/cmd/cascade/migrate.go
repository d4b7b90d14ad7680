package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

func migrateCommand(migrations []store.Migration) *cobra.Command {
	var apply bool
	c := &cobra.Command{
		Use: "migrate", Short: "Bring stored documents into the shape of this version", Args: cobra.NoArgs,
		Long: "Say which documents are of an earlier version's shape, how many, and why they are to change; with --apply change them.\n\n" +
			"Every function reads documents of both shapes, so nothing has to stop, and nothing is in a hurry: bring out the new version\n" +
			"first, then migrate. A document that a function writes meanwhile is read again, and what was written stays. A run that was\n" +
			"broken off is started again and goes on with what is left; a second one changes nothing. Supervisors who are no members\n" +
			"of staff yet, since an earlier version's desk added them, become members. Entries of the audit trail that name people by\n" +
			"ids are written anew by pseudonyms, which takes the key in CASCADE_AUDIT_KEYS. Ends with 1 where a document\n" +
			"cannot be changed: its path is printed, it stays as it is, and the others are changed.",
		Example: "  cascade migrate\n  cascade migrate --apply",
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			p := follow(cmd.ErrOrStderr())
			defer p.end()
			found, err := db.Migrate(cmd.Context(), migrations, apply, func(collection string, done, of int) {
				p.at("going through "+collection, done, of)
			})
			if err == nil {
				err = migrateAnswers(cmd.Context(), migrations, apply, p, &found)
			}
			p.end()
			appointed := 0
			if err == nil {
				appointed, err = db.AppointSupervisors(cmd.Context(), "cascade migrate", apply)
			}
			moved := 0
			if err == nil {
				moved, err = db.MoveAudit(cmd.Context(), apply)
			}
			failed := tellMigrated(cmd.OutOrStdout(), found, appointed, moved, apply)
			if err == nil && failed > 0 {
				err = finding{fmt.Errorf("%s cannot be changed", documents(failed))}
			}
			return err
		},
	}
	c.Flags().BoolVar(&apply, "apply", false, "change the documents, and not only say which")
	return c
}

// migrateAnswers adds what is found in the database of answers, where there is anything.
func migrateAnswers(ctx context.Context, migrations []store.Migration, apply bool, p *progress, found *[]store.Migrated) error {
	answers, err := openAnswers(ctx)
	if err != nil {
		return err
	}
	defer answers.Close()
	more, err := answers.Migrate(ctx, migrations, apply, func(collection string, done, of int) {
		p.at("going through "+collection, done, of)
	})
	*found = append(*found, more...)
	return err
}

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return count(n) + " documents"
}

// tellMigrated prints what was or would be changed, and returns how many cannot be.
func tellMigrated(out io.Writer, found []store.Migrated, appointed, moved int, applied bool) (failed int) {
	changed := appointed + moved
	for _, m := range found {
		what := "would go"
		if applied {
			what = "went"
		}
		n := m.Documents - len(m.Failed)
		fmt.Fprintf(out, "%s: %s %s from schema %d to %d\n", m.Collection, documents(n), what, m.From, m.To)
		for _, why := range m.Why {
			fmt.Fprintf(out, "  %s\n", why)
		}
		for _, err := range m.Failed {
			fmt.Fprintf(out, "  cannot be changed: %v\n", err)
		}
		changed, failed = changed+n, failed+len(m.Failed)
	}
	if appointed > 0 {
		what := "would be given"
		if applied {
			what = "were given"
		}
		fmt.Fprintf(out, "supervisors: %s %s their member of staff\n  so that supervisors can sign in\n", documents(appointed), what)
	}
	if moved > 0 {
		what := "would be moved"
		if applied {
			what = "were moved"
		}
		fmt.Fprintf(out, "audit: %s %s to auditEntries\n  so that nobody is named without the audit's key, and what is taken away later is found\n", documents(moved), what)
	}
	switch {
	case changed == 0 && len(found) == 0:
		fmt.Fprintln(out, "All documents are in the shape of this version.")
	case !applied && changed > 0:
		fmt.Fprintln(out, "Nothing was changed. Run it again with --apply to change them.")
	}
	return failed
}
