package participant

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// emails is alex's link from an email about these topics.
func (b *bed) emails(topics ...message.Topic) string {
	b.t.Helper()
	return b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, Topics: topics})
}

func (b *bed) contact(id string) *contact.Contact {
	b.t.Helper()
	c, err := b.Store.Contact(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// unsubscribe is what a mail program sends when its button is pressed.
func (b *bed) unsubscribe(path string) testbed.Answer {
	b.t.Helper()
	return b.Do(http.MethodPost, path, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")
}

// declined fails unless alex declines these topics and no other.
func (b *bed) declined(name string, want ...message.Topic) {
	b.t.Helper()
	if c := b.contact("alex"); !slices.Equal(c.Declined, want) {
		b.t.Errorf("%s: declined %q, want %q", name, c.Declined, want)
	}
}

func TestPeopleSeeWhatTheyGetAndHowOftenTheyWereAsked(t *testing.T) {
	b := newBed(t)
	page := b.Get(b.emails())
	b.status(page, http.StatusOK)
	b.says("nobody was asked", page.Body, "We have asked you for nothing that could wait in the last 30 days", "more than once in 7 days or 4 times in 30", "What everybody gets",
		"news of your match", "a session that was booked, moved or cancelled", `name="do" value="pause"`, `name="do" value="must"`)
	for _, topic := range message.Topics {
		b.says("all is wanted", page.Body, fmt.Sprintf(`value="%s" checked`, topic), topics[topic].Text)
	}
	c := b.contact("alex")
	cal := calendar.Of(b.Programme, "", "")
	for i, days := range []int{40, 29, 3, 0} {
		c.Record(cal, []contact.Pending{{ID: fmt.Sprint("m", i), Kind: message.KindGetReady}}, b.Now().AddDate(0, 0, -days))
	}
	commit := b.Store.Commit()
	commit.SaveContact("pilot", c, b.Now())
	b.Commit(commit)
	b.says("asked", b.Get(b.emails()).Body, "we asked you 3 times for something that could wait")
}

func TestEveryTopicHasItsWords(t *testing.T) {
	t.Parallel()
	for _, topic := range message.Topics {
		if topics[topic].Text == "" || topics[topic].Hint == "" {
			t.Errorf("%s has no words", topic)
		}
	}
	if len(topics) != len(message.Topics) {
		t.Errorf("%d topics have words, of %d", len(topics), len(message.Topics))
	}
}

func TestPeopleChooseFewerEmails(t *testing.T) {
	b := newBed(t)
	alex := b.emails()
	b.moved(b.Post(alex, url.Values{"do": {"save"}, "topics": {"logs", "preparing"}}), alex)
	b.declined("saved", message.SessionPlanning, message.Questionnaires)
	page := b.Get(alex + "?done=save").Body
	b.says("saved", page, "Your choice is saved", `value="logs" checked`, `value="preparing" checked`)
	b.silent("saved", page, `value="questionnaires" checked`)

	b.moved(b.Post(alex, url.Values{"do": {"must"}}), alex)
	b.declined("in one click", message.Topics...)
	page = b.Get(alex).Body
	b.says("in one click", page, "You get only what you must have")
	b.silent("in one click", page, " checked", `value="must"`)

	b.moved(b.Post(alex, url.Values{"do": {"save"}, "topics": {"logs", "preparing", "session-planning", "questionnaires"}}), alex)
	b.declined("all again")
	if n := b.audited("chose which emails they get"); n != 3 {
		t.Errorf("%d entries of the audit trail, want 3", n)
	}
	b.Post(alex, url.Values{"do": {"save"}, "topics": {"logs", "preparing", "session-planning", "questionnaires"}})
	if n := b.audited("chose which emails they get"); n != 3 {
		t.Errorf("%d entries of the audit trail after what changed nothing, want 3", n)
	}
	if c := b.contact("zoe"); len(c.Declined) != 0 || !c.Version.IsZero() {
		t.Errorf("somebody else's choices became %+v", c)
	}
}

func TestRemindersArePausedForAWeekInOneClick(t *testing.T) {
	b := newBed(t)
	alex := b.emails()
	b.moved(b.Post(alex, url.Values{"do": {"pause"}}), alex)
	until := b.contact("alex").SnoozedUntil
	if d := until.Sub(b.Now()); d < 7*24*time.Hour-time.Minute || d > 7*24*time.Hour {
		t.Errorf("paused for %v", d)
	}
	b.says("at the top", b.Get(alex+"?done=pause").Body, "govuk-notification-banner", "Reminders are paused. They begin again on Tuesday 9 March 2027.")
	b.silent("at the top", b.Get(alex+"?done=resume").Body, "govuk-notification-banner")
	b.says("paused", b.Get(alex).Body, "Reminders are paused until Tuesday 9 March 2027", `value="resume"`)
	b.Pass(time.Hour)
	b.Post(alex, url.Values{"do": {"pause"}})
	if again := b.contact("alex").SnoozedUntil; !again.Equal(until) {
		t.Errorf("pressed twice, it is until %v, and not %v", again, until)
	}
	b.moved(b.Post(alex, url.Values{"do": {"resume"}}), alex)
	if b.contact("alex").Snoozed(b.Now()) {
		t.Error("still paused")
	}
	b.Post(alex, url.Values{"do": {"pause"}})
	b.Pass(8 * 24 * time.Hour)
	page := b.Get(alex).Body
	b.silent("a week later", page, "paused until")
	b.says("a week later", page, `value="pause"`)
}

// RFC 8058: a mail program sends a POST without cookies or a page that it comes
// from, in either form of body, may do so again, and follows no redirect.
func TestMailProgramsButtonDeclinesWhatTheEmailWasAbout(t *testing.T) {
	b := newBed(t)
	alex := b.emails(message.Questionnaires)
	for range 2 {
		got := b.unsubscribe(alex)
		b.status(got, http.StatusOK)
		if len(got.Cookies()) > 0 {
			t.Errorf("it was given cookies: %v", got.Cookies())
		}
		b.declined("by the button", message.Questionnaires)
	}
	b.status(b.Do(http.MethodPost, b.emails(message.Preparing, message.SessionLogs), "multipart/form-data; boundary=x",
		"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"), http.StatusOK)
	b.declined("as multipart", message.Preparing, message.SessionLogs, message.Questionnaires)
	b.status(b.unsubscribe(b.emails()), http.StatusOK)
	b.declined("of an email that names no topic", message.Topics...)

	b.Pass(365 * 24 * time.Hour)
	b.moved(b.Post(alex, url.Values{"do": {"save"}, "topics": {"questionnaires"}}), alex)
	b.status(b.unsubscribe(alex), http.StatusOK)
	b.declined("a year later", message.Topics...)
	b.Pass(2 * 24 * time.Hour)
	b.status(b.unsubscribe(alex), http.StatusGone)
}

// A webmail's page presses the button from the webmail's own origin. Nothing else of the
// page can be chosen from there.
func TestMailProgramsButtonIsPressedFromAnyOrigin(t *testing.T) {
	b := newBed(t)
	alex := b.emails(message.Questionnaires)
	from := func(path, contentType, body string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", contentType)
		request.Header.Set("Origin", "https://mail.example.net")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		response, err := b.Browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if len(response.Cookies()) > 0 || response.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, response.Header)
		}
		return response.StatusCode
	}
	const form = "application/x-www-form-urlencoded"
	for _, body := range []string{"do=must", "do=pause", "do=save", "List-Unsubscribe=One-Click&do=must", ""} {
		if status := from(alex, form, body); status != http.StatusForbidden {
			t.Errorf("%q: status %d", body, status)
		}
	}
	for _, path := range []string{alex + "/leave", alex + "/address", alex + "/not-me", alex + "/code", "/emails/"} {
		if status := from(path, form, "List-Unsubscribe=One-Click"); status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
	}
	b.declined("nothing yet")
	for range 2 {
		if status := from(alex, form, "List-Unsubscribe=One-Click"); status != http.StatusOK {
			t.Errorf("the button: status %d", status)
		}
	}
	b.declined("by the button", message.Questionnaires)
}

// Another site's page cannot choose for somebody, nor can a scanner that opens the link.
func TestNobodyElseChoosesEmails(t *testing.T) {
	b := newBed(t)
	alex := b.emails(message.Questionnaires)
	before := b.documents()
	for range 3 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, page := range []string{alex, alex + "?done=must", alex + "?List-Unsubscribe=One-Click", alex + "?do=must"} {
				b.status(b.Do(method, page, "", ""), http.StatusOK)
			}
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+alex, strings.NewReader("do=must"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://elsewhere.example")
	response, err := b.Browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page: %s", response.Status)
	}
	match := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client})
	for path, status := range map[string]int{
		"/emails/" + strings.TrimPrefix(match, "/match/"): http.StatusForbidden,
		"/emails/" + strings.Repeat("A", 43):              http.StatusForbidden,
		alex + "/x":                                       http.StatusNotFound,
	} {
		b.status(b.Get(path), status)
		b.status(b.unsubscribe(path), status)
	}
	for body, status := range map[string]int{"": 404, "do=": 404, "do=everything": 404, "do=save&topics=session-tomorrow": 404, "do=save&topics=": 404, "do=%ff": 400} {
		b.status(b.Do(http.MethodPost, alex, "application/x-www-form-urlencoded", body), status)
	}
	b.status(b.Do(http.MethodPost, alex, "application/json", "{}"), http.StatusUnsupportedMediaType)
	after := b.documents()
	maps.DeleteFunc(after, func(path string, _ written) bool {
		return strings.HasPrefix(path, "links/") && before[path].content == ""
	}) // the match's
	if !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestWhoIsGoneHasNothingToChoose(t *testing.T) {
	b := newBed(t)
	gone := b.Link(purpose.Emails, store.Link{Programme: "pilot", Person: "erased"})
	b.status(b.Get(gone), http.StatusGone)
	b.status(b.unsubscribe(gone), http.StatusGone)
	if c := b.contact("erased"); !c.Version.IsZero() {
		t.Errorf("they became a contact: %+v", c)
	}
}

