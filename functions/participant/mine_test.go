package participant

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/request"
)

// kim enrols, and comes by a link to what is held about them, in a browser that gave a code.
func (b *bed) kim(change ...func(*enrolment.Enrolment)) string {
	b.t.Helper()
	e := ready("kim-seek", programme.Client, change...)
	e.Person.Name, e.Person.Email, e.Person.Phone, e.Conflicts = "Kim <Quill>", "kim@example.org", "020 7946 0123", []string{"Elsewhere & Co"}
	e.Consent.Version = b.Programme.Privacy.Version
	b.enrol(e)
	link := b.toMine("kim-seek")
	b.giveFor(link, "")
	return link
}

func (b *bed) toMine(id string) string {
	b.t.Helper()
	e := b.enrolment(id)
	return b.Link(purpose.Mine, store.Link{Programme: "pilot", Person: id, Role: e.Role, Generation: e.Generation})
}

// Whoever has the link alone sees nothing of what is held, and changes nothing.
func TestOwnPageTakesACode(t *testing.T) {
	b := newBed(t)
	e := ready("kim-seek", programme.Client)
	b.enrol(e)
	link := b.toMine("kim-seek")
	before := b.documents()
	for _, page := range []string{"", "/correct/seek/you", "/download", "/download/data.json", "/erase"} {
		got := b.Get(link + page)
		b.status(got, http.StatusSeeOther)
		b.silent(page, got.Body, e.Person.Name, "Leeds")
	}
	for _, page := range []string{"/correct/seek/you", "/others", "/erase", "/stop-erasing"} {
		b.status(b.Post(link+page, url.Values{"name": {"Another"}}), http.StatusForbidden)
	}
	if after := b.documents(); len(after) != len(before) {
		t.Error("something was written without a code")
	}
	// A device that is known sees the page; what takes it away asks each time.
	b.giveFor(link, "")
	b.says("the page", b.Get(link).Body, e.Person.Name, "What you gave", "What the system recorded")
	b.moved(b.Get(link+"/download"), link+"/code?to=download")
	b.moved(b.Get(link+"/erase"), link+"/code?to=erase")
	b.giveFor(link, "download")
	b.status(b.Get(link+"/download"), http.StatusOK)
	b.moved(b.Get(link+"/erase"), link+"/code?to=erase") // a code for one is none for the other
	b.Pass(11 * time.Minute)
	b.moved(b.Get(link+"/download/data.json"), link+"/code?to=download")
}

func TestOwnDataIsTakenAlong(t *testing.T) {
	b := newBed(t)
	link := b.kim()
	b.giveFor(link, "download")
	got := b.Get(link + "/download/data.json")
	var data struct{ Sections []struct{ Path string } }
	if err := json.Unmarshal([]byte(got.Body), &data); err != nil || len(data.Sections) < 3 || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%v: %s", err, got.Body)
	}
	b.says("the data", got.Body, "kim@example.org", "020 7946 0123", "programmes/*/enrolments/*")
	page := b.Get(link + "/download/page.html")
	b.says("the page", page.Body, "Kim &lt;Quill&gt;", "kim@example.org", "Elsewhere &amp; Co")
	b.status(b.Get(link+"/download/else"), http.StatusNotFound)
	b.silent("others", got.Body, "alex@example.org", "zoe@example.org")
}

// What somebody gave is corrected by the rules of the form, until somebody else counts on it;
// from then on it is a request that a person sees to.
func TestOwnAnswersAreCorrected(t *testing.T) {
	b := newBed(t)
	link := b.kim()
	for _, g := range enrolment.Groups(b.Programme, programme.Client) {
		b.says(g.Name, b.Get(link+"/correct/seek/"+g.Name).Body, g.Title)
	}
	b.status(b.Get(link+"/correct/offer/you"), http.StatusNotFound)
	b.status(b.Get(link+"/correct/seek/consent"), http.StatusNotFound)
	b.refused("no name", b.Post(link+"/correct/seek/you", url.Values{"name": {" "}, "phone": {"12"}}), "name", "phone")
	b.moved(b.Post(link+"/correct/seek/you", url.Values{"name": {"Kim Other"}, "phone": {""}}), link)
	b.moved(b.Post(link+"/correct/seek/availability", url.Values{"availability": {"mon-am"}, "meeting": {"phone"}}), link)
	b.moved(b.Post(link+"/correct/seek/skills", url.Values{"skill-board": {"1"}, "skill-coaching": {"0"}}), link)
	e := b.enrolment("kim-seek")
	if e.Person.Name != "Kim Other" || e.Person.Phone != "" || e.State != enrolment.Ready || !slices.Equal(e.Availability, []string{"mon-am"}) || !slices.Equal(e.Meeting, []string{"phone"}) ||
		len(e.Skills) != 1 || e.Skills["board"] != 1 || e.Organisation.Name == "" {
		t.Errorf("%+v", e)
	}
	if n := b.audited("corrected their answers"); n != 3 {
		t.Errorf("%d corrections in the audit trail", n)
	}

	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "morgan@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	b.Commit(c)
	b.change("kim-seek", func(e *enrolment.Enrolment) { e.Places = []string{"m"} })
	b.says("once matched", b.Get(link+"/correct/seek/you").Body, "You are matched", "Ask for the correction")
	b.moved(b.Post(link+"/correct/seek/you", url.Values{"name": {"Kim Third"}, "phone": {""}, "note": {"I <married>"}}), link)
	if e := b.enrolment("kim-seek"); e.Person.Name != "Kim Other" {
		t.Errorf("%+v", e.Person)
	}
	b.moved(b.Post(link+"/others", url.Values{"note": {"What of me?"}}), link)
	b.moved(b.Post(link+"/others", url.Values{"note": {"What of me?"}}), link) // sent twice
	all, err := b.Store.OpenRequests(t.Context(), "pilot")
	if err != nil || len(all) != 2 {
		t.Fatal(len(all), err)
	}
	for _, q := range all {
		if q.For != "morgan" || q.Enrolment != "kim-seek" || q.Kind == request.Correction && (q.Form.Name != "Kim Third" || q.Note != "I <married>") {
			t.Errorf("%+v", q)
		}
	}
	b.says("the page", b.Get(link+"?done=asked").Body, "Your request is with Morgan Sample", "What you asked for", "Morgan Sample answers you by")
	b.Pass(32 * 24 * time.Hour)
	b.says("after a month", b.Get(link).Body, "you should have been answered by", "by Morgan Sample")
}

