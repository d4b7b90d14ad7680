package geography

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const header = "prefix,region,also,latitude,longitude\n"

var munster = []Region{{Name: "Munster"}, {Name: "Leinster", Borders: []string{"Munster"}}}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	many := make([]Region, MaxRegions+1)
	for i := range many {
		many[i].Name = fmt.Sprint("Region ", i)
	}
	for _, row := range []struct {
		settings Settings
		want     string
	}{
		{Settings{}, ""},
		{Settings{Regions: munster}, ""},
		{Settings{Regions: munster, Districts: header + "T12,Munster,Leinster,51.9,-8.5\n"}, ""},
		{Settings{Regions: munster, Districts: header + "t 1-2,Munster,,,"}, ""},
		{Settings{Districts: header}, "geography.regions is missing"},
		{Settings{Regions: many}, "101 of them, more than 100"},
		{Settings{Regions: []Region{{Name: ""}}}, "is empty"},
		{Settings{Regions: []Region{{Name: " Munster"}}}, "is empty"},
		{Settings{Regions: []Region{{Name: "Munster"}, {Name: "munster"}}}, "given twice"},
		{Settings{Regions: []Region{{Name: strings.Repeat("a", 101)}}}, "longer than 100"},
		{Settings{Regions: []Region{{Name: "Munster", Borders: []string{"Atlantis"}}}}, `Munster borders on "Atlantis"`},
		{Settings{Regions: []Region{{Name: "Munster", Borders: []string{"Munster"}}}}, "no other region"},
		{Settings{Regions: []Region{{Name: "Munster", Holidays: "Mars"}}}, `the holidays of Munster are "Mars"`},
		{Settings{Regions: munster, Districts: "T12,Munster,,,\n"}, "the first line is not prefix,region,also,latitude,longitude"},
		{Settings{Regions: munster, Districts: header}, "there is no row"},
		{Settings{Regions: munster, Districts: header + "T12,Munster\n"}, "wrong number of fields"},
		{Settings{Regions: munster, Districts: header + "T12,Munster,,,\nT1 2,Leinster,,,\n"}, `line 3: "T12" is given twice`},
		{Settings{Regions: munster, Districts: header + "Τ12,Munster,,,\n"}, "is no beginning of a postcode"}, // a Greek tau
		{Settings{Regions: munster, Districts: header + ",Munster,,,\n"}, "is no beginning of a postcode"},
		{Settings{Regions: munster, Districts: header + "T12,Ulster,,,\n"}, `"Ulster" is no region`},
		{Settings{Regions: munster, Districts: header + "T12,Munster,Leinster;Munster,,\n"}, "given twice"},
		{Settings{Regions: munster, Districts: header + "T12,Munster,,51.9,\n"}, "no latitude and longitude"},
		{Settings{Regions: munster, Districts: header + "T12,Munster,,91,0\n"}, "no latitude and longitude"},
		{Settings{Regions: munster, Districts: header + "T12,Munster,,NaN,0\n"}, "no latitude and longitude"},
		{Settings{Regions: munster, Districts: header + strings.Repeat("T12,Munster,,,\n", 40_000)}, "more than 500000: give shorter prefixes"},
	} {
		err := row.settings.Check()
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%.200v: %v, want %q", row.settings, err, row.want)
		}
	}
}

// A programme's own postcodes are found by the longest beginning, as people write them.
func TestOwnPostcodes(t *testing.T) {
	t.Parallel()
	own := Settings{Regions: munster, Districts: header + "T,Munster,,51.9,-8.5\nT12,Munster,Leinster,51.88,-8.47\nD,Leinster,,,\n"}.Territory()
	for _, row := range []struct {
		given, code, district string
		choices               []string
	}{
		{"t12 x70a", "T12X70A", "T12", []string{"Munster", "Leinster"}},
		{" T-12 ", "T12", "T12", []string{"Munster", "Leinster"}},
		{"T1", "T1", "T", []string{"Munster"}},
		{"D01", "D01", "D", []string{"Leinster"}},
		{"X1", "", "", nil},
		{"", "", "", nil},
		{"Τ12", "", "", nil},
		{"LS6 2AB", "", "", nil},
	} {
		got, ok := own.Parse(row.given)
		d, _ := own.District(got)
		if string(got) != row.code || ok != (row.code != "") || d.Code != row.district || !slices.Equal(own.Choices(got), row.choices) {
			t.Errorf("%q is %q in %+v, to choose from %q", row.given, got, d, own.Choices(got))
		}
	}
	if km := own.Kilometres("T12X70A", "T23"); km < 1 || km > 5 {
		t.Errorf("%f km", km)
	}
	if err := own.Measured(); err == nil || !strings.HasSuffix(err.Error(), "for D") {
		t.Errorf("the table is measured: %v", err)
	}
	if UK().Measured() != nil || !UK().Bordering() || UK() != (Settings{}).Territory() {
		t.Error("the United Kingdom is not as it is")
	}
	list := Settings{Regions: munster}.Territory()
	if list.HasPostcodes() || !slices.Equal(list.Choices(""), []string{"Munster", "Leinster"}) || list.Measured() == nil {
		t.Errorf("a list to choose from: %q", list.Choices(""))
	}
	if _, ok := list.Parse("T12"); ok {
		t.Error("a postcode was read where none is known")
	}
}

// Whatever a host writes is refused, or a table whose every row can be found again.
func FuzzDistricts(f *testing.F) {
	for _, text := range []string{header, header + "T12,Munster,Leinster,51.9,-8.5\n", header + "\"T\",Munster,,,\n", "\xff", header + "T,Munster;,,\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := Settings{Regions: munster, Districts: text}
		if s.Check() != nil || text == "" {
			return
		}
		own := s.Territory()
		for _, code := range own.Districts() {
			postcode, ok := own.Parse(code)
			if d, _ := own.District(postcode); !ok || d.Code != code || !own.Has(own.Usual(postcode)) {
				t.Fatalf("%q of %q is read as %q in %+v", code, text, postcode, d)
			}
		}
	})
}

// The same table is read once, and other tables do not take its place.
func TestTablesAreRemembered(t *testing.T) {
	t.Parallel()
	for i := range 3 * mostRemembered {
		s := Settings{Regions: munster, Districts: header + fmt.Sprintf("T%d,Munster,,,\n", i)}
		for range 2 {
			if got := s.Territory().Districts(); !slices.Equal(got, []string{fmt.Sprint("T", i)}) {
				t.Fatalf("%d: %q", i, got)
			}
		}
	}
}
