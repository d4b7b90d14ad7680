// Package desktest is a bed for the tests of the desk: the function as it is served,
// two programmes and their staff.
package desktest

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/functions/desk"
	"github.com/cascading-leadership/cascade/shared/access"
	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/proposal"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// Bed has this function, two programmes and the staff of both. Morgan and Sam
// coordinate the pilot, Eve evaluates it, Omar coordinates the other programme, Sue
// supervises in both, and Nora has no role. Who is "both" evaluates the one and
// supervises in the other. Morgan is signed in.
type Bed struct {
	*testbed.Bed
	// Raw reads what the function only writes.
	Raw *firestore.Client
	T   *testing.T
}

// Path is the address of the pilot at the desk.
const Path = "/desk/programmes/pilot"

// New makes a bed for a test that runs beside others.
func New(t *testing.T) *Bed {
	t.Parallel()
	return NewAlone(t)
}

// NewAlone is New for a test of what belongs to the whole process.
func NewAlone(t *testing.T) *Bed {
	b := &Bed{Bed: testbed.New(t), T: t}
	b.Serve("desk", desk.New)
	var err error
	if b.Raw, err = firestore.NewClient(t.Context(), b.Project); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Raw.Close() })
	c := b.Store.Commit()
	other := *b.Programme
	other.ID, other.Name = "other", "The other programme"
	c.CreateProgramme(&other)
	for id, roles := range map[string]access.ByProgramme{
		"morgan": {"pilot": {access.Coordinator}}, "sam": {"pilot": {access.Coordinator}}, "eve": {"pilot": {access.Evaluator}}, "omar": {"other": {access.Coordinator}}, "nora": nil,
		"sue": {"pilot": {access.Supervisor}, "other": {access.Supervisor}}, "both": {"pilot": {access.Evaluator}, "other": {access.Supervisor}},
	} {
		c.CreateStaff(&store.Staff{ID: id, Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org"), Roles: roles})
	}
	b.Commit(c)
	b.As(b.Cookie("morgan"))
	return b
}

// As makes the browser a new one with these cookies.
func (b *Bed) As(cookies ...*http.Cookie) {
	b.T.Helper()
	u, err := url.Parse(b.URL)
	if err != nil {
		b.T.Fatal(err)
	}
	b.Browser.Jar, _ = cookiejar.New(nil)
	b.Browser.Jar.SetCookies(u, cookies)
}

// Form is the content type of a form.
const Form = "application/x-www-form-urlencoded"

// Send posts a form with headers of its own and returns the answer.
func (b *Bed) Send(path string, posted url.Values, header map[string]string) *http.Response {
	b.T.Helper()
	request, err := http.NewRequestWithContext(b.T.Context(), http.MethodPost, b.URL+path, strings.NewReader(posted.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	request.Header.Set("Content-Type", Form)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := b.Browser.Do(request)
	if err != nil {
		b.T.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response
}

// Said is what a page says at its top to have just been done, "" for nothing.
func (b *Bed) Said(path string) string {
	b.T.Helper()
	got := b.Get(path)
	if got.StatusCode != http.StatusOK {
		b.T.Fatalf("%s: status %d: %s", path, got.StatusCode, got.Body)
	}
	_, said, _ := strings.Cut(got.Body, `<p class="govuk-notification-banner__heading">`)
	said, _, _ = strings.Cut(said, "</p>")
	return html.UnescapeString(said)
}

// Does sends a form, and says what the page to which it leads says to have been done.
func (b *Bed) Does(path string, form url.Values) string {
	b.T.Helper()
	got := b.Post(path, form)
	if got.StatusCode != http.StatusSeeOther {
		b.T.Fatalf("%s: status %d: %s", path, got.StatusCode, got.Body)
	}
	return b.Said(got.Header.Get("Location"))
}

// Person is someone who has confirmed: on the consultants' side if the name
// begins with z.
func Person(id string, change ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
	e := &enrolment.Enrolment{
		ID: id, Role: programme.Client, State: enrolment.Confirmed, Capacity: 1,
		Person: enrolment.Person{Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org")},
		Organisation: enrolment.Organisation{Name: programme.Capital(id) + " Trust", Postcode: "LS6 2AB",
			Region: "Yorkshire and the Humber", Categories: []string{"HE"}},
		Skills: map[string]int{"board": 3}, Availability: []string{"mon-am", "tue-pm"},
	}
	if strings.HasPrefix(id, "z") {
		e.Role, e.Organisation.Categories, e.Skills = programme.Consultant, []string{"ED"}, map[string]int{"board": 2}
	}
	for _, f := range change {
		f(e)
	}
	return e
}

func (b *Bed) Enrol(programme string, people ...*enrolment.Enrolment) {
	b.T.Helper()
	c := b.Store.Commit()
	for _, e := range people {
		c.CreateEnrolment(programme, e)
	}
	b.Commit(c)
}

// Supervisors adds some with their capacities, by name.
func (b *Bed) Supervisors(all map[string]int) {
	b.T.Helper()
	c := b.Store.Commit()
	for id, capacity := range all {
		c.CreateSupervisor("pilot", &supervision.Supervisor{ID: id, Name: programme.Capital(id) + " Sample", Email: email.Address(id + "@example.org"), Capacity: capacity})
	}
	b.Commit(c)
}

func (b *Bed) Supervisor(id string) *supervision.Supervisor {
	b.T.Helper()
	supervisor, err := b.Store.Supervisor(b.T.Context(), "pilot", id)
	if err != nil {
		b.T.Fatal(err)
	}
	return supervisor
}

func (b *Bed) Enrolment(id string) *enrolment.Enrolment {
	b.T.Helper()
	e, err := b.Store.Enrolment(b.T.Context(), "pilot", id)
	if err != nil {
		b.T.Fatal(err)
	}
	return e
}

// Latest is the run of the pilot that its programme names: "run".
func (b *Bed) Latest() *store.Run {
	b.T.Helper()
	r, err := b.Store.Run(b.T.Context(), "pilot", "run")
	if err == nil {
		return r
	}
	p, err := b.Store.Programme(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	p.Run = "run"
	c := b.Store.Commit()
	c.CreateRun("pilot", &store.Run{ID: "run", State: store.Applied, CreatedAt: b.Now()})
	c.UpdateProgramme(p)
	b.Commit(c)
	return b.Latest()
}

// Matched adds a match of the pilot's latest run. It has the reasons that its two
// people have, and takes up their places if it is out.
func (b *Bed) Matched(id, client, consultant string, state pairing.MatchState, change ...func(*pairing.Match)) {
	b.T.Helper()
	b.Latest()
	m := &pairing.Match{ID: id, Run: "run", Programme: "pilot", State: pairing.Proposed,
		Client: pairing.Side{Enrolment: client}, Consultant: pairing.Side{Enrolment: consultant}}
	for _, f := range change {
		f(m)
	}
	people, err := matches.Read(b.T.Context(), b.Store, m.Programme, client, consultant)
	if err != nil {
		b.T.Fatal(err)
	}
	c := b.Store.Commit()
	if one, other := people.Enrolment(client), people.Enrolment(consultant); one != nil && other != nil {
		m.Reasons = matching.Explain(b.Programme, matching.FromEnrolment(one), matching.FromEnrolment(other))
		m.Score = m.Reasons.Score()
	}
	if m.State = state; state == pairing.Released || state == pairing.Accepted {
		h := people.Of(client, consultant)
		for _, holder := range []pairing.Holder{h.Client, h.Consultant, h.Supervisor} {
			if holder != nil {
				holder.Take(id)
			}
		}
		people.Update(c, b.Now(), m)
	}
	c.CreateMatch(m.Programme, m)
	b.Commit(c)
}

func (b *Bed) State(match string) pairing.MatchState {
	b.T.Helper()
	m, err := b.Store.Match(b.T.Context(), "pilot", "run", match)
	if err != nil {
		b.T.Fatal(err)
	}
	return m.State
}

// Owed are the messages that wait, of all programmes, by "kind to match", sorted.
func (b *Bed) Owed() []string {
	b.T.Helper()
	var all []string
	for _, m := range b.Due() {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Kind, m.To, m.Match)))
	}
	slices.Sort(all)
	return all
}

// Audited is what the audit trail has of changes, the oldest first.
func (b *Bed) Audited() []string {
	b.T.Helper()
	var all []string
	for _, e := range b.Bed.Audited() {
		if e.Kind == audit.Change {
			all = append(all, e.String())
		}
	}
	return all
}

// Untouched fails unless nothing was ever changed at this desk.
func (b *Bed) Untouched(after string) {
	b.T.Helper()
	if audited, owed := b.Audited(), b.Owed(); len(audited)+len(owed) > 0 {
		b.T.Errorf("after %s: audited %q, owed %q", after, audited, owed)
	}
}

func Ticked(names ...string) url.Values {
	posted := url.Values{}
	for _, name := range names {
		posted.Set(name, "yes")
	}
	return posted
}

// Ready is someone who is ready to be matched.
func Ready(id string, change ...func(*enrolment.Enrolment)) *enrolment.Enrolment {
	e := Person(id, change...)
	e.State = enrolment.Ready
	return e
}

// Ran says more of the run that the programme names.
func (b *Bed) Ran(clients, consultants, score int, proposed proposal.Proposal) {
	b.T.Helper()
	r := b.Latest()
	r.Clients, r.Consultants, r.Matched, r.Score, r.Moves, r.Gain = clients, consultants, clients-len(proposed.Unmatched), score, len(proposed.Moves), proposed.Gain
	proposed.ID = r.ID
	c := b.Store.Commit()
	c.UpdateRun("pilot", r)
	c.CreateParts("pilot", &proposed)
	b.Commit(c)
}

// Supervised is someone who offers help and has a supervisor.
func Supervised(id, supervisor string) *enrolment.Enrolment {
	return Person(id, func(e *enrolment.Enrolment) {
		e.State, e.Readiness.Trained, e.Supervisor = enrolment.Ready, true, supervisor
	})
}

func Trained(supervisor string) url.Values {
	return url.Values{"trained": {"yes"}, "supervisor": {supervisor}}
}

// Mode puts the pilot into a mode.
func (b *Bed) Mode(mode programme.Mode) {
	b.T.Helper()
	p, err := b.Store.Programme(b.T.Context(), "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	p.Mode = mode
	c := b.Store.Commit()
	c.UpdateProgramme(p)
	b.Commit(c)
}

func (b *Bed) Contact(id string, change func(*contact.Contact)) {
	b.T.Helper()
	c, err := b.Store.Contact(b.T.Context(), "pilot", id)
	if err != nil {
		b.T.Fatal(err)
	}
	change(c)
	commit := b.Store.Commit()
	commit.SaveContact("pilot", c, b.Now())
	b.Commit(commit)
}

// SetAside owes an email, and has it set aside.
func (b *Bed) SetAside(id, programmeID, to string, outcome outbox.Outcome) {
	b.T.Helper()
	c := b.Store.Commit()
	c.Enqueue(b.T.Context(), outbox.Message{ID: id, Kind: message.KindMatchReleased, Programme: programmeID, To: to, Role: programme.Client}, b.Now())
	b.Commit(c)
	m := b.Message(id)
	m.Claim(b.Now(), outbox.Usual)
	m.PutAside("the provider answered 400")
	if m.Outcome = outcome; outcome != "" {
		m.Failure = string(outcome)
	}
	c = b.Store.Commit()
	c.UpdateMessage(m)
	person, err := b.Store.Contact(b.T.Context(), programmeID, to)
	if err != nil {
		b.T.Fatal(err)
	}
	if outcome.Stops() {
		person.Stop(contact.Bounced, b.Now())
		c.SaveContact(programmeID, person, b.Now())
	}
	b.Commit(c)
}

func (b *Bed) Message(id string) *outbox.Message {
	b.T.Helper()
	m, _, err := b.Store.Message(b.T.Context(), id)
	if err != nil {
		b.T.Fatal(err)
	}
	return m
}

// SignInLink is a link to sign in, as the email to a member of staff has it.
func (b *Bed) SignInLink(staff string) string {
	b.T.Helper()
	return b.Link(purpose.SignIn, store.Link{Programme: "pilot", Person: staff})
}

// Pressed is the form of the page that signs in by a link.
func Pressed() url.Values { return url.Values{"do": {"sign-in"}} }

// Skilled gives somebody other skills, and a supervisor where they need one.
func Skilled(skills map[string]int) func(*enrolment.Enrolment) {
	return func(e *enrolment.Enrolment) {
		e.Skills = skills
		if strings.HasPrefix(e.ID, "z") {
			e.Supervisor = "robin"
		}
	}
}

// Three are ready on each side; the best is alex with zoe, amy with zac and ann with
// zed, and every other pair costs something.
func (b *Bed) Three() {
	b.T.Helper()
	b.Supervisors(map[string]int{"robin": 9})
	b.Enrol("pilot",
		Ready("alex", Skilled(map[string]int{"board": 3, "finance": 1})), Ready("amy", Skilled(map[string]int{"finance": 3, "digital": 1})),
		Ready("ann", Skilled(map[string]int{"digital": 3, "board": 1})),
		Ready("zoe", Skilled(map[string]int{"board": 3})), Ready("zac", Skilled(map[string]int{"finance": 3, "board": 1})), Ready("zed", Skilled(map[string]int{"digital": 3, "finance": 1})))
}

// Solved is a matching run of the pilot as it is now, as the matching function makes it.
func (b *Bed) Solved() []*pairing.Match {
	b.T.Helper()
	ctx := b.T.Context()
	at, err := b.Store.MatchingInput(ctx, "pilot")
	if err != nil {
		b.T.Fatal(err)
	}
	if at.Bound, err = proposal.Commit(&at.Input, at.Programme.Run); err != nil {
		b.T.Fatal(err)
	}
	proposed, err := proposal.Make(&at.Input, at.Programme.Run)
	if err != nil {
		b.T.Fatal(err)
	}
	run, err := b.Store.Prepare(ctx, "pilot", proposed, 100, b.Now())
	if err == nil {
		err = b.Store.Apply(ctx, at, run, b.Now())
	}
	if err != nil {
		b.T.Fatal(err)
	}
	return proposed.Matches
}

var hidden = regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`)

// Filled is the form of a page that shows what a change costs, with a reason.
func Filled(page, reason string) url.Values {
	form := url.Values{"reason": {reason}}
	for _, found := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return form
}
