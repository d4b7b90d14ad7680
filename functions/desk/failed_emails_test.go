package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// setAside owes an email, and has it set aside.
func (b *bed) setAside(id, programmeID, to string, outcome outbox.Outcome) {
	b.t.Helper()
	c := b.Store.Commit()
	c.Enqueue(b.t.Context(), outbox.Message{ID: id, Kind: outbox.MatchReleased, Programme: programmeID, To: to, Role: programme.Client}, b.Now())
	b.Commit(c)
	m := b.message(id)
	m.Claim(b.Now(), outbox.Usual)
	m.PutAside("the provider answered 400")
	if m.Outcome = outcome; outcome != "" {
		m.Failure = string(outcome)
	}
	c = b.Store.Commit()
	c.UpdateMessage(m)
	person, err := b.Store.Contact(b.t.Context(), programmeID, to)
	if err != nil {
		b.t.Fatal(err)
	}
	if outcome.Stops() {
		person.Stop(contact.Bounced, b.Now())
		c.SaveContact(programmeID, person, b.Now())
	}
	b.Commit(c)
}

func (b *bed) message(id string) *outbox.Message {
	b.t.Helper()
	m, _, err := b.Store.Message(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func TestEmailThatDidNotGoIsSeenAndTriedAgain(t *testing.T) {
	b := newBed(t)
	b.enrol("pilot", person("alex"), person("zoe"))
	b.setAside("m1", "pilot", "alex", outbox.Bounced)
	b.setAside("m2", "pilot", "zoe", "")
	b.setAside("m3", "pilot", "who-is-gone", outbox.Blocked)
	const at = "/desk/programmes/pilot/emails"
	page := b.Get(at).Body
	for _, says := range []string{"alex@example.org", "does not take emails", "zoe@example.org", "the provider answered 400", "turned it away for now"} {
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
	m := b.message("m1")
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

func TestEmailsOfAnotherProgrammeAreNotTriedAgain(t *testing.T) {
	b := newBed(t)
	b.setAside("m1", "other", "alex", "")
	for _, id := range []string{"m1", "nowhere", "", "__a__", "a/b"} {
		if got := b.Post("/desk/programmes/pilot/emails", url.Values{"message": {id}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: status %d", id, got.StatusCode)
		}
	}
	if m := b.message("m1"); m.State != outbox.SetAside {
		t.Errorf("%+v", m)
	}
}

func TestEachKindOfEmailHasAName(t *testing.T) {
	t.Parallel()
	letters, err := mail.Parse()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range letters.Kinds() {
		if abouts[k] == "" {
			t.Errorf("%s has none", k)
		}
	}
}
