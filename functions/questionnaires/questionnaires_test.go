package questionnaires

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/pseudonym"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
	"github.com/cascading-leadership/cascade/shared/questionnaire"
)

// bed has this function, and alex and zoe, who have confirmed their enrolments and have a
// pairing that has just started.
type bed struct {
	*testbed.Bed
	t *testing.T
}

const document = "programmes/pilot/pairings/x"

func newBed(t *testing.T) *bed {
	t.Parallel()
	return newBedAlone(t)
}

// newBedAlone is newBed for a test of what belongs to the whole process.
func newBedAlone(t *testing.T) *bed { return newBedOf(t, "alex", "zoe") }

// newBedOf is newBedAlone with other ids of alex's and zoe's enrolments.
func newBedOf(t *testing.T, alex, zoe string) *bed {
	b := &bed{testbed.New(t), t}
	b.Serve("questionnaires", New)
	c := b.Store.Commit()
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: alex, Role: programme.Client, State: enrolment.Confirmed, Invite: programme.Baseline})
	c.CreateEnrolment("pilot", &enrolment.Enrolment{ID: zoe, Role: programme.Consultant, State: enrolment.Confirmed, Invite: programme.Baseline})
	c.CreatePairing("pilot", pairing.Start(&pairing.Match{ID: "x", Client: pairing.Side{Enrolment: alex}, Consultant: pairing.Side{Enrolment: zoe}}, b.Now()))
	b.Commit(c)
	return b
}

// sweep is the schedule's tick.
func (b *bed) sweep() { b.t.Helper(); b.Event("", "questionnaires-sweep") }

// tomorrowAtTen moves the programme's date to ten in the morning of the next day.
func (b *bed) tomorrowAtTen() {
	b.t.Helper()
	b.at(1, 10)
}

// at moves the programme's date to an hour of the programme's day, some days ahead.
func (b *bed) at(days, hour int) {
	b.t.Helper()
	now := b.Now().In(b.Programme.Location())
	b.Pass(time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location()).Sub(now))
}

// end ends the pairing, after so many sessions.
func (b *bed) end(held int) {
	b.t.Helper()
	x, err := b.Store.Pairing(b.t.Context(), "pilot", "x")
	if err != nil {
		b.t.Fatal(err)
	}
	x.State, x.Milestone, x.Held = pairing.Stopped, pairing.Ended, held
	c := b.Store.Commit()
	c.UpdatePairing("pilot", x)
	b.Commit(c)
}

// invited are the invitations that were owed, by "person questionnaire".
func (b *bed) invited() map[string]*questionnaire.Invitation {
	b.t.Helper()
	all, err := b.Store.Messages(b.t.Context(), "pilot", outbox.Pending)
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[string]*questionnaire.Invitation{}
	for _, m := range all {
		if m.Kind == message.KindDeviceCode {
			continue
		}
		i, err := b.Store.Invitation(b.t.Context(), "pilot", m.Invitation)
		if err != nil {
			b.t.Fatal(err)
		}
		if key := m.To + " " + i.Questionnaire; m.Kind != message.KindQuestionnaireInvited || m.To != i.Enrolment || m.Role != i.Role || found[key] != nil {
			b.t.Errorf("message %+v to %+v", m, i)
		} else {
			found[key] = i
		}
	}
	return found
}

func (b *bed) invitedTo() []string { b.t.Helper(); return slices.Sorted(maps.Keys(b.invited())) }

// asked is a person's link to a questionnaire, with the response behind it.
func (b *bed) asked(person, questionnaire string) (path, response string) {
	b.t.Helper()
	i := b.invited()[person+" "+questionnaire]
	if i == nil {
		b.t.Fatalf("%s is not invited to %s", person, questionnaire)
	}
	return b.Link(purpose.Questionnaire, store.Link{Programme: "pilot", Person: person, Role: i.Role, IDs: outbox.IDs{Invitation: i.ID}}), i.ID
}

