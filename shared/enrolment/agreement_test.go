package enrolment

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/privacy"
)

// Whatever is given and taken back in whatever order, the last word holds, with its date;
// and nothing is agreed to that needs no consent.
func TestLastWordHolds(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		e, agrees, given := new(Enrolment), false, time.Time{}
		for i := range rapid.IntRange(0, 12).Draw(t, "steps") {
			now := start.Add(time.Duration(i) * time.Hour)
			if rapid.Bool().Draw(t, "give") {
				if e.AgreeTo(privacy.Interview, "v", now) == agrees {
					t.Fatal("it is not said whether anything changed")
				}
				if !agrees {
					agrees, given = true, now
				}
			} else {
				if e.TakeBack(privacy.Interview, now) != agrees {
					t.Fatal("it is not said whether anything changed")
				}
				if agrees {
					if a := e.Agreement(privacy.Interview); !a.Withdrawn.Equal(now) || !a.Given.Equal(given) {
						t.Fatalf("%+v", a)
					}
				}
				agrees = false
			}
			if e.AgreeTo(privacy.TakingPart, "v", now) || e.AgreeTo("nothing", "v", now) || len(e.Agreements) > 1 {
				t.Fatalf("%+v", e.Agreements)
			}
			if a := e.Agreement(privacy.Interview); e.Agrees(privacy.Interview) != agrees || agrees && !a.Given.Equal(given) {
				t.Fatalf("agrees %v: %+v", agrees, a)
			}
		}
	})
}

func TestWhatAFormBrings(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)
	if got := Agreed(Form{}, "v", now); len(got) > 0 {
		t.Errorf("nothing was ticked: %+v", got)
	}
	if got := Agreed(Form{Agrees: []string{"interview", "taking-part", "nonsense"}}, "v", now); len(got) != 1 || got[0] != (Agreement{Purpose: privacy.Interview, Version: "v", Given: now}) {
		t.Errorf("%+v", got)
	}
}

func TestWhoIsAskedAnew(t *testing.T) {
	t.Parallel()
	n := &privacy.Notice{Version: "2027-01", Facts: "abc"}
	for _, row := range []struct {
		Consent
		agreed bool
	}{
		{Consent{}, true}, {Consent{Version: "2027-01"}, true}, {Consent{Version: "2027-01", Facts: "abc"}, true},
		{Consent{Version: "2027-01", Facts: "xyz"}, false}, {Consent{Version: "2026-11"}, false}, {Consent{Version: "2026-11", Facts: "abc"}, false},
	} {
		e := &Enrolment{Consent: row.Consent}
		if e.HasAgreed(n) != row.agreed {
			t.Errorf("%+v: agreed %v", row.Consent, !row.agreed)
		}
		e.AgreeToNotice(n, time.Unix(1, 0))
		if !e.HasAgreed(n) || e.Consent.Version != "2027-01" || e.Consent.Facts != "abc" || e.Consent.At.IsZero() {
			t.Errorf("%+v", e.Consent)
		}
	}
}
