package calendar

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/geography"
)

// proclaimed are the bank holidays of one year alone, which no rule can foretell,
// beside those that every year has. A new one is added here once it is proclaimed:
// the list on GOV.UK has it (gov.uk/bank-holidays, Open Government Licence v3.0).
var proclaimed = map[geography.Holidays][]civil{
	// For the first match at the football World Cup, proclaimed on 4 February 2026.
	geography.Scotland: {{2026, time.June, 15}},
}

// nthMonday is the first (1), second and so on Monday of a month, or the last (-1).
func nthMonday(year int, month time.Month, n int) civil {
	if n < 0 {
		last := civil{year, month + 1, 1}.add(-1)
		return last.add(-int(last.utc().Weekday()+6) % 7)
	}
	first := civil{year, month, 1}
	return first.add(int(8-first.utc().Weekday())%7 + 7*(n-1))
}

// easter is Easter Sunday of the Gregorian calendar, by the anonymous algorithm of
// Nature, 20 April 1876.
func easter(year int) civil {
	a, b, c := year%19, year/100, year%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return civil{year, time.Month(n / 31), n%31 + 1}
}

// holidays are a year's bank holidays, by the Banking and Financial Dealings Act
// 1971, schedule 1, and the days that are proclaimed every year: a day that falls
// on a weekend has the next working day in its place.
func holidays(of geography.Holidays, year int) []civil {
	if of == "" {
		return nil
	}
	sunday := easter(year)
	all := []civil{sunday.add(-2), nthMonday(year, time.May, 1), nthMonday(year, time.May, -1)}
	dated := []civil{{year, time.January, 1}, {year, time.December, 25}, {year, time.December, 26}}
	switch of {
	case geography.Scotland:
		all = append(all, nthMonday(year, time.August, 1))
		dated = append(dated, civil{year, time.January, 2}, civil{year, time.November, 30})
	case geography.NorthernIreland:
		dated = append(dated, civil{year, time.March, 17}, civil{year, time.July, 12})
		fallthrough
	default:
		all = append(all, sunday.add(1), nthMonday(year, time.August, -1))
	}
	for _, c := range proclaimed[of] {
		if c.year == year {
			all = append(all, c)
		}
	}
	taken := func(c civil) bool {
		for _, other := range all {
			if other == c {
				return true
			}
		}
		return false
	}
	// Those on working days first: the others make way for them.
	for _, moved := range []bool{false, true} {
		for _, c := range dated {
			if c.weekend() != moved {
				continue
			}
			for c.weekend() || taken(c) {
				c = c.add(1)
			}
			all = append(all, c)
		}
	}
	return all
}

// holiday reports whether a day is a bank holiday.
func holiday(of geography.Holidays, day civil) bool {
	for _, c := range holidays(of, day.year) {
		if c == day {
			return true
		}
	}
	return false
}
