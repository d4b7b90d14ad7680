package costs

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/functions/desk"
	"github.com/cascading-leadership/cascade/functions/desk/signin"
	functionEnrolment "github.com/cascading-leadership/cascade/functions/enrolment"
	"github.com/cascading-leadership/cascade/functions/evaluation"
	functionMatching "github.com/cascading-leadership/cascade/functions/matching"
	functionOutbox "github.com/cascading-leadership/cascade/functions/outbox"
	"github.com/cascading-leadership/cascade/functions/participant"
	"github.com/cascading-leadership/cascade/functions/questionnaires"
	"github.com/cascading-leadership/cascade/functions/reminders"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/disclosure"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	published "github.com/cascading-leadership/cascade/shared/evaluation"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/matching/sector"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/cost"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// functions are all functions by name.
var functions = map[string]serve.New{
	"desk": withAccounts, "enrolment": functionEnrolment.New, "evaluation": evaluation.New, "matching": functionMatching.New,
	"outbox": functionOutbox.New, "participant": participant.New, "questionnaires": questionnaires.New, "reminders": reminders.New,
}

// withAccounts is the desk at which staff sign in by links, and by accounts of a provider
// that signs in Kit.
func withAccounts(ctx context.Context, rt *serve.Runtime) (http.Handler, error) {
	at, stop := openidtest.Start("kit@example.org")
	context.AfterFunc(ctx, stop)
	if rt.SignIn != nil {
		at.Now = rt.SignIn.Now
	}
	return desk.With(signin.Config{Link: "on", Issuer: at.URL, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret})(ctx, rt)
}

// webhookKey signs what a provider reports.
var webhookKey, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)

// TestMain gives the function that sends emails what it needs of its environment, with a
// provider that takes everything.
func TestMain(m *testing.M) {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Message-Id", rand.Text())
		w.WriteHeader(http.StatusAccepted)
	}))
	der, err := x509.MarshalPKIXPublicKey(webhookKey.Public())
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"CASCADE_MAIL_PROVIDER": "sendgrid", "SENDGRID_API_KEY": "key", "SENDGRID_HOST": provider.URL, "SENDGRID_WEBHOOK_KEY": base64.StdEncoding.EncodeToString(der),
		"CASCADE_SENDER_NAME": "Cascade", "CASCADE_SENDER_EMAIL": "sender@example.org",
		"CASCADE_MAILS_PER_MINUTE": "0", "CASCADE_MAILS_PER_MINUTE_AND_DOMAIN": "0",
	} {
		os.Setenv(name, value)
	}
	code := m.Run()
	provider.Close()
	os.Exit(code)
}

// place is a programme of a size, with everything in it that grows with a programme, and
// all functions. "pilot" is matched by its host, "open" has a directory.
type place struct {
	*testbed.Bed
	t testing.TB
	// people is how many enrolments each programme has.
	people int
	// came is how many enrolled in the pilot since, for a route to be about somebody new.
	came     int
	handlers map[string]http.Handler
	// staff is the cookie of the pilot's coordinator, and draft that of a form that was
	// filled in.
	staff, draft *http.Cookie
	// device is the cookie of the client of paired, of a device on which a code was given.
	device []*http.Cookie
	// known is the same of pages of the pairing.
	known       []*http.Cookie
	clients     []matching.Person
	consultants []matching.Person
	// proposed are the matches of a run that wait for the coordinator.
	run      string
	proposed []*pairing.Match
	// released and paired are a match that is out and one whose two are paired: pages are
	// opened about them, and nothing changes them.
	released, paired *pairing.Match
	// chooser is the link of who chose last.
	chooser string
	// pseudonyms are those of the pilot, once somebody has answered.
	pseudonyms *questionnaire.Pseudonyms
	// latest is the desk's page of who came last to what is held about them.
	latest string
	made   int
}

