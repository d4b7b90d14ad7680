package participant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// neutral makes a match of which neither knows yet who the other is, to be answered in a week.
func (b *bed) neutral() (alex, zoe string) {
	b.t.Helper()
	b.change("zoe", func(e *enrolment.Enrolment) {
		e.Organisation.Categories, e.Organisation.Income = []string{"HE"}, 250_000
		e.Conflicts = []string{"Canary: the only zoo in Leeds"}
		e.Offering = "Canary: I have led <b>two</b> mergers.\n\nAsk me about boards."
	})
	alex, zoe = b.match(pairing.Released)
	m := b.theMatch()
	m.Neutral, m.ReplyBy = true, b.Now().Add(7*24*time.Hour)
	b.commitMatch(m)
	return alex, zoe
}

func sees(what string) url.Values { return url.Values{"conflict": {what}} }

// Until both see no conflict, no page tells either who the other is, whatever they open or send.
func TestNamesWaitUntilBothSeeNoConflict(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.neutral()
	secret := map[string][]string{alex: {"Zoe", "zoe@", "07700", "LS6", "Canary", "zoo"}, zoe: {"Alex", "alex@", "07700", "LS6"}}
	hidden := func(when string) {
		t.Helper()
		for link, texts := range secret {
			for _, page := range []string{"", "/accept", "/decline", "/question", "/check", "/leave"} {
				b.silent(when+" "+page, b.Get(link+page).Body, texts...)
			}
		}
		for id, texts := range map[string][]string{"alex": secret[alex], "zoe": secret[zoe]} {
			my := b.toMy(id)
			b.silent(when+" my programme", b.Get(my).Body, texts[:2]...)
		}
	}
	hidden("at first")
	b.says("the description", b.Get(alex).Body, "Health", "Yorkshire and the Humber", "medium: below £1 million", "Board and trustee relations", "No conflict that I can see")
	if got := b.Post(alex+"/accept", agree()); got.StatusCode != http.StatusSeeOther || b.theMatch().Client.Answer != "" {
		t.Errorf("accepted before names: status %d, %+v", got.StatusCode, b.theMatch())
	}
	b.refused("a scanner", b.Post(alex+"/conflict", nil), "conflict")
	b.refused("something else", b.Post(alex+"/conflict", sees("both")), "conflict")
	for range 2 { // pressed twice
		b.moved(b.Post(alex+"/conflict", sees("none")), alex)
	}
	hidden("once one sees none")
	b.says("the page of who sees none", b.Get(alex).Body, "You see no conflict. You learn who it is as soon as the other has said the same.")
	if len(b.owed()) != 0 {
		t.Errorf("owed %v", b.owed())
	}
	var at sync.WaitGroup
	for range 3 {
		at.Go(func() { b.moved(b.Post(zoe+"/conflict", sees("none")), zoe) })
	}
	at.Wait()
	if got, want := b.owed(), []string{"match-named alex"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if m := b.theMatch(); !m.Named() || m.ReplyBy.Before(b.Now().Add(7*24*time.Hour)) {
		t.Errorf("match %+v", m)
	}
	b.says("the match with names", b.Get(alex).Body, "Zoe Sample", alex+"/accept", "In their own words", "What they could offer", "I have led &lt;b&gt;two&lt;/b&gt; mergers.\n\nAsk me about boards.")
	b.silent("the match with names", b.Get(alex).Body, "Where they stand", "the only zoo")
	b.says("the match with names", b.Get(zoe).Body, "Alex Sample", zoe+"/accept")
	b.moved(b.Post(alex+"/accept", agree()), alex)
	b.accepted(b.Post(zoe+"/accept", agree()))
}

// Who may have a conflict ends the match without blame: the coordinator alone reads what it is,
// and neither learns who the other was.
func TestConflictEndsTheMatch(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.neutral()
	b.moved(b.Post(alex+"/conflict", sees("none")), alex)
	for range 2 {
		b.moved(b.Post(zoe+"/conflict", url.Values{"conflict": {"maybe"}, "reason": {"  My sister works there  "}}), zoe)
	}
	m := b.theMatch()
	if m.State != pairing.Declined || !m.Consultant.Conflict || m.Consultant.Reason != "My sister works there" {
		t.Errorf("match %+v", m)
	}
	if got, want := b.owed(), []string{"match-declined alex"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if got, want := b.holding("My sister"), []string{"programmes/pilot/runs/r/matches/m"}; !slices.Equal(got, want) {
		t.Errorf("the reason stands in %v", got)
	}
	b.silent("the other's page", b.Get(alex).Body, "Zoe", "sister", "conflict")
	b.silent("the page of who saw it", b.Get(zoe).Body, "Alex", "sister")
	b.status(b.Post(alex+"/conflict", sees("none")), http.StatusSeeOther) // said before: it stays so
	b.holds("another", "another", "another")
}

// The other reads within what limits somebody accepted, before and after they are both in, and
// nobody else does.
func TestAcceptingWithinLimits(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	limited := agree()
	limited.Set("limits", "  Only on Fridays <b>  ")
	long := agree()
	long.Set("limits", strings.Repeat("é", pairing.MaxText+1))
	b.refused("too much", b.Post(alex+"/accept", long), "limits")
	b.moved(b.Post(alex+"/accept", limited), alex)
	b.says("the match of the other", b.Get(zoe).Body, "Alex Sample has accepted with limits", "Only on Fridays &lt;b&gt;<")
	b.silent("one's own", b.Get(alex).Body, "accepted with limits")
	b.accepted(b.Post(zoe+"/accept", agree()))
	if got := b.pairing("m").Limits; len(got) != 1 || got[string(programme.Client)] != "Only on Fridays <b>" {
		t.Errorf("limits %v", got)
	}
	got := b.Post(zoe+"/sessions", nil)
	b.status(got, http.StatusSeeOther)
	sessions := got.Header.Get("Location")
	b.says("the pairing before a code", b.Get(sessions).Body, "Alex Sample accepted within limits", `href="`+sessions+`/code">Show the limits`)
	b.silent("the pairing before a code", b.Get(sessions).Body, "Only on Fridays")
	b.Known(sessions)
	b.says("the pairing", b.Get(sessions).Body, "Only on Fridays &lt;b&gt;")
}

// A question goes to the coordinator, gives both more time once, and comes back; what is passed
// on the other can answer, and what is not they do not learn of.
func TestQuestionThroughUs(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	m := b.theMatch()
	by := b.Now().Add(24 * time.Hour)
	m.ReplyBy = by
	b.commitMatch(m)
	ask := func(link, text string) { b.moved(b.Post(link+"/question", url.Values{"question": {text}}), link) }
	b.refused("nothing", b.Post(alex+"/question", url.Values{"question": {" "}}), "question")
	for range 2 {
		ask(alex, " Is it <i>near</i>? ")
	}
	ask(alex, "And by train?")
	m = b.theMatch()
	if len(m.Questions) != 2 || !m.Overdue || !m.ReplyBy.After(by) || !m.Extended || m.Questions[0].Text != "Is it <i>near</i>?" {
		t.Errorf("match %+v", m)
	}
	b.says("one's own questions", b.Get(alex+"/question").Body, "Is it &lt;i&gt;near&lt;/i&gt;?", "There is no answer yet.")
	b.silent("the other", b.Get(zoe+"/question").Body, "near", "by train")
	b.status(b.Post(zoe+"/question", url.Values{"answer": {"0"}, "reply": {"Yes"}}), http.StatusNotFound)
	if _, err := m.Pass(0, b.Now()); err != nil {
		t.Fatal(err)
	}
	b.commitMatch(m)
	b.says("what was passed on", b.Get(zoe+"/question").Body, "Is it &lt;i&gt;near&lt;/i&gt;?", "you need not answer")
	b.silent("what was not", b.Get(zoe+"/question").Body, "by train")
	b.status(b.Post(zoe+"/question", url.Values{"answer": {"1"}, "reply": {"Yes"}}), http.StatusNotFound)
	b.refused("no answer", b.Post(zoe+"/question", url.Values{"answer": {"0"}, "reply": {""}}), "reply")
	for range 2 {
		b.moved(b.Post(zoe+"/question", url.Values{"answer": {"0"}, "reply": {"Ten minutes"}}), zoe)
	}
	if got, want := b.owed(), []string{"match-replied alex"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	b.says("the answer", b.Get(alex+"/question").Body, "The other answered", "Ten minutes")
}

// Declining needs no reason, and may ask that somebody looks again.
func TestDecliningAndLookingAgain(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	b.refused("a scanner", b.Post(alex+"/decline", url.Values{"reason": {""}}), "decline")
	b.moved(b.Post(alex+"/decline", url.Values{"reason": {""}, "decline": {"look-again"}}), alex)
	m := b.theMatch()
	if m.State != pairing.Declined || m.Client.Reason != "" || m.Look.By != programme.Client || !m.Overdue {
		t.Fatalf("match %+v", m)
	}
	b.says("the page of who asked", b.Get(alex).Body, "You asked that somebody looks again")
	b.silent("the page of the other", b.Get(zoe).Body, "looks again")
	if _, err := m.SettleLook("sam", "We missed your region", []string{"morgan"}, false, b.Now()); err != nil {
		t.Fatal(err)
	}
	b.commitMatch(m)
	b.says("what was found", b.Get(alex).Body, "A coordinator who did not make the match has looked at it", "We missed your region")
	b.silent("the page of the other", b.Get(zoe).Body, "We missed")
}
