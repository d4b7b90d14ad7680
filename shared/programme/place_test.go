package programme

import (
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/language"
)

func TestNearby(t *testing.T) {
	t.Parallel()
	elsewhere := geography.Settings{Regions: []geography.Region{{Name: "Munster"}}}
	for want, p := range map[string]*Programme{
		"from your region":                              {Place: Place{Within: SameRegion}},
		"from your region where possible":               {Relax: []Within{Online}}, // stored before there was a choice of place
		"from within about 50 kilometres":               {Place: Place{Distance, 50}},
		"from anywhere in the UK":                       {Place: Place{Within: Online}, Relax: []Within{Neighbouring}},
		"from anywhere":                                 {Place: Place{Within: Online}, Geography: elsewhere},
		"from within about 5 kilometres where possible": {Place: Place{Distance, 5}, Relax: []Within{Neighbouring}},
	} {
		if got := p.Nearby(language.English); got != want {
			t.Errorf("%+v: %q, want %q", p.Place, got, want)
		}
	}
}

// The region is as the person says, and not as the postcode has it.
func TestNeighbourhood(t *testing.T) {
	t.Parallel()
	own := geography.Settings{Regions: []geography.Region{{Name: "Munster"}}, Districts: "prefix,region,also,latitude,longitude\nT,Munster,,,\nT12,Munster,,,\n"}
	for _, row := range []struct {
		area           Area
		where          geography.Settings
		postcode, want string
	}{
		{District, geography.Settings{}, "EC1A 1BB", "EC1A"},
		{District, geography.Settings{}, "EC1A", "EC1A"},
		{PostcodeArea, geography.Settings{}, "EC1A 1BB", "EC"},
		{Region, geography.Settings{}, "EC1A 1BB", "As they say"},
		{District, geography.Settings{}, "", "As they say"},
		{District, own, "T12X70A", "T12"},
		{District, own, "T23A1B2", "T"},
		{Region, own, "T12X70A", "As they say"},
	} {
		if got := (Competition{Area: row.area}).Neighbourhood(row.where.Territory(), geography.Postcode(row.postcode), "As they say"); got != row.want {
			t.Errorf("%s of %q: %q, want %q", row.area, row.postcode, got, row.want)
		}
	}
}

// A start that would surprise somebody later is stopped, with what to change.
func TestRulesAskForNoMoreThanIsKnownOfWherePeopleAre(t *testing.T) {
	t.Parallel()
	text, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	const regions = "geography:\n  regions: [{name: Munster}, {name: Leinster, borders: [Munster]}]\n"
	const districts = "  districts: |\n    prefix,region,also,latitude,longitude\n    T12,Munster,,51.88,-8.47\n    D,Leinster,,53.34,-6.26\n"
	near, apart := "place: {within: region}", "competition: {area: region, level: 1}"
	parse := func(settings string, place, competition string) error {
		all := string(text) + settings
		for prefix, line := range map[string]string{"place:": place, "competition:": competition} {
			lines := strings.Split(all, "\n")
			for i := range lines {
				if strings.HasPrefix(lines[i], prefix) {
					lines[i] = line
				}
			}
			all = strings.Join(lines, "\n")
		}
		_, err := Parse([]byte(all))
		return err
	}
	for _, row := range []struct{ settings, place, competition, want string }{
		{"", near, apart, ""},
		{regions, near, apart, ""},
		{regions + districts, "place: {within: distance, kilometres: 50}", "competition: {area: district}", ""},
		{regions, "place: {within: distance, kilometres: 50}", apart, "place.within: distance cannot be: there is no geography.districts"},
		{regions + strings.Replace(districts, "51.88,-8.47", ",", 1), "place: {within: distance, kilometres: 50}", apart, "has no latitude and longitude for T12"},
		{regions, near, "competition: {area: district}", "competition.area: district cannot be"},
		{regions + districts, near, "competition: {area: postcode area}", "competition.area: postcode area is of the United Kingdom"},
		{"geography: {regions: [{name: Munster}]}\n", near, apart, "relax: neighbouring region cannot be"},
		{"geography: {regions: [{name: \"Mun\\u0007ster\"}]}\n", near, apart, "control characters"},
		{regions + strings.Replace(districts, "D,Leinster", "D,Connacht", 1), near, apart, `geography.districts: line 3: "Connacht" is no region`},
	} {
		err := parse(row.settings, row.place, row.competition)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s%s\n%s\n%v, want %q", row.settings, row.place, row.competition, err, row.want)
		}
	}
}
