package participant

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// consents writes what alex has agreed to.
func (b *bed) consents(consent enrolment.Consent) {
	b.t.Helper()
	e := b.enrolment("alex")
	e.Consent = consent
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
}

// A notice that says something else is agreed anew, at the next page that somebody opens: it
// is stored with version and date, and asked once.
func TestChangedNoticeIsAgreedAnew(t *testing.T) {
	n := privacy.New(newBed(t).Programme, store.Stored(), privacy.Deployment{Mail: "sendgrid", SendGrid: "https://api.sendgrid.com"})
	for name, row := range map[string]struct {
		consent enrolment.Consent
		asked   bool
	}{
		"another version":      {enrolment.Consent{Version: "2015-01", At: today.Add(-time.Hour)}, true},
		"other facts":          {enrolment.Consent{Version: n.Version, Facts: "000000000000", At: today.Add(-time.Hour)}, true},
		"as it is":             {enrolment.Consent{Version: n.Version, Facts: n.Facts, At: today.Add(-time.Hour)}, false},
		"from before facts":    {enrolment.Consent{Version: n.Version, At: today.Add(-time.Hour)}, false},
		"from before versions": {enrolment.Consent{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			b.match(pairing.Released)
			b.bind(false)
			b.pair()
			b.consents(row.consent)
			match := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}})
			sessions := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "x"}})
			emails := b.emails(message.Questionnaires)
			for _, page := range []string{match, match + "/check", sessions, sessions + "/book"} {
				got := b.Get(page)
				to := strings.Join(strings.Split(page, "/")[:3], "/") + "/notice"
				if asked := got.StatusCode == http.StatusSeeOther && got.Header.Get("Location") == to; asked != row.asked {
					t.Errorf("%s: status %d to %q", page, got.StatusCode, got.Header.Get("Location"))
				}
			}
			// They leave, and choose their emails, without.
			for _, page := range []string{match + "/leave", sessions + "/leave", emails, emails + "/leave"} {
				b.status(b.Get(page), http.StatusOK)
			}
			b.status(b.unsubscribe(emails), http.StatusOK)
			if !row.asked {
				return
			}
			page := b.Get(match + "/notice")
			b.says("the notice", page.Body, "Our privacy notice has changed", `href="/privacy/pilot"`, `name="consent"`, match+"/leave")
			if strings.Contains(page.Body, "checked") {
				t.Error("it is ticked beforehand")
			}
			b.status(b.Post(match+"/notice", url.Values{"do": {"agree"}}), http.StatusUnprocessableEntity)
			b.status(b.Post(match+"/notice", url.Values{"do": {"agree"}, "consent": {"2015-01"}}), http.StatusUnprocessableEntity)
			if got := b.enrolment("alex").Consent; got.Version != row.consent.Version {
				t.Errorf("agreed without a tick: %+v", got)
			}
			for range 2 { // pressed twice
				b.status(b.Post(match+"/notice", url.Values{"do": {"agree"}, "consent": {n.Version}}), http.StatusSeeOther)
			}
			got := b.enrolment("alex").Consent
			if got.Version != n.Version || got.Facts != n.Facts || !got.At.After(row.consent.At) {
				t.Errorf("stored as %+v", got)
			}
			b.says("done", b.Get(match+"/notice?done=agree").Body, "You have agreed to the privacy notice as it is now", "You agreed to")
			b.status(b.Get(match), http.StatusOK)
			b.status(b.Get(sessions), http.StatusOK)
		})
	}
}

