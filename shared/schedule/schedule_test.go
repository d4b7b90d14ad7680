package schedule_test

import (
	"testing"

	"github.com/cascading-leadership/cascade/shared/schedule"
)

// Whatever takes events is woken by a schedule. Pages take none.
func TestWhatIsWoken(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]bool{"outbox": true, "reminders": true, "matching": true, "questionnaires": true, "desk": false, "enrolment": false, "": false} {
		if schedule.Wakes(function) != want {
			t.Errorf("%q: woken: %v", function, !want)
		}
	}
	schedule.Functions()["invented"] = "desk"
	if schedule.Wakes("desk") {
		t.Error("the list can be added to")
	}
}
