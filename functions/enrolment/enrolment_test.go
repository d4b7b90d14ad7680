package enrolment

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

func bed(t *testing.T) *testbed.Bed {
	t.Parallel()
	b := testbed.New(t)
	b.Serve("enrolment", New)
	return b
}

// form is an acceptable form.
func form() enrolment.Form {
	return enrolment.Form{
		Name: "Alex Sample", Email: "alex@example.org", Organisation: "Example Trust", Number: "1000430", Postcode: "ls62ab",
		Categories: []string{"HE"}, Skills: map[string]int{"fundraising": 3, "board": 1}, Availability: []string{"mon-am"}, Meeting: []string{"video"},
		Conflicts: []string{}, Consent: "2026-11",
	}
}

func document(t *testing.T, f enrolment.Form) string {
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// enrolments are those who take part.
func enrolments(t testing.TB, b *testbed.Bed) []*enrolment.Enrolment {
	t.Helper()
	all, err := b.Store.Enrolments(t.Context(), "pilot")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// confirmAll has whoever reads the addresses of all claims confirm them.
func confirmAll(b *testbed.Bed) {
	for _, c := range b.Claims() {
		b.Decide(b.Link(purpose.Confirm, of(c)), "confirm")
	}
}

// of is the link in the email about a claim.
func of(c *enrolment.Claim) store.Link {
	return store.Link{Programme: "pilot", Person: c.Enrolment, Role: c.Role, IDs: outbox.IDs{ClaimID: c.ID}}
}

func messages(t testing.TB, b *testbed.Bed) []*outbox.Message {
	t.Helper()
	all, err := b.Store.Messages(t.Context(), "pilot", outbox.Pending)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// agreed has a browser agree to the notice, before any question.
func agreed(b *testbed.Bed, side string) {
	b.Post("/enrol/pilot/"+side+"/privacy", url.Values{"consent": {"2026-11"}})
}

// page is one page of the form, as it is filled in.
type page struct {
	step string
	form url.Values
}

// place are the pages of a place for a side, in their order.
func place(side string) []page {
	first := []page{
		{"privacy", url.Values{"consent": {"2026-11"}}},
		{"you", url.Values{"name": {"Alex Sample"}, "email": {"alex@example.org"}}},
		{"organisation", url.Values{"organisation": {"Example Trust"}, "postcode": {"ls6 2ab"}, "categories": {"HE", "", "SC"}}},
	}
	if side == "offer" {
		return append(first, page{"strengths", url.Values{"strengths": {"board", "fundraising"}}}, page{"levels", url.Values{"skill-board": {"2"}, "skill-fundraising": {"3"}}})
	}
	return append(first, page{"strengths", url.Values{"strengths": {"finance"}}}, page{"needs", url.Values{"needs": {"board", "fundraising"}}},
		page{"levels", url.Values{"skill-board": {"2"}, "own-board": {"1"}, "skill-fundraising": {"3"}, "own-fundraising": {"0"}}})
}

// walk fills in all pages for a side and returns the answer to the last one.
func walk(b *testbed.Bed, side string) (last testbed.Answer) {
	for _, p := range place(side) {
		last = b.Post("/enrol/pilot/"+side+"/"+p.step, p.form)
	}
	return last
}

// A place is asked for in few pages, each of which leads to the next.
func TestPlaceIsAskedForInFewPages(t *testing.T) {
	b := bed(t)
	for _, role := range programme.Roles {
		side := role.Side()
		at := "/enrol/pilot/" + side + "/"
		pages := place(side)
		for i, p := range pages {
			next := "check"
			if i+1 < len(pages) {
				next = pages[i+1].step
			}
			if got := b.Post(at+p.step, p.form); got.Header.Get("Location") != at+next {
				t.Errorf("%s %s leads to %q: %s", side, p.step, got.Header.Get("Location"), got.Body)
			}
		}
		if len(pages) > 6 {
			t.Errorf("a place takes %d pages", len(pages))
		}
		if got := b.Get(at + "conflicts"); got.StatusCode != http.StatusNotFound {
			t.Errorf("what can follow later has a page here: %d", got.StatusCode)
		}
	}
}

// Other needs than before are asked about alone, and what was said of the others stays.
func TestChangedNeedsAreAskedAbout(t *testing.T) {
	b := bed(t)
	const at = "/enrol/pilot/seek/"
	walk(b, "seek")
	if got := b.Post(at+"needs?check", url.Values{"needs": {"fundraising"}}); got.Header.Get("Location") != at+"check" {
		t.Errorf("one less leads to %q", got.Header.Get("Location"))
	}
	if got := b.Post(at+"needs?check", url.Values{"needs": {"fundraising", "digital"}}); got.Header.Get("Location") != at+"levels?check" {
		t.Errorf("one more leads to %q", got.Header.Get("Location"))
	}
	if got := b.Get(at + "check").Body; !strings.Contains(got, "Fundraising: Most important") || !strings.Contains(got, "Digital: not said yet") || strings.Contains(got, "Board and trustee") {
		t.Errorf("the check page says %s", got)
	}
	if got := b.Post(at+"check", nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "how much of each") || !strings.Contains(got.Body, `href="#row-needs"`) || !strings.Contains(got.Body, `id="row-needs"`) {
		t.Errorf("sent without: status %d", got.StatusCode)
	}
	if got := b.Post(at+"levels", url.Values{"skill-fundraising": {"3"}, "own-fundraising": {"0"}, "skill-digital": {""}, "own-digital": {""}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#skills"`) || !strings.Contains(got.Body, `href="#experience"`) || !strings.Contains(got.Body, `<option value="3" selected>`) {
		t.Errorf("half of it: status %d: %s", got.StatusCode, got.Body)
	}
	if got := b.Post(at+"levels?check", url.Values{"skill-digital": {"1"}, "own-digital": {"2"}}); got.Header.Get("Location") != at+"check" {
		t.Errorf("said, it leads to %q: %s", got.Header.Get("Location"), got.Body)
	}
	b.Post(at+"check", nil)
	if f := b.Claims()[0].Form; len(f.Skills) != 2 || f.Skills["fundraising"] != 3 || f.Skills["digital"] != 1 || len(f.Experience) != 1 || f.Experience["digital"] != 2 || !slices.Equal(f.Strengths, []string{"finance"}) {
		t.Errorf("sent is %+v", f)
	}
}

func TestPagesEnrolBothSides(t *testing.T) {
	for _, role := range programme.Roles {
		side := role.Side()
		t.Run(side, func(t *testing.T) {
			b := bed(t)
			if to := walk(b, side).Header.Get("Location"); to != "/enrol/pilot/"+side+"/check" {
				t.Fatalf("the last page leads to %q", to)
			}
			check := b.Get("/enrol/pilot/" + side + "/check")
			for _, want := range []string{"Alex Sample", "LS6 2AB", "Yorkshire and the Humber", "Board and trustee relations<br>Fundraising", "Health<br>Social care"} {
				if !strings.Contains(check.Body, want) {
					t.Errorf("the check page does not show %q", want)
				}
			}
			for range 2 { // a double click
				if to := b.Post("/enrol/pilot/"+side+"/check", nil).Header.Get("Location"); to != "/enrol/pilot/"+side+"/sent" {
					t.Fatalf("sending leads to %q", to)
				}
			}
			if m, all := messages(t, b), b.Claims(); len(all) != 1 || len(m) != 1 || m[0].Kind != message.KindConfirmEnrolment || m[0].ClaimID != all[0].ID {
				t.Fatalf("claims %+v, messages %+v", all, m)
			}
			if n := len(enrolments(t, b)); n > 0 {
				t.Errorf("%d take part whom nobody has confirmed", n)
			}
			if got := b.Decide(b.Link(purpose.Confirm, of(b.Claims()[0])), "confirm"); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("confirming: status %d: %s", got.StatusCode, got.Body)
			}
			all := enrolments(t, b)
			if len(all) != 1 || len(b.Claims()) > 0 {
				t.Fatalf("%d enrolments, %d claims", len(all), len(b.Claims()))
			}
			e := all[0]
			if e.Role != role || e.State != enrolment.Confirmed || e.Organisation.Region != "Yorkshire and the Humber" || !slices.Equal(e.Organisation.Categories, []string{"HE", "SC"}) ||
				e.Skills["board"] != 2 || e.Skills["fundraising"] != 3 || len(e.Skills) != 2 || e.Capacity != 1 || len(e.Availability) > 0 || len(e.Meeting) > 0 || !slices.Equal(e.Languages, []string{"English"}) ||
				(role == programme.Client) != (e.Experience["board"] == 1 && len(e.Experience) == 1 && slices.Equal(e.Strengths, []string{"finance"})) || e.Consent.Version != "2026-11" {
				t.Errorf("enrolment %+v", e)
			}
		})
	}
}

// A double click, and another page in a second tab.
func TestPagesSentAtOnceAreAllKept(t *testing.T) {
	b := bed(t)
	walk(b, "seek")
	var at sync.WaitGroup
	for _, page := range []struct {
		step string
		form url.Values
	}{
		{"organisation", url.Values{"organisation": {"Example Trust"}, "postcode": {"ls6 2ab"}, "categories": {"AR"}}}, {"organisation", url.Values{"organisation": {"Example Trust"}, "postcode": {"ls6 2ab"}, "categories": {"AR"}}},
		{"strengths", url.Values{"strengths": {"policy"}}}, {"levels", url.Values{"skill-board": {"1"}}},
	} {
		at.Go(func() {
			if got := b.Post("/enrol/pilot/seek/"+page.step, page.form); got.StatusCode != http.StatusSeeOther {
				t.Errorf("%s: status %d", page.step, got.StatusCode)
			}
		})
	}
	at.Wait()
	check := b.Get("/enrol/pilot/seek/check")
	for _, want := range []string{"Arts", "Policy development", "Board and trustee relations: Would help", "Fundraising: Most important"} {
		if !strings.Contains(check.Body, want) {
			t.Errorf("the check page does not show %q", want)
		}
	}
}

// Six needs are one too many, and they stay ticked.
func TestSixNeedsAreOneTooMany(t *testing.T) {
	b := bed(t)
	got := b.Post("/enrol/pilot/seek/needs", url.Values{"needs": {"board", "team", "digital", "policy", "finance", "change"}})
	if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#needs"`) || !strings.Contains(got.Body, "no more than 5") || strings.Count(got.Body, " checked") != 6 {
		t.Errorf("status %d, %d ticked", got.StatusCode, strings.Count(got.Body, " checked"))
	}
}

func TestEveryPageKeepsWhatWasTypedAndSaysWhatToCorrect(t *testing.T) {
	b := bed(t)
	for _, row := range []struct {
		step  string
		form  url.Values
		says  []string
		keeps string
	}{
		{"you", url.Values{"name": {"Zed"}, "email": {"nonsense at"}}, []string{"There is a problem", `href="#email"`, "with an @ sign"}, `value="Zed"`},
		{"organisation", url.Values{"organisation": {"Trust"}, "postcode": {"nowhere"}, "number": {"12"}}, []string{`href="#postcode"`, `href="#number"`}, `value="nowhere"`},
		{"organisation", url.Values{"organisation": {"Trust"}, "postcode": {"LS6 2AB"}}, []string{`href="#categories"`, "mainly does"}, `value="Trust"`},
		{"organisation", url.Values{"organisation": {"Trust"}, "postcode": {"LS6 2AB"}, "categories": {"HE", "HE"}}, []string{`href="#categories"`, "only once"}, `value="HE" selected`},
		{"strengths", nil, []string{`href="#strengths"`, "at least one"}, ""},
		{"strengths", url.Values{"strengths": {"board", "juggling"}}, []string{`href="#strengths"`, "in the list"}, `value="board" checked`},
		{"levels", nil, []string{`href="#skills"`, "Choose first"}, ""},
		{"privacy", url.Values{"consent": {"2015-01"}}, []string{`href="#consent"`}, ""},
	} {
		got := b.Post("/enrol/pilot/offer/"+row.step, row.form)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, want 422", row.step, got.StatusCode)
		}
		for _, want := range append(row.says, row.keeps, "<title>Error: ") {
			if !strings.Contains(got.Body, want) {
				t.Errorf("%s: the page lacks %q", row.step, want)
			}
		}
	}
}

// The answer to what is asked of everybody is easy to give and easy to change.
// An address that looks like a slip is asked about once, and never changed silently.
func TestSlipOfAnAddressIsAskedAbout(t *testing.T) {
	b := bed(t)
	at := "/enrol/pilot/seek/you"
	you := func(address, meant string) url.Values {
		return url.Values{"name": {"Alex Sample"}, "email": {address}, "meant": {meant}}
	}
	asked := b.Post(at, you(" Alex@GMIAL.com.", ""))
	for _, want := range []string{"Did you mean Alex@gmail.com?", `href="#meant"`, "Yes, use Alex@gmail.com", "No, Alex@gmial.com is right", `value="Alex@gmial.com"`} {
		if asked.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(asked.Body, want) {
			t.Errorf("status %d, the page does not say %q", asked.StatusCode, want)
		}
	}
	if saved := b.Get(at).Body; strings.Contains(saved, "gmial") {
		t.Error("it was kept before the person said which is right")
	}
	if got := b.Post(at, you("alex@hotmial.com", "alex@gmial.com")); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Did you mean alex@hotmail.com?") {
		t.Errorf("what was said of another address counts: status %d", got.StatusCode)
	}
	for _, row := range []struct{ typed, meant, kept string }{
		{"alex@gmial.com", "alex@gmail.com", "alex@gmail.com"},
		{"alex@gmial.com", "alex@gmial.com", "alex@gmial.com"},
		{"alex@gmial.com", "", "alex@gmial.com"}, // said before
		{"alex@bücher.example", "", "alex@bücher.example"},
		{"alex@xn--bcher-kva.example", "", "alex@bücher.example"},
	} {
		if got := b.Post(at, you(row.typed, row.meant)); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%+v: status %d", row, got.StatusCode)
		}
		if page := b.Get(at).Body; !strings.Contains(page, `value="`+row.kept+`"`) || strings.Contains(page, "Did you mean") {
			t.Errorf("%+v is not kept", row)
		}
	}

	// A program is not asked, and is told.
	f := form()
	for address, want := range map[string]string{"jo@gmial.com": "jo@gmail.com", "jo@example.org": ""} {
		f.Email = address
		var answer map[string]string
		if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusAccepted || json.Unmarshal([]byte(got.Body), &answer) != nil || answer["suggestion"] != want {
			t.Errorf("%s: status %d, %s", address, got.StatusCode, got.Body)
		}
	}
}

