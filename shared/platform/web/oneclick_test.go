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
