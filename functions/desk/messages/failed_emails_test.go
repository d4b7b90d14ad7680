package messages_test

import (
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
