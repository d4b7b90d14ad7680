package desk_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// Nothing that tells of a person stands in a log line or in a span, whatever staff do
// at the desk; and each change has its line.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := testbed.Watch(t)
	b := desktest.NewAlone(t)
	canaries := []string{"Quillfeather", "canary-address", "canary.example.net", "07700900123", "Canary Trust", "canary-free-text"}
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "kit", Name: "Kit Quillfeather", Email: "canary-address-staff@canary.example.net", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	b.Commit(c)
	b.Three()
	for _, id := range []string{"alex", "amy", "ann", "zoe", "zac", "zed"} {
		b.Spoil("programmes/pilot/enrolments/"+id, "person", map[string]any{"name": "Quillfeather Sample", "email": "canary-address-" + id + "@canary.example.net", "phone": "07700900123"})
		b.Spoil("programmes/pilot/enrolments/"+id, "organisation.name", "Canary Trust "+id)
	}
	run := b.Solved()
	b.SetAside("aside", "pilot", "ann", outbox.Bounced)
	b.Spoil("programmes/pilot/enrolments/amy", "readiness", map[string]any{"workshop": true})

	cookie, token := b.Cookie("kit"), b.SignInLink("kit")
	canaries = append(canaries, cookie.Value, path.Base(token))
	tells := func(what string, status, changes int, do func() testbed.Answer) (got testbed.Answer) {
		t.Helper()
		n := s.Tells(b.Bed, what, func() { got = do() })
		if got.StatusCode != status || n != changes {
			t.Errorf("%s: status %d and %d changes, want %d and %d: %s", what, got.StatusCode, n, status, changes, got.Body)
		}
		return got
	}
	post := func(what, at string, posted url.Values, status, changes int) {
		t.Helper()
		tells(what, status, changes, func() testbed.Answer { return b.Post(at, posted) })
	}
	get := func(at string, status int) testbed.Answer {
		t.Helper()
		return tells(at, status, 0, func() testbed.Answer { return b.Get(at) })
	}

	b.As() // nobody
	post("a link is asked for", "/desk/sign-in", url.Values{"email": {"canary-address-staff@canary.example.net"}}, 200, 1)
	post("by a stranger", "/desk/sign-in", url.Values{"email": {"canary-address-else@canary.example.net"}}, 200, 0)
	post("by nobody", "/desk/sign-in", url.Values{"email": {"canary-free-text"}}, 422, 0)
	post("signed in", token, desktest.Pressed(), 303, 0)
	u, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Browser.Jar.Cookies(u) {
		canaries = append(canaries, c.Value)
	}
	post("signed in by it once more", token, desktest.Pressed(), 303, 0)

	people := desk + "/people/"
	if got := get(desk+"/people?q=canary-free-text", 200); !strings.Contains(got.Body, "Quillfeather") {
		t.Fatal("the canaries did not fly")
	}
	get(people+"alex", 200)
	post("ready no more", people+"amy", url.Values{"supervisor": {"canary-free-text"}}, 303, 1)
	post("ready again", people+"amy", url.Values{"workshop": {"yes"}}, 303, 1)
	post("no such supervisor", people+"zoe", desktest.Trained("canary-free-text"), 422, 0)
	post("an address", people+"ann/address", url.Values{"email": {"canary-address-new@canary.example.net"}}, 303, 2) // an email to each address
	post("no address", people+"ann/address", url.Values{"email": {"canary-free-text canary-address@"}}, 422, 0)
	post("left", people+"ann/leave", url.Values{"do": {"leave"}, "reason": {"canary-free-text"}}, 303, 2) // and why
	post("written to again, who has left", people+"ann/emails", nil, 409, 0)
	post("returned", people+"ann/leave", url.Values{"do": {"return"}, "reason": {"canary-free-text"}}, 303, 2) // and why
	post("neither", people+"ann/leave", url.Values{"do": {"canary-free-text"}}, 404, 0)
	b.SetAside("aside2", "pilot", "zac", outbox.Bounced)
	post("written to again", people+"zac/emails", nil, 303, 1)
	get(desk+"/emails", 200)
	b.SetAside("aside3", "pilot", "zed", outbox.Bounced)
	post("tried again", desk+"/emails", url.Values{"message": {"aside3"}}, 303, 2)
	post("tried again, twice", desk+"/emails", url.Values{"message": {"aside3"}}, 303, 0)
	post("no email", desk+"/emails", url.Values{"message": {"none"}}, 404, 0)

	post("a supervisor", desk+"/supervisors/new", url.Values{"form": {strings.Repeat("A", 26)}, "name": {"Quillfeather Two"}, "email": {"canary-address2@canary.example.net"}, "capacity": {"3"}}, 303, 0)
	post("the same one otherwise", desk+"/supervisors/new", url.Values{"form": {strings.Repeat("A", 26)}, "name": {"Quillfeather Three"}, "email": {"canary-address3@canary.example.net"}, "capacity": {"3"}}, 409, 0)
	post("a supervisor, wrongly", desk+"/supervisors/new", url.Values{"form": {strings.Repeat("B", 26)}, "name": {"Quillfeather\a"}, "email": {"canary-address"}, "capacity": {"canary-free-text"}}, 422, 0)
	post("a supervisor, changed", desk+"/supervisors/robin", url.Values{"name": {"Quillfeather Robin"}, "email": {"canary-address4@canary.example.net"}, "capacity": {"8"}}, 303, 0)

	change := url.Values{"kind": {"forbid"}, "for": {"amy"}, "with": {"zed"}, "reason": {"canary-free-text"}}
	page := get(desk+"/matches/change?"+change.Encode(), 200)
	post("a decision, unseen", desk+"/matches/change", change, 422, 0)
	change.Set("seen", desktest.Filled(page.Body, "").Get("seen"))
	post("a decision", desk+"/matches/change", change, 303, 0)
	decisions, err := b.Store.Decisions(t.Context(), "pilot")
	if err != nil || len(decisions) != 1 {
		t.Fatal(decisions, err)
	}
	post("lifted", desk+"/matches/decisions", url.Values{"decision": {decisions[0].ID}}, 303, 0)
	post("no decision", desk+"/matches/decisions", url.Values{"decision": {"none"}}, 404, 0)
	get(desk+"/matches/why?for=alex&with=none", 404)

	var references []string
	for _, m := range run {
		references = append(references, m.Run+"/"+m.ID)
	}
	post("nothing released", desk+"/matches", url.Values{"match": {"none/none"}}, 404, 0)
	one := ""
	for i, m := range run {
		if m.Client.Enrolment == "alex" {
			one = references[i]
		}
	}
	post("released", desk+"/matches", url.Values{"match": {one}}, 303, 3) // with an email to each
	post("released twice", desk+"/matches", url.Values{"match": {one}}, 303, 0)
	post("the others released", desk+"/matches", url.Values{"match": references}, 303, 6)
	post("taken back", desk+"/matches/withdraw", url.Values{"match": {one}}, 303, 3)
	tells("not to be read", 400, 0, func() testbed.Answer {
		return b.Do(http.MethodPost, people+"alex/address", desktest.Form, "email=canary-free-text%ff")
	})

	b.Spoil("programmes/pilot/enrolments/alex", "person", "canary-free-text Quillfeather canary-address@canary.example.net")
	get(people+"alex", 500)
	get(desk+"/people", 200) // without them
	s.Silent(canaries...)
}
