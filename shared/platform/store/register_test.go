package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/register"
)

// The register names every field that is stored, and none that is not.
func TestEveryStoredFieldIsInTheRegister(t *testing.T) {
	t.Parallel()
	for _, d := range slices.Concat(Documents, AnswerDocuments) {
		for _, wrong := range d.Register.Check(register.Paths(d.Type)) {
			t.Errorf("the register of %s: %s", d.Path, wrong)
		}
	}
}

// sources parses all of a folder but its tests.
func sources(t *testing.T, dir string) (all []*ast.File) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || entry.Name() == "documents.go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		all = append(all, file)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// onlyWrite are methods of the store that name collections without reading what stands in
// their documents.
var onlyWrite = []string{"Bind", "Prepare", "Sweep", "PutAside", "Beat", "WorkedOff"}

// reads are the collections that each exported method of Store and BatchReader reads, by
// itself or by what it calls in this package.
func reads(t *testing.T) map[string]map[string]bool {
	t.Helper()
	named, calls, exported := map[string]map[string]bool{}, map[string]map[string]bool{}, []string{}
	for _, file := range sources(t, ".") {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			receiver := ""
			if f.Recv != nil {
				if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
					receiver = star.X.(*ast.Ident).Name
				}
			}
			if receiver == "Commit" || receiver == "AnswersCommit" {
				continue // it writes
			}
			name := f.Name.Name
			if f.Name.IsExported() && (receiver == "Store" || receiver == "Answers" || receiver == "BatchReader") && !slices.Contains(onlyWrite, name) {
				exported = append(exported, name)
			}
			if named[name] == nil {
				named[name], calls[name] = map[string]bool{}, map[string]bool{}
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
						if d := DocumentOf(text); d != nil {
							named[name][d.Collection()] = true
						}
					}
				case *ast.CallExpr:
					switch called := n.Fun.(type) {
					case *ast.Ident:
						calls[name][called.Name] = true
					case *ast.SelectorExpr:
						if x, ok := called.X.(*ast.Ident); !ok || x.Name != "c" { // a commit
							calls[name][called.Sel.Name] = true
						}
					}
				}
				return true
			})
		}
	}
	all := map[string]map[string]bool{}
	for _, method := range exported {
		found, seen := map[string]bool{}, map[string]bool{}
		var follow func(string)
		follow = func(name string) {
			if seen[name] || name == "in" || name == "of" || name == "ofRun" { // they name a document to find those below it
				return
			}
			seen[name] = true
			maps.Copy(found, named[name])
			for called := range calls[name] {
				follow(called)
			}
		}
		follow(method)
		all[method] = found
	}
	return all
}

// readBy are the collections that the code of some folders reads.
func readBy(t *testing.T, reads map[string]map[string]bool, dirs ...string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	add := func(method string) { maps.Copy(all, reads[method]) }
	for _, dir := range dirs {
		for _, file := range sources(t, dir) {
			for _, i := range file.Imports {
				for _, shared := range []string{"matches", "device", "forget", "pseudonym", "budgets"} {
					if strings.HasSuffix(i.Path.Value, `/shared/platform/`+shared+`"`) {
						maps.Copy(all, readBy(t, reads, "../"+shared))
					}
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				// serve.Routes reads whose link it is, or which member of staff asks, before a
				// route's handler is called.
				if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "route" {
					if pattern, ok := call.Args[0].(*ast.BasicLit); ok && strings.Contains(pattern.Value, "/{link}") {
						add("Link")
					} else if ok && strings.Contains(pattern.Value, " /desk/") {
						add("SignedIn")
					}
				}
				called, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				of := ""
				switch x := called.X.(type) {
				case *ast.Ident:
					of = x.Name
				case *ast.SelectorExpr:
					of = x.Sel.Name
				}
				switch of {
				case "Store", "store", "db", "docs", "h", "Answers", "answers": // a store or a batch reader
					add(called.Sel.Name)
				case "message":
					if called.Sel.Name == "Read" {
						for m := range reflect.TypeFor[message.Reader]().Methods() {
							add(m.Name)
						}
					}
				case "Links":
					if called.Sel.Name == "Open" {
						add("Link")
					}
				case "SignIn":
					add("SignedIn")
				}
				return true
			})
		}
	}
	return all
}

// Whoever is said to read a type of document has code that reads it, and nobody else has.
func TestReadersAreThoseWhoseCodeReads(t *testing.T) {
	t.Parallel()
	reads := reads(t)
	folders, err := os.ReadDir("../../../functions")
	if err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{"command line": "../../../scripts/cmd/cascade"}
	for _, f := range folders {
		dirs[f.Name()] = "../../../functions/" + f.Name()
	}
	for name, dir := range dirs {
		found := readBy(t, reads, dir)
		for _, d := range slices.Concat(Documents, AnswerDocuments) {
			said := d.Register.Read
			for _, r := range d.Register.Rows {
				said |= r.Also
			}
			if says := slices.Contains(said.Names(), name); says != found[d.Collection()] {
				t.Errorf("the register says that %s reads %s: %v, and its code: %v", name, d.Path, says, found[d.Collection()])
			}
		}
	}
}

// The report is made of what was released, and of nothing that is known about anybody.
func TestReportReadsReleasesAlone(t *testing.T) {
	t.Parallel()
	for collection := range readBy(t, reads(t), "../../../functions/evaluation") {
		if collection != "releases" {
			t.Errorf("the evaluation function reads %s", collection)
		}
	}
	for _, d := range Documents {
		said := d.Register.Read
		for _, r := range d.Register.Rows {
			said |= r.Also
		}
		if said&register.Evaluation != 0 {
			t.Errorf("%s is said to be read by the evaluation function", d.Path)
		}
	}
}
