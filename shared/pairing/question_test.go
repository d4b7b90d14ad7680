package pairing

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// out is a match that is out, to be answered in ten days.
func out(neutral bool) (*Match, Holders) {
	m := &Match{ID: "m", State: Proposed, Neutral: neutral, ReleasedBy: "morgan", Client: Side{Enrolment: "a"}, Consultant: Side{Enrolment: "b"}}
	h, _ := three()
	if err := m.Release(h, noon.Add(240*time.Hour), noon); err != nil {
		panic(err)
	}
	return m, h
}

// Whatever the two do in which order: where names wait, neither is named or in before both saw no
// conflict, and a match waits for a side if and only if there is something for them to say.
func TestNamesWaitForBoth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, h := out(rapid.Bool().Draw(t, "neutral"))
		clear := map[programme.Role]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			named := !m.Neutral || clear[programme.Client] && clear[programme.Consultant]
			if m.Named() != named {
				t.Fatalf("named %v: %+v", m.Named(), m)
			}
			open := m.State == Released
			switch rapid.SampledFrom([]string{"clear", "accept", "decline", "conflict", "lapse"}).Draw(t, "does") {
			case "clear":
				changed, err := m.Clear(role, noon)
				if changed != (m.Neutral && open && !clear[role]) || err != nil && open {
					t.Fatalf("clear: %v, %v", changed, err)
				}
				clear[role] = clear[role] || changed
			case "accept":
				before := *m.Side(role)
				if err := m.Accept(role, "v1", noon); err == nil && before.Answer != Yes && (!open || !named) {
					t.Fatalf("accepted although %s, named %v", m.State, named)
				}
			case "decline":
				_ = m.Decline(role, "", noon, h)
			case "conflict":
				if err := m.SeeConflict(role, "", noon, h); err == nil && (m.State != Declined || !m.Side(role).Conflict) {
					t.Fatalf("a conflict leaves it %s", m.State)
				}
			case "lapse":
				m.Lapse(h, noon)
			}
			for _, r := range programme.Roles {
				can := m.State == Released && m.Side(r).Answer == "" && (m.Named() || m.Neutral && !clear[r])
				if m.Owes(r) != can {
					t.Fatalf("waits for the %s: %v, %+v", r, m.Owes(r), m)
				}
			}
		}
	})
}

func TestQuestionsThroughTheCoordinator(t *testing.T) {
	t.Parallel()
	m, h := out(false)
	by := m.ReplyBy
	later := by.Add(72 * time.Hour)
	for name, text := range map[string]string{"nothing": "", "too much": strings.Repeat("x", MaxText+1)} {
		if _, err := m.Ask(programme.Client, text, later, noon); !invalid(err, "question") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for k, want := range []bool{true, false} { // pressed twice
		changed, err := m.Ask(programme.Client, "Could we meet at weekends?", later, noon)
		if err != nil || changed != want || len(m.Questions) != 1 || !m.Overdue || !m.Asked() || !m.ReplyBy.Equal(later) {
			t.Errorf("asked %d: %v, %v, %+v", k, changed, err, m)
		}
	}
	if _, err := m.Ask(programme.Consultant, "How many staff?", later.Add(time.Hour), noon); err != nil || !m.ReplyBy.Equal(later) {
		t.Errorf("the day to answer moves a second time: %v, %v", m.ReplyBy, err)
	}
	// Nobody answers what is their own, or what was not passed on to them.
	for name, row := range map[string]struct {
		n    int
		role programme.Role
	}{"one's own": {0, programme.Client}, "not passed on": {0, programme.Consultant}, "none": {7, ""}, "before the first": {-1, ""}} {
		if _, err := m.Answer(row.n, "Yes", row.role, noon); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if changed, err := m.Pass(0, noon); err != nil || !changed || !m.Asked() {
		t.Errorf("passed on: %v, %v; the other question still waits: %v", changed, err, m.Asked())
	}
	if changed, err := m.Answer(1, "Twelve", "", noon); err != nil || !changed || m.Asked() || m.Overdue {
		t.Errorf("answered: %v, %v, %+v", changed, err, m)
	}
	if changed, err := m.Answer(0, "Saturdays", programme.Consultant, noon); err != nil || !changed || !m.Questions[0].ByOther {
		t.Errorf("the other answered: %v, %v", changed, err)
	}
	if changed, err := m.Answer(0, "Too late", "", noon); err != nil || changed || m.Questions[0].Reply != "Saturdays" {
		t.Errorf("a second answer: %v, %v, %+v", changed, err, m.Questions[0])
	}
	for _, text := range []string{"b", "c"} {
		_, _ = m.Ask(programme.Client, text, later, noon)
	}
	if _, err := m.Ask(programme.Client, "d", later, noon); !invalid(err, "question") {
		t.Errorf("more questions than there can be: %v", err)
	}
	// What is asked of a match that is over meanwhile can still be answered, and not passed on.
	if err := m.Decline(programme.Consultant, "", noon, h); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Pass(2, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("passed on after the end: %v", err)
	}
	if _, err := m.Ask(programme.Consultant, "why?", later, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("asked after the end: %v", err)
	}
	if changed, err := m.Answer(2, "No", "", noon); err != nil || !changed {
		t.Errorf("answered after the end: %v, %v", changed, err)
	}
}

func TestLookAgainIsForSomebodyElse(t *testing.T) {
	t.Parallel()
	makers := []string{"morgan", "sam"}
	for _, row := range []struct {
		name, by string
		alone    bool
		same, ok bool
	}{{"who released it", "morgan", false, false, false}, {"who pinned it", "sam", false, false, false}, {"somebody else", "kim", false, false, true}, {"the only one", "morgan", true, true, true}} {
		m, h := out(false)
		if _, err := m.SettleLook(row.by, "Found", makers, row.alone, noon); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: before anybody asked: %v", row.name, err)
		}
		if err := m.Decline(programme.Client, "", noon, h); err != nil {
			t.Fatal(err)
		}
		m.LookAgain(programme.Client, noon)
		if !m.Overdue || !m.Asked() {
			t.Errorf("%s: it does not wait: %+v", row.name, m)
		}
		changed, err := m.SettleLook(row.by, "Found", makers, row.alone, noon)
		if row.ok != (err == nil) || changed != row.ok || m.Overdue == row.ok || m.Look.Same != row.same {
			t.Errorf("%s: %v, %v, %+v", row.name, changed, err, m.Look)
		}
		if again, err := m.SettleLook("kim", "Other", makers, false, noon); row.ok && (again || err != nil || m.Look.Finding != "Found") {
			t.Errorf("%s: settled twice: %+v, %v", row.name, m.Look, err)
		}
		if _, err := m.SettleLook("kim", " ", makers, false, noon); !row.ok && err != nil && m.Look.Finding != "" {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
