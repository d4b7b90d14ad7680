package message

import (
	"testing"

	"pgregory.net/rapid"
)

func TestID(t *testing.T) {
	t.Parallel()
	id := idOf("match-released", "e1", "m1", "")
	if id != "z5vf6bg57fmziktqfm3cojytoh" { // as those that are stored
		t.Errorf("id %q", id)
	}
	seen := map[string]bool{}
	for _, id := range []string{
		id, idOf("match-declined", "e1", "m1", ""), idOf("match-released", "e2", "m1", ""), idOf("match-released", "e1", "m2", ""),
		idOf("match-released", "e1", "m1", "again"), idOf("match-released", "e1m1", "", ""), idOf("match-released", "", "e1m1", ""),
	} {
		if seen[id] {
			t.Errorf("%s is the id of two messages", id)
		}
		seen[id] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-z0-9/-]{0,12}`)
		a := [3]string{part.Draw(t, "to"), part.Draw(t, "subject"), part.Draw(t, "occasion")}
		b := [3]string{part.Draw(t, "to"), part.Draw(t, "subject"), part.Draw(t, "occasion")}
		if (idOf("k", a[0], a[1], a[2]) == idOf("k", b[0], b[1], b[2])) != (a == b) {
			t.Fatalf("ids of %q and %q", a, b)
		}
	})
}
