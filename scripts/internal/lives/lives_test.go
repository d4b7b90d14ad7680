// Package lives takes people through all of a programme, through the handlers of all
// functions, and looks what is left of those who are forgotten on the way.
package lives

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/cascading-leadership/cascade/functions/desk"
	enrolling "github.com/cascading-leadership/cascade/functions/enrolment"
	"github.com/cascading-leadership/cascade/functions/matching"
	"github.com/cascading-leadership/cascade/functions/outbox"
	"github.com/cascading-leadership/cascade/functions/participant"
	"github.com/cascading-leadership/cascade/functions/questionnaires"
	"github.com/cascading-leadership/cascade/functions/reminders"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	ids "github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// mailbox is a provider that takes everything and keeps it.
type mailbox struct {
	mu   sync.Mutex
	sent []string
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	m.sent = append(m.sent, string(body))
	m.mu.Unlock()
	w.Header().Set("X-Message-Id", rand.Text())
	w.WriteHeader(http.StatusAccepted)
}

// since are the emails after the first so many.
func (m *mailbox) since(n int) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.sent[n:]...)
}

var emails = new(mailbox)

// TestMain gives the function that sends emails what it needs of its environment.
func TestMain(m *testing.M) {
	provider := httptest.NewServer(emails)
	for name, value := range map[string]string{
		"CASCADE_MAIL_PROVIDER": "sendgrid", "SENDGRID_API_KEY": "key", "SENDGRID_HOST": provider.URL, "SENDGRID_WEBHOOK_KEY": webhookKey(),
		"CASCADE_SENDER_NAME": "Cascade", "CASCADE_SENDER_EMAIL": "sender@example.org",
		"CASCADE_MAILS_PER_MINUTE": "0", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN": "0",
	} {
		os.Setenv(name, value)
	}
	if _, err := telemetry.Start(context.Background(), "lives", operator); err != nil {
		panic(err)
	}
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(operator)))
	code := m.Run()
	provider.Close()
	os.Exit(code)
}

// lives is a programme in which pairs of people come as far as a point.
type lives struct {
	*testbed.Bed
	t        *testing.T
	handlers map[string]http.Handler
	pairs    []*couple
	// devices are the cookies of people's browsers, and owners whose links are.
	devices map[string][]*http.Cookie
	owners  map[string]string
}

// couple are two people who are made for each other.
type couple struct {
	people map[programme.Role]*life
	match  *pairing.Match
	// session is their only one.
	session string
}

// life is one person, with what nobody else has.
type life struct {
	id, tag, name, email, phone, text string
	role                              programme.Role
}

// words are their name, addresses and what they wrote: no log line and no trace has any of it
// at any time.
func (l *life) words() []string { return []string{l.tag, l.name, l.email, l.phone, l.text} }

// canaries are what must not be found once they are forgotten: their words, and the id under
// which they were known.
func (l *life) canaries() []string { return append(l.words(), enrolment.PersonOf(l.id)) }

func newLives(t *testing.T, n int) *lives {
	t.Helper()
	x := &lives{Bed: testbed.New(t), t: t, handlers: map[string]http.Handler{}, devices: map[string][]*http.Cookie{}, owners: map[string]string{}}
	x.start(x.Runtime)
	cal := calendar.Of(x.Programme, "", "")
	x.Pass(cal.AddWorkingDays(x.Now(), 1).Add(4 * time.Hour).Sub(x.Now()))
	c := x.Store.Commit()
	c.CreateStaff(&store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "morgan@example.org"})
	c.CreateSupervisor("pilot", &supervision.Supervisor{ID: "robin", Name: "Robin Sample", Email: "robin@example.org", Capacity: 100})
	x.Commit(c)
	for range n {
		pair := &couple{people: map[programme.Role]*life{}}
		for _, role := range programme.Roles {
			tag := strings.ToLower(rand.Text()[:10])
			number, _ := rand.Int(rand.Reader, big.NewInt(1e9)) // nobody's in another test, whose emails lie in the same mailbox
			pair.people[role] = &life{role: role, tag: tag, name: "Quill " + tag + " O’Nonpareil", email: "quill." + tag + "@example.org",
				phone: fmt.Sprintf("+44 7946 %09d", number), text: `tansy <` + tag + `> & "marram"`}
		}
		x.pairs = append(x.pairs, pair)
	}
	return x
}

