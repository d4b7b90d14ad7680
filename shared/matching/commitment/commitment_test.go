package commitment

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var secret = []byte("sixteen bytes or more of secret")

// The inputs and roots are those by which implementations of Certificate
// Transparency test their trees.
func TestTreeIsThatOfRFC6962(t *testing.T) {
	t.Parallel()
	inputs := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	for n, want := range roots {
		var leaves []Hash
		for _, input := range inputs[:n] {
			data, err := hex.DecodeString(input)
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, hashLeaf(data))
		}
		levels := build(leaves)
		if got := levels[len(levels)-1]; len(got) != 1 || got[0].String() != want {
			t.Errorf("of %d leaves the root is %v, want %s", n, got, want)
		}
	}
}

// entries are so many participants, some of whom answered the same.
func entries(n int) []Entry {
	all := make([]Entry, n)
	for k := range all {
		all[k] = Entry{fmt.Sprintf("id-%d", k), json.RawMessage(fmt.Sprintf(`{"needs":{"board":%d},"conflicts":["Trust no. %d"]}`, k%3+1, k%2))}
	}
	return all
}

func commit(t rapid.TB, run string, all []Entry) *Tree {
	t.Helper()
	tree, err := Commit(secret, run, all)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestEveryoneFindsTheirRowUnderTheRoot(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 40; n++ {
		tree := commit(t, "run", entries(n))
		for _, e := range entries(n) {
			row, ok := tree.Row(e.ID, nil)
			if !ok {
				t.Fatalf("of %d, %s has no row", n, e.ID)
			}
			text, err := json.MarshalIndent(row, "", "  ") // as it is handed out
			if err != nil {
				t.Fatal(err)
			}
			var read Row
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatal(err)
			}
			if err := Check(tree.Root(), read); err != nil {
				t.Errorf("of %d, %s: %v", n, e.ID, err)
			}
		}
	}
	if _, ok := commit(t, "run", entries(3)).Row("somebody else", nil); ok {
		t.Error("somebody who was not in the run has a row")
	}
	if root := commit(t, "run", nil).Root(); root.String()[:8] != "e3b0c442" {
		t.Errorf("of nobody the root is %s", root)
	}
}

func TestRootDependsOnTheRowsAndTheRunAlone(t *testing.T) {
	t.Parallel()
	all := entries(20)
	root := commit(t, "run", all).Root()
	shuffled := slices.Clone(all)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if commit(t, "run", shuffled).Root() != root {
		t.Error("another order makes another root")
	}
	spaced := slices.Clone(all)
	spaced[3].Answers = json.RawMessage("{ \"conflicts\" : [\"Trust no. 1\"],\n \"needs\": {\"board\": 1.0e0} }")
	if commit(t, "run", spaced).Root() != root {
		t.Error("the same answers written otherwise make another root")
	}
	if commit(t, "another run", all).Root() == root {
		t.Error("two runs have one root, so that they can be compared")
	}
	if other, err := Commit(append(secret, 'x'), "run", all); err != nil || other.Root() == root {
		t.Errorf("two secrets have one root: %v", err)
	}
}