// Who thinks of taking part reads the rules of matching first, in the programme's words.
func TestRulesOfMatchingAreReadBeforeEnrolling(t *testing.T) {
	b := bed(t)
	page := b.Get("/enrol/pilot").Body
	rules := matching.Publish(b.Programme, language.English)
	if len(rules.Points) == 0 {
		t.Error("the programme publishes no points")
	}
	for _, x := range rules.Points {
		if line := fmt.Sprintf("<li>%d %s</li>", x.Points, b.Programme.Terms.Say(x.Words)); !strings.Contains(page, line) {
			t.Errorf("the page lacks %q", line)
		}
	}
	for _, words := range append(rules.Criteria, rules.Best) {
		if !strings.Contains(page, b.Programme.Terms.Say(words)) {
			t.Errorf("the page lacks %q", words)
		}
	}
}

// Beside every question stands what the answer is used for.
func TestEveryQuestionSaysWhatItIsFor(t *testing.T) {
	b := bed(t)
	for _, role := range programme.Roles {
		side := role.Side()
		walk(b, side)
		asked := map[string]bool{}
		for _, st := range stepsFor(b.Programme, role, enrolment.Form{}, "region") {
			page := b.Get("/enrol/pilot/" + side + "/" + st.name).Body
			for _, found := range regexp.MustCompile(`<(?:input|textarea|select)[^>]* name="([^"]+)"`).FindAllStringSubmatch(page, -1) {
				name := found[1]
				if strings.Contains(found[0], `type="hidden"`) {
					continue
				}
				for of, begins := range map[string]string{"skills": "skill-", "experience": "own-"} {
					if strings.HasPrefix(name, begins) {
						name = of
					}
				}
				asked[name] = true
				hint := regexp.MustCompile(`id="` + name + `-hint" class="govuk-hint">([^<]{20,})<`).MatchString(page)
				switch name {
				case "skills", "experience":
					hint = strings.Contains(page, "We match you with") || strings.Contains(page, "We look for what matters most")
				case "categories":
					hint = strings.Contains(page, "in the same area are not matched")
				case "consent": // to the whole of how answers are used
					hint = strings.Contains(page, "is used for this, and for nothing else") && strings.Contains(page, `href="/privacy/pilot"`)
				}
				if !hint {
					t.Errorf("%s: %s does not say what %s is for", side, st.name, name)
				}
			}
			if st.name != "privacy" && st.name != "levels" && !strings.Contains(page, "aria-describedby") {
				t.Errorf("%s: the hints of %s are not read out", side, st.name)
			}
		}
		want := []string{"agrees", "categories", "consent", "email", "experience", "name", "needs", "number", "organisation", "postcode", "region", "skills", "strengths"}
		if role == programme.Consultant {
			want = slices.DeleteFunc(want, func(name string) bool { return name == "needs" || name == "experience" })
		}
		if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, want) {
			t.Errorf("%s: asked for %q, want %q", side, got, want)
		}
	}
}

