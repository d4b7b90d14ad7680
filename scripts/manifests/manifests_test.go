package manifests

import (
	"os"
	"path/filepath"
	"testing"
)

const root = "../.."

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
