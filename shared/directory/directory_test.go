package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

func preset(t testing.TB, mode programme.Mode) *programme.Programme {
	t.Helper()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.Mode = mode
	return p
}

// somebody is ready, in Leeds, does what nobody else does, and is not in anybody's way.
func somebody(id string, role programme.Role, with ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: id, Role: role, State: enrolment.Ready, Capacity: 1, Skills: map[string]int{"board": 2},
		Organisation: enrolment.Organisation{Name: id + " Trust", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
	}
	if role == programme.Consultant {
		e.Capacity, e.Supervisor, e.Organisation.Categories = 3, "robin", []string{"ED"}
	}
	for _, change := range with {
		change(e)
	}
	return e
}

func view(t testing.TB, mode programme.Mode, me *enrolment.Enrolment, others ...*enrolment.Enrolment) *View {
	return &View{Programme: preset(t, mode), Me: me, Others: others, Supervisors: []*supervision.Supervisor{{ID: "robin", Capacity: 9}}}
}

// listed are the ids of a list with the free places: "zoe 2, bo 0".
func listed(t testing.TB, s *View) string {
	t.Helper()
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range all {
		ids = append(ids, fmt.Sprint(c.ID, " ", c.Free))
	}
	return strings.Join(ids, ", ")
}

func TestOnlyThePossibleAreListedTheBestFitsFirst(t *testing.T) {
	t.Parallel()
	me := somebody("alex", programme.Client, func(e *enrolment.Enrolment) {
		e.Skills = map[string]int{"board": 3, "digital": 1}
		e.Conflicts = []string{"avoided Trust"}
	})
	as := func(id string, change func(*enrolment.Enrolment)) *enrolment.Enrolment {
		return somebody(id, programme.Consultant, change)
	}
	s := view(t, programme.Directory, me,
		as("good", func(e *enrolment.Enrolment) { e.Skills = map[string]int{"board": 2} }),
		as("best", func(e *enrolment.Enrolment) { e.Skills = map[string]int{"board": 3, "digital": 3} }),
		as("full", func(e *enrolment.Enrolment) {
			e.Skills, e.Capacity, e.Places = map[string]int{"board": 3, "digital": 3}, 1, []string{"m"}
		}),
		as("rival", func(e *enrolment.Enrolment) { e.Organisation.Categories = []string{"HE"} }),
		as("avoided", func(*enrolment.Enrolment) {}),
		as("avoids", func(e *enrolment.Enrolment) { e.Conflicts = []string{"alex Trust"} }),
		as("declined", func(*enrolment.Enrolment) {}),
		as("forbidden", func(*enrolment.Enrolment) {}),
		as("far", func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = "London", "SW9 1AA" }),
		as("welsh", func(e *enrolment.Enrolment) { e.Languages = []string{"Welsh"} }),
		as("useless", func(e *enrolment.Enrolment) { e.Skills = map[string]int{"finance": 3} }),
		as("alone", func(e *enrolment.Enrolment) { e.Supervisor = "" }),
		somebody("another", programme.Client),
	)
	s.Declined, s.Forbidden = []string{"declined"}, []matching.Pair{{Client: "alex", Consultant: "forbidden"}}
	if got, want := listed(t, s), "best 3, good 3, full 0"; got != want {
		t.Errorf("in the directory: %s, want %s", got, want)
	}
	s.Supervisors[0].Places = slices.Repeat([]string{"m"}, 8)
	if got, want := listed(t, s), "best 1, good 1, full 0"; got != want {
		t.Errorf("with one place left of the supervisor: %s, want %s", got, want)
	}
	s.Programme.Mode = programme.Ranked // the matching shares the supervisor's places out
	if got, want := listed(t, s), "best 3, good 3"; got != want {
		t.Errorf("to rank: %s, want %s", got, want)
	}
}

func TestFartherPeopleAreListedWhereNobodyIsNear(t *testing.T) {
	t.Parallel()
	at := func(id, region string, postcode geography.Postcode) *enrolment.Enrolment {
		return somebody(id, programme.Consultant, func(e *enrolment.Enrolment) { e.Organisation.Region, e.Organisation.Postcode = region, postcode })
	}
	me := somebody("alex", programme.Client)
	north, london, near := at("north", "North East", "NE1 1AA"), at("london", "London", "SW9 1AA"), at("near", "Yorkshire and the Humber", "HU1 1AA")
	for _, row := range []struct {
		others  []*enrolment.Enrolment
		want    string
		relaxed programme.Within
	}{
		{[]*enrolment.Enrolment{north, london, near}, "near 3", ""},
		{[]*enrolment.Enrolment{north, london}, "north 3", programme.Neighbouring},
		{[]*enrolment.Enrolment{london}, "london 3", programme.Online},
	} {
		s := view(t, programme.Directory, me, row.others...)
		if got := listed(t, s); got != row.want {
			t.Errorf("%s, want %s", got, row.want)
		}
		if all, _ := s.List(); len(all) > 0 && (all[0].Relaxed != row.relaxed || s.Reasons(all[0]).Relaxed != row.relaxed) {
			t.Errorf("%s is allowed by %q, want %q", row.want, all[0].Relaxed, row.relaxed)
		}
	}
}

// What others prefer, and whom they avoid without ruling the reader out, changes
// nothing that the reader sees.
func TestListTellsNothingOfWhatOthersPrefer(t *testing.T) {
	t.Parallel()
	for _, role := range programme.Roles {
		rapid.Check(t, func(r *rapid.T) {
			me := somebody("me", role)
			var others []*enrolment.Enrolment
			for i := range rapid.IntRange(1, 8).Draw(r, "others") {
				others = append(others, somebody(fmt.Sprint("o", i), role.Other(), func(e *enrolment.Enrolment) {
					e.Skills = map[string]int{"board": rapid.IntRange(1, 3).Draw(r, "level")}
				}))
			}
			s := view(t, programme.Ranked, me, others...)
			s.Programme.Weights.Preference = 100
			before := listed(t, s)
			first, _ := s.List()
			facts := fmt.Sprint(s.Facts(first[0]), s.Reasons(first[0]))
			for _, e := range append(others, me) {
				e.Preferences = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"me", "o0", "o1", "o2", "zz"}), 0, 3, rapid.ID[string]).Draw(r, "prefers")
			}
			for _, e := range others {
				e.Conflicts = []string{"Somebody else"}
			}
			if after := listed(t, s); after != before || fmt.Sprint(s.Facts(first[0]), s.Reasons(first[0])) != facts {
				r.Fatalf("%s became %s", before, after)
			}
		})
	}
}
