package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// switches are the hunks of switches.diff, in the form of a unified diff, but found by
// their lines and not by numbers.
//
//go:embed switches.diff
var switches string

// hunk is a change of a file for some switches.
type hunk struct {
	file     string
	names    []string // guards and environment variables
	from, to string   // whole lines
}

// hunks reads a diff.
func hunks(diff string) (all []hunk) {
	file := ""
	for line := range strings.Lines(diff) {
		rest := strings.TrimSuffix(line[1:], "\n")
		switch {
		case strings.HasPrefix(line, "--- "):
			file = strings.TrimSpace(line[4:])
		case strings.HasPrefix(line, "@@ "):
			all = append(all, hunk{file: file, names: strings.Split(strings.TrimSpace(line[3:]), ", ")})
		case len(all) > 0 && strings.ContainsRune(" -+", rune(line[0])):
			h := &all[len(all)-1]
			if line[0] != '+' {
				h.from += rest + "\n"
			}
			if line[0] != '-' {
				h.to += rest + "\n"
			}
		}
	}
	return all
}

// switched is the source of each file in which there are hunks, with them made, by its
// path from the root.
func switched(root string, all []hunk) (map[string]string, error) {
	files := map[string]string{}
	for _, h := range all {
		if files[h.file] != "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, h.file))
		if err != nil {
			return nil, err
		}
		// In the same line, so that the lines keep their numbers.
		head, body, _ := strings.Cut("\n"+string(text), "\npackage ")
		name, body, _ := strings.Cut(body, "\n")
		files[h.file] = head + "\npackage " + name + "; import \"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage\"\n" + body
	}
	for _, h := range all {
		if n := times(files[h.file], h.from); n != 1 {
			return nil, fmt.Errorf("switches.diff: the lines for %s stand %d times in %s, and not once: say there how it is switched off now\n%s",
				strings.Join(h.names, " and "), n, h.file, h.from)
		}
		files[h.file] = strings.Replace(files[h.file], "\n"+h.from, "\n"+h.to, 1)
	}
	return files, nil
}

// times is how often lines stand in a text, one after the other.
func times(text, lines string) (n int) {
	for at := range text {
		if text[at] == '\n' && strings.HasPrefix(text[at+1:], lines) {
			n++
		}
	}
	return n
}

// switchable writes the changed files into a folder, and returns the file with which
// `go build -overlay` takes them in place of the project's own.
func switchable(root, dir string) (overlay string, err error) {
	files, err := switched(root, hunks(switches))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for i, file := range slices.Sorted(maps.Keys(files)) {
		// A name that stays the same for the same file keeps the build's cache of use.
		changed := filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(file)))
		if err := os.WriteFile(changed, []byte(files[file]), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, file)] = changed
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// goWith is a go command about the project with the switches in it.
func goWith(ctx context.Context, root, overlay, verb string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "go", append([]string{verb, "-tags", "faults", "-overlay", overlay}, args...)...)
	c.Dir = root
	return c
}

// vetSwitchable has go vet look at the packages in which switches are.
func vetSwitchable(ctx context.Context, root string) error {
	dir, err := os.MkdirTemp("", "cascade-faults-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	overlay, err := switchable(root, dir)
	if err != nil {
		return err
	}
	var packages []string
	for _, h := range hunks(switches) {
		packages = append(packages, "./"+filepath.Dir(h.file))
	}
	slices.Sort(packages)
	c := goWith(ctx, root, overlay, "vet", slices.Compact(packages)...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c.Run()
}
