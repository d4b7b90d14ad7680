package budget

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/purpose"
)

var noon = time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)

func fresh(b Budget) []*Part {
	parts := make([]*Part, b.Parts)
	for i := range parts {
		parts[i] = new(Part)
	}
	return parts
}

func TestTaking(t *testing.T) {
	t.Parallel()
	b := Budget{Of: "x", Most: 5, Within: time.Hour, Parts: 2} // 3 and 2
	parts := fresh(b)
	for i := range 5 {
		if b.Take(parts, i, noon.Add(time.Duration(i)*time.Minute)) == nil {
			t.Fatalf("the %dth is refused", i+1)
		}
	}
	if b.Take(parts, 0, noon.Add(59*time.Minute)) != nil {
		t.Error("a sixth was taken")
	}
	if parts[0].Used != 3 || parts[1].Used != 2 {
		t.Errorf("taken %d and %d", parts[0].Used, parts[1].Used)
	}
	for _, row := range []struct{ at, want time.Duration }{{59 * time.Minute, time.Hour}, {time.Hour, time.Hour}, {61 * time.Minute, 61 * time.Minute}} {
		if got := b.From(parts, noon.Add(row.at)); !got.Equal(noon.Add(row.want)) {
			t.Errorf("at %v: from %v", row.at, got.Sub(noon))
		}
	}
	if b.Untouched(parts, noon.Add(30*time.Minute)) || !b.Untouched(parts, noon.Add(3*time.Hour)) {
		t.Error("what was taken counts for another time")
	}
}

// However the takers come: of parts with a share of one, there are never more than Most in any
// span of time; of others never more than twice that, and never more than Most from when the
// first was taken of an untouched budget. Whoever waits until From is served.
func TestNeverMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := Budget{Of: "x", Most: rapid.IntRange(1, 12).Draw(t, "most"), Within: time.Hour, Parts: rapid.IntRange(1, 12).Draw(t, "parts")}
		if b.Parts >= b.Most { // each has a share of one, or of none
			b.Apart = time.Duration(rapid.IntRange(0, 30).Draw(t, "apart")) * time.Minute
		}
		parts, now := fresh(b), noon
		var taken []time.Time
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			untouched := b.Untouched(parts, now)
			from := rapid.IntRange(0, b.Parts-1).Draw(t, "from")
			var got *Part
			if b.Apart == 0 { // which looks at a few first
				few := make([]*Part, b.Parts)
				for _, k := range b.Look(from) {
					few[k] = parts[k]
				}
				got = b.Take(few, from, now)
			}
			if got == nil {
				got = b.Take(parts, from, now)
			}
			if got == nil {
				if untouched {
					t.Fatal("an untouched budget refuses")
				}
				from := b.From(parts, now)
				if !from.After(now) || from.After(now.Add(b.Within)) {
					t.Fatalf("refused at %v, and again from %v", now, from)
				}
				if rapid.Bool().Draw(t, "wait") {
					if now = from; b.Take(parts, 0, now) == nil {
						t.Fatal("whoever waited is refused")
					}
					taken = append(taken, now)
				}
				continue
			}
			if n := len(taken); n > 0 && now.Sub(taken[n-1]) < b.Apart {
				t.Fatalf("taken %v after another, and %v apart", now.Sub(taken[n-1]), b.Apart)
			}
			taken = append(taken, now)
		}
		for _, end := range taken {
			n := 0
			for _, at := range taken {
				if !at.After(end) && at.After(end.Add(-b.Within)) {
					n++
				}
			}
			most := 2 * b.Most
			if b.Parts >= b.Most { // each has a share of one, or of none
				most = b.Most
			}
			if n > most {
				t.Fatalf("%d within an hour of %d", n, b.Most)
			}
		}
	})
}

// Whoever is refused an email to their inbox has one there that does the same: what was sent
// opens for longer than its share lasts, of every share.
func TestRefusedOnlyWhileOneThatWasSentOpens(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		Budget
		lives time.Duration
	}{
		{Unasked, min(purpose.Confirm.Life(), purpose.Address.Life())},
		{Links, min(purpose.Pairing.Life(), purpose.Match.Life(), purpose.Choose.Life(), purpose.Emails.Life(), purpose.Mine.Life(), purpose.Confirm.Life())},
		{Successor, purpose.PassedOn.Life()},
		{SignIn, purpose.SignIn.Life()},
	} {
		if row.Within > row.lives || row.Apart > row.lives || row.Parts != row.Most {
			t.Errorf("%s: %d parts of %d within %v, of links that open for %v", row.Of, row.Parts, row.Most, row.Within, row.lives)
		}
	}
}

// What its owner has refused for good is taken of by nobody, for as long as anybody lives.
func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 1, 9, 0, 0, 0, time.UTC)
	p := &Part{ID: "p"}
	if PassedOn.Refused(p, now) || PassedOn.Take([]*Part{p}, 0, now) == nil {
		t.Fatal("an address that refused nothing is sent nothing")
	}
	if PassedOn.Refused(p, now) {
		t.Error("one that was taken is refused")
	}
	PassedOn.Refuse(p, 0, now)
	for at := now; at.Before(now.AddDate(90, 0, 0)); at = at.AddDate(0, 5, 3) {
		if !PassedOn.Refused(p, at) || PassedOn.Take([]*Part{p}, 0, at) != nil || !at.Before(p.ExpireAt) {
			t.Fatalf("it is not refused any more at %s", at)
		}
	}
}
