package questionnaires

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var shownInput = regexp.MustCompile(`name="shown" value="([^"]*)"`)

// opened is a window: what its page says that it shows.
func (b *bed) opened(page string) []string {
	b.t.Helper()
	found := shownInput.FindStringSubmatch(b.Get(page).Body)
	if found == nil {
		b.t.Fatalf("%s does not say what it shows", page)
	}
	return found[1:]
}

// posted is a form of a window.
func posted(shown []string, pairs ...string) url.Values {
	form := url.Values{"shown": shown}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// As it stands in testdata/questionnaire.txt.
func TestStaleTabErasesNothing(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("alex", "baseline-1")
	saved := func(want map[string]string) {
		t.Helper()
		if got := b.response(id).Answers; !maps.Equal(got, want) {
			t.Errorf("saved %v, want %v", got, want)
		}
	}
	five := map[string]string{"time": "2", "confidence": "3", "style": "4", "strategy": "5", "conversations": "1"}

	a, other := b.opened(path+"/1"), b.opened(path+"/1")
	tab := maps.Clone(you)
	tab["shown"] = other
	if got := b.Post(path+"/1", tab); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path+"/2?done=saved" {
		t.Fatalf("tab B: status %d", got.StatusCode)
	}
	saved(five)

	// The first in tab A, as it is and otherwise; the four others stay.
	if got := b.Post(path+"/1", posted(a, "time", "2")); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path+"/2?newer" || !strings.Contains(b.Get(path+"/2?newer").Body, "saved in another window") {
		t.Errorf("tab A: status %d, to %s", got.StatusCode, got.Header.Get("Location"))
	}
	saved(five)
	asked := b.Post(path+"/1", posted(a, "time", "5"))
	if asked.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(asked.Body, "This was saved otherwise") || !strings.Contains(asked.Body, "Saved is “Disagree”") || !strings.Contains(asked.Body, `name="time" type="radio" value="5" checked`) {
		t.Errorf("tab A is not told: status %d", asked.StatusCode)
	}
	saved(five)
	five["time"] = "5"
	again := posted(shownInput.FindStringSubmatch(asked.Body)[1:], "time", "5", "confidence", "3", "style", "4", "strategy", "5", "conversations", "1")
	if got := b.Post(path+"/1", again); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path+"/2?done=saved" {
		t.Errorf("told, tab A: status %d", got.StatusCode)
	}
	saved(five)

	// An empty body, and one that says nothing of what was shown.
	for _, form := range []url.Values{{}, {"confidence": {""}}} {
		if got := b.Post(path+"/1", form); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%v: status %d", form, got.StatusCode)
		}
		saved(five)
	}
	if got := b.Post(path+"/1", url.Values{"style": {"1"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("one alone: status %d", got.StatusCode)
	}
	five["style"] = "1"
	saved(five)
}

// What is handed in is what the person saw.
func TestAnswersChangedSinceTheCheckAreShownFirst(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("alex", "baseline-1")
	b.Post(path+"/1", you)
	b.Post(path+"/2", others)
	check := b.opened(path + "/check")
	b.Post(path+"/1", posted(nil, "time", "4"))
	got := b.Post(path+"/check", url.Values{"shown": check})
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "changed in another window") || b.response(id).Submitted {
		t.Fatalf("handed in unseen: status %d", got.StatusCode)
	}
	if got := b.Post(path+"/check", url.Values{"shown": b.opened(path + "/check")}); got.StatusCode != http.StatusSeeOther || !b.response(id).Submitted {
		t.Errorf("seen: status %d: %s", got.StatusCode, got.Body)
	}
}

// A written answer can be emptied on purpose, and is not by a window that showed none.
func TestWrittenAnswerIsEmptiedOnPurposeAlone(t *testing.T) {
	b := newBed(t)
	b.end(1)
	b.sweep()
	path, id := b.asked("alex", "closing-1")
	bare := b.opened(path + "/3")
	b.Post(path+"/3", posted(bare, "change", "More\r\ntime"))
	full := b.opened(path + "/3")
	if got := b.Post(path+"/3", posted(bare, "change", "")); !strings.HasSuffix(got.Header.Get("Location"), "?newer") || b.response(id).Answers["change"] != "More\ntime" {
		t.Errorf("a window that showed none emptied it: %v", b.response(id).Answers)
	}
	if b.Post(path+"/3", posted(full, "change", "More\r\ntime")); b.response(id).Answers["change"] != "More\ntime" {
		t.Errorf("left alone it is %v", b.response(id).Answers)
	}
	if b.Post(path+"/3", posted(full, "change", "")); b.response(id).Answers["change"] != "" {
		t.Errorf("it cannot be emptied: %v", b.response(id).Answers)
	}
}
