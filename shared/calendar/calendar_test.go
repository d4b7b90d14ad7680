package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// The rules give what GOV.UK lists (gov.uk/bank-holidays.json, Open Government
// Licence v3.0), and the day proclaimed for Scotland alone.
func TestBankHolidaysAreThoseOfTheOfficialList(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		within geography.Holidays
		year   int
		want   string
	}{
		{geography.EnglandAndWales, 2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"},
		{geography.EnglandAndWales, 2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"},
		{geography.EnglandAndWales, 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"},
		{geography.EnglandAndWales, 2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"},
		{geography.EnglandAndWales, 2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"},
		{geography.Scotland, 2024, "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26"},
		{geography.Scotland, 2025, "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26"},
		{geography.Scotland, 2026, "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28"},
		{geography.Scotland, 2027, "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28"},
		{geography.Scotland, 2028, "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26"},
		{geography.NorthernIreland, 2024, "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26"},
		{geography.NorthernIreland, 2025, "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26"},
		{geography.NorthernIreland, 2026, "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28"},
		{geography.NorthernIreland, 2027, "01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28"},
		{geography.NorthernIreland, 2028, "01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26"},
	} {
		var got []string
		for _, c := range holidays(row.within, row.year) {
			if c.year != row.year {
				t.Errorf("%s %d: %v is of another year", row.within, row.year, c)
			}
			got = append(got, c.utc().Format("01-02"))
		}
		slices.Sort(got)
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%s %d:\n%s, want\n%s", row.within, row.year, s, row.want)
		}
	}
}

func TestEaster(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13", "2032-03-28", "2038-04-25", "2285-03-22"} {
		at, err := time.Parse(time.DateOnly, want)
		if err != nil {
			t.Fatal(err)
		}
		if got := easter(at.Year()); got != civilOf(at) {
			t.Errorf("Easter of %d is %v, want %s", at.Year(), got, want)
		}
	}
}

// In whatever year, no two holidays share a day, none is on a weekend, and there
// are as many as the law gives.
func TestHolidaysAreAllOnWorkingDays(t *testing.T) {
	t.Parallel()
	for year := 2027; year <= 2200; year++ {
		for j, want := range map[geography.Holidays]int{geography.EnglandAndWales: 8, geography.Scotland: 9, geography.NorthernIreland: 10} {
			seen := map[civil]bool{}
			for _, c := range holidays(j, year) {
				seen[c] = true
				if c.weekend() || c.year != year {
					t.Errorf("%s: %v is on a weekend or in another year", j, c)
				}
			}
			if len(seen) != want {
				t.Errorf("%s has %d holidays in %d, want %d", j, len(seen), year, want)
			}
		}
	}
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhenSomebodyMayBeWrittenTo(t *testing.T) {
	t.Parallel()
	type row struct{ at, next string }
	for _, c := range []struct {
		zone, region string
		rows         []row
	}{
		{"Europe/London", "Yorkshire and the Humber", []row{
			{"2026-11-26 07:59", "2026-11-26 08:00"}, // a Thursday
			{"2026-11-26 08:00", "2026-11-26 08:00"},
			{"2026-11-26 17:59", "2026-11-26 17:59"},
			{"2026-11-26 18:00", "2026-11-27 08:00"},
			{"2026-11-27 18:00", "2026-11-30 08:00"}, // over the weekend
			{"2026-11-28 12:00", "2026-11-30 08:00"},
			{"2026-12-24 18:00", "2026-12-29 08:00"}, // Boxing Day is a Saturday
			{"2027-03-25 20:00", "2027-03-30 08:00"}, // over Easter, and the clocks go forward
			{"2026-10-23 20:00", "2026-10-26 08:00"}, // the clocks go back
			{"2027-08-02 09:00", "2027-08-02 09:00"},
			{"2026-06-15 09:00", "2026-06-15 09:00"},
		}},
		{"Europe/London", "Scotland", []row{
			{"2026-11-28 12:00", "2026-12-01 08:00"}, // St Andrew's Day is the Monday
			{"2026-12-31 18:00", "2027-01-05 08:00"},
			{"2027-03-25 20:00", "2027-03-29 08:00"}, // no Easter Monday
			{"2027-08-02 09:00", "2027-08-03 08:00"},
			{"2026-06-15 09:00", "2026-06-16 08:00"},
		}},
		{"Europe/London", "Northern Ireland", []row{
			{"2027-03-17 09:00", "2027-03-18 08:00"},
			{"2026-07-12 09:00", "2026-07-14 08:00"},
			{"2026-11-30 09:00", "2026-11-30 09:00"},
		}},
		{"America/New_York", "London", []row{
			{"2026-11-26 07:59", "2026-11-26 08:00"},
			{"2026-12-25 12:00", "2026-12-29 08:00"},
		}},
	} {
		l := zone(t, c.zone)
		cal := aCalendarOf(l, c.region, 0, 0)
		for _, r := range c.rows {
			at, err := time.ParseInLocation("2006-01-02 15:04", r.at, l)
			if err != nil {
				t.Fatal(err)
			}
			next := cal.Next(at)
			if got := next.In(l).Format("2006-01-02 15:04"); got != r.next {
				t.Errorf("%s, %s: next at %s, want %s", c.region, r.at, got, r.next)
			}
			if cal.Open(at) != (r.at == r.next) {
				t.Errorf("%s, %s: open is %v", c.region, r.at, cal.Open(at))
			}
			if got := cal.Day(at); got != r.at[:10] {
				t.Errorf("%s is the day %s", r.at, got)
			}
		}
	}
}

func TestWorkingDaysAreCounted(t *testing.T) {
	t.Parallel()
	l := zone(t, "Europe/London")
	cal := aCalendarOf(l, "London", 9, 17)
	for _, row := range []struct {
		at                          string
		today, one, five, dayBefore string
	}{
		{"2026-11-26 23:30", "2026-11-26", "2026-11-27", "2026-12-03", "2026-11-25"},
		{"2026-11-29 00:10", "2026-11-30", "2026-11-30", "2026-12-04", "2026-11-27"},
		{"2026-12-24 12:00", "2026-12-24", "2026-12-29", "2027-01-05", "2026-12-23"},
		{"2027-03-30 12:00", "2027-03-30", "2027-03-31", "2027-04-06", "2027-03-25"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", row.at, l)
		if err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			got  time.Time
			want string
		}{
			"none":       {cal.AddWorkingDays(at, 0), row.today},
			"one":        {cal.AddWorkingDays(at, 1), row.one},
			"five":       {cal.AddWorkingDays(at, 5), row.five},
			"day before": {cal.DayBefore(at), row.dayBefore},
		} {
			if got := c.got.In(l).Format("2006-01-02 15:04"); got != c.want+" 09:00" {
				t.Errorf("%s, %s: %s, want %s 09:00", row.at, what, got, c.want)
			}
		}
	}
}

func aCalendarOf(zone *time.Location, region string, opens, closes int) Calendar {
	return Of(&programme.Programme{Zone: zone.String(), Cadence: programme.Cadence{Opens: opens, Closes: closes}}, region, "")
}

func TestCalendarIsTheProgrammesOrThePersonsOwn(t *testing.T) {
	t.Parallel()
	p := &programme.Programme{Zone: "Europe/London"}
	for _, row := range []struct{ zone, want string }{{"", "Europe/London"}, {"America/New_York", "America/New_York"}, {"Atlantis", "Europe/London"}} {
		if got := Of(p, "Wales", row.zone); got != (Calendar{got.zone, geography.EnglandAndWales, 8, 18}) || got.zone.String() != row.want {
			t.Errorf("zone %q: %+v", row.zone, got)
		}
	}
}

// zones have clocks that change at odd times, by odd steps, the other way about, or never.
var zones = []string{"Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham",
	"Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "America/Nuuk", "Antarctica/Troll", "America/Asuncion", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"}

var regions = []string{"Scotland", "Northern Ireland", "Wales", "London", "", "Atlantis"}

// aCalendar is anybody's.
func aCalendar(t *rapid.T) Calendar {
	opens := rapid.IntRange(5, 22).Draw(t, "opens")
	return aCalendarOf(zone(t, rapid.SampledFrom(zones).Draw(t, "zone")), rapid.SampledFrom(regions).Draw(t, "region"), opens, rapid.IntRange(opens+1, 23).Draw(t, "closes"))
}

// anInstant is some time from 2026 to 2030, often near a change of clocks.
func anInstant(t *rapid.T, name string) time.Time {
	at := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 5*365*24*60).Draw(t, name)) * time.Minute)
	if rapid.Bool().Draw(t, name+" in spring") {
		at = time.Date(at.Year(), time.March, 20+at.Day()%12, at.Hour(), at.Minute(), 0, 0, time.UTC)
	}
	return at
}

