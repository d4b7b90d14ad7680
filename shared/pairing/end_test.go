package pairing

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

func TestFinishIsAskedFor(t *testing.T) {
	t.Parallel()
	x := active()
	x.Held = 1
	if changed, err := x.ProposeFinish(programme.Client, 2, noon); changed || !fault.Is(err, fault.Conflict) || x.FinishBy != "" || !strings.Contains(err.Error(), "1 of at least 2") {
		t.Errorf("too early: %v", err)
	}
	x.Held, x.DueAt = 2, time.Time{}
	if changed, err := x.ProposeFinish(programme.Client, 2, noon); !changed || err != nil || x.State != Active || x.FinishBy != programme.Client || !x.FinishAt.Equal(noon) || !x.DueAt.Equal(noon) {
		t.Fatalf("proposed: %v, %+v", err, x)
	}
	later := noon.Add(time.Hour)
	if changed, err := x.ProposeFinish(programme.Client, 2, later); changed || err != nil || x.State != Active || !x.FinishAt.Equal(noon) {
		t.Errorf("proposed twice by the same: %v, %+v", err, x)
	}
	if changed, err := x.GoOn(later); !changed || err != nil || x.FinishBy != "" || x.State != Active {
		t.Errorf("going on: %v, %+v", err, x)
	}
	if changed, err := x.GoOn(later); changed || err != nil {
		t.Errorf("going on twice: %v", err)
	}
	for _, role := range []programme.Role{programme.Consultant, programme.Client} {
		if changed, err := x.ProposeFinish(role, 2, later); !changed || err != nil {
			t.Fatal(err)
		}
	}
	if x.State != Completed || x.EndedBy != Both || x.Milestone != Ended || !x.EndedAt.Equal(later) || !x.DueAt.IsZero() || x.FinishBy != "" {
		t.Errorf("both agreed: %+v", x)
	}
	x.Milestone = None // the invitations went out
	if changed, err := x.ProposeFinish(programme.Client, 2, later.Add(time.Hour)); changed || err != nil || x.Milestone != None || !x.EndedAt.Equal(later) {
		t.Errorf("finished once more: %v, %+v", err, x)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, by := range []Ender{"client", "consultant", Coordinator} {
		for _, held := range []int{0, 1} {
			x, s := booked(t)
			x.Held = held
			if changed, err := x.Stop(by, strings.Repeat("é", MaxText+1), Later, noon); changed || !invalid(err, "reason") || x.State != Active {
				t.Errorf("%s: %v", by, err)
			}
			if changed, err := x.Stop(by, "A reason", "else", noon); by != Coordinator && (changed || !invalid(err, "next") || x.State != Active) {
				t.Errorf("%s: %v", by, err)
			}
			if changed, err := x.Stop(by, "A reason", Another, noon); by != Coordinator && (!changed || err != nil) || x.State != Stopped || x.EndedBy != by || x.EndReason != "A reason" || !x.EndedAt.Equal(noon) || x.Milestone != Ended || !x.DueAt.IsZero() {
				t.Errorf("%s: %v, %+v", by, err, x)
			}
			if changed, err := x.Stop("client", "Another", Later, noon); changed || err != nil || x.EndedBy != by || x.EndReason != "A reason" {
				t.Errorf("stopped twice: %v, %+v", err, x)
			}
			if got := x.CallOff([]*Session{s, {Number: 2, State: Held, StartsAt: noon.Add(time.Hour)}, {Number: 3, State: Booked, StartsAt: noon.Add(-time.Hour)}}, time.Time{}, noon); !slices.Equal(got, []*Session{s}) || s.State != Cancelled || x.ToCome(noon) || x.Booked != 0 {
				t.Errorf("cancelled %v", got)
			}
			if changed := x.Complete(noon); changed {
				t.Error("completed after it was stopped")
			}
			for name, err := range map[string]error{
				"booked": second(x.Book("s2", "p", programme.Client, booking(), most, noon)), "finished": second(x.ProposeFinish(programme.Client, 0, noon)),
				"went on": second(x.GoOn(noon)), "paused": second(x.Pause(programme.Client, noon.Add(time.Hour), noon)), "resumed": second(x.Resume(programme.Client, noon)),
			} {
				if !fault.Is(err, fault.Conflict) || x.State != Stopped {
					t.Errorf("%s after it was stopped: %v", name, err)
				}
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Who holds what after an end, by how it ended and what each side wants.
func TestPlacesAfterTheEnd(t *testing.T) {
	t.Parallel()
	const client, consultant = "client", "consultant"
	for name, row := range map[string]struct {
		do   func(*Pairing)
		want string // the client, the consultant and the supervisor
	}{
		"it goes on":                                    {func(*Pairing) {}, "m,m,m"},
		"completed: a client is supported once":         {func(x *Pairing) { x.Complete(noon) }, "m,,"},
		"stopped by the client, who wants another":      {func(x *Pairing) { _, _ = x.Stop(client, "", Another, noon) }, ",,"},
		"stopped by the client, who wants nothing":      {func(x *Pairing) { _, _ = x.Stop(client, "", Later, noon) }, "m,,"},
		"stopped by the consultant, who wants another":  {func(x *Pairing) { _, _ = x.Stop(consultant, "", Another, noon) }, "m,,"},
		"stopped by the consultant, who wants nothing":  {func(x *Pairing) { _, _ = x.Stop(consultant, "", Later, noon) }, "m,,"},
		"stopped by the coordinator":                    {func(x *Pairing) { _, _ = x.Stop(Coordinator, "", "", noon) }, "m,,"},
		"and then the client wants another":             {func(x *Pairing) { _, _ = x.Stop(Coordinator, "", "", noon); _, _ = x.Choose(client, Another) }, ",,"},
		"and then the consultant wants nothing for now": {func(x *Pairing) { _, _ = x.Stop(client, "", Later, noon); _, _ = x.Choose(consultant, Later) }, "m,,"},
		"and then another after all": {func(x *Pairing) {
			_, _ = x.Stop(consultant, "", Later, noon)
			_, _ = x.Choose(consultant, Another)
		}, "m,,"},
		"completed, and the consultant wants nothing for now": {func(x *Pairing) { x.Complete(noon); _, _ = x.Choose(consultant, Later) }, "m,,"},
	} {
		h, has := three()
		if err := h.take("m"); err != nil {
			t.Fatal(err)
		}
		x := active()
		row.do(x)
		for range 2 {
			if x.Free(h); has() != row.want {
				t.Errorf("%s: held by %q, want %q", name, has(), row.want)
			}
		}
	}
	x := active()
	if _, err := x.Choose(client, Another); !fault.Is(err, fault.Conflict) {
		t.Errorf("chosen while it goes on: %v", err)
	}
	x.Complete(noon)
	for _, row := range []struct {
		role programme.Role
		next Next
	}{{client, Another}, {client, Later}, {consultant, Leave}, {consultant, "else"}} {
		if _, err := x.Choose(row.role, row.next); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s chose %s: %v", row.role, row.next, err)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	x, s := booked(t)
	until := s.StartsAt.Add(24 * time.Hour)
	for _, wrong := range []time.Time{{}, noon, noon.Add(-time.Hour), noon.Add(longestPause + time.Second)} {
		if changed, err := x.Pause(programme.Client, wrong, noon); changed || !invalid(err, "until") || x.Paused(noon) {
			t.Errorf("until %s: %v", wrong, err)
		}
	}
	for i := range 2 {
		if changed, err := x.Pause(programme.Client, until, noon); changed != (i == 0) || err != nil || !x.Paused(noon) || x.Paused(until) || x.PausedBy != programme.Client || !x.PausedAt.Equal(noon) {
			t.Errorf("try %d: %v, %+v", i, err, x)
		}
	}
	if got := x.CallOff([]*Session{s}, until, noon); len(got) != 1 || s.State != Cancelled {
		t.Errorf("cancelled %v", got)
	}
	if _, err := x.Book("s2", "p", programme.Client, Booking{until.Add(-time.Minute), 60, "here", ""}, most, noon); !invalid(err, "date") {
		t.Errorf("booked within the pause: %v", err)
	}
	if _, err := x.Book("s2", "p", programme.Client, Booking{until, 60, "here", ""}, most, noon); err != nil {
		t.Errorf("booked after the pause: %v", err)
	}
	if changed, err := x.Pause(programme.Consultant, until.Add(-time.Hour), noon); changed || err != nil || !x.PausedUntil.Equal(until) {
		t.Errorf("the other made it shorter: %v", err)
	}
	if changed, err := x.Resume(programme.Consultant, noon); changed || !fault.Is(err, fault.Conflict) || !x.Paused(noon) {
		t.Errorf("the other ended it: %v", err)
	}
	later := noon.Add(time.Hour)
	if changed, err := x.Pause(programme.Consultant, until.Add(time.Hour), later); !changed || err != nil || x.PausedBy != programme.Consultant {
		t.Errorf("the other made it longer: %v", err)
	}
	for i := range 2 {
		if changed, err := x.Resume(programme.Consultant, later); changed != (i == 0) || err != nil || x.Paused(later) || !x.LastDate().Equal(until) {
			t.Errorf("resumed, try %d: %v, the last date is %s", i, err, x.LastDate())
		}
	}
}

func TestPlacesAreLent(t *testing.T) {
	t.Parallel()
	h, has := three()
	if err := h.take("m"); err != nil {
		t.Fatal(err)
	}
	x := active()
	if x.Lend(h); has() != "m,," || !x.Lent {
		t.Errorf("lent: %s", has())
	}
	h.Supervisor.Take("another")
	if err := x.TakeBack(h); !fault.Is(err, fault.Conflict) || has() != "m,,another" || !x.Lent || !x.Overdue {
		t.Errorf("taken back: %v, %s", err, has())
	}
	h.Supervisor.Free("another")
	for range 2 {
		if err := x.TakeBack(h); err != nil || has() != "m,m,m" || x.Lent {
			t.Errorf("taken back: %v, %s", err, has())
		}
	}
}

func TestSessionsDoNotOverlap(t *testing.T) {
	t.Parallel()
	x, s := booked(t) // of 90 minutes
	for minutes, want := range map[int]bool{-61: true, -60: true, -59: false, 0: false, 89: false, 90: true, 91: true} {
		y := *x
		y.Dates, y.Lengths = maps.Clone(x.Dates), maps.Clone(x.Lengths)
		_, err := y.Book("s2", "p", programme.Client, Booking{s.StartsAt.Add(time.Duration(minutes) * time.Minute), 60, "here", ""}, most, noon)
		if got := err == nil; got != want || !want && !invalid(err, "date") {
			t.Errorf("%d minutes after the other: %v", minutes, err)
		}
	}
	if moved, err := x.Move(s, 0, Booking{s.StartsAt.Add(30 * time.Minute), 90, "here", ""}, noon); !moved || err != nil {
		t.Errorf("moved within its own time: %v", err)
	}
}

func TestBookingsHaveABudget(t *testing.T) {
	t.Parallel()
	x := active()
	at := func(i int) Booking { return Booking{noon.Add(time.Duration(i+1) * 24 * time.Hour), 60, "here", ""} }
	s, err := x.Book("s0", "p", programme.Client, at(0), 3, noon)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < mostChanges; i++ {
		if moved, err := x.Move(s, i-1, at(i), noon); !moved || err != nil {
			t.Fatalf("move %d: %v", i, err)
		}
	}
	if moved, err := x.Move(s, mostChanges-1, at(40), noon); moved || !fault.Is(err, fault.Conflict) || s.StartsAt.Equal(at(40).StartsAt) {
		t.Errorf("one move too many: %v", err)
	}
	if cancelled, err := x.Cancel(s, s.Sequence, "", noon); !cancelled || err != nil {
		t.Errorf("it cannot be cancelled: %v", err)
	}
	tomorrow := noon.Add(24 * time.Hour)
	for i := range 3 {
		if _, err := x.Book(string(rune('a'+i)), "p", programme.Client, at(50+i), 3, tomorrow); err != nil {
			t.Errorf("on the next day: %v", err)
		}
	}
	if _, err := x.Book("z", "p", programme.Client, at(60), 3, tomorrow); !fault.Is(err, fault.Conflict) || !x.Full(3) {
		t.Errorf("more than the most: %v", err)
	}
}

// Whatever both and the coordinator do in whatever order: held and disputed count the
// sessions that both agree on or not, and a log can be amended; no two sessions are at one
// time; a pairing ends only as it was asked to, once, and asks for its closing questionnaires
// once; while it pauses no session begins that was booked or cancelled then; and a step that
// is refused changes nothing.
func TestNoStepBreaksAPairing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(1, 3).Draw(t, "minimum")
		x := active()
		var sessions []*Session
		said := map[string]map[programme.Role]bool{}
		now, ended := noon, 0
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hours")) * time.Hour)
			before := *x
			before.Dates, before.Lengths, before.Next = maps.Clone(x.Dates), maps.Clone(x.Lengths), maps.Clone(x.Next)
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			ahead := now.Add(time.Duration(rapid.IntRange(-1, 200).Draw(t, "ahead")) * time.Hour)
			step := rapid.SampledFrom([]string{"book", "book", "log", "log", "log", "propose", "propose", "go on", "stop", "pause", "resume", "complete", "choose", "invite"}).Draw(t, "step")
			changed, err := true, error(nil)
			switch step {
			case "book":
				var s *Session
				if s, err = x.Book(string(rune('a'+i)), "p", role, Booking{ahead, rapid.SampledFrom([]int{60, 480}).Draw(t, "minutes"), "here", ""}, most, now); err == nil {
					sessions, said[s.ID] = append(sessions, s), map[programme.Role]bool{}
				}
			case "log":
				if len(sessions) == 0 {
					continue
				}
				s, held := rapid.SampledFrom(sessions).Draw(t, "session"), rapid.Bool().Draw(t, "held")
				was := *s
				if err = x.Record(s, log(role, held), now); err == nil {
					said[s.ID][role] = held
				} else if !reflect.DeepEqual(was, *s) {
					t.Fatalf("a log was refused and changed the session")
				}
			case "propose":
				changed, err = x.ProposeFinish(role, minimum, now)
			case "go on":
				changed, err = x.GoOn(now)
			case "stop":
				changed, err = x.Stop(rapid.SampledFrom([]Ender{Ender(role), Coordinator}).Draw(t, "by"), "", Later, now)
			case "pause":
				if changed, err = x.Pause(role, ahead, now); changed {
					x.CallOff(sessions, x.PausedUntil, now)
				}
			case "resume":
				changed, err = x.Resume(role, now)
			case "complete":
				changed = x.Complete(now)
			case "choose":
				changed, err = x.Choose(role, rapid.SampledFrom([]Next{Another, Later}).Draw(t, "next"))
			case "invite":
				x.Milestone = None
			}
			if (err != nil || !changed) && !same(before, *x) {
				t.Fatalf("%s was refused or is no change, and changed from %+v to %+v", step, before, x)
			}
			if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) && !invalidLog(err) {
				t.Fatalf("error %v", err)
			}
			held, disputed := 0, 0
			for k, s := range sessions {
				want := s.State
				if all := said[s.ID]; len(all) > 0 {
					want = map[[2]bool]SessionState{{true, false}: Held, {false, true}: NotHeld, {true, true}: Disputed}[[2]bool{slices.Contains(slices.Collect(maps.Values(all)), true), slices.Contains(slices.Collect(maps.Values(all)), false)}]
				}
				if s.State != want {
					t.Fatalf("said %v, and it is %s", said[s.ID], s.State)
				}
				held, disputed = held+map[SessionState]int{Held: 1}[s.State], disputed+map[SessionState]int{Disputed: 1}[s.State]
				if s.State == Booked && x.Paused(now) && s.StartsAt.After(now) && s.StartsAt.Before(x.PausedUntil) {
					t.Fatalf("it pauses until %s, and a session is at %s", x.PausedUntil, s.StartsAt)
				}
				for _, other := range sessions[:k] {
					if s.State != Cancelled && s.State != NotHeld && other.State != Cancelled && other.State != NotHeld && s.StartsAt.Before(other.EndsAt()) && other.StartsAt.Before(s.EndsAt()) && step == "book" && err == nil && k == len(sessions)-1 {
						t.Fatalf("sessions at %s and %s overlap", s.StartsAt, other.StartsAt)
					}
				}
			}
			if x.Held != held || x.Disputed != disputed {
				t.Fatalf("%d held and %d disputed, counted %d and %d", x.Held, x.Disputed, held, disputed)
			}
			if before.State == Active && x.State != Active {
				ended++
				asked := step == "stop" && x.State == Stopped || x.State == Completed && (step == "complete" || step == "propose" && before.FinishBy == role.Other() && x.EndedBy == Both)
				if !asked || !x.EndedAt.Equal(now) || x.Milestone != Ended {
					t.Fatalf("%s ended it as %+v", step, x)
				}
			}
			if before.State != Active && (x.State != before.State || !x.EndedAt.Equal(before.EndedAt) || x.EndedBy != before.EndedBy || step != "invite" && x.Milestone != before.Milestone) || ended > 1 {
				t.Fatalf("it ended, and went on from %+v to %+v", before, x)
			}
		}
	})
}

// same reports whether two pairings are, but for how a day's changes are counted.
func same(a, b Pairing) bool {
	a.ChangedOn, b.ChangedOn, a.Changes, b.Changes = "", "", 0, 0
	return reflect.DeepEqual(a, b)
}
