package matches_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

const matchesPath = desk + "/matches"

// proposed enrols people and proposes matches of two each: "m1" of a1 and z1, …
func (b *bed) proposed(n int) {
	b.T.Helper()
	for i := range n {
		number := string(rune('1' + i))
		b.Enrol("pilot", desktest.Ready("a"+number), desktest.Ready("z"+number))
		b.Matched("m"+number, "a"+number, "z"+number, pairing.Proposed)
	}
}

func (b *bed) release(references ...string) testbed.Answer {
	b.T.Helper()
	return b.Post(matchesPath, url.Values{"match": references})
}

// emails are what is owed for released matches.
func emails(matches ...string) []string {
	var all []string
	for _, m := range matches {
		for _, side := range []string{"a", "z"} {
			all = append(all, "match-released "+side+strings.TrimPrefix(m, "m")+" "+m)
		}
	}
	slices.Sort(all)
	return all
}

// releases are what is audited of them, in the order of the matches.
func releases(by string, matches ...string) []string {
	var all []string
	for _, m := range matches {
		all = append(all, by+" released the match "+m+" in pilot")
	}
	return all
}

func (b *bed) isReleased(matches ...string) {
	b.T.Helper()
	for _, m := range matches {
		if got := b.State(m); got != pairing.Released {
			b.T.Errorf("%s is %s", m, got)
		}
	}
	if got := b.Owed(); !slices.Equal(got, emails(matches...)) {
		b.T.Errorf("owed %q, want %q", got, emails(matches...))
	}
	if got := slices.Sorted(slices.Values(b.Audited())); !slices.Equal(got, releases("morgan", matches...)) {
		b.T.Errorf("audited %q", got)
	}
}

func TestMatchesAreShownWithTheirReasons(t *testing.T) {
	b := newBed(t)
	if got := b.Get(matchesPath); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "No matching run yet") || !strings.Contains(got.Body, "Nothing to review") || strings.Contains(got.Body, "<form") {
		t.Errorf("before the first run: status %d: %s", got.StatusCode, got.Body)
	}

	b.proposed(5)
	b.Enrol("pilot", desktest.Person("una"), desktest.Person("ugo"))
	change := func(id string, change func(*pairing.Match)) {
		m, err := b.Store.Match(t.Context(), "pilot", "run", id)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		c := b.Store.Commit()
		c.UpdateMatch("pilot", m)
		b.Commit(c)
	}
	change("m2", func(m *pairing.Match) {
		m.Reasons.Met = append(m.Reasons.Met, matching.Need{Skill: "dropped-since", Priority: 1, Level: 1})
	})
	change("m3", func(m *pairing.Match) { m.State, m.Client.Answer = pairing.Released, pairing.Yes })
	change("m4", func(m *pairing.Match) { m.State = pairing.Accepted })
	change("m5", func(m *pairing.Match) {
		m.State, m.Client.Answer, m.Consultant.Answer, m.Consultant.Reason = pairing.Declined, pairing.Yes, pairing.No, "We know each other <too> well"
	})
	b.Matched("theirs", "a1", "z1", pairing.Proposed, func(m *pairing.Match) { m.Programme, m.Run = "other", "another" })
	b.Ran(7, 5, 310, proposal.Proposal{Unmatched: []matching.Unmatched{
		{Client: "una", RuledOut: map[matching.Criterion]int{matching.SomethingToAsk: 1, matching.NearEnough: 2, matching.NoConflict: 1}, Taken: 1},
		{Client: "ugo", Taken: 5},
	}})

	page := b.Get(matchesPath).Body
	review, rest, _ := strings.Cut(page, "Without a match in the latest run")
	unmatched, others, _ := strings.Cut(rest, "Released and answered")
	for _, row := range []struct{ name, part, says string }{
		{"the run", review, "5 of 7 ublicks matched among 5 zworps, total score 310"},
		{"the first", review, `value="run/m1"`},
		{"its people", review, "A1 Sample (A1 Trust) with Z1 Sample (Z1 Trust)"},
		{"its reasons", review, "Yorkshire and the Humber. Score 74: fit of needs and skills 60; breadth: needs met at all 5; experience beyond one's own 4; another kind of service 3; half-days in common 2; needs met (priority × level): Board and trustee relations (3 × 2)<"},
		{"the second", review, `value="run/m2"`},
		{"a skill that the programme dropped", review, "Board and trustee relations (3 × 2), dropped-since (1 × 1)<"},
		{"who has no match", unmatched, "<li>Una Sample, Yorkshire and the Humber: near enough: 2 ruled out; possible for both: 1 ruled out; a skill for a need: 1 ruled out; possible, but taken by a better fit overall: 1. <"},
		{"who came too late", unmatched, "<li>Ugo Sample, Yorkshire and the Humber: possible, but taken by a better fit overall: 5. <"},
		{"the reason of who declined", others, "We know each other &lt;too&gt; well"},
	} {
		if !strings.Contains(html.UnescapeString(row.part), html.UnescapeString(row.says)) {
			t.Errorf("%s: the page lacks %q", row.name, row.says)
		}
	}
	if strings.Contains(page, "<too>") {
		t.Error("the reason is not escaped")
	}
	// What was released can not be selected again.
	if n := strings.Count(page, `type="checkbox"`); n != 2 {
		t.Errorf("%d matches can be selected", n)
	}
	var table []string
	for _, r := range regexp.MustCompile(`<tr class="govuk-table__row"><td[^>]*><a[^>]*>([^<]*)</a></td><td[^>]*>([^<]*)</td><td[^>]*><strong[^>]*>([^<]*)</strong>`).FindAllStringSubmatch(others, -1) {
		table = append(table, strings.Join(r[1:], ", "))
	}
	if want := []string{"A3 Sample, Z3 Sample, released", "A4 Sample, Z4 Sample, accepted", "A5 Sample, Z5 Sample, declined"}; !slices.Equal(table, want) {
		t.Errorf("released and answered: %q", table)
	}
}

