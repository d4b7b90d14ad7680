package enrolment

import (
	"slices"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// Ranks are the places of preference in order: the names of their inputs, and words.
var Ranks = []struct{ Name, Words string }{{"first", "First choice"}, {"second", "Second choice"}, {"third", "Third choice"}}

// Prefer records whom this person would like to work with, the most wanted first: one
// for each of Ranks, "" for nobody. Only those who are possible can be asked for; a
// gap closes. The error is a *fault.Invalid with the inputs.
func (e *Enrolment) Prefer(wanted []string, possible func(id string) bool) error {
	var invalid fault.Invalid
	var kept []string
	for i, id := range wanted[:min(len(wanted), len(Ranks))] {
		switch {
		case id == "":
		case !possible(id):
			invalid.Add(Ranks[i].Name, "Select somebody else: this choice is not possible any more")
		case slices.Contains(kept, id):
			invalid.Add(Ranks[i].Name, "Select somebody else, or nobody: you chose them already")
		default:
			kept = append(kept, id)
		}
	}
	if err := invalid.Err(); err != nil {
		return err
	}
	e.Preferences = kept
	return nil
}