// newPlace makes a programme of so many people: a match for about each second of them,
// of which a fifth are out and as many paired, and a decision, an email that did not go
// and somebody who waits for too long for each twentieth.
func newPlace(t testing.TB, people int) *place {
	t.Helper()
	x := &place{Bed: testbed.New(t), t: t, people: people, handlers: map[string]http.Handler{}}
	x.Store.Remember(time.Hour)
	for name, open := range functions {
		rt := x.RuntimeOf(name)
		if name == "outbox" { // emails have whole addresses
			rt.Links = x.LinksAt("https://cascade.example.org")
		}
		h, err := open(t.Context(), rt)
		if err != nil {
			t.Fatal(err)
		}
		x.handlers[name] = serve.Wrap(name, rt, h)
	}
	// News and reminders are sent at noon of a working day.
	cal := calendar.Of(x.Programme, "", "")
	x.Pass(cal.AddWorkingDays(x.Now(), 1).Add(4 * time.Hour).Sub(x.Now()))

	x.enrol()
	x.tick("matching", "matching-run")
	for range people / 10 {
		x.release()
	}
	for range people / 20 {
		p := x.begin(x.accept(x.release()))
		p.Complete(x.Now())
		p.Milestone = pairing.None // as after the last invitation
		c := x.Store.Commit()
		c.UpdatePairing("pilot", p)
		x.Commit(c)
	}
	x.released, x.paired = x.release(), x.accept(x.release())
	x.begin(x.paired)
	x.session(x.paired, 9)
	x.sweep()
	x.tick("reminders", "reminders-tick")
	x.sweep()
	x.news()
	x.fill()
	x.publish()
	return x
}