// pseudonyms are those of the programme, as the function makes them.
func (b *bed) pseudonyms() questionnaire.Pseudonyms {
	b.t.Helper()
	p, err := pseudonym.Of(b.t.Context(), b.Answers, b.AnswerKeys, "pilot")
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// answers are what stands behind an invitation.
type answers struct {
	Answers   map[string]string
	Writer    string
	Submitted bool
	*questionnaire.Response
}

// response is what stands behind an invitation, by its id.
func (b *bed) response(invitation string) answers {
	b.t.Helper()
	i, err := b.Store.Invitation(b.t.Context(), "pilot", invitation)
	if err != nil {
		b.t.Fatal(err)
	}
	p := b.pseudonyms()
	found, err := b.Answers.Answered(b.t.Context(), "pilot", p.Response(i.Enrolment, i.Moment), p.Saved(i.Enrolment, i.Moment))
	switch {
	case err != nil:
		b.t.Fatal(err)
	case found.Response != nil && found.Saved != nil:
		b.t.Errorf("%s has handed in, and %+v is saved all the same", i.Enrolment, found.Saved)
	case found.Response != nil:
		return answers{Answers: found.Response.Answers, Submitted: true, Response: found.Response}
	case found.Saved != nil:
		return answers{Answers: found.Saved.Answers, Writer: found.Saved.Writer}
	}
	return answers{}
}

var (
	you    = url.Values{"time": {"2"}, "confidence": {"3"}, "style": {"4"}, "strategy": {"5"}, "conversations": {"1"}}
	others = url.Values{"issues": {"1"}, "board": {"2"}, "peers": {"3"}, "questions": {"4"}, "partners": {"5"}}
)

// Whoever has confirmed their enrolment is asked where they stand, before they prepare, and
// once; at the end of the pairing both are asked again, once.
func TestPeopleAreInvitedOnceHoweverOftenTheyAreLookedAt(t *testing.T) {
	b := newBed(t)
	var at sync.WaitGroup
	for range 6 {
		at.Go(b.sweep)
	}
	at.Go(func() { b.Event(document, "") })
	at.Wait()
	b.sweep()
	if got, want := b.invitedTo(), []string{"alex baseline-1", "zoe baseline-1"}; !slices.Equal(got, want) {
		t.Errorf("invited %v, want %v", got, want)
	}
	for key, i := range b.invited() {
		if i.Moment != programme.Baseline || i.Pairing != "" || i.Submitted || i.Former != "" {
			t.Errorf("%s: %+v", key, i)
		}
	}
	for _, id := range []string{"alex", "zoe"} {
		if e, err := b.Store.Enrolment(t.Context(), "pilot", id); err != nil || e.Invite != "" {
			t.Errorf("%s is still to be invited: %v", id, err)
		}
	}

	b.end(1)
	for range 6 {
		at.Go(func() { b.Event(document, "") })
	}
	at.Go(b.sweep)
	at.Wait()
	b.Event(document, "")
	if got, want := b.invitedTo(), []string{"alex baseline-1", "alex closing-1", "zoe baseline-1", "zoe closing-1"}; !slices.Equal(got, want) {
		t.Errorf("invited %v, want %v", got, want)
	}
	if x, err := b.Store.Pairing(t.Context(), "pilot", "x"); err != nil || x.Milestone != pairing.None {
		t.Errorf("pairing %+v, %v", x, err)
	}
	if c := b.invited()["alex closing-1"]; c.Pairing != "x" || c.Moment != programme.Closing {
		t.Errorf("at the end: %+v", c)
	}
}

// Who has several pairings, in whichever roles, is asked at the end of the last one, and
// compared in the role in which they answered at the start.
func TestWhoHasSeveralPairingsAnswersOnceAMoment(t *testing.T) {
	b := newBed(t)
	c := b.Store.Commit()
	for role, id := range map[programme.Role]string{programme.Consultant: "kim-offer", programme.Client: "kim-seek"} {
		e := &enrolment.Enrolment{ID: id, Role: role, State: enrolment.Confirmed}
		if role == programme.Consultant {
			e.Invite = programme.Baseline
		}
		c.CreateEnrolment("pilot", e)
	}
	one := pairing.Start(&pairing.Match{ID: "one", Client: pairing.Side{Enrolment: "alex"}, Consultant: pairing.Side{Enrolment: "kim-offer"}}, b.Now())
	two := pairing.Start(&pairing.Match{ID: "two", Client: pairing.Side{Enrolment: "kim-seek"}, Consultant: pairing.Side{Enrolment: "zoe"}}, b.Now())
	c.CreatePairing("pilot", one)
	c.CreatePairing("pilot", two)
	b.Commit(c)
	b.sweep()
	// In the other role they have enrolled later.
	e, err := b.Store.Enrolment(t.Context(), "pilot", "kim-seek")
	if err != nil {
		t.Fatal(err)
	}
	e.Invite = programme.Baseline
	c = b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.sweep()
	of := func() (all []string) {
		for _, key := range b.invitedTo() {
			if strings.HasPrefix(key, "kim") {
				all = append(all, key)
			}
		}
		return all
	}
	if got := of(); !slices.Equal(got, []string{"kim-offer baseline-1"}) {
		t.Errorf("at the start: %v", got)
	}
	for _, step := range []struct {
		pairing string
		held    int
		want    []string
	}{
		{"one", 2, []string{"kim-offer baseline-1"}},
		{"two", 0, []string{"kim-offer baseline-1", "kim-offer closing-1"}}, // without a session, but they have met in the other
		{"two", 0, []string{"kim-offer baseline-1", "kim-offer closing-1"}},
	} {
		x, err := b.Store.Pairing(t.Context(), "pilot", step.pairing)
		if err != nil {
			t.Fatal(err)
		}
		x.State, x.Milestone, x.Held = pairing.Stopped, pairing.Ended, step.held
		c := b.Store.Commit()
		c.UpdatePairing("pilot", x)
		b.Commit(c)
		b.Event("programmes/pilot/pairings/"+step.pairing, "")
		if got := of(); !slices.Equal(got, step.want) {
			t.Errorf("after %s: %v, want %v", step.pairing, got, step.want)
		}
	}
	if i := b.invited()["kim-offer closing-1"]; i.Role != programme.Consultant {
		t.Errorf("asked as %s", i.Role)
	}
}

// Who leaves before they are invited is not, and is when they come back; who has ended
// without a session has nothing to look back at.
func TestWhoIsNotInvited(t *testing.T) {
	b := newBed(t)
	e, err := b.Store.Enrolment(t.Context(), "pilot", "alex")
	if err != nil {
		t.Fatal(err)
	}
	e.Withdraw()
	c := b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.sweep()
	if got := b.invitedTo(); !slices.Equal(got, []string{"zoe baseline-1"}) {
		t.Errorf("invited %v", got)
	}
	b.end(0)
	b.Event(document, "")
	if got := b.invitedTo(); !slices.Equal(got, []string{"zoe baseline-1"}) {
		t.Errorf("invited %v without a session", got)
	}
	if e, err = b.Store.Enrolment(t.Context(), "pilot", "alex"); err != nil || e.Invite != "" {
		t.Fatalf("%+v, %v", e, err)
	}
	e.Return(b.Now())
	c = b.Store.Commit()
	c.UpdateEnrolment("pilot", e)
	b.Commit(c)
	b.sweep()
	if got := b.invitedTo(); !slices.Equal(got, []string{"alex baseline-1", "zoe baseline-1"}) {
		t.Errorf("invited %v", got)
	}
}

func TestOtherEventsInviteNobody(t *testing.T) {
	b := newBed(t)
	for _, other := range []string{document, document + "/sessions/s", "programmes/pilot/pairings/nowhere", "programmes/nowhere/pairings/x", "outbox/x"} {
		b.Event(other, "")
	}
	for _, row := range []struct {
		method, contentType, body string
		status                    int
	}{
		{"POST", "application/json", "{}", 400},
		{"POST", "application/cloudevents+json", `{"specversion":"1.0"`, 400},
		{"POST", "application/cloudevents+json", `{"data":"` + strings.Repeat("x", 70<<10) + `"}`, 413},
		{"GET", "", "", 405},
	} {
		if got := b.Do(row.method, "/events", row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %.40s: status %d, want %d", row.method, row.body, got.StatusCode, row.status)
		}
	}
	if got := b.invitedTo(); len(got) > 0 {
		t.Errorf("invited %v", got)
	}
}

func TestAnswersAreKeptOverSeveralVisits(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("alex", "baseline-1")
	if start := b.Get(path); start.StatusCode != http.StatusOK || !strings.Contains(start.Body, ">Start</a>") {
		t.Fatalf("start: status %d: %s", start.StatusCode, start.Body)
	}
	if got := b.Post(path+"/1", url.Values{"time": {"2"}, "confidence": {"3"}}); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path+"/2?done=saved" {
		t.Fatalf("page 1: status %d, to %s", got.StatusCode, got.Header.Get("Location"))
	}
	for page, says := range map[string]bool{"/2?done=saved": true, "/2": false, "/2?done=no-such": false, "/3?done=saved": false, "/1?done=saved": false, "/check?done=saved": false} {
		const said = "Part 1 is saved. Go on here, or come back to it by the same link."
		if got := b.Get(path + page).Body; strings.Contains(got, said) != says || strings.Contains(got, "govuk-notification-banner") != says {
			t.Errorf("%s: %s", page, got)
		}
	}

	// Another day, on another device, with a code.
	b.Pass(5 * 24 * time.Hour)
	b.AnotherBrowser()
	if got := b.GiveCode(path); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path {
		t.Fatalf("the code: status %d, to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if start := b.Get(path); !strings.Contains(start.Body, ">Continue</a>") {
		t.Errorf("the start page does not say that it goes on: %s", start.Body)
	}
	if first := b.Get(path + "/1"); !strings.Contains(first.Body, `name="confidence" type="radio" value="3" checked`) || strings.Count(first.Body, " checked") != 2 {
		t.Errorf("page 1 lost its answers: %s", first.Body)
	}
	b.Post(path+"/2", others)
	b.Post(path+"/3", url.Values{"hope": {"  More time\r\n<b>to think</b>  "}})
	b.Post(path+"/1", url.Values{"time": {"4"}, "style": {"1"}}) // one changed, one not posted, one new
	want := map[string]string{"time": "4", "confidence": "3", "style": "1", "issues": "1", "board": "2", "peers": "3", "questions": "4", "partners": "5", "hope": "More time\n<b>to think</b>"}
	if got := b.response(id).Answers; !maps.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	check := b.Get(path + "/check?done=saved")
	for _, says := range []string{"Part 3 is saved.", "Agree", "More time\n&lt;b&gt;to think&lt;/b&gt;", "Not answered", `href="` + path + `/1"`} {
		if !strings.Contains(check.Body, says) {
			t.Errorf("the check page lacks %q", says)
		}
	}
}

func TestPagesSavedAtOnceAreAllKept(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("zoe", "baseline-1")
	b.Get(path + "/1")
	var at sync.WaitGroup
	for _, page := range []struct {
		number string
		form   url.Values
	}{{"/1", you}, {"/1", you}, {"/2", others}, {"/3", url.Values{"hope": {"x"}}}} {
		at.Go(func() {
			if got := b.Post(path+page.number, page.form); got.StatusCode != http.StatusSeeOther {
				t.Errorf("page %s: status %d", page.number, got.StatusCode)
			}
		})
	}
	at.Wait()
	if got := b.response(id).Answers; len(got) != 11 {
		t.Errorf("answers %v", got)
	}
}

// Handing in goes through though a page is saved at the same moment, in another tab.
func TestHandingInIsNotLostToAPageSavedAtOnce(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("zoe", "baseline-1")
	b.Post(path+"/1", you)
	b.Post(path+"/2", others)
	var at sync.WaitGroup
	for range 3 {
		at.Go(func() { b.Post(path+"/1", you) })
	}
	at.Go(func() {
		if got := b.Post(path+"/check", nil); got.StatusCode != http.StatusSeeOther {
			t.Errorf("handing in: status %d", got.StatusCode)
		}
	})
	at.Wait()
	if !b.response(id).Submitted {
		t.Error("the answers were not handed in")
	}
}

func TestAnswersAreHandedInOnce(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("alex", "baseline-1")
	b.Post(path+"/1", you)
	early := b.Post(path+"/check", nil)
	if early.StatusCode != http.StatusUnprocessableEntity || strings.Count(early.Body, `<li><a href="#`) != 5 || !strings.Contains(early.Body, `href="#board"`) {
		t.Errorf("half of the answers: status %d: %s", early.StatusCode, early.Body)
	}
	if b.response(id).Submitted {
		t.Fatal("half of the answers were handed in")
	}
	b.Post(path+"/2", others)
	for range 3 { // a mail scanner
		if b.Get(path + "/check"); b.response(id).Submitted {
			t.Fatal("opening the page handed the answers in")
		}
	}

	var at sync.WaitGroup
	for range 3 { // a double click, and one more
		at.Go(func() {
			if got := b.Post(path+"/check", nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path {
				t.Errorf("handing in: status %d, to %s", got.StatusCode, got.Header.Get("Location"))
			}
		})
	}
	at.Wait()
	if !b.response(id).Submitted || b.response(b.invited()["zoe baseline-1"].ID).Submitted || b.invited()["alex baseline-1"].Submitted {
		t.Error("the answers were not handed in, or not those of this person alone, or it is marked beside people at once")
	}
	if done := b.Get(path); done.StatusCode != http.StatusOK || !strings.Contains(done.Body, "Thank you") || !strings.Contains(done.Body, "Your answers cannot be taken back by themselves") {
		t.Errorf("status %d: %s", done.StatusCode, done.Body)
	}

	// What was handed in stays as it is: each way back leads to the thanks.
	for _, page := range []string{"/1", "/3", "/check"} {
		for _, got := range []testbed.Answer{b.Get(path + page), b.Post(path+page, url.Values{"time": {"5"}, "hope": {"late"}})} {
			if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path {
				t.Errorf("%s: status %d, to %s", page, got.StatusCode, got.Header.Get("Location"))
			}
		}
	}
	if got := b.response(id).Answers; got["time"] != "2" || got["hope"] != "" {
		t.Errorf("answers %v were changed", got)
	}
}

func TestWrongAnswersAreShownAndNotKept(t *testing.T) {
	b := newBed(t)
	b.end(1)
	b.Event(document, "")
	path, id := b.asked("zoe", "closing-1")
	for _, row := range []struct {
		name, page string
		form       url.Values
		says       string
		keeps      string
	}{
		{"beyond the scale", "/1", url.Values{"time": {"6"}, "style": {"2"}}, `href="#time"`, `name="style" type="radio" value="2" checked`},
		{"words on a scale", "/1", url.Values{"time": {"Agree"}}, `href="#time"`, ""},
		{"a choice that is none", "/3", url.Values{"number": {"1"}, "match": {"4"}}, `href="#number"`, `name="match" type="radio" value="4" checked`},
		{"too long", "/3", url.Values{"change": {strings.Repeat("é", questionnaire.MaxText+1)}, "number": {"few"}}, "4000 characters or fewer", `value="few" checked`},
	} {
		got := b.Post(path+row.page, row.form)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", row.name, got.StatusCode)
		}
		for _, want := range []string{"<title>Error: ", "There is a problem", row.says, row.keeps} {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s: the page lacks %q", row.name, want)
			}
		}
	}
	// Questions of other pages, or none at all, are left alone.
	b.Post(path+"/1", url.Values{"board": {"5"}, "hope": {"x"}, "submitted": {"true"}, "time": {"1"}})
	if r := b.response(id); !maps.Equal(r.Answers, map[string]string{"time": "1"}) || r.Submitted {
		t.Errorf("response %+v", r)
	}
	if got := b.Post(path+"/3", url.Values{"change": {strings.Repeat("é", questionnaire.MaxText)}}); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the longest answer: status %d", got.StatusCode)
	}
}

