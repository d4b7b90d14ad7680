package pairing

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// plans are what a programme of these tests plans: two sessions, and two further ones in all.
var plans = programme.Sessions{Minimum: 1, Target: 1, Maximum: 2, Further: 2, Minutes: 60}

// full is a pairing with as many sessions as are planned.
func full() *Pairing {
	x := active()
	x.Dates = map[string]time.Time{"a": noon.AddDate(0, 0, -9), "b": noon.AddDate(0, 0, -2)}
	return x
}

const why = "To look at the budget"

// asked is full, of which the client asks for a further session.
func asked(t *testing.T) *Pairing {
	t.Helper()
	x := full()
	if changed, err := x.AskFurther(programme.Client, why, plans, new(Grants), noon); !changed || err != nil {
		t.Fatalf("asked: %v, %v", changed, err)
	}
	return x
}

func TestFurtherSessionIsAskedForAgreedAndGiven(t *testing.T) {
	t.Parallel()
	x, given, by := asked(t), new(Grants), noon.AddDate(0, 0, 7)
	if changed, err := x.AskFurther(programme.Client, why, plans, given, noon.Add(time.Hour)); changed || err != nil || x.Changes != 1 {
		t.Errorf("sent twice: %v, %v, %+v", changed, err, x)
	}
	at := x.Further.AskedAt
	if _, err := x.AgreeFurther(programme.Client, at, by, noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("agreed with oneself: %v", err)
	}
	if _, err := x.Grant(at, plans, given, noon); !fault.Is(err, fault.Conflict) || given.Given != 0 {
		t.Errorf("given before the other agreed: %v", err)
	}
	for i := range 2 {
		if changed, err := x.AgreeFurther(programme.Consultant, at, by, noon); changed != (i == 0) || err != nil || !x.Further.AnswerBy.Equal(by) {
			t.Fatalf("agreed: %v, %v, %+v", changed, err, x.Further)
		}
	}
	for i := range 2 {
		if changed, err := x.Grant(at, plans, given, noon); changed != (i == 0) || err != nil {
			t.Fatalf("given: %v, %v", changed, err)
		}
	}
	if x.Granted != 1 || given.Given != 1 || !x.Further.AnswerBy.IsZero() || x.Further.Open() || x.Full(x.Most(plans)) {
		t.Errorf("pairing %+v, given %+v", x, given)
	}
	b := booking()
	if _, err := x.Book("c", "p", programme.Client, b, x.Most(plans), noon); err != nil {
		t.Errorf("the further session: %v", err)
	}
	b.StartsAt = b.StartsAt.AddDate(0, 0, 1)
	if _, err := x.Book("d", "p", programme.Client, b, x.Most(plans), noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("one more than that: %v", err)
	}
}

func TestFurtherSessionIsNotAskedFor(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*Pairing, *programme.Sessions, *Grants)
		why    string
		field  string
	}{
		"for nothing":                          {nil, "", "why"},
		"at length":                            {nil, strings.Repeat("é", MaxFurtherWhy+1), "why"},
		"on two lines":                         {nil, "a\nb", "why"},
		"while one can be booked":              {func(x *Pairing, _ *programme.Sessions, _ *Grants) { delete(x.Dates, "a") }, why, ""},
		"once it has ended":                    {func(x *Pairing, _ *programme.Sessions, _ *Grants) { x.State = Stopped }, why, ""},
		"in a pause":                           {func(x *Pairing, _ *programme.Sessions, _ *Grants) { x.PausedUntil = noon.AddDate(0, 0, 1) }, why, ""},
		"where the programme gives none":       {func(_ *Pairing, s *programme.Sessions, _ *Grants) { s.Further = 0 }, why, ""},
		"where it has given all":               {func(_ *Pairing, _ *programme.Sessions, g *Grants) { g.Given = 2 }, why, ""},
		"where it has given more than it says": {func(_ *Pairing, _ *programme.Sessions, g *Grants) { g.Given = 9 }, why, ""},
		"beyond what any pairing can have": {func(x *Pairing, s *programme.Sessions, _ *Grants) {
			s.Maximum, x.Granted = 20, 10
			for i := range programme.MostSessions {
				x.Dates[string(rune('A'+i))] = noon
			}
		}, why, ""},
		"more often than people can be written to": {func(x *Pairing, _ *programme.Sessions, _ *Grants) {
			x.ChangedOn, x.Changes = noon.Format(time.DateOnly), mostChanges
		}, why, ""},
		"beside one that the other asks for": {func(x *Pairing, _ *programme.Sessions, _ *Grants) {
			x.Further = Further{State: FurtherAsked, By: programme.Consultant, AskedAt: noon}
		}, why, ""},
		"beside one's own": {func(x *Pairing, _ *programme.Sessions, _ *Grants) {
			x.Further = Further{State: FurtherAgreed, By: programme.Client, AskedAt: noon}
		}, why, ""},
	} {
		x, s, g := full(), plans, new(Grants)
		if row.change != nil {
			row.change(x, &s, g)
		}
		was := x.Further
		changed, err := x.AskFurther(programme.Client, row.why, s, g, noon)
		if changed || err == nil || x.Further != was || row.field != "" && !invalid(err, row.field) {
			t.Errorf("%s: %v, %v, %+v", name, changed, err, x.Further)
		}
	}
}

