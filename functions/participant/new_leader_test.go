package participant

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func naming(changes ...string) url.Values {
	return with(url.Values{"do": {"leader-asked"}, "email": {"kim@example.org"}}, changes...)
}

// Who leads an organisation no longer names who does: one email, whatever is pressed and by
// however many at once, nothing of it on anybody's page, and all of it can be taken back.
func TestWhoLeadsNoLongerNamesWhoDoes(t *testing.T) {
	b := newBed(t)
	b.pair()
	my := b.toMy("alex")
	at := my + "/new-leader/seek"
	b.moved(b.Get(at), my+"/code?to=new-leader%2Fseek")
	b.status(b.Post(at, naming()), http.StatusForbidden)
	b.giveFor(my, "")
	b.says("My programme", b.Get(my).Body, "I no longer lead Alex Trust", at)
	b.says("the form", b.Get(at).Body, "They get one email from us", "whoever reads that address learns that it takes part", "Pass on what stands in our notebook")
	b.status(b.Get(my+"/new-leader/offer"), http.StatusNotFound)
	b.status(b.Post(my+"/new-leader/offer", naming()), http.StatusNotFound)
	for _, wrong := range []string{"", "kim", "kim@example", "a@example.org, b@example.org", "kim@example.org\r\nBcc: x@example.org", "Alex@Example.org"} {
		b.refused(wrong, b.Post(at, naming("email", wrong)), "email")
	}
	if got := b.owedBeside(); len(got) != 0 {
		t.Fatalf("owed %v", got)
	}
	var all sync.WaitGroup
	for range 3 { // impatient clicks
		all.Go(func() { b.moved(b.Post(at, naming("goals", "yes")), at) })
	}
	all.Wait()
	b.moved(b.Post(at, naming("email", "other@example.org")), at) // another, while one is asked
	e := b.enrolment("alex")
	if !e.Handover.Waits(b.Now()) || e.Handover.ByStaff || !e.Handover.Goals || e.State != enrolment.Ready {
		t.Errorf("%+v", e.Handover)
	}
	if owed := b.owedBeside(); len(owed) != 1 || !strings.HasPrefix(owed[0], "passed-on invited-"+e.Handover.Nomination) {
		t.Errorf("owed %v", owed)
	}
	if held := b.holding("kim@example.org"); len(held) != 1 || !strings.Contains(held[0], "/nominations/") {
		t.Errorf("the address is in %v", held)
	}
	b.says("done", b.Get(at+"?done=leader-asked").Body, "Thank you. That is all", "you do not hear of it")
	b.says("My programme", b.Get(my).Body, "whoever leads it now was asked on")
	if page := b.Get(at).Body + b.Get(my).Body; strings.Contains(page, "kim@example.org") {
		t.Error("the address is shown")
	}
	if b.audited("said that somebody else leads") != 1 {
		t.Error("the audit trail")
	}
	b.moved(b.Post(at, url.Values{"do": {"lead-on"}}), at)
	b.moved(b.Post(at, url.Values{"do": {"lead-on"}}), at)
	if e := b.enrolment("alex"); e.Handover != (enrolment.Handover{}) || len(b.holding("kim@example.org")) != 0 {
		t.Errorf("taken back: %+v", e.Handover)
	}
	b.says("taken back", b.Get(at+"?done=lead-on").Body, "Nobody is asked any more")
	b.status(b.Post(at, url.Values{"do": {"else"}}), http.StatusNotFound)
}

// Whether the address takes part, was asked before, refused or is nobody's: who names it gets the
// same answer by the same work.
func TestWhoNamesALeaderLearnsNothing(t *testing.T) {
	b := newBed(t)
	b.Store.Remember(time.Hour)
	b.change("zoe", func(e *enrolment.Enrolment) { e.Person.Email = "zoe@example.org" })
	my := b.toMy("alex")
	at := my + "/new-leader/seek"
	b.giveFor(my, "")
	var answers []string
	for _, address := range []string{"nobody@example.org", "zoe@example.org", "nobody@example.org", "nobody@example.org"} { // the third is over the budget
		got := b.Post(at, naming("email", address))
		meter := b.Asked()
		cost := meter.Cost()
		work := fmt.Sprint(meter.Calls(), cost.Reads, cost.Writes)
		page := b.Get(at + "?done=leader-asked")
		answers = append(answers, got.Header.Get("Location")+content(page.Body)+work)
		b.Post(at, url.Values{"do": {"lead-on"}})
	}
	for i, a := range answers {
		if a != answers[0] {
			t.Errorf("%d: %s\nis not\n%s", i, a, answers[0])
		}
	}
	if owed := b.owedBeside(); len(owed) != 3 { // the last was more than an address is asked
		t.Errorf("owed %v", owed)
	}
}

