package lives

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/functions/questionnaires"
	"github.com/cascading-leadership/cascade/functions/reminders"
	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/message"
	ids "github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// At each of twelve points of their lives in a programme people are forgotten, some together
// with whom they are matched, by processes that die on the way: once their day is over, no
// document has a trace of them, in whichever way it may be written, no file that others take
// along, and no log line or trace from then on; and nothing is sent to them or about them any
// more. Their words are in no log line or trace from before either. The others go on. Whole,
// that is thirty people at each point.
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
			var canaries, words []string
			for _, l := range gone {
				canaries, words = append(canaries, l.canaries()...), append(words, l.words()...)
			}
			// Whoever looks finds all of it now, and in the log the ids.
			before, _, _ := operator.since(mark{})
			found := strings.Join(testbed.Traces(x.Stored(), canaries...), "\n")
			told := strings.Join(testbed.Traces(before, canaries...), "\n")
			for _, l := range gone {
				id := enrolment.PersonOf(l.id)
				for _, canary := range []string{l.tag, l.name, l.email, l.phone, id} {
					if !strings.Contains(found, fmt.Sprintf(" has %q ", canary)) {
						t.Errorf("no document has %q: it proves nothing that none has later", canary)
					}
				}
				if !strings.Contains(told, fmt.Sprintf(" has %q ", id)) {
					t.Errorf("no log line tells of %s: it proves nothing that none does later", id)
				}
			}
			x.Pass(erasure.Wait - time.Hour)
			x.work()
			for _, l := range gone {
				if e := x.enrolment(l); e.State == enrolment.Withdrawn && at.name != "left" {
					t.Error("somebody has left before their day was over")
				}
			}
			x.Pass(2 * time.Hour)
			died := 0
			for _, at := range []int{3 + n, 20 + 7*n, 90 + 11*n} {
				if x.breaksOff("reminders", "erasure-sweep", reminders.New, at) {
					died++
				}
				if x.breaksOff("questionnaires", "questionnaires-sweep", questionnaires.New, at) {
					died++
				}
			}
			if died < 3 {
				t.Errorf("only %d processes died while they forgot somebody", died)
			}
			x.work()
			if left, err := x.Store.Erasures(t.Context(), "pilot"); err != nil || len(left) > 0 {
				t.Fatalf("%d are not forgotten yet: %+v, %v", len(left), left[0], err)
			}
			over := operator.now()
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
			stored, files := x.Stored(), x.files(n, forgotten)
			for _, trace := range testbed.Traces(stored, canaries...) {
				t.Error("days later: ", trace)
			}
			for _, trace := range testbed.Traces(files, canaries...) {
				t.Error("taken along: ", trace)
			}
			x.others(n, forgotten)
			seen, _, _ := operator.since(over)
			for _, trace := range testbed.Traces(seen, canaries...) {
				t.Error("once they were forgotten: ", trace)
			}
			seen, lines, spans := operator.since(mark{})
			for _, trace := range testbed.Traces(seen, words...) {
				t.Error("at any time: ", trace)
			}
			t.Logf("%d people forgotten; looked at %d documents, %d files, %d emails sent later, %d log lines and %d spans of all tests so far",
				len(gone), len(stored), len(files), len(later), lines, spans)
		})
	}
}

// files are what those who are left take along: all that is held about each, as it is
// downloaded on their own page, at the desk and by cascade person.
func (x *lives) files(n, forgotten int) map[string]string {
	x.t.Helper()
	all := map[string]string{}
	for i, pair := range x.pairs {
		for _, role := range programme.Roles {
			if i < forgotten && (i%2 == 0 || role == programme.Roles[i%2]) {
				continue
			}
			l := pair.people[role]
			who, err := x.Store.Person(x.t.Context(), x.Programme, l.id)
			if err != nil {
				x.t.Fatal(err)
			}
			sheet, err := held.Of(x.t.Context(), x.Store, who, x.Now())
			if err != nil {
				x.t.Fatal(err)
			}
			page, err := sheet.HTML()
			if err != nil {
				x.t.Fatal(err)
			}
			data, err := sheet.JSON()
			if err != nil {
				x.t.Fatal(err)
			}
			if !strings.Contains(string(data), l.email) {
				x.t.Errorf("the file of %s of pair %d at %q has nothing of theirs", role, i, points[n].name)
			}
			all["page of "+l.tag], all["data of "+l.tag] = string(page), string(data)
		}
	}
	return all
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
// again: nothing of them is left. Whichever function runs first, nothing is sent to them that
// the backup still owes.
func TestWhoABackupBringsBackIsForgottenAgain(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		// asked is what the backup already has of the erasure.
		asked func(x *lives, gone *life) *erasure.Erasure
		// empty says that the backup has not what erasures were last compared, and that
		// the database into which it is loaded held nothing but the tombstones.
		empty bool
	}{
		"of an earlier number of erasures":    {},
		"from before the first sweep of them": {empty: true},
		"in which they had asked to be": {asked: func(x *lives, gone *life) *erasure.Erasure {
			return erasure.Ask(enrolment.PersonOf(gone.id), gone.id, x.Now())
		}},
		"in which staff had asked for them": {asked: askedByStaff},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newLives(t, 2)
			for _, p := range points[:8] {
				p.come(x)
				x.tick("outbox", "outbox-sweep")
			}
			if !row.empty {
				x.work()
			}
			gone := x.pairs[0].people[programme.Client]
			owed := message.YourLink(x.Programme, x.enrolment(gone), "", x.Now())
			c := x.Store.Commit()
			c.Enqueue(t.Context(), owed, x.Now())
			if row.asked != nil {
				c.SaveErasure("pilot", row.asked(x, gone))
			}
			x.Commit(c)
			database := emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: x.Project}
			backup, err := database.Export(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			e, err := x.Store.Erasure(t.Context(), "pilot", enrolment.PersonOf(gone.id))
			if err != nil {
				t.Fatal(err)
			}
			if e == nil {
				e = askedByStaff(x, gone)
			}
			if _, err := e.Confirm(x.Now()); err != nil {
				t.Fatal(err)
			}
			c = x.Store.Commit()
			c.SaveErasure("pilot", e)
			x.Commit(c)
			x.Pass(erasure.Wait + time.Minute)
			x.tick("reminders", "erasure-sweep") // or what is owed would be sent
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
			if row.empty {
				x.drop("compared/tombstones")
			}
			if len(testbed.Traces(x.Stored(), gone.canaries()...)) == 0 {
				t.Fatal("the backup brought nobody back, and shows nothing")
			}
			before := len(emails.since(0))
			x.Pass(time.Minute) // so that no process remembers how it was
			x.tick("outbox", "outbox-sweep")
			if m, _, err := x.Store.Message(t.Context(), owed.ID); err != nil || m.State != ids.Pending {
				t.Errorf("what the backup owes them is %+v, %v", m, err)
			}
			for range 3 {
				x.tick("reminders", "erasure-sweep")
				if held, err := x.Store.BroughtBack(t.Context()); held || err != nil {
					t.Errorf("emails still wait: %v", err)
				}
				x.tick("outbox", "outbox-sweep")
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
		})
	}
}

