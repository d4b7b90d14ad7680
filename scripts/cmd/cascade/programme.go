package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/text"
)

func programmeCommand() *cobra.Command {
	return group("programme", "Create programmes, see the settings they start from, set their dates, their look and what they ask, and delete them", &cobra.Command{
		Use: "settings PRESET", Short: "Print a preset's settings, to be edited", Args: cobra.ExactArgs(1),
		Long:    "Print a preset's settings as YAML, to be edited and given to `programme create`. Presets: " + strings.Join(programme.Presets(), ", ") + ".",
		Example: "  cascade programme settings pilot-2016 > north.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := programme.PresetText(text.Tidy(args[0]))
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(settings)
			return err
		},
	}, createCommand(), datesCommand(), complaintsCommand(), lookCommand(), questionsCommand(), eligibilityCommand(), deleteCommand())
}

// programmeID is what can stand in an address.
var programmeID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// taken stand in addresses where a programme's id would.
var taken = []string{"confirm", "organisations", "openapi", "pass-on", "passed-on"}

func createCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "create ID", Short: "Create a programme from its settings", Args: cobra.ExactArgs(1),
		Long: "Create a programme. ID stands in its web address: 2 to 40 small letters, digits and hyphens.",
		Example: "  cascade programme create north --settings north.yaml\n" +
			"  cascade programme settings pilot-2016 | cascade programme create north --settings -",
		RunE: func(cmd *cobra.Command, args []string) error {
			id := text.Tidy(args[0])
			if !programmeID.MatchString(id) {
				return fmt.Errorf("%q cannot be a programme's id: use 2 to 40 small letters, digits and hyphens, a letter first", id)
			}
			if slices.Contains(taken, id) {
				return fmt.Errorf("%q cannot be a programme's id: its address is another page's", id)
			}
			p, logo, err := readSettings(cmd.InOrStdin(), file)
			if err != nil {
				return err
			}
			db, err := open(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			salt := make([]byte, 32)
			_, _ = rand.Read(salt) // never fails
			now := clock.Real()
			p.ID, p.Salt, p.CreatedAt, p.UpdatedAt = id, hex.EncodeToString(salt), now, now
			commit := db.Commit()
			commit.CreateProgramme(p)
			if logo != nil {
				commit.SaveLogo(p.ID, logo)
			}
			if err := commit.Do(cmd.Context()); errors.Is(err, store.ErrExists) {
				return fmt.Errorf("there is a programme %q already", p.ID)
			} else if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Created %s. People enrol at /enrol/%s. Next: cascade staff add --programme %s\n", p.Name, p.ID, p.ID)
			if !p.Dates.Set() {
				fmt.Fprintf(cmd.OutOrStdout(), "It has no dates: its questionnaires never close, and nothing that it stores about people is deleted by itself.\nSay when it runs: cascade programme dates %s --starts 2027-01-11 --ends 2027-12-17 --apply\n", p.ID)
			}
			return nil
		},
	}
	c.Flags().StringVar(&file, "settings", "", "YAML file with the settings, - for standard input (required)")
	_ = c.MarkFlagRequired("settings")
	return c
}

// readSettings reads a programme from a file, - for standard input, with the logo that stands
// beside it where the settings name one.
func readSettings(in io.Reader, file string) (*programme.Programme, *programme.Picture, error) {
	var settings []byte
	var err error
	if file == "-" {
		settings, err = io.ReadAll(in)
	} else {
		settings, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := programme.Parse(settings)
	if err == nil {
		err = questionnaire.Check(p)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	named := p.Look.Logo
	if named.File == "" {
		return p, nil, nil
	}
	at := named.File
	if file != "-" && !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(file), at)
	}
	f, err := os.Open(at)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: look.logo.file: %w", file, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, programme.MaxLogo+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: look.logo.file: %w", file, err)
	}
	picture, logo, err := programme.ReadLogo(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: look.logo.file %s: %w", file, at, err)
	}
	logo.Alt = named.Alt
	p.Look.Logo = logo
	return p, picture, nil
}
