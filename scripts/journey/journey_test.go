// Package journey walks a whole programme, from enrolment to report, as its
// people would: through the local stack, with every function a process of its
// own, real events (each delivered twice, and out of order), real emails and a
// real browser. The programme's terms are nonsense, so that a role name that is
// written out somewhere is noticed.
package journey

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/emulator"
	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/scripts/internal/stack"
	"github.com/cascading-leadership/cascade/shared/calendar"
	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	programmeID = "north"
	desk        = "/desk/programmes/" + programmeID
	root        = "../.."
	// pairs are how many people of each role take part: the report shows nothing
	// that fewer than ten stand behind.
	pairs = 11
)

// The staff: one works in the browser, one by plain HTTP, one reads the report.
const (
	coordinator = "coordinator@example.org"
	second      = "second@example.org"
	evaluator   = "evaluator@example.org"
)

// person is one leader who takes part.
type person struct {
	side, email string
	form        enrolment.Form
	codes       int // that they were sent
	// pairing is their link to their pairing's page.
	pairing string
}

// story is one walk through a programme.
type story struct {
	t      *testing.T
	stack  *stack.Stack
	spans  *spans
	walker *walker
	// accounts is the provider at which the coordinator has an account.
	accounts *openidtest.Provider
	now      clock.Clock // the programme's
	seekers  []*person   // the first one walks in a browser
	offers   []*person   // and so does the first one here
	// closes is the last day on which a questionnaire of the story is answered.
	closes time.Time
}

func TestJourney(t *testing.T) {
	t.Parallel()
	s := begin(t)
	phone, laptop := newBrowser(t, s.stack.URL, 400), newBrowser(t, s.stack.URL, 1280)

	t.Log("1. enrol")
	s.weighFirstVisit(newBrowser(t, s.stack.URL, 1280))
	s.enrolInBrowser(phone, s.seekers[0])
	s.importRegister()
	s.enrolInBrowser(laptop, s.offers[0])
	s.enrolTheOthers()
	s.tellsMore(newBrowser(t, s.stack.URL, 400), s.seekers[0])
	s.tellsMore(newBrowser(t, s.stack.URL, 1280), s.offers[0])

	t.Log("2. get ready and be matched")
	s.signIn(laptop, coordinator)
	s.signInWalker()
	s.makeReady(laptop)
	s.runMatching(laptop)

	t.Log("3. review, release and answer")
	s.releaseInBrowser(laptop)
	s.declineTwo()
	s.takeOneBack(laptop)
	s.runMatching(laptop)
	s.release()
	s.answer(phone, laptop)

	t.Log("5. questionnaires at the start")
	s.answerQuestions(phone, s.seekers[0], 1)
	s.chooseEmails(phone, s.seekers[0])
	s.answerTheOthersQuestions(1)

	t.Log("4. meet twice")
	s.meet(phone, laptop, 1)
	s.meet(phone, laptop, 2)
	s.meetOnceMore(phone, laptop)
	s.letsAssistantPick(phone, laptop)
	s.pause(phone)
	s.finish(phone, laptop)

	t.Log("5. questionnaires at the end")
	s.nextDay()
	s.answerQuestions(phone, s.seekers[0], 2)
	s.answerTheOthersQuestions(2)

	t.Log("6. the report, while SendGrid is down")
	s.closeQuestionnaires(laptop)
	s.loseSendGrid(func() { s.report(laptop) })

	s.turnedAway(laptop)
	s.takesPartTwice(laptop)
	s.moves(laptop)
	s.seesOwnData(laptop)
	s.discards(phone)
	s.passesOn(phone)
	s.fromWebsite(phone)

	t.Log("another programme: choose from a directory")
	s.chooseFromDirectory(phone)
	s.handsOver(phone)
	s.asksItsOwn(phone)

	s.signInByAccount(phone)

	t.Log("what holds throughout")
	s.refusesBadLinks(phone)
	s.eachEmailOnce()
	s.oneTrace()
	s.everyPage()
	s.everyLetter(laptop)
	s.indexes()
}

// begin starts the stack and creates the programme with its staff.
func begin(t *testing.T) *story {
	t.Helper()
	s := &story{t: t, spans: receiveSpans(t), accounts: openidtest.New(t, coordinator)}
	folder, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "stack.log"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "stack")
	s.stack, err = stack.Start(t.Context(), stack.Options{
		Root: folder, Dir: dir, Log: log, Say: func(text string) { t.Log(text) },
		Environment: []string{
			"OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
			"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.spans.url, "OTEL_BSP_SCHEDULE_DELAY=200",
			"CASCADE_OPENID_ISSUER=" + s.accounts.URL, "CASCADE_OPENID_NAME=Example ID",
			"CASCADE_OPENID_CLIENT_ID=" + openidtest.ClientID, "CASCADE_OPENID_CLIENT_SECRET=" + openidtest.ClientSecret,
		},
		Relay: []string{"--double=1", "--shuffle=200ms", "--seed=7"},
	})
	t.Cleanup(func() {
		if s.stack != nil {
			s.stack.Stop()
		}
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("the stack's log ends with:\n%s", text[max(0, len(text)-20_000):])
		}
	})
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("%v\n%s", err, text)
	}
	s.walker = newWalker(t, s.stack.URL)
	if s.now, err = clock.New(filepath.Join(dir, "clock"), s.stack.Emulator); err != nil {
		t.Fatal(err)
	}

	s.create(programmeID, "pilot-2016", "client", "consultant")
	for email, role := range map[string]string{coordinator: "coordinator", second: "coordinator", evaluator: "evaluator"} {
		s.cascade("", "staff", "add", "--programme", programmeID, "--name", "Morgan Sample", "--email", email, "--role", role)
	}
	for i := range pairs {
		s.seekers = append(s.seekers, &person{side: "seek", form: enrolment.Form{Skills: map[string]int{"fundraising": 3, "coaching": 2}, Categories: []string{"AR"}}})
		s.offers = append(s.offers, &person{side: "offer", form: enrolment.Form{Skills: map[string]int{"fundraising": 3, "coaching": 1, "finance": 2}, Categories: []string{"HO"}, Capacity: 1}})
		for _, p := range []*person{s.seekers[i], s.offers[i]} {
			p.email = fmt.Sprintf("%s%d@example.org", p.side, i+1)
			p.form.Name, p.form.Email = fmt.Sprintf("%s Example the %d.", strings.ToUpper(p.side[:1])+p.side[1:], i+1), p.email
			p.form.Organisation, p.form.Postcode = fmt.Sprintf("Sample %s house %d", p.side, i+1), "LS6 2AB"
			p.form.Availability, p.form.Consent = []string{"mon-am", "tue-pm"}, "2026-11"
			p.form.Meeting = []string{"video", "phone"}
		}
	}
	return s
}

// create makes a programme of a preset, with nonsense for the words that the preset
// has for the two roles, and more settings.
func (s *story) create(id, preset, seeker, offerer string, more ...string) {
	s.t.Helper()
	settings, err := programme.PresetText(preset)
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(settings) + strings.Join(more, "")
	for word, nonsense := range map[string]string{seeker: "{article: an, singular: ublick, plural: ublicks}", offerer: "{article: a, singular: zworp, plural: zworps}"} {
		from := regexp.MustCompile(`\{article: an?, singular: ` + word + `, plural: [a-z]+\}`)
		if !from.MatchString(text) {
			s.t.Fatalf("the preset has no word %s", word)
		}
		text = from.ReplaceAllString(text, nonsense)
	}
	// The story takes weeks at a run, and asks more than anybody should be asked.
	text = regexp.MustCompile(`mostAWeek: \d+`).ReplaceAllString(text, "mostAWeek: 30")
	text = regexp.MustCompile(`mostAMonth: \d+`).ReplaceAllString(text, "mostAMonth: 30")
	text = strings.Replace(text, "maximum: 4,", "maximum: 3, further: 2,", 1) // of which it sees the end
	// Its questionnaires close once all that the story is about is over.
	s.closes = s.now().AddDate(0, 0, 75)
	closes := s.closes.Format(time.DateOnly)
	if !strings.Contains(text, "closing: closing-1}") {
		s.t.Fatal("the preset has no closing questionnaire")
	}
	text = strings.Replace(text, "closing: closing-1}", fmt.Sprintf("closing: closing-1, closes: {baseline: %[1]s, closing: %[1]s}}", closes), 1)
	s.cascade(text, "programme", "create", id, "--settings", "-")
}

