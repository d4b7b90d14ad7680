package participant

import (
	"crypto/rand"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/supervision"
)

// bed has this function, and alex and zoe on the two sides, at a date that is the
// same whenever the tests run: dates are entered, and clocks change.
type bed struct {
	*testbed.Bed
	t *testing.T
}

// today is a Tuesday in winter, four weeks before the clocks go forward in the UK.
var today = time.Date(2027, time.March, 2, 12, 0, 0, 0, time.UTC)

func newBed(t *testing.T) *bed {
	t.Parallel()
	return newBedAlone(t)
}

// newBedAlone is newBed for a test of what belongs to the whole process.
func newBedAlone(t *testing.T) *bed {
	b := &bed{Bed: testbed.New(t), t: t}
	b.Serve("participant", New)
	b.Pass(today.Sub(b.Now()))
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", person("alex", "Alex", programme.Client))
	zoe := person("zoe", "Zoe", programme.Consultant)
	zoe.Supervisor = "robin"
	c.CreateEnrolment("pilot", zoe)
	c.CreateSupervisor("pilot", &supervision.Supervisor{ID: "robin", Name: "Robin Sample", Email: "robin@example.org", Capacity: 5})
	b.Commit(c)
	return b
}

// took has a match take up its places, beside another match of each.
func (b *bed) took(c *store.Commit, match string) {
	b.t.Helper()
	people, err := matches.Read(b.t.Context(), b.Store, "pilot", "alex", "zoe")
	if err != nil {
		b.t.Fatal(err)
	}
	h := people.Of("alex", "zoe")
	for _, x := range []pairing.Holder{h.Client, h.Consultant, h.Supervisor} {
		x.Take("another")
		x.Take(match)
	}
	people.Update(c, b.Now(), &pairing.Match{Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}})
}

// holds fails unless these are the matches that take up places: of alex, of zoe and
// of the supervisor.
func (b *bed) holds(alex, zoe, robin string) {
	b.t.Helper()
	people, err := matches.Read(b.t.Context(), b.Store, "pilot", "alex", "zoe")
	if err != nil {
		b.t.Fatal(err)
	}
	supervisor, err := b.Store.Supervisor(b.t.Context(), "pilot", "robin")
	if err != nil {
		b.t.Fatal(err)
	}
	for who, row := range map[string]struct {
		has  []string
		want string
	}{"alex": {people.Enrolment("alex").Places, alex}, "zoe": {people.Enrolment("zoe").Places, zoe}, "the supervisor": {supervisor.Places, robin}} {
		if got := strings.Join(row.has, " "); got != row.want {
			b.t.Errorf("%s has the matches %q, want %q", who, got, row.want)
		}
	}
}

// person is somebody with things to tell and things to keep from the other side.
func person(id, name string, role programme.Role) *enrolment.Enrolment {
	return &enrolment.Enrolment{ID: id, Role: role, State: enrolment.Ready, Capacity: 2,
		Person:       enrolment.Person{Name: name + " Sample", Email: email.Address(id + "@example.org"), Phone: "07700 900123"},
		Organisation: enrolment.Organisation{Name: name + " Trust", Postcode: "LS6 2AB", Region: "Yorkshire and the Humber"},
		Conflicts:    []string{"Rival of " + name},
	}
}

// match makes a match of both in a state, and gives each side's link to it.
func (b *bed) match(state pairing.MatchState) (alex, zoe string) {
	b.t.Helper()
	c := b.Store.Commit()
	c.CreateRun("pilot", &store.Run{ID: "r"})
	c.CreateMatch("pilot", &pairing.Match{ID: "m", Run: "r", Programme: "pilot", State: state,
		Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"},
		Reasons: matching.Reasons{Region: "Yorkshire and the Humber", Met: []matching.Need{{Skill: "board", Priority: 3, Level: 2}, {Skill: "coaching", Priority: 1, Level: 1}},
			Unmet: []string{"digital"}, HalfDays: []string{"thu-am", "tue-pm"}, Points: []matching.Points{{Rule: matching.Fit, Points: 70}, {Rule: matching.Preference, Points: 20}}}})
	if state == pairing.Released || state == pairing.Accepted {
		b.took(c, "m")
	}
	b.Commit(c)
	return b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Run: "r", Match: "m"}}),
		b.Link(purpose.Match, store.Link{Programme: "pilot", Person: "zoe", Role: programme.Consultant, IDs: outbox.IDs{Run: "r", Match: "m"}})
}