// What needs consent is given and taken back on one page, by itself, with dates, in both
// roles of a person; opening it changes nothing.
func TestConsentIsGivenAndTakenBackOnOnePage(t *testing.T) {
	b := newBed(t)
	emails := b.emails()
	at := emails + "/notice"
	before := b.documents()
	for range 2 {
		b.says("at first", b.Get(at).Body, "You have not agreed", `value="give-interview"`, "Nothing else depends")
	}
	b.status(b.Get(at+"?done=give-interview"), http.StatusOK)
	if strings.Contains(b.Get(at+"?done=give-interview").Body, "You have agreed. You") || !maps.Equal(b.documents(), before) {
		t.Error("looking gave it")
	}
	for range 2 {
		b.moved(b.Post(at, url.Values{"do": {"give-interview"}}), at)
	}
	a := b.enrolment("alex").Agreement(privacy.Interview)
	if !a.Holds() || a.Version != b.Programme.Privacy.Version || a.Given.IsZero() {
		t.Errorf("stored as %+v", a)
	}
	b.says("given", b.Get(at+"?done=give-interview").Body, "You have agreed. You can take it back", "You agreed on", `value="back-interview"`)
	b.Pass(48 * time.Hour)
	for range 2 {
		b.moved(b.Post(at, url.Values{"do": {"back-interview"}}), at)
	}
	if a := b.enrolment("alex").Agreement(privacy.Interview); a.Holds() || a.Withdrawn.Sub(a.Given) < 47*time.Hour {
		t.Errorf("stored as %+v", a)
	}
	b.says("taken back", b.Get(at).Body, "You took it back on", `value="give-interview"`)
	for _, no := range []string{"", "give-", "give-taking-part", "back-nonsense", "save", "interview"} {
		b.status(b.Post(at, url.Values{"do": {no}}), http.StatusNotFound)
	}
	if got := b.enrolment("zoe").Agreements; len(got) > 0 {
		t.Errorf("somebody else agreed: %+v", got)
	}
}

// Each page that somebody comes to by a link of theirs leads to what they have agreed to.
func TestFooterLeadsToWhatWasAgreed(t *testing.T) {
	b := newBed(t)
	b.match(pairing.Released)
	match := b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}})
	for _, page := range []string{match, match + "/leave", match + "/notice", b.emails(), b.kim()} {
		_, footer, _ := strings.Cut(b.Get(page).Body, "<footer")
		if want := strings.Join(strings.Split(page, "/")[:3], "/") + "/notice"; !strings.Contains(footer, `href="`+want+`"`) || !strings.Contains(footer, `href="/privacy/pilot"`) {
			t.Errorf("%s: the footer lacks %s: %s", page, want, footer)
		}
	}
	_, footer, _ := strings.Cut(b.Get("/match/"+strings.Repeat("A", 43)).Body, "<footer")
	if strings.Contains(footer, "/notice") {
		t.Errorf("of a link that opens nothing: %s", footer)
	}
}

// What is held about somebody and what they have agreed to lead to each other, from each of
// their pages, and also where the notice has changed: nobody has to agree to see what is held.
func TestOwnDataAndConsentsLeadToEachOther(t *testing.T) {
	b := newBed(t)
	mine := b.kim(func(e *enrolment.Enrolment) { e.Consent.Facts = "000000000000" })
	b.says("what is held", b.Get(mine).Body, `href="`+mine+`/notice"`)
	page := b.Get(mine + "/notice")
	b.status(page, http.StatusOK)
	b.says("the consents", page.Body, "Our privacy notice has changed", `href="`+mine+`"`, `value="give-interview"`)
	b.silent("the consents", page.Body, "/mine/mine", mine+`/mine"`)
	b.moved(b.Post(mine+"/notice", url.Values{"do": {"agree"}, "consent": {b.Programme.Privacy.Version}}), mine+"/notice")
	b.moved(b.Post(mine+"/notice", url.Values{"do": {"give-interview"}}), mine+"/notice")
	if e := b.enrolment("kim-seek"); !e.Agreement(privacy.Interview).Holds() || e.Consent.Facts == "000000000000" {
		t.Errorf("%+v, %+v", e.Consent, e.Agreements)
	}
	b.match(pairing.Released)
	b.bind(false)
	b.pair()
	for _, at := range []string{
		b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}}),
		b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "x"}}),
		b.Link(purpose.Choose, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client}),
		b.emails(),
	} {
		b.says(at, b.Get(at+"/notice").Body, `action="`+at+`/mine"`)
		if to := b.Post(at+"/mine", nil).Header.Get("Location"); !strings.HasPrefix(to, "/mine/") {
			t.Errorf("%s leads to %q", at, to)
		}
	}
}
