package pairing

import (
	"slices"
	"time"
)

// Story is how working together went, as one side may read it: from what they wrote and what
// the other shared with them, and nothing else.
type Story struct {
	// Chapters are the sessions that were held, in order of date.
	Chapters []Chapter
	// Balance counts the sessions by what they were mostly about, as the side itself says.
	Balance map[string]int
	// Actions counts the actions by what became of them.
	Actions map[ActionState]int
	// FollowUps counts contacts between sessions.
	FollowUps int
}

// Chapter is one session of a story: what the side wrote itself, and what the other shared;
// each is empty where there is nothing.
type Chapter struct {
	Session *Session
	At      time.Time
	Mine    *Shared
	Theirs  *Shared
}

// Tell makes the story of one side, from its own logs and from what the other shares.
func Tell(sessions []*Session, own []*Log, shared []*Shared, n *Notebook) Story {
	story := Story{Balance: map[string]int{}, Actions: map[ActionState]int{}}
	for _, s := range sessions {
		if s.State != Held {
			continue
		}
		c := Chapter{Session: s, At: s.StartsAt, Mine: new(Shared), Theirs: new(Shared)}
		for _, l := range own {
			if l.Session == s.ID {
				if c.Mine = l.Said(); c.Mine.Balance != "" {
					story.Balance[c.Mine.Balance]++
				}
			}
		}
		for _, x := range shared {
			if x.Session == s.ID {
				c.Theirs = x
			}
		}
		story.Chapters = append(story.Chapters, c)
	}
	slices.SortStableFunc(story.Chapters, func(a, b Chapter) int { return a.At.Compare(b.At) })
	if n != nil {
		for _, a := range n.Actions {
			story.Actions[a.State]++
		}
		story.FollowUps = len(n.FollowUps)
	}
	return story
}

// Telling is where an answer stands on the scale from asking, 1, to telling, 5; 0 for none.
func Telling(thinking string) int {
	return 1 + slices.IndexFunc(Thinkings, func(c Choice) bool { return c.ID == thinking })
}
