package enrolment

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

const passesOn = "/enrol/pass-on/pilot"

// passOn passes an invitation on to an address.
func passOn(b *testbed.Bed, address string) testbed.Answer {
	return b.Post(passesOn, url.Values{"email": {address}})
}

// invited are the messages with invitations that are to be sent.
func invited(t *testing.T, b *testbed.Bed) (all []*outbox.Message) {
	t.Helper()
	return slices.DeleteFunc(messages(t, b), func(m *outbox.Message) bool { return m.Kind != message.KindPassedOn })
}

// toInvited is the link in a message with an invitation.
func toInvited(b *testbed.Bed, m *outbox.Message) string {
	return b.Link(purpose.PassedOn, store.Link{Programme: "pilot", Person: m.To, Role: m.Role, IDs: m.IDs})
}

// everything is all that is stored of people, as text.
func everything(b *testbed.Bed) string {
	var all strings.Builder
	for _, d := range b.Documents() {
		fmt.Fprintln(&all, d.Data())
	}
	return strings.ToLower(all.String())
}

// Whether an address takes part, was invited before, refused for good or is nobody's: whoever
// passes an invitation on gets the same answer by the same work, then and when they look again.
func TestWhoPassesAnInvitationOnLearnsNothing(t *testing.T) {
	b := bed(t)
	b.Store.Remember(time.Hour)
	takesPart(t, b, "takes.part@example.org", programme.Client, func(*enrolment.Enrolment) {})
	takesPart(t, b, "left@example.org", programme.Consultant, func(e *enrolment.Enrolment) { e.Withdraw() })
	for _, who := range []string{"before", "refused", "taken.up"} {
		passOn(b, who+"@example.org")
	}
	for _, m := range invited(t, b) {
		n, err := b.Store.Nomination(t.Context(), "pilot", m.Nomination)
		if err != nil {
			t.Fatal(err)
		}
		at := toInvited(b, m)
		switch n.Email {
		case "refused@example.org":
			b.Post(at, url.Values{"do": {"never"}})
		case "taken.up@example.org":
			b.Post(at, url.Values{"do": {"seek"}})
		}
	}
	var sent, again []asked
	for _, who := range []string{"nobody", "takes.part", "left", "before", "refused", "taken.up"} {
		b.Browser.Jar, _ = cookiejar.New(nil)
		sent = append(sent, ask(b, who, passOn(b, who+"@example.org")))
		b.Get("/enrol/pilot") // so that the meter is of the next alone
		b.Asked()
		got := b.Get(passesOn + "?done=passed")
		again = append(again, asked{who, got.Status + got.Body, b.Asked()})
	}
	alike(t, "passed on", sent)
	for _, a := range again {
		if a.answer != again[0].answer || !strings.Contains(a.answer, "you hear nothing of what they make of it") {
			t.Errorf("%s: %s", a.about, a.answer)
		}
	}
	// One email an address, whatever was sent to it; who takes part is found when it is sent.
	if n := len(invited(t, b)); n != 3+3 {
		t.Errorf("%d invitations are to be sent", n)
	}
}

