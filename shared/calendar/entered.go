package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/text"
)

// Entered is a date and a time of day as people type or paste them: a month by its number
// or name, a year in two figures, a whole date in the first input, and a time such as
// "2.30 pm", "14h" or "noon".
type Entered struct{ Day, Month, Year, Time string }

// In is the time that was entered, in a zone. The error is a *fault.Invalid about the
// inputs "date" and "time", which says of each what is wrong.
func (e Entered) In(zone *time.Location) (time.Time, error) {
	var invalid fault.Invalid
	day, err := date(e.Day, e.Month, e.Year)
	if err != nil {
		invalid.Add("date", "%s", err)
	}
	hour, minute, err := clock(e.Time)
	if err != nil {
		invalid.Add("time", "%s", err)
	}
	if len(invalid.Fields) > 0 {
		return time.Time{}, invalid.Err()
	}
	t := time.Date(day.year, day.month, day.day, hour, minute, 0, 0, zone)
	if t.Hour() != hour {
		invalid.Add("time", "Enter another time: the clocks go forward on that day, and leave this hour out")
		return time.Time{}, invalid.Err()
	}
	return t.UTC(), nil
}

// problem is what is wrong with what was entered, and what to enter.
type problem string

func (p problem) Error() string { return string(p) }

const (
	noDate    problem = "Enter a date, like 27 3 2027"
	wrongDay  problem = "Enter the day as a number from 1 to 31"
	monthOf   problem = "Enter the month as a number from 1 to 12 or by its name, like 3 or March"
	dayFirst  problem = "Enter the day first and then the month, which is 12 at most, like 27 3 2027"
	yearOf    problem = "Enter the year in four figures, like 2027"
	wrongTime problem = "Enter a time, like 14:00 or 2pm"
	startOnly problem = "Enter only the time at which it begins, like 14:00 or 2pm"
	oneWay    problem = "Enter the time in one way, like 14:00 or 2pm"
	hours24   problem = "Enter an hour from 0 to 23, like 14:00 or 2pm"
	minutes60 problem = "Enter minutes from 00 to 59, like 14:30 or 2.30pm"
)

// folded is what was entered in small letters and figures of usual width, with one kind
// of space.
func folded(s string) string { return strings.ToLower(text.Tidy(norm.NFKC.String(s))) }

// words are the numbers and the words of a date, without the days of the week, the
// letters of "3rd", and what stands between.
func words(s string) []string {
	var all []string
	var before rune
	for _, r := range folded(s) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		case len(all) > 0 && unicode.IsLetter(r) && unicode.IsLetter(before), len(all) > 0 && unicode.IsDigit(r) && unicode.IsDigit(before):
			all[len(all)-1] += string(r)
		default:
			all = append(all, string(r))
		}
		before = r
	}
	return slices.DeleteFunc(all, func(w string) bool {
		return slices.Contains([]string{"st", "nd", "rd", "th", "of", "the"}, w) || weekday(w)
	})
}

func weekday(w string) bool {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if short(w, d.String()) {
			return true
		}
	}
	return false
}

// short reports whether a word is a name or its beginning, of three letters or more.
func short(w, name string) bool {
	return len(w) >= 3 && strings.HasPrefix(strings.ToLower(name), w)
}

// date is the day that three inputs name; all of it may stand in the first.
func date(day, month, year string) (civil, error) {
	parts := [][]string{words(day), words(month), words(year)}
	if len(parts[1])+len(parts[2]) == 0 && len(parts[0]) > 1 {
		whole, err := inOrder(parts[0])
		if err != nil {
			return civil{}, err
		}
		parts = whole
	}
	if err := missing(parts); err != nil {
		return civil{}, err
	}
	y, err := yearIn(parts[2])
	m, wrongMonth := monthIn(parts[1])
	d, wrongDay := dayIn(parts[0])
	switch {
	case wrongDay != nil:
		return civil{}, wrongDay
	case wrongMonth != nil && m > 12 && d <= 12:
		return civil{}, dayFirst
	case wrongMonth != nil:
		return civil{}, wrongMonth
	case err != nil:
		return civil{}, err
	}
	if last := (civil{y, m + 1, 0}).utc().Day(); d > last {
		return civil{}, problem(fmt.Sprintf("Enter a day from 1 to %d: %s %d has no more", last, m, y))
	}
	return civil{y, m, d}, nil
}

