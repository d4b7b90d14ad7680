package enrolment

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// leaver takes part for the Old House, and has everything in what they told us that nobody after
// them may read.
func leaver(t *testing.T, b *testbed.Bed, role programme.Role) (id string) {
	t.Helper()
	takesPart(t, b, "pat.canary@example.org", role, func(e *enrolment.Enrolment) {
		e.Person.Name, e.Person.Phone, e.Organisation.Name, e.Organisation.Income = "Pat Canary", "07700 900999", "Old House", 123000
		e.Situation, e.Hopes, e.Offering, e.Introduction = "canary-situation", "canary-hopes", "canary-offering", "canary-introduction"
		e.Conflicts, e.Bids, e.Mention, e.Extra = []string{"canary-conflict"}, []string{"canary-bid"}, "canary-mention", map[string]string{"x": "canary-extra"}
		e.Skills, e.Strengths, e.Experience = map[string]int{"finance": 3}, []string{"digital"}, map[string]int{"finance": 2}
		e.Heard, e.Availability, e.Languages = "canary-heard", []string{"fri-pm"}, []string{"Welsh"}
		if role == programme.Client {
			e.State, e.Readiness.Workshop = enrolment.Ready, true
		}
		id = e.ID
	})
	return id
}

func enrolmentOf(t *testing.T, b *testbed.Bed, id string) *enrolment.Enrolment {
	t.Helper()
	e, err := b.Store.Enrolment(t.Context(), "pilot", id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// namesHeir has somebody named who leads the organisation now, and gives the link that they get.
func namesHeir(t *testing.T, b *testbed.Bed, id, invitation, address string) string {
	t.Helper()
	e := enrolmentOf(t, b, id)
	n, err := nomination.ToLeader(b.Programme, e.Role, address, invitation, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := e.HandOver(n.ID, false, true, b.Now()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	c := b.Store.Commit()
	c.SaveNomination("pilot", n)
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	return b.Link(purpose.PassedOn, store.Link{Programme: "pilot", Person: "invited-" + n.ID, Role: programme.Client, IDs: outbox.IDs{Nomination: n.ID}})
}

// fills has the browser take the place up and fill in the rest of the form, as itself; it gives
// all pages that it was shown.
func fills(b *testbed.Bed, at, side, name, address string) (shown string) {
	shown = b.Get(at).Body
	b.Post(at, url.Values{"do": {side}})
	for _, p := range place(side) {
		shown += b.Get("/enrol/pilot/" + side + "/" + p.step).Body
		switch p.step {
		case "you":
			p.form = url.Values{"name": {name}, "email": {address}}
		case "organisation":
			p.form.Set("organisation", "Old House")
		}
		b.Post("/enrol/pilot/"+side+"/"+p.step, p.form)
	}
	shown += b.Get("/enrol/pilot/" + side + "/check").Body
	b.Post("/enrol/pilot/"+side+"/check", nil)
	return shown + b.Get("/enrol/pilot/"+side+"/sent").Body
}

// Who leads an organisation now takes its place by a form and a consent of their own: the
// organisation is filled in, and nothing else of who led it before is shown to them or kept with
// them.
func TestNewLeaderTakesThePlaceAsANewPerson(t *testing.T) {
	for _, role := range programme.Roles {
		t.Run(string(role), func(t *testing.T) {
			b := bed(t)
			before := leaver(t, b, role)
			at := namesHeir(t, b, before, "take", "kim@example.org")
			page := b.Get(at).Body
			for _, says := range []string{"you lead Old House now", "I lead it now: take its place", "Ask me nothing of this kind again", "looks the same to everybody else"} {
				if !strings.Contains(page, says) {
					t.Errorf("the page lacks %q: %s", says, page)
				}
			}
			if got := b.Post(at, url.Values{"do": {role.Other().Side()}}); got.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("in the other role: %d", got.StatusCode)
			}
			shown := fills(b, at, role.Side(), "Kim Sample", "kim@example.org")
			if !strings.Contains(shown, `value="Old House"`) || !strings.Contains(shown, `value="kim@example.org"`) {
				t.Error("the organisation or their own address is not filled in")
			}
			claims := b.Claims()
			if len(claims) != 1 || claims[0].Nomination != "take" {
				t.Fatalf("claims %+v", claims)
			}
			confirm := b.Link(purpose.Confirm, of(claims[0]))
			shown += b.Get(confirm).Body
			if !strings.Contains(shown, "you take the place of Old House in the programme") {
				t.Error("the page to confirm does not say whose place it is")
			}
			for range 2 { // a double press
				b.Decide(confirm, "confirm")
			}
			shown += b.Get(confirm).Body + b.Get(at).Body
			if i := strings.Index(strings.ToLower(shown), "canary"); i >= 0 {
				t.Errorf("something of who led before is shown: %s", shown[max(0, i-100):i+50])
			}
			if strings.Contains(shown, "07700 900999") {
				t.Error("the phone number of who led before is shown")
			}
			kim, was := enrolmentOf(t, b, claims[0].Enrolment), enrolmentOf(t, b, before)
			if kim.Succeeds != "take" || !kim.TakesOver || kim.Consent.Version == "" || kim.Person.Name != "Kim Sample" || kim.Hopes != "" || kim.Situation != "" || kim.Skills["finance"] != 0 || len(kim.Conflicts) != 0 || kim.Person.Phone != "" {
				t.Errorf("the new leader is %+v", kim)
			}
			if ready := kim.State == enrolment.Ready; ready != (role == programme.Client) {
				t.Errorf("the new leader is %s", kim.State)
			}
			if !was.Handover.Taken() || was.Person.Name != "Pat Canary" {
				t.Errorf("who led before: %+v", was.Handover)
			}
		})
	}
}

// Whatever came between makes the form an enrolment of its own, or nothing: that the place was
// given back, the one who led before was forgotten, or another has taken it.
func TestPlaceThatIsNoLongerThereIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *testbed.Bed, string){
		"taken back": func(t *testing.T, b *testbed.Bed, id string) {
			e := enrolmentOf(t, b, id)
			e.LeadOn()
			c := b.Store.Commit()
			c.UpdateEnrolment("pilot", e)
			b.Commit(c)
		},
		"forgotten": func(t *testing.T, b *testbed.Bed, id string) {
			c := b.Store.Commit()
			c.DeleteEnrolment("pilot", enrolmentOf(t, b, id))
			b.Commit(c)
		},
		"taken by another": func(t *testing.T, b *testbed.Bed, id string) {
			e := enrolmentOf(t, b, id)
			e.Handover.TakenAt = b.Now()
			c := b.Store.Commit()
			c.UpdateEnrolment("pilot", e)
			b.Commit(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := bed(t)
			before := leaver(t, b, programme.Client)
			at := namesHeir(t, b, before, "take", "kim@example.org")
			fills(b, at, "seek", "Kim Sample", "kim@example.org")
			confirm := b.Link(purpose.Confirm, of(b.Claims()[0]))
			shown := testbed.Hidden(b.Get(confirm).Body)
			change(t, b, before)
			if got := b.Get(at).Body; !strings.Contains(got, "This invitation is over") {
				t.Errorf("the invitation: %s", got)
			}
			// Who has read that they take a place is told that they do not, before it counts.
			shown.Set("do", "confirm")
			if got := b.Post(confirm, shown); got.StatusCode != http.StatusUnprocessableEntity || strings.Contains(got.Body, "you take the place of") {
				t.Errorf("by the page from before: %d", got.StatusCode)
			}
			b.Decide(confirm, "confirm")
			kim := enrolmentOf(t, b, enrolment.ID(b.Programme.Salt, programme.Client, "kim@example.org"))
			if kim.Succeeds != "" || kim.TakesOver || kim.State != enrolment.Confirmed {
				t.Errorf("they take a place all the same: %+v", kim)
			}
		})
	}
}

// Refusing, by the page or by the mail program, and not answering leave the same with who asked;
// and whoever refused is asked nothing of the kind again.
func TestWhoRefusesAPlaceLooksAsIfTheyHadSaidNothing(t *testing.T) {
	b := bed(t)
	before := leaver(t, b, programme.Client)
	at := namesHeir(t, b, before, "take", "kim@example.org")
	silent := enrolmentOf(t, b, before)
	if got := b.Post(at, url.Values{"do": {"never"}}); got.StatusCode != http.StatusSeeOther {
		t.Fatal(got.StatusCode)
	}
	if refused := enrolmentOf(t, b, before); refused.Handover != silent.Handover || !refused.Version.Equal(silent.Version) {
		t.Errorf("it shows: %+v", refused.Handover)
	}
	if strings.Contains(everything(b), "kim@example.org") {
		t.Error("their address is kept")
	}
	if got := b.Get(at + "?done=never").Body; !strings.Contains(got, "No invitation of this kind is sent to you any more") {
		t.Errorf("it says %s", got)
	}
}

// Two who are asked one after the other cannot both take the place, nor can one who confirms
// twice or on two devices at once.
func TestPlaceIsTakenOnce(t *testing.T) {
	b := bed(t)
	before := leaver(t, b, programme.Client)
	first := namesHeir(t, b, before, "first", "kim@example.org")
	fills(b, first, "seek", "Kim Sample", "kim@example.org")
	kims := b.Link(purpose.Confirm, of(b.Claims()[0]))
	b.Pass(enrolment.HandoverLife + time.Hour) // the first is over, and another is asked
	second := namesHeir(t, b, before, "second", "lou@example.org")
	b.Browser.Jar, _ = cookiejar.New(nil)
	fills(b, second, "seek", "Lou Sample", "lou@example.org")
	for _, c := range b.Claims() {
		if c.Form.Name == "Lou Sample" {
			b.Decide(b.Link(purpose.Confirm, of(c)), "confirm")
		}
	}
	b.Decide(kims, "confirm")
	if took := enrolmentOf(t, b, enrolment.ID(b.Programme.Salt, programme.Client, "lou@example.org")); took.Succeeds != "second" {
		t.Errorf("lou: %+v", took)
	}
	n := 0
	for _, e := range enrolments(t, b) {
		if e.TakesOver {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d take it over", n)
	}
}
