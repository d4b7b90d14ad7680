package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is a real, headless Chromium of one person. Every page that it comes to
// is looked over: axe-core finds no violation, and no default role name stands
// where the programme's term belongs.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string
	// axe and ical are the libraries' text.
	axe, ical string
	// status is the last page's HTTP status.
	status int
}

// newBrowser starts Chromium with a window of a phone's or a desk's width.
func newBrowser(t *testing.T, url string, width int) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("Chromium is missing: ./scripts/test installs it, or on Debian: apt-get install chromium")
	}
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	ical, missing := os.ReadFile("node_modules/ical.js/dist/ical.es5.min.cjs")
	if err != nil || missing != nil {
		t.Fatal("axe-core or ical.js is missing: ./scripts/test installs them, or: npm ci, here")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.WindowSize(width, 1000)}
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	// The browser lives as long as the context of its first step. Its window is never
	// narrower than 500 pixels; its view can be.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), 1000)); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &browser{t: t, ctx: ctx, url: url, axe: string(axe), ical: string(ical)}
}

// within bounds one step: nothing on these pages takes long.
func (b *browser) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, 30*time.Second)
}

// open goes to an address, or to a path of the programme.
func (b *browser) open(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.url + address
	}
	b.arrive("open "+address, chromedp.Navigate(address))
}

// arrive takes a step that leads to a page, and looks that page over.
func (b *browser) arrive(what string, step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		b.picture("failed")
		b.t.Fatalf("%s: %v", what, err)
	}
	b.status = int(response.Status)
	b.look(what)
}

// read opens an email by itself, as HTML.
func (b *browser) read(address string) {
	b.t.Helper()
	b.do("open "+address, chromedp.Navigate(b.url+address))
	// It stands in a page of the mail program, which has the landmarks.
	b.look("open "+address, "region", "landmark-one-main")
}

// look checks the page that is open, without the rules of axe-core that do not
// apply to it.
func (b *browser) look(what string, without ...string) {
	b.t.Helper()
	html := b.eval("document.documentElement.outerHTML")
	for _, word := range []string{"client", "consultant"} {
		if i := strings.Index(strings.ToLower(html), word); i >= 0 {
			b.t.Errorf("after %s the page says %q: …%s…", what, word, html[max(0, i-60):min(len(html), i+60)])
		}
	}
	rules := map[string]map[string]bool{}
	for _, rule := range without {
		rules[rule] = map[string]bool{"enabled": false}
	}
	options, err := json.Marshal(map[string]any{"rules": rules, "iframes": false})
	if err != nil {
		b.t.Fatal(err)
	}
	found := b.eval(b.axe + `;axe.run(` + string(options) + `).then(r => JSON.stringify(r.violations.map(v => ({rule: v.id, help: v.help, at: v.nodes.map(n => n.html)}))))`)
	var violations []struct {
		Rule, Help string
		At         []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatalf("axe after %s: %v in %.200s", what, err, found)
	}
	for _, v := range violations {
		b.t.Errorf("after %s axe-core finds %s (%s) at %s", what, v.Rule, v.Help, strings.Join(v.At, "\n  "))
	}
}

// eval runs a script whose value, or promise's value, is text.
func (b *browser) eval(script string) string {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.80s: %v", script, err)
	}
	return v
}

// invitation is what a calendar program reads in one.
type invitation struct {
	Method     string
	UID        string
	Sequence   int
	Start, End time.Time
	Summary    string
	Place      string
	Attendees  int
}

// calendar reads an invitation with ical.js, which calendar programs read them with.
func (b *browser) calendar(text string) (i invitation) {
	b.t.Helper()
	read := b.eval(b.ical + fmt.Sprintf(`;(() => {
		const calendar = new ICAL.Component(ICAL.parse(%q)), event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
		const at = time => time.toJSDate().toISOString();
		return JSON.stringify({Method: calendar.getFirstPropertyValue("method"), UID: event.uid, Sequence: event.sequence, Start: at(event.startDate), End: at(event.endDate),
			Summary: event.summary, Place: event.location, Attendees: event.attendees.length});
	})()`, text))
	if err := json.Unmarshal([]byte(read), &i); err != nil {
		b.t.Fatalf("the invitation is read as %s: %v", read, err)
	}
	return i
}

// do takes steps on the page that is open.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s on %q: %v", what, b.title(), err)
	}
}

// write types into inputs, given by id and text in turn.
func (b *browser) write(pairs ...string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.eval(fmt.Sprintf(`document.getElementById(%q).value = ""`, pairs[i]))
		b.do("type into "+pairs[i], chromedp.SendKeys(chromedp.ID(pairs[i]), pairs[i+1]))
	}
}

// choose sets selects, given by id and value in turn.
func (b *browser) choose(pairs ...string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.do("choose in "+pairs[i], chromedp.SetValue(chromedp.ID(pairs[i]), pairs[i+1]))
	}
}

// tick clicks the checkbox or radio of an input with a value.
func (b *browser) tick(name, value string) {
	b.t.Helper()
	b.do("tick "+name, chromedp.Click(chromedp.CSS(fmt.Sprintf(`input[name=%q][value=%q]`, name, value))))
}

// press clicks the button or link with a text, and arrives at the next page.
func (b *browser) press(text string) {
	b.t.Helper()
	path := fmt.Sprintf(`//main//*[(self::button or self::a) and contains(normalize-space(.), %q)]`, text)
	// A click finds what is where it clicks as it was last painted: let the page
	// stand still where the click will be.
	b.eval(fmt.Sprintf(`(async () => {
		document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue?.scrollIntoView({block: "center", behavior: "instant"});
		for (let i = 0; i < 3; i++) await new Promise(painted => requestAnimationFrame(painted));
		return "";
	})()`, path))
	b.arrive("press "+text, chromedp.Click(chromedp.Search(path)))
}

func (b *browser) title() string { return b.eval("document.title") }

// text is what the page's main part says.
func (b *browser) text() string { return b.eval("document.querySelector('main').innerText") }

// sees fails unless the page says something.
func (b *browser) sees(texts ...string) {
	b.t.Helper()
	page := b.text()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Fatalf("the page %q does not say %q, but:\n%s", b.title(), text, page)
		}
	}
}

// refused fails unless the page came back with what to correct: status 422, a
// summary that has the focus, and the title saying so.
func (b *browser) refused(message string) {
	b.t.Helper()
	b.sees("There is a problem", message)
	if b.status != 422 || !strings.HasPrefix(b.title(), "Error: ") {
		b.t.Errorf("a refused form: status %d and title %q", b.status, b.title())
	}
	if focus := b.eval("document.activeElement.className"); !strings.Contains(focus, "govuk-error-summary") {
		b.t.Errorf("the focus is at %q and not at the error summary", focus)
	}
}

// click clicks the first element of a CSS selector.
func (b *browser) click(css string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(css))
}

// bytes is what the page and all that it loaded took over the wire.
func (b *browser) bytes() (n int) {
	b.t.Helper()
	_, _ = fmt.Sscan(b.eval(`String(performance.getEntries().filter(e => 'transferSize' in e).reduce((n, e) => n + e.transferSize, 0))`), &n)
	return n
}

// picture keeps what the browser shows in the folder that CASCADE_PICTURES names, if any.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("CASCADE_PICTURES")
	if dir == "" {
		return
	}
	ctx, cancel := b.within()
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("no picture of %s: %v", name, err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Error(err)
	}
}