// Whoever was sent an invitation alone sees what it is, fills in a form of their own, with
// nothing decided for them, and nothing is kept of who passed it on.
func TestInvitationIsTakenUpByItsReaderAlone(t *testing.T) {
	b := bed(t)
	for _, wrong := range []string{"", "lee", "lee@example", "a@example.org, b@example.org"} {
		if got := passOn(b, wrong); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `id="email-error"`) {
			t.Errorf("%q: %d", wrong, got.StatusCode)
		}
	}
	b.Post(passesOn, url.Values{"email": {"Lee@Example.org"}, "from": {"Canary Fund"}, "words": {"canary words"}})
	b.Post(passesOn, url.Values{"email": {"lee@example.org"}})
	all := invited(t, b)
	if len(all) != 1 {
		t.Fatalf("%d invitations", len(all))
	}
	if strings.Contains(everything(b), "canary") {
		t.Error("something of who passed it on is stored")
	}
	at := toInvited(b, all[0])
	page := b.Get(at)
	for _, says := range []string{"You are free to ignore it", "Enrol as an ublick", "Enrol as a zworp", "Pass no invitation on to me again"} {
		if !strings.Contains(page.Body, says) {
			t.Errorf("the invitation lacks %q: %s", says, page.Body)
		}
	}
	if got := b.Post(at, nil); got.StatusCode != http.StatusUnprocessableEntity { // as a mail scanner may
		t.Errorf("a bare POST: %d", got.StatusCode)
	}
	if got := b.Post(at, url.Values{"do": {"offer"}}); got.Header.Get("Location") != "/enrol/pilot/offer/privacy" {
		t.Fatalf("it leads to %q", got.Header.Get("Location"))
	}
	if len(b.Claims()) > 0 || len(enrolments(t, b)) > 0 {
		t.Error("somebody takes part by an invitation alone")
	}
	agreed(b, "offer")
	if got := b.Get("/enrol/pilot/offer/you").Body; !strings.Contains(got, "Lee@example.org") {
		t.Errorf("their address is not filled in: %s", got)
	}
	for _, p := range place("offer")[1:] {
		if p.step == "you" {
			p.form.Set("email", "lee@example.org")
		}
		b.Post("/enrol/pilot/offer/"+p.step, p.form)
	}
	b.Post("/enrol/pilot/offer/check", nil)
	if c := b.Claims(); len(c) != 1 || c[0].Form.Heard != enrolment.ByInvitation {
		t.Errorf("claims %+v", c)
	}
	// Thirty days later nothing is left of it.
	b.Pass(31 * 24 * time.Hour)
	if got := b.Get(at); !strings.Contains(got.Body, "expired") && !strings.Contains(got.Body, "is over") {
		t.Errorf("after its time: %s", got.Body)
	}
}

// fromWebmail is a mail program's button that is pressed on the page of a webmail.
func fromWebmail(t *testing.T, b *testbed.Bed, path, body string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://webmail.example.com")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := b.Browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// Who wants no invitation says so once, by the page or by their mail program's button, and is
// sent none again: in no programme, and whoever passes one on.
func TestWhoRefusesInvitationsIsSentNoneAgain(t *testing.T) {
	b := bed(t)
	for who, refuse := range map[string]url.Values{"page@example.org": {"do": {"never"}}, "mail@example.org": {"List-Unsubscribe": {"One-Click"}}} {
		passOn(b, who)
		all := invited(t, b)
		m := all[slices.IndexFunc(all, func(m *outbox.Message) bool {
			n, err := b.Store.Nomination(t.Context(), "pilot", m.Nomination)
			return err == nil && string(n.Email) == who
		})]
		at := toInvited(b, m)
		if refuse.Has("List-Unsubscribe") {
			if status := fromWebmail(t, b, at, refuse.Encode()); status != http.StatusOK {
				t.Errorf("%s: %d", who, status)
			}
			if status := fromWebmail(t, b, at, "do=never"); status != http.StatusForbidden {
				t.Errorf("another site's form: %d", status)
			}
		} else if got := b.Post(at, refuse); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %d %s", who, got.StatusCode, got.Body)
		}
		b.Post(at, refuse) // sent twice
		if got := b.Get(at + "?done=never").Body; !strings.Contains(got, "No invitation of this kind is sent to you any more") {
			t.Errorf("%s: %s", who, got)
		}
		if strings.Contains(everything(b), who) {
			t.Errorf("the address %s is still stored", who)
		}
		b.Pass(3 * 366 * 24 * time.Hour)
		before := len(invited(t, b))
		passOn(b, strings.ToUpper(who[:1])+who[1:])
		if n := len(invited(t, b)); n != before {
			t.Errorf("%s is written to again", who)
		}
	}
}
