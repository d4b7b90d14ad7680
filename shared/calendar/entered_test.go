package calendar_test

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/fault"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// says is what is wrong with each input, or "".
func says(err error) (date, clock string) {
	var invalid *fault.Invalid
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			switch f.Name {
			case "date":
				date = f.Message
			case "time":
				clock = f.Message
			}
		}
	}
	return date, clock
}

func TestDatesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	zone, want := london(t), time.Date(2027, 3, 27, 14, 0, 0, 0, time.UTC)
	for _, e := range [][3]string{
		{"27", "3", "2027"}, {"27", "03", "2027"}, {" 27 ", "3", "2027 "}, {"27", "Mar", "2027"}, {"27", "MARCH", "2027"}, {"27", "mar.", "2027"}, {"27", "March,", "2027"}, {"27", "3", "27"}, {"27", "3", "’27"},
		{"27th", "3", "2027"}, {"the 27th of", "March", "2027"}, {"27.", "3.", "2027"}, {"Sat 27", "3", "2027"}, {"２７", "３", "２０２７"}, {"\u202f27\u00a0", "\u200b3", "2027\u2009"},
		{"27/3/2027", "", ""}, {"27/03/27", "", ""}, {"27.3.2027", "", ""}, {"27-3-2027", "", ""}, {"27 3 2027", "", ""}, {"27 March 2027", "", ""}, {"27th March, 2027", "", ""}, {"27th of March 2027", "", ""}, {"27mar2027", "", ""},
		{"Saturday, 27 March 2027", "", ""}, {"Sat. 27 Mar. '27", "", ""}, {"March 27, 2027", "", ""}, {"Mar 27th 2027", "", ""}, {"2027-03-27", "", ""}, {"2027/3/27", "", ""}, {"2027 March 27", "", ""}, {"２７／３／２０２７", "", ""},
	} {
		if got, err := (calendar.Entered{Day: e[0], Month: e[1], Year: e[2], Time: "14:00"}).In(zone); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", e, got, err)
		}
	}
	for _, row := range []struct {
		entered [3]string
		month   time.Month
		day     int
	}{
		{[3]string{"3rd", "Sept", "2027"}, 9, 3}, {[3]string{"1st", "may", "2027"}, 5, 1}, {[3]string{"22nd", "jun", "2027"}, 6, 22}, {[3]string{"2", "July", "2027"}, 7, 2}, {[3]string{"29", "Feb", "2028"}, 2, 29},
	} {
		got, err := (calendar.Entered{Day: row.entered[0], Month: row.entered[1], Year: row.entered[2], Time: "14:00"}).In(time.UTC)
		if err != nil || got.Month() != row.month || got.Day() != row.day {
			t.Errorf("%q: %v, %v", row.entered, got, err)
		}
	}
}

