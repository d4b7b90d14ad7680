package evaluation

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

func compared(t testing.TB) []questionnaire.Question {
	t.Helper()
	before, err := questionnaire.Load("baseline-1")
	if err != nil {
		t.Fatal(err)
	}
	after, err := questionnaire.Load("closing-1")
	if err != nil {
		t.Fatal(err)
	}
	return Questions(before, after)
}

func TestComparedAreTheScalesOfBothMoments(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, q := range compared(t) {
		ids = append(ids, q.ID)
	}
	if want := strings.Fields("time confidence style strategy conversations issues board peers questions partners"); !slices.Equal(ids, want) {
		t.Errorf("%q", ids)
	}
}

// A person in both roles, with several matches and pairings, is one, as far as they came.
func TestReachedCountsAPersonOnce(t *testing.T) {
	t.Parallel()
	both := []string{enrolment.ID("salt", programme.Client, "a@example.org"), enrolment.ID("salt", programme.Consultant, "a@example.org")}
	state := func(id string, s enrolment.State) *enrolment.Enrolment { return &enrolment.Enrolment{ID: id, State: s} }
	got := Reached([]*enrolment.Enrolment{
		state(both[0], enrolment.Confirmed), state(both[1], enrolment.Ready), state("b", enrolment.Confirmed), state("c", enrolment.Unconfirmed),
		state("d", enrolment.Withdrawn), state("e", enrolment.Withdrawn), state("f", enrolment.Ready), state("g", enrolment.Ready), state("h", enrolment.Ready),
	}, []Pair{{Client: "e", Consultant: "f"}, {Client: "g", Consultant: "h"}}, []Pair{{Client: "e", Consultant: "f", Held: true}, {Client: "g", Consultant: "f"}, {Client: "h", Consultant: "e", Held: true, Completed: true}})
	steps := map[string]int{}
	for _, r := range got {
		steps[r.ID] = r.Step
	}
	want := map[string]int{enrolment.PersonOf(both[0]): 1, "b": 0, "e": 5, "f": 4, "g": 3, "h": 5}
	if !reflect.DeepEqual(steps, want) || len(got) != len(want) {
		t.Errorf("%v, want %v", steps, want)
	}
}

func answers(value string, but ...string) map[string]string {
	all := map[string]string{"hope": "a secret hope"}
	for _, id := range strings.Fields("time confidence style strategy conversations issues board peers questions partners") {
		if !slices.Contains(but, id) {
			all[id] = value
		}
	}
	return all
}

