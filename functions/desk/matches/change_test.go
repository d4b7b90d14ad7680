package matches_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/certificate"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

// pairs are who is with whom in matches.
func pairs(matches []*pairing.Match) string {
	var all []string
	for _, m := range matches {
		all = append(all, m.Client.Enrolment+" "+m.Consultant.Enrolment)
	}
	return strings.Join(all, ", ")
}

// now is the problem that the next run solves, and its solution.
func (b *bed) now() (*matching.Problem, *matching.Solution) {
	b.T.Helper()
	at, err := b.Store.MatchingInput(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	pr := at.Settled()
	s, err := matching.Solve(pr)
	if err != nil {
		b.T.Fatal(err)
	}
	return pr, s
}

func (b *bed) decisions() []*pairing.Decision {
	b.T.Helper()
	all, err := b.Store.Decisions(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	return all
}

// text is a page's main part without tags, its spaces as one.
func text(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " "))), " ")
}

// open gets a page that is there, and fails where it lacks a text.
func (b *bed) open(path string, texts ...string) string {
	b.T.Helper()
	got := b.Get(path)
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("%s: status %d: %s", path, got.StatusCode, text(got.Body))
	}
	for _, role := range []string{"client", "consultant"} {
		if strings.Contains(strings.ToLower(got.Body), role) {
			b.T.Errorf("%s says %q, and not the programme's term", path, role)
		}
	}
	for _, want := range texts {
		if page := text(got.Body); !strings.Contains(page, want) {
			b.T.Errorf("%s lacks %q: %s", path, want, page)
		}
	}
	return got.Body
}

const (
	changing  = matchesPath + "/change"
	decisions = matchesPath + "/decisions"
)

// decide makes a change by hand as a coordinator does.
func (b *bed) decide(query, reason string) testbed.Answer {
	b.T.Helper()
	return b.Post(changing, desktest.Filled(b.open(changing+"?"+query), reason))
}

func (b *bed) moved(got testbed.Answer, to string) {
	b.T.Helper()
	if page, _, _ := strings.Cut(got.Header.Get("Location"), "?done="); got.StatusCode != http.StatusSeeOther || page != to {
		b.T.Errorf("status %d, to %q: %s", got.StatusCode, got.Header.Get("Location"), text(got.Body))
	}
}

// says is a cost as its pages say it.
func says(c matching.Cost) []string {
	less := func(n int) string {
		switch {
		case n == 0:
			return "the same."
		case n == 1:
			return "1 point less."
		case n > 0:
			return fmt.Sprintf("%d points less.", n)
		case n == -1:
			return "1 point more."
		}
		return fmt.Sprintf("%d points more.", -n)
	}
	total := "The total would be " + less(c.Total)
	worst := "The match that fits least would score " + less(c.Worst)
	matched := "As many would be matched."
	if c.Matched == 1 {
		matched = "1 ublick fewer would be matched."
	}
	return []string{matched, worst, total}
}

func TestMatchHasItsReasonsAndTheNextBestAtTheirCost(t *testing.T) {
	b := newBed(t)
	b.Three()
	found := b.Solved()
	if got := pairs(found); got != "alex zoe, amy zac, ann zed" {
		t.Fatalf("matched %s", got)
	}
	m := found[0]
	page := b.open(matchesPath+"/of/"+m.Run+"/"+m.ID, "Alex Sample with Zoe Sample", "Needs met (priority × level) Board and trustee relations (3 × 3)", "Not found Finance",
		"fit of needs and skills "+strconv.Itoa(m.Reasons.Points[0].Points), "In all "+strconv.Itoa(m.Score),
		"What Alex Sample reads", "They offer what you need: Board and trustee relations.", "What Zoe Sample reads", "You offer what they need: Board and trustee relations.")
	pr, s := b.now()
	next, err := s.Alternatives(pr, "alex", 5, 60)
	if err != nil || len(next.Best) != 2 || next.Best[0].Consultant != "zac" || next.Best[1].Consultant != "zed" {
		t.Fatalf("%+v, %v", next, err)
	}
	rows := "Instead Score Matched Least fit Total Others who move"
	for i, a := range next.Best {
		rows += fmt.Sprintf(" %s Sample %d the same %d less %d less %d", []string{"Zac", "Zed"}[i], a.Score, a.Cost.Worst, a.Cost.Total, len(a.Cost.Moves)-1)
	}
	if !strings.Contains(text(page), rows) {
		t.Errorf("want %q in %s", rows, text(page))
	}
	if !next.Proven || strings.Contains(page, "more than could be tried") {
		t.Error("all were tried, and the page doubts it")
	}
	b.open(matchesPath, "Download the certificate", "A second program", "The objective is fairness")

	// What a newer run left behind is nobody's any more.
	b.moved(b.decide("kind=forbid&for=alex&with=zoe", "They know each other"), decisions)
	b.Solved()
	if got := b.Get(matchesPath + "/of/" + m.Run + "/" + m.ID); got.StatusCode != http.StatusNotFound {
		t.Errorf("a match of an earlier run: status %d", got.StatusCode)
	}
}

