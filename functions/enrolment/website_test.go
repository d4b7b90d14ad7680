package enrolment

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const (
	theHosts, anothers     = "https://www.example.org", "https://other.example.org"
	formType, documentType = "application/x-www-form-urlencoded", "application/json"
)

// from sends what a browser sends from a page of another site, with a body of a type.
func from(t *testing.T, b *testbed.Bed, method, path, contentType, body string, headers ...string) testbed.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := b.Browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return testbed.Answer{Response: response, Body: string(answer)}
}

// posted is an acceptable form as a page posts it, of an address.
func posted(address string) url.Values {
	f := form()
	f.Email = address
	return f.Posted()
}

// hosted is a bed with two programmes, each of which lists a website of its own.
func hosted(t *testing.T) *testbed.Bed {
	b := bed(t)
	another(t, b, "north", func(p *programme.Programme) { p.Origins = []string{theHosts, "http://127.0.0.1:9000"} })
	another(t, b, "south", func(p *programme.Programme) { p.Origins = []string{anothers} })
	return b
}

// claimed are the addresses of all claims of a programme.
func claimed(t *testing.T, b *testbed.Bed, p string) (all []string) {
	t.Helper()
	for path, d := range b.Documents() {
		if strings.HasPrefix(path, "programmes/"+p+"/claims/") {
			form, _ := d.Data()["form"].(map[string]any)
			address, _ := form["Email"].(string)
			all = append(all, address)
		}
	}
	return all
}

// A page of a website that the programme lists enrols people, as a form and as JSON: both make
// the same claim, whoever sends them twice makes one, and what follows is a page of ours.
func TestListedWebsiteEnrolsByFormAndByJSON(t *testing.T) {
	b := hosted(t)
	got := from(t, b, http.MethodPost, "/enrol/north/seek", formType, posted("form@example.org").Encode(), "Origin", theHosts)
	if to := got.Header.Get("Location"); got.StatusCode != http.StatusSeeOther || to != "/enrol/north/seek/sent?website" {
		t.Fatalf("a form: %d to %q: %s", got.StatusCode, to, got.Body)
	}
	next := b.Get(got.Header.Get("Location"))
	if !strings.Contains(next.Body, "We have sent you an email with a link.") || strings.Contains(next.Body, "form@example.org") {
		t.Errorf("the page that follows: %s", next.Body)
	}

	f := form()
	f.Email = "json@example.org"
	for range 2 {
		got = from(t, b, http.MethodPost, "/enrol/north/seek", documentType, document(t, f), "Origin", theHosts)
		if got.StatusCode != http.StatusAccepted || got.Header.Get("Access-Control-Allow-Origin") != theHosts || got.Header.Get("Vary") != "Origin" || got.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("JSON: %d %v %s", got.StatusCode, got.Header, got.Body)
		}
	}
	again := from(t, b, http.MethodPost, "/enrol/north/seek", formType, posted("json@example.org").Encode(), "Origin", theHosts)
	if again.StatusCode != http.StatusSeeOther {
		t.Errorf("the same as a form: %d %s", again.StatusCode, again.Body)
	}
	asScript := from(t, b, http.MethodPost, "/enrol/north/seek", formType, posted("json@example.org").Encode(), "Origin", theHosts, "Accept", "application/json")
	if asScript.StatusCode != http.StatusAccepted || asScript.Body != got.Body {
		t.Errorf("a form that a script sends: %d %s", asScript.StatusCode, asScript.Body)
	}
	all := claimed(t, b, "north")
	slices.Sort(all)
	if !slices.Equal(all, []string{"form@example.org", "json@example.org"}) {
		t.Errorf("claims of %q", all)
	}
	if len(enrolments(t, b)) > 0 {
		t.Error("somebody takes part by another site's word")
	}
}

// Whoever is not listed gets 403, with what to set and nothing written: another website, one
// that looks like it, none, several, and the listed one of another programme.
func TestOtherWebsitesAreRefusedWithWhatToSet(t *testing.T) {
	b := hosted(t)
	before := len(b.Documents())
	for _, origin := range []string{
		anothers, "null", "", theHosts + ":443", theHosts + "/", theHosts + ".", "https://WWW.example.org", "https://a.www.example.org", "https://example.org", "http://www.example.org",
		"https://www.example.org.evil.example", "https://evilwww.example.org", "https://www.example.org@evil.example", "http://127.0.0.1:9001", "*", "https://*.example.org",
		theHosts + " " + anothers, theHosts + ", " + theHosts, "\t", strings.Repeat("a", 5000), `https://"><script>alert(1)</script>`,
	} {
		for _, contentType := range []string{formType, documentType} {
			headers := []string{"Origin", origin}
			if origin == "" {
				headers = nil
			}
			body := posted("a@example.org").Encode()
			if contentType == documentType {
				body = document(t, form())
			}
			got := from(t, b, http.MethodPost, "/enrol/north/seek", contentType, body, headers...)
			if got.StatusCode != http.StatusForbidden || !strings.Contains(got.Body, "setting origins") || got.Header.Get("Access-Control-Allow-Origin") != "" || strings.Contains(got.Body, "<script>") {
				t.Errorf("%q as %s: %d %v %s", origin, contentType, got.StatusCode, got.Header, got.Body)
			}
			if wantsPage := contentType == formType; wantsPage != strings.Contains(got.Body, "Go to the start of the programme") {
				t.Errorf("%q as %s: %s", origin, contentType, got.Body)
			}
		}
	}
	if got := from(t, b, http.MethodPost, "/enrol/north/seek", formType, posted("a@example.org").Encode(), "Origin", theHosts, "Origin", theHosts); got.StatusCode != http.StatusForbidden {
		t.Errorf("two origins: %d", got.StatusCode)
	}
	for path, origin := range map[string]string{"/enrol/south/seek": theHosts, "/enrol/pilot/seek": theHosts, "/enrol/north/offer": anothers} {
		if got := from(t, b, http.MethodPost, path, formType, posted("a@example.org").Encode(), "Origin", origin); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s from %s: %d", path, origin, got.StatusCode)
		}
	}
	if after := len(b.Documents()); after != before {
		t.Errorf("%d documents, and %d before", after, before)
	}
}

