package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// packagesFile is the picture of the packages.
const packagesFile = "packages.svg"

// module is what the import paths of all our packages begin with.
const module = "github.com/cascading-leadership/cascade/"

// layer is one of the three that imports run down through.
type layer struct {
	name, prefix string
	// says is what the layer is, in a sentence.
	says string
}

var layers = []layer{
	{"functions", "functions/", "one folder a function; none imports another"},
	{"platform", "shared/platform/", "what touches the world: Firestore, mail, HTTP"},
	{"domain", "shared/", "the rules, pure Go without Firestore, network or clock"},
}

// layerOf is the number of a package's layer, or -1.
func layerOf(path string) int {
	return slices.IndexFunc(layers, func(l layer) bool { return strings.HasPrefix(path, l.prefix) })
}

// packages draws the packages of the project's folder: each layer a band, in it the
// packages in rows, so that each stands above all that it imports of its own layer. An
// arrow is an import inside a layer that does not follow from others.
func packages(ctx context.Context, root string) ([]byte, error) {
	imports, err := importsOf(ctx, root)
	if err != nil {
		return nil, err
	}
	return draw(imports), nil
}

// importsOf are our packages, as paths below the project's folder, each with those of
// ours that it imports. The commands of functions, which are all alike, and what only
// tests import are left out.
func importsOf(ctx context.Context, root string) (map[string][]string, error) {
	functions, err := filepath.Glob(filepath.Join(root, "functions/*/go.mod"))
	if err != nil {
		return nil, err
	}
	arguments := []string{"list", "-json=ImportPath,Imports,GoFiles", "./shared/..."}
	for _, f := range functions {
		arguments = append(arguments, "./functions/"+filepath.Base(filepath.Dir(f))+"/...")
	}
	c := exec.CommandContext(ctx, "go", arguments...)
	c.Dir = root
	out, err := c.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("go list: %w: %s", err, exit.Stderr)
		}
		return nil, err
	}
	all := map[string][]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath       string
			Imports, GoFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		path, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours || len(p.GoFiles) == 0 || filepath.Base(path) == "cmd" || filepath.Base(path) == "testbed" || strings.Contains(path, "/internal/") {
			continue
		}
		all[path] = nil
		for _, i := range p.Imports {
			if i, ours := strings.CutPrefix(i, module); ours {
				all[path] = append(all[path], i)
			}
		}
	}
}

// Sizes in the drawing, in pixels.
const (
	width    = 1180
	margin   = 16
	boxTall  = 26
	rowTall  = 62
	letter   = 7.2 // of a monospaced letter at 12 pixels
	between  = 44
	bandHead = 34
)

// box is a package's place.
type box struct{ x, y, w float64 }

