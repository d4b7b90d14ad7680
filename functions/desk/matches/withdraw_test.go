package matches_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
)

const withdraw = matchesPath + "/withdraw"

func (b *bed) withdraw(references ...string) testbed.Answer {
	b.T.Helper()
	return b.Post(withdraw, url.Values{"match": references})
}

func TestRunSaysWhichMatchesItWouldChange(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("a1"), desktest.Ready("a2"), desktest.Ready("a3"), desktest.Ready("z1"), desktest.Ready("z2"), desktest.Ready("z3"))
	b.Matched("m1", "a1", "z1", pairing.Released)
	b.Matched("m2", "a2", "z2", pairing.Released)
	b.Matched("m3", "a3", "z3", pairing.Accepted)
	b.Ran(1, 1, 0, proposal.Proposal{Gain: proposal.Gain{Matched: 1, Worst: 4, Total: 60}, Moves: []proposal.Move{
		{Run: "run", Match: "m2", Client: "a2", From: "z2", To: "z1"},
	}})
	if got := b.Get(matchesPath).Body; !strings.Contains(got, "1 more could be matched") || !strings.Contains(got, `href="`+withdraw+`"`) {
		t.Errorf("the matches do not lead to it: %s", got)
	}
	page := b.Get(withdraw)
	for _, says := range []string{
		"would change 1 match that nobody has answered", "1 more matches, 4 more points in the match that fits least, and 60 more points in total",
		"The latest run would match A2 Sample with Z1 Sample (Z1 Trust) instead", `value="run/m1"`, `value="run/m2"`,
	} {
		if !strings.Contains(page.Body, says) {
			t.Errorf("status %d, the page lacks %q: %s", page.StatusCode, says, page.Body)
		}
	}
	if strings.Contains(page.Body, "run/m3") || strings.Index(page.Body, "run/m2") > strings.Index(page.Body, "run/m1") {
		t.Errorf("what is accepted is there, or what would change is not first: %s", page.Body)
	}
}

func TestMatchIsTakenBack(t *testing.T) {
	b := newBed(t)
	b.Supervisors(map[string]int{"robin": 9})
	b.Enrol("pilot", desktest.Ready("a1"), desktest.Ready("a2"), desktest.Supervised("z1", "robin"), desktest.Supervised("z2", "robin"))
	b.Matched("m1", "a1", "z1", pairing.Released)
	b.Matched("m2", "a2", "z2", pairing.Released, func(m *pairing.Match) { m.Client.Answer = pairing.Yes })
	if got := b.Post(withdraw, nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Select at least one match to take back") || !strings.Contains(got.Body, `href="#match"`) {
		t.Errorf("nothing selected: status %d: %s", got.StatusCode, got.Body)
	}
	var at sync.WaitGroup
	for range 4 {
		at.Go(func() {
			if got := b.withdraw("run/m1", "run/m2"); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), matchesPath+"?done=") {
				t.Errorf("status %d: %s", got.StatusCode, got.Body)
			}
		})
	}
	at.Wait()
	if b.State("m1") != pairing.Withdrawn || b.State("m2") != pairing.Withdrawn {
		t.Errorf("m1 is %s, m2 is %s", b.State("m1"), b.State("m2"))
	}
	if got, want := b.Owed(), []string{"match-withdrawn a1 m1", "match-withdrawn a2 m2", "match-withdrawn z1 m1", "match-withdrawn z2 m2"}; !slices.Equal(got, want) {
		t.Errorf("owed %q, want %q", got, want)
	}
	if got := slices.Sorted(slices.Values(b.Audited())); !slices.Equal(got, []string{"morgan withdrew the match m1 in pilot", "morgan withdrew the match m2 in pilot"}) {
		t.Errorf("audited %q", got)
	}
	for _, id := range []string{"a1", "a2", "z1", "z2"} {
		if got := b.Enrolment(id).Places; len(got) > 0 {
			t.Errorf("%s still has %v", id, got)
		}
	}
	if x, r := b.Supervisor("robin"), b.Latest(); len(x.Places) > 0 || r.Withdrawn != 2 {
		t.Errorf("the supervisor has %v, run %+v", x.Places, r)
	}
	if got := b.Get(withdraw).Body; !strings.Contains(got, "No match is waiting for an answer") {
		t.Errorf("there is more to take back: %s", got)
	}
	if got := b.release("run/m1"); got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "was withdrawn") {
		t.Errorf("released again: status %d: %s", got.StatusCode, got.Body)
	}
}

func TestWhatIsNotOutIsNotTakenBack(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
	for _, state := range []pairing.MatchState{pairing.Proposed, pairing.Declined, pairing.Accepted} {
		b.Matched(string(state), "alex", "zoe", state)
		if got := b.withdraw("run/" + string(state)); got.StatusCode != http.StatusConflict || b.State(string(state)) != state {
			t.Errorf("%s: status %d, now %s", state, got.StatusCode, b.State(string(state)))
		}
	}
	for _, reference := range []string{"", "run", "run/nowhere", "nowhere/m", "run/m/x"} {
		if got := b.withdraw(reference); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: status %d", reference, got.StatusCode)
		}
	}
	b.Untouched("what is not out")
	if got := b.Enrolment("alex").Places; len(got) != 1 || b.Enrolment("alex").Role != programme.Client {
		t.Errorf("alex has %v", got)
	}
}
