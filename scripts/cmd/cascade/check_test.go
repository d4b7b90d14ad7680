package main

import (
	"strings"
	"testing"
	"time"
)

func TestCheckNamesTheSchedulesThatAreSilent(t *testing.T) {
	db := project(t)
	look := func() (string, error) { return run(t, "", "check", "--root", "../../..") }
	out, err := look()
	if err == nil || status(err) != 1 || strings.Count(out, "SILENT") != 7 {
		t.Errorf("nothing has ever worked: %v\n%s", err, out)
	}
	for _, name := range []string{"outbox-sweep", "reminders-tick", "matching-run", "no-such-schedule"} {
		if err := db.Beat(t.Context(), name, 0); err != nil {
			t.Fatal(err)
		}
	}
	if out, err = look(); err != nil || strings.Contains(out, "SILENT") {
		t.Errorf("one has not come due twice since the first beat of any: %v\n%s", err, out)
	}
	for name, moved := range map[string]time.Duration{"questionnaires-sweep": 0, "erasure-sweep": 0, "retention-sweep": 0, "audit-seal": 0, "reminders-tick": -time.Hour} {
		if err := db.Beat(t.Context(), name, moved); err != nil {
			t.Fatal(err)
		}
	}
	if out, err = look(); err == nil || status(err) != 1 || err.Error() != "silent for two intervals: reminders-tick" || strings.Count(out, "SILENT") != 1 {
		t.Errorf("one has been silent for an hour: %v\n%s", err, out)
	}
}