// continued is the match by which kim, who leads alex's organisation now, and zoe are asked
// whether they go on after the pairing "x", with each side's link.
func (b *bed) continued(goals bool) (kim, zoe string) {
	b.t.Helper()
	b.enrol(&enrolment.Enrolment{ID: "kim-seek", Role: programme.Client, State: enrolment.Ready, Capacity: 1, Succeeds: "take",
		Person: enrolment.Person{Name: "Kim Sample", Email: "kim@example.org"}, Organisation: enrolment.Organisation{Name: "Alex Trust", Region: "Yorkshire and the Humber"}})
	x := b.pairing("x")
	if _, err := x.Stop("client", "canary-reason", pairing.Leave, b.Now()); err != nil {
		b.t.Fatal(err)
	}
	x.Milestone = pairing.None
	who, err := b.Store.EnrolmentsOf(b.t.Context(), "pilot", []string{"kim-seek", "zoe"})
	if err != nil {
		b.t.Fatal(err)
	}
	robin, err := b.Store.Supervisor(b.t.Context(), "pilot", "robin")
	if err != nil {
		b.t.Fatal(err)
	}
	x.Free(pairing.Holders{Consultant: who["zoe"], Supervisor: robin})
	m, err := pairing.Continue("next", "pilot", x, "kim-seek", goals, matching.Reasons{Region: "Yorkshire and the Humber"}, b.Now().AddDate(0, 0, 14), b.Now(), pairing.Holders{Client: who["kim-seek"], Consultant: who["zoe"], Supervisor: robin})
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.Store.Commit()
	if err := b.Store.AddRun(b.t.Context(), c, "pilot", pairing.Continued, b.Now()); err != nil {
		b.t.Fatal(err)
	}
	c.CreateMatch("pilot", m)
	c.UpdatePairing("pilot", x)
	c.UpdateEnrolment("pilot", who["kim-seek"])
	c.UpdateEnrolment("pilot", who["zoe"])
	c.UpdateSupervisor("pilot", robin)
	b.Commit(c)
	to := func(id string, role programme.Role) string {
		return b.Link(purpose.Match, store.Link{Programme: "pilot", Person: id, Role: role, IDs: outbox.IDs{Run: m.Run, Match: m.ID}})
	}
	return to("kim-seek", programme.Client), to("zoe", programme.Consultant)
}

// ofTheOneBefore is what the leader before wrote and said, with whom the new one goes on or not.
var ofTheOneBefore = []string{"canary-surfaced", "canary-note", "canary-goal", "canary-action", "canary-line", "canary-reason", "canary-situation", "canary-hopes", "07700 900123", "Alex Sample", "alex@example.org", "canary-place"}

// before has alex and zoe have two sessions, and write what nobody after alex may read.
func (b *bed) before() {
	b.t.Helper()
	alex, _ := b.pair()
	b.change("alex", func(e *enrolment.Enrolment) { e.Situation, e.Hopes = "canary-situation", "canary-hopes" })
	b.held(alex, "s1", "s2")
	b.giveFor(alex, "")
	x := b.pairing("x")
	n, err := b.Store.Notebook(b.t.Context(), "pilot", x)
	if err != nil {
		b.t.Fatal(err)
	}
	now := b.Now()
	if err := n.AddGoal("g", "canary-goal", now); err != nil {
		b.t.Fatal(err)
	}
	n.Actions = append(n.Actions, pairing.Action{ID: "a", Text: "canary-action", Owner: programme.Client, At: now})
	n.FollowUps = append(n.FollowUps, pairing.FollowUpEntry{ID: "f", By: programme.Client, On: now, How: pairing.PhoneChannel, Line: "canary-line"})
	n.Rings = map[string]bool{"client": true}
	c := b.Store.Commit()
	c.SaveNotebook("pilot", n, now)
	b.Commit(c)
	b.Post(alex+"/log/s1", heldLog("surfaced", "canary-surfaced", "share-surfaced", "yes"))
}

