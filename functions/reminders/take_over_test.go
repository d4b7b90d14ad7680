package reminders

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/nomination"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// lead is somebody who leads an organisation and can be matched.
func lead(id string, role programme.Role) *enrolment.Enrolment {
	e := &enrolment.Enrolment{ID: id, Role: role, State: enrolment.Ready, Capacity: 1, Skills: map[string]int{"board": 3}, Languages: []string{"English"},
		Person:       enrolment.Person{Name: id + " Sample", Email: email.Address(id + "@example.org")},
		Organisation: enrolment.Organisation{Name: "House of " + id, Postcode: geography.Postcode("LS6 2AB"), Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
	}
	if role == programme.Consultant {
		e.Organisation.Categories, e.Supervisor = []string{"AR"}, "sam"
	}
	return e
}

// handed has kim-seek, whom lou-offer helps in the pairing "k", hand over their place; who leads
// the organisation now is heir-seek, who has confirmed. Others can be changed before.
func (b *bed) handed(change ...func(kim, lou, heir *enrolment.Enrolment, x *pairing.Pairing)) {
	b.t.Helper()
	now := b.Now()
	kim, lou, heir := lead("kim-seek", programme.Client), lead("lou-offer", programme.Consultant), lead("heir-seek", programme.Client)
	heir.State = enrolment.Confirmed
	x := pairing.Start(&pairing.Match{ID: "k", Client: pairing.Side{Enrolment: kim.ID}, Consultant: pairing.Side{Enrolment: lou.ID}}, now.Add(-time.Hour))
	x.DueAt = time.Time{}
	sam := &supervision.Supervisor{ID: "sam", Capacity: 1}
	for _, holder := range []pairing.Holder{kim, lou, sam} {
		holder.Take("k")
	}
	if _, err := kim.HandOver("take", false, true, now.Add(-30*time.Minute)); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range change {
		f(kim, lou, heir, x)
	}
	held := &pairing.Session{ID: "held", Programme: "pilot", Pairing: "k", Number: 1, Client: kim.ID, Consultant: lou.ID, StartsAt: now.Add(-24 * time.Hour), Minutes: 60, State: pairing.Held}
	next := &pairing.Session{ID: "next", Programme: "pilot", Pairing: "k", Number: 2, Client: kim.ID, Consultant: lou.ID, StartsAt: now.Add(24 * time.Hour), Minutes: 60, State: pairing.Booked}
	x.Held, x.Booked, x.Numbered = 1, 2, 2
	if x.State == pairing.Active {
		x.Dates = map[string]time.Time{"held": held.StartsAt, "next": next.StartsAt}
	}
	heir.Succeed(kim, now)
	heir.DueAt = now
	c := b.Store.Commit()
	for _, e := range []*enrolment.Enrolment{kim, lou, heir} {
		c.CreateEnrolment("pilot", e)
	}
	c.CreateSupervisor("pilot", sam)
	c.CreatePairing("pilot", x)
	c.CreateSession(held)
	c.CreateSession(next)
	b.Commit(c)
}

func (b *bed) enrolment(id string) *enrolment.Enrolment {
	b.t.Helper()
	e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// goesOn is the match by which lou-offer and heir-seek are asked whether they go on, or nil.
func (b *bed) goesOn() *pairing.Match {
	b.t.Helper()
	for _, id := range b.enrolment("heir-seek").Places {
		m, err := b.Store.Match(b.t.Context(), "pilot", pairing.Continued, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		return m
	}
	return nil
}

func (b *bed) pairingOf(id string) *pairing.Pairing {
	b.t.Helper()
	x, err := b.Store.Pairing(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

// Once a new leader has confirmed, the place before ends as if its leader had left, and the two
// who are left are asked whether they go on: once, however many look.
func TestPlaceIsTakenOverAndBothAreAsked(t *testing.T) {
	b := newBed(t)
	b.handed()
	var at sync.WaitGroup
	for range 4 {
		at.Go(b.tick)
	}
	at.Wait()
	b.tick()
	kim, heir, x, m := b.enrolment("kim-seek"), b.enrolment("heir-seek"), b.pairingOf("k"), b.goesOn()
	if kim.State != enrolment.Withdrawn || !kim.Handover.Taken() || heir.State != enrolment.Ready || heir.TakesOver || heir.Succeeds != "take" {
		t.Errorf("before %+v, now %+v", kim, heir)
	}
	if x.State != pairing.Stopped || x.Next["client"] != pairing.Leave || x.Milestone != pairing.None || len(x.Dates) != 1 {
		t.Errorf("the pairing before %+v", x)
	}
	if m == nil || m.State != pairing.Released || m.Continues != "k" || !m.Goals || m.Consultant.Enrolment != "lou-offer" || m.ReplyBy.IsZero() || m.Client.Answer != "" || m.Consultant.Answer != "" {
		t.Fatalf("the match %+v", m)
	}
	sam, err := b.Store.Supervisor(t.Context(), "pilot", "sam")
	if lou := b.enrolment("lou-offer"); err != nil || !slices.Equal(lou.Places, []string{m.ID}) || !slices.Equal(sam.Places, []string{m.ID}) {
		t.Errorf("places %v, %v", lou.Places, sam)
	}
	b.wants("what is told", "has-left kim-seek", "match-released heir-seek", "match-released lou-offer", "session-cancelled kim-seek", "session-cancelled lou-offer")
}

// Where the two cannot go on, the pairing ends as when somebody leaves, and the new leader is
// matched anew.
func TestWhoCannotGoOnIsMatchedAnew(t *testing.T) {
	for name, change := range map[string]func(kim, lou, heir *enrolment.Enrolment, x *pairing.Pairing){
		"they rule each other out": func(_, _, heir *enrolment.Enrolment, _ *pairing.Pairing) {
			heir.Conflicts = []string{"House of lou-offer"}
		},
		"who helped is not ready":   func(_, lou, _ *enrolment.Enrolment, _ *pairing.Pairing) { lou.State = enrolment.Confirmed },
		"who helped wants no other": func(_, lou, _ *enrolment.Enrolment, _ *pairing.Pairing) { lou.NotNow = true },
		"the place was never ready": func(kim, _, _ *enrolment.Enrolment, _ *pairing.Pairing) { kim.State = enrolment.Confirmed },
		"who helps leads it now":    func(_, lou, _ *enrolment.Enrolment, x *pairing.Pairing) { lou.ID = "heir-offer"; x.Consultant = lou.ID },
		"the coordinator stopped it": func(_, _, _ *enrolment.Enrolment, x *pairing.Pairing) {
			_, _ = x.Stop(pairing.Coordinator, "", "", x.StartedAt)
		},
		"it was completed": func(_, _, _ *enrolment.Enrolment, x *pairing.Pairing) { x.Complete(x.StartedAt) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.handed(change)
			b.tick()
			if m := b.goesOn(); m != nil {
				t.Errorf("they are asked all the same: %+v", m)
			}
			if kim, heir := b.enrolment("kim-seek"), b.enrolment("heir-seek"); kim.State != enrolment.Withdrawn || heir.TakesOver || len(heir.Places) != 0 {
				t.Errorf("before %s, now %+v", kim.State, heir)
			}
			x := b.pairingOf("k")
			stopped := slices.ContainsFunc(b.owed(), func(s string) bool { return strings.HasPrefix(s, "pairing-stopped") })
			if x.State == pairing.Active || stopped != (x.EndedBy == "client") || x.Milestone != pairing.Ended {
				t.Errorf("the pairing is %s by %s, told %v", x.State, x.EndedBy, stopped)
			}
		})
	}
}

// Who left by themselves before the new leader confirmed is not ended twice; with who helped, who
// has room, the new leader is asked all the same.
func TestWhoLeftMeanwhile(t *testing.T) {
	b := newBed(t)
	b.handed(func(kim, lou, _ *enrolment.Enrolment, x *pairing.Pairing) {
		_, _ = x.Stop("client", "", pairing.Leave, b.Now())
		kim.Withdraw()
		lou.Free("k")
	})
	c := b.Store.Commit()
	sam, err := b.Store.Supervisor(t.Context(), "pilot", "sam")
	if err != nil {
		t.Fatal(err)
	}
	sam.Free("k")
	c.UpdateSupervisor("pilot", sam)
	b.Commit(c)
	b.tick()
	if m := b.goesOn(); m == nil || m.Continues != "k" {
		t.Errorf("left: %+v", m)
	}
	b.wants("left", "match-released heir-seek", "match-released lou-offer")

}

// Of who was forgotten before the new leader confirmed nothing is known any more.
func TestWhoWasForgottenMeanwhile(t *testing.T) {
	b := newBed(t)
	b.handed()
	c := b.Store.Commit()
	c.DeleteEnrolment("pilot", b.enrolment("kim-seek"))
	b.Commit(c)
	b.tick()
	if heir := b.enrolment("heir-seek"); heir.TakesOver || b.goesOn() != nil {
		t.Errorf("forgotten: %+v", heir)
	}
	b.wants("forgotten")
}

// Who helps is a person and no office: nothing of theirs goes on with who leads the organisation
// after them, and whom they helped are told as when somebody leaves.
func TestNothingGoesOnOfWhoHelped(t *testing.T) {
	b := newBed(t)
	now := b.Now()
	kim, lou, heir := lead("kim-seek", programme.Client), lead("lou-offer", programme.Consultant), lead("heir-offer", programme.Consultant)
	x := pairing.Start(&pairing.Match{ID: "k", Client: pairing.Side{Enrolment: kim.ID}, Consultant: pairing.Side{Enrolment: lou.ID}}, now)
	x.DueAt, heir.State, heir.Supervisor = time.Time{}, enrolment.Confirmed, ""
	sam := &supervision.Supervisor{ID: "sam", Capacity: 1}
	for _, holder := range []pairing.Holder{kim, lou, sam} {
		holder.Take("k")
	}
	if _, err := lou.HandOver("take", true, true, now); err != nil || lou.Handover.Goals {
		t.Fatal(err, lou.Handover)
	}
	heir.Succeed(lou, now)
	heir.DueAt = now
	c := b.Store.Commit()
	for _, e := range []*enrolment.Enrolment{kim, lou, heir} {
		c.CreateEnrolment("pilot", e)
	}
	c.CreateSupervisor("pilot", sam)
	c.CreatePairing("pilot", x)
	b.Commit(c)
	b.tick()
	if kim, lou, heir := b.enrolment("kim-seek"), b.enrolment("lou-offer"), b.enrolment("heir-offer"); lou.State != enrolment.Withdrawn || heir.State != enrolment.Confirmed || len(heir.Places) != 0 || !slices.Equal(kim.Places, []string{"k"}) {
		t.Errorf("%s, %+v, %v", lou.State, heir, kim.Places)
	}
	if x := b.pairingOf("k"); x.State != pairing.Stopped || x.Milestone != pairing.Ended {
		t.Errorf("%+v", x)
	}
	b.wants("what is told", "has-left lou-offer", "pairing-stopped kim-seek")
}

// A match after which nobody goes on ends the pairing before it for good: then, and not before,
// who helped is asked what is asked at the end.
func TestWhoDoesNotGoOnIsAskedAtTheEnd(t *testing.T) {
	b := newBed(t)
	b.handed()
	b.tick()
	m := b.goesOn()
	b.tickAt(m.ReplyBy.Add(-time.Minute))
	if b.pairingOf("k").Milestone != pairing.None {
		t.Error("they are asked before")
	}
	b.tickAt(m.ReplyBy.Add(time.Minute))
	m, err := b.Store.Match(t.Context(), "pilot", pairing.Continued, m.ID)
	if err != nil || m.State != pairing.Lapsed || b.pairingOf("k").Milestone != pairing.Ended {
		t.Errorf("%+v, %v, milestone %q", m, err, b.pairingOf("k").Milestone)
	}
}

// An invitation to who leads an organisation now is reminded of once, and is over after its time.
func TestNewLeaderIsRemindedOnce(t *testing.T) {
	b := newBed(t)
	n, err := nomination.ToLeader(b.Programme, programme.Client, "lee@example.org", "n", b.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := b.Store.Commit()
	c.SaveNomination("pilot", n)
	b.Commit(c)
	for range 40 {
		b.tickAt(b.Now().AddDate(0, 0, 1))
	}
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	reminded := slices.DeleteFunc(all, func(m *outbox.Message) bool { return m.Kind != message.KindPassedOn })
	if len(reminded) != 1 {
		t.Errorf("%d reminders", len(reminded))
	}
	if _, err := b.Store.Nomination(t.Context(), "pilot", "n"); !fault.Is(err, fault.NotFound) {
		t.Errorf("it is kept: %v", err)
	}
}
