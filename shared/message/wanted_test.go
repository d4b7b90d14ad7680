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
		if (why == "") != slices.Contains([]outbox.Kind{KindHasLeft, KindAddressTaken, KindSessionCancelled, KindDeviceCode, KindYourData, KindConfirmErasure, KindErasureConfirmed, KindErasureAskedFor, KindSealedLetterBack}, m.Kind) {
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

// Times are told of until they are answered or over; and who has proposed some is not asked to
// book meanwhile.
func TestTimesAreToldUntilTheyAreAnswered(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	proposed := pairing.Proposal{ID: "t", By: programme.Client, Times: []time.Time{now.AddDate(0, 0, 3)}, Minutes: 60, Place: "York"}
	for name, row := range map[string]struct {
		kind outbox.Kind
		role programme.Role
		pair pairing.Pairing
		sent bool
	}{
		"to be picked":             {KindTimesProposed, programme.Consultant, pairing.Pairing{State: pairing.Active, Proposal: proposed}, true},
		"answered":                 {KindTimesProposed, programme.Consultant, pairing.Pairing{State: pairing.Active}, false},
		"one's own":                {KindTimesProposed, programme.Client, pairing.Pairing{State: pairing.Active, Proposal: proposed}, false},
		"at the end":               {KindTimesProposed, programme.Consultant, pairing.Pairing{State: pairing.Stopped, Proposal: proposed}, false},
		"asked to book, to pick":   {KindBookSession, programme.Consultant, pairing.Pairing{State: pairing.Active, Proposal: proposed}, true},
		"asked to book, to wait":   {KindBookSession, programme.Client, pairing.Pairing{State: pairing.Active, Proposal: proposed}, false},
		"in contact before":        {KindFollowUp, programme.Consultant, pairing.Pairing{State: pairing.Active, FollowedOn: now.AddDate(0, 0, -1)}, true},
		"in contact since":         {KindFollowUp, programme.Consultant, pairing.Pairing{State: pairing.Active, FollowedOn: now.AddDate(0, 0, 1)}, false},
		"asked to book, of nobody": {KindBookSession, programme.Client, pairing.Pairing{State: pairing.Active}, true},
	} {
		if why := Unwanted(&outbox.Message{Kind: row.kind, Role: row.role}, Subject{Pairing: &row.pair, Session: &pairing.Session{StartsAt: now, Minutes: 60}}, now); (why == "") != row.sent {
			t.Errorf("%s: %q", name, why)
		}
		if why := Unwanted(&outbox.Message{Kind: row.kind, Role: row.role}, Subject{Pairing: &row.pair}, now.AddDate(0, 0, 4)); row.kind == KindTimesProposed && why == "" {
			t.Errorf("%s, once it is over: it is sent", name)
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
