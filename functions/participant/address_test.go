package participant

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// toEmails and toAddress are links of alex as they are sent now.
func (b *bed) toEmails(id string) string {
	b.t.Helper()
	return b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: id, Role: b.enrolment(id).Role, Generation: b.enrolment(id).Generation})
}

// known has the person of a link to their emails give a code on the way to their address.
func (b *bed) known(link string) string {
	b.t.Helper()
	b.giveFor(link, "address")
	return link
}

// giveFor has the person of a link give a code on the way to a page that asks for one.
func (b *bed) giveFor(link, page string) {
	b.t.Helper()
	b.Post(link+"/code", url.Values{"do": {"send"}, "to": {page}})
	b.moved(b.Post(link+"/code", url.Values{"do": {"give"}, "to": {page}, "code": {b.Code()}}), strings.TrimSuffix(link+"/"+page, "/"))
}

// owedBeside are all messages that are owed, beside codes.
func (b *bed) owedBeside() []string {
	return slices.DeleteFunc(b.owed(), func(s string) bool { return strings.HasPrefix(s, "device-code") })
}

func (b *bed) toAddress(id string) string {
	b.t.Helper()
	return b.Link(purpose.Address, store.Link{Programme: "pilot", Person: id, Role: b.enrolment(id).Role, Generation: b.enrolment(id).Generation})
}

