package costs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The part of the document that the benchmark writes.
const (
	begins = "<!-- what pages cost: made by a benchmark -->\n"
	ends   = "<!-- /what pages cost -->"
)

// BenchmarkCosts measures all routes in a programme of 1,000 people and in one of 10,000,
// and writes the table into docs/measurements.md. COSTS_PEOPLE are other sizes, which
// are printed alone:
//
//	go run ./scripts/cmd/up emulator go test -run - -bench Costs -benchtime 1x -timeout 2h ./scripts/internal/costs
func BenchmarkCosts(b *testing.B) {
	sizes, write := []int{1000, 10_000}, true
	if asked := os.Getenv("COSTS_PEOPLE"); asked != "" {
		sizes, write = nil, false
		for each := range strings.SplitSeq(asked, ",") {
			n, err := strconv.Atoi(each)
			if err != nil {
				b.Fatal(err)
			}
			sizes = append(sizes, n)
		}
	}
	for b.Loop() {
		var at []map[string]measured
		for _, people := range sizes {
			at = append(at, measureAll(b, people))
		}
		table := printTable(sizes, at)
		if !write {
			fmt.Print(table)
			continue
		}
		text, err := os.ReadFile(document)
		if err != nil {
			b.Fatal(err)
		}
		before, after, found := strings.Cut(string(text), begins)
		_, after, ended := strings.Cut(after, ends)
		if !found || !ended {
			b.Fatalf("%s has no place for it", document)
		}
		if err := os.WriteFile(document, []byte(before+begins+table+ends+after), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// printTable is the table as Markdown.
func printTable(sizes []int, at []map[string]measured) string {
	var t strings.Builder
	t.WriteString("| route |")
	for _, people := range sizes {
		fmt.Fprintf(&t, " %s people: read | written | round trips | deep | KB read | KB sent |", thousands(people))
	}
	t.WriteString(" over its limit |\n|---|" + strings.Repeat("--:|", 6*len(sizes)) + "---|\n")
	for _, row := range Table {
		begins, ends := documented(row)
		t.WriteString(begins)
		for i := range sizes {
			m := at[i][row.Name()]
			fmt.Fprintf(&t, " %s | %s | %d | %d | %s | %s |", thousands(m.Reads), thousands(m.Writes), m.Trips, m.Depth, kilobytes(m.Received), kilobytes(m.Page))
		}
		t.WriteString(ends + "\n")
	}
	return t.String()
}

// documented is how a row's line begins and ends.
func documented(row Row) (begins, ends string) {
	over := " |"
	if row.Mends != "" {
		over = " " + row.Over() + ": issue " + row.Mends + " |"
	}
	return "| `" + row.Route + "` |", over
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func kilobytes(n int) string {
	if n == 0 {
		return ""
	}
	if n < 10_000 {
		return fmt.Sprintf("%.1f", float64(n)/1000)
	}
	return thousands((n + 500) / 1000)
}