// A document says more than the pages ask.
func TestJSONBringsWhatThePagesDoNotAsk(t *testing.T) {
	b := bed(t)
	f := form()
	f.Experience, f.Income, f.Languages, f.Meeting = map[string]int{"board": 2}, 90_000, []string{"Welsh"}, []string{"phone", "in-person"}
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	// Only what must be there: the usual language, and nothing of what is optional.
	least := `{"name":"Sam Sample","email":"sam@example.org","organisation":"Trust","postcode":"LS6 2AB","categories":["HE"],"skills":{"board":1},"consent":"2026-11"}`
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", least); got.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	confirmAll(b)
	all := enrolments(t, b)
	if len(all) != 2 {
		t.Fatalf("%d enrolments", len(all))
	}
	if e := all[0]; e.Experience["board"] != 2 || e.Organisation.Income != 90_000 || !slices.Equal(e.Languages, []string{"Welsh"}) || !slices.Equal(e.Meeting, []string{"phone", "in-person"}) {
		t.Errorf("enrolment %+v", e)
	}
	if e := all[1]; len(e.Experience) > 0 || e.Organisation.Income != 0 || !slices.Equal(e.Languages, []string{"English"}) || len(e.Meeting) > 0 || len(e.Availability) > 0 {
		t.Errorf("enrolment %+v", e)
	}
}

