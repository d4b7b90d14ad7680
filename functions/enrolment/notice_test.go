package enrolment

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Nobody is asked anything before they have read what becomes of it.
func TestNoticeComesBeforeTheFirstQuestion(t *testing.T) {
	b := bed(t)
	for _, role := range programme.Roles {
		side := role.Side()
		start := b.Get("/enrol/pilot")
		if !strings.Contains(start.Body, `href="/enrol/pilot/`+side+`/privacy"`) {
			t.Error("the start leads past the notice")
		}
		for _, st := range stepsFor(b.Programme, role, form(), "region") {
			if st.name == notice {
				continue
			}
			if got := b.Get("/enrol/pilot/" + side + "/" + st.name); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/enrol/pilot/"+side+"/privacy" {
				t.Errorf("%s is asked first: status %d", st.name, got.StatusCode)
			}
		}
		page := b.Get("/enrol/pilot/" + side + "/privacy").Body
		for _, want := range []string{"Step 1 of", "used for this, and for nothing else", `href="/privacy/pilot"`, `name="consent"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the first page lacks %q", side, want)
			}
		}
		if strings.Contains(page, "checked") {
			t.Error("something is ticked beforehand")
		}
		if got := b.Post("/enrol/pilot/"+side+"/privacy", nil); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("without a tick: status %d", got.StatusCode)
		}
		if got := b.Post("/enrol/pilot/"+side+"/privacy", url.Values{"consent": {b.Programme.Privacy.Version}}); got.Header.Get("Location") != "/enrol/pilot/"+side+"/you" {
			t.Errorf("after it comes %q", got.Header.Get("Location"))
		}
	}
}

// The notice says what the register and the settings say, and changes with them.
func TestNoticeIsMadeFromTheRegisterAndTheSettings(t *testing.T) {
	b := bed(t)
	page := b.Get("/privacy/pilot").Body
	n := privacy.New(b.Programme, store.Stored(), privacy.Deployment{Mail: "sendgrid", SendGrid: "https://api.sendgrid.com"})
	want := []string{b.Programme.Host.Contact, "Version " + n.Version + ", " + n.Facts, "Twilio SendGrid", "No last day of the programme is set yet", "Legitimate interests.", "Your consent.", "Information Commissioner",
		"ask for your link", "correct it, take it along, have it deleted"}
	for _, p := range n.Purposes {
		want = append(want, p.Title)
	}
	for _, h := range n.Kept {
		want = append(want, h.What)
		if h.Open == strings.Contains(page, html.EscapeString("Kept until "+h.Until+"; it is deleted by "+h.By)) {
			t.Errorf("what deletes it is not said as it is: %s", h.What)
		}
	}
	for _, words := range want {
		if !strings.Contains(page, html.EscapeString(words)) {
			t.Errorf("it lacks %q", words)
		}
	}
	if got := b.Get("/privacy/nowhere"); got.StatusCode != http.StatusNotFound {
		t.Errorf("of no programme: status %d", got.StatusCode)
	}
}

func TestNoticeChangesWithTheSettings(t *testing.T) {
	b := bed(t)
	n := privacy.New(b.Programme, store.Stored(), privacy.Deployment{Mail: "sendgrid", SendGrid: "https://api.sendgrid.com"})
	p, err := b.Store.Programme(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	p.Dates = programme.Dates{Starts: "2027-01-11", Ends: "2027-12-17"}
	p.Privacy.Points = []string{"The host adds <this>"}
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
	page := b.Get("/privacy/pilot").Body
	for _, words := range []string{"The programme ends on 17 December 2027", "The host adds &lt;this&gt;"} {
		if !strings.Contains(page, words) {
			t.Errorf("it lacks %q", words)
		}
	}
	if strings.Contains(page, "Version "+n.Version+", "+n.Facts) {
		t.Error("what it rests on changed, and is called the same")
	}
}

// The notice is linked in every footer.
func TestEveryFooterLeadsToTheNotice(t *testing.T) {
	b := bed(t)
	for page, link := range map[string]string{"/enrol/pilot": "/privacy/pilot", "/enrol/pilot/seek/privacy": "/privacy/pilot", "/privacy/pilot": "/privacy/pilot", "/": "/privacy/", "/nowhere": "/privacy/", "/privacy/": "/privacy/"} {
		_, footer, _ := strings.Cut(b.Get(page).Body, "<footer")
		if !strings.Contains(footer, `href="`+link+`"`) {
			t.Errorf("%s: the footer does not lead to %s: %s", page, link, footer)
		}
	}
	if !strings.Contains(b.Get("/privacy/").Body, `href="/privacy/pilot"`) {
		t.Error("the list of notices lacks a programme's")
	}
}

// What was ticked beside counts from when the address's owner confirms it, by the notice that
// they were shown; without a tick nothing is agreed to beside.
func TestConsentBesideIsStoredWithItsDate(t *testing.T) {
	for name, ticked := range map[string][]string{"ticked": {"interview"}, "not ticked": nil} {
		t.Run(name, func(t *testing.T) {
			b := bed(t)
			walk(b, "seek")
			b.Post("/enrol/pilot/seek/privacy", url.Values{"consent": {b.Programme.Privacy.Version}, "agrees": ticked})
			if page := b.Get("/enrol/pilot/seek/check").Body; strings.Contains(page, "Agreed to beside") != (ticked != nil) {
				t.Error("the check page does not say what was agreed to")
			}
			b.Post("/enrol/pilot/seek/check", nil)
			confirmAll(b)
			all := enrolments(t, b)
			if len(all) != 1 {
				t.Fatalf("%d enrolments", len(all))
			}
			e := all[0]
			if a := e.Agreement(privacy.Interview); a.Holds() != (ticked != nil) || a.Holds() && (a.Version != b.Programme.Privacy.Version || b.Now().Sub(a.Given) > time.Minute) {
				t.Errorf("stored as %+v", a)
			}
			if e.Consent.Version != b.Programme.Privacy.Version || e.Consent.At.IsZero() {
				t.Errorf("the notice is stored as %+v", e.Consent)
			}
		})
	}
	b := bed(t)
	for _, wrong := range [][]string{{"taking-part"}, {"nonsense"}} {
		if got := b.Post("/enrol/pilot/seek/privacy", url.Values{"consent": {b.Programme.Privacy.Version}, "agrees": wrong}); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", wrong, got.StatusCode)
		}
	}
}
