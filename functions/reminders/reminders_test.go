package reminders

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/sealed"
)

// bed has this function, and an active pairing of alex and zoe.
type bed struct {
	*testbed.Bed
	t *testing.T
	x *pairing.Pairing
}

func newBed(t *testing.T) *bed {
	t.Parallel()
	b := &bed{testbed.New(t), t, &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active}}
	b.Serve("reminders", New)
	b.tick() // the diary is begun, however far ahead the next week without a holiday is
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "alex", Role: programme.Client, State: enrolment.Ready})
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "zoe", Role: programme.Consultant, State: enrolment.Ready})
	b.Commit(c)
	return b
}

// at is a time of day so many days from today, in the programme's zone.
func (b *bed) at(days, hour int) time.Time {
	zone := b.Programme.Location()
	today := b.Now().In(zone)
	return time.Date(today.Year(), today.Month(), today.Day()+days, hour, 0, 0, 0, zone)
}

// book books a session of 90 minutes, after it was changed.
func (b *bed) book(id string, starts time.Time, change ...func(*pairing.Session)) {
	b.t.Helper()
	b.x.Dates = nil // others may be at this time
	s, err := b.x.Book(id, "pilot", programme.Client, pairing.Booking{StartsAt: starts.UTC(), Minutes: 90, Place: "Leeds"}, programme.MostSessions, b.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range change {
		f(s)
	}
	c := b.Store.Commit()
	c.CreateSession(s)
	b.Commit(c)
}

// tickAt moves the programme's date to a time and ticks.
func (b *bed) tickAt(t time.Time) {
	b.t.Helper()
	b.Pass(t.Sub(b.Now()))
	b.tick()
}

func (b *bed) tick() { b.t.Helper(); b.Event("", "reminders-tick") }

// owed are all messages so far, as "kind to".
func (b *bed) owed() []string {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for _, m := range all {
		lines = append(lines, string(m.Kind)+" "+m.To)
	}
	slices.Sort(lines)
	return lines
}

// wants fails unless these messages are owed, and no others.
func (b *bed) wants(what string, lines ...string) {
	b.t.Helper()
	slices.Sort(lines)
	if got := b.owed(); !slices.Equal(got, lines) {
		b.t.Fatalf("%s: owed %q, want %q", what, got, lines)
	}
}

// both are a kind's messages to both people.
func both(kinds ...outbox.Kind) []string {
	var lines []string
	for _, k := range kinds {
		lines = append(lines, string(k)+" alex", string(k)+" zoe")
	}
	slices.Sort(lines)
	return lines
}

// cal is everybody's calendar here.
func (b *bed) cal() calendar.Calendar { return calendar.Of(b.Programme, "", "") }

// monday is the next Monday but one whose week has no holiday, at two.
func (b *bed) monday() time.Time {
	for days := 14; ; days++ {
		day := b.at(days, 14)
		full := day.Weekday() == time.Monday
		for i := range 5 {
			full = full && b.cal().WorkingDay(day.AddDate(0, 0, i)) && b.cal().WorkingDay(day.AddDate(0, 0, i-7))
		}
		if full {
			return day
		}
	}
}

func TestEachReminderOfASessionComesOnceAndInTime(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	friday := time.Date(starts.Year(), starts.Month(), starts.Day()-3, 8, 0, 0, 0, starts.Location())
	var so []string
	for _, row := range []struct {
		name string
		at   time.Time
		adds []string
	}{
		{"just booked", b.Now(), nil},
		{"before the week", friday.AddDate(0, 0, -4).Add(-time.Minute), nil},
		{"a week before", friday.AddDate(0, 0, -4), both(message.KindSessionInAWeek)},
		{"before the last working day", friday.Add(-time.Minute), nil},
		{"on the last working day before", friday.Add(time.Hour), both(message.KindSessionTomorrow)},
		{"when it is over", starts.Add(90 * time.Minute), nil},
		{"the next morning", friday.AddDate(0, 0, 4), both(message.KindLogYourSession)},
		{"a week later", friday.AddDate(0, 0, 11), both(message.KindLogYourSession)},
		{"a month later", starts.AddDate(0, 1, 0), nil},
	} {
		so = append(so, row.adds...)
		b.tickAt(row.at)
		b.tick()
		b.wants(row.name, so...)
	}
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]programme.Role{"alex": programme.Client, "zoe": programme.Consultant}
	for _, m := range all {
		if m.Pairing != "x" || m.Session != "s" || m.Role != roles[m.To] || m.Until.IsZero() {
			t.Errorf("message %+v", m)
		}
	}
	if s, err := b.Store.Session(t.Context(), "pilot", "x", "s"); err != nil || !s.DueAt.IsZero() {
		t.Errorf("a session about which nothing more is owed is still looked at: %v, %v", s, err)
	}
}

