package journey

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// fromWebsite enrols from pages of a host's own website, on another origin, with the form and
// the script that docs/web-form.md has to copy; and is refused from a website that is not listed.
func (s *story) fromWebsite(b *browser) {
	s.t.Helper()
	const id = "hosted"
	text, err := os.ReadFile(filepath.Join(root, "docs", "web-form.md"))
	if err != nil {
		s.t.Fatal(err)
	}
	var parts []string // the form and the script
	for _, block := range strings.Split(string(text), "```html\n")[1:] {
		part, _, _ := strings.Cut(block, "```")
		parts = append(parts, strings.NewReplacer("https://cascade.example.org", s.stack.URL, "/north", "/"+id).Replace(part))
	}
	if len(parts) != 2 {
		s.t.Fatalf("docs/web-form.md has %d pieces of HTML", len(parts))
	}
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, `<!DOCTYPE html><html lang="en"><title>A host’s own page</title><link rel="icon" href="data:,"><main><h1>Take part</h1>`+body+`</main></html>`)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/form", page(parts[0]))
	mux.Handle("/script", page(parts[0]+parts[1]))
	host, stranger := httptest.NewServer(mux), httptest.NewServer(mux)
	defer host.Close()
	defer stranger.Close()

	preset, err := programme.PresetText("pilot-2016")
	if err != nil {
		s.t.Fatal(err)
	}
	settings := strings.NewReplacer("singular: client, plural: clients", "singular: ublick, plural: ublicks", "singular: consultant, plural: consultants", "singular: zworp, plural: zworps").Replace(string(preset))
	s.cascade(settings+fmt.Sprintf("look: {colour: \"#7a0019\"}\nhome: {gave: [I know now what my board is for.]}\norigins: [%s]\n", host.URL), "programme", "create", id, "--settings", "-")

	enter := func(name, text string) {
		s.t.Helper()
		b.eval(fmt.Sprintf(`document.querySelector('[name=%q]').value = %q`, name, text))
	}
	fill := func(at, email string) {
		s.t.Helper()
		b.open(at)
		for name, text := range map[string]string{"name": "Ada Example", "email": email, "organisation": "Example House", "postcode": "LS6 2AB", "skills.fundraising": "3"} {
			enter(name, text)
		}
		b.tick("categories", "HE")
		b.tick("availability", "tue-pm")
		b.tick("meeting", "video")
		b.tick("consent", "2026-11")
	}
	fill(host.URL+"/form", "by-form@example.org")
	b.press("Enrol")
	b.sees("Check your email", "We have sent you an email with a link.")
	b.open(s.walker.link("by-form@example.org", "/enrol/confirm/", 1))
	b.sees("Ada Example", "Example House", "Fundraising")

	b.open("/enrol/" + id)
	b.sees("How it goes", "What it gave others", "I know now what my board is for.")
	if got := b.eval(`getComputedStyle(document.querySelector(".cascade-header")).backgroundColor`); got != "rgb(122, 0, 25)" {
		s.t.Errorf("the band at the top is %s", got)
	}

	says := func() string {
		s.t.Helper()
		return b.eval(`(async () => {
			document.querySelector("button").click();
			for (const until = Date.now() + 10_000; Date.now() < until; await new Promise(next => setTimeout(next, 20))) {
				const said = document.querySelector("[role=status]");
				if (said) { const text = said.textContent; said.remove(); return text; }
			}
			return "nothing";
		})()`)
	}
	fill(host.URL+"/script", "by-script@example.org")
	enter("postcode", "nowhere")
	if got := says(); !strings.Contains(got, "postcode") {
		s.t.Errorf("a wrong postcode: the page says %q", got)
	}
	enter("postcode", "LS6 2AB")
	if got := says(); !strings.Contains(got, "look into your mailbox") {
		s.t.Errorf("the page says %q", got)
	}
	s.walker.link("by-script@example.org", "/enrol/confirm/", 1)

	fill(host.URL+"/form", "by-form@example.org")
	enter("postcode", "nowhere")
	b.press("Enrol")
	b.sees("Some answers need to be corrected", "Postcode")

	fill(stranger.URL+"/form", "stranger@example.org")
	b.press("Enrol")
	b.sees("may not send enrolments to this programme", stranger.URL)
	if m := s.walker.mail("stranger@example.org"); len(m) > 0 {
		s.t.Errorf("%d emails after a stranger's form", len(m))
	}
}
