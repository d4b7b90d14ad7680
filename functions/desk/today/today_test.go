package today_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestDeskListsOnesOwnProgrammes(t *testing.T) {
	b := newBed(t)
	toDesk := func(id string) string { return `href="/desk/programmes/` + id + `"` }
	toReport := func(id string) string { return `href="/report/` + id + `"` }
	none := "You have no part in a programme"
	for staff, row := range map[string]struct{ shows, hides []string }{
		"morgan": {[]string{toDesk("pilot"), toReport("pilot"), b.Programme.Name}, []string{"other", none}},
		"eve":    {[]string{toReport("pilot"), b.Programme.Name}, []string{toDesk("pilot"), "other", none}},
		"omar":   {[]string{toDesk("other"), toReport("other"), "The other programme"}, []string{"pilot", none}},
		"nora":   {[]string{none, "Sign out"}, []string{"pilot", "other"}},
		"sue":    {[]string{"You take part as supervisor, and the desk has no page for that.", "Sign out"}, []string{"pilot", "The other programme", b.Programme.Name, none, "/report"}},
		"both":   {[]string{toReport("pilot"), b.Programme.Name}, []string{toDesk("pilot"), "The other programme", none, "as supervisor"}},
	} {
		b.As(b.Cookie(staff))
		got := b.Get("/desk/")
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", staff, got.StatusCode)
		}
		for _, want := range row.shows {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s is not shown %q", staff, want)
			}
		}
		for _, other := range row.hides {
			if strings.Contains(got.Body, other) {
				t.Errorf("%s is shown %q", staff, other)
			}
		}
	}
}
