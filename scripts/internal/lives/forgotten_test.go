package lives

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// At each of twelve points of their lives in a programme people are forgotten, some together
// with whom they are matched: once their day is over, no document has a trace of them, in
// whichever way it may be written, and nothing is sent to them or about them any more. The
// others go on. Whole, that is thirty people at each point.
func TestNothingIsLeftOfWhoIsForgotten(t *testing.T) {
	forgotten := testbed.Runs(20) // and half of them with the other of the pair
	for n, at := range points {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			x := newLives(t, forgotten+1)
			for _, p := range points[:n+1] {
				p.come(x)
				x.tick("outbox", "outbox-sweep")
			}
			x.tick("reminders", "reminders-tick")

			var gone []*life
			c := x.Store.Commit()
			for i, pair := range x.pairs[:forgotten] {
				for _, role := range programme.Roles {
					l := pair.people[role]
					if role == programme.Roles[i%2] || i%2 == 0 {
						gone = append(gone, l)
						c.SaveErasure("pilot", erasure.AskFor(enrolment.PersonOf(l.id), l.id, "morgan", "They rang: "+l.text, x.Now()))
					}
				}
			}
			x.Commit(c)
			var canaries []string
			for _, l := range gone {
				canaries = append(canaries, l.canaries()...)
			}
			x.Pass(erasure.Wait - time.Minute)
			x.work()
			for _, l := range gone {
				if e := x.enrolment(l); e.State == enrolment.Withdrawn && at.name != "left" {
					t.Error("somebody has left before their day was over")
				}
			}
			x.Pass(2 * time.Minute)
			x.work()
			if left, err := x.Store.Erasures(t.Context(), "pilot"); err != nil || len(left) > 0 {
				t.Fatalf("%d are not forgotten yet: %+v, %v", len(left), left[0], err)
			}
			for _, trace := range testbed.Traces(x.Stored(), canaries...) {
				t.Error(trace)
			}
			sent := len(emails.since(0))
			for range 5 {
				x.Pass(24 * time.Hour)
				x.work()
			}
			later := map[string]string{}
			for i, email := range emails.since(sent) {
				later[fmt.Sprint("email ", i)] = email
			}
			for _, trace := range testbed.Traces(later, canaries...) {
				t.Error(trace)
			}
			for _, trace := range testbed.Traces(x.Stored(), canaries...) {
				t.Error("days later: ", trace)
			}
			x.others(n, forgotten)
			t.Logf("%d people forgotten", len(gone))
		})
	}
}

// others looks whether who is left sees their own.
func (x *lives) others(n, forgotten int) {
	x.t.Helper()
	for i, pair := range x.pairs {
		for _, role := range programme.Roles {
			if i < forgotten && (i%2 == 0 || role == programme.Roles[i%2]) {
				continue
			}
			if e := x.enrolment(pair.people[role]); points[n].name == "left" || e.Person.Email == "" {
				continue
			}
			if n < 6 {
				continue // they have no pairing
			}
			w := x.do("participant", "GET", x.at(purpose.Pairing, pair, role), nil)
			if w.Code != 200 || i < forgotten && !strings.Contains(w.Body.String(), enrolment.Gone.Person.Name) {
				x.t.Errorf("%s of pair %d comes to %d: %s", role, i, w.Code, w.Body)
			}
			if n > 7 && !strings.Contains(w.Body.String(), "More of ") {
				x.t.Errorf("%s of pair %d does not see their own log", role, i)
			}
		}
	}
}
