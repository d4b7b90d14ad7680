package erasure

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
)

var noon = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// Whatever is done with an erasure in whatever order, it is never carried out before it was
// confirmed and a day is over, and stopped never after it has begun.
func TestNobodyIsForgottenBeforeTheirDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		e := Ask("alex", "alex-seek", now)
		if rapid.Bool().Draw(t, "staff") {
			e = AskFor("alex", "alex-seek", "morgan", "they rang", now)
		}
		from := e.AskedAt
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
			switch rapid.IntRange(0, 1).Draw(t, "step") {
			case 0:
				lapsed := e.Lapsed(now)
				changed, err := e.Confirm(now)
				if lapsed != fault.Is(err, fault.Gone) || changed && lapsed {
					t.Fatalf("confirmed %v after it lapsed (%v): %v", changed, lapsed, err)
				}
				if changed {
					from = now
				}
			case 1:
				if e.Due(now) {
					if e.State == Asked || now.Before(from.Add(Wait)) {
						t.Fatalf("carried out at %v, confirmed at %v: %+v", now, from, e)
					}
					e.Begin(now)
				}
			}
			if e.Stoppable() != (e.State == Asked || e.State == Confirmed) || e.State == Begun && !e.Due(now) {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func TestPartsAreDoneOnce(t *testing.T) {
	t.Parallel()
	e := AskFor("alex", "alex-seek", "morgan", "they rang", noon)
	if left := e.Waits([]string{"questionnaires"}); len(left) != 1 || !e.Finish("questionnaires", noon) || e.Finish("questionnaires", noon) || len(e.Waits([]string{"questionnaires"})) != 0 {
		t.Errorf("%v, %+v", left, e)
	}
	if len(e.Waits([]string{"questionnaires", "another"})) != 1 {
		t.Error("another part is done with the first")
	}
}

// What was written after somebody was forgotten is of somebody new.
func TestWhoEnrolsAgainIsSomebodyNew(t *testing.T) {
	t.Parallel()
	tomb := Tombstone{At: noon}
	if !tomb.Again(noon.Add(-time.Second)) || tomb.Again(noon) || tomb.Again(noon.Add(time.Hour)) {
		t.Error("who enrols again is taken for what a backup brought back")
	}
}
