package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/matching/commitment"
)

// handedOut is a row of three, as the participant gets it.
func handedOut(t *testing.T) (text string, root commitment.Hash) {
	t.Helper()
	tree, err := commitment.Commit([]byte("sixteen bytes or more"), "run-1", []commitment.Entry{
		{ID: "a", Answers: json.RawMessage(`{"needs":{"board":3}}`)}, {ID: "b", Answers: json.RawMessage(`{}`)}, {ID: "c", Answers: json.RawMessage(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	row, ok := tree.Row("a", []commitment.Price{{Claim: "total", Price: 70}})
	if !ok {
		t.Fatal("no row")
	}
	b, err := json.MarshalIndent(commitment.Receipt{Root: tree.Root(), Row: row}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b), tree.Root()
}

func TestCheckRow(t *testing.T) {
	t.Parallel()
	text, root := handedOut(t)
	f := newFolder(t, map[string]string{"row.json": text, "changed.json": strings.Replace(text, `"board": 3`, `"board": 2`, 1)})
	out := ran(t, "", f.args("check-row row.json")...)
	for _, says := range []string{"valid: the run \"run-1\"", "\"board\": 3", "total: 70", root.String(), "Compare it"} {
		if !strings.Contains(out, says) {
			t.Errorf("the output %q does not say %q", out, says)
		}
	}
	if out := ran(t, text, "check-row", "-", "--root", root.String()); strings.Contains(out, "Compare") || !strings.HasPrefix(out, "valid: ") {
		t.Errorf("with the published root: %q", out)
	}
	other := root
	other[0] ^= 1
	for name, line := range map[string]string{"changed answers": "check-row changed.json", "another root": "check-row row.json --root " + other.String()} {
		if _, err := run(t, "", f.args(line)...); !errors.As(err, new(finding)) || status(err) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckRowRefusesWhatIsNoRow(t *testing.T) {
	t.Parallel()
	text, _ := handedOut(t)
	long := `{"run":"` + strings.Repeat("x", longestRow) + `"}`
	for name, row := range map[string]struct{ text, says string }{
		"nothing": {"", "not a row"}, "no JSON": {"run,id", "not a row"}, "an unknown name": {strings.Replace(text, `"salt"`, `"sald"`, 1), "sald"},
		"a name twice": {strings.Replace(text, `"id":`, `"id": "b", "id":`, 1), "id"}, "a short hash": {strings.Replace(text, `"salt": "`, `"salt": "0`, 1), "not a row"},
		"no root": {`{"run":"r","id":"a","answers":{},"salt":"` + strings.Repeat("0", 64) + `","path":[]}`, "without a root"},
		"a side":  {strings.NewReplacer(`"left"`, `"up"`, `"right"`, `"up"`).Replace(text), "neither left nor right"}, "too much": {long, "more than a row"},
	} {
		_, err := run(t, row.text, "check-row", "-")
		refuses(t, name, err, row.says)
		if errors.As(err, new(finding)) {
			t.Errorf("%s is a finding: %v", name, err)
		}
	}
	_, err := run(t, text, "check-row", "-", "--root", "abc")
	refuses(t, "a root", err, "--root", "64 hexadecimal digits")
	_, err = run(t, "", "check-row", "/nowhere/row.json")
	refuses(t, "a file that is not there", err, "/nowhere/row.json")
	_, err = run(t, "", "check-row")
	refuses(t, "no file", err, "arg")
}
