package auditor

// problem is whole numbers within bounds, and sums of them that are bounded from above.
type problem struct {
	low, high []int
	limits    []limit
}

// term is a multiple of one of the numbers.
type term struct{ number, times int }

// limit is that a sum of terms is at most something.
type limit struct {
	terms []term
	most  int
}

func (p *problem) add(low, high int) {
	p.low, p.high = append(p.low, low), append(p.high, high)
}

func (p *problem) atMost(most int, terms ...term) {
	p.limits = append(p.limits, limit{terms, most})
}

// interval is the least and the most that a sum of terms can be, exactly; false where the
// limits contradict each other.
func (p *problem) interval(terms ...term) (low, high int, ok bool) {
	least, ok := p.least(terms)
	if !ok {
		return 0, 0, false
	}
	negative := make([]term, len(terms))
	for i, t := range terms {
		negative[i] = term{t.number, -t.times}
	}
	most, _ := p.least(negative)
	return least, -most, true
}

// least is the least that a sum of terms can be: a search through all numbers, which
// leaves out what the limits rule out.
func (p *problem) least(terms []term) (best int, found bool) {
	var search func(low, high []int)
	search = func(low, high []int) {
		limits := p.limits
		if found { // only something better is of interest
			limits = append(limits[:len(limits):len(limits)], limit{terms, best - 1})
		}
		if !narrow(low, high, limits) {
			return
		}
		// Those that the sum is made of come first, the end that makes it small before the rest.
		pick, up := -1, false
		for _, t := range terms {
			if low[t.number] < high[t.number] {
				pick, up = t.number, t.times < 0
				break
			}
		}
		for i := range low {
			if pick < 0 && low[i] < high[i] {
				pick = i
			}
		}
		if pick < 0 {
			best, found = 0, true
			for _, t := range terms {
				best += t.times * low[t.number]
			}
			return
		}
		for k := low[pick]; k <= high[pick]; k++ {
			value := k
			if up {
				value = high[pick] - (k - low[pick])
			}
			l, h := append([]int(nil), low...), append([]int(nil), high...)
			l[pick], h[pick] = value, value
			search(l, h)
		}
	}
	search(append([]int(nil), p.low...), append([]int(nil), p.high...))
	return best, found
}

// narrow takes out of the bounds what the limits rule out, and reports whether anything
// is left.
func narrow(low, high []int, limits []limit) bool {
	for changed := true; changed; {
		changed = false
		for _, l := range limits {
			smallest := 0
			for _, t := range l.terms {
				smallest += min(t.times*low[t.number], t.times*high[t.number])
			}
			if smallest > l.most {
				return false
			}
			for _, t := range l.terms {
				room := l.most - (smallest - min(t.times*low[t.number], t.times*high[t.number]))
				switch { // times the number is at most room
				case t.times > 0 && floor(room, t.times) < high[t.number]:
					high[t.number], changed = floor(room, t.times), true
				case t.times < 0 && -floor(room, -t.times) > low[t.number]:
					low[t.number], changed = -floor(room, -t.times), true
				}
				if low[t.number] > high[t.number] {
					return false
				}
			}
		}
	}
	return true
}

// floor is a/b rounded down, for a positive b.
func floor(a, b int) int { return -ceil(-a, b) }