// publish makes a release with all figures that one can have.
func (x *place) publish() {
	x.t.Helper()
	r := &published.Release{Programme: x.Programme.Name, Terms: x.Programme.Terms, Baseline: x.Programme.Questionnaires.Baseline}
	r.Number, r.Moment, r.On, r.Threshold = 1, programme.Closing, "2027-08-28", disclosure.Threshold
	for _, s := range disclosure.Steps {
		r.Steps = append(r.Steps, disclosure.Count{Step: s, People: x.people, Since: 1})
	}
	d, err := questionnaire.Load(r.Baseline)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, role := range programme.Roles {
		g := disclosure.Group{Role: role, People: x.people, Since: 1}
		for _, q := range published.Questions(d, d) {
			g.Averages = append(g.Averages, disclosure.Average{Question: q.ID, Tenths: 25})
		}
		r.Start, r.Change = append(r.Start, g), append(r.Change, g)
	}
	c := x.Answers.Commit()
	c.CreateRelease("pilot", r, &published.Basis{})
	if err := c.Do(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
}

// news is of each kind more than a page names: people who have enrolled, matches that were
// declined and pairings that were stopped.
func (x *place) news() {
	x.t.Helper()
	c := x.Store.Commit()
	for i := range 6 {
		x.newcomer()
		client, consultant := x.clients[len(x.clients)-1-i].ID, x.consultants[i].ID
		c.CreateMatch("pilot", &pairing.Match{ID: fmt.Sprint("declined", i), Run: x.run, Programme: "pilot", State: pairing.Declined, UpdatedAt: x.Now(),
			Client: pairing.Side{Enrolment: client, Answer: pairing.No, Reason: "Too far away"}, Consultant: pairing.Side{Enrolment: consultant}})
		c.CreatePairing("pilot", &pairing.Pairing{ID: fmt.Sprint("stopped", i), Client: client, Consultant: consultant, State: pairing.Stopped,
			EndedBy: pairing.Ender(programme.Client), EndedAt: x.Now(), EndReason: "It did not fit"})
	}
	x.Commit(c)
}

// enrol makes the people of both programmes, with supervisors, staff, decisions and what
// went wrong.
func (x *place) enrol() {
	x.t.Helper()
	half := x.people / 2
	x.Programme.Sessions.Further = 1000
	x.Programme.Sessions.Target = 20 // so that pages stay open however often they are measured
	x.Programme.Origins = []string{"https://www.example.org"}
	first := x.Store.Commit()
	first.UpdateProgramme(x.Programme)
	x.Commit(first)
	x.Programme = x.pilot()
	x.clients, x.consultants = sector.People(x.Programme, half, half, mathrand.New(mathrand.NewPCG(1, 2026)))
	open := *x.Programme
	open.ID, open.Name, open.Mode = "open", "The open programme", programme.Directory
	member := &store.Staff{ID: "morgan", Name: "Morgan Sample", Email: "morgan@example.org", Roles: access.ByProgramme{"pilot": {access.Coordinator, access.Administrator}, "open": {access.Coordinator}}}
	c := x.Store.Commit()
	c.CreateProgramme(&open)
	c.SaveLogo("pilot", &programme.Picture{ID: "logo", Type: "image/png", Data: make([]byte, 9000)})
	c.CreateStaff(member)
	c.CreateStaff(&store.Staff{ID: "kit", Name: "Kit Sample", Email: "kit@example.org", Roles: access.ByProgramme{"open": {access.Evaluator}}})
	x.Commit(c)
	x.staff = x.Cookie(member.ID)
	supervisors := x.people/50 + 1
	x.bulk(nil, supervisors, func(c *store.Commit, i int) {
		for _, p := range []string{"pilot", "open"} {
			c.CreateSupervisor(p, &supervision.Supervisor{ID: fmt.Sprint("s", i), Name: fmt.Sprintf("Robin Sample %d", i), Email: email.Address(fmt.Sprintf("robin-%d@example.org", i)), Capacity: 250})
		}
	})
	x.bulk(nil, half, func(c *store.Commit, i int) {
		for _, p := range []string{"pilot", "open"} {
			for _, e := range []*enrolment.Enrolment{enrolled(x.clients[i], programme.Client, ""), enrolled(x.consultants[i], programme.Consultant, fmt.Sprint("s", i%supervisors))} {
				if p == "open" { // everybody is near each other, which is the most to choose from
					e.Organisation.Region, e.Organisation.Postcode, e.Organisation.Categories = "London", "SW9 1AA", []string{map[programme.Role]string{programme.Client: "HE", programme.Consultant: "ED"}[e.Role]}
				}
				if p == "pilot" && e.Role == programme.Client && i < x.people/20 {
					e.Conflicts = append(e.Conflicts, elsewhere)
				}
				c.CreateEnrolment(p, e)
			}
		}
	})
	x.look()
	now := x.Now()
	x.bulk(nil, x.people/20, func(c *store.Commit, i int) {
		late := enrolled(x.clients[i], programme.Client, "")
		late.ID, late.State, late.ConfirmedAt, late.Overdue = fmt.Sprint("late", i), enrolment.Confirmed, now.AddDate(0, 0, -60), true
		c.CreateEnrolment("pilot", late)
		d, err := pairing.Decide(pairing.Forbid, x.clients[i].ID, x.consultants[len(x.consultants)-1-i].ID, "They are related", "morgan", now, nil)
		if err != nil {
			x.t.Fatal(err)
		}
		c.CreateDecision("pilot", d, nil)
	})
	for i := range x.people / 20 {
		x.failedEmail(x.clients[i].ID)
		x.stop(x.clients[i].ID)
	}
}

// elsewhere is whom some do not want to be matched with: nobody who takes part.
const elsewhere = "Elsewhere House"

// look notes whom people may mean by those whom they named, as the matching does.
func (x *place) look() {
	x.t.Helper()
	at, err := x.Store.MatchingInput(x.t.Context(), "pilot")
	if err == nil {
		err = x.Store.KeepUnclear(x.t.Context(), "pilot", enrolment.FindUnclear(at.Ready), x.Now())
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// unclear is somebody of whom it is not clear, or not any more, whom they named.
func (x *place) unclear() string {
	x.t.Helper()
	e, err := x.Store.Enrolment(x.t.Context(), "pilot", x.clients[0].ID)
	if err != nil {
		x.t.Fatal(err)
	}
	e.Settled = nil
	c := x.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	x.Commit(c)
	x.look()
	return e.ID
}

// stop has nothing more sent to somebody, whose address did not take an email.
func (x *place) stop(id string) {
	x.t.Helper()
	who, err := x.Store.Contact(x.t.Context(), "pilot", id)
	if err != nil {
		x.t.Fatal(err)
	}
	who.Stop(contact.Bounced, x.Now())
	c := x.Store.Commit()
	c.SaveContact("pilot", who, x.Now())
	x.Commit(c)
}

// bulk makes documents for numbers below n, in commits of not too many.
func (x *place) bulk(c *store.Commit, n int, each func(c *store.Commit, i int)) {
	x.t.Helper()
	if c == nil {
		c = x.Store.Commit()
	}
	for i := range n {
		each(c, i)
		if i%100 == 99 || i == n-1 {
			x.Commit(c)
			c = x.Store.Commit()
		}
	}
}

// enrolled is a made-up person as an enrolment.
func enrolled(p matching.Person, role programme.Role, supervisor string) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: p.ID, Role: role, State: enrolment.Ready, Capacity: p.Capacity, Supervisor: supervisor, Organisation: p.Organisation,
		Person: enrolment.Person{Name: "Alex Example " + p.ID, Email: email.Address(p.ID + "@example.org"), Phone: "020 7946 0000"},
		Skills: p.Skills, Availability: p.Availability, Meeting: p.Meeting, Languages: p.Languages, Conflicts: p.Conflicts,
		Digest: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	}
	if e.Organisation.Name == "" {
		e.Organisation.Name = "The Example Trust of " + p.ID
	}
	if role == programme.Client {
		e.Skills, e.Experience = p.Needs, p.Skills
	}
	return e
}

func (x *place) pilot() *programme.Programme {
	x.t.Helper()
	p, err := x.Store.Programme(x.t.Context(), "pilot")
	if err != nil {
		x.t.Fatal(err)
	}
	return p
}

// failedEmail is the id of an email to somebody that could not be sent.
func (x *place) failedEmail(to string) string {
	x.t.Helper()
	c, id := x.Store.Commit(), "failed-"+rand.Text()
	c.Enqueue(x.t.Context(), outbox.Message{ID: id, Kind: message.KindMatchReleased, Programme: "pilot", To: to, Role: programme.Client}, x.Now())
	x.Commit(c)
	if err := x.Store.PutAside(x.t.Context(), id, "the provider answered 400"); err != nil {
		x.t.Fatal(err)
	}
	return id
}

// waiting is the next match that waits for the coordinator.
func (x *place) waiting() *pairing.Match {
	x.t.Helper()
	if p := x.pilot(); p.Run != x.run {
		var err error
		if x.proposed, err = x.Store.Proposals(x.t.Context(), p); err != nil {
			x.t.Fatal(err)
		}
		x.run = p.Run
	}
	if len(x.proposed) == 0 {
		x.t.Fatal("no match is left")
	}
	m := x.proposed[0]
	x.proposed = x.proposed[1:]
	return m
}

// save writes a match as it was changed.
func (x *place) save(m *pairing.Match) {
	c := x.Store.Commit()
	c.UpdateMatch("pilot", m)
	x.Commit(c)
}

// release has the coordinator release the next match.
func (x *place) release() *pairing.Match {
	x.t.Helper()
	m := x.waiting()
	refused, err := matches.Release(x.t.Context(), x.Store, x.pilot(), "morgan", []store.MatchRef{{Run: m.Run, ID: m.ID}}, x.Now())
	if err != nil || len(refused) > 0 {
		x.t.Fatal(refused, err)
	}
	return m
}

// read is a match as it is stored.
func (x *place) read(m *pairing.Match) *pairing.Match {
	x.t.Helper()
	m, err := x.Store.Match(x.t.Context(), "pilot", m.Run, m.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return m
}

// accept has both of a match accept it.
func (x *place) accept(m *pairing.Match) *pairing.Match {
	x.t.Helper()
	m = x.read(m)
	for _, role := range programme.Roles {
		if err := m.Accept(role, x.Programme.Expectations.Version, x.Now()); err != nil {
			x.t.Fatal(err)
		}
	}
	c := x.Store.Commit()
	c.UpdateMatch("pilot", m)
	x.Commit(c)
	return m
}

// begin has a pairing of a match's two begin, in which two sessions were held, and both
// answered its first questionnaire.
func (x *place) begin(m *pairing.Match) *pairing.Pairing {
	x.t.Helper()
	now := x.Now()
	c, p := x.Store.Commit(), pairing.Start(m, now.AddDate(0, 0, -30))
	p.Milestone = pairing.None
	for i := range 2 {
		s := x.book(p, now.AddDate(0, 0, -20+i))
		for _, role := range programme.Roles {
			l := &pairing.Log{Session: s.ID, Role: role, Held: true, Balance: pairing.Balances[0].ID, Thinking: pairing.Thinkings[0].ID, CreatedAt: now, UpdatedAt: now}
			if err := p.Record(s, l, now); err != nil {
				x.t.Fatal(err)
			}
			c.CreateLog("pilot", p.ID, l)
		}
		c.CreateSession(s)
	}
	c.CreatePairing("pilot", p)
	x.Commit(c)
	for _, role := range programme.Roles {
		x.invite(p, role, programme.Baseline, true)
	}
	return x.pairing(m)
}

// pairing is that of a match's two.
func (x *place) pairing(m *pairing.Match) *pairing.Pairing {
	x.t.Helper()
	p, err := x.Store.Pairing(x.t.Context(), "pilot", pairing.Start(m, x.Now()).ID)
	if err != nil {
		x.t.Fatal(err)
	}
	return p
}

// book books a session of a pairing, at a time or before.
func (x *place) book(p *pairing.Pairing, at time.Time) *pairing.Session {
	x.t.Helper()
	x.made++
	for {
		s, err := p.Book(fmt.Sprint("s", x.made), "pilot", programme.Client, pairing.Booking{StartsAt: at, Minutes: 60, Place: "By video call"}, programme.MostSessions, at.AddDate(0, 0, -5))
		var taken *fault.Invalid
		switch {
		case err == nil:
			return s
		case !errors.As(err, &taken):
			x.t.Fatal(err)
		}
		at = at.Add(-time.Hour) // they meet at that time already
	}
}

// session is a session of a match's two, some days from now: a new one, unless there is one
// on that day.
func (x *place) session(m *pairing.Match, days int) string {
	x.t.Helper()
	p, c, at := x.pairing(m), x.Store.Commit(), x.Now().AddDate(0, 0, days)
	for id, begins := range p.Dates {
		if begins.Equal(at) {
			return id
		}
	}
	s := x.book(p, at)
	c.CreateSession(s)
	c.UpdatePairing("pilot", p)
	x.Commit(c)
	return s.ID
}

// invite asks somebody of a pairing to a questionnaire, who has answered it.
func (x *place) invite(p *pairing.Pairing, role programme.Role, moment programme.Moment, submitted bool) *questionnaire.Invitation {
	x.t.Helper()
	e, err := x.Store.Enrolment(x.t.Context(), "pilot", p.Enrolment(role))
	if err != nil {
		x.t.Fatal(err)
	}
	d, err := questionnaire.Load(x.Programme.Questionnaires.At(moment))
	if err != nil {
		x.t.Fatal(err)
	}
	if x.pseudonyms == nil {
		made, err := pseudonym.Of(x.t.Context(), x.Answers, x.AnswerKeys, "pilot")
		if err != nil {
			x.t.Fatal(err)
		}
		x.pseudonyms = &made
	}
	x.made++
	i := questionnaire.Invite(x.Programme, e, moment, p.ID, x.Now())
	if submitted {
		i.Mark()
	}
	c, into := x.Store.Commit(), x.Answers.Commit()
	if before, err := x.Store.Invitation(x.t.Context(), "pilot", i.ID); err == nil { // as if there had been none, for each visit
		i.Version = before.Version
		found, err := x.Answers.Answered(x.t.Context(), "pilot", x.pseudonyms.Response(i.Enrolment, moment), x.pseudonyms.Saved(i.Enrolment, moment))
		if err != nil {
			x.t.Fatal(err)
		}
		if found.Response != nil {
			into.DeleteResponse("pilot", found.Response)
		}
		if found.Saved != nil {
			into.DeleteSaved("pilot", found.Saved)
		}
		x.Commit(into)
		into = x.Answers.Commit()
		c.UpdateInvitation("pilot", i)
	} else {
		c.CreateInvitation("pilot", i)
	}
	saved := x.pseudonyms.New(i)
	for _, q := range d.Questions() {
		if options := q.Options(); len(options) > 0 {
			saved.Answers[q.ID] = options[x.made%len(options)].Value
		}
	}
	if submitted {
		r, err := x.pseudonyms.Submit(d, i, saved)
		if err != nil {
			x.t.Fatal(err)
		}
		into.Move("pilot", r)
	} else {
		into.Save("pilot", saved)
	}
	x.Commit(into)
	x.Commit(c)
	return i
}

// asked is a link to a questionnaire that is answered and not handed in, to be opened on a
// device on which a code was given.
func (x *place) asked() string {
	x.t.Helper()
	p := x.pairing(x.paired)
	i := x.invite(p, programme.Client, programme.Closing, false)
	at := x.Link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: p.Client, Role: i.Role, IDs: outbox.IDs{Invitation: i.ID}})
	if x.device == nil {
		x.device = x.do("questionnaires", x.post(at+"/code", url.Values{"do": {"send"}})).Result().Cookies()
		x.device = x.do("questionnaires", x.post(at+"/code", url.Values{"do": {"give"}, "code": {x.Code()}})).Result().Cookies()[:1]
	}
	return at
}