func TestJSONEnrolsOnceHoweverOftenSent(t *testing.T) {
	b := bed(t)
	var at sync.WaitGroup
	for range 8 {
		at.Go(func() {
			if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, form())); got.StatusCode != http.StatusAccepted {
				t.Errorf("status %d: %s", got.StatusCode, got.Body)
			}
		})
	}
	at.Wait()
	if n := len(b.Claims()); n != 1 {
		t.Errorf("%d claims", n)
	}
	if m := messages(t, b); len(m) != 1 {
		t.Errorf("%d messages", len(m))
	}
}

// What another system sends is cleaned as the pages' answers are.
func TestJSONIsCleaned(t *testing.T) {
	b := bed(t)
	pasted := form()
	pasted.Name, pasted.Organisation, pasted.Conflicts = "\u200bAlex\u00a0Example ", "Cafe\u0301\u202fTrust", []string{"\ufeffOther House"}
	pasted.Categories[0], pasted.Meeting[0], pasted.Consent = pasted.Categories[0]+"\u00a0", "\u200b"+pasted.Meeting[0], " "+pasted.Consent
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", "\ufeff"+document(t, pasted)); got.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d: %s", got.StatusCode, got.Body)
	}
	all := b.Claims()
	if len(all) != 1 {
		t.Fatalf("%d claims", len(all))
	}
	if f := all[0].Form; f.Name != "Alex Example" || f.Organisation != "Café Trust" || !slices.Equal(f.Conflicts, []string{"Other House"}) || !slices.Equal(f.Meeting, form().Meeting) {
		t.Errorf("it is kept as %+v", f)
	}
}

