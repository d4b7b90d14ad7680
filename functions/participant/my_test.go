package participant

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// toMy is somebody's link to all that they take part in.
func (b *bed) toMy(id string) string {
	b.t.Helper()
	e := b.enrolment(id)
	return b.Link(purpose.My, store.Link{Programme: "pilot", Person: id, Role: e.Role, Generation: e.Generation})
}

// Whoever has the link alone sees nothing of it, and opens nothing.
func TestMyProgrammeTakesACode(t *testing.T) {
	b := newBed(t)
	b.pair()
	link := b.toMy("alex")
	got := b.Get(link)
	b.moved(got, link+"/code")
	b.silent("the door", got.Body+b.Get(link+"/code").Body, "Zoe", "Alex")
	before := len(b.documents())
	for _, what := range []string{"sessions/x", "emails/all"} {
		b.status(b.Post(link+"/open/"+what, url.Values{}), http.StatusForbidden)
	}
	if len(b.documents()) != before {
		t.Error("something was written without a code")
	}
	b.giveFor(link, "")
	b.says("the page", b.Get(link).Body, "My programme", "Zoe Sample", "Zoe Trust")
}

// The page says what is next, and each button opens its one thing; from there on it is as by
// the email's own link.
func TestMyProgrammeSaysWhatIsNextAndOpensIt(t *testing.T) {
	b := newBed(t)
	b.pair()
	c := b.Store.Commit()
	c.CreateInvitation("pilot", &questionnaire.Invitation{ID: "i", Enrolment: "alex", Role: programme.Client, Moment: programme.Baseline, CreatedAt: b.Now()})
	b.Commit(c)
	link := b.toMy("alex")
	b.giveFor(link, "")
	page := b.Get(link).Body
	b.says("the page", page, "Next for you", "Book a session with Zoe Sample", "work with Zoe Sample (0 of at least", "Answer the questionnaire", b.Programme.Host.Contact, "You and Zoe Sample both accepted")
	b.silent("the page", page, "Rival of", "07700 900123")
	for range 2 { // pressed twice
		b.status(b.Post(link+"/open/questions/i", url.Values{}), http.StatusSeeOther)
	}
	if got := b.owedBeside(); len(got) != 1 || !strings.HasPrefix(got[0], "your-link") {
		t.Errorf("owed: %q", got)
	}
	b.says("sent", b.Get(link+"?done=questions").Body, "We have sent an email with the link")
	b.leads(link+"/open/sessions/x", "/pairing/", "Your sessions with Zoe Sample")
	b.leads(link+"/open/emails/all", "/emails/", "Which emails you get")

	// Booked, it is what comes; held, it is to be written about, and what happened.
	x := b.pairing("x")
	session, err := x.Book("s", "pilot", programme.Client, pairing.Booking{StartsAt: b.Now().Add(48 * time.Hour), Minutes: 60, Place: "Leeds <station>"}, 5, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c = b.Store.Commit()
	c.UpdatePairing("pilot", x)
	c.CreateSession(session)
	b.Commit(c)
	b.says("booked", b.Get(link).Body, "What comes", "You meet Zoe Sample on", "Leeds &lt;station&gt;")
	b.Pass(72 * time.Hour)
	b.says("over", b.Get(link).Body, "Next for you", "Write your log of the session on", "Book a session with Zoe Sample")
}

// leads fails unless a button leads to a page of another link, which says something.
func (b *bed) leads(action, to, says string) {
	b.t.Helper()
	got := b.Post(action, url.Values{})
	b.status(got, http.StatusSeeOther)
	at := got.Header.Get("Location")
	if !strings.Contains(at, to) {
		b.t.Fatalf("%s leads to %s, want %s", action, at, to)
	}
	b.says(at, b.Get(at).Body, says)
}

// A match waits for an answer there, and the other's does not open.
func TestMyProgrammeOpensOnlyWhatIsTheirs(t *testing.T) {
	b := newBed(t)
	b.match(pairing.Released)
	kim := ready("kim-seek", programme.Client, func(e *enrolment.Enrolment) { e.Person.Name = "Kim <b>Quill</b>" })
	b.enrol(kim)
	link := b.toMy("alex")
	b.giveFor(link, "")
	b.says("the page", b.Get(link).Body, "Say whether you want to work with Zoe Sample")
	b.leads(link+"/open/match/r.m", "/match/", "Zoe Sample")
	for _, what := range []string{"match/r.other", "match/m", "sessions/m", "sessions/x", "choose/seek", "choose/offer", "nothing/all", "questions/i", "emails%2fall/x"} {
		b.status(b.Post(link+"/open/"+what, url.Values{}), http.StatusNotFound)
	}
	// Of somebody else: nothing of alex's is theirs.
	theirs := b.toMy("kim-seek")
	b.giveFor(theirs, "")
	page := b.Get(theirs).Body
	b.says("kim's page", page, "ready to be matched", "We look for")
	b.silent("kim's page", page, "Zoe", "Alex", "<b>Quill")
	b.status(b.Post(theirs+"/open/match/r.m", url.Values{}), http.StatusNotFound)
}

// The link stands in every email: nobody leaves by one that was forwarded.
func TestLeavingByMyProgrammeAsksForTheCode(t *testing.T) {
	b := newBed(t)
	b.enrol(ready("lea", programme.Client))
	link := b.toMy("lea")
	if got := b.Get(link + "/leave"); got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Location"), link+"/code") {
		t.Errorf("status %d, to %s", got.StatusCode, got.Header.Get("Location"))
	}
	b.status(b.Post(link+"/leave", url.Values{}), http.StatusForbidden)
	state := func() enrolment.State {
		e, err := b.Store.Enrolment(t.Context(), "pilot", "lea")
		if err != nil {
			t.Fatal(err)
		}
		return e.State
	}
	if got := state(); got != enrolment.Ready {
		t.Errorf("without a code: %s", got)
	}
	b.giveFor(link, "leave")
	b.says("the page", b.Get(link+"/leave").Body, "You can leave at any time")
	b.status(b.Post(link+"/leave", url.Values{}), http.StatusSeeOther)
	if got := state(); got != enrolment.Withdrawn {
		t.Errorf("with a code: %s", got)
	}
}

// Sessions that are over can be looked back at.
func TestMyProgrammeLeadsToSessionsThatAreOver(t *testing.T) {
	b := newBed(t)
	b.pair()
	x := b.pairing("x")
	x.State, x.EndedAt = pairing.Completed, b.Now()
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
	link := b.toMy("alex")
	b.giveFor(link, "")
	b.says("the page", b.Get(link).Body, "You and Zoe Sample finished", "Look back at your sessions", link+"/open/sessions/x")
	b.leads(link+"/open/sessions/x", "/pairing/", "Your sessions with Zoe Sample")
}
