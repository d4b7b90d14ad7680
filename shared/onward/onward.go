// Package onward is what somebody takes further who takes part: letters for their chair, which
// they edit and send themselves, and a statement of the hours that they gave. All of it is made
// from their own words and the programme's figures, and from nothing that the other of a pairing
// wrote, or who that is: what is said in a session stays between the two.
package onward

import (
	"fmt"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Most is how many characters an edited letter may have.
const Most = 10_000

// Draft is a letter as the software begins it. Whoever sends it writes it.
type Draft struct{ Subject, Text string }

// Work is what somebody did in one pairing, as they may see it themselves.
type Work struct {
	Role     programme.Role
	Pairing  *pairing.Pairing
	Sessions []*pairing.Session
	// Logs and Ending are their own.
	Logs     []*pairing.Log
	Ending   *pairing.Ending
	Notebook *pairing.Notebook
}

// Hours are what was given in pairings, and what came before.
type Hours struct {
	// Pairings are those in which a session was held, Sessions those that were, and Minutes how
	// long these were.
	Pairings, Sessions, Minutes int
	// Emails and Calls are contacts between sessions, which count as no hours.
	Emails, Calls int
	// From and To are the first and the last day of these sessions; zero where there was none.
	From, To time.Time
	// Trained says that they were trained, TrainedAt when that was recorded, where it was, and
	// Training how many hours that took, where the programme says.
	Trained   bool
	TrainedAt time.Time
	Training  int
}

// Given counts what was given in some pairings: of sessions those that were held.
func Given(work []Work) (h Hours) {
	for _, w := range work {
		held := 0
		for _, s := range w.Sessions {
			if s.State != pairing.Held {
				continue
			}
			held++
			h.Minutes += s.Minutes
			if h.From.IsZero() || s.StartsAt.Before(h.From) {
				h.From = s.StartsAt
			}
			if s.StartsAt.After(h.To) {
				h.To = s.StartsAt
			}
		}
		if h.Sessions += held; held > 0 {
			h.Pairings++
		}
		if w.Notebook == nil {
			continue
		}
		for _, f := range w.Notebook.FollowUps {
			if f.How == pairing.PhoneChannel {
				h.Calls++
			} else {
				h.Emails++
			}
		}
	}
	return h
}

// StatementOf is what a consultant gave, and how they were trained.
func StatementOf(p *programme.Programme, e *enrolment.Enrolment, work []Work) Hours {
	h := Given(work)
	if h.Trained = e.Readiness.Trained; h.Trained {
		h.TrainedAt, h.Training = e.TrainedAt, p.Training
	}
	return h
}

// Says reports whether there is anything to state.
func (h Hours) Says() bool { return h.Sessions > 0 || h.Trained }

// Long is a number of minutes in words, such as "3 hours 30 minutes".
func Long(minutes int) string {
	var all []string
	if h := minutes / 60; h > 0 {
		all = append(all, counted(h, "hour"))
	}
	if m := minutes % 60; m > 0 || minutes == 0 {
		all = append(all, counted(m, "minute"))
	}
	return strings.Join(all, " ")
}

// counted is a number of things in words.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// Before is the letter for one's chair before it starts: how many hours, what they cost, and why
// they are protected.
func Before(p *programme.Programme, e *enrolment.Enrolment) Draft {
	var t paragraphs
	role := p.Terms.Of(e.Role)
	t.add("Dear chair,")
	t.add(fmt.Sprintf("I am taking part in %s as %s %s. %s runs it. %s", p.Name, role.Article, role.Singular, p.Host.Name, p.About))
	least, usual := p.Sessions.Minimum*p.Sessions.Minutes, p.Sessions.Target*p.Sessions.Minutes
	takes := fmt.Sprintf("What it takes: at least %s of about %s, which is %s", counted(p.Sessions.Minimum, "meeting"), Long(p.Sessions.Minutes), Long(least))
	if usual > least {
		takes += fmt.Sprintf(", and usually %d of them, which is %s", p.Sessions.Target, Long(usual))
	}
	if e.Role == programme.Consultant {
		takes += fmt.Sprintf(" with each %s", p.Terms.Client.Singular)
	}
	takes += "."
	if from, to := p.Dates.Starts, p.Dates.Ends; from != "" && to != "" {
		takes += fmt.Sprintf(" The programme runs from %s to %s.", day(from), day(to))
	}
	if e.Role == programme.Consultant && p.Training > 0 {
		takes += fmt.Sprintf(" Before, there are %s of training.", counted(p.Training, "hour"))
	}
	if said := p.Home.Time; said != "" {
		takes += " Beside that: " + stop(said)
	}
	t.add(takes)
	if cost := p.Cost; cost != "" {
		t.add("What it costs: " + stop(cost) + " Beside that it costs our organisation this time of mine.")
	} else {
		t.add("What it costs our organisation is this time of mine.")
	}
	t.add("Why I ask that this time is protected: it is for thinking, away from what is urgent, with somebody who leads an organisation too and whose does not compete with ours. What is said there stays between the two of us, so that it can be about what is hard. An hour that is moved for something urgent is usually lost. I would like these meetings to stand in my diary as a meeting of the board does.")
	if hopes := strings.TrimSpace(e.Hopes); hopes != "" {
		t.add("What I hope for: " + hopes)
	}
	t.add("When it is over I will tell you what came of it, as far as it is about our work.")
	t.add("With best wishes,\n" + e.Person.Name)
	return Draft{"My time for " + p.Name, t.String()}
}

// After is the summary for one's chair, from what somebody wrote themselves and the figures of
// all their pairings. Who the other was is not in it, and nothing that they wrote.
func After(p *programme.Programme, e *enrolment.Enrolment, work []Work) Draft {
	var t paragraphs
	t.add("Dear chair,")
	h := Given(work)
	figures := fmt.Sprintf("In %s I have had %s, %s in all", p.Name, counted(h.Sessions, "session"), Long(h.Minutes))
	if !h.From.IsZero() {
		figures += fmt.Sprintf(", from %s to %s", h.From.In(p.Location()).Format("2 January 2006"), h.To.In(p.Location()).Format("2 January 2006"))
	}
	if n := h.Emails + h.Calls; n > 0 {
		figures += fmt.Sprintf(", and %s by email or phone between them", counted(n, "contact"))
	}
	t.add(figures + ".")
	var decided, learnt, topics, takes []string
	for _, w := range work {
		for _, s := range w.Sessions {
			for _, l := range w.Logs {
				if l.Session != s.ID || s.State != pairing.Held {
					continue
				}
				if l.Topic != "" {
					topics = append(topics, p.SkillName(l.Topic))
				}
				if w.Role == programme.Client { // else it is what the other decided
					decided = append(decided, l.Next)
				}
				learnt = append(learnt, l.Learnt)
			}
		}
		if w.Ending != nil {
			takes = append(takes, w.Ending.Takes, w.Ending.Got)
		}
	}
	t.list("What it was about:", distinct(topics))
	t.list("What I decided:", decided)
	t.list("What I learnt:", learnt)
	t.list("What I take along:", takes)
	t.add("What I would like from you and the board:")
	t.add("With best wishes,\n" + e.Person.Name)
	return Draft{"What came of " + p.Name, t.String()}
}

// paragraphs are those of a letter.
type paragraphs []string

func (t *paragraphs) add(text string) { *t = append(*t, text) }

// list adds what is said of some texts below a line; nothing where that is nothing.
func (t *paragraphs) list(line string, texts []string) {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			line += "\n– " + text
		}
	}
	if strings.Contains(line, "\n") {
		t.add(line)
	}
}

func (t paragraphs) String() string { return strings.Join(t, "\n\n") }

// distinct are texts, each once.
func distinct(texts []string) (all []string) {
	seen := map[string]bool{}
	for _, text := range texts {
		if !seen[text] {
			all = append(all, text)
		}
		seen[text] = true
	}
	return all
}

// stop is a sentence with a full stop.
func stop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// day is a programme's date in words.
func day(date string) string {
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		return t.Format("2 January 2006")
	}
	return date
}
