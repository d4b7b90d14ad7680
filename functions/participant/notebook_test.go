package participant

import (
	"crypto/rand"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func (b *bed) kept() *pairing.Notebook {
	b.t.Helper()
	n, err := b.Store.Notebook(b.t.Context(), "pilot", b.pairing("x"))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func keeping(do string, values ...string) url.Values {
	return with(url.Values{"do": {do}, "form": {rand.Text()}}, values...)
}

// A note before a session is read by its author alone, and the other sees what is released; it
// says nothing of whether the session was held, and the log that is written later keeps it.
func TestNoteBeforeASessionIsSeenAsFarAsItIsReleased(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.Known(alex, zoe)
	b.booked("s", time.Hour)
	b.moved(b.Post(alex+"/note/s", url.Values{"note": {"canary-alone " + hostile[0]}, "released": {"canary-released"}}), alex)
	mine, theirs := b.Get(alex).Body, b.Get(zoe).Body
	b.says("the author's page", mine, "canary-alone")
	b.says("the other's page", theirs, "canary-released", "Alex Sample wants you to know")
	b.silent("the author's page", mine, "Amend my log")
	for _, page := range []string{theirs, b.Get(zoe + "/note/s").Body, b.Get(zoe + "/notebook").Body} {
		b.silent("a page of the other", page, "canary-alone")
	}
	if got := b.holding("canary-alone"); !slices.Equal(got, []string{"programmes/pilot/pairings/x/logs/s-client"}) {
		t.Errorf("the note stands in %v", got)
	}
	if s := b.session("s"); s.Logged["client"] || s.State != pairing.Booked {
		t.Errorf("session %+v", s)
	}
	// Taken back, it is nowhere else.
	b.moved(b.Post(alex+"/note/s", url.Values{"note": {"canary-alone"}}), alex)
	b.silent("the other's page", b.Get(zoe).Body, "canary")

	b.Pass(2 * time.Hour)
	b.says("the sessions", b.Get(alex).Body, "Write my log of session 1")
	b.silent("the form", b.Get(alex+"/log/s").Body, " checked")
	b.moved(b.Post(alex+"/log/s", url.Values{"held": {"no"}}), alex) // as empty as what is there
	if l := b.logs("client"); len(l) != 1 || l[0].Note != "canary-alone" || b.session("s").State != pairing.NotHeld {
		t.Errorf("log %+v, session %+v", l, b.session("s"))
	}
	long := strings.Repeat("é", pairing.MaxText+1)
	b.refused("too long", b.Post(alex+"/note/s", url.Values{"note": {long}}), "note")
	b.refused("too long", b.Post(alex+"/note/s", url.Values{"released": {long}}), "released")
	b.AnotherBrowser()
	b.silent("another browser", b.Get(alex).Body, "canary-alone")
	b.moved(b.Get(alex+"/note/s"), alex+"/code?to=note%2Fs")
	b.status(b.Post(alex+"/note/s", url.Values{"note": {""}}), http.StatusForbidden)
	if l := b.logs("client"); l[0].Note != "canary-alone" {
		t.Error("a note was overwritten unseen")
	}
}

// Both write goals, actions and follow-ups, at once too; each entry is one however often it is
// sent, and no follow-up is a session.
func TestNotebookIsOfBoth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.Known(alex, zoe)
	var at sync.WaitGroup
	goal := keeping("goal", "goal", "explore "+hostile[0])
	for _, form := range []url.Values{goal, goal, keeping("action", "action", "Ask the chair"), keeping("action", "action", "Send the template", "owner", programme.Consultant.Side()),
		keeping("follow-up", "date", "1", "date-month", "3", "how", "phone", "line", "The budget"), keeping("ring")} {
		at.Go(func() { b.status(b.Post(alex+"/notebook", form), http.StatusSeeOther) })
	}
	at.Go(func() { b.status(b.Post(zoe+"/notebook", keeping("goal", "goal", "Rest")), http.StatusSeeOther) })
	at.Wait()
	n := b.kept()
	if len(n.Goals) != 2 || len(n.Actions) != 2 || len(n.FollowUps) != 1 || !n.Rings["client"] {
		t.Fatalf("kept %+v", n)
	}
	if x := b.pairing("x"); x.Held != 0 || x.Booked != 0 || len(x.Dates) != 0 {
		t.Errorf("a follow-up counts as a session: %+v", x)
	}
	if on := b.pairing("x").FollowedOn; on.Format(time.DateOnly) != "2027-03-01" {
		t.Errorf("reminders go by a contact on %s", on)
	}
	for _, page := range []string{b.Get(alex + "/notebook").Body, b.Get(zoe + "/notebook").Body} {
		b.says("the notebook", page, html.EscapeString("explore "+hostile[0]), "Rest", "Ask the chair", "1 March 2027, by phone: The budget", "1 by email or phone so far")
		b.silent("the notebook", page, hostile[0])
	}
	for _, a := range n.Actions {
		if want := map[string]string{"Ask the chair": "client", "Send the template": "consultant"}[a.Text]; string(a.Owner) != want {
			t.Errorf("%q is %s's", a.Text, a.Owner)
		}
		for range 2 {
			b.moved(b.Post(zoe+"/notebook", url.Values{"do": {"turn"}, "id": {a.ID}, "to": {"dropped"}}), zoe+"/notebook")
		}
	}
	b.moved(b.Post(zoe+"/notebook", url.Values{"do": {"turn"}, "id": {n.Actions[0].ID}, "to": {"done"}}), zoe+"/notebook")
	b.moved(b.Post(alex+"/notebook", url.Values{"do": {"remove-goal"}, "id": {n.Goals[0].ID}}), alex+"/notebook")
	if n := b.kept(); len(n.Goals) != 1 || n.Actions[0].State != pairing.Done || n.Actions[1].State != pairing.Dropped {
		t.Errorf("kept %+v", n)
	}
	for name, row := range map[string]struct {
		form   url.Values
		fields []string
	}{
		"no goal":            {keeping("goal"), []string{"goal"}},
		"a long action":      {keeping("action", "action", strings.Repeat("é", pairing.MaxReason+1)), []string{"action"}},
		"a hidden direction": {keeping("goal", "goal", "R\u202eest"), []string{"goal"}},
		"nothing of it":      {keeping("follow-up"), []string{"how", "date"}},
		"in the future":      {keeping("follow-up", "date", "1", "date-month", "4", "how", "email"), []string{"date"}},
		"no such day":        {keeping("follow-up", "date", "31", "date-month", "2", "how", "email"), []string{"date"}},
	} {
		b.refused(name, b.Post(alex+"/notebook", row.form), row.fields...)
	}
	for _, form := range []url.Values{{"do": {"goal"}, "goal": {"x"}}, {"do": {"turn"}, "id": {"none"}, "to": {"done"}}, {"do": {"turn"}, "id": {n.Actions[0].ID}, "to": {"eaten"}}, {"do": {"eat"}}, {}} {
		if got := b.Post(alex+"/notebook", form).StatusCode; got != http.StatusConflict && got != http.StatusNotFound {
			t.Errorf("%v: status %d", form, got)
		}
	}
	if again := b.kept(); len(again.Goals) != 1 || len(again.FollowUps) != 1 {
		t.Errorf("kept %+v", again)
	}
}

// Each decides whether the other sees their phone number, and as long as they do not, it is on
// no page of the other.
func TestPhoneNumberIsSeenWhileItIsShared(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.Known(alex, zoe)
	const link = `href="tel:07700%20900123"`
	seen := func(name string, byAlex, byZoe bool) {
		t.Helper()
		for page, want := range map[string]bool{alex: byAlex, zoe: byZoe} {
			if got := strings.Contains(b.Get(page).Body, link); got != want {
				t.Errorf("%s: %s is shown the other's number: %v", name, page, got)
			}
		}
	}
	seen("at first", false, false)
	b.moved(b.Post(alex+"/notebook", keeping("ring")), alex)
	seen("once alex shares", false, true)
	b.moved(b.Post(zoe+"/notebook", keeping("ring")), zoe)
	seen("once both share", true, true)
	b.moved(b.Post(alex+"/notebook", keeping("ring-not")), alex)
	seen("once alex has taken it back", true, false)
	if got := b.holding("900123"); len(got) != 2 {
		t.Errorf("numbers stand in %v", got)
	}
}
