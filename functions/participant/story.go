package participant

import (
	"fmt"
	"net/http"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// storyPage is how working together went, for one of the two.
type storyPage struct {
	pairingPage
	Story    pairing.Story
	Chapters []chapter
	// Balance is what the sessions were mostly about, and Actions what became of them, each a
	// line in words.
	Balance, Actions []string
	// Plot is who did the thinking; nil where nobody has said.
	Plot *thinkingPlot
}

// chapter is a session of the story as it is read.
type chapter struct {
	pairing.Chapter
	Mine, Theirs []line
}

// Sizes of the plot in the SVG's own units: small enough for a phone.
const (
	plotWidth  = 320
	plotLeft   = 70
	plotTop    = 20
	plotStep   = 36 // between two steps of the scale
	plotBottom = plotTop + 4*plotStep
)

// thinkingPlot is a column a session, on the scale from asking at the bottom to telling at the
// top, with a disc for what the reader says and a ring for what the other shared.
type thinkingPlot struct {
	Width, Height, Left, Top, Bottom, Right int
	Points                                  []thinkingPoint
	// Words say the same, a sentence for each session.
	Words []string
}

type thinkingPoint struct {
	X, Number int
	// Mine and Theirs are heights, 0 where nothing is said.
	Mine, Theirs int
}

// plotThinking lays out who did the thinking; nil where nobody has said.
func plotThinking(p *programme.Programme, story pairing.Story, other string) *thinkingPlot {
	plot := &thinkingPlot{Width: plotWidth, Height: plotBottom + 40, Left: plotLeft, Top: plotTop, Bottom: plotBottom, Right: plotWidth - 10}
	height := func(step int) int {
		if step == 0 {
			return 0
		}
		return plotBottom - (step-1)*plotStep
	}
	said := false
	between := (plotWidth - plotLeft - 30) / max(1, len(story.Chapters))
	for i, c := range story.Chapters {
		mine, theirs := pairing.Telling(c.Mine.Thinking), pairing.Telling(c.Theirs.Thinking)
		plot.Points = append(plot.Points, thinkingPoint{X: plotLeft + 15 + i*between + between/2, Number: c.Session.Number, Mine: height(mine), Theirs: height(theirs)})
		words := fmt.Sprintf("Session %d: ", c.Session.Number)
		in := func(thinking string) string { return p.Terms.Say(pairing.NameOf(pairing.Thinkings, thinking)) }
		switch {
		case mine > 0 && theirs > 0:
			words += "you say “" + in(c.Mine.Thinking) + "”, and " + other + " says “" + in(c.Theirs.Thinking) + "”."
		case mine > 0:
			words += "you say “" + in(c.Mine.Thinking) + "”."
		case theirs > 0:
			words += other + " says “" + in(c.Theirs.Thinking) + "”."
		default:
			words += "nobody has said."
		}
		plot.Words = append(plot.Words, words)
		said = said || mine+theirs > 0
	}
	if !said {
		return nil
	}
	return plot
}

// showStory shows one of the two how it went, from what they wrote and what the other shared.
func (s *site) showStory(w http.ResponseWriter, r *http.Request) error {
	p, page, err := s.paired(r)
	if err != nil {
		return err
	}
	work, err := s.Store.Work(r.Context(), p.ID, page.Pairing, page.Role)
	if err != nil {
		return err
	}
	data := storyPage{pairingPage: page, Story: pairing.Tell(work.Sessions, work.Logs, work.Shared, work.Notebook)}
	for _, c := range data.Story.Chapters {
		data.Chapters = append(data.Chapters, chapter{c, lines(p, c.Mine), lines(p, c.Theirs)})
	}
	for _, choice := range pairing.Balances {
		if n := data.Story.Balance[choice.ID]; n > 0 {
			data.Balance = append(data.Balance, fmt.Sprintf("%s: %d", p.Terms.Say(choice.Name), n))
		}
	}
	for _, state := range []struct {
		name string
		is   pairing.ActionState
	}{{"Done", pairing.Done}, {"Still open", pairing.Open}, {"Dropped", pairing.Dropped}} {
		if n := data.Story.Actions[state.is]; n > 0 {
			data.Actions = append(data.Actions, fmt.Sprintf("%s: %d", state.name, n))
		}
	}
	data.Plot = plotThinking(p, data.Story, page.Other.Person.Name)
	return s.Pages.Show(w, r, "story", web.Page{Title: "Your story with " + page.Other.Person.Name, Programme: p, Back: data.Link, Data: data})
}
