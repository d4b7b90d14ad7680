package participant

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func TestEitherCanStop(t *testing.T) {
	for _, role := range programme.Roles {
		t.Run(string(role), func(t *testing.T) {
			b := newBed(t)
			alex, zoe := b.pair()
			b.held(alex, "s")
			b.booked("u", 72*time.Hour)
			mine, theirs, other := alex, zoe, "zoe"
			if role == programme.Consultant {
				mine, theirs, other = zoe, alex, "alex"
			}
			page := b.Get(mine + "/stop")
			b.status(page, http.StatusOK)
			b.says("the form", page.Body, "owe nobody a reason", "Only the coordinator reads it", "You are not matched until you say so on the page of these sessions", "cancelled in both your calendars")
			b.refused("nothing said of what is next", b.Post(mine+"/stop", url.Values{"reason": {"We do not fit"}}), "next")
			for range 2 { // pressed twice
				b.moved(b.Post(mine+"/stop", url.Values{"reason": {"We do not fit <b>"}, "next": {"later"}}), mine)
			}
			x := b.pairing("x")
			if x.State != pairing.Stopped || x.EndedBy != pairing.Ender(role) || x.EndReason != "We do not fit <b>" || x.Milestone != pairing.Ended || x.ToCome(b.Now()) {
				t.Errorf("%+v", x)
			}
			if u := b.session("u"); u.State != pairing.Cancelled {
				t.Errorf("the session to come is %s", u.State)
			}
			want := []string{"pairing-stopped alex", "pairing-stopped zoe", "session-cancelled alex", "session-cancelled zoe"}
			if got := b.owed(); !slices.Equal(got, want) {
				t.Errorf("owed %v, want %v", got, want)
			}
			b.says("the page after it", b.Get(mine+"?done=stopped").Body, "Your sessions have ended.", "Look for another match for me", "You are not matched for now.")
			after := b.Get(theirs).Body
			b.says("the page of the other", after, "These sessions ended on", "Nothing for now", theirs+"/leave")
			b.silent("the page of the other", after, "do not fit", theirs+"/book", theirs+"/stop", theirs+"/pause")
			if b.holding("do not fit"); len(b.holding("do not fit")) != 1 {
				t.Errorf("the reason stands in %v", b.holding("do not fit"))
			}
			// The supervisor and the consultant are free; a client who was left is asked first.
			b.holds("another x", "another", "another")
			b.moved(b.Post(theirs+"/next", url.Values{"next": {"another"}}), theirs)
			if other == "alex" {
				b.holds("another", "another", "another")
			} else {
				b.holds("another x", "another", "another")
			}
			// Nothing for now is nothing, however many places there are, until they say so.
			open := func() bool {
				input, err := b.Store.MatchingInput(t.Context(), "pilot")
				if err != nil {
					t.Fatal(err)
				}
				in, me := input.Open(), map[programme.Role]string{programme.Client: "alex", programme.Consultant: "zoe"}[role]
				return slices.ContainsFunc(slices.Concat(in.Clients, in.Consultants), func(p matching.Person) bool { return p.ID == me })
			}
			if open() {
				t.Error("whoever wants nothing for now is matched")
			}
			for _, next := range []string{"another", "later", "another"} {
				b.moved(b.Post(mine+"/next", url.Values{"next": {next}}), mine)
				if page := b.Get(mine).Body; open() != (next == "another") || strings.Contains(page, "You are not matched for now") == open() {
					t.Errorf("after %s: matched %v, and the page says otherwise", next, open())
				}
			}
			// They are not matched with each other again.
			input, err := b.Store.MatchingInput(t.Context(), "pilot")
			if err != nil || len(input.Stopped) != 1 || input.Stopped[0].Client != "alex" || input.Stopped[0].Consultant != "zoe" {
				t.Errorf("stopped %v: %v", input, err)
			}
			declined, err := b.Store.DeclinedWith(t.Context(), "pilot", programme.Client, "alex")
			if err != nil || !slices.Equal(declined, []string{"zoe"}) {
				t.Errorf("not to be matched with %v: %v", declined, err)
			}
		})
	}
}