// What nobody confirmed is gone on the day that was promised, and a form that nobody went on
// with after two days: by our own schedule, whenever Firestore's comes to it.
func TestWhatNobodyConfirmedIsForgotten(t *testing.T) {
	b := newBed(t)
	now := b.Now()
	c := b.Store.Commit()
	for i := range 3 {
		c.CreateClaim("pilot", &enrolment.Claim{ID: fmt.Sprint("c", i), Enrolment: "kim", Role: programme.Client, CreatedAt: now, ExpireAt: now.Add(enrolment.ClaimLife + time.Duration(i)*time.Hour)})
		c.CreateDraft(b.Programme, &store.Draft{ID: fmt.Sprint("d", i), Role: programme.Client, CreatedAt: now, ExpireAt: now.Add(store.DraftLife + time.Duration(i)*time.Hour)})
	}
	b.Commit(c)
	left := func() (claims, drafts int) {
		for i := range 3 {
			if _, err := b.Store.Draft(t.Context(), "pilot", fmt.Sprint("d", i)); err == nil {
				drafts++
			}
		}
		return len(b.Claims()), drafts
	}
	for _, row := range []struct {
		pass           time.Duration
		claims, drafts int
	}{{store.DraftLife - time.Minute, 3, 3}, {2 * time.Minute, 3, 2}, {24 * time.Hour, 3, 0}, {enrolment.ClaimLife - store.DraftLife - 25*time.Hour, 3, 0}, {time.Hour, 2, 0}, {time.Hour, 1, 0}, {time.Hour, 0, 0}} {
		b.Pass(row.pass)
		b.tick()
		if claims, drafts := left(); claims != row.claims || drafts != row.drafts {
			t.Errorf("at %v: %d claims and %d drafts are left, want %d and %d", b.Now().Sub(now), claims, drafts, row.claims, row.drafts)
		}
	}
}

