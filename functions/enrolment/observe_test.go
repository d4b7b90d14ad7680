package enrolment

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Nothing that people say of themselves stands in a log line or in a span, whatever
// they send; and each change of an enrolment has its line.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := testbed.Watch(t)
	b := testbed.New(t)
	b.Serve("enrolment", New)
	canaries := []string{"Quillfeather", "canary-address", "canary.example.net", "07700 900123", "07700900123", "Canary Trust", "canary-free-text", "203.0.113.77"}
	f := form()
	f.Name, f.Email, f.Phone, f.Organisation = "Quillfeather Sample", "canary-address@canary.example.net", "07700 900123", "Canary Trust"
	f.Situation, f.Mention, f.Bids = "canary-free-text", "canary-free-text", []string{"canary-free-text"}
	f.Conflicts, f.Capacity = []string{"canary-free-text"}, 1 // which the pages for the other side do not ask

	var got testbed.Answer
	step := func(what string, status, changes int, do func() testbed.Answer) {
		t.Helper()
		n := s.Tells(b, what, func() { got = do() })
		if got.StatusCode != status || n != changes {
			t.Errorf("%s: status %d and %d changes, want %d and %d", what, got.StatusCode, n, status, changes)
		}
	}
	const pages, direct, asJSON = "/enrol/pilot/seek/", "/enrol/pilot/offer", "application/json"
	page := func(name string, posted url.Values) func() testbed.Answer {
		return func() testbed.Answer { return b.Post(pages+name, posted) }
	}
	step("who", 303, 0, page("you", url.Values{"name": {f.Name}, "email": {f.Email}, "phone": {f.Phone}}))
	step("who, wrongly", 422, 0, page("you", url.Values{"name": {"Quillfeather\a"}, "email": {"canary-address@@canary.example.net"}, "phone": {"07700900123 canary-free-text"}}))
	step("the organisation", 303, 0, page("organisation", url.Values{"organisation": {f.Organisation}, "postcode": {f.Postcode}, "categories": {"HE"}}))
	step("the organisation, wrongly", 422, 0, page("organisation", url.Values{"organisation": {f.Organisation}, "postcode": {"canary-free-text"}, "categories": {"canary-free-text"}, "number": {"canary-free-text"}}))
	step("not to be read", 400, 0, func() testbed.Answer {
		return b.Do(http.MethodPost, pages+"you", "application/x-www-form-urlencoded", "name=Quillfeather%ff")
	})
	step("too early", 422, 0, page("check", nil))
	for _, p := range place("seek") {
		if p.step != "you" && p.step != "organisation" {
			step(p.step, 303, 0, page(p.step, p.form))
		}
	}
	step("the check", 200, 0, func() testbed.Answer { return b.Get(pages + "check?from=canary-free-text") })
	if !strings.Contains(got.Body, "Quillfeather") || !strings.Contains(got.Body, "Canary Trust") {
		t.Fatal("the canaries did not fly")
	}
	u, err := url.Parse(b.URL + pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.Browser.Jar.Cookies(u) {
		canaries = append(canaries, cookie.Value)
	}
	step("enrolled by pages", 303, 1, page("check", nil)) // its email; nobody has enrolled yet
	step("sent twice", 303, 0, page("check", nil))
	step("sent again too soon", 422, 0, page("sent", nil))
	step("the address, wrongly", 422, 0, page("address", url.Values{"email": {"canary-address@@canary.example.net"}}))
	step("the address", 303, 1, page("address", url.Values{"email": {"canary-address-2@canary.example.net"}})) // its email

	post := func(body string) func() testbed.Answer {
		return func() testbed.Answer { return b.Do(http.MethodPost, direct, asJSON, body) }
	}
	step("enrolled directly", 202, 1, post(document(t, f)))
	step("the same", 202, 0, post(document(t, f)))
	other := f
	other.Phone = "07700900123"
	step("enrolled already", 202, 1, post(document(t, other)))
	wrong := f
	wrong.Postcode, wrong.Email, wrong.Skills = "canary-free-text", "canary-address@", map[string]int{"canary-free-text": 9}
	step("directly, wrongly", 422, 0, post(document(t, wrong)))
	step("malformed", 400, 0, post(`{"name":"Quillfeather","email":"canary-address@canary.example.net"`))
	step("unknown", 400, 0, post(`{"canary-free-text":"Quillfeather"}`))
	step("another type", 400, 0, post(`{"name":["Quillfeather"],"phone":7700900123}`))
	step("too large", 413, 0, post(`{"name":"`+strings.Repeat("Quillfeather", 10_000)+`"}`))

	all := b.Claims()
	if len(all) != 3 {
		t.Fatalf("%d claims", len(all))
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.Enrolment] {
			continue // it goes with the one before
		}
		seen[c.Enrolment] = true
		at := b.Link(purpose.Confirm, of(c))
		canaries = append(canaries, strings.TrimPrefix(at, string(purpose.Confirm)+"/"))
		step("opened", 200, 0, func() testbed.Answer { return b.Get(at) })
		step("posted by a scanner", 422, 0, func() testbed.Answer { return b.Post(at, nil) })
		step("confirmed", 303, 2, func() testbed.Answer { return b.Decide(at, "confirm") })
		step("confirmed twice", 200, 0, func() testbed.Answer { return b.Post(at, url.Values{"form": {c.ID}, "do": {"confirm"}}) })
		step("hastily copied", 403, 0, func() testbed.Answer { return b.Get(at + "canary-free-text") })
		// What stands there cannot be read any more.
		b.Spoil("programmes/pilot/enrolments/"+c.Enrolment, "person", "canary-free-text Quillfeather canary-address@canary.example.net")
		step("unreadable", 500, 0, func() testbed.Answer { return b.Get(at) })
	}
	step("enrolled again, unreadable", 202, 1, post(document(t, other))) // nobody looks there

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/enrol/pilot", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "203.0.113.77")
	request.Header.Set("Forwarded", "for=203.0.113.77")
	request.Header.Set("Referer", "https://mail.example/canary-free-text")
	response, err := b.Browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	s.Silent(canaries...)
}
