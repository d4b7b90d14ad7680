package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func questionsCommand() *cobra.Command {
	return part{
		use: "questions", short: "See or set what a programme asks beside what every programme asks",
		long: "Say what a programme asks of its own. With --settings say what would be other by a file of settings, of which questions are read and all\n" +
			"else is left as it is; with --apply set them. That they were set is kept in the audit trail. Pages follow within ten seconds.\n\n" +
			"Answers that were given are kept, and stay answers to what was asked: under an id that is there the words, what they are for and the\n" +
			"options stay, to which others can be added. Ask something else under another id. A question that the file leaves out is not asked any more;\n" +
			"who has answered it, and the coordinators, still see it with the answer. Nobody loses a place by a question that was not asked of them.",
		shown: func(p *programme.Programme) (all []shownSetting) {
			for _, q := range p.Questions {
				all = append(all, shownSetting{"questions." + q.ID, inWords(q)})
			}
			return all
		},
		take: func(p, to *programme.Programme) error { return p.Reask(to.Questions) },
		follows: func(ctx context.Context, out io.Writer, db *store.Store, before, p *programme.Programme) error {
			return tellAnswers(ctx, out, db, p, func(e *enrolment.Enrolment) (ids []string) {
				for id := range e.Extra {
					ids = append(ids, id)
				}
				return ids
			})
		},
	}.command()
}

func eligibilityCommand() *cobra.Command {
	return part{
		use: "eligibility", short: "See or set for whom a programme is",
		long: "Say for whom a programme is, and where it sends others. With --settings say what would be other by a file of settings, of which\n" +
			"eligibility is read and all else is left as it is; with --apply set it. That it was set is kept in the audit trail. Pages follow within\n" +
			"ten seconds.\n\n" +
			"What people said is kept, and stays what they said: under an id that is there what is asked stays. Ask something else under another id. A\n" +
			"rule that the file leaves out is not asked any more. Who takes part keeps their place: rules are asked of those who enrol from then on.",
		shown: func(p *programme.Programme) (all []shownSetting) {
			for _, r := range p.Eligibility.Rules {
				all = append(all, shownSetting{"eligibility.rules." + r.ID, ruleInWords(r)})
			}
			var elsewhere []string
			for _, e := range p.Eligibility.Elsewhere {
				elsewhere = append(elsewhere, strings.TrimSpace(e.Text+" "+e.Link))
			}
			return append(all, shownSetting{"eligibility.elsewhere", strings.Join(elsewhere, " | ")})
		},
		take: func(p, to *programme.Programme) error { return p.Refit(to.Eligibility) },
		follows: func(ctx context.Context, out io.Writer, db *store.Store, before, p *programme.Programme) error {
			return tellAnswers(ctx, out, db, p, func(e *enrolment.Enrolment) []string { return e.Fits })
		},
	}.command()
}

// inWords is a question with all that is said of it.
func inWords(q programme.Question) string {
	if q.Retired {
		return fmt.Sprintf("%q, not asked any more", q.Label)
	}
	text := fmt.Sprintf("%q, for: %s", q.Label, q.For)
	if q.Hint != "" {
		text += ", hint: " + q.Hint
	}
	if len(q.Options) > 0 {
		text += ", one of " + strings.Join(q.Options, " | ")
	}
	return text + of(q.Role) + map[bool]string{true: ", required"}[q.Required]
}

func ruleInWords(r programme.Rule) string {
	if r.Retired {
		return fmt.Sprintf("%q, not asked any more", r.Ask)
	}
	return fmt.Sprintf("%q, else: %s%s", r.Ask, r.Why, of(r.Role))
}

// of is of whom something is asked.
func of(role programme.Role) string {
	if role == "" {
		return ""
	}
	return ", of a " + string(role) + " alone"
}

// tellAnswers prints how many have answered what.
func tellAnswers(ctx context.Context, out io.Writer, db *store.Store, p *programme.Programme, answered func(*enrolment.Enrolment) []string) error {
	all, err := db.Enrolments(ctx, p.ID)
	if err != nil {
		return err
	}
	n := map[string]int{}
	for _, e := range all {
		for _, id := range answered(e) {
			n[id]++
		}
	}
	var ids []string
	for _, q := range p.Questions {
		ids = append(ids, q.ID)
	}
	for _, r := range p.Eligibility.Rules {
		ids = append(ids, r.ID)
	}
	for _, id := range ids {
		if n[id] > 0 {
			fmt.Fprintf(out, "  %s: what %s said to it is kept\n", id, count(n[id]))
		}
	}
	return nil
}
