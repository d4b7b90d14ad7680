package participant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// toAssistant is the link that somebody's assistant is sent now.
func (b *bed) toAssistant(id string) string {
	b.t.Helper()
	e := b.enrolment(id)
	return b.Link(purpose.Assistant, store.Link{Programme: "pilot", Person: id, Role: e.Role, Generation: e.Assistant.Generation})
}

// assisted has pat pick times for somebody, and is their link.
func (b *bed) assisted(id string) string {
	b.t.Helper()
	b.change(id, func(e *enrolment.Enrolment) {
		if _, err := e.NameAssistant("pat@example.org", b.Now()); err != nil {
			b.t.Fatal(err)
		}
	})
	link := b.toAssistant(id)
	b.moved(b.Post(link, url.Values{"do": {"yes"}}), link)
	return link
}

// closed fails unless a link to pick times opens nothing, and says so in words of its own.
func (b *bed) closed(name, link string) {
	b.t.Helper()
	for _, below := range []string{"", "/times/x", "/propose/x"} {
		got := b.Get(link + below)
		b.status(got, http.StatusGone)
		b.says(name, got.Body, "picks no times any more", "There is nothing that you have to do")
		b.silent(name, got.Body, "Alex", "Zoe", "Send me my link again")
	}
	for _, below := range []string{"", "/pick/x", "/propose/x"} {
		b.status(b.Post(link+below, with(proposing(), "do", "yes")), http.StatusGone)
	}
}

// A leader names somebody, who is asked by one email and sees nothing before they have said yes.
func TestAssistantIsAskedOnceAndSaysYes(t *testing.T) {
	b := newBed(t)
	_, zoe := b.pair()
	my := b.toMy("alex")
	b.moved(b.Get(my+"/assistant"), my+"/code?to=assistant")
	b.status(b.Post(my+"/assistant", url.Values{"email": {"pat@example.org"}}), http.StatusForbidden)
	b.giveFor(my, "assistant")
	b.says("My programme", b.Get(my).Body, "Let your assistant pick times", my+"/assistant")
	b.says("the page", b.Get(my+"/assistant").Body, "Their email address", "and nothing that you wrote")
	b.refused("one's own", b.Post(my+"/assistant", url.Values{"email": {"Alex@Example.org"}}), "email")
	b.refused("none", b.Post(my+"/assistant", url.Values{"email": {"pat"}}), "email")

	var at sync.WaitGroup
	for range 4 { // impatient clicks
		at.Go(func() {
			b.moved(b.Post(my+"/assistant", url.Values{"email": {"pat@example.org"}}), my+"/assistant")
		})
	}
	at.Wait()
	if owed := b.owedBeside(); !slices.Equal(owed, []string{"assistant-asked alex"}) {
		t.Errorf("owed %v", owed)
	}
	b.says("My programme", b.Get(my).Body, "pat@example.org", "no answer yet")
	b.silent("My programme", b.Get(my).Body, "Let your assistant pick times")
	b.says("the page", b.Get(my+"/assistant?done=named").Body, "has not answered yet", "We ask them by email", "Take it back")

	link := b.toAssistant("alex")
	before := b.documents()
	for range 2 { // a scanner
		page := b.Get(link).Body
		b.says("what they are asked", page, "Would you pick times for Alex Sample?", b.Programme.Name, b.Programme.Host.Contact, "Not me, or I do not want this")
		b.silent("what they are asked", page, "Zoe")
	}
	for _, below := range []string{"/times/x", "/propose/x"} {
		b.status(b.Get(link+below), http.StatusNotFound)
	}
	b.status(b.Post(link+"/propose/x", proposing()), http.StatusNotFound)
	b.status(b.Post(link, url.Values{}), http.StatusNotFound)
	if after := b.documents(); len(after) != len(before) || b.pairing("x").Proposal.ID != "" {
		t.Error("something was written before they said yes")
	}
	b.moved(b.Post(zoe+"/propose", proposing()), zoe)
	if owed := b.owedBeside(); !slices.Equal(owed, []string{"assistant-asked alex", "times-proposed alex"}) {
		t.Errorf("owed %v", owed)
	}

	for range 2 {
		b.moved(b.Post(link, url.Values{"do": {"yes"}}), link)
	}
	b.moved(b.Get(link), link+"/times/x")
	b.says("the page", b.Get(my+"/assistant").Body, "picks times for you since")
	b.says("My programme", b.Get(my).Body, "who picks times for you since")
}

