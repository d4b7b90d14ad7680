package outbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// started owes Alex news of their pairing, waits owes a reminder of a questionnaire,
// and log one of a log.
func (b *bed) started(id string) {
	b.t.Helper()
	b.owe(b.t.Context(), outbox.Message{ID: id, Kind: message.KindPairingStarted, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m"}})
}

func (b *bed) waits(id string) {
	b.t.Helper()
	b.owe(b.t.Context(), outbox.Message{ID: id, Kind: message.KindQuestionnaireInvited, To: "alex", Role: programme.Client, IDs: outbox.IDs{Invitation: "i"}})
}

func (b *bed) log(id string) {
	b.t.Helper()
	b.owe(b.t.Context(), outbox.Message{ID: id, Kind: message.KindLogYourSession, Step: 1, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}})
}

// states are those of messages, as "id state".
func (b *bed) states(ids ...string) string {
	b.t.Helper()
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf("%s %s", id, b.message(id).State))
	}
	return strings.Join(all, ", ")
}

// morrow moves the programme's date to noon of the next working day.
func (b *bed) morrow() {
	b.t.Helper()
	b.Pass(calendar.Of(b.Programme, "", "").AddWorkingDays(b.Now(), 1).Add(4 * time.Hour).Sub(b.Now()))
}

// reminding lets people be reminded of several things in a week, and of many in all, as a
// programme can set it.
func (b *bed) reminding() {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	p.Cadence.MostAWeek, p.Cadence.MostAMonth, p.Cadence.MostAgain = 3, 8, 20
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

func TestWhatWaitsForOnePersonIsOneEmail(t *testing.T) {
	b := newBed(t)
	b.reminding()
	b.started("a")
	b.waits("b")
	b.log("c")
	b.owe(t.Context(), outbox.Message{ID: "d", Kind: message.KindPairingStarted, To: "robin", Role: programme.Consultant, IDs: outbox.IDs{Pairing: "m"}})
	var at sync.WaitGroup
	for _, id := range []string{"a", "b", "c", "d", "a", "b"} {
		at.Go(func() { b.Event("outbox/"+id, "") })
	}
	at.Wait()
	b.sweep()
	if got := b.states("a", "b", "c", "d"); got != "a sent, b sent, c sent, d sent" {
		t.Fatal(got)
	}
	all := b.emails()
	if len(all) != 2 {
		t.Fatalf("%d emails, want one for each of two people", len(all))
	}
	i := slices.IndexFunc(all, func(e email) bool { return e.to().Email == "alex@example.org" })
	text := all[i].part("text/plain")
	for _, says := range []string{"You are both in", "Looking back", "How was session 1?"} {
		if strings.Count(all[i].Subject+text, says) < 1 {
			t.Errorf("the email lacks %q:\n%s", says, text)
		}
	}
	if b.message("b").Provider != b.message("a").Provider || b.message("b").With != "a" || b.message("a").Attempts != 1 || b.message("b").Attempts != 0 {
		t.Errorf("%+v and %+v", b.message("a"), b.message("b"))
	}
}

func TestOneEmailADayUnlessATimeHasChanged(t *testing.T) {
	b := newBed(t)
	b.started("a")
	b.Event("outbox/a", "")
	b.waits("b")
	b.Event("outbox/b", "")
	b.sweep()
	b.booked("c")
	b.Event("outbox/c", "")
	b.owe(t.Context(), outbox.Message{ID: "d", Kind: message.KindEnrolmentConfirmed, To: "alex", Role: programme.Client})
	b.Event("outbox/d", "")
	if got := b.states("a", "b", "c", "d"); got != "a sent, b pending, c sent, d sent" {
		t.Fatal(got)
	}
	b.morrow()
	b.sweep()
	if got := b.states("b"); got != "b sent" || len(b.emails()) != 4 {
		t.Errorf("the next day: %s, %d emails", got, len(b.emails()))
	}
}

// both has Sam take part as both, with a pairing in each role, and owes them news of
// both: "a" as a client and "b" as a consultant.
func (b *bed) both() {
	b.t.Helper()
	c := b.Store.Commit()
	for _, role := range programme.Roles {
		id := "sam-" + role.Side()
		m := &pairing.Match{ID: id, Run: "run", Programme: "pilot", State: pairing.Accepted,
			Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "robin"}}
		if role == programme.Client {
			m.Client.Enrolment = id
		} else {
			m.Consultant.Enrolment = id
		}
		c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: id, Role: role, State: enrolment.Ready, Places: []string{id},
			Person: enrolment.Person{Name: "Sam Sample", Email: "sam@example.org"}, Organisation: enrolment.Organisation{Name: "Sam Trust"}})
		c.CreatePairing("pilot", pairing.Start(m, b.Now()))
	}
	b.Commit(c)
	b.startedAs("a", programme.Client)
	b.startedAs("b", programme.Consultant)
}

