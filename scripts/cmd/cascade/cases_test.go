package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// outcome is what a command makes of a file: the matches, without the line with their
// columns' names, and what it says beside; or, where it refuses the file, the place and why.
type outcome struct{ matches, says, refuses string }

// asMeant is the outcome of what means the same as 00-good.csv. The score is 10 for priority 3
// times level 2, 5 for a need that is met, 2 for each of two levels above none, 3 for
// services of different kinds, and 1 for a half-day.
var asMeant = outcome{matches: "c1,d1,73\n", says: "Matched 1 of 1 clients with 1 consultants. Total score 73, the lowest 73."}

// Files of enrolments as spreadsheets and people write them.
func TestSpreadsheetsAreReadAsTheyAreMeantOrRefused(t *testing.T) {
	t.Parallel()
	apart := outcome{says: "Matched 0 of 1 clients with 1 consultants."}
	refused := func(where string) outcome { return outcome{refuses: where} }
	cases := map[string]outcome{
		"00-good.csv":                   asMeant,
		"01-utf8bom.csv":                asMeant,
		"02-utf16le-tab.txt":            asMeant,
		"03-utf16le-comma.csv":          asMeant,
		"04-semicolon.csv":              asMeant,
		"07-trailing-empty-rows.csv":    asMeant,
		"08-trailing-empty-columns.csv": asMeant,
		"10-nbsp-header.csv":            asMeant,
		"12-header-case.csv":            asMeant,
		"13-header-spaces.csv":          asMeant,
		"14-dup-header.csv":             refused(`line 1, column 17: the column "region" is there twice`),
		"16-role-caps.csv":              asMeant,
		"17-windows1252.csv":            refused(`line 3, column 13 (languages): this is not UTF-8 (it would be "Français" in Windows-1252)`),
		"18-quoted-newline.csv":         asMeant, // one who needs a skill more, which nobody offers
		"19-income-comma.csv":           asMeant,
		"20-income-pound.csv":           asMeant,
		"21-income-decimal.csv":         asMeant,
		"22-income-sci.csv":             asMeant,
		"23-cap-float.csv":              refused(`line 4, column 9 (capacity): "1.0" is not a whole number`),
		"24-extra-column.csv":           refused(`line 1, column 17: unknown column "notes"`),
		"26-conflict-case.csv":          apart,
		"27-org-case.csv":               apart,
		"28-excel-sci-id.csv":           refused(`line 3, column 1 (id): "1.23E+05" is a long number as a spreadsheet shows it`),
		"30-formula.csv":                refused(`line 3, column 1 (id): "=CONCAT(\"c\",1)" cannot be an id`),
		"31-empty.csv":                  refused(`line 1, column 1: the file is empty`),
		"32-header-only.csv":            refused(`line 1, column 1: nobody is in the file`),
		"33-nul.csv":                    refused(`line 3, column 5 (postcode_district): "S\x00W9" holds a character that nobody sees`),
		"34-unknown-conflict.csv":       {matches: asMeant.matches, says: "1 of the conflicts name nobody else in the file, and count for nothing."},
		"35-xlsx-as-csv.csv":            refused(`line 1, column 1: this is an Excel workbook`),
		"36-pref-typo.csv":              {matches: asMeant.matches, says: "1 of the preferences name nobody in the file, and count for nothing."},
		"38-district-full.csv":          asMeant,
	}
	try(t, "csv", cases, func(file string) string {
		return "match --enrolments " + file + " --out matches.csv --certificate cert.json"
	})
	p, err := programme.Preset(usual)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"19-income-comma.csv", "20-income-pound.csv", "21-income-decimal.csv", "22-income-sci.csv"} {
		text, err := os.ReadFile(filepath.Join("testdata", "csv", name))
		if err != nil {
			t.Fatal(err)
		}
		if e, err := table.ReadEnrolments(name, bytes.NewReader(text), p); err != nil || e.Clients[0].Organisation.Income != 80_000 {
			t.Errorf("%s: the income is not 80,000: %v", name, err)
		}
	}
}