// Nothing but an enrolment that is sent at once comes in from a listed website: no other
// address of ours, no other method, and no cookie with it.
func TestListedWebsiteSendsNothingElse(t *testing.T) {
	b := hosted(t)
	for _, path := range []string{
		"/enrol/north/seek/", "//enrol/north/seek", "/enrol/north/seek/privacy", "/enrol/north/seek/check", "/enrol/north/seek/sent", "/enrol/north/seek/address", "/enrol/confirm/seek", "/enrol/confirm/offer",
		"/enrol/confirm/" + strings.Repeat("A", 43), "/enrol/north/client", "/enrol/north/%73eek/x", "/enrol/north%2Fseek", "/enrol//seek", "/enrol/../enrol/north/seek/check", "/ENROL/north/seek",
	} {
		if got := from(t, b, http.MethodPost, path, formType, posted("a@example.org").Encode(), "Origin", theHosts); got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d to %s", path, got.StatusCode, got.Header.Get("Location"))
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if got := from(t, b, method, "/enrol/north/seek", formType, posted("a@example.org").Encode(), "Origin", theHosts); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", method, got.StatusCode)
		}
	}
	if all := claimed(t, b, "north"); len(all) > 0 {
		t.Errorf("claims of %q", all)
	}

	// Whoever filled in our own pages in the same browser sees nothing of it in what follows.
	b.Post("/enrol/north/seek/privacy", url.Values{"consent": {"2026-11"}})
	b.Post("/enrol/north/seek/you", url.Values{"name": {"Alex Sample"}, "email": {"before@example.org"}})
	drafts := func() (n int) {
		for path := range b.Documents() {
			if strings.Contains(path, "/drafts/") {
				n++
			}
		}
		return n
	}
	before := drafts()
	got := from(t, b, http.MethodPost, "/enrol/north/seek", formType, posted("site@example.org").Encode(), "Origin", theHosts)
	if got.StatusCode != http.StatusSeeOther || len(got.Cookies()) > 0 || drafts() != before {
		t.Errorf("%d, %v", got.StatusCode, got.Cookies())
	}
	if page := b.Get(got.Header.Get("Location")).Body; strings.Contains(page, "@example.org</strong>") {
		t.Errorf("the page that follows goes by a cookie: %s", page)
	}
}

