package messages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

func TestEmailThatDidNotGoIsSeenAndTriedAgain(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"), desktest.Person("zoe"))
	b.SetAside("m1", "pilot", "alex", outbox.Bounced)
	b.SetAside("m2", "pilot", "zoe", "")
	b.SetAside("m3", "pilot", "who-is-gone", outbox.Blocked)
	const at = "/desk/programmes/pilot/emails"
	page := b.Get(at).Body
	for _, says := range []string{"alex@example.org", "does not take emails", "zoe@example.org", "the provider answered 400", "turned it away for days"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q", says)
		}
	}
	again := url.Values{"message": {"m1"}}
	for range 2 { // sent twice
		if got := b.Post(at, again); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	m := b.Message("m1")
	if m.State != outbox.Pending || m.Retried != 1 || m.DueAt.After(b.Now()) {
		t.Errorf("%+v", m)
	}
	contact, err := b.Store.Contact(t.Context(), "pilot", "alex")
	if err != nil || contact.Stopped != "" {
		t.Errorf("the person is still not written to: %+v, %v", contact, err)
	}
	if page := b.Get(at).Body; strings.Contains(page, "alex@example.org") || strings.Contains(page, "nothing is sent") || !strings.Contains(page, "zoe@example.org") {
		t.Error("the page lists what is tried again, or not what is not")
	}
}

// What waits for a fault of the host's account is said, with the fault, and nobody has to
// do anything about each email.
func TestEmailsThatWaitForTheAccountAreSaid(t *testing.T) {
	b := newBed(t)
	const at = "/desk/programmes/pilot/emails"
	if page := b.Get(at).Body; strings.Contains(page, "our email provider does not send") {
		t.Error("it is said where none waits")
	}
	b.Enrol("pilot", desktest.Person("alex"))
	for id, fault := range map[string]outbox.Fault{"m1": outbox.OverQuota, "m2": outbox.OverQuota, "m3": outbox.Suspended, "m4": ""} {
		b.SetAside(id, "pilot", "alex", "")
		m := b.Message(id)
		if err := m.TryAgain(b.Now()); err != nil {
			t.Fatal(err)
		}
		m.Claim(b.Now(), outbox.Usual)
		if m.Took("x", b.Now()); fault != "" {
			m.Report(outbox.Report{Attempt: m.Attempts, Outcome: outbox.Held, Dropped: true, Fault: fault, At: b.Now()}, 0, b.Now())
		} else {
			m.Report(outbox.Report{Attempt: m.Attempts, Outcome: outbox.BoxFull, At: b.Now()}, 0, b.Now())
		}
		c := b.Store.Commit()
		c.UpdateMessage(m)
		b.Commit(c)
	}
	page := b.Get(at).Body
	for _, says := range []string{"3 emails wait since our email provider does not send", "used up the emails", "closed the host’s account", "within half an hour", "None. Every email"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page lacks %q", says)
		}
	}
	if strings.Contains(page, "nothing is sent") || strings.Contains(page, "Try again") {
		t.Error("somebody is stopped, or is to be tried again")
	}
	if page := b.Get("/desk/programmes/pilot").Body; !strings.Contains(page, "3 more wait for our email provider") {
		t.Error("the front page does not say that they wait")
	}
}

// A person is told apart from a box: each reason has words of its own.
func TestEveryReasonHasItsWords(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	outcomes := []outbox.Outcome{outbox.Held, outbox.PutOff, outbox.BoxFull, outbox.Blocked, outbox.Unclear, outbox.Bounced, outbox.Dropped, outbox.Invalid, outbox.SpamReport, outbox.Unsubscribed}
	for i, outcome := range outcomes {
		b.SetAside(fmt.Sprint("m", i), "pilot", "alex", outcome)
	}
	seen := map[string]bool{}
	for _, card := range strings.Split(b.Get("/desk/programmes/pilot/emails").Body, `govuk-summary-card__content`)[1:] {
		words, _, _ := strings.Cut(card, "</p>")
		if seen[words] || strings.Contains(words, "It could not be sent") {
			t.Errorf("said twice, or not at all: %s", words)
		}
		seen[words] = true
	}
	if len(seen) != len(outcomes) {
		t.Errorf("%d reasons, want %d", len(seen), len(outcomes))
	}
}

func TestEmailsOfAnotherProgrammeAreNotTriedAgain(t *testing.T) {
	b := newBed(t)
	b.SetAside("m1", "other", "alex", "")
	for _, id := range []string{"m1", "nowhere", "", "__a__", "a/b"} {
		if got := b.Post("/desk/programmes/pilot/emails", url.Values{"message": {id}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: status %d", id, got.StatusCode)
		}
	}
	if m := b.Message("m1"); m.State != outbox.SetAside {
		t.Errorf("%+v", m)
	}
}