// Whoever acts on what is over, or was asked anew, is told, and nothing changes.
func TestFurtherSessionThatIsOver(t *testing.T) {
	t.Parallel()
	other, mine := programme.Consultant, programme.Client
	for name, end := range map[string]func(*Pairing) (bool, error){
		"taken back": func(x *Pairing) (bool, error) { return x.WithdrawFurther(mine, x.Further.AskedAt, noon) },
		"left":       func(x *Pairing) (bool, error) { return x.LeaveFurther(other, x.Further.AskedAt, noon) },
		"over":       func(x *Pairing) (bool, error) { return x.Complete(noon), nil },
		"agreed, refused": func(x *Pairing) (bool, error) {
			if _, err := x.AgreeFurther(other, x.Further.AskedAt, noon.AddDate(0, 0, 7), noon); err != nil {
				return false, err
			}
			return x.Refuse(x.Further.AskedAt, noon)
		},
	} {
		x := asked(t)
		if changed, err := end(x); !changed || err != nil || x.Further.Open() || !x.Further.AnswerBy.IsZero() || x.Further.SettledAt.IsZero() {
			t.Errorf("%s: %v, %v, %+v", name, changed, err, x.Further)
		}
		was, at := x.Further, x.Further.AskedAt
		for step, do := range map[string]func(time.Time) (bool, error){
			"agreed":     func(at time.Time) (bool, error) { return x.AgreeFurther(other, at, noon, noon) },
			"given":      func(at time.Time) (bool, error) { return x.Grant(at, plans, new(Grants), noon) },
			"anew":       func(at time.Time) (bool, error) { return x.LeaveFurther(other, at.Add(time.Second), noon) },
			"not mine":   func(at time.Time) (bool, error) { return x.LeaveFurther(mine, at, noon) },
			"not theirs": func(at time.Time) (bool, error) { return x.WithdrawFurther(other, at, noon) },
		} {
			if changed, err := do(at); changed || !fault.Is(err, fault.Conflict) || x.Further != was || x.Granted != 0 {
				t.Errorf("%s, then %s: %v, %v, %+v", name, step, changed, err, x.Further)
			}
		}
	}
}

// Whatever many pairings ask for and are given, no more is given than there is, and what is
// counted is what they have.
func TestNoMoreIsGivenThanThereIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := plans
		s.Further = rapid.IntRange(0, 4).Draw(t, "further")
		given, all := new(Grants), []*Pairing{full(), full(), full()}
		now := noon
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			x := rapid.SampledFrom(all).Draw(t, "pairing")
			role := rapid.SampledFrom(programme.Roles).Draw(t, "role")
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, 24 * time.Hour}).Draw(t, "later"))
			at := x.Further.AskedAt
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0:
				_, _ = x.AskFurther(role, why, s, given, now)
			case 1:
				_, _ = x.AgreeFurther(role, at, now.AddDate(0, 0, 7), now)
			case 2:
				_, _ = x.LeaveFurther(role, at, now)
			case 3:
				_, _ = x.WithdrawFurther(role, at, now)
			case 4:
				_, _ = x.Grant(at, s, given, now)
			case 5:
				_, _ = x.Refuse(at, now)
			case 6:
				_, _ = x.Book(now.String(), "p", role, Booking{StartsAt: now.Add(time.Hour), Minutes: 30, Place: "Room 1"}, x.Most(s), now)
			}
			sum := 0
			for _, x := range all {
				sum += x.Granted
				if len(x.Dates) > s.Most()+x.Granted {
					t.Fatalf("%d sessions, %d granted", len(x.Dates), x.Granted)
				}
				if (x.Further.State == FurtherAgreed) != !x.Further.AnswerBy.IsZero() {
					t.Fatalf("it waits for the coordinator while %+v", x.Further)
				}
			}
			if sum != given.Given || sum > s.Further {
				t.Fatalf("%d of %d given, and %d counted", sum, s.Further, given.Given)
			}
		}
	})
}
