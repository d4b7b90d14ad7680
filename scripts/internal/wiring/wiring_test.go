package wiring_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/site"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/schedule"
)

const root = "../../.."

// infra is a project's root whose infra folder holds one file.
func infra(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "infra"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "infra", name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Every name is one that a Kubernetes object can have, since each becomes one.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// What coordinators are told of the matching's schedule is what it says.
func TestDeskSaysWhenTheMatchingRuns(t *testing.T) {
	t.Parallel()
	all, err := wiring.Schedules(root)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s wiring.Schedule) bool { return s.Name == "matching-run" })
	if i < 0 || all[i].Cron != "0 6 * * 1-5" || site.Runs != "on weekday mornings at 6am" {
		t.Errorf("%+v, and the desk says %q", all, site.Runs)
	}
}

func TestCommittedSchedules(t *testing.T) {
	t.Parallel()
	all, err := wiring.Schedules(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range all {
		if !isName(s.Name) || seen[s.Name] {
			t.Errorf("the name %q is none, or given twice", s.Name)
		}
		seen[s.Name] = true
		if !slices.Contains(stack.Functions, s.Function) {
			t.Errorf("%s wakes %q, which is no function", s.Name, s.Function)
		}
		if s.Why == "" || s.Timezone == "" {
			t.Errorf("%s does not say why, or in which zone: %+v", s.Name, s)
		}
		now := time.Now()
		if next := s.Next(now); !next.After(now) || next.After(now.AddDate(0, 0, 8)) {
			t.Errorf("%s fires next at %v", s.Name, next)
		}
	}
	// What fires is what functions take, and nothing else: each by its function.
	if functions := schedule.Functions(); len(functions) != len(all) {
		t.Errorf("functions take the ticks of %v, and infra/schedules.yaml has %d", functions, len(all))
	} else {
		for _, s := range all {
			if functions[schedule.Name(s.Name)] != s.Function {
				t.Errorf("%s wakes %s here, and in shared/schedule %q", s.Name, s.Function, functions[schedule.Name(s.Name)])
			}
		}
	}
	// Whatever an event can miss is found by a schedule: of the function itself.
	triggers, err := wiring.Triggers(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, trigger := range triggers {
		if !slices.ContainsFunc(all, func(s wiring.Schedule) bool { return s.Function == trigger.Function }) {
			t.Errorf("no schedule wakes %s, which would never find what its events missed", trigger.Function)
		}
	}
}

func TestCommittedTriggers(t *testing.T) {
	t.Parallel()
	all, err := wiring.Triggers(root)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	seen := map[string]bool{}
	for _, trigger := range all {
		if !isName(trigger.Name) || seen[trigger.Name] {
			t.Errorf("the name %q is none, or given twice", trigger.Name)
		}
		seen[trigger.Name] = true
		if !slices.Contains(stack.Functions, trigger.Function) {
			t.Errorf("%s wakes %q, which is no function", trigger.Name, trigger.Function)
		}
		// Those of Eventarc, which the emulator knows by the same names.
		if kind, ok := strings.CutPrefix(trigger.Type, "google.cloud.firestore.document.v1."); !ok || !slices.Contains([]string{"created", "updated", "deleted", "written"}, kind) {
			t.Errorf("%s is of the type %q", trigger.Name, trigger.Type)
		}
		segments := strings.Split(trigger.Document, "/")
		if len(segments)%2 != 0 || slices.Contains(segments, "") {
			t.Errorf("%s listens to %q, which is no document", trigger.Name, trigger.Document)
		}
	}
}

func TestSchedulesFireInTheirZone(t *testing.T) {
	t.Parallel()
	all, err := wiring.Schedules(infra(t, "schedules.yaml", `
schedules:
  - {name: morning, cron: "0 6 * * 1-5", timezone: Europe/London, function: matching, why: w}
  - {name: night, cron: "30 23 * * *", timezone: America/New_York, function: matching, why: w}
  - {name: anywhere, cron: "@hourly", timezone: UTC, function: matching, why: w}
`))
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	for _, row := range []struct {
		schedule    int
		after, want string
	}{
		{0, "2026-03-27T05:59:59Z", "2026-03-27T06:00:00Z"},
		{0, "2026-03-27T06:00:00Z", "2026-03-30T05:00:00Z"}, // over a weekend on which clocks go forward
		{0, "2026-10-23T05:00:00Z", "2026-10-26T06:00:00Z"}, // and back
		{1, "2026-07-01T00:00:00Z", "2026-07-01T03:30:00Z"},
		{1, "2026-12-01T00:00:00Z", "2026-12-01T04:30:00Z"},
		{2, "2026-12-01T00:00:00Z", "2026-12-01T01:00:00Z"},
	} {
		after, _ := time.Parse(time.RFC3339, row.after)
		want, _ := time.Parse(time.RFC3339, row.want)
		if got := all[row.schedule].Next(after); !got.Equal(want) {
			t.Errorf("%s after %s fires at %v, want %s", all[row.schedule].Name, row.after, got.UTC(), row.want)
		}
	}
}

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	schedule := func(cron, zone string) string {
		return "schedules:\n  - {name: tick, cron: \"" + cron + "\", timezone: \"" + zone + "\", function: outbox, why: w}\n"
	}
	for _, row := range []struct {
		name, file, text string
		says             []string
	}{
		{"a minute that no hour has", "schedules.yaml", schedule("61 * * * *", "UTC"), []string{"tick", "61"}},
		{"four fields", "schedules.yaml", schedule("* * * *", "UTC"), []string{"tick", "5 fields"}},
		{"six fields, the first of which would be seconds", "schedules.yaml", schedule("0 * * * * *", "UTC"), []string{"tick", "5 fields"}},
		{"words", "schedules.yaml", schedule("every day", "UTC"), []string{"tick", "every day"}},
		{"a day of no week", "schedules.yaml", schedule("0 6 * * mo", "UTC"), []string{"tick", "mo"}},
		{"no cron", "schedules.yaml", schedule("", "UTC"), []string{"tick"}},
		{"a zone of nowhere", "schedules.yaml", schedule("* * * * *", "Europe/Leeds"), []string{"tick", "Europe/Leeds"}},
		{"a zone twice", "schedules.yaml", schedule("CRON_TZ=UTC * * * * *", "UTC"), []string{"tick"}},
		{"an unknown key", "schedules.yaml", "schedules:\n  - name: tick\n    crom: \"* * * * *\"\n", []string{"crom", "3:5"}},
		{"a key that is not to be set", "schedules.yaml", "schedules:\n  - {name: tick, times: x}\n", []string{"times"}},
		{"another list", "schedules.yaml", "shedules: []\n", []string{"shedules"}},
		{"no list", "schedules.yaml", "schedules: daily\n", []string{"1:12"}},
		{"a key given twice", "schedules.yaml", "schedules:\n  - {name: a, name: b}\n", []string{"name"}},
		{"half a document", "schedules.yaml", "schedules:\n  - {name: tick", []string{"schedules.yaml"}},

		{"an unknown key of a trigger", "triggers.yaml", "triggers:\n  - name: written\n    documents: outbox/{m}\n", []string{"documents", "3:5"}},
		{"another list of triggers", "triggers.yaml", "schedules: []\n", []string{"schedules"}},
	} {
		dir := infra(t, row.file, row.text)
		read := func(dir string) error { _, err := wiring.Schedules(dir); return err }
		if row.file == "triggers.yaml" {
			read = func(dir string) error { _, err := wiring.Triggers(dir); return err }
		}
		err := read(dir)
		for _, want := range append(row.says, "infra/"+row.file) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error %v does not say %q", row.name, err, want)
			}
		}
	}
	if _, err := wiring.Schedules(t.TempDir()); err == nil || !strings.Contains(err.Error(), filepath.Join("infra", "schedules.yaml")) {
		t.Errorf("without a file: %v", err)
	}
	if _, err := wiring.Triggers(t.TempDir()); err == nil || !strings.Contains(err.Error(), filepath.Join("infra", "triggers.yaml")) {
		t.Errorf("without a file: %v", err)
	}
}