func TestFirstCriterionThatRulesTwoOutIsSaid(t *testing.T) {
	b := newBed(t)
	b.Three()
	at := func(change func(*enrolment.Enrolment)) func(*enrolment.Enrolment) {
		return func(e *enrolment.Enrolment) { desktest.Skilled(map[string]int{"board": 3})(e); change(e) }
	}
	b.Enrol("pilot",
		desktest.Ready("zfar", at(func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "London", "N1 1AA" })),
		desktest.Ready("zrival", at(func(e *enrolment.Enrolment) { e.Organisation.Categories = []string{"HE"} })),
		desktest.Ready("zwelsh", at(func(e *enrolment.Enrolment) { e.Languages = []string{"Welsh"} })),
		desktest.Ready("znone", desktest.Skilled(map[string]int{"communications": 3})),
		desktest.Ready("zavoids", at(func(e *enrolment.Enrolment) { e.Conflicts = []string{"Alex Trust"} })),
		desktest.Ready("zdeclined", at(func(*enrolment.Enrolment) {})),
		desktest.Ready("zforbidden", at(func(*enrolment.Enrolment) {})),
		desktest.Person("zlate", at(func(*enrolment.Enrolment) {})))
	b.Matched("old", "alex", "zdeclined", pairing.Declined)
	c := b.Store.Commit()
	c.CreateDecision("pilot", &pairing.Decision{ID: "d", Kind: pairing.Forbid, Client: "alex", Consultant: "zforbidden", Reason: "A private reason"}, nil)
	b.Commit(c)

	ask := func(with string) string { return matchesPath + "/why?for=alex&with=" + with }
	b.open(ask("zfar"), "Alex Sample and Zfar Sample They are too far from each other")
	b.open(ask("zrival"), "in direct competition")
	b.open(ask("zwelsh"), "no language in common")
	b.open(ask("znone"), "None of the skills on one side meets a need")
	b.open(ask("zlate"), "Zlate Sample: no part in the next run")
	b.open(ask("zoe"), "The next run would match them with each other")
	pr, s := b.now()
	why, err := s.Why(pr, "alex", "zac")
	if err != nil || why.Cost == nil {
		t.Fatal(why, err)
	}
	b.open(ask("zac"), append(says(*why.Cost), fmt.Sprintf("with a score of %d", why.Score), "Zac Sample")...)

	// Private reasons are one class: their pages differ by the name alone.
	same := func(id string) string {
		page := b.open(ask(id), "This pair is not possible.")
		page = page[:strings.Index(page, "<form method=\"get\"")]
		if strings.Contains(page, "A private reason") {
			t.Errorf("%s: the page tells a reason", id)
		}
		return strings.ReplaceAll(strings.ReplaceAll(page, "Z"+id[1:], "Somebody"), id, "somebody")
	}
	first := same("zavoids")
	for _, id := range []string{"zdeclined", "zforbidden"} {
		if other := same(id); other != first {
			t.Errorf("%s reads\n%s\nand not\n%s", id, text(other), text(first))
		}
	}
	b.open(matchesPath+"/why", "Choose any two")
	b.open(matchesPath+"/why?for=alex", "Choose any two")
}