// What is compared is of the same person, at both moments, and complete.
func TestAnsweredJoinsBothMoments(t *testing.T) {
	t.Parallel()
	var responses []*questionnaire.Response
	add := func(who string, m programme.Moment, given map[string]string) {
		responses = append(responses, &questionnaire.Response{Respondent: who, Role: programme.Client, Moment: m, Answers: given})
	}
	add("both", programme.Closing, answers("4"))
	add("both", programme.Baseline, answers("2"))
	add("start", programme.Baseline, answers("3"))
	add("end", programme.Closing, answers("3"))
	add("gap", programme.Baseline, answers("3", "peers"))
	add("gap", programme.Closing, answers("3"))
	broken := answers("3")
	broken["peers"] = "6"
	add("broken", programme.Baseline, broken)
	got := map[string]string{}
	for _, a := range Answered(compared(t), responses) {
		got[a.ID] = fmt.Sprintf("%s %d %d", a.Role, len(a.Start), len(a.End))
		if a.ID == "both" && (a.Start[0] != 2 || a.End[9] != 4) {
			t.Errorf("%+v", a)
		}
	}
	want := map[string]string{"both": "client 10 10", "start": "client 10 0", "end": "client 0 10", "gap": "client 0 10", "broken": "client 0 0"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A basis gives back who stood behind what, and is in no order but that of the hashes.
func TestBasisIsReadAsItWasMade(t *testing.T) {
	t.Parallel()
	mark := func(id string) (n uint64) {
		for _, c := range []byte(id) {
			n = n*1_000_003 + uint64(c)
		}
		return n
	}
	rapid.Check(t, func(t *rapid.T) {
		behind := disclosure.Behind{}
		for _, name := range []string{"Enrolled", "start/client", "change/consultant"} {
			for i := range rapid.IntRange(0, 30).Draw(t, "people") {
				behind[name] = append(behind[name], fmt.Sprint("person ", i*3))
			}
		}
		b := NewBasis(behind, mark, time.Time{})
		past, err := Past([]*Release{{Release: disclosure.Release{Number: 1}}}, []*Basis{b}, mark)
		if err != nil {
			t.Fatal(err)
		}
		for name, ids := range behind {
			if len(past[0].Behind[name]) != len(ids) {
				t.Fatalf("%s: %d of %d", name, len(past[0].Behind[name]), len(ids))
			}
			for _, id := range ids {
				if !past[0].Behind[name][mark(id)] {
					t.Fatalf("%s lacks %s", name, id)
				}
			}
		}
	})
}

// No release is made of a history that is not whole: it would count too many changes.
func TestBrokenHistoryIsRefused(t *testing.T) {
	t.Parallel()
	release := func(n int) *Release { return &Release{Release: disclosure.Release{Number: n}} }
	for name, row := range map[string]struct {
		releases []*Release
		bases    []*Basis
	}{
		"a basis is missing":           {[]*Release{release(1), release(2)}, []*Basis{{}}},
		"a release is":                 {[]*Release{release(2)}, []*Basis{{}}},
		"a basis is cut off":           {[]*Release{release(1)}, []*Basis{{Members: make([]byte, 15)}}},
		"nothing is known of who left": {[]*Release{release(1)}, []*Basis{{Figures: []string{"Ready"}}}},
		"it has too many of them":      {[]*Release{release(1)}, []*Basis{{Figures: make([]string, 17)}}},
	} {
		if _, err := Past(row.releases, row.bases, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReleaseIsOwedOnceAMomentHasClosed(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Zone: "Europe/London", Dates: programme.Dates{Starts: "2026-11-02", Ends: "2027-07-30"},
		Questionnaires: programme.Questionnaires{Closes: programme.Closes{Baseline: "2027-01-31", Closing: "2027-08-27"}}}
	of := func(m programme.Moment) *Release { return &Release{Release: disclosure.Release{Moment: m}} }
	for _, row := range []struct {
		now    string
		before []*Release
		moment programme.Moment
		owed   bool
	}{
		{"2027-01-31T23:59:59Z", nil, "", false},
		{"2027-02-01T00:00:00Z", nil, programme.Baseline, true},
		{"2027-02-01T00:00:00Z", []*Release{of(programme.Baseline)}, programme.Baseline, false},
		{"2027-08-27T22:59:59Z", []*Release{of(programme.Baseline)}, programme.Baseline, false},
		{"2027-08-27T23:00:00Z", []*Release{of(programme.Baseline)}, programme.Closing, true},
		{"2027-08-27T23:00:00Z", nil, programme.Closing, true},
		{"2028-08-27T23:00:00Z", []*Release{of(programme.Baseline), of(programme.Closing)}, programme.Closing, false},
	} {
		now, err := time.Parse(time.RFC3339, row.now)
		if err != nil {
			t.Fatal(err)
		}
		if m, owed := Owed(p, row.before, now); m != row.moment || owed != row.owed {
			t.Errorf("%s after %d: %q, %v", row.now, len(row.before), m, owed)
		}
	}
	if m, owed := Owed(&programme.Programme{Zone: "UTC"}, nil, time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)); m != "" || owed {
		t.Errorf("without dates: %q, %v", m, owed)
	}
}

// Who is forgotten leaves no hash behind, and counts as one who left.
func TestForgottenLeaveNoHash(t *testing.T) {
	t.Parallel()
	mark := func(id string) uint64 { return uint64(len(id)) << 32 }
	b := NewBasis(disclosure.Behind{"Ready": {"a", "bb", "ccc"}, "Paired": {"bb"}}, mark, time.Time{})
	these := func(ids ...string) func(uint64) bool {
		return func(hash uint64) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return mark(id) == hash })
		}
	}
	if b.Forget(these("dddd")) || !b.Forget(these("bb", "eeeee")) || b.Forget(these("bb")) {
		t.Error("it forgets somebody else, or nobody")
	}
	past, err := Past([]*Release{{Release: disclosure.Release{Number: 1}}}, []*Basis{b}, mark)
	if err != nil {
		t.Fatal(err)
	}
	if got := past[0].Behind; len(b.Members) != 20 || len(got["Ready"]) != 3 || len(got["Paired"]) != 1 || got["Ready"][mark("bb")] || !got["Ready"][mark("ccc")] {
		t.Errorf("%v", got)
	}
}