// asksItsOwn has a programme ask questions of its own, and say for whom it is: somebody for
// whom it is not, and somebody for whom it is. It can be read in Welsh.
func (s *story) asksItsOwn(b *browser) {
	s.t.Helper()
	const id = "asking"
	s.create(id, "pilot-2016", "client", "consultant", `
questions:
  - {id: trustees, label: How many trustees have you?, for: to know with whom we work, required: true}
  - {id: stage, label: At which stage are you?, for: to choose examples, options: [Starting, Growing]}
eligibility:
  rules:
    - {id: leads, ask: Do you lead an organisation now?, why: The programme is for those who lead one now.}
  elsewhere:
    - {text: Example Network of New Leaders, link: "https://example.org/new"}
translations:
  - language: cy
    reviewer: Eurwen Sample
    reviewed: 2026-11-30
    name: Rhaglen beilot
    about: Arweinwyr profiadol yn rhoi amser i arweinwyr eraill.
    terms: {client: {singular: dysgwr, plural: dysgwyr}, consultant: {singular: mentor, plural: mentoriaid}}
    points: [Cyfarfod., Gofyn., Tyfu., Cyfrinachedd., Gweld., Stopio.]
`)
	b.open("/enrol/" + id)
	b.arrive("read it in Welsh", b.click(`.cascade-languages a[lang="cy"]`))
	b.sees("Rhaglen beilot", "Sut mae’n gweithio", "Cofrestru fel dysgwr")
	b.picture("home page in Welsh")
	b.arrive("read it in English", b.click(`.cascade-languages a[lang="en"]`))
	b.sees("How it goes")
	fits := func(answer string) {
		b.open("/enrol/" + id)
		b.press("Enrol as an ublick")
		b.tick("consent", "2026-11")
		b.press("Continue")
		b.press("Continue")
		b.refused("Say whether each is so of you")
		b.picture("for whom it is")
		b.tick("fits-leads", answer)
		b.press("Continue")
	}
	fits("no")
	b.sees("This programme is for others", "for those who lead one now", "Example Network of New Leaders", "kept nothing")
	b.picture("not for them")
	fits("yes")
	b.sees("About you")
	b.open("/enrol/" + id + "/seek/more")
	b.sees("How many trustees have you?", "For: to know with whom we work")
	b.press("Continue")
	b.refused("Answer this question")
	b.picture("questions of its own")
	b.write("extra-trustees", "Seven")
	b.press("Continue")
	b.sees("Check your answers", "Seven")

	// Whoever read the home page in Welsh is asked in Welsh to confirm.
	const gwen, at = "gwen@example.org", "/enrol/" + id + "/seek/"
	s.walker.get("/enrol/" + id + "?language=cy")
	for _, page := range []struct {
		step string
		form url.Values
	}{
		{"privacy", url.Values{"consent": {"2026-11"}}}, {"fits", url.Values{"fits-leads": {"yes"}}},
		{"you", url.Values{"name": {"Gwen Sample"}, "email": {gwen}}},
		{"organisation", url.Values{"organisation": {"Example House"}, "postcode": {"CF10 1AA"}, "categories": {"HE"}}},
		{"strengths", url.Values{"strengths": {"finance"}}}, {"needs", url.Values{"needs": {"board"}}},
		{"levels", url.Values{"skill-board": {"2"}, "own-board": {"1"}}}, {"more", url.Values{"extra-trustees": {"Seven"}}}, {"check", nil},
	} {
		s.walker.post(at+page.step, page.form)
	}
	delete(s.walker.cookies, "__Host-cascade-language")
	b.read("/mailbox/" + s.walker.email(gwen, "Cadarnhewch eich bod am gymryd rhan", 1).ID + "/html")
}

// chooseFromDirectory walks through a programme in which one side chooses.
func (s *story) chooseFromDirectory(b *browser) {
	s.t.Helper()
	const id, desk, email = "chosen", "/desk/programmes/chosen", "third@example.org"
	s.create(id, "coaching", "leader", "coach")
	s.cascade("", "staff", "add", "--programme", id, "--name", "Morgan Sample", "--email", email, "--role", "coordinator")
	s.walker.post("/desk/sign-in", url.Values{"email": {email}})
	s.walker.post(s.walker.link(email, "/desk/sign-in/", 1), url.Values{"do": {"sign-in"}})
	form := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(s.walker.get(desk + "/supervisors/new"))
	if form == nil {
		s.t.Fatal("the form for a supervisor has no number")
	}
	s.walker.post(desk+"/supervisors/new", url.Values{"form": {form[1]}, "name": {"Robin Sample"}, "email": {"robin@example.org"}, "capacity": {"1"}})
	supervisor := regexp.MustCompile(desk + `/supervisors/([A-Za-z0-9]{20,})"`).FindStringSubmatch(s.walker.get(desk + "/supervisors"))
	if supervisor == nil {
		s.t.Fatal("the supervisor is not there")
	}
	for _, p := range []*person{s.seekers[1], s.offers[1]} {
		f := p.form
		f.Email = "choosing-" + p.email
		s.walker.enrolIn(id, p.side, f)
		s.walker.confirm(s.walker.link(f.Email, "/enrol/confirm/", 1))
	}
	for _, found := range regexp.MustCompile(`href="(`+desk+`/people/[a-z0-9-]+)"`).FindAllStringSubmatch(s.walker.get(desk+"/people"), -1) {
		s.walker.post(found[1], url.Values{"workshop": {"yes"}, "trained": {"yes"}, "supervisor": {supervisor[1]}})
	}
	b.open(s.walker.link("choosing-"+s.seekers[1].email, "/choose/", 1))
	b.sees(s.offers[1].form.Organisation, "1 of 1 free")
	b.press("Read what to expect and choose " + s.offers[1].form.Organisation)
	b.press("Choose this zworp")
	b.refused("Select")
	b.tick("agree", "2026-11")
	b.press("Choose this zworp")
	b.sees("You chose", s.offers[1].form.Name)
	s.walker.email("choosing-"+s.offers[1].email, s.seekers[1].form.Name, 1)
}

// cascade runs the command-line program.
func (s *story) cascade(input string, args ...string) {
	s.t.Helper()
	c := exec.Command("go", append([]string{"run", "../cmd/cascade"}, args...)...)
	c.Env, c.Stdin = append(os.Environ(), s.stack.Environment()...), strings.NewReader(input)
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("cascade %v: %v\n%s", args, err, out)
	}
}

// nextDay waits for the next working day: news and reminders come once a day.
func (s *story) nextDay() {
	s.t.Helper()
	cal := calendar.Of(&programme.Programme{Zone: "Europe/London"}, "", "")
	for s.forward(1); !cal.Open(s.now()); {
		s.forward(1)
	}
}

// forward moves the programme's date, a week at a time: each takes some seconds.
func (s *story) forward(days int) {
	s.t.Helper()
	for ; days > 0; days -= 7 {
		s.walker.post("/local/forward", url.Values{"days": {strconv.Itoa(min(days, 7))}})
	}
}

// sweep runs the outbox's schedule, which comes by itself each minute.
func (s *story) sweep() {
	s.t.Helper()
	s.walker.post("/local/run", url.Values{"schedule": {"outbox-sweep"}})
}

// weighFirstVisit: a page is under 35 KB over the wire at the first visit, style sheet
// and script with it.
func (s *story) weighFirstVisit(b *browser) {
	s.t.Helper()
	b.open("/enrol/" + programmeID)
	b.sees("Enrol as an ublick", "Enrol as a zworp")
	n := b.bytes()
	if n < 10_000 || n > 35_000 {
		s.t.Errorf("the first visit took %d bytes over the wire", n)
	}
	s.t.Logf("first visit: %d bytes over the wire", n)
}

// enrolInBrowser fills in the form page by page, with one mistake on each page
// that can refuse, and confirms by the emailed link.
func (s *story) enrolInBrowser(b *browser, p *person) {
	s.t.Helper()
	noun := map[string]string{"seek": "an ublick", "offer": "a zworp"}[p.side]
	b.open("/")
	b.press("Cascading Leadership pilot")
	b.press("Enrol as " + noun)

	b.sees("How we use what you tell us", "used for this, and for nothing else")
	b.press("Continue")
	b.refused("Select that you have read the privacy notice")
	b.tick("consent", p.form.Consent)
	b.press("Continue")
	b.write("name", p.form.Name, "email", "not an address")
	b.press("Continue")
	b.refused("Enter an email address with an @ sign")
	if kept := b.eval(`document.getElementById("name").value`); kept != p.form.Name {
		s.t.Errorf("what was typed is not kept: %q", kept)
	}
	b.write("email", p.form.Email)
	b.press("Continue")

	b.press("Continue")
	b.refused("Enter the name of your organisation")
	if p == s.offers[0] {
		s.looksUp(b)
	}
	b.write("organisation", p.form.Organisation, "number", "1000430", "postcode", p.form.Postcode)
	b.press("Continue")
	b.refused("Select what your organisation mainly does")
	b.choose("categories", p.form.Categories[0])
	if p == s.offers[0] { // a district that lies in two regions
		b.write("postcode", "DN11 9AA")
	}
	b.press("Continue")
	if p == s.offers[0] {
		b.press("Continue")
		b.refused("Select the region")
		b.picture("region")
		b.tick("region", "Yorkshire and the Humber")
		b.press("Continue")
	}

	if p.side == "offer" {
		b.press("Continue")
		b.refused("Select at least one")
		b.picture("what one could offer")
		b.tick("strengths", "coaching")
		b.tick("strengths", "fundraising")
	} else {
		b.tick("strengths", "finance")
		b.press("Continue")
		b.press("Continue")
		b.refused("Select at least one")
		b.picture("needs")
		b.tick("needs", "coaching")
		b.tick("needs", "fundraising")
	}
	b.press("Continue")
	b.press("Continue")
	b.refused("Say how much of each")
	b.picture("how much of each")
	for _, topic := range []string{"coaching", "fundraising"} {
		b.choose("skill-"+topic, strconv.Itoa(p.form.Skills[topic]))
		if p.side == "seek" {
			b.choose("own-"+topic, "1")
		}
	}
	b.press("Continue")
	b.sees("Check your answers", p.form.Name, "Fundraising: ")
	b.press("Send my enrolment")
	b.sees("confirm your address")
	if p == s.offers[0] {
		b.press("Correct the address")
		b.sees("Your answers stay as they are")
		b.open(s.stack.URL + "/enrol/" + programmeID + "/" + p.side + "/sent")
	}

	link := s.walker.link(p.email, "/enrol/confirm/", 1)
	b.open("/mailbox/")
	b.press("Confirm that you want to take part")
	b.press(link)
	b.sees("Is this yours?", p.form.Name, "Fundraising: ")
	b.press("Continue")
	b.refused("Select what to do with this form")
	b.picture("a form to confirm")
	b.tick("do", "confirm")
	b.press("Continue")
	b.sees("Your enrolment is confirmed")
	s.walker.email(p.email, "confirmed", 1)
}