// askedAnew is asked, of somebody new who agreed to a notice of before.
func (x *place) askedAnew() string {
	x.t.Helper()
	x.latest = path.Base(x.newcomer(func(e *enrolment.Enrolment) {
		e.Consent = enrolment.Consent{Version: "2015-01", At: x.Now().Add(-time.Hour)}
	}))
	i := x.invite(&pairing.Pairing{Client: x.latest}, programme.Client, programme.Baseline, false)
	return x.Link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: x.latest, Role: i.Role, IDs: outbox.IDs{Invitation: i.ID}})
}

// further has the consultant ask for a further session, as which it is then told.
func (x *place) further(m *pairing.Match, state pairing.FurtherState) (asked string) {
	x.t.Helper()
	pair, err := x.Store.Pairing(x.t.Context(), "pilot", m.ID)
	if err != nil {
		x.t.Fatal(err)
	}
	at := x.Now().Truncate(time.Microsecond)
	pair.Further = pairing.Further{State: state, By: programme.Consultant, Why: "To look at the budget together", AskedAt: at}
	if state == pairing.FurtherAgreed {
		pair.Further.AgreedAt, pair.Further.AnswerBy = at, at.AddDate(0, 0, 7)
	}
	c := x.Store.Commit()
	c.UpdatePairing("pilot", pair)
	x.Commit(c)
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// toMatch, toPairing and toChoose are the client's links.
func (x *place) toMatch(m *pairing.Match) string {
	return x.Link(purpose.Match, store.Link{Programme: "pilot", Person: m.Client.Enrolment, Role: programme.Client, IDs: outbox.IDs{Run: m.Run, Match: m.ID}})
}

func (x *place) toPairing(m *pairing.Match) string {
	return x.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: m.Client.Enrolment, Role: programme.Client, IDs: outbox.IDs{Pairing: pairing.Start(m, x.Now()).ID}})
}

