package mailbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go"
	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"

	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// box is a mailbox that is served, in a file of its own.
type box struct {
	*mailbox.Mailbox
	t    *testing.T
	file string
	h    http.Handler
}

func open(t *testing.T, file string) *box {
	t.Helper()
	m, err := mailbox.Open(file, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	h, err := m.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return &box{m, t, file, h}
}

func newBox(t *testing.T) *box {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "mailbox.jsonl"))
}

// restarted is the mailbox as the next process finds it.
func (b *box) restarted() *box {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Fatal(err)
	}
	return open(b.t, b.file)
}

// ask sends a request with a header's names and values in turn.
func (b *box) ask(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

// page is a page's text.
func (b *box) page(path string) string {
	b.t.Helper()
	w := b.ask("GET", path, "")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		b.t.Errorf("%s: status %d as %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	return w.Body.String()
}

// send hands a request of SendGrid's API over.
func (b *box) send(body string) *httptest.ResponseRecorder {
	return b.ask("POST", "/v3/mail/send", body, "Authorization", "Bearer key", "Content-Type", "application/json")
}

// email is a request that is taken, with a change.
func email(change func(map[string]any)) string {
	m := map[string]any{
		"personalizations": []any{map[string]any{"to": []any{map[string]any{"email": "alex@example.org"}}}},
		"from":             map[string]any{"email": "programme@example.org"},
		"subject":          "Hello",
		"content":          []any{map[string]any{"type": "text/plain", "value": "Hello, Alex"}},
	}
	if change != nil {
		change(m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // the test's own
	}
	return string(text)
}

// taken sends an email that must be taken and returns its id.
func (b *box) taken(change func(map[string]any)) string {
	b.t.Helper()
	w := b.send(email(change))
	if w.Code != http.StatusAccepted || w.Header().Get("X-Message-Id") == "" || w.Body.Len() > 0 {
		b.t.Fatalf("status %d, id %q: %s", w.Code, w.Header().Get("X-Message-Id"), w.Body)
	}
	return w.Header().Get("X-Message-Id")
}

// text is what is kept of emails.
func text(t *testing.T, all ...*mailbox.Message) string {
	t.Helper()
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// subjects are those of all emails, oldest first.
func (b *box) subjects() []string {
	var all []string
	for _, m := range b.Messages("") {
		all = append(all, m.Subject)
	}
	return all
}

// What a function sends is shown as page, HTML, attachment and JSON.
func TestEmailsOfTheFunctionsArrive(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	server := httptest.NewServer(b.h)
	t.Cleanup(server.Close)
	sender := mail.NewSendGrid("key", server.URL, "Cascading Leadership", "programme@example.org", false)
	calendar := "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Pilot: session 1\r\nEND:VCALENDAR\r\n"
	id, err := sender.Send(t.Context(), mail.Envelope{
		Email:  mail.Email{Subject: "Your session is booked", Text: "Open it:\nhttps://cascade.example.org/pairing/a.b\n", HTML: "<html><head></head><body><p>Open it</p></body></html>"},
		ToName: "Alex Example", ToAddress: "alex@example.org", ReplyTo: "host@example.org", Message: "m1", Attempt: 2, Calendar: []byte(calendar),
	})
	if err != nil || id == "" {
		t.Fatalf("id %q, %v", id, err)
	}
	if _, err := sender.Send(t.Context(), mail.Envelope{
		Email: mail.Email{Subject: "To another", Text: "x", HTML: "y"}, ToName: "Zoe Sample", ToAddress: "zoe@example.org", ReplyTo: "host@example.org", Message: "m2",
	}); err != nil {
		t.Fatal(err)
	}

	want := &mailbox.Message{
		ID: id, At: noon, From: "programme@example.org", To: []string{"alex@example.org"}, ReplyTo: "host@example.org", Subject: "Your session is booked",
		Text: "Open it:\nhttps://cascade.example.org/pairing/a.b\n", HTML: "<html><head></head><body><p>Open it</p></body></html>", Calendar: calendar,
		Attachments: []mailbox.Attachment{{Name: "session.ics", Type: "text/calendar", Content: []byte(calendar)}},
		CustomArgs:  map[string]string{"message": "m1", "try": "2"},
		Headers:     map[string]string{"Auto-Submitted": "auto-generated", "Message-ID": "<m1@example.org>"},
	}
	if got := b.Messages("alex@example.org"); text(t, got...) != text(t, want) {
		t.Errorf("kept %s, want %s", text(t, got...), text(t, want))
	}

	list := b.page("/mailbox/")
	for _, want := range []string{`href="/mailbox/` + id + `"`, "Your session is booked", "alex@example.org", "zoe@example.org", "2 emails, newest first"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Index(list, "To another") > strings.Index(list, "Your session is booked") {
		t.Error("the newest is not first")
	}
	if only := b.page("/mailbox/?to=zoe@example.org"); !strings.Contains(only, "To another") || strings.Contains(only, "Your session is booked") || !strings.Contains(only, "1 email, newest first") {
		t.Errorf("the list for one address: %s", only)
	}
	page := b.page("/mailbox/" + id)
	for _, want := range []string{
		"<h1", "Your session is booked", "alex@example.org", "programme@example.org, answers to host@example.org", "Tuesday 24 November 2026 12:00:00 UTC",
		`<a class="govuk-link" href="https://cascade.example.org/pairing/a.b">`, `src="/mailbox/` + id + `/html"`, `href="/mailbox/` + id + `/attachment/0">session.ics</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the email's page lacks %q: %s", want, page)
		}
	}
	// A link in the frame leaves it.
	if got := b.page("/mailbox/" + id + "/html"); got != `<html><head><base target="_top"></head><body><p>Open it</p></body></html>` {
		t.Errorf("the HTML is %s", got)
	}
	attachment := b.ask("GET", "/mailbox/"+id+"/attachment/0", "")
	if attachment.Code != http.StatusOK || attachment.Body.String() != calendar || attachment.Header().Get("Content-Type") != "text/calendar" || attachment.Header().Get("Content-Disposition") != "attachment; filename=session.ics" {
		t.Errorf("the attachment: status %d, %v, %s", attachment.Code, attachment.Header(), attachment.Body)
	}
	for path, n := range map[string]int{"/mailbox/messages.json": 2, "/mailbox/messages.json?to=alex%40example.org": 1, "/mailbox/messages.json?to=nobody": 0} {
		w := b.ask("GET", path, "")
		var all []*mailbox.Message
		if err := json.Unmarshal(w.Body.Bytes(), &all); err != nil || len(all) != n || w.Header().Get("Content-Type") != "application/json" || !strings.HasPrefix(w.Body.String(), "[") {
			t.Errorf("%s: %v, %d emails, want %d: %s", path, err, len(all), n, w.Body)
		} else if n > 0 && text(t, all[0]) != text(t, want) {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}

// The API as SendGrid's own library calls it, with more of it than functions use.
func TestSendGridsLibraryIsServed(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	server := httptest.NewServer(b.h)
	t.Cleanup(server.Close)
	m := sgmail.NewV3Mail().SetFrom(sgmail.NewEmail("Cascading Leadership", "programme@example.org"))
	m.Subject = "To all"
	m.SetHeader("X-Kind", "all").SetCustomArg("message", "none").SetCustomArg("kind", "letter")
	m.AddContent(sgmail.NewContent("text/plain", "Hello"), sgmail.NewContent("text/html", "<p>Hello</p>"), sgmail.NewContent("text/x-other", "…"))
	for _, to := range []string{"alex", "zoe"} {
		p := sgmail.NewPersonalization()
		p.AddTos(sgmail.NewEmail(to, to+"@example.org"), sgmail.NewEmail("", "copy@example.org"))
		p.SetCustomArg("message", to)
		p.SetHeader("X-To", to)
		if to == "zoe" {
			p.Subject = "To Zoe"
		}
		m.AddPersonalizations(p)
	}
	request := sendgrid.GetRequest("key", "/v3/mail/send", server.URL)
	request.Method, request.Body = "POST", sgmail.GetRequestBody(m)
	answer, err := sendgrid.API(request)
	if err != nil || answer.StatusCode != http.StatusAccepted || len(answer.Headers["X-Message-Id"]) != 1 {
		t.Fatalf("%v: %+v", err, answer)
	}
	all := b.Messages("copy@example.org")
	if len(all) != 2 || all[0].ID == all[1].ID || answer.Headers["X-Message-Id"][0] != all[1].ID {
		t.Fatalf("arrived: %+v", all)
	}
	for i, want := range []struct{ to, subject string }{{"alex", "To all"}, {"zoe", "To Zoe"}} {
		m := all[i]
		if m.To[0] != want.to+"@example.org" || m.Subject != want.subject || m.Text != "Hello" || m.HTML != "<p>Hello</p>" || m.Calendar != "" ||
			!reflect.DeepEqual(m.CustomArgs, map[string]string{"message": want.to, "kind": "letter"}) || !reflect.DeepEqual(m.Headers, map[string]string{"X-Kind": "all", "X-To": want.to}) {
			t.Errorf("%+v, want it for %s", m, want.to)
		}
	}
}

// set changes a request's member, or takes it out.
func set(name string, value any) func(map[string]any) {
	return func(m map[string]any) {
		if m[name] = value; value == nil {
			delete(m, name)
		}
	}
}

type list = []any

func TestRefusalsAreSendGrids(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	to := func(addresses ...any) func(map[string]any) {
		return set("personalizations", list{map[string]any{"to": addresses}})
	}
	at := func(address string) map[string]any { return map[string]any{"email": address} }
	content := func(pairs ...string) func(map[string]any) {
		var all list
		for pair := range slices.Chunk(pairs, 2) {
			all = append(all, map[string]any{"type": pair[0], "value": pair[1]})
		}
		return set("content", all)
	}
	attached := func(a any) func(map[string]any) { return set("attachments", list{a}) }
	for _, row := range []struct {
		name        string
		change      func(map[string]any)
		field, says string
	}{
		{"no recipients", set("personalizations", nil), "personalizations", "personalizations field is required"},
		{"an empty list of recipients", set("personalizations", list{}), "personalizations", "at least one personalization"},
		{"recipients that are nothing", set("personalizations", list{nil}), "personalizations.0.to", "to array is required"},
		{"nobody to send to", to(), "personalizations.0.to", "to array is required"},
		{"a recipient that is nothing", to(nil), "personalizations.0.to.0.email", "The to email parameter is required."},
		{"a recipient without an address", to(at("")), "personalizations.0.to.0.email", "The to email parameter is required."},
		{"no address", to(at("alex")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"letters with accents before the @", to(at("alex@example.org"), at("jörg@example.org")), "personalizations.0.to.1.email", "Does not contain a valid address."},
		{"a domain that is not in Punycode", to(at("alex@bücher.example")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"too much before the @", to(at(strings.Repeat("x", 65) + "@example.org")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"too much in all", to(at("x@" + strings.Repeat("y.", 130) + "org")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"a label that is too long", to(at("x@" + strings.Repeat("y", 64) + ".org")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"two full stops in a row", to(at("al..ex@example.org")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"an address with its name", to(at("Alex <alex@example.org>")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"a network's address", to(at("alex@[127.0.0.1]")), "personalizations.0.to.0.email", "Does not contain a valid address."},
		{"a copy to no address", set("personalizations", list{map[string]any{"to": list{at("alex@example.org")}, "cc": list{at("sam@")}}}), "personalizations.0.cc.0.email", "Does not contain a valid address."},
		{"a copy to the same", set("personalizations", list{map[string]any{"to": list{at("alex@example.org")}, "bcc": list{at("alex@example.org")}}}), "personalizations.0", "[alex@example.org] in the personalizations.0.bcc field"},
		{"an answer to no address", set("reply_to", at("host")), "reply_to.email", "The reply_to email does not contain a valid address."},
		{"a sender who is no address", set("from", at("jörg@example.org")), "from.email", "The from email does not contain a valid address."},
		{"an address twice", to(at("alex@example.org"), at("Alex@Example.org")), "personalizations.0", "unique"},
		{"a second letter to nobody", set("personalizations", list{map[string]any{"to": list{at("alex@example.org")}}, map[string]any{}}), "personalizations.1.to", "to array is required"},
		{"no subject", set("subject", nil), "subject", "The subject is required. You can get around this"},
		{"an empty subject", set("subject", ""), "subject", "The subject is required. You can get around this"},
		{"nobody it is from", set("from", nil), "from.email", "The from object must be provided"},
		{"a sender without an address", set("from", map[string]any{"name": "Cascade"}), "from.email", "The from object must be provided"},
		{"no content", set("content", nil), "content", "content parameter is required"},
		{"an empty list of content", set("content", list{}), "content", "content parameter is required"},
		{"content that is nothing", set("content", list{nil}), "content.0.value", "at least one character"},
		{"an empty text", content("text/plain", ""), "content.0.value", "at least one character"},
		{"an empty HTML beside a text", content("text/plain", "x", "text/html", ""), "content.1.value", "at least one character"},
		{"content of no type", content("", "x"), "content.0.value", "at least one character"},
		{"content with a character set", content("text/plain; charset=utf-8", "x"), "content.0.type", "cannot contain ';'"},
		{"a calendar with one", content("text/plain", "x", "text/calendar; charset=utf-8; method=REQUEST", "x"), "content.1.type", "cannot contain ';'"},
		{"content of a type with a line", content("text/plain\r\nX: y", "x"), "content.0.type", "CRLF"},
		{"HTML before the text", content("text/html", "x", "text/plain", "x"), "content", "text/plain must be the first"},
		{"a calendar before the HTML", content("text/plain", "x", "text/calendar", "x", "text/html", "x"), "content", "text/plain must be the first"},
		{"an attachment that is nothing", attached(nil), "attachments.0", "needs content and a filename"},
		{"an attachment without content", attached(map[string]any{"filename": "a.ics"}), "attachments.0", "needs content and a filename"},
		{"an attachment without a name", attached(map[string]any{"content": "YQ=="}), "attachments.0", "needs content and a filename"},
		{"an attachment's type with more", attached(map[string]any{"content": "YQ==", "filename": "a.ics", "type": "text/calendar; method=REQUEST"}), "attachments.0", "cannot contain ';'"},
		{"an attachment that is not encoded", attached(map[string]any{"content": "BEGIN:VCALENDAR", "filename": "a.ics"}), "attachments", "base64"},
	} {
		refused(t, row.name, b.send(email(row.change)), 400, row.field, row.says)
	}
	for name, body := range map[string]string{
		"nothing": "", "half a document": `{"subject":`, "another form": `[]`, "a number as subject": `{"subject":1}`, "text": "Hello",
		"a recipient as text": `{"personalizations":[{"to":"alex@example.org"}]}`,
	} {
		refused(t, name, b.send(body), 400, "", "Bad Request")
	}
	refused(t, "more than 30 MB", b.send(strings.Repeat(" ", 30<<20)+email(nil)), 413, "", "too large")
	for name, key := range map[string]string{"no key": "", "an empty key": "Bearer ", "another way to sign in": "Basic a2V5", "a key alone": "key"} {
		refused(t, name, b.ask("POST", "/v3/mail/send", email(nil), "Authorization", key, "Content-Type", "application/json"), 401, "", "authorization grant is invalid")
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		refused(t, "as "+kind, b.ask("POST", "/v3/mail/send", email(nil), "Authorization", "Bearer key", "Content-Type", kind), 415, "", "application/json")
	}
	var all struct{ Errors []struct{ Field string } }
	if w := b.send("{}"); w.Code != 400 || json.Unmarshal(w.Body.Bytes(), &all) != nil || fmt.Sprint(all) != "{[{personalizations} {subject} {from.email} {content}]}" {
		t.Errorf("of all that is missing it says %s", w.Body)
	}
	if got := b.subjects(); len(got) > 0 {
		t.Errorf("kept all the same: %q", got)
	}
	b.taken(nil) // as it stands, nothing is wrong with it

	// The functions take each for what it is: no use to try again.
	server := httptest.NewServer(b.h)
	t.Cleanup(server.Close)
	_, err := mail.NewSendGrid("key", server.URL, "", "", false).Send(t.Context(), mail.Envelope{Email: mail.Email{Subject: "x", Text: "x", HTML: "x"}, ToAddress: "alex@example.org"})
	var refusal *mail.Refused
	if !errors.As(err, &refusal) || refusal.Status != 400 || !refusal.Permanent {
		t.Errorf("a function is told %v", err)
	}
}

// refused fails unless an answer is SendGrid's refusal.
func refused(t *testing.T, name string, w *httptest.ResponseRecorder, status int, field, says string) {
	t.Helper()
	var answer struct {
		Errors []struct {
			Message     string
			Field, Help *string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != status || w.Header().Get("Content-Type") != "application/json" || len(answer.Errors) != 1 {
		t.Errorf("%s: status %d, want %d: %s", name, w.Code, status, w.Body)
		return
	}
	e := answer.Errors[0]
	if e.Field == nil != (field == "") || e.Field != nil && *e.Field != field || !strings.Contains(e.Message, says) || (e.Help == nil) != (field == "") || e.Help != nil && !strings.Contains(*e.Help, "/Mail/errors.html#") || w.Header().Get("X-Message-Id") != "" {
		t.Errorf("%s: %s, want %q about %q", name, w.Body, says, field)
	}
}

// directives are those of a page's policy.
func directives(w *httptest.ResponseRecorder) map[string]string {
	all := map[string]string{}
	for d := range strings.SplitSeq(w.Header().Get("Content-Security-Policy"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), " ")
		all[name] += value
	}
	return all
}

// An email is the only thing here that someone else has written. Its HTML stands
// in a frame that may do nothing, and everything else of it is text.
func TestHostileEmailDoesNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	const script = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	hostile := script + `<form action="/local/forward" method="post"><button name="days" value="7">Open</button></form><iframe src="https://evil.example.org"></iframe>` +
		`<meta http-equiv="refresh" content="0;url=https://evil.example.org"><base href="https://evil.example.org">`
	id := b.taken(func(m map[string]any) {
		m["subject"] = script
		m["reply_to"] = map[string]any{"email": `"><script>alert(1)</script><img src=x>"@example.org`}
		m["personalizations"] = list{map[string]any{"to": list{map[string]any{"email": `"<script>"@example.org`}}}}
		m["content"] = list{
			map[string]any{"type": "text/plain", "value": script + ` javascript:alert(1) https://x.example.org/"onmouseover=alert(1) https://x.example.org/'onclick='alert(1)' ` + script},
			map[string]any{"type": "text/html", "value": hostile},
		}
		var all list
		for _, a := range [][2]string{{script + ".html", "text/html"}, {"a\r\nSet-Cookie: a=b", ""}, {"naïve.svg", "image/svg+xml"}} {
			all = append(all, map[string]any{"filename": a[0], "type": a[1], "content": base64.StdEncoding.EncodeToString([]byte(hostile))})
		}
		m["attachments"] = all
	})

	for _, path := range []string{"/mailbox/", "/mailbox/" + id, "/mailbox/?to=" + `%22%3E%3Cscript%3E`} {
		w := b.ask("GET", path, "")
		text := w.Body.String()
		if strings.Contains(text, "<script>") || strings.Contains(text, "<img") || strings.Contains(text, "evil.example.org") || strings.Contains(text, `="javascript:`) ||
			strings.Contains(text, `"onmouseover`) || strings.Contains(text, `'onclick`) {
			t.Errorf("%s: what was written became part of the page: %s", path, text)
		}
		policy := directives(w)
		if policy["default-src"] != "'none'" || policy["script-src"] != "'self'" || policy["frame-ancestors"] != "'none'" || strings.Contains(fmt.Sprint(policy), "unsafe") {
			t.Errorf("%s: policy %v", path, policy)
		}
	}
	page := b.page("/mailbox/" + id)
	if !strings.Contains(page, html.EscapeString(script)) {
		t.Errorf("the text is not shown: %s", page)
	}
	// The frame may be left by a link that is pressed, and has neither scripts, forms
	// nor this site as its own.
	if !strings.Contains(page, `sandbox="allow-top-navigation-by-user-activation"`) || strings.Count(page, "<iframe") != 1 {
		t.Errorf("the frame: %s", page)
	}
	if frames := directives(b.ask("GET", "/mailbox/"+id, ""))["frame-src"]; frames != "'self'" {
		t.Errorf("the frame may hold %q", frames)
	}

	// Opened by itself, where no frame holds it, it can do no more.
	framed := b.ask("GET", "/mailbox/"+id+"/html", "")
	policy := directives(framed)
	for name, want := range map[string]string{
		"default-src": "'none'", "form-action": "'none'", "base-uri": "'none'", "frame-ancestors": "'self'", "img-src": "data:",
		"script-src": "", "script-src-elem": "", "script-src-attr": "", "connect-src": "", "frame-src": "", "object-src": "",
	} {
		if policy[name] != want {
			t.Errorf("the HTML's policy: %s is %q, want %q", name, policy[name], want)
		}
	}
	if framed.Body.String() != hostile || framed.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the HTML: %v, %s", framed.Header(), framed.Body)
	}

	for n, name := range []string{script + ".html", "a\r\nSet-Cookie: a=b", "naïve.svg"} {
		w := b.ask("GET", fmt.Sprintf("/mailbox/%s/attachment/%d", id, n), "")
		disposition, parameters, err := mime.ParseMediaType(w.Header().Get("Content-Disposition"))
		if err != nil || disposition != "attachment" || parameters["filename"] != name || w.Header().Get("X-Content-Type-Options") != "nosniff" || directives(w)["default-src"] != "'none'" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q is offered as %v, %v", name, w.Header(), err)
		}
	}
}

func TestUnknownEmailsAndMethods(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if list := b.page("/mailbox/"); !strings.Contains(list, "No email has arrived yet.") {
		t.Errorf("an empty mailbox: %s", list)
	}
	if list := b.page("/mailbox/?to=a@b"); !strings.Contains(list, "No email has arrived for a@b yet.") {
		t.Errorf("an empty mailbox: %s", list)
	}
	id := b.taken(nil)
	for _, row := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/mailbox/nowhere", 404, "There is no such email."},
		{"GET", "/mailbox/nowhere/html", 404, "There is no such email."},
		{"GET", "/mailbox/nowhere/attachment/0", 404, "There is no such email."},
		{"GET", "/mailbox/" + id + "/attachment/0", 404, "no such attachment"},
		{"GET", "/mailbox/" + id + "/attachment/-1", 404, "no such attachment"},
		{"GET", "/mailbox/" + id + "/attachment/x", 404, "no such attachment"},
		{"GET", "/mailbox/" + id + "/other", 404, "Page not found"},
		{"DELETE", "/mailbox/" + id, 405, "does not take"},
		{"GET", "/v3/mail/send", 404, "Page not found"},
		{"GET", "/v3/mail", 404, "Page not found"},
	} {
		if w := b.ask(row.method, row.path, ""); w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s %s: status %d, want %d saying %q: %s", row.method, row.path, w.Code, row.status, row.says, w.Body)
		}
	}
	if page := b.page("/mailbox/" + id); strings.Contains(page, "<iframe") || !strings.Contains(page, "Hello, Alex") {
		t.Errorf("an email without HTML: %s", page)
	}
}