// Who wants to be forgotten confirms it by the email, and can stop it for a day.
func TestErasureIsConfirmedByEmailAndCanBeStopped(t *testing.T) {
	b := newBed(t)
	link := b.kim()
	state := func() erasure.State {
		t.Helper()
		e, err := b.Store.Erasure(t.Context(), "pilot", "kim")
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return ""
		}
		return e.State
	}
	b.giveFor(link, "erase")
	b.says("the page", b.Get(link+"/erase").Body, "Send me the email to confirm it", "What stays")
	for range 2 { // pressed twice
		b.status(b.Post(link+"/erase", nil), http.StatusSeeOther)
		b.giveFor(link, "erase")
	}
	if got := b.owedBeside(); state() != erasure.Asked || !slices.Equal(got, []string{"confirm-erasure kim-seek"}) {
		t.Errorf("%s, owed %v", state(), got)
	}
	b.says("the page", b.Get(link).Body, "We have sent you an email")

	mailed := b.Link(purpose.Erase, store.Link{Programme: "pilot", Person: "kim-seek", Role: programme.Client})
	b.says("the email's page", b.Get(mailed).Body, "Delete everything")
	if state() != erasure.Asked {
		t.Error("opening the link confirmed it")
	}
	b.status(b.Post(mailed, nil), http.StatusNotFound)
	for range 2 {
		b.status(b.Post(mailed, url.Values{"do": {"confirm"}}), http.StatusSeeOther)
	}
	if got := b.owedBeside(); state() != erasure.Confirmed || !slices.Contains(got, "erasure-confirmed kim-seek") || len(got) != 2 {
		t.Errorf("%s, owed %v", state(), got)
	}
	b.says("the page", b.Get(link).Body, "Everything is deleted on", "Stop it")
	b.moved(b.Post(link+"/stop-erasing", nil), link)
	if state() != "" {
		t.Errorf("it is %s", state())
	}
	b.says("the email's page", b.Get(mailed).Body, "Nothing waits to be deleted")

	// Asked again, and begun: it is over.
	b.Pass(time.Hour)
	b.giveFor(link, "erase")
	b.status(b.Post(link+"/erase", nil), http.StatusSeeOther)
	b.status(b.Post(mailed, url.Values{"do": {"confirm"}}), http.StatusSeeOther)
	b.Spoil("programmes/pilot/erasures/kim", "state", "begun")
	b.status(b.Post(mailed, url.Values{"do": {"stop"}}), http.StatusSeeOther)
	if state() != erasure.Begun {
		t.Errorf("it is %s", state())
	}
}

// Who has left sees what is still held of them, and can have it erased.
func TestWhoHasLeftSeesWhatIsHeld(t *testing.T) {
	b := newBed(t)
	link := b.kim()
	b.status(b.Post(link+"/leave", nil), http.StatusSeeOther)
	b.status(b.Get(link), http.StatusGone) // as all links that were sent before
	b.Post("/emails/", url.Values{"email": {"kim@example.org"}})
	if got := b.owedBeside(); !slices.Contains(got, "your-data kim-seek") || !slices.Contains(got, "has-left kim-seek") {
		t.Errorf("owed %v", got)
	}
	link = b.toMine("kim-seek")
	b.giveFor(link, "")
	page := b.Get(link).Body
	b.says("the page", page, "Kim &lt;Quill&gt;", "Have everything about you deleted")
	b.silent("the page", page, link+"/leave", link+"/correct")
	b.giveFor(link, "erase")
	b.status(b.Post(link+"/erase", nil), http.StatusSeeOther)
}

// The page on which somebody asks to be forgotten says of all that docs/privacy.md says stays
// that it does, and their own page what is not on it.
func TestPagesSayWhatStaysAndWhatIsElsewhere(t *testing.T) {
	b := newBed(t)
	link := b.kim()
	b.says("their own page", b.Get(link).Body, "What others wrote about you", "Nor are your answers to questionnaires")
	b.giveFor(link, "erase")
	b.says("before it is asked", b.Get(link+"/erase").Body, "emails that were sent before", "what others wrote", "the other side was matched and met", "who did what, under a code that leads to nobody, for two years",
		"answers to questionnaires, where nobody can tell", "totals that were published", "backups, and what programs log", "a code by which you are deleted again")
}
