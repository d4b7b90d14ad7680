package programme

import (
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNearby(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]*Programme{
		"from your region":                              {Place: Place{Within: SameRegion}},
		"from your region where possible":               {Relax: []Within{Online}}, // stored before there was a choice of place
		"from within about 50 kilometres":               {Place: Place{Distance, 50}},
		"from anywhere in the UK":                       {Place: Place{Within: Online}, Relax: []Within{Neighbouring}},
		"from within about 5 kilometres where possible": {Place: Place{Distance, 5}, Relax: []Within{Neighbouring}},
	} {
		if got := p.Nearby(); got != want {
			t.Errorf("%+v: %q, want %q", p.Place, got, want)
		}
	}
}

// Every region has neighbours, which have it for one, and none is its own.
func TestBordersAreBetweenAllRegions(t *testing.T) {
	t.Parallel()
	if listed := slices.Sorted(maps.Keys(borders)); !slices.Equal(listed, Regions) {
		t.Errorf("borders of %q, want of %q", listed, Regions)
	}
	for region, others := range borders {
		if len(others) == 0 || slices.Contains(others, region) || len(slices.Compact(slices.Sorted(slices.Values(others)))) != len(others) {
			t.Errorf("%s borders %q", region, others)
		}
		for _, other := range others {
			if !slices.Contains(Regions, other) || !Border(region, other) || !Border(other, region) {
				t.Errorf("%s borders %s, and not the other way round", region, other)
			}
		}
	}
	// From each region every other one is reached.
	reached := map[string]bool{}
	var walk func(string)
	walk = func(region string) {
		if !reached[region] {
			reached[region] = true
			for _, other := range borders[region] {
				walk(other)
			}
		}
	}
	if walk(Regions[0]); len(reached) != len(Regions) {
		t.Errorf("only %v are reached", reached)
	}
}

func TestBorder(t *testing.T) {
	t.Parallel()
	for _, region := range Regions {
		if !Border(region, region) {
			t.Errorf("%s is not near itself", region)
		}
	}
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"Wales", "South West", true}, {"North East", "Scotland", true}, {"Northern Ireland", "Scotland", true}, {"London", "South East", true},
		{"London", "Scotland", false}, {"Wales", "East of England", false}, {"North East", "North West", true}, {"London", "West Midlands", false},
		{"Wales", "", false}, {"", "Wales", false}, {"Wales", "Atlantis", false},
	} {
		if Border(row.a, row.b) != row.want || Border(row.b, row.a) != row.want {
			t.Errorf("%s and %s: %v", row.a, row.b, !row.want)
		}
	}
}

func TestKilometres(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b     string
		from, to float64
	}{
		{"LS", "BD", 10, 16}, {"AB", "TR", 720, 880}, {"M", "L", 45, 56}, {"EC", "WC", 0, 3}, {"BT", "G", 165, 185}, {"CF", "BS", 35, 50}, {"EH", "G", 60, 75},
	} {
		if got := Kilometres(row.a, row.b); got < row.from || got > row.to {
			t.Errorf("%s to %s is %.1f km, want %.0f to %.0f", row.a, row.b, got, row.from, row.to)
		}
	}
	for _, a := range []string{"", "XX", "ls", "LS6"} {
		if d := Kilometres(a, "LS"); !math.IsInf(d, 1) {
			t.Errorf("from %q it is %f km", a, d)
		}
	}
}

// The distance is one: the same there and back, none to the place itself, no
// longer than a way round, and within the length of the country.
func TestKilometresAreADistance(t *testing.T) {
	t.Parallel()
	area := rapid.SampledFrom(PostcodeAreas())
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := area.Draw(t, "a"), area.Draw(t, "b"), area.Draw(t, "c")
		there, back := Kilometres(a, b), Kilometres(b, a)
		if math.Abs(there-back) > 1e-9 || Kilometres(a, a) != 0 || there < 0 || there > 1300 {
			t.Fatalf("%s to %s: %f, back %f", a, b, there, back)
		}
		if round := Kilometres(a, c) + Kilometres(c, b); there > round+1e-6 {
			t.Fatalf("%s to %s is %f, and by way of %s %f", a, b, there, c, round)
		}
		if AreaRegion(a) == "" {
			t.Fatalf("%s is in no region", a)
		}
	})
}