// pair starts the pairing "x" of both, and gives each side's link to it.
func (b *bed) pair() (alex, zoe string) {
	b.t.Helper()
	c := b.Store.Commit()
	c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: "x", Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now()))
	b.took(c, "x")
	b.Commit(c)
	return b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "x"}}),
		b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "zoe", Role: programme.Consultant, IDs: outbox.IDs{Pairing: "x"}})
}

func (b *bed) pairing(id string) *pairing.Pairing {
	b.t.Helper()
	x, err := b.Store.Pairing(b.t.Context(), "pilot", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x
}

// sessions are the sessions of the pairing "x" by number.
func (b *bed) sessions() []*pairing.Session {
	b.t.Helper()
	all, err := b.Store.Sessions(b.t.Context(), "pilot", "x")
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// held books sessions and has alex say that they were held.
func (b *bed) held(alex string, ids ...string) {
	b.t.Helper()
	for _, id := range ids {
		b.booked(id, time.Hour)
	}
	b.Pass(2 * time.Hour)
	for _, id := range ids {
		b.moved(b.Post(alex+"/log/"+id, heldLog()), alex)
	}
}

// booked books a session in the pairing "x" that begins after a while; a short one just
// before where another is at that time.
func (b *bed) booked(id string, after time.Duration) {
	b.t.Helper()
	x, now := b.pairing("x"), b.Now()
	booking := pairing.Booking{StartsAt: now.Add(after), Minutes: 90, Place: "Leeds"}
	s, err := x.Book(id, "pilot", programme.Client, booking, programme.MostSessions, now)
	for try := 1; err != nil; try++ {
		if try == 4 {
			b.t.Fatal(err)
		}
		booking.StartsAt, booking.Minutes = booking.StartsAt.Add(-(pairing.MinMinutes+1)*time.Minute), pairing.MinMinutes
		s, err = x.Book(id, "pilot", programme.Client, booking, programme.MostSessions, now)
	}
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	c.CreateSession(s)
	b.Commit(c)
}

// messages are all that are owed, by "kind to".
func (b *bed) messages() map[string]*outbox.Message {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]*outbox.Message{}
	for _, m := range all {
		key := string(m.Kind) + " " + m.To
		for found[key] != nil { // as many as there are: "session-booked alex+"
			key += "+"
		}
		found[key] = m
	}
	return found
}

func (b *bed) owed() []string { b.t.Helper(); return slices.Sorted(maps.Keys(b.messages())) }

// written is a document's content and the time of its last write.
type written struct {
	content string
	at      time.Time
}

// documents are all documents of all collections.
func (b *bed) documents() map[string]written {
	b.t.Helper()
	all := map[string]written{}
	for path, d := range b.Documents() {
		all[path] = written{fmt.Sprint(d.Data()), d.UpdateTime}
	}
	return all
}

// holding are the paths of the documents that hold a text.
func (b *bed) holding(text string) []string {
	b.t.Helper()
	var paths []string
	for path, w := range b.documents() {
		if strings.Contains(w.content, text) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// audited counts the entries of the audit trail that hold a text.
func (b *bed) audited(text string) int {
	b.t.Helper()
	n := 0
	for _, path := range b.holding(text) {
		if strings.HasPrefix(path, "auditEntries/") {
			n++
		}
	}
	return n
}

// content is the part of a page that is not the same on all pages.
func content(page string) string {
	if _, after, found := strings.Cut(page, "<main"); found {
		page, _, _ = strings.Cut(after, "</main>")
	}
	return page
}

// moved fails unless the browser is sent on to a page, whatever that says was done.
func (b *bed) moved(got testbed.Answer, to string) {
	b.t.Helper()
	if page, _, _ := strings.Cut(got.Header.Get("Location"), "?done="); got.StatusCode != http.StatusSeeOther || page != to {
		b.t.Errorf("%s %s: status %d, to %q: %s", got.Request.Method, got.Request.URL.Path, got.StatusCode, got.Header.Get("Location"), content(got.Body))
	}
}

// accepted fails unless the browser is sent on to the sessions of who has just said the
// second yes.
func (b *bed) accepted(got testbed.Answer) {
	b.t.Helper()
	if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || !strings.Contains(to, "/pairing/") || !strings.HasSuffix(to, "?done=accepted") {
		b.t.Errorf("status %d, to %q: %s", got.StatusCode, to, content(got.Body))
	}
}

// status fails unless the answer has a status.
func (b *bed) status(got testbed.Answer, want int) {
	b.t.Helper()
	if got.StatusCode != want {
		b.t.Errorf("%s %s: status %d, want %d", got.Request.Method, got.Request.URL.Path, got.StatusCode, want)
	}
}

var summaryEntry = regexp.MustCompile(`<li><a href="#([^"]+)">([^<]+)</a></li>`)

// refused fails unless the answer asks to correct these fields and no other, each
// in the summary, where it leads to the input, and in the same words beside it.
func (b *bed) refused(name string, got testbed.Answer, fields ...string) {
	b.t.Helper()
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "<title>Error: ") || !strings.Contains(got.Body, "There is a problem") {
		b.t.Errorf("%s: status %d: %s", name, got.StatusCode, content(got.Body))
		return
	}
	var found []string
	for _, entry := range summaryEntry.FindAllStringSubmatch(got.Body, -1) {
		field, message := entry[1], entry[2]
		found = append(found, field)
		beside := regexp.MustCompile(`<p id="` + field + `-error" class="govuk-error-message">.*</span> ` + regexp.QuoteMeta(message) + `</p>`)
		described := regexp.MustCompile(`aria-describedby="[^"]*\b` + field + `-error"`)
		if !beside.MatchString(got.Body) || !described.MatchString(got.Body) || !strings.Contains(got.Body, ` id="`+field+`" name="`+field+`"`) {
			b.t.Errorf("%s: %q does not stand beside its input %q: %s", name, message, field, content(got.Body))
		}
	}
	if !slices.Equal(found, fields) {
		b.t.Errorf("%s: asked to correct %v, want %v", name, found, fields)
	}
}

var input = regexp.MustCompile(`<input[^>]* name="([^"]+)"[^>]* value="([^"]*)">`)

// typed are the text inputs of a page's form with what is in them.
func typed(page string) map[string]string {
	values := map[string]string{}
	for _, found := range input.FindAllStringSubmatch(page, -1) {
		if strings.Contains(found[0], `type="radio"`) { // one that is not chosen
			continue
		}
		values[found[1]] = html.UnescapeString(found[2])
	}
	return values
}

// says fails unless a page says all these texts.
func (b *bed) says(name, page string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Errorf("%s lacks %q: %s", name, text, content(page))
		}
	}
}

