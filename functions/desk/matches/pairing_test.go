package matches_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// paired makes the pairing of a match, which both have accepted, with a session to come.
func (b *bed) paired(id, client, consultant string, change func(*pairing.Pairing)) {
	b.T.Helper()
	b.Matched(id, client, consultant, pairing.Accepted)
	x := pairing.Start(&pairing.Match{ID: id, Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}}, b.Now())
	change(x)
	s, err := x.Book("s", "pilot", programme.Client, pairing.Booking{StartsAt: b.Now().Add(72 * time.Hour), Minutes: 90, Place: "Leeds"}, 20, b.Now())
	if err != nil {
		b.T.Fatal(err)
	}
	c := b.Store.Commit()
	c.CreatePairing("pilot", x)
	c.CreateSession(s)
	b.Commit(c)
}

func (b *bed) pairing(id string) *pairing.Pairing {
	b.T.Helper()
	x, err := b.Store.Pairing(b.T.Context(), "pilot", id)
	if err != nil {
		b.T.Fatal(err)
	}
	return x
}

func TestPairingIsSeenAndEndedByTheCoordinator(t *testing.T) {
	for do, row := range map[string]struct {
		state pairing.State
		kind  string
		says  string
	}{"stop": {pairing.Stopped, "pairing-stopped", "The pairing is stopped."}, "complete": {pairing.Completed, "pairing-completed", "The pairing is completed."}} {
		t.Run(do, func(t *testing.T) {
			b := newBed(t)
			b.Enrol("pilot", desktest.Ready("alex"), desktest.Ready("zoe"))
			b.paired("m", "alex", "zoe", func(x *pairing.Pairing) { x.Held, x.Disputed, x.FinishBy, x.FinishAt = 2, 1, programme.Client, b.Now() })
			const at = desktest.Path + "/matches/of/run/m"
			page := b.Get(at).Body
			for _, want := range []string{"2 of at least 2 sessions held", "Of 1 sessions the two say different things", "Alex Sample proposed on ", "and Zoe Sample has not answered", `value="stop"`, `value="complete"`} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			if got := b.Post(at, url.Values{"do": {do}, "reason": {strings.Repeat("é", pairing.MaxText+1)}}); do == "stop" && (got.StatusCode != http.StatusUnprocessableEntity || b.pairing("m").State != pairing.Active) {
				t.Fatalf("status %d", got.StatusCode)
			}
			for range 2 { // pressed twice
				if got := b.Post(at, url.Values{"do": {do}, "reason": {"They asked me to <b>"}}); got.StatusCode != http.StatusSeeOther {
					t.Fatalf("status %d: %s", got.StatusCode, got.Body)
				}
			}
			x := b.pairing("m")
			if x.State != row.state || x.EndedBy != pairing.Coordinator || x.ToCome(b.Now()) || x.Milestone != pairing.Ended {
				t.Errorf("%+v", x)
			}
			if owed := strings.Join(b.Owed(), " "); strings.Count(owed, row.kind) != 2 || strings.Count(owed, "session-cancelled") != 2 {
				t.Errorf("owed %s", owed)
			}
			if page = b.Get(at + "?done=" + do).Body; !strings.Contains(page, row.says) || strings.Contains(page, `value="stop"`) || strings.Contains(page, "<b>") {
				t.Error("the page does not say it, or offers to end it again")
			}
			if do == "stop" && !strings.Contains(page, "They asked me to &lt;b&gt;") {
				t.Error("the page lacks the reason")
			}
			if audited := strings.Join(b.Audited(), " "); strings.Count(audited, "the pairing m") != 1 {
				t.Errorf("audited %s", audited)
			}
			if places := b.Enrolment("alex").Places; !slices.Equal(places, []string{"m"}) || len(b.Enrolment("zoe").Places) > 0 {
				t.Errorf("the client has %v, the consultant %v", places, b.Enrolment("zoe").Places)
			}
			got := b.Post(at, url.Values{"do": {"again"}, "side": {"seek"}})
			if want := map[string]int{"stop": http.StatusSeeOther, "complete": http.StatusNotFound}[do]; got.StatusCode != want {
				t.Errorf("matched again: status %d, want %d", got.StatusCode, want)
			}
			if places := b.Enrolment("alex").Places; (len(places) == 0) != (do == "stop") {
				t.Errorf("the client has %v", places)
			}
			for _, wrong := range []url.Values{nil, {"do": {"else"}}, {"do": {"again"}, "side": {"else"}}} {
				if got := b.Post(at, wrong); got.StatusCode != http.StatusNotFound {
					t.Errorf("%v: status %d", wrong, got.StatusCode)
				}
			}
		})
	}
}

// Each reason for which a pairing waits has its own part of the list.
func TestPairingsWaitForTheirReasons(t *testing.T) {
	b := newBed(t)
	all := map[string]func(*pairing.Pairing){
		"Pairings with no session to come":      func(*pairing.Pairing) {},
		"Proposals to finish without an answer": func(x *pairing.Pairing) { x.FinishBy = programme.Client },
		"Sessions that are not clear":           func(x *pairing.Pairing) { x.Disputed = 1 },
		"Pairings that cannot go on":            func(x *pairing.Pairing) { x.Lent = true },
	}
	c := b.Store.Commit()
	n := 0
	for title, change := range all {
		n++
		id := string(rune('a' + n))
		b.Enrol("pilot", desktest.Ready("who-"+id), desktest.Ready("z-"+id))
		x := pairing.Start(&pairing.Match{ID: id, Client: pairing.Side{Enrolment: "who-" + id}, Consultant: pairing.Side{Enrolment: "z-" + id}}, b.Now())
		x.Overdue = true
		change(x)
		c.CreatePairing("pilot", x)
		all[title] = func(*pairing.Pairing) {}
	}
	b.Commit(c)
	page := b.Get(desktest.Path + "/waiting").Body
	for title := range all {
		_, part, found := strings.Cut(page, ">"+title+"<")
		part, _, _ = strings.Cut(part, "<h2")
		if !found || strings.Count(part, "<li>") != 1 {
			t.Errorf("%s: %s", title, part)
		}
	}
}