// Whatever of a row is changed, the root does not commit to it.
func TestAnotherRowIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		tree := commit(t, "run", entries(n))
		row, _ := tree.Row(fmt.Sprintf("id-%d", rapid.IntRange(0, n-1).Draw(t, "who")), nil)
		was := row
		row.Path = slices.Clone(row.Path)
		bit := func(h *Hash) { h[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit") }
		root := tree.Root()
		changes := []func(){
			func() { row.Run += "x" },
			func() { row.ID += "x" },
			func() { row.Answers = json.RawMessage(`{"needs":{"board":1},"conflicts":[]}`) },
			func() { row.Answers = bytes.Replace(row.Answers, []byte("no."), []byte("nr."), 1) },
			func() { bit(&row.Salt) },
			func() { bit(&root) },
			func() { row.Path = append(row.Path, Step{Left, root}) },
		}
		if len(row.Path) > 0 {
			k := rapid.IntRange(0, len(row.Path)-1).Draw(t, "step")
			changes = append(changes,
				func() { bit(&row.Path[k].Hash) },
				func() { row.Path = slices.Delete(row.Path, k, k+1) },
				func() { row.Path[k].Side = map[Side]Side{Left: Right, Right: Left}[row.Path[k].Side] })
		}
		if err := Check(root, row); err != nil {
			t.Fatal(err)
		}
		rapid.SampledFrom(changes).Draw(t, "change")()
		if err := Check(root, row); !errors.Is(err, ErrOther) {
			t.Fatalf("%+v, changed to %+v: %v", was, row, err)
		}
	})
}

