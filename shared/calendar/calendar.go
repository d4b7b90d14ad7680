// Package calendar says when a person may be written to: their working days, with the
// bank holidays of their region, and their waking hours, in the
// time zone where they are. It holds no clock: the time comes in as an argument.
package calendar

import (
	"time"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Calendar says when a person may be written to: in waking hours, on a working day,
// where they are.
type Calendar struct {
	zone   *time.Location
	within geography.Holidays
	// opens and closes are hours of the day: at opens sharp a day is open, at closes
	// no longer.
	opens, closes int
}

// Of is the calendar of somebody in a programme, with the bank holidays of
// the region of their organisation. Their zone is the programme's, unless they have
// one of their own that is known.
func Of(p *programme.Programme, region, zone string) Calendar {
	l := p.Location()
	if own, err := time.LoadLocation(zone); zone != "" && err == nil {
		l = own
	}
	hours := p.Cadence.Filled()
	return Calendar{l, p.Territory().HolidaysOf(region), hours.Opens, hours.Closes}
}

// Zone is where the person is.
func (c Calendar) Zone() *time.Location { return c.zone }

// Hours is for how long a working day is open.
func (c Calendar) Hours() time.Duration { return time.Duration(c.closes-c.opens) * time.Hour }

// Day is the person's date at t, such as "2027-03-01".
func (c Calendar) Day(t time.Time) string { return t.In(c.zone).Format(time.DateOnly) }

// DayNumber counts the person's days: that of t is one more than that of the day
// before.
func (c Calendar) DayNumber(t time.Time) int { return c.day(t).number() }

// day is the person's day at t.
func (c Calendar) day(t time.Time) civil { return civilOf(t.In(c.zone)) }

// WorkingDay reports whether the person's day at t is one of Monday to Friday and
// no bank holiday.
func (c Calendar) WorkingDay(t time.Time) bool { return c.working(c.day(t)) }

func (c Calendar) working(day civil) bool { return !day.weekend() && !holiday(c.within, day) }

// Open reports whether the person may be written to at t.
func (c Calendar) Open(t time.Time) bool {
	local := t.In(c.zone)
	return local.Hour() >= c.opens && local.Hour() < c.closes && c.WorkingDay(t)
}

// Next is t where it is open, else when it is next.
func (c Calendar) Next(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	day := c.day(t)
	if c.working(day) && t.Before(c.opening(day)) {
		return c.opening(day)
	}
	return c.opening(c.after(day))
}

// AddWorkingDays is the opening of the nth working day after the person's day at t.
// Of none, it is that of the day itself, or of the next where it is no working day.
func (c Calendar) AddWorkingDays(t time.Time, n int) time.Time {
	day := c.day(t)
	if n <= 0 && c.working(day) {
		return c.opening(day)
	}
	for range max(n, 1) {
		day = c.after(day)
	}
	return c.opening(day)
}

// DayBefore is the opening of the last working day before the person's day at t.
func (c Calendar) DayBefore(t time.Time) time.Time {
	day := c.day(t).add(-1)
	for !c.working(day) {
		day = day.add(-1)
	}
	return c.opening(day)
}

// AddDays is the opening of the nth day after the person's day at t, or of the next
// working day where that is none.
func (c Calendar) AddDays(t time.Time, n int) time.Time {
	return c.AddWorkingDays(t.In(c.zone).AddDate(0, 0, n), 0)
}

// OpeningAfter is the first opening of a working day after t.
func (c Calendar) OpeningAfter(t time.Time) time.Time {
	if opening := c.AddWorkingDays(t, 0); opening.After(t) {
		return opening
	}
	return c.AddWorkingDays(t, 1)
}

// WeekBefore is the opening of the day a week before the person's day at t, or of the
// last working day before that.
func (c Calendar) WeekBefore(t time.Time) time.Time {
	day := t.In(c.zone).AddDate(0, 0, -7)
	if c.WorkingDay(day) {
		return c.AddWorkingDays(day, 0)
	}
	return c.DayBefore(day)
}

// Midnight is when the person's day at t begins.
func (c Calendar) Midnight(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.zone)
}

// after is the next working day after a day.
func (c Calendar) after(day civil) civil {
	for {
		if day = day.add(1); c.working(day) {
			return day
		}
	}
}

// opening is when a day opens. Clocks change at night, so that this hour is once in
// each day; where a zone ever does otherwise, time.Date chooses.
func (c Calendar) opening(day civil) time.Time {
	return time.Date(day.year, day.month, day.day, c.opens, 0, 0, 0, c.zone)
}
