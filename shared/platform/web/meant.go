package web

import (
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/fault"
)

// Meant is the input by which a person says which of two addresses is right.
const Meant = "meant"

// AskMeant is the question about an address that looks like a slip, see email.Settle: the
// options of the input Meant, and what its page says.
func AskMeant(typed, meant email.Address) ([]Option, *fault.Invalid) {
	var question fault.Invalid
	question.Add(Meant, "Did you mean %s?", meant.Shown())
	return []Option{
		{Value: string(meant), Text: "Yes, use " + meant.Shown()},
		{Value: string(typed), Text: "No, " + typed.Shown() + " is right"},
	}, &question
}
