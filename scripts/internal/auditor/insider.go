package auditor

import "math"

// Look is what somebody sees of one person's answers who knows those of everybody else
// behind an average, and exactly how many they are.
type Look struct {
	Mean Mean
	// People is how many stand behind it, and Others the sum of all answers but the one.
	People, Others int
}

// Certainty is how sure somebody can be of a person's first and of their last answer to a
// question, having seen some averages: the most likely answer's share, where all answers
// are as likely before. Averages whose chance was drawn once are one look.
func Certainty(looks []Look) (first, last float64) {
	var byFirst, byLast [Most + 1]float64
	total := 0.0
	for a := Least; a <= Most; a++ {
		for b := Least; b <= Most; b++ {
			p := 1.0
			for _, l := range looks {
				own := a
				if l.Mean.Change {
					own = b - a
				}
				p *= l.chance(own)
			}
			total += p
			byFirst[a] += p
			byLast[b] += p
		}
	}
	if total == 0 {
		return math.NaN(), math.NaN() // it was not published like this
	}
	for a := Least; a <= Most; a++ {
		first, last = max(first, byFirst[a]/total), max(last, byLast[a]/total)
	}
	return first, last
}

// chance is how likely the published figure is where the person's own part is some number.
func (l Look) chance(own int) float64 {
	m, n := l.Mean, l.People
	from, to := ceil(n*(2*m.Tenths-m.Grid), 20), ceil(n*(2*m.Tenths+m.Grid), 20)-1
	at := l.Others + own
	below, above := 0.0, 0.0 // how likely chance moved the sum below from, and above to
	if m.Tenths > m.Low || m.Low == m.High {
		below = tail(at-from, m.Blur)
	}
	if m.Tenths < m.High || m.Low == m.High {
		above = tail(to-at, m.Blur)
	}
	return 1 - below - above
}

// tail is how likely chance moves a sum by more than some number to one side: each further
// point is less likely by the factor q = e^(-10/blur), to both sides alike.
func tail(more, blur int) float64 {
	if blur == 0 {
		if more < 0 {
			return 1
		}
		return 0
	}
	// The chance of k is (1-q)/(1+q) times q^|k|.
	q := math.Exp(-10 / float64(blur))
	if more >= 0 {
		return math.Pow(q, float64(more+1)) / (1 + q)
	}
	return 1 - math.Pow(q, float64(-more))/(1+q)
}