func TestBadJSON(t *testing.T) {
	b := bed(t)
	good := document(t, form())
	for _, row := range []struct {
		name, contentType, body string
		status                  int
		says                    string
	}{
		{"missing fields", "application/json", `{}`, 422, `"name":"email"`},
		{"unknown field", "application/json", `{"nickname":"x"}`, 400, "/nickname"},
		{"field in another case", "application/json", `{"NAME":"x"}`, 400, ""},
		{"field given twice", "application/json", `{"name":"x","name":"y"}`, 400, ""},
		{"another way of meeting", "application/json", strings.Replace(good, `"meeting":["video"]`, `"meeting":["fax"]`, 1), 422, `"name":"meeting"`},
		{"a language that is not offered", "application/json", strings.Replace(good, `"languages":null`, `"languages":["Klingon"]`, 1), 422, `"name":"languages"`},
		{"no language", "application/json", strings.Replace(good, `"languages":null`, `"languages":[]`, 1), 422, `"name":"languages"`},
		{"half a pound", "application/json", strings.Replace(good, `"income":0`, `"income":0.5`, 1), 400, "/income"},
		{"an income in words", "application/json", strings.Replace(good, `"income":0`, `"income":"£5"`, 1), 400, "/income"},
		{"an income below nothing", "application/json", strings.Replace(good, `"income":0`, `"income":-1`, 1), 422, `"name":"income"`},
		{"experience beyond the scale", "application/json", strings.Replace(good, `"experience":null`, `"experience":{"board":4}`, 1), 422, `"name":"experience"`},
		{"two documents", "application/json", good + good, 400, ""},
		{"half a document", "application/json", good[:40], 400, ""},
		{"text that is not UTF-8", "application/json", "{\"name\":\"\xff\"}", 400, ""},
		{"wrong type", "application/json", `{"capacity":"many"}`, 400, "/capacity"},
		{"too large", "application/json", `{"name":"` + strings.Repeat("x", 70<<10) + `"}`, 413, ""},
		{"another media type", "text/plain", good, 415, ""},
		{"none", "", good, 415, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := b.Do(http.MethodPost, "/enrol/pilot/seek", row.contentType, row.body)
			if got.StatusCode != row.status || !strings.Contains(got.Body, row.says) {
				t.Errorf("status %d, want %d: %s", got.StatusCode, row.status, got.Body)
			}
			if row.contentType == "application/json" && got.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("answered as %s", got.Header.Get("Content-Type"))
			}
		})
	}
	if n := len(b.Claims()); n != 0 {
		t.Errorf("%d claims came of bad input", n)
	}
}