// Each document from its own state: what is owed of it, in its order, and that a
// coordinator hears of what nobody does anything about.
func TestEveryDocumentIsLookedAt(t *testing.T) {
	b := newBed(t)
	now := b.Now()
	day := func(working int) time.Time { return b.cal().AddWorkingDays(now, working) }
	m := &pairing.Match{ID: "m", Run: "r", Programme: "pilot", State: pairing.Released, ReleasedAt: now, DueAt: now,
		Client: pairing.Side{Enrolment: "alex", Answer: pairing.Yes}, Consultant: pairing.Side{Enrolment: "zoe"}}
	c := b.Store.Commit()
	c.CreateMatch("pilot", m)
	b.x.StartedAt, b.x.DueAt = now, now
	c.CreatePairing("pilot", b.x)
	c.CreateInvitation("pilot", &questionnaire.Invitation{ID: "i", Enrolment: "alex", Role: programme.Client, Pairing: "x", CreatedAt: now, DueAt: now})
	for _, id := range []string{"claim", "another"} { // of one address, which is asked once
		c.CreateClaim("pilot", &enrolment.Claim{ID: id, Enrolment: "kim", Role: programme.Client, CreatedAt: now, DueAt: now, ExpireAt: now.Add(enrolment.ClaimLife)})
	}
	c.SaveMarks(&questionnaire.Marks{Programme: "pilot", Day: "9999-12-31"})
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: "lou", Role: programme.Consultant, State: enrolment.Confirmed, ConfirmedAt: now, CreatedAt: now, DueAt: now})
	c.CreateStaff(&store.Staff{ID: "morgan", Roles: access.ByProgramme{"pilot": {access.Coordinator}, "other": {access.Evaluator}}})
	c.CreateStaff(&store.Staff{ID: "evan", Roles: access.ByProgramme{"pilot": {access.Evaluator}, "other": {access.Coordinator}}})
	b.Commit(c)
	for b.Now().Before(day(16)) {
		b.Pass(6 * time.Hour)
		b.tick()
	}
	got := map[string]int{}
	for _, line := range b.owed() {
		got[line]++
	}
	delete(got, "daily-digest morgan")
	want := map[string]int{"agree-expectations zoe": 2, "book-session alex": 2, "book-session zoe": 2, "questionnaire-waits alex": 2,
		"confirm-enrolment kim": 2, "get-ready lou": 1}
	if !maps.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	// What the coordinator hears of comes each day: the match from its 10th working day on,
	// which is before the pairing's; and whoever is new on the first, once it has opened.
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	var new, overdue int
	for _, m := range all {
		switch {
		case m.Kind != message.KindDailyDigest:
		case m.CreatedAt.Before(day(2)):
			new++
		default:
			overdue++
		}
	}
	if new > 1 || overdue < 5 || overdue > 7 {
		t.Errorf("digests: %d of who is new, %d of what is overdue", new, overdue)
	}
	concerns, err := b.Store.Concerns(t.Context(), b.Programme, time.Time{})
	if err != nil || concerns != (message.Concerns{Unanswered: 1, Unbooked: 1}) {
		t.Errorf("a coordinator is needed for %+v, %v", concerns, err)
	}
}

func TestRivalTicksOweOnce(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	b.Pass(starts.AddDate(0, 0, -6).Sub(b.Now()))
	var at sync.WaitGroup
	for range 10 {
		at.Go(b.tick)
	}
	at.Wait()
	b.tick()
	b.wants("ten ticks at once", both(message.KindSessionInAWeek)...)
}

func TestSchedulerThatStoodStillSaysNothingStale(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	b.tickAt(starts.Add(-time.Hour)) // on the day itself "in a week" and "tomorrow" are wrong
	b.wants("on the day")
	b.tickAt(starts.AddDate(0, 0, 2))
	b.wants("two days later", both(message.KindLogYourSession)...)
	// The diary of all the days between is worked off.
	if from, err := b.Store.DiaryFrom(t.Context(), b.Now()); err != nil || from != store.DiaryDay(b.Now().Add(-slow)) {
		t.Errorf("to be looked through from %s, %v", from, err)
	}
}

func TestWhoIsRemindedOfWhat(t *testing.T) {
	logged := func(roles ...programme.Role) func(*pairing.Session) {
		return func(s *pairing.Session) {
			for _, r := range roles {
				s.Logged[string(r)] = true
			}
		}
	}
	state := func(state pairing.SessionState) func(*pairing.Session) {
		return func(s *pairing.Session) { s.State = state }
	}
	near, logs := both(message.KindSessionInAWeek, message.KindSessionTomorrow), both(message.KindLogYourSession, message.KindLogYourSession)
	for _, row := range []struct {
		name   string
		change []func(*pairing.Session)
		want   []string
	}{
		{"booked", nil, slices.Concat(near, logs)},
		{"called off", []func(*pairing.Session){state(pairing.NotHeld), logged(programme.Roles...)}, nil},
		{"called off by one", []func(*pairing.Session){state(pairing.NotHeld), logged(programme.Client)}, []string{"log-your-session zoe", "log-your-session zoe"}},
		{"cancelled", []func(*pairing.Session){state(pairing.Cancelled)}, nil},
		{"logged by one", []func(*pairing.Session){state(pairing.Held), logged(programme.Consultant)}, []string{"follow-up zoe", "log-your-session alex", "log-your-session alex"}},
		{"held and logged", []func(*pairing.Session){state(pairing.Held), logged(programme.Roles...)}, []string{"follow-up zoe"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBed(t)
			c := b.Store.Commit()
			c.CreatePairing("pilot", &pairing.Pairing{ID: "x", Client: "alex", Consultant: "zoe", State: pairing.Active, Dates: map[string]time.Time{"s": b.monday(), "s0": b.Now()}})
			b.Commit(c)
			starts := b.monday()
			b.book("s", starts, row.change...)
			for b.Now().Before(starts.AddDate(0, 0, 24)) {
				b.Pass(12 * time.Hour)
				b.tick()
			}
			b.wants(row.name, row.want...)
		})
	}
}

