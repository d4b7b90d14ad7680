package pairing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// However often an organisation has another leader, the sessions that it has held count once, in
// the order of their dates, towards the least and the most; and what one pairing counts of its own
// is of nobody before.
func TestSessionsBeforeCountOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now, held := time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC), 0
		p := Start(&Match{ID: "first"}, now)
		for i := range rapid.IntRange(1, 4).Draw(t, "leaders") {
			var sessions []*Session
			own := 0
			for range rapid.IntRange(0, 4).Draw(t, "sessions") {
				now = now.Add(time.Hour)
				s := &Session{StartsAt: now, Minutes: 60, State: rapid.SampledFrom([]SessionState{Held, Held, Booked, NotHeld, Disputed, Cancelled}).Draw(t, "state")}
				if s.State == Held {
					own++
				}
				sessions = append([]*Session{s}, sessions...) // in no order
			}
			p.Held += own
			held += own
			if p.Held != own || p.HeldInAll() != held || p.Taken() != len(p.Before)+len(p.Dates) {
				t.Fatalf("pairing %d: %d held, %d in all, of %d", i, p.Held, p.HeldInAll(), held)
			}
			for _, most := range []int{held, held + 1} {
				if p.Full(most) != (p.Taken() >= most) {
					t.Fatalf("with %d it is full at %d: %v", p.Taken(), most, p.Full(most))
				}
			}
			least := rapid.IntRange(0, 6).Draw(t, "least")
			try := *p
			if proposed, _ := try.ProposeFinish(programme.Client, least, now); proposed != (held >= least) {
				t.Fatalf("after %d of %d it can finish: %v", held, least, proposed)
			}
			p.end(Stopped, Ender(programme.Client), now)
			after := Start(&Match{ID: "next"}, now)
			after.TakeUp(p, sessions)
			if len(after.Before) != held || after.Continues != p.ID || after.Held != 0 || p.HeldInAll() != held {
				t.Fatalf("it takes up %d of %d", len(after.Before), held)
			}
			for k := 1; k < len(after.Before); k++ {
				if after.Before[k].StartsAt.Before(after.Before[k-1].StartsAt) {
					t.Fatal("out of order")
				}
			}
			p = after
		}
	})
}

// A pairing goes on that did so until its client handed over, and no other.
func TestWhichPairingGoesOn(t *testing.T) {
	t.Parallel()
	asked := time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)
	stopped := func(by Ender, next Next, at time.Time) *Pairing {
		p := Start(&Match{ID: "x"}, asked.Add(-time.Hour))
		_, _ = p.Stop(by, "", next, at)
		return p
	}
	complete := Start(&Match{ID: "x"}, asked)
	complete.Complete(asked)
	for name, row := range map[string]struct {
		*Pairing
		goes bool
	}{
		"active":                        {Start(&Match{ID: "x"}, asked), true},
		"its client left since":         {stopped("client", Leave, asked.Add(time.Hour)), true},
		"its client left before":        {stopped("client", Leave, asked.Add(-time.Minute)), false},
		"its client wanted another":     {stopped("client", Another, asked.Add(time.Hour)), false},
		"who helped left":               {stopped("consultant", Leave, asked.Add(time.Hour)), false},
		"stopped by the coordinator":    {stopped(Coordinator, "", asked.Add(time.Hour)), false},
		"completed, whoever leaves now": {complete, false},
	} {
		if got := row.GoesOn(asked); got != row.goes {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Goals and actions are marked as passed on, and the notebook before stays as it was.
func TestWhatIsPassedOnIsMarked(t *testing.T) {
	t.Parallel()
	before := &Notebook{Client: "kim", Goals: []Goal{{ID: "g", Text: "Explore"}}, Actions: []Action{{ID: "a", Text: "Ring the bank"}}, FollowUps: []FollowUpEntry{{ID: "f"}}, Rings: map[string]bool{"client": true}}
	n := new(Notebook)
	if !n.Inherit(before, "pilot") || len(n.Goals) != 1 || !n.Goals[0].Before || !n.Actions[0].Before || len(n.FollowUps) != 0 || len(n.Rings) != 0 || before.Goals[0].Before || before.Actions[0].Before {
		t.Errorf("%+v of %+v", n, before)
	}
	n.Goals = append(n.Goals, Goal{ID: "own", Text: "Our own"})
	if n.Client, n.Consultant = "lou", "zoe"; n.Forget([]string{"kim"}) || len(n.Goals) != 1 || n.Goals[0].ID != "own" || len(n.Actions) != 0 || n.From != "" || n.Client != "lou" {
		t.Errorf("once who passed it on is forgotten: %+v", n)
	}
	if new(Notebook).Inherit(new(Notebook), "pilot") {
		t.Error("nothing is something")
	}
}
