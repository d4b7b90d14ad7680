package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
)

func verifyCommand() *cobra.Command {
	var edges, capacities, made, proof string
	c := &cobra.Command{
		Use: "verify", Short: "Check that matches are feasible and that no other matching is better", Args: cobra.NoArgs,
		Long: `Check that matches are feasible and that no other matching is better.

Nothing is solved: the prices in the certificate show that no matching of these pairs has
more clients matched or, with as many, a better score. docs/certificate.md says how, and
what the certificate holds, so that you can write a checker of your own. The files are
those that cascade solve reads and writes, and cascade match with --edges-out and
--capacities-out.

Exit status: 0 valid, 1 a finding, 2 the input is wrong.
(go run itself makes 1 of a 2: build the program where the difference matters.)`,
		Example: "  cascade verify --edges edges.csv --matches matches.csv --certificate cert.json\n" +
			"  cascade verify --edges edges.csv --capacities caps.csv --matches matches.csv --certificate cert.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			files := []string{edges, capacities, made, proof}
			if k := slices.Index(files, "-"); k >= 0 && slices.Contains(files[k+1:], "-") {
				return fmt.Errorf("only one file can be standard input")
			}
			run := follow(cmd.ErrOrStderr())
			defer run.end()
			b, err := run.scoredPairs(cmd, edges, capacities)
			if err != nil {
				return err
			}
			var all []certificate.Match
			if err := run.read(made, cmd.InOrStdin(), func(name string, from io.Reader) error {
				all, err = table.ReadMatches(name, from)
				return err
			}); err != nil {
				return err
			}
			var cert *certificate.Certificate
			if err := run.read(proof, cmd.InOrStdin(), func(name string, from io.Reader) error {
				cert, err = table.ReadCertificate(name, from)
				return err
			}); err != nil {
				return err
			}
			run.at("checking the proof", 0, 0)
			if _, err := background(cmd.Context(), func() (any, error) {
				if err := certificate.Check(*b.Problem(), all, *cert); err != nil {
					return nil, finding{fmt.Errorf("not valid: %w", err)}
				}
				return nil, nil
			}); err != nil {
				return err
			}
			run.end()
			then := "no score of the worst-off is better, and no total is higher"
			if cert.Objective == "total" {
				then = "no total is higher"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "valid: optimal\n%s matches, total score %s, the lowest %s. No more clients can be matched, and with as many %s.\n",
				count(cert.Matched), count(cert.Score), count(cert.Worst), then)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&edges, "edges", "", "CSV of the eligible pairs: client,consultant,score (required)")
	f.StringVar(&capacities, "capacities", "", "CSV of capacities and supervisors: kind,id,capacity,supervisor (1 each where left out)")
	f.StringVar(&made, "matches", "", "CSV of the matches: client,consultant,score (required)")
	f.StringVar(&proof, "certificate", "", "JSON of the certificate (required)")
	require(c, "edges", "matches", "certificate")
	return c
}