// start starts the functions.
func (x *lives) start(all *serve.Runtime) {
	x.t.Helper()
	for name, open := range map[string]serve.New{"desk": desk.New, "enrolment": enrolling.New, "matching": matching.New, "outbox": outbox.New, "participant": participant.New, "questionnaires": questionnaires.New, "reminders": reminders.New} {
		rt := *all
		if name == "outbox" {
			rt.Links = x.LinksAt("https://cascade.example.org")
		}
		h, err := open(x.t.Context(), &rt)
		if err != nil {
			x.t.Fatal(err)
		}
		x.handlers[name] = serve.Wrap(name, all, h)
	}
}

// each does something about each person.
func (x *lives) each(do func(c *store.Commit, pair *couple, l *life)) {
	x.t.Helper()
	for _, pair := range x.pairs {
		c := x.Store.Commit()
		for _, role := range programme.Roles {
			do(c, pair, pair.people[role])
		}
		x.Commit(c)
	}
}

func (x *lives) enrolment(l *life) *enrolment.Enrolment {
	x.t.Helper()
	e, err := x.Store.Enrolment(x.t.Context(), "pilot", l.id)
	if err != nil {
		x.t.Fatal(err)
	}
	return e
}

// point is how far people have come, and what brings them there from the point before.
type point struct {
	name string
	come func(x *lives)
}

