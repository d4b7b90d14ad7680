package costs

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// printed has the test print the table as it is measured, to be taken over where a
// route is new or mended.
var printed = flag.Bool("print", false, "print the table as it is measured")

// called has the test print which calls each route makes, in order.
var called = flag.Bool("calls", false, "print what each route asks of Firestore")

// The two sizes at which routes are measured: small, so that the test is quick, and so
// far apart that one document for each person is more than any bound leaves room for.
const small, large = 80, 240

// inOrder are the rows in the order in which they are measured: pages first, which
// change nothing, then what changes something, and jobs last.
func inOrder(rows []Row) []Row {
	rank := func(r Row) int {
		switch {
		case r.Job(), strings.HasSuffix(r.Route, "/proof"): // which comes after a matching run
			return 2
		case strings.HasPrefix(r.Route, "GET ") && r.Route != "GET /choose/{link}/decline": // which comes after a choice
			return 0
		}
		return 1
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int { return rank(a) - rank(b) })
	return rows
}

// patience is how often a route is measured that seems to wait too often. Two calls that
// are made at once count as one after the other where the machine was too busy to begin
// the second before the first was answered: a depth can be too large by chance, and
// never too small.
const patience = 4

// measureAll measures all rows in a programme of so many people.
func measureAll(t testing.TB, people int) map[string]measured {
	t.Helper()
	x, all := newPlace(t, people), map[string]measured{}
	for _, row := range inOrder(Table) {
		ask := visits[row.Name()]
		if ask == nil {
			continue // which another test finds
		}
		m := x.measure(row, ask)
		for try := 1; try < patience && float64(m.Depth) > row.At(people).Depth && !t.Failed(); try++ {
			m = x.measure(row, ask)
		}
		all[row.Name()] = m
	}
	x.indexes()
	return all
}

// indexes checks that production has every index that the routes' queries needed.
func (x *place) indexes() {
	x.t.Helper()
	for file, database := range map[string]string{"firestore.indexes.json": "", "firestore.answers.indexes.json": testbed.Answers} {
		needed, err := emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: x.Project, Database: database}.Needed(x.t.Context())
		if err != nil || len(needed) == 0 && database == "" {
			x.t.Fatalf("the emulator lists %d indexes that were needed, %v", len(needed), err)
		}
		declared, err := emulator.Declared("../../../infra/" + file)
		if err != nil {
			x.t.Fatal(err)
		}
		for _, missing := range emulator.Missing(needed, declared) {
			x.t.Errorf("infra/%s lacks %v", file, missing)
		}
	}
}

func TestRoutesCostWhatTheTableSays(t *testing.T) {
	t.Parallel()
	at := map[int]map[string]measured{}
	for _, people := range []int{small, large} {
		at[people] = measureAll(t, people)
	}
	for _, row := range Table {
		if *printed {
			fmt.Println(fit(row, at[small][row.Name()], at[large][row.Name()]))
		}
		for _, wrong := range compare(row, at[small][row.Name()], at[large][row.Name()]) {
			t.Errorf("%s: %s", row.Name(), wrong)
		}
	}
}

// compare says what of a cost measured at the two sizes is over its bound; or so far
// below, where the row is over its limit, that it is mended and the table does not say so.
func compare(row Row, a, b measured) (wrong []string) {
	lower, upper := row.At(a.People), row.At(b.People)
	reads, depth := row.Limit()
	for _, figure := range []struct {
		of            string
		a, b          int
		lower, upper  float64
		each, limited float64
		limit         float64
		// share is below which part of the table's figure a row counts as mended. Which of
		// several calls at once is back first differs from run to run, and with it how many
		// waited for one another.
		share float64
	}{
		{"documents read", a.Reads, b.Reads, lower.Reads, upper.Reads, row.Each.Reads, row.Fixed.Reads, reads, 0.9},
		{"documents written", a.Writes, b.Writes, lower.Writes, upper.Writes, row.Each.Writes, 0, 0, 0},
		{"round trips", a.Trips, b.Trips, lower.Trips, upper.Trips, row.Each.Trips, 0, 0, 0},
		{"round trips one after another", a.Depth, b.Depth, lower.Depth, upper.Depth, row.Each.Depth, row.Fixed.Depth, depth, 0.7},
		{"bytes read", a.Received, b.Received, lower.Received, upper.Received, row.Each.Received, 0, 0, 0},
		{"bytes sent", a.Page, b.Page, lower.Page, upper.Page, row.Each.Page, 0, 0, 0},
	} {
		for _, at := range []struct {
			people, got int
			bound       float64
		}{{a.People, figure.a, figure.lower}, {b.People, figure.b, figure.upper}} {
			if float64(at.got) > at.bound {
				wrong = append(wrong, fmt.Sprintf("%d %s in a programme of %d, and at most %.0f by the table", at.got, figure.of, at.people, at.bound))
			}
		}
		const mended = "it is mended, so write down what it costs now, and take the issue out where nothing is over its limit any more"
		switch grows := float64(figure.b-figure.a) / float64(b.People-a.People); {
		case figure.each > 0 && grows < figure.each/2:
			wrong = append(wrong, fmt.Sprintf("%.3g %s more for each person, and %g by the table: %s", grows, figure.of, figure.each, mended))
		case figure.each == 0 && figure.limited > figure.limit && float64(figure.b) < figure.share*figure.upper:
			wrong = append(wrong, fmt.Sprintf("%d %s in a programme of %d, and %g by the table: %s", figure.b, figure.of, b.People, figure.upper, mended))
		}
	}
	return wrong
}

