package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// folder is a test's own, with files in it.
type folder string

func newFolder(t *testing.T, files map[string]string) folder {
	t.Helper()
	f := folder(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

func (f folder) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// holds fails unless the folder holds these files and no other.
func (f folder) holds(t *testing.T, name string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(string(f))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s: the folder holds %q, want %q", name, got, want)
	}
}

// args are a command's, with the folder before each file.
func (f folder) args(line string) []string {
	words := strings.Fields(line)
	for k, w := range words {
		if strings.HasSuffix(w, ".csv") || strings.HasSuffix(w, ".json") || strings.HasSuffix(w, ".yaml") {
			words[k] = f.path(w)
		}
	}
	return words
}

const toMatch = "match --enrolments people.csv --out matches.csv --certificate cert.json"

func TestMatchesAreProvedAndExplained(t *testing.T) {
	t.Parallel()
	f := newFolder(t, nil)
	ran(t, "", f.args("generate --clients 48 --consultants 40 --supervisors 4 --seed 4 --out people.csv")...)
	out := ran(t, "", f.args(toMatch+" --edges-out edges.csv --capacities-out caps.csv --explain explain.json")...)
	for _, says := range []string{"Matched ", " of 48 clients with 40 consultants", "Total score", "For ", "neighbouring region", "Without a match: ", "The main reason", "matches.csv", "explain.json", "cascade verify --edges"} {
		if !strings.Contains(out, says) {
			t.Errorf("the output %q does not say %q", out, says)
		}
	}
	f.holds(t, "after the match", "people.csv", "matches.csv", "cert.json", "edges.csv", "caps.csv", "explain.json")
	if out := ran(t, "", f.args("verify --edges edges.csv --capacities caps.csv --matches matches.csv --certificate cert.json")...); !strings.HasPrefix(out, "valid: optimal\n") {
		t.Errorf("verify says %q", out)
	}

	var told struct {
		Matched, Score int
		Matches        []struct {
			Client, Consultant string
			Score              int
			Criteria           []string
			Points             []struct {
				Rule   string
				Points int
			}
			Met     []struct{ Skill string }
			Unmet   []string
			Relaxed string

			Alternatives struct {
				Best []struct {
					Consultant string
					Cost       struct{ Matched, Further, Worst, Total int }
				}
				Proven bool
			}
		}
		Unmatched []struct {
			Client   string
			RuledOut map[string]int
			Taken    int
		}
		Bottlenecks []struct {
			Sentence  string
			Unmatched []string
		}
	}
	if err := json.Unmarshal([]byte(f.read(t, "explain.json")), &told); err != nil {
		t.Fatal(err)
	}
	matches, err := table.ReadMatches("", strings.NewReader(f.read(t, "matches.csv")))
	if err != nil {
		t.Fatal(err)
	}
	if len(told.Matches) != len(matches) || len(told.Matches) != told.Matched || len(told.Unmatched) != 48-len(matches) || len(told.Unmatched) < 8 {
		t.Errorf("explained are %d matches and %d without one; there are %d", len(told.Matches), len(told.Unmatched), len(matches))
	}
	sum, relaxed := 0, 0
	for k, m := range told.Matches {
		points := 0
		for _, p := range m.Points {
			points += p.Points
		}
		if sum += points; m.Client != matches[k].Client || m.Consultant != matches[k].Consultant || points != m.Score || points != matches[k].Score || len(m.Met) == 0 || len(m.Criteria) != 6 {
			t.Errorf("%+v is not explained by %+v", matches[k], m)
		}
		if m.Relaxed != "" {
			relaxed++
		}
	}
	others, proven := 0, 0
	for _, m := range told.Matches {
		for _, a := range m.Alternatives.Best {
			others++
			if a.Consultant == m.Consultant || a.Cost.Matched < 0 {
				t.Errorf("%+v has the alternative %+v", m, a)
			}
		}
		if m.Alternatives.Proven {
			proven++
		}
	}
	if others < len(told.Matches) || proven == 0 {
		t.Errorf("%d matches have %d alternatives, proven for %d", len(told.Matches), others, proven)
	}
	stuck := 0
	for _, b := range told.Bottlenecks {
		if stuck += len(b.Unmatched); !strings.Contains(b.Sentence, " clients in ") && !strings.HasPrefix(b.Sentence, "1 client in ") {
			t.Errorf("a bottleneck is %q", b.Sentence)
		}
	}
	if stuck != len(told.Unmatched) {
		t.Errorf("bottlenecks are stated for %d of %d", stuck, len(told.Unmatched))
	}
	if sum != told.Score || relaxed == 0 {
		t.Errorf("the points are %d, %d matches relaxed: %+v", sum, relaxed, told)
	}
	for _, u := range told.Unmatched {
		sum := u.Taken
		for _, n := range u.RuledOut {
			sum += n
		}
		if sum != 40 {
			t.Errorf("%+v accounts for %d consultants, not 40", u, sum)
		}
	}
}

func TestRowsInAnyOrderGiveTheSameMatches(t *testing.T) {
	t.Parallel()
	people := ran(t, "", "generate", "--clients", "60", "--consultants", "50", "--supervisors", "5", "--seed", "7")
	var matches, certificate string
	random := rand.New(rand.NewPCG(1, 2))
	for k := range 4 {
		f := newFolder(t, nil)
		ran(t, people, f.args(strings.Replace(toMatch, "people.csv", "-", 1))...)
		if k == 0 {
			matches, certificate = f.read(t, "matches.csv"), f.read(t, "cert.json")
		} else if f.read(t, "matches.csv") != matches || f.read(t, "cert.json") != certificate {
			t.Error("other rows first give other matches, or another certificate")
		}
		lines := slices.Collect(strings.Lines(people))
		random.Shuffle(len(lines)-1, func(i, j int) { lines[1+i], lines[1+j] = lines[1+j], lines[1+i] })
		people = strings.Join(lines, "")
	}
}

// enrolled are enrolments with these rows.
func enrolled(rows ...string) string {
	return strings.Join(table.EnrolmentColumns[:16], ",") + "\n" + strings.Join(rows, "\n") + "\n"
}

// named is enrolled with the names of organisations.
func named(rows ...string) string {
	return strings.Join(table.EnrolmentColumns, ",") + "\n" + strings.Join(rows, "\n") + "\n"
}

// Organisations are one however they are spelt, and a conflict that names nobody exactly is
// said to.
func TestOrganisationsAreNamed(t *testing.T) {
	t.Parallel()
	apart := "for 1: no consultant is possible for both."
	for name, row := range map[string]struct{ client, consultant, says string }{
		"one number, spelt otherwise": {"c,client,gb-sc-sc012345,London,N1,AR,board,,,,,,,,,,", "d,consultant,GB-SC-SC012345,London,N2,HE,,board,,,,,,,,,", apart},
		"one name, spelt otherwise":   {"c,client,,London,N1,AR,board,,,,,,,,,,St John’s Hospice", "d,consultant,,London,N2,HE,,board,,,,,,,,,The St Johns Hospice Ltd", apart},
		"a conflict by name":          {"c,client,,London,N1,AR,board,,,,Cafe Trust,,,,,,", "d,consultant,GB-CHC-1000430,London,N2,HE,,board,,,,,,,,,Café Trust", apart},
		"a conflict by number":        {"c,client,,London,N1,AR,board,,,,1000430,,,,,,", "d,consultant,GB-CHC-1000430,London,N2,HE,,board,,,,,,,,,Café Trust", apart},
		"a conflict with a slip":      {"c,client,,London,N1,AR,board,,,,GB-CHC-1OOO430,,,,,,", "d,consultant,GB-CHC-1000430,London,N2,HE,,board,,,,,,,,,", apart},
		"a name that is near":         {"c,client,,London,N1,AR,board,,,,Oxfarm,,,,,,", "d,consultant,,London,N2,HE,,board,,,,,,,,,Oxfam", "1 of the conflicts name nobody in the file exactly, and count for all whose names are near."},
		"the near one is apart":       {"c,client,,London,N1,AR,board,,,,Oxfarm,,,,,,", "d,consultant,,London,N2,HE,,board,,,,,,,,,Oxfam", apart},
		"a name of nobody":            {"c,client,,London,N1,AR,board,,,,Shelter,,,,,,", "d,consultant,,London,N2,HE,,board,,,,,,,,,Oxfam", "1 of the conflicts name nobody else in the file, and count for nothing."},
		"one's own name":              {"c,client,,London,N1,AR,board,,,,Crisis,,,,,,Crisis", "d,consultant,,London,N2,HE,,board,,,,,,,,,Oxfam", "1 of the conflicts name nobody else in the file, and count for nothing."},
		"another organisation":        {"c,client,,London,N1,AR,board,,,,Oxfam,,,,,,", "d,consultant,,London,N2,HE,,board,,,,,,,,,Crisis", "Matched 1 of 1 clients"},
	} {
		f := newFolder(t, map[string]string{"people.csv": named(row.client, row.consultant)})
		if out := ran(t, "", f.args(toMatch)...); !strings.Contains(out, row.says) {
			t.Errorf("%s: the output %q does not say %q", name, out, row.says)
		}
	}
}

func TestReasonsForNoMatchAreSaid(t *testing.T) {
	t.Parallel()
	// Whom nothing but the one thing keeps apart, in a programme that relaxes nothing.
	settings, err := programme.PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	strict := strings.Replace(string(settings), "relax: [neighbouring region, online]", "relax: []", 1)
	for name, row := range map[string]struct{ client, consultant, says string }{
		"one organisation":  {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o1,London,N2,HE,,board,,,,,,,,", "for 1: no consultant is possible for both."},
		"a conflict":        {"c,client,o1,London,N1,AR,board,,,,o2,,,,,", "d,consultant,o2,London,N2,HE,,board,,,,,,,,", "for 1: no consultant is possible for both."},
		"the other's":       {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o2,London,N2,HE,,board,,,o1,,,,,", "for 1: no consultant is possible for both."},
		"competition":       {"c,client,o1,London,N1,AR303,board,,,,,,,,,", "d,consultant,o2,London,N2,AR,,board,,,,,,,,", "no consultant is left who is not in direct competition."},
		"another region":    {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o2,Wales,CF1,HE,,board,,,,,,,,", "no consultant is near enough."},
		"languages":         {"c,client,o1,London,N1,AR,board,,,,,,Welsh,,,", "d,consultant,o2,London,N2,HE,,board,,,,,,,,", "no consultant is left who has a language in common."},
		"ways of meeting":   {"c,client,o1,London,N1,AR,board,,,,,,,video,,", "d,consultant,o2,London,N2,HE,,board,,,,,,phone,,", "no consultant is left who has a way of meeting in common."},
		"needs":             {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o2,London,N2,HE,,finance,,,,,,,,", "no consultant is left who offers what they need."},
		"a capacity of 0":   {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o2,London,N2,HE,,board,0,,,,,,,", "every consultant possible for them has others."},
		"nobody to match":   {"s,supervisor,,,,,,,1,,,,,,,", "", "Matched 0 of 0 clients with 0 consultants. Total score 0, the lowest 0."},
		"a stranger wanted": {"c,client,o1,London,N1,AR,board,,,,,x,,,,", "d,consultant,o2,London,N2,HE,,board,,,,,,,,", "1 of the preferences name nobody"},
		"nothing":           {"c,client,o1,London,N1,AR,board,,,,,,,,,", "d,consultant,o2,London,N2,HE,,board,,,,,,,,", "Matched 1 of 1 clients with 1 consultants. Total score"},
	} {
		f := newFolder(t, map[string]string{"people.csv": enrolled(row.client, row.consultant), "strict.yaml": strict})
		out := ran(t, "", f.args(toMatch+" --programme strict.yaml --edges-out edges.csv --capacities-out caps.csv")...)
		if !strings.Contains(out, row.says) {
			t.Errorf("%s: the output %q does not say %q", name, out, row.says)
		}
		ran(t, "", f.args("verify --edges edges.csv --capacities caps.csv --matches matches.csv --certificate cert.json")...)
	}
}

func TestSupervisorsBoundMatches(t *testing.T) {
	t.Parallel()
	f := newFolder(t, map[string]string{"people.csv": enrolled("s,supervisor,,,,,,,1,,,,,,,",
		"c1,client,o1,London,N1,AR,board,,,,,,,,,", "c2,client,o2,London,N1,AR,board:3,,,,,,,,,", "d1,consultant,o3,London,N2,HE,,board:3,5,s,,,,,,", "d2,consultant,o4,London,N2,HE,,board:3,,s,,,,,,")})
	if out := ran(t, "", f.args(toMatch)...); !strings.Contains(out, "Matched 1 of 2 clients") {
		t.Errorf("it says %q", out)
	}
}

func TestProgrammesSettingsAndWordsHold(t *testing.T) {
	t.Parallel()
	settings, err := programme.PresetText("coaching")
	if err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, map[string]string{"coaching.yaml": string(settings), "broken.yaml": "name: x\nnmae: y\n", "people.csv": enrolled("c,client,,London,N1,AR,board,,,,,,,,,", "d,consultant,,London,N2,HE,,board,,,,,,,,")})
	out := ran(t, "", f.args(toMatch+" --programme coaching.yaml")...)
	if !strings.Contains(out, "Matched 1 of 1 leaders with 1 coaches.") || strings.Contains(out, "clients") {
		t.Errorf("it says %q", out)
	}
	for name, says := range map[string][]string{"broken.yaml": {"broken.yaml", "[2:1]", "nmae"}, "none.yaml": {"none.yaml", "no such file"}} {
		_, err := run(t, "", f.args(toMatch+" --programme "+name)...)
		refuses(t, name, err, says...)
	}
}

func TestRowsInTheHelpCanBeMatched(t *testing.T) {
	t.Parallel()
	f := newFolder(t, map[string]string{"people.csv": named(strings.ReplaceAll(exampleRows, "\n  ", "\n"))})
	if out := ran(t, "", f.args(toMatch)...); !strings.Contains(out, "Matched 1 of 1 clients with 1 consultants") {
		t.Errorf("it says %q", out)
	}
	if help := ran(t, "", "match", "--help"); !strings.Contains(help, exampleRows) {
		t.Errorf("the help is %s", help)
	}
}

// A run that fails writes nothing, and leaves what was there.
func TestRunsThatFailLeaveEverythingAsItWas(t *testing.T) {
	t.Parallel()
	good := enrolled("c,client,,London,N1,AR,board,,,,,,,,,")
	for name, row := range map[string]struct {
		people, line string
		says         []string
	}{
		"bad people":          {good + "x", toMatch, []string{"people.csv, line 3, column 2 (role): the row has 1 columns, not 16"}},
		"no people":           {good, strings.Replace(toMatch, "people.csv", "none.csv", 1), []string{"none.csv", "no such file"}},
		"a folder for people": {good, strings.Replace(toMatch, "people.csv", ".", 1), []string{"is a directory"}},
		"a folder to write":   {good, strings.Replace(toMatch, "matches.csv", "/", 1), []string{"--out: / is a folder"}},
		"no such folder":      {good, strings.Replace(toMatch, "cert.json", "/nowhere/at/all", 1), []string{"--certificate: ", "no such file or directory"}},
		"one file twice":      {good, strings.Replace(toMatch, "cert.json", "matches.csv", 1), []string{"--certificate ", "--out writes it already"}},
		"over the people":     {good, strings.Replace(toMatch, "matches.csv", "people.csv", 1), []string{"--out ", "it is what is read already"}},
		"standard output":     {good, strings.Replace(toMatch, "matches.csv", "-", 1), []string{"--out: name a file"}},
		"too little said":     {good, "match --enrolments people.csv", []string{`"certificate", "out" not set`}},
		"an unknown flag":     {good, toMatch + " --best", []string{"unknown flag: --best"}},
		"an argument":         {good, toMatch + " x", []string{`unknown command "x"`}},
	} {
		f := newFolder(t, map[string]string{"people.csv": row.people, "matches.csv": "old", "cert.json": "old"})
		out, err := run(t, "", f.args(row.line)...)
		if refuses(t, name, err, row.says...); out != "" || status(err) != 2 {
			t.Errorf("%s: it says %q, status %d", name, out, status(err))
		}
		f.holds(t, name, "people.csv", "matches.csv", "cert.json")
		if f.read(t, "matches.csv") != "old" || f.read(t, "cert.json") != "old" || f.read(t, "people.csv") != row.people {
			t.Errorf("%s: a file has changed", name)
		}
	}
}

func TestInterruptedRunsWriteNothing(t *testing.T) {
	t.Parallel()
	f := newFolder(t, map[string]string{"people.csv": enrolled("c,client,,London,N1,AR,board,,,,,,,,,")})
	c := command()
	c.SetArgs(f.args(toMatch))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := c.ExecuteContext(ctx)
	refuses(t, "interrupted", err, "interrupted, nothing was written")
	f.holds(t, "interrupted", "people.csv")
}
