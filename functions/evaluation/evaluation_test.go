package evaluation

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func bed(t *testing.T) *testbed.Bed {
	t.Parallel()
	b := testbed.New(t)
	b.Serve("evaluation", New)
	return b
}

// scales are the questions asked at both moments, in order.
var scales = []string{"time", "confidence", "style", "strategy", "conversations", "issues", "board", "peers", "questions", "partners"}

// averages are one for each question, in tenths: a first one, and others by steps.
func averages(first, step int) (all []disclosure.Average) {
	for i, id := range scales {
		all = append(all, disclosure.Average{Question: id, Tenths: first + i*step})
	}
	return all
}

// release is a programme's, by both roles.
func release(number int) *evaluation.Release {
	r := &evaluation.Release{Programme: "Sample programme", Terms: testbed.Nonsense, Look: programme.Look{Colour: "#7a0019", Logo: programme.Logo{ID: "abc", Width: 120, Height: 30, Alt: "The Sample Fund"}}, Baseline: "baseline-1"}
	r.Number, r.Moment, r.On, r.Threshold = number, programme.Closing, fmt.Sprintf("2027-08-%02d", number), disclosure.Threshold
	for i, step := range disclosure.Steps {
		r.Steps = append(r.Steps, disclosure.Count{Step: step, People: []int{30, 25, 20, 20, 10, 0}[i], Since: number})
	}
	for i, role := range programme.Roles {
		r.Start = append(r.Start, disclosure.Group{Role: role, People: 10, Since: number, Blur: 20, Averages: averages(15+5*i, 0)})
		r.Change = append(r.Change, disclosure.Group{Role: role, People: 10, Since: number, Blur: 16, Averages: averages(-30+15*i, 5)})
	}
	return r
}

func publish(t *testing.T, b *testbed.Bed, all ...*evaluation.Release) {
	t.Helper()
	for _, r := range all {
		c := b.Answers.Commit()
		c.CreateRelease("pilot", r, &evaluation.Basis{})
		if err := c.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// reportOf is a page as an evaluator sees it.
func reportOf(t *testing.T, b *testbed.Bed, path string) string {
	t.Helper()
	b.Reads("pilot", access.Evaluator)
	got := b.Get(path)
	if got.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	return got.Body
}

// line is one line of a table as it is read.
type line struct{ name, figure string }

var (
	tables = regexp.MustCompile(`(?s)<tbody[^>]*>(.*?)</tbody>`)
	lines  = regexp.MustCompile(`(?s)<th scope="row"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>`)
)

// tablesIn are the page's tables.
func tablesIn(page string) (all [][]line) {
	for _, table := range tables.FindAllStringSubmatch(page, -1) {
		var one []line
		for _, r := range lines.FindAllStringSubmatch(table[1], -1) {
			one = append(one, line{html.UnescapeString(r[1]), html.UnescapeString(r[2])})
		}
		all = append(all, one)
	}
	return all
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.Replace(html.UnescapeString(s), "−", "-", 1), 64)
	if err != nil {
		t.Errorf("%q is no number", s)
	}
	return n
}

func TestWhoMaySeeTheReport(t *testing.T) {
	toDesk := "/desk/programmes/pilot/report"
	for _, row := range []struct {
		name   string
		comes  func(*testbed.Bed)
		path   string
		status int
		to     string
	}{
		{"evaluator", func(b *testbed.Bed) { b.Reads("pilot", access.Evaluator) }, "/report/pilot", 200, ""},
		{"coordinator", func(b *testbed.Bed) { b.Reads("pilot", access.Coordinator) }, "/report/pilot", 200, ""},
		{"nobody", func(*testbed.Bed) {}, "/report/pilot", 303, toDesk},
		{"of a programme that is not there", func(*testbed.Bed) {}, "/report/nowhere", 303, "/desk/programmes/nowhere/report"},
		{"whose address leads elsewhere", func(*testbed.Bed) {}, "/report/%2F%2Felsewhere.example.org", 303, "/desk/programmes/%2F%2Felsewhere.example.org/report"},
		{"signed in at the desk, without a pass", func(b *testbed.Bed) { b.SignedIn(access.Evaluator) }, "/report/pilot", 303, toDesk},
		{"with another programme's pass", func(b *testbed.Bed) { b.Reads("other", access.Evaluator) }, "/report/pilot", 303, toDesk},
		{"with a pass that is over", func(b *testbed.Bed) { b.Reads("pilot", access.Evaluator); b.Pass(time.Minute) }, "/report/pilot", 303, toDesk},
		{"with a pass by a role that may not", func(b *testbed.Bed) { b.Reads("pilot", access.Supervisor) }, "/report/pilot", 404, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := bed(t)
			publish(t, b, release(1))
			row.comes(b)
			got := b.Get(row.path)
			if got.StatusCode != row.status || got.Header.Get("Location") != row.to {
				t.Errorf("status %d to %q, want %d to %q", got.StatusCode, got.Header.Get("Location"), row.status, row.to)
			}
			if shown := strings.Contains(got.Body, "How far people came"); shown != (row.status == 200) {
				t.Errorf("figures shown: %v", shown)
			}
		})
	}
}