func TestWhoseAddressIsStoppedIsToldSo(t *testing.T) {
	b := newBed(t)
	c := b.contact("alex")
	c.Stop(contact.Bounced, b.Now())
	commit := b.Store.Commit()
	commit.SaveContact("pilot", c, b.Now())
	b.Commit(commit)
	b.says("stopped", b.Get(b.emails()).Body, "We have stopped writing to it", b.Programme.Host.Contact)
}

// A choice made while the outbox takes the day's place keeps both.
func TestChoicesMadeAtOnceAreAllKept(t *testing.T) {
	b := newBed(t)
	links := make([]string, len(message.Topics))
	for i, topic := range message.Topics {
		links[i] = b.emails(topic)
	}
	var at sync.WaitGroup
	for _, l := range links {
		at.Go(func() { b.status(b.unsubscribe(l), http.StatusOK) })
	}
	at.Wait()
	b.declined("at once", message.Topics...)
}

func TestPeopleChooseTheirTimeZone(t *testing.T) {
	b := newBed(t)
	alex := b.emails()
	page := b.Get(alex).Body
	b.says("at first", page, `<label class="govuk-label" for="zone">`, `<option value="" selected>The programme’s: London (Europe)</option>`, "between 8:00 and 18:00 there")
	if n := strings.Count(page, "London (Europe)"); n != 1 {
		t.Errorf("the programme's zone stands %d times", n)
	}
	move := func(zone string) { b.moved(b.Post(alex, url.Values{"do": {"zone"}, "zone": {zone}}), alex) }
	zoned := func(want string) {
		t.Helper()
		if got := b.contact("alex").Zone; got != want {
			t.Errorf("the zone is %q, want %q", got, want)
		}
	}
	move("America/New_York")
	zoned("America/New_York")
	b.says("moved", b.Get(alex).Body, `<option value="America/New_York" selected>New York (America)</option>`)
	move("Africa/Addis_Ababa") // which is not offered, and stays
	zoned("Africa/Addis_Ababa")
	b.says("elsewhere", b.Get(alex).Body, `<option value="Africa/Addis_Ababa" selected>Addis Ababa (Africa)</option>`)
	for _, zone := range []string{"Local", "Europe/Nowhere", "../../etc/passwd"} {
		b.status(b.Post(alex, url.Values{"do": {"zone"}, "zone": {zone}}), http.StatusNotFound)
	}
	zoned("Africa/Addis_Ababa")
	move("Europe/London") // the programme's, whatever it is called
	zoned("")
	if n := b.audited("chose which emails they get"); n != 3 {
		t.Errorf("%d entries of the audit trail, want 3", n)
	}
	b.declined("beside the zone")
}
