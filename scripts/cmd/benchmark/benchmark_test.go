package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
)

func runs(seconds float64, peak int64) series {
	return series{Runs: []measurement{{Seconds: 9 * seconds, Peak: peak}, {Seconds: seconds, Peak: peak}, {Seconds: seconds / 9, Peak: peak}}}
}

// measured is a whole run in which everything is as promised, just.
func measured() *results {
	some := func(seconds float64, peak int64) *series {
		s := runs(seconds, peak)
		return &s
	}
	whole := some(90, 4<<30)
	whole.Size = wholeSize
	return &results{Cores: 2, Whole: whole, Problems: []comparison{
		{Shape: sectorwide, Size: pilotSize, Shipped: some(1e-3, 1<<20)},
		{Shape: dense, Size: denseSize, Ours: some(20e-3, 1<<20), SciPy: some(1, 4<<20)},
		{Shape: sectorwide, Size: 1000, Ours: some(0.03, 3<<20), SciPy: some(0.015, 2<<20)},
		{Shape: sectorwide, Size: 10_000, Ours: some(1, 1<<20), SciPy: some(3, 4<<20), Shipped: some(12, 2<<20)},
		{Shape: sectorwide, Size: 36_000, Ours: some(3.5, 1<<20), SciPy: some(35, 4<<20)},
		{Shape: sectorwide, Size: 163_000, Ours: some(49.7, 1<<20)},
	}}
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
	for _, row := range []string{
		"| 1,000 a side: time | total, no relaxing | 30 ms | 15 ms | 2.0 times slower than SciPy |  |  |",
		"| 1,000 a side: memory | total, no relaxing | 3 MiB | 2 MiB | 1.5 times more than SciPy |  |  |",
		"| 10,000 a side: time | total, no relaxing | 1.0 s | 3.0 s | 3.0 times faster than SciPy | 3 times faster | yes |",
		"| 10,000 a side: time | fair, relaxing (the presets) | 12 s |  | 12.0 times as long as total |  |  |",
		"| 10,000 a side: memory | fair, relaxing (the presets) | 2 MiB |  | 2.0 times as much as total |  |  |",
	} {
		if !strings.Contains(table.String(), row) {
			t.Errorf("there is no row %s:\n%s", row, &table)
		}
	}
	for name, spoil := range map[string]func(*results){
		"the pilot":                     func(r *results) { *r.Problems[0].Shipped = runs(1.1e-3, 1) },
		"500 a side":                    func(r *results) { *r.Problems[1].Ours = runs(21e-3, 1) },
		"10,000 a side: time":           func(r *results) { *r.Problems[3].SciPy = runs(2.9, 4<<20) },
		"36,000 a side: time":           func(r *results) { *r.Problems[4].SciPy = runs(34, 4<<20) },
		"36,000 a side: memory":         func(r *results) { *r.Problems[4].Ours = runs(3.5, 1<<20+1) },
		"from CSV to certificate: time": func(r *results) { r.Whole.Runs = runs(91, 1).Runs },
		"certificate: memory":           func(r *results) { r.Whole.Runs = runs(1, 4<<30+1).Runs },
		"growth of time":                func(r *results) { *r.Problems[5].Ours = runs(50, 1) },
	} {
		r := measured()
		spoil(r)
		if err := r.report(io.Discard, 3); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), ";") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSidesThatDisagreeAreFound(t *testing.T) {
	t.Parallel()
	one := func(matched, score int) *series {
		return &series{Runs: []measurement{{Matched: matched, Score: score}}}
	}
	for _, row := range []struct {
		name                 string
		ours, scipy, shipped *series
		agree                bool
	}{
		{"all alike", one(9, 100), one(9, 100), one(9, 90), true},
		{"relaxing matches more", one(9, 100), nil, one(10, 90), true},
		{"ours alone", one(9, 100), nil, nil, true},
		{"the presets' settings alone", nil, nil, one(9, 100), true},
		{"another total", one(9, 100), one(9, 101), nil, false},
		{"another number", one(9, 100), one(10, 100), nil, false},
		{"relaxing matches fewer", one(9, 100), nil, one(8, 100), false},
	} {
		p := comparison{Ours: row.ours, SciPy: row.scipy, Shipped: row.shipped}
		if err := p.agree(0); (err == nil) != row.agree {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestEachSizeIsOneProblem(t *testing.T) {
	t.Parallel()
	o := options{sizes: []int{1_000, 0}, alone: []int{3_000}, shipped: []int{1_000, 36_000}}
	var got []string
	for _, p := range o.problems() {
		got = append(got, fmt.Sprint(p.Shape, " ", p.Size, " ", p.Ours != nil, " ", p.SciPy != nil, " ", p.Shipped != nil))
	}
	want := []string{"sector 15 false false true", "dense 500 true true false", "sector 1000 true true true", "sector 3000 true false false", "sector 36000 false false true"}
	if !slices.Equal(got, want) {
		t.Errorf("measured are %q, want %q", got, want)
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
	// Two panels of four sizes of ours, three of SciPy's and one with the presets' settings,
	// and the legends.
	if marks["path"] != 2*(4+3+1+3) || marks["polyline"] != 6 {
		t.Errorf("the picture has %v", marks)
	}
	if s := string(text); strings.Contains(s, "NaN") || !strings.Contains(s, "people a side") {
		t.Errorf("the picture is %s", s)
	}
}

func TestEveryTwoOfADenseProblemMayBeMatched(t *testing.T) {
	t.Parallel()
	p, err := problem(dense, total, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	neighbourhood := func(o enrolment.Organisation) string {
		return p.Programme.Competition.Neighbourhood(p.Programme.Territory(), o.Postcode, o.Region)
	}
	for _, x := range p.Clients {
		for _, y := range p.Consultants {
			if x.Organisation.Region != y.Organisation.Region || neighbourhood(x.Organisation) == neighbourhood(y.Organisation) {
				t.Fatalf("%s and %s may not", x.ID, y.ID)
			}
		}
	}
}