// completed is a pairing that both have finished.
func (x *place) completed() *pairing.Match {
	x.t.Helper()
	m := x.pair()
	p := x.pairing(m)
	p.State, p.EndedAt = pairing.Completed, x.Now()
	c := x.Store.Commit()
	c.UpdatePairing("pilot", p)
	x.Commit(c)
	return m
}

// withSession is a new pairing with a session to come.
func (x *place) withSession() *pairing.Match {
	m := x.pair()
	x.session(m, 3)
	return m
}

// toHelping is the link of who helps to their sessions.
func (x *place) toHelping(m *pairing.Match) string {
	return x.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: m.Consultant.Enrolment, Role: programme.Consultant, IDs: outbox.IDs{Pairing: pairing.Start(m, x.Now()).ID}})
}

func (x *place) toChoose(client int) string {
	return x.Link(purpose.Choose, store.Link{Programme: "open", Person: x.clients[client].ID, Role: programme.Client})
}

// fill fills in the form of somebody who enrols, and keeps its cookie.
func (x *place) fill() {
	x.t.Helper()
	x.made++
	x.draft = nil
	for _, step := range []struct {
		name string
		form url.Values
	}{
		{"privacy", url.Values{"consent": {x.Programme.Privacy.Version}}},
		{"you", url.Values{"name": {"Alex Sample"}, "email": {fmt.Sprintf("alex-%d@example.org", x.made)}}},
		{"organisation", url.Values{"organisation": {"Example Trust"}, "postcode": {"ls6 2ab"}, "categories": {"HE", "SC"}}},
		{"strengths", url.Values{"strengths": {"finance"}}},
		{"needs", url.Values{"needs": {"board", "fundraising"}}},
		{"levels", url.Values{"skill-board": {"2"}, "own-board": {"1"}, "skill-fundraising": {"3"}, "own-fundraising": {"0"}}},
	} {
		w := x.do("enrolment", x.post("/enrol/pilot/seek/"+step.name, step.form))
		if w.Code != http.StatusSeeOther {
			x.t.Fatalf("%s: status %d: %s", step.name, w.Code, w.Body)
		}
		if cookies := w.Result().Cookies(); len(cookies) > 0 {
			x.draft = cookies[0]
		}
	}
}

