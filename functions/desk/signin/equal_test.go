package signin_test

import (
	"slices"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/cost"
)

// Whoever is known, is not, or was sent enough, all that is asked of the database is the same:
// the same calls in the same order, with as many documents read and written.
func TestAddressesThatAreKnownAndNotAreAskedAboutAlike(t *testing.T) {
	b := newBed(t)
	b.As()
	type asked struct {
		who   string
		meter *cost.Meter
	}
	var all []asked
	for _, who := range []string{"nobody", "morgan", "nora", "nobody", "morgan", "morgan", "morgan", "morgan", "Nobody", "Nobody"} {
		if got := b.ask(who + "@example.org"); got.StatusCode != 200 {
			t.Fatalf("%s: status %d", who, got.StatusCode)
		}
		all = append(all, asked{who, b.Asked()})
	}
	if n := len(b.Owed()); n != 3 {
		t.Fatalf("%d links are owed", n)
	}
	want, cost := all[0].meter.Calls(), all[0].meter.Cost()
	if cost.Reads == 0 || cost.Writes == 0 {
		t.Fatalf("an unknown address costs %+v: %q", cost, want)
	}
	for i, a := range all[1:] {
		got := a.meter.Cost()
		if !slices.Equal(a.meter.Calls(), want) || got.Reads != cost.Reads || got.Writes != cost.Writes {
			t.Errorf("the %dth, %s: %q, %+v, want %q, %+v", i+2, a.who, a.meter.Calls(), got, want, cost)
		}
	}
}
