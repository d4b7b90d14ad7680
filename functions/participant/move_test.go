package participant

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// session is one of the pairing "x".
func (b *bed) session(id string) *pairing.Session {
	b.t.Helper()
	s, err := b.Store.Session(b.t.Context(), "pilot", "x", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// news are the messages of a kind that are owed, by whom they go to.
func (b *bed) news(kind outbox.Kind) []string {
	b.t.Helper()
	var to []string
	for _, key := range b.owed() {
		if who, ok := strings.CutPrefix(key, string(kind)+" "); ok {
			to = append(to, who)
		}
	}
	return to
}

func TestMovedSessionIsToldToBoth(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	first := booking()
	b.moved(b.Post(alex+"/book", first), alex)
	id := first.Get("form")
	b.says("the sessions", b.Get(zoe).Body, `href="`+zoe+"/move/"+id+`">Move session 1</a>`)
	form := b.Get(zoe + "/move/" + id)
	b.status(form, http.StatusOK)
	b.says("the form", form.Body, "<title>Move session 1 – ", "It is now on Tuesday 16 March 2027, 2:00pm UK time.", "Agree another time with Alex Sample first.", `href="`+zoe+`"`)
	want := map[string]string{"seen": "0", "date": "16", "date-month": "3", "date-year": "2027", "time": "14:00", "minutes": "90", "place": "Room 2, Leeds"}
	if got := typed(form.Body); !maps.Equal(got, want) {
		t.Errorf("the form begins as %v, want %v", got, want)
	}
	b.Pass(time.Hour)
	b.moved(b.Post(zoe+"/move/"+id, moving("time", "10.30am", "place", " York,\r\n\troom 3 ")), zoe)

	s, now := b.session(id), b.Now()
	if !s.StartsAt.Equal(time.Date(2027, 3, 18, 10, 30, 0, 0, time.UTC)) || s.Minutes != 60 || s.Place != "York, room 3" || s.Sequence != 1 || s.Number != 1 || s.State != pairing.Booked ||
		!s.Was.StartsAt.Equal(time.Date(2027, 3, 16, 14, 0, 0, 0, time.UTC)) || s.Was.Minutes != 90 || s.Was.Place != "Room 2, Leeds" {
		t.Errorf("session %+v", s)
	}
	if s.DueAt.After(now) || s.DueAt.Before(now.Add(-time.Minute)) { // so that reminders look again
		t.Errorf("due at %v, and it is %v", s.DueAt, now)
	}
	if x := b.pairing("x"); x.Booked != 1 || x.Held != 0 || !x.Dates[id].Equal(s.StartsAt) {
		t.Errorf("pairing %+v", x)
	}
	if got, want := b.owed(), []string{"session-booked alex", "session-booked zoe", "session-moved alex", "session-moved zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	for _, role := range programme.Roles {
		if m := b.messages()["session-moved "+s.Enrolment(role)]; m.Role != role || m.Pairing != "x" || m.Session != id || m.Sequence != 1 {
			t.Errorf("message %+v", m)
		}
	}
	for _, link := range []string{alex, zoe} {
		page := b.Get(link).Body
		b.says("the sessions", page, "Session 1 <strong", ">Booked<", "Thursday 18 March 2027, 10:30am UK time, 60 minutes<br>York, room 3")
		b.silent("the sessions", page, "16 March", "Session 2")
	}
	// Once more, to a third time: another message to each.
	b.moved(b.Post(alex+"/move/"+id, moving("seen", "1", "date", "19")), alex)
	if got, want := b.news(message.KindSessionMoved), []string{"alex", "alex+", "zoe", "zoe+"}; !slices.Equal(got, want) || b.session(id).Sequence != 2 {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestWrongMoveIsShownAndNotKept(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.booked("s", 72*time.Hour)
	before := b.documents()
	for name, row := range map[string]struct {
		changes []string
		fields  []string
	}{
		"nothing":                 {[]string{"date", "", "date-month", "", "date-year", "", "time", "", "minutes", "", "place", ""}, []string{"date", "time", "minutes", "place"}},
		"31 February":             {[]string{"date", "31", "date-month", "2", "date-year", "2028"}, []string{"date"}},
		"yesterday":               {[]string{"date", "1"}, []string{"date"}},
		"an hour ago":             {[]string{"date", "2", "time", "11:00"}, []string{"date"}},
		"in more than a year":     {[]string{"date", "3", "date-year", "2028"}, []string{"date"}},
		"a time in words":         {[]string{"time", "soon"}, []string{"time"}},
		"an hour that is skipped": {[]string{"date", "28", "time", "01:30"}, []string{"time"}},
		"too short":               {[]string{"minutes", "14"}, []string{"minutes"}},
		"a blank place":           {[]string{"place", " \r\n\t "}, []string{"place"}},
		"a place turned around":   {[]string{"place", "Room 2\u202eLeeds"}, []string{"place"}},
		"a place of 301":          {[]string{"place", strings.Repeat("é", 301)}, []string{"place"}},
		"hostile":                 {[]string{"time", hostile[1], "minutes", hostile[0], "place", strings.Join(hostile, " ")}, []string{"time", "minutes"}},
	} {
		form := moving(row.changes...)
		got := b.Post(alex+"/move/s", form)
		b.refused(name, got, row.fields...)
		shown := typed(got.Body)
		for _, input := range []string{"seen", "date", "date-month", "date-year", "time", "minutes", "place"} {
			if want := strings.TrimSpace(form.Get(input)); shown[input] != want {
				t.Errorf("%s: %s was %q, and is %q on the page", name, input, want, shown[input])
			}
		}
		if name == "hostile" {
			b.escaped("the form", got.Body, 2)
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestMoveSentTwiceIsOneChange(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", 72*time.Hour)
	once := func() {
		t.Helper()
		if s := b.session("s"); s.Sequence != 1 || s.Place != "York" || len(b.sessions()) != 1 || b.pairing("x").Booked != 1 {
			t.Errorf("session %+v of %+v", s, b.pairing("x"))
		}
		if got, want := b.owed(), []string{"session-moved alex", "session-moved zoe"}; !slices.Equal(got, want) {
			t.Errorf("owed %v, want %v", got, want)
		}
	}
	var at sync.WaitGroup
	for range 6 { // an impatient click
		at.Go(func() { b.moved(b.Post(alex+"/move/s", moving()), alex) })
	}
	at.Wait()
	once()
	b.moved(b.Post(alex+"/move/s", moving()), alex) // a reload
	// To where it is already: from a form that is up to date, and in other words.
	b.moved(b.Post(zoe+"/move/s", moving("seen", "1", "time", "10.30 am", "date-month", "03")), zoe)
	once()
}

// A form that is sent as it came changes nothing, whatever the time: also in the hour
// that comes twice, when the clocks go back.
func TestFormLeftAsItIsMovesNothing(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	for id, at := range map[string]time.Time{
		"first": time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC), "second": time.Date(2027, 10, 31, 1, 30, 0, 0, time.UTC),
		"night": time.Date(2027, 3, 16, 2, 0, 0, 0, time.UTC), "summer": time.Date(2027, 6, 1, 13, 0, 0, 0, time.UTC), "odd": time.Date(2027, 6, 1, 13, 0, 29, 1000, time.UTC),
	} {
		b.forget()
		b.booked(id, at.Sub(b.Now()))
		form := url.Values{}
		for name, value := range typed(b.Get(alex + "/move/" + id).Body) {
			form.Set(name, value)
		}
		before := b.session(id)
		b.moved(b.Post(alex+"/move/"+id, form), alex)
		if s := b.session(id); !s.Version.Equal(before.Version) {
			t.Errorf("%s: moved from %+v to %+v", id, before, s)
		}
		form.Set("place", "York")
		b.moved(b.Post(alex+"/move/"+id, form), alex)
		if s := b.session(id); s.Sequence != 1 || s.Place != "York" || !s.StartsAt.Equal(before.StartsAt) {
			t.Errorf("%s: %+v is elsewhere, and the time was %v", id, s, before.StartsAt)
		}
	}
}

// Of two who change a session at once one is first; the other sees what it is now,
// and nothing of either is lost or overwritten.
func TestSecondOfTwoChangesSeesTheFirst(t *testing.T) {
	for name, forms := range map[string][2]struct {
		page string
		form url.Values
	}{
		"both move it":                     {{"/move/s", moving("place", "Leeds")}, {"/move/s", moving("place", "York")}},
		"one moves and one cancels it":     {{"/move/s", moving()}, {"/cancel/s", cancelling()}},
		"both cancel it for other reasons": {{"/cancel/s", cancelling("reason", "I am ill")}, {"/cancel/s", cancelling("reason", "No train goes")}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			alex, zoe := b.pair()
			b.booked("s", 72*time.Hour)
			done := map[bool]int{}
			var mu sync.Mutex
			var at sync.WaitGroup
			for i, link := range []string{alex, zoe} {
				at.Go(func() {
					got := b.Post(link+forms[i].page, forms[i].form)
					mu.Lock()
					defer mu.Unlock()
					switch got.StatusCode {
					case http.StatusSeeOther:
						done[true]++
					case http.StatusConflict:
						done[false]++
						b.says("the second", got.Body, "ession 1")
					default:
						t.Errorf("status %d: %s", got.StatusCode, content(got.Body))
					}
				})
			}
			at.Wait()
			s := b.session("s")
			if done[true] != 1 || done[false] != 1 || s.Sequence != 1 || len(b.owed()) != 2 {
				t.Errorf("%d changed it and %d saw it changed; %+v, owed %v", done[true], done[false], s, b.owed())
			}
			if want := map[pairing.SessionState]int{pairing.Booked: 1, pairing.Cancelled: 0}[s.State]; b.pairing("x").Booked != want {
				t.Errorf("%s, and %d counted as booked", s.State, b.pairing("x").Booked)
			}
		})
	}
}

func TestWhatWasChangedMeanwhileIsNotOverwritten(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("s", 72*time.Hour)
	b.moved(b.Post(alex+"/move/s", moving()), alex)
	before := b.documents()
	for page, form := range map[string]url.Values{"/move/s": moving("date", "20"), "/cancel/s": cancelling()} {
		for _, saw := range []string{"0", "", "2", "-1", "x", "99999999999999999999"} {
			got := b.Post(zoe+page, with(form, "seen", saw))
			b.status(got, http.StatusConflict)
			b.says("the second", got.Body, "Session 1 has just been changed.")
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestWhatHasBegunOrIsOverIsNotChanged(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.booked("begun", time.Hour)
	b.booked("held", time.Hour)
	b.booked("cancelled", 72*time.Hour)
	b.moved(b.Post(alex+"/cancel/cancelled", cancelling()), alex)
	b.Pass(time.Hour)
	b.moved(b.Post(alex+"/log/held", heldLog()), alex)
	before := b.documents()
	for _, link := range []string{alex, zoe} {
		for _, id := range []string{"begun", "held", "cancelled"} {
			for _, seen := range []string{"0", "1"} {
				b.status(b.Post(link+"/move/"+id, moving("seen", seen)), http.StatusConflict)
				b.status(b.Post(link+"/cancel/"+id, cancelling("seen", seen, "reason", "I am ill")), http.StatusConflict)
			}
			for _, page := range []string{"/move/", "/cancel/"} {
				b.moved(b.Get(link+page+id), link)
			}
		}
		b.silent("the sessions", b.Get(link).Body, "/move/", "/cancel/")
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

// Once a pairing has ended, what is still booked, as in one from before that was cancelled by
// itself, can be called off, and not moved.
func TestSessionLeftInACompletedPairingIsCancelledAndNotMoved(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.booked("left", 72*time.Hour)
	b.held(alex, "s", "u")
	x := b.pairing("x")
	x.Complete(b.Now())
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
	b.status(b.Post(alex+"/move/left", moving()), http.StatusConflict)
	b.moved(b.Get(alex+"/move/left"), alex)
	page := b.Get(alex).Body
	b.says("the sessions", page, "/cancel/left")
	b.silent("the sessions", page, "/move/")
	b.silent("the form", b.Get(alex+"/cancel/left").Body, "book another")
	b.moved(b.Post(alex+"/cancel/left", cancelling()), alex)
	if x := b.pairing("x"); x.State != pairing.Completed || x.Booked != 2 || x.Held != 2 {
		t.Errorf("pairing %+v", x)
	}
}

// The same people can be in two pairings; a link is to one of them.
func TestSessionIsChangedThroughItsPairingsLinkAlone(t *testing.T) {
	b := newBed(t)
	b.pair()
	b.booked("s", 72*time.Hour)
	c := b.Store.Commit()
	c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: "y", Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now()))
	b.Commit(c)
	other := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "y"}})
	before := b.documents()
	for page, form := range map[string]url.Values{"/move/s": moving("pairing", "x"), "/cancel/s": cancelling("pairing", "x")} {
		b.status(b.Get(other+page), http.StatusNotFound)
		b.status(b.Post(other+page, form), http.StatusNotFound)
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}
