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
	if got := b.Post(at, slip); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Did you mean alex@gmail.com?") || b.Enrolment("alex").NewEmail != "Alex.New@example.org" {
		t.Errorf("a slip is not asked about: status %d", got.StatusCode)
	}
	// It counts once it is confirmed, and the one before hears of it.
	if e := b.Enrolment("alex"); e.Person.Email != "alex@example.org" || e.NewEmail != "Alex.New@example.org" {
		t.Errorf("the address is %s, and %s is asked for", e.Person.Email, e.NewEmail)
	}
	if owed := strings.Join(b.Owed(), " "); strings.Count(owed, "confirm-address") != 1 || strings.Count(owed, "address-asked") != 1 {
		t.Errorf("owed %s", owed)
	}
	audited := b.Audited()
	if len(audited) != 1 || !strings.Contains(audited[0], "asked for another address alex") || strings.Contains(audited[0], "@") {
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
		if got := b.Enrolment(id).NewEmail; got != "new@example.org" {
			t.Errorf("of %s the address %s is asked for", id, got)
		}
	}
	if got := b.Enrolment("zoe").NewEmail; got != "" {
		t.Errorf("of zoe the address %s is asked for", got)
	}
}