// Files of eligible pairs, and of capacities for the pairs of bare.csv, which are c1 with
// d1 for 5 and c2 with d2 for 4.
func TestPairsAndCapacitiesAreSolvedOrRefused(t *testing.T) {
	t.Parallel()
	refused := func(where string) outcome { return outcome{refuses: where} }
	both := "c1,d1,5\nc2,d2,4\n"
	edges := map[string]outcome{
		"bare.csv":          {matches: both, says: "Matched 2 of 2 clients with 2 consultants. Total score 9, the lowest 4."},
		"caps-header.csv":   {matches: "c1,d1,5\n", says: "Matched 1 of 1 clients with 1 consultants. Total score 5, the lowest 5."},
		"decimal-comma.csv": refused(`line 2, column 3 (score): "1,5" is not a whole number`),
		"decimal.csv":       refused(`line 2, column 3 (score): "1.5" is not a whole number`),
		"huge.csv":          refused(`line 2, column 3 (score): "99999999999999999999" is not a whole number from 0 to 1048576`),
		"negative.csv":      refused(`line 2, column 3 (score): "-1" is not a whole number`),
		"self.csv":          {matches: "x1,x1,5\n", says: "Matched 1 of 1 clients with 1 consultants. Total score 5"}, // two people: the sides' ids are apart
		"semi.csv":          {matches: "c1,d1,5\n", says: "Matched 1 of 1 clients with 1 consultants. Total score 5"},
		"zero.csv":          {matches: "c1,d1,0\n", says: "Matched 1 of 1 clients with 1 consultants. Total score 0"}, // one more matched, if for nothing
	}
	capacities := map[string]outcome{
		"cap-unknown.csv": {matches: both, says: "Matched 2 of 2 clients with 3 consultants. Total score 9"}, // d9 has nobody to be matched with
		"capdup.csv":      refused(`line 3, column 2 (id): the consultant "d1" is on line 2 already`),
		"sup-typo.csv":    {matches: both, says: "Supervisors who are named but have no row have a capacity of 1: S1."}, // 2 for s1, and 1 for S1
		"sup0.csv":        {says: "Matched 0 of 2 clients with 2 consultants. Total score 0, the lowest 0."},
	}
	all := map[string]outcome{}
	for name, want := range edges {
		all[name] = want
	}
	for name, want := range capacities {
		all[name] = want
	}
	try(t, "solve", all, func(file string) string {
		if _, caps := capacities[filepath.Base(file)]; caps {
			file = filepath.Join("testdata", "solve", "bare.csv") + " --capacities " + file
		}
		return "solve --edges " + file + " --out matches.csv --certificate cert.json"
	})
}

// try runs a command on each file of a folder, of all of which the outcome is known.
func try(t *testing.T, folder string, cases map[string]outcome, line func(file string) string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join("testdata", folder))
	if err != nil || len(files) != len(cases) {
		t.Fatalf("there are %d files and %d cases, %v", len(files), len(cases), err)
	}
	for name, want := range cases {
		f := newFolder(t, nil)
		words := strings.Fields(line(filepath.Join("testdata", folder, name)))
		for k, w := range words {
			if w == "matches.csv" || w == "cert.json" {
				words[k] = f.path(w)
			}
		}
		said, err := run(t, "", words...)
		if want.refuses != "" {
			if refuses(t, name, err, name+", "+want.refuses); err != nil && status(err) != 2 {
				t.Errorf("%s: status %d", name, status(err))
			}
			f.holds(t, name)
			continue
		}
		if err != nil || !strings.Contains(said, want.says) {
			t.Errorf("%s: it says %q, %v", name, said, err)
			continue
		}
		if got := f.read(t, "matches.csv"); got != "client,consultant,score\n"+want.matches {
			t.Errorf("%s: the matches are %q", name, got)
		}
	}
}
