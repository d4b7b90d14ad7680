// Package geography is where people are: the regions of a programme, which of them touch,
// whose bank holidays they keep, and where a postcode lies. The United Kingdom's is here
// as data; a programme may bring its own, see Settings.
package geography

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var districtForm = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9A-Z]?$`)

// Region is a part of the country by which people are matched.
type Region struct {
	Name string `firestore:"name" yaml:"name"`
	// Borders are the names of regions that it touches. It is enough if one of two says so.
	Borders []string `firestore:"borders" yaml:"borders,omitempty"`
	// Holidays are the bank holidays that its people keep; none where it is empty.
	Holidays Holidays `firestore:"holidays" yaml:"holidays,omitempty"`
}

// Holidays name the bank holidays of a country, which package calendar knows.
type Holidays string

// The holidays that are known, in the words of the list on GOV.UK.
const (
	EnglandAndWales Holidays = "England and Wales"
	Scotland        Holidays = "Scotland"
	NorthernIreland Holidays = "Northern Ireland"
)

// AllHolidays are all that are known.
var AllHolidays = []Holidays{EnglandAndWales, Scotland, NorthernIreland}

// Territory is the country, or part of it, in which a programme takes place.
type Territory struct {
	regions []Region
	// districts are by what a postcode begins with; areas, by its letters, stand in for
	// those of the United Kingdom's districts that are not known.
	districts, areas map[string]District
	// uk: postcodes are the United Kingdom's, and have its form.
	uk bool
}

// District is where the postcodes lie that begin alike.
type District struct {
	// Code is what they begin with, such as "LS6"; "LS" where only the area is known.
	Code string
	// Regions are those in which it may lie, the usual one first.
	Regions []string
	Point   Point
}

// Regions are the names of all regions, in order.
func (t *Territory) Regions() []string {
	names := make([]string, len(t.regions))
	for i, r := range t.regions {
		names[i] = r.Name
	}
	return names
}

// Has reports whether there is a region of a name.
func (t *Territory) Has(region string) bool { return t.region(region) != nil }

func (t *Territory) region(name string) *Region {
	for i := range t.regions {
		if t.regions[i].Name == name {
			return &t.regions[i]
		}
	}
	return nil
}

// Border reports whether two regions are the same or touch.
func (t *Territory) Border(a, b string) bool {
	if a == b {
		return true
	}
	from, to := t.region(a), t.region(b)
	return from != nil && to != nil && (slices.Contains(from.Borders, b) || slices.Contains(to.Borders, a))
}

// HolidaysOf are those of a region. One that is not known, such as that of a letter to
// nobody in particular, has those of the first.
func (t *Territory) HolidaysOf(region string) Holidays {
	if r := t.region(region); r != nil {
		return r.Holidays
	}
	return t.regions[0].Holidays
}

// IsUK reports whether it is the United Kingdom, whose postcodes have a form of their own.
func (t *Territory) IsUK() bool { return t.uk }

// HasPostcodes reports whether people give a postcode. Where not, they choose a region.
func (t *Territory) HasPostcodes() bool { return len(t.districts) > 0 }

// Parse reads a postcode in any case, with or without spaces and stray punctuation, and
// says whether it is known where it lies.
func (t *Territory) Parse(s string) (Postcode, bool) {
	if t.uk {
		return parsePostcode(s)
	}
	code, ok := compactPostcode(s)
	if _, known := t.District(Postcode(code)); !ok || !known {
		return "", false
	}
	return Postcode(code), true
}

// ParseDistrict reads the first half of a UK postcode, of which it can be all, or one of a
// programme's own.
func (t *Territory) ParseDistrict(s string) (Postcode, bool) {
	whole, ok := t.Parse(s)
	if !t.uk {
		return whole, ok
	}
	if ok {
		return Postcode(whole.District()), true
	}
	code := Postcode(strings.ToUpper(s))
	_, known := t.District(code)
	return code, known && districtForm.MatchString(string(code))
}

// District is where a postcode lies, of which the first half is enough. In the United
// Kingdom a district that is not in the table is taken for its area: it may lie in any
// region in which a district of the area does. A programme's own table is asked for the
// longest beginning that it has.
func (t *Territory) District(p Postcode) (District, bool) {
	if t.uk {
		if d, ok := t.districts[p.District()]; ok {
			return d, true
		}
		d, ok := t.areas[p.Area()]
		return d, ok
	}
	for n := len(p); n > 0; n-- {
		if d, ok := t.districts[string(p[:n])]; ok {
			return d, true
		}
	}
	return District{}, false
}

// Choices are the regions in which somebody with a postcode may be, the usual one first:
// one where there is nothing to choose, all where people give no postcode, and none for
// a postcode that is not known.
func (t *Territory) Choices(p Postcode) []string {
	if !t.HasPostcodes() {
		return t.Regions()
	}
	d, _ := t.District(p)
	return d.Regions
}

// Usual is the region in which somebody with a postcode usually is, "" where it is not known.
func (t *Territory) Usual(p Postcode) string {
	if d, ok := t.District(p); ok {
		return d.Regions[0]
	}
	return ""
}

// Kilometres is the distance as the crow flies between the districts of two postcodes,
// infinite where one is not known.
func (t *Territory) Kilometres(a, b Postcode) float64 {
	from, _ := t.District(a)
	to, _ := t.District(b)
	return from.Point.Kilometres(to.Point)
}

// Districts are the codes of all districts, in order.
func (t *Territory) Districts() []string { return slices.Sorted(maps.Keys(t.districts)) }
