package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/matching/commitment"
	"github.com/cascading-leadership/cascade/shared/text"
)

// longestRow bounds what is read as a row: one is a few thousand bytes.
const longestRow = 1 << 20

func checkRowCommand() *cobra.Command {
	var published string
	c := &cobra.Command{
		Use: "check-row ROW.json", Short: "Check that a matching run used your own answers", Args: cobra.ExactArgs(1),
		Long: `Check that a matching run used your own answers.

Before a run the host publishes one number, its root: a hash that commits to everybody's
answers and gives none of them away. After the run you can download your own row: your
answers, a salt, and the hashes that lead from them to the root. If they do, the run was
bound to these very answers before anyone knew who would be matched with whom.

Give the root that you saw before the run with --root. Without it the row is checked
against the root that it came with, for you to compare. - is standard input.

Exit status: 0 the run used these answers, 1 it did not, 2 the input is wrong.
(go run itself makes 1 of a 2: build the program where the difference matters.)`,
		Example: "  cascade check-row row.json\n" +
			"  cascade check-row row.json --root 5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
		RunE: func(cmd *cobra.Command, args []string) error {
			run := follow(cmd.ErrOrStderr())
			defer run.end()
			var receipt commitment.Receipt
			if err := run.read(args[0], cmd.InOrStdin(), func(name string, from io.Reader) error {
				r, err := text.Reader(from)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				row, err := io.ReadAll(io.LimitReader(r, longestRow+1))
				if err != nil {
					return err
				}
				if len(row) > longestRow {
					return fmt.Errorf("%s: more than a row", name)
				}
				if err := json.Unmarshal(row, &receipt, json.RejectUnknownMembers(true)); err != nil {
					return fmt.Errorf("%s is not a row: %w", name, err)
				}
				return nil
			}); err != nil {
				return err
			}
			root := receipt.Root
			if published != "" {
				if err := root.UnmarshalText([]byte(published)); err != nil {
					return fmt.Errorf("--root: %w", err)
				}
			}
			if root == (commitment.Hash{}) {
				return errors.New("the row came without a root: give the one that was published with --root")
			}
			if err := commitment.Check(root, receipt.Row); errors.Is(err, commitment.ErrOther) {
				return finding{fmt.Errorf("not valid: %w", err)}
			} else if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			run.end()
			answers := jsontext.Value(receipt.Answers)
			if err := answers.Indent(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "valid: the run %q was committed to these answers\n%s\n", receipt.Run, answers)
			for _, p := range receipt.Prices {
				fmt.Fprintf(out, "Price in the certificate, %s: %d\n", p.Claim, p.Price)
			}
			if published == "" {
				fmt.Fprintf(out, "The root is %s. Compare it with the one that was published before the run.\n", root)
			}
			return nil
		},
	}
	c.Flags().Var((*typed)(&published), "root", "the root that was published before the run, 64 hexadecimal digits")
	return c
}