var points = []point{
	{"enrolled", func(x *lives) {
		x.each(func(c *store.Commit, _ *couple, l *life) {
			f := enrolment.Form{
				Name: l.name, Email: l.email, Phone: "020 7946 0000", Organisation: "Trust" + l.tag, Postcode: "LS6 2AB", Region: "Yorkshire and the Humber", Categories: []string{map[programme.Role]string{programme.Client: "AR", programme.Consultant: "HE"}[l.role]},
				Skills: map[string]int{"board": 3, "coaching": 2}, Availability: []string{"mon-am", "tue-pm"}, Meeting: []string{"video"}, Languages: []string{"English"},
				Conflicts: []string{"Elsewhere" + l.tag}, Consent: x.Programme.Privacy.Version,
			}
			if l.role == programme.Consultant {
				f.Capacity = 1
			}
			// What they sent waits to be confirmed once more, beside what they have confirmed.
			claim, err := enrolment.NewClaim(x.Programme, l.role, f, rand.Text(), x.Now())
			if err != nil {
				x.t.Fatal(err)
			}
			c.CreateClaim("pilot", claim)
			e := claim.Confirmed(x.Programme, f.Consent, x.Now())
			l.id, e.Person.Phone = e.ID, l.phone
			c.CreateEnrolment("pilot", e)
			c.CreateDraft(x.Programme, &store.Draft{ID: rand.Text(), Role: l.role, Form: f, ExpireAt: x.Now().Add(store.DraftLife)})
			c.Enqueue(x.t.Context(), message.ConfirmEnrolment(x.Programme, claim), x.Now())
		})
	}},
	{"confirmed", func(x *lives) {
		x.each(func(c *store.Commit, _ *couple, l *life) {
			e := x.enrolment(l)
			c.UpdateEnrolment("pilot", e)
			c.Enqueue(x.t.Context(), message.EnrolmentConfirmed(x.Programme, e), x.Now())
		})
	}},
	{"ready", func(x *lives) {
		x.each(func(c *store.Commit, _ *couple, l *life) {
			e := x.enrolment(l)
			if err := e.Prepare(enrolment.Readiness{Workshop: true, Trained: true}, "robin", x.Now()); err != nil {
				x.t.Fatal(err)
			}
			c.UpdateEnrolment("pilot", e)
		})
	}},
	{"proposed", func(x *lives) {
		x.tick("matching", "matching-run")
		p, err := x.Store.Programme(x.t.Context(), "pilot")
		if err != nil {
			x.t.Fatal(err)
		}
		all, err := x.Store.Proposals(x.t.Context(), p)
		if err != nil || len(all) != len(x.pairs) {
			x.t.Fatal(len(all), err)
		}
		x.Programme = p
		x.join(all)
	}},
	{"released", func(x *lives) {
		for _, pair := range x.pairs {
			refused, err := matches.Release(x.t.Context(), x.Store, x.Programme, "morgan", []store.MatchRef{{Run: pair.match.Run, ID: pair.match.ID}}, x.Now())
			if err != nil || len(refused) > 0 {
				x.t.Fatal(refused, err)
			}
		}
		x.each(func(c *store.Commit, pair *couple, l *life) {
			if l.role == programme.Client { // a decision that was lifted, in staff's words
				d, err := pairing.Decide(pairing.Forbid, l.id, pair.people[programme.Consultant].id, "They know each other: "+l.text, "morgan", x.Now(), nil)
				if err != nil {
					x.t.Fatal(err)
				}
				d.Lift("morgan", x.Now())
				c.CreateDecision("pilot", d, nil)
			}
		})
	}},
	{"accepted by one", func(x *lives) {
		for _, pair := range x.pairs {
			x.posted("participant", x.at(purpose.Match, pair, programme.Client)+"/accept", url.Values{"agree": {x.Programme.Expectations.Version}})
		}
	}},
	{"paired", func(x *lives) {
		for _, pair := range x.pairs {
			x.posted("participant", x.at(purpose.Match, pair, programme.Consultant)+"/accept", url.Values{"agree": {x.Programme.Expectations.Version}})
		}
		x.tick("questionnaires", "questionnaires-sweep")
	}},
	{"booked", func(x *lives) {
		day := x.Now().AddDate(0, 0, 9)
		for _, pair := range x.pairs {
			by := pair.people[programme.Client]
			x.posted("participant", x.at(purpose.Pairing, pair, programme.Client)+"/book", url.Values{"form": {rand.Text()}, "date": {fmt.Sprint(day.Day())}, "date-month": {fmt.Sprint(int(day.Month()))}, "date-year": {fmt.Sprint(day.Year())},
				"time": {"14:00"}, "minutes": {"90"}, "place": {"At " + by.text}})
			p := x.pairing(pair)
			for id := range p.Dates {
				pair.session = id
			}
		}
	}},
	{"logged", func(x *lives) {
		x.Pass(10 * 24 * time.Hour)
		for _, pair := range x.pairs {
			for role, l := range pair.people {
				x.posted("participant", x.at(purpose.Pairing, pair, role)+"/log/"+pair.session, url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"}, "surfaced": {"About " + l.text}, "next": {"More of " + l.text}})
				x.answer(l)
			}
		}
	}},
	{"paused", func(x *lives) {
		until := x.Now().AddDate(0, 0, 30)
		for _, pair := range x.pairs {
			x.posted("participant", x.at(purpose.Pairing, pair, programme.Consultant)+"/pause", url.Values{"date": {fmt.Sprint(until.Day())}, "date-month": {fmt.Sprint(int(until.Month()))}, "date-year": {fmt.Sprint(until.Year())}})
		}
	}},
	{"stopped", func(x *lives) {
		for _, pair := range x.pairs {
			by := pair.people[programme.Client]
			x.posted("participant", x.at(purpose.Pairing, pair, programme.Client)+"/stop", url.Values{"next": {"another"}, "reason": {"Since " + by.text}})
		}
	}},
	{"left", func(x *lives) {
		for _, pair := range x.pairs {
			for role := range pair.people {
				x.posted("participant", x.at(purpose.Emails, pair, role)+"/leave", nil)
			}
		}
	}},
}

// join puts those together whom the matching has matched.
func (x *lives) join(all []*pairing.Match) {
	people := map[string]*life{}
	for _, pair := range x.pairs {
		for _, l := range pair.people {
			people[l.id] = l
		}
	}
	x.pairs = nil
	for _, m := range all {
		x.pairs = append(x.pairs, &couple{people: map[programme.Role]*life{programme.Client: people[m.Client.Enrolment], programme.Consultant: people[m.Consultant.Enrolment]}, match: m})
	}
}

// at is somebody's link to their match, pairing or emails.
func (x *lives) at(to purpose.Purpose, pair *couple, role programme.Role) string {
	x.t.Helper()
	l := store.Link{Programme: "pilot", Person: pair.people[role].id, Role: role, Generation: x.enrolment(pair.people[role]).Generation}
	switch to {
	case purpose.Match:
		l.IDs = ids.IDs{Run: pair.match.Run, Match: pair.match.ID}
	case purpose.Pairing:
		l.IDs = ids.IDs{Pairing: pair.match.ID}
	}
	return x.link(to, l)
}

// link is a link that somebody opens in a browser of their own.
func (x *lives) link(to purpose.Purpose, l store.Link) string {
	x.t.Helper()
	at := x.Link(to, l)
	x.owners[at] = l.Person
	return at
}

func (x *lives) pairing(pair *couple) *pairing.Pairing {
	x.t.Helper()
	p, err := x.Store.Pairing(x.t.Context(), "pilot", pair.match.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return p
}

// answer fills in the questionnaire to which somebody is invited.
func (x *lives) answer(l *life) {
	x.t.Helper()
	open, err := x.Store.OpenInvitations(x.t.Context(), "pilot", l.id)
	if err != nil || len(open) != 1 {
		x.t.Fatal(len(open), err)
	}
	at := x.link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: l.id, Role: l.role, IDs: ids.IDs{Invitation: open[0].ID}})
	x.posted("questionnaires", at+"/1", url.Values{"time": {"2"}, "confidence": {"3"}})
	x.posted("questionnaires", at+"/3", url.Values{"hope": {"More " + l.text}})
}