// tellsMore has who has just enrolled tell what a place does not need, on another device, by the
// link in the email that confirms it.
func (s *story) tellsMore(b *browser, p *person) {
	s.t.Helper()
	b.open(s.walker.link(p.email, "/mine/", 1))
	b.press("Send me a code")
	b.write("code", s.nextCode(p))
	b.press("Go on")
	b.sees("Tell us more, as you like", "Not told yet")
	b.picture("tell us more")
	b.press("Tell us: When and how you could meet")
	for _, h := range p.form.Availability {
		b.tick("availability", h)
	}
	for _, m := range p.form.Meeting {
		b.tick("meeting", m)
	}
	b.tick("languages", "Welsh") // beside English, which is ticked
	b.press("Save")
	b.sees("Your answers are saved", "Monday morning")
	b.press("Tell us: Last year’s income")
	b.write("income", "a lot")
	b.press("Save")
	b.refused("Enter last year’s income in pounds")
	b.write("income", "£250,000")
	b.press("Save")
	b.press("Tell us: Organisations to avoid")
	b.write("conflicts", "The Other House\nGB-CHC-1000499")
	b.press("Save")
	b.press("Tell us: In your own words")
	b.write("situation", "We have grown.\nWhat now?")
	b.press("Save")
	b.press("Tell us: Funders and commissioners")
	b.write("bids", "Example Council of "+p.side)
	b.press("Save")
	b.sees("Your answers are saved", "What now?")
	b.press("My programme")
	b.sees("Tell us more, as you like", "How you heard of the programme")
}

// enrolTheOthers enrols by JSON: one of them while the outbox function is dead,
// and one twice.
func (s *story) enrolTheOthers() {
	s.t.Helper()
	s.stack.StopPart("outbox", syscall.SIGKILL)
	s.walker.enrol("seek", s.seekers[1].form)
	if got := s.walker.mail(s.seekers[1].email); len(got) != 0 {
		s.t.Errorf("an email went out without the outbox function: %q", got[0].Subject)
	}
	if err := s.stack.StartPart(s.t.Context(), "outbox"); err != nil {
		s.t.Fatal(err)
	}
	for i := range pairs {
		if i > 1 {
			s.walker.enrol("seek", s.seekers[i].form)
		}
		if i > 0 {
			s.walker.enrol("offer", s.offers[i].form)
		}
	}
	s.walker.enrol("offer", s.offers[pairs-1].form) // the same again: nothing more comes of it
	for i := range pairs {
		for _, p := range []*person{s.seekers[i], s.offers[i]} {
			if i > 0 {
				s.walker.confirm(s.walker.link(p.email, "/enrol/confirm/", 1))
			}
		}
	}
	// Another form from someone who is enrolled changes nothing, and its page says so.
	again := s.seekers[2].form
	again.Organisation = "Another House"
	s.walker.enrol("seek", again)
	if page := s.walker.get(s.walker.link(again.Email, "/enrol/confirm/", 2)); !strings.Contains(page, "You are enrolled already") || !strings.Contains(page, "Another House") {
		s.t.Errorf("who is enrolled already reads %s", page)
	}
}

// signIn signs in at the desk with the emailed link.
func (s *story) signIn(b *browser, email string) {
	s.t.Helper()
	b.open("/desk/")
	b.press("Send me a link")
	b.refused("Enter an email address")
	b.write("email", email)
	b.press("Send me a link")
	b.open(s.walker.link(email, "/desk/sign-in/", 1))
	b.press("Sign in")
	b.sees("Your programmes", "Cascading Leadership pilot")
}

// settle says whom people mean by an organisation that nobody has.
func (s *story) settle(b *browser) {
	s.t.Helper()
	b.open(desk)
	b.press("Say whom they mean")
	b.sees("The Other House", "It resembles nobody who takes part", s.seekers[0].form.Name)
	b.picture("organisations named")
	b.write("means-0", "The Other House of Sample")
	b.press("Settle")
	b.arrive("settle the others", b.click(`button[value="nobody"]`))
	b.sees("There is nothing to settle")
}

// moves has somebody change their address and confirm it at the new one; what was sent to the
// old one opens nothing any more, and a link is sent again.
func (s *story) moves(b *browser) {
	s.t.Helper()
	p := s.seekers[2]
	const other = "moved@example.org"
	b.open(p.pairing)
	b.press("Which emails I get, and my address")
	b.press("Change your address")
	b.sees("We ask for a code each time for this", "To change your email address")
	b.press("Send me a code")
	b.write("code", s.code(p, 1))
	b.press("Go on")
	b.write("email", "moved@gmial.com")
	b.press("Send the email")
	b.refused("Did you mean moved@gmail.com?")
	b.write("email", other)
	b.press("Send the email")
	b.sees("We have sent an email to " + other)
	s.walker.email(p.email, "We have sent an email there", 1)
	b.open(s.walker.link(other, "/address/", 1))
	b.press("This is my address")
	b.sees("The address is yours.")
	b.open(p.pairing)
	b.sees("This link was closed", "Send me my link again")
	b.press("Send me my link again")
	b.write("email", other)
	b.press("Send me my link again")
	b.sees("If that address takes part")
	b.open(s.walker.link(other, "/my/", 1))
	b.sees("see all that you take part in")
}

// seesOwnData has whoever moved look at all that they take part in, at what is held about them, at the notice and at
// questions that are closed, take the data along, and think again about having it deleted.
// The coordinator sees the same on the desk, and an administrator that they did.
func (s *story) seesOwnData(b *browser) {
	s.t.Helper()
	p, codes := &person{email: "moved@example.org"}, 0
	door := func() {
		if strings.HasPrefix(b.title(), "Get a code") {
			codes++
			b.press("Send me a code")
			b.write("code", s.code(p, codes))
			b.press("Go on")
		}
	}
	b.open(s.walker.link(p.email, "/my/", 1))
	door()
	b.press("Look back at your sessions")
	b.sees("Your sessions with")
	pairing := b.eval("location.pathname")
	b.open(pairing + "/notice")
	b.sees("Only if you like")
	b.press("ow we use what you tell us") // with a capital where they have agreed to none
	b.open("/privacy/")
	b.open(pairing)
	b.press("My programme")
	door()
	b.sees("Who is there for you", "What happened")
	b.picture("my programme")
	s.complains(b)
	s.takesFurther(b)
	door()
	b.press("Which emails you get")
	b.press("See what you hold about me")
	door()
	b.sees("What you can do", p.email)
	b.picture("what is held about me")
	mine := b.eval("location.pathname")
	b.press("Change: Your name and phone number")
	b.open(mine + "/notice")
	b.sees("Only if you like")
	b.open(mine + "/download")
	door()
	b.sees("Both files hold the same")
	b.open(mine + "/erase")
	door()
	b.press("Send me the email to confirm it")
	b.open(s.walker.link(p.email, "/erase/", 1))
	b.press("Keep everything")
	questions := s.walker.link(s.late().email, "/questionnaire/", 2)
	b.open(questions)
	b.sees("closed")
	b.open(questions + "/notice")
	b.sees("You agreed to")

	b.open(desk + "/requests")
	b.sees("Nobody waits for an answer")
	b.open(desk + "/people")
	b.press("Seek Example the 3.")
	b.open(b.eval("location.pathname") + "/data")
	b.write("why", "They rang, and asked for it")
	b.press("See what is held about them")
	b.sees("Have it deleted", p.email)
	b.press("Your name and phone number")
	b.sees("When and how they asked")
	s.cascade("", "staff", "add", "--programme", programmeID, "--name", "Morgan Sample", "--email", coordinator, "--role", "administrator")
	b.open(desk + "/audit")
	b.sees("Morgan Sample", "Looked at ")
}

// complains: somebody complains from My programme to the person who is named for it, who reads
// it after a code and answers.
func (s *story) complains(b *browser) {
	s.t.Helper()
	my, named := b.eval("location.pathname"), &person{email: "complaints@example.org"}
	b.press("Complain to somebody who does not run the programme")
	b.press("Send my complaint")
	b.refused("Write what happened")
	b.write("what", "They were late, twice.")
	b.picture("complain")
	b.press("Send my complaint")
	b.sees("on its way to Kit Sample", "It has arrived")
	b.open(s.walker.link(named.email, "/complaint/", 1))
	b.press("Send me a code")
	b.write("code", s.nextCode(named))
	b.press("Go on")
	b.sees("They were late, twice.", "see nothing of it")
	b.picture("a complaint")
	b.write("note", "We are sorry, and have asked them.")
	b.press("Answer the complaint")
	b.sees("You have answered it")
	b.open(my)
	b.sees("Kit Sample has answered you", "We are sorry, and have asked them.")
	b.open(my + "/free")
	b.sees("That would be Kit Sample")
	b.press("Send")
	b.refused("Select an answer: you can also select that you would rather not say")
	b.tick("free", "host")
	b.picture("did you feel free")
	b.press("Send")
	b.sees("Whom you chose is asked to ring you")
}