func TestNewestAreListed(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for i := range 201 {
		b.taken(set("subject", fmt.Sprintf("Letter %03d", i)))
	}
	list := b.page("/mailbox/")
	if !strings.Contains(list, "The newest 200 of 201 emails") || strings.Contains(list, "Letter 000") || !strings.Contains(list, "Letter 001") || strings.Index(list, "Letter 200") > strings.Index(list, "Letter 199") {
		t.Errorf("the list: %.3000s", list)
	}
}

func TestEmailsAreKeptOverARestart(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.taken(func(m map[string]any) {
		m["attachments"] = list{map[string]any{"filename": "a.bin", "content": base64.StdEncoding.EncodeToString([]byte{0, '\n', 255})}}
		m["custom_args"] = map[string]string{"message": "m1"}
	})
	b.taken(set("subject", "Line\nand line\u2028"))
	before := b.Messages("")
	after := b.restarted()
	if got := after.Messages(""); text(t, got...) != text(t, before...) {
		t.Errorf("%d emails became %d, or other ones", len(before), len(got))
	}
	after.taken(set("subject", "Later"))
	if got := after.restarted().subjects(); len(got) != 3 || got[2] != "Later" {
		t.Errorf("then %q", got)
	}
	if info, err := os.Stat(b.file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v, %v", info.Mode(), err)
	}
}

