package onward

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var noon = time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)

func preset(t testing.TB, name string) *programme.Programme {
	t.Helper()
	p, err := programme.Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Hours are of the sessions that were held, whatever else was booked, and contacts are none.
func TestHoursAreOfWhatWasHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []Work
		var want Hours
		for range rapid.IntRange(0, 3).Draw(t, "pairings") {
			w, held := Work{Role: programme.Consultant, Notebook: &pairing.Notebook{}}, 0
			for range rapid.IntRange(0, 5).Draw(t, "sessions") {
				s := &pairing.Session{State: rapid.SampledFrom([]pairing.SessionState{pairing.Booked, pairing.Held, pairing.NotHeld, pairing.Disputed, pairing.Cancelled}).Draw(t, "state"),
					Minutes: rapid.IntRange(15, 240).Draw(t, "minutes"), StartsAt: noon.AddDate(0, 0, rapid.IntRange(-90, 90).Draw(t, "day"))}
				if w.Sessions = append(w.Sessions, s); s.State != pairing.Held {
					continue
				}
				held++
				want.Minutes += s.Minutes
				if want.From.IsZero() || s.StartsAt.Before(want.From) {
					want.From = s.StartsAt
				}
				if s.StartsAt.After(want.To) {
					want.To = s.StartsAt
				}
			}
			if want.Sessions += held; held > 0 {
				want.Pairings++
			}
			for range rapid.IntRange(0, 3).Draw(t, "calls") {
				w.Notebook.FollowUps = append(w.Notebook.FollowUps, pairing.FollowUpEntry{How: pairing.PhoneChannel})
				want.Calls++
			}
			all = append(all, w)
		}
		if got := Given(all); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestStatementSaysTheTraining(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Training: 12}
	e := &enrolment.Enrolment{Role: programme.Consultant, State: enrolment.Confirmed}
	if StatementOf(p, e, nil).Says() {
		t.Error("a statement of nothing")
	}
	if err := e.Prepare(enrolment.Readiness{Trained: true}, "robin", noon); err != nil {
		t.Fatal(err)
	}
	_ = e.Prepare(enrolment.Readiness{Trained: true, Workshop: true}, "robin", noon.AddDate(0, 1, 0))
	if h := StatementOf(p, e, nil); !h.Says() || !h.Trained || !h.TrainedAt.Equal(noon) || h.Training != 12 {
		t.Errorf("%+v", h)
	}
	_ = e.Prepare(enrolment.Readiness{}, "robin", noon)
	if h := StatementOf(p, e, nil); h.Says() || h.Training != 0 || !e.TrainedAt.IsZero() {
		t.Errorf("taken back: %+v", h)
	}
}

func TestTimeInWords(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]string{0: "0 minutes", 1: "1 minute", 60: "1 hour", 61: "1 hour 1 minute", 210: "3 hours 30 minutes"} {
		if got := Long(minutes); got != want {
			t.Errorf("%d: %q, want %q", minutes, got, want)
		}
	}
}

// The letter before has the programme's hours and what they cost, in the programme's words alone.
func TestLetterBefore(t *testing.T) {
	t.Parallel()
	p := preset(t, "pilot-2016")
	p.Terms = programme.Terms{Client: programme.Term{Article: "a", Singular: "zworp", Plural: "zworps"}, Consultant: programme.Term{Article: "an", Singular: "ublick", Plural: "ublicks"}}
	p.Dates, p.Home, p.Training = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}, programme.Home{Time: "Half a day of preparation"}, 12
	p.Cost = "Nothing"
	e := &enrolment.Enrolment{Role: programme.Client, Person: enrolment.Person{Name: "Alex Sample"}, Hopes: "To see further."}
	got := Before(p, e)
	for _, says := range []string{"as a zworp", "at least 2 meetings", "11 January 2027 to 17 December 2027", "Half a day of preparation.", "What it costs: Nothing.", "protected", "To see further.", "Alex Sample"} {
		if !strings.Contains(got.Text, says) {
			t.Errorf("it does not say %q:\n%s", says, got.Text)
		}
	}
	if strings.Contains(got.Text, "client") || strings.Contains(got.Text, "consultant") || strings.Contains(got.Text, "training") {
		t.Errorf("words of another programme or role:\n%s", got.Text)
	}
	e.Role, e.Hopes, p.Home, p.Dates, p.Cost = programme.Consultant, "", programme.Home{}, programme.Dates{}, ""
	got = Before(p, e)
	for _, says := range []string{"as an ublick", "with each zworp", "12 hours of training", "What it costs our organisation is this time of mine."} {
		if !strings.Contains(got.Text, says) {
			t.Errorf("it does not say %q:\n%s", says, got.Text)
		}
	}
	if strings.Contains(got.Text, "hope for") || strings.Contains(got.Text, "runs from") {
		t.Errorf("it says what nobody said:\n%s", got.Text)
	}
}

// The summary is of one's own words: a client's decisions are theirs, and a consultant's log of
// what the client decided is not told to the consultant's chair.
func TestSummaryAfterwards(t *testing.T) {
	t.Parallel()
	p := preset(t, "pilot-2016")
	held, not := &pairing.Session{ID: "s", State: pairing.Held, Minutes: 90, StartsAt: noon}, &pairing.Session{ID: "u", State: pairing.NotHeld, Minutes: 60, StartsAt: noon}
	work := []Work{{Role: programme.Client, Sessions: []*pairing.Session{held, not}, Notebook: &pairing.Notebook{FollowUps: []pairing.FollowUpEntry{{How: pairing.PhoneChannel}}},
		Logs:   []*pairing.Log{{Session: "s", Topic: "board", Next: "Ask the chair", Learnt: "To wait", Surfaced: "canary", Helps: "canary", Change: "canary", Note: "canary"}, {Session: "u", Next: "canary"}},
		Ending: &pairing.Ending{Takes: "A plan", Got: "Calm", Thanks: "canary"}}}
	e := &enrolment.Enrolment{Role: programme.Client, Person: enrolment.Person{Name: "Alex Sample"}}
	got := After(p, e, work).Text
	for _, says := range []string{"1 session, 1 hour 30 minutes in all", "1 contact by email or phone", p.SkillName("board"), "– Ask the chair", "– To wait", "– A plan", "– Calm", "Alex Sample"} {
		if !strings.Contains(got, says) {
			t.Errorf("it does not say %q:\n%s", says, got)
		}
	}
	work[0].Role = programme.Consultant
	if other := After(p, e, work).Text; strings.Contains(got+other, "canary") || strings.Contains(other, "Ask the chair") {
		t.Errorf("it says what is not for the chair:\n%s", other)
	}
	if empty := After(p, e, nil).Text; strings.Contains(empty, "decided") || !strings.Contains(empty, "0 sessions") {
		t.Errorf("of nothing:\n%s", empty)
	}
}
