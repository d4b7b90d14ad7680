package programme

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// borders are the regions and nations that touch each other by land, or are
// joined by a short crossing. Compiled by hand from a map.
var borders = map[string][]string{
	"East Midlands":            {"East of England", "North West", "South East", "West Midlands", "Yorkshire and the Humber"},
	"East of England":          {"East Midlands", "London", "South East"},
	"London":                   {"East of England", "South East"},
	"North East":               {"North West", "Scotland", "Yorkshire and the Humber"},
	"North West":               {"East Midlands", "North East", "Scotland", "Wales", "West Midlands", "Yorkshire and the Humber"},
	"Northern Ireland":         {"Scotland"},
	"Scotland":                 {"North East", "North West", "Northern Ireland"},
	"South East":               {"East Midlands", "East of England", "London", "South West", "West Midlands"},
	"South West":               {"South East", "Wales", "West Midlands"},
	"Wales":                    {"North West", "South West", "West Midlands"},
	"West Midlands":            {"East Midlands", "North West", "South East", "South West", "Wales"},
	"Yorkshire and the Humber": {"East Midlands", "North East", "North West"},
}

// Nearby is from where those come with whom someone is matched, in words that
// follow "someone".
func (p *Programme) Nearby() string {
	where := "from your region"
	switch p.Place.Within {
	case Online:
		return "from anywhere in the UK"
	case Distance:
		where = fmt.Sprintf("from within about %d kilometres", p.Place.Kilometres)
	}
	if len(p.Relax) > 0 {
		return where + " where possible"
	}
	return where
}

// Border reports whether two regions are the same or touch.
func Border(a, b string) bool { return a == b || slices.Contains(borders[a], b) }

// Kilometres is the distance as the crow flies between the main towns of two
// postcode areas such as "LS", by the haversine formula; infinite for an area that
// is not known.
func Kilometres(a, b string) float64 {
	from, ok := areas()[a]
	to, also := areas()[b]
	if !ok || !also {
		return math.Inf(1)
	}
	const radius, degree = 6371.0, math.Pi / 180
	sin := func(d float64) float64 { return math.Sin(d * degree / 2) }
	h := sin(to.latitude-from.latitude)*sin(to.latitude-from.latitude) +
		math.Cos(from.latitude*degree)*math.Cos(to.latitude*degree)*sin(to.longitude-from.longitude)*sin(to.longitude-from.longitude)
	return 2 * radius * math.Asin(min(1, math.Sqrt(h)))
}

// AreaRegion is the region of a postcode area such as "LS", or "".
func AreaRegion(area string) string { return areas()[area].region }

// PostcodeAreas are all postcode areas, in order.
func PostcodeAreas() []string { return slices.Sorted(maps.Keys(areas())) }
