package main

import (
	_ "embed"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"text/template"
)

//go:embed plot.svg
var svg string

// Sizes of the picture in the SVG's own units.
const (
	panelWidth  = 440
	panelHeight = 400
	marginLeft  = 86
	marginRight = 24
	marginTop   = 44
	marginUnder = 64
)

// picture is two panels side by side, time and memory, on logarithmic scales.
type picture struct {
	Width, Height int
	Description   string
	Panels        []panel
}

type panel struct {
	Title               string
	Left, Middle, Under int
	Rows, Columns       []rule
	Curves              []curve
}

// rule is a line of the grid with its label.
type rule struct {
	X, Y, ToX, ToY int
	Label          string
}

// curve is one side's points. Each has a dash and a shape of its own, so that colour is
// not all that tells them apart.
type curve struct {
	Colour, Dash string
	// Shape is that of its points, as the path of an SVG around 0, 0.
	Shape  string
	Points []mark
	// Name is the curve's in the legend, and where it ends, after which its point stands:
	// how wide the name is depends on the reader's letters.
	Name mark
}

// The shapes of points.
const (
	circle  = "M-5.5 0a5.5 5.5 0 0 0 11 0a5.5 5.5 0 0 0 -11 0z"
	square  = "M-5-5h10v10h-10z"
	diamond = "M0-7l7 7l-7 7l-7-7z"
)

type mark struct {
	X, Y  int
	Label string
}

// point is a figure by size, before it is laid out.
type point struct {
	size  int
	value float64
}

// draw writes the picture.
func draw(file string, r *results) error {
	p := picture{Width: 2 * panelWidth, Height: panelHeight}
	p.panel(r, "Time", 1, (*series).seconds, duration)
	p.panel(r, "Peak memory", 1<<20, (*series).peak, bytes)
	var sentences []string
	for _, l := range r.rows() {
		l.what += ", " + settingsInWords[l.settings]
		if l.scipy != "" {
			sentences = append(sentences, fmt.Sprintf("%s: ours %s, SciPy's %s.", l.what, l.ours, l.scipy))
		} else {
			sentences = append(sentences, fmt.Sprintf("%s: ours %s.", l.what, l.ours))
		}
	}
	p.Description = strings.Join(sentences, " ")
	t, err := template.New("plot").Parse(svg)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := t.Execute(&text, p); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text.String()), 0o644)
}

// panel adds the curves of one figure, with lines at powers of ten of a unit.
func (p *picture) panel(r *results, title string, unit float64, of func(*series) float64, words func(float64) string) {
	var ours, scipy, shipped []point
	for _, x := range r.Problems {
		if x.Shape != sectorwide || x.Size == pilotSize {
			continue
		}
		for _, side := range []struct {
			of *series
			to *[]point
		}{{x.Ours, &ours}, {x.SciPy, &scipy}, {x.Shipped, &shipped}} {
			if side.of != nil {
				*side.to = append(*side.to, point{x.Size, of(side.of) / unit})
			}
		}
	}
	if len(ours) == 0 {
		return
	}
	across, up := scale{math.Inf(1), 0}, scale{math.Inf(1), 0}
	for _, x := range slices.Concat(ours, scipy, shipped) {
		across = across.with(float64(x.size))
		up = up.with(x.value)
	}
	across = scale{across.low / 1.5, across.high * 1.5}
	up = up.decades()
	left := len(p.Panels)*panelWidth + marginLeft
	right := (len(p.Panels)+1)*panelWidth - marginRight
	under := panelHeight - marginUnder
	x := func(v float64) int { return left + int(across.at(v)*float64(right-left)) }
	y := func(v float64) int { return under - int(up.at(v)*float64(under-marginTop)) }

	out := panel{Title: title, Left: left, Middle: (left + right) / 2, Under: panelHeight - 16}
	for v := up.low; v < up.high*1.01; v *= 10 {
		out.Rows = append(out.Rows, rule{X: left, Y: y(v), ToX: right, Label: words(v * unit)})
	}
	for v := math.Pow(10, math.Ceil(math.Log10(across.low))); v <= across.high; v *= 10 {
		out.Columns = append(out.Columns, rule{X: x(v), Y: marginTop, ToY: under, Label: count(int(v))})
	}
	add := func(c curve, points []point) {
		if len(points) == 0 {
			return
		}
		for _, v := range points {
			c.Points = append(c.Points, mark{x(float64(v.size)), y(v.value), fmt.Sprintf("%s, %s a side: %s", c.Name.Label, count(v.size), words(v.value*unit))})
		}
		out.Curves = append(out.Curves, c)
	}
	add(curve{Colour: "#1d70b8", Shape: circle, Name: mark{right - 106, 19, "Cascade"}}, ours)
	add(curve{Colour: "#b5480f", Dash: "7 5", Shape: square, Name: mark{right - 16, 19, "SciPy"}}, scipy)
	add(curve{Colour: "#4c2c92", Dash: "2 4", Shape: diamond, Name: mark{right - 16, 37, "Cascade, as presets ship"}}, shipped)
	p.Panels = append(p.Panels, out)
}

// scale is a logarithmic one.
type scale struct{ low, high float64 }

func (s scale) with(v float64) scale { return scale{min(s.low, v), max(s.high, v)} }

// decades widens a scale to whole powers of ten.
func (s scale) decades() scale {
	return scale{math.Pow(10, math.Floor(math.Log10(s.low))), math.Pow(10, math.Ceil(math.Log10(s.high)))}
}

// at is where a value stands, from 0 to 1.
func (s scale) at(v float64) float64 { return math.Log(v/s.low) / math.Log(s.high/s.low) }
