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
			prices := []Price{{"total", 7}}
			proof, _ := tree.Proof(e.ID, prices)
			want.Prices = prices
			if got, ok, err = proof.Row(secret, tree.Root(), "run", e); err != nil || !ok || !reflect.DeepEqual(got, want) {
				t.Fatalf("by its proof %+v, %v, %v; want %+v", got, ok, err, want)
			}
			for name, wrong := range map[string]func() (Row, bool, error){
				"of other answers": func() (Row, bool, error) {
					return proof.Row(secret, tree.Root(), "run", Entry{e.ID, json.RawMessage(`{"capacity":7}`)})
				},
				"of somebody else": func() (Row, bool, error) { return proof.Row(secret, tree.Root(), "run", Entry{"other", e.Answers}) },
				"of another run":   func() (Row, bool, error) { return proof.Row(secret, tree.Root(), "other", e) },
			} {
				if _, ok, err := wrong(); ok || err != nil {
					t.Fatalf("a row %s: %v", name, err)
				}
			}
			if _, ok, err := (Proof{Path: append(proof.Path, 0)}).Row(secret, tree.Root(), "run", e); ok || err == nil {
				t.Fatal("a path that is none is taken")
			}
			e.Answers = json.RawMessage(`{"capacity":7}`)
			if _, ok, err := RowOf(secret, "run", tree.Leaves(), e, nil); ok || err != nil {
				t.Fatalf("other answers have a row: %v", err)
			}
		}
	})
}
