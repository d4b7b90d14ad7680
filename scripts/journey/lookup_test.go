package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// importRegister imports a register of made-up charities, and waits until the function has
// it, which began without one.
func (s *story) importRegister() {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "publicextract.charity.txt")
	text := "registered_charity_number\tlinked_charity_number\tcharity_name\tcharity_registration_status\tcharity_contact_postcode\r\n" +
		"1000430\t0\tGESHER EXAMPLE TRUST\tRegistered\tLS6 2AB\r\n" +
		"1000431\t0\tGESHER EXAMPLE TRUST FOR PEOPLE WHOSE CHARITIES HAVE NAMES THAT GO ON AND ON UNTIL NOBODY READS THEM\tRegistered\tNE8 4LJ\r\n" +
		"1000432\t0\tST MARY’S HALL EXAMPLE\tRegistered\t\r\n" +
		"1000433\t0\tGESHER EXAMPLE THAT IS GONE\tRemoved\t\r\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.cascade("", "organisations", "import", "--register", "england-and-wales", file)
	for deadline := time.Now().Add(time.Minute); !strings.Contains(s.walker.get("/enrol/organisations?q=gesher"), "1000430"); {
		if time.Now().After(deadline) {
			s.t.Fatal("the list of organisations is not read")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// looksUp looks one's organisation up while typing, on the page that asks for it: by keys
// and by a click, and types what is on no register.
func (s *story) looksUp(b *browser) {
	s.t.Helper()
	const input, number = `document.getElementById("organisation")`, `document.getElementById("number")`
	keys := func(text string) { s.t.Helper(); b.do("press keys", chromedp.KeyEvent(text)) }
	value := func(of string) string { s.t.Helper(); return b.eval(of + ".value") }
	is := func(what, got, want string) {
		s.t.Helper()
		if got != want {
			s.t.Fatalf("%s is %q, want %q", what, got, want)
		}
	}
	// until waits for something on the page.
	until := func(condition string) {
		s.t.Helper()
		if b.eval(fmt.Sprintf(`(async () => {
			for (const until = Date.now() + 10_000; !(%s);) {
				if (Date.now() > until) return document.querySelector(".cascade-lookup").outerHTML;
				await new Promise(next => setTimeout(next, 20));
			}
			return "";
		})()`, condition)) != "" {
			b.picture("lookup-failed")
			s.t.Fatalf("it does not come about that %s: %s", condition, b.eval(`document.querySelector(".cascade-lookup").outerHTML`))
		}
	}
	const shown, hidden = `document.querySelectorAll("[role=option]").length === %d && ` + input + `.getAttribute("aria-expanded") === "true"`, input + `.getAttribute("aria-expanded") === "false"`

	// By keys alone: two are suggested, what is marked is told, and Enter chooses it.
	b.do("go to the input", chromedp.Focus(chromedp.ID("organisation")))
	keys("gesh")
	until(fmt.Sprintf(shown, 2))
	is("what is marked at first", b.eval(`String(`+input+`.getAttribute("aria-activedescendant"))`), "null")
	keys(kb.ArrowDown + kb.ArrowDown)
	is("what is marked", b.eval(`document.getElementById(`+input+`.getAttribute("aria-activedescendant")).getAttribute("aria-selected") + document.querySelectorAll("[aria-selected=true]").length`), "true1")
	b.look("suggestions")
	for _, narrow := range []int64{320, 1280} {
		b.do("another width", chromedp.EmulateViewport(narrow, 1000))
		if over := b.eval(`String(document.documentElement.scrollWidth - document.documentElement.clientWidth)`); over != "0" {
			s.t.Errorf("at %d the page is %s too wide", narrow, over)
		}
		b.picture(fmt.Sprintf("lookup-at-%d", narrow))
	}
	keys(kb.ArrowUp)
	// The tool sends what the key types by itself, which no browser does once the page has
	// dealt with the key.
	is("whether Enter sends the form, too", b.eval(`String(`+input+`.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})))`), "false")
	until(hidden)
	is("the name", value(input), "GESHER EXAMPLE TRUST")
	is("the number", value(number), "1000430")
	is("what is told", b.eval(`document.querySelector(".cascade-lookup [role=status]").textContent`), "GESHER EXAMPLE TRUST, register number 1000430 filled in")

	// Another name takes the number along that was filled in, and one's own stays.
	keys(strings.Repeat(kb.Backspace, 20) + "st mary")
	until(fmt.Sprintf(shown, 1))
	is("the number of another", value(number), "")
	b.write("number", "SC012345")
	b.do("come back", chromedp.Focus(chromedp.ID("organisation")))
	keys("s")
	until(fmt.Sprintf(shown, 1))
	b.do("click", b.click("[role=option]"))
	until(hidden)
	is("the name", value(input), "ST MARY’S HALL EXAMPLE")
	is("one's own number", value(number), "SC012345")

	// Escape keeps what was typed, and so does what is on no register.
	keys(strings.Repeat(kb.Backspace, 22) + "gesher")
	until(fmt.Sprintf(shown, 2))
	keys(kb.Escape)
	until(hidden)
	is("what was typed", value(input), "gesher")
	keys(" of nowhere")
	until(`document.querySelector(".cascade-lookup [role=status]").textContent.startsWith("No suggestions")`)
	is("what is on no register", value(input), "gesher of nowhere")
}