// A schedule is silent once it has come due a second time since its work was last
// done, be that a minute later or after a weekend, and not before.
func TestSilence(t *testing.T) {
	t.Parallel()
	all, err := wiring.Schedules(infra(t, "schedules.yaml", `schedules:
  - {name: minute, cron: "* * * * *", timezone: Europe/London, function: outbox, why: x}
  - {name: quarter, cron: "*/15 * * * *", timezone: Europe/London, function: outbox, why: x}
  - {name: morning, cron: "0 6 * * 1-5", timezone: Europe/London, function: outbox, why: x}
`))
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range [][][2]string{
		{{"2027-03-01T12:00:20Z", "2027-03-01T12:02:00Z"}, {"2027-03-01T12:00:59Z", "2027-03-01T12:02:00Z"}},
		{{"2027-03-01T12:00:20Z", "2027-03-01T12:30:00Z"}},
		// Thursday; Friday, with the clocks' change on Sunday.
		{{"2027-03-25T06:00:01Z", "2027-03-29T05:00:00Z"}, {"2027-03-26T06:10:00Z", "2027-03-30T05:00:00Z"}},
	} {
		for _, row := range rows {
			last, err := time.Parse(time.RFC3339, row[0])
			if err != nil {
				t.Fatal(err)
			}
			from, err := time.Parse(time.RFC3339, row[1])
			if err != nil {
				t.Fatal(err)
			}
			if s := all[i]; s.Silent(last, from.Add(-time.Second)) || !s.Silent(last, from) {
				t.Errorf("%s, last done %s, is not silent from %s on", s.Name, row[0], row[1])
			}
		}
	}
}
