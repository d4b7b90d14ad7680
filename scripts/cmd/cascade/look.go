package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func lookCommand() *cobra.Command {
	var file string
	var apply bool
	c := &cobra.Command{
		Use: "look PROGRAMME", Short: "See or set how a programme looks, what its home page says and in which languages, and which websites may send enrolments", Args: cobra.ExactArgs(1),
		Long: "Say how a programme looks: its colours and logo, what its home page says beside its settings, in which languages beside English and who has\n" +
			"reviewed them, and which websites may send enrolments. With --settings say what would be other by a file of settings, of which look, home,\n" +
			"translations and origins are read and all else is left as it is;\n" +
			"with --apply set them. What a file leaves out is taken away. The logo's file stands beside that of the settings. That they were set is\n" +
			"kept in the audit trail. Pages follow within ten seconds.",
		Example: "  cascade programme look north\n" +
			"  cascade programme look north --settings north.yaml\n" +
			"  cascade programme look north --settings north.yaml --apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, out := cmd.Context(), cmd.OutOrStdout()
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
				p, err := namedProgramme(ctx, db, args[0])
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%s (%s)\n", p.Name, p.ID)
				if to == nil {
					for _, s := range shown(p) {
						fmt.Fprintf(out, "  %s: %s\n", s.name, cmp.Or(s.value, "none"))
					}
					return nil
				}
				var changed []string
				next := *p
				next.Look, next.Home, next.Origins = to.Look, to.Home, to.Origins
				if err := next.Translate(to.Translations); err != nil {
					return err
				}
				before, after := shown(p), shown(&next)
				for i, s := range before {
					if s.value != after[i].value {
						changed = append(changed, s.name)
						tellChange(out, s.name, s.value, after[i].value)
					}
				}
				switch {
				case len(changed) == 0:
					fmt.Fprintln(out, "It is so already.")
					return nil
				case !apply:
					fmt.Fprintln(out, "Nothing was changed. Run it again with --apply to set this.")
					return nil
				}
				c := db.Commit()
				if old := p.Look.Logo.ID; old != "" && old != to.Look.Logo.ID {
					c.RemoveLogo(p.ID, old)
				}
				if logo != nil && logo.ID != p.Look.Logo.ID {
					c.SaveLogo(p.ID, logo)
				}
				at := now()
				next.UpdatedAt = at
				c.UpdateProgramme(&next)
				c.Audit(store.AuditEntry{Programme: p.ID, By: "cascade programme", Did: "set the programme’s " + strings.Join(changed, ", "), At: at})
				return c.Do(ctx)
			})
		},
	}
	c.Flags().StringVar(&file, "settings", "", "YAML file with the settings, - for standard input")
	c.Flags().BoolVar(&apply, "apply", false, "set it, and not only say what would be other")
	return c
}

// shownSetting is a setting of how a programme looks, in words.
type shownSetting struct{ name, value string }

// shown is how a programme looks, a setting each.
func shown(p *programme.Programme) []shownSetting {
	l := p.Look.Logo
	logo := ""
	if l.ID != "" {
		logo = fmt.Sprintf("%d × %d pixels, %s, for %q", l.Width, l.Height, l.ID[:8], p.LogoText())
	}
	return []shownSetting{
		{"look.colour", p.Look.Colour}, {"look.buttons", p.Look.Buttons}, {"look.logo", logo},
		{"home.gave", strings.Join(p.Home.Gave, " | ")}, {"home.time", p.Home.Time}, {"origins", strings.Join(p.Origins, " ")},
		{"translations", translations(p)},
	}
}

// translations are in which languages a programme can be read, and whether it is: what was
// reviewed has a hash of all that it says, so that another text shows.
func translations(p *programme.Programme) string {
	var all []string
	for _, t := range p.Translations {
		state := "offered"
		if _, as := p.In(t.Language); !as {
			state = "not offered, since what it says has changed: have it reviewed again, and set it"
		}
		all = append(all, fmt.Sprintf("%s (%s), %s, reviewed by %s on %s: %s", t.Language.Name(), t.Name, t.Of[:8], t.Reviewer, t.Reviewed, state))
	}
	return strings.Join(all, " | ")
}

// tellChange prints what a setting was and becomes.
func tellChange(out io.Writer, name, before, after string) {
	fmt.Fprintf(out, "  %s: %s\n    before: %s\n", name, cmp.Or(after, "none"), cmp.Or(before, "none"))
}
