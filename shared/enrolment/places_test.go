package enrolment

import (
	"errors"
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestRoom(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		e    Enrolment
		want error
	}{
		{"ready with a place", Enrolment{State: Ready, Capacity: 1}, nil},
		{"one place left", Enrolment{State: Ready, Capacity: 2, Places: []string{"n"}}, nil},
		{"has it already", Enrolment{State: Ready, Capacity: 1, Places: []string{"m"}}, nil},
		{"has it, and is ready no more", Enrolment{State: Confirmed, Capacity: 1, Places: []string{"m"}}, nil},
		{"not ready", Enrolment{State: Confirmed, Capacity: 1}, ErrNotReady},
		{"not confirmed", Enrolment{State: Unconfirmed, Capacity: 1}, ErrNotReady},
		{"matched", Enrolment{State: Ready, Role: programme.Client, Capacity: 1, Places: []string{"n"}}, ErrMatched},
		{"full", Enrolment{State: Ready, Role: programme.Consultant, Capacity: 2, Places: []string{"n", "o"}}, ErrFull},
		{"more than full, since they take fewer now", Enrolment{State: Ready, Role: programme.Consultant, Capacity: 1, Places: []string{"n", "o"}}, ErrFull},
		{"takes none", Enrolment{State: Ready, Role: programme.Consultant}, ErrFull},
	} {
		if err := row.e.Room("m"); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
}

func TestPlaceIsTakenAndGivenBackOnce(t *testing.T) {
	t.Parallel()
	e := &Enrolment{Capacity: 3, Places: []string{"a"}}
	for range 2 {
		if e.Take("b"); !slices.Equal(e.Places, []string{"a", "b"}) || e.Left() != 1 {
			t.Errorf("taken: %v", e.Places)
		}
	}
	for range 2 {
		if e.Free("a"); !slices.Equal(e.Places, []string{"b"}) || e.Left() != 2 {
			t.Errorf("given back: %v", e.Places)
		}
	}
	if e.NotNow = true; e.Left() != 0 || !errors.Is(e.Open(), ErrNotNow) {
		t.Errorf("%d left, open %v, for whoever wants nothing for now", e.Left(), e.Open())
	}
	e.State = Ready // what was lent during a pause is theirs still
	if err := e.Room("lent"); err != nil {
		t.Error(err)
	}
	if e.NotNow = false; e.Left() != 2 || e.Open() != nil {
		t.Errorf("%d left, open %v", e.Left(), e.Open())
	}
	if e.Capacity = 0; e.Left() != 0 {
		t.Errorf("%d left of none", e.Left())
	}
}
