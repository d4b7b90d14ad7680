package shared_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whoever adds a dependency says what for, and why this one.
func TestEveryDependencyIsAccountedFor(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.HasPrefix(cells[1], " `") {
			name := strings.Split(cells[1], "`")[1]
			rows[name] = strings.TrimSpace(cells[2]) != "" && strings.TrimSpace(cells[3]) != ""
		}
	}

	named := map[string]string{} // by dependency, the file that names it
	modules, _ := filepath.Glob("../*/go.mod")
	deeper, _ := filepath.Glob("../*/*/go.mod")
	deepest, _ := filepath.Glob("../*/*/*/go.mod")
	for _, file := range slices.Concat(modules, deeper, deepest) {
		out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", file).Output()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var mod struct {
			Require []struct {
				Path     string
				Indirect bool
			}
		}
		if err := json.Unmarshal(out, &mod); err != nil {
			t.Fatal(err)
		}
		for _, r := range mod.Require {
			if !r.Indirect && !strings.HasPrefix(r.Path, root) {
				named[r.Path] = file
			}
		}
	}
	for _, file := range []string{"platform/web/assets/package.json", "../scripts/journey/package.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Dependencies, DevDependencies map[string]string }
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		for _, all := range []map[string]string{p.Dependencies, p.DevDependencies} {
			for name := range all {
				named[name] = file
			}
		}
	}
	if len(named) < 30 {
		t.Fatalf("found only %d dependencies", len(named))
	}
	for name, file := range named {
		if !rows[name] {
			t.Errorf("docs/dependencies.md has no whole row for %s of %s", name, strings.TrimPrefix(file, "../"))
		}
		delete(rows, name)
	}
	script, err := os.ReadFile("../scripts/test")
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range rows {
		if ok && !strings.Contains(string(script), name+"/") {
			t.Errorf("docs/dependencies.md has a row for %s, which nothing names", name)
		}
	}
}
