package web_test

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

const formType, jsonType = "application/x-www-form-urlencoded", "application/json"

// document is what the site below takes as JSON.
type document struct {
	Name  string         `json:"name"`
	Ages  []int          `json:"ages"`
	Skill map[string]int `json:"skill"`
}

// site is a function with a page, a form, a JSON door and pages that fail.
func site(t testing.TB) http.Handler {
	t.Helper()
	pages, err := web.Parse(fstest.MapFS{
		"pages/hello.html":     {Data: []byte(`{{define "main"}}{{template "heading" .}}{{template "input" ((field $ "name" "Your {client} name").Is .Data)}}<a href="{{.Data}}">{{.Data}}</a>{{end}}`)},
		"pages/broken.html":    {Data: []byte(`{{define "main"}}before {{.Data.Missing}}{{end}}`)},
		"pages/malformed.html": {Data: []byte(`{{define "main"}}before {{if}}{{end}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	route := func(pattern string, h web.Handler) { mux.Handle(pattern, pages.Handle(h)) }
	route("GET /hello", func(w http.ResponseWriter, r *http.Request) error {
		return pages.Show(w, r, "hello", web.Page{Title: "Hello", Data: r.URL.Query().Get("name")})
	})
	route("POST /hello", func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.Form(r)
		if err != nil {
			return err
		}
		var invalid fault.Invalid
		if form.Get("name") == "" {
			invalid.Add("name", "Enter <your> name")
			return pages.Show(w, r, "hello", web.Page{Title: "Hello", Invalid: &invalid, Data: form.Get("name")})
		}
		return web.Redirect(w, r, "/hello?name="+url.QueryEscape(form.Get("name")))
	})
	route("POST /json", func(w http.ResponseWriter, r *http.Request) error {
		var d document
		if err := web.JSON(r, &d); err != nil {
			return err
		}
		return json.NewEncoder(w).Encode(d)
	})
	for _, name := range []string{"broken", "malformed", "none"} {
		route("GET /"+name, func(w http.ResponseWriter, r *http.Request) error {
			return pages.Show(w, r, name, web.Page{Title: "Broken", Data: "x"})
		})
	}
	for name, failure := range failures {
		route("/fail/"+name, func(http.ResponseWriter, *http.Request) error { return failure })
	}
	return web.Protect("", pages.Routes(mux))
}

const secret = "alex@example.org is in the cause"

var failures = map[string]error{
	"notfound":    fault.New(fault.NotFound, "There is <b>no</b> such match."),
	"conflict":    fault.Because(errors.New(secret), fault.Conflict, "It changed."),
	"forbidden":   fault.New(fault.Forbidden, "This link does not work."),
	"gone":        fault.New(fault.Gone, "This link has expired."),
	"unavailable": fault.Because(errors.New(secret), fault.Unavailable, "Try later."),
	"deadline":    fmt.Errorf("%s: %w", secret, context.DeadlineExceeded),
	"unknown":     errors.New(secret),
	"wrapped":     fmt.Errorf("%s: %w", secret, fault.New(fault.Gone, "It is over.")),
	"invalid":     &fault.Invalid{Fields: []fault.Field{{Name: "email", Message: "Enter an email"}, {Name: "phone", Message: "Enter a phone"}}},
}

// ask sends a request with a header's names and values in turn.
func ask(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://programme.example.org"+path, strings.NewReader(body))
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryAnswerHasSafeHeaders(t *testing.T) {
	t.Parallel()
	h := site(t)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a page":       ask(h, "GET", "/hello", ""),
		"no page":      ask(h, "GET", "/nowhere", ""),
		"a bad method": ask(h, "DELETE", "/hello", ""),
		"a failure":    ask(h, "GET", "/fail/unknown", ""),
		"a broken one": ask(h, "GET", "/broken", ""),
		"a redirect":   ask(h, "POST", "/hello", "name=x", "Content-Type", formType),
		"a refusal":    ask(h, "POST", "/hello", "name=x", "Content-Type", formType, "Sec-Fetch-Site", "cross-site"),
		"a problem":    ask(h, "POST", "/json", "{", "Content-Type", jsonType),
	} {
		header := w.Header()
		for field, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := header.Get(field); got != want {
				t.Errorf("%s (%d): %s is %q, want %q", name, w.Code, field, got, want)
			}
		}
		policy := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %s", name, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || !strings.HasPrefix(header.Get("Strict-Transport-Security"), "max-age=") {
			t.Errorf("%s: headers %v", name, header)
		}
	}
}

// A change is made by this site's own pages alone; reading is free.
func TestChangesComeFromThisSite(t *testing.T) {
	t.Parallel()
	h := site(t)
	for _, row := range []struct {
		name, method string
		header       []string
		status       int
	}{
		{"another site's form", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a sister host's form", "POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser on another site", "POST", []string{"Origin", "https://elsewhere.example.org"}, 403},
		{"an old browser with an origin that it hides", "POST", []string{"Origin", "null"}, 403},
		{"our own form", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://programme.example.org"}, 303},
		{"our own form in an old browser", "POST", []string{"Origin", "https://programme.example.org"}, 303},
		{"a program", "POST", nil, 303},
		{"a link on another site", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
	} {
		w := ask(h, row.method, "/hello", "name=x", append(row.header, "Content-Type", formType)...)
		if w.Code != row.status {
			t.Errorf("%s: status %d, want %d", row.name, w.Code, row.status)
		}
	}
}

// Behind an ingress a request names the function's own host and not the pages'.
func TestChangesComeFromThePagesOwnHost(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		ours, origin string
		status       int
	}{
		{"https://cascade.example.org", "https://cascade.example.org", 200},
		{"https://cascade.example.org", "http://cascade.example.org", 403},
		{"https://cascade.example.org", "https://elsewhere.example.org", 403},
		{"https://cascade.example.org", "https://enrolment.cascade.svc.cluster.local", 200}, // its own host, which no browser can open
		{"", "https://cascade.example.org", 403},
	} {
		h := web.Protect(row.ours, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
		r := httptest.NewRequest("POST", "https://enrolment.cascade.svc.cluster.local/", nil)
		r.Header.Set("Origin", row.origin)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("pages of %q, a form of %s: status %d, want %d", row.ours, row.origin, w.Code, row.status)
		}
	}
}

func TestFailuresBecomeAnswers(t *testing.T) {
	t.Parallel()
	h := site(t)
	for name, row := range map[string]struct {
		status      int
		title, says string
	}{
		"notfound":    {404, "Page not found", "There is &lt;b&gt;no&lt;/b&gt; such match."},
		"conflict":    {409, "This has changed", "It changed."},
		"forbidden":   {403, "You cannot open this page", "This link does not work."},
		"gone":        {410, "This link has expired", "This link has expired."},
		"unavailable": {503, "Sorry, this is not available right now", "Try later."},
		"deadline":    {503, "Sorry, this is not available right now", "Try again in a few minutes."},
		"unknown":     {500, "Sorry, there is a problem", "we have been told"},
		"wrapped":     {410, "This link has expired", "It is over."},
		"invalid":     {422, "Unprocessable Entity", "need to be corrected"},
	} {
		page := ask(h, "GET", "/fail/"+name, "")
		text := page.Body.String()
		if page.Code != row.status || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") ||
			!strings.Contains(text, row.says) || !strings.Contains(text, "<h1 class=\"govuk-heading-l\">"+row.title+"</h1>") || !strings.HasSuffix(strings.TrimSpace(text), "</html>") {
			t.Errorf("%s: status %d, want %d, %q and %q on the page: %s", name, page.Code, row.status, row.title, row.says, text)
		}
		if again := page.Header().Get("Retry-After"); (again != "") != (row.status == 503) {
			t.Errorf("%s: Retry-After %q", name, again)
		}
		for _, header := range [][]string{{"Content-Type", jsonType}, {"Accept", "application/json"}, {"Accept", "application/problem+json, */*"}} {
			w := ask(h, "POST", "/fail/"+name, "{}", header...)
			var p struct {
				Title, Detail string
				Status        int
				Fields        []fault.Field
			}
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %v in %s", name, err, w.Body)
			}
			if w.Code != row.status || p.Status != row.status || p.Title != http.StatusText(row.status) || p.Detail == "" {
				t.Errorf("%s: status %d with the problem %+v", name, w.Code, p)
			}
			if (len(p.Fields) == 2 && p.Fields[0].Name == "email") != (name == "invalid") {
				t.Errorf("%s: fields %v", name, p.Fields)
			}
			text += w.Body.String()
		}
		if strings.Contains(text, "alex@example.org") {
			t.Errorf("%s: the cause is shown", name)
		}
	}
}

func TestUnknownRoutesAreAnsweredAsAnyError(t *testing.T) {
	t.Parallel()
	h := site(t)
	for _, row := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/nowhere", 404, "newest email"},
		{"GET", "/hello/", 404, "newest email"},
		{"PUT", "/hello", 405, "does not take"},
		{"GET", "/json", 405, "does not take"},
		{"GET", "//hello", 307, ""},
		{"GET", "/x/../hello", 307, ""},
		{"HEAD", "/hello", 200, ""},
	} {
		w := ask(h, row.method, row.path, "")
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s %s: status %d, want %d, saying %q", row.method, row.path, w.Code, row.status, row.says)
		}
		if row.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", row.method, row.path)
		}
		if row.status == 307 && w.Header().Get("Location") != "/hello" {
			t.Errorf("%s %s leads to %q", row.method, row.path, w.Header().Get("Location"))
		}
	}
	if w := ask(h, "GET", "/nowhere", "", "Accept", jsonType); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program gets %d, %s", w.Code, w.Body)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	h := site(t)
	long := strings.Repeat("x", web.MaxBody)
	for _, row := range []struct {
		name, path, contentType, body string
		status                        int
		says                          string
	}{
		{"a form", "/hello", formType, "name=Alex", 303, ""},
		{"a form with its alphabet", "/hello", formType + "; charset=utf-8", "name=Alex", 303, ""},
		{"a form of 64 KiB", "/hello", formType, "name=" + long[5:], 303, ""},
		{"a larger form", "/hello", formType, "name=" + long, 413, "more than can be sent"},
		{"a form as JSON", "/hello", jsonType, `{"name":"Alex"}`, 415, formType},
		{"a form with a file", "/hello", "multipart/form-data; boundary=x", "--x--", 415, formType},
		{"a form of no type", "/hello", "", "name=Alex", 415, formType},
		{"a form that is not UTF-8", "/hello", formType, "name=%ff", 400, "UTF-8"},
		{"a form with half an escape", "/hello", formType, "name=%4", 400, "cannot be read"},

		{"a document", "/json", jsonType, `{"name":"Alex","ages":[1]}`, 200, "Alex"},
		{"a document with its alphabet", "/json", jsonType + "; charset=utf-8", `{}`, 200, ""},
		{"a document of 64 KiB", "/json", jsonType, `{"name":"` + long[11:] + `"}`, 200, ""},
		{"a larger document", "/json", jsonType, `{"name":"` + long + `"}`, 413, "more than can be sent"},
		{"a document as text", "/json", "text/plain", `{}`, 415, jsonType},
		{"a document of no type", "/json", "", `{}`, 415, jsonType},
		{"an empty document", "/json", jsonType, "", 400, "cannot be read"},
		{"half a document", "/json", jsonType, `{"name":`, 400, "cannot be read"},
		{"an unknown name", "/json", jsonType, `{"nickname":"Al"}`, 400, "/nickname"},
		{"a name in another case", "/json", jsonType, `{"Name":"Al"}`, 400, "/Name"},
		{"a name given twice", "/json", jsonType, `{"name":"Al","name":"Ex"}`, 400, "cannot be read"},
		{"another type", "/json", jsonType, `{"ages":["one"]}`, 400, "/ages/0"},
		{"too large a number", "/json", jsonType, `{"ages":[1e30]}`, 400, "/ages/0"},
		{"not UTF-8", "/json", jsonType, "{\"name\":\"\xff\"}", 400, "cannot be read"},
		{"something after it", "/json", jsonType, `{} {}`, 400, "cannot be read"},
		{"a list", "/json", jsonType, `[]`, 400, "cannot be read"},
		{"deep", "/json", jsonType, strings.Repeat("[", 60000), 400, "cannot be read"},
	} {
		w := ask(h, "POST", row.path, row.body, "Content-Type", row.contentType)
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s: status %d saying %.200q, want %d saying %q", row.name, w.Code, w.Body, row.status, row.says)
		}
	}
	// What stands in the address is not taken for what was sent.
	if w := ask(h, "POST", "/hello?name=Alex", "", "Content-Type", formType); w.Code != 422 {
		t.Errorf("a name in the address: status %d", w.Code)
	}
}

// What people enter comes back as text, wherever on the page it stands.
func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	h := site(t)
	hostile := `"><script>alert(1)</script><a href='javascript:alert(1)`
	text := ask(h, "GET", "/hello?name="+url.QueryEscape(hostile), "").Body.String()
	if strings.Contains(text, "<script>") || strings.Contains(text, `"">`) || strings.Count(text, "&lt;script&gt;") < 2 {
		t.Errorf("the page is %s", text)
	}
	if text := ask(h, "GET", "/hello?name="+url.QueryEscape("javascript:alert(1)"), "").Body.String(); strings.Contains(text, `href="javascript:`) {
		t.Errorf("an address runs: %s", text)
	}
	text = ask(h, "POST", "/hello", "name=", "Content-Type", formType).Body.String()
	if strings.Contains(text, "<your>") || strings.Count(text, "Enter &lt;your&gt; name") != 2 {
		t.Errorf("a message's marks are not escaped: %s", text)
	}

	pages, err := web.Parse(fstest.MapFS{"pages/p.html": {Data: []byte(`{{define "main"}}{{template "heading" .}}{{.Say "For {a client}"}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p := &programme.Programme{
		Name: "</title><script>x</script>", Terms: programme.Terms{Client: programme.Term{Article: "<i>", Singular: "<b>"}},
		Host: programme.Host{Name: "<script>y", Contact: "<i>z", Email: `"><script>w`, Phone: "'onclick=x"},
	}
	page := web.Page{Title: "{client} <script>v", Programme: p, Back: "javascript:alert(1)"}
	if err := pages.Show(w, httptest.NewRequest("GET", "/", nil), "p", page); err != nil {
		t.Fatal(err)
	}
	if text := w.Body.String(); strings.Contains(text, "<script>") || strings.Contains(text, "<b>") || strings.Contains(text, "<i>") || strings.Contains(text, `href="javascript:`) || !strings.Contains(text, "{client} &lt;script&gt;v") {
		t.Errorf("a programme's settings are not escaped: %s", text)
	}
}

// An invalid form comes back with what was entered, each message beside its input
// and in the summary, which leads there.
func TestInvalidFormSaysWhatToCorrect(t *testing.T) {
	t.Parallel()
	w := ask(site(t), "POST", "/hello", "name=", "Content-Type", formType)
	text := w.Body.String()
	for _, want := range []string{"<title>Error: Hello", `<a href="#name">`, `id="name"`, `id="name-error"`, `aria-describedby="name-error"`, "govuk-input--error", "There is a problem"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %d", w.Code)
	}
}

// A page is written as a whole or not at all.
func TestBrokenPageIsNotHalfShown(t *testing.T) {
	t.Parallel()
	h := site(t)
	for _, path := range []string{"/broken", "/malformed", "/none"} {
		if w := ask(h, "GET", path, ""); w.Code != 500 || strings.Contains(w.Body.String(), "before") || strings.Contains(w.Body.String(), "Missing") {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
}

// Pages are parsed when they are first shown, which may be to many at once.
func TestManyAskForAPageAtOnce(t *testing.T) {
	t.Parallel()
	h := site(t)
	var readers sync.WaitGroup
	for i := range 40 {
		path := []string{"/hello?name=x", "/nowhere"}[i%2]
		readers.Go(func() {
			if w := ask(h, "GET", path, ""); w.Code != []int{200, 404}[i%2] || !strings.Contains(w.Body.String(), "</html>") {
				t.Errorf("%s: status %d", path, w.Code)
			}
		})
	}
	readers.Wait()
}

func TestAssets(t *testing.T) {
	t.Parallel()
	if err := web.AssetsBuilt(); err != nil {
		t.Fatal(err)
	}
	h := web.Assets()
	for name, kind := range map[string]string{"cascade.css": "text/css", "govuk-frontend.min.js": "javascript", "start.js": "javascript"} {
		path := web.AssetPath(name)
		plain := ask(h, "GET", path, "")
		if plain.Code != 200 || !strings.Contains(plain.Header().Get("Content-Type"), kind) || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") || plain.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: status %d, %v", path, plain.Code, plain.Header())
		}
		packed := ask(h, "GET", path, "", "Accept-Encoding", "br, gzip")
		z, err := gzip.NewReader(packed.Body)
		if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: packed: %v", path, err)
			continue
		}
		if text, err := io.ReadAll(z); err != nil || string(text) != plain.Body.String() || len(text) == 0 {
			t.Errorf("%s: unpacked, %d bytes of %d: %v", path, len(text), plain.Body.Len(), err)
		}
	}
	for _, path := range []string{"/assets/x/other.css", "/assets/", "/assets/x/.built", "/assets/x/package.json", "/assets/../web_test.go"} {
		if w := ask(h, "GET", path, ""); w.Code != 404 {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if text := ask(site(t), "GET", "/hello", "").Body.String(); !strings.Contains(text, web.AssetPath("cascade.css")) || strings.Contains(text, "<script>") {
		t.Errorf("the page does not name its style sheet: %s", text)
	}
}

func TestPagesOfAFunctionAreCompressedOnce(t *testing.T) {
	t.Parallel()
	h := site(t)
	path := "/hello?name=" + strings.Repeat("x", 400)
	plain, packed := ask(h, "GET", path, ""), ask(h, "GET", path, "", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Code != plain.Code || len(packed.Header().Values("Content-Encoding")) != 1 {
		t.Fatalf("status %d, %v: %v", packed.Code, packed.Header(), err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != plain.Body.String() {
		t.Errorf("unpacked, %d bytes of %d: %v", len(text), plain.Body.Len(), err)
	}
	if w := ask(h, "GET", "/hello?name=x", "", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Errorf("a small page is compressed: %v", w.Header())
	}
	json := ask(h, "POST", "/json", `{}`, "Content-Type", jsonType, "Accept-Encoding", "gzip")
	if json.Header().Get("Content-Encoding") != "" {
		t.Errorf("a JSON document is compressed: %v", json.Header())
	}
}

func TestTimesAreWrittenInTheProgrammesZone(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	winter, summer := time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC), time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		at   time.Time
		zone *time.Location
		want string
	}{
		{winter, london, "Tuesday 1 December 2026, 11:30pm UK time"},
		{summer, london, "Wednesday 1 July 2026, 12:30am UK time"},
		{summer, time.UTC, "Tuesday 30 June 2026, 11:30pm UTC"},
		{winter.Add(12*time.Hour + 30*time.Minute), london, "Wednesday 2 December 2026, 12:00pm UK time"},
	} {
		if got := web.When(row.at, row.zone); got != row.want {
			t.Errorf("%v is written %q, want %q", row.at, got, row.want)
		}
	}
	page := web.Page{Programme: &programme.Programme{Zone: "Europe/London"}}
	if got := page.Date(summer); got != "Wednesday 1 July 2026" {
		t.Errorf("the date is %q", got)
	}
	if got := (web.Page{}).When(summer); got != "Tuesday 30 June 2026, 11:30pm UTC" {
		t.Errorf("on a page of no programme it is %q", got)
	}
}

// Whatever document arrives, it is read or refused with a status that says why.
func FuzzJSON(f *testing.F) {
	for _, body := range []string{`{}`, `{"name":"Alex","ages":[1,2],"skill":{"board":3}}`, `{"name":null}`, `{"NAME":""}`, `[`, `{"a":1}`, "\xff", `{"skill":{"":1,"":2}}`, `{"name":"\ud800"}`, `"`, `{"ages":[1e400]}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		var d document
		if web.JSON(r, &d) != nil {
			return
		}
		text, err := json.Marshal(d)
		if err != nil || !json.Valid([]byte(body)) {
			t.Fatalf("%q was read as %s: %v", body, text, err)
		}
	})
}

// Whatever is posted, the page that comes back holds it as text alone.
func FuzzForm(f *testing.F) {
	for _, body := range []string{"name=Alex", "name=", "name=%22%3E%3Cscript%3E", "=", "%", "name=%ff", "a;b", "name=1&name=2"} {
		f.Add(body)
	}
	h := site(f)
	marks := func(page string) [3]int {
		return [3]int{strings.Count(page, "<script"), strings.Count(page, "<input"), strings.Count(page, "<")}
	}
	usual := marks(ask(h, "GET", "/hello?name=Alex", "").Body.String())
	f.Fuzz(func(t *testing.T, body string) {
		w := ask(h, "POST", "/hello", body, "Content-Type", formType)
		switch w.Code {
		case 303:
			page := ask(h, "GET", w.Header().Get("Location"), "").Body.String()
			if marks(page) != usual {
				t.Fatalf("%q became part of the page: %s", body, page)
			}
		case 400, 413, 422:
		default:
			t.Fatalf("%q: status %d", body, w.Code)
		}
	})
}

func TestAFormIsKnownByAnIDThatAPageGaveIt(t *testing.T) {
	t.Parallel()
	if id := rand.Text(); !web.FormID(id) {
		t.Errorf("%q is no form's", id)
	}
	for _, id := range []string{"", strings.ToLower(rand.Text()), rand.Text() + "A", rand.Text()[1:], rand.Text()[:25] + "/", "1" + rand.Text()[1:]} {
		if web.FormID(id) {
			t.Errorf("%q is taken for a form's", id)
		}
	}
}

// Where a form was filled in wrongly nothing is said to have been done, though its address
// still names what was done before.
func TestWhatWasDoneIsSaidOnce(t *testing.T) {
	t.Parallel()
	pages, err := web.Parse(fstest.MapFS{"pages/hello.html": {Data: []byte(`{{define "main"}}{{template "heading" .}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		to, location, said string
		invalid            *fault.Invalid
	}{
		{"", "/hello?done=saved", "saved ", nil},
		{"a/b c&", "/hello?done=saved&to=a%2Fb+c%26", "saved a/b c&", nil},
		{"a", "/hello?done=saved&to=a", "", &fault.Invalid{Fields: []fault.Field{{Name: "name", Message: "Enter it"}}}},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hello", nil)
		if err := web.Done(w, r, "/hello", "saved", row.to); err != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != row.location {
			t.Errorf("%+v: status %d, to %q, %v", row, w.Code, w.Header().Get("Location"), err)
		}
		w, r = httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, row.location, nil)
		said := web.WhatDone(r) + " " + web.DoneTo(r)
		if err := pages.Show(w, r, "hello", web.Page{Title: "Hello", Said: said, Invalid: row.invalid}); err != nil {
			t.Fatal(err)
		}
		_, banner, _ := strings.Cut(w.Body.String(), `<p class="govuk-notification-banner__heading">`)
		banner, _, _ = strings.Cut(banner, "</p>")
		if html.UnescapeString(banner) != row.said {
			t.Errorf("%+v: it says %q", row, banner)
		}
	}
}
