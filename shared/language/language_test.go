package language_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/language"
)

var verb = regexp.MustCompile(`%(?:\[\d\])?[sd]`)

// What stands beside an English text takes no other values than it, names no other roles, and
// is text.
func TestTextsTakeTheSameValues(t *testing.T) {
	t.Parallel()
	role := regexp.MustCompile(`\{[^}]*\}`)
	for _, l := range language.Others {
		for _, english := range l.Texts() {
			text, _ := l.Find(english)
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %q is %q", l, english, text)
			}
			var values []any
			for _, v := range verb.FindAllString(english, -1) {
				if strings.HasSuffix(v, "d") {
					values = append(values, 7)
				} else {
					values = append(values, "value")
				}
			}
			if said := l.Say(english, values...); strings.Contains(said, "%!") {
				t.Errorf("%s: %q says %q", l, english, said)
			}
			for _, r := range role.FindAllString(text, -1) {
				bare := strings.ToLower(strings.Trim(r, "{}s"))
				if bare = strings.TrimPrefix(bare, "a "); !strings.Contains(strings.ToLower(english), bare) {
					t.Errorf("%s: %q names %s, which is not in the English", l, english, r)
				}
			}
		}
	}
}

func TestSay(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 8, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct{ got, want string }{
		{language.Welsh.Say("When"), "Pryd"},
		{language.English.Say("When"), "When"},
		{language.Welsh.Say("No such text"), "No such text"},
		{language.Welsh.Say("Ring %s:", "Morgan 100%"), "Ffoniwch Morgan 100%:"},
		{language.Of("de").Say("When"), "When"},
		{language.Welsh.Date(at, "Monday 2 January 2006"), "Dydd Sul 1 Awst 2027"},
		{language.English.Date(at, "Monday 2 January 2006"), "Sunday 1 August 2027"},
		{language.Welsh.List([]string{"a", "b", "c"}, "and then for"), "a, b ac yna am c"},
		{language.Of("cy").Tag() + language.Of("").Tag() + language.Of("../cy").Tag(), "cyenen"},
	} {
		if row.got != row.want {
			t.Errorf("%q, want %q", row.got, row.want)
		}
	}
}

// inPlace is what the templates say through the function, by where it stands, and every text
// that the code holds: some of it is said later.
func inPlace(t *testing.T) (said map[string]string, held map[string]bool) {
	t.Helper()
	said, held = map[string]string{}, map[string]bool{}
	inTemplate := regexp.MustCompile(`\.Say ("(?:[^"\\]|\\.)*")`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"node_modules", ".git", ".cascade", "dist", "testdata"}, d.Name()):
			return fs.SkipDir
		case strings.HasSuffix(path, ".html"):
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, found := range inTemplate.FindAllStringSubmatch(string(source), -1) {
				text, err := strconv.Unquote(found[1])
				if err != nil {
					return err
				}
				said[text] = path
			}
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
					held[strings.Trim(text.Value, `"`)] = true
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said, held
}

var action = regexp.MustCompile(`\{\{.*?\}\}+`)

// words are what a template says to people beside what it says through the function.
func words(source string) (all []string) {
	source = regexp.MustCompile(`(?s)\{\{/\*.*?\*/\}\}|<svg.*?</svg>|<style.*?</style>`).ReplaceAllString(source, "")
	for _, shown := range regexp.MustCompile(`(?:alt|aria-label|title|placeholder)="([^"{]*\pL[^"{]*)"`).FindAllStringSubmatch(source, -1) {
		all = append(all, shown[1])
	}
	// What is passed to a component is a text where it reads like one.
	for _, passed := range action.FindAllString(source, -1) {
		passed = regexp.MustCompile(`\.Say "(?:[^"\\]|\\.)*"|(?:template|define|eq [.$\w]+|asset|index [.$\w]+) "[^"]*"`).ReplaceAllString(passed, "")
		for _, text := range regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(passed, -1) {
			if regexp.MustCompile(`^\p{Lu}\pL*$|\pL .*\pL`).MatchString(text[1]) {
				all = append(all, text[1])
			}
		}
	}
	text := action.ReplaceAllString(source, "\x00")
	text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\x00", "…")); regexp.MustCompile(`\pL`).MatchString(line) {
			all = append(all, line)
		}
	}
	return all
}

