package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOneClickIsReadInBothForms(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	parts := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--x--\r\n"
	}
	for _, row := range []struct {
		contentType, body string
		want              bool
		status            int
	}{
		{form, "List-Unsubscribe=One-Click", true, 0},
		{"multipart/form-data; boundary=x", parts("List-Unsubscribe", "One-Click"), true, 0},
		{form, "do=save", false, 0},
		{form, "List-Unsubscribe=Two-Click", false, 0},
		{"multipart/form-data; boundary=x", parts("do", "save"), false, 0},
		{"multipart/form-data; boundary=x", "--y", false, 400},
		{"multipart/form-data", parts("List-Unsubscribe", "One-Click"), false, 400},
		{"multipart/form-data; boundary=x", parts("List-Unsubscribe", strings.Repeat("x", MaxBody)), false, 413},
		{"text/plain", "List-Unsubscribe=One-Click", false, 415},
		{"", "List-Unsubscribe=One-Click", false, 415},
		{form, "List-Unsubscribe=%zz", false, 400},
	} {
		// The address alone unsubscribes nobody: it is opened by scanners.
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?List-Unsubscribe=One-Click", strings.NewReader(row.body))
		r.Header.Set("Content-Type", row.contentType)
		r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, MaxBody)
		got, err := OneClick(r)
		status := 0
		if refused, ok := err.(*refusal); ok {
			status = refused.status
		}
		if got != row.want || status != row.status {
			t.Errorf("%s %.60q: %v with status %d (%v), want %v, %d", row.contentType, row.body, got, status, err, row.want, row.status)
		}
	}
}

// A webmail presses the button from its own page. Nothing else is taken from there, not
// even at the same address, and a cookie that comes along is not looked at.
func TestOneClickComesFromAnywhere(t *testing.T) {
	t.Parallel()
	const form, oneClick = "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"
	parts := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	h := Protect("https://cascade.example.org", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, err := OneClick(r); err != nil || !got {
			t.Errorf("the page reads it as %v, %v", got, err)
		}
		if cookie := r.Header.Get("Cookie"); cookie != "" {
			t.Errorf("it gets the cookie %q", cookie)
		}
		w.WriteHeader(http.StatusOK)
	}))
	for _, row := range []struct {
		method, path, contentType, body string
		status                          int
	}{
		{"POST", "/emails/TOKEN", form, oneClick, 200},
		{"POST", "/emails/TOKEN", form + "; charset=UTF-8", oneClick, 200},
		{"POST", "/emails/TOKEN", "multipart/form-data; boundary=x", parts, 200},
		{"POST", "/emails/TOKEN?x=y", form, oneClick, 200},
		{"POST", "/emails/TOKEN", form, "do=must", 403},
		{"POST", "/emails/TOKEN", form, oneClick + "&do=resume", 403},
		{"POST", "/emails/TOKEN", form, "List-Unsubscribe=Two-Click", 403},
		{"POST", "/emails/TOKEN", form, "", 403},
		{"POST", "/emails/TOKEN?" + oneClick, form, "", 403},
		{"POST", "/emails/TOKEN", "text/plain", oneClick, 403},
		{"POST", "/emails/TOKEN", form, oneClick + strings.Repeat(" ", MaxBody), 403},
		{"POST", "/emails/", form, oneClick, 403},
		{"POST", "/emails", form, oneClick, 403},
		{"POST", "/emails/TOKEN/", form, oneClick, 403},
		{"POST", "/emails/TOKEN/leave", form, oneClick, 403},
		{"POST", "/emails/TOKEN/address", form, oneClick, 403},
		{"POST", "/emails/TOKEN/not-me", form, oneClick, 403},
		{"POST", "/pairing/TOKEN", form, oneClick, 403},
		{"POST", "/pairing/emails/TOKEN", form, oneClick, 403},
		{"PUT", "/emails/TOKEN", form, oneClick, 403},
		{"DELETE", "/emails/TOKEN", form, oneClick, 403},
	} {
		for _, from := range []map[string]string{{"Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mail.example.net"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}} {
			r := httptest.NewRequestWithContext(t.Context(), row.method, "https://participant.cascade.svc.cluster.local"+row.path, strings.NewReader(row.body))
			r.Header.Set("Content-Type", row.contentType)
			r.Header.Set("Cookie", "device=x")
			for name, value := range from {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != row.status || w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s %.60q from %v: status %d, want %d", row.method, row.path, row.body, from, w.Code, row.status)
			}
		}
	}
}

// Whatever is posted, it is read or refused, and unsubscribes nobody by chance.
func FuzzOneClick(f *testing.F) {
	for _, body := range []string{
		"List-Unsubscribe=One-Click", "List-Unsubscribe=", "%", "\xff", "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../f\"\r\n\r\nOne-Click\r\n--x--\r\n", "--x\r\n\r\n--x--", "--x--",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, contentType := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, MaxBody)
			got, err := OneClick(r)
			if _, refused := err.(*refusal); err != nil && !refused {
				t.Fatalf("%q: %v", body, err)
			}
			if got && (err != nil || r.PostForm.Get("List-Unsubscribe") != "One-Click") {
				t.Fatalf("%q unsubscribes: %v, %v", body, r.PostForm, err)
			}
		}
	})
}
