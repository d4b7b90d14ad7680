package enrolment

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// asked is a form about an address, how it was answered, and what it asked of the database.
type asked struct {
	about  string
	answer string
	meter  *cost.Meter
}

// ask notes the answer to a form.
func ask(b *testbed.Bed, about string, got testbed.Answer) asked {
	return asked{about, got.Status + " " + got.Header.Get("Location") + " " + got.Body, b.Asked()}
}

// alike fails unless all forms are answered alike and made the same calls in the same order, of
// as many documents.
func alike(t *testing.T, form string, all []asked) {
	t.Helper()
	want, calls := all[0].meter.Cost(), all[0].meter.Calls()
	if want.Reads == 0 || want.Writes == 0 {
		t.Fatalf("%s costs %+v: %q", form, want, calls)
	}
	for _, a := range all[1:] {
		if got := a.meter.Cost(); !slices.Equal(a.meter.Calls(), calls) || got.Reads != want.Reads || got.Writes != want.Writes {
			t.Errorf("%s, %s: %q, %+v, want %q, %+v", form, a.about, a.meter.Calls(), got, calls, want)
		}
		if a.answer != all[0].answer {
			t.Errorf("%s, %s: %s, want %s", form, a.about, a.answer, all[0].answer)
		}
	}
}

// takesPart has somebody take part with an address, in a role.
func takesPart(t *testing.T, b *testbed.Bed, address string, role programme.Role, change func(*enrolment.Enrolment)) {
	t.Helper()
	f := form()
	if f.Email = address; role == programme.Consultant {
		f.Capacity = 1
	}
	e, err := enrolment.New(b.Programme, role, f, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	change(e)
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", e)
	b.Commit(c)
}

// Whoever has the address in a form, in whichever state, and if nobody has it: the form is the
// same calls in the same order, and one answer; also where the address was written to enough.
func TestFormsAreTakenAlikeWhoeverTakesPart(t *testing.T) {
	b := bed(t)
	b.Store.Remember(time.Hour)
	as := func(*enrolment.Enrolment) {}
	takesPart(t, b, "seeks@example.org", programme.Client, as)
	takesPart(t, b, "offers@example.org", programme.Consultant, as)
	takesPart(t, b, "both@example.org", programme.Client, as)
	takesPart(t, b, "both@example.org", programme.Consultant, as)
	takesPart(t, b, "left@example.org", programme.Client, func(e *enrolment.Enrolment) { e.Withdraw() })
	takesPart(t, b, "before@example.org", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed })
	takesPart(t, b, "first@example.org", programme.Client, func(e *enrolment.Enrolment) { e.Person.Email = "moved@example.org" })
	one(b, "pilot", "seek", "claimed@example.org")
	for range 5 {
		one(b, "pilot", "seek", "enough@example.org")
	}
	addresses := []string{"nobody", "seeks", "offers", "both", "left", "before", "first", "moved", "claimed", "enough", "another"}

	forms := map[string][]asked{}
	for _, who := range addresses {
		address := who + "@example.org"
		show := func(form string, got testbed.Answer) {
			got.Body = strings.ReplaceAll(got.Body, address, "ADDRESS")
			if strings.HasPrefix(got.Body, "{") {
				got.Body = "" // it has the claim's id
			}
			forms[form] = append(forms[form], ask(b, who, got))
		}
		show("one document", one(b, "pilot", "seek", address))
		b.Browser.Jar, _ = cookiejar.New(nil)
		walk(b, "seek")
		show("the page for the address", b.Post("/enrol/pilot/seek/you", url.Values{"name": {"Alex Sample"}, "email": {address}}))
		show("the last page", b.Post("/enrol/pilot/seek/check", nil))
		b.Pass(2 * time.Minute)
		show("the email once more", b.Post(atSent, nil))
		b.Browser.Jar, _ = cookiejar.New(nil)
		enrolled(b, "slip@example.org")
		b.Pass(2 * time.Minute)
		show("another address", b.Post(atAddress, url.Values{"email": {address}}))
	}
	for form, all := range forms {
		alike(t, form, all)
	}
}

// Whoever sends a form once more cannot tell whether it waits, was confirmed, or was discarded.
func TestFormThatIsSentAgainTellsNothing(t *testing.T) {
	b := bed(t)
	b.Store.Remember(time.Hour)
	var all []asked
	for _, became := range []string{"it waits", "confirmed", "discarded", "it waits, and is reminded of no more"} {
		f := form()
		f.Email = strings.ReplaceAll(strings.ReplaceAll(became, " ", "."), ",", "") + "@example.org"
		send := func() testbed.Answer {
			return b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f))
		}
		send()
		claim := b.Claims()[slices.IndexFunc(b.Claims(), func(c *enrolment.Claim) bool { return c.Form.Email == f.Email })]
		switch became {
		case "confirmed":
			b.Decide(b.Link(purpose.Confirm, of(claim)), "confirm")
		case "discarded":
			b.Decide(b.Link(purpose.Confirm, of(claim)), "discard")
		case "it waits, and is reminded of no more":
			c := b.Store.Commit()
			c.UpdateClaim("pilot", &enrolment.Claim{ID: claim.ID, Enrolment: claim.Enrolment, Role: claim.Role, Form: claim.Form, ExpireAt: claim.ExpireAt, CreatedAt: claim.CreatedAt, Version: version(t, b, claim.ID)})
			b.Commit(c)
		}
		got := send()
		if got.StatusCode != http.StatusAccepted {
			t.Fatalf("%s: status %d: %s", became, got.StatusCode, got.Body)
		}
		got.Body = strings.ReplaceAll(got.Body, claim.ID, "ID")
		all = append(all, ask(b, became, got))
	}
	alike(t, "once more", all)
	if n := inbox(t, b); n != 4+2 {
		t.Errorf("%d emails", n)
	}
}

// version is that of a claim as it is stored.
func version(t *testing.T, b *testbed.Bed, claim string) time.Time {
	t.Helper()
	c, err := b.Store.Claim(t.Context(), "pilot", claim)
	if err != nil {
		t.Fatal(err)
	}
	return c.Version
}
