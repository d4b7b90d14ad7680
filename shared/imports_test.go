package shared_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "github.com/cascading-leadership/cascade/"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

// layer is where a package stands: functions/* over shared/platform/* over
// shared/<domain>.
type layer int

const (
	elsewhere layer = iota
	domain
	platform
	function
	program
)

func layerOf(path string) layer {
	switch rest, ours := strings.CutPrefix(path, root); {
	case !ours:
		return elsewhere
	case strings.HasPrefix(rest, "functions/"):
		return function
	case strings.HasPrefix(rest, "scripts"):
		return program
	case strings.HasPrefix(rest, "shared/platform/"):
		return platform
	default:
		return domain
	}
}

// forbidden are what a domain package reaches the world with. Time, randomness,
// ids and settings come in as arguments. A path stands for all below it.
var forbidden = []string{
	"cloud.google.com", "firebase.google.com", "google.golang.org", "net", "os", "math/rand", "crypto/rand", "syscall", "database", "log",
	"github.com/sendgrid", "github.com/wneessen", "github.com/GoogleCloudPlatform", "go.opentelemetry.io",
}

// allowed are below a forbidden path and touch nothing.
var allowed = []string{"net/url", "net/mail", "net/netip", "net/textproto"}

func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
}

// functionOf is the folder of a function, for a package in one.
func functionOf(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, root+"functions/"), "/")
	return name
}

// violations are the imports that run the wrong way.
func violations(packages []pkg) []string {
	var found []string
	for _, p := range packages {
		own := layerOf(p.ImportPath)
		for _, i := range p.Imports {
			to := layerOf(i)
			why := ""
			switch {
			case own == elsewhere:
			case to == program && own != program:
				why = "nothing imports a script"
			case own == function && to == function && functionOf(p.ImportPath) != functionOf(i):
				why = "a function imports another"
			case own < function && to == function:
				why = "what is shared imports a function"
			case own == domain && to == platform:
				why = "the domain imports the platform"
			case own == domain && to == elsewhere && below(i, forbidden) && !slices.Contains(allowed, i):
				why = "the domain touches the world"
			}
			if why != "" {
				found = append(found, strings.TrimPrefix(p.ImportPath, root)+" imports "+strings.TrimPrefix(i, root)+": "+why)
			}
		}
	}
	return found
}

// calls are the uses in a file of what the rules ban: name.member pairs such as
// time.Now, by the path of the imported package.
func calls(file *ast.File, banned map[string][]string) []string {
	names := map[string]string{}
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if name == "v2" {
			name = "rand"
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = path
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(banned[names[x.Name]], s.Sel.Name) {
				found = append(found, names[x.Name]+"."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}

// In the domain, nothing tells the time or waits.
var clocks = map[string][]string{"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}}

// Nowhere: the Functions Framework's Typed leaks one request's data into the next.
var leaks = map[string][]string{"github.com/GoogleCloudPlatform/functions-framework-go/functions": {"Typed"}}

// packages are those of the modules shared and functions/*, without their tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	modules, err := filepath.Glob("../functions/*/go.mod")
	if err != nil || len(modules) == 0 {
		t.Fatalf("no function found: %v", err)
	}
	patterns := []string{"list", "-json=ImportPath,Imports", "./..."}
	for _, m := range modules {
		patterns = append(patterns, root+"functions/"+filepath.Base(filepath.Dir(m))+"/...")
	}
	cmd := exec.CommandContext(t.Context(), "go", patterns...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	all := packages(t)
	seen := map[layer]int{}
	for _, p := range all {
		seen[layerOf(p.ImportPath)]++
	}
	if seen[domain] < 8 || seen[platform] < 9 || seen[function] < 16 {
		t.Fatalf("too few packages were found: %v", seen)
	}
	for _, v := range violations(all) {
		t.Error(v)
	}
}

func TestDomainHasNoClockAndNothingIsTyped(t *testing.T) {
	t.Parallel()
	parsed := 0
	for _, dir := range []string{".", "../functions"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
			if err != nil {
				return err
			}
			parsed++
			found := calls(file, leaks)
			if dir == "." && !strings.HasPrefix(path, "platform/") && !strings.HasSuffix(path, "_test.go") {
				found = append(found, calls(file, clocks)...)
			}
			for _, f := range found {
				t.Errorf("%s uses %s", path, f)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if parsed < 60 {
		t.Errorf("only %d files were read", parsed)
	}
}

// The checks find what they are for: each row breaks one rule, or none.
func TestChecksFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		from, to string
		wrong    bool
	}{
		{"functions/enrolment", "functions/matching", true},
		{"functions/enrolment/cmd", "functions/matching", true},
		{"functions/enrolment/cmd", "functions/enrolment", false},
		{"functions/enrolment", "shared/platform/store", false},
		{"functions/enrolment", "shared/enrolment", false},
		{"functions/enrolment", "scripts/internal/gateway", true},
		{"shared/platform/store", "shared/pairing", false},
		{"shared/platform/store", "functions/participant", true},
		{"shared/platform/web", "shared/platform/link", false},
		{"shared/pairing", "shared/platform/store", true},
		{"shared/pairing", "functions/participant", true},
		{"shared/pairing", "shared/matching", false},
		{"shared/pairing", "cloud.google.com/go/firestore", true},
		{"shared/pairing", "net/http", true},
		{"shared/pairing", "net/url", false},
		{"shared/pairing", "os", true},
		{"shared/pairing", "crypto/rand", true},
		{"shared/pairing", "math/rand/v2", true},
		{"shared/pairing", "crypto/sha256", false},
		{"shared/pairing", "log/slog", true},
		{"shared/platform/store", "cloud.google.com/go/firestore", false},
	} {
		ours := func(p string) string {
			if strings.HasPrefix(p, "functions/") || strings.HasPrefix(p, "shared/") || strings.HasPrefix(p, "scripts/") {
				return root + p
			}
			return p
		}
		if got := violations([]pkg{{ours(row.from), []string{"fmt", ours(row.to)}}}); (len(got) == 1) != row.wrong {
			t.Errorf("%s imports %s: %v", row.from, row.to, got)
		}
	}
	for source, want := range map[string]int{
		"package p\nimport \"time\"\nvar t = time.Now()":                                                                                  1,
		"package p\nimport clock \"time\"\nfunc f() { clock.Sleep(1); _ = clock.Since }":                                                  2,
		"package p\nimport \"time\"\nvar t = time.Date(1, 2, 3, 4, 5, 6, 7, time.UTC)":                                                    0,
		"package p\nvar time struct{ Now int }\nvar t = time.Now":                                                                         0,
		"package p\nimport \"github.com/GoogleCloudPlatform/functions-framework-go/functions\"\nfunc init() { functions.Typed(\"\", 1) }": 1,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := append(calls(file, clocks), calls(file, leaks)...); len(got) != want {
			t.Errorf("in %q: %v, want %d", source, got, want)
		}
	}
}