// A pass is taken once and becomes a visit, which lasts for a quarter of an hour.
func TestVisit(t *testing.T) {
	b := bed(t)
	publish(t, b, release(1))
	reportOf(t, b, "/report/pilot")
	b.Pass(14 * time.Minute)
	if got := b.Get("/report/pilot"); got.StatusCode != http.StatusOK {
		t.Errorf("after 14 minutes: %d", got.StatusCode)
	}
	b.Pass(time.Minute)
	if got := b.Get("/report/pilot"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after 15 minutes: %d", got.StatusCode)
	}
}

func TestReportIsOnlyRead(t *testing.T) {
	b := bed(t)
	b.Reads("pilot", access.Evaluator)
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/report/pilot", 405}, {"DELETE", "/report/pilot", 405}, {"GET", "/report", 404}, {"GET", "/report/pilot/people", 404}, {"POST", "/events", 404},
	} {
		if got := b.Do(row.method, row.path, "application/x-www-form-urlencoded", ""); got.StatusCode != row.status {
			t.Errorf("%s %s: status %d, want %d", row.method, row.path, got.StatusCode, row.status)
		}
	}
}

func TestReportSaysWhatWasReleased(t *testing.T) {
	b := bed(t)
	publish(t, b, release(1))
	page := reportOf(t, b, "/report/pilot")
	all := tablesIn(page)
	if len(all) != 5 {
		t.Fatalf("%d tables, want the funnel and two for each side", len(all))
	}
	if want := []line{{"Enrolled", "30 or more"}, {"Ready", "25 or more"}, {"Matched", "20 or more"}, {"Paired", "20 or more"}, {"Held a session", "10 or more"}, {"Completed", "fewer than 10"}}; !slices.Equal(all[0], want) {
		t.Errorf("funnel %q", all[0])
	}
	for i, want := range [][2]string{{"−3.0 or less", "+1.5"}, {"−1.5", "+3.0 or more"}, {"1.5 or less", "1.5 or less"}, {"2.0", "2.0"}} {
		if got := all[1+i]; len(got) != len(scales) || got[0] != (line{"I make time to step back and reflect on how I lead", want[0]}) || got[9].figure != want[1] {
			t.Errorf("table %d: %q", 1+i, got)
		}
	}
	for _, says := range []string{"Release 1, 1 August 2027, after the last questionnaires closed.", "at least 10 people behind it", "10 or more ublicks", "10 or more zworps", "Sample programme", `href="/enrol/look/pilot/`, `src="/enrol/look/pilot/abc/logo" alt="The Sample Fund"`} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
}

