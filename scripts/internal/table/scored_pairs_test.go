package table

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
)

func edges(text string) (*matching.ScoredPairs, error) {
	return ReadEdges("edges.csv", strings.NewReader(text))
}

func made(text string) ([]certificate.Match, error) {
	return ReadMatches("matches.csv", strings.NewReader(text))
}

const square = "client,consultant,score\na,x,5\na,y,3\nb,x,0\nb,y,1048576\n"

func TestEdgesAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	want := &matching.ScoredPairs{
		Clients: []string{"a", "b"}, Consultants: []certificate.Consultant{{ID: "x", Capacity: 1, Supervisor: -1}, {ID: "y", Capacity: 1, Supervisor: -1}},
		Pairs: [][]matching.ScoredPair{{{Consultant: 0, Score: 5}, {Consultant: 1, Score: 3}}, {{Consultant: 0, Score: 0}, {Consultant: 1, Score: 1048576}}},
	}
	for name, text := range map[string]string{
		"as it is":                square,
		"a byte order mark":       "\ufeff" + square,
		"CRLF":                    strings.ReplaceAll(square, "\n", "\r\n"),
		"no end of the last line": strings.TrimSuffix(square, "\n"),
		"no names":                strings.TrimPrefix(square, "client,consultant,score\n"),
		"another order":           "score,consultant,client\n5,x,a\n3,y,a\n1048576,y,b\n0,x,b\n",
	} {
		if got, err := edges(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v: %+v", name, err, got)
		}
	}
	if b, err := edges("client,consultant,score\n"); err != nil || len(b.Clients) != 0 {
		t.Errorf("no pair: %+v, %v", b, err)
	}
	// The same id on both sides is two people.
	if b, err := edges("1,1,1\n1,2,1\n2,1,1\n"); err != nil || len(b.Clients) != 2 || len(b.Consultants) != 2 {
		t.Errorf("numbers for ids: %+v, %v", b, err)
	}
}

func TestPairsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		at         Error
		says       []string
	}{
		{"a score below 0", "a,x,-1", Error{Line: 2, Column: 3, Name: "score"}, []string{`"-1" is not a whole number from 0 to 1048576`}},
		{"a score out of range", "a,x,1048577", Error{Line: 2, Column: 3, Name: "score"}, nil},
		{"NaN", "a,x,NaN", Error{Line: 2, Column: 3, Name: "score"}, []string{`"NaN"`}},
		{"a fraction", "a,x,1.0", Error{Line: 2, Column: 3, Name: "score"}, nil},
		{"an exponent", "a,x,1e3", Error{Line: 2, Column: 3, Name: "score"}, nil},
		{"no score", "a,x,", Error{Line: 2, Column: 3, Name: "score"}, []string{"the cell is empty"}},
		{"no consultant", "a,,1", Error{Line: 2, Column: 2, Name: "consultant"}, []string{"the id is missing"}},
		{"no client", ",x,1", Error{Line: 2, Column: 1, Name: "client"}, nil},
		{"a formula", "=a,x,1", Error{Line: 2, Column: 1, Name: "client"}, nil},
		{"a column too few", "a,x", Error{Line: 2, Column: 3, Name: "score"}, []string{"2 columns, not 3"}},
		{"a column too many", "a,x,1,2", Error{Line: 2, Column: 4}, []string{"4 columns, not 3"}},
		{"a quote", "a,\"x,1\n", Error{Line: 2, Column: 2, Name: "consultant"}, nil},
		{"a later line", "a,x,1\r\n\r\nb,x,?", Error{Line: 4, Column: 3, Name: "score"}, nil},
	} {
		_, err := edges("client,consultant,score\n" + row.text)
		fails(t, row.name, err, row.at, append(row.says, "edges.csv, line")...)
		_, err = made("client,consultant,score\n" + row.text)
		fails(t, row.name, err, row.at, append(row.says, "matches.csv, line")...)
	}
	for _, row := range []struct {
		name, text string
		at         Error
		says       []string
	}{
		{"a pair twice", square + "a,y,4\n", Error{Line: 6, Column: 2, Name: "consultant"}, []string{`the pair of "a" and "y" is on line 3 already`}},
		{"a pair twice at once", square + "b,y,1048576\n", Error{Line: 6, Column: 2, Name: "consultant"}, nil},
		{"two pairs twice", square + "b,x,1\na,x,1\n", Error{Line: 6, Column: 2, Name: "consultant"}, []string{`"b" and "x" is on line 4`}},
		{"an unknown column", "client,consultant,weight\n", Error{Line: 1, Column: 3}, []string{`unknown column "weight"`, `"score" is missing`}},
		{"a column twice", "client,client,consultant,score\n", Error{Line: 1, Column: 2}, []string{`"client" is there twice`}},
		{"a number for a name", "client,consultant,-1\n", Error{Line: 1, Column: 3, Name: "score"}, nil},
		{"a first row of four", "a,x,1,2\n", Error{Line: 1, Column: 4}, []string{`"2" stands in a column without a name; the columns are client,consultant,score`}},
		{"nothing", "", Error{Line: 1, Column: 1}, []string{"the file is empty"}},
	} {
		_, err := edges(row.text)
		fails(t, row.name, err, row.at, row.says...)
	}
}

func TestCapacitiesAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	for _, names := range []string{"kind,id,capacity,supervisor\n", ""} {
		b, err := edges(square)
		if err != nil {
			t.Fatal(err)
		}
		unlisted, err := ReadCapacities("caps.csv", strings.NewReader(names+"consultant,y,,s\nconsultant,z,2,t\nsupervisor,s,3,\nsupervisor,x,,\nconsultant,w,0,\n"), b)
		if err != nil {
			t.Fatal(err)
		}
		want := []certificate.Consultant{{ID: "x", Capacity: 1, Supervisor: -1}, {ID: "y", Capacity: 1, Supervisor: 0}, {ID: "z", Capacity: 2, Supervisor: 1}, {ID: "w", Capacity: 0, Supervisor: -1}}
		supervisors := []certificate.Supervisor{{ID: "s", Capacity: 3}, {ID: "t", Capacity: 1}, {ID: "x", Capacity: 1}}
		if !reflect.DeepEqual(b.Consultants, want) || !reflect.DeepEqual(b.Supervisors, supervisors) || !slices.Equal(unlisted, []string{"t"}) {
			t.Errorf("got %+v, %+v, unlisted %q", b.Consultants, b.Supervisors, unlisted)
		}
	}
	for _, text := range []string{"kind,id,capacity\nconsultant,x,2\n", "consultant,x,2\n", "capacity,id,kind\n2,x,consultant\n"} {
		b, err := edges(square)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadCapacities("caps.csv", strings.NewReader(text), b); err != nil || b.Consultants[0].Capacity != 2 {
			t.Errorf("%q: %+v, %v", text, b.Consultants, err)
		}
	}
}

func TestCapacitiesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		at         Error
		says       []string
	}{
		{"an unknown kind", "client,a,1,", Error{Line: 2, Column: 1, Name: "kind"}, []string{`"client" is no kind`, "consultant or supervisor"}},
		{"no id", "consultant,,1,", Error{Line: 2, Column: 2, Name: "id"}, nil},
		{"a capacity below 0", "consultant,x,-1,", Error{Line: 2, Column: 3, Name: "capacity"}, []string{`"-1" is not a whole number from 0 to 1000000000`}},
		{"a capacity beyond bounds", "consultant,x,4294967297,", Error{Line: 2, Column: 3, Name: "capacity"}, nil},
		{"NaN", "supervisor,x,NaN,", Error{Line: 2, Column: 3, Name: "capacity"}, nil},
		{"a consultant twice", "consultant,x,1,\nsupervisor,x,1,\nconsultant,x,1,", Error{Line: 4, Column: 2, Name: "id"}, []string{`the consultant "x" is on line 2 already`}},
		{"a supervisor twice", "supervisor,x,1,\nsupervisor,x,1,", Error{Line: 3, Column: 2, Name: "id"}, nil},
		{"a supervisor's supervisor", "supervisor,x,1,y", Error{Line: 2, Column: 4, Name: "supervisor"}, nil},
		{"a formula", "consultant,x,1,=y", Error{Line: 2, Column: 4, Name: "supervisor"}, nil},
		{"a column too few", "consultant,x,1", Error{Line: 2, Column: 4, Name: "supervisor"}, []string{"3 columns, not 4"}},
	} {
		b, err := edges(square)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadCapacities("caps.csv", strings.NewReader("kind,id,capacity,supervisor\n"+row.text), b)
		fails(t, row.name, err, row.at, row.says...)
	}
	for text, says := range map[string]string{"kind,id\n": `"capacity" is missing`, "kind,id,capacity,boss\n": `unknown column "boss"`, "": "empty"} {
		if _, err := ReadCapacities("caps.csv", strings.NewReader(text), &matching.ScoredPairs{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// told is a problem of scored pairs in words, whatever the order of its people.
func told(b *matching.ScoredPairs) []string {
	var all []string
	for i, edges := range b.Pairs {
		for _, e := range edges {
			all = append(all, fmt.Sprint(b.Clients[i], "-", b.Consultants[e.Consultant].ID, " ", e.Score))
		}
	}
	for _, d := range b.Consultants {
		by := ""
		if d.Supervisor >= 0 {
			by = b.Supervisors[d.Supervisor].ID
		}
		all = append(all, fmt.Sprint("consultant ", d.ID, " ", d.Capacity, " ", by))
	}
	for _, s := range b.Supervisors {
		all = append(all, fmt.Sprint("supervisor ", s.ID, " ", s.Capacity))
	}
	slices.Sort(all)
	return all
}

// again is a problem of scored pairs written and read.
func again(b *matching.ScoredPairs) (*matching.ScoredPairs, error) {
	var pairs, caps bytes.Buffer
	if err := WriteEdges(&pairs, b.Problem()); err != nil {
		return nil, err
	}
	if err := WriteCapacities(&caps, b.Problem()); err != nil {
		return nil, err
	}
	out, err := ReadEdges("", &pairs)
	if err != nil {
		return nil, err
	}
	unlisted, err := ReadCapacities("", &caps, out)
	if err == nil && unlisted != nil {
		err = fmt.Errorf("unlisted: %q", unlisted)
	}
	return out, err
}

func TestScoredPairsReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := &matching.ScoredPairs{}
		for k := range rapid.IntRange(0, 2).Draw(t, "supervisors") {
			b.Supervisors = append(b.Supervisors, certificate.Supervisor{ID: fmt.Sprint(k), Capacity: rapid.IntRange(0, 3).Draw(t, "capacity")})
		}
		for k := range rapid.IntRange(1, 5).Draw(t, "consultants") {
			b.Consultants = append(b.Consultants, certificate.Consultant{ID: fmt.Sprint(k), Capacity: rapid.IntRange(0, 3).Draw(t, "capacity"), Supervisor: rapid.IntRange(-1, len(b.Supervisors)-1).Draw(t, "supervisor")})
		}
		for k := range rapid.IntRange(0, 5).Draw(t, "clients") {
			b.Clients = append(b.Clients, fmt.Sprint(k))
			var edges []matching.ScoredPair
			for j := range b.Consultants {
				if rapid.Bool().Draw(t, "eligible") {
					edges = append(edges, matching.ScoredPair{Consultant: j, Score: rapid.IntRange(0, certificate.MaxScore).Draw(t, "score")})
				}
			}
			b.Pairs = append(b.Pairs, edges)
		}
		got, err := again(b)
		if err != nil || !slices.Equal(told(got), told(b)) {
			t.Fatalf("%v: %q, want %q", err, told(got), told(b))
		}
		for i, edges := range got.Pairs {
			if !slices.IsSortedFunc(edges, func(a, b matching.ScoredPair) int { return a.Consultant - b.Consultant }) {
				t.Fatalf("the pairs of %s are not in order: %v", got.Clients[i], edges)
			}
		}
	})
}

func FuzzEdges(f *testing.F) {
	for _, text := range []string{square, "a,x,1", "\ufeffa,x,1\r\na,x,2\r\n", "score,client,consultant\n1,a,x", "client,consultant,score", "a,x,1\na,x,1", "\"a\"", ",,"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := edges(text)
		if err != nil {
			return
		}
		if got, err := again(b); err != nil || !slices.Equal(told(got), told(b)) {
			t.Fatalf("%q: %v: %q, want %q", text, err, told(got), told(b))
		}
	})
}

func FuzzCapacities(f *testing.F) {
	for _, text := range []string{"kind,id,capacity,supervisor\nconsultant,x,2,s\nsupervisor,s,3,\n", "consultant,x,1", "consultant,x,,s", "supervisor,s,", "kind,id,capacity\r\n", "supervisor,id,capacity,kind\n,z,0,consultant"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := edges(square)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadCapacities("", strings.NewReader(text), b); err != nil {
			return
		}
		if got, err := again(b); err != nil || !slices.Equal(told(got), told(b)) {
			t.Fatalf("%q: %v: %q, want %q", text, err, told(got), told(b))
		}
	})
}

func FuzzMatches(f *testing.F) {
	for _, text := range []string{square, "a,x,1\na,x,1\n", "a,x,1", "client,consultant,score\r\n", "a,x,NaN"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := made(text)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteMatches(&b, all); err != nil {
			t.Fatal(err)
		}
		if got, err := made(b.String()); err != nil || !slices.Equal(got, all) {
			t.Fatalf("%q: %v: %v, want %v", text, err, got, all)
		}
	})
}
