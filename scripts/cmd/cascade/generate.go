package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
)

// maxGenerated is several times the UK's charities.
const maxGenerated = 1_000_000

func generateCommand() *cobra.Command {
	var clients, consultants, supervisors int
	var seed uint64
	var settingsFile, out string
	c := &cobra.Command{
		Use: "generate", Short: "Make up people to match, shaped like the UK's charities", Args: cobra.NoArgs,
		Long: `Make up people to match, for benchmarks and to try things: in the 12 regions, with kinds of
service and incomes as the UK's charities have them, all of them invented. The same numbers
and seed always give the same people.`,
		Example: "  cascade generate --clients 500 --consultants 500 --seed 1 --out people.csv\n" +
			"  cascade generate --clients 500 --consultants 400 --supervisors 50 --seed 1 | cascade match --enrolments - --out matches.csv --certificate cert.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, n := range []int{clients, consultants, supervisors} {
				if n < 0 || n > maxGenerated {
					return fmt.Errorf("%d people: use 0 to %s", n, count(maxGenerated))
				}
			}
			p, err := settings(settingsFile)
			if err != nil {
				return err
			}
			write := func(w io.Writer) error {
				random := rand.New(rand.NewPCG(seed, 2016))
				e := &table.Enrolments{Supervisors: map[string]int{}}
				e.Clients, e.Consultants = sector.People(p, clients, consultants, random)
				for t := range supervisors {
					e.Supervisors[fmt.Sprintf("s%06d", t+1)] = (consultants + supervisors - 1) / supervisors
				}
				if supervisors > 0 {
					for j := range e.Consultants {
						e.Consultants[j].Supervisor = fmt.Sprintf("s%06d", 1+random.IntN(supervisors))
					}
				}
				return e.Write(w, p)
			}
			if out == "" || out == "-" {
				w := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
				if err := write(w); err != nil {
					return err
				}
				return w.Flush()
			}
			files, err := prepare([]string{settingsFile}, output{"out", out, write})
			if err != nil {
				return err
			}
			return files.commit(cmd.Context())
		},
	}
	f := c.Flags()
	f.IntVar(&clients, "clients", 0, "how many who look for support (required)")
	f.IntVar(&consultants, "consultants", 0, "how many who offer it (required)")
	f.IntVar(&supervisors, "supervisors", 0, "how many supervisors, among whom the consultants are dealt out by chance; 0 for none")
	f.Uint64Var(&seed, "seed", 1, "which made-up people: any whole number from 0")
	f.StringVar(&settingsFile, "programme", "", "YAML of the programme whose skills people need and offer ("+usual+" where left out)")
	f.StringVar(&out, "out", "", "CSV to write to (standard output where left out)")
	require(c, "clients", "consultants")
	return c
}
