package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/register"
)

func dataCommand() *cobra.Command {
	return &cobra.Command{
		Use: "data", Short: "Print what is stored of whom, what for, and for how long", Args: cobra.NoArgs,
		Long:    "Print for each field of every document whether it is personal, what it is for, who reads it and how long it is kept, as docs/data.md has it.",
		Example: "  cascade data",
		RunE: func(cmd *cobra.Command, _ []string) error {
			printData(cmd.OutOrStdout())
			return nil
		},
	}
}

const dataIntroduction = `# What is stored

<!-- Printed by ./scripts/cascade data > docs/data.md from the tables beside the types; do not edit. -->

For each type of document: what one is, by which of its fields whoever it is about is found and what becomes of it once they are
forgotten, which functions read it, and how long it is kept. Beside these, the reminders read of every
type what is about somebody who is to be forgotten, and the participant function, the desk and the command line what is about one
person, for that person's own page. For each field: whether it is personal and from whom it comes, what it is for, and who is shown it. Where other
functions read some fields alone, the table says so. An id in a path is written as a star.

Tests hold that every stored field is here, and that the functions are those whose code reads the document. Nobody but the functions
and the cascade program reaches the database; who in the host's organisation may look into it is theirs to say. What is kept until a
year after a programme's end is kept for good where the programme has no last day: see [privacy.md](privacy.md#what-is-deleted-when).

`

// printData prints the register of all documents.
func printData(out io.Writer) {
	fmt.Fprint(out, dataIntroduction)
	fmt.Fprint(out, "Every document may also have these:\n\n")
	rows(out, register.Common)
	printDocuments(out, store.Documents)
	if len(store.AnswerDocuments) > 0 {
		fmt.Fprint(out, answersIntroduction)
	}
	printDocuments(out, store.AnswerDocuments)
}

const answersIntroduction = `
# What is stored in the database of answers

A database of its own, which few functions open: the platform can be told which. Nothing in it says who somebody is.
`

// printDocuments prints the registers of some types of documents.
func printDocuments(out io.Writer, all []store.Document) {
	for _, d := range all {
		r := d.Register
		fmt.Fprintf(out, "\n## %s\n\n%s.\n\n", strings.ReplaceAll(d.Path, "*", `\*`), capital(r.Holds))
		if r.Person != "" {
			fmt.Fprintf(out, "- About whom: by %s\n", r.Person)
			for _, w := range r.Whose {
				fmt.Fprintf(out, "- Where %s has %s: %s\n", where(w.By), w.Is, w.Then)
			}
		}
		fmt.Fprintf(out, "- Read by: %s\n- Kept until %s (deleted by %s)\n", r.Read, r.Kept.Until, r.Kept.By)
		fmt.Fprintf(out, "- Schema: %d\n\n", d.Schema)
		rows(out, r.Rows)
	}
}

// where is a field, or the document's id.
func where(field string) string {
	if field == "" {
		return "its id"
	}
	return "`" + field + "`"
}

// rows prints fields as a table.
func rows(out io.Writer, all []register.Row) {
	fmt.Fprint(out, "| fields | personal | what for | shown to |\n|---|---|---|---|\n")
	for _, r := range all {
		what := r.For
		if r.Also != 0 {
			what += "; read by " + r.Also.String() + ", too"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", strings.Join(r.Names(), "`, `"), strings.TrimPrefix(string(r.Class), "personal, "), what, r.Seen)
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