// do has a function answer a request from somebody's browser.
func (x *lives) do(function, method, path string, form url.Values) *httptest.ResponseRecorder {
	x.t.Helper()
	r := httptest.NewRequestWithContext(x.t.Context(), method, "https://cascade.example.org"+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	parts := strings.SplitN(path, "/", 4)
	whose := x.owners[strings.Join(parts[:min(3, len(parts))], "/")]
	for _, cookie := range x.devices[whose] {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	x.handlers[function].ServeHTTP(w, r)
	x.devices[whose] = append(x.devices[whose], w.Result().Cookies()...)
	return w
}

// posted sends a form that is taken.
func (x *lives) posted(function, path string, form url.Values) *httptest.ResponseRecorder {
	x.t.Helper()
	w := x.do(function, http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		x.t.Fatalf("%s %v: status %d: %s", path, form, w.Code, w.Body)
	}
	return w
}

// tick has a schedule fire.
func (x *lives) tick(function, schedule string) {
	x.t.Helper()
	if w := x.fire(x.handlers[function], schedule); w.Code != http.StatusOK {
		x.t.Fatalf("%s: status %d", schedule, w.Code)
	}
}

// fire has a function do what a schedule asks.
func (x *lives) fire(function http.Handler, schedule string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(x.t.Context(), http.MethodPost, "https://cascade.example.org/events", strings.NewReader("{}"))
	testbed.Sign(r)
	h := r.Header
	h.Set("ce-specversion", "1.0")
	h.Set("ce-id", rand.Text())
	h.Set("ce-type", "dev.knative.sources.ping")
	h.Set("ce-source", "/apis/v1/namespaces/cascade/pingsources/"+schedule)
	h.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	function.ServeHTTP(w, r)
	return w
}

// breaksOff has a schedule fire in a process that dies at one of its requests to Firestore, and
// reports whether it came so far.
func (x *lives) breaksOff(function, schedule string, open serve.New, at int) (died bool) {
	x.t.Helper()
	death := &testbed.Death{At: at}
	db, bury := x.Dying(death)
	defer bury()
	answers, buryAnswers := x.DyingAnswers(death)
	defer buryAnswers()
	ring, err := keys.Parse(keys.New(x.Now()))
	if err != nil {
		x.t.Fatal(err)
	}
	db.SetAuditKeys(ring)
	rt := *x.Runtime
	rt.Store, rt.Answers = db, answers
	h, err := open(x.t.Context(), &rt)
	if err != nil {
		x.t.Fatal(err)
	}
	x.fire(serve.Wrap(function, &rt, h), schedule)
	return death.Requests() >= at
}

// work is what the schedules do in a while.
func (x *lives) work() {
	x.t.Helper()
	for range 2 {
		x.tick("reminders", "reminders-tick")
		x.tick("questionnaires", "questionnaires-sweep")
		x.tick("outbox", "outbox-sweep")
		x.tick("reminders", "erasure-sweep")
		x.tick("reminders", "retention-sweep")
	}
}

// webhookKey is a key by which a provider would sign what it reports.
func webhookKey() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}
