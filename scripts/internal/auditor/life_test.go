package auditor_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/cascading-leadership/cascade/scripts/internal/auditor"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// method is what docs/security.md says of how figures are made.
var method = auditor.Method{Threshold: 10, Band: 5, Changes: 10}

// person is somebody in a made-up programme. Their answers stand under another id than
// they do, as they do in a real one.
type person struct {
	number     int
	role       programme.Role
	step       int
	start, end []int
	// left: they are counted no more; erased: nor are their answers there.
	left, erased bool
}

// life is a programme with its releases.
type life struct {
	r         *rand.Rand
	people    []*person
	questions []string
	past      []disclosure.Past
	// computed are the averages that were made anew, with whose answers.
	computed []computed
	number   int
}

// computed is an average with all answers behind it, by the person's number.
type computed struct {
	mean     auditor.Mean
	question string
	answers  map[int]int
}

func newLife(r *rand.Rand, people, questions int) *life {
	l := &life{r: r}
	for i := range questions {
		l.questions = append(l.questions, fmt.Sprint("q", i))
	}
	clients := people / 2
	if r.IntN(3) == 0 {
		clients = r.IntN(people + 1)
	}
	for i := range people {
		l.join(programme.Roles[map[bool]int{true: 0, false: 1}[i < clients]])
	}
	return l
}

func (l *life) join(role programme.Role) *person {
	p := &person{number: l.number, role: role}
	l.number++
	l.people = append(l.people, p)
	return p
}

// answer is one that people give: some questions have nearly the same from everybody.
func (l *life) answer(question int) int {
	if (question+len(l.people))%3 == 0 && l.r.IntN(8) > 0 {
		return 5
	}
	return 1 + l.r.IntN(5)
}

func (l *life) answers() (all []int) {
	for q := range l.questions {
		all = append(all, l.answer(q))
	}
	return all
}

// cohort is what there is to publish now.
func (l *life) cohort() disclosure.Cohort {
	c := disclosure.Cohort{Questions: l.questions}
	for _, p := range l.people {
		if !p.left && !p.erased {
			c.People = append(c.People, disclosure.Reached{ID: fmt.Sprint("e", p.number), Step: p.step})
		}
		if !p.erased && (p.start != nil || p.end != nil) {
			c.Answers = append(c.Answers, disclosure.Answered{ID: fmt.Sprint("r", p.number), Role: p.role, Start: p.start, End: p.end})
		}
	}
	return c
}

func mark(id string) uint64 {
	var n uint64
	for _, c := range []byte(id) {
		n = n*257 + uint64(c)
	}
	return n
}

// release has the rule make a release, and keeps it where it owes one or something is new.
func (l *life) release(m programme.Moment, owed bool) bool {
	r, behind, fresh := disclosure.Next(m, "2027-07-31", l.cohort(), l.past, l.r.Float64)
	if !fresh && !owed {
		return false
	}
	l.keep(r, behind)
	return true
}

func (l *life) keep(r *disclosure.Release, behind disclosure.Behind) {
	p := disclosure.Past{Release: r, Behind: map[string]map[uint64]bool{}, Mark: mark}
	for name, ids := range behind {
		p.Behind[name] = map[uint64]bool{}
		for _, id := range ids {
			p.Behind[name][mark(id)] = true
		}
	}
	l.past = append(l.past, p)
	for _, mean := range published(r).Means {
		if mean.Since != r.Number {
			continue
		}
		var group, question string
		var one computed
		fmt.Sscanf(mean.Of, "%s %s", &group, &question)
		one.mean, one.question, one.answers = mean, question, map[int]int{}
		q := slices.Index(l.questions, question)
		for _, p := range l.people {
			if p.erased || p.start == nil || mean.Change && p.end == nil || group != "both" && group != string(p.role) {
				continue
			}
			one.answers[p.number] = p.start[q]
			if mean.Change {
				one.answers[p.number] = p.end[q] - p.start[q]
			}
		}
		l.computed = append(l.computed, one)
	}
}

// published is a release as the auditor reads it.
func published(r *disclosure.Release) auditor.Published {
	p := auditor.Published{Number: r.Number}
	for i, c := range r.Steps {
		p.Counts = append(p.Counts, auditor.Count{Step: i, People: c.People, Since: c.Since})
	}
	add := func(groups []disclosure.Group, change bool, low, high int) {
		for _, g := range groups {
			who, grid := string(g.Role), 1
			if who == "" {
				who = "both"
			}
			if g.People < 50 {
				grid = 5
			}
			for _, a := range g.Averages {
				p.Means = append(p.Means, auditor.Mean{Of: fmt.Sprintf("%s %s %v", who, a.Question, change), Change: change, People: g.People, Since: g.Since,
					Tenths: a.Tenths, Grid: grid, Low: low, High: high, Blur: g.Blur})
			}
		}
	}
	add(r.Start, false, 15, 45)
	add(r.Change, true, -30, 30)
	return p
}

func (l *life) published() (all []auditor.Published) {
	for _, p := range l.past {
		all = append(all, published(p.Release))
	}
	return all
}

// surest is how sure somebody is of one person's answer to one question who knows all
// others' and has read all releases: of the person and question of whom they are surest.
func (l *life) surest() (most float64) {
	of := map[string][]computed{}
	for _, c := range l.computed {
		of[c.question] = append(of[c.question], c)
	}
	for _, all := range of {
		totals := make([]int, len(all))
		for i, c := range all {
			for x := range maps.Values(c.answers) {
				totals[i] += x
			}
		}
		seen := map[string]bool{} // many people look alike
		for _, p := range l.people {
			var looks []auditor.Look
			key := ""
			for i, c := range all {
				if own, ok := c.answers[p.number]; ok {
					looks = append(looks, auditor.Look{Mean: c.mean, People: len(c.answers), Others: totals[i] - own})
					key += fmt.Sprint(i, " ", own, ",")
				}
			}
			if len(looks) > 0 && !seen[key] {
				seen[key] = true
				first, last := auditor.Certainty(looks)
				most = max(most, first, last)
			}
		}
	}
	return most
}

// begins has people enrol, get ready and so on, and answer the first questionnaire.
func (l *life) begins() {
	some := l.r.Float64()
	for _, p := range l.people {
		p.step = l.r.IntN(4)
		if l.r.Float64() < some {
			p.step = 3
		}
		if l.r.Float64() < 0.3+0.7*some {
			p.start = l.answers()
		}
	}
}

// goes has people come further, and answer the last questionnaire.
func (l *life) goes() {
	some := l.r.Float64()
	for _, p := range l.people {
		if l.r.Float64() < 0.3+0.7*some {
			p.step = max(p.step, l.r.IntN(6))
			p.end = l.answers()
		}
	}
}

// happens is a day on which people join, answer late, leave and are erased: few, or many.
func (l *life) happens() {
	many := 1 + l.r.IntN(6)
	if l.r.IntN(4) == 0 {
		many = 1 + l.r.IntN(40)
	}
	for range many {
		p := l.people[l.r.IntN(len(l.people))]
		switch l.r.IntN(6) {
		case 0:
			p.left = true
		case 1:
			p.left, p.erased = true, true
		case 2:
			p.left = false // they came back
		case 3:
			if p.start == nil {
				p.start = l.answers()
			}
			p.end, p.step = l.answers(), 5
			if p.erased {
				p.end = nil
			}
		default:
			p := l.join(programme.Roles[l.r.IntN(2)])
			p.step, p.start, p.end = l.r.IntN(6), l.answers(), l.answers()
		}
	}
}
