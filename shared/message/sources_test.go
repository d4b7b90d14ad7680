package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// isMessage reports whether a type is written outbox.Message.
func isMessage(x ast.Expr) bool {
	s, ok := x.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Message" {
		return false
	}
	from, ok := s.X.(*ast.Ident)
	return ok && from.Name == "outbox"
}

// composed counts the messages that a file puts together by hand, and derived how often
// it derives an id.
func composed(file *ast.File) (composed, derived int) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CompositeLit:
			if isMessage(x.Type) && len(x.Elts) > 0 {
				composed++
			}
			if list, ok := x.Type.(*ast.ArrayType); ok && isMessage(list.Elt) {
				for _, e := range x.Elts {
					if _, ok := e.(*ast.CompositeLit); ok {
						composed++
					}
				}
			}
		case *ast.CallExpr:
			if f, ok := x.Fun.(*ast.Ident); ok && f.Name == "idOf" {
				derived++
			}
		}
		return true
	})
	return composed, derived
}

// Messages are made by this package's constructors alone, and their ids derived in one
// file: otherwise the same message could have two ids, and be sent twice.
func TestMessagesAreMadeHereAlone(t *testing.T) {
	t.Parallel()
	var composing, deriving []string
	parsed := 0
	for _, dir := range []string{"../../functions", "../../scripts", ".."} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.HasSuffix(filepath.Dir(path), "test") { // what tests are made of
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			parsed++
			c, i := composed(file)
			if c > 0 {
				composing = append(composing, filepath.Clean(path))
			}
			if i > 0 && file.Name.Name == "message" {
				deriving = append(deriving, filepath.Clean(path))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if parsed < 200 {
		t.Errorf("only %d files were read", parsed)
	}
	if want := []string{"../message/about.go", "../message/kinds.go"}; !slices.Equal(composing, want) {
		t.Errorf("messages are put together in %q, want %q", composing, want)
	}
	if want := []string{"../message/about.go"}; !slices.Equal(deriving, want) {
		t.Errorf("ids are derived in %q, want %q", deriving, want)
	}
}

func TestMessageByHandIsFound(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		`var m = outbox.Message{ID: "a"}`:            1,
		`var m = &outbox.Message{Kind: "a"}`:         1,
		`var m = []outbox.Message{{ID: "a"}, {}, m}`: 2,
		`var m = outbox.Message{}`:                   0,
		`var m = []*outbox.Message{a, b}`:            0,
		`var m = store.Message{ID: "a"}`:             0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := composed(file); got != want {
			t.Errorf("%s: %d, want %d", source, got, want)
		}
	}
}
