package reminders

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// out releases a match of two people with a place each, under a supervisor, to which those
// of some roles have said yes.
func (b *bed) out(yes ...programme.Role) *pairing.Match {
	b.t.Helper()
	now := b.Now()
	kim := &enrolment.Enrolment{ID: "kim", Role: programme.Client, State: enrolment.Ready, Capacity: 1}
	lou := &enrolment.Enrolment{ID: "lou", Role: programme.Consultant, State: enrolment.Ready, Capacity: 1, Supervisor: "sam"}
	sam := &supervision.Supervisor{ID: "sam", Capacity: 1}
	m := &pairing.Match{ID: "m", Run: "r", Programme: "pilot", State: pairing.Proposed,
		Client: pairing.Side{Enrolment: kim.ID}, Consultant: pairing.Side{Enrolment: lou.ID}}
	if err := m.Release(pairing.Holders{Client: kim, Consultant: lou, Supervisor: sam}, reminder.ReplyBy(b.Programme, kim, lou, now), now); err != nil {
		b.t.Fatal(err)
	}
	for _, role := range yes {
		if err := m.Accept(role, "v1", now); err != nil {
			b.t.Fatal(err)
		}
	}
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", kim)
	c.CreateEnrolment("pilot", lou)
	c.CreateSupervisor("pilot", sam)
	c.CreateMatch("pilot", m)
	b.Commit(c)
	return b.match()
}

func (b *bed) match() *pairing.Match {
	b.t.Helper()
	m, err := b.Store.Match(b.t.Context(), "pilot", "r", "m")
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// places are how many places the two and the supervisor have taken.
func (b *bed) places() (n int) {
	b.t.Helper()
	for _, id := range []string{"kim", "lou"} {
		e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
		if err != nil {
			b.t.Fatal(err)
		}
		n += len(e.Places)
	}
	sam, err := b.Store.Supervisor(b.t.Context(), "pilot", "sam")
	if err != nil {
		b.t.Fatal(err)
	}
	return n + len(sam.Places)
}

// lapsed are the letters about a match that lapsed.
func (b *bed) lapsed() []string {
	return slices.DeleteFunc(b.owed(), func(line string) bool { return line[:len(message.KindMatchLapsed)] != string(message.KindMatchLapsed) })
}

// A match that nobody answers lapses at the end of its last day, once, however many look: all
// three places are free, both are told, the desk hears of it, and the two are not matched with
// each other again.
func TestMatchWithoutAnAnswerLapses(t *testing.T) {
	for name, yes := range map[string][]programme.Role{"by neither": nil, "by one": {programme.Consultant}} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			m := b.out(yes...)
			b.tickAt(m.ReplyBy.Add(-time.Minute))
			if m := b.match(); m.State != pairing.Released || !m.Overdue || !m.DueAt.Equal(m.ReplyBy) || b.places() != 3 {
				t.Fatalf("a minute before: %+v, %d places", m, b.places())
			}
			b.Pass(2 * time.Minute)
			var at sync.WaitGroup
			for range 4 {
				at.Go(b.tick)
			}
			at.Wait()
			b.tick()
			if m := b.match(); m.State != pairing.Lapsed || m.Overdue || !m.DueAt.IsZero() || b.places() != 0 {
				t.Errorf("once it is over: %+v, %d places", m, b.places())
			}
			if got, want := b.lapsed(), []string{"match-lapsed kim", "match-lapsed lou"}; !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
			concerns, err := b.Store.Concerns(t.Context(), b.Programme, b.Now().Add(-time.Hour))
			if err != nil || concerns.Lapsed != 1 || concerns.Declined != 0 || concerns.Unanswered != 0 {
				t.Errorf("a coordinator hears %+v, %v", concerns, err)
			}
			with, err := b.Store.DeclinedWith(t.Context(), "pilot", programme.Client, "kim")
			if err != nil || !slices.Equal(with, []string{"lou"}) {
				t.Errorf("kim is not matched again with %v, %v", with, err)
			}
		})
	}
}

// Somebody answers at the moment at which their match lapses: one comes first, and what
// follows is whole.
func TestAnswerAtTheMomentOfTheLapse(t *testing.T) {
	b := newBed(t)
	m := b.out(programme.Client)
	b.tickAt(m.ReplyBy.Add(-time.Minute))
	b.Pass(2 * time.Minute)
	m = b.match()
	late := *m
	var at sync.WaitGroup
	at.Go(b.tick)
	var err error
	at.Go(func() {
		people, failed := matches.Read(t.Context(), b.Store, "pilot", m.Both()...)
		if failed != nil {
			t.Error(failed)
			return
		}
		_ = late.Decline(programme.Consultant, "Too far", b.Now(), people.Of("kim", "lou"))
		c := b.Store.Commit()
		c.UpdateMatch("pilot", &late)
		people.Update(c, b.Now(), &late)
		c.Enqueue(t.Context(), message.MatchDeclined(b.Programme, &late, programme.Client), b.Now())
		err = c.Do(t.Context())
	})
	at.Wait()
	b.tick()
	all, failed := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if failed != nil {
		t.Fatal(failed)
	}
	told := map[outbox.Kind]int{}
	for _, x := range all {
		told[x.Kind]++
	}
	declined := err == nil
	if !declined && !store.IsConflict(err) && !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
	switch got := b.match(); {
	case b.places() != 0:
		t.Errorf("%d places are taken", b.places())
	case declined && (got.State != pairing.Declined || told[message.KindMatchLapsed] != 0 || told[message.KindMatchDeclined] != 1):
		t.Errorf("declined first: %s, told %v", got.State, told)
	case !declined && (got.State != pairing.Lapsed || told[message.KindMatchLapsed] != 2 || told[message.KindMatchDeclined] != 0):
		t.Errorf("lapsed first: %s, told %v", got.State, told)
	}
}
