// Package testbed runs a function's handler in a test against the real Firestore
// emulator, in a project of the test's own.
package testbed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/budgets"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/device"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/link"
	"github.com/cascading-leadership/cascade/shared/platform/localissuer"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/signin"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// Bed is one test's Firestore project with a programme in it, and a browser.
type Bed struct {
	*serve.Runtime
	Project   string
	Programme *programme.Programme
	// URL is the function's, once Serve was called.
	URL string
	// Browser keeps cookies and does not follow redirects.
	Browser *http.Client

	t        testing.TB
	handler  http.Handler
	function string            // that is served
	links    keys.Ring         // by which links are hashed
	staff    keys.Ring         // by which sessions are
	audit    keys.Ring         // by which the audit trail names people
	tokens   map[string]string // see token
	unsigned bool              // says that events are delivered by nobody whom the function trusts
	// meter is that of the request that was made last, where their calls are kept.
	meter *cost.Meter
	// database reads and writes past the store, and answers past the database of answers.
	database, answers func() *firestore.Client
	mu                sync.Mutex
	shift             time.Duration
}

// New makes a project with the pilot programme under the id "pilot". Its terms
// are nonsense, so that a test notices a role name that is written out.
func New(t testing.TB) *Bed {
	t.Helper()
	b := empty(t, ring(t))
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.ID, p.Salt = "pilot", strings.Repeat("0", 64)
	p.Terms = Nonsense
	c := b.Store.Commit()
	c.CreateProgramme(p)
	b.Commit(c)
	if b.Programme, err = b.Store.Programme(t.Context(), "pilot"); err != nil {
		t.Fatal(err)
	}
	return b
}

// Answers is the name of a bed's database of answers.
const Answers = "answers"

