package matches_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const theMatch = matchesPath + "/of/run/m"

// stands is the match m as it is stored.
func (b *bed) stands() *pairing.Match {
	b.T.Helper()
	m, err := b.Store.Match(b.T.Context(), "pilot", "run", "m")
	if err != nil {
		b.T.Fatal(err)
	}
	return m
}

// A question waits at the desk, where it is answered or passed on, once.
func TestQuestionIsAnsweredOrPassedOn(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
	now := b.Now()
	b.Matched("m", "alex", "zoe", pairing.Released, func(m *pairing.Match) {
		m.Questions, m.Overdue = []pairing.Question{{By: programme.Client, Text: "Is it <i>near</i>?", At: now}, {By: programme.Client, Text: "By train?", At: now}}, true
	})
	waiting := b.Get(desk + "/waiting").Body
	if !strings.Contains(waiting, "Questions about a match") || !strings.Contains(waiting, theMatch) {
		t.Errorf("it does not wait: %s", waiting)
	}
	if page := b.Get(theMatch).Body; !strings.Contains(page, "Alex Sample asks") || !strings.Contains(page, "Is it &lt;i&gt;near&lt;/i&gt;?") {
		t.Errorf("the match: %s", page)
	}
	if got := b.Post(theMatch, url.Values{"do": {"answer"}, "question": {"0"}, "reply": {" "}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no answer: status %d", got.StatusCode)
	}
	for _, n := range []string{"7", "-1", "x"} {
		if got := b.Post(theMatch, url.Values{"do": {"answer"}, "question": {n}, "reply": {"Yes"}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("question %s: status %d", n, got.StatusCode)
		}
	}
	for range 2 {
		if said := b.Does(theMatch, url.Values{"do": {"answer"}, "question": {"0"}, "reply": {"Ten minutes"}}); !strings.Contains(said, "Your answer is saved") {
			t.Errorf("said %q", said)
		}
		if said := b.Does(theMatch, url.Values{"do": {"pass"}, "question": {"1"}}); !strings.Contains(said, "passed on") {
			t.Errorf("said %q", said)
		}
	}
	if m := b.stands(); m.Questions[0].Reply != "Ten minutes" || m.Questions[0].ByOther || m.Questions[1].PassedAt.IsZero() || m.Overdue {
		t.Errorf("match %+v", m)
	}
	if got, want := b.Owed(), []string{"match-asked zoe m", "match-replied alex m"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if waiting := b.Get(desk + "/waiting").Body; strings.Contains(waiting, theMatch) {
		t.Error("it still waits")
	}
}

// Who released or pinned a match does not look at it again, where somebody else is there; and
// where nobody is, it says so to who asked.
func TestSomebodyElseLooksAgain(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Declined, func(m *pairing.Match) {
		m.ReleasedBy, m.Client.Answer = "morgan", pairing.No
		m.LookAgain(programme.Client, b.Now())
	})
	look := url.Values{"do": {"look"}, "finding": {"We missed your region"}}
	if page := b.Get(theMatch).Body; !strings.Contains(page, "You made this match. Another coordinator of the programme has to look at it.") || strings.Contains(page, `name="finding"`) {
		t.Errorf("who released it: %s", page)
	}
	if waiting := b.Get(desk + "/waiting").Body; !strings.Contains(waiting, "Matches to look at again") || !strings.Contains(waiting, theMatch) {
		t.Errorf("it does not wait: %s", waiting)
	}
	if got := b.Post(theMatch, look); got.StatusCode != http.StatusConflict || b.stands().Look.Finding != "" {
		t.Errorf("who released it: status %d, %+v", got.StatusCode, b.stands().Look)
	}
	b.As(b.Cookie("sam"))
	for range 2 {
		if said := b.Does(theMatch, look); !strings.Contains(said, "What you found is saved") {
			t.Errorf("said %q", said)
		}
	}
	if x := b.stands(); x.Look.SettledBy != "sam" || x.Look.Same || x.Overdue || x.Look.Finding != "We missed your region" {
		t.Errorf("match %+v", x.Look)
	}
	if got, want := b.Owed(), []string{"match-replied alex m"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestNobodyElseIsThereToLookAgain(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
	b.Matched("m", "alex", "zoe", pairing.Declined, func(m *pairing.Match) {
		m.ReleasedBy = "morgan"
		m.LookAgain(programme.Client, b.Now())
	})
	all, err := b.Store.Coordinators(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	for _, s := range all {
		if s.ID != "morgan" {
			s.Roles = access.ByProgramme{"pilot": {access.Evaluator}}
			c.SaveStaff(s, b.Now())
		}
	}
	b.Commit(c)
	if page := b.Get(theMatch).Body; !strings.Contains(page, "no other coordinator is there to look at it. The person is told so.") {
		t.Errorf("the match: %s", page)
	}
	b.Does(theMatch, url.Values{"do": {"look"}, "finding": {"It stays as it is"}})
	if x := b.stands(); x.Look.SettledBy != "morgan" || !x.Look.Same {
		t.Errorf("match %+v", x.Look)
	}
}