// On each working day of whatever calendar there is one opening, at the hour that was set
// on the person's own clock; nobody is found asleep; and the next opening is the first.
func TestNobodyIsWokenAndNobodyIsForgotten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cal, at := aCalendar(t), anInstant(t, "at")
		next := cal.Next(at)
		if !cal.Open(next) || next.Before(at) || cal.Open(at) && !next.Equal(at) || !cal.Next(next).Equal(next) {
			t.Fatalf("next after %v is %v, open %v", at.In(cal.zone), next.In(cal.zone), cal.Open(next))
		}
		if next.Sub(at) > 6*24*time.Hour {
			t.Fatalf("%v waits until %v", at, next)
		}
		// Nothing is open in between, in steps that no open day is shorter than.
		for between := at; between.Before(next); between = between.Add(55 * time.Minute) {
			if cal.Open(between) {
				t.Fatalf("%v is open before %v", between.In(cal.zone), next.In(cal.zone))
			}
		}
		if local := next.In(cal.zone); !next.Equal(at) && (local.Hour() != cal.opens || local.Minute() != 0 || cal.Open(next.Add(-time.Second))) {
			t.Fatalf("opens at %v", local)
		}
		n := rapid.IntRange(0, 30).Draw(t, "n")
		later := cal.AddWorkingDays(at, n)
		days := 0
		for d := civilOf(at.In(cal.zone)).add(1); !civilOf(later.In(cal.zone)).utc().Before(d.utc()); d = d.add(1) {
			if cal.working(d) {
				days++
			}
		}
		if want := n; !cal.Open(later) || days != want && (n != 0 || days != 1 || cal.WorkingDay(at)) {
			t.Fatalf("%d working days after %v is %v, which are %d", n, at.In(cal.zone), later.In(cal.zone), days)
		}
		before := cal.DayBefore(at)
		if !cal.Open(before) || cal.Day(before) >= cal.Day(at) || cal.Day(cal.AddWorkingDays(before, 1)) < cal.Day(at) {
			t.Fatalf("the working day before %v is %v", at.In(cal.zone), before.In(cal.zone))
		}
	})
}