// They pick, or propose, in the place of the leader, who sees that it was they; both get the
// invitation for their calendar.
func TestAssistantPicksAndProposes(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	link := b.assisted("alex")
	b.moved(b.Post(zoe+"/propose", proposing()), zoe)
	if owed := b.owed(); !slices.Equal(owed, []string{"assistant-times alex", "times-proposed alex"}) {
		t.Errorf("owed %v", owed)
	}
	times := link + "/times/x"
	b.says("the times", b.Get(times).Body, "Zoe Sample proposes times for a session of 60 minutes: By video", "Which one suits Alex Sample?", "Tuesday 16 March 2027, 2:00pm", "Propose others")
	b.refused("none", b.Post(link+"/pick/x", url.Values{"seen": b.picking(0)["seen"]}), "at")

	b.moved(b.Post(link+"/propose/x", proposing("date-1", "23", "seen", b.pairing("x").Proposal.ID)), times)
	b.says("what they proposed", b.Get(times+"?done=times").Body, "We have sent Zoe Sample these times", "These times are proposed to Zoe Sample")
	b.says("the page of the leader", b.Get(alex).Body, "Your assistant has proposed these times")
	b.silent("the page of the other", b.Get(zoe).Body, "ssistant", "pat@example.org")
	b.moved(b.Post(zoe+"/propose", proposing("seen", b.pairing("x").Proposal.ID)), zoe)

	picked := b.picking(1)
	var at sync.WaitGroup
	for range 3 {
		at.Go(func() { b.moved(b.Post(link+"/pick/x", picked), times) })
	}
	at.Wait()
	all := b.sessions()
	if len(all) != 1 || all[0].BookedBy != programme.Client || !all[0].ByAssistant || all[0].StartsAt.Format(time.RFC3339) != "2027-03-18T10:00:00Z" {
		t.Fatalf("sessions %+v", all)
	}
	owed := b.owed()
	if !slices.Contains(owed, "session-booked alex") || !slices.Contains(owed, "session-booked zoe") {
		t.Errorf("owed %v", owed)
	}
	b.says("what they picked", b.Get(times+"?done=booked").Body, "A session is booked. Alex Sample and Zoe Sample each get", "They meet already on", "Thursday 18 March 2027, 10:00am", "No times wait")
	b.says("the page of the leader", b.Get(alex).Body, "Picked by your assistant")
	b.silent("the page of the other", b.Get(zoe).Body, "ssistant")
}

// A leader and their assistant who act at once book one session, and all see which.
func TestLeaderAndAssistantWhoPickAtOnceBothSeeTheTruth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	link := b.assisted("alex")
	b.moved(b.Post(zoe+"/propose", proposing()), zoe)
	first, second := b.picking(0), b.picking(1)
	var at sync.WaitGroup
	at.Go(func() { b.moved(b.Post(alex+"/pick", first), alex) })
	at.Go(func() { b.moved(b.Post(link+"/pick/x", second), link+"/times/x") })
	at.Wait()
	all := b.sessions()
	if len(all) != 1 || all[0].ByAssistant == (strconv.FormatInt(all[0].StartsAt.Unix(), 10) == first.Get("at")) {
		t.Fatalf("sessions %+v", all)
	}
	when := all[0].StartsAt.Format("Monday 2 January 2006")
	for name, page := range map[string]string{"the leader": alex, "the other": zoe, "the assistant": link + "/times/x"} {
		b.says(name, b.Get(page).Body, when)
	}
	if got := strings.Contains(b.Get(alex).Body, "Picked by your assistant"); got != all[0].ByAssistant {
		t.Errorf("the leader reads %v", got)
	}
}

