package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMain is the program itself where a test wants its exit status.
func TestMain(m *testing.M) {
	if os.Getenv("CASCADE_IS_TESTED") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// documented are the files that stand in docs/certificate.md.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "certificate.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, block := range regexp.MustCompile("(?s)```[a-z]+ ([a-z]+\\.[a-z]+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		files[block[1]] = block[2]
	}
	if len(files) != 5 {
		t.Fatalf("docs/certificate.md has %d files", len(files))
	}
	return files
}

const toVerify = "verify --edges edges.csv --capacities caps.csv --matches matches.csv --certificate cert.json"

func TestDocumentedCertificateIsValid(t *testing.T) {
	t.Parallel()
	f := newFolder(t, documented(t))
	if out := ran(t, "", f.args(toVerify)...); !strings.HasPrefix(out, "valid: optimal\n2 matches, total score 5, the lowest 1. ") {
		t.Errorf("it says %q", out)
	}
	// And the solver finds the documented matches.
	ran(t, "", f.args("solve --edges edges.csv --capacities caps.csv --objective fair --out solved.csv --certificate solved.json")...)
	if got := f.read(t, "solved.csv"); got != f.read(t, "matches.csv") {
		t.Errorf("solved are %s", got)
	}
}

// wrongs are changes to the documented files, each of which makes them wrong.
var wrongs = []struct{ name, file, old, new, says string }{
	{"another score", "matches.csv", "a,y,1", "a,y,2", ""},
	{"a client twice", "matches.csv", "b,x,4", "a,x,6", "is matched twice"},
	{"a pair that is not eligible", "matches.csv", "a,y,1", "b,y,1", ""},
	{"an unknown client", "matches.csv", "a,y,1", "e,y,1", `client "e" is not in the problem`},
	{"an unknown consultant", "matches.csv", "a,y,1", "a,z,1", `consultant "z" is not in the problem`},
	{"one match fewer", "matches.csv", "a,y,1\n", "", ""},
	{"a worse match", "matches.csv", "b,x,4", "c,x,2", ""},
	{"a supervisor beyond capacity", "matches.csv", "a,y,1", "c,x,2", `supervisor "s" is matched beyond the capacity of 1`},
	{"another format", "cert.json", "certificate-1", "certificate-2", "format"},
	{"another objective", "cert.json", `"fair"`, `"best"`, "objective"},
	{"the other objective", "cert.json", `"fair"`, `"total"`, ""},
	{"another number", "cert.json", `"matched": 2`, `"matched": 3`, ""},
	{"another total", "cert.json", `"score": 5`, `"score": 6`, ""},
	{"another worst", "cert.json", `"worst": 1`, `"worst": 2`, ""},
	{"another claim", "cert.json", `"worst-off"`, `"total"`, ""},
	{"pairs left out", "cert.json", `"least": 0`, `"least": 1`, "leaves out pairs"},
	{"worse pairs left out", "cert.json", `"least": 2`, `"least": 3`, "leaves out pairs"},
	{"other pairs left out", "cert.json", `"total", "least": 1`, `"total", "least": 2`, "leaves out pairs"},
	{"no factor", "cert.json", `"factor": 1`, `"factor": 0`, "out of range"},
	{"another premium", "cert.json", `"premium": 10`, `"premium": 11`, ""},
	{"a lower price", "cert.json", `"y": 9`, `"y": 8`, "the prices add up to 24, and the matching to 25"},
	{"a higher price", "cert.json", `"y": 9`, `"y": 10`, "the prices add up to 26, and the matching to 25"},
	{"a price moved", "cert.json", `"clients": {"a": 2}`, `"clients": {"b": 2}`, "the pair is worth"},
	{"a price below 0", "cert.json", `"clients": {"a": 2}`, `"clients": {"a": 2, "c": -1}`, "0 to 2^60"},
	{"a price of nobody", "cert.json", `"clients": {"a": 2}`, `"clients": {"a": 2, "e": 0}`, "not in the problem"},
	{"a better pair", "edges.csv", "a,x,6", "a,x,7", "the pair is worth 17"},
	{"one client more", "edges.csv", "c,x,2", "c,x,2\nd,z,1", ""},
	{"another's score", "edges.csv", "b,x,4", "b,x,3", ""},
	{"more room", "caps.csv", "supervisor,s,1,", "supervisor,s,2,", "the prices add up to"},
	{"no room", "caps.csv", "supervisor,s,1,", "supervisor,s,0,", "beyond the capacity of 0"},
}

func TestWhateverIsWrongIsFound(t *testing.T) {
	t.Parallel()
	for _, row := range wrongs {
		files := documented(t)
		changed := strings.Replace(files[row.file], row.old, row.new, 1)
		if changed == files[row.file] {
			t.Fatalf("%s: nothing is changed", row.name)
		}
		files[row.file] = changed
		f := newFolder(t, files)
		out, err := run(t, "", f.args(toVerify)...)
		if refuses(t, row.name, err, "not valid: ", row.says); out != "" || err != nil && status(err) != 1 {
			t.Errorf("%s: it says %q, status %d", row.name, out, status(err))
		}
	}
}

