package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runs(seconds float64, peak int64) series {
	return series{Runs: []measurement{{Seconds: 9 * seconds, Peak: peak}, {Seconds: seconds, Peak: peak}, {Seconds: seconds / 9, Peak: peak}}}
}

// measured is a whole run in which everything is as promised, just.
func measured() *results {
	ours := func(shape string, size int, seconds float64) pair {
		return pair{Shape: shape, Size: size, Ours: runs(seconds, 1<<20)}
	}
	r := &results{Cores: 2, Problems: []pair{
		ours(pilot, 15, 1e-3), ours(dense, 500, 20e-3), ours(sectorwide, 10_000, 1), ours(sectorwide, 36_000, 3.5), ours(sectorwide, 163_000, 49.7),
	}}
	for i, n := range map[int]float64{1: 1, 2: 3, 3: 35} {
		s := runs(n, 4<<20)
		r.Problems[i].SciPy = &s
	}
	whole := runs(90, 4<<30)
	whole.Size = 163_000
	r.Whole = &whole
	return r
}

func TestReportHoldsEachFigureToItsPromise(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	if err := measured().report(&table, 3); err != nil {
		t.Error(err)
	}
	if got := strings.Count(table.String(), "| yes |"); got != 8 {
		t.Errorf("%d promises hold, want 8:\n%s", got, &table)
	}
	for name, spoil := range map[string]func(*results){
		"the pilot":                     func(r *results) { r.Problems[0].Ours = runs(1.1e-3, 1) },
		"500 a side":                    func(r *results) { r.Problems[1].Ours = runs(21e-3, 1) },
		"10,000 a side: time":           func(r *results) { *r.Problems[2].SciPy = runs(2.9, 4<<20) },
		"36,000 a side: time":           func(r *results) { *r.Problems[3].SciPy = runs(34, 4<<20) },
		"36,000 a side: memory":         func(r *results) { r.Problems[3].Ours = runs(3.5, 1<<20+1) },
		"from CSV to certificate: time": func(r *results) { r.Whole.Runs = runs(91, 1).Runs },
		"certificate: memory":           func(r *results) { r.Whole.Runs = runs(1, 4<<30+1).Runs },
		"growth of time":                func(r *results) { r.Problems[4].Ours = runs(50, 1) },
	} {
		r := measured()
		spoil(r)
		if err := r.report(io.Discard, 3); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), ";") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPictureIsWellFormedAndShowsEverySize(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "picture.svg")
	if err := draw(file, measured()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	marks := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(string(text))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			marks[e.Name.Local]++
		}
	}
	// Two panels of three sizes of ours and two of SciPy's, and the legends.
	if marks["path"] != 2*(3+2+2) || marks["polyline"] != 4 {
		t.Errorf("the picture has %v", marks)
	}
	if s := string(text); strings.Contains(s, "NaN") || !strings.Contains(s, "people a side") {
		t.Errorf("the picture is %s", s)
	}
}

func TestEveryTwoOfADenseProblemMayBeMatched(t *testing.T) {
	t.Parallel()
	p, err := problem(dense, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	area := p.Programme.Competition.Area
	for _, x := range p.Clients {
		for _, y := range p.Consultants {
			if x.Organisation.Region != y.Organisation.Region || x.Organisation.Postcode.Neighbourhood(area) == y.Organisation.Postcode.Neighbourhood(area) {
				t.Fatalf("%s and %s may not", x.ID, y.ID)
			}
		}
	}
}
