package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// papers are what the command prints.
func papers(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := command()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(append([]string{"privacy"}, args...))
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// The papers name every type of document about people, by the same register as the notice,
// and follow the settings.
func TestPapersComeFromTheRegisterAndTheSettings(t *testing.T) {
	t.Setenv("CASCADE_DATABASE_LOCATION", "europe-west2")
	t.Setenv("CASCADE_MAIL_PROVIDER", "")
	got, err := papers(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range store.Stored() {
		if s.Personal() && strings.Count(got, "`"+s.Path+"`") < 1 {
			t.Errorf("nothing is said of %s", s.Path)
		}
	}
	for _, want := range []string{"## Record of processing activities", "## Processors and transfers", "Twilio SendGrid", "United Kingdom (europe-west2)", "## What those who run it can read", "## Impact assessment (draft)", "Lawful basis: consent."} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	t.Setenv("CASCADE_MAIL_PROVIDER", "smtp")
	t.Setenv("SMTP_HOST", "mail.example.org")
	settings, err := programme.PresetText("coaching")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, bytes.Replace(settings, []byte("Example Host Foundation"), []byte("Another Host"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err = papers(t, "--settings", file); err != nil || !strings.Contains(got, "Controller: Another Host") || !strings.Contains(got, "the mail server mail.example.org") || strings.Contains(got, "SendGrid") {
		t.Errorf("%v: %.600s", err, got)
	}
	if _, err := papers(t, "--settings", "no-such-file"); err == nil {
		t.Error("settings that there are not are taken")
	}
}
