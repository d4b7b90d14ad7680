package pairing

import (
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// What two agree on is one text: neither writes over what the other wrote unread.
func TestNeitherWritesOverTheOtherUnread(t *testing.T) {
	t.Parallel()
	x := &Pairing{ID: "x", State: Active}
	if changed, err := x.Agree(programme.Client, "We begin on time", time.Time{}, noon); err != nil || !changed || x.Agreement.By != programme.Client {
		t.Fatalf("%v, %v, %+v", changed, err, x.Agreement)
	}
	if changed, err := x.Agree(programme.Client, "We begin on time", time.Time{}, noon.Add(time.Hour)); err != nil || changed || !x.Agreement.At.Equal(noon) {
		t.Errorf("pressed twice: %v, %v, %+v", changed, err, x.Agreement)
	}
	if _, err := x.Agree(programme.Consultant, "No phones", time.Time{}, noon.Add(time.Hour)); !invalid(err, "agreement") || x.Agreement.Text != "We begin on time" {
		t.Errorf("unread: %v, %+v", err, x.Agreement)
	}
	if _, err := x.Agree(programme.Consultant, strings.Repeat("é", MaxText+1), noon, noon); !invalid(err, "agreement") {
		t.Errorf("too long: %v", err)
	}
	if changed, err := x.Agree(programme.Consultant, "On time, no phones", noon, noon.Add(time.Hour)); err != nil || !changed {
		t.Errorf("read: %v, %v", changed, err)
	}
	x.State = Stopped
	if _, err := x.Agree(programme.Client, "After the end", x.Agreement.At, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("after the end: %v", err)
	}
}