func TestMoreSessionsThanOnePage(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	c := b.Store.Commit()
	for i := range page + 5 {
		b.x.Dates, b.x.Changes = nil, 0 // more than there can be of one pairing
		s, err := b.x.Book(fmt.Sprint("s", i), "pilot", programme.Client, pairing.Booking{StartsAt: starts.UTC(), Minutes: 90, Place: "Leeds"}, programme.MostSessions, b.Now())
		if err != nil {
			t.Fatal(err)
		}
		if c.CreateSession(s); i%100 == 0 || i == page+4 {
			b.Commit(c)
			c = b.Store.Commit()
		}
	}
	b.tick()
	b.tickAt(starts.AddDate(0, 0, -6))
	if owed := b.Due(); len(owed) != 2*(page+5) {
		t.Errorf("%d messages, want two for each of %d sessions", len(owed), page+5)
	}
}

// One that cannot be read, one of a kind that is not known, one that is gone: each is
// looked at again, or dropped, and none holds up another.
func TestDocumentThatCannotBeHandledDoesNotHoldUpTheRest(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	due := b.Now()
	for _, id := range []string{"bad1", "bad2", "bad3"} {
		b.book(id, starts, func(s *pairing.Session) { s.DueAt = due.Add(-time.Hour) })
		b.Spoil("programmes/pilot/pairings/x/sessions/"+id, "minutes", "ninety")
	}
	b.book("s", starts)
	at := starts.AddDate(0, 0, -6)
	b.tickAt(at)
	b.tick()
	b.wants("three that cannot be read", both(message.KindSessionInAWeek)...)
	entries := func() (n, tries int) {
		for day := b.Now().AddDate(0, 0, -40); !day.After(b.Now().AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
			all, err := b.Store.DueOn(t.Context(), store.DiaryDay(day), b.Now().AddDate(1, 0, 0), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range all {
				if strings.Contains(d.Path, "bad") {
					n, tries = n+1, tries+d.Tries
				}
			}
		}
		return n, tries
	}
	if n, tries := entries(); n != 3 || tries != 3 {
		t.Errorf("%d are left to look at again, after %d tries", n, tries)
	}
	// Put off for longer each time, they come to an end of the queue and are never given up.
	for range 8 {
		b.Pass(25 * time.Hour)
		b.tick()
	}
	if n, tries := entries(); n != 3 || tries < 15 {
		t.Errorf("%d are left to look at again, after %d tries", n, tries)
	}
	b.Spoil("programmes/pilot/pairings/x/sessions/bad1", "minutes", 90)
	b.Pass(25 * time.Hour)
	b.tick()
	if n, _ := entries(); n != 2 {
		t.Errorf("%d are left once one is well again", n)
	}
}

// Nothing is owed to somebody who has left: neither about their own documents, nor
// about those that they share.
func TestNothingIsOwedToWhoHasLeft(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	alex, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	alex.Withdraw()
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", alex)
	c.CreateInvitation("pilot", &questionnaire.Invitation{ID: "i", Enrolment: "alex", Role: programme.Client, Pairing: "x", CreatedAt: b.Now(), DueAt: b.Now()})
	b.Commit(c)
	for b.Now().Before(starts) {
		b.Pass(12 * time.Hour)
		b.tick()
	}
	b.wants("one has left", "session-in-a-week zoe", "session-tomorrow zoe")
}

// Somebody changes a document in the moment in which a tick looks at it: neither
// undoes what the other did.
func TestStateChangesAmongTicks(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	b.Pass(starts.AddDate(0, 0, -6).Sub(b.Now()))
	var all sync.WaitGroup
	for range 4 {
		all.Go(b.tick)
	}
	moved := starts.AddDate(0, 0, 7)
	all.Go(func() {
		for {
			s, err := b.Store.Session(t.Context(), "pilot", "x", "s")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := b.x.Move(s, s.Sequence, pairing.Booking{StartsAt: moved.UTC(), Minutes: 90, Place: "Leeds"}, b.Now()); err != nil {
				t.Error(err)
				return
			}
			c := b.Store.Commit()
			c.UpdateSession(s)
			if err := c.Do(t.Context()); !store.IsConflict(err) {
				return
			}
		}
	})
	all.Wait()
	b.tick()
	before := len(b.owed()) // of the first date, where a tick was faster
	if before != 0 && before != 2 {
		t.Fatalf("owed %q", b.owed())
	}
	for b.Now().Before(moved.Add(-time.Hour)) {
		b.Pass(6 * time.Hour)
		b.tick()
	}
	if got := len(b.owed()); got != before+4 {
		t.Errorf("owed %q", b.owed())
	}
	s, err := b.Store.Session(t.Context(), "pilot", "x", "s")
	if err != nil || !s.StartsAt.Equal(moved) || s.Sequence != 1 {
		t.Errorf("moved to %v, %v", s, err)
	}
}

func TestOnlyItsScheduleWakesIt(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	b.Pass(starts.AddDate(0, 0, -6).Sub(b.Now()))
	b.Event("programmes/pilot/pairings/x/sessions/s", "")
	for name, status := range map[string]int{"{}": 400, "": 400, `{"specversion":"1.0"`: 400, `{"data":"` + strings.Repeat("x", 70<<10) + `"}`: 413} {
		if got := b.Do(http.MethodPost, "/events", "application/cloudevents+json", name); got.StatusCode != status {
			t.Errorf("%.40s: status %d, want %d", name, got.StatusCode, status)
		}
	}
	if got := b.Get("/events"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.StatusCode)
	}
	if got := b.owed(); len(got) > 0 {
		t.Errorf("owed %v", got)
	}
}

