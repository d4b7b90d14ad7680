package journey

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/scripts/internal/letters"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Every letter can be read by everyone: axe-core finds no violation in it, it says its
// language, has one heading of the first level and tables for layout alone, its links
// say where they lead, and on a phone nothing stands outside the screen.
func TestLettersAreAccessible(t *testing.T) {
	t.Parallel()
	h, err := letters.Handler()
	if err != nil {
		t.Fatal(err)
	}
	all := http.NewServeMux()
	all.Handle("/assets/", web.Assets())
	all.Handle("/", h)
	server := httptest.NewServer(all)
	t.Cleanup(server.Close)
	phone, laptop := newBrowser(t, server.URL, 320), newBrowser(t, server.URL, 1280)
	versions, err := letters.Versions()
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	for _, v := range versions {
		if !strings.HasSuffix(v.ID, "-nonsense") && v.In == language.English { // the browser takes exception to default role names
			continue
		}
		laptop.open(letters.Path + v.ID)
		laptop.sees("Every letter", v.Letters[0].Subject)
		laptop.picture("letters")
		for _, l := range v.Letters {
			if read[l.ID] && testing.Short() { // in another programme's words
				continue
			}
			read[l.ID] = true
			phone.read(letters.Path + v.ID + "/" + l.ID)
			if problems := phone.eval(`(() => {
				const all = css => [...document.querySelectorAll(css)], found = [];
				if (document.documentElement.lang !== "` + v.In.Tag() + `" || document.body.firstElementChild.lang !== "` + v.In.Tag() + `") found.push("no language");
				if (all("h1").length !== 1) found.push(all("h1").length + " headings of the first level");
				if (all("table:not([role=presentation])").length) found.push("a table of data");
				if (all("img, script, link, form, style").length) found.push("something that loads or runs");
				for (const a of all("a")) if (a.innerText.trim().length < 6 || /^(click )?here$/i.test(a.innerText.trim())) found.push("a link that says " + a.innerText);
				if (document.documentElement.scrollWidth > 320) found.push(document.documentElement.scrollWidth + " pixels wide");
				return found.join(", ");
			})()`); problems != "" {
				t.Errorf("%s: %s has %s", v.ID, l.ID, problems)
			}
		}
	}
	phone.picture("letter on a phone")
}