// inEach runs the documented checker in each folder and prints a line for each.
const inEach = `import runpy, sys
for folder in sys.argv[1:]:
    sys.argv = ["check.py"] + [folder + "/" + f for f in ("edges.csv", "caps.csv", "matches.csv", "cert.json")]
    try:
        runpy.run_path(folder + "/check.py")
    except SystemExit as e:
        print(e)
`

// The checker that the documentation shows, in another language, agrees.
func TestAnotherCheckerAgrees(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there to run the checker of docs/certificate.md")
	}
	args, names := []string{"-c", inEach}, []string{}
	add := func(name string, f folder) {
		args, names = append(args, string(f)), append(names, name)
	}
	for _, row := range wrongs {
		files := documented(t)
		files[row.file] = strings.Replace(files[row.file], row.old, row.new, 1)
		add(row.name, newFolder(t, files))
	}
	add("", newFolder(t, documented(t)))
	for _, line := range []string{"solve --edges edges.csv --capacities caps.csv", "solve --edges edges.csv --capacities caps.csv --objective fair", ""} {
		f := newFolder(t, documented(t))
		ran(t, "", f.args("generate --clients 120 --consultants 100 --supervisors 10 --seed 3 --out people.csv")...)
		ran(t, "", f.args(toMatch+" --edges-out edges.csv --capacities-out caps.csv")...)
		if line != "" {
			ran(t, "", f.args(line+" --out matches.csv --certificate cert.json")...)
		}
		add("", f)
	}
	out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(names) {
		t.Fatalf("of %d problems it says %s", len(names), out)
	}
	for k, line := range lines {
		if names[k] == "" && line != "valid: optimal" || names[k] != "" && !strings.HasPrefix(line, "not valid: ") {
			t.Errorf("%q: it says %q", names[k], line)
		}
	}
}

func TestWhatVerifyCannotReadIsNoFinding(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, file, old, new, says string }{
		{"a pair twice", "edges.csv", "c,x,2", "a,x,2", "edges.csv, line 5, column 2 (consultant)"},
		{"NaN", "edges.csv", "c,x,2", "c,x,NaN", "edges.csv, line 5, column 3 (score)"},
		{"a capacity below 0", "caps.csv", "s,1", "s,-1", "caps.csv, line 3, column 3 (capacity)"},
		{"a score below 0", "matches.csv", "a,y,1", "a,y,-1", "matches.csv, line 2, column 3 (score)"},
		{"half a certificate", "cert.json", " ]\n}", "", "cert.json, line "},
		{"an unknown member", "cert.json", `"worst"`, `"wurst"`, `unknown member "/wurst"`},
	} {
		files := documented(t)
		files[row.file] = strings.Replace(files[row.file], row.old, row.new, 1)
		_, err := run(t, "", newFolder(t, files).args(toVerify)...)
		if refuses(t, row.name, err, row.says); err != nil && status(err) != 2 {
			t.Errorf("%s: the status is %d", row.name, status(err))
		}
	}
	f := newFolder(t, documented(t))
	_, err := run(t, "", f.args(strings.NewReplacer("edges.csv", "-", "matches.csv", "-").Replace(toVerify))...)
	refuses(t, "two files in one", err, "only one file can be standard input")
	if out := ran(t, f.read(t, "matches.csv"), f.args(strings.Replace(toVerify, "matches.csv", "-", 1))...); !strings.HasPrefix(out, "valid") {
		t.Errorf("matches from standard input: %q", out)
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, file, old, new string
		status               int
		stdout, stderr       string
	}{
		{"valid", "cert.json", "", "", 0, "valid: optimal\n", ""},
		{"a finding", "cert.json", `"y": 9`, `"y": 8`, 1, "", "cascade: not valid: total: the prices add up to 24"},
		{"bad input", "edges.csv", "a,x,6", "a,x", 2, "", "cascade: "},
	} {
		files := documented(t)
		files[row.file] = strings.Replace(files[row.file], row.old, row.new, 1)
		c := exec.CommandContext(t.Context(), os.Args[0], newFolder(t, files).args(toVerify)...)
		c.Env = append(os.Environ(), "CASCADE_IS_TESTED=1")
		var stderr strings.Builder
		c.Stderr = &stderr
		out, _ := c.Output()
		if got := c.ProcessState.ExitCode(); got != row.status || !strings.HasPrefix(string(out), row.stdout) || (row.stdout == "") != (len(out) == 0) || !strings.HasPrefix(stderr.String(), row.stderr) || (row.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%s: status %d, standard output %q, standard error %q", row.name, got, out, stderr.String())
		}
	}
}
