package geography

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every region has neighbours, which have it for one, and none is its own.
func TestBordersAreBetweenAllRegions(t *testing.T) {
	t.Parallel()
	uk := UK()
	if len(uk.Regions()) != 12 || !slices.IsSorted(uk.Regions()) {
		t.Errorf("the regions are %q", uk.Regions())
	}
	for _, r := range uk.regions {
		if len(r.Borders) == 0 || slices.Contains(r.Borders, r.Name) || !slices.IsSorted(r.Borders) || len(slices.Compact(slices.Clone(r.Borders))) != len(r.Borders) {
			t.Errorf("%s borders %q", r.Name, r.Borders)
		}
		for _, other := range r.Borders {
			if !uk.Has(other) || !slices.Contains(uk.region(other).Borders, r.Name) {
				t.Errorf("%s borders %s, and not the other way round", r.Name, other)
			}
		}
	}
	// From each region every other one is reached.
	reached := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		if !reached[name] {
			reached[name] = true
			for _, other := range uk.region(name).Borders {
				walk(other)
			}
		}
	}
	if walk(uk.Regions()[0]); len(reached) != len(uk.Regions()) {
		t.Errorf("only %v are reached", reached)
	}
}

func TestBorder(t *testing.T) {
	t.Parallel()
	uk := UK()
	own := Settings{Regions: []Region{{Name: "Munster"}, {Name: "Leinster", Borders: []string{"Munster"}}, {Name: "Ulster"}}}.Territory()
	for _, row := range []struct {
		in   *Territory
		a, b string
		want bool
	}{
		{uk, "Wales", "South West", true}, {uk, "North East", "Scotland", true}, {uk, "Northern Ireland", "Scotland", true}, {uk, "London", "South East", true},
		{uk, "London", "Scotland", false}, {uk, "Wales", "East of England", false}, {uk, "North East", "North West", true}, {uk, "London", "West Midlands", false},
		{uk, "Wales", "", false}, {uk, "Wales", "Atlantis", false}, {uk, "Wales", "Wales", true},
		{own, "Munster", "Leinster", true}, {own, "Munster", "Ulster", false}, {own, "Wales", "South West", false},
	} {
		if row.in.Border(row.a, row.b) != row.want || row.in.Border(row.b, row.a) != row.want {
			t.Errorf("%s and %s: %v", row.a, row.b, !row.want)
		}
	}
}

// The kept cases: a postcode, the region it lies in, and whose holidays those are.
func TestCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/postcodes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || len(cells) < 2 {
			continue
		}
		rows++
		want, holidays, _ := strings.Cut(cells[1], " (")
		postcode, ok := UK().Parse(cells[0])
		switch {
		case strings.HasPrefix(want, "read as"):
			if !ok || !strings.HasPrefix(want, "read as "+string(postcode)) {
				t.Errorf("%s is %q, want %s", cells[0], postcode, want)
			}
		case want == "said why not":
			if ok || Unplaced(cells[0]) == "" {
				t.Errorf("%s is %q, and it is not said why it lies nowhere", cells[0], postcode)
			}
		default:
			if got := UK().Usual(postcode); got != want {
				t.Errorf("%s lies in %q, want %q", cells[0], got, want)
			}
			if kept := UK().HolidaysOf(UK().Usual(postcode)); holidays != "" && !strings.HasPrefix(string(kept), strings.TrimSuffix(holidays, "'s bank holidays)")) {
				t.Errorf("%s has the holidays of %s, want %s", cells[0], kept, holidays)
			}
		}
	}
	if rows != 5 {
		t.Errorf("%d cases", rows)
	}
}

// Each district of the table is in its region, however its postcodes are written, and
// what reaches into it is to choose from, too.
func TestEveryDistrict(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(postcodeDistricts)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	several := 0
	for _, row := range rows[1:] {
		postcode, ok := UK().Parse(strings.ToLower(row[0]) + "1aa")
		want := append([]string{row[1]}, strings.FieldsFunc(row[2], func(r rune) bool { return r == ';' })...)
		if len(want) > 1 {
			several++
		}
		if !ok || postcode.District() != row[0] || UK().Usual(postcode) != row[1] || !slices.Equal(UK().Choices(postcode), want) {
			t.Errorf("%s: %q is in %q, want %q", row[0], postcode, UK().Choices(postcode), want)
		}
		d, _ := UK().District(Postcode(row[0]))
		if d.Code != row[0] || !d.Point.Known() || !slices.Equal(d.Regions, want) {
			t.Errorf("%s is %+v", row[0], d)
		}
		// No district is far from its area's main town: neither table has a slip.
		if km := d.Point.Kilometres(UK().areas[postcode.Area()].Point); km > 260 {
			t.Errorf("%s is %.0f km from the main town of its area", row[0], km)
		}
	}
	if len(rows) != 2827 || several != 147 {
		t.Errorf("%d rows, %d of them in several regions", len(rows)-1, several)
	}
}

