package enrolment

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

var shownInput = regexp.MustCompile(`name="shown" value="([^"]*)"`)

// opened is a window with a page: what it says that it shows.
func opened(t *testing.T, b *testbed.Bed, page string) []string {
	t.Helper()
	found := shownInput.FindStringSubmatch(b.Get("/enrol/pilot/seek/" + page).Body)
	if found == nil {
		t.Fatalf("%s does not say what it shows", page)
	}
	return found[1:]
}

// A page of an older window takes nothing back that was saved from another one since, such
// as whom somebody is not to be matched with.
func TestStaleTabErasesNothing(t *testing.T) {
	b := bed(t)
	b.Post("/enrol/pilot/seek/you", url.Values{"name": {"Alex Sample"}, "email": {"alex@example.org"}})
	for _, row := range []struct {
		page  string
		saved url.Values // from another window, after this one was opened
		stale url.Values // as this one is, which showed nothing
		keeps []string
	}{
		{"strengths", url.Values{"strengths": {"finance"}}, url.Values{}, []string{`value="finance" checked`}},
		{"needs", url.Values{"needs": {"board"}}, url.Values{}, []string{`value="board" checked`}},
		{"levels", url.Values{"skill-board": {"2"}, "own-board": {"1"}}, url.Values{"skill-board": {""}, "own-board": {""}}, []string{`value="2" selected`, `value="1" selected`}},
		{"organisation", url.Values{"organisation": {"Example Trust"}, "postcode": {"LS6 2AB"}, "number": {"1000430"}, "categories": {"HE"}}, url.Values{"organisation": {""}, "postcode": {""}, "number": {""}, "categories": {"", "", ""}}, []string{"Example Trust", "LS6 2AB", "1000430", `value="HE" selected`}},
	} {
		at, shown := "/enrol/pilot/seek/"+row.page, opened(t, b, row.page)
		if got := b.Post(at, row.saved); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: status %d: %s", row.page, got.StatusCode, got.Body)
		}
		row.stale["shown"] = shown
		got := b.Post(at, row.stale)
		if got.StatusCode != http.StatusSeeOther || !strings.HasSuffix(got.Header.Get("Location"), "?newer") || !strings.Contains(b.Get(got.Header.Get("Location")).Body, "saved in another window") {
			t.Errorf("%s: status %d, to %q", row.page, got.StatusCode, got.Header.Get("Location"))
		}
		page := b.Get(at).Body
		for _, want := range row.keeps {
			if !strings.Contains(page, want) {
				t.Errorf("%s lost %q", row.page, want)
			}
		}
	}

	// Changed in both, it is asked; emptied on purpose, it is empty.
	at, shown := "/enrol/pilot/seek/strengths", opened(t, b, "strengths")
	b.Post(at, url.Values{"strengths": {"policy"}, "shown": shown})
	asked := b.Post(at, url.Values{"strengths": {"team"}, "shown": shown})
	if asked.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(asked.Body, "This was saved otherwise") || !strings.Contains(asked.Body, `value="team" checked`) || !strings.Contains(b.Get(at).Body, `value="policy" checked`) {
		t.Errorf("changed in both: status %d", asked.StatusCode)
	}
	if got := b.Post(at, url.Values{"strengths": {"team"}, "shown": shownInput.FindStringSubmatch(asked.Body)[1:]}); got.StatusCode != http.StatusSeeOther || !strings.Contains(b.Get(at).Body, `value="team" checked`) {
		t.Errorf("told: status %d", got.StatusCode)
	}
	if got := b.Post(at, url.Values{"shown": opened(t, b, "strengths")}); got.StatusCode != http.StatusSeeOther || strings.Contains(b.Get(at).Body, " checked") {
		t.Errorf("emptied on purpose: status %d", got.StatusCode)
	}
	if got := b.Post(at, url.Values{}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("an empty body: status %d", got.StatusCode)
	}
}
