package questionnaire

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// A person has one id for each use and moment, in whichever role, and another under another
// key; nobody else has it.
func TestPseudonymsAreOnesOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32)
		p, other := NewPseudonyms(key.Draw(t, "key")), NewPseudonyms(key.Draw(t, "another key"))
		person := rapid.StringMatching(`[a-z0-9]{1,26}`)
		ids := func(p Pseudonyms, of string) []string {
			all := []string{p.Respondent(of), p.Agreed(of)}
			for _, m := range programme.Moments {
				all = append(all, p.Response(of, m), p.Saved(of, m), p.Rewritten(p.Response(of, m)))
			}
			return all
		}
		a, b := person.Draw(t, "a"), person.Draw(t, "b")
		if x, y := strings.Join(ids(p, a+"-seek"), " "), strings.Join(ids(p, a+"-offer"), " "); x != y {
			t.Fatalf("in one role %s, in the other %s", x, y)
		}
		seen := map[string]bool{}
		all := ids(p, a)
		if a != b {
			all = append(all, ids(p, b)...)
		}
		for _, id := range append(all, ids(other, a)...) {
			if seen[id] || strings.Contains(id, a) && len(a) > 4 {
				t.Fatalf("%s is there twice, or tells who it is", id)
			}
			seen[id] = true
		}
	})
}

// The closing questionnaire comes with the end of the last pairing, to whoever has met.
func TestAskedAtTheEndOfTheLastPairing(t *testing.T) {
	t.Parallel()
	active, stopped := &pairing.Pairing{State: pairing.Active, Held: 1}, &pairing.Pairing{State: pairing.Stopped}
	met, completed := &pairing.Pairing{State: pairing.Stopped, Held: 1}, &pairing.Pairing{State: pairing.Completed}
	for name, row := range map[string]struct {
		all  []*pairing.Pairing
		want bool
	}{
		"none":                             {nil, false},
		"one that goes on":                 {[]*pairing.Pairing{active}, false},
		"one that goes on beside another":  {[]*pairing.Pairing{completed, active}, false},
		"one without a session":            {[]*pairing.Pairing{stopped}, false},
		"one with a session":               {[]*pairing.Pairing{met}, true},
		"the last of two without":          {[]*pairing.Pairing{met, stopped}, true},
		"one that is completed by staff":   {[]*pairing.Pairing{completed}, true},
		"two without a session":            {[]*pairing.Pairing{stopped, stopped}, false},
		"two that both met, and are ended": {[]*pairing.Pairing{met, completed}, true},
	} {
		if got := AtTheEnd(row.all); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Who has answered is marked once a day, before the hour in which people are first written
// to; and it is known to be so on that day alone.
func TestMarkedOnceADayBeforeReminders(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Zone: "Europe/London", Cadence: programme.Cadence{Opens: 9, Closes: 17}}
	london := p.Location()
	m := new(Marks)
	for _, row := range []struct {
		at   string
		due  string
		made bool
	}{
		{"2027-03-01 07:59", "", false}, {"2027-03-01 08:00", "2027-03-01", true}, {"2027-03-01 08:15", "", true}, {"2027-03-01 23:59", "", true},
		{"2027-03-02 00:00", "", false}, {"2027-03-02 12:00", "2027-03-02", true}, {"2027-03-09 08:00", "2027-03-09", true},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", row.at, london)
		if err != nil {
			t.Fatal(err)
		}
		due := m.Due(p, at)
		if due != "" {
			m.Day = due
		}
		if due != row.due || m.Made(p, at) != row.made {
			t.Errorf("at %s: due %q, made %v", row.at, due, m.Made(p, at))
		}
	}
}

// Moments close on their days, and the key goes once both have closed and its own day has come.
func TestMomentsCloseAndTheKeyGoes(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Zone: "Europe/London", Dates: programme.Dates{Starts: "2027-01-11", Ends: "2027-10-29"},
		Questionnaires: programme.Questionnaires{Closes: programme.Closes{Baseline: "2027-03-31"}}}
	at := func(day string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, day, p.Location())
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	m := new(Marks)
	for _, row := range []struct {
		day     string
		closing string
		forget  bool
	}{
		{"2027-03-31", "", false}, {"2027-04-01", "baseline", false}, {"2027-11-26", "", false}, {"2027-11-27", "closing", false},
		{"2028-10-29", "", false}, {"2028-10-30", "", true}, {"2029-10-30", "", true},
	} {
		var closing []string
		for _, moment := range m.ToClose(p, at(row.day)) {
			closing = append(closing, string(moment))
			m.Closed = append(m.Closed, moment)
		}
		if got := strings.Join(closing, " "); got != row.closing || m.ToForget(p, at(row.day)) != row.forget {
			t.Errorf("%s: closes %q, forgets %v", row.day, got, m.ToForget(p, at(row.day)))
		}
	}
	if late := new(Marks); late.ToForget(p, at("2030-01-01")) {
		t.Error("the key goes before the moments have closed, whose answers it finds")
	}
	if late := (&Marks{Closed: programme.Moments, Anonymous: true}); late.ToForget(p, at("2030-01-01")) {
		t.Error("the key goes twice")
	}
	if without := new(Marks); without.ToClose(&programme.Programme{}, at("2030-01-01")) != nil {
		t.Error("a programme without dates closes")
	}
}

