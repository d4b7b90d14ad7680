package store

import (
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/geography"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Whom an earlier version put where the first letters of their postcode belong is read,
// and after the migration stored, where its district lies; what somebody chose since then
// stays, as does what is known of no postcode.
func TestRegionsBecomeThoseOfDistricts(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	for id, row := range map[string]struct {
		postcode geography.Postcode
		region   string
		schema   int
	}{
		"aberystwyth": {"SY23 3BY", "West Midlands", 1}, "berwick": {"TD15 2AA", "Scotland", 1}, "leeds": {"LS6 2AB", "Yorkshire and the Humber", 1},
		"nowhere": {"", "Wales", 1}, "chosen": {"TD15 2AA", "Scotland", 2},
	} {
		e := &enrolment.Enrolment{ID: id, Role: programme.Client, State: enrolment.Ready, Organisation: enrolment.Organisation{Name: id, Postcode: row.postcode, Region: row.region}, CreatedAt: now, UpdatedAt: now}
		add(t, s, func(c *Commit) { c.CreateEnrolment("p", e) })
		if _, err := s.enrolments("p").Doc(id).Update(ctx, []firestore.Update{{Path: "schema", Value: row.schema}}); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"aberystwyth": "Wales", "berwick": "North East", "leeds": "Yorkshire and the Humber", "nowhere": "Wales", "chosen": "Scotland"}
	check := func(when string) {
		t.Helper()
		all, err := s.Enrolments(ctx, "p")
		choosable, err2 := s.Choosable(ctx, "p", programme.Client, "")
		if err != nil || err2 != nil || len(all) != len(want) || len(choosable) != len(want) {
			t.Fatalf("%s: %d and %d, %v, %v", when, len(all), len(choosable), err, err2)
		}
		for _, e := range append(all, choosable...) {
			if e.Organisation.Region != want[e.ID] {
				t.Errorf("%s: %s is in %s, want %s", when, e.ID, e.Organisation.Region, want[e.ID])
			}
		}
	}
	check("before")
	quiet := func(string, int, int) {}
	for _, changed := range []int{4, 0} {
		done, err := s.Migrate(ctx, []Migration{regionsOfDistricts}, true, quiet)
		n := 0
		for _, m := range done {
			if n += m.Documents; len(m.Failed) > 0 {
				t.Error(m.Failed)
			}
		}
		if err != nil || n != changed {
			t.Fatalf("%d migrated, %v, want %d", n, err, changed)
		}
		check("after")
	}
	// By a query, too, which looks at what is stored.
	if all, err := s.Choosable(ctx, "p", programme.Client, "North East"); err != nil || len(all) != 1 || all[0].ID != "berwick" {
		t.Errorf("in the North East are %v, %v", all, err)
	}
}
