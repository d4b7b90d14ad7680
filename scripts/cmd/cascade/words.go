package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

func wordsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "words LANGUAGE", Short: "Print what people read in another language, beside the English, to be reviewed", Args: cobra.ExactArgs(1),
		Long: "Print each text that people read in another language below the one in English, and then the letters that are there in it.\n" +
			"Nobody is offered a language until a programme says who has reviewed it, and when: docs/programme.md, Other languages.",
		Example: "  cascade words cy\n  cascade words cy > review.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			l := language.Of(args[0])
			if l == language.English {
				var all []string
				for _, other := range language.Others {
					all = append(all, fmt.Sprintf("%s (%s)", other, other.Name()))
				}
				return fmt.Errorf("there is no language %q beside English: give one of %s", args[0], strings.Join(all, ", "))
			}
			out := cmd.OutOrStdout()
			for _, english := range l.Texts() {
				text, _ := l.Find(english)
				fmt.Fprintf(out, "%s\n%s\n\n", english, text)
			}
			letters, err := mail.Translated(l)
			if err != nil {
				return err
			}
			for _, letter := range letters {
				fmt.Fprintf(out, "=== letters/%s\n%s\n", letter.Name, letter.Text)
			}
			return nil
		},
	}
}
