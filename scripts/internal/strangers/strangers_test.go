// Package strangers sends what strangers can send, by HTTP to the functions as they start in
// production, for somebody else's address, and looks into the mailbox of whoever reads that.
package strangers

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk"
	functionEnrolment "github.com/cascading-leadership/cascade/functions/enrolment"
	"github.com/cascading-leadership/cascade/functions/outbox"
	"github.com/cascading-leadership/cascade/functions/participant"
	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/budget"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// inbox is what arrived, of all tests: each has addresses of its own.
var inbox *mailbox.Mailbox

// TestMain gives the function that sends emails a mailbox that speaks as SendGrid does.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "strangers")
	if err != nil {
		panic(err)
	}
	if inbox, err = mailbox.Open(filepath.Join(dir, "mailbox.jsonl"), time.Now); err != nil {
		panic(err)
	}
	handler, err := inbox.Handler()
	if err != nil {
		panic(err)
	}
	provider := httptest.NewServer(handler)
	for name, value := range map[string]string{
		"CASCADE_MAIL_PROVIDER": "sendgrid", "SENDGRID_API_KEY": "key", "SENDGRID_HOST": provider.URL,
		"CASCADE_SENDER_NAME": "Cascade", "CASCADE_SENDER_EMAIL": "sender@example.org", "CASCADE_MAILS_PER_MINUTE": "0", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN": "0",
	} {
		os.Setenv(name, value)
	}
	code := m.Run()
	provider.Close()
	os.RemoveAll(dir)
	os.Exit(code)
}

// host is a host's functions, each with the keys of its own, and a programme.
type host struct {
	*testbed.Bed
	t    testing.TB
	site *httptest.Server
	// tag tells this test's addresses from another's.
	tag string
}

// fresh is a setting of keys that nobody else has.
func fresh() string { return keys.New(time.Now()) }

func newHost(t testing.TB, change ...func(*serve.Config)) *host {
	t.Helper()
	h := &host{Bed: testbed.New(t), t: t, tag: strings.ToLower(rand.Text()[:8])}
	all := serve.KeyConfig{Enrolment: fresh(), Participant: fresh(), Questionnaires: fresh(), Desk: fresh(), Staff: fresh(), Report: fresh(), Audit: fresh()}
	mux := http.NewServeMux()
	h.site = httptest.NewTLSServer(mux)
	t.Cleanup(h.site.Close)
	for name, open := range map[string]serve.New{"enrolment": functionEnrolment.New, "participant": participant.New, "desk": desk.New, "outbox": outbox.New} {
		c := serve.Config{Project: h.Project, Database: "(default)", Answers: testbed.Answers, Emulator: os.Getenv("FIRESTORE_EMULATOR_HOST"), PublicURL: h.site.URL, EventsFrom: testbed.EventsFrom(), Keys: own(all, name)}
		c.Budgets.PerNetwork, c.Budgets.PerProgramme = budget.Network.Most, budget.Programme.Most
		for _, f := range change {
			f(&c)
		}
		rt, err := serve.NewRuntime(t.Context(), name, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { rt.Store.Close() })
		function, err := open(t.Context(), rt)
		if err != nil {
			t.Fatal(err)
		}
		served := serve.Wrap(name, rt, function)
		for _, prefix := range map[string][]string{"enrolment": {"/enrol/"}, "participant": {"/emails/", "/address/", "/match/", "/pairing/", "/choose/", "/my/", "/mine/"}, "desk": {"/desk/"}, "outbox": {cloudevent.Path}}[name] {
			mux.Handle(prefix, served)
		}
	}
	return h
}

// own are the keys that a function has in its manifest, of all.
func own(all serve.KeyConfig, function string) (c serve.KeyConfig) {
	for setting, take := range map[string]func(){
		"CASCADE_ENROLMENT_LINK_KEYS": func() { c.Enrolment = all.Enrolment }, "CASCADE_PARTICIPANT_LINK_KEYS": func() { c.Participant = all.Participant },
		"CASCADE_QUESTIONNAIRES_LINK_KEYS": func() { c.Questionnaires = all.Questionnaires }, "CASCADE_DESK_LINK_KEYS": func() { c.Desk = all.Desk },
		"CASCADE_STAFF_KEYS": func() { c.Staff = all.Staff }, "CASCADE_REPORT_KEYS": func() { c.Report = all.Report }, keys.AuditSetting: func() { c.Audit = all.Audit },
	} {
		if slices.Contains(serve.KeysOf(function), setting) {
			take()
		}
	}
	return c
}

