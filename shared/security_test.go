package shared_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inCode   = regexp.MustCompile("`([^`]+)`")
	pathForm = regexp.MustCompile(`^([A-Za-z.][A-Za-z0-9_.-]*/)+[A-Za-z0-9_.-]+$|^[A-Z]+\.md$`)
	testName = regexp.MustCompile(`\bTest[A-Z]\w+`)
)

// docs/security.md answers to every requirement of ASVS's levels 1 and 2, once; what is
// met names a file, each file that is named is there, and has the tests that are named.
func TestEveryRequirementIsAnsweredTo(t *testing.T) {
	t.Parallel()
	levels := map[string]string{}
	text, err := os.ReadFile("testdata/asvs-5.0-levels-1-and-2.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		id, level, _ := strings.Cut(strings.TrimSpace(line), " ")
		levels[id] = level
	}
	if len(levels) != 253 {
		t.Fatalf("there are %d requirements", len(levels))
	}
	document, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`^\| (\d+\.\d+\.\d+) \| ([12]) \| ([a-z ]+) \| (.+) \|$`)
	seen := map[string]bool{}
	for line := range strings.Lines(string(document)) {
		line = strings.TrimSpace(line)
		var sources strings.Builder
		named := 0
		for _, code := range inCode.FindAllStringSubmatch(line, -1) {
			if !pathForm.MatchString(code[1]) {
				continue
			}
			info, err := os.Stat(filepath.Join("..", code[1]))
			if err != nil {
				t.Errorf("it names %s, which is not there", code[1])
				continue
			}
			named++
			if !info.IsDir() {
				source, _ := os.ReadFile(filepath.Join("..", code[1]))
				sources.Write(source)
			}
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "| ") && regexp.MustCompile(`^\| \d`).MatchString(line) {
				t.Errorf("no whole row: %s", line)
			}
			continue
		}
		id, level, is := m[1], m[2], m[3]
		switch {
		case levels[id] != level:
			t.Errorf("%s is of level %s, and not of %q", id, level, levels[id])
		case seen[id]:
			t.Errorf("%s is there twice", id)
		case is != "met" && is != "in part" && is != "not met" && is != "no such thing":
			t.Errorf("%s is %q", id, is)
		case is == "met" && named == 0:
			t.Errorf("%s is met, and names no file", id)
		}
		seen[id] = true
		for _, name := range testName.FindAllString(line, -1) {
			if !strings.Contains(sources.String(), "func "+name+"(") {
				t.Errorf("%s names %s, which is in none of its files", id, name)
			}
		}
	}
	for id := range levels {
		if !seen[id] {
			t.Errorf("%s is not answered to", id)
		}
	}
}