// People can ask to be deleted. The rest of the programme goes on.
func TestMatchOfSomeoneWhoIsGoneDoesNotHideTheOthers(t *testing.T) {
	b := newBed(t)
	b.proposed(2)
	b.Enrol("pilot", desktest.Person("una"))
	b.Matched("m3", "a1", "z2", pairing.Declined)
	b.Ran(1, 1, 0, proposal.Proposal{Unmatched: []matching.Unmatched{{Client: "una", Taken: 1}}})
	for _, id := range []string{"a1", "z2", "una"} {
		if _, err := b.Raw.Doc("programmes/pilot/enrolments/" + id).Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := b.Get(matchesPath)
	if got.StatusCode != http.StatusOK || !strings.Contains(got.Body, "Z1 Sample") || !strings.Contains(got.Body, "A2 Sample") || strings.Count(got.Body, "Someone who has left") != 8 {
		t.Errorf("status %d: %s", got.StatusCode, got.Body)
	}
}

func TestReleasingNothingSaysWhatToDo(t *testing.T) {
	b := newBed(t)
	b.proposed(2)
	for _, posted := range []url.Values{nil, {}, {"Match": {"run/m1"}}} {
		got := b.Post(matchesPath, posted)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("status %d", got.StatusCode)
		}
		for _, want := range []string{"<title>Error: ", "There is a problem", "Select at least one match to release", `href="#match"`, `id="match"`, `value="run/m2"`} {
			if !strings.Contains(got.Body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
	// Nor by the address alone.
	if got := b.Post(matchesPath+"?match=run%2Fm1", nil); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("status %d", got.StatusCode)
	}
	b.Untouched("selecting nothing")
}

func TestBothPeopleOfEachReleasedMatchAreOwedTheEmail(t *testing.T) {
	b := newBed(t)
	b.proposed(3)
	if got := b.release("run/m1", "run/m3"); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), matchesPath+"?done=") {
		t.Fatalf("status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b.isReleased("m1", "m3")
	if got := b.State("m2"); got != pairing.Proposed {
		t.Errorf("m2 is %s", got)
	}
	for _, m := range b.Due() {
		if m.Programme != "pilot" || m.Run != "run" || m.Role != b.Enrolment(m.To).Role {
			t.Errorf("message %+v", m)
		}
	}
	if page := b.Get(matchesPath).Body; strings.Count(page, `type="checkbox"`) != 1 || strings.Count(page, ">released<") != 2 {
		t.Errorf("the page does not show what was released: %s", page)
	}
}

func TestReleasingTwiceIsOneRelease(t *testing.T) {
	b := newBed(t)
	b.proposed(2)
	for _, references := range [][]string{{"run/m1", "run/m1"}, {"run/m1"}, {"run/m1", "run/m2"}} {
		if got := b.release(references...); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%v: status %d", references, got.StatusCode)
		}
	}
	b.isReleased("m1", "m2")
}

func TestTwoCoordinatorsReleasingAtOnceIsOneRelease(t *testing.T) {
	b := newBed(t)
	b.proposed(3)
	b.Browser.Jar = nil
	posted := url.Values{"match": {"run/m1", "run/m2", "run/m3"}}
	var at sync.WaitGroup
	for range 4 {
		for _, staff := range []string{"morgan", "sam"} {
			cookie := b.Cookie(staff)
			at.Go(func() {
				if got := b.Send(matchesPath, posted, map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}); got.StatusCode != http.StatusSeeOther {
					t.Errorf("%s: status %d", staff, got.StatusCode)
				}
			})
		}
	}
	at.Wait()
	for _, m := range []string{"m1", "m2", "m3"} {
		if got := b.State(m); got != pairing.Released {
			t.Errorf("%s is %s", m, got)
		}
	}
	if got, want := b.Owed(), emails("m1", "m2", "m3"); !slices.Equal(got, want) {
		t.Errorf("owed %q, want %q", got, want)
	}
	var audited []string
	for _, line := range b.Audited() {
		_, did, _ := strings.Cut(line, " ")
		audited = append(audited, did)
	}
	slices.Sort(audited)
	if want := []string{"released the match m1 in pilot", "released the match m2 in pilot", "released the match m3 in pilot"}; !slices.Equal(audited, want) {
		t.Errorf("audited %q, want %q", audited, want)
	}
}