// address is one of this test's.
func (h *host) address(name string) string { return name + "." + h.tag + "@example.org" }

// browser is a browser of somebody, that follows no redirects.
type browser struct {
	*http.Client
	h *host
}

func (h *host) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{&http.Client{Jar: jar, Transport: h.site.Client().Transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, h}
}

// do sends a request, and returns the status and the page.
func (b *browser) do(method, path, kind, body string) (int, string) {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.site.URL+path, strings.NewReader(body))
	if err != nil {
		b.h.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if path == cloudevent.Path {
		testbed.Sign(r)
		for name, value := range map[string]string{"ce-specversion": "1.0", "ce-id": rand.Text(), "ce-type": cloudevent.ScheduleType, "ce-source": "/apis/v1/namespaces/cascade/pingsources/outbox-sweep"} {
			r.Header.Set(name, value)
		}
	}
	response, err := b.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (b *browser) post(path string, form url.Values) int {
	b.h.t.Helper()
	status, _ := b.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
	return status
}

// to is the path to which a post leads.
func (b *browser) to(path string, form url.Values) string {
	b.h.t.Helper()
	response, err := b.PostForm(b.h.site.URL+path, form)
	if err != nil {
		b.h.t.Fatal(err)
	}
	response.Body.Close()
	at, err := response.Location()
	if err != nil {
		b.h.t.Fatal(err)
	}
	return at.Path
}

// sweep sends what is owed.
func (h *host) sweep() {
	h.t.Helper()
	for range 2 {
		if status, body := h.browser().do(http.MethodPost, cloudevent.Path, "application/json", "{}"); status != http.StatusOK {
			h.t.Fatalf("the outbox: status %d: %s", status, body)
		}
	}
}

// arrived is what came into the inbox of somebody, however their address is written.
func (h *host) arrived(name string) (all []*mailbox.Message) {
	h.t.Helper()
	want := email.Address(h.address(name)).Mailbox()
	for _, m := range inbox.Messages("") {
		for _, to := range m.To {
			if a, err := email.Parse(to); err == nil && a.Mailbox() == want {
				all = append(all, m)
			}
		}
	}
	return all
}

// form is an acceptable one with a name and an address.
func form(p *programme.Programme, name, address string) enrolment.Form {
	return enrolment.Form{Name: name, Email: address, Organisation: "Example Trust", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{"HE"},
		Skills: map[string]int{"board": 3}, Availability: []string{"mon-am"}, Meeting: []string{"video"}, Languages: []string{"English"}, Consent: p.Privacy.Version}
}

// enrols sends a form as one document.
func (h *host) enrols(side string, f enrolment.Form) int {
	h.t.Helper()
	if side == "offer" {
		f.Capacity = 1
	}
	text, err := json.Marshal(f)
	if err != nil {
		h.t.Fatal(err)
	}
	status, _ := h.browser().do(http.MethodPost, "/enrol/pilot/"+side, "application/json", string(text))
	return status
}

// walks sends a form by the pages.
func (h *host) walks(f enrolment.Form) int {
	h.t.Helper()
	b, at := h.browser(), "/enrol/pilot/seek/"
	for _, page := range []struct {
		step string
		form url.Values
	}{
		{"privacy", url.Values{"consent": {f.Consent}}}, {"you", url.Values{"name": {f.Name}, "email": {f.Email}}},
		{"organisation", url.Values{"organisation": {f.Organisation}, "postcode": {f.Postcode}, "categories": f.Categories}}, {"needs", url.Values{"needs": {"board", "fundraising"}}},
		{"levels", url.Values{"skill-board": {"2"}, "own-board": {"0"}, "skill-fundraising": {"3"}, "own-fundraising": {"1"}}},
	} {
		b.post(at+page.step, page.form)
	}
	return b.post(at+"check", nil)
}

// person has somebody take part who has a name.
func (h *host) person(name, called string, role programme.Role) *enrolment.Enrolment {
	h.t.Helper()
	f := form(h.Programme, called, h.address(name))
	if role == programme.Consultant {
		f.Capacity = 1
	}
	e, err := enrolment.New(h.Programme, role, f, time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	c := h.Store.Commit()
	c.CreateEnrolment("pilot", e)
	h.Commit(c)
	return e
}

// link is the path of the newest email's link to somebody that begins so.
func (h *host) link(name, begins string) string {
	h.t.Helper()
	all := h.arrived(name)
	for i := len(all) - 1; i >= 0; i-- {
		for _, path := range h.links(all[i]) {
			if strings.HasPrefix(path, begins+"/") {
				return path
			}
		}
	}
	h.t.Fatalf("%s has no link to %s among %d emails", name, begins, len(all))
	return ""
}

// links are the paths of the links of the host's in an email.
func (h *host) links(m *mailbox.Message) (paths []string) {
	for _, found := range regexp.MustCompile(regexp.QuoteMeta(h.site.URL)+`(/[^\s"<>]*)`).FindAllStringSubmatch(html.UnescapeString(m.Text+"\n"+m.HTML), -1) {
		if !slices.Contains(paths, found[1]) {
			paths = append(paths, found[1])
		}
	}
	return paths
}

// codes are found in the emails that tell them.
var codes = regexp.MustCompile(`\b(\d{3}) (\d{3})\b`)

// codeFor is the link of somebody to their emails, as a browser opens it from the email with
// their link, and that browser, which has given the code for another address.
func (h *host) codeFor(name string) (at string, b *browser) {
	h.t.Helper()
	b = h.browser()
	b.post("/emails/", url.Values{"email": {h.address(name)}})
	h.sweep()
	my := h.link(name, string(purpose.My))
	h.gives(b, name, my, "")
	_, page := b.do(http.MethodGet, my, "", "")
	if !strings.Contains(page, my+"/open/emails/all") {
		h.t.Fatalf("no button opens the emails: %s", page)
	}
	at = b.to(my+"/open/emails/all", url.Values{})
	h.gives(b, name, at, "address")
	return at, b
}

// gives has somebody give, on the way to a page of a link's, the code that is sent to them.
func (h *host) gives(b *browser, name, link, page string) {
	h.t.Helper()
	b.post(link+"/code", url.Values{"do": {"send"}, "to": {page}})
	h.sweep()
	code := ""
	for _, m := range h.arrived(name) {
		if found := codes.FindStringSubmatch(m.Text); found != nil {
			code = found[1] + found[2]
		}
	}
	if status := b.post(link+"/code", url.Values{"do": {"give"}, "to": {page}, "code": {code}}); status != http.StatusSeeOther {
		h.t.Fatalf("the code %q: status %d", code, status)
	}
}

// asksFor has somebody who takes part ask for other addresses.
func (h *host) asksFor(name string, addresses ...string) {
	h.t.Helper()
	at, b := h.codeFor(name)
	for _, address := range addresses {
		if status := b.post(at+"/address", url.Values{"email": {address}}); status != http.StatusSeeOther {
			h.t.Errorf("asking for %s: status %d", address, status)
		}
	}
}

// canary is in every text of a stranger.
const canary = "quillfeather"

// hostile are what strangers write about themselves.
var hostile = []string{
	"You have won, " + canary + "! Go to https://" + canary + ".example.net/now", `<a href="https://` + canary + `.example.net">` + canary + `</a><script>alert(1)</script>`,
	canary + "\r\nBcc: " + canary + "@example.net\r\nSubject: " + canary, "[" + canary + "](https://" + canary + ".example.net \"button\")", "{name} {link} {{.Link}} " + canary,
	"\u202e" + canary + " \u2028 www." + canary + ".example.net", "mailto:" + canary + "@example.net", strings.Repeat(canary+" ", 8),
}

// Whatever strangers write into whatever form, nothing of it comes into the inbox of whoever
// reads the address that they wrote beside it: not in the text, nor in a link, nor in a header.
func TestNothingOfAStrangersComesIntoAnInbox(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	taken := 0
	for i, text := range hostile {
		for _, change := range []func(*enrolment.Form){
			func(f *enrolment.Form) { f.Name = text }, func(f *enrolment.Form) { f.Organisation = text }, func(f *enrolment.Form) { f.Conflicts = []string{text} },
			func(f *enrolment.Form) { f.Name, f.Organisation, f.Conflicts = text, text, []string{text} },
		} {
			// Each of an inbox of its own, so that no budget keeps anything back.
			f := form(h.Programme, "Alex Sample", h.address(fmt.Sprint("victim", i)))
			change(&f)
			if h.enrols([]string{"seek", "offer"}[i%2], f) == http.StatusAccepted {
				taken++
			}
		}
		f := form(h.Programme, text, h.address(fmt.Sprint("victim", i)))
		f.Conflicts = []string{text}
		if h.walks(f) == http.StatusSeeOther {
			taken++
		}
		// And by what is beside the address.
		for _, address := range []string{text + " <" + f.Email + ">", f.Email + "\r\nBcc: " + canary + "@example.net", f.Email + "?subject=" + canary + "&body=" + text, "mailto:" + f.Email + "?cc=" + canary + "@example.net"} {
			h.browser().post("/emails/", url.Values{"email": {address}})
			h.browser().post("/desk/sign-in", url.Values{"email": {address}})
			g := form(h.Programme, "Alex Sample", address)
			h.enrols("seek", g)
		}
	}
	// Somebody who takes part, with such a name, wants to have addresses: of somebody who takes
	// part as well, and of somebody who does not.
	h.person("owner", "Owner Sample", programme.Client)
	h.person("mallory", "Mallory "+canary, programme.Client)
	h.asksFor("mallory", h.address("owner"), h.address("victim-address"))
	h.sweep()

	inboxes := []string{"owner", "victim-address"}
	for i := range hostile {
		inboxes = append(inboxes, fmt.Sprint("victim", i))
	}
	emails := 0
	for _, name := range inboxes {
		for _, m := range h.arrived(name) {
			emails++
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			whole := strings.ToLower(html.UnescapeString(string(text)))
			if strings.Contains(whole, canary) || strings.Contains(whole, "<script") {
				t.Errorf("to %s: %s", name, text)
			}
			if len(m.To) != 1 || strings.ContainsAny(m.Subject, "\r\n") {
				t.Errorf("to %q, of the subject %q", m.To, m.Subject)
			}
		}
	}
	if emails < 2*len(hostile) || taken < 2*len(hostile) {
		t.Fatalf("%d forms were taken, and %d emails came of them", taken, emails)
	}
	for _, m := range inbox.Messages("") {
		if slices.ContainsFunc(m.To, func(to string) bool { return strings.Contains(to, canary) }) {
			t.Errorf("an email goes to %q", m.To)
		}
	}
}

// Forty forms of every kind, of many browsers, for one inbox under many spellings, are few
// emails in it; each kind has its share of them, so that nobody who uses up one keeps the
// owner from the others.
func TestFortyFormsOfEveryKindAreFewEmails(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.person("victim", "Vic Sample", programme.Client)
	c := h.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "vic", Name: "Vic Sample", Email: email.Address(h.address("victim")), Roles: access.ByProgramme{"pilot": {access.Coordinator}}})
	h.Commit(c)
	h.person("mallory", "Mallory Sample", programme.Client)
	spelled := func(i int) string {
		local, domain, _ := strings.Cut(h.address("victim"), "@")
		return []string{local, strings.ToUpper(local), fmt.Sprint(local, "+", i), local + "+a+b"}[i%4] + "@" + []string{domain, "EXAMPLE.org"}[i/4%2]
	}
	var addresses []string
	for i := range 5 {
		addresses = append(addresses, spelled(i))
	}
	posts := len(addresses)
	h.asksFor("mallory", addresses...)
	for i := range 40 {
		posts++
		status := 0
		switch i / 10 {
		case 0:
			status = h.enrols("seek", form(h.Programme, fmt.Sprint("Vic ", strings.Repeat("x", i+1)), spelled(i)))
		case 1:
			status = h.enrols("offer", form(h.Programme, fmt.Sprint("Vic ", strings.Repeat("y", i+1)), spelled(i)))
		case 2:
			status = h.browser().post("/emails/", url.Values{"email": {spelled(i)}})
		case 3:
			status = h.browser().post("/desk/sign-in", url.Values{"email": {spelled(i)}})
		}
		if status >= http.StatusBadRequest {
			t.Fatalf("the %dth: status %d", i+1, status)
		}
	}
	h.sweep()
	kinds := map[string]int{}
	for _, m := range h.arrived("victim") {
		kinds[m.Subject]++
	}
	total, links, signIn := 0, 0, 0
	for subject, n := range kinds {
		total += n
		switch {
		case strings.Contains(subject, "sign in"):
			signIn += n
		case strings.Contains(subject, "Your link"):
			links += n
		}
	}
	// Who asks for links is sent one for each role: also where that is only claimed.
	most := budget.Unasked.Most + len(programme.Roles) + budget.SignIn.Most
	if total > most || signIn != budget.SignIn.Most || links != 1 || total < budget.Unasked.Most+signIn+links {
		t.Errorf("%d posts are %d emails, want %d at most: %v", posts, total, most, kinds)
	}
	// What strangers sent of one kind keeps nobody from another, nor does what goes to nobody.
	h.person("other", "Other Sample", programme.Client)
	local, domain, _ := strings.Cut(h.address("other"), "@")
	for i := range 10 {
		h.browser().post("/emails/", url.Values{"email": {fmt.Sprint(local, "+", i, "@", domain)}})
		h.browser().post("/desk/sign-in", url.Values{"email": {h.address("other")}})
		h.enrols("offer", form(h.Programme, fmt.Sprint("Other ", strings.Repeat("x", i+1)), fmt.Sprint(local, "+", i, "@", domain)))
	}
	h.browser().post("/emails/", url.Values{"email": {h.address("other")}})
	h.sweep()
	n := 0
	for _, m := range h.arrived("other") {
		if m.Subject == "Your link" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the owner is sent %d links of %d emails", n, len(h.arrived("other")))
	}
}

