package outbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A message's way through this package is the order of its files, as the package's
// comment has them: a function calls those of its own file and of files below.
func TestStepsCallNoStepBefore(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(fset, name, nil, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
	}
	var order []string
	for _, step := range regexp.MustCompile(`(?m)^\t(\w+\.go) +`).FindAllStringSubmatch(files["outbox.go"].Doc.Text(), -1) {
		order = append(order, step[1])
	}
	if listed, all := slices.Sorted(slices.Values(order)), slices.Sorted(maps.Keys(files)); !slices.Equal(listed, all) {
		t.Fatalf("the package's comment lists %v, and its files are %v", listed, all)
	}

	// No other package's function has a name that begins with a small letter, so that a
	// name is enough.
	declared := map[string]string{} // in which file, by name
	for name, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name == "init" || f.Name.IsExported() { // which others call
				continue
			}
			if other := declared[f.Name.Name]; other != "" && other != name {
				t.Errorf("%s has the name of one in %s, which this test cannot tell apart", fset.Position(f.Pos()), other)
			}
			declared[f.Name.Name] = name
		}
	}
	calls := 0
	for name, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			to, ours := declared[called]
			if !ours {
				return true
			}
			if to != name {
				calls++
			}
			if slices.Index(order, to) < slices.Index(order, name) {
				t.Errorf("%s calls %s, which is in %s, a step before", fset.Position(call.Pos()), called, to)
			}
			return true
		})
	}
	if calls < 20 { // from one file to another
		t.Errorf("only %d calls were found", calls)
	}
}