// Nothing that the two have told, wrote or are known by stands on a page of the assistant, but
// their names and when they can meet.
func TestAssistantSeesNothingElse(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	for _, id := range []string{"alex", "zoe"} {
		b.change(id, func(e *enrolment.Enrolment) {
			e.Person.Email, e.Person.Phone, e.NewEmail, e.FormerEmail = "canary.own@example.org", "canary", "canary.new@example.org", "canary.old@example.org"
			e.Organisation = enrolment.Organisation{Name: "canary", Number: "canary", Postcode: "canary", Region: "canary", Categories: []string{"canary"}, Joined: []string{"canary"}}
			e.Strengths, e.Skills, e.Experience, e.Languages, e.Meeting = []string{"canary"}, map[string]int{"canary": 3}, map[string]int{"canary": 1}, []string{"canary"}, []string{"canary"}
			e.Conflicts, e.Situation, e.Hopes, e.Offering, e.Introduction = []string{"canary"}, "canary", "canary", "canary", "canary"
			e.Heard, e.Mention, e.Bids, e.Extra, e.Fits, e.Preferences = "canary", "canary", []string{"canary"}, map[string]string{"canary": "canary"}, []string{"canary"}, []string{"canary"}
		})
	}
	b.booked("s", 24*time.Hour)
	c := b.Store.Commit()
	x := b.pairing("x")
	x.Limits = map[string]string{"client": "canary", "consultant": "canary"}
	x.Thanks = map[string]pairing.Thanks{"client": {Text: "canary", At: b.Now()}, "consultant": {Text: "canary", At: b.Now()}}
	x.Agreement = pairing.Agreement{Text: "canary", By: programme.Client, At: b.Now()}
	x.Further = pairing.Further{State: pairing.FurtherAsked, By: programme.Consultant, Why: "canary", AskedAt: b.Now()}
	c.UpdatePairing("pilot", x)
	s := b.session("s")
	s.Place, s.Reason = "canary", "canary"
	c.UpdateSession(s)
	b.Commit(c)
	link := b.assisted("alex")
	b.moved(b.Post(zoe+"/propose", proposing("place", "https://meet.example.org/canary", "minutes", "75")), zoe)
	for _, page := range []string{link + "/times/x", link + "/propose/x"} {
		got := b.Get(page)
		b.status(got, http.StatusOK)
		b.says(page, got.Body, "Zoe Sample")
		b.silent(page, strings.ToLower(got.Body), "canary", "questionnaire", "notebook", "/my/", "/pairing/", "/mine/", "/emails/")
	}
	// What is wrong is said without them, too.
	b.silent("a refused form", b.Post(link+"/propose/x", url.Values{"seen": {b.pairing("x").Proposal.ID}}).Body, "canary")
	b.silent("a refused form", b.Post(link+"/pick/x", url.Values{"seen": {b.pairing("x").Proposal.ID}}).Body, "canary")
	// The same token opens nothing else, and no other link these pages.
	token := strings.TrimPrefix(link, "/assistant/")
	for _, other := range []purpose.Purpose{purpose.Pairing, purpose.My, purpose.Mine, purpose.Emails, purpose.Match} {
		b.status(b.Get(string(other)+"/"+token), http.StatusForbidden)
	}
	b.status(b.Get("/assistant/"+strings.TrimPrefix(alex, "/pairing/")), http.StatusForbidden)
	for _, below := range []string{"", "/book", "/notebook", "/log/s", "/note/s", "/move/s", "/cancel/s", "/stop", "/code"} {
		b.status(b.Get(link+"/x"+below), http.StatusNotFound)
	}
}

// No pairing of anybody else is opened, whatever stands in the address.
func TestAssistantOpensNobodyElsesPairing(t *testing.T) {
	b := newBed(t)
	b.pair()
	b.enrol(ready("kim-seek", programme.Client))
	c := b.Store.Commit()
	c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: "k", Client: pairing.Side{Enrolment: "kim-seek"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now()))
	over := pairing.Start(&pairing.Match{ID: "o", Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now())
	over.State = pairing.Completed
	c.CreatePairing("pilot", over)
	b.Commit(c)
	link := b.assisted("alex")
	for _, id := range []string{"k", "o", "none", "x%2fsessions", "__x__", strings.Repeat("x", 2000), url.PathEscape("\u202ex 🙂")} {
		b.status(b.Get(link+"/times/"+id), http.StatusNotFound)
		b.status(b.Get(link+"/propose/"+id), http.StatusNotFound)
		b.status(b.Post(link+"/propose/"+id, proposing()), http.StatusNotFound)
		b.status(b.Post(link+"/pick/"+id, url.Values{"seen": {"x"}, "at": {"1"}}), http.StatusNotFound)
	}
	if b.pairing("k").Proposal.ID != "" || b.pairing("o").Proposal.ID != "" {
		t.Error("times were proposed to somebody else")
	}
	// Of several they see with whom each is.
	zoe := b.assisted("zoe")
	b.says("those of zoe", b.Get(zoe).Body, "Times for Zoe Sample", "Alex Sample", zoe+"/times/x", zoe+"/times/k")
	b.status(b.Get(zoe+"/times/k"), http.StatusOK)
}

// Who takes part in both roles has one assistant, who is asked once for both, and once more for a
// role that comes later.
func TestAssistantPicksTimesInBothRoles(t *testing.T) {
	b := newBed(t)
	b.enrol(ready("kim-seek", programme.Client), ready("kim-offer", programme.Consultant))
	start := func(id, client, consultant string) {
		c := b.Store.Commit()
		c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: id, Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}}, b.Now()))
		b.Commit(c)
	}
	start("k", "kim-seek", "zoe")
	my := b.toMy("kim-seek")
	b.giveFor(my, "assistant")
	name := func() {
		b.moved(b.Post(my+"/assistant", url.Values{"email": {"pat@example.org"}}), my+"/assistant")
	}
	name()
	start("l", "alex", "kim-offer")
	name()
	name()
	if owed := b.owedBeside(); !slices.Equal(owed, []string{"assistant-asked kim-offer", "assistant-asked kim-seek"}) {
		t.Errorf("owed %v", owed)
	}
	seek, offer := b.toAssistant("kim-seek"), b.toAssistant("kim-offer")
	b.moved(b.Post(seek, url.Values{"do": {"yes"}}), seek)
	for _, link := range []string{seek, offer} {
		b.says("those of both", b.Get(link).Body, "Alex Sample", "Zoe Sample", link+"/times/k", link+"/times/l")
		b.status(b.Get(link+"/times/l"), http.StatusOK)
	}
	b.moved(b.Post(my+"/assistant", url.Values{"do": {"dismiss"}}), my+"/assistant")
	b.closed("one role", seek)
	b.closed("the other", offer)
}

