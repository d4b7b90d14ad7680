package people_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/contact"
)

func TestWhoseAddressWasWrongGetsAnother(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex"))
	b.Contact("alex", func(c *contact.Contact) { c.Stop(contact.Bounced, b.Now()) })
	const at = desk + "/people/alex/address"
	for _, wrong := range []string{"", "alex", "alex@", "a b@example.org", "alex@example.org, zoe@example.org", "alex@example.org\r\nBcc: zoe@example.org", strings.Repeat("x", 260) + "@example.org"} {
		if got := b.Post(at, url.Values{"email": {wrong}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Enter ") {
			t.Errorf("%.30q: status %d", wrong, got.StatusCode)
		}
	}
	if e := b.Enrolment("alex"); e.Person.Email != "alex@example.org" {
		t.Fatalf("changed to %s", e.Person.Email)
	}
	for range 2 { // sent twice
		if got := b.Post(at, url.Values{"email": {" Alex.New@Example.org "}}); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	slip := url.Values{"email": {"alex@gmial.com"}}
	if got := b.Post(at, slip); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Did you mean alex@gmail.com?") || b.Enrolment("alex").Person.Email != "Alex.New@example.org" {
		t.Errorf("a slip is not asked about: status %d", got.StatusCode)
	}
	contact, err := b.Store.Contact(t.Context(), "pilot", "alex")
	if err != nil || contact.Stopped != "" {
		t.Errorf("still not written to: %+v, %v", contact, err)
	}
	if e := b.Enrolment("alex"); e.Person.Email != "Alex.New@example.org" {
		t.Errorf("the address is %s", e.Person.Email)
	}
	audited := b.Audited()
	if len(audited) != 1 || !strings.Contains(audited[0], "gave another address alex") || strings.Contains(audited[0], "@") {
		t.Errorf("audited %q", audited)
	}
}

// Who takes part in both roles has the new address in both.
func TestAddressChangesInBothRoles(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Person("alex-seek"), desktest.Person("alex-offer"), desktest.Person("zoe"))
	b.Contact("alex-seek", func(c *contact.Contact) { c.Stop(contact.Bounced, b.Now()) })
	page := b.Get(desk + "/emails").Body
	for _, id := range []string{"alex-seek", "alex-offer"} {
		if !strings.Contains(page, `href="`+desk+"/people/"+id+`"`) {
			t.Errorf("%s is not listed among those to whom nothing is sent", id)
		}
	}
	b.Post(desk+"/people/alex-offer/address", url.Values{"email": {"new@example.org"}})
	for _, id := range []string{"alex-seek", "alex-offer"} {
		if got := b.Enrolment(id).Person.Email; got != "new@example.org" {
			t.Errorf("%s has the address %s", id, got)
		}
		if contact, err := b.Store.Contact(t.Context(), "pilot", id); err != nil || contact.Stopped != "" {
			t.Errorf("%s is still not written to: %+v, %v", id, contact, err)
		}
	}
	if got := b.Enrolment("zoe").Person.Email; got != "zoe@example.org" {
		t.Errorf("zoe has the address %s", got)
	}
}
