package enrolment

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

const (
	atSent    = "/enrol/pilot/seek/sent"
	atAddress = "/enrol/pilot/seek/address"
)

// enrolled is a browser that has enrolled with an address.
func enrolled(b *testbed.Bed, address string) {
	walk(b, "seek")
	b.Post("/enrol/pilot/seek/you", url.Values{"name": {"Alex Sample"}, "email": {address}})
	b.Post("/enrol/pilot/seek/check", nil)
}

// owed counts the messages to an address, by kind.
func owed(t *testing.T, b *testbed.Bed, address string) map[outbox.Kind]int {
	t.Helper()
	id, found := enrolment.ID(b.Programme.Salt, programme.Client, email.Address(address)), map[outbox.Kind]int{}
	for _, m := range messages(t, b) {
		if m.To == id {
			found[m.Kind]++
		}
	}
	return found
}

func TestEmailIsSentAgain(t *testing.T) {
	b := bed(t)
	enrolled(b, "alex@example.org")
	page := b.Get(atSent).Body
	for _, want := range []string{"alex@example.org", "Send it again", "Correct the address"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, did := range []string{"again", "corrected"} { // which an address says, and is not so
		if strings.Contains(b.Get(atSent+"?done="+did).Body, "govuk-notification-banner") {
			t.Errorf("it is said that it was %s", did)
		}
	}
	if got := b.Post(atSent, nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "less than a minute ago") {
		t.Errorf("at once: status %d", got.StatusCode)
	}
	for n := 1; n <= enrolment.MostAgain; n++ {
		b.Pass(61 * time.Second)
		var presses sync.WaitGroup // a double press
		for range 2 {
			presses.Go(func() { b.Post(atSent, nil) })
		}
		presses.Wait()
		if got := owed(t, b, "alex@example.org"); got[message.KindConfirmEnrolment] != 1+n || len(got) != 1 {
			t.Fatalf("asked for the %dth time: %v", n, got)
		}
	}
	if !strings.Contains(b.Get(atSent+"?done=again").Body, "We have sent the email to alex@example.org once more.") {
		t.Error("it is not said that it was sent again")
	}
	if !strings.Contains(b.Get(atSent).Body, "last on ") {
		t.Error("the page does not say when it went")
	}
	b.Pass(time.Hour)
	if got := b.Post(atSent, nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "as often as we can in one day") {
		t.Errorf("too often: status %d", got.StatusCode)
	}
	b.Pass(24 * time.Hour)
	if got := b.Post(atSent, nil); got.StatusCode != http.StatusSeeOther || owed(t, b, "alex@example.org")[message.KindConfirmEnrolment] != 2+enrolment.MostAgain {
		t.Errorf("on the next day: status %d", got.StatusCode)
	}

	// In another browser nothing is known, and nothing is sent.
	b.Browser.Jar, _ = cookiejar.New(nil)
	if got := b.Get(atSent); got.StatusCode != http.StatusOK || strings.Contains(got.Body, "alex@example.org") || strings.Contains(got.Body, "Send it again") {
		t.Error("another browser sees the address")
	}
	b.Pass(time.Hour)
	b.Post(atSent, nil)
	b.Post(atAddress, url.Values{"email": {"sam@example.org"}})
	if got := owed(t, b, "alex@example.org")[message.KindConfirmEnrolment]; got != 2+enrolment.MostAgain || len(owed(t, b, "sam@example.org")) > 0 {
		t.Errorf("another browser had it sent: %d", got)
	}
}

func TestAddressIsCorrected(t *testing.T) {
	b := bed(t)
	enrolled(b, "alxe@example.org")
	before := b.Claims()[0]
	link := b.Link(purpose.Confirm, of(before))
	if got := b.Get(link).StatusCode; got != http.StatusOK {
		t.Fatalf("the link: status %d", got)
	}
	if !strings.Contains(b.Get(atAddress).Body, `value="alxe@example.org"`) {
		t.Error("the form does not show the address")
	}
	for typed, says := range map[string]string{"alex": "with an @ sign", "alex@gmial.com": "Did you mean alex@gmail.com?", "": "Enter an email address"} {
		if got := b.Post(atAddress, url.Values{"email": {typed}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, says) {
			t.Errorf("%q: status %d", typed, got.StatusCode)
		}
	}
	var presses sync.WaitGroup
	for range 2 {
		presses.Go(func() {
			if got := b.Post(atAddress, url.Values{"email": {"mailto:alex@example.org"}}); got.StatusCode != http.StatusSeeOther {
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	presses.Wait()
	all := b.Claims()
	if len(all) != 1 || all[0].Form.Email != "alex@example.org" || all[0].Form.Organisation != before.Form.Organisation || len(all[0].Form.Skills) != len(before.Form.Skills) {
		t.Fatalf("%d claims, %+v", len(all), all)
	}
	if got := owed(t, b, "alex@example.org"); got[message.KindConfirmEnrolment] != 1 {
		t.Errorf("owed %v", got)
	}
	if page := b.Get(atSent + "?done=corrected").Body; !strings.Contains(page, "The address is corrected, and the email goes to alex@example.org.") || strings.Contains(page, "alxe@") {
		t.Error("the page shows the old address")
	}
	if got := b.Get(link); got.StatusCode != http.StatusGone || !strings.Contains(got.Body, "newest email") {
		t.Errorf("the old link opens: status %d", got.StatusCode)
	}
	if got := b.Post(link, nil); got.StatusCode != http.StatusGone {
		t.Errorf("the old link confirms: status %d", got.StatusCode)
	}

	// And back again: the first address is asked once more, and its link opens.
	b.Post(atAddress, url.Values{"email": {"alxe@example.org"}})
	if got := owed(t, b, "alxe@example.org"); got[message.KindConfirmEnrolment] != 2 {
		t.Errorf("back again: owed %v", got)
	}
	if got := b.Decide(link, "confirm"); got.StatusCode != http.StatusSeeOther || len(enrolments(t, b)) != 1 {
		t.Errorf("back again: status %d", got.StatusCode)
	}
}

// What the pages say is the same for an address that takes part already, or was confirmed
// since; its owner alone hears of it, and their enrolment stays.
func TestNobodyLearnsWhoTakesPart(t *testing.T) {
	seen := func(setUp func(b *testbed.Bed)) (pages []string, b *testbed.Bed) {
		b = testbed.New(t)
		b.Serve("enrolment", New)
		setUp(b)
		show := func(got testbed.Answer) {
			body := regexp.MustCompile(`<time.*?</time>|on \w+day \d.*?[ap]m`).ReplaceAllString(got.Body, "")
			pages = append(pages, got.Status+got.Header.Get("Location")+body)
		}
		show(b.Get(atSent))
		b.Pass(2 * time.Minute)
		show(b.Post(atSent, nil))
		show(b.Post(atSent, nil))
		show(b.Get(atSent))
		show(b.Get(atAddress))
		show(b.Post(atAddress, url.Values{"email": {"sam@example.org"}}))
		show(b.Get(atSent))
		show(b.Post(atAddress, url.Values{"email": {"new@example.org"}}))
		show(b.Get(atSent))
		return pages, b
	}
	t.Parallel()
	there := func(b *testbed.Bed, addresses ...string) {
		for _, address := range addresses {
			f := form()
			f.Name, f.Email = "Other Sample", address
			e, err := enrolment.New(b.Programme, programme.Client, f, b.Now())
			if err != nil {
				t.Fatal(err)
			}
			c := b.Store.Commit()
			c.CreateEnrolment("pilot", e)
			b.Commit(c)
		}
	}
	fresh, _ := seen(func(b *testbed.Bed) { enrolled(b, "alex@example.org") })
	taken, b := seen(func(b *testbed.Bed) {
		there(b, "alex@example.org", "sam@example.org")
		enrolled(b, "alex@example.org")
	})
	confirmed, c := seen(func(b *testbed.Bed) {
		enrolled(b, "alex@example.org")
		b.Decide(b.Link(purpose.Confirm, of(b.Claims()[0])), "confirm")
	})
	for i := range fresh {
		if fresh[i] != taken[i] || fresh[i] != confirmed[i] {
			t.Errorf("answer %d tells who takes part:\n%s\n%s\n%s", i, fresh[i], taken[i], confirmed[i])
		}
	}
	for _, address := range []string{"alex@example.org", "sam@example.org"} {
		e, err := b.Store.Enrolment(t.Context(), "pilot", enrolment.ID(b.Programme.Salt, programme.Client, email.Address(address)))
		if err != nil || e.Person.Name != "Other Sample" || e.State != enrolment.Confirmed {
			t.Errorf("%s: %+v, %v", address, e, err)
		}
		if got := owed(t, b, address); got[message.KindConfirmEnrolment] == 0 || len(got) > 1 {
			t.Errorf("%s: owed %v", address, got)
		}
	}
	if e, err := c.Store.Enrolment(t.Context(), "pilot", enrolment.ID(c.Programme.Salt, programme.Client, "alex@example.org")); err != nil || e.State != enrolment.Confirmed {
		t.Errorf("a confirmed enrolment was taken away: %v", err)
	}
}