// draw is the drawing as SVG. It is the same for the same imports.
func draw(imports map[string][]string) []byte {
	var bands, boxes, arrows strings.Builder
	y := float64(margin)
	for n, l := range layers {
		var own []string
		for _, p := range slices.Sorted(maps.Keys(imports)) {
			if layerOf(p) == n {
				own = append(own, p)
			}
		}
		inside := map[string][]string{}
		for _, p := range own {
			for _, i := range imports[p] {
				if layerOf(i) == n && slices.Contains(own, i) {
					inside[p] = append(inside[p], i)
				}
			}
		}
		rows := rowsOf(own, inside)
		tall := bandHead + float64(len(rows))*rowTall - (rowTall - boxTall) + margin
		fmt.Fprintf(&bands, "<rect class=\"band\" x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%.0f\"/>\n", margin, y, width-2*margin, tall)
		fmt.Fprintf(&bands, "<text class=\"head\" x=\"%d\" y=\"%.0f\"><tspan class=\"name\">%s</tspan>  %s</text>\n", 2*margin, y+21, l.name, l.says)
		places := map[string]box{}
		for r, row := range rows {
			wide := -float64(between)
			for _, p := range row {
				wide += boxWide(p, l) + between
			}
			x := (width - wide) / 2
			for _, p := range row {
				b := box{x, y + bandHead + float64(r)*rowTall, boxWide(p, l)}
				places[p] = b
				fmt.Fprintf(&boxes, "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"3\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
					b.x, b.y, b.w, boxTall, b.x+b.w/2, b.y+17, shortName(p, l))
				x += b.w + between
			}
		}
		for _, p := range own {
			for _, i := range direct(p, inside) {
				from, to := places[p], places[i]
				fmt.Fprintf(&arrows, "<path d=\"M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n", from.x+from.w/2, from.y+boxTall,
					from.x+from.w/2, from.y+boxTall+18, to.x+to.w/2, to.y-20, to.x+to.w/2, to.y-2)
			}
		}
		y += tall + 30
		if n < len(layers)-1 {
			fmt.Fprintf(&bands, "<text class=\"down\" x=\"%d\" y=\"%.0f\">▼ imports run down, never up</text>\n", width/2, y-10)
		}
	}
	tall := y - 30 + margin
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %.0[2]f" width="%[1]d" height="%.0[2]f" role="img" aria-labelledby="title desc">
<title id="title">The packages of Cascade</title>
<desc id="desc">%[3]s</desc>
<style>
.band{fill:#f3f2f1;stroke:#b1b4b6}.box{fill:#fff;stroke:#0b0c0c}text{font:12px monospace;text-anchor:middle;fill:#0b0c0c}
.head{font:13px sans-serif;text-anchor:start;fill:#505a5f}.name{font-weight:bold;fill:#0b0c0c}.down{font:13px sans-serif;fill:#505a5f}
path{fill:none;stroke:#1d70b8;stroke-width:1.1;marker-end:url(#tip)}
</style>
<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto"><polygon points="0,0 6,3 0,6" fill="#1d70b8"/></marker></defs>
<rect width="%[1]d" height="%.0[2]f" fill="#fff"/>
`, width, tall, describe(imports))
	svg.WriteString(bands.String() + arrows.String() + boxes.String() + "</svg>\n")
	return svg.Bytes()
}

// describe says the drawing in words, for who cannot see it.
func describe(imports map[string][]string) string {
	var parts []string
	for n, l := range layers {
		var names []string
		for _, p := range slices.Sorted(maps.Keys(imports)) {
			if layerOf(p) == n {
				names = append(names, shortName(p, l))
			}
		}
		parts = append(parts, fmt.Sprintf("%s (%s): %s.", l.name, l.says, strings.Join(names, ", ")))
	}
	return strings.Join(parts, " ")
}

func shortName(path string, l layer) string { return strings.TrimPrefix(path, l.prefix) }

func boxWide(path string, l layer) float64 { return float64(len(shortName(path, l)))*letter + 16 }

// rowsOf puts packages in rows, each above all that it imports, the lowest possible;
// in a row they stand by name. A row that would be too wide is broken.
func rowsOf(own []string, inside map[string][]string) [][]string {
	depths := map[string]int{}
	var depth func(p string) int
	depth = func(p string) int {
		if d, known := depths[p]; known {
			return d
		}
		d := 0
		for _, i := range inside[p] {
			d = max(d, depth(i)+1)
		}
		depths[p] = d
		return d
	}
	deepest := 0
	for _, p := range own {
		deepest = max(deepest, depth(p))
	}
	var rows [][]string
	for d := deepest; d >= 0; d-- {
		var row []string
		wide := 0.0
		for _, p := range own {
			if depths[p] != d {
				continue
			}
			w := boxWide(p, layers[layerOf(p)]) + between
			if wide += w; wide > width-4*margin {
				rows, row, wide = append(rows, row), nil, w
			}
			row = append(row, p)
		}
		rows = append(rows, row)
	}
	return rows
}

// direct are the imports of a package that do not follow from others of its imports.
func direct(p string, inside map[string][]string) []string {
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		return slices.ContainsFunc(inside[from], func(i string) bool { return i == to || reaches(i, to) })
	}
	return slices.DeleteFunc(slices.Clone(inside[p]), func(i string) bool {
		return slices.ContainsFunc(inside[p], func(other string) bool { return other != i && reaches(other, i) })
	})
}
