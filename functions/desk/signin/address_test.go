package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// However an address was given when somebody was added, and however they type it to sign
// in: it is one address, and the link goes there.
func TestAddressThatWasAddedAndTheOneThatIsTypedMeet(t *testing.T) {
	b := newBed(t)
	b.As()
	for want, forms := range map[string][]string{
		"kit.o'neill@example.org": {
			"kit.o'neill@example.org", "Kit.O’Neill@Example.ORG", "mailto:kit.o%27neill@example.org?subject=Hello", "Kit O’Neill <kit.oʼneill@example.org>",
			"\u200bkit.o'neill@example.org\u00a0", "<KIT.O'NEILL@EXAMPLE.ORG>;", "kit.o'neill@example.org.", "ｋｉｔ.o＇neill＠example．org",
		},
		"sam@xn--bcher-kva.example": {"sam@bücher.example", "Sam@BÜCHER.example", "sam@bu\u0308cher.example", "SAM@XN--BCHER-KVA.example"},
	} {
		for _, added := range forms {
			address, err := email.Parse(added)
			if err != nil {
				t.Fatalf("%q: %v", added, err)
			}
			m := store.NewStaff("Kit Sample", address, b.Now())
			if string(m.Email) != want {
				t.Errorf("%q is stored as %q", added, m.Email)
			}
			if known, err := b.Store.StaffByEmail(t.Context(), address); err != nil {
				t.Fatal(err)
			} else if known == nil {
				m.Roles = access.ByProgramme{"pilot": {access.Coordinator}}
				c := b.Store.Commit()
				c.CreateStaff(m)
				b.Commit(c)
			} else if known.ID != m.ID {
				t.Errorf("%q is another person than %q", added, want)
			}
		}
		for _, typed := range forms {
			b.Pass(time.Hour) // so many links are sent in one
			before := len(b.Owed())
			if got := b.ask(typed); got.StatusCode != http.StatusOK || len(b.Owed()) != before+1 {
				t.Errorf("%q: status %d, and %d links more for %q", typed, got.StatusCode, len(b.Owed())-before, want)
			}
		}
	}

	// As it was stored before domains were put into Punycode.
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "lee", Name: "Lee Sample", Email: "lee@bücher.example", Roles: access.ByProgramme{"pilot": {access.Evaluator}}})
	b.Commit(c)
	for _, typed := range []string{"lee@bücher.example", "Lee@xn--bcher-kva.example"} {
		b.Pass(time.Hour) // so many links are sent in one
		before := len(b.Owed())
		if b.ask(typed); len(b.Owed()) != before+1 {
			t.Errorf("%q, as it was stored before: no link", typed)
		}
	}

	// What cannot be sent to is said, and no link is promised.
	for typed, says := range map[string]string{"jörg@example.org": "cannot send to one with “ö”", strings.Repeat("x", 65) + "@example.org": "64 characters or fewer", "kit": "an @ sign", "": "Enter an email address"} {
		if got := b.ask(typed); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, says) || strings.Contains(got.Body, "Check your email") {
			t.Errorf("%q: status %d", typed, got.StatusCode)
		}
	}
}
