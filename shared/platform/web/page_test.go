package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A page is parsed when it is first shown, which is too late to find out that it
// cannot be: all of the project's are parsed here.
func TestEveryPageOfTheProjectParses(t *testing.T) {
	t.Parallel()
	var folders []string
	for _, depth := range []string{"*/pages", "*/*/pages"} {
		found, err := filepath.Glob("../../../[fs]*/" + depth)
		if err != nil {
			t.Fatal(err)
		}
		folders = append(folders, found...)
	}
	if len(folders) < 6 {
		t.Fatalf("only these folders have pages: %v", folders)
	}
	for _, folder := range folders {
		if strings.HasSuffix(folder, "/web/pages") {
			continue // the frame's own, which are among each function's
		}
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
			} else if own := parsed.Lookup("main").Tree.ParseName == name+".html"; own == (parsed.Lookup("column") != nil) {
				t.Errorf("%s: %s defines neither main nor column, or both", folder, name)
			}
		}
	}
}
