// Package auditor attacks published figures. It is given all releases of a programme's life
// and what is said in public of how figures are made, and works out, in whole numbers, what
// follows for every number of people and for every single answer. It shares no code with
// the rule that it attacks, shared/disclosure, and imports nothing of this project.
package auditor

import (
	"fmt"
)

// Method is what is said in public of how figures are made.
type Method struct {
	// Threshold is the least number of people behind a figure that is shown.
	Threshold int
	// Band is to a multiple of what numbers of people are rounded down; 1 for exact ones.
	Band int
	// Changes is how many people join or leave at least before a figure is made anew; 0
	// where it is made anew at any time.
	Changes int
}

// Count is a published number of people who came to a step at least.
type Count struct {
	// Step is the place among the steps, from 0: whoever came to one came to those before.
	Step int
	// People is as published; 0 for fewer than the threshold.
	People int
	// Since is the release in which it was counted.
	Since int
}

// Mean is a published average of whole numbers from Least to Most.
type Mean struct {
	// Of says of what and of whom, such as "change/client/time".
	Of string
	// Change says that it is of differences between two answers, and not of first answers.
	Change bool
	// People is as published.
	People int
	// Since is the release in which it was computed.
	Since int
	// Tenths is as published, a multiple of Grid; where it is Low or High, it can be beyond.
	Tenths, Grid, Low, High int
	// Blur is by how much chance moved the sum, as Average says; 0 for none.
	Blur int
}

// Published is all that one release shows.
type Published struct {
	Number int
	Counts []Count
	Means  []Mean
}

// Least and Most bound the answers.
const (
	Least = 1
	Most  = 5
)

func (m Mean) bounds() (least, most int) {
	if m.Change {
		return Least - Most, Most - Least
	}
	return Least, Most
}

// Finding is something that follows from published figures and must not.
type Finding string

// Audit is what follows for somebody who has read all releases of a life, and knows nobody.
func Audit(m Method, life []Published) (found []Finding) {
	found = append(found, counts(m, life)...)
	return append(found, means(m, life)...)
}

// counts looks for every number of people, and for every difference between two steps, what
// it can be.
func counts(m Method, life []Published) (found []Finding) {
	// A number that is repeated as it was is the same one.
	for _, release := range life {
		counted := map[int]Count{}
		for _, c := range release.Counts {
			if c.Since == release.Number {
				counted[c.Step] = c
			}
		}
		var p problem
		var steps []int
		for step := range 64 {
			c, ok := counted[step]
			if !ok {
				continue
			}
			low, high := m.people(c.People)
			steps = append(steps, step)
			p.add(low, high)
		}
		for i := 1; i < len(steps); i++ {
			p.atMost(0, term{i, 1}, term{i - 1, -1}) // whoever came further came so far
		}
		look := func(cell string, terms ...term) {
			low, high, ok := p.interval(terms...)
			if !ok {
				found = append(found, Finding(fmt.Sprintf("release %d: the figures contradict each other", release.Number)))
				return
			}
			if low >= 1 && high <= 4 {
				found = append(found, Finding(fmt.Sprintf("release %d: %s is from %d to %d people", release.Number, cell, low, high)))
			} else if high-low < 4 {
				found = append(found, Finding(fmt.Sprintf("release %d: %s is known to %d people, from %d to %d", release.Number, cell, high-low+1, low, high)))
			}
		}
		for i := range steps {
			look(fmt.Sprintf("step %d", steps[i]), term{i, 1})
			for j := range i {
				look(fmt.Sprintf("step %d without step %d", steps[j], steps[i]), term{j, 1}, term{i, -1})
			}
		}
	}
	return append(found, between(m, life)...)
}

// people is what a published number can be.
func (m Method) people(published int) (low, high int) {
	if published == 0 {
		return 0, m.Threshold - 1
	}
	return max(published, m.Threshold), published + m.Band - 1
}

// between looks, where nothing is said of how many joined or left, for how many did between
// two releases.
func between(m Method, life []Published) (found []Finding) {
	if m.Changes >= m.Threshold {
		return nil // so many did, and no few of them
	}
	last := map[int]Count{}
	for _, release := range life {
		for _, c := range release.Counts {
			before, ok := last[c.Step]
			last[c.Step] = c
			if !ok || c.Since == before.Since || c.People == 0 || before.People == 0 {
				continue
			}
			low, high := m.people(c.People)
			lowBefore, highBefore := m.people(before.People)
			if least, most := low-highBefore, high-lowBefore; least >= 1 && most <= 4 || most <= -1 && least >= -4 {
				found = append(found, Finding(fmt.Sprintf("between releases %d and %d: step %d changed by %d to %d people", before.Since, c.Since, c.Step, least, most)))
			}
		}
	}
	return found
}

// means looks for what an average says of a single answer: by itself, as if chance had
// moved nothing, and beside the one that was published before it about the same.
func means(m Method, life []Published) (found []Finding) {
	last := map[string]Mean{}
	for _, release := range life {
		for _, mean := range release.Means {
			if mean.Since != release.Number {
				continue
			}
			if possible := mean.answers(m); len(possible) < 2 {
				found = append(found, Finding(fmt.Sprintf("release %d: %s can be %v alone for everybody", release.Number, mean.Of, possible)))
			}
			before, ok := last[mean.Of]
			last[mean.Of] = mean
			if !ok || m.Changes >= m.Threshold || before.Blur > 0 || mean.Blur > 0 {
				continue // more joined or left than one, or chance moved each sum
			}
			if possible := joiner(m, before, mean); len(possible) == 1 {
				found = append(found, Finding(fmt.Sprintf("between releases %d and %d: whoever joined answered %d: %s", before.Since, mean.Since, possible[0], mean.Of)))
			}
		}
	}
	return found
}

// sum is what the sum of n answers can be.
func (mean Mean) sum(n int) (low, high int) {
	least, most := mean.bounds()
	low, high = least*n, most*n
	// Half a grid around the published figure: 20 times the sum is from n(2t-g) to n(2t+g).
	if mean.Tenths > mean.Low || mean.Low == mean.High {
		low = max(low, ceil(n*(2*mean.Tenths-mean.Grid), 20))
	}
	if mean.Tenths < mean.High || mean.Low == mean.High {
		high = min(high, ceil(n*(2*mean.Tenths+mean.Grid), 20)-1)
	}
	return low, high
}

// answers are what a single person can have answered.
func (mean Mean) answers(m Method) (possible []int) {
	least, most := mean.bounds()
	low, high := m.people(mean.People)
	for x := least; x <= most; x++ {
		for n := low; n <= high; n++ {
			from, to := mean.sum(n)
			if max(from-x, least*(n-1)) <= min(to-x, most*(n-1)) {
				possible = append(possible, x)
				break
			}
		}
	}
	return possible
}

// joiner are what a person can have answered who alone joined between two averages; all
// answers where it can have been more than one.
func joiner(m Method, before, after Mean) (possible []int) {
	least, most := after.bounds()
	lowBefore, highBefore := m.people(before.People)
	low, high := m.people(after.People)
	if high-lowBefore > 1 || low-highBefore < 1 {
		return nil // it may have been more than one, or nobody
	}
	for x := least; x <= most; x++ {
		for n := lowBefore; n <= highBefore; n++ {
			from, to := before.sum(n)
			fromAfter, toAfter := after.sum(n + 1)
			if n+1 >= low && n+1 <= high && from <= to && max(from+x, fromAfter) <= min(to+x, toAfter) {
				possible = append(possible, x)
				break
			}
		}
	}
	return possible
}

// ceil is a/b rounded up.
func ceil(a, b int) int {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}
