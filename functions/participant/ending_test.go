package participant

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// hoped has somebody have hoped for something as they enrolled.
func (b *bed) hoped(id, what string) {
	b.t.Helper()
	e := b.enrolment(id)
	e.Hopes = what
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
}

// What somebody writes at the end is theirs: the other reads the thanks alone, and only while
// they are passed on.
func TestEndingIsItsAuthorsAndThanksAreTheOthers(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.hoped("alex", "canary-hope "+hostile[0])
	words := url.Values{"takes": {"canary-takes"}, "got": {"canary-got"}, "thanks": {"canary-thanks " + hostile[1]}}
	for range 2 { // pressed twice
		b.moved(b.Post(alex+"/ending", words), alex+"/ending")
	}
	b.says("the author's page", b.Get(alex+"/ending").Body, "canary-takes", "canary-got", "canary-thanks")
	for _, at := range []string{zoe, zoe + "/ending", zoe + "/story", zoe + "/notebook"} {
		b.silent(at, b.Get(at).Body, "canary")
	}
	if got := b.holding("canary-t"); !slices.Equal(got, []string{"programmes/pilot/pairings/x/endings/client"}) {
		t.Errorf("it stands in %v", got)
	}
	words.Set("pass", "yes")
	b.moved(b.Post(alex+"/ending", words), alex+"/ending")
	b.says("saved", b.Get(alex+"/ending?done=ending").Body, "Zoe Sample can read your thanks, and nothing else of it.")
	for _, at := range []string{zoe, zoe + "/ending"} {
		b.says(at+" before a code", b.Get(at).Body, "Show the thanks of Alex Sample")
		b.silent(at+" before a code", b.Get(at).Body, "canary")
	}
	b.Known(zoe)
	for _, at := range []string{zoe, zoe + "/ending"} {
		page := b.Get(at).Body
		b.says(at, page, html.EscapeString("canary-thanks "+hostile[1]), "Alex Sample wants you to know")
		b.silent(at, page, hostile[1], "canary-takes", "canary-got", "canary-hope")
	}
	my := b.toMy("zoe")
	b.giveFor(my, "")
	b.says("My programme", b.Get(my).Body, "Alex Sample passed on thanks to you")
	b.silent("My programme", b.Get(my).Body, "canary")

	// Taken back, or with no words, it is nowhere of the other's.
	b.refused("nothing to pass on", b.Post(alex+"/ending", url.Values{"pass": {"yes"}}), "thanks")
	words.Del("pass")
	b.moved(b.Post(alex+"/ending", words), alex+"/ending")
	b.silent("the other's page", b.Get(zoe).Body, "canary")
	long := strings.Repeat("é", pairing.MaxText+1)
	b.refused("too long", b.Post(alex+"/ending", url.Values{"takes": {long}, "got": {long}, "thanks": {long}}), "takes", "got", "thanks")

	// On another device it is neither shown nor overwritten before a code, and neither is the hope.
	b.AnotherBrowser()
	b.silent("another device", b.Get(alex+"/ending").Body, "canary")
	b.says("another device", b.Get(alex+"/ending").Body, "Show what you wrote here", "Show what you hoped")
	b.status(b.Post(alex+"/ending", url.Values{}), http.StatusForbidden)
	b.giveFor(alex, "ending")
	page := b.Get(alex + "/ending").Body
	b.says("after the code", page, "canary-takes", html.EscapeString("canary-hope "+hostile[0]))
	b.silent("after the code", page, hostile[0])
}

// Nothing has to be written to finish, the page says what comes after for each, and once it is
// over both can still write and thank.
func TestFinishingTakesNoWords(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.says("before", b.Get(alex+"/ending").Body, "You can propose to finish once 2 sessions were held", alex+"/stop")
	b.held(alex, "s", "u")
	my := b.toMy("alex")
	b.giveFor(my, "")
	b.says("My programme", b.Get(my).Body, "Finish with Zoe Sample, or book another session")
	b.leads(my+"/open/ending/x", "/pairing/", "Ending well with Zoe Sample")
	b.AnotherBrowser()
	page := b.Get(alex + "/ending").Body
	b.says("the page", page, "Nothing of it has to be written", "What comes after", "are not matched again", alex+"/finish")
	b.says("of the other", b.Get(zoe+"/ending").Body, "You can be matched with another ublick")
	b.moved(b.Post(alex+"/finish", url.Values{"do": {"propose"}}), alex)
	b.says("proposed", b.Get(alex+"/ending").Body, "You have proposed to finish")
	b.says("the other is asked", b.Get(zoe+"/ending").Body, "Alex Sample proposes to finish: answer them")
	b.moved(b.Post(zoe+"/finish", url.Values{"do": {"agree"}}), zoe)
	if x := b.pairing("x"); x.State != pairing.Completed {
		t.Fatalf("%+v", x)
	}
	b.Pass(time.Hour)
	b.moved(b.Post(zoe+"/ending", url.Values{"thanks": {"Thank you"}, "pass": {"yes"}}), zoe+"/ending")
	after := b.Get(alex).Body
	b.says("afterwards", after, "Thank you", "What you take along from it")
	b.silent("afterwards", b.Get(alex+"/ending").Body, alex+"/finish", alex+"/stop")
	if x := b.pairing("x"); x.State != pairing.Completed || x.Thanks[string(programme.Consultant)].Text != "Thank you" || !x.DueAt.IsZero() {
		t.Errorf("%+v", x)
	}
	if e := b.enrolment("alex"); e.State != enrolment.Ready {
		t.Errorf("alex is %s", e.State)
	}
}
