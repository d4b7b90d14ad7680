package geography

import "math"

// Point is a place on the globe, as a vector of length 1 from its centre. The zero value
// is a place that is not known, which is infinitely far from everywhere.
type Point struct{ x, y, z float64 }

// radius is the Earth's mean radius in kilometres.
const radius = 6371.0

// At is the place of a latitude and longitude in degrees.
func At(latitude, longitude float64) Point {
	const degree = math.Pi / 180
	sin, cos := math.Sincos(latitude * degree)
	east, north := math.Sincos(longitude * degree)
	return Point{cos * north, cos * east, sin}
}

// Known reports whether it is a place.
func (a Point) Known() bool { return a != Point{} }

// chord is the straight way through the Earth, in its radii, squared.
func (a Point) chord(b Point) float64 {
	x, y, z := a.x-b.x, a.y-b.y, a.z-b.z
	return x*x + y*y + z*z
}

// Kilometres is the distance as the crow flies: half the chord is the sine of half the
// angle, which is what the haversine formula says.
func (a Point) Kilometres(b Point) float64 {
	if !a.Known() || !b.Known() {
		return math.Inf(1)
	}
	return 2 * radius * math.Asin(min(1, math.Sqrt(a.chord(b))/2))
}

// Within reports whether the distance is at most so many kilometres. It is asked of
// millions, most of whom are farther apart through the Earth already.
func (a Point) Within(b Point, kilometres float64) bool {
	if limit := kilometres / radius; a.chord(b) > limit*limit {
		return false
	}
	return a.Kilometres(b) <= kilometres
}