// Somebody who moves eastwards, where the day has opened before it was to be looked at,
// is told nevertheless, and once.
func TestWhoMovesIsStillReminded(t *testing.T) {
	b := newBed(t)
	starts := b.monday()
	b.book("s", starts)
	b.tick() // it stands in the diary by the programme's clock
	c, err := b.Store.Contact(t.Context(), "pilot", "alex")
	if err != nil || !c.SetZone("Asia/Kolkata", b.Now()) {
		t.Fatal(c, err)
	}
	commit := b.Store.Commit()
	commit.SaveContact("pilot", c, b.Now())
	b.Commit(commit)
	week := time.Date(starts.Year(), starts.Month(), starts.Day()-7, 8, 0, 0, 0, starts.Location())
	b.tickAt(week)
	b.wants("a week before", both(message.KindSessionInAWeek)...)
	b.tickAt(b.cal().DayBefore(starts).Add(-time.Minute)) // where alex is the day has opened
	b.wants("alex's last working day before", append(both(message.KindSessionInAWeek), "session-tomorrow alex")...)
	b.tickAt(b.cal().DayBefore(starts))
	b.tick()
	b.wants("zoe's", both(message.KindSessionInAWeek, message.KindSessionTomorrow)...)
}

// Whoever answers complaints hears once that the day of one is near, unless they have answered.
func TestComplaintThatWaitsIsRemindedOfOnce(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	for _, id := range []string{"open", "answered"} {
		x, err := complaint.New(b.Programme, &enrolment.Enrolment{ID: "alex", Role: programme.Client}, id, "They were late.", false, b.Now())
		if err != nil {
			t.Fatal(err)
		}
		if id == "answered" {
			if _, err := x.Move(complaint.Answered, "We are sorry.", b.Now()); err != nil {
				t.Fatal(err)
			}
		}
		c.SaveComplaint("pilot", x)
	}
	b.Commit(c)
	waits := func() (n int) {
		all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == message.KindComplaintWaits && m.To == complaint.Recipient && m.Complaint == "open" {
				n++
			}
		}
		return n
	}
	b.Event("", "reminders-tick")
	if n := waits(); n != 0 {
		t.Errorf("reminded %d times at once", n)
	}
	for range 40 {
		b.Pass(24 * time.Hour)
		b.Event("", "reminders-tick")
	}
	if n := waits(); n != 1 {
		t.Errorf("reminded %d times", n)
	}
}