// A district that is not in the table may lie wherever one of its area does, most
// likely where the area's main town is.
func TestUnknownDistrictsGoByTheirArea(t *testing.T) {
	t.Parallel()
	for postcode, want := range map[Postcode][]string{
		"LS99 1AA": {"Yorkshire and the Humber"},
		"S99 1AA":  {"Yorkshire and the Humber", "East Midlands"},
		"SY99 1AA": {"West Midlands", "Wales", "North West"},
		"TD99 1AA": {"Scotland", "North East"},
		"QQ1 1AA":  nil,
		"":         nil,
	} {
		if got := UK().Choices(postcode); !slices.Equal(got, want) {
			t.Errorf("%s may lie in %q, want %q", postcode, got, want)
		}
	}
	if len(UK().areas) != 121 {
		t.Errorf("%d areas, want 121", len(UK().areas))
	}
	for code, area := range UK().areas {
		if len(code) > 2 || code != strings.ToUpper(code) || len(area.Regions) == 0 || !area.Point.Known() {
			t.Errorf("area %q is %+v", code, area)
		}
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	own := Settings{Regions: []Region{{Name: "Munster"}, {Name: "Antrim", Holidays: NorthernIreland}}}.Territory()
	for _, row := range []struct {
		in     *Territory
		region string
		want   Holidays
	}{
		{UK(), "Scotland", Scotland}, {UK(), "North East", EnglandAndWales}, {UK(), "Wales", EnglandAndWales}, {UK(), "Northern Ireland", NorthernIreland}, {UK(), "", EnglandAndWales},
		{own, "Munster", ""}, {own, "Antrim", NorthernIreland}, {own, "", ""}, {own, "Scotland", ""},
	} {
		if got := row.in.HolidaysOf(row.region); got != row.want {
			t.Errorf("%q has the holidays of %q, want %q", row.region, got, row.want)
		}
	}
}

func TestKilometres(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b     Postcode
		from, to float64
	}{
		{"LS1 1AA", "BD1 1AA", 10, 16}, {"AB10", "TR1", 720, 880}, {"M1", "L1", 45, 56}, {"EC1A", "WC1A", 0, 3}, {"BT1", "G1", 160, 185}, {"EH1", "G1", 60, 75},
		{"LS6 1AA", "LS6 2BB", 0, 0}, {"LS1 1AA", "LS29 9AA", 18, 26}, // within one area
		{"LS99 1AA", "LS1 1AA", 0, 3}, // from the area's main town, for a district that is no place
	} {
		if got := UK().Kilometres(row.a, row.b); got < row.from || got > row.to {
			t.Errorf("%s to %s is %.1f km, want %.0f to %.0f", row.a, row.b, got, row.from, row.to)
		}
	}
	for _, a := range []Postcode{"", "XX1", "ls"} {
		if d := UK().Kilometres(a, "LS6"); !math.IsInf(d, 1) {
			t.Errorf("from %q it is %f km", a, d)
		}
	}
}

// The distance is one: the same there and back, none to the place itself, no longer than
// a way round, and within the length of the country; it is the haversine formula's; and
// what is within it is said alike.
func TestKilometresAreADistance(t *testing.T) {
	t.Parallel()
	district := rapid.SampledFrom(UK().Districts())
	coordinates := func(t *rapid.T) (latitude, longitude float64) {
		return rapid.Float64Range(-90, 90).Draw(t, "latitude"), rapid.Float64Range(-180, 180).Draw(t, "longitude")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := Postcode(district.Draw(t, "a")), Postcode(district.Draw(t, "b")), Postcode(district.Draw(t, "c"))
		there, back := UK().Kilometres(a, b), UK().Kilometres(b, a)
		if there != back || UK().Kilometres(a, a) != 0 || there < 0 || there > 1300 {
			t.Fatalf("%s to %s: %f, back %f", a, b, there, back)
		}
		if round := UK().Kilometres(a, c) + UK().Kilometres(c, b); there > round+1e-6 {
			t.Fatalf("%s to %s is %f, and by way of %s %f", a, b, there, c, round)
		}

		latitude, longitude := coordinates(t)
		latitude2, longitude2 := coordinates(t)
		p, q := At(latitude, longitude), At(latitude2, longitude2)
		sin := func(d float64) float64 { return math.Sin(d * math.Pi / 360) }
		h := sin(latitude2-latitude)*sin(latitude2-latitude) + math.Cos(latitude*math.Pi/180)*math.Cos(latitude2*math.Pi/180)*sin(longitude2-longitude)*sin(longitude2-longitude)
		want := 2 * 6371 * math.Asin(min(1, math.Sqrt(h)))
		if got := p.Kilometres(q); math.Abs(got-want) > 1e-3+want*1e-5 {
			t.Fatalf("%f,%f to %f,%f is %f, want %f", latitude, longitude, latitude2, longitude2, got, want)
		}
		if km := rapid.Float64Range(0, 21_000).Draw(t, "km"); p.Within(q, km) != (p.Kilometres(q) <= km) {
			t.Fatalf("%f km are within %f: %v", p.Kilometres(q), km, p.Within(q, km))
		}
		if p.Within(Point{}, 21_000) || (Point{}).Within(Point{}, 21_000) {
			t.Fatal("a place that is not known is near")
		}
	})
}