// Each of the ways in which it ends closes the link, and leaves no address.
func TestAssistantIsLetOut(t *testing.T) {
	ends := map[string]func(b *bed, link string){
		"the leader takes it back": func(b *bed, _ string) {
			my := b.toMy("alex")
			b.giveFor(my, "assistant")
			for range 2 {
				b.moved(b.Post(my+"/assistant", url.Values{"do": {"dismiss"}}), my+"/assistant")
			}
			b.says("the page", b.Get(my+"/assistant?done=dismissed").Body, "Nobody picks times for you any more")
		},
		"the leader names another": func(b *bed, _ string) {
			my := b.toMy("alex")
			b.giveFor(my, "assistant")
			b.moved(b.Post(my+"/assistant", url.Values{"email": {"sam@example.org"}}), my+"/assistant")
		},
		"the assistant ends it": func(b *bed, link string) {
			got := b.Post(link, url.Values{"do": {"no"}})
			b.status(got, http.StatusOK)
			b.says("the answer", got.Body, "You pick no times", "Your address is deleted here")
			b.status(b.Post(link, url.Values{"do": {"no"}}), http.StatusGone)
		},
		"the assistant's mail program ends it": func(b *bed, link string) { b.status(b.unsubscribe(link), http.StatusOK) },
		"the leader leaves": func(b *bed, _ string) {
			b.moved(b.Post(b.toEmails("alex")+"/leave", url.Values{}), "/enrol/pilot")
		},
		"the leader says that it was not them": func(b *bed, _ string) { b.Post(b.toEmails("alex")+"/not-me", url.Values{}) },
		"the pairing is stopped": func(b *bed, _ string) {
			link := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "zoe", Role: programme.Consultant, IDs: outbox.IDs{Pairing: "x"}})
			b.moved(b.Post(link+"/stop", url.Values{"next": {"later"}}), link)
		},
		"the other leaves": func(b *bed, _ string) {
			b.moved(b.Post(b.toEmails("zoe")+"/leave", url.Values{}), "/enrol/pilot")
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.pair()
			link := b.assisted("alex")
			end(b, link)
			b.closed(name, link)
			if left := slices.DeleteFunc(b.holding("pat@example.org"), func(path string) bool { return strings.HasPrefix(path, "links/") }); len(left) > 0 {
				t.Errorf("their address is left in %v", left)
			}
		})
	}
}

// Whoever refuses is not asked again, by nobody, and the leader learns that they would rather not.
func TestWhoRefusesToPickTimesIsNotAskedAgain(t *testing.T) {
	b := newBed(t)
	b.pair()
	my := b.toMy("alex")
	b.giveFor(my, "assistant")
	name := func() { b.moved(b.Post(my+"/assistant", url.Values{"email": {"pat@example.org"}}), my+"/assistant") }
	name()
	b.status(b.Post(b.toAssistant("alex"), url.Values{"do": {"no"}}), http.StatusOK)
	b.says("the page", b.Get(my+"/assistant").Body, "would rather not pick times")
	name()
	zoe := b.toMy("zoe")
	b.giveFor(zoe, "assistant")
	b.moved(b.Post(zoe+"/assistant", url.Values{"email": {"Pat@Example.org"}}), zoe+"/assistant")
	n := 0
	for _, m := range b.messages() {
		if m.Kind == message.KindAssistantAsked {
			n++
		}
	}
	if n != 1 {
		t.Errorf("they are asked %d times", n)
	}
}

// A link of another programme, or for nobody, opens nothing.
func TestAssistantsLinkIsForOneProgramme(t *testing.T) {
	b := newBed(t)
	b.pair()
	b.assisted("alex")
	b.says("whom to ask", b.Get(b.Link(purpose.Assistant, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})).Body, b.Programme.Host.Contact)
	b.closed("another programme", b.Link(purpose.Assistant, store.Link{Programme: "north", Person: "alex", Role: programme.Client, Generation: b.enrolment("alex").Assistant.Generation}))
	b.closed("nobody", b.Link(purpose.Assistant, store.Link{Programme: "pilot", Person: "nobody", Role: programme.Client, Generation: 1}))
}
