package web

import (
	"os"
	"path/filepath"
	"testing"
)

// A page is parsed when it is first shown, which is too late to find out that it
// cannot be: all of the project's are parsed here.
func TestEveryPageOfTheProjectParses(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../../../[fs]*/*/pages")
	if err != nil || len(folders) < 6 {
		t.Fatalf("only these folders have pages: %v, %v", folders, err)
	}
	for _, folder := range folders {
		pages, err := Parse(os.DirFS(filepath.Dir(folder)))
		if err != nil {
			t.Fatal(err)
		}
		if len(pages.templates) < 2 {
			t.Errorf("%s: no page was found beside the frame's own", folder)
		}
		for name, parse := range pages.templates {
			if parsed, err := parse(); err != nil {
				t.Errorf("%s: %s: %v", folder, name, err)
			} else if parsed.Lookup("main") == nil {
				t.Errorf("%s: %s does not define main", folder, name)
			}
		}
	}
}
