package shared_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recipe is one list of docs/recipes.md: what a usual change touches, shown by an
// example that is there.
type recipe struct {
	name string
	// finds is what the example is called wherever it is spoken of.
	finds *regexp.Regexp
	// files are those of the list, below the project's folder.
	files []string
}

var (
	findLine = regexp.MustCompile("(?m)^<!-- find: (.+) -->$")
	listLink = regexp.MustCompile(`(?m)^\d+\. \[[^\]]+\]\(\.\./([^)#]+)\)`)
)

func recipes(t *testing.T) (all []recipe) {
	t.Helper()
	text, err := os.ReadFile("../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		find := findLine.FindStringSubmatch(section)
		if find == nil {
			continue // it is no list
		}
		r := recipe{name: name, finds: regexp.MustCompile("(?m)" + find[1])}
		for _, link := range listLink.FindAllStringSubmatch(section, -1) {
			r.files = append(r.files, link[1])
		}
		all = append(all, r)
	}
	return all
}

// productFiles are the files that a change of the product touches, with their text:
// no tests, no documents, nothing that a program writes.
func productFiles(t *testing.T) map[string]string {
	t.Helper()
	made := []string{"docs", "shared/platform/web/assets/dist", "scripts/cmd/faults", "infra/knative"}
	files := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, "../"))
		switch {
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "journey" || strings.HasPrefix(d.Name(), ".") && path != ".." || slices.Contains(made, name)):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(name, "_test.go") || !strings.Contains(name, "/") || !slices.Contains([]string{".go", ".html", ".md", ".yaml", ".json"}, filepath.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(path)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Each list of docs/recipes.md names every file that speaks of its example, and no other:
// who follows it forgets nothing.
func TestRecipesNameEveryFile(t *testing.T) {
	t.Parallel()
	files := productFiles(t)
	all := recipes(t)
	if len(files) < 200 || len(all) < 5 {
		t.Fatalf("%d files and %d recipes were found", len(files), len(all))
	}
	for _, r := range all {
		for name, text := range files {
			speaks := r.finds.MatchString(text) || r.finds.MatchString(name)
			if listed := slices.Contains(r.files, name); speaks && !listed {
				t.Errorf("%s: %s speaks of the example, and the list lacks it", r.name, name)
			} else if listed && !speaks {
				t.Errorf("%s: %s is listed, and does not speak of the example", r.name, name)
			}
		}
		for _, name := range r.files {
			if _, there := files[name]; !there {
				t.Errorf("%s: there is no file %s", r.name, name)
			}
		}
	}
}
