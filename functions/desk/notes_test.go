package desk

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Whoever notes something about somebody is told beside the field that they can read it.
func TestFieldsForNotesSayThatThePersonCanReadThem(t *testing.T) {
	t.Parallel()
	field, n := regexp.MustCompile(`\{\{template "textarea"[^\n]*`), 0
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range field.FindAllString(string(text), -1) {
			if n++; !strings.Contains(found, "can read it") {
				t.Errorf("%s does not say that whom it is about can read it: %s", path, found)
			}
		}
		if strings.Contains(string(text), "<textarea") {
			t.Errorf("%s has a field that this test does not see", path)
		}
		return err
	})
	if err != nil || n < 3 {
		t.Errorf("%d fields, %v", n, err)
	}
}