func TestWhichPartOfADateIsWrong(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		entered [3]string
		says    string
	}{
		{[3]string{"", "", ""}, "Enter a date, like 27 3 2027"},
		{[3]string{" ", "\u200b", ""}, "Enter a date, like 27 3 2027"},
		{[3]string{"27", "", ""}, "Enter the month and the year too, like 27 3 2027"},
		{[3]string{"27", "3", ""}, "Enter the year too, like 27 3 2027"},
		{[3]string{"27/3", "", ""}, "Enter the year too, like 27 3 2027"},
		{[3]string{"", "3", "2027"}, "Enter the day too, like 27 3 2027"},
		{[3]string{"32", "3", "2027"}, "Enter a day from 1 to 31: March 2027 has no more"},
		{[3]string{"31", "April", "27"}, "Enter a day from 1 to 30: April 2027 has no more"},
		{[3]string{"29", "2", "2027"}, "Enter a day from 1 to 28: February 2027 has no more"},
		{[3]string{"30/2/2028", "", ""}, "Enter a day from 1 to 29: February 2028 has no more"},
		{[3]string{"0", "3", "2027"}, "Enter the day as a number from 1 to 31"},
		{[3]string{"first", "3", "2027"}, "Enter the day as a number from 1 to 31"},
		{[3]string{"2027", "3", "27"}, "Enter the day as a number from 1 to 31"},
		{[3]string{"16-3", "2027", ""}, "Enter the year too, like 27 3 2027"},
		{[3]string{"27", "13", "2027"}, "Enter the month as a number from 1 to 12 or by its name, like 3 or March"},
		{[3]string{"27", "Mars", "2027"}, "Enter the month as a number from 1 to 12 or by its name, like 3 or March"},
		{[3]string{"27", "ma", "2027"}, "Enter the month as a number from 1 to 12 or by its name, like 3 or March"},
		{[3]string{"3/27/2027", "", ""}, "Enter the day first and then the month, which is 12 at most, like 27 3 2027"},
		{[3]string{"27", "3", "202"}, "Enter the year in four figures, like 2027"},
		{[3]string{"27", "3", "20270"}, "Enter the year in four figures, like 2027"},
		{[3]string{"27", "3", "0027"}, "Enter the year in four figures, like 2027"},
		{[3]string{"27", "3", "next"}, "Enter the year in four figures, like 2027"},
		{[3]string{"27 3 2027 and 28 3 2027", "", ""}, "Enter a date, like 27 3 2027"},
	} {
		_, err := (calendar.Entered{Day: row.entered[0], Month: row.entered[1], Year: row.entered[2], Time: "14:00"}).In(time.UTC)
		if date, clock := says(err); date != row.says || clock != "" {
			t.Errorf("%q: %q, %q, want %q", row.entered, date, clock, row.says)
		}
	}
}

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for want, entered := range map[string][]string{
		"14:00": {"14:00", "14.00", "1400", "14h", "14h00", "14 h", "14", "2pm", "2 PM", "2p", "2 p.m.", "2 pm.", "2:00pm", "2.00 pm", "02:00 pm", "14:00:00", "1400 hrs", "14:00\u202f", "1４：００", "2\u202fpm", "14;00", "14,00", "2 o'clock in the afternoon", "0200pm"},
		"14:30": {"14:30", "14.30", "14h30", "1430", "2.30 pm", "2:30\u202fp.m.", "230pm", "2.30 in the afternoon"},
		"12:00": {"noon", "Noon", "midday", "12 noon", "12 midday", "12pm", "12:00", "12 p.m."},
		"00:00": {"midnight", "12 midnight", "12am", "00:00", "0:00", "0000", "12 a.m."},
		"09:05": {"9:05", "09:05", "905", "9.05am", "9:05 a.m."},
		"02:30": {"02:30", "2:30am", "0230", "2.30 in the morning"},
		"09:00": {"9", "09", "9am", "9 o’clock"},
		"19:00": {"7pm", "7 in the evening", "19h"},
	} {
		for _, e := range entered {
			got, err := (calendar.Entered{Day: "27", Month: "3", Year: "2027", Time: e}).In(time.UTC)
			if err != nil || got.Format("15:04") != want {
				t.Errorf("%q: %v, %v, want %s", e, got, err, want)
			}
		}
	}
	for says_, entered := range map[string][]string{
		"Enter a time, like 14:00 or 2pm":                           {"", " ", "soon", "-1:00", "14:0", "14:00 15:00", "12:345", "pm"},
		"Enter only the time at which it begins, like 14:00 or 2pm": {"14:00-15:30", "14:00 – 15:30", "2pm to 3pm"},
		"Enter the time in one way, like 14:00 or 2pm":              {"13pm", "14:00pm", "0am", "00:30am"},
		"Enter an hour from 0 to 23, like 14:00 or 2pm":             {"24:00", "25:00", "2500"},
		"Enter minutes from 00 to 59, like 14:30 or 2.30pm":         {"14:60", "2.75pm", "1499"},
		"Enter whether you mean 2:30am or 2:30pm":                   {"2:30", "2.30", "230"},
		"Enter whether you mean 6:00am or 6:00pm":                   {"6", "6.00", "6 o'clock"},
	} {
		for _, e := range entered {
			_, err := (calendar.Entered{Day: "27", Month: "3", Year: "2027", Time: e}).In(time.UTC)
			if date, clock := says(err); clock != says_ || date != "" {
				t.Errorf("%q: %q, %q, want %q", e, date, clock, says_)
			}
		}
	}
	// On 28 March 2027 the clocks in the UK go from 1:00 to 2:00.
	if _, err := (calendar.Entered{Day: "28", Month: "3", Year: "2027", Time: "1.30 am"}).In(london(t)); err == nil || !strings.Contains(fmt.Sprint(says(err)), "the clocks go forward") {
		t.Errorf("an hour that is left out: %v", err)
	}
	if date, clock := says(func() error { _, err := (calendar.Entered{}).In(time.UTC); return err }()); date == "" || clock == "" {
		t.Errorf("of nothing it says %q and %q", date, clock)
	}
}

