package geography

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"sync"
)

// regions are the 12 regions and nations of the UK. What touches by land, or is joined by
// a short crossing, was compiled by hand from a map.
var regions = []Region{
	{"East Midlands", []string{"East of England", "North West", "South East", "West Midlands", "Yorkshire and the Humber"}, EnglandAndWales},
	{"East of England", []string{"East Midlands", "London", "South East"}, EnglandAndWales},
	{"London", []string{"East of England", "South East"}, EnglandAndWales},
	{"North East", []string{"North West", "Scotland", "Yorkshire and the Humber"}, EnglandAndWales},
	{"North West", []string{"East Midlands", "North East", "Scotland", "Wales", "West Midlands", "Yorkshire and the Humber"}, EnglandAndWales},
	{"Northern Ireland", []string{"Scotland"}, NorthernIreland},
	{"Scotland", []string{"North East", "North West", "Northern Ireland"}, Scotland},
	{"South East", []string{"East Midlands", "East of England", "London", "South West", "West Midlands"}, EnglandAndWales},
	{"South West", []string{"South East", "Wales", "West Midlands"}, EnglandAndWales},
	{"Wales", []string{"North West", "South West", "West Midlands"}, EnglandAndWales},
	{"West Midlands", []string{"East Midlands", "North West", "South East", "South West", "Wales"}, EnglandAndWales},
	{"Yorkshire and the Humber", []string{"East Midlands", "North East", "North West"}, EnglandAndWales},
}

// The tables of districts and areas; README.md has their sources.
//
//go:embed postcode_districts.csv
var postcodeDistricts string

//go:embed postcode_areas.csv
var postcodeAreas string

// UK is the United Kingdom. An area's regions are its main town's and then those of its
// districts, those of most of them first.
var UK = sync.OnceValue(func() *Territory {
	t := &Territory{regions: regions, uk: true}
	for table, into := range map[string]*map[string]District{postcodeDistricts: &t.districts, postcodeAreas: &t.areas} {
		var err error
		if *into, err = t.read(table); err != nil {
			panic("geography: " + err.Error())
		}
	}
	counts := map[string]map[string]int{}
	for code, d := range t.districts {
		area := Postcode(code).Area()
		if counts[area] == nil {
			counts[area] = map[string]int{}
		}
		counts[area][d.Regions[0]]++
	}
	for code, area := range t.areas {
		count := counts[code]
		others := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(count[b]-count[a], cmp.Compare(a, b)) })
		others = slices.DeleteFunc(others, func(r string) bool { return r == area.Regions[0] })
		area.Regions = append(area.Regions, others...)
		t.areas[code] = area
	}
	return t
})