func TestLinkOpensOnePersonsQuestionnaireAlone(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, _ := b.asked("alex", "baseline-1")
	_, theirs := b.asked("zoe", "baseline-1")
	b.Post(path+"/1", you)
	if got := b.response(theirs).Answers; len(got) > 0 {
		t.Errorf("alex answered for zoe: %v", got)
	}

	other := b.Link(purpose.Pairing, store.Link{Programme: "pilot", Person: "alex", IDs: outbox.IDs{Pairing: "x"}})
	for name, base := range map[string]string{
		"unknown": "/questionnaire/" + strings.Repeat("A", 43), "malformed": "/questionnaire/short",
		"for another purpose": strings.Replace(other, "/pairing", "/questionnaire", 1),
	} {
		for _, got := range []testbed.Answer{b.Get(base), b.Get(base + "/1"), b.Get(base + "/check"), b.Post(base+"/1", you), b.Post(base+"/check", nil)} {
			if got.StatusCode != http.StatusForbidden {
				t.Errorf("a link that is %s: status %d", name, got.StatusCode)
			}
		}
	}
	b.Pass(61 * 24 * time.Hour)
	for _, got := range []testbed.Answer{b.Get(path), b.Post(path+"/2", others), b.Post(path+"/check", nil)} {
		if got.StatusCode != http.StatusGone {
			t.Errorf("an expired link: status %d", got.StatusCode)
		}
	}
}