func TestBadForm(t *testing.T) {
	b := bed(t)
	for _, row := range []struct {
		method, path, contentType, body string
		status                          int
	}{
		{"POST", "/enrol/pilot/seek/you", "multipart/form-data; boundary=x", "--x--", 415},
		{"POST", "/enrol/pilot/seek/you", "application/x-www-form-urlencoded", "name=" + strings.Repeat("x", 70<<10), 413},
		{"POST", "/enrol/pilot/seek/you", "application/x-www-form-urlencoded", "name=%ff", 400},
		{"GET", "/enrol/pilot/seek/nowhere", "", "", 404},
		{"GET", "/enrol/nowhere", "", "", 404},
		{"GET", "/enrol/pilot/nowhere/you", "", "", 404},
		{"GET", "/enrol/confirm/short", "", "", 403},
		{"GET", "/enrol/confirm/" + strings.Repeat("A", 43), "", "", 403},
		{"DELETE", "/enrol/pilot/seek/you", "", "", 405},
	} {
		if got := b.Do(row.method, row.path, row.contentType, row.body); got.StatusCode != row.status {
			t.Errorf("%s %.60s: status %d, want %d", row.method, row.path, got.StatusCode, row.status)
		}
	}
}

func TestAnotherSitesPageCannotPost(t *testing.T) {
	b := bed(t)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+"/enrol/pilot/seek/you", strings.NewReader("name=x"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://elsewhere.example.org")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := b.Browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", response.StatusCode)
	}
}