func TestAddressIsChangedOnceConfirmed(t *testing.T) {
	b := newBed(t)
	seek, offer := ready("kim-seek", programme.Client), ready("kim-offer", programme.Consultant)
	seek.Person.Email, offer.Person.Email = "kim@example.org", "kim@example.org"
	b.enrol(seek, offer)
	before := b.known(b.toEmails("kim-seek"))
	b.says("the page", b.Get(before).Body, "kim@example.org", before+"/address")
	b.refused("no address", b.Post(before+"/address", url.Values{"email": {"kim"}}), "email")
	for range 2 { // pressed twice
		b.moved(b.Post(before+"/address", url.Values{"email": {" Kim.New@Example.org"}}), before)
	}
	if got, want := b.owedBeside(), []string{"address-asked kim-seek", "confirm-address kim-seek"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	if e := b.enrolment("kim-seek"); e.Person.Email != "kim@example.org" || e.NewEmail != "Kim.New@example.org" || b.enrolment("kim-offer").NewEmail != e.NewEmail {
		t.Errorf("%+v", e)
	}
	b.says("the page", b.Get(before+"?done=address").Body, "We have sent an email to Kim.New@example.org", "It was not me")

	to := b.toAddress("kim-seek")
	seen := b.documents()
	b.status(b.Get(to), http.StatusOK) // a scanner
	for _, form := range []url.Values{nil, {"do": {"confirm"}}, {"shown": {"x"}}} {
		b.says("posted by a scanner", b.Post(to, form).Body, "Confirm your address", "This is my address")
	}
	if after := b.documents(); len(after) != len(seen) || b.enrolment("kim-seek").Generation != 0 {
		t.Error("opening the link confirmed it")
	}
	b.moved(b.Decide(to, "confirm"), "/emails/")
	for _, id := range []string{"kim-seek", "kim-offer"} {
		if e := b.enrolment(id); e.Person.Email != "Kim.New@example.org" || e.FormerEmail != "kim@example.org" || e.Generation != 1 {
			t.Errorf("%s: %+v", id, e)
		}
	}
	if got := b.owed(); !slices.Contains(got, "address-changed kim-seek") || !slices.Contains(got, "your-link kim-seek") {
		t.Errorf("owed %v", got)
	}
	// The old inbox opens, cancels and books nothing any more.
	for _, link := range []string{before, to} {
		b.status(b.Get(link), http.StatusGone)
		b.status(b.Post(link, url.Values{"do": {"must"}}), http.StatusGone)
	}
	b.status(b.Post(before+"/address", url.Values{"email": {"other@example.org"}}), http.StatusGone)
	b.status(b.Get(b.toEmails("kim-offer")), http.StatusOK)
	if n := b.audited("confirmed another address"); n != 1 {
		t.Errorf("%d audit entries", n)
	}
}

// Who asks for an address that another person has is answered alike, and nothing changes; its
// owner hears of it, once a day.
func TestAddressOfAnotherPersonIsNotTold(t *testing.T) {
	b := newBed(t)
	link := b.known(b.toEmails("alex"))
	pages := map[string]string{}
	for _, address := range []email.Address{"nobody@example.org", "zoe@example.org", "Zoe@Example.org"} {
		b.change("alex", func(e *enrolment.Enrolment) { e.NewEmail = "" })
		got := b.Post(link+"/address", url.Values{"email": {string(address)}})
		b.moved(got, link)
		page := content(b.Get(link + "?done=address").Body)
		pages[strings.ReplaceAll(page, string(b.enrolment("alex").NewEmail), "ADDRESS")] = string(address)
	}
	if len(pages) != 1 {
		t.Errorf("the pages differ: %v", pages)
	}
	taken := 0
	for key, m := range b.messages() {
		switch {
		case strings.HasPrefix(key, "address-taken"):
			if taken++; m.To != "zoe" {
				t.Errorf("told to %s", m.To)
			}
		case strings.HasPrefix(key, "confirm-address") && m.To != "alex":
			t.Errorf("%s", key)
		}
	}
	if n := len(slices.DeleteFunc(b.owed(), func(s string) bool { return !strings.HasPrefix(s, "confirm-address") })); taken != 1 || n != 1 {
		t.Errorf("its owner was told %d times, and %d addresses are asked to confirm", taken, n)
	}
	if e := b.enrolment("zoe"); e.Person.Email != "zoe@example.org" || e.NewEmail != "" {
		t.Errorf("%+v", e)
	}
}

// From the page of their sessions somebody comes to which emails they get, and at which
// address.
func TestEmailsAreReachedFromTheSessions(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	got := b.Post(alex+"/emails", nil)
	at, err := url.Parse(got.Header.Get("Location"))
	if err != nil || got.StatusCode != http.StatusSeeOther {
		t.Fatal(got.StatusCode, err)
	}
	b.says("the page", b.Get(at.Path).Body, "Which emails you get", "We write to you at alex@example.org", at.Path+"/address")
}

func TestItWasNotMe(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	link := b.known(b.toEmails("alex"))
	b.moved(b.Post(link+"/address", url.Values{"email": {"thief@example.org"}}), link)
	to := b.toAddress("alex")
	b.moved(b.Post(link+"/not-me", nil), "/emails/")
	if e := b.enrolment("alex"); e.NewEmail != "" || e.Person.Email != "alex@example.org" || e.Generation != 1 {
		t.Errorf("%+v", e)
	}
	for _, old := range []string{alex, link, to} {
		b.status(b.Get(old), http.StatusGone)
	}
	b.status(b.Post(to, nil), http.StatusGone)
	b.status(b.Post(alex+"/stop", url.Values{"next": {"later"}}), http.StatusGone)
	if x := b.pairing("x"); x.State != pairing.Active {
		t.Errorf("a closed link stopped it: %+v", x)
	}
	sent := b.messages()["your-link alex"]
	if sent == nil || sent.IDs != (outbox.IDs{}) {
		t.Errorf("owed %v", b.owed())
	}
	b.says("the page", b.Get("/emails/?done=closed").Body, "All links that we sent before are closed")
	// A moment later it was not them again: the link that was sent is closed, too, and there is another.
	b.moved(b.Post(b.toEmails("alex")+"/not-me", nil), "/emails/")
	owed := slices.DeleteFunc(b.owed(), func(m string) bool { return !strings.HasPrefix(m, "your-link alex") })
	if e := b.enrolment("alex"); len(owed) != 2 || e.Generation != 2 {
		t.Errorf("owed %v in generation %d", b.owed(), e.Generation)
	}
}

// Who asks for their link is sent one, at their address, and who has sent a form and not
// confirmed it is asked to do so; who does not take part is answered alike.
func TestLinksAreSentAgain(t *testing.T) {
	b := newBed(t)
	b.pair()
	b.claim("cleo@example.org")
	b.enrol(ready("lea", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }),
		ready("una", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }), ready("rea", programme.Client))
	b.status(b.Get("/emails/"), http.StatusOK)
	b.refused("no address", b.Post("/emails/", url.Values{"email": {"alex"}}), "email")
	var answers []string
	for _, address := range []string{"Alex@Example.org", "alex@example.org", "zoe@example.org", "lea@example.org", "una@example.org", "cleo@example.org", "rea@example.org", "nobody@example.org"} {
		got := b.Post("/emails/", url.Values{"email": {address}})
		answers = append(answers, got.Header.Get("Location"))
		b.status(got, http.StatusSeeOther)
	}
	if slices.Sort(answers); answers[0] != answers[len(answers)-1] {
		t.Errorf("answers %v", answers)
	}
	cleo := enrolment.ID(b.Programme.Salt, programme.Client, "cleo@example.org")
	want := []string{"confirm-enrolment una", "confirm-enrolment " + cleo, "your-data lea", "your-link alex", "your-link rea", "your-link zoe"}
	if slices.Sort(want); !slices.Equal(b.owed(), want) {
		t.Errorf("owed %v, want %v", b.owed(), want)
	}
	if m := b.messages()["confirm-enrolment "+cleo]; m == nil || m.ClaimID != "claim" {
		t.Errorf("cleo is sent %+v", m)
	}
	b.Pass(16 * time.Minute)
	b.status(b.Post("/emails/", url.Values{"email": {"rea@example.org"}}), http.StatusSeeOther)
	if n := len(slices.DeleteFunc(b.owed(), func(s string) bool { return !strings.HasPrefix(s, "your-link rea") })); n != 2 {
		t.Errorf("%d emails after a quarter of an hour", n)
	}
}