func TestPinShowsItsCostAndIsHonoured(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.Solved()
	const query = "kind=pin&for=alex&with=zac"
	pr, s := b.now()
	cost, err := matching.Change{Kind: matching.Pin, Pairs: []matching.Pair{{Client: "alex", Consultant: "zac"}}}.Cost(pr, s)
	if err != nil || cost.Total <= 0 || len(cost.Moves) < 2 {
		t.Fatalf("%+v, %v", cost, err)
	}
	page := b.open(changing+"?"+query, append(says(cost), "Pin this pair", "Alex Sample: from Zoe Sample to Zac Sample")...)
	if n := strings.Count(text(page), ": from "); n != len(cost.Moves) {
		t.Errorf("%d moves are shown, want %d", n, len(cost.Moves))
	}
	b.Untouched("looking at the cost")

	for name, reason := range map[string]string{"no reason": " ", "too long": strings.Repeat("x", 2001)} {
		if got := b.Post(changing, desktest.Filled(page, reason)); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(got.Body), says(cost)[2]) {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
	}
	unseen := desktest.Filled(page, "A reason")
	unseen.Set("seen", "something else")
	if got := b.Post(changing, unseen); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Look at the cost again") {
		t.Errorf("a cost that nobody saw: status %d", got.StatusCode)
	}
	b.Untouched("refused forms")

	form := desktest.Filled(page, "They asked for <each> other")
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { b.moved(b.Post(changing, form), decisions) })
	}
	wait.Wait()
	b.moved(b.Post(changing, form), decisions)
	all := b.decisions()
	if len(all) != 1 || all[0].Kind != pairing.Pin || all[0].Client != "alex" || all[0].Consultant != "zac" || all[0].By != "morgan" || all[0].At.IsZero() || all[0].Reason != "They asked for <each> other" {
		t.Fatalf("%+v", all)
	}
	if got := b.Audited(); !slices.Equal(got, []string{"morgan pinned the pair alex_zac_1 in pilot"}) {
		t.Errorf("audited %q", got)
	}
	listed := b.open(decisions, "Pinned: Alex Sample with Zac Sample They asked for <each> other Morgan Sample")
	if strings.Contains(listed, "<each>") {
		t.Error("the reason is not escaped")
	}
	if got := b.Get(changing + "?" + query); got.StatusCode != http.StatusConflict {
		t.Errorf("deciding about the pair again: status %d", got.StatusCode)
	}

	after := b.Solved()
	if got := pairs(after); !strings.Contains(got, "alex zac") || len(after) != len(s.Matches)-cost.Matched {
		t.Errorf("the next run matches %s", got)
	}
	total := 0
	for _, m := range after {
		total += m.Score
	}
	if total != s.Score-cost.Total {
		t.Errorf("the next run has the total %d, and %d was shown", total, s.Score-cost.Total)
	}

	for range 2 { // sent twice
		b.moved(b.Post(decisions, url.Values{"decision": {"alex_zac_1"}}), decisions)
	}
	if got := b.Audited(); !slices.Equal(got, []string{"morgan pinned the pair alex_zac_1 in pilot", "morgan lifted the decision alex_zac_1 in pilot"}) {
		t.Errorf("audited %q", got)
	}
	b.open(decisions, "None stands.", "lifted by Morgan Sample")
	if got := pairs(b.Solved()); got != "alex zoe, amy zac, ann zed" {
		t.Errorf("after lifting it: %s", got)
	}
}

func TestForbiddenPairIsNotMatchedAndItsReasonStaysPrivate(t *testing.T) {
	b := newBed(t)
	b.Three()
	before := b.Solved()
	pr, s := b.now()
	cost, err := matching.Change{Kind: matching.Forbid, Pairs: []matching.Pair{{Client: "alex", Consultant: "zoe"}}}.Cost(pr, s)
	if err != nil {
		t.Fatal(err)
	}
	b.open(changing+"?kind=forbid&for=alex&with=zoe", says(cost)...)
	b.moved(b.decide("kind=forbid&for=alex&with=zoe", "A private reason"), decisions)
	if got := pairs(b.Solved()); strings.Contains(got, "alex zoe") {
		t.Errorf("the next run matches %s", got)
	}
	if got := b.Audited(); !slices.Equal(got, []string{"morgan ruled out the pair alex_zoe_1 in pilot"}) {
		t.Errorf("audited %q", got)
	}
	for _, path := range []string{matchesPath, matchesPath + "/why?for=alex&with=zoe", desk + "/people/alex", desk + "/people/zoe", desk} {
		if strings.Contains(b.open(path), "A private reason") {
			t.Errorf("%s tells the reason", path)
		}
	}
	if got := b.release(before[0].Run + "/" + before[0].ID); got.StatusCode == http.StatusSeeOther {
		t.Error("a pair that was ruled out is released")
	}
}

