package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/collector"
	"github.com/cascading-leadership/cascade/scripts/internal/table"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func solveCommand() *cobra.Command {
	var edges, capacities, objective, out, proof string
	c := &cobra.Command{
		Use: "solve", Short: "Find the best matching of pairs and scores that you give, with a proof", Args: cobra.NoArgs,
		Long: `Find the best matching of pairs and scores that you give, with a proof.

The edges are CSV with the columns client,consultant,score: the eligible pairs, each once,
with a score that is a whole number from 0 to ` + count(certificate.MaxScore) + `, without a sign, a fraction or
anything between thousands. A pair with a score of 0 is eligible. A client and a consultant
with one id are two people. For example:
  client,consultant,score
  c1,d1,5
  c2,d2,4

The capacities are CSV with the columns kind,id,capacity or kind,id,capacity,supervisor: the
kind is consultant or supervisor, each is there once, and a capacity is 1 where nothing is
said. A client is matched once, a consultant as often as the capacity says, and all
consultants of a supervisor together as often as the supervisor's says. Consultants who are
in no pair may be in it. A supervisor who has no row has a capacity of 1, and is named on
standard error, since the id may be misspelt: s1 and S1 are two. For example:
  kind,id,capacity,supervisor
  consultant,d1,2,s1
  supervisor,s1,4,

The line with the columns' names may be left out of both. An id is 1 to 100 letters a to z,
digits and . _ : @ / + -, a letter or digit first.

` + table.Dialects + `

The best matching has the most clients matched; then, with --objective fair, the best score
for whoever has the lowest; then the highest total score.

Exit status: 0 done, 1 the proof did not hold and nothing was written, 2 the input is wrong.
(go run itself makes 1 of a 2: build the program where the difference matters.)`,
		Example: "  cascade solve --edges edges.csv --out matches.csv --certificate cert.json\n" +
			"  cascade solve --edges edges.csv --capacities caps.csv --objective fair --out matches.csv --certificate cert.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := programme.Objective(objective)
			if o != programme.Fair && o != programme.Total {
				return fmt.Errorf("%q is no objective: use %s or %s", objective, programme.Total, programme.Fair)
			}
			var made []certificate.Match
			var cert *certificate.Certificate
			files, err := prepare([]string{edges, capacities},
				output{"out", out, func(w io.Writer) error { return table.WriteMatches(w, made) }},
				output{"certificate", proof, func(w io.Writer) error { return table.WriteCertificate(w, cert) }},
			)
			if err != nil {
				return err
			}
			run := follow(cmd.ErrOrStderr())
			defer run.end()
			b, err := run.scoredPairs(cmd, edges, capacities)
			if err != nil {
				return err
			}
			b.Progress = run.solving
			collector.Frugal(len(b.Clients) + len(b.Consultants))
			ctx := cmd.Context()
			if _, err := background(ctx, func() (_ any, err error) {
				if made, cert, err = matching.SolveScored(b, o); err != nil {
					return nil, err
				}
				run.at("checking the proof", 0, 0)
				return nil, wrong(certificate.Check(*b.Problem(), made, *cert))
			}); err != nil {
				return err
			}
			run.at("writing", 0, 0)
			if err := files.commit(ctx); err != nil {
				return err
			}
			run.end()
			with := ""
			if capacities != "" {
				with = " --capacities " + capacities
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Matched %s of %s clients with %s consultants. Total score %s, the lowest %s.\nWrote %s.\n",
				count(cert.Matched), count(len(b.Clients)), count(len(b.Consultants)), count(cert.Score), count(cert.Worst), files)
			fmt.Fprintf(cmd.OutOrStdout(), "The proof holds. To check it by yourself, cascade verify --edges %s%s --matches %s --certificate %s\n", edges, with, out, proof)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&edges, "edges", "", "CSV of the eligible pairs, - for standard input (required)")
	f.StringVar(&capacities, "capacities", "", "CSV of capacities and supervisors")
	objective = string(programme.Total)
	f.Var((*typed)(&objective), "objective", "total or fair")
	f.StringVar(&out, "out", "", "CSV to write the matches to: client,consultant,score (required)")
	f.StringVar(&proof, "certificate", "", "JSON to write the proof to, see docs/certificate.md (required)")
	require(c, "edges", "out", "certificate")
	return c
}

// scoredPairs reads the problem of pairs and scores that somebody else has stated.
func (p *progress) scoredPairs(cmd *cobra.Command, edges, capacities string) (b *matching.ScoredPairs, err error) {
	if edges == "-" && capacities == "-" {
		return nil, fmt.Errorf("only one file can be standard input")
	}
	err = p.read(edges, cmd.InOrStdin(), func(name string, from io.Reader) error {
		b, err = table.ReadEdges(name, from)
		return err
	})
	if err != nil || capacities == "" {
		return b, err
	}
	var unlisted []string
	err = p.read(capacities, cmd.InOrStdin(), func(name string, from io.Reader) error {
		unlisted, err = table.ReadCapacities(name, from, b)
		return err
	})
	if n := len(unlisted); n > 0 && err == nil {
		more := ""
		if n > 5 {
			unlisted, more = unlisted[:5], fmt.Sprintf(" and %s more", count(n-5))
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "Supervisors who are named but have no row have a capacity of 1: %s%s.\n", strings.Join(unlisted, ", "), more)
	}
	return b, err
}
