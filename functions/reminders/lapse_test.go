package reminders

import (
	"fmt"
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
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/reminder"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// out releases the match "m" of two people with a place each, under a supervisor, to which those
// of some roles have said yes.
func (b *bed) out(yes ...programme.Role) *pairing.Match {
	b.t.Helper()
	return b.outUntil("", time.Time{}, yes...)
}

// outUntil is out of people and a match whose ids end with some text, until a time; or the zero
// time for as long as a match is out.
func (b *bed) outUntil(suffix string, until time.Time, yes ...programme.Role) *pairing.Match {
	b.t.Helper()
	now := b.Now()
	kim := &enrolment.Enrolment{ID: "kim" + suffix, Role: programme.Client, State: enrolment.Ready, Capacity: 1}
	lou := &enrolment.Enrolment{ID: "lou" + suffix, Role: programme.Consultant, State: enrolment.Ready, Capacity: 1, Supervisor: "sam" + suffix}
	sam := &supervision.Supervisor{ID: "sam" + suffix, Capacity: 1}
	m := &pairing.Match{ID: "m" + suffix, Run: "r", Programme: "pilot", State: pairing.Proposed,
		Client: pairing.Side{Enrolment: kim.ID}, Consultant: pairing.Side{Enrolment: lou.ID}}
	if until.IsZero() {
		until = reminder.ReplyBy(b.Programme, kim, lou, now)
	}
	if err := m.Release(pairing.Holders{Client: kim, Consultant: lou, Supervisor: sam}, until, now); err != nil {
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
	return b.matchOf(m.ID)
}

func (b *bed) match() *pairing.Match { b.t.Helper(); return b.matchOf("m") }

func (b *bed) matchOf(id string) *pairing.Match {
	b.t.Helper()
	m, err := b.Store.Match(b.t.Context(), "pilot", "r", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// places are how many places the two of the match "m" and the supervisor have taken.
func (b *bed) places() int { b.t.Helper(); return b.placesOf("") }

func (b *bed) placesOf(suffix string) (n int) {
	b.t.Helper()
	for _, id := range []string{"kim" + suffix, "lou" + suffix} {
		e, err := b.Store.Enrolment(b.t.Context(), "pilot", id)
		if err != nil {
			b.t.Fatal(err)
		}
		n += len(e.Places)
	}
	sam, err := b.Store.Supervisor(b.t.Context(), "pilot", "sam"+suffix)
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

// A process that dies at any of its requests, before or after it is made, leaves a match that
// lapses as it was or whole: over, with all three places free and a letter to each of the two.
// The next one brings it there, and nobody is told twice; with the places free, and each kept
// from the other, the next run offers both the next best.
func TestLapseKilledAtAnyRequestIsWholeOrNotThere(t *testing.T) {
	b := newBed(t)
	const whole = "lapsed, 0 places, told [match-lapsed kim%[1]s match-lapsed lou%[1]s]"
	view := func(suffix string) string {
		told := slices.DeleteFunc(b.lapsed(), func(line string) bool {
			return line != "match-lapsed kim"+suffix && line != "match-lapsed lou"+suffix
		})
		return fmt.Sprintf("%s, %d places, told %v", b.matchOf("m"+suffix).State, b.placesOf(suffix), told)
	}
	seen := map[bool]int{} // how often it was whole after the death
	for point := 0; ; point++ {
		suffix := fmt.Sprint("-", point)
		b.outUntil(suffix, b.Now().Add(-time.Minute), programme.Roles[point%2])
		before, after := view(suffix), fmt.Sprintf(whole, suffix)
		death := &testbed.Death{At: point/2 + 1, After: point%2 == 1}
		s, bury := b.Dying(death)
		err := (&reminders{&serve.Runtime{Store: s, Now: b.Now}}).tick(t.Context())
		bury()
		if over := death.Requests() < death.At; over {
			if err != nil || view(suffix) != after {
				t.Errorf("of a process that lives: %v, %s", err, view(suffix))
			}
			break
		}
		got := view(suffix)
		if got != before && got != after {
			t.Errorf("killed at request %d (after: %v): %s", death.At, death.After, got)
		}
		seen[got == after]++
		for range 2 {
			b.tick()
		}
		if got := view(suffix); got != after {
			t.Errorf("killed at request %d (after: %v), and then: %s", death.At, death.After, got)
		}
		if with, err := b.Store.DeclinedWith(t.Context(), "pilot", programme.Client, "kim"+suffix); err != nil || !slices.Equal(with, []string{"lou" + suffix}) {
			t.Errorf("killed at request %d: kept from %v, %v", death.At, with, err)
		}
	}
	if seen[false] < 10 || seen[true] == 0 {
		t.Errorf("killed %d times before it was written, and %d times after", seen[false], seen[true])
	}
	t.Logf("killed %d times before it was written, and %d times after", seen[false], seen[true])
}