// whole are the templates that are there in each language as a whole: the page that offers it,
// and what is around it.
var whole = []string{"functions/enrolment/pages/start.html", "shared/platform/web/frame/frame.html"}

// What is missing in a language: of the pages that offer it nothing is, and of all others it is
// listed, with how much (go test ./shared/language -run Missing -v).
func TestMissing(t *testing.T) {
	t.Parallel()
	said, held := inPlace(t)
	for _, l := range language.Others {
		for _, text := range l.Texts() {
			if _, ok := said[text]; !ok && !held[text] && !calendar(text) {
				t.Errorf("%s: %q stands beside no text any more", l, text)
			}
		}
	}
	pages, err := filepath.Glob("../../functions/*/pages/*.html")
	for _, more := range []string{"../../functions/*/*/pages/*.html", "../../functions/*/parts/*.html", "../../functions/*/*/parts/*.html", "../../shared/platform/*/pages/*.html", "../../shared/platform/web/frame/*.html"} {
		found, globbed := filepath.Glob(more)
		if pages = append(pages, found...); globbed != nil {
			err = globbed
		}
	}
	if err != nil || len(pages) < 50 {
		t.Fatal(len(pages), err)
	}
	var there, missing int
	for _, page := range pages {
		name := filepath.ToSlash(strings.TrimPrefix(page, "../../"))
		source, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		inEnglish := words(string(source))
		for _, l := range language.Others {
			var lacks []string
			for text, at := range said {
				if filepath.ToSlash(at) != "../../"+name {
					continue
				}
				if _, ok := l.Find(text); !ok {
					lacks = append(lacks, text)
				}
			}
			lacks = append(lacks, inEnglish...)
			if len(lacks) == 0 {
				there++
				continue
			}
			missing++
			slices.Sort(lacks)
			t.Logf("%s: %s lacks %d texts", l, name, len(lacks))
			if slices.Contains(whole, name) {
				t.Errorf("%s: %s offers the language and lacks %q", l, name, lacks)
			}
		}
	}
	t.Logf("%d templates are there, %d lack something", there, missing)
	letters, err := filepath.Glob("../../shared/platform/mail/letters/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range language.Others {
		in := 0
		for _, letter := range letters {
			if strings.HasSuffix(letter, "."+string(l)+".md") {
				in++
			}
		}
		if in == 0 {
			t.Errorf("%s: no letter", l)
		}
		t.Logf("%s: %d letters, of %d in English", l, in, len(letters)-in)
	}
}

// calendar reports whether a text is the name of a day or a month.
func calendar(text string) bool {
	for d := range 7 {
		if time.Weekday(d).String() == text {
			return true
		}
	}
	for m := range 12 {
		if time.Month(m+1).String() == text {
			return true
		}
	}
	return false
}

// No page, letter or question holds a word of one sector: who leads a hospital or a school reads
// them as well. What a programme says of itself may, see its presets.
func TestNoWordOfOneSector(t *testing.T) {
	t.Parallel()
	sector := regexp.MustCompile(`(?i)charit|voluntary|non-?profit|\bVCS\b|\bNGO`)
	read := 0
	look := func(path string, text string) {
		if found := sector.FindString(text); found != "" {
			t.Errorf("%s says %q", path, found)
		}
	}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"node_modules", ".git", ".cascade", "dist", "testdata", "docs", "infra", "scripts", "presets", "organisation", "geography", "lookup"}, d.Name()):
			return fs.SkipDir
		case strings.HasSuffix(path, ".html"), strings.Contains(filepath.ToSlash(path), "/letters/"), strings.Contains(filepath.ToSlash(path), "shared/questionnaire/") && strings.HasSuffix(path, ".yaml"), strings.Contains(filepath.ToSlash(path), "shared/language/") && strings.HasSuffix(path, ".yaml"):
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			read++
			look(path, string(source))
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && !registers.MatchString(text.Value) {
					look(path, text.Value)
				}
				return true
			})
		}
		return nil
	})
	if err != nil || read < 150 {
		t.Fatalf("%d were read: %v", read, err)
	}
}

// registers name what is kept by the public registers of organisations, which are of charities.
var registers = regexp.MustCompile(`register`)
