package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/collector"
	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// usual is the preset whose settings hold where none are given.
const usual = "pilot-2016"

// settings are a programme's, from a file.
func settings(file string) (*programme.Programme, error) {
	if file == "" {
		return programme.Preset(usual)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, err := programme.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// exampleRows are rows of enrolments as the help shows them.
const exampleRows = `  s1,supervisor,,,,,,,4,,,,,,,,
  c1,client,GB-CHC-1000430,London,SW9,AR303;ED,fundraising:3;board,coaching:1,,,Other House,d1,,,mon-am;tue-pm,80000,
  d1,consultant,GB-SC-SC012345,London,SE1,HE,,fundraising:2;coaching:3,2,s1,,,English;Welsh,video,tue-pm,,Sample Hospice
`

func matchCommand() *cobra.Command {
	var enrolments, settingsFile, out, proof, edges, capacities, explain string
	c := &cobra.Command{
		Use: "match", Short: "Match the people in a spreadsheet, with a proof that no other matching is better", Args: cobra.NoArgs,
		Long: `Match the people in a spreadsheet, with a proof that no other matching is better.

The best matching has the most clients matched; then, unless the programme's objective is
total, the best possible score for whoever has the lowest; then the highest total score.
The proof is checked before anything is written.

The enrolments are CSV with these columns, in any order:
  ` + strings.Join(table.EnrolmentColumns[:8], ",") + `,
  ` + strings.Join(table.EnrolmentColumns[8:], ",") + `
For example:
` + exampleRows + `
  id                 1 to 100 letters a to z, digits and . _ : @ / + -, a letter or digit first; not a name
  role               client, consultant or supervisor; a supervisor has an id, a capacity and nothing else
  organisation_id    in the form of an id, such as a register's number; two people of one organisation are never matched
  region             ` + strings.Join(geography.UK().Regions()[:6], ", ") + `,
                     ` + strings.Join(geography.UK().Regions()[6:], ", ") + `,
                     or those of --programme; where it is left out, where most of the postcode district lies
  postcode_district  the first half of the postcode, of which it can be all, or one of the postcodes of
                     --programme; distances are between postcode districts
  categories         the programme's codes or UK-CAT codes below them: AR303 belongs to AR
  needs              a client's, with priorities 1 to 3: fundraising:3; 1 where it is left out
  skills             a consultant's, with levels 1 to 3, or those that a client has already
  capacity           how many clients a consultant takes, or pairings a supervisor; 1 where it is left out
  supervisor         a consultant's supervisor, by id
  conflicts          organisations never to be matched with, by organisation_id or name
  preferences        people to be matched with if possible, by id, the most wanted first; three count
  languages          English where they are left out
  meeting            in-person, video, phone; any where they are left out
  availability       mon-am, mon-pm, tue-am … fri-pm
  income_gbp         of last year, in pounds: 250000, 250,000, £250k, 1.2 million, 2.5E+05; pence are left out.
                     A comma only parts thousands: 250,00 and 25.000 are refused, since they could mean two things
  organisation       its name; the column may be missing. Names that differ only in spelling are one
                     organisation's, and a conflict counts for those whose names are near, too
id and role must be filled in, and region or postcode_district; all else may be left empty. Lists are
separated by semicolons, or by lines in a cell. Skills and categories are those that cascade
programme settings ` + usual + ` prints, or those of --programme. An id that a spreadsheet has shown
as 1.23E+05 is refused: format its column as text.

` + table.Dialects + `

Exit status: 0 done, 1 the proof did not hold and nothing was written, 2 the input is wrong.
(go run itself makes 1 of a 2: build the program where the difference matters.)`,
		Example: "  cascade match --enrolments people.csv --out matches.csv --certificate cert.json\n" +
			"  cascade match --enrolments people.csv --programme north.yaml --out matches.csv --certificate cert.json --explain explain.json\n" +
			"  cascade match --enrolments people.csv --out matches.csv --certificate cert.json --edges-out edges.csv --capacities-out caps.csv\n" +
			"  cascade generate --clients 500 --consultants 500 --seed 1 | cascade match --enrolments - --out matches.csv --certificate cert.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := settings(settingsFile)
			if err != nil {
				return err
			}
			var solution *matching.Solution
			var beyond *consequences
			files, err := prepare([]string{enrolments, settingsFile},
				output{"out", out, func(w io.Writer) error { return table.WriteMatches(w, matches(solution)) }},
				output{"certificate", proof, func(w io.Writer) error { return table.WriteCertificate(w, solution.Certificate) }},
				output{"edges-out", edges, func(w io.Writer) error { return table.WriteEdges(w, solution.Problem()) }},
				output{"capacities-out", capacities, func(w io.Writer) error { return table.WriteCapacities(w, solution.Problem()) }},
				output{"explain", explain, func(w io.Writer) error { return explanation(w, p, solution, beyond) }},
			)
			if err != nil {
				return err
			}
			run := follow(cmd.ErrOrStderr())
			defer run.end()
			var people *table.Enrolments
			if err := run.read(enrolments, cmd.InOrStdin(), func(name string, from io.Reader) error {
				people, err = table.ReadEnrolments(name, from, p)
				return err
			}); err != nil {
				return err
			}
			ctx := cmd.Context()
			collector.Frugal(len(people.Clients) + len(people.Consultants))
			problem := &matching.Problem{
				Programme: p, Clients: people.Clients, Consultants: people.Consultants, Supervisors: people.Supervisors, Progress: run.solving,
			}
			solution, err = background(ctx, func() (*matching.Solution, error) { return matching.Solve(problem) })
			if err != nil {
				return err
			}
			run.at("checking the proof", 0, 0)
			if _, err := background(ctx, func() (any, error) { return nil, wrong(solution.Verify()) }); err != nil {
				return err
			}
			if explain != "" {
				if beyond, err = background(ctx, func() (*consequences, error) { return consider(ctx, problem, solution, run) }); err != nil {
					return err
				}
			}
			run.at("writing", 0, 0)
			if err := files.commit(ctx); err != nil {
				return err
			}
			run.end()
			summary(cmd.OutOrStdout(), p, people, solution)
			fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s.\n", files)
			how := fmt.Sprintf("cascade verify --edges %s --capacities %s --matches %s --certificate %s", cmp.Or(edges, "edges.csv"), cmp.Or(capacities, "caps.csv"), out, proof)
			if edges == "" || capacities == "" {
				how = "run this again with --edges-out and --capacities-out, and then " + how
			}
			fmt.Fprintf(cmd.OutOrStdout(), "The proof holds. To check it by yourself, %s\n", how)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&enrolments, "enrolments", "", "CSV of the people, - for standard input (required)")
	f.StringVar(&settingsFile, "programme", "", "YAML of the programme's settings, see cascade programme settings ("+usual+" where left out)")
	f.StringVar(&out, "out", "", "CSV to write the matches to: client,consultant,score (required)")
	f.StringVar(&proof, "certificate", "", "JSON to write the proof to, see docs/certificate.md (required)")
	f.StringVar(&edges, "edges-out", "", "CSV to write all eligible pairs to, as cascade verify --edges reads them; large")
	f.StringVar(&capacities, "capacities-out", "", "CSV to write the capacities to, as cascade verify --capacities reads them")
	f.StringVar(&explain, "explain", "", "JSON to write the reasons for each match to, what others would cost, and what stands in the way of more; for the coordinator's eyes")
	require(c, "enrolments", "out", "certificate")
	return c
}

// require makes flags necessary.
func require(c *cobra.Command, flags ...string) {
	for _, f := range flags {
		_ = c.MarkFlagRequired(f)
	}
}

// wrong makes a finding of what a check finds.
func wrong(err error) error {
	if err != nil {
		return finding{fmt.Errorf("%w; nothing was written. This is a mistake in the program: please report it", err)}
	}
	return nil
}

// matches are a solution's in the checker's terms.
func matches(s *matching.Solution) []certificate.Match {
	all := make([]certificate.Match, len(s.Matches))
	for k, m := range s.Matches {
		all[k] = certificate.Match{Client: m.Client, Consultant: m.Consultant, Score: m.Score}
	}
	return all
}

// String names the files.
func (o *outputs) String() string {
	var names []string
	for _, f := range o.files {
		names = append(names, f.path)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// summary says how a matching came out, in the programme's words.
func summary(w io.Writer, p *programme.Programme, people *table.Enrolments, s *matching.Solution) {
	say := func(text string, numbers ...any) { fmt.Fprintln(w, p.Terms.Say(fmt.Sprintf(text, numbers...))) }
	say("Matched %s of %s {clients} with %s {consultants}. Total score %s, the lowest %s.",
		count(len(s.Matches)), count(len(people.Clients)), count(len(people.Consultants)), count(s.Score), count(s.Worst))
	relaxed := map[programme.Within]int{}
	for _, m := range s.Matches {
		relaxed[m.Relaxed]++
	}
	var ways []string
	for _, r := range p.Relax {
		if n := relaxed[r]; n > 0 {
			ways = append(ways, count(n)+" "+string(r))
		}
	}
	if ways != nil {
		say("For %s of them the place was relaxed, as the programme allows: %s.", count(len(s.Matches)-relaxed[""]), strings.Join(ways, ", "))
	}
	if len(s.Unmatched) > 0 {
		why := map[string]int{}
		for _, u := range s.Unmatched {
			why[reason(u)]++
		}
		most := slices.MaxFunc(slices.Sorted(maps.Keys(why)), func(a, b string) int { return cmp.Compare(why[a], why[b]) })
		say("Without a match: %s {clients}. The main reason, for %s: %s.", count(len(s.Unmatched)), count(why[most]), most)
	}
	strange, near := people.Strangers()
	if strange > 0 {
		say("%s of the conflicts name nobody else in the file, and count for nothing.", count(strange))
	}
	if near > 0 {
		say("%s of the conflicts name nobody in the file exactly, and count for all whose names are near.", count(near))
	}
	known := map[string]bool{}
	for _, all := range [][]matching.Person{people.Clients, people.Consultants} {
		for i := range all {
			known[all[i].ID] = true
		}
	}
	strangers := 0
	for _, all := range [][]matching.Person{people.Clients, people.Consultants} {
		for i := range all {
			for _, id := range all[i].Preferences {
				if !known[id] {
					strangers++
				}
			}
		}
	}
	if strangers > 0 {
		say("%s of the preferences name nobody in the file, and count for nothing.", count(strangers))
	}
}

// reason is why somebody has no match: what ruled out most of those near enough.
func reason(u matching.Unmatched) string {
	if u.Taken > 0 {
		return "every {consultant} possible for them has others"
	}
	most := matching.NearEnough
	for _, c := range matching.Criteria {
		if c != matching.NearEnough && u.RuledOut[c] > 0 && (most == matching.NearEnough || u.RuledOut[c] > u.RuledOut[most]) {
			most = c
		}
	}
	return most.Nobody()
}