func TestMatchesThatAreNotThere(t *testing.T) {
	b := newBed(t)
	b.proposed(1)
	b.Matched("theirs", "a1", "z1", pairing.Proposed, func(m *pairing.Match) { m.Programme, m.Run = "other", "another" })
	for _, reference := range []string{
		"", "/", "m1", "run", "run/", "/m1", "run/m1/", "run//m1", "run/m1/x", "/run/m1", "run/M1", "run/nowhere", "nowhere/m1",
		"another/theirs", "run/theirs", "../run/m1", "run/../run/m1", "../../other/runs/another/matches/theirs", "run/__x__", "__x__/m1", "run/\x00", "run/é",
		"run/" + strings.Repeat("m", 300), strings.Repeat("run/", 100) + "m1",
	} {
		if got := b.release(reference); got.StatusCode != http.StatusNotFound {
			t.Errorf("%.40q: status %d", reference, got.StatusCode)
		}
	}
	b.Untouched("matches that are not there")
	if m, err := b.Store.Match(t.Context(), "other", "another", "theirs"); err != nil || m.State != pairing.Proposed {
		t.Errorf("the other programme's match: %+v, %v", m, err)
	}
}

// A coordinator whose page is old selects what another has released and people
// have answered since. The rest is released all the same, and the answer says so.
func TestMatchThatCannotBeReleasedDoesNotHoldUpTheOthers(t *testing.T) {
	for _, row := range []struct {
		name       string
		references []string
		status     int
		says       string
	}{
		{"answered", []string{"run/yes", "run/m1", "run/no", "run/m2"}, 409, "Released: 2 of the 4 matches"},
		{"not there", []string{"run/nowhere", "run/m1", "run/m2"}, 404, "Released: 2 of the 3 matches"},
		{"malformed", []string{"run/m1", "x", "run/m2"}, 404, "Released: 2 of the 3 matches"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			b.proposed(2)
			b.Enrol("pilot", desktest.Ready("a8"), desktest.Ready("z8"))
			b.Matched("yes", "a8", "z8", pairing.Accepted)
			b.Matched("no", "a2", "z1", pairing.Declined)
			if got := b.release(row.references...); got.StatusCode != row.status || !strings.Contains(got.Body, row.says) {
				t.Errorf("status %d, want %d and %q: %s", got.StatusCode, row.status, row.says, got.Body)
			}
			b.isReleased("m1", "m2")
			if b.State("yes") != pairing.Accepted || b.State("no") != pairing.Declined {
				t.Errorf("the answers were changed: %s, %s", b.State("yes"), b.State("no"))
			}
		})
	}
}

