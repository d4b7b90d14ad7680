package pairing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// What is shared is exactly what its author ticked, however often they change their mind; a
// text that was not ticked the last time is nowhere in it, and whether they fit never is.
func TestSharedIsWhatWasTickedAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shared, now := &Shared{}, noon
		for try := range 3 {
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			word := func(name string) string { return fmt.Sprint(name, "-canary-", try) }
			l := &Log{Role: role, Held: true, Surfaced: word("surfaced"), Topic: word("topic"), Balance: word("balance"), Thinking: word("thinking"),
				Next: word("next"), Learnt: word("learnt"), Helps: word("helps"), Change: word("change"), Fit: Fit(word("fit")),
				Shares: rapid.SliceOfNDistinct(rapid.SampledFrom(Shareable(role)), 0, -1, rapid.ID[string]).Draw(t, "shares")}
			now = now.Add(time.Hour)
			shared.Share(l, now)
			if again := *shared; again.Share(l, now.Add(time.Hour)) || again != *shared {
				t.Fatal("sharing the same twice changes something")
			}
			var said []string
			for _, x := range shared.Said() {
				said = append(said, x.Field)
				if x.Text != word(x.Field) {
					t.Fatalf("%s says %q", x.Field, x.Text)
				}
			}
			if want := slices.DeleteFunc(Shareable(role), func(f string) bool { return !slices.Contains(l.Shares, f) }); !slices.Equal(said, want) {
				t.Fatalf("shared is %v, ticked were %v", said, l.Shares)
			}
			if text := fmt.Sprintf("%+v", shared); strings.Contains(text, "fit-canary") || strings.Count(text, "-canary-") != len(said) {
				t.Fatalf("shared is %s", text)
			}
		}
	})
}
