package calendar

import "time"

// civil is a day of the calendar, in no zone.
type civil struct {
	year  int
	month time.Month
	day   int
}

func civilOf(t time.Time) civil {
	y, m, d := t.Date()
	return civil{y, m, d}
}

// utc is the day's midnight, in a zone in which each day has one.
func (c civil) utc() time.Time { return time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC) }

// number counts days, the same from each to the next.
func (c civil) number() int { return int(c.utc().Unix() / (24 * 60 * 60)) }

func (c civil) add(days int) civil { return civilOf(c.utc().AddDate(0, 0, days)) }

func (c civil) weekend() bool {
	w := c.utc().Weekday()
	return w == time.Saturday || w == time.Sunday
}
