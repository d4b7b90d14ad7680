package matches_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestDeskShowsWhatWasChosen(t *testing.T) {
	b := newBed(t)
	b.Mode(programme.Directory)
	b.Enrol("pilot",
		desktest.Person("alex", func(e *enrolment.Enrolment) { e.State, e.Preferences = enrolment.Ready, []string{"zoe", "gone"} }),
		desktest.Person("zoe", func(e *enrolment.Enrolment) { e.State, e.Capacity = enrolment.Ready, 2 }))
	page := b.Get(desk + "/matches").Body
	for _, says := range []string{"In this programme ublicks choose a zworp from a directory"} {
		if !strings.Contains(page, says) {
			t.Errorf("the matches lack %q: %s", says, page)
		}
	}
	for _, other := range []string{"No matching run yet", "To review"} {
		if strings.Contains(page, other) {
			t.Errorf("the matches say %q", other)
		}
	}
	alex, zoe := b.Enrolment("alex"), b.Enrolment("zoe")
	m := &pairing.Match{ID: "m", Run: pairing.Directory, Programme: "pilot", State: pairing.Released, Client: pairing.Side{Enrolment: "alex", Answer: pairing.Yes}, Consultant: pairing.Side{Enrolment: "zoe"}}
	alex.Take("m")
	zoe.Take("m")
	c := b.Store.Commit()
	if err := b.Store.AddRun(t.Context(), c, "pilot", pairing.Directory, b.Now()); err != nil {
		t.Fatal(err)
	}
	c.CreateMatch("pilot", m)
	c.UpdateEnrolment("pilot", alex)
	c.UpdateEnrolment("pilot", zoe)
	b.Commit(c)
	for path, says := range map[string][]string{
		"/matches": {"Alex Sample", "Zoe Sample", ">released<"}, "/matches/withdraw": {"Alex Sample", `value="directory/m"`, "another choice"},
		"/people/alex": {"Would like to work with", "Zoe Sample (Zoe Trust)<br>Someone who has left"}, "": {"choose a zworp from a directory"},
	} {
		got := b.Get(desk + path)
		for _, text := range says {
			if !strings.Contains(got.Body, text) {
				t.Errorf("%s lacks %q: %s", path, text, got.Body)
			}
		}
	}
	posted := desktest.Ticked()
	posted.Set("match", "directory/m")
	b.Post(desk+"/matches/withdraw", posted)
	taken, err := b.Store.MatchesOf(t.Context(), "pilot", []store.MatchRef{{Run: pairing.Directory, ID: "m"}})
	if err != nil || taken[0].State != pairing.Withdrawn || len(b.Enrolment("zoe").Places) > 0 {
		t.Errorf("%+v, %v", taken, err)
	}
	if got := b.Owed(); !slices.Equal(got, []string{"match-withdrawn alex m", "match-withdrawn zoe m"}) {
		t.Errorf("owed %q", got)
	}
}
