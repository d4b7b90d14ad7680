package lives

import (
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	ids "github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// succeeded is a programme in which the client of the first pair has handed over to somebody else,
// who has agreed with who helped to go on, and found the goals that were passed on.
func succeeded(t *testing.T) (x *lives, before, heir *life, next string) {
	t.Helper()
	x = newLives(t, 2)
	for _, p := range points[:9] {
		p.come(x)
		x.tick("outbox", "outbox-sweep")
	}
	pair := x.pairs[0]
	before, helper := pair.people[programme.Client], pair.people[programme.Consultant]
	tag := strings.ToLower(rand.Text()[:10])
	heir = &life{role: programme.Client, tag: tag, name: "Quill " + tag + " Next", email: "quill." + tag + "@example.org", phone: "+44 7947 " + before.phone[9:], text: "sorrel <" + tag + ">"}
	e := x.enrolment(before)
	n, err := nomination.ToLeader(x.Programme, programme.Client, heir.email, "take", x.Now())
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := e.HandOver(n.ID, false, true, x.Now()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	notebook, err := x.Store.Notebook(t.Context(), "pilot", x.pairing(pair))
	if err != nil {
		t.Fatal(err)
	}
	notebook.Goals = append(notebook.Goals, pairing.Goal{ID: "g", Text: "To lead less " + before.text})
	claim, err := enrolment.NewClaim(x.Programme, programme.Client, enrolment.Form{
		Name: heir.name, Email: heir.email, Phone: "020 7946 0000", Organisation: "The same house", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"AR"},
		Skills: map[string]int{"board": 3}, Availability: []string{"mon-am"}, Meeting: []string{"video"}, Languages: []string{"English"}, Situation: heir.text, Consent: x.Programme.Privacy.Version,
	}, "taking", x.Now())
	if err != nil {
		t.Fatal(err)
	}
	claim.Nomination = n.ID
	took := claim.Confirmed(x.Programme, claim.Form.Consent, x.Now())
	took.Succeed(e, x.Now())
	heir.id = took.ID
	c := x.Store.Commit()
	c.SaveNomination("pilot", n)
	c.CreateClaim("pilot", claim)
	c.SaveNotebook("pilot", notebook, x.Now())
	c.UpdateEnrolment("pilot", e)
	c.CreateEnrolment("pilot", took)
	c.Enqueue(t.Context(), message.PassedOn(x.Programme, n), x.Now())
	x.Commit(c)
	x.tick("reminders", "reminders-tick")
	x.tick("outbox", "outbox-sweep")
	places := x.enrolment(heir).Places
	if len(places) != 1 || x.enrolment(before).State != enrolment.Withdrawn {
		t.Fatalf("they are not asked whether they go on: %v", places)
	}
	next = places[0]
	for _, l := range []*life{helper, heir} {
		x.posted("participant", x.link(purpose.Match, store.Link{Programme: "pilot", Person: l.id, Role: l.role, IDs: ids.IDs{Run: pairing.Continued, Match: next}})+"/accept", url.Values{"agree": {x.Programme.Expectations.Version}})
	}
	x.tick("outbox", "outbox-sweep")
	return x, before, heir, next
}

// forget has somebody forgotten, once their day is over.
func (x *lives) forget(l *life) {
	x.t.Helper()
	c := x.Store.Commit()
	c.SaveErasure("pilot", erasure.AskFor(enrolment.PersonOf(l.id), l.id, "morgan", "They rang", x.Now()))
	x.Commit(c)
	x.Pass(erasure.Wait + time.Hour)
	x.work()
	if left, err := x.Store.Erasures(x.t.Context(), "pilot"); err != nil || len(left) > 0 {
		x.t.Fatalf("%d are not forgotten yet, %v", len(left), err)
	}
}

// Of two who led one organisation after each other, each is forgotten without a trace, and the
// other keeps what is theirs: the sessions that were held before count on, without whose they were.
func TestEitherOfTwoLeadersIsForgottenAlone(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"who led before": true, "who leads now": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, before, heir, next := succeeded(t)
			gone, stays := heir, before
			if first {
				gone, stays = before, heir
			}
			if len(testbed.Traces(x.Stored(), gone.canaries()...)) == 0 {
				t.Fatal("nothing of them is there: it proves nothing that there is none later")
			}
			x.forget(gone)
			for _, trace := range testbed.Traces(x.Stored(), gone.canaries()...) {
				t.Error(trace)
			}
			if e := x.enrolment(stays); e.Person.Name != stays.name {
				t.Errorf("the other is %+v", e)
			}
			p, err := x.Store.Pairing(t.Context(), "pilot", next)
			if err != nil || len(p.Before) != 1 || p.HeldInAll() != 1 {
				t.Fatalf("the pairing that goes on is %+v, %v", p, err)
			}
			n, err := x.Store.Notebook(t.Context(), "pilot", p)
			if err != nil || len(n.Goals) != 0 {
				t.Errorf("what was passed on is there yet: %+v, %v", n, err)
			}
		})
	}
}