func TestSwapExchangesTwoMatchesInOneDecision(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.Solved()
	pr, s := b.now()
	swap, err := s.Swap("alex", "amy")
	if err != nil {
		t.Fatal(err)
	}
	// amy and zoe have nothing to ask: the exchange is not possible.
	if _, err := swap.Cost(pr, s); err == nil {
		t.Fatal("the exchange is possible")
	}
	page := b.open(changing+"?kind=swap&for=alex&other=amy", "This change cannot be made. None of the skills on one side meets a need on the other.")
	if strings.Contains(page, "<form method=\"post\" action") {
		t.Error("a form for what cannot be made")
	}

	e := b.Enrolment("zoe")
	e.Skills["finance"] = 1
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	if pr, s = b.now(); s.Matches[0].Consultant != "zoe" {
		t.Fatal(s.Matches)
	}
	cost, err := swap.Cost(pr, s)
	if err != nil {
		t.Fatal(err)
	}
	b.open(changing+"?kind=swap&for=alex&other=amy", append(says(cost), "Alex Sample: from Zoe Sample to Zac Sample", "Amy Sample: from Zac Sample to Zoe Sample")...)
	form := desktest.Filled(b.open(changing+"?kind=swap&for=alex&other=amy"), "Each asked for it")
	for range 2 {
		b.moved(b.Post(changing, form), decisions)
	}
	if got := b.Audited(); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"morgan pinned the pair alex_zac_1 in pilot", "morgan pinned the pair amy_zoe_1 in pilot"}) {
		t.Errorf("audited %q", got)
	}
	if got := pairs(b.Solved()); got != "alex zac, amy zoe, ann zed" {
		t.Errorf("the next run matches %s", got)
	}
}