// startedAs owes Sam news of their pairing in a role.
func (b *bed) startedAs(id string, role programme.Role) {
	b.t.Helper()
	to := "sam-" + role.Side()
	b.owe(b.t.Context(), outbox.Message{ID: id, Kind: message.KindPairingStarted, To: to, Role: role, IDs: outbox.IDs{Pairing: to}})
}

// Somebody who takes part in both roles is one person: what is due to them in both is
// one email, and there is no other on the day.
func TestWhoTakesPartTwiceGetsOneEmailADay(t *testing.T) {
	for _, first := range []string{"a", "b"} {
		t.Run(first, func(t *testing.T) {
			b := newBed(t)
			b.both()
			b.Event("outbox/"+first, "")
			if got, all := b.states("a", "b"), b.emails(); got != "a sent, b sent" || len(all) != 1 || all[0].to().Email != "sam@example.org" {
				t.Fatalf("%s, %+v", got, all)
			}
			for id, role := range map[string]programme.Role{"c": programme.Client, "d": programme.Consultant} {
				b.startedAs(id, role)
				b.Event("outbox/"+id, "")
			}
			if got := b.states("c", "d"); got != "c pending, d pending" {
				t.Fatal(got)
			}
			b.morrow()
			b.sweep()
			if got, n := b.states("c", "d"), len(b.emails()); got != "c sent, d sent" || n != 2 {
				t.Errorf("the next day: %s, %d emails", got, n)
			}
		})
	}
}

// However their emails are sent side by side, those who take part twice get one.
func TestWhoTakesPartTwiceGetsOneEmailOfTwoSenders(t *testing.T) {
	b := newBed(t)
	b.both()
	var at sync.WaitGroup
	for _, id := range []string{"a", "b", "a", "b"} {
		at.Go(func() { b.Event("outbox/"+id, "") })
	}
	at.Wait()
	b.sweep()
	b.morrow()
	b.sweep()
	if got, n := b.states("a", "b"), len(b.emails()); got != "a sent, b sent" || n != 1 {
		t.Errorf("%s, %d emails", got, n)
	}
}

// Who has left in one role is written to in the other.
func TestWhoHasLeftInOneRoleIsWrittenToInTheOther(t *testing.T) {
	b := newBed(t)
	b.both()
	e, err := b.Store.Enrolment(t.Context(), "pilot", "sam-seek")
	if err != nil {
		t.Fatal(err)
	}
	e.State = enrolment.Withdrawn
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.sweep()
	b.sweep() // what went with the other waits for the next
	if got, n := b.states("a", "b"), len(b.emails()); got != "a unwanted, b sent" || n != 1 {
		t.Errorf("%s, %d emails", got, n)
	}
}

