package lives

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
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

// A backup from before somebody was forgotten brings them back, and the next looks forget them
// again: nothing of them is left. Nothing is sent to them as long as the outbox waits for it.
func TestWhoABackupBringsBackIsForgottenAgain(t *testing.T) {
	t.Parallel()
	x := newLives(t, 2)
	for _, p := range points[:8] {
		p.come(x)
		x.tick("outbox", "outbox-sweep")
	}
	x.work()
	database := emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: x.Project}
	backup, err := database.Export(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	gone := x.pairs[0].people[programme.Client]
	c := x.Store.Commit()
	c.SaveErasure("pilot", erasure.AskFor(enrolment.PersonOf(gone.id), gone.id, "morgan", "They rang.", x.Now()))
	x.Commit(c)
	x.Pass(erasure.Wait + time.Minute)
	x.work()
	traces := func(what string) int {
		all := testbed.Traces(x.Stored(), gone.canaries()...)
		for _, trace := range all {
			t.Logf("%s: %s", what, trace)
		}
		return len(all)
	}
	if n := traces("forgotten"); n > 0 {
		t.Fatalf("%d traces before the backup is loaded", n)
	}
	if err := database.Import(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if len(testbed.Traces(x.Stored(), gone.canaries()...)) == 0 {
		t.Fatal("the backup brought nobody back, and shows nothing")
	}
	before := len(emails.since(0))
	// As docs/runbook.md has it: the outbox begins once this is done.
	for range 3 {
		x.tick("reminders", "erasure-sweep")
		x.tick("questionnaires", "questionnaires-sweep")
		x.Pass(15 * time.Minute)
	}
	x.work()
	if n := traces("brought back"); n > 0 {
		t.Errorf("%d traces after a backup was loaded", n)
	}
	later := map[string]string{}
	for i, email := range emails.since(before) {
		later[fmt.Sprint("email ", i)] = email
	}
	for _, trace := range testbed.Traces(later, gone.canaries()...) {
		t.Error("sent to who was forgotten: ", trace)
	}
}
