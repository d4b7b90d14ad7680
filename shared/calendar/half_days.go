package calendar

import (
	"slices"
	"strings"
	"time"
)

// The hours at which somebody is asked to meet in a morning and in an afternoon.
const (
	inTheMorning   = 10
	inTheAfternoon = 14
)

// InHalfDays are up to n times to meet, one a day, in half-days of the week such as "mon-am":
// on working days within eight weeks after a time.
func (c Calendar) InHalfDays(halfDays []string, after time.Time, n int) (times []time.Time) {
	day := c.day(after)
	for range 8 * 7 {
		if day = day.add(1); len(times) == n || !c.working(day) {
			continue
		}
		at := func(hour int) time.Time { return time.Date(day.year, day.month, day.day, hour, 0, 0, 0, c.zone) }
		name := strings.ToLower(at(12).Weekday().String()[:3])
		switch {
		case slices.Contains(halfDays, name+"-am"):
			times = append(times, at(inTheMorning))
		case slices.Contains(halfDays, name+"-pm"):
			times = append(times, at(inTheAfternoon))
		}
	}
	return times
}