// A letter to oneself comes back once, six months later, also where a tick was killed halfway;
// half a year after that it is deleted. Where all that is kept is going to be deleted, it comes
// back before.
func TestLetterToOneselfComesBackOnce(t *testing.T) {
	b := newBed(t)
	l, err := sealed.New(b.Programme, &enrolment.Enrolment{ID: "alex", Role: programme.Client}, "Dear me", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	early := *l
	early.ID, early.Enrolment = "kim", "kim"
	c := b.Store.Commit()
	c.SaveSealedLetter("pilot", l)
	c.SaveSealedLetter("pilot", &early)
	b.Commit(c)
	back := func(who string) (n int) {
		all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == message.KindSealedLetterBack && m.To == who {
				n++
			}
		}
		return n
	}
	b.Pass(24 * time.Hour)
	b.Event("", "reminders-tick")
	if back("alex")+back("kim") != 0 {
		t.Error("it came back at once")
	}
	for range 2 { // whoever is killed between letters goes on with the rest
		if err := b.Store.ReturnSealedLetters(t.Context(), "pilot", b.Now()); err != nil {
			t.Fatal(err)
		}
		b.Event("", "reminders-tick")
		b.Event("", "reminders-tick")
	}
	for _, who := range []string{"alex", "kim"} {
		if n := back(who); n != 1 {
			t.Errorf("%s is told %d times", who, n)
		}
	}
	kept, err := b.Store.SealedLetter(t.Context(), "pilot", l.ID)
	if err != nil || !kept.Back(b.Now()) || !kept.DueAt.Equal(kept.Until()) {
		t.Fatal(err, kept)
	}
	for b.Now().Before(kept.Until()) {
		b.Pass(20 * 24 * time.Hour)
		b.Event("", "reminders-tick")
	}
	if n := back("alex"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if kept, err = b.Store.SealedLetter(t.Context(), "pilot", l.ID); err != nil || kept != nil {
		t.Error("it is still there", err)
	}
}

// What nobody cuts short comes back after six months, by itself.
func TestLetterToOneselfComesBackAfterSixMonths(t *testing.T) {
	b := newBed(t)
	l, err := sealed.New(b.Programme, &enrolment.Enrolment{ID: "alex", Role: programme.Client}, "Dear me", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.SaveSealedLetter("pilot", l)
	b.Commit(c)
	var at []time.Time
	for range 14 {
		b.Pass(15 * 24 * time.Hour)
		b.Event("", "reminders-tick")
		all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == message.KindSealedLetterBack && len(at) == 0 {
				at = append(at, b.Now())
			}
		}
	}
	if len(at) != 1 || at[0].Before(l.ReturnAt) || at[0].After(l.ReturnAt.AddDate(0, 0, 16)) {
		t.Errorf("it was to come back at %s, and did at %v", l.ReturnAt, at)
	}
}
