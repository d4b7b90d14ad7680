package enrolment

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
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

// one is a browser without a cookie that enrols with an address, in a programme and on a side.
func one(b *testbed.Bed, programme, side, address string) testbed.Answer {
	b.Browser.Jar, _ = cookiejar.New(nil)
	f := form()
	f.Email = address
	body, _ := json.Marshal(f)
	return b.Do(http.MethodPost, "/enrol/"+programme+"/"+side, "application/json", strings.Replace(string(body), "Alex Sample", "Alex "+rand.Text(), 1))
}

// inbox counts what goes to the mailbox of an address, however it is written: what is owed and
// not withheld.
func inbox(t *testing.T, b *testbed.Bed) (n int) {
	t.Helper()
	for _, p := range []string{"pilot", "other"} {
		for m, err := range b.Store.Due(t.Context(), p, outbox.Strangers, b.Now(), b.Now()) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Kind == message.KindConfirmEnrolment {
				n++
			}
		}
	}
	return n
}

// Forty forms put no more into one inbox than five in a day: also from as many browsers, with
// other words after a plus, in other programmes and roles, sent again and corrected back and
// forth. Whoever sends them cannot tell.
func TestOneInboxGetsFewEmails(t *testing.T) {
	b := bed(t)
	p := *b.Programme
	p.ID, p.Version = "other", time.Time{}
	c := b.Store.Commit()
	c.CreateProgramme(&p)
	b.Commit(c)
	for i := range 40 {
		programme, side := []string{"pilot", "other"}[i%2], []string{"seek", "offer"}[i/2%2]
		address := []string{"alex@example.org", "Alex@EXAMPLE.org", fmt.Sprintf("alex+%d@example.org", i), "ALEX+a+b@example.org"}[i/4%4]
		f := form()
		if f.Email = address; side == "offer" {
			f.Capacity = 1
		}
		f.Name = "Alex " + strings.Repeat("x", i)
		got := b.Do(http.MethodPost, "/enrol/"+programme+"/"+side, "application/json", document(t, f))
		if got.StatusCode != http.StatusAccepted {
			t.Fatalf("the %dth: status %d: %s", i+1, got.StatusCode, got.Body)
		}
	}
	if n := inbox(t, b); n != budget.Unasked.Most {
		t.Errorf("%d emails go to one inbox", n)
	}
	enrolled(b, "alex+again@example.org") // and by the pages, again and again
	for range 3 {
		b.Pass(2 * time.Minute)
		if got := b.Post(atSent, nil); got.StatusCode != http.StatusSeeOther {
			t.Errorf("again: status %d", got.StatusCode)
		}
	}
	if got := html.UnescapeString(b.Get(atSent + "?done=again").Body); !strings.Contains(got, "We have sent the email to alex+again@example.org once more.") {
		t.Error("the page tells that nothing was sent")
	}
	if n := inbox(t, b); n != budget.Unasked.Most {
		t.Errorf("%d emails go to one inbox", n)
	}
	// Another's inbox is another's; and on the next day there are some again.
	one(b, "pilot", "seek", "sam@example.org")
	if n := inbox(t, b); n != budget.Unasked.Most+1 {
		t.Errorf("%d emails, and one to another", n)
	}
	b.Pass(25 * time.Hour)
	one(b, "pilot", "seek", "alex@example.org")
	if n := inbox(t, b); n != budget.Unasked.Most+2 {
		t.Errorf("%d emails, one on the next day", n)
	}
}

// Of forms that come at the same moment as many pass as may, and no more.
func TestBudgetIsKeptAmongMany(t *testing.T) {
	b := bed(t)
	var at sync.WaitGroup
	for i := range 16 {
		f := form()
		f.Name = "Alex " + strings.Repeat("x", i)
		at.Go(func() {
			if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusAccepted {
				t.Errorf("status %d: %s", got.StatusCode, got.Body)
			}
		})
	}
	at.Wait()
	if n := inbox(t, b); n != budget.Unasked.Most || len(b.Claims()) != 16 {
		t.Errorf("%d emails and %d claims of 16", n, len(b.Claims()))
	}
}

// Who sends from one network more than that may is told when to try again and whom to ask, by
// the page and by the document; another network's people go on.
func TestNetworkThatSendsTooMuchIsTold(t *testing.T) {
	b := bed(t)
	var err error
	if b.Budgets, err = budgets.New(b.Store, mustRing(t), budgets.Config{PerNetwork: 6, PerProgramme: 12, Proxies: "127.0.0.0/8"}, b.Now); err != nil {
		t.Fatal(err)
	}
	b.Serve("enrolment", New)
	n := 0
	from := func(forwarded string) testbed.Answer {
		n++
		f := form()
		f.Email = fmt.Sprintf("p%d@example.org", n)
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+"/enrol/pilot/seek", strings.NewReader(document(t, f)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", forwarded)
		response, err := b.Browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return testbed.Answer{Response: response, Body: string(body)}
	}
	for i := range 6 { // what stands to the left is made up
		if got := from(fmt.Sprintf("198.51.100.%d, 203.0.113.%d", i, i)); got.StatusCode != http.StatusAccepted {
			t.Fatalf("the %dth: status %d: %s", i+1, got.StatusCode, got.Body)
		}
	}
	got := from("198.51.100.200, 203.0.113.77")
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" || !strings.Contains(got.Body, b.Programme.Host.Email) || !strings.Contains(got.Body, "try again in ") {
		t.Errorf("the 7th: status %d, %v: %s", got.StatusCode, got.Header, got.Body)
	}
	if got := from("203.0.113.1, 198.51.100.7"); got.StatusCode != http.StatusAccepted {
		t.Errorf("from another network: status %d", got.StatusCode)
	}
	for i := range 5 {
		from(fmt.Sprintf("192.0.%d.1", i))
	}
	if got := from("192.0.77.1"); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the programme's 13th: status %d", got.StatusCode)
	}
	walk(b, "offer")
	if got := b.Post("/enrol/pilot/offer/check", nil); got.StatusCode != http.StatusTooManyRequests || !strings.Contains(got.Body, "Try again later") || !strings.Contains(got.Body, b.Programme.Host.Phone) {
		t.Errorf("by the pages: status %d: %s", got.StatusCode, got.Body)
	}
	b.Pass(61 * time.Minute)
	if got := from("203.0.113.77"); got.StatusCode != http.StatusAccepted {
		t.Errorf("an hour later: status %d", got.StatusCode)
	}
	for path := range b.Stored() {
		if strings.Contains(path, "203.0.113") || strings.Contains(path, "example") {
			t.Errorf("%s names who sent it", path)
		}
	}
}

func mustRing(t *testing.T) keys.Ring {
	t.Helper()
	ring, err := keys.Parse(keys.New(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