// The day's email is kept free for the reminder of a session, in whichever role that is.
func TestReminderOfASessionFindsItsDayInBothRoles(t *testing.T) {
	b := newBed(t)
	b.both()
	b.sweep() // now they are known in both roles
	b.Pass(48 * time.Hour)
	cal := calendar.Of(b.Programme, "", "")
	opened := cal.AddWorkingDays(b.Now(), 1)
	x, err := b.Store.Pairing(t.Context(), "pilot", "sam-offer")
	if err != nil {
		t.Fatal(err)
	}
	session, err := x.Book("t", "pilot", programme.Consultant, pairing.Booking{StartsAt: cal.AddWorkingDays(opened, 1).Add(4 * time.Hour), Minutes: 60, Place: "Leeds"}, programme.MostSessions, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	c.CreateSession(session)
	b.Commit(c)
	b.Pass(opened.Add(30 * time.Minute).Sub(b.Now()))
	b.startedAs("c", programme.Client)
	b.Event("outbox/c", "")
	if m := b.message("c"); m.State != outbox.Pending || m.DueAt.Before(opened.Add(time.Hour)) {
		t.Errorf("it went, and took the day: %+v", m)
	}
}

func TestNobodyIsWrittenToAtNightUnlessATimeHasChanged(t *testing.T) {
	b := newBed(t)
	night := time.Date(b.Now().Year(), b.Now().Month(), b.Now().Day(), 23, 30, 0, 0, b.Programme.Location())
	b.Pass(night.Sub(b.Now()))
	b.started("a")
	b.booked("b")
	b.sweep()
	b.Event("outbox/a", "")
	if got := b.states("a", "b"); got != "a pending, b sent" {
		t.Fatal(got)
	}
	if due := b.message("a").DueAt.In(b.Programme.Location()); due.Hour() != 8 || due.Before(night) || due.Sub(night) > 4*24*time.Hour {
		t.Errorf("due %v", due)
	}
	b.morrow()
	b.sweep()
	if got := b.states("a"); got != "a sent" {
		t.Error(got)
	}
}

// A bundle that the provider refuses, or that is left in doubt, is tried again as it
// was, less what is no longer wanted.
func TestBundleStaysTogether(t *testing.T) {
	b, s := newReportedBed(t)
	b.reminding()
	b.refusing(status(http.StatusTooManyRequests))
	b.started("a")
	b.log("b")
	b.waits("c")
	b.Event("outbox/a", "")
	if got := b.states("a", "b", "c"); got != "a pending, b bundled, c bundled" {
		t.Fatal(got)
	}
	b.waits("late")
	b.Event("outbox/late", "")
	session, err := b.Store.Session(t.Context(), "pilot", "m", "s")
	if err != nil {
		t.Fatal(err)
	}
	session.Logged = map[string]bool{"client": true}
	c := b.Store.Commit()
	c.UpdateSession(session)
	b.Commit(c)

	b.refusing(b.goneQuiet)
	b.Pass(time.Minute)
	b.Event("outbox/a", "")
	if got := b.states("a", "b", "c", "late"); got != "a in doubt, b unwanted, c bundled, late pending" {
		t.Fatal(got)
	}
	if status := b.deliver(s, reported("delivered", "a", 2)); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if got := b.states("a", "b", "c", "late"); got != "a sent, b unwanted, c sent, late pending" {
		t.Error(got)
	}
}

// When what leads an email is no longer wanted, the rest goes all the same.
func TestBundleOutlivesItsLead(t *testing.T) {
	b := newBed(t)
	b.refusing(status(http.StatusTooManyRequests))
	b.started("a")
	b.waits("b")
	b.Event("outbox/b", "")
	if got := b.states("a", "b"); got != "a pending, b bundled" {
		t.Fatal(got)
	}
	x, err := b.Store.Pairing(t.Context(), "pilot", "m")
	if err != nil {
		t.Fatal(err)
	}
	x.State = pairing.Completed
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
	b.refusing(nil)
	b.Pass(time.Minute)
	b.sweep()
	b.morrow()
	b.sweep()
	if got := b.states("a", "b"); got != "a unwanted, b sent" || len(b.emails()) != 1 {
		t.Errorf("%s, %d emails", got, len(b.emails()))
	}
}

func TestWhatIsNoLongerWantedIsNotSent(t *testing.T) {
	b := newBed(t)
	old := outbox.Message{ID: "moved", Kind: message.KindSessionBooked, Sequence: 7, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}}
	late := outbox.Message{ID: "late", Kind: message.KindSessionBooked, Until: b.Now(), To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}}
	answered := outbox.Message{ID: "answered", Kind: message.KindAnswerMatch, Step: 1, To: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "run", Match: "m"}}
	for _, m := range []outbox.Message{old, late, answered} {
		b.owe(t.Context(), m)
	}
	b.sweep()
	if got := b.states("moved", "late", "answered"); got != "moved unwanted, late unwanted, answered unwanted" || b.attempts() != 0 {
		t.Errorf("%s, %d attempts", got, b.attempts())
	}
}

