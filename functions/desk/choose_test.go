package desk

import (
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// mode puts the pilot into a mode.
func (b *bed) mode(mode programme.Mode) {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	p.Mode = mode
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

// Who gets ready in a programme in which they choose is sent their link, each time that
// they do, and not when the form is saved once more.
func TestWhoGetsReadyToChooseIsSentTheirLink(t *testing.T) {
	for mode, want := range map[programme.Mode][]string{
		programme.Assigned: nil, programme.Directory: {"choose-now alex", "choose-now alex"},
		programme.Ranked: {"choose-now alex", "choose-now alex", "choose-now zoe", "choose-now zoe"},
	} {
		t.Run(string(mode), func(t *testing.T) {
			b := newBed(t)
			b.mode(mode)
			b.enrol("pilot", person("alex"), person("zoe"))
			b.supervisors(map[string]int{"robin": 4})
			for id, name := range map[string]string{"alex": "workshop", "zoe": "trained"} {
				for _, done := range []bool{true, true, false, false, true} {
					posted := ticked()
					if done {
						posted = ticked(name)
					}
					posted.Set("supervisor", map[string]string{"zoe": "robin"}[id])
					b.Post(desk+"/people/"+id, posted)
				}
				if e := b.enrolment(id); e.State != enrolment.Ready {
					t.Errorf("%s is %s", id, e.State)
				}
			}
			if got := b.owed(); !slices.Equal(got, want) {
				t.Errorf("owed %q, want %q", got, want)
			}
		})
	}
}

func TestDeskShowsWhatWasChosen(t *testing.T) {
	b := newBed(t)
	b.mode(programme.Directory)
	b.enrol("pilot",
		person("alex", func(e *enrolment.Enrolment) { e.State, e.Preferences = enrolment.Ready, []string{"zoe", "gone"} }),
		person("zoe", func(e *enrolment.Enrolment) { e.State, e.Capacity = enrolment.Ready, 2 }))
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
	alex, zoe := b.enrolment("alex"), b.enrolment("zoe")
	m := &pairing.Match{ID: "m", Run: pairing.Directory, Programme: "pilot", State: pairing.Released, Client: pairing.Side{Enrolment: "alex", Answer: pairing.Yes}, Consultant: pairing.Side{Enrolment: "zoe"}}
	alex.Take("m")
	zoe.Take("m")
	c := b.Store.Commit()
	if err := b.Store.AddDirectory(t.Context(), c, "pilot", b.Now()); err != nil {
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
	posted := ticked()
	posted.Set("match", "directory/m")
	b.Post(desk+"/matches/withdraw", posted)
	taken, err := b.Store.MatchesOf(t.Context(), "pilot", []store.MatchRef{{Run: pairing.Directory, ID: "m"}})
	if err != nil || taken[0].State != pairing.Withdrawn || len(b.enrolment("zoe").Places) > 0 {
		t.Errorf("%+v, %v", taken, err)
	}
	if got := b.owed(); !slices.Equal(got, []string{"match-withdrawn alex m", "match-withdrawn zoe m"}) {
		t.Errorf("owed %q", got)
	}
}