func TestMalformedRowIsNoFinding(t *testing.T) {
	t.Parallel()
	tree := commit(t, "run", entries(2))
	for name, change := range map[string]func(*Row){
		"no run": func(r *Row) { r.Run = "" }, "nobody": func(r *Row) { r.ID = "" }, "no answers": func(r *Row) { r.Answers = nil },
		"answers that end early":  func(r *Row) { r.Answers = json.RawMessage(`{"needs":`) },
		"a name that comes twice": func(r *Row) { r.Answers = json.RawMessage(`{"needs":1,"needs":2}`) },
		"a side that is none":     func(r *Row) { r.Path[0].Side = "above" },
	} {
		row, _ := tree.Row("id-1", nil)
		change(&row)
		if err := Check(tree.Root(), row); err == nil || errors.Is(err, ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{`""`, `"00"`, `"` + strings.Repeat("0", 63) + `"`, `"` + strings.Repeat("0", 66) + `"`, `"` + strings.Repeat("g", 64) + `"`, "1"} {
		var h Hash
		if err := json.Unmarshal([]byte(text), &h); err == nil {
			t.Errorf("%s is read as a hash", text)
		}
	}
}

func TestCommitRefusesWhatItCannotStandFor(t *testing.T) {
	t.Parallel()
	good := entries(2)
	for name, do := range map[string]func() (*Tree, error){
		"a short secret":      func() (*Tree, error) { return Commit([]byte("fifteen letters"), "run", good) },
		"no run":              func() (*Tree, error) { return Commit(secret, "", good) },
		"a run with a NUL":    func() (*Tree, error) { return Commit(secret, "a\x00b", good) },
		"an id twice":         func() (*Tree, error) { return Commit(secret, "run", append(good, good[0])) },
		"no id":               func() (*Tree, error) { return Commit(secret, "run", []Entry{{"", good[0].Answers}}) },
		"answers not in JSON": func() (*Tree, error) { return Commit(secret, "run", []Entry{{"a", json.RawMessage("{")}}) },
		"no answers":          func() (*Tree, error) { return Commit(secret, "run", []Entry{{ID: "a"}}) },
	} {
		if tree, err := do(); err == nil {
			t.Errorf("%s: %v", name, tree.Root())
		}
	}
}

// What one participant holds does not change by what another answered, but for
// hashes; and whoever guesses another's answers rightly cannot tell that they did.
func TestRowTellsNothingOfOthers(t *testing.T) {
	t.Parallel()
	two := entries(2)
	tree := commit(t, "run", two)
	row, _ := tree.Row("id-0", nil)
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("id-1")) || bytes.Contains(text, []byte("Trust no. 1")) {
		t.Errorf("the row names another: %s", text)
	}
	if len(row.Path) != 1 {
		t.Fatalf("path %v", row.Path)
	}
	for _, salt := range []Hash{{}, row.Salt} {
		guess, err := hashRow("run", "id-1", two[1].Answers, salt)
		if err != nil || guess == row.Path[0].Hash {
			t.Errorf("a right guess of another's answers is confirmed: %v", err)
		}
	}
	two[1].Answers = json.RawMessage(`{"conflicts":["Trust no. 0"]}`)
	after, _ := commit(t, "run", two).Row("id-0", nil)
	after.Path, row.Path = nil, nil
	if !reflect.DeepEqual(after, row) {
		t.Errorf("another's answers changed the row from %+v to %+v", row, after)
	}
	// The same answers by two people look different.
	same := []Entry{{"a", two[0].Answers}, {"b", two[0].Answers}}
	a, _ := commit(t, "run", same).Row("a", nil)
	b, _ := commit(t, "run", same).Row("b", nil)
	if a.Path[0].Hash == b.Path[0].Hash || a.Salt == b.Salt {
		t.Error("equal answers have equal hashes")
	}
}

func TestAnswersAreOnesOwn(t *testing.T) {
	t.Parallel()
	x := matching.Person{
		ID: "a", Organisation: enrolment.Organisation{Name: "Example & Sons", Region: "Wales", Categories: []string{"HE", "AR"}},
		Needs: map[string]int{"board": 3, "team": 0}, Availability: []string{"tue-am", "mon-am"}, Languages: []string{"Welsh", "English"},
		Capacity: 1, Conflicts: []string{"Another Trust"}, Preferences: []string{"z", "b"}, Declined: []string{"declined-id"}, Supervisor: "supervisor-id",
	}
	was := fmt.Sprintf("%+v", x)
	text := Answers(x)
	if bytes.Contains(text, []byte("mention")) || bytes.Contains(text, []byte("bids")) {
		t.Errorf("%s has what nobody told, and differs from what runs before were bound to", text)
	}
	bidding := x
	bidding.Mention, bidding.Bids = "Example Fund", []string{"B Fund", "A Fund"}
	if told := Answers(bidding); !bytes.Contains(told, []byte(`"mention":"Example Fund"`)) || !bytes.Contains(told, []byte(`"bids":["A Fund","B Fund"]`)) {
		t.Errorf("the funders are missing in %s", told)
	}
	for _, other := range []string{"declined-id", "supervisor-id", "team"} {
		if bytes.Contains(text, []byte(other)) {
			t.Errorf("%q stands in %s", other, text)
		}
	}
	if !bytes.Contains(text, []byte("Another Trust")) || !bytes.Contains(text, []byte(`["z","b"]`)) {
		t.Errorf("own answers are missing in %s", text)
	}
	if fmt.Sprintf("%+v", x) != was {
		t.Errorf("the person was changed to %+v", x)
	}
	y := x
	y.Organisation.Categories, y.Availability, y.Languages = []string{"AR", "HE"}, []string{"mon-am", "tue-am"}, []string{"English", "Welsh"}
	y.Needs, y.Declined = map[string]int{"board": 3}, nil
	if !bytes.Equal(Answers(y), text) {
		t.Errorf("%s\nand %s\nare the same answers", Answers(y), text)
	}
	y.Preferences = []string{"b", "z"}
	if bytes.Equal(Answers(y), text) {
		t.Error("the order of preferences makes no difference")
	}
}

func TestPricesAreOnesOwn(t *testing.T) {
	t.Parallel()
	c := &certificate.Certificate{Proofs: []certificate.Proof{
		{Claim: certificate.MostMatched, Clients: map[string]int64{"a": 1}, Consultants: map[string]int64{"b": 1}},
		{Claim: certificate.Total, Clients: map[string]int64{"a": 70}},
	}}
	for _, row := range []struct {
		role programme.Role
		id   string
		want []Price
	}{
		{programme.Client, "a", []Price{{certificate.MostMatched, 1}, {certificate.Total, 70}}},
		{programme.Consultant, "b", []Price{{certificate.MostMatched, 1}, {certificate.Total, 0}}},
	} {
		if got := Prices(c, row.role, row.id); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v", row.id, got)
		}
	}
}