func TestWhoWantsToGoOnGoesOn(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.held(alex, "s", "u")
	b.moved(b.Post(zoe+"/finish", url.Values{"do": {"propose"}}), zoe)
	for range 2 {
		b.moved(b.Post(alex+"/finish", url.Values{"do": {"go-on"}}), alex)
	}
	if x := b.pairing("x"); x.State != pairing.Active || x.FinishBy != "" {
		t.Errorf("%+v", x)
	}
	if got, want := b.owed(), []string{"finish-declined zoe", "finish-proposed alex"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	b.says("the page", b.Get(alex+"?done=going-on").Body, "Your sessions go on, and Zoe Sample knows.")
	// Who had proposed it can take it back, and the other need not hear of that.
	b.Pass(time.Hour)
	b.moved(b.Post(alex+"/finish", nil), alex)
	b.moved(b.Post(alex+"/finish", url.Values{"do": {"go-on"}}), alex)
	if got, want := b.owed(), []string{"finish-declined zoe", "finish-proposed alex", "finish-proposed zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
}

func TestMoreSessionsAreBookedUpToTheMost(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	b.held(alex, "s", "u", "v") // the target is 2, the most 4
	if x := b.pairing("x"); x.State != pairing.Active || x.Held != 3 {
		t.Errorf("%+v", x)
	}
	b.moved(b.Post(alex+"/book", booking()), alex)
	page := b.Get(alex).Body
	b.says("the page", page, "4 sessions, which are the most in this programme")
	b.silent("the page", page, alex+"/book")
	b.status(b.Post(alex+"/book", booking("date", "29")), http.StatusConflict)
}

func TestSessionsThatOverlapAreRefused(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.moved(b.Post(alex+"/book", booking("time", "14:00", "minutes", "90")), alex)
	got := b.Post(zoe+"/book", booking("time", "15:00"))
	b.refused("at the same time", got, "date")
	b.says("the form", got.Body, "at this one you have another session")
	b.moved(b.Post(zoe+"/book", booking("time", "15:30")), zoe)
}

func TestLogsThatDisagree(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.held(alex, "s")
	b.moved(b.Post(zoe+"/log/s", url.Values{"held": {"no"}}), zoe)
	if x, s := b.pairing("x"), b.session("s"); x.Held != 0 || x.Disputed != 1 || s.State != pairing.Disputed {
		t.Errorf("%+v of %+v", s, x)
	}
	b.says("the page", b.Get(zoe).Body, "Not clear", "You say that it was not held, and Alex Sample says that it was held.")
	form := b.Get(zoe + "/log/s").Body
	b.says("the form", form, `name="held" type="radio" value="no" checked`)
	b.moved(b.Post(zoe+"/log/s", heldLog("surfaced", "It was, after all")), zoe)
	if x, s := b.pairing("x"), b.session("s"); x.Held != 1 || x.Disputed != 0 || s.State != pairing.Held {
		t.Errorf("%+v of %+v", s, x)
	}
	logs := b.logs(programme.Consultant)
	if len(logs) != 1 || logs[0].Surfaced != "It was, after all" {
		t.Errorf("logs %+v", logs)
	}
	b.says("the page", b.Get(zoe).Body, "It was, after all")
}

func TestEitherCanPause(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair() // on 2 March 2027
	b.booked("s", 48*time.Hour)
	b.booked("u", 60*24*time.Hour)
	until := func(day, month, year string) url.Values {
		return url.Values{"date": {day}, "date-month": {month}, "date-year": {year}}
	}
	b.refused("a day that is none", b.Post(zoe+"/pause", until("31", "2", "2027")), "date")
	b.refused("a day in the past", b.Post(zoe+"/pause", until("1", "1", "2027")), "date")
	b.refused("a day too far ahead", b.Post(zoe+"/pause", until("1", "1", "2028")), "date")
	for range 2 {
		b.moved(b.Post(zoe+"/pause", until("5", "4", "2027")), zoe)
	}
	x := b.pairing("x")
	if !x.Paused(b.Now()) || x.PausedBy != programme.Consultant || x.PausedUntil.In(b.Programme.Location()).Format("2006-01-02 15:04") != "2027-04-05 00:00" {
		t.Errorf("%+v", x)
	}
	if s, u := b.session("s"), b.session("u"); s.State != pairing.Cancelled || u.State != pairing.Booked {
		t.Errorf("the session within the pause is %s, the one after it %s", s.State, u.State)
	}
	if got, want := b.owed(), []string{"pairing-paused alex", "session-cancelled alex", "session-cancelled zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if c := b.contact("zoe"); !c.Snoozed(x.PausedUntil.Add(-time.Minute)) || c.Snoozed(x.PausedUntil) || b.contact("alex").Snoozed(b.Now()) {
		t.Errorf("reminders of who asked pause until %s", c.SnoozedUntil)
	}
	b.holds("another x", "another x", "another x") // places are kept
	b.says("the page", b.Get(alex).Body, "Your sessions pause until Monday 5 April 2027, since Zoe Sample asked for it.")
	b.silent("the page of the other", b.Get(alex).Body, alex+"/resume", alex+"/pause")
	b.refused("a session within the pause", b.Post(alex+"/book", booking("date", "30", "date-month", "3")), "date")
	b.status(b.Post(alex+"/resume", nil), http.StatusConflict)
	b.moved(b.Post(zoe+"/resume", nil), zoe)
	if b.pairing("x").Paused(b.Now()) || b.contact("zoe").Snoozed(b.Now()) {
		t.Error("it still pauses")
	}
	if !slices.Contains(b.owed(), "pairing-resumed alex") {
		t.Errorf("owed %v", b.owed())
	}
	b.moved(b.Post(alex+"/book", booking("date", "30", "date-month", "3")), alex)
}

func TestPlacesAreLentWhereTheProgrammeSaysSo(t *testing.T) {
	b := newBed(t)
	b.Programme.Sessions.Paused = programme.Lent
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	alex, zoe := b.pair()
	b.says("the form", b.Get(zoe+"/pause").Body, "may be given to others")
	b.moved(b.Post(zoe+"/pause", url.Values{"date": {"5"}, "date-month": {"4"}, "date-year": {"2027"}}), zoe)
	b.holds("another x", "another", "another")
	b.change("zoe", func(e *enrolment.Enrolment) { e.Places = append(e.Places, "third") })
	later := booking("date", "10", "date-month", "4")
	got := b.Post(alex+"/book", later)
	b.status(got, http.StatusConflict)
	b.says("why not", got.Body, "given to somebody else during the pause")
	if x := b.pairing("x"); !x.Overdue || x.Booked != 0 || len(b.sessions()) != 0 {
		t.Errorf("the coordinator is not told, or a session is booked: %+v", x)
	}
	b.change("zoe", func(e *enrolment.Enrolment) { e.Places = []string{"another"} })
	b.moved(b.Post(alex+"/book", later), alex)
	b.holds("another x", "another x", "another x")
	if x := b.pairing("x"); x.Lent || x.Booked != 1 {
		t.Errorf("%+v", x)
	}
}

// Leaving works from every state, by the person themselves.
func TestAnybodyCanLeave(t *testing.T) {
	emails := func(b *bed, id string, role programme.Role) string {
		return b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: id, Role: role})
	}
	for name, row := range map[string]struct {
		from func(*bed) (link string)
		owed []string
		then func(*testing.T, *bed)
	}{
		"confirmed": {func(b *bed) string {
			b.change("alex", func(e *enrolment.Enrolment) { e.State = enrolment.Confirmed })
			return emails(b, "alex", programme.Client)
		}, []string{"has-left alex"}, nil},
		"ready": {func(b *bed) string { return emails(b, "alex", programme.Client) }, []string{"has-left alex"}, nil},
		"a match that waits": {func(b *bed) string { alex, _ := b.match(pairing.Released); return alex }, []string{"has-left alex", "match-declined zoe"}, func(t *testing.T, b *bed) {
			if m := b.theMatch(); m.State != pairing.Declined || m.Client.Answer != pairing.No {
				t.Errorf("%+v", m)
			}
			b.holds("another", "another", "another")
		}},
		"a match that they accepted": {func(b *bed) string {
			alex, _ := b.match(pairing.Released)
			b.moved(b.Post(alex+"/accept", agree()), alex)
			return alex
		}, []string{"has-left alex", "match-declined zoe"}, nil},
		"a pairing": {func(b *bed) string {
			alex, _ := b.pair()
			b.booked("s", 72*time.Hour)
			b.says("what leaving means", b.Get(alex+"/leave").Body, "Your pairing ends", "open nothing any more")
			b.moved(b.Post(alex+"/stop", url.Values{"next": {"leave"}}), alex+"/leave")
			return alex
		}, []string{"has-left alex", "pairing-stopped zoe", "session-cancelled alex", "session-cancelled zoe"}, func(t *testing.T, b *bed) {
			if x := b.pairing("x"); x.State != pairing.Stopped || x.EndedBy != "client" || x.Next["client"] != pairing.Leave {
				t.Errorf("%+v", x)
			}
			b.holds("another x", "another", "another")
		}},
		"a completed pairing": {func(b *bed) string {
			alex, zoe := b.pair()
			b.held(alex, "s", "u")
			b.moved(b.Post(alex+"/finish", nil), alex)
			b.moved(b.Post(zoe+"/finish", nil), zoe)
			return alex
		}, []string{"finish-proposed zoe", "has-left alex", "pairing-completed alex", "pairing-completed zoe"}, func(t *testing.T, b *bed) {
			if x := b.pairing("x"); x.State != pairing.Completed {
				t.Errorf("%+v", x)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			link := row.from(b)
			page := b.Get(link + "/leave")
			b.status(page, http.StatusOK)
			b.says("what leaving means", page.Body, "owe nobody a reason", "not matched any more")
			got := b.Post(link+"/leave", nil)
			b.moved(got, "/enrol/pilot")
			if e := b.enrolment("alex"); e.State != enrolment.Withdrawn {
				t.Errorf("%s", e.State)
			}
			if got := b.owed(); !slices.Equal(got, row.owed) {
				t.Errorf("owed %v, want %v", got, row.owed)
			}
			if b.audited("left the programme") != 1 {
				t.Error("not audited")
			}
			if row.then != nil {
				row.then(t, b)
			}
		})
	}
}

func TestWhoTakesPartTwiceLeavesOnceOrTwice(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprint(both), func(t *testing.T) {
			b := newBed(t)
			seek, offer := ready("kim-seek", programme.Client), ready("kim-offer", programme.Consultant)
			b.enrol(seek, offer)
			link := b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: "kim-seek", Role: programme.Client})
			b.says("what leaving means", b.Get(link+"/leave").Body, "You also take part as a zworp", "Leave as both")
			form := url.Values{}
			if both {
				form.Set("both", "yes")
			}
			b.moved(b.Post(link+"/leave", form), "/enrol/pilot")
			if a, z := b.enrolment("kim-seek").State, b.enrolment("kim-offer").State; a != enrolment.Withdrawn || (z == enrolment.Withdrawn) != both {
				t.Errorf("%s and %s", a, z)
			}
		})
	}
}