// A machine that goes down while an email is written leaves any part of its line.
func TestTornLastLineIsSurvived(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.taken(set("subject", "One"))
	b.taken(set("subject", "Two"))
	b.taken(set("subject", "Three"))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(b.file)
	if err != nil {
		t.Fatal(err)
	}
	whole := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	for cut := whole; cut <= len(text); cut++ {
		file := filepath.Join(t.TempDir(), "mailbox.jsonl")
		if err := os.WriteFile(file, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		torn := open(t, file)
		want := []string{"One", "Two"}
		if cut == len(text) {
			want = append(want, "Three")
		}
		if got := torn.subjects(); !slices.Equal(got, want) {
			t.Fatalf("cut at %d of %d: %q, want %q", cut, len(text), got, want)
		}
		torn.taken(set("subject", "Next"))
		if got, want := torn.restarted().subjects(), append(want, "Next"); !slices.Equal(got, want) {
			t.Fatalf("cut at %d of %d, and later: %q, want %q", cut, len(text), got, want)
		}
	}
}

// A mark takes one byte as it is sent and six in the file, so that a line can be
// longer than what may be sent at once. This one is no email, which is told at once.
func TestLongLineDoesNotCloseTheMailbox(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mailbox.jsonl")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 33<<20)+"\n"+`{"id":"a","subject":"Short"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := open(t, file).subjects(), []string{"Short"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A full disk can leave half a line in the middle; the emails around it stay.
func TestBrokenLineLosesNoOther(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.taken(set("subject", "One"))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(b.file)
	if err != nil {
		t.Fatal(err)
	}
	two := bytes.ReplaceAll(text, []byte("One"), []byte("Two"))
	if err := os.WriteFile(b.file, slices.Concat(text, text[:20], text, []byte("\n"), two), 0o600); err != nil {
		t.Fatal(err)
	}
	b = open(t, b.file)
	b.taken(set("subject", "Three"))
	if got, want := b.restarted().subjects(), []string{"One", "Two", "Three"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEmailThatCannotBeKeptIsNotTaken(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, "a file that cannot be written", b.send(email(nil)), 500, "", "could not be kept")
	if got := b.subjects(); len(got) > 0 {
		t.Errorf("shown all the same: %q", got)
	}
	if _, err := mailbox.Open(filepath.Join(b.file, "below"), time.Now); err == nil {
		t.Error("a file in a file was opened")
	}
}

func TestEmailsSentAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	server := httptest.NewServer(b.h)
	t.Cleanup(server.Close)
	sender := mail.NewSendGrid("key", server.URL, "Cascade", "programme@example.org", false)
	const n = 100
	var mu sync.Mutex
	ids := map[string]string{}
	var senders sync.WaitGroup
	for i := range n {
		senders.Go(func() {
			to := fmt.Sprintf("person-%d@example.org", i)
			id, err := sender.Send(t.Context(), mail.Envelope{
				Email: mail.Email{Subject: to, Text: to, HTML: to}, ToAddress: to, ReplyTo: "host@example.org", Message: fmt.Sprint(i),
			})
			if err != nil {
				t.Error(err)
			}
			b.page("/mailbox/")
			mu.Lock()
			defer mu.Unlock()
			ids[id] = to
		})
	}
	senders.Wait()
	for _, b := range []*box{b, b.restarted()} {
		all := b.Messages("")
		if len(all) != n || len(ids) != n {
			t.Fatalf("%d kept under %d ids", len(all), len(ids))
		}
		for _, m := range all {
			if to := ids[m.ID]; to == "" || !slices.Equal(m.To, []string{to}) || m.Subject != to || m.Text != to || m.HTML != to {
				t.Errorf("%s was told that it is the email to %q: %+v", m.ID, to, m)
			}
		}
	}
}

// Whatever is sent, it is taken or refused in SendGrid's form.
func FuzzSend(f *testing.F) {
	f.Add(email(nil))
	f.Add(`{"personalizations":[null]}`)
	f.Add(`{"personalizations":[{"to":[null,{}],"headers":null}],"from":{},"content":[null],"attachments":[null]}`)
	f.Add(email(set("content", list{nil})))
	f.Add(email(set("attachments", list{nil, map[string]any{"content": "=", "filename": "\x00"}})))
	f.Add(email(set("reply_to", map[string]any{})))
	f.Add("null")
	f.Add("{}")
	f.Add("\xff")
	m, err := mailbox.Open(filepath.Join(f.TempDir(), "mailbox.jsonl"), time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { m.Close() })
	h, err := m.Handler()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := &box{m, t, "", h}
		before := len(m.Messages(""))
		w := b.send(body)
		switch kept := len(m.Messages("")) - before; {
		case w.Code == http.StatusAccepted && kept > 0:
			id := w.Header().Get("X-Message-Id")
			if page := b.page("/mailbox/" + id); !strings.Contains(page, "</html>") {
				t.Fatalf("%q: the page is %s", body, page)
			}
		case w.Code == http.StatusBadRequest && kept == 0 && strings.HasPrefix(w.Body.String(), `{"errors":[{"message":"`):
		default:
			t.Fatalf("%q: status %d, %d kept: %s", body, w.Code, kept, w.Body)
		}
	})
}
