package questionnaires

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

var hope = url.Values{"hope": {"To be less alone with it"}}

// answered is a questionnaire of alex, of which the bed's browser has saved all pages.
func answered(t *testing.T) (b *bed, path, id string) {
	t.Helper()
	b = newBed(t)
	b.sweep()
	path, id = b.asked("alex", "baseline-1")
	b.leads(b.Get(path+"/1"), http.StatusOK, "")
	b.leads(b.Post(path+"/1", you), http.StatusSeeOther, path+"/2")
	b.leads(b.Post(path+"/2", others), http.StatusSeeOther, path+"/3")
	b.leads(b.Post(path+"/3", hope), http.StatusSeeOther, path+"/check")
	return b, path, id
}

// leads fails unless an answer has a status and leads on to a page, whatever that says of
// what was done.
func (b *bed) leads(got testbed.Answer, status int, to string) {
	b.t.Helper()
	if page, _, _ := strings.Cut(got.Header.Get("Location"), "?done="); got.StatusCode != status || page != to {
		b.t.Errorf("%s %s: status %d, to %q, want %d to %q", got.Request.Method, got.Request.URL.Path, got.StatusCode, got.Header.Get("Location"), status, to)
	}
}

// Saved answers are shown, changed and handed in where they were saved, and on another
// device once the code was given that was sent to the person's address.
func TestSavedAnswersAskAnotherDeviceForACode(t *testing.T) {
	b, path, id := answered(t)
	if check := b.Get(path + "/check"); !strings.Contains(check.Body, "To be less alone with it") {
		t.Errorf("where they were saved: %s", check.Body)
	}
	saved := b.response(id).Answers

	b.AnotherBrowser()
	if start := b.Get(path); start.StatusCode != http.StatusOK || !strings.Contains(start.Body, ">Continue</a>") {
		t.Errorf("the start page: status %d: %s", start.StatusCode, start.Body)
	}
	for _, page := range []string{"1", "2", "3", "check"} {
		b.leads(b.Get(path+"/"+page), http.StatusSeeOther, path+"/code?to="+page)
	}
	door := b.Get(path + "/code?to=3")
	if door.StatusCode != http.StatusOK || strings.Contains(door.Body, "less alone") || !strings.Contains(door.Body, "the answers that you have saved") {
		t.Errorf("the door: status %d: %s", door.StatusCode, door.Body)
	}
	b.leads(b.Post(path+"/3", url.Values{"hope": {"Nothing"}}), http.StatusForbidden, "")
	b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path+"/code?to=check")
	if r := b.response(id); !maps.Equal(r.Answers, saved) || r.Submitted {
		t.Errorf("changed by who gave no code: %+v", r)
	}
	b.leads(b.Post(path+"/code", url.Values{"do": {"send"}, "to": {"check"}}), http.StatusSeeOther, path+"/code?to=check")
	b.leads(b.Post(path+"/code", url.Values{"do": {"give"}, "to": {"check"}, "code": {b.Code()}}), http.StatusSeeOther, path+"/check")
	if check := b.Get(path + "/check"); !strings.Contains(check.Body, "To be less alone with it") {
		t.Errorf("after the code: %s", check.Body)
	}
	b.leads(b.Post(path+"/check", nil), http.StatusSeeOther, path)
	if r := b.response(id); !r.Submitted || r.Writer != "" {
		t.Errorf("handed in: %+v", r)
	}
}

// Whoever answers first without a code sees what they answered, and not what its owner has
// made of it on a device with a code.
func TestWhoAnswersFirstSeesTheirOwnAnswersAlone(t *testing.T) {
	b, path, _ := answered(t)
	owner := b.AnotherBrowser()
	b.leads(b.GiveCode(path), http.StatusSeeOther, path)
	b.leads(b.Post(path+"/3", url.Values{"hope": {"What I hope in truth"}}), http.StatusSeeOther, path+"/check")
	owner()
	b.leads(b.Get(path+"/3"), http.StatusSeeOther, path+"/code?to=3")
	b.leads(b.Get(path+"/check"), http.StatusSeeOther, path+"/code?to=check")
	b.leads(b.GiveCode(path), http.StatusSeeOther, path)
	if got := b.Get(path + "/3"); !strings.Contains(got.Body, "What I hope in truth") {
		t.Errorf("with a code: %s", got.Body)
	}
}

// The devices of two people's answers, or of two questionnaires of one, are not to be told
// apart from strangers' by what is kept.
func TestWriterJoinsNoResponses(t *testing.T) {
	b := newBed(t)
	b.sweep()
	seen := map[string]string{}
	for _, who := range []string{"alex", "zoe"} {
		path, id := b.asked(who, "baseline-1")
		b.leads(b.Post(path+"/1", you), http.StatusSeeOther, path+"/2")
		w := b.response(id).Writer
		if w == "" || seen[w] != "" {
			t.Errorf("the writer of %s is %q, as of %q", who, w, seen[w])
		}
		seen[w] = who
	}
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// What was typed on a page that was open before the answers were saved elsewhere goes along
// through the code.
func TestWhatWasTypedGoesThroughTheCode(t *testing.T) {
	b, path, id := answered(t)
	b.AnotherBrowser()
	form := func(page string, more ...string) url.Values {
		all := url.Values{}
		for _, found := range hiddenInput.FindAllStringSubmatch(page, -1) {
			all.Set(found[1], html.UnescapeString(found[2]))
		}
		for i := 0; i < len(more); i += 2 {
			all.Set(more[i], more[i+1])
		}
		return all
	}
	stopped := b.Post(path+"/3", url.Values{"hope": {"Typed <on> the phone"}})
	b.leads(stopped, http.StatusForbidden, "")
	asked := b.Post(path+"/code", form(stopped.Body))
	open := b.Post(path+"/code", form(asked.Body, "do", "give", "code", b.Code()))
	b.leads(open, http.StatusOK, "")
	if !strings.Contains(open.Body, `action="`+path+`/3"`) {
		t.Errorf("after the code: %s", open.Body)
	}
	b.leads(b.Post(path+"/3", form(open.Body)), http.StatusSeeOther, path+"/check")
	if got := b.response(id).Answers["hope"]; got != "Typed <on> the phone" {
		t.Errorf("saved is %q", got)
	}
}

// owed is how many emails are owed.
func (b *bed) owed() int {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(all)
}

// A mail scanner that opens every page of a link sends no code.
func TestOpeningTheDoorSendsNothing(t *testing.T) {
	b, path, _ := answered(t)
	before := b.owed()
	for _, page := range []string{"", "/1", "/check", "/code", "/code?to=1"} {
		b.AnotherBrowser()
		b.Get(path + page)
	}
	if after := b.owed(); after != before {
		t.Errorf("%d emails are owed, and before %d", after, before)
	}
}