// inOrder are the day, the month and the year of a whole date, by which it begins with
// the day unless it begins with a year of four figures or the name of the month.
func inOrder(all []string) ([][]string, error) {
	switch {
	case len(all) > 3:
		return nil, noDate
	case len(all) == 3 && len(all[0]) == 4 && number(all[0]):
		slices.Reverse(all)
	case !number(all[0]) && number(all[1]):
		all[0], all[1] = all[1], all[0]
	}
	parts := make([][]string, 3)
	for i, w := range all {
		parts[i] = []string{w}
	}
	return parts, nil
}

// missing says which parts of a date were not entered.
func missing(parts [][]string) error {
	var left []string
	for i, name := range []string{"the day", "the month", "the year"} {
		if len(parts[i]) == 0 {
			left = append(left, name)
		}
	}
	switch len(left) {
	case 0:
		return nil
	case 3:
		return noDate
	}
	return problem("Enter " + strings.Join(left, " and ") + " too, like 27 3 2027")
}

func number(w string) bool { return strings.Trim(w, "0123456789") == "" }

func dayIn(part []string) (int, error) {
	d, err := strconv.Atoi(part[0])
	if err != nil || len(part) > 1 || d < 1 || len(part[0]) > 2 {
		return 0, wrongDay
	}
	return d, nil
}

func monthIn(part []string) (time.Month, error) {
	w := part[0]
	if len(part) > 1 || number(w) && len(w) > 2 {
		return 0, monthOf
	}
	for m := time.January; m <= time.December; m++ {
		if short(w, m.String()) {
			return m, nil
		}
	}
	n, err := strconv.Atoi(w)
	if err != nil || n < 1 || n > 12 {
		return time.Month(n), monthOf
	}
	return time.Month(n), nil
}

// yearIn takes two figures for a year of this century: what is entered lies ahead.
func yearIn(part []string) (int, error) {
	y, err := strconv.Atoi(part[0])
	switch {
	case err != nil || len(part) > 1 || len(part[0]) != 2 && len(part[0]) != 4:
		return 0, yearOf
	case len(part[0]) == 2:
		y += 2000
	case y < 1000:
		return 0, yearOf
	}
	return y, nil
}

// times are a time of day without spaces: an hour with or without minutes, in figures
// that stand together or apart, and which half of the day it is in.
var times = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(\d{1,2})(?:[:h,](\d{2})(?::00)?)?|(\d{1,2})(\d{2}))(?:hours|hrs|h)?(?:(a|p)m?)?$`)
})

// clock is the hour and minute of a time of day.
func clock(entered string) (hour, minute int, err error) {
	s := strings.NewReplacer("o'clock", "", "o’clock", "", "in the morning", "am", "in the afternoon", "pm", "in the evening", "pm", "a.m", "am", "p.m", "pm").Replace(folded(entered))
	s = strings.NewReplacer(" ", "", ".", ":", ";", ":").Replace(strings.TrimRight(s, " ."))
	switch strings.TrimPrefix(s, "12") {
	case "noon", "midday":
		return 12, 0, nil
	case "midnight":
		return 0, 0, nil
	}
	found := times().FindStringSubmatch(s)
	if found == nil {
		if strings.ContainsAny(s, "-–—") && strings.ContainsAny(s, "0123456789") && !strings.HasPrefix(s, "-") || strings.Contains(s, "to") {
			return 0, 0, startOnly
		}
		return 0, 0, wrongTime
	}
	hours, half := found[1]+found[3], found[5]
	hour, _ = strconv.Atoi(hours)                 // the expression takes figures alone
	minute, _ = strconv.Atoi(found[2] + found[4]) // 0 where there are none
	switch {
	case minute > 59:
		return 0, 0, minutes60
	case half != "" && (hour > 12 || hour == 0):
		return 0, 0, oneWay
	case hour > 23:
		return 0, 0, hours24
	case half == "" && hour < 7 && hours[0] != '0':
		either := fmt.Sprintf("%d:%02d", hour, minute)
		return 0, 0, problem("Enter whether you mean " + either + "am or " + either + "pm")
	case half == "a" && hour == 12:
		hour = 0
	case half == "p" && hour < 12:
		hour += 12
	}
	return hour, minute, nil
}
