package supervision

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
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
	want := Supervisor{ID: "robin", Name: "Robin Sample", Email: "Robin@example.org", Capacity: 8, CreatedAt: noon, UpdatedAt: noon}
	if err != nil || !reflect.DeepEqual(*s, want) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, row := range []struct {
		f    Form
		says map[string]string
	}{
		{Form{"", "", -1}, map[string]string{"name": "full name", "email": "email address", "capacity": "0 to 500"}},
		{Form{strings.Repeat("x", 101), "robin@example.org", 501}, map[string]string{"name": "100 characters", "capacity": "0 to 500"}},
		{Form{"Robin\u202eSample", "robin@example.org\nBcc: sam@example.org", 1}, map[string]string{"name": "special codes", "email": "one email address only"}},
		{Form{"7", "robin", 1}, map[string]string{"name": "letters", "email": "an @ sign"}},
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
		s := &Supervisor{Name: "Robin Sample", Email: "robin@example.org", Capacity: row.was, Places: []string{"a", "b", "c"}[:row.caseload]}
		err := s.Change(Form{"Robin Example", "robin@example.org", row.to}, noon)
		if (err == nil) != row.ok {
			t.Errorf("%+v: %v", row, err)
		}
		if err != nil && (s.Capacity != row.was || s.Name != "Robin Sample" || !strings.Contains(wrong(t, err)["capacity"], fmt.Sprint(row.caseload, " pairings"))) {
			t.Errorf("%+v: %+v, %v", row, s, wrong(t, err))
		}
	}
}
