package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// The command first says what it would do to what an earlier version left, and why; then
// does it; and then finds nothing more to do.
func TestMigrateSaysFirstAndDoesThen(t *testing.T) {
	b, _ := testbed.Kept(t, testbed.KeptDates(t)[0])
	t.Setenv("GOOGLE_CLOUD_PROJECT", b.Project)
	t.Setenv("FIRESTORE_DATABASE", "")
	t.Setenv(keys.AuditSetting, keys.New(time.Now()))
	one := "so that a supervisor says how they meet"
	trial := []store.Migration{{Collection: "supervisors", To: 1000, Why: one, Change: func(fields map[string]any) error {
		if strings.HasPrefix(fields["name"].(string), "Avery") {
			return errors.New("Avery cannot meet")
		}
		fields["meets"] = "by video call"
		return nil
	}}}
	migrate := func(args ...string) (string, error) {
		c := migrateCommand(trial)
		var out bytes.Buffer
		c.SetOut(&out)
		c.SetErr(&out)
		c.SetArgs(args)
		c.SilenceUsage, c.SilenceErrors = true, true
		err := c.ExecuteContext(t.Context())
		return out.String(), err
	}
	says := func(name, text string, err error, wants ...string) {
		t.Helper()
		if status(err) != 1 {
			t.Errorf("%s ended with %v", name, err)
		}
		for _, want := range append(wants, one, "cannot be changed", "Avery cannot meet", "programmes/pilot/supervisors/") {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, text)
			}
		}
	}
	// The earlier version's supervisors were no members of staff.
	all := trial
	trial = nil
	for _, row := range []struct {
		args string
		want []string
	}{
		{"--apply=false", []string{"supervisors: 3 documents would be given their member of staff", "so that supervisors can sign in", "--apply"}},
		{"--apply", []string{"supervisors: 3 documents were given their member of staff", "audit: 1 document were moved to auditEntries"}},
		{"--apply", []string{"All documents are in the shape of this version."}},
	} {
		text, err := migrate(row.args)
		for _, want := range row.want {
			if err != nil || !strings.Contains(text, want) {
				t.Errorf("%s: %v, and it does not say %q:\n%s", row.args, err, want, text)
			}
		}
	}
	trial = all

	text, err := migrate()
	says("the dry run", text, err, "supervisors: 2 documents would go from schema 1 to 1000", "--apply")
	text, err = migrate()
	says("a second dry run", text, err, "supervisors: 2 documents would go from schema 1 to 1000", "--apply")
	text, err = migrate("--apply")
	says("the run", text, err, "supervisors: 2 documents went from schema 1 to 1000")
	text, err = migrate("--apply")
	says("a second run", text, err, "supervisors: 0 documents went from schema 1 to 1000")

	needed, err := emulator.Client{Host: os.Getenv("FIRESTORE_EMULATOR_HOST"), Project: b.Project}.Needed(t.Context())
	if err != nil || len(needed) > 0 {
		t.Errorf("it needs indexes that a database may not have: %v, %v", needed, err)
	}

}
