package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

// attempts are what the mailbox says of the requests for a message.
func (b *box) attempts(message string) mailbox.Attempts {
	b.t.Helper()
	var all map[string]mailbox.Attempts
	if err := json.Unmarshal(b.ask("GET", "/mailbox/attempts.json", "").Body.Bytes(), &all); err != nil {
		b.t.Fatal(err)
	}
	return all[message]
}

// send hands one message over as the outbox does.
func send(ctx context.Context, provider mail.Provider, message string, attempt int) error {
	_, err := provider.Send(ctx, mail.Envelope{
		Email: mail.Email{Subject: "Hello", Text: "Hello", HTML: "<p>Hello</p>"}, ToAddress: "alex@example.org", Message: message, Attempt: attempt,
	})
	return err
}

// Each thing that can happen is what its name says, as the outbox's sender sees it:
// who is told "sent" is right, who is told "refused" is right, and all else is unclear.
func TestWhatCanHappenToARequest(t *testing.T) {
	t.Parallel()
	seen := 0
	for line := range strings.Lines(mailbox.Kinds()) {
		kind := strings.Fields(line)[0]
		seen++
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			server := httptest.NewServer(b.h)
			t.Cleanup(server.Close)
			b.faults(fmt.Sprintf(`{"shares":{%q:1},"hang":"100ms","slow":"100ms","retryAfter":"7s"}`, kind))
			start := time.Now()
			err := send(t.Context(), mail.NewSendGrid("key", server.URL, "Cascade", "programme@example.org", true), "m1", 1)
			took := time.Since(start)

			var refused *mail.Refused
			kept, a := len(b.Messages("")), b.attempts("m1")
			if a.Asked != 1 || a.Taken != kept {
				t.Errorf("%d emails were kept, and it says %+v", kept, a)
			}
			switch {
			case errors.As(err, &refused):
				if kept > 0 || a.Unclear > 0 {
					t.Errorf("refused, and %d emails were kept: %+v", kept, a)
				}
			case err == nil:
				if kept != 1 || a.Unclear > 0 {
					t.Errorf("sent, and %d emails were kept: %+v", kept, a)
				}
			case a.Unclear != 1:
				t.Errorf("%v, and the mailbox thinks that it was clear", err)
			}

			code, _, _ := strings.Cut(kind, "-")
			switch code {
			case "429", "503", "400", "401":
				if refused == nil || fmt.Sprint(refused.Status) != code || refused.Permanent != (code == "400") {
					t.Errorf("%v", err)
				}
				if asks := strings.HasPrefix(kind, "429-"); asks && (refused.RetryAfter < 6*time.Second || refused.RetryAfter > 9*time.Second) || !asks && refused.RetryAfter != 0 {
					t.Errorf("asks to wait %v", refused.RetryAfter)
				}
			case "redirect":
				if refused == nil || refused.Status != 307 || !refused.Permanent {
					t.Errorf("%v", err)
				}
			case "500", "502", "hang", "reset":
				if err == nil || refused != nil || strings.HasSuffix(kind, "-after") != (kept == 1) {
					t.Errorf("%v, %d kept", err, kept)
				}
			default: // taken, with an odd answer
				if err != nil || kept != 1 {
					t.Errorf("%v, %d kept", err, kept)
				}
			}
			if waits := code == "hang" || code == "slow"; waits && took < 100*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if w := b.ask("GET", "/mailbox/faults", ""); !strings.Contains(w.Body.String(), fmt.Sprintf(`"happened":{%q:1}`, kind)) || !strings.Contains(w.Body.String(), `"retryAfter":"7s"`) {
				t.Errorf("it says %s", w.Body)
			}

			b.faults(`{}`)
			if err := send(t.Context(), mail.NewSendGrid("key", server.URL, "Cascade", "programme@example.org", true), "m1", 2); err != nil {
				t.Errorf("with no faults: %v", err)
			}
		})
	}
	if seen < 15 {
		t.Errorf("%d kinds", seen)
	}
}