func TestPlotsAndTablesAgree(t *testing.T) {
	b := bed(t)
	publish(t, b, release(1))
	page := reportOf(t, b, "/report/pilot")
	all := tablesIn(page)

	funnel, rest, _ := strings.Cut(page, "</svg>")
	bars := regexp.MustCompile(`<text x="0"[^>]*>([^<]*)</text>\s*(?:<rect[^>]* width="(\d+)"[^>]*></rect>)?<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(funnel, -1)
	if len(bars) != len(all[0]) {
		t.Fatalf("%d bars for %d steps", len(bars), len(all[0]))
	}
	longest := number(t, bars[0][2])
	for i, l := range all[0] {
		name, width, figure := bars[i][1], bars[i][2], bars[i][3]
		people, _, shown := strings.Cut(l.figure, " or more")
		if name != l.name || figure != l.figure || shown != (width != "") {
			t.Errorf("the bar says %s %s, the table %v", name, figure, l)
		}
		if want := longest * number(t, map[bool]string{true: people, false: "0"}[shown]) / 30; shown && (number(t, width) < want-1 || number(t, width) > want+1) {
			t.Errorf("%s: a bar of %s for %s people, want %.0f", name, width, people, want)
		}
	}

	plots := strings.Split(rest, "</svg>")
	for i, table := range all[1:] {
		ticks := regexp.MustCompile(`<text x="(\d+)" y="16"[^>]*>([^<]*)</text>`).FindAllStringSubmatch(plots[i], -1)
		discs := regexp.MustCompile(`<circle cx="(\d+)"`).FindAllStringSubmatch(plots[i], -1)
		if len(ticks) < 5 || len(discs) != len(table) {
			t.Fatalf("plot %d has %d ticks and %d discs", i, len(ticks), len(discs))
		}
		first, last := ticks[0], ticks[len(ticks)-1]
		per := (number(t, last[1]) - number(t, first[1])) / (number(t, last[2]) - number(t, first[2]))
		for k, disc := range discs {
			figure, _, _ := strings.Cut(table[k].figure, " ")
			if off := number(t, first[2]) + (number(t, disc[1])-number(t, first[1]))/per - number(t, figure); off < -0.03 || off > 0.03 {
				t.Errorf("plot %d: %s is off by %.2f", i, table[k].name, off)
			}
		}
	}
}

// What fewer than ten stand behind is said in words, and both roles together where one has
// too few.
func TestFewPeopleAreTogetherOrInWords(t *testing.T) {
	b := bed(t)
	few := release(1)
	few.Change = nil
	few.Start = []disclosure.Group{{People: 15, Since: 1, Averages: averages(20, 0)}}
	publish(t, b, few)
	page := reportOf(t, b, "/report/pilot")
	if len(tablesIn(page)) != 2 || !strings.Contains(page, "15 or more people of both sides together") || !strings.Contains(page, "Fewer than 10 people have answered both before and after") {
		t.Errorf("page %s", page)
	}
}

// After the first questionnaires nothing is said of what changed.
func TestBaselineHasNoChanges(t *testing.T) {
	b := bed(t)
	first := release(1)
	first.Moment, first.Change = programme.Baseline, nil
	publish(t, b, first)
	page := reportOf(t, b, "/report/pilot")
	if strings.Contains(page, "What changed") || !strings.Contains(page, "after the first questionnaires closed") {
		t.Errorf("page %s", page)
	}
}

func TestNewestReleaseIsShownAndAllAreListed(t *testing.T) {
	b := bed(t)
	second := release(2)
	second.Steps[0].Since, second.Change[1].Since = 1, 1
	publish(t, b, release(1), second)
	page := reportOf(t, b, "/report/pilot")
	for _, says := range []string{"Release 2, 2 August 2027, after", "Release 2, 2 August 2027: this one", `<a class="govuk-link" href="?release=1">Release 1, 1 August 2027</a>`, "10 or more zworps, as of 1 August 2027", "(as of 1 August 2027)"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	if n := strings.Count(page, "as of 1 August 2027"); n != 2 {
		t.Errorf("%d figures are of before", n)
	}
	if page := reportOf(t, b, "/report/pilot?release=1"); !strings.Contains(page, "Release 1, 1 August 2027, after") {
		t.Errorf("page %s", page)
	}
	for _, other := range []string{"0", "3", "x", "-1"} {
		if got := b.Get("/report/pilot?release=" + other); got.StatusCode != http.StatusNotFound {
			t.Errorf("release %s: status %d", other, got.StatusCode)
		}
	}
}

func TestProgrammeWithoutReleases(t *testing.T) {
	b := bed(t)
	if page := reportOf(t, b, "/report/pilot"); !strings.Contains(page, "There is no release yet") || len(tablesIn(page)) != 0 {
		t.Errorf("page %s", page)
	}
}
