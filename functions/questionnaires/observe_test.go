package questionnaires

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Nothing that people answer stands in a log line or in a span, nor which response is
// whose, nor its id; and each invitation has its line when it is made and when it is marked.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := testbed.Watch(t)
	b := newBedAlone(t)
	canaries := []string{"Quillfeather", "canary-address", "canary.example.net", "canary-free-text"}
	for _, id := range []string{"alex", "zoe"} {
		b.Spoil("programmes/pilot/enrolments/"+id, "person", map[string]any{"name": "Quillfeather Sample", "email": "canary-address@canary.example.net"})
	}
	tells := func(what string, changes int, do func()) {
		t.Helper()
		if n := s.Tells(b.Bed, what, do); n != changes {
			t.Errorf("%s: %d changes, want %d", what, n, changes)
		}
	}
	post := func(what, path string, posted url.Values, status, changes int) {
		t.Helper()
		tells(what, changes, func() {
			if got := b.Post(path, posted); got.StatusCode != status {
				t.Errorf("%s: status %d: %s", what, got.StatusCode, got.Body)
			}
		})
	}
	tells("the start", 4, b.sweep) // two invitations with their emails
	tells("the start, twice", 0, b.sweep)
	b.end(1)
	tells("the end", 4, b.sweep)

	var codes []string
	for _, who := range []string{"alex", "zoe"} {
		at, _ := b.asked(who, "closing-1")
		p := b.pseudonyms()
		response, saved := p.Response(who, programme.Closing), p.Saved(who, programme.Closing)
		canaries = append(canaries, strings.TrimPrefix(at, "/questionnaire/"), response, saved, p.Respondent(who))
		words := url.Values{"number": {"right"}, "match": {"4"}, "change": {"canary-free-text"}, "more": {"canary-free-text"}, "canary-free-text": {"canary-free-text"}}
		post("too early", at+"/check", nil, 422, 0)
		post("a choice that there is not", at+"/1", url.Values{"time": {"canary-free-text"}}, 422, 0)
		post("the first page", at+"/1", you, 303, 0)
		post("the second page", at+"/2", others, 303, 0)
		post("the last page", at+"/3", words, 303, 0)
		if got := b.Get(at + "/check"); !strings.Contains(got.Body, "canary-free-text") {
			t.Fatal("the canaries did not fly")
		}
		b.AnotherBrowser()
		post("saved on another device", at+"/3", words, 403, 0)
		post("a code", at+"/code", url.Values{"do": {"send"}}, 303, 1)
		codes = append(codes, b.Code())
		post("the code", at+"/code", url.Values{"do": {"give"}, "code": {b.Code()}}, 303, 0)
		tells("not to be read", 0, func() {
			if got := b.Do(http.MethodPost, at+"/1", "application/x-www-form-urlencoded", "time=canary-free-text%ff"); got.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d", got.StatusCode)
			}
		})
		post("no page", at+"/99", you, 404, 0)
		post("submitted", at+"/check", nil, 303, 0)
		post("submitted twice", at+"/check", nil, 303, 0)
		b.Reply("programmes/pilot/answers/"+response, map[string]any{"moment": "closing", "answers": "canary-free-text", "schema": 1})
		post("unreadable", at+"/1", you, 500, 0)
	}
	// Who has answered is said once a day, of all.
	b.tomorrowAtTen()
	tells("the marks", 2, b.sweep)
	s.Silent(canaries...)
	s.SilentOfNumbers(codes...)
}
