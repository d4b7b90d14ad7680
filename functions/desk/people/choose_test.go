package people_test

import (
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Who gets ready in a programme in which they choose is sent their link, each time that
// they do, and not when the form is saved once more.
func TestWhoGetsReadyToChooseIsSentTheirLink(t *testing.T) {
	for mode, want := range map[programme.Mode][]string{
		programme.Assigned: nil, programme.Directory: {"choose-now alex", "choose-now alex"},
		programme.Ranked: {"choose-now alex", "choose-now alex", "choose-now zoe", "choose-now zoe"},
	} {
		t.Run(string(mode), func(t *testing.T) {
			b := newBed(t)
			b.Mode(mode)
			b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
			b.Supervisors(map[string]int{"robin": 4})
			for id, name := range map[string]string{"alex": "workshop", "zoe": "trained"} {
				for _, done := range []bool{true, true, false, false, true} {
					posted := desktest.Ticked()
					if done {
						posted = desktest.Ticked(name)
					}
					posted.Set("supervisor", map[string]string{"zoe": "robin"}[id])
					b.Post(desk+"/people/"+id, posted)
				}
				if e := b.Enrolment(id); e.State != enrolment.Ready {
					t.Errorf("%s is %s", id, e.State)
				}
			}
			if got := b.Owed(); !slices.Equal(got, want) {
				t.Errorf("owed %q, want %q", got, want)
			}
		})
	}
}