// Whatever somebody answers stands on the page that they check before they send it.
func TestEveryAnswerIsChecked(t *testing.T) {
	t.Parallel()
	p, err := programme.Preset("pilot-2016")
	if err != nil {
		t.Fatal(err)
	}
	p.Mode, p.Languages = programme.Ranked, []string{"English", "Welsh"}
	p.Questions = []programme.Question{{ID: "trustees", Label: "How many trustees?", For: "to know you"}}
	p.Eligibility.Rules = []programme.Rule{{ID: "leads", Ask: "Do you lead now?", Why: "It is for those who do."}}
	full := form()
	full.Extra, full.Fits = map[string]string{"trustees": "7"}, []string{"leads"}
	full.Phone, full.Number, full.Income = "020 7946 0001", "GB-CHC-1000430", 250_000
	full.Languages, full.Conflicts, full.Agrees = []string{"Welsh"}, []string{"The Other House"}, []string{"interview"}
	full.Introduction = "I ask more than I tell."
	full.Situation, full.Hopes, full.Offering, full.Heard, full.Mention, full.Bids = "We grow", "Calm", "Boards", "peer", "The Fund", []string{"The Council"}
	for _, role := range programme.Roles {
		f := full
		elsewhere := map[string]string{"Consent": "the page before it says what they agree to"}
		if role == programme.Client {
			f.Strengths, f.Experience, elsewhere["Capacity"] = []string{"team"}, map[string]int{"board": 2}, "a client has one"
		} else {
			f.Capacity, elsewhere["Strengths"], elsewhere["Experience"] = 2, "their skills say it", "they are not asked"
		}
		shown := answers(p, role, f)
		for i := range reflect.TypeFor[enrolment.Form]().NumField() {
			name, changed := reflect.TypeFor[enrolment.Form]().Field(i).Name, f
			switch v := reflect.ValueOf(&changed).Elem().Field(i); {
			case name == "Heard":
				v.SetString("host")
			case v.Kind() == reflect.String:
				v.SetString(v.String() + "x")
			case v.Kind() == reflect.Int:
				v.SetInt(v.Int() + 1)
			default: // left out
				if v.Len() == 0 && elsewhere[name] == "" {
					t.Errorf("this test has no %s to leave out", name)
				}
				v.SetZero()
			}
			if missing := reflect.DeepEqual(answers(p, role, changed), shown); missing != (elsewhere[name] != "") {
				t.Errorf("%s of a %s is missing on the page to check: %v; %s", name, role, missing, elsewhere[name])
			}
		}
	}
}
