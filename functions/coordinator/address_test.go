package coordinator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/reminder"
)

func TestWhoseAddressWasWrongGetsAnother(t *testing.T) {
	b := newBed(t)
	b.enrol("pilot", person("alex"))
	b.contact("alex", func(c *reminder.Contact) { c.Stop(reminder.Bounced, b.Now()) })
	const at = desk + "/people/alex/address"
	for _, wrong := range []string{"", "alex", "alex@", "a b@example.org", "alex@example.org, zoe@example.org", "alex@example.org\r\nBcc: zoe@example.org", strings.Repeat("x", 260) + "@example.org"} {
		if got := b.Post(at, url.Values{"email": {wrong}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Enter ") {
			t.Errorf("%.30q: status %d", wrong, got.StatusCode)
		}
	}
	if e := b.enrolment("alex"); e.Person.Email != "alex@example.org" {
		t.Fatalf("changed to %s", e.Person.Email)
	}
	for range 2 { // sent twice
		if got := b.Post(at, url.Values{"email": {" Alex.New@Example.org "}}); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	contact, err := b.Store.Contact(t.Context(), "pilot", "alex")
	if err != nil || contact.Stopped != "" {
		t.Errorf("still not written to: %+v, %v", contact, err)
	}
	if e := b.enrolment("alex"); e.Person.Email != "Alex.New@example.org" {
		t.Errorf("the address is %s", e.Person.Email)
	}
	audited := b.audited()
	if len(audited) != 1 || !strings.Contains(audited[0], "gave another address alex") || strings.Contains(audited[0], "@") {
		t.Errorf("audited %q", audited)
	}
}
