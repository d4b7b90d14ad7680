package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func lookCommand() *cobra.Command {
	return part{
		use: "look", short: "See or set how a programme looks, what its home page says and in which languages, and which websites may send enrolments",
		long: "Say how a programme looks: its colours and logo, what its home page says beside its settings, in which languages beside English and who has\n" +
			"reviewed them, and which websites may send enrolments. With --settings say what would be other by a file of settings, of which look, home,\n" +
			"translations and origins are read and all else is left as it is; with --apply set them. What a file leaves out is taken away. The logo's\n" +
			"file stands beside that of the settings. That they were set is kept in the audit trail. Pages follow within ten seconds.",
		shown: shownLook,
		take: func(p, to *programme.Programme) error {
			p.Look, p.Home, p.Origins = to.Look, to.Home, to.Origins
			return p.Translate(to.Translations)
		},
		keep: func(c *store.Commit, before, p *programme.Programme, logo *programme.Picture) {
			if old := before.Look.Logo.ID; old != "" && old != p.Look.Logo.ID {
				c.RemoveLogo(p.ID, old)
			}
			if logo != nil && logo.ID != before.Look.Logo.ID {
				c.SaveLogo(p.ID, logo)
			}
		},
	}.command()
}

// shownLook is how a programme looks, a setting each.
func shownLook(p *programme.Programme) []shownSetting {
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
