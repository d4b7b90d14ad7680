package message

import (
	"slices"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/devicecode"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Nothing goes to anyone who has left, but what tells them so, takes something back or is about
// what is held of them;
// nobody is told to choose who cannot.
func TestNothingGoesToWhoHasLeft(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, m := range kinds {
		if ForStaff(m.Kind) {
			continue
		}
		about := Subject{Person: &enrolment.Enrolment{State: enrolment.Withdrawn, Role: programme.Client}, Claim: new(enrolment.Claim)}
		why := Unwanted(&outbox.Message{Kind: m.Kind, Code: "042817"}, about, now)
		if (why == "") != slices.Contains([]outbox.Kind{KindHasLeft, KindAddressTaken, KindSessionCancelled, KindDeviceCode, KindYourData, KindConfirmErasure, KindErasureConfirmed, KindErasureAskedFor}, m.Kind) {
			t.Errorf("%s: %q", m.Kind, why)
		}
	}
	for state, wanted := range map[enrolment.State]bool{enrolment.Ready: true, enrolment.Confirmed: false} {
		if why := Unwanted(&outbox.Message{Kind: KindChooseNow}, Subject{Person: &enrolment.Enrolment{State: state}}, now); (why == "") != wanted {
			t.Errorf("choose-now to somebody %s: %q", state, why)
		}
	}
}

func TestNobodyIsAskedHowTheyStartedAfterTheEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, kind := range []outbox.Kind{KindQuestionnaireInvited, KindQuestionnaireWaits} {
		for _, row := range []struct {
			moment programme.Moment
			state  pairing.State
			wanted bool
		}{
			{programme.Baseline, pairing.Active, true}, {programme.Baseline, pairing.Completed, false},
			{programme.Closing, pairing.Active, true}, {programme.Closing, pairing.Completed, true},
		} {
			about := Subject{Pairing: &pairing.Pairing{State: row.state}, Invitation: &questionnaire.Invitation{Moment: row.moment}}
			if why := Unwanted(&outbox.Message{Kind: kind}, about, now); (why == "") != row.wanted {
				t.Errorf("%s of the %s, the pairing %s: %q", kind, row.moment, row.state, why)
			}
		}
	}
}

// A code is told while it is good, and its email is not tried again without it.
func TestCodeIsToldWhileItIsGood(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	about := Subject{Person: &enrolment.Enrolment{State: enrolment.Ready}}
	m := DeviceCode(&programme.Programme{ID: "pilot"}, "alex-seek", programme.Client, "NONCE", "042817", now)
	for after, want := range map[time.Duration]string{0: "", devicecode.Life - 1: "", devicecode.Life: "it is too late for it"} {
		if why := Unwanted(&m, about, now.Add(after)); why != want {
			t.Errorf("after %v: %q", after, why)
		}
	}
	m.PutAside("refused for good")
	if why := Unwanted(&m, about, now); why != "its code is gone" {
		t.Errorf("tried again: %q", why)
	}
}
