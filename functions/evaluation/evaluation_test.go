package evaluation

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func bed(t *testing.T) *testbed.Bed {
	t.Parallel()
	b := testbed.New(t)
	b.Serve("evaluation", New)
	return b
}

// reportOf is the page as an evaluator sees it.
func reportOf(t *testing.T, b *testbed.Bed) string {
	t.Helper()
	b.SignedIn(access.Evaluator)
	got := b.Get("/report/pilot")
	if got.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	return got.Body
}

// answered are the answers of n people of a role, before and after: to each scale
// question 1, 2, 3, 1, 2, … before and two more after.
func answered(c *store.AnswersCommit, role programme.Role, n int, change ...func(i int, r *questionnaire.Response)) {
	for i := range n {
		for _, moment := range []programme.Moment{programme.Baseline, programme.Closing} {
			answer := 1 + i%3
			if moment == programme.Closing {
				answer += 2
			}
			r := &questionnaire.Response{ID: fmt.Sprintf("%s-%d-%s", role, i, moment), Moment: moment, Role: role,
				Respondent: fmt.Sprintf("pseudonym-%s-%d", role, i), Answers: map[string]string{"hope": "a secret hope"}}
			for _, id := range scales {
				r.Answers[id] = strconv.Itoa(answer)
			}
			for _, f := range change {
				f(i, r)
			}
			if r.Answers != nil { // they have handed it in
				c.Move("pilot", r)
			}
		}
	}
}

// scales are the questions asked at both moments, in order.
var scales = []string{"time", "confidence", "style", "strategy", "conversations", "issues", "board", "peers", "questions", "partners"}

// row is one row of a table as it is read.
type row struct {
	name  string
	cells []string
}

var (
	tables = regexp.MustCompile(`(?s)<tbody[^>]*>(.*?)</tbody>`)
	rows   = regexp.MustCompile(`(?s)<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>`)
	cells  = regexp.MustCompile(`<td[^>]*>(.*?)</td>`)
)

// tablesIn are the page's tables: the funnel, then one for each side that is shown.
func tablesIn(page string) (all [][]row) {
	for _, table := range tables.FindAllStringSubmatch(page, -1) {
		var one []row
		for _, r := range rows.FindAllStringSubmatch(table[1], -1) {
			found := row{name: html.UnescapeString(r[1])}
			for _, c := range cells.FindAllStringSubmatch(r[2], -1) {
				found.cells = append(found.cells, c[1])
			}
			one = append(one, found)
		}
		all = append(all, one)
	}
	return all
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Errorf("%q is no number", s)
	}
	return n
}

func TestWhoMaySeeTheReport(t *testing.T) {
	none := func(*testing.T, *testbed.Bed) {}
	role := func(role access.Role) func(*testing.T, *testbed.Bed) {
		return func(_ *testing.T, b *testbed.Bed) { b.SignedIn(role) }
	}
	changed := func(change func(*store.Staff)) func(*testing.T, *testbed.Bed) {
		return func(t *testing.T, b *testbed.Bed) {
			m, err := b.Store.StaffMember(t.Context(), b.SignedIn(access.Evaluator).ID)
			if err != nil {
				t.Fatal(err)
			}
			change(m)
			c := b.Store.Commit()
			c.UpdateStaff(m)
			b.Commit(c)
		}
	}
	for _, row := range []struct {
		name   string
		who    func(*testing.T, *testbed.Bed)
		path   string
		status int
	}{
		{"evaluator", role(access.Evaluator), "/report/pilot", 200},
		{"coordinator", role(access.Coordinator), "/report/pilot", 200},
		{"nobody", none, "/report/pilot", 303},
		{"nobody, of a programme that is not there", none, "/report/nowhere", 303},
		{"another role", role("funder"), "/report/pilot", 404},
		{"no role", role(""), "/report/pilot", 404},
		{"a programme that is not there", role(access.Evaluator), "/report/nowhere", 404},
		{"a role in another programme", changed(func(m *store.Staff) { m.Roles = access.ByProgramme{"other": {access.Evaluator}} }), "/report/pilot", 404},
		{"a role that was taken away", changed(func(m *store.Staff) { m.Roles = nil }), "/report/pilot", 404},
		{"a made-up cookie", func(_ *testing.T, b *testbed.Bed) {
			id := b.SignedIn(access.Evaluator).ID
			u, _ := url.Parse(b.URL)
			b.Browser.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-cascade-staff", Value: id + ".99999999999.AAAA", Path: "/", Secure: true}})
		}, "/report/pilot", 303},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := bed(t)
			row.who(t, b)
			got := b.Get(row.path)
			if got.StatusCode != row.status || row.status == 303 && got.Header.Get("Location") != signin.Page {
				t.Errorf("status %d to %q, want %d", got.StatusCode, got.Header.Get("Location"), row.status)
			}
			if shown := strings.Contains(got.Body, "How far people came"); shown != (row.status == 200) {
				t.Errorf("figures shown: %v", shown)
			}
		})
	}
}