// claim has a form wait that was sent with an address.
func (b *bed) claim(address string) {
	b.t.Helper()
	now, c := b.Now(), b.Store.Commit()
	c.CreateClaim("pilot", &enrolment.Claim{ID: "claim", Enrolment: enrolment.ID(b.Programme.Salt, programme.Client, email.Address(address)), Role: programme.Client,
		Form: enrolment.Form{Name: "Cleo Sample", Email: address}, CreatedAt: now, ExpireAt: now.Add(enrolment.ClaimLife)})
	b.Commit(c)
}

// Whoever has an address, in whichever state, and if it is nobody's: to be sent their links is
// the same calls, with as many documents read and written, and one answer.
func TestLinksAreAskedForAlike(t *testing.T) {
	b := newBed(t)
	b.Store.Remember(time.Hour)
	b.pair() // of alex and zoe
	both, moved := ready("kim-seek", programme.Client), ready("ida", programme.Client)
	offer := ready("kim-offer", programme.Consultant)
	both.Person.Email, offer.Person.Email, moved.Person.Email = "kim@example.org", "kim@example.org", "elsewhere@example.org"
	b.enrol(both, offer, moved, ready("lea", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }),
		ready("una", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }), ready("rea", programme.Client))
	b.claim("cleo@example.org")
	forgotten := b.Store.Commit()
	forgotten.SaveErasure("pilot", erasure.Ask("rea", "rea", b.Now()))
	b.Commit(forgotten)
	alike(t, b, "POST /emails/", func(who string) testbed.Answer { return b.Post("/emails/", url.Values{"email": {who}}) },
		"nobody@example.org", "alex@example.org", "zoe@example.org", "Kim@example.org", "elsewhere@example.org", "ida@example.org", "lea@example.org", "una@example.org", "cleo@example.org", "rea@example.org",
		"nobody@example.org", "alex@example.org") // the last two within a quarter of an hour
	if n := len(b.owed()); n != 8 { // kim has one for both roles
		t.Errorf("%d emails: %v", n, b.owed())
	}
}

// Whoever has the address that somebody asks for, or if nobody has it, to ask is the same calls;
// also where it was written to enough.
func TestAddressesAreAskedForAlike(t *testing.T) {
	b := newBed(t)
	b.Store.Remember(time.Hour)
	b.enrol(ready("lea", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }), ready("rea", programme.Client))
	b.claim("cleo@example.org")
	link := b.known(b.toEmails("alex"))
	alike(t, b, "POST /emails/{link}/address", func(who string) testbed.Answer {
		b.change("alex", func(e *enrolment.Enrolment) { e.NewEmail, e.NewEmails = "", 0 })
		return b.Post(link+"/address", url.Values{"email": {who}})
	}, "nobody@example.org", "zoe@example.org", "Zoe@example.org", "lea@example.org", "rea@example.org", "cleo@example.org",
		"nobody@example.org", "nobody+1@example.org", "nobody@example.org", "NOBODY@example.org", "nobody@example.org")
	withheld, err := b.Store.Messages(t.Context(), "pilot", outbox.Unwanted)
	if err != nil {
		t.Fatal(err)
	}
	if len(withheld) == 0 {
		t.Error("an inbox gets as many emails as somebody asks for addresses")
	}
}

