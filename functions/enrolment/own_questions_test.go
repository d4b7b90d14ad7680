package enrolment

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/purpose"
)

// asking is a bed whose programme asks questions of its own, and says for whom it is.
func asking(t *testing.T) *testbed.Bed {
	t.Helper()
	b := bed(t)
	b.Programme.Questions = []programme.Question{
		{ID: "trustees", Label: "How many <trustees> have you?", Hint: "About", For: "to know with whom we work", Required: true},
		{ID: "stage", Label: "At which stage are you?", For: "to choose examples", Options: []string{"Starting", "Growing"}, Required: true},
		{ID: "later", Label: "Anything else?", For: "to know you"},
	}
	b.Programme.Eligibility = programme.Eligibility{
		Rules: []programme.Rule{
			{ID: "leads", Ask: "Do you lead an organisation now?", Why: "The programme is for {clients} who lead one now."},
			{ID: "years", Ask: "Have you led for three years?", Why: "It takes three years.", Role: programme.Consultant},
		},
		Elsewhere: []programme.Elsewhere{{Text: "Network of New Leaders", Link: "https://example.org/new"}, {Text: "Your local council"}},
	}
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	return b
}

// A programme's own questions that are required have a page of their own, and their answers go
// where all others go.
func TestProgrammesOwnQuestionsAreAsked(t *testing.T) {
	b := asking(t)
	const at = "/enrol/pilot/seek/"
	if got := b.Post(at+"privacy", url.Values{"consent": {"2026-11"}}); got.Header.Get("Location") != at+"fits" {
		t.Fatalf("the notice leads to %q", got.Header.Get("Location"))
	}
	if got := b.Post(at+"fits", nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#fits"`) || !strings.Contains(got.Body, `id="fits"`) || strings.Contains(got.Body, "three years") {
		t.Errorf("no answer: status %d: %s", got.StatusCode, got.Body)
	}
	if got := b.Post(at+"fits", url.Values{"fits-leads": {"yes"}}); got.Header.Get("Location") != at+"you" {
		t.Errorf("who fits is led to %q: %s", got.Header.Get("Location"), got.Body)
	}
	if got := walk(b, "seek"); got.Header.Get("Location") != at+"more" {
		t.Errorf("the last usual page leads to %q", got.Header.Get("Location"))
	}
	page := b.Get(at + "more").Body
	for _, want := range []string{"How many &lt;trustees&gt; have you?", "About. For: to know with whom we work", `<option value="Growing">`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, "Anything else?") {
		t.Error("what can follow is asked at once")
	}
	if got := b.Post(at+"check", nil); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "Answer this question") {
		t.Errorf("sent without: status %d", got.StatusCode)
	}
	if got := b.Post(at+"more", url.Values{"extra-trustees": {strings.Repeat("x", 5000)}, "extra-stage": {"Ending"}}); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `href="#extra-trustees"`) || !strings.Contains(got.Body, `href="#extra-stage"`) || !strings.Contains(got.Body, "xxxx") {
		t.Errorf("wrong answers: status %d", got.StatusCode)
	}
	if got := b.Post(at+"more", url.Values{"extra-trustees": {"Seven\r\nand a chair"}, "extra-stage": {"Growing"}}); got.Header.Get("Location") != at+"check" {
		t.Errorf("answered, it leads to %q: %s", got.Header.Get("Location"), got.Body)
	}
	if check := b.Get(at + "check").Body; !strings.Contains(check, "Seven<br>and a chair") || !strings.Contains(check, "Do you lead an organisation now?") {
		t.Errorf("the check page says %s", check)
	}
	b.Post(at+"check", nil)
	b.Decide(b.Link(purpose.Confirm, of(b.Claims()[0])), "confirm")
	if e := enrolments(t, b)[0]; e.Extra["trustees"] != "Seven\nand a chair" || e.Extra["stage"] != "Growing" || len(e.Fits) != 1 || e.Fits[0] != "leads" {
		t.Errorf("stored is %+v", e)
	}
}

// Who does not fit has made no error: a page says why and where else to go, and nothing of
// what they told stays, also where they say so after all else.
func TestWhoDoesNotFitReadsWhyAndWhereElseToGo(t *testing.T) {
	b := asking(t)
	const at = "/enrol/pilot/offer/"
	walk(b, "offer")
	drafts := func() int {
		n := 0
		for path := range b.Stored() {
			if strings.Contains(path, "/drafts/") {
				n++
			}
		}
		return n
	}
	if n := drafts(); n != 1 {
		t.Fatalf("%d drafts before", n)
	}
	for range 2 { // by the back button once more
		got := b.Post(at+"fits?check", url.Values{"fits-leads": {"yes"}, "fits-years": {"no"}})
		if got.StatusCode != http.StatusOK || strings.Contains(got.Body, "There is a problem") || strings.Contains(got.Body, "<title>Error") {
			t.Errorf("status %d: %s", got.StatusCode, got.Body)
		}
		for _, want := range []string{"It takes three years.", `href="https://example.org/new"`, "Your local council", "kept nothing"} {
			if !strings.Contains(got.Body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		if strings.Contains(got.Body, "lead one now") {
			t.Error("it says what is so of them, too")
		}
		if n := drafts(); n != 0 {
			t.Errorf("%d drafts are kept", n)
		}
	}
	if got := b.Get(at + "you"); got.Header.Get("Location") != at+"privacy" {
		t.Errorf("whoever comes back is led to %q", got.Header.Get("Location"))
	}
	f := form()
	if got := b.Do(http.MethodPost, "/enrol/pilot/seek", "application/json", document(t, f)); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `"fits"`) || !strings.Contains(got.Body, `"extra-trustees"`) {
		t.Errorf("a document without: status %d: %s", got.StatusCode, got.Body)
	}
}