func TestBadForm(t *testing.T) {
	b := newBed(t)
	b.sweep()
	path, id := b.asked("alex", "baseline-1")
	const form = "application/x-www-form-urlencoded"
	for _, row := range []struct {
		method, page, contentType, body string
		status                          int
	}{
		{"POST", "/1", form, "hope=" + strings.Repeat("x", 70<<10), 413},
		{"POST", "/check", form, "x=" + strings.Repeat("x", 70<<10), 413},
		{"POST", "/1", "multipart/form-data; boundary=x", "--x--", 415},
		{"POST", "/1", "application/json", `{"time":"1"}`, 415},
		{"POST", "/check", "text/plain", "", 415},
		{"POST", "/1", "", "time=1", 415},
		{"POST", "/3", form, "hope=%ff", 400},
		{"POST", "/3", form, "hope=%zz", 400},
		{"GET", "/0", "", "", 404},
		{"GET", "/4", "", "", 404},
		{"GET", "/one", "", "", 404},
		{"GET", "/1/2", "", "", 404},
		{"POST", "/4", form, "time=1", 404},
		{"POST", "", form, "time=1", 405},
		{"DELETE", "/1", "", "", 405},
	} {
		if got := b.Do(row.method, path+row.page, row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %s %.30s: status %d, want %d", row.method, row.page, row.body, got.StatusCode, row.status)
		}
	}
	if got := b.response(id).Answers; len(got) > 0 {
		t.Errorf("answers %v came of bad input", got)
	}
}