// takesFurther: whoever has had their sessions has a summary for their chair begun for them,
// changes it and prints it, and who helped has the hours that they gave stated.
func (s *story) takesFurther(b *browser) {
	s.t.Helper()
	my := b.eval("location.pathname")
	b.sees("For you to use, if you like")
	b.press("Offer what you learnt")
	b.sees("nobody asks you again", "The privacy notice")
	b.picture("pass on")
	b.open(my)
	b.press("A summary for your chair")
	b.sees("We send it to nobody and keep nothing of it")
	b.picture("chair")
	b.write("subject", "What came of it")
	b.press("Show it to print or send")
	b.sees("Open it in my email program", "With best wishes")
	b.picture("letter")
	b.press("Change it")
	s.seals(b, my)
	helper := s.partner(s.seekers[0])
	b.open(s.walker.link(helper.email, "/my/", 1))
	if strings.HasPrefix(b.title(), "Get a code") {
		b.press("Send me a code")
		b.write("code", s.nextCode(helper))
		b.press("Go on")
	}
	b.press("A statement of the hours you gave")
	b.sees("Hours given in them", helper.form.Name)
	b.picture("hours")
	b.open(my)
}

// seals: whoever likes writes a letter to themselves, and another instead of it; My programme says
// when it comes back, and nobody can open it before.
func (s *story) seals(b *browser, my string) {
	s.t.Helper()
	b.open(my)
	b.press("A letter to yourself")
	b.sees("Nobody else reads it", "comes back to you six months later")
	b.picture("letter to myself")
	b.write("words", "Dear me, ask first.")
	b.press("Seal my letter")
	b.sees("Your letter is sealed", "It takes the place of the one that you sealed")
	b.picture("letter to myself, sealed")
	b.write("words", "Dear me, listen first.")
	b.press("Seal my letter")
	b.sees("Your letter is sealed")
	b.open(my)
	b.sees("You sealed a letter to yourself. It comes back to you on")
}

// discards: whose address somebody typed wants none of it.
func (s *story) discards(b *browser) {
	s.t.Helper()
	form := s.seekers[1].form
	form.Email, form.Organisation = "stray@example.org", "Stray House"
	s.walker.enrol("seek", form)
	b.open(s.walker.link(form.Email, "/enrol/confirm/", 1))
	b.tick("do", "discard")
	b.press("Continue")
	b.sees("Nothing waits any more")
}

// passesOn: somebody passes an invitation on, whose reader begins a form of their own, and then
// wants no other.
func (s *story) passesOn(b *browser) {
	s.t.Helper()
	const lee = "lee@example.org"
	b.open("/enrol/" + programmeID)
	b.press("Pass an invitation on to somebody for whom this could be")
	b.press("Pass the invitation on")
	b.refused("Enter an email address, like name@example.org")
	b.write("email", lee)
	b.picture("pass on an invitation")
	b.press("Pass the invitation on")
	b.sees("you hear nothing of what they make of it")
	link := s.walker.link(lee, "/enrol/passed-on/", 1)
	b.open(link)
	b.sees("You are free to ignore it")
	b.picture("an invitation that was passed on")
	b.press("Enrol as")
	b.sees("How we use what you tell us")
	b.open(link)
	b.press("Pass no invitation on to me again")
	b.sees("No invitation of this kind is sent to you any more")
}

// signInByAccount signs in at the host's own provider, looks where that is, signs out, and
// is refused there.
func (s *story) signInByAccount(b *browser) {
	s.t.Helper()
	b.open(deskpath.Sessions) // which is wanted, and comes after signing in
	b.press("Sign in with Example ID")
	b.sees("Where you are signed in", "by an account", "(this one)")
	b.open(deskpath.Home)
	b.press("Sign out")
	b.sees("You are signed out of the desk, and still signed in at Example ID")
	s.accounts.Error = "access_denied"
	b.open("/desk/account")
	b.sees("You did not sign in at Example ID")
	b.press("by a link to your email address")
	b.sees("Or by email")
}

func (s *story) signInWalker() {
	s.t.Helper()
	s.walker.post("/desk/sign-in", url.Values{"email": {second}})
	s.walker.post(s.walker.link(second, "/desk/sign-in/", 1), url.Values{"do": {"sign-in"}})
}

var toPerson = regexp.MustCompile(`href="(` + desk + `/people/[a-z0-9-]+)">([^<]+)<`)

// makeReady marks one of each role in the browser and the others by HTTP.
func (s *story) makeReady(b *browser) {
	s.t.Helper()
	b.press("Desk")
	b.press("Supervisors")
	b.press("Add a supervisor")
	b.press("Save")
	b.refused("Enter their full name")
	b.write("name", "Robin Sample", "email", "robin@example.org", "capacity", strconv.Itoa(pairs+1))
	b.press("Save")
	b.press("Robin Sample")
	b.write("capacity", strconv.Itoa(pairs))
	b.press("Save")
	b.sees("Robin Sample", fmt.Sprintf("0 of %d", pairs), s.offers[0].form.Name)
	b.arrive("go back", b.click(".govuk-back-link"))
	b.sees("Confirmed, not ready yet", strconv.Itoa(2*pairs))
	b.press("Mark who is ready")
	b.press(s.seekers[0].form.Name)
	b.sees(s.seekers[0].form.Organisation, "Yorkshire and the Humber", "GB-CHC-1000499")
	b.tick("workshop", "yes")
	b.press("Save")
	b.press(s.offers[0].form.Name)
	b.sees("By video, By phone", "English, Welsh", "£250,000")
	b.tick("trained", "yes")
	supervisor := b.eval(`document.querySelector("#supervisor option:last-child").value`)
	b.choose("supervisor", supervisor)
	b.press("Save")
	b.sees("ready")

	done := map[string]bool{s.seekers[0].form.Name: true, s.offers[0].form.Name: true}
	for _, found := range toPerson.FindAllStringSubmatch(s.walker.get(desk+"/people"), -1) {
		if !done[found[2]] {
			s.walker.post(found[1], url.Values{"workshop": {"yes"}, "trained": {"yes"}, "supervisor": {supervisor}})
		}
	}
}

// runMatching fires the schedule from the local page.
func (s *story) runMatching(b *browser) {
	s.t.Helper()
	b.open("/local/")
	b.arrive("run the matching", b.click(`button[value="matching-run"]`))
	b.sees("The local programme")
}

// releaseInBrowser reviews the proposed matches with their reasons.
func (s *story) releaseInBrowser(b *browser) {
	s.t.Helper()
	b.open(desk + "/matches")
	b.sees("To review", fmt.Sprintf("%d of %d ublicks matched", pairs, pairs), "Yorkshire and the Humber", "fit of needs and skills")
	for _, p := range s.seekers {
		if got := s.walker.mail(p.email); len(got) > 3 {
			s.t.Fatalf("%s hears of a match before it was released", p.email)
		}
	}
	s.settle(b)
	b.open(desk + "/matches")
	s.changeByHand(b)
	b.press("Release")
	b.refused("Select")
	b.eval(`document.querySelectorAll("input[name=match]").forEach(i => i.click()), ""`)
	b.press("Release")
	b.sees("Nothing to review")
}

// changeByHand looks at what stands behind a match, pins a pair, and lifts that again.
func (s *story) changeByHand(b *browser) {
	s.t.Helper()
	b.picture("matches")
	b.press("Reasons, alternatives, changes")
	b.sees("Points by rule", "reads", "They offer what you need", "What each would cost everyone together")
	b.picture("match")
	b.press("Pin this pair, so that each run keeps it")
	b.sees("As many would be matched", "Nobody would be with somebody else")
	b.picture("change")
	b.press("Save this decision")
	b.refused("Write why")
	b.write("reason", "They have asked for each other")
	b.press("Save this decision")
	b.sees("Pinned", "They have asked for each other")
	b.picture("decisions")
	b.press("Lift this decision")
	b.sees("None stands", "lifted by")
	b.open(desk + "/matches")
	b.press("Why two people are not matched")
	b.eval(`document.querySelectorAll("select").forEach(x => x.selectedIndex = 2), ""`)
	b.press("Ask")
	b.sees("match")
	b.picture("why")
	b.open(desk + "/matches/bottlenecks")
	b.sees("nobody without a match")
	b.open(desk + "/matches")
}

var toRelease = regexp.MustCompile(`name="match" type="checkbox" value="([^"]+)"`)

// release releases by HTTP whatever there is to review, twice.
func (s *story) release() {
	s.t.Helper()
	form := url.Values{}
	for _, found := range toRelease.FindAllStringSubmatch(s.walker.get(desk+"/matches"), -1) {
		form.Add("match", found[1])
	}
	if len(form["match"]) != 3 {
		s.t.Fatalf("%d matches to review, want the 2 of those who were declined and the one that was taken back", len(form["match"]))
	}
	s.walker.post(desk+"/matches", form)
	s.walker.post(desk+"/matches", form)
}