// What cannot be taken is said in the way in which it came: on a page of ours that lists what
// to correct, or as a problem document, which the page's script may read.
func TestWebsitesReadWhatToCorrect(t *testing.T) {
	b := hosted(t)
	wrong := posted("nonsense at")
	wrong.Set("postcode", "nowhere")
	wrong.Set("skills.fundraising", "lots")
	wrong.Set("colour", "<b>red</b>")
	wrong.Add("name", "Twice")
	got := from(t, b, http.MethodPost, "/enrol/north/seek", formType, wrong.Encode(), "Origin", theHosts)
	for _, want := range []string{"Some answers need to be corrected", "Colour", "no input of this name", "Name", "Give this once", "back button", "/enrol/north/seek/privacy"} {
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, want) {
			t.Errorf("%d, and it does not say %q: %s", got.StatusCode, want, got.Body)
		}
	}
	if strings.Contains(got.Body, "<b>red") {
		t.Error("what was sent is in the page as it was sent")
	}
	for _, name := range []string{"colour", "name"} {
		wrong.Del(name)
	}
	wrong.Set("name", "Alex Sample")
	got = from(t, b, http.MethodPost, "/enrol/north/seek", formType, wrong.Encode(), "Origin", theHosts)
	for _, want := range []string{"<strong>Email</strong>", "<strong>Postcode</strong>", "<strong>Skills</strong>"} {
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.Body, want) {
			t.Errorf("%d, and it does not say %q: %s", got.StatusCode, want, got.Body)
		}
	}

	for name, row := range map[string]struct {
		contentType, body string
		status            int
	}{
		"wrong answers":   {documentType, `{"name": "", "email": "a"}`, 422},
		"no form":         {documentType, ``, 400},
		"another name":    {documentType, `{"name": "Alex", "colour": "red"}`, 400},
		"a name twice":    {documentType, `{"name": "Alex", "name": "Kim"}`, 400},
		"another case":    {documentType, `{"Name": "Alex"}`, 400},
		"a list":          {documentType, `[{"name": "Alex"}]`, 400},
		"two documents":   {documentType, document(t, form()) + "{}", 400},
		"a huge one":      {documentType, `{"name": "` + strings.Repeat("x", web.MaxBody) + `"}`, 413},
		"a huge form":     {formType, "name=" + strings.Repeat("x", web.MaxBody), 413},
		"half an escape":  {formType, "name=%", 400},
		"another coding":  {formType, "name=%ff", 400},
		"text":            {"text/plain", document(t, form()), 415},
		"a form in parts": {"multipart/form-data; boundary=x", "--x--", 415},
		"no type":         {"", document(t, form()), 415},
	} {
		got := from(t, b, http.MethodPost, "/enrol/north/seek", row.contentType, row.body, "Origin", theHosts, "Accept", "application/json")
		var problem struct {
			Status int
			Fields []struct{ Name, Message string }
		}
		if err := json.Unmarshal([]byte(got.Body), &problem); err != nil || got.StatusCode != row.status || problem.Status != row.status || got.Header.Get("Content-Type") != "application/problem+json" ||
			got.Header.Get("Access-Control-Allow-Origin") != theHosts || (row.status == 422) != (len(problem.Fields) > 0) {
			t.Errorf("%s: %d %v %s", name, got.StatusCode, got.Header, got.Body)
		}
	}
	if all := claimed(t, b, "north"); len(all) > 0 {
		t.Errorf("claims of %q", all)
	}
}

// A browser that asks before it sends JSON is answered for listed websites alone, and for what
// is taken alone.
func TestPreflightIsAnsweredForListedWebsites(t *testing.T) {
	b := hosted(t)
	ask := func(path, origin, method, headers string) testbed.Answer {
		return from(t, b, http.MethodOptions, path, "", "", "Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers)
	}
	got := ask("/enrol/north/seek", theHosts, "POST", "content-type")
	if h := got.Header; got.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != theHosts || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Headers") != "content-type" || h.Get("Vary") != "Origin" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
	for _, row := range []struct{ path, origin, method, headers string }{
		{"/enrol/north/seek", anothers, "POST", "content-type"}, {"/enrol/south/seek", theHosts, "POST", "content-type"}, {"/enrol/north/seek", "null", "POST", "content-type"},
		{"/enrol/north/seek", theHosts, "DELETE", ""}, {"/enrol/north/seek", theHosts, "POST", "content-type,authorization"}, {"/enrol/north/seek", theHosts, "", ""},
	} {
		if got := ask(row.path, row.origin, row.method, row.headers); got.StatusCode != http.StatusForbidden || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%+v: %d %v", row, got.StatusCode, got.Header)
		}
	}
	for _, path := range []string{"/enrol/north/seek/privacy", "/enrol/north/nonsense", "/enrol/nowhere/seek", "/enrol/north"} {
		if got := ask(path, theHosts, "POST", ""); got.StatusCode < 400 || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", path, got.StatusCode, got.Header)
		}
	}
}

// Whoever takes part or not: a website's form is the same calls in the same order, and one answer.
func TestWebsitesFormIsTakenAlikeWhoeverTakesPart(t *testing.T) {
	b := testbed.New(t)
	t.Parallel()
	b.Programme.Origins = []string{theHosts}
	c := b.Store.Commit()
	c.UpdateProgramme(b.Programme)
	b.Commit(c)
	b.Serve("enrolment", New)
	takesPart(t, b, "seeks@example.org", programme.Client, func(*enrolment.Enrolment) {})
	takesPart(t, b, "offers@example.org", programme.Consultant, func(*enrolment.Enrolment) {})
	takesPart(t, b, "left@example.org", programme.Client, func(e *enrolment.Enrolment) { e.Withdraw() })
	one(b, "pilot", "seek", "claimed@example.org")
	for range 5 {
		one(b, "pilot", "seek", "enough@example.org")
	}
	forms := map[string][]asked{}
	for _, who := range []string{"nobody", "seeks", "offers", "left", "claimed", "enough"} {
		b.Browser.Jar, _ = cookiejar.New(nil)
		forms["a form"] = append(forms["a form"], ask(b, who, from(t, b, http.MethodPost, "/enrol/pilot/seek", formType, posted(who+"@example.org").Encode(), "Origin", theHosts)))
		f := form()
		f.Email, f.Name = who+"@example.org", "Alex Other"
		got := from(t, b, http.MethodPost, "/enrol/pilot/seek", documentType, document(t, f), "Origin", theHosts)
		got.Body = "" // it has the claim's id
		forms["JSON"] = append(forms["JSON"], ask(b, who, got))
	}
	for form, all := range forms {
		alike(t, form, all)
	}
}
