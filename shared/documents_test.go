package shared_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var markdownLink = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

// Whatever a document links to is there.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, document := range append(documents, more...) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range markdownLink.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), link[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", strings.TrimPrefix(document, "../"), link[1])
			}
		}
	}
	if links < 40 {
		t.Errorf("only %d links were found", links)
	}
}

// From docs/architecture.md, which the README links to, one more link leads to the
// folder of every template and every letter: so whoever looks for a sentence of a page
// is there in three.
func TestEverySentenceIsThreeLinksAway(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil || !strings.Contains(string(readme), "](docs/architecture.md)") {
		t.Fatalf("README does not link to docs/architecture.md (%v)", err)
	}
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, link := range markdownLink.FindAllStringSubmatch(string(text), -1) {
		folders = append(folders, strings.TrimPrefix(link[1], "../"))
	}
	templates := 0
	for name := range productFiles(t) {
		if filepath.Ext(name) != ".html" && !strings.HasPrefix(name, "shared/platform/mail/letters/") || strings.HasPrefix(name, "scripts/") {
			continue
		}
		templates++
		if !slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(name, folder+"/") || name == folder }) {
			t.Errorf("docs/architecture.md does not lead to %s", name)
		}
	}
	if templates < 50 {
		t.Errorf("only %d templates were found", templates)
	}
}
