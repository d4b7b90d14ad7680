package participant

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// helped is somebody who was helped by zoe until the end, and their link to My programme.
func (b *bed) helped() string {
	b.t.Helper()
	kim := ready("kim-seek", programme.Client, func(e *enrolment.Enrolment) {
		e.Person.Name, e.Strengths, e.Languages = "Kim Sample", []string{"team"}, []string{"English"}
		e.Organisation.Categories, e.Skills, e.Hopes = []string{"AR"}, map[string]int{"board": 3}, "canary-hope"
	})
	b.enrol(kim)
	x := pairing.Start(&pairing.Match{ID: "k", Client: pairing.Side{Enrolment: kim.ID}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now())
	x.State, x.Held, x.EndedAt, x.DueAt = pairing.Completed, 2, b.Now(), time.Time{}
	c := b.Store.Commit()
	c.CreatePairing("pilot", x)
	c.SaveEnding("pilot", "k", &pairing.Ending{Role: programme.Client, Takes: "canary-takes", Thanks: "canary-thanks", UpdatedAt: b.Now()})
	b.Commit(c)
	return b.Link(purpose.My, store.Link{Programme: "pilot", Person: kim.ID, Role: programme.Client})
}

// Who completes as a client enrols on the other side with what they told already, once, as one
// generation after that of who helped them; and whoever does not is asked for nothing.
func TestWhoWasHelpedPassesItOn(t *testing.T) {
	b := newBed(t)
	my := b.helped()
	b.moved(b.Get(my+"/pass-on"), my+"/code?to=pass-on")
	b.status(b.Post(my+"/pass-on", url.Values{"consent": {"yes"}}), http.StatusForbidden)
	b.giveFor(my, "pass-on")
	b.says("My programme", b.Get(my).Body, "Offer what you learnt", my+"/pass-on", ", and have had your sessions.")
	page := b.Get(my + "/pass-on").Body
	b.says("the form", page, "nobody asks you again", "canary-takes", "What else you could offer")
	b.silent("the form", page, "canary-hope", "canary-thanks")
	b.refused("nothing", b.Post(my+"/pass-on", url.Values{"capacity": {"1"}}), "skill-"+b.Programme.Skills[0].ID, "consent")
	if owed := b.owedBeside(); len(owed) != 0 {
		t.Errorf("owed %v", owed)
	}
	form := url.Values{"skill-team": {"2"}, "capacity": {"2"}, "offering": {"To ask first"}, "consent": {"yes"}}
	var at sync.WaitGroup
	for range 3 { // impatient clicks
		at.Go(func() { b.status(b.Post(my+"/pass-on", form), http.StatusSeeOther) })
	}
	at.Wait()
	e := b.enrolment("kim-offer")
	if e.Role != programme.Consultant || e.State != enrolment.Confirmed || e.Cascade != (enrolment.Cascade{From: "k", Generation: 2}) || e.Skills["team"] != 2 || e.Capacity != 2 || e.Offering != "To ask first" || e.Hopes != "" || e.Person.Name != "Kim Sample" || !e.HasAgreed(b.Notice(b.Programme)) {
		t.Errorf("%+v", e)
	}
	b.says("done", b.Get(my+"?done=pass-on").Body, "You are enrolled as")
	b.silent("My programme", b.Get(my).Body, my+"/pass-on")
	b.moved(b.Get(my+"/pass-on"), my)
	if owed := b.owedBeside(); len(owed) != 1 || owed[0] != "enrolment-confirmed kim-offer" {
		t.Errorf("owed %v", owed)
	}
}

// It is for who has completed: nobody else opens it, and nobody among peers is asked.
func TestPassingOnIsForWhoHasCompleted(t *testing.T) {
	b := newBed(t)
	b.pair()
	for _, who := range []string{"alex", "zoe"} {
		my := b.toMy(who)
		b.giveFor(my, "")
		b.silent("My programme of "+who, b.Get(my).Body, "/pass-on")
		if got := b.Get(my + "/pass-on").StatusCode; got != http.StatusNotFound && who == "alex" {
			t.Errorf("%s: status %d", who, got)
		}
	}
	my := b.helped()
	b.AnotherBrowser()
	b.giveFor(my, "")
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Peers = true
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	b.silent("among peers", b.Get(my).Body, "/pass-on")
	b.status(b.Get(my+"/pass-on"), http.StatusNotFound)
}
