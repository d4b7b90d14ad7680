package supervision

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// wrong are the inputs that an error lists, with their messages.
func wrong(t testing.TB, err error) map[string]string {
	t.Helper()
	var invalid *fault.Invalid
	if err != nil && !errors.As(err, &invalid) {
		t.Fatalf("%v is not a list of fields", err)
	}
	found := map[string]string{}
	if invalid != nil {
		for _, f := range invalid.Fields {
			found[f.Name] = f.Message
		}
	}
	return found
}

func TestNew(t *testing.T) {
	t.Parallel()
	s, err := New("robin", Form{" Robin  Sample ", " Robin@EXAMPLE.org ", 8}, noon)
	want := Supervisor{ID: "robin", Name: "Robin Sample", Email: "Robin@example.org", Capacity: 8, Schema: 1, CreatedAt: noon, UpdatedAt: noon}
	if err != nil || *s != want {
		t.Errorf("%+v, %v", s, err)
	}
	for _, row := range []struct {
		f    Form
		says map[string]string
	}{
		{Form{"", "", -1}, map[string]string{"name": "full name", "email": "email address", "capacity": "0 to 500"}},
		{Form{strings.Repeat("x", 101), "robin@example.org", 501}, map[string]string{"name": "100 characters", "capacity": "0 to 500"}},
		{Form{"Robin\u202eSample", "robin@example.org\nBcc: sam@example.org", 1}, map[string]string{"name": "special codes", "email": "correct format"}},
		{Form{"7", "robin", 1}, map[string]string{"name": "letters", "email": "correct format"}},
	} {
		s, err := New("robin", row.f, noon)
		found := wrong(t, err)
		if s != nil || !slices.Equal(slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(row.says))) {
			t.Errorf("%+v: %v, %v", row.f, s, found)
		}
		for name, says := range row.says {
			if !strings.Contains(found[name], says) {
				t.Errorf("%+v: %s: %q", row.f, name, found[name])
			}
		}
	}
}

func TestCapacityIsNotLoweredBelowTheCaseload(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		was, caseload, to int
		ok                bool
	}{
		{8, 0, 0, true}, {8, 3, 3, true}, {8, 3, 2, false}, {8, 3, 0, false}, {8, 3, 12, true},
		// One who is over it already is not made worse, and need not be better at once.
		{2, 3, 2, true}, {2, 3, 1, false}, {2, 3, 3, true},
	} {
		s := &Supervisor{Name: "Robin Sample", Email: "robin@example.org", Capacity: row.was}
		err := s.Change(Form{"Robin Example", "robin@example.org", row.to}, row.caseload, noon)
		if (err == nil) != row.ok {
			t.Errorf("%+v: %v", row, err)
		}
		if err != nil && (s.Capacity != row.was || s.Name != "Robin Sample" || !strings.Contains(wrong(t, err)["capacity"], fmt.Sprint(row.caseload, " pairings"))) {
			t.Errorf("%+v: %+v, %v", row, s, wrong(t, err))
		}
	}
}

func TestCaseloads(t *testing.T) {
	t.Parallel()
	match := func(client, consultant string, state pairing.MatchState) *pairing.Match {
		return &pairing.Match{Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}, State: state}
	}
	matches, pairings := []*pairing.Match{
		match("a", "y", pairing.Proposed), match("b", "y", pairing.Released), match("c", "z", pairing.Accepted), match("d", "z", pairing.Accepted),
		match("e", "z", pairing.Declined), match("f", "x", pairing.Declined), match("g", "w", ""), // read by ids alone
	}, []*pairing.Pairing{{Client: "c", Consultant: "z", State: pairing.Active}, {Client: "d", Consultant: "z", State: pairing.Completed}}
	open := Open(matches, pairings)
	if want := map[string]int{"y": 2, "z": 1, "w": 1}; !maps.Equal(open, want) {
		t.Errorf("open %v, want %v", open, want)
	}
	people := []*enrolment.Enrolment{
		{ID: "w"}, {ID: "x", Supervisor: "robin"}, {ID: "y", Supervisor: "robin"}, {ID: "z", Supervisor: "robin"}, {ID: "v", Supervisor: "kit"},
	}
	if got, want := Caseloads(people, open), map[string]int{"robin": 3, "kit": 0}; !maps.Equal(got, want) {
		t.Errorf("caseloads %v, want %v", got, want)
	}
	supervisors := []*Supervisor{{ID: "robin", Capacity: 8}, {ID: "kit", Capacity: 1}, {ID: "sage", Capacity: 0}, {ID: "tatum", Capacity: 2}}
	if got, want := Room(supervisors, people, matches, pairings), map[string]int{"robin": 5, "kit": 1, "sage": 0, "tatum": 2}; !maps.Equal(got, want) {
		t.Errorf("room %v, want %v", got, want)
	}
	supervisors[0].Capacity = 2 // lowered by other means than the desk's
	if got := Room(supervisors, people, matches, pairings)["robin"]; got != 0 {
		t.Errorf("there is room for %d more", got)
	}
}

// Whatever is assigned and changed in whatever order, nobody with open pairings is
// without a supervisor, and no supervisor is over their capacity.
func TestNobodyIsOverCapacityOrAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		supervisors := map[string]*Supervisor{}
		for _, id := range []string{"kit", "robin"} {
			supervisors[id] = &Supervisor{ID: id, Name: id, Email: id + "@example.org", Capacity: rapid.IntRange(0, 5).Draw(t, "capacity")}
		}
		var people []*enrolment.Enrolment
		open := map[string]int{}
		for _, id := range []string{"x", "y", "z"} {
			people = append(people, &enrolment.Enrolment{ID: id})
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			e := rapid.SampledFrom(people).Draw(t, "person")
			loads := Caseloads(people, open)
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0: // assigned
				s := supervisors[rapid.SampledFrom([]string{"", "kit", "robin"}).Draw(t, "supervisor")]
				id := ""
				if s != nil {
					id = s.ID
				}
				if id != e.Supervisor && Assign(s, loads[id], open[e.ID]) == nil {
					e.Supervisor = id
				}
			case 1: // matched, as matching does within what is left
				if s := supervisors[e.Supervisor]; s != nil && s.Left(loads[s.ID]) > 0 {
					open[e.ID]++
				}
			case 2: // completed
				open[e.ID] = max(0, open[e.ID]-1)
			case 3:
				s := supervisors[rapid.SampledFrom([]string{"kit", "robin"}).Draw(t, "changed")]
				_ = s.Change(Form{s.Name, s.Email, rapid.IntRange(0, 5).Draw(t, "to")}, loads[s.ID], noon)
			}
			loads = Caseloads(people, open)
			for id, s := range supervisors {
				if loads[id] > s.Capacity {
					t.Fatalf("%s has %d of %d", id, loads[id], s.Capacity)
				}
			}
			for _, e := range people {
				if open[e.ID] > 0 && e.Supervisor == "" {
					t.Fatalf("%s has pairings and no supervisor", e.ID)
				}
			}
		}
	})
}