// Who has just accepted is led to their sessions at once, and so is who comes back.
func TestSessionsAreThereOnceBothAccepted(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.match(pairing.Released)
	b.moved(b.Post(alex+"/accept", agree()), alex)
	b.says("the page of the first", b.Get(alex+"?done=accepted").Body, "Done", "We write to you as soon as Zoe Sample has answered.")
	got := b.Post(zoe+"/accept", agree())
	to, query, _ := strings.Cut(got.Header.Get("Location"), "?")
	if got.StatusCode != http.StatusSeeOther || !strings.Contains(to, "/pairing/") || query != "done=accepted" {
		t.Fatalf("status %d, to %q", got.StatusCode, got.Header.Get("Location"))
	}
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	b.says("the sessions", b.Get(at.Path+"?done=accepted").Body, "You are both in.", at.Path+"/book")
	again := b.Post(alex+"/sessions", nil)
	if at, err = url.Parse(again.Header.Get("Location")); err != nil || again.StatusCode != http.StatusSeeOther {
		t.Fatal(again.StatusCode, err)
	}
	b.says("the other's sessions", b.Get(at.Path).Body, "Your sessions with Zoe Sample")
	var kinds []outbox.Kind
	for _, m := range b.messages() {
		kinds = append(kinds, m.Kind)
	}
	if n := len(slices.DeleteFunc(kinds, func(k outbox.Kind) bool { return k != message.KindPairingStarted })); n != 2 {
		t.Errorf("%d emails say that it has started", n)
	}
}

// What a page says was done is so: an address that anybody wrote says nothing that is not.
func TestNothingIsSaidThatIsNotSo(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	match, _ := b.match(pairing.Released)
	emails := b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	for _, page := range []string{alex, match, emails} {
		for _, did := range []string{"asked", "ranked", "pause", "must", "booked", "moved", "cancelled", "proposed", "finished", "paused", "stopped", "chosen", "declined", "<script>", ""} {
			b.silent(did, b.Get(page+"?done="+url.QueryEscape(did)).Body, "govuk-notification-banner", "<script>")
		}
	}
}
