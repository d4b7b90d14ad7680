package evaluation

import (
	"github.com/cascading-leadership/cascade/shared/evaluation"
)

// Sizes of the plots in the SVG's own units.
const (
	width     = 720
	rowHeight = 44
	labels    = 150 // left of the bars
)

// funnelPlot is the bars of the funnel.
type funnelPlot struct {
	Width, Height int
	Bars          []bar
}

type bar struct {
	Name                string
	X, Y, Width, Middle int
	Shown               bool
	People, After       int
}

// plotFunnel lays out one bar a step, all on the scale of the largest.
func plotFunnel(steps []evaluation.Step) funnelPlot {
	largest := 1
	for _, s := range steps {
		largest = max(largest, s.People)
	}
	p := funnelPlot{Width: width, Height: len(steps) * rowHeight}
	for i, s := range steps {
		w := (width - labels - 60) * s.People / largest
		p.Bars = append(p.Bars, bar{
			Name: s.Name, X: labels, Y: i*rowHeight + 6, Width: w, Middle: i*rowHeight + rowHeight/2 + 6,
			Shown: s.Shown, People: s.People, After: labels + w + 10,
		})
	}
	return p
}

// changePlot is one row a question: a ring before, a disc after, on 1 to 5.
type changePlot struct {
	Width, Height int
	Ticks         []tick
	Rows          []changeRow
}

type tick struct{ X, Value int }

type changeRow struct {
	Theme         string
	Y, Text       int
	Before, After int
}

const themes = 220 // left of the scale

func at(mean float64) int { return themes + int((mean-1)/4*float64(width-themes-30)) }

// plotChanges lays out the questions that enough people answered both times.
func plotChanges(changes []evaluation.Change) changePlot {
	p := changePlot{Width: width}
	for value := 1; value <= 5; value++ {
		p.Ticks = append(p.Ticks, tick{at(float64(value)), value})
	}
	for _, c := range changes {
		if c.N.Shown {
			y := 30 + len(p.Rows)*rowHeight + rowHeight/2
			p.Rows = append(p.Rows, changeRow{c.Question.Theme, y, y + 6, at(c.Before), at(c.After)})
		}
	}
	p.Height = 30 + len(p.Rows)*rowHeight + 10
	return p
}
