package today_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
)

func TestWhatWaitsForTooLong(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"), desktest.Person("kim", func(e *enrolment.Enrolment) { e.State, e.Overdue = enrolment.Confirmed, true }), desktest.Person("lou"))
	c := b.Store.Commit()
	m := func(id, client string, overdue bool) *pairing.Match {
		return &pairing.Match{ID: id, Run: "r", Programme: "pilot", State: pairing.Released, Overdue: overdue,
			Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: "gone"}}
	}
	c.CreateMatch("pilot", m("late", "alex", true))
	c.CreateMatch("pilot", m("early", "lou", false))
	c.CreatePairing("pilot", &pairing.Pairing{ID: "x", Client: "zoe", Consultant: "alex", State: pairing.Active, Overdue: true})
	b.Commit(c)
	if got := b.counts()["Waiting for too long"]; got != "3" {
		t.Errorf("%s wait", got)
	}
	got := b.Get(desk + "/waiting")
	if got.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	for id, times := range map[string]int{"alex": 2, "zoe": 1, "kim": 1, "lou": 0} {
		if n := strings.Count(got.Body, "/people/"+id+`"`); n != times {
			t.Errorf("%s is named %d times, want %d", id, n, times)
		}
	}
}