// ring is of a fresh key.
func ring(t testing.TB) keys.Ring {
	t.Helper()
	r, err := keys.Parse(keys.New(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// empty makes a project that holds nothing, with the keys by which links are hashed.
func empty(t testing.TB, links keys.Ring) *Bed {
	t.Helper()
	emulator := os.Getenv("FIRESTORE_EMULATOR_HOST")
	if emulator == "" {
		t.Fatal("this test needs the Firestore emulator: run ./scripts/test, or start one and set FIRESTORE_EMULATOR_HOST")
	}
	b := &Bed{t: t, links: links, staff: ring(t), Project: "demo-" + strings.ToLower(rand.Text())[:12]}
	s, err := store.Open(t.Context(), b.Project, "(default)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.SetClock(b.now)
	b.audit = ring(t)
	s.SetAuditKeys(b.audit)
	a, err := store.OpenAnswers(t.Context(), b.Project, Answers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	b.Runtime = &serve.Runtime{Store: s, Answers: a, AnswerKeys: ring(t), Links: link.New(s, link.Same(links), "", b.now), SignIn: signin.New(s, b.staff, access.UsualLimits, b.now),
		Passes:  signin.NewPasses(ring(t), b.now),
		Devices: device.New(s, "test", ring(t), b.now), Erasure: ring(t), Sealing: ring(t), Now: b.now, Deliverers: deliverers(), Seals: ring(t), Refusals: new(audit.Refusals)}
	if b.Budgets, err = budgets.New(s, ring(t), budgets.Usual, b.now); err != nil {
		t.Fatal(err)
	}
	past := func(database string) func() *firestore.Client {
		return sync.OnceValue(func() *firestore.Client {
			client, err := firestore.NewClientWithDatabase(t.Context(), b.Project, database)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { client.Close() })
			return client
		})
	}
	b.database, b.answers = past("(default)"), past(Answers)
	jar, _ := cookiejar.New(nil)
	b.Browser = &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

// issuer signs for whoever delivers events to functions of all tests, and deliverers trust it.
var (
	issuer     = sync.OnceValue(localissuer.New)
	deliverers = sync.OnceValue(func() *bearer.Verifier {
		trusted, err := bearer.Parse(EventsFrom())
		if err != nil {
			panic(err)
		}
		v, err := bearer.New(trusted, clock.Real)
		if err != nil {
			panic(err)
		}
		return v
	})
)

// EventsFrom is the setting by which a function trusts whoever Sign signs for.
var EventsFrom = sync.OnceValue(func() string {
	return localissuer.Setting(httptest.NewServer(issuer()).URL) // for as long as the process lives
})

// Sign has a request be the platform's, that delivers an event.
func Sign(r *http.Request) { issuer().Sign(r.Header, localissuer.Scheduler) }

// Nonsense are terms that no text holds by chance.
var Nonsense = programme.Terms{
	Client:     programme.Term{Article: "an", Singular: "ublick", Plural: "ublicks"},
	Consultant: programme.Term{Article: "a", Singular: "zworp", Plural: "zworps"},
}

func (b *Bed) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().UTC().Truncate(time.Microsecond).Add(b.shift)
}

// Pass moves the programme's date forward.
func (b *Bed) Pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shift += d
}

// RuntimeOf is what a function works with, which opens no database that is not its own.
func (b *Bed) RuntimeOf(function string) *serve.Runtime {
	rt := *b.Runtime
	if !serve.OpensAnswers(function) {
		rt.Answers = nil
	}
	if !serve.OpensPeople(function) {
		rt.Store, rt.Links, rt.SignIn, rt.Devices = nil, nil, nil, nil
	}
	return &rt
}

// Serve starts the function's handler as it runs in production. It listens with
// TLS, since the staff's cookie asks for it.
func (b *Bed) Serve(name string, new serve.New) {
	b.t.Helper()
	server := httptest.NewUnstartedServer(nil)
	b.URL = "https://" + server.Listener.Addr().String()
	rt := b.RuntimeOf(name)
	h, err := new(b.t.Context(), rt)
	if err != nil {
		b.t.Fatal(err)
	}
	b.handler, b.function = h, name
	server.Config.Handler = b.noted(serve.Wrap(name, rt, h))
	server.StartTLS()
	b.t.Cleanup(server.Close)
	b.Browser.Transport = server.Client().Transport
}

// noted keeps the calls of each request.
func (b *Bed) noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, m := cost.Note(r.Context())
		b.mu.Lock()
		b.meter = m
		b.mu.Unlock()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Asked is what the request that was made last has asked of Firestore, and still asks where
// it works on once it has answered.
func (b *Bed) Asked() *cost.Meter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.meter
}

// Commit makes writes that the test begins from.
func (b *Bed) Commit(c interface{ Do(context.Context) error }) {
	b.t.Helper()
	if err := c.Do(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// Spoil writes a field of a document past the domain, as only a mistake or another
// version of the code would.
func (b *Bed) Spoil(document, field string, value any) {
	b.t.Helper()
	if _, err := b.database().Doc(document).Update(b.t.Context(), []firestore.Update{{Path: field, Value: value}}); err != nil {
		b.t.Fatal(err)
	}
}

// Reply writes a document of the database of answers past the store.
func (b *Bed) Reply(document string, fields map[string]any) {
	b.t.Helper()
	if _, err := b.answers().Doc(document).Set(b.t.Context(), fields); err != nil {
		b.t.Fatal(err)
	}
}

// Answer is what the function said.
type Answer struct {
	*http.Response
	Body string
}

// Do sends a request. Where events come in, it is the platform's.
func (b *Bed) Do(method, path, contentType, body string) Answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if path == cloudevent.Path && !b.unsigned {
		Sign(request)
	}
	response, err := b.Browser.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") && b.Programme.Terms == Nonsense {
		b.checkWords(path, text)
	}
	return Answer{response, string(text)}
}

// checkWords fails on a role's default name in a page: pages write the programme's.
func (b *Bed) checkWords(path string, page []byte) {
	b.t.Helper()
	for _, word := range []string{"client", "consultant"} {
		if i := bytes.Index(bytes.ToLower(page), []byte(word)); i >= 0 {
			b.t.Errorf("%s says %q, and not the programme's term: …%s…", path, word, page[max(0, i-60):min(len(page), i+60)])
		}
	}
}

// Get opens a page.
func (b *Bed) Get(path string) Answer { b.t.Helper(); return b.Do(http.MethodGet, path, "", "") }

// Post sends a form.
func (b *Bed) Post(path string, form url.Values) Answer {
	b.t.Helper()
	return b.Do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

// Event delivers a CloudEvent about a document, or a schedule's tick when
// document is empty, and fails unless it is accepted.
func (b *Bed) Event(document, schedule string) {
	b.t.Helper()
	request, _ := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+cloudevent.Path, strings.NewReader("{}"))
	Sign(request)
	h := request.Header
	h.Set("ce-specversion", "1.0")
	h.Set("ce-id", rand.Text())
	h.Set("Content-Type", "application/json")
	if document != "" {
		h.Set("ce-type", "google.cloud.firestore.document.v1.written")
		h.Set("ce-source", "//firestore.googleapis.com/projects/"+b.Project+"/databases/(default)")
		h.Set("ce-document", document)
	} else {
		h.Set("ce-type", cloudevent.ScheduleType)
		h.Set("ce-source", "/apis/v1/namespaces/cascade/pingsources/"+schedule)
	}
	response, err := b.Browser.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode >= 300 {
		b.t.Fatalf("event %s%s: %s", document, schedule, response.Status)
	}
}

// Due are the messages of the pilot programme that wait for a sender now.
func (b *Bed) Due() []*outbox.Message {
	b.t.Helper()
	var all []*outbox.Message
	for _, lane := range outbox.Lanes {
		for m, err := range b.Store.Due(b.t.Context(), "pilot", lane, b.Now(), b.Now()) {
			if err != nil {
				b.t.Fatal(err)
			}
			all = append(all, m)
		}
	}
	return all
}

// LinksAt are the bed's links as they stand in emails, behind the address of the pages.
func (b *Bed) LinksAt(origin string) *link.Links {
	return link.New(b.Store, link.Same(b.links), origin, b.now)
}

// Audited are the entries of the audit trail, the oldest first, each with the ids that it names.
func (b *Bed) Audited() (all []Audited) {
	b.t.Helper()
	docs, err := b.database().Collection("auditEntries").OrderBy("at", firestore.Asc).Documents(b.t.Context()).GetAll()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, d := range docs {
		e := &audit.Entry{ID: d.Ref.ID}
		if err := d.DataTo(e); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, Audited{e, b.Store.NamesOf(e)})
	}
	return all
}

// Named are the ids of those whom an entry of the trail is about.
func (b *Bed) Named(d *firestore.DocumentSnapshot) []string {
	b.t.Helper()
	e := &audit.Entry{ID: d.Ref.ID}
	if err := d.DataTo(e); err != nil {
		b.t.Fatal(err)
	}
	return b.Store.NamesOf(e).About
}

// Handler is the function's, once Serve was called.
func (b *Bed) Handler() http.Handler { return b.handler }

// Audited is an entry of the audit trail with whom it names.
type Audited struct {
	*audit.Entry
	Names audit.Names
}

func (a Audited) String() string {
	return fmt.Sprintf("%s %s %s in %s", a.Names.By, a.Did, cmp.Or(a.Names.To, strings.Join(a.Names.About, " and ")), a.Programme)
}

// Link mints a link and returns its path.
func (b *Bed) Link(purpose purpose.Purpose, l store.Link) string {
	b.t.Helper()
	path, err := b.Links.Mint(b.t.Context(), purpose, l)
	if err != nil {
		b.t.Fatal(err)
	}
	return path
}

// SignedIn signs a member of staff in to the browser, with roles in the programme.
func (b *Bed) SignedIn(roles ...access.Role) *store.Staff {
	b.t.Helper()
	id := strings.ToLower(rand.Text())
	m := &store.Staff{ID: id, Name: "Morgan Sample", Email: email.Address(id + "@example.org"), Roles: access.ByProgramme{"pilot": roles}}
	c := b.Store.Commit()
	c.CreateStaff(m)
	b.Commit(c)
	u, _ := url.Parse(b.URL)
	b.Browser.Jar.SetCookies(u, []*http.Cookie{b.Cookie(m.ID)})
	return m
}

// Reads gives the browser a pass to the report of a programme, as the desk gives it to
// somebody with a role.
func (b *Bed) Reads(programme string, role access.Role) {
	b.t.Helper()
	u, _ := url.Parse(b.URL)
	b.Browser.Jar.SetCookies(u, b.PassTo(programme, role))
}

// PassTo is the cookie of such a pass.
func (b *Bed) PassTo(programme string, role access.Role) []*http.Cookie {
	w := httptest.NewRecorder()
	b.Passes.Give(w, programme, role)
	return w.Result().Cookies()
}

// Cookie is the one of a member of staff who signs in now, in a browser of their own.
func (b *Bed) Cookie(staff string) *http.Cookie {
	b.t.Helper()
	c := b.Store.Commit()
	cookie, err := b.SignIn.Start(c, httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, signin.Page, nil), staff, access.ByLink)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Commit(c)
	return cookie
}

// Runs is how often a test does what it does many times over: all of them, or a fifth
// with -short, as property tests do it. scripts/test is short, the nightly workflow whole.
func Runs(whole int) int {
	if testing.Short() {
		return max(1, whole/5)
	}
	return whole
}

// Until waits for a condition, and fails when it does not come about.
func (b *Bed) Until(what string, condition func(context.Context) bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	for !condition(ctx) {
		select {
		case <-ctx.Done():
			b.t.Fatalf("did not come about: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Put writes a document past the domain, whatever it holds.
func (b *Bed) Put(path string, doc any) {
	b.t.Helper()
	if _, err := b.database().Doc(path).Set(b.t.Context(), doc); err != nil {
		b.t.Fatal(err)
	}
}
