package manifests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

// What is committed is what the schedules, triggers and functions ask for.
func TestCommittedFilesAreTheGeneratedOnes(t *testing.T) {
	t.Parallel()
	files, err := Generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || string(got) != want {
			t.Errorf("%s is out of date (%v): run scripts/build --manifests", name, err)
		}
	}
}

// A function can read the secrets of its own purposes alone.
func TestEachFunctionHasItsOwnKeys(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]string{
		"matching": "seal-keys", "reminders": "audit-keys erasure-keys link-key", "evaluation": "report-keys link-key", "desk": "audit-keys desk-link-keys report-keys staff-keys link-key", "enrolment": "audit-keys enrolment-link-keys link-key",
		"outbox": "desk-link-keys enrolment-link-keys participant-link-keys questionnaires-link-keys link-key",
	} {
		var got []string
		for _, k := range (Function{Name: function}).Keys() {
			got = append(got, k.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s has the keys %q, want %q", function, got, want)
		}
	}
}

// Whatever the outbox and the desk read from their environment can be set in a cluster.
func TestEachSettingHasItsKey(t *testing.T) {
	t.Parallel()
	var source []byte
	for _, file := range []string{"outbox/outbox.go", "desk/signin/ways.go"} {
		text, err := os.ReadFile(filepath.Join(root, "functions", file))
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	files, err := Generate(root)
	if err != nil {
		t.Fatal(err)
	}
	settings := regexp.MustCompile("`env:\"([A-Z_]+)").FindAllStringSubmatch(string(source), -1)
	if len(settings) < 16 {
		t.Fatalf("only %d settings: %q", len(settings), settings)
	}
	for _, s := range settings {
		if !strings.Contains(files[Base+"/functions.yaml"], "- name: "+s[1]+"\n") {
			t.Errorf("%s cannot be set", s[1])
		}
	}
}