func TestHostileChangesAreRefused(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.Solved()
	b.Enrol("other", desktest.Ready("astray"))
	seen := desktest.Filled(b.open(changing+"?kind=pin&for=alex&with=zac"), "").Get("seen")
	long := strings.Repeat("x", 3000)
	for _, query := range []string{
		"", "kind=pin", "kind=evil&for=alex&with=zac", "kind=pin&for=zac&with=alex", "kind=pin&for=alex&with=amy", "kind=pin&for=nobody&with=zac", "kind=pin&for=astray&with=zac",
		"kind=pin&for=../alex&with=zac", "kind=pin&for=" + long + "&with=zac", "kind=pin&for=%ff&with=zac", "kind=swap&for=alex&other=zac", "kind=swap&for=alex", "kind=forbid&for=<script>&with=zac",
	} {
		got := b.Get(changing + "?" + strings.ReplaceAll(query, "<", "%3C"))
		if got.StatusCode != http.StatusNotFound || strings.Contains(got.Body, "<script>") {
			t.Errorf("%.40q: status %d", query, got.StatusCode)
		}
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		form.Set("reason", "A reason")
		form.Set("seen", seen)
		if got := b.Post(changing, form); got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusBadRequest {
			t.Errorf("sending %.40q: status %d", query, got.StatusCode)
		}
	}
	if got := b.Get(changing + "?kind=swap&for=alex&other=alex"); got.StatusCode != http.StatusConflict {
		t.Errorf("an exchange with oneself: status %d", got.StatusCode)
	}
	for _, id := range []string{"", "nothing", "a/b", "..", long} {
		if got := b.Post(decisions, url.Values{"decision": {id}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("lifting %.20q: status %d", id, got.StatusCode)
		}
		if got := b.Get(matchesPath + "/why?for=alex&with=" + url.QueryEscape(id)); id != "" && got.StatusCode != http.StatusNotFound {
			t.Errorf("asking about %.20q: status %d", id, got.StatusCode)
		}
	}
	for _, path := range []string{"/of/nothing/m", "/of/%2e%2e/m", "/of/" + long + "/m"} {
		if got := b.Get(matchesPath + path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%.30s: status %d", path, got.StatusCode)
		}
	}
	b.Untouched("hostile changes")
	if len(b.decisions()) > 0 {
		t.Error("something was decided")
	}
}

func TestDecisionBeforeTheFirstRunIsHonouredByIt(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.moved(b.decide("kind=pin&for=alex&with=zac", "A reason"), decisions)
	if got := pairs(b.Solved()); !strings.Contains(got, "alex zac") {
		t.Errorf("the first run matches %s", got)
	}
}

func TestRunsProofIsThereToCheck(t *testing.T) {
	b := newBed(t)
	for _, path := range []string{"/certificate", "/proof"} {
		if got := b.Get(matchesPath + path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s before the first run: status %d", path, got.StatusCode)
		}
	}
	b.Three()
	b.Solved()
	got := b.Get(matchesPath + "/certificate")
	var c certificate.Certificate
	if err := json.Unmarshal([]byte(got.Body), &c); err != nil || c.Matched != 3 || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%v: %s", err, got.Body)
	}
	for _, private := range []string{"Alex", "example.org", "Trust"} {
		if strings.Contains(got.Body, private) {
			t.Errorf("the certificate tells %q", private)
		}
	}

	got = b.Get(matchesPath + "/proof")
	z, err := zip.NewReader(strings.NewReader(got.Body), int64(len(got.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	rows := func(name string) [][]string {
		all, err := csv.NewReader(bytes.NewReader(files[name])).ReadAll()
		if err != nil || len(all) < 2 {
			t.Fatal(name, err)
		}
		return all[1:]
	}
	scores := map[string]string{}
	for _, r := range rows("edges.csv") {
		scores[r[0]+" "+r[1]] = r[2]
	}
	pr, s := b.now()
	edges := 0
	problem := s.Problem()
	for i := range problem.Clients {
		problem.Edges(i, func(j, score int) {
			edges++
			if got := scores[problem.Clients[i]+" "+problem.Consultants[j].ID]; got != strconv.Itoa(score) {
				t.Errorf("%s with %s has the score %q in the file, want %d", problem.Clients[i], problem.Consultants[j].ID, got, score)
			}
		})
	}
	if edges != len(scores) || len(rows("capacities.csv")) != len(pr.Consultants)+1 {
		t.Errorf("%d pairs and %d capacities", len(scores), len(rows("capacities.csv")))
	}
	var made []certificate.Match
	for _, r := range rows("matches.csv") {
		score, _ := strconv.Atoi(r[2])
		made = append(made, certificate.Match{Client: r[0], Consultant: r[1], Score: score})
	}
	if err := json.Unmarshal(files["certificate.json"], &c); err != nil {
		t.Fatal(err)
	}
	if err := certificate.Check(*problem, made, c); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(files["README.txt"]), "cascade verify --edges edges.csv") {
		t.Error("no word of how to check it")
	}

	b.moved(b.decide("kind=forbid&for=alex&with=zoe", "A reason"), decisions)
	if got := b.Get(matchesPath + "/proof"); got.StatusCode != http.StatusConflict {
		t.Errorf("after a decision: status %d", got.StatusCode)
	}
	if got := b.Get(matchesPath + "/certificate"); got.StatusCode != http.StatusOK {
		t.Errorf("the certificate after a decision: status %d", got.StatusCode)
	}
}

func TestBottlenecksAndBlockingPairsAreShown(t *testing.T) {
	b := newBed(t)
	b.Three()
	b.Enrol("pilot", desktest.Ready("ada", desktest.Skilled(map[string]int{"board": 1})))
	b.Solved()
	b.open(matchesPath, "What would match more people", "4 ublicks in Yorkshire and the Humber depend on 3 zworps; 1 more who offers", "Without a match now: Ada Sample.")

	b.open(matchesPath+"/bottlenecks", "4 ublicks in Yorkshire and the Humber depend on 3 zworps; 1 more who offers", "Without a match: Ada Sample.")

	b.Ran(1, 1, 1, proposal.Proposal{Blocking: []matching.Block{{Client: "alex", Consultant: "zac", Has: "zoe", InStead: "amy"}, {Client: "amy", Consultant: "zoe"}}})
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Run = "run"
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	b.open(matchesPath, "Would both rather work with each other Alex Sample and Zac Sample. Alex Sample has Zoe Sample; Zac Sample has Amy Sample Amy Sample and Zoe Sample. Amy Sample has nobody; Zoe Sample has a free place")
}
