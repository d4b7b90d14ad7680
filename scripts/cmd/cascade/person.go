package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/request"
)

func personCommand() *cobra.Command {
	return group("person", "See, correct, take along or delete what is held about somebody who takes part, or have them leave",
		showPersonCommand(), exportPersonCommand(), correctPersonCommand(), leavePersonCommand(), erasePersonCommand())
}

// whom is who is meant, and why.
type whom struct{ programme, address, reason string }

func (w *whom) flags(c *cobra.Command) {
	f := c.Flags()
	f.Var((*typed)(&w.programme), "programme", "the programme's id")
	f.StringVar(&w.address, "email", "", "the person's email address")
	f.Var((*typed)(&w.reason), "reason", "why, such as when and how they asked: it is kept, and they can read it")
	for _, required := range []string{"programme", "email", "reason"} {
		_ = c.MarkFlagRequired(required)
	}
}

// find is the person. That somebody looked for them is kept, and why.
func (w *whom) find(ctx context.Context, db *store.Store, did string) (*programme.Programme, *store.Person, error) {
	address, err := email.Parse(w.address)
	if err != nil {
		return nil, nil, fmt.Errorf("email %q: %w", w.address, err)
	}
	if w.reason == "" {
		return nil, nil, errors.New("say why with --reason")
	}
	p, err := db.Programme(ctx, w.programme)
	if err != nil {
		return nil, nil, fmt.Errorf("programme %q: %w", w.programme, err)
	}
	found, err := db.EnrolmentsAt(ctx, p, address)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, fmt.Errorf("nobody takes part in programme %q with %s", w.programme, address.Shown())
	}
	who, err := db.Person(ctx, p, found[0].ID)
	if err != nil {
		return nil, nil, err
	}
	// The reason goes with the person: the audit trail stays, and holds ids alone.
	c, now := db.Commit(), clock.Real()
	q := request.New(strings.ToLower(rand.Text()), found[0].ID, request.OnTheirBehalf, "", now)
	q.Note = w.reason
	if err := q.End(request.Made, "cascade person", now); err != nil {
		return nil, nil, err
	}
	c.SaveRequest(p.ID, q)
	c.Audit(store.AuditEntry{Programme: p.ID, By: "cascade person", Did: did, To: found[0].ID, At: now})
	return p, who, c.Do(ctx)
}

func showPersonCommand() *cobra.Command {
	var w whom
	c := &cobra.Command{
		Use: "show", Short: "Print what is held about somebody", Args: cobra.NoArgs,
		Long: "Print what is held about somebody who takes part, as it stands on their own page: what they gave, what the system recorded of them and\n" +
			"what staff noted. What others wrote is not in it. That you looked at it is kept, with the reason.",
		Example: "  cascade person show --programme north --email alex@example.org --reason 'They wrote on 3 March, and cannot open their link'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			_, who, err := w.find(cmd.Context(), db, "looked at all that is held about somebody")
			if err != nil {
				return err
			}
			sheet, err := held.Of(cmd.Context(), db, who, clock.Real())
			if err != nil {
				return err
			}
			for _, section := range sheet.Sections {
				fmt.Fprintf(cmd.OutOrStdout(), "%s (kept until %s)\n", programme.Capital(section.Title), section.Kept)
				for _, d := range section.Documents {
					for _, i := range d.Items {
						fmt.Fprintf(cmd.OutOrStdout(), "  %s: %s\n", i.Words, strings.ReplaceAll(i.Text, "\n", "\n    "))
					}
					fmt.Fprintln(cmd.OutOrStdout())
				}
			}
			return nil
		},
	}
	w.flags(c)
	return c
}

func exportPersonCommand() *cobra.Command {
	var w whom
	var out string
	c := &cobra.Command{
		Use: "export", Short: "Write what is held about somebody to a file", Args: cobra.NoArgs,
		Long: "Write what is held about somebody who takes part to a file: JSON, or a page to read where its name ends in .html. It is the same that they\n" +
			"can download themselves. That it was taken along is kept, with the reason.",
		Example: "  cascade person export --programme north --email alex@example.org --reason 'They wrote on 3 March' --out alex.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			_, who, err := w.find(cmd.Context(), db, "took along all that is held about somebody")
			if err != nil {
				return err
			}
			sheet, err := held.Of(cmd.Context(), db, who, clock.Real())
			if err != nil {
				return err
			}
			text, err := sheet.JSON()
			if strings.HasSuffix(out, ".html") {
				text, err = sheet.HTML()
			}
			if err != nil {
				return err
			}
			return os.WriteFile(out, text, 0o600)
		},
	}
	w.flags(c)
	c.Flags().StringVar(&out, "out", "", "the file to write")
	_ = c.MarkFlagRequired("out")
	return c
}

func erasePersonCommand() *cobra.Command {
	var w whom
	var stop bool
	c := &cobra.Command{
		Use: "erase", Short: "Have everything about somebody deleted", Args: cobra.NoArgs,
		Long: "Have everything deleted that is held about somebody who takes part, as they asked. They hear of it by email, and for a day it can be\n" +
			"stopped, by them or with --stop. Then they leave the programme, and the reminders function deletes everything. What others wrote stays\n" +
			"until its own date. Who asked for it is kept in the audit trail, and why until then.",
		Example: "  cascade person erase --programme north --email alex@example.org --reason 'They rang on 3 March'\n" +
			"  cascade person erase --programme north --email alex@example.org --reason 'They changed their mind' --stop",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			db, err := open(ctx)
			if err != nil {
				return err
			}
			defer db.Close()
			did := "asked that somebody is forgotten"
			if stop {
				did = "stopped that somebody is forgotten"
			}
			p, who, err := w.find(ctx, db, did)
			if err != nil {
				return err
			}
			before, err := db.Erasure(ctx, p.ID, who.ID)
			if err != nil {
				return err
			}
			commit, now := db.Commit(), clock.Real()
			switch {
			case stop && before == nil:
				return errors.New("nothing is to be deleted")
			case stop && !before.Stoppable():
				return errors.New("it has begun, and cannot be stopped any more")
			case stop:
				commit.DropErasure(p.ID, before)
				fmt.Fprintln(cmd.OutOrStdout(), "It is stopped, and nothing is deleted.")
				return commit.Do(ctx)
			case before != nil && before.State != erasure.Asked:
				fmt.Fprintf(cmd.OutOrStdout(), "It was asked for already, and is due at %s.\n", before.DueAt.In(p.Location()).Format("2006-01-02 15:04"))
				return nil
			}
			e := erasure.AskFor(who.ID, enrolmentOf(who).ID, "cascade person", w.reason, now)
			if before != nil {
				e.Version = before.Version
			}
			commit.SaveErasure(p.ID, e)
			commit.Enqueue(ctx, message.ErasureAskedFor(p, enrolmentOf(who), now), now)
			if err := commit.Do(ctx); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Everything about them is deleted from %s on. Until then it can be stopped.\n", e.DueAt.In(p.Location()).Format("2006-01-02 15:04"))
			return nil
		},
	}
	w.flags(c)
	c.Flags().BoolVar(&stop, "stop", false, "stop it, as long as it has not begun")
	return c
}

// enrolmentOf is as whom somebody is written to.
func enrolmentOf(who *store.Person) *enrolment.Enrolment { return who.Enrolments[0] }
