package journey

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/shared/enrolment"
)

// walker goes through pages by plain HTTP, as a browser without JavaScript would.
type walker struct {
	t       *testing.T
	url     string
	client  *http.Client
	cookies map[string]string
}

func newWalker(t *testing.T, url string) *walker {
	return &walker{t: t, url: url, cookies: map[string]string{}, client: &http.Client{Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (w *walker) do(method, address, contentType string, body []byte) (*http.Response, string) {
	w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.url + address
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	// Browsers keep Secure cookies on 127.0.0.1; Go's cookie jar does not.
	for name, value := range w.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	for _, c := range response.Cookies() {
		w.cookies[c.Name] = c.Value
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response, string(text)
}

// get is a page.
func (w *walker) get(address string) string {
	w.t.Helper()
	response, body := w.do(http.MethodGet, address, "", nil)
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("GET %s: %s", address, response.Status)
	}
	return body
}

// post sends a form that must be taken.
func (w *walker) post(address string, form url.Values) {
	w.t.Helper()
	response, body := w.do(http.MethodPost, address, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if response.StatusCode >= 400 {
		w.t.Fatalf("POST %s: %s\n%s", address, response.Status, body)
	}
}

// enrol sends an enrolment as JSON.
func (w *walker) enrol(side string, f enrolment.Form) {
	w.t.Helper()
	w.enrolIn(programmeID, side, f)
}

// enrolIn enrols in any programme.
func (w *walker) enrolIn(programme, side string, f enrolment.Form) {
	w.t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		w.t.Fatal(err)
	}
	response, answer := w.do(http.MethodPost, "/enrol/"+programme+"/"+side, "application/json", body)
	if response.StatusCode != http.StatusAccepted {
		w.t.Fatalf("enrol %s: %s\n%s", f.Email, response.Status, answer)
	}
}

// hiddenField is a field of a form that nobody fills in.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// confirm confirms on the page behind an emailed link what it says.
func (w *walker) confirm(link string) {
	w.t.Helper()
	form := url.Values{"do": {"confirm"}}
	for _, found := range hiddenField.FindAllStringSubmatch(w.get(link), -1) {
		form.Set(found[1], found[2])
	}
	w.post(link, form)
}

// mail are the emails to an address, oldest first.
func (w *walker) mail(to string) []*mailbox.Message {
	w.t.Helper()
	var found []*mailbox.Message
	if err := json.Unmarshal([]byte(w.get("/mailbox/messages.json?to="+url.QueryEscape(to))), &found); err != nil {
		w.t.Fatal(err)
	}
	return found
}

// email waits for the n-th email to an address that holds a text.
func (w *walker) email(to, text string, n int) *mailbox.Message {
	w.t.Helper()
	var last []*mailbox.Message
	until(w.t, "email "+text+" to "+to, func() bool {
		last = nil
		for _, m := range w.mail(to) {
			if strings.Contains(m.Text, text) || strings.Contains(m.Subject, text) {
				last = append(last, m)
			}
		}
		return len(last) >= n
	})
	return last[n-1]
}

// link is the address in the n-th email to someone that has a link of a purpose.
func (w *walker) link(to, path string, n int) string {
	w.t.Helper()
	m := w.email(to, w.url+path, n)
	rest := m.Text[strings.Index(m.Text, w.url+path):]
	return strings.Fields(rest)[0]
}

// until waits for something to come about: at the most as long as a schedule
// needs to find what an event missed.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not come about: %s", what)
		}
	}
}
