package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// The picture of the packages is what the imports are now.
func TestPackagesAreDrawnAsTheyAre(t *testing.T) {
	t.Parallel()
	want, err := packages(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, folder, packagesFile))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s/%s is out of date (%v): run scripts/pictures --packages", folder, packagesFile, err)
	}
}

// Each row stands above what it imports, and an arrow is drawn for what does not follow.
func TestRowsAndArrows(t *testing.T) {
	t.Parallel()
	inside := map[string][]string{"shared/a": {"shared/b", "shared/c"}, "shared/b": {"shared/c"}}
	rows := rowsOf([]string{"shared/a", "shared/b", "shared/c", "shared/d"}, inside)
	if got := len(rows); got != 3 || !slices.Equal(rows[2], []string{"shared/c", "shared/d"}) || rows[0][0] != "shared/a" {
		t.Errorf("rows %v", rows)
	}
	if got := direct("shared/a", inside); !slices.Equal(got, []string{"shared/b"}) {
		t.Errorf("direct imports %v", got)
	}
	drawing := string(draw(map[string][]string{"shared/a": {"shared/b"}, "shared/b": nil, "functions/f": {"shared/a"}}))
	if got := strings.Count(drawing, "<path"); got != 1 {
		t.Errorf("%d arrows inside layers", got)
	}
	if got := strings.Count(drawing, `class="box"`); got != 3 {
		t.Errorf("%d boxes", got)
	}
}

// The pictures of pages are what their names say: PNGs, as large as the window was.
func TestPicturesAreWhatTheirNamesSay(t *testing.T) {
	t.Parallel()
	for _, p := range allPages {
		f, err := os.Open(filepath.Join(root, folder, p.file))
		if err != nil {
			t.Fatal(err)
		}
		size, err := png.DecodeConfig(f)
		f.Close()
		if err != nil || int64(size.Width) != p.wide || int64(size.Height) != p.tall {
			t.Errorf("%s is %d by %d, %v: run scripts/pictures", p.file, size.Width, size.Height, err)
		}
	}
	others, err := filepath.Glob(filepath.Join(root, folder, "*.png"))
	if err != nil || len(others) != len(allPages) {
		t.Errorf("%d pictures, and %d are made here (%v)", len(others), len(allPages), err)
	}
}