// declineTwo has two seekers decline: both sides go back to the pool.
func (s *story) declineTwo() {
	s.t.Helper()
	for _, p := range s.seekers[pairs-2:] {
		s.walker.post(s.walker.link(p.email, "/match/", 1)+"/decline", url.Values{"decline": {"yes"}, "reason": {"We know each other well already"}})
	}
	for _, p := range s.offers {
		s.walker.link(p.email, "/match/", 1)
	}
	s.nextDay() // they heard of their match today
	declined := 0
	until(s.t, "two are told that they are back in the pool", func() bool {
		declined = 0
		for _, p := range s.offers {
			for _, m := range s.walker.mail(p.email) {
				if strings.Contains(m.Text, "back in the pool") {
					declined++
				}
			}
		}
		return declined == 2
	})
	if page := s.walker.get(desk + "/matches"); !strings.Contains(page, "We know each other well already") {
		s.t.Error("the coordinator does not see why a match was declined")
	}
}

// takeOneBack has the coordinator take a released match back in the browser.
func (s *story) takeOneBack(b *browser) {
	s.t.Helper()
	p := s.seekers[pairs-3]
	b.open(desk + "/matches")
	b.press("Take released matches back")
	b.press("Take the matches back")
	b.refused("Select at least one match to take back")
	b.eval(fmt.Sprintf(`[...document.querySelectorAll("label")].filter(l => l.innerText.startsWith(%q)).forEach(l => l.click()), ""`, p.form.Name))
	b.press("Take the matches back")
	b.sees("withdrawn")
	s.nextDay()
	s.walker.email(p.email, "taken your match back", 1)
	until(s.t, "the other side is told as well", func() bool {
		told := 0
		for _, offer := range s.offers {
			for _, m := range s.walker.mail(offer.email) {
				if strings.Contains(m.Subject, "taken your match back") {
					told++
				}
			}
		}
		return told == 1
	})
}

// answer has everybody accept: one of each role in the browser.
func (s *story) answer(phone, laptop *browser) {
	s.t.Helper()
	accept := func(b *browser, p *person) {
		b.open(s.walker.link(p.email, "/match/", s.rounds(p)))
		b.sees("Why the two of you", "Yorkshire and the Humber", "Fundraising")
		b.picture("match of " + p.side)
		b.eval(`document.querySelector("summary").click(), ""`)
		b.press("Check that the run used your answers")
		b.sees("Download your row", "cascade check-row row.json", p.form.Organisation)
		b.picture("check of " + p.side)
		b.arrive("go back", b.click(".govuk-back-link"))
		b.press("Decline")
		b.press("Send")
		b.refused("Select that you decline")
		b.arrive("go back", b.click(".govuk-back-link"))
		b.press("Ask a question through us before you answer")
		b.press("Ask")
		b.refused("Write what you would like to know")
		b.picture("question of " + p.side)
		b.arrive("go back", b.click(".govuk-back-link"))
		b.press("Read what to expect and accept")
		b.press("Accept the match")
		b.refused("Select that you")
		b.tick("agree", "2026-11")
		b.press("Accept the match")
	}
	s.nextDay() // some were told today that they are back in the pool
	accept(phone, s.seekers[0])
	accept(laptop, s.offers[0])
	for _, p := range append(slices.Clone(s.seekers[1:]), s.offers[1:]...) {
		link := s.walker.link(p.email, "/match/", s.rounds(p))
		s.walker.get(link + "/accept")
		s.walker.post(link+"/accept", url.Values{"agree": {"2026-11"}})
	}
	s.nextDay()
	for _, p := range append(slices.Clone(s.seekers), s.offers...) {
		p.pairing = s.walker.link(p.email, "/pairing/", 1)
	}
}

// rounds is in how many rounds someone was matched.
func (s *story) rounds(p *person) int {
	if p.side == "seek" {
		if slices.Contains(s.seekers[pairs-3:], p) {
			return 2
		}
		return 1
	}
	for _, m := range s.walker.mail(p.email) {
		if strings.Contains(m.Text, "back in the pool") {
			return 2
		}
	}
	return 1
}

// meet books the n-th session, lets the time pass and has everybody log it.
func (s *story) meet(phone, laptop *browser, n int) {
	s.t.Helper()
	at := s.now().In(london()).AddDate(0, 0, 10)
	form := url.Values{"date": {strconv.Itoa(at.Day())}, "date-month": {strconv.Itoa(int(at.Month()))}, "date-year": {strconv.Itoa(at.Year())},
		"time": {"14:00"}, "minutes": {"90"}, "place": {"By video call"}}

	if n == 1 {
		s.propose(phone, laptop, at)
	} else {
		s.book(phone, form)
	}
	phone.open(s.seekers[0].pairing)
	phone.sees("Session "+strconv.Itoa(n), "Booked", "2:00pm UK time", "Sample Library")
	for _, p := range s.seekers[1:] {
		page := s.walker.get(p.pairing + "/book")
		form.Set("form", regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)[1])
		s.walker.post(p.pairing+"/book", form)
		s.walker.post(p.pairing+"/book", form) // pressed twice
	}
	start := time.Date(at.Year(), at.Month(), at.Day(), 14, 0, 0, 0, london())
	for _, p := range append(slices.Clone(s.seekers), s.offers...) {
		s.invited(laptop, p, n, start)
	}
	if n == 2 {
		both := []*person{s.seekers[0], s.partner(s.seekers[0])}
		s.change(phone, laptop, both, n, start)
	}

	s.forward(4) // past a week before
	for _, p := range append(slices.Clone(s.seekers), s.offers...) {
		s.walker.email(p.email, "Coming up: your session on", n)
	}
	s.forward(7) // past the session
	s.nextDay()  // when its log is asked for
	for _, p := range append(slices.Clone(s.seekers), s.offers...) {
		s.walker.email(p.email, "Your next session:", n)
		s.walker.email(p.email, fmt.Sprintf("How was session %d?", n), 1)
	}

	phone.open(s.seekers[0].pairing)
	phone.press(fmt.Sprintf("Write my log of session %d", n))
	phone.press("Save my log")
	phone.refused("Select whether the session was held")
	phone.tick("held", "yes")
	phone.tick("balance", "leadership")
	phone.tick("thinking", "asked")
	phone.write("surfaced", "What I could leave to others")
	phone.press("Save my log")
	phone.sees("Held", "What I could leave to others")
	laptop.open(s.offers[0].pairing)
	if strings.Contains(laptop.text(), "What I could leave to others") {
		s.t.Error("the other side reads what only its author may")
	}
	if n == 1 {
		s.share(phone, laptop)
	}
	log := regexp.MustCompile(`href="([^"]+/log/[^"]+)">Write`)
	for _, p := range append(slices.Clone(s.seekers[1:]), s.offers...) {
		found := log.FindStringSubmatch(s.walker.get(p.pairing))
		if found == nil {
			s.t.Fatalf("%s is not asked for a log of session %d", p.email, n)
		}
		s.walker.post(found[1], url.Values{"held": {"yes"}, "balance": {"both"}, "thinking": {"asked"}})
	}
}

// book has somebody book a session at a time that was agreed.
func (s *story) book(phone *browser, at url.Values) {
	s.t.Helper()
	phone.open(s.seekers[0].pairing)
	phone.press("What to expect, and what you two agreed on")
	phone.write("agreement", "We begin on time, and what is said stays here.")
	phone.picture("agreed")
	phone.press("Save")
	phone.sees("You wrote this on", "What you both agreed to expect")
	phone.arrive("go back", phone.click(".govuk-back-link"))
	phone.press("Book a session")
	phone.write("date", "31", "date-month", "2", "date-year", "2027", "time", "2pm", "place", "Sample Library")
	phone.press("Book the session")
	phone.refused("Enter a day from 1 to 28")
	phone.write("date", at.Get("date"), "date-month", at.Get("date-month"), "date-year", at.Get("date-year"))
	phone.press("Book the session")
}