// silent fails if a page says one of these texts.
func (b *bed) silent(name, page string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			b.t.Errorf("%s tells %q: %s", name, text, content(page))
		}
	}
}

// with is a form with some of its values changed, as names and values in turn; an
// empty value leaves the name out.
func with(form url.Values, changes ...string) url.Values {
	form = maps.Clone(form)
	for pair := range slices.Chunk(changes, 2) {
		if form.Del(pair[0]); pair[1] != "" {
			form.Set(pair[0], pair[1])
		}
	}
	return form
}

func agree() url.Values { return url.Values{"agree": {"2026-11"}} }

func booking(changes ...string) url.Values {
	return with(url.Values{"form": {rand.Text()}, "date": {"16"}, "date-month": {"3"}, "date-year": {"2027"},
		"time": {"14:00"}, "minutes": {"90"}, "place": {"Room 2, Leeds"}}, changes...)
}

// moving and cancelling are forms for a session that was never changed.
func moving(changes ...string) url.Values {
	return with(booking("form", "", "seen", "0", "date", "18", "time", "10:30", "minutes", "60", "place", "York"), changes...)
}

func cancelling(changes ...string) url.Values { return with(url.Values{"seen": {"0"}}, changes...) }

func heldLog(changes ...string) url.Values {
	return with(url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"}}, changes...)
}

// Mail scanners open every link in an email, also many times over.
func TestOpeningPagesChangesNothing(t *testing.T) {
	b := newBed(t)
	match, _ := b.match(pairing.Released)
	alex, _ := b.pair()
	b.held(alex, "s")
	b.booked("u", time.Hour)
	b.booked("v", 48*time.Hour)
	before := b.documents()
	for range 3 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			for _, page := range []string{match, match + "/accept", match + "/decline", alex, alex + "/book", alex + "/log/s", alex + "/log/u", alex + "/move/v", alex + "/cancel/v",
				alex + "/pause", alex + "/stop", alex + "/leave", match + "/leave"} {
				b.status(b.Do(method, page, "", ""), http.StatusOK)
			}
			for _, over := range []string{"/move/s", "/cancel/s"} {
				b.moved(b.Do(method, alex+over, "", ""), alex)
			}
			b.status(b.Do(method, alex+"/finish", "", ""), http.StatusMethodNotAllowed)
		}
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestLinkOpensWhatItWasSentForAlone(t *testing.T) {
	b := newBed(t)
	match, _ := b.match(pairing.Released)
	alex, _ := b.pair()
	b.booked("s", time.Hour)
	b.booked("u", 400*24*time.Hour-35*24*time.Hour)
	b.Pass(2 * time.Hour)
	before := b.documents()
	all := func(match, alex string) []testbed.Answer {
		return []testbed.Answer{
			b.Get(match), b.Get(match + "/accept"), b.Get(match + "/decline"),
			b.Post(match+"/accept", agree()), b.Post(match+"/decline", url.Values{"reason": {"no"}}),
			b.Get(alex), b.Get(alex + "/book"), b.Get(alex + "/log/s"),
			b.Post(alex+"/book", booking()), b.Post(alex+"/log/s", heldLog()), b.Post(alex+"/finish", nil),
			b.Get(alex + "/move/u"), b.Get(alex + "/cancel/u"), b.Post(alex+"/move/u", moving()), b.Post(alex+"/cancel/u", cancelling()),
		}
	}
	for name, token := range map[string]func(own, other string) string{
		"unknown":             func(string, string) string { return strings.Repeat("A", 43) },
		"malformed":           func(string, string) string { return "short" },
		"cut off":             func(own, _ string) string { return own[:42] },
		"longer":              func(own, _ string) string { return own + "A" },
		"for another purpose": func(_, other string) string { return other },
	} {
		forMatch, forPairing := strings.TrimPrefix(match, "/match/"), strings.TrimPrefix(alex, "/pairing/")
		for _, got := range all("/match/"+token(forMatch, forPairing), "/pairing/"+token(forPairing, forMatch)) {
			if got.StatusCode != http.StatusForbidden || strings.Contains(got.Body, "Zoe") {
				t.Errorf("%s %s by a link that is %s: status %d: %s", got.Request.Method, got.Request.URL.Path, name, got.StatusCode, content(got.Body))
			}
		}
	}
	b.Pass(61 * 24 * time.Hour)
	b.status(b.Get(match), http.StatusGone)
	b.status(b.Get(alex), http.StatusOK) // a pairing goes on for longer
	b.Pass(306 * 24 * time.Hour)
	for _, got := range all(match, alex) {
		b.status(got, http.StatusGone)
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	b := newBed(t)
	match, _ := b.match(pairing.Released)
	alex, _ := b.pair()
	b.booked("s", time.Hour)
	b.booked("u", 48*time.Hour)
	b.Pass(2 * time.Hour)
	before := b.documents()
	const form = "application/x-www-form-urlencoded"
	for page, good := range map[string]url.Values{
		match + "/accept": agree(), match + "/decline": {"reason": {"no"}},
		alex + "/book": booking(), alex + "/log/s": heldLog(), alex + "/finish": {}, alex + "/move/u": moving(), alex + "/cancel/u": cancelling(),
	} {
		for _, row := range []struct {
			contentType, body string
			status            int
		}{
			{form, good.Encode() + "&x=" + strings.Repeat("x", 64<<10), 413},
			{"application/json", "{}", 415},
			{"multipart/form-data; boundary=x", "--x--", 415},
			{"text/plain", good.Encode(), 415},
			{"", good.Encode(), 415},
			{form, good.Encode() + "&place=%ff&reason=%ff&surfaced=%ff", 400},
			{form, good.Encode() + "&reason=%zz", 400},
		} {
			if got := b.Do(http.MethodPost, page, row.contentType, row.body); got.StatusCode != row.status {
				t.Errorf("POST %s %s %.40s: status %d, want %d", page, row.contentType, row.body, got.StatusCode, row.status)
			}
		}
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
			b.status(b.Do(method, page, form, good.Encode()), http.StatusMethodNotAllowed)
		}
	}
	for _, page := range []string{match, alex} {
		b.status(b.Post(page, agree()), http.StatusMethodNotAllowed)
		b.status(b.Do(http.MethodDelete, page, "", ""), http.StatusMethodNotAllowed)
	}
	for _, path := range []string{
		"/", "/match", "/match/", "/pairing", "/pairing/", "/elsewhere", match + "/", match + "/else", match + "/accept/x", match + "/book",
		alex + "/", alex + "/else", alex + "/log", alex + "/log/", alex + "/log/nowhere", alex + "/log/s/x", alex + "/log/s%2fx", alex + "/log/%20", alex + "/accept",
		alex + "/move", alex + "/move/", alex + "/move/nowhere", alex + "/move/u/x", alex + "/cancel", alex + "/cancel/", alex + "/cancel/nowhere", alex + "/cancel/x%2fsessions%2fu",
	} {
		b.status(b.Get(path), http.StatusNotFound)
	}
	for _, path := range []string{match + "/else", alex + "/else", alex + "/log/nowhere", alex + "/log/x%2fsessions%2fs", alex + "/move/nowhere", alex + "/cancel/nowhere", alex + "/cancel/x%2fsessions%2fu"} {
		b.status(b.Post(path, heldLog()), http.StatusNotFound)
	}
	if after := b.documents(); !maps.Equal(before, after) {
		t.Errorf("documents were\n%v, are\n%v", before, after)
	}
}

// hostile are texts that would run as a script where a page did not escape them.
var hostile = []string{`<script>alert(1)</script>`, `"><img src=x onerror=1>`}

// escaped fails unless a page holds the hostile texts so often, and as text alone.
func (b *bed) escaped(name, page string, times int) {
	b.t.Helper()
	for _, text := range hostile {
		if n := strings.Count(page, html.EscapeString(text)); n < times || strings.Contains(page, text) {
			b.t.Errorf("%s holds %q escaped %d times, want %d: %s", name, text, n, times, content(page))
		}
	}
	b.silent(name, page, "<script>", "<img")
}

func TestNamesAreShownAsText(t *testing.T) {
	b := newBed(t)
	match, _ := b.match(pairing.Released)
	alex, _ := b.pair()
	zoe, err := b.Store.Enrolment(t.Context(), "pilot", "zoe")
	if err != nil {
		t.Fatal(err)
	}
	zoe.Person.Name, zoe.Organisation.Name = strings.Join(hostile, " "), strings.Join(hostile, " ")
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", zoe)
	b.Commit(c)
	b.escaped("the match", b.Get(match).Body, 2)
	b.escaped("the sessions", b.Get(alex).Body, 4) // also in the title and the heading
	b.escaped("the booking", b.Get(alex+"/book").Body, 1)
	b.booked("s", time.Hour)
	b.escaped("the moving", b.Get(alex+"/move/s").Body, 1)
	b.escaped("the cancelling", b.Get(alex+"/cancel/s").Body, 1)
}
