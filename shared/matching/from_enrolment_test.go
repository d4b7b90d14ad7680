package matching

import (
	"reflect"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Every answer that matching uses reaches it: a client's skills are needs, and what
// they have is their own experience; a consultant's supervisor comes along.
func TestPersonIsAsEnrolled(t *testing.T) {
	t.Parallel()
	e := enrolment.Enrolment{
		ID: "e", Organisation: enrolment.Organisation{Name: "T", Income: 5}, Skills: map[string]int{"board": 3}, Experience: map[string]int{"board": 1},
		Availability: []string{"mon-am"}, Meeting: []string{"video"}, Languages: []string{"Welsh"}, Capacity: 2, Conflicts: []string{"x"}, Supervisor: "robin", Preferences: []string{"b", "a"},
	}
	want := Person{ID: "e", Organisation: e.Organisation, Availability: e.Availability, Languages: e.Languages, Meeting: e.Meeting, Capacity: 2, Conflicts: e.Conflicts, Preferences: []string{"b", "a"}}
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
