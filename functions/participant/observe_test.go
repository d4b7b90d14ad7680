package participant

import (
	"github.com/cascading-leadership/cascade/shared/outbox"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Nothing that tells of a person, and nothing of what they say to each other, stands
// in a log line or in a span; and each change of a match, a pairing or a session has
// its line.
func TestNothingPersonalIsLogged(t *testing.T) {
	s := testbed.Watch(t)
	b := newBedAlone(t)
	canaries := []string{"Quillfeather", "canary-address", "canary.example.net", "07700900123", "Canary Trust", "canary-free-text"}
	b.enrol(ready("ann", programme.Client), ready("yan", programme.Consultant))
	for _, id := range []string{"alex", "zoe", "ann", "yan"} {
		b.Spoil("programmes/pilot/enrolments/"+id, "person", map[string]any{"name": "Quillfeather Sample", "email": "canary-address-" + id + "@canary.example.net", "phone": "07700900123"})
		b.Spoil("programmes/pilot/enrolments/"+id, "organisation.name", "Canary Trust "+id)
	}
	match, zoesMatch := b.match(pairing.Released)
	alex, zoe := b.pair()
	c := b.Store.Commit()
	c.CreateMatch("pilot", &pairing.Match{ID: "no", Run: "r", Programme: "pilot", State: pairing.Released, Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}})
	b.Commit(c)
	declined := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "no"}})
	choose, emails := b.toChoose("ann"), b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	for _, at := range []string{match, zoesMatch, alex, zoe, declined, choose, emails} {
		canaries = append(canaries, path.Base(at))
	}

	tells := func(what string, status, changes int, do func() testbed.Answer) {
		t.Helper()
		var got testbed.Answer
		n := s.Tells(b.Bed, what, func() { got = do() })
		if got.StatusCode != status || n != changes {
			t.Errorf("%s: status %d and %d changes, want %d and %d: %s", what, got.StatusCode, n, status, changes, content(got.Body))
		}
	}
	post := func(what, at string, posted url.Values, status, changes int) {
		t.Helper()
		tells(what, status, changes, func() testbed.Answer { return b.Post(at, posted) })
	}
	get := func(at string, status int) {
		t.Helper()
		tells(at, status, 0, func() testbed.Answer { return b.Get(at) })
	}

	get(match+"?from=canary-free-text", 200)
	get(match+"canary-free-text", 403)
	post("accepted by nobody", match+"/accept", url.Values{"agree": {"canary-free-text"}}, 422, 0)
	post("accepted by one", match+"/accept", agree(), 303, 0)
	post("accepted by both", zoesMatch+"/accept", agree(), 303, 4) // the match, the pairing and two emails
	post("accepted twice", zoesMatch+"/accept", agree(), 303, 0)
	post("declined too late", match+"/decline", url.Values{"decline": {"yes"}, "reason": {"canary-free-text"}}, 409, 0)
	post("declined wrongly", declined+"/decline", url.Values{"decline": {"yes"}, "reason": {strings.Repeat("canary-free-text", 1000)}}, 422, 0)
	post("declined", declined+"/decline", url.Values{"decline": {"yes"}, "reason": {"canary-free-text"}}, 303, 2)

	b.mode(programme.Directory)
	post("chosen without agreeing", choose+"/with/yan", url.Values{"agree": {"canary-free-text"}}, 422, 0)
	post("who is not there", choose+"/with/nobody", agree(), 409, 0)
	post("chosen", choose+"/with/yan", agree(), 303, 3) // the match, its email, and the run of all that are chosen
	post("chosen twice", choose+"/with/yan", agree(), 303, 0)
	post("taken back", choose+"/decline", url.Values{"decline": {"yes"}, "reason": {"canary-free-text"}}, 303, 2)

	booked := booking("place", "canary-free-text")
	at := "/" + booked.Get("form")
	post("booked", alex+"/book", booked, 303, 3)
	post("booked twice", alex+"/book", booked, 303, 0)
	post("another by the same form", alex+"/book", with(booked, "place", "canary-free-text 2"), 409, 0)
	post("booked wrongly", alex+"/book", booking("date", "canary-free-text", "time", "canary-free-text", "place", "canary-free-text\a"), 422, 0)
	post("moved", zoe+"/move"+at, moving("place", "canary-free-text 3"), 303, 2) // two emails
	post("moved unseen", alex+"/move"+at, moving("place", "canary-free-text 4"), 409, 0)
	post("cancelled wrongly", alex+"/cancel"+at, cancelling("seen", "1", "reason", strings.Repeat("canary-free-text", 1000)), 422, 0)
	post("cancelled", alex+"/cancel"+at, cancelling("seen", "1", "reason", "canary-free-text"), 303, 3)
	tells("not to be read", 400, 0, func() testbed.Answer {
		return b.Do(http.MethodPost, alex+"/book", "application/x-www-form-urlencoded", "place=canary-free-text%ff")
	})
	tells("not a form", 415, 0, func() testbed.Answer {
		return b.Do(http.MethodPost, alex+"/book", "application/json", `{"place":"canary-free-text"}`)
	})

	b.booked("s", time.Hour)
	b.booked("u", time.Hour)
	b.Pass(2 * time.Hour)
	words := []string{"surfaced", "canary-free-text", "next", "canary-free-text"}
	post("logged wrongly", alex+"/log/s", heldLog("thinking", "canary-free-text", "surfaced", strings.Repeat("canary-free-text", 1000)), 422, 0)
	post("logged", alex+"/log/s", heldLog(words...), 303, 1)
	post("logged twice", alex+"/log/s", heldLog(words...), 303, 0)
	post("logged by the other", zoe+"/log/s", heldLog(words...), 303, 0)

	b.AnotherBrowser()
	post("amended on another device", alex+"/log/s", heldLog(words...), 403, 0)
	get(alex+"/code?to=canary-free-text", 200)
	post("no code yet", alex+"/code", url.Values{"do": {"give"}, "code": {"canary-free-text"}}, 422, 0)
	post("a code", alex+"/code", url.Values{"do": {"send"}, "kept.surfaced": {"canary-free-text"}}, 200, 1) // its email
	code := b.Code()
	canaries = append(canaries, code[:3]+" "+code[3:])
	post("a wrong code", alex+"/code", url.Values{"do": {"give"}, "code": {another(code)}}, 422, 0)
	post("the code", alex+"/code", url.Values{"do": {"give"}, "code": {code}}, 303, 0)
	for _, c := range b.Browser.Jar.Cookies(b.address()) {
		canaries = append(canaries, c.Value)
	}
	if got := b.Get(alex); !strings.Contains(got.Body, "canary-free-text") {
		t.Fatal("the canaries did not fly")
	}
	post("the last one", alex+"/log/u", heldLog(words...), 303, 1)
	post("paused wrongly", zoe+"/pause", url.Values{"date": {"canary-free-text"}}, 422, 0)
	post("paused", zoe+"/pause", booking("date", "1", "date-month", "5"), 303, 1)
	post("resumed", zoe+"/resume", nil, 303, 1)
	post("proposed to finish", zoe+"/finish", nil, 303, 1)
	post("gone on", alex+"/finish", url.Values{"do": {"go-on"}}, 303, 1)
	post("stopped wrongly", alex+"/stop", url.Values{"next": {"later"}, "reason": {strings.Repeat("canary-free-text", 1000)}}, 422, 0)
	post("stopped", alex+"/stop", url.Values{"next": {"later"}, "reason": {"canary-free-text"}}, 303, 3) // and two emails
	post("finished after that", zoe+"/finish", nil, 409, 0)
	post("another after all", alex+"/next", url.Values{"next": {"another"}}, 303, 0)

	post("no choice", emails, url.Values{"do": {"canary-free-text"}}, 404, 0)
	post("no zone", emails, url.Values{"do": {"zone"}, "zone": {"canary-free-text"}}, 404, 0)
	post("a pause", emails, url.Values{"do": {"pause"}}, 303, 0)

	post("left", choose+"/leave", nil, 303, 2) // the enrolment, and its email

	for _, id := range []string{"alex", "zoe"} {
		b.Spoil("programmes/pilot/enrolments/"+id, "person", "canary-free-text Quillfeather canary-address@canary.example.net")
	}
	get(match, 500)
	get(alex, 500)
	s.Silent(canaries...)
	s.SilentOfNumbers(code, another(code))
}
