package enrolment

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
)

func TestWhoCanBeNamedAsAssistant(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 3, 23, 55, 0, 0, time.UTC)
	e := &Enrolment{Person: Person{Email: "alex@example.org"}, NewEmail: "alex.new@example.org"}
	for _, entered := range []string{"", "pat", "alex@example.org", "Alex@Example.org", "alex.new@example.org", "pat@example.org\nBcc: x@example.org"} {
		var invalid *fault.Invalid
		if changed, err := e.NameAssistant(entered, now); changed || !errors.As(err, &invalid) || e.Assistant.Named() {
			t.Errorf("%q: %v %v %+v", entered, changed, err, e.Assistant)
		}
	}
	for i, name := range []string{"pat", "sam", "kit", "lou", "max"} {
		if changed, err := e.NameAssistant(name+"@example.org", now); !changed || err != nil || e.Assistant.Generation != i+1 {
			t.Errorf("%s: %v %v %+v", name, changed, err, e.Assistant)
		}
		if changed, err := e.NameAssistant(name+"@example.org", now); changed || err != nil {
			t.Errorf("%s once more: %v %v", name, changed, err)
		}
	}
	if changed, err := e.NameAssistant("ray@example.org", now); changed || !fault.Is(err, fault.Conflict) {
		t.Errorf("the sixth on a day: %v %v", changed, err)
	}
	e.DismissAssistant(false)
	if changed, err := e.NameAssistant("ray@example.org", now.Add(time.Hour)); !changed || err != nil { // on the next
		t.Errorf("on the next day: %v %v", changed, err)
	}
}

// Whatever happens in whichever order: what was sent before somebody was let out opens nothing
// after, nobody is let in who has not said yes since they were named, and no address is left of
// who is not.
func TestAssistantIsLetInByBothAndOutByEither(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 3, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		e := &Enrolment{State: Ready, Person: Person{Email: "alex@example.org"}}
		agreed, out := map[int]bool{}, map[int]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Hour)
			before := e.Assistant
			switch rapid.SampledFrom([]string{"name", "agree", "refuse", "dismiss", "leave", "disown"}).Draw(t, "step") {
			case "name":
				_, _ = e.NameAssistant(rapid.SampledFrom([]string{"pat@example.org", "sam@example.org"}).Draw(t, "who"), now)
			case "agree":
				agreed[e.Assistant.Generation] = e.AssistantAgrees(now) || agreed[e.Assistant.Generation]
			case "refuse":
				e.DismissAssistant(true)
			case "dismiss":
				e.DismissAssistant(false)
			case "leave":
				e.Withdraw()
				e.Return(now)
			case "disown":
				e.Disown()
			}
			a := e.Assistant
			if before.Named() && a.Email != before.Email {
				out[before.Generation] = true
			}
			if a.Generation < before.Generation || a.Named() && out[a.Generation] {
				t.Fatalf("who was let out is in: %+v after %+v", a, before)
			}
			if a.Picks() && !agreed[a.Generation] {
				t.Fatalf("nobody has said yes: %+v", a)
			}
			if !a.Named() && (a.Email != "" || !a.AgreedAt.IsZero()) {
				t.Fatalf("something is left of them: %+v", a)
			}
		}
	})
}