// letsAssistantPick: somebody lets their assistant pick times, who says yes, picks one of those that
// the other proposes, and is let out again.
func (s *story) letsAssistantPick(phone, laptop *browser) {
	s.t.Helper()
	const pat = "pat@example.org"
	p, partner := s.seekers[0], s.partner(s.seekers[0])
	at := s.now().In(london()).AddDate(0, 0, 70)
	phone.open(p.pairing)
	phone.press("My programme")
	if strings.HasPrefix(phone.title(), "Get a code") {
		s.givesCode(phone, p)
	}
	phone.press("Let your assistant pick times")
	my := phone.eval("location.pathname")
	phone.press("Ask them")
	phone.refused("Enter an email address, like name@example.org")
	phone.write("email", pat)
	phone.picture("let an assistant pick times")
	phone.press("Ask them")
	phone.sees("We ask them by email", pat, "has not answered yet")

	link := s.walker.link(pat, "/assistant/", 1)
	phone.open(link)
	phone.sees("Would you pick times for", "You see nothing else")
	phone.picture("asked to pick times")
	phone.press("Yes, I pick times")
	phone.sees("No times wait to be picked")
	phone.press("Propose times")
	phone.sees("The two")
	laptop.open(partner.pairing)
	laptop.press("Propose times")
	for n, day := range []time.Time{at, at.AddDate(0, 0, 1)} {
		field := fmt.Sprint("date-", n+1)
		laptop.write(field, strconv.Itoa(day.Day()), field+"-month", strconv.Itoa(int(day.Month())), field+"-year", strconv.Itoa(day.Year()), fmt.Sprint("time-", n+1), "11am")
	}
	laptop.write("place", "Sample Library", "date-3", "", "date-3-month", "", "date-3-year", "")
	laptop.press("Propose these times")
	laptop.sees("You have proposed these times")
	s.walker.email(pat, "Times to pick from", 1)
	s.walker.email(p.email, "Times for your next session", 1)
	phone.open(s.walker.link(pat, "/assistant/", 2))
	phone.picture("pick times for somebody")
	phone.press("Book this time")
	phone.refused("Select one of the times")
	phone.tick("at", strconv.FormatInt(time.Date(at.Year(), at.Month(), at.Day(), 11, 0, 0, 0, london()).Unix(), 10))
	phone.press("Book this time")
	phone.sees("A session is booked.", "They meet already on")
	if strings.Contains(phone.text(), "Sample Library") {
		s.t.Error("the assistant reads where they meet")
	}
	phone.open(p.pairing)
	phone.sees("Picked by your assistant", "Sample Library")
	numbers := regexp.MustCompile(`Cancel session \d+`).FindAllString(phone.text(), -1)
	phone.press(numbers[len(numbers)-1]) // the latest
	phone.press("Cancel the session")
	phone.open(my)
	phone.sees("picks times for you since")
	phone.press("Take it back")
	phone.sees("Nobody picks times for you any more")
	phone.open(link)
	phone.sees("This link picks no times any more")
}

// propose has somebody propose times for a session, and the other pick one.
func (s *story) propose(phone, laptop *browser, at time.Time) {
	s.t.Helper()
	phone.open(s.seekers[0].pairing)
	phone.press("Propose times")
	other := at.AddDate(0, 0, 1)
	phone.write("date-1", "31", "date-1-month", "2", "date-1-year", "2027", "time-1", "2pm", "place", "Sample Library")
	phone.press("Propose these times")
	phone.refused("Enter a day from 1 to 28")
	for n, day := range []time.Time{at, other} {
		field := fmt.Sprint("date-", n+1)
		phone.write(field, strconv.Itoa(day.Day()), field+"-month", strconv.Itoa(int(day.Month())), field+"-year", strconv.Itoa(day.Year()), fmt.Sprint("time-", n+1), "2pm")
	}
	phone.write("date-3", "", "date-3-month", "", "date-3-year", "")
	phone.press("Propose these times")
	phone.sees("You have proposed these times")
	partner := s.partner(s.seekers[0])
	s.walker.email(partner.email, "Times for your next session", 1)
	laptop.open(partner.pairing)
	laptop.press("Book this time")
	laptop.refused("Select one of the times")
	laptop.tick("at", strconv.FormatInt(time.Date(at.Year(), at.Month(), at.Day(), 14, 0, 0, 0, london()).Unix(), 10))
	laptop.press("Book this time")
	laptop.sees("The session is booked.")
	phone.open(s.seekers[0].pairing)
	phone.press("Prepare: a note before session")
	phone.write("note", "Not to say too much", "released", "I bring last year’s budget")
	phone.press("Save")
	phone.sees("Not to say too much")
	laptop.open(partner.pairing)
	if strings.Contains(laptop.text(), "I bring last year’s budget") {
		s.t.Error("what the other released is read before the code")
	}
	laptop.press("Show what was written")
	s.givesCode(laptop, partner)
	laptop.sees("I bring last year’s budget")
	if strings.Contains(laptop.text(), "Not to say too much") {
		s.t.Error("the other side reads a note that was not released")
	}
}

// share has somebody share a line of the log that they have written, and nothing else of it.
func (s *story) share(phone, laptop *browser) {
	s.t.Helper()
	phone.open(s.seekers[0].pairing)
	phone.press("Amend my log, or what I share")
	phone.write("learnt", "That I can say no")
	phone.tick("shares", "learnt")
	phone.press("Save my log")
	phone.sees("in part shared with", "That I can say no")
	laptop.open(s.partner(s.seekers[0]).pairing)
	laptop.sees("shares with you", "That I can say no")
	phone.press("Goals, actions and follow-ups")
	s.givesCode(phone, s.seekers[0])
	phone.write("goal", "Explore")
	phone.press("Add the goal")
	phone.sees("Explore", "Take out")
	phone.open(s.seekers[0].pairing)
	phone.press("Your story so far")
	phone.sees("Who did the thinking", "1 session held", "That I can say no")
	if strings.Contains(laptop.text(), "What I could leave to others") {
		s.t.Error("the other side reads more than what is shared")
	}
}

// meetOnceMore has somebody with as many sessions as are planned ask for one more: the other
// agrees, and the coordinator gives it.
func (s *story) meetOnceMore(phone, laptop *browser) {
	s.t.Helper()
	p, partner := s.seekers[0], s.partner(s.seekers[0])
	at := s.now().In(london()).AddDate(0, 0, 60)
	phone.open(p.pairing)
	phone.press("Book a session")
	phone.write("date", strconv.Itoa(at.Day()), "date-month", at.Format("January"), "date-year", at.Format("2006"), "time", "11am", "place", "By video call")
	phone.press("Book the session")
	phone.sees("which are the most", "One more session", "The programme can still give 2 sessions")
	phone.press("Ask for one more session")
	phone.refused("Say in a line what the session would be for")
	phone.write("why", "To look at the budget together")
	phone.press("Ask for one more session")
	phone.sees("We have asked", "Until they answer, it stays as planned.")
	phone.picture("asked for one more session")
	laptop.open(partner.pairing)
	laptop.sees("would like to meet once more than planned")
	laptop.picture("one more session")
	laptop.press("I would like that, too")
	laptop.sees("You both would like to meet once more than planned", "Until then it stays as planned")
	laptop.open(desk)
	laptop.press("Answer them")
	laptop.sees("To look at the budget together", "Both are told that date")
	laptop.picture("further sessions")
	laptop.press("Give them the session")
	laptop.sees("The session is given.", "Nobody waits for an answer")
	phone.open(p.pairing)
	phone.sees("You have a session more than planned, as you both asked", "Propose times")
}

// pause has somebody rest until a date, come back at once, and look at what stopping and
// leaving mean.
func (s *story) pause(b *browser) {
	s.t.Helper()
	p := s.seekers[0]
	b.open(p.pairing)
	b.press("Pause: illness, leave, a crisis")
	b.press("Pause until then")
	b.refused("Enter")
	at := s.now().In(london()).AddDate(0, 0, 20)
	b.write("date", strconv.Itoa(at.Day()), "date-month", at.Format("January"), "date-year", at.Format("06"))
	b.press("Pause until then")
	b.sees("Your sessions pause", "since you asked for it")
	s.walker.email(s.partner(p).email, "A pause of your sessions", 1)
	b.press("I am back: go on now")
	b.sees("Your sessions go on.")
	s.walker.email(s.partner(p).email, "The pause of your sessions is over", 1)
	b.press("Stop these sessions")
	b.press("Stop these sessions")
	b.refused("Select what you would like next")
	b.picture("stop")
	b.arrive("go back", b.click(".govuk-back-link"))
	b.press("Leave the programme")
	b.sees("owe nobody a reason", "Your pairing ends")
	b.picture("leave")
	b.arrive("go back", b.click(".govuk-back-link"))
}

// finish has one of each pair propose to finish and the other agree, the first two in the
// browser.
func (s *story) finish(phone, laptop *browser) {
	s.t.Helper()
	first, partner := s.seekers[0], s.partner(s.seekers[0])
	phone.open(first.pairing)
	phone.press("End well")
	phone.sees("What comes after", "Nothing of it has to be written")
	phone.write("got", "A plan that is ours", "takes", "To ask before I answer", "thanks", "Thank you for the questions")
	phone.tick("pass", "yes")
	phone.press("Save")
	phone.sees("It is saved.", "nothing else of it")
	phone.picture("ending")
	phone.press("We have finished our sessions")
	phone.sees("We have asked", "whether they agree")
	phone.picture("proposed to finish")
	laptop.open(partner.pairing)
	laptop.sees("proposes to finish", "Thank you for the questions")
	laptop.press("Questions to think with")
	laptop.sees("While trust grows", "does not see that you opened it")
	laptop.picture("bank")
	laptop.arrive("go back", laptop.click(".govuk-back-link"))
	laptop.press("I agree: we have finished")
	laptop.sees("You have both finished. Thank you.", "You have completed your sessions")
	for _, p := range append(slices.Clone(s.seekers[1:]), s.offers...) {
		if p != partner {
			s.walker.post(p.pairing+"/finish", nil)
		}
	}
}

func london() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return l
}

