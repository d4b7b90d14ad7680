package matching

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/organisation"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Each field of an enrolment is either one that matching reads or one that is private.
func TestEachEnrolmentFieldIsReadOrPrivate(t *testing.T) {
	t.Parallel()
	// A list is read as a whole: what stands below the star of one is not asked for by itself.
	whole := func(path string) string { path, _, _ = strings.Cut(path, ".*"); return path }
	var stored []string
	for _, path := range register.Paths(reflect.TypeFor[enrolment.Enrolment]()) {
		stored = append(stored, whole(path))
	}
	for _, path := range stored {
		if slices.Contains(EnrolmentFields, path) == slices.Contains(Private, path) {
			t.Errorf("%s is in none of EnrolmentFields and Private, or in both: say whether matching and the directory read it", path)
		}
	}
	for _, path := range slices.Concat(EnrolmentFields, Private) {
		if !slices.Contains(stored, path) {
			t.Errorf("%s is listed, and no field of an enrolment", path)
		}
	}
	for _, r := range enrolment.Register.Rows {
		for _, path := range r.Names() {
			if says := r.Also&register.Matching != 0; says != slices.Contains(EnrolmentFields, whole(path)) {
				t.Errorf("the register says that matching reads %s: %v", path, says)
			}
		}
	}
}

// field is a field of an enrolment by its name in Firestore.
func field(v reflect.Value, path string) reflect.Value {
	name, rest, nested := strings.Cut(path, ".")
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("firestore"), ","); tag == name {
			if nested {
				return field(v.Field(i), rest)
			}
			return v.Field(i)
		}
	}
	panic(path + " is no field")
}

// changed is an enrolment in which one field has another value.
func changed(t *testing.T, e enrolment.Enrolment, path string) *enrolment.Enrolment {
	t.Helper()
	v := field(reflect.ValueOf(&e).Elem(), path)
	before := v.Interface()
	switch v.Kind() {
	case reflect.String:
		v.SetString("other")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		switch v.Type() {
		case reflect.TypeFor[[]organisation.Settlement]():
			v.Set(reflect.ValueOf([]organisation.Settlement{{Entry: "other"}}))
		case reflect.TypeFor[[]enrolment.Agreement]():
			v.Set(reflect.ValueOf([]enrolment.Agreement{{Version: "other"}}))
		default:
			v.Set(reflect.ValueOf([]string{"other"}))
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]string]() {
			v.Set(reflect.ValueOf(map[string]string{"other": "other"}))
			break
		}
		v.Set(reflect.ValueOf(map[string]int{"other": 1}))
	case reflect.Struct:
		v.Set(reflect.ValueOf(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	if reflect.DeepEqual(before, v.Interface()) {
		t.Fatalf("%s was not changed", path)
	}
	return &e
}

// Somebody is matched by the fields that matching reads, each of which matters, and by
// no private one.
func TestPersonIsMadeOfWhatMatchingReads(t *testing.T) {
	t.Parallel()
	// elsewhere are fields that are read beside FromEnrolment.
	elsewhere := map[string]string{
		"state":  "who is ready is asked for by it",
		"places": "a person has as many fewer places free",
		"notNow": "whoever wants no match for now has none",
	}
	same := func(path string) bool {
		for _, role := range programme.Roles {
			e := enrolment.Enrolment{Role: role, Skills: map[string]int{"board": 3}, Experience: map[string]int{"board": 1}, Supervisor: "robin", Capacity: 1}
			if !reflect.DeepEqual(FromEnrolment(&e), FromEnrolment(changed(t, e, path))) {
				return false
			}
		}
		return true
	}
	for _, path := range Private {
		if !same(path) {
			t.Errorf("%s is private, and matching depends on it", path)
		}
	}
	for _, path := range EnrolmentFields {
		if same(path) != (elsewhere[path] != "") {
			t.Errorf("%s is read for nothing", path)
		}
	}
}

// Every answer that matching uses reaches it: a client's skills are needs, and what
// they have is their own experience; a consultant's supervisor comes along.
func TestPersonIsAsEnrolled(t *testing.T) {
	t.Parallel()
	e := enrolment.Enrolment{
		ID: "e", Organisation: enrolment.Organisation{Name: "T", Income: 5}, Skills: map[string]int{"board": 3}, Experience: map[string]int{"board": 1},
		Availability: []string{"mon-am"}, Meeting: []string{"video"}, Languages: []string{"Welsh"}, Capacity: 2, Conflicts: []string{"x"}, Mention: "m", Bids: []string{"y"}, Supervisor: "robin", Preferences: []string{"b", "a"},
	}
	want := Person{ID: "e", Organisation: e.Organisation, Availability: e.Availability, Languages: e.Languages, Meeting: e.Meeting, Capacity: 2, Conflicts: e.Conflicts, Mention: "m", Bids: []string{"y"}, Preferences: []string{"b", "a"}}
	client, consultant := want, want
	client.Needs, client.Skills = e.Skills, e.Experience
	consultant.Skills, consultant.Supervisor = e.Skills, "robin"
	for role, want := range map[programme.Role]Person{programme.Client: client, programme.Consultant: consultant} {
		e.Role = role
		if got := FromEnrolment(&e); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", role, got, want)
		}
	}
}

// Documents from before languages and ways of meeting were asked fit everybody who
// speaks English, whatever way they meet.
func TestOldEnrolmentsSpeakEnglishAndMeetInEveryWay(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	old := FromEnrolment(&enrolment.Enrolment{ID: "old", Role: programme.Client, Organisation: enrolment.Organisation{Name: "A", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE"}}, Skills: map[string]int{"board": 3}})
	for _, row := range []struct {
		languages, meeting []string
		ruled              Criterion
	}{
		{nil, nil, ""}, {[]string{"English"}, []string{"phone"}, ""}, {[]string{"Welsh", "English"}, []string{"in-person"}, ""}, {[]string{"Welsh"}, []string{"phone"}, CommonLanguage},
	} {
		other := FromEnrolment(&enrolment.Enrolment{ID: "new", Role: programme.Consultant, Organisation: enrolment.Organisation{Name: "B", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"ED"}},
			Skills: map[string]int{"board": 3}, Languages: row.languages, Meeting: row.meeting})
		pool, err := NewPool(p, []Person{old}, []Person{other}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := pool.RuledOut(0, 0, 0); got != row.ruled {
			t.Errorf("%+v: ruled out by %q, want %q", row, got, row.ruled)
		}
	}
}
