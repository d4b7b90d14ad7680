package main

import (
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// says fails unless a text says all of this.
func says(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
}

// A programme that was created without dates says so, gets dates once it is told to with
// --apply, and moves them later; what follows from them is said each time, and what cannot be is
// refused.
func TestAProgrammeGetsDates(t *testing.T) {
	s := project(t)
	says(t, ran(t, ran(t, "", "programme", "settings", "pilot-2016"), "programme", "create", "north", "--settings", "-"),
		"no dates", "nothing that it stores about people is deleted", "cascade programme dates north --starts")
	dates := func() programme.Dates {
		t.Helper()
		p, err := s.Programme(t.Context(), "north")
		if err != nil {
			t.Fatal(err)
		}
		return p.Dates
	}
	says(t, ran(t, "", "programme", "dates", "north"), "no dates", "does not close", "pseudonymous", "ever deleted")

	first := []string{"programme", "dates", "north", "--starts", "2027-01-11", "--ends", "2027-12-17"}
	follows := []string{"runs from 2027-01-11 to 2027-12-17", "before: none", "baseline questionnaire is answered until 2027-12-17",
		"closing questionnaire is answered until 2028-01-14", "anonymous on 2028-12-18", "kept until 2028-12-17"}
	says(t, ran(t, "", first...), append(follows, "Nothing was changed")...)
	if dates() != (programme.Dates{}) {
		t.Errorf("it was changed without --apply: %+v", dates())
	}
	says(t, ran(t, "", append(first, "--apply")...), follows...)
	says(t, ran(t, "", append(first, "--apply")...), "these dates already")
	says(t, ran(t, "", "programme", "dates", " north ", "--ends", "2028-01-28", "--apply"), "runs from 2027-01-11 to 2028-01-28", "before: 2027-01-11 – 2027-12-17")
	if got := dates(); got != (programme.Dates{Starts: "2027-01-11", Ends: "2028-01-28"}) {
		t.Errorf("%+v", got)
	}
	for _, x := range []struct{ args, wrong string }{
		{"--ends 2027-01-10", "not after"},
		{"--ends 28.1.2028", "dates.ends"},
		{"--ends= --starts=", "not taken away"},
		{"", "--starts"},
	} {
		_, err := run(t, "", append([]string{"programme", "dates", "north", "--apply"}, strings.Fields(x.args)...)...)
		refuses(t, x.args, err, x.wrong)
	}
	_, err := run(t, "", "programme", "dates", "south")
	refuses(t, "another programme", err, "south")

	trail, err := s.AuditEntries(t.Context(), store.AuditWanted{Programme: "north", Most: 10})
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, e := range trail.Entries {
		if strings.Contains(e.Did, "dates") {
			did = append(did, e.Did)
		}
	}
	if len(did) != 2 || !strings.Contains(did[0], "2027-01-11 – 2028-01-28") || !strings.Contains(did[1], "none") {
		t.Errorf("the trail says %q", did)
	}
}