// No reminder comes before what it reminds of.
func TestReminderWaitsForItsFirstMessage(t *testing.T) {
	b := newBed(t)
	first := outbox.Message{ID: "first", Kind: message.KindMatchReleased, To: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "run", Match: "open"}}
	again := first
	again.ID, again.After = "again", "first"
	b.refusing(status(http.StatusServiceUnavailable))
	b.owe(t.Context(), first)
	b.Event("outbox/first", "")
	b.owe(t.Context(), again)
	b.Event("outbox/again", "")
	if got := b.states("first", "again"); got != "first pending, again pending" || b.attempts() != 1 {
		t.Fatalf("%s, %d attempts", got, b.attempts())
	}
	b.refusing(nil)
	b.Pass(time.Minute)
	b.sweep()
	if got := b.states("first", "again"); got != "first sent, again pending" {
		t.Fatal(got)
	}
	b.Pass(time.Hour)
	b.sweep()
	if got := b.states("again"); got != "again unwanted" || len(b.emails()) != 1 {
		t.Errorf("reminded of what came an hour ago: %s", got)
	}
	further := again
	further.ID = "further"
	b.morrow()
	b.owe(t.Context(), further)
	b.sweep()
	if got := b.states("further"); got != "further sent" {
		t.Error(got)
	}
}

func TestLetterThatFailsIsSetAsideAlone(t *testing.T) {
	b := newBed(t)
	b.owe(t.Context(), outbox.Message{ID: "poison", Kind: "no-such-letter", To: "robin", Role: programme.Consultant})
	b.owe(t.Context(), outbox.Message{ID: "broken", Kind: message.KindSessionBooked, To: "robin", Role: programme.Consultant})
	b.booked("good")
	b.sweep()
	if got := b.states("poison", "broken", "good"); got != "poison set aside, broken set aside, good sent" {
		t.Error(got)
	}
}

// A letter that fails on its data takes none along that would have gone with it.
func TestLetterThatFailsLeavesItsCompany(t *testing.T) {
	for _, poison := range []string{"a", "z"} { // before and after the other
		t.Run(poison, func(t *testing.T) {
			b := newBed(t)
			b.owe(t.Context(), outbox.Message{ID: poison, Kind: "no-such-letter", To: "alex", Role: programme.Client})
			b.started("m")
			b.waits("n")
			b.sweep()
			b.morrow()
			b.sweep()
			if got, n := b.states(poison, "m", "n"), len(b.emails()); got != poison+" set aside, m sent, n sent" || n != 1 {
				t.Errorf("%s, with %d emails", got, n)
			}
		})
	}
}

// Who asked for their link is sent one email, whatever they take part in, which leads to all of
// it; the footer says it no second time.
func TestLinkThatWasAskedForLeadsToAllThatIsTheirs(t *testing.T) {
	b := newBed(t)
	e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.Enqueue(t.Context(), message.Asked(message.YourLink(b.Programme, e, "", b.Now()), b.Now()), b.Now())
	b.Commit(c)
	b.sweep()
	b.sweep()
	all := b.emails()
	if len(all) != 1 || strings.Count(all[0].Content[0].Value, origin+"/my/") != 1 {
		t.Errorf("%d emails: %+v", len(all), all)
	}
}
