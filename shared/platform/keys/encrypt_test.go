package keys

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What one key has hidden, its ring reads, also behind newer keys; no other does, nor
// beside something else, nor once a character is another.
func TestWhatIsHiddenIsReadByItsRingAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	ring := func(texts ...string) Ring {
		all, err := Parse(strings.Join(texts, ","))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before, newer := New(now), New(now.AddDate(1, 0, 0))
	old, both, other := ring(before), ring(newer, before), ring(New(now))
	rapid.Check(t, func(t *rapid.T) {
		text, to := rapid.String().Draw(t, "text"), rapid.String().Draw(t, "to")
		hidden := old.Encrypt(text, to)
		for _, r := range []Ring{old, both} {
			if got, ok := r.Decrypt(hidden, to); !ok || got != text {
				t.Fatalf("%q is read as %q, %v", text, got, ok)
			}
		}
		if hidden == old.Encrypt(text, to) {
			t.Fatal("the same text is hidden in the same way twice")
		}
		for _, r := range []Ring{other, old.For("another use"), {}} {
			if _, ok := r.Decrypt(hidden, to); ok {
				t.Fatal("another key reads it")
			}
		}
		if _, ok := old.Decrypt(hidden, to+"x"); ok {
			t.Fatal("it is read beside something else")
		}
		i := rapid.IntRange(0, len(hidden)-1).Draw(t, "place")
		c := byte('A')
		if hidden[i] == c {
			c = 'B'
		}
		if _, ok := old.Decrypt(hidden[:i]+string(c)+hidden[i+1:], to); ok {
			t.Fatal("what was changed is read")
		}
	})
}
