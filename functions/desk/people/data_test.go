package people_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk/desktest"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/complaint"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/held"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/request"
)

// What is held about somebody is shown to staff, and taken along, once they have said why: the
// person can read it, the audit trail has ids alone, and after an hour it is asked again, and
// of anybody else at once.
func TestWhoLooksAtWhatIsHeldSaysWhy(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex-seek", func(e *enrolment.Enrolment) { e.Conflicts = []string{"canary of what is held"} }), desktest.Ready("alex-offer"), desktest.Ready("zoe-seek"))
	const at, canary, why = desk + "/people/alex-seek/data", "canary of what is held", "They rang on 3 March & asked"
	requests := func() (all []*request.Request) {
		t.Helper()
		all, err := b.Store.RequestsOf(t.Context(), "pilot", "alex-seek")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	asks := func(what string, page string) {
		t.Helper()
		if got := b.Get(page); got.StatusCode != http.StatusOK || strings.Contains(got.Body, canary) || !strings.Contains(got.Body, `name="why"`) {
			t.Errorf("%s: status %d: %s", what, got.StatusCode, got.Body)
		}
	}
	asks("at first", at)
	if got := b.Get(at + "?done=ask").Body; !strings.Contains(got, "Say why you look at it first") {
		t.Errorf("sent here for a file, it does not say why: %s", got)
	}
	asks("for a request that there is not", at+"?to=nothing")
	asks("for what is no id", at+"?to=..%2Fx")
	for _, file := range []string{"/data.json", "/page.html"} {
		if got := b.Get(at + file); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != at+"?done=ask" || strings.Contains(got.Body, canary) {
			t.Errorf("%s: status %d to %q", file, got.StatusCode, got.Header.Get("Location"))
		}
	}
	for _, no := range []string{"", "  ", strings.Repeat("x", pairing.MaxText+1)} {
		if got := b.Post(at, url.Values{"do": {"look"}, "why": {no}}); got.StatusCode != http.StatusUnprocessableEntity || strings.Contains(got.Body, canary) {
			t.Errorf("because %.5q: status %d", no, got.StatusCode)
		}
	}
	if all := requests(); len(all) > 0 {
		t.Errorf("kept without a reason: %+v", all[0])
	}

	got := b.Post(at, url.Values{"do": {"look"}, "why": {why}})
	shown := got.Header.Get("Location")
	_, said, _ := strings.Cut(shown, "&")
	page := b.Get(shown)
	if got.StatusCode != http.StatusSeeOther || page.StatusCode != http.StatusOK || !strings.Contains(page.Body, canary) || !strings.Contains(page.Body, "They rang on 3 March &amp; asked") {
		t.Fatalf("to %q: status %d: %s", shown, page.StatusCode, page.Body)
	}
	for _, file := range []string{"/data.json?", "/page.html?"} {
		if !strings.Contains(page.Body, file+said) {
			t.Errorf("the page does not lead to %s", file)
		}
		if got := b.Get(at + file + said); got.StatusCode != http.StatusOK || !strings.Contains(got.Body, canary) || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: status %d", file, got.StatusCode)
		}
	}
	if got := b.Get(desk + "/people/alex-offer/data?" + said); !strings.Contains(got.Body, canary) {
		t.Error("in their other role it is asked once more")
	}
	asks("of somebody else", desk+"/people/zoe-seek/data?"+said)

	// The person reads why, on the page that is made of the same.
	who, err := b.Store.Person(t.Context(), b.Programme, "alex-seek")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := held.Of(t.Context(), b.Store, who, b.Now())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := sheet.JSON(); err != nil || !strings.Contains(string(text), `They rang on 3 March \u0026 asked`) {
		t.Errorf("%v: the person cannot read why: %s", err, text)
	}
	if all := requests(); len(all) != 1 || all[0].Kind != request.OnTheirBehalf || all[0].State != request.Made || all[0].DoneBy == "" {
		t.Errorf("kept %d requests", len(all))
	}
	if open, err := b.Store.OpenRequests(t.Context(), "pilot"); err != nil || len(open) != 0 {
		t.Errorf("%d requests wait, %v", len(open), err)
	}
	kinds := map[audit.Kind]int{}
	for _, e := range b.Bed.Bed.Audited() {
		kinds[e.Kind]++
	}
	if kinds[audit.Export] != 2 || len(b.Audited()) != 1 || !strings.Contains(b.Audited()[0], "looked at all that is held about somebody alex-seek") {
		t.Errorf("audited %v, %q", kinds, b.Audited())
	}
	for path, d := range b.Documents() {
		for name, value := range d.Data() {
			if text, _ := value.(string); strings.HasPrefix(path, "audit") && strings.Contains(text, "They rang") {
				t.Errorf("%s has the reason in %s", path, name)
			}
		}
	}

	b.SignedIn(access.Coordinator)
	asks("somebody else of the staff", shown)
	b.Pass(time.Hour + time.Minute)
	asks("after an hour", shown)
}

