package enrolment

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/fault"
)

func TestUpToThreeOfThePossibleArePreferredInOrder(t *testing.T) {
	t.Parallel()
	possible := func(id string) bool { return len(id) == 1 }
	for _, row := range []struct{ wanted, kept, wrong string }{
		{"a b c", "a b c", ""}, {"c b a d", "c b a", ""}, {"a", "a", ""}, {"- b -", "b", ""}, {"- - c", "c", ""}, {"- - -", "", ""}, {"", "", ""},
		{"a a b", "x", "second"}, {"a - a", "x", "third"}, {"a gone b", "x", "second"}, {"gone gone gone", "x", "first second third"},
	} {
		e := &Enrolment{Preferences: []string{"x"}}
		wanted := strings.Fields(row.wanted)
		for i := range wanted {
			wanted[i] = strings.Trim(wanted[i], "-")
		}
		err := e.Prefer(wanted, possible)
		var invalid *fault.Invalid
		var wrong []string
		if errors.As(err, &invalid) {
			for _, f := range invalid.Fields {
				wrong = append(wrong, f.Name)
			}
		}
		if got := strings.Join(wrong, " "); got != row.wrong || !slices.Equal(e.Preferences, strings.Fields(row.kept)) {
			t.Errorf("%q: kept %q, wrong are %q", row.wanted, e.Preferences, got)
		}
	}
}