// send fills it in and sends it.
func (x *place) send() {
	x.t.Helper()
	x.fill()
	if w := x.do("enrolment", x.post("/enrol/pilot/seek/check", nil)); w.Code != http.StatusSeeOther {
		x.t.Fatalf("status %d: %s", w.Code, w.Body)
	}
}

func (x *place) request(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequestWithContext(x.t.Context(), method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, c := range []*http.Cookie{x.staff, x.draft} {
		if c != nil {
			r.AddCookie(c)
		}
	}
	for _, c := range x.device {
		r.AddCookie(c)
	}
	return r
}

func (x *place) get(path string) *http.Request { return x.request(http.MethodGet, path, "", "") }

func (x *place) post(path string, form url.Values) *http.Request {
	return x.request(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

// event is a CloudEvent about a document, or a schedule's tick where document is "".
func (x *place) event(document, schedule string) *http.Request {
	x.mode(programme.Directory)
	r := x.request(http.MethodPost, cloudevent.Path, "application/json", "{}")
	testbed.Sign(r)
	h := r.Header
	h.Set("ce-specversion", "1.0")
	h.Set("ce-id", rand.Text())
	h.Set("ce-type", "google.cloud.firestore.document.v1.written")
	h.Set("ce-source", "//firestore.googleapis.com/projects/"+x.Project+"/databases/(default)")
	h.Set("ce-document", document)
	if document == "" {
		h.Del("ce-document")
		h.Set("ce-type", cloudevent.ScheduleType)
		h.Set("ce-source", "/apis/v1/namespaces/cascade/pingsources/"+schedule)
	}
	return r
}

// reported is a provider's signed report that an email was delivered.
func (x *place) reported(message string) *http.Request {
	x.t.Helper()
	m, _, err := x.Store.Message(x.t.Context(), message)
	if err != nil {
		x.t.Fatal(err)
	}
	body, err := json.Marshal([]map[string]any{{"event": "delivered", "timestamp": time.Now().Unix(), "message": m.ID, "try": strconv.Itoa(m.Attempts)}})
	if err != nil {
		x.t.Fatal(err)
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(append([]byte(timestamp), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, webhookKey, sum[:])
	if err != nil {
		x.t.Fatal(err)
	}
	r := x.request(http.MethodPost, "/webhooks/sendgrid", "application/json", string(body))
	r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
	r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
	return r
}

// do has a function answer a request.
func (x *place) do(function string, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	x.handlers[function].ServeHTTP(w, r)
	return w
}

// sweep sends all that is due.
func (x *place) sweep() {
	x.t.Helper()
	for len(x.Due()) > 0 {
		x.tick("outbox", "outbox-sweep")
	}
}

// tick has a schedule fire.
func (x *place) tick(function, schedule string) {
	x.t.Helper()
	if w := x.do(function, x.event("", schedule)); w.Code != http.StatusOK {
		x.t.Fatalf("%s: status %d", schedule, w.Code)
	}
}

// measured is what a route cost, with the length of its page.
type measured struct {
	cost.Cost
	Page int
	// People are how many were enrolled then: the programme's, and whoever was made for the
	// routes measured before.
	People int
}

// measure has a function answer a request, and says what that cost. The programme that
// the pages anybody opens go by was read just before, as it is where people come.
func (x *place) measure(row Row, ask func(*place) *http.Request) measured {
	x.t.Helper()
	r := ask(x)
	for _, p := range []string{"pilot", "open"} {
		if _, err := x.Store.RecentProgramme(r.Context(), p); err != nil {
			x.t.Fatal(err)
		}
	}
	ctx, meter := cost.Start(r.Context())
	if *called {
		ctx, meter = cost.Note(r.Context())
	}
	w := x.do(row.Function, r.WithContext(ctx))
	if *called {
		fmt.Printf("%s: %+v\n\t%s\n", row.Name(), meter.Cost(), strings.Join(meter.Calls(), "\n\t"))
	}
	if w.Code >= 400 {
		main := w.Body.Bytes()
		if i := bytes.Index(main, []byte("<main")); i >= 0 {
			main = main[i:]
		}
		x.t.Errorf("%s: status %d: %.600s", row.Route, w.Code, main)
	}
	m := measured{Cost: meter.Cost(), People: x.people + x.came}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || w.Header().Get("Content-Disposition") != "" {
		m.Page = w.Body.Len()
	}
	return m
}

// routesOf are the routes that a function registers.
func routesOf(t *testing.T, open serve.New) []string {
	t.Helper()
	x := testbed.New(t)
	h, err := open(t.Context(), x.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	known, ok := h.(*serve.Routes)
	if !ok {
		t.Fatalf("%T does not tell its routes", h)
	}
	var patterns []string
	for _, entry := range known.All() {
		patterns = append(patterns, entry.Pattern)
	}
	return patterns
}