// Whatever opens and posts to all links of an email, as mail scanners do, confirms nothing;
// the owner does with the form of the page.
func TestScannersConfirmNothing(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.person("mallory", "Mallory Sample", programme.Client)
	h.asksFor("mallory", h.address("victim"))
	if status := h.enrols("seek", form(h.Programme, "Vic Sample", h.address("victim"))); status != http.StatusAccepted {
		t.Fatal(status)
	}
	h.sweep()
	all, n := h.arrived("victim"), 0
	for _, m := range all {
		for _, path := range h.links(m) {
			n++
			scanner := h.browser()
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				scanner.do(method, path, "", "")
			}
			for _, form := range []url.Values{nil, {"do": {"confirm"}}, {"confirm": {"yes"}}, {"List-Unsubscribe": {"One-Click"}}} {
				scanner.post(path, form)
			}
		}
	}
	if len(all) != 2 || n < 2 {
		t.Fatalf("%d emails with %d links", len(all), n)
	}
	confirmed := func() (all []string) {
		people, err := h.Store.Enrolments(t.Context(), "pilot")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range people {
			all = append(all, e.Person.Name+" "+string(e.Person.Email))
		}
		return all
	}
	if got := confirmed(); len(got) != 1 || got[0] != "Mallory Sample "+h.address("mallory") {
		t.Errorf("a scanner confirmed: %q", got)
	}
	owner := h.browser()
	for _, begins := range []purpose.Purpose{purpose.Confirm, purpose.Address} {
		path := h.link("victim", string(begins))
		_, page := owner.do(http.MethodGet, path, "", "")
		shown := testbed.Hidden(page)
		shown.Set("do", "confirm")
		if status := owner.post(path, shown); status != http.StatusSeeOther {
			t.Errorf("%s: status %d", begins, status)
		}
	}
	got := confirmed()
	if slices.Sort(got); !slices.Equal(got, []string{"Mallory Sample " + h.address("victim"), "Vic Sample " + h.address("victim")}) {
		t.Errorf("the owner confirmed: %q", got)
	}
}
