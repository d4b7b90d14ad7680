package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// part is some of a programme's settings that can be other in a programme that runs, with the
// command that says and sets them: first what would change, and with --apply that it does.
type part struct {
	use, short, long string
	// shown are the settings in words, and take has a programme take them over from another.
	shown func(p *programme.Programme) []shownSetting
	take  func(p, to *programme.Programme) error
	// follows says what else is to be known of what changes; nil for nothing.
	follows func(ctx context.Context, out io.Writer, db *store.Store, before, p *programme.Programme) error
	// keep adds what the settings bring along to the commit; nil for nothing.
	keep func(c *store.Commit, before, p *programme.Programme, logo *programme.Picture)
}

// shownSetting is a setting in words.
type shownSetting struct{ name, value string }

func (s part) command() *cobra.Command {
	var file string
	var apply bool
	c := &cobra.Command{
		Use: s.use + " PROGRAMME", Short: s.short, Long: s.long, Args: cobra.ExactArgs(1),
		Example: "  cascade programme " + s.use + " north\n" +
			"  cascade programme " + s.use + " north --settings north.yaml\n" +
			"  cascade programme " + s.use + " north --settings north.yaml --apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			if apply && file == "" {
				return errors.New("say from which file with --settings")
			}
			var to *programme.Programme
			var logo *programme.Picture
			if file != "" {
				var err error
				if to, logo, err = readSettings(cmd.InOrStdin(), file); err != nil {
					return err
				}
			}
			return changing(cmd.Context(), args[0], func(db *store.Store, p *programme.Programme, now clock.Clock) error {
				return s.set(cmd.Context(), cmd.OutOrStdout(), db, p, to, logo, apply, now)
			})
		},
	}
	c.Flags().StringVar(&file, "settings", "", "YAML file with the settings, - for standard input")
	c.Flags().BoolVar(&apply, "apply", false, "set it, and not only say what would be other")
	return c
}

// set prints the settings, or what would be other by those of to, and sets that where it is applied.
func (s part) set(ctx context.Context, out io.Writer, db *store.Store, p, to *programme.Programme, logo *programme.Picture, apply bool, now clock.Clock) error {
	fmt.Fprintf(out, "%s (%s)\n", p.Name, p.ID)
	before := *p
	if to == nil {
		for _, x := range s.shown(p) {
			fmt.Fprintf(out, "  %s: %s\n", x.name, cmp.Or(x.value, "none"))
		}
		return nil
	}
	if err := s.take(p, to); err != nil {
		return err
	}
	changed := tellChanges(out, s.shown(&before), s.shown(p))
	if len(changed) == 0 {
		fmt.Fprintln(out, "It is so already.")
		return nil
	}
	if s.follows != nil {
		if err := s.follows(ctx, out, db, &before, p); err != nil {
			return err
		}
	}
	if !apply {
		fmt.Fprintln(out, "Nothing was changed. Run it again with --apply to set this.")
		return nil
	}
	c := db.Commit()
	if s.keep != nil {
		s.keep(c, &before, p, logo)
	}
	p.UpdatedAt = now()
	c.UpdateProgramme(p)
	c.Audit(store.AuditEntry{Programme: p.ID, By: "cascade programme", Did: "set the programme’s " + strings.Join(changed, ", "), At: p.UpdatedAt})
	return c.Do(ctx)
}

// tellChanges prints what settings were and become, and returns the names of those that are other.
func tellChanges(out io.Writer, before, after []shownSetting) (changed []string) {
	value := func(all []shownSetting, name string) string {
		if i := slices.IndexFunc(all, func(x shownSetting) bool { return x.name == name }); i >= 0 {
			return all[i].value
		}
		return ""
	}
	for _, x := range append(slices.Clone(before), after...) {
		was, is := value(before, x.name), value(after, x.name)
		if was == is || slices.Contains(changed, x.name) {
			continue
		}
		changed = append(changed, x.name)
		fmt.Fprintf(out, "  %s: %s\n    before: %s\n", x.name, cmp.Or(is, "none"), cmp.Or(was, "none"))
	}
	return changed
}

// changing has a command work on the programme that it is given: once more, by what is stored
// then, where somebody else has changed it meanwhile.
func changing(ctx context.Context, id string, do func(db *store.Store, p *programme.Programme, now clock.Clock) error) error {
	db, err := open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	now, err := clock.New(os.Getenv("CASCADE_CLOCK_FILE"), os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		return err
	}
	return again(func() error {
		p, err := namedProgramme(ctx, db, id)
		if err != nil {
			return err
		}
		return do(db, p, now)
	})
}