//go:embed testdata/booking-dates.tsv
var bookingDates string

// What became of the dates and times with which booking was tried.
func TestBookingDatesThatWentWrong(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(bookingDates), "\n")[1:]
	want := []time.Time{time.Date(2027, 3, 27, 14, 0, 0, 0, time.UTC), time.Date(2027, 3, 27, 14, 0, 0, 0, time.UTC), time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC)}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		f := strings.Split(row, "\t")
		if got, err := (calendar.Entered{Day: f[0], Month: f[1], Year: f[2], Time: f[3]}).In(london(t)); err != nil || !got.Equal(want[i]) {
			t.Errorf("%q: %v, %v", f[:4], got, err)
		}
	}
}

// However a day and a time are written, the same is read.
func TestEveryFormIsTheSameTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*366*24*60-1).Draw(t, "minute")) * time.Minute)
		day := at.Format(rapid.SampledFrom([]string{"2/1/2006", "02.01.06", "2 January 2006", "Mon 2 Jan 2006", "January 2, 2006", "2006-01-02", "2Jan2006"}).Draw(t, "date"))
		clock := at.Format(rapid.SampledFrom([]string{"15:04", "15.04", "1504", "15h04", "3:04pm", "3.04 PM", "03:04 pm"}).Draw(t, "time"))
		if at.Hour() < 7 && !strings.ContainsAny(clock, "apAP") {
			clock = at.Format("15:04") // without the half of the day it would be asked for
		}
		got, err := (calendar.Entered{Day: day, Time: clock}).In(time.UTC)
		if err != nil || !got.Equal(at) {
			t.Fatalf("%q %q: %v, %v, want %v", day, clock, got, err, at)
		}
		parts := calendar.Entered{Day: strconv.Itoa(at.Day()), Month: at.Format(rapid.SampledFrom([]string{"1", "01", "Jan", "January"}).Draw(t, "month")), Year: at.Format(rapid.SampledFrom([]string{"2006", "06"}).Draw(t, "year")), Time: clock}
		if got, err := parts.In(time.UTC); err != nil || !got.Equal(at) {
			t.Fatalf("%+v: %v, %v, want %v", parts, got, err, at)
		}
	})
}

func FuzzEntered(f *testing.F) {
	f.Add("27", "3", "2027", "14:00")
	f.Add("2027-03-27", "", "", "noon")
	f.Fuzz(func(t *testing.T, day, month, year, clock string) {
		at, err := (calendar.Entered{Day: day, Month: month, Year: year, Time: clock}).In(time.UTC)
		if date, wrong := says(err); (err != nil) != (date+wrong != "") || (err == nil) == at.IsZero() {
			t.Fatalf("%v, %v", at, err)
		}
	})
}