// Once both have agreed, and not before, they go on in a pairing of their own that counts what was
// held before: once, and with nothing of what was said in it, but for what was passed on.
func TestTwoGoOnWhereAnotherLeads(t *testing.T) {
	for name, goals := range map[string]bool{"with goals": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.before()
			kim, zoe := b.continued(goals)
			b.AnotherBrowser()
			shown := b.Get(kim).Body
			b.says("kim's match", shown, "Before you led Alex Trust, it worked with Zoe Sample", "or be matched anew", "No run made this match")
			b.says("zoe's match", b.Get(zoe).Body, "Kim Sample leads Alex Trust now", "stays between the two of you", "then they are matched anew")
			shown += b.Get(kim+"/accept").Body + b.Get(kim+"/decline").Body + b.Get(kim+"/check").Body
			b.Post(zoe+"/accept", agree())
			if _, err := b.Store.Pairing(t.Context(), "pilot", "next"); err == nil {
				t.Fatal("they go on before both have agreed")
			}
			b.Post(kim+"/accept", agree())
			x := b.pairing("next")
			if x.Continues != "x" || len(x.Before) != 2 || x.Held != 0 || x.HeldInAll() != 2 || len(x.Dates) != 0 || len(x.Expectations.Points) == 0 || x.Agreement.Text != "" {
				t.Errorf("it begins as %+v", x)
			}
			at := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "kim-seek", Role: programme.Client, IDs: outbox.IDs{Pairing: "next"}})
			page := b.Get(at).Body
			b.says("kim's sessions", page, "Before you: 2 sessions with the one who led before, from 2 March 2027 to 2 March 2027", "2 of at least", "counting those before")
			b.giveFor(at, "")
			shown += page + b.Get(at).Body + b.Get(at+"/agreed").Body + b.Get(at+"/story").Body + b.Get(at+"/book").Body
			notebook := b.Get(at + "/notebook").Body
			for _, passed := range []string{"canary-goal", "canary-action"} {
				if strings.Contains(notebook, passed) != goals {
					t.Errorf("the notebook shows %s: %v", passed, !goals)
				}
			}
			if goals {
				b.says("the notebook", notebook, "passed on by who led the organisation before")
			}
			my := b.Link(purpose.My, store.Link{Programme: "pilot", Person: "kim-seek", Role: programme.Client})
			b.giveFor(my, "")
			shown += b.Get(my).Body + b.Get(my+"/chair/after").Body
			mine := b.toMine("kim-seek")
			b.giveFor(mine, "")
			b.giveFor(mine, "download")
			held, data := b.Get(mine).Body, b.Get(mine+"/download/data.json").Body
			b.says("what is held about kim", held+data, "Kim Sample", "kim@example.org")
			shown += held + data + b.Get(mine+"/download/page.html").Body
			if shown += notebook; goals {
				shown = strings.NewReplacer("canary-goal", "", "canary-action", "").Replace(shown)
			}
			for _, text := range ofTheOneBefore {
				if strings.Contains(shown, text) {
					t.Errorf("%q is shown to who leads now", text)
				}
			}
			for _, id := range []string{"x", "s1"} { // nor by another's pages
				b.status(b.Get(my+"/open/sessions/"+id), http.StatusMethodNotAllowed)
			}
			b.status(b.Get(at+"/log/s1"), http.StatusNotFound)
			b.status(b.Get(at+"/note/s1"), http.StatusNotFound)

			// The hours that zoe gave are counted once.
			zoes := b.toMy("zoe")
			b.AnotherBrowser()
			b.giveFor(zoes, "")
			hours := b.Get(zoes + "/hours/download").Body
			if i := slices.IndexFunc(strings.Split(hours, "\n"), func(line string) bool { return strings.Contains(line, "essions") && strings.Contains(line, ",2") }); i < 0 {
				t.Errorf("the hours of who helped: %s", hours)
			}
		})
	}
}

// Either may say no: the new leader has their place free for another match, and what the pairing
// before asks at its end is asked then.
func TestEitherMayRatherNotGoOn(t *testing.T) {
	for _, who := range []string{"kim", "zoe"} {
		t.Run(who, func(t *testing.T) {
			b := newBed(t)
			b.before()
			kim, zoe := b.continued(false)
			link := map[string]string{"kim": kim, "zoe": zoe}[who]
			if page := b.Get(link + "/decline").Body; strings.Contains(page, "look again") {
				t.Error("nobody made it who could look again")
			}
			b.Post(link+"/decline", url.Values{"decline": {"yes"}})
			if e := b.enrolment("kim-seek"); len(e.Places) != 0 || e.State != enrolment.Ready {
				t.Errorf("kim: %+v", e)
			}
			if x := b.pairing("x"); x.Milestone != pairing.Ended {
				t.Errorf("the pairing before asks for %q", x.Milestone)
			}
		})
	}
}

// What was passed on by who was forgotten since is not there any more.
func TestNothingIsPassedOnByWhoWasForgotten(t *testing.T) {
	b := newBed(t)
	b.before()
	kim, zoe := b.continued(true)
	x := b.pairing("x")
	x.Forget([]string{"alex"})
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
	b.Post(zoe+"/accept", agree())
	b.Post(kim+"/accept", agree())
	next := b.pairing("next")
	n, err := b.Store.Notebook(t.Context(), "pilot", next)
	if err != nil || len(n.Goals)+len(n.Actions) != 0 || len(next.Before) != 2 {
		t.Errorf("%+v, %v; %+v", n, err, next.Before)
	}
}

// Whose place somebody else has taken reads so, and what they told stays theirs.
func TestWhoseRoleIsTakenReadsSo(t *testing.T) {
	b := newBed(t)
	e := ready("ann-seek", programme.Client, func(e *enrolment.Enrolment) {
		_, _ = e.HandOver("take", false, false, b.Now())
		e.Handover.TakenAt = b.Now()
		e.Withdraw()
	})
	b.enrol(e)
	mine := b.toMine("ann-seek")
	b.giveFor(mine, "")
	b.says("what is held", b.Get(mine).Body, "Somebody else leads "+e.Organisation.Name+" now", "All that is below stays yours", "Take it along", "Have everything about you deleted")
	b.status(b.Get(b.toMy("ann-seek")+"/new-leader/seek"), http.StatusGone)
}