// change moves the n-th session to a later hour, and books another and cancels it;
// both people's calendars follow.
func (s *story) change(phone, laptop *browser, both []*person, n int, start time.Time) {
	s.t.Helper()
	phone.press(fmt.Sprintf("Move session %d", n))
	phone.write("time", "after lunch")
	phone.press("Move the session")
	phone.refused("Enter a time")
	phone.write("time", "3.30pm", "minutes", "60", "place", "Another library")
	phone.picture("move a session")
	phone.press("Move the session")
	phone.sees(fmt.Sprintf("Session %d", n), "3:30pm UK time, 60 minutes", "Another library")
	for _, p := range both {
		was := s.invited(laptop, p, n, start)
		got := s.calendar(laptop, s.walker.email(p.email, fmt.Sprintf("Session %d has moved", n), 1))
		want := was
		want.Sequence, want.Start, want.End, want.Place = 1, start.Add(90*time.Minute).UTC(), start.Add(150*time.Minute).UTC(), "Another library"
		if got != want {
			s.t.Errorf("a moved session is read as %+v, want %+v", got, want)
		}
	}

	laptop.open(both[1].pairing)
	laptop.press("Book a session")
	day := start.AddDate(0, 0, 7)
	laptop.write("date", strconv.Itoa(day.Day()), "date-month", strconv.Itoa(int(day.Month())), "date-year", strconv.Itoa(day.Year()), "time", "2pm", "place", "By video call")
	laptop.press("Book the session")
	laptop.press(fmt.Sprintf("Cancel session %d", n+1))
	laptop.write("reason", "I have to be at a hearing")
	laptop.picture("cancel a session")
	laptop.press("Cancel the session")
	laptop.sees(fmt.Sprintf("Session %d", n+1), "Cancelled", "I have to be at a hearing")
	laptop.picture("sessions")
	phone.open(both[0].pairing)
	phone.picture("sessions on a phone")
	for _, p := range both {
		was := s.invited(laptop, p, n+1, day)
		got := s.calendar(laptop, s.walker.email(p.email, fmt.Sprintf("Session %d is cancelled", n+1), 1))
		want := was
		want.Method, want.Sequence = "CANCEL", 1
		if got != want {
			s.t.Errorf("a cancelled session is read as %+v, want %+v", got, want)
		}
	}
}

// partner is whom a seeker works with.
func (s *story) partner(p *person) *person {
	s.t.Helper()
	page := s.walker.get(p.pairing)
	i := slices.IndexFunc(s.offers, func(o *person) bool { return strings.Contains(page, `"mailto:`+o.email+`"`) })
	if i < 0 {
		s.t.Fatalf("the sessions of %s do not say with whom they are", p.email)
	}
	return s.offers[i]
}

// invited is the n-th session's invitation, and fails unless it is one that calendar
// programs take: the library of a widely used one reads it as it was meant.
func (s *story) invited(b *browser, p *person, n int, start time.Time) invitation {
	s.t.Helper()
	got := s.calendar(b, s.walker.email(p.email, fmt.Sprintf("Session %d is booked", n), 1))
	want := invitation{Method: "REQUEST", UID: got.UID, Start: start.UTC(), End: start.Add(90 * time.Minute).UTC(),
		Summary: got.Summary, Place: got.Place, Attendees: 2}
	title := fmt.Sprintf("Cascading Leadership pilot: session %d, ", n)
	if got != want || got.Place == "" || got.UID == "" || !strings.HasPrefix(got.Summary, title) || !strings.Contains(got.Summary, p.form.Name) {
		s.t.Errorf("the invitation is read as %+v, want %+v", got, want)
	}
	return got
}

// calendar is what a calendar program reads in an email.
func (s *story) calendar(b *browser, m *mailbox.Message) invitation {
	s.t.Helper()
	if len(m.Attachments) != 1 || m.Calendar == "" || m.Calendar != string(m.Attachments[0].Content) {
		s.t.Fatalf("%q brings no calendar: %d attachments", m.Subject, len(m.Attachments))
	}
	return b.calendar(m.Calendar)
}

// answerQuestions fills in the n-th questionnaire in two visits and on two devices, and
// hands it in once.
func (s *story) answerQuestions(b *browser, p *person, n int) {
	s.t.Helper()
	link := s.walker.link(p.email, "/questionnaire/", n)
	b.open(link)
	b.press("Start")
	b.eval(`document.querySelectorAll("input[type=radio][value='3']").forEach(i => i.click()), ""`)
	b.press("Save and continue")
	b.open(link) // another day
	b.press("Continue")
	if got := b.eval(`String(document.querySelectorAll("input[type=radio]:checked").length)`); got == "0" {
		s.t.Error("what was saved at the first visit is gone")
	}
	b.press("Save and continue")
	b.press("Save and continue")
	b.press("Save and continue")
	b.press("Hand in my answers")
	b.refused("Answer “")
	// The walker is another device, and then this one is: it is known afterwards. The walker
	// has been so many people in between that it is not.
	s.walker.post(link+"/code", url.Values{"do": {"send"}})
	s.walker.post(link+"/code", url.Values{"do": {"give"}, "code": {s.nextCode(p)}})
	s.fill(link)
	b.open(link + "/check")
	if n == 1 {
		b.sees("In this browser we have not seen you before")
		b.press("Send me a code")
		b.picture("code")
		b.write("code", "1 2 3")
		b.press("Go on")
		b.refused("Enter the six digits")
		b.write("code", s.nextCode(p))
		b.press("Go on")
	}
	b.press("Hand in my answers")
	b.sees("We have your answers")
	b.open(link)
	b.sees("We have your answers")
}

// givesCode has somebody pass the door before a page.
func (s *story) givesCode(b *browser, p *person) {
	s.t.Helper()
	b.sees("In this browser we have not seen you before")
	b.press("Send me a code")
	b.write("code", s.nextCode(p))
	b.press("Go on")
}

// nextCode is the one that somebody was sent last.
func (s *story) nextCode(p *person) string {
	s.t.Helper()
	p.codes++
	return s.code(p, p.codes)
}

// code is the n-th that somebody was sent.
func (s *story) code(p *person, n int) string {
	s.t.Helper()
	_, rest, _ := strings.Cut(s.walker.email(p.email, "Your code is ", n).Text, "Your code is ")
	code, _, _ := strings.Cut(rest, ".")
	return code
}

// chooseEmails has somebody see which emails they get, take fewer, and then all again.
func (s *story) chooseEmails(b *browser, p *person) {
	s.t.Helper()
	link := s.walker.link(p.email, "/emails/", 1)
	b.open(link)
	b.sees("What everybody gets")
	b.picture("emails")
	b.press("Not now: pause reminders for a week")
	b.sees("Reminders are paused. They begin again on")
	b.press("Begin reminders again")
	// The button of their mail program, which has seen no page.
	s.walker.post(link, url.Values{"List-Unsubscribe": {"One-Click"}})
	b.press("Only what I must have")
	b.sees("You get only what you must have")
	for _, topic := range message.Topics {
		b.tick("topics", string(topic))
	}
	b.press("Save what I get")
	b.sees("Your choice is saved")
	if got := b.eval(`String(document.querySelectorAll("input[type=checkbox]:checked").length)`); got != strconv.Itoa(len(message.Topics)) {
		s.t.Errorf("%s topics are wanted, want all", got)
	}
}

var question = regexp.MustCompile(`name="([a-z]+)" type="radio" value="([^"]+)"`)

// fill answers every page of a questionnaire: each question with its last but one choice.
func (s *story) fill(link string) {
	s.t.Helper()
	for page := 1; page <= 3; page++ {
		at := link + "/" + strconv.Itoa(page)
		choices := map[string][]string{}
		for _, found := range question.FindAllStringSubmatch(s.walker.get(at), -1) {
			choices[found[1]] = append(choices[found[1]], found[2])
		}
		form := url.Values{}
		for name, values := range choices {
			form.Set(name, values[len(values)-2])
		}
		s.walker.post(at, form)
	}
}

func (s *story) answerTheOthersQuestions(n int) {
	s.t.Helper()
	for _, p := range append(slices.Clone(s.seekers[1:]), s.offers...) {
		if n == 2 && p == s.late() {
			continue
		}
		link := s.walker.link(p.email, "/questionnaire/", n)
		s.fill(link)
		s.walker.post(link+"/check", nil)
	}
}

// late is who has not answered the last questions when they close.
func (s *story) late() *person { return s.offers[len(s.offers)-1] }

// loseSendGrid takes SendGrid away while an enrolment comes in and more goes on;
// the email goes out when it is back.
func (s *story) loseSendGrid(meanwhile func()) {
	s.t.Helper()
	late := s.seekers[0].form
	late.Email, late.Organisation = "late@example.org", "Late House"
	s.stack.StopPart("mailbox", syscall.SIGKILL)
	s.walker.enrol("seek", late)
	meanwhile()
	if err := s.stack.StartPart(s.t.Context(), "mailbox"); err != nil {
		s.t.Fatal(err)
	}
	s.forward(1) // its next attempt is due within a minute, by the programme's clock
	until(s.t, "the email that SendGrid was not there for", func() bool {
		s.sweep()
		return len(s.walker.mail(late.Email)) > 0
	})
	s.walker.link(late.Email, "/enrol/confirm/", 1)
}

// closeQuestionnaires moves the date past the day on which they close, from which on there is
// a release.
func (s *story) closeQuestionnaires(b *browser) {
	s.t.Helper()
	b.open("/report/" + programmeID)
	b.sees("There is no release yet")
	s.forward(int(s.closes.Sub(s.now()).Hours()/24) + 2)
	s.walker.post("/local/run", url.Values{"schedule": {"questionnaires-sweep"}})
}