func TestMatchThatWasAnsweredIsNotReleased(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	for _, state := range []pairing.MatchState{pairing.Accepted, pairing.Declined} {
		b.Matched(string(state), "alex", "zoe", state)
		got := b.release("run/" + string(state))
		if got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "already answered") || b.State(string(state)) != state {
			t.Errorf("%s: status %d, now %s: %s", state, got.StatusCode, b.State(string(state)), got.Body)
		}
	}
	b.Untouched("releasing what was answered")
}

// Whatever has changed since the run, what is released is as it stands now; and the
// coordinator reads why something is not.
func TestMatchThatNoLongerHoldsIsNotReleased(t *testing.T) {
	for _, row := range []struct {
		name, says string
		change     func(b *bed)
	}{
		{"not ready any more", "no longer ready", func(b *bed) { b.enrolled("a1", func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed }) }},
		{"matched elsewhere", "already has a match", func(b *bed) { b.enrolled("a1", func(e *enrolment.Enrolment) { e.Take("another") }) }},
		{"without a place left", "has no place left", func(b *bed) { b.enrolled("z1", func(e *enrolment.Enrolment) { e.Take("another") }) }},
		{"a supervisor without room", "supervisor can take no more", func(b *bed) {
			b.Supervisors(map[string]int{"kit": 0})
			b.enrolled("z1", func(e *enrolment.Enrolment) { e.Supervisor = "kit" })
		}},
		{"a supervisor who is gone", "supervisor is no longer there", func(b *bed) { b.enrolled("z1", func(e *enrolment.Enrolment) { e.Supervisor = "kit" }) }},
		{"a new conflict", "has changed since the matching run", func(b *bed) { b.enrolled("a1", func(e *enrolment.Enrolment) { e.Conflicts = []string{"Z1 Trust"} }) }},
		{"moved away", "has changed since the matching run", func(b *bed) {
			b.enrolled("z1", func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "Wales", "CF10 1AA" })
		}},
		{"asks for something else", "has changed since the matching run", func(b *bed) { b.enrolled("a1", func(e *enrolment.Enrolment) { e.Skills = map[string]int{"board": 1} }) }},
		{"other rules", "has changed since the matching run", func(b *bed) {
			p, err := b.Store.Programme(b.T.Context(), "pilot")
			if err != nil {
				b.T.Fatal(err)
			}
			p.Weights.Breadth++
			c := b.Store.Commit()
			c.UpdateProgramme(p)
			b.Commit(c)
		}},
		{"ruled out", "was ruled out since", func(b *bed) { b.forbidden("a1", "z1") }},
		{"a newer run", "A newer matching run", func(b *bed) {
			r := b.Latest()
			r.State = store.Superseded
			c := b.Store.Commit()
			c.UpdateRun("pilot", r)
			b.Commit(c)
		}},
		{"deleted", "One of the two has left", func(b *bed) {
			if _, err := b.Raw.Doc("programmes/pilot/enrolments/a1").Delete(b.T.Context()); err != nil {
				b.T.Fatal(err)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			b.proposed(2)
			row.change(b)
			if got := b.release("run/m1"); got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, row.says) {
				t.Errorf("status %d, want %q: %s", got.StatusCode, row.says, got.Body)
			}
			b.Untouched("what no longer holds")
			if row.name == "other rules" || row.name == "a newer run" {
				return // these hold for all matches
			}
			got := b.release("run/m1", "run/m2")
			name := "A1 Sample"
			if row.name == "deleted" {
				name = "Someone who has left"
			}
			if got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "Released: 1 of the 2") || !strings.Contains(got.Body, name+" with Z1 Sample: ") || !strings.Contains(got.Body, row.says) {
				t.Errorf("status %d: %s", got.StatusCode, got.Body)
			}
			b.isReleased("m2")
			if b.State("m1") != pairing.Proposed {
				t.Errorf("m1 is %s", b.State("m1"))
			}
		})
	}
}

