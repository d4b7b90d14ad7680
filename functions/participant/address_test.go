package participant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
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
	if after := b.documents(); len(after) != len(seen) || b.enrolment("kim-seek").Generation != 0 {
		t.Error("opening the link confirmed it")
	}
	b.moved(b.Post(to, nil), "/emails/")
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
	if sent == nil || sent.Pairing != "x" {
		t.Errorf("owed %v", b.owed())
	}
	b.says("the page", b.Get("/emails/?done=closed").Body, "All links that we sent before are closed")
}

// Who asks for their link is sent one to each thing that is theirs, at their address; who does
// not take part is answered alike.
func TestLinksAreSentAgain(t *testing.T) {
	b := newBed(t)
	b.pair()
	b.enrol(ready("lea", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Withdrawn }),
		ready("una", programme.Client, func(e *enrolment.Enrolment) { e.State = enrolment.Unconfirmed }), ready("rea", programme.Client))
	b.status(b.Get("/emails/"), http.StatusOK)
	b.refused("no address", b.Post("/emails/", url.Values{"email": {"alex"}}), "email")
	var answers []string
	for _, address := range []string{"Alex@Example.org", "alex@example.org", "zoe@example.org", "lea@example.org", "una@example.org", "rea@example.org", "nobody@example.org"} {
		got := b.Post("/emails/", url.Values{"email": {address}})
		answers = append(answers, got.Header.Get("Location"))
		b.status(got, http.StatusSeeOther)
	}
	if slices.Sort(answers); answers[0] != answers[len(answers)-1] {
		t.Errorf("answers %v", answers)
	}
	if got, want := b.owed(), []string{"confirm-enrolment una", "your-data lea", "your-link alex", "your-link rea", "your-link zoe"}; !slices.Equal(got, want) {
		t.Errorf("owed %v, want %v", got, want)
	}
	for who, about := range map[string]outbox.IDs{"alex": {Pairing: "x"}, "zoe": {Pairing: "x"}, "rea": {}} {
		if m := b.messages()["your-link "+who]; m == nil || m.IDs != about {
			t.Errorf("%s is sent %+v", who, m)
		}
	}
	b.Pass(16 * time.Minute)
	b.status(b.Post("/emails/", url.Values{"email": {"rea@example.org"}}), http.StatusSeeOther)
	if n := len(slices.DeleteFunc(b.owed(), func(s string) bool { return !strings.HasPrefix(s, "your-link rea") })); n != 2 {
		t.Errorf("%d emails after a quarter of an hour", n)
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
	b.moved(b.Post(b.toAddress("alex"), nil), "/emails/")
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
