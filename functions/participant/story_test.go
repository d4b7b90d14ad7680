package participant

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Each reads their own fields and what the other shared, and nothing else, with the plot and the
// same in words; on another device the code comes first.
func TestStoryIsOfOnesOwnFieldsAndWhatIsShared(t *testing.T) {
	b := newBed(t)
	alex, zoe := b.pair()
	b.Known(alex, zoe)
	b.says("before the first session", b.Get(alex+"/story").Body, "It begins with your first session.")
	b.booked("s", time.Hour)
	b.booked("u", 4*time.Hour)
	b.booked("v", 9*time.Hour)
	b.Pass(24 * time.Hour)
	b.moved(b.Post(alex+"/log/s", heldLog("balance", "practical", "thinking", "did", "surfaced", "canary-alex-private", "learnt", "canary-alex-shared", "fit", "no", "shares", "learnt")), alex)
	b.moved(b.Post(alex+"/log/u", heldLog("balance", "leadership", "thinking", "asked")), alex)
	b.moved(b.Post(alex+"/log/v", url.Values{"held": {"no"}, "surfaced": {"canary-not-held"}}), alex)
	b.moved(b.Post(alex+"/note/u", url.Values{"note": {"canary-note"}}), alex)
	b.moved(b.Post(zoe+"/log/s", with(heldLog("thinking", "suggested", "next", "canary-zoe-private"), "shares", "thinking")), zoe)
	b.moved(b.Post(zoe+"/log/u", heldLog("thinking", "did", "learnt", "canary-zoe-private")), zoe)
	b.moved(b.Post(alex+"/notebook", keeping("action", "action", "Ask the chair")), alex+"/notebook")
	mine, theirs := b.Get(alex+"/story").Body, b.Get(zoe+"/story").Body
	b.says("alex's story", mine, "2 sessions held", "Mostly practical help: 1", "Mostly growing as a leader: 1", "Still open: 1", "canary-alex-private", "canary-alex-shared", "<svg",
		"Session 1: you say “The zworp said what to do, or did it for the ublick”, and Zoe Sample says “The zworp suggested, and the ublick chose”.", "Session 2: you say “The zworp asked")
	b.silent("alex's story", mine, "canary-zoe", "canary-note", "canary-not-held")
	b.says("zoe's story", theirs, "canary-zoe-private", "canary-alex-shared", "Session 1: you say “The zworp suggested", "Both about equally: 2")
	b.silent("zoe's story", theirs, "canary-alex-private", "canary-note", "canary-not-held", "Mostly practical", "do not fit", "Alex Sample says")
	if strings.Count(mine, "<circle") != 3 || strings.Count(theirs, "<circle") != 2 {
		t.Errorf("%d and %d points", strings.Count(mine, "<circle"), strings.Count(theirs, "<circle"))
	}
	b.AnotherBrowser()
	b.moved(b.Get(alex+"/story"), alex+"/code?to=story")
}

func TestPlotOfTheThinking(t *testing.T) {
	t.Parallel()
	p := new(programme.Programme)
	story := func(thinkings ...string) (s pairing.Story) {
		for i, thinking := range thinkings {
			s.Chapters = append(s.Chapters, pairing.Chapter{Session: &pairing.Session{Number: i + 1}, Mine: &pairing.Shared{Thinking: thinking}, Theirs: new(pairing.Shared)})
		}
		return s
	}
	if plotThinking(p, story("", ""), "Zoe") != nil || plotThinking(p, story(), "Zoe") != nil {
		t.Error("a plot of nothing")
	}
	var heights []int
	for _, c := range pairing.Thinkings {
		heights = append(heights, plotThinking(p, story(c.ID), "Zoe").Points[0].Mine)
	}
	if !slices.IsSortedFunc(heights, func(a, b int) int { return b - a }) || heights[0] != plotBottom || heights[len(heights)-1] != plotTop {
		t.Errorf("heights %v", heights)
	}
	many := make([]string, programme.MostSessions)
	many[0] = "asked"
	for i, point := range plotThinking(p, story(many...), "Zoe").Points {
		if point.X <= plotLeft || point.X >= plotWidth || i > 0 && point.Mine != 0 {
			t.Errorf("point %d at %+v", i, point)
		}
	}
}