// fit is the row that two measurements make, as it stands in the table.
func fit(row Row, a, b measured) string {
	up := func(x, to float64) float64 { return math.Ceil(x/to-1e-9) * to }
	line := func(small, large, step, noise, room, to float64) (fixed, each float64) {
		if each = up((large-small)/float64(b.People-a.People), step); each < noise {
			each = 0
		}
		return up(max(0, small-each*float64(a.People), large-each*float64(b.People))*room, to), each
	}
	var fixed, each [6]float64
	for i, figure := range []struct {
		a, b                  int
		step, noise, room, to float64
	}{
		{a.Reads, b.Reads, 0.01, 0.005, 1, 1}, {a.Writes, b.Writes, 0.01, 0.005, 1, 1}, {a.Trips, b.Trips, 0.01, 0.02, 1, 1}, {a.Depth, b.Depth, 0.01, 0.02, 1, 1},
		{a.Received, b.Received, 1, 15, 1.2, 500}, {a.Page, b.Page, 1, 5, 1.1, 100},
	} {
		fixed[i], each[i] = line(float64(figure.a), float64(figure.b), figure.step, figure.noise, figure.room, figure.to)
	}
	if each[0] > 0 { // what was made for other routes than people
		fixed[0] += 5
		fixed[4] += 5000
	}
	if row.Job() { // which takes up several things at once
		fixed[2], fixed[3] = fixed[2]+3, fixed[3]+2
	}
	words := func(b [6]float64) string {
		if b == ([6]float64{}) {
			return "Bound{}"
		}
		var all []string
		for _, n := range b {
			all = append(all, strconv.FormatFloat(math.Abs(math.Round(n*100)/100), 'f', -1, 64))
		}
		return "Bound{" + strings.Join(all, ", ") + "}"
	}
	return fmt.Sprintf("\t{%q, %q, %s, %s, %q},", row.Function, row.Route, words(fixed), words(each), row.Mends)
}

func TestRoutesOverTheirLimitSayWhoMendsThem(t *testing.T) {
	t.Parallel()
	for _, row := range Table {
		switch over := row.Over(); {
		case over != "" && row.Mends == "":
			t.Errorf("%s is over its limit (%s), and no issue mends it", row.Name(), over)
		case over == "" && row.Mends != "":
			t.Errorf("%s is within its limit, and issue %s is to mend it", row.Name(), row.Mends)
		}
	}
}

// Every route that a function registers, every schedule and every trigger has a row, and
// a way in which it is measured; and there are no others.
func TestEveryRouteHasARow(t *testing.T) {
	t.Parallel()
	var registered, rows, asked []string
	for name, open := range functions {
		for _, route := range routesOf(t, open) {
			if route != "POST /events" { // whose jobs are listed one by one
				registered = append(registered, name+" "+route)
			}
		}
	}
	schedules, err := wiring.Schedules("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schedules {
		registered = append(registered, s.Function+" schedule "+s.Name)
	}
	triggers, err := wiring.Triggers("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range triggers {
		registered = append(registered, g.Function+" trigger "+g.Name)
	}
	for _, row := range Table {
		rows = append(rows, row.Name())
	}
	for name := range visits {
		asked = append(asked, name)
	}
	if len(registered) < 80 {
		t.Errorf("only %d routes were found", len(registered))
	}
	for what, have := range map[string][]string{"no row in the table": rows, "no visit that measures it": asked} {
		for _, name := range registered {
			if !slices.Contains(have, name) {
				t.Errorf("%s has %s", name, what)
			}
		}
		for i, name := range have {
			if !slices.Contains(registered, name) || slices.Contains(have[:i], name) {
				t.Errorf("%s is registered nowhere, or stands there twice", name)
			}
		}
	}
}

const document = "../../../docs/measurements.md"

// The document is made by a benchmark that takes long; that it is of these routes, and
// says of each what mends it, is looked at here.
func TestDocumentHasAllRoutes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), begins)
	section, _, ended := strings.Cut(section, ends)
	if !found || !ended {
		t.Fatalf("%s has no part between %q and %q", document, begins, ends)
	}
	n := 0
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| `") {
			n++
		}
	}
	if n != len(Table) {
		t.Errorf("%s has %d rows, and the table %d: make it again", document, n, len(Table))
	}
	for _, row := range Table {
		if begins, ends := documented(row); !slices.ContainsFunc(strings.Split(section, "\n"), func(line string) bool {
			return strings.HasPrefix(line, begins) && strings.HasSuffix(line, ends)
		}) {
			t.Errorf("%s lacks %q … %q: make it again", document, begins, ends)
		}
	}
}
