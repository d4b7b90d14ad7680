package participant

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestCancelledSessionIsToldToBoth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	first := booking()
	b.moved(b.Post(alex+"/book", first), alex)
	b.moved(b.Post(alex+"/book", booking("date", "30")), alex)
	id := first.Get("form")
	b.says("the sessions", b.Get(zoe).Body, `href="`+zoe+"/cancel/"+id+`">Cancel session 1</a>`)
	form := b.Get(zoe + "/cancel/" + id)
	b.status(form, http.StatusOK)
	b.says("the form", form.Body, "<title>Cancel session 1 – ", "Tuesday 16 March 2027, 2:00pm UK time, 90 minutes<br>Room 2, Leeds", "You and Alex Sample get an email", "book another", `href="`+zoe+`"`)
	if got, want := typed(form.Body), map[string]string{"seen": "0", "reason": ""}; !maps.Equal(got, want) {
		t.Errorf("the form begins as %v, want %v", got, want)
	}
	b.moved(b.Post(zoe+"/cancel/"+id, cancelling("reason", "  I am\r\n ill ")), zoe)

	s, now := b.session(id), b.Now()
	if s.State != pairing.Cancelled || s.Reason != "I am ill" || s.Sequence != 1 || s.Number != 1 || s.DueAt.After(now) || s.DueAt.Before(now.Add(-time.Minute)) {
		t.Errorf("session %+v", s)
	}
	if x := b.pairing("x"); x.Booked != 1 || x.Held != 0 {
		t.Errorf("pairing %+v", x)
	}
	if got, want := b.news(message.KindSessionCancelled), []string{"alex", "zoe"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	for _, role := range programme.Roles {
		if m := b.messages()["session-cancelled "+s.Enrolment(role)]; m.Role != role || m.Pairing != "x" || m.Session != id || m.Sequence != 1 {
			t.Errorf("message %+v", m)
		}
	}
	for _, link := range []string{alex, zoe} {
		b.silent("before a code", b.Get(link).Body, "I am ill")
		b.Known(link)
		b.says("the sessions", b.Get(link).Body, `Session 1 <strong class="govuk-tag govuk-tag--grey">Cancelled</strong>`, "The reason given: “I am ill”", "Session 2 <strong")
	}
	// Its number is not given again, and there is nothing to log once it would have begun.
	b.moved(b.Post(alex+"/book", booking("date", "31")), alex)
	if all := b.sessions(); len(all) != 3 || all[2].Number != 3 || b.pairing("x").Booked != 2 {
		t.Errorf("sessions %+v of %+v", all, b.pairing("x"))
	}
	b.Pass(20 * 24 * time.Hour)
	b.silent("the sessions", b.Get(alex).Body, "/log/")
	b.status(b.Post(alex+"/log/"+id, heldLog()), http.StatusConflict)
	if b.pairing("x").Held != 0 {
		t.Error("a cancelled session is held")
	}
}

func TestCancelSentTwiceIsOneCancellation(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", 72*time.Hour)
	var at sync.WaitGroup
	for range 6 { // an impatient click
		at.Go(func() { b.moved(b.Post(alex+"/cancel/s", cancelling("reason", "I am ill")), alex) })
	}
	at.Wait()
	b.moved(b.Post(alex+"/cancel/s", cancelling("reason", "I am ill")), alex) // a reload
	got := b.Post(zoe+"/cancel/s", cancelling("reason", "No train goes"))
	b.status(got, http.StatusConflict)
	b.says("the second", got.Body, "Session 1 has been cancelled already.")
	if s := b.session("s"); s.State != pairing.Cancelled || s.Sequence != 1 || s.Reason != "I am ill" || b.pairing("x").Booked != 0 {
		t.Errorf("session %+v of %+v", s, b.pairing("x"))
	}
	if got, want := b.owed(), []string{"session-cancelled alex", "session-cancelled zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestWrongReasonIsShownAndNotKept(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.booked("s", 72*time.Hour)
	before := b.documents()
	for name, reason := range map[string]string{
		"too long": strings.Repeat("é", pairing.MaxReason+1), "with a code": "I am\aill", "turned around": "I am \u202eill",
		"hostile": strings.Join(hostile, " ") + "\u202e",
	} {
		got := b.Post(alex+"/cancel/s", cancelling("reason", reason))
		b.refused(name, got, "reason")
		if shown := typed(got.Body); shown["reason"] != reason || shown["seen"] != "0" {
			t.Errorf("%s: the form is shown as %v", name, shown)
		}
		if name == "hostile" {
			b.escaped("the form", got.Body, 1)
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
	b.moved(b.Post(alex+"/cancel/s", cancelling("reason", strings.Join(hostile, " "))), alex)
	b.Known(alex)
	b.escaped("the sessions", b.Get(alex).Body, 1)
}
