package commitment

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestRowIsMadeAgainFromTheLeavesAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "people")
		entries := make([]Entry, n)
		for i := range entries {
			entries[i] = Entry{ID: fmt.Sprintf("person%d", i), Answers: json.RawMessage(fmt.Sprintf(`{"capacity":%d}`, i%3))}
		}
		tree, err := Commit(secret, "run", entries)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			want, _ := tree.Row(e.ID, nil)
			got, ok, err := RowOf(secret, "run", tree.Leaves(), e, nil)
			if err != nil || !ok || !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v, %v, %v; want %+v", got, ok, err, want)
			}
			if err := Check(tree.Root(), got); err != nil {
				t.Fatal(err)
			}
			e.Answers = json.RawMessage(`{"capacity":7}`)
			if _, ok, err := RowOf(secret, "run", tree.Leaves(), e, nil); ok || err != nil {
				t.Fatalf("other answers have a row: %v", err)
			}
		}
	})
}
