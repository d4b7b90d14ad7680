package letters

import (
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/language"
)

func versions(t *testing.T) []Version {
	t.Helper()
	all, err := Versions()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// No letter is missing, in any programme that ships, and none writes a role's
// default name where the programme's term belongs.
func TestEveryLetterIsShownInEveryProgrammesWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/platform/mail/letters/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d letters: %v", len(files), err)
	}
	for _, v := range versions(t) {
		ids := map[string]bool{}
		for _, l := range v.Letters {
			if ids[l.ID] {
				t.Errorf("%s: two letters are %s", v.ID, l.ID)
			}
			ids[l.ID] = true
			if l.Subject == "" || l.To == "" || !strings.Contains(l.HTML, html.EscapeString(l.Subject)) {
				t.Errorf("%s: %s to %q with the subject %q", v.ID, l.ID, l.To, l.Subject)
			}
			if words := strings.ToLower(l.Subject + l.Text + l.HTML + l.To + l.Source.Sent + l.Source.Name); strings.HasSuffix(v.ID, "-nonsense") && (strings.Contains(words, "client") || strings.Contains(words, "consultant")) {
				t.Errorf("%s: %s is not in the programme's words: %s", v.ID, l.ID, l.Text)
			}
		}
		for _, file := range files {
			name, tag, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".md"), ".")
			if tag != string(v.In) {
				continue
			}
			if kind, _, _ := strings.Cut(name, "--"); !ids[kind+"-1"] {
				t.Errorf("%s: no letter of kind %s is shown", v.ID, kind)
			}
		}
		if v.In != language.English {
			continue
		}
		if !ids["bundle-1"] || !ids["bundle-2"] {
			t.Errorf("%s: no bundles are shown", v.ID)
		}
	}
}

// A letter that is written in one case alone is shown, too, with its file and with
// when it is sent.
func TestEveryFileIsShown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../shared/platform/mail/letters/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d letters: %v", len(files), err)
	}
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	var pages string
	for _, v := range versions(t) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, Path+v.ID, nil))
		pages += w.Body.String()
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, sent, _ := strings.Cut(string(source), "\nsent: ")
		sent, _, _ = strings.Cut(sent, "\n")
		if want := "Sent " + sent + ". Written in <code>" + strings.TrimPrefix(file, "../../../") + "</code>"; sent == "" || !strings.Contains(pages, want) {
			t.Errorf("no page says %q", want)
		}
	}
}

func TestPageShowsLettersWideNarrowAndAsText(t *testing.T) {
	t.Parallel()
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	all := versions(t)
	if first := get(Path); first.Code != http.StatusOK || first.Body.String() != get(Path+all[0].ID).Body.String() {
		t.Errorf("the first page: status %d", first.Code)
	}
	for _, v := range all {
		page := get(Path + v.ID).Body.String()
		for _, other := range all {
			if linked := strings.Contains(page, `href="`+Path+other.ID+`"`); linked != (other.ID != v.ID) {
				t.Errorf("%s: a link to %s is %v", v.ID, other.ID, linked)
			}
		}
		for _, l := range v.Letters {
			address := Path + v.ID + "/" + l.ID
			if n := strings.Count(page, `<iframe class="cascade-email-html" src="`+address+`"`); n != 2 {
				t.Errorf("%s stands %d times", address, n)
			}
			if !strings.Contains(html.UnescapeString(page), `cascade-email">`+l.Text+"</pre>") {
				t.Errorf("%s lacks its text", address)
			}
			letter := get(address)
			if letter.Code != http.StatusOK || letter.Body.String() != l.HTML {
				t.Errorf("%s: status %d", address, letter.Code)
			}
			if csp := letter.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
				t.Errorf("%s may load or run: %s", address, csp)
			}
		}
		if n, frames := strings.Count(page, " sandbox></iframe>"), strings.Count(page, "<iframe"); n != frames {
			t.Errorf("%s: %d of %d frames are sandboxed", v.ID, n, frames)
		}
	}
	for _, path := range []string{Path + "nowhere", Path + "nowhere/bundle-1", Path + all[0].ID + "/nowhere-1", Path + all[0].ID + "/bundle-1/x"} {
		if w := get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}