// What was written in somebody's own words goes, and what was chosen stays.
func TestOwnWordsAreForgotten(t *testing.T) {
	t.Parallel()
	d := load(t, "baseline-1")
	answers := map[string]string{"time": "3", "hope": "To sleep", "dropped": "what was asked before"}
	if changed := d.Forget(answers); !changed || len(answers) != 1 || answers["time"] != "3" {
		t.Errorf("%v, %v", changed, answers)
	}
	if d.Forget(answers) {
		t.Error("there is nothing left to forget")
	}
}

// Settings that name a questionnaire which is not there say so, and which are.
func TestProgrammeNamesQuestionnairesThatAreThere(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Questionnaires: programme.Questionnaires{Baseline: "baseline-1", Closing: "closing-9"}}
	err := Check(p)
	for _, want := range []string{"questionnaires.closing", `"closing-9"`, "baseline-1, closing-1", "name one of"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	p.Questionnaires.Closing = "closing-1"
	if err := Check(p); err != nil {
		t.Error(err)
	}
}

// A secret knows the tombstones that it was told of, however often and in which order, and
// no others.
func TestSecretKnowsWhatWasBuried(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z2-7]{26}`), rapid.ID[string]).Draw(t, "ids")
		told := rapid.IntRange(0, len(ids)).Draw(t, "told")
		s := &Secret{Value: "ab"}
		for range 2 {
			for _, id := range ids[:told] {
				s.Bury(id)
			}
		}
		for i, id := range ids {
			if s.Knows(id) != (i < told) {
				t.Errorf("of %d told, number %d is known: %v", told, i, s.Knows(id))
			}
		}
		if m := new(Marks); s.Behind(m, told, false) || !s.Behind(m, told+1, false) {
			t.Errorf("behind %v with as many, %v with one more", s.Behind(m, told, false), s.Behind(m, told+1, false))
		}
	})
}

// An invitation's id tells its person the moment, in whichever role; and nobody else, and nothing
// where it is none that is made today.
func TestInvitationTellsItsMoment(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{}
	for _, m := range programme.Moments {
		i := Invite(p, &enrolment.Enrolment{ID: "alex-seek"}, m, "pair", time.Now())
		for of, want := range map[string]programme.Moment{"alex-seek": m, "alex-offer": m, "alex": m, "zoe-seek": "", "": ""} {
			if got := MomentOf(i.ID, of); got != want {
				t.Errorf("the invitation to %s of %q is at %q, want %q", m, of, got, want)
			}
		}
	}
	if got := MomentOf("pair-closing", "alex-seek"); got != "" {
		t.Errorf("one of a version before is at %q", got)
	}
}
