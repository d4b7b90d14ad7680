package evaluation

import (
	"fmt"
	"strings"

	"github.com/cascading-leadership/cascade/shared/disclosure"
)

// Sizes of the plots in the SVG's own units.
const (
	width     = 720
	rowHeight = 44
	labels    = 150 // left of the bars
	themes    = 220 // left of the scale
)

// funnelPlot is the bars of the funnel.
type funnelPlot struct {
	Width, Height int
	Bars          []bar
}

type bar struct {
	disclosure.Count
	X, Y, Width, Middle, After int
}

// plotFunnel lays out one bar a step, all on the scale of the largest.
func plotFunnel(steps []disclosure.Count) funnelPlot {
	largest := 1
	for _, s := range steps {
		largest = max(largest, s.People)
	}
	p := funnelPlot{Width: width, Height: len(steps) * rowHeight}
	for i, s := range steps {
		w := (width - labels - 130) * s.People / largest
		p.Bars = append(p.Bars, bar{Count: s, X: labels, Y: i*rowHeight + 6, Width: w, Middle: i*rowHeight + rowHeight/2 + 6, After: labels + w + 10})
	}
	return p
}

// scale is what averages are shown on, in tenths of a point.
type scale struct {
	from, to int
	// least and most are where averages are cut off.
	least, most int
	// zero is where the bars begin.
	zero int
	// id, title and desc are those of plots on it.
	id, title, desc string
}

var (
	scaleOfAnswers = scale{10, 50, 15, 45, 10, "start", "Average answers at the start",
		"One row for each theme, as far as the average answer, from 1, strongly disagree, to 5, strongly agree."}
	scaleOfChanges = scale{-30, 30, -30, 30, 0, "change", "Average change",
		"One row for each theme: to the right where answers rose on average, to the left where they fell."}
)

// sign is tenths as points, with a sign where there are negative ones.
func (s scale) sign(tenths int) string {
	sign, size := "", tenths
	if size < 0 {
		sign, size = "−", -size
	} else if s.from < 0 && size > 0 {
		sign = "+"
	}
	return fmt.Sprintf("%s%d.%d", sign, size/10, size%10)
}

// say is an average in words.
func (s scale) say(tenths int) string {
	figure := s.sign(tenths)
	switch tenths {
	case s.least:
		return figure + " or less"
	case s.most:
		return figure + " or more"
	}
	return figure
}

// plot is one row a statement: a bar from zero to the average, with a disc at its end.
type plot struct {
	Width, Height int
	Ticks         []tick
	Rows          []plotRow
}

type tick struct {
	X     int
	Value string
}

type plotRow struct {
	Theme    string
	Y, Text  int
	From, To int
}

func (s scale) at(tenths int) int {
	return themes + 20 + (tenths-s.from)*(width-themes-50)/(s.to-s.from)
}

func (s scale) plot(g group) plot {
	p := plot{Width: width, Height: 40 + len(g.Rows)*rowHeight}
	for value := s.from; value <= s.to; value += 10 {
		p.Ticks = append(p.Ticks, tick{s.at(value), strings.TrimSuffix(s.sign(value), ".0")})
	}
	for i, a := range g.Averages {
		y := 30 + i*rowHeight + rowHeight/2
		p.Rows = append(p.Rows, plotRow{g.Rows[i].Theme, y, y + 6, s.at(s.zero), s.at(a.Tenths)})
	}
	return p
}