// alike fails unless posts about addresses, the first of which nobody has, are answered alike and
// ask the database alike.
func alike(t *testing.T, b *bed, what string, post func(address string) testbed.Answer, addresses ...string) {
	t.Helper()
	type asked struct {
		address string
		testbed.Answer
		meter *cost.Meter
	}
	var all []asked
	for _, address := range addresses {
		got := post(address)
		got.Header.Del("Date")
		all = append(all, asked{address, got, b.Asked()})
	}
	first := all[0]
	// Those that are made at once are back in any order, whoever it is.
	want, calls := first.meter.Cost(), slices.Sorted(slices.Values(first.meter.Calls()))
	if want.Reads == 0 || want.Writes == 0 {
		t.Fatalf("%s costs %+v: %q", what, want, calls)
	}
	for i, a := range all[1:] {
		if a.StatusCode != first.StatusCode || a.Body != first.Body || !reflect.DeepEqual(a.Header, first.Header) {
			t.Errorf("%s, %d, %s: status %d, %v, want %d, %v", what, i+2, a.address, a.StatusCode, a.Header, first.StatusCode, first.Header)
		}
		if got := a.meter.Cost(); !slices.Equal(slices.Sorted(slices.Values(a.meter.Calls())), calls) || got.Reads != want.Reads || got.Writes != want.Writes {
			t.Errorf("%s, %d, %s: %q, %+v, want %q, %+v", what, i+2, a.address, a.meter.Calls(), got, calls, want)
		}
	}
}

// Who has a link alone does not get at the rest by having the next ones sent to themselves.
func TestAnotherAddressTakesACode(t *testing.T) {
	b := newBed(t)
	link := b.toEmails("alex")
	b.moved(b.Get(link+"/address"), link+"/code?to=address")
	got := b.Post(link+"/address", url.Values{"email": {"thief@example.org"}})
	b.status(got, http.StatusForbidden)
	b.says("the door", got.Body, "To change your email address, enter a code", "each time", "Send me a code")
	if e := b.enrolment("alex"); e.NewEmail != "" || len(b.owed()) > 0 {
		t.Errorf("%+v, owed %v", e, b.owed())
	}
	b.send(link) // on a device that is known it is asked for, too
	b.moved(b.give(link, b.Code()), link)
	b.moved(b.Get(link+"/address"), link+"/code?to=address")
	b.known(link)
	b.status(b.Get(link+"/address"), http.StatusOK)
	b.Pass(11 * time.Minute)
	b.moved(b.Get(link+"/address"), link+"/code?to=address")
}

// An address that failed is written to again once another is confirmed.
func TestWhoseAddressFailedIsWrittenToAtAnother(t *testing.T) {
	b := newBed(t)
	c := b.contact("alex")
	c.Stop(contact.Bounced, b.Now())
	commit := b.Store.Commit()
	commit.SaveContact("pilot", c, b.Now())
	b.Commit(commit)
	link := b.known(b.toEmails("alex"))
	b.moved(b.Post(link+"/address", url.Values{"email": {"new@example.org"}}), link)
	if b.contact("alex").Stopped == "" {
		t.Error("written to before it is confirmed")
	}
	b.moved(b.Decide(b.toAddress("alex"), "confirm"), "/emails/")
	if b.contact("alex").Stopped != "" {
		t.Error("not written to")
	}
}

// Whatever a link's page cannot do, it says whom to ask, and leads on.
func TestEveryErrorLeadsOn(t *testing.T) {
	b := newBed(t)
	alex, _ := b.pair()
	expired := b.toEmails("zoe")
	b.change("zoe", func(e *enrolment.Enrolment) { e.Disown() })
	for path, row := range map[string]struct {
		status int
		way    string
	}{
		"/pairing/" + strings.Repeat("A", 43): {http.StatusForbidden, `href="/emails/"`},
		"/pairing/short":                      {http.StatusForbidden, `href="/emails/"`},
		expired:                               {http.StatusGone, `href="/emails/"`},
		alex + "/log/none":                    {http.StatusNotFound, `href="` + alex + `"`},
		alex + "/nowhere":                     {http.StatusNotFound, `href="/"`},
	} {
		got := b.Get(path)
		b.status(got, row.status)
		b.says(path, got.Body, row.way, `class="cascade-header__name"`)
		if row.way != `href="/"` {
			b.says(path, got.Body, "If you need help, write to "+b.Programme.Host.Contact, "mailto:"+b.Programme.Host.Email)
		}
	}
	b.held(alex, "s")
	got := b.Post(alex+"/finish", nil)
	b.status(got, http.StatusConflict)
	b.says("too early", got.Body, `href="`+alex+`"`, "If you need help, write to "+b.Programme.Host.Contact)
}