// Each opening exists and is there once, on every day of five years.
func TestOpeningIsOnceADay(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		cal := aCalendarOf(zone(t, name), "", 0, 0)
		day := civil{2026, time.January, 1}
		for at := cal.opening(day); day.year < 2031; {
			local := at.In(cal.zone)
			if local.Hour() != 8 || local.Minute() != 0 || civilOf(local) != day {
				t.Fatalf("%s: %v opens at %v", name, day, local)
			}
			// It was one hour earlier or more on the clock an hour before, and not again an hour after.
			if !(local.Add(-time.Hour).Hour() < 8) || local.Add(time.Hour).Hour() == 8 {
				t.Fatalf("%s: %v opens twice", name, day)
			}
			day = day.add(1)
			next := cal.opening(day)
			if gap := next.Sub(at); gap < 21*time.Hour || gap > 27*time.Hour {
				t.Fatalf("%s: %v after %v", name, gap, day)
			}
			at = next
		}
	}
}

// The holidays are those of the region in which somebody is: St Andrew's Day is a working
// day in Berwick, whose postcode begins as most of the Scottish Borders' do, and every
// weekday is one where a programme's own region keeps none.
func TestHolidaysFollowTheRegion(t *testing.T) {
	t.Parallel()
	own := geography.Settings{Regions: []geography.Region{{Name: "Munster"}, {Name: "Antrim", Holidays: geography.NorthernIreland}}}
	berwick, _ := geography.UK().Parse("TD15 2AA")
	for _, row := range []struct {
		where       geography.Settings
		region, day string
		working     bool
	}{
		{geography.Settings{}, geography.UK().Usual(berwick), "2026-11-30", true},
		{geography.Settings{}, geography.UK().Usual(berwick), "2027-03-29", false}, // Easter Monday
		{geography.Settings{}, "Scotland", "2026-11-30", false},
		{geography.Settings{}, "Scotland", "2027-03-29", true},
		{geography.Settings{}, "", "2027-03-29", false},
		{own, "Munster", "2027-03-29", true},
		{own, "Munster", "2026-12-25", true},
		{own, "Munster", "2026-12-26", false}, // a Saturday
		{own, "Antrim", "2027-07-12", false},
		{own, "", "2027-07-12", true}, // as in the first region
	} {
		day, err := time.Parse(time.DateOnly, row.day)
		if err != nil {
			t.Fatal(err)
		}
		p := &programme.Programme{Zone: "Europe/London", Geography: row.where}
		if got := Of(p, row.region, "").WorkingDay(day.Add(12 * time.Hour)); got != row.working {
			t.Errorf("%s in %q is a working day: %v", row.day, row.region, got)
		}
	}
}