// The same seed makes the same choices about the same messages, in whatever order
// they come, and another makes others; shares are met.
func TestChoicesAreTheSeeds(t *testing.T) {
	t.Parallel()
	const n = 2000
	chosen := func(seed int, backwards bool) map[string]string {
		b := newBox(t)
		b.faults(fmt.Sprintf(`{"seed":%d,"shares":{"429":0.2,"503":0.1,"502-after":0.1}}`, seed))
		got := map[string]string{}
		for i := range n {
			if backwards {
				i = n - 1 - i
			}
			message := fmt.Sprint("m", i%500) // each four times
			w := b.send(email(set("custom_args", map[string]string{"message": message})))
			got[message] += fmt.Sprint(w.Code, " ")
		}
		return got
	}
	first := chosen(1, false)
	if again := chosen(1, true); !maps.Equal(first, again) {
		t.Error("the order of messages changes what happens to them")
	}
	if other := chosen(2, false); maps.Equal(first, other) {
		t.Error("another seed chooses the same")
	}
	counts := map[string]int{}
	for _, codes := range first {
		for code := range strings.FieldsSeq(codes) {
			counts[code]++
		}
	}
	for code, share := range map[string]float64{"202": 0.6, "429": 0.2, "503": 0.1, "502": 0.1} {
		if got := float64(counts[code]) / n; got < share-0.04 || got > share+0.04 {
			t.Errorf("%s happened to %.2f, want %.2f", code, got, share)
		}
	}
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.faults(`{"shares":{"503":1}}`)
	for _, text := range []string{
		"", "null-", "[]", `{"share":{}}`, `{"shares":{"418":1}}`, `{"shares":{"429":1.5}}`, `{"shares":{"429":-0.1}}`, `{"shares":{"429":0.6,"503":0.6}}`,
		`{"hang":"-1s"}`, `{"hang":"long"}`, `{"hang":5}`, `{"events":{"drop":2}}`, `{"events":{"double":-1}}`, `{"events":{"lose":1}}`,
	} {
		if w := b.ask("PUT", "/mailbox/faults", text); w.Code != http.StatusBadRequest || w.Body.Len() == 0 {
			t.Errorf("%s: status %d", text, w.Code)
		}
	}
	if w := b.ask("GET", "/mailbox/faults", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"shares":{"503":1}`) {
		t.Errorf("afterwards: %d, %s", w.Code, w.Body)
	}
	if w := b.ask("POST", "/mailbox/faults", `{}`); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", w.Code)
	}
	if w := b.send(email(nil)); w.Code != 503 {
		t.Errorf("the faults are not those from before: status %d", w.Code)
	}
}

// What SendGrid writes itself cannot be set.
func TestReservedHeadersAreRefused(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, name := range []string{"To", "bcc", "Subject", "X-SG-ID", "content-type"} {
		refused(t, name, b.send(email(set("headers", map[string]string{name: "x"}))), 400, "headers", "reserved")
	}
	b.taken(set("headers", map[string]string{"Message-ID": "<a@example.org>", "List-Unsubscribe": "<https://example.org>"}))
}

// A benchmark of the outbox must measure the outbox.
func BenchmarkSend(b *testing.B) {
	m, err := mailbox.Open(b.TempDir()+"/mailbox.jsonl", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	h, err := m.Handler()
	if err != nil {
		b.Fatal(err)
	}
	body := email(set("content", list{map[string]any{"type": "text/plain", "value": strings.Repeat("Hello ", 300)}, map[string]any{"type": "text/html", "value": strings.Repeat("<p>Hello</p>", 300)}}))
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			r := httptest.NewRequest("POST", "/v3/mail/send", strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer key")
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusAccepted {
				b.Errorf("status %d", w.Code)
			}
		}
	})
}
