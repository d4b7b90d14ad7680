package programme

import (
	"strings"
	"testing"
	"time"
)

// A programme ends at midnight where it runs, and one without dates does not end.
func TestAProgrammeEndsWhereItRuns(t *testing.T) {
	t.Parallel()
	p := &Programme{Zone: "Europe/London", Dates: Dates{Starts: "2026-11-02", Ends: "2027-07-30"}}
	over := time.Date(2027, 7, 30, 23, 0, 0, 0, time.UTC) // summer time
	if end, set := p.End(); !set || !end.Equal(over) {
		t.Errorf("it ends at %v, %v", end, set)
	}
	if p.Ended(over.Add(-time.Second)) || !p.Ended(over) {
		t.Error("it does not end at midnight")
	}
	p.Dates = Dates{}
	if _, set := p.End(); set || p.Dates.Set() || p.Ended(over.AddDate(100, 0, 0)) {
		t.Error("a programme without dates ends")
	}
}

// Dates are both there or both missing, are dates, and are in their order.
func TestDatesAreChecked(t *testing.T) {
	t.Parallel()
	good, err := PresetText("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	for given, wrong := range map[string]string{
		"dates: {starts: 2026-11-02, ends: 2027-10-29}":     "",
		`dates: {starts: "2026-11-02", ends: "2027-10-29"}`: "",
		"dates: {}":                                     "",
		"dates: {ends: 2027-10-29}":                     "dates.starts",
		"dates: {starts: 2027-10-29}":                   "dates.ends",
		"dates: {starts: 2026-11-02, ends: 2027-02-29}": "dates.ends",
		"dates: {starts: 2.11.2026, ends: 2027-10-29}":  "dates.starts",
		"dates: {starts: 2026-11-02, ends: 2026-11-02}": "not after",
		"dates: {starts: 2026-11-02, ends: 2025-11-02}": "not after",
	} {
		p, err := Parse([]byte(string(good) + "\n" + given + "\n"))
		switch {
		case wrong == "" && err != nil:
			t.Errorf("%s: %v", given, err)
		case wrong == "" && given != "dates: {}" && p.Dates != Dates{Starts: "2026-11-02", Ends: "2027-10-29"}:
			t.Errorf("%s: %+v", given, p.Dates)
		case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)):
			t.Errorf("%s: %v, want %s", given, err, wrong)
		}
	}
}

// A programme gets other dates where they can be, and keeps those it has where they cannot.
func TestAProgrammeIsRedated(t *testing.T) {
	t.Parallel()
	had := Dates{Starts: "2026-11-02", Ends: "2027-07-30"}
	for _, x := range []struct {
		dates     Dates
		anonymous string
		wrong     string
	}{
		{Dates{Starts: "2026-11-02", Ends: "2027-09-30"}, "", ""},
		{Dates{}, "", "not taken away"},
		{Dates{Starts: "2026-11-02"}, "", "dates.ends"},
		{Dates{Starts: "2027-11-02", Ends: "2027-09-30"}, "", "not after"},
		{Dates{Starts: "2026-11-02", Ends: "2027-09-30"}, "2027-10-01", "questionnaires.anonymous"},
	} {
		p := &Programme{Zone: "Europe/London", Dates: had, Questionnaires: Questionnaires{Anonymous: x.anonymous}}
		err := p.Redate(x.dates)
		switch {
		case x.wrong == "" && (err != nil || p.Dates != x.dates):
			t.Errorf("%+v: %v, %+v", x.dates, err, p.Dates)
		case x.wrong != "" && (err == nil || !strings.Contains(err.Error(), x.wrong) || p.Dates != had):
			t.Errorf("%+v: %v, %+v, want %s", x.dates, err, p.Dates, x.wrong)
		}
	}
}