// report reads the report as its evaluator.
func (s *story) report(b *browser) {
	s.t.Helper()
	b.open("/report/" + programmeID)
	b.sees("How far people came", "What changed", "10 or more ublicks", "10 or more zworps", "after the last questionnaires closed")
	for _, step := range []string{"Enrolled", "Ready", "Matched", "Paired", "Held a session", "Completed"} {
		row := b.eval(fmt.Sprintf(`[...document.querySelectorAll("tr")].filter(r => r.innerText.startsWith(%q)).map(r => r.lastElementChild.innerText).join()`, step))
		if row != "20 or more" {
			s.t.Errorf("%s: the report shows %q people, want the 22 rounded to 20", step, row)
		}
	}
	if rings := b.eval(`String(document.querySelectorAll("svg circle").length)`); rings == "0" {
		s.t.Error("no answers are plotted")
	}
	if strings.Contains(strings.ToLower(b.text()), "fewer than 10") {
		s.t.Error("eleven people of each role stand behind every figure, and one is not shown")
	}
}

// refusesBadLinks: a malformed token is refused, with a page that says what to do.
func (s *story) refusesBadLinks(b *browser) {
	s.t.Helper()
	for _, at := range []string{"/match/x", "/pairing/" + strings.Repeat("A", 43), "/questionnaire/x", "/enrol/confirm/x", "/enrol/nothing", "/nothing/at/all"} {
		b.open(at)
		if b.status != 403 && b.status != 410 && b.status != 404 {
			s.t.Errorf("%s: status %d", at, b.status)
		}
	}
	b.open("/desk/sign-in/x")
	b.sees("That link has been used already")
	for _, at := range []string{"/events", "/health/readiness"} {
		if response, _ := s.walker.do("POST", at, "application/json", []byte("{}")); response.StatusCode < 400 {
			s.t.Errorf("%s is open to the public: %s", at, response.Status)
		}
	}
}

// eachEmailOnce: events came twice, and every message went out once.
func (s *story) eachEmailOnce() {
	s.t.Helper()
	times := map[string]int{}
	for _, m := range s.walker.mail("") {
		if slices.Contains(m.To, "bounce@example.org") {
			continue // the coordinator tried again
		}
		if times[m.CustomArgs["message"]]++; times[m.CustomArgs["message"]] > 1 {
			s.t.Errorf("sent twice: %q to %v", m.Subject, m.To)
		}
		for _, word := range []string{"client", "consultant"} {
			if strings.Contains(strings.ToLower(m.Subject+m.Text+m.HTML+m.Calendar), word) {
				s.t.Errorf("the email %q says %q", m.Subject, word)
			}
		}
	}
	s.t.Logf("%d emails, each once", len(times))
}

// oneTrace: an enrolment can be followed from its form to the delivery of its email.
func (s *story) oneTrace() {
	s.t.Helper()
	until(s.t, "a trace from the form through the outbox to the email's delivery", func() bool {
		for _, form := range s.spans.matching(func(o span) bool {
			return o.service == "enrolment" && strings.HasPrefix(o.name, "enrolment POST") && strings.HasSuffix(o.name, "/check")
		}) {
			in := func(holds func(span) bool) bool {
				return len(s.spans.matching(func(o span) bool { return o.trace == form.trace && holds(o) })) > 0
			}
			sent := in(func(o span) bool { return o.attributes["cascade.letter"] == "confirm-enrolment" })
			handedOver := in(func(o span) bool {
				return o.service == "outbox" && strings.Contains(o.attributes["url.full"], "/v3/mail/send")
			})
			delivered := in(func(o span) bool { return o.service == "outbox" && o.name == "email delivered" })
			if sent && handedOver && delivered {
				return true
			}
		}
		return false
	})
}

// everyPage: the browser has shown every page that there is.
func (s *story) everyPage() {
	s.t.Helper()
	var missing []string
	all := 0
	for _, name := range stack.Functions {
		folder := filepath.Join(root, "functions", name)
		for _, pattern := range []string{"pages/*.html", "*/pages/*.html"} { // its own, and those of its subjects
			files, _ := filepath.Glob(filepath.Join(folder, pattern))
			all += len(files)
			for _, f := range files {
				missing = append(missing, name+" "+strings.TrimSuffix(filepath.Base(f), ".html"))
			}
		}
	}
	if all < 20 {
		s.t.Fatalf("found only %d pages", all)
	}
	for deadline := time.Now().Add(10 * time.Second); len(missing) > 0; { // spans are sent with a delay
		for _, shown := range s.spans.matching(func(o span) bool {
			return strings.Contains(o.attributes["user_agent.original"], "Chrome")
		}) {
			missing = slices.DeleteFunc(missing, func(name string) bool { return name == shown.service+" "+shown.attributes["cascade.page"] })
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the browser has not seen: %s", strings.Join(missing, ", "))
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Logf("%d pages, each seen", all)
}

// everyLetter: what has arrived is read, a letter of each kind; those that have no
// cause here, or went along with another, are among the samples, which are read too.
func (s *story) everyLetter(b *browser) {
	s.t.Helper()
	arrived := map[string]string{} // the mailbox's id by message
	for _, m := range s.walker.mail("") {
		arrived[m.CustomArgs["message"]] = m.ID
	}
	read := map[string]bool{}
	for _, sent := range s.spans.matching(func(o span) bool { return o.attributes["cascade.letter"] != "" }) {
		name, id := sent.attributes["cascade.letter"], arrived[sent.attributes["cascade.message"]]
		if id != "" && !read[name] {
			b.read("/mailbox/" + id + "/html")
			read[name] = true
		}
	}
	if len(read) < 16 {
		s.t.Errorf("emails of %d kinds have arrived: %v", len(read), slices.Sorted(maps.Keys(read)))
	}
	b.open("/local/letters/")
	samples := s.walker.get("/local/letters/")
	letters, _ := filepath.Glob(filepath.Join(root, "shared/platform/mail/letters/*.md"))
	for _, f := range letters {
		name, _, _ := strings.Cut(filepath.Base(f), ".") // before its language
		if name, _, _ = strings.Cut(name, "--"); !read[name] && !strings.Contains(samples, name) {
			s.t.Errorf("nobody has read the letter %s", name)
		}
	}
	s.t.Logf("letters of %d kinds arrived and were read", len(read))
}

// turnedAway: an address that takes no emails is reported by the provider, and the
// coordinator sees it and tries again.
func (s *story) turnedAway(b *browser) {
	s.t.Helper()
	form := s.seekers[1].form
	form.Email, form.Organisation = "bounce@example.org", "Moved House"
	s.walker.enrol("seek", form)
	until(s.t, "the desk shows the email that was turned away", func() bool {
		return strings.Contains(s.walker.get(desk+"/emails"), form.Email)
	})
	b.open(desk + "/waiting") // where nobody does as yet
	b.sees("Waiting for too long", "leave this list by themselves")
	b.picture("who waits for too long")
	b.open(desk + "/emails")
	b.sees("does not take emails", form.Email)
	b.picture("emails that did not go")
	b.press("Try again")
	s.sweep() // it is sent when the schedule comes to it
	s.walker.link(form.Email, "/enrol/confirm/", 2)
}

// takesPartTwice: somebody enrols in both roles, and the coordinator sees that they are
// one person.
func (s *story) takesPartTwice(b *browser) {
	s.t.Helper()
	const name = "Twice Example"
	for _, p := range []*person{s.seekers[1], s.offers[1]} {
		f := p.form
		f.Name, f.Email, f.Organisation = name, "twice@example.org", "House of the "+p.side
		s.walker.enrol(p.side, f)
	}
	for n := range 2 {
		s.walker.confirm(s.walker.link("twice@example.org", "/enrol/confirm/", n+1))
	}
	b.open(desk + "/people")
	b.press(name)
	b.sees("House of the seek", "Takes part twice", "This is about them as an ublick alone.")
	b.picture("somebody who takes part twice")
	b.press("Also enrolled as a zworp")
	b.sees("House of the offer", "Also enrolled as an ublick", "This is about them as a zworp alone.")
}

// indexes: production has every index that the programme's queries needed here.
func (s *story) indexes() {
	s.t.Helper()
	needed, err := s.stack.Client().Needed(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	declared, err := emulator.Declared(filepath.Join(root, "infra", "firestore.indexes.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(needed) == 0 {
		s.t.Fatal("the emulator lists no index that was needed")
	}
	for _, missing := range emulator.Missing(needed, declared) {
		s.t.Errorf("infra/firestore.indexes.json lacks %v", missing)
	}
	answers := s.stack.Client()
	answers.Database = stack.Answers
	ofAnswers, err := answers.Needed(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	declaredOfAnswers, err := emulator.Declared(filepath.Join(root, "infra", "firestore.answers.indexes.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, missing := range emulator.Missing(ofAnswers, declaredOfAnswers) {
		s.t.Errorf("infra/firestore.answers.indexes.json lacks %v", missing)
	}
	for _, unused := range emulator.Missing(declared, needed) {
		s.t.Logf("no query of the journey needed %v", unused)
	}
}
