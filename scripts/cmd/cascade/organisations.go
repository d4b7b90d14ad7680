package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/regulators"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/lookup"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/text"
)

func organisationsCommand() *cobra.Command {
	imports := importCommand()
	c := &cobra.Command{
		Use: "organisations", Short: "Say which registers people look up their organisation in, and import them", Args: cobra.NoArgs, Annotations: map[string]string{runs: "yes"},
		Long: "Say which public registers of charities people can look up their organisation in while they enrol: how many it has of each, and when their\n" +
			"files were read. Without any, people type their organisation's name as they like, which they always can.",
		Example: "  cascade organisations\n" + imports.Example,
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			p, err := db.PublishedOrganisations(cmd.Context())
			if fault.Is(err, fault.NotFound) {
				fmt.Fprintln(cmd.OutOrStdout(), "No register was imported yet: people type their organisation's name. See cascade organisations import --help.")
				return nil
			}
			if err != nil {
				return err
			}
			tellPublished(cmd.OutOrStdout(), p)
			return nil
		},
	}
	c.AddCommand(imports)
	return c
}

// tellPublished prints what is looked up in.
func tellPublished(out io.Writer, p *lookup.Published) {
	fmt.Fprintf(out, "List %s, in %s:\n", p.List, documents(p.Parts))
	for _, s := range p.From {
		fmt.Fprintf(out, "  %-17s %9s organisations, read on %s\n", s.Register.Name(), count(s.Organisations), s.ReadAt.Format("2 January 2006"))
	}
}

func importCommand() *cobra.Command {
	var register string
	var dry, smaller bool
	var names []string
	for _, r := range lookup.Registers {
		names = append(names, string(r))
	}
	c := &cobra.Command{
		Use: "import FILE…", Short: "Import a register of charities from its regulator's files", Args: cobra.MinimumNArgs(1),
		Long: "Read the files that a regulator publishes of its register, as they are, and have people look up their organisation there while they type.\n\n" +
			"england-and-wales: publicextract.charity.zip and publicextract.charity_other_names.zip, as text or JSON, from\n" +
			"  https://register-of-charities.charitycommission.gov.uk/register/full-register-download\n" +
			"scotland: the register download, from https://www.oscr.org.uk/about-charities/search-the-register/download-the-scottish-charity-register/\n" +
			"northern-ireland: all results of a search, from https://www.charitycommissionni.org.uk/charity-search/\n\n" +
			"Charities that were removed are left out, and so are those that share another's number. Nothing is read about people. What other registers\n" +
			"have stays as it is. A file with other columns than these is refused, and nothing changes. The list is published whole, and functions have\n" +
			"it within the hour; the one before stays until the next import.",
		Example: "  cascade organisations import --register england-and-wales publicextract.charity.zip publicextract.charity_other_names.zip\n" +
			"  cascade organisations import --register scotland CharityExport.zip --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := lookup.Register(text.Tidy(register))
			if r.Name() == "" {
				return fmt.Errorf("--register: there is no register %q: give one of %s", register, strings.Join(names, ", "))
			}
			out := cmd.OutOrStdout()
			found, err := background(cmd.Context(), func() (*regulators.Found, error) { return regulators.Read(r, args...) })
			if err != nil {
				return err
			}
			tellFound(out, found)
			if dry {
				fmt.Fprintln(out, "Nothing was published.")
				return nil
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			p, err := publish(cmd.Context(), out, db, r, found.Organisations, smaller, clock.Real())
			if store.IsConflict(err) {
				return errors.New("somebody else published a list at the same time: look at it, and run this again")
			}
			if err != nil {
				return err
			}
			tellPublished(out, p)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&register, "register", "", "whose files they are: "+strings.Join(names, ", ")+" (required)")
	f.BoolVar(&dry, "dry-run", false, "say what would be imported, and publish nothing")
	f.BoolVar(&smaller, "smaller", false, "publish also where there are less than half as many as before")
	_ = c.MarkFlagRequired("register")
	return c
}

// tellFound prints what was read and what was left out of it.
func tellFound(out io.Writer, found *regulators.Found) {
	fmt.Fprintf(out, "Read %s rows: %s organisations, with %s other names.\n", count(found.Rows), count(len(found.Organisations)), count(found.Others()))
	for _, why := range slices.SortedFunc(maps.Keys(found.Out), func(a, b string) int { return found.Out[b] - found.Out[a] }) {
		fmt.Fprintf(out, "  left out: %s %s\n", count(found.Out[why]), why)
	}
}

// publish has what was read of a register take the place of what the list has of it.
func publish(ctx context.Context, out io.Writer, db *store.Store, r lookup.Register, all []lookup.Organisation, smaller bool, now time.Time) (*lookup.Published, error) {
	before, err := db.PublishedOrganisations(ctx)
	if fault.Is(err, fault.NotFound) {
		before, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	from := []lookup.Source{{Register: r, Organisations: len(all), ReadAt: now}}
	if before != nil {
		was, err := db.Organisations(ctx, before)
		if errors.Is(err, lookup.ErrFormat) { // of a version before, or after: no function has read it
			fmt.Fprintln(out, "The list before is in another version's format and is not taken over: import the other registers again.")
			was, err = lookup.New(nil)
			before.From = nil
		}
		if err != nil {
			return nil, err
		}
		n := 0
		for o := range was.All() {
			if r.Has(o.Number) {
				n++
			} else {
				all = append(all, o)
			}
		}
		if 2*from[0].Organisations < n && !smaller {
			return nil, fmt.Errorf("the list has %s organisations of this register, and the files only %s: give all of its files, or --smaller if this is so", count(n), count(from[0].Organisations))
		}
		for _, s := range before.From {
			if s.Register != r {
				from = append(from, s)
			}
		}
	}
	slices.SortFunc(from, func(a, b lookup.Source) int {
		return slices.Index(lookup.Registers, a.Register) - slices.Index(lookup.Registers, b.Register)
	})
	list, err := lookup.New(all)
	if err != nil {
		return nil, err
	}
	return db.PublishOrganisations(ctx, list, from, before, now)
}