// enrolled changes somebody.
func (b *bed) enrolled(id string, change func(*enrolment.Enrolment)) {
	b.T.Helper()
	e := b.Enrolment(id)
	change(e)
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
}

// forbidden rules a pair out by hand.
func (b *bed) forbidden(client, consultant string) {
	b.T.Helper()
	d, err := pairing.Decide(pairing.Forbid, client, consultant, "They are cousins", "morgan", b.Now(), nil)
	if err != nil {
		b.T.Fatal(err)
	}
	c := b.Store.Commit()
	c.CreateDecision("pilot", d, b.Latest())
	b.Commit(c)
}

// A match takes up its places when it is released, and more than that is not to be had.
func TestReleasingTakesUpPlaces(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 3})
	zoe := func(e *enrolment.Enrolment) { e.Capacity, e.Supervisor = 2, "robin" }
	b.Enrol("pilot", desktest.Ready("a1"), desktest.Ready("a2"), desktest.Ready("a3"), desktest.Ready("a4"), desktest.Ready("a5"), desktest.Ready("z1", zoe), desktest.Ready("z2", zoe))
	for i, z := range []string{"z1", "z1", "z1", "z2", "z2"} {
		b.Matched(fmt.Sprint("m", i+1), fmt.Sprint("a", i+1), z, pairing.Proposed)
	}
	got := b.release("run/m1", "run/m2", "run/m3", "run/m4", "run/m5")
	for _, says := range []string{"Released: 3 of the 5", "A3 Sample with Z1 Sample: One of the two has no place left.", "A5 Sample with Z2 Sample: The supervisor can take no more pairings."} {
		if !strings.Contains(got.Body, says) {
			t.Errorf("status %d, want %q: %s", got.StatusCode, says, got.Body)
		}
	}
	for m, want := range map[string]pairing.MatchState{"m1": pairing.Released, "m2": pairing.Released, "m3": pairing.Proposed, "m4": pairing.Released, "m5": pairing.Proposed} {
		if got := b.State(m); got != want {
			t.Errorf("%s is %s", m, got)
		}
	}
	if got := b.Owed(); len(got) != 6 {
		t.Errorf("owed %q", got)
	}
	for id, want := range map[string][]string{"a1": {"m1"}, "a2": {"m2"}, "a3": nil, "a4": {"m4"}, "a5": nil, "z1": {"m1", "m2"}, "z2": {"m4"}} {
		if got := b.Enrolment(id).Places; !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", id, got, want)
		}
	}
	if got := b.Supervisor("robin").Places; len(got) != 3 {
		t.Errorf("the supervisor has %v", got)
	}
	if r := b.Latest(); r.Released != 3 {
		t.Errorf("run %+v", r)
	}
}

// Hundreds go out at once, many in one commit.
func TestManyMatchesAreReleasedTogether(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 200})
	const n = 130
	b.Latest()
	var chosen []string
	c := b.Store.Commit()
	for i := range n {
		a, z := desktest.Ready(fmt.Sprint("a", i)), desktest.Ready(fmt.Sprint("z", i), func(e *enrolment.Enrolment) { e.Supervisor = "robin" })
		c.CreateEnrolment("pilot", a)
		c.CreateEnrolment("pilot", z)
		c.CreateMatch("pilot", &pairing.Match{ID: fmt.Sprint("m", i), Run: "run", Programme: "pilot", State: pairing.Proposed,
			Client: pairing.Side{Enrolment: a.ID}, Consultant: pairing.Side{Enrolment: z.ID},
			Reasons: matching.Explain(b.Programme, matching.FromEnrolment(a), matching.FromEnrolment(z))})
		chosen = append(chosen, fmt.Sprint("run/m", i))
	}
	b.Commit(c)
	if got := b.release(chosen...); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	if out, err := b.Store.CountMatches(t.Context(), "pilot", pairing.Released); out != n || err != nil {
		t.Errorf("%d are released, %v", out, err)
	}
	if got := len(b.Supervisor("robin").Places); got != n {
		t.Errorf("the supervisor has %d", got)
	}
	if owed := b.Due(); len(owed) != 2*n {
		t.Errorf("%d emails are owed", len(owed))
	}
	if r := b.Latest(); r.Released != n {
		t.Errorf("run %+v", r)
	}
}