// The answers alone are restored, from before somebody was forgotten: what they had answered,
// handed in or not, is there again until the next sweep of the questionnaires, and nothing of
// anybody else's goes. So it is where both databases are restored, by the sweeps of a while.
func TestAnswersThatABackupBringsBackAreForgottenAgain(t *testing.T) {
	t.Parallel()
	for name, both := range map[string]bool{"the answers alone": false, "both databases": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newLives(t, 2)
			for _, p := range points[:9] {
				p.come(x)
				x.tick("outbox", "outbox-sweep")
			}
			x.work()
			gone := x.pairs[0].people[programme.Client]
			handed := x.handedIn(x.pairs[0].people[programme.Consultant], gone)
			people := emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: x.Project}
			answers := people
			answers.Database = testbed.Answers
			var backups []string
			for _, database := range []emulator.Client{people, answers} {
				backup, err := database.Export(t.Context(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				backups = append(backups, backup)
			}
			c := x.Store.Commit()
			c.SaveErasure("pilot", askedByStaff(x, gone))
			x.Commit(c)
			x.Pass(erasure.Wait + time.Minute)
			x.work()
			x.work()
			before := x.answers()
			if before[handed] || len(before) != 3 { // two others have saved theirs, and one has handed in
				t.Fatalf("there is %v, with what they handed in: %v", before, before[handed])
			}
			if err := answers.Import(t.Context(), backups[1]); err != nil {
				t.Fatal(err)
			}
			if both {
				if err := people.Import(t.Context(), backups[0]); err != nil {
					t.Fatal(err)
				}
			}
			if back := x.answers(); !back[handed] || len(back) <= len(before) {
				t.Fatalf("the backup brought back nothing: %v", back)
			}
			if both {
				x.work()
				x.work()
			} else {
				x.tick("questionnaires", "questionnaires-sweep")
			}
			if after := x.answers(); !maps.Equal(after, before) {
				t.Errorf("there is %v, and was %v", after, before)
			}
			for _, trace := range testbed.Traces(x.Stored(), gone.canaries()...) {
				t.Error(trace)
			}
		})
	}
}

// answers are the ids of what people have answered, handed in or not.
func (x *lives) answers() map[string]bool {
	x.t.Helper()
	all := map[string]bool{}
	for path := range x.AnswerDocuments() {
		if strings.Contains(path, "/answers/") || strings.Contains(path, "/saved/") {
			all[path] = true
		}
	}
	return all
}

// handedIn has some hand in what they have answered, and says where that of the last stands.
func (x *lives) handedIn(who ...*life) (path string) {
	x.t.Helper()
	for _, l := range who {
		before := x.answers()
		open, err := x.Store.OpenInvitations(x.t.Context(), "pilot", l.id)
		if err != nil || len(open) != 1 {
			x.t.Fatal(len(open), err)
		}
		at := x.link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: l.id, Role: l.role, IDs: ids.IDs{Invitation: open[0].ID}})
		x.posted("questionnaires", at+"/1", url.Values{"time": {"2"}, "confidence": {"3"}, "style": {"4"}, "strategy": {"5"}, "conversations": {"1"}})
		x.posted("questionnaires", at+"/2", url.Values{"issues": {"1"}, "board": {"2"}, "peers": {"3"}, "questions": {"4"}, "partners": {"5"}})
		x.posted("questionnaires", at+"/check", nil)
		for each := range x.answers() {
			if !before[each] {
				path = each
			}
		}
	}
	return path
}

// askedByStaff is that staff ask for somebody to be forgotten.
func askedByStaff(x *lives, l *life) *erasure.Erasure {
	return erasure.AskFor(enrolment.PersonOf(l.id), l.id, "morgan", "They rang.", x.Now())
}

// drop takes a document away, past the store.
func (x *lives) drop(path string) {
	x.t.Helper()
	client, err := firestore.NewClient(x.t.Context(), x.Project)
	if err != nil {
		x.t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Doc(path).Delete(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
}
