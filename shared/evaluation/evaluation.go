// Package evaluation turns what happened in a programme into figures that may be
// shown: whole-cohort figures alone, each with at least ten people behind it,
// counts rounded to the nearest five. Hiding cells below five alone lets thirty
// people be told apart by subtraction; the rule follows the "ten and five" used
// for published statistics by the UK's Office for National Statistics.
package evaluation

import (
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// Threshold is the least number of people behind a figure that is shown.
const Threshold = 10

// Count is a number of people as it may be shown.
type Count struct {
	// People is rounded to the nearest five; 0 when not Shown.
	People int
	Shown  bool
}

// Publish is a number of people as it may be shown.
func Publish(people int) Count {
	if people < Threshold {
		return Count{}
	}
	return Count{(people + 2) / 5 * 5, true}
}

// Step is one step of the funnel: how many people have come at least this far.
type Step struct {
	Name string
	Count
}

// Pair is who a match or pairing is between, by enrolment id, and how far it came.
type Pair struct {
	Client, Consultant string
	Held, Completed    bool
}

// Funnel says how many people enrolled, were ready, matched, paired, held a
// session and completed. A person in two pairings is one person.
func Funnel(enrolled, ready int, matches, pairings []Pair) []Step {
	people := func(pairs []Pair, in func(Pair) bool) int {
		seen := map[string]bool{}
		for _, p := range pairs {
			if in(p) {
				seen[p.Client], seen[p.Consultant] = true, true
			}
		}
		return len(seen)
	}
	all := func(Pair) bool { return true }
	return []Step{
		{"Enrolled", Publish(enrolled)},
		{"Ready", Publish(ready)},
		{"Matched", Publish(people(matches, all))},
		{"Paired", Publish(people(pairings, all))},
		{"Held a session", Publish(people(pairings, func(p Pair) bool { return p.Held }))},
		{"Completed", Publish(people(pairings, func(p Pair) bool { return p.Completed }))},
	}
}

// Change is one question's mean answer before and after, from 1 (strongly
// disagree) to 5 (strongly agree), over the people who answered it both times.
type Change struct {
	Question      questionnaire.Question
	Before, After float64
	// N is the number of people, as it may be shown.
	N Count
}

// Compare pairs the answers of a role's people before and after, by pseudonym, for
// each scale question that is asked at both moments. A question that fewer than
// Threshold people answered both times has no means.
func Compare(before, after *questionnaire.Definition, responses []*questionnaire.Response, role programme.Role) []Change {
	type answers map[programme.Moment]*questionnaire.Response
	people := map[string]answers{}
	for _, r := range responses {
		if r.Role == role {
			if people[r.Respondent] == nil {
				people[r.Respondent] = answers{}
			}
			people[r.Respondent][r.Moment] = r
		}
	}
	asked := map[string]bool{}
	for _, q := range after.Questions() {
		asked[q.ID] = q.Kind == questionnaire.Scale
	}
	var changes []Change
	for _, q := range before.Questions() {
		if q.Kind != questionnaire.Scale || !asked[q.ID] {
			continue
		}
		n, sumBefore, sumAfter := 0, 0, 0
		for _, a := range people {
			if a[programme.Baseline] == nil || a[programme.Closing] == nil {
				continue
			}
			b, okBefore := points(a[programme.Baseline].Answers[q.ID])
			c, okAfter := points(a[programme.Closing].Answers[q.ID])
			if okBefore && okAfter {
				n, sumBefore, sumAfter = n+1, sumBefore+b, sumAfter+c
			}
		}
		change := Change{Question: q, N: Publish(n)}
		if change.N.Shown {
			change.Before, change.After = float64(sumBefore)/float64(n), float64(sumAfter)/float64(n)
		}
		changes = append(changes, change)
	}
	return changes
}

func points(answer string) (int, bool) {
	if len(answer) != 1 || answer[0] < '1' || answer[0] > '5' {
		return 0, false
	}
	return int(answer[0] - '0'), true
}
