package participant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// full pairs both with as many sessions as are planned, in a programme that can give some more.
func (b *bed) full(further int) (alex, zoe string) {
	b.t.Helper()
	p, err := b.Store.Programme(b.t.Context(), "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	p.Sessions.Further = further
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	alex, zoe = b.pair()
	x := b.pairing("x")
	for i := range p.Sessions.Most() {
		x.Dates[string(rune('a'+i))] = b.Now().AddDate(0, 0, -i-1)
	}
	x.Held = p.Sessions.Most()
	c = b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
	return alex, zoe
}

// furtherly is a form about the further session as the page at a link shows it.
func (b *bed) furtherly(link, do string, changes ...string) url.Values {
	b.t.Helper()
	form := url.Values{"do": {do}, "asked": {typed(b.Get(link).Body)["asked"]}}
	return with(form, changes...)
}

func TestAFurtherSessionIsAskedForAndAgreed(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.full(3)
	b.Known(alex)
	b.says("the form", b.Get(alex).Body, "One more session", "The programme can still give 3 sessions")
	ask := url.Values{"do": {"further-ask"}, "why": {"The <b>budget</b>"}}
	b.refused("no reason", b.Post(alex+"/further", with(ask, "why", "")), "why")
	for range 2 {
		got := b.Post(alex+"/further", ask)
		b.status(got, http.StatusSeeOther)
		b.says("asked", b.Get(got.Header.Get("Location")).Body, "We have asked Zoe Sample. Until they answer, it stays as planned.", "The &lt;b&gt;budget&lt;/b&gt;", "Take it back")
	}
	if owed := b.owedBeside(); !slices.Equal(owed, []string{"further-asked zoe"}) {
		t.Errorf("owed %v", owed)
	}
	b.silent("on a device not seen before", b.Get(zoe).Body, "budget")
	b.says("on a device not seen before", b.Get(zoe).Body, "Show what for")
	b.Known(zoe)
	b.says("the other's page", b.Get(zoe).Body, "Alex Sample would like to meet once more than planned", "The &lt;b&gt;budget&lt;/b&gt;", "If you say nothing, it stays as planned, too")
	b.status(b.Post(zoe+"/further", ask), http.StatusConflict) // both ask
	agree := b.furtherly(zoe, "further-agree")
	b.status(b.Post(alex+"/further", agree), http.StatusConflict) // with oneself
	b.status(b.Post(zoe+"/further", with(agree, "asked", "1")), http.StatusConflict)
	b.status(b.Post(zoe+"/further", url.Values{"do": {"grant"}}), http.StatusNotFound)
	for range 2 {
		got := b.Post(zoe+"/further", agree)
		b.status(got, http.StatusSeeOther)
		b.says("agreed", b.Get(got.Header.Get("Location")).Body, "You both would like to meet once more", "answers you both by")
	}
	x := b.pairing("x").Further
	if x.State != pairing.FurtherAgreed || len(b.owedBeside()) != 1 {
		t.Errorf("%+v, owed %v", x, b.owedBeside())
	}
	last := x.AnswerBy.Add(-time.Second).In(b.Programme.Location()).Format("2 January 2006")
	for _, link := range []string{alex, zoe} {
		b.says("both pages", b.Get(link).Body, last)
	}
	b.Pass(30 * 24 * time.Hour)
	b.says("once it is late", b.Get(zoe).Body, "was to answer you both by", "reminded each working day", b.Programme.Host.Phone)
	if n := b.audited("further session"); n != 2 {
		t.Errorf("audited %d times", n)
	}
}

func TestAFurtherSessionIsLeftOrTakenBack(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.full(3)
	ask := url.Values{"do": {"further-ask"}, "why": {"The budget"}}
	b.moved(b.Post(alex+"/further", ask), alex)
	leave := b.furtherly(zoe, "further-leave")
	for range 2 {
		b.moved(b.Post(zoe+"/further", leave), zoe)
	}
	if owed := b.owedBeside(); !slices.Equal(owed, []string{"further-asked zoe", "further-refused alex"}) {
		t.Errorf("owed %v", owed)
	}
	b.says("who asked", b.Get(alex).Body, "It stays as planned.", "Ask for one more session")
	b.silent("who did not agree", b.Get(zoe).Body, "The budget")
	b.moved(b.Post(alex+"/further", with(ask, "why", "The board")), alex)
	b.status(b.Post(zoe+"/further", leave), http.StatusConflict) // what was asked before
	take := b.furtherly(alex, "further-withdraw")
	for range 2 {
		b.moved(b.Post(alex+"/further", take), alex)
	}
	b.silent("the other", b.Get(zoe).Body, "would like to meet once more", "The board")
	b.moved(b.Post(zoe+"/further", with(ask, "why", "Ours")), zoe)
	b.moved(b.Post(alex+"/stop", url.Values{"next": {"later"}}), alex)
	if x := b.pairing("x").Further; x.State != pairing.FurtherOver || !x.AnswerBy.IsZero() {
		t.Errorf("after the end: %+v", x)
	}
	b.silent("after the end", b.Get(alex).Body, "meet once more")
}

func TestNoFurtherSessionIsOffered(t *testing.T) {
	b := newBed(t)
	alex, _ := b.full(0)
	ask := url.Values{"do": {"further-ask"}, "why": {"The budget"}}
	b.says("the sessions", b.Get(alex).Body, "If you need more, ask Morgan Sample.")
	b.silent("the sessions", b.Get(alex).Body, "One more session")
	b.status(b.Post(alex+"/further", ask), http.StatusNotFound)

	b = newBedAlone(t)
	alex, _ = b.full(2)
	c := b.Store.Commit()
	c.SaveGrants("pilot", &pairing.Grants{Given: 2}, b.Now())
	b.Commit(c)
	b.says("the sessions", b.Get(alex).Body, "The programme has given all the further sessions that it can give.")
	b.silent("the sessions", b.Get(alex).Body, "One more session")
	if got := b.Post(alex+"/further", ask); got.StatusCode != http.StatusConflict || !strings.Contains(got.Body, "given all the further sessions") {
		t.Errorf("status %d: %s", got.StatusCode, got.Body)
	}
}

// Both ask at the same moment: one of them has asked, and the other is told so.
func TestBothAskForAFurtherSession(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.full(3)
	var at sync.WaitGroup
	answers := make([]testbed.Answer, 2)
	for i, link := range []string{alex, zoe} {
		at.Go(func() { answers[i] = b.Post(link+"/further", url.Values{"do": {"further-ask"}, "why": {"The budget"}}) })
	}
	at.Wait()
	status := []int{answers[0].StatusCode, answers[1].StatusCode}
	slices.Sort(status)
	if !slices.Equal(status, []int{http.StatusSeeOther, http.StatusConflict}) || len(b.owedBeside()) != 1 {
		t.Errorf("answers %v, owed %v", status, b.owedBeside())
	}
	first, second := alex, zoe
	if answers[0].StatusCode == http.StatusConflict {
		first, second = zoe, alex
	}
	b.says("who was first", b.Get(first).Body, "They have not answered")
	b.says("who was second", b.Get(second).Body, "I would like that, too")
}

// What is asked for stands on My programme, for both.
func TestMyProgrammeSaysThatAFurtherSessionIsAskedFor(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.full(3)
	b.moved(b.Post(alex+"/further", url.Values{"do": {"further-ask"}, "why": {"The budget"}}), alex)
	my := func(id string) string {
		link := b.toMy(id)
		b.giveFor(link, "")
		return b.Get(link).Body
	}
	b.says("who asked", my("alex"), "has not said yet whether to meet once more")
	b.says("the other", my("zoe"), "would like to meet once more than planned")
	b.moved(b.Post(zoe+"/further", b.furtherly(zoe, "further-agree")), zoe)
	b.says("both agreed", my("alex"), "says whether you and Zoe Sample can meet once more", "<strong>By ")
}