func TestReportIsOnlyRead(t *testing.T) {
	b := bed(t)
	b.SignedIn(access.Evaluator)
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

// cohort enrols 28 people, of whom 24 are ready, and 3 who never confirmed; 22 are
// matched, 20 paired, 12 have held a session and 8 have completed.
func cohort(b *testbed.Bed) {
	c := b.Store.Commit()
	for i := range 31 {
		e := &enrolment.Enrolment{ID: fmt.Sprintf("enrolment-%d", i), State: enrolment.Ready,
			Person: enrolment.Person{Name: "Alex Sample", Email: "alex@example.org"}, Organisation: enrolment.Organisation{Name: "Secret Trust"}}
		switch {
		case i >= 28:
			e.State = enrolment.Unconfirmed
		case i >= 24:
			e.State = enrolment.Confirmed
		}
		c.CreateEnrolment("pilot", e)
	}
	for i := range 12 {
		m := &pairing.Match{ID: fmt.Sprintf("m%d", i), Run: "run", Programme: "pilot", State: pairing.Accepted,
			Client: pairing.Side{Enrolment: fmt.Sprintf("enrolment-%d", 2*i)}, Consultant: pairing.Side{Enrolment: fmt.Sprintf("enrolment-%d", 2*i+1)}}
		switch i {
		case 10:
			m.State = pairing.Proposed
		case 11:
			m.State = pairing.Declined
		}
		c.CreateMatch("pilot", m)
		if m.State == pairing.Accepted {
			x := pairing.Start(m, b.Now())
			if i < 6 {
				x.Held = 1
			}
			if i < 4 {
				x.Held, x.State = 2, pairing.Completed
			}
			c.CreatePairing("pilot", x)
		}
	}
	b.Commit(c)
}

func TestFunnelIsRoundedAndHidesTheFew(t *testing.T) {
	b := bed(t)
	cohort(b)
	var got []string
	for _, r := range tablesIn(reportOf(t, b))[0] {
		got = append(got, r.name+": "+strings.Join(r.cells, ", "))
	}
	want := []string{"Enrolled: 30", "Ready: 25", "Matched: 20", "Paired: 20", "Held a session: 10", "Completed: fewer than ten"}
	if !slices.Equal(got, want) {
		t.Errorf("funnel %q, want %q", got, want)
	}
}

func TestFunnelsPlotAndTableAgree(t *testing.T) {
	b := bed(t)
	cohort(b)
	page := reportOf(t, b)
	plot, _, _ := strings.Cut(page, "</svg>")
	bars := regexp.MustCompile(`<text x="0"[^>]*>([^<]*)</text>\s*(?:<rect[^>]* width="(\d+)"[^>]*></rect>)?<text[^>]*>([^<]*)</text>`).FindAllStringSubmatch(plot, -1)
	table := tablesIn(page)[0]
	if len(bars) != len(table) {
		t.Fatalf("%d bars for %d rows", len(bars), len(table))
	}
	longest := number(t, bars[0][2])
	for i, r := range table {
		name, width, figure := bars[i][1], bars[i][2], bars[i][3]
		if name != r.name || figure != r.cells[0] {
			t.Errorf("the bar says %s %s, the table %s %v", name, figure, r.name, r.cells)
		}
		if figure == "fewer than ten" {
			if width != "" {
				t.Errorf("%s: a hidden figure has a bar of %s", name, width)
			}
			continue
		}
		if want := longest * number(t, figure) / 30; number(t, width) < want-1 || number(t, width) > want+1 {
			t.Errorf("%s: a bar of %s for %s people, want %.0f", name, width, figure, want)
		}
	}
}

func TestFewerThanTenPeopleAreNotShown(t *testing.T) {
	b := bed(t)
	c := b.Answers.Commit()
	answered(c, programme.Client, 10)
	answered(c, programme.Consultant, 10, func(i int, r *questionnaire.Response) {
		if i == 9 && r.Moment == programme.Closing {
			r.Answers = nil // the tenth has not handed in the second
		}
	})
	b.Commit(c)
	page := reportOf(t, b)
	shown := tablesIn(page)
	if len(shown) != 2 || len(shown[1]) != len(scales) {
		t.Fatalf("%d tables, want the funnel and one side", len(shown))
	}
	for _, r := range shown[1] {
		if want := []string{"1.9", "3.9", "10"}; !slices.Equal(r.cells, want) {
			t.Errorf("%s: %v, want %v", r.name, r.cells, want)
		}
	}
	if !strings.Contains(page, "Before and after: ublicks") || !strings.Contains(page, "Fewer than ten zworps have answered both before and after") {
		t.Errorf("page %s", page)
	}
	if n := strings.Count(page, "<circle"); n != 2*len(scales) {
		t.Errorf("%d circles, want a pair for each statement of one side", n)
	}
}

func TestStatementThatFewerThanTenAnsweredIsNotShown(t *testing.T) {
	b := bed(t)
	c := b.Answers.Commit()
	answered(c, programme.Client, 12, func(i int, r *questionnaire.Response) {
		if i < 3 && r.Moment == programme.Closing {
			delete(r.Answers, "peers")
		}
	})
	b.Commit(c)
	page := reportOf(t, b)
	for i, r := range tablesIn(page)[1] {
		want := []string{"2.0", "4.0", "10"}
		if scales[i] == "peers" {
			want = []string{"fewer than ten people answered both times"}
		}
		if !slices.Equal(r.cells, want) {
			t.Errorf("%s: %v, want %v", r.name, r.cells, want)
		}
	}
	if strings.Count(page, "<circle") != 2*(len(scales)-1) || strings.Contains(page, ">isolation and peer support</text>") {
		t.Error("the hidden statement is in the plot")
	}
}

func TestAnswersPlotAndTableAgree(t *testing.T) {
	b := bed(t)
	c := b.Answers.Commit()
	for _, role := range programme.Roles {
		answered(c, role, 11, func(i int, r *questionnaire.Response) {
			for k, id := range scales { // another mean for each
				if i < k {
					r.Answers[id] = "5"
				}
			}
		})
	}
	b.Commit(c)
	page := reportOf(t, b)
	shown := tablesIn(page)
	if len(shown) != 3 {
		t.Fatalf("%d tables", len(shown))
	}
	circles := regexp.MustCompile(`<circle cx="(\d+)"[^>]*></circle><circle cx="(\d+)"`).FindAllStringSubmatch(page, -1)
	ticks := regexp.MustCompile(`<text x="(\d+)" y="16"[^>]*>([15])</text>`).FindAllStringSubmatch(page, 2)
	if len(circles) != 2*len(scales) || len(ticks) != 2 || ticks[0][2] != "1" || ticks[1][2] != "5" {
		t.Fatalf("%d pairs of circles, ticks %v", len(circles), ticks)
	}
	one, five := number(t, ticks[0][1]), number(t, ticks[1][1])
	value := func(x string) float64 { return 1 + 4*(number(t, x)-one)/(five-one) }
	distinct := map[string]bool{}
	for i, pair := range circles {
		r := shown[1+i/len(scales)][i%len(scales)]
		distinct[r.cells[1]] = true
		for k, x := range pair[1:] {
			if diff := value(x) - number(t, r.cells[k]); diff < -0.07 || diff > 0.07 { // rounded to a tenth, and to a point
				t.Errorf("%s: the plot shows %.2f, the table %s", r.name, value(x), r.cells[k])
			}
		}
	}
	if len(distinct) < 5 {
		t.Errorf("the means do not differ enough to be told apart: %v", distinct)
	}
}

func TestReportNamesNobody(t *testing.T) {
	b := bed(t)
	cohort(b)
	c := b.Answers.Commit()
	answered(c, programme.Client, 12)
	answered(c, programme.Consultant, 3)
	b.Commit(c)
	page := reportOf(t, b)
	for _, personal := range []string{"Alex Sample", "alex@example.org", "Secret Trust", "enrolment-", "pseudonym", "a secret hope"} {
		if strings.Contains(page, personal) {
			t.Errorf("the report holds %q", personal)
		}
	}
}

func TestEmptyProgrammeHasAReport(t *testing.T) {
	b := bed(t)
	page := reportOf(t, b)
	if all := tablesIn(page); len(all) != 1 || len(all[0]) != 6 {
		t.Fatalf("tables %v", all)
	}
	for _, r := range tablesIn(page)[0] {
		if !slices.Equal(r.cells, []string{"fewer than ten"}) {
			t.Errorf("%s: %v", r.name, r.cells)
		}
	}
	for _, plural := range []string{"ublicks", "zworps"} {
		if !strings.Contains(page, "Fewer than ten "+plural+" have answered") {
			t.Errorf("nothing is said of %s", plural)
		}
	}
}