// A request stands at the desk with who answers it, by name, can be handed to another
// coordinator and to nobody else, and is late after its day.
func TestRequestIsHandedToAColleague(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex-seek"))
	c := b.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "jo", Name: "Jo <Sample>", Email: "jo@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	c.CreateStaff(&store.Staff{ID: "ira", Name: "Ira Sample", Email: "ira@example.org", Roles: access.ByProgramme{"pilot": {access.Evaluator}}})
	c.SaveRequest("pilot", request.New("r", "alex-seek", request.Others, "gone", b.Now()))
	b.Commit(c)
	const at = desk + "/requests"
	says := func(what, want string) {
		t.Helper()
		if page := b.Get(at).Body; !strings.Contains(page, want) {
			t.Errorf("%s: it lacks %q: %s", what, want, page)
		}
	}
	says("for somebody who is no coordinator", "Nobody is to answer it")
	for _, to := range []string{"", "ira", "nobody", "jo/../x"} {
		if got := b.Post(at, url.Values{"request": {"r"}, "do": {"hand"}, "to-r": {to}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("to %q: status %d", to, got.StatusCode)
		}
	}
	b.Untouched("handing it to who cannot answer")
	for range 2 { // pressed twice
		if got := b.Post(at, url.Values{"request": {"r"}, "do": {"hand"}, "to-r": {"jo"}}); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("status %d: %s", got.StatusCode, got.Body)
		}
	}
	says("handed over", "For Jo &lt;Sample&gt;.")
	says("handed over", "To be answered by")
	if all := b.Audited(); len(all) != 1 || !strings.Contains(all[0], "handed over a request about somebody's data alex-seek") {
		t.Errorf("audited %q", all)
	}
	b.Pass(32 * 24 * time.Hour)
	b.SignedIn(access.Coordinator)
	says("after a month", "It was to be answered by")
	if page := b.Get(desk).Body; !strings.Contains(page, "1; 1 late") {
		t.Errorf("the desk does not say that one is late: %s", page)
	}
	b.Post(at, url.Values{"request": {"r"}, "do": {"close"}})
	if got := b.Post(at, url.Values{"request": {"r"}, "do": {"hand"}, "to-r": {"jo"}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("once it is answered: status %d", got.StatusCode)
	}
}

// What somebody asks for by telephone is corrected by the rules of their own page, with the
// reason, which they can read.
func TestAnswersAreCorrectedOnTheirBehalf(t *testing.T) {
	b := newBed(t)
	alex := desktest.Person("alex")
	alex.Places = []string{"m"} // also for who is matched
	b.Enrol("pilot", alex)
	path := desk + "/people/alex"
	if got := b.Get(path + "/data").Body; !strings.Contains(got, path+"/correct/you") {
		t.Errorf("the page does not lead there: %s", got)
	}
	if got := b.Get(path + "/correct/you").Body; !strings.Contains(got, `value="Alex Sample"`) || !strings.Contains(got, "somebody counts on what they gave") {
		t.Errorf("the form: %s", got)
	}
	for input, posted := range map[string]url.Values{
		"reason": {"name": {"Alex New"}, "phone": {""}},
		"phone":  {"name": {"Alex New"}, "phone": {"ring me"}, "reason": {"They rang"}},
		"name":   {"name": {""}, "phone": {""}, "reason": {"They rang"}},
	} {
		got := b.Post(path+"/correct/you", posted)
		if got.StatusCode != 422 || !strings.Contains(got.Body, `href="#`+input) {
			t.Errorf("%v: %d %s", posted, got.StatusCode, got.Body)
		}
	}
	for range 2 { // pressed twice
		b.Post(path+"/correct/you", url.Values{"name": {"Alex <b>New</b>"}, "phone": {"020 7946 0123"}, "reason": {"They rang on 3 March"}})
	}
	e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil || e.Person.Name != "Alex <b>New</b>" || e.Person.Phone != "020 7946 0123" {
		t.Errorf("%+v, %v", e, err)
	}
	all, err := b.Store.RequestsOf(t.Context(), "pilot", "alex")
	if err != nil || len(all) != 1 || all[0].Note != "They rang on 3 March" {
		t.Errorf("why: %+v, %v", all, err)
	}
	if got := b.Get(path).Body; strings.Contains(got, "<b>New") {
		t.Error("a name is markup")
	}
	if got := b.Get(path + "/correct/nothing"); got.StatusCode != 404 {
		t.Errorf("no such group: %d", got.StatusCode)
	}
}

// What somebody complains of is on no page of the desk, and in nothing that staff take along,
// unless its author agreed; then it is under requests.
func TestDeskSeesComplaintsByConsentAlone(t *testing.T) {
	b := newBed(t)
	b.Enrol("pilot", desktest.Ready("alex-seek"))
	at := desk + "/people/alex-seek"
	c := b.Store.Commit()
	for id, agreed := range map[string]bool{"kept": false, "shown": true} {
		x, err := complaint.New(b.Programme, &enrolment.Enrolment{ID: "alex-seek", Role: programme.Client}, id, "canary "+id, agreed, b.Now())
		if err != nil {
			t.Fatal(err)
		}
		c.SaveComplaint("pilot", x)
	}
	b.Commit(c)
	_, why, _ := strings.Cut(b.Post(at+"/data", url.Values{"do": {"look"}, "why": {"They rang."}}).Header.Get("Location"), "?")
	for _, page := range []string{desk, desk + "/people", at, at + "/data", at + "/data/data.json", at + "/data/page.html", desk + "/requests", desk + "/emails", desk + "/waiting", desk + "/matches"} {
		got := b.Get(page + "?" + why)
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", page, got.StatusCode)
		}
		if strings.Contains(got.Body, "canary kept") {
			t.Errorf("%s shows what nobody agreed to", page)
		}
		if shows := strings.Contains(got.Body, "canary shown"); shows != (page == desk+"/requests") {
			t.Errorf("%s shows what its author agreed to: %v", page, shows)
		}
	}
}
