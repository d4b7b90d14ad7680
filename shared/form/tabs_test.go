package form

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var tabs = []Input{{"text", Typed}, {"boxes", Boxes}, {"radio", Radio}}

// values are those of the three inputs.
func values(text, box, radio string) map[string][]string {
	all := map[string][]string{"text": {text}}
	if box != "" {
		all["boxes"] = []string{box}
	}
	if radio != "" {
		all["radio"] = []string{radio}
	}
	return all
}

func TestStaleTabLeavesWhatItDidNotChange(t *testing.T) {
	t.Parallel()
	nothing := values("", "", "")
	for what, row := range map[string]struct {
		shown, saved, posted, want map[string][]string
		newer                      bool
		clash                      []string
	}{
		"one tab":                     {nothing, nothing, values("a", "b", "c"), values("a", "b", "c"), false, nil},
		"changed":                     {values("a", "b", "c"), values("a", "b", "c"), values("x", "y", "z"), values("x", "y", "z"), false, nil},
		"emptied":                     {values("a", "b", "c"), values("a", "b", "c"), values("", "", ""), values("", "", "c"), false, nil},
		"stale and empty":             {nothing, values("a", "b", "c"), nothing, values("a", "b", "c"), true, nil},
		"stale and left alone":        {values("a", "b", "c"), values("x", "y", "z"), values("a", "b", "c"), values("x", "y", "z"), true, nil},
		"stale with one of three":     {nothing, values("a", "b", ""), values("", "", "c"), values("a", "b", "c"), true, nil},
		"the same in both":            {nothing, values("a", "b", "c"), values("a", "b", "c"), values("a", "b", "c"), false, nil},
		"another in both":             {nothing, values("a", "b", "c"), values("x", "y", "z"), values("x", "y", "z"), false, []string{"text", "boxes", "radio"}},
		"emptied, and changed":        {values("a", "b", "c"), values("x", "y", "z"), values("", "", ""), values("", "", "z"), true, []string{"text", "boxes"}},
		"an empty body":               {nil, values("a", "b", "c"), map[string][]string{}, values("a", "", "c"), false, nil},
		"a page of before, left bare": {nil, values("a", "b", "c"), values("", "", ""), values("", "", "c"), false, nil},
	} {
		posted := maps.Clone(row.posted)
		if row.shown != nil {
			posted[Shown] = []string{Showed(tabs, row.shown)}
		}
		merged, newer, clash := Merge(tabs, row.saved, posted)
		for _, in := range tabs {
			if hash(merged[in.Name]) != hash(row.want[in.Name]) {
				t.Errorf("%s: %s is %q, want %q", what, in.Name, merged[in.Name], row.want[in.Name])
			}
		}
		if newer != row.newer || !slices.Equal(clash, row.clash) {
			t.Errorf("%s: newer %v, clash %q", what, newer, clash)
		}
	}
}

// Whatever two windows do, no saved answer is lost that nobody changed, and none is
// overwritten that another window changed, unless the person is asked.
func TestNoAnswerIsLostSilently(t *testing.T) {
	t.Parallel()
	answer := rapid.SampledFrom([]string{"", "a", "b", "c"})
	all := func(t *rapid.T, what string) map[string][]string {
		return values(answer.Draw(t, what+"text"), answer.Draw(t, what+"box"), answer.Draw(t, what+"radio"))
	}
	rapid.Check(t, func(t *rapid.T) {
		shown, saved, posted := all(t, "shown"), all(t, "saved"), all(t, "posted")
		posted[Shown] = []string{Showed(tabs, shown)}
		merged, _, clash := Merge(tabs, saved, posted)
		for _, in := range tabs {
			n := in.Name
			touched := hash(posted[n]) != hash(shown[n]) && (in.Kind != Radio || hash(posted[n]) != "")
			moved := hash(saved[n]) != hash(shown[n])
			asked := slices.Contains(clash, n)
			switch {
			case !touched && hash(merged[n]) != hash(saved[n]):
				t.Fatalf("%s was not touched, and is %q", n, merged[n])
			case touched && hash(merged[n]) != hash(posted[n]):
				t.Fatalf("%s was changed to %q, and is %q", n, posted[n], merged[n])
			case asked != (touched && moved && hash(posted[n]) != hash(saved[n])):
				t.Fatalf("%s: asked %v", n, asked)
			}
		}
	})
}
