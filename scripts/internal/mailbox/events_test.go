package mailbox_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"

	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
)

// listener takes events as a function does, and holds that each post is signed: by
// the code that SendGrid gives its customers for that.
type listener struct {
	t      *testing.T
	public *ecdsa.PublicKey
	mu     sync.Mutex
	events []map[string]any
	posts  int
	// refuse is how many posts are refused first.
	refuse int
	url    string
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	signature, at := r.Header.Get(eventwebhook.VerificationHTTPHeader), r.Header.Get(eventwebhook.TimestampHTTPHeader)
	if ok, verr := eventwebhook.VerifySignature(l.public, body, signature, at); err != nil || verr != nil || !ok {
		l.t.Errorf("the signature %q at %q: %v, %v, %v", signature, at, ok, verr, err)
	}
	if !recent(at) || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		l.t.Errorf("posted at %s: %s, %v", at, r.Method, r.Header)
	}
	var batch []map[string]any
	if err := json.Unmarshal(body, &batch); err != nil || len(batch) == 0 {
		l.t.Errorf("%v: %s", err, body)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.posts++; l.posts <= l.refuse {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	l.events = append(l.events, batch...)
}

// recent is by the real clock, whatever that of the programme says.
func recent(at string) bool {
	seconds, err := strconv.ParseInt(at, 10, 64)
	return err == nil && time.Since(time.Unix(seconds, 0)).Abs() < time.Minute
}

func (l *listener) all() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// reporting is a mailbox that tells a listener what becomes of emails.
func reporting(t *testing.T, refuse int, patience time.Duration) (*box, *listener) {
	t.Helper()
	b := newBox(t)
	key, public, err := mailbox.Key(filepath.Join(t.TempDir(), "webhook.key"))
	if err != nil {
		t.Fatal(err)
	}
	read, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(public)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, public: read, refuse: refuse}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.url = server.URL
	b.report(l.url, key, patience)
	return b, l
}

// report tells events until the test ends.
func (b *box) report(url string, key *ecdsa.PrivateKey, patience time.Duration) {
	ctx, end := context.WithCancel(context.Background())
	wait := b.Report(ctx, mailbox.Reports{URL: url, Key: key, For: patience})
	b.t.Cleanup(func() { end(); wait() })
}

// until waits for what must come.
func until(t *testing.T, what string, come func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !come(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// mailTo sends one email with a message's custom arguments.
func (b *box) mailTo(to, message string) string {
	b.t.Helper()
	return b.taken(func(m map[string]any) {
		m["personalizations"] = list{map[string]any{"to": list{map[string]any{"email": to}}, "custom_args": map[string]string{"message": message, "try": "2"}}}
		m["headers"] = map[string]string{"Message-ID": "<" + message + "@example.org>"}
	})
}

func TestWhatBecomesOfEmailsIsTold(t *testing.T) {
	t.Parallel()
	b, l := reporting(t, 0, time.Minute)
	for _, row := range []struct {
		to, events, words string
	}{
		{"alex@example.org", "processed delivered", "Delivered"},
		{"bounce@example.org", "processed bounce/bounce", "Bounced"},
		{"Bounce.2@example.org", "processed bounce/bounce", "Bounced"},
		{"blocked@example.org", "processed bounce/blocked", "Blocked"},
		{"dropped-1@example.org", "dropped", "Dropped"},
		{"deferred@example.org", "processed deferred delivered", "second attempt"},
		{"spam@example.org", "processed delivered spamreport", "reported as spam"},
		{"unsubscribe@example.org", "processed delivered unsubscribe", "declined"},
		{"no-address@example.org", "dropped", "no address"},
		{"complained@example.org", "dropped", "reported as spam"},
		{"opted-out@example.org", "dropped", "no more is wanted"},
		{"full-box@example.org", "processed bounce/bounce", "no room"}, // the second attempt of three
		{"greylisted@example.org", "processed delivered", "second attempt"},
	} {
		id := b.mailTo(row.to, row.to)
		want := strings.Fields(row.events)
		var got []string
		until(t, "all events came of "+row.to, func() bool {
			got = nil
			for _, e := range l.all() {
				if e["message"] != row.to {
					continue
				}
				name := fmt.Sprint(e["event"])
				if kind, ok := e["type"]; ok {
					name += fmt.Sprintf("/%v", kind)
				}
				got = append(got, name)
				if e["email"] != row.to || e["timestamp"] != float64(noon.Unix()) || e["try"] != "2" || name == "deferred" != (e["attempt"] != nil) || e["sg_event_id"] == "" ||
					!strings.HasPrefix(fmt.Sprint(e["sg_message_id"]), id+".") || e["smtp-id"] != "<"+row.to+"@example.org>" {
					t.Errorf("%s: %v", row.to, e)
				}
			}
			return len(got) >= len(want)
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", row.to, got, want)
		}
		for _, page := range []string{b.page("/mailbox/" + id), b.page("/mailbox/?to=" + row.to)} {
			if !strings.Contains(page, row.words) {
				t.Errorf("%s: the page lacks %q", row.to, row.words)
			}
		}
	}
	// Which were taken is told, in their form.
	until(t, "they count as told", func() bool {
		var told []map[string]any
		if err := json.Unmarshal(b.ask("GET", "/mailbox/events.json", "").Body.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		return len(told) == len(l.all())
	})
	refused(t, "an address that is refused", b.send(email(func(m map[string]any) {
		m["personalizations"] = list{map[string]any{"to": list{map[string]any{"email": "refused@example.org"}}}}
	})), 400, "personalizations.0.to.0.email", "valid address")
}

// A bounce that comes by another email lacks the sender's arguments, and names the email
// all the same.
func TestLateBounceLacksTheArguments(t *testing.T) {
	t.Parallel()
	b, l := reporting(t, 0, time.Minute)
	id := b.mailTo("late-bounce@example.org", "m1")
	until(t, "all events came", func() bool { return len(l.all()) == 3 })
	for _, e := range l.all() {
		late := e["event"] == "bounce"
		if _, there := e["message"]; there == late || (e["smtp-id"] == nil) != late || !strings.HasPrefix(fmt.Sprint(e["sg_message_id"]), id+".") {
			t.Errorf("%v", e)
		}
	}
}

// While the account is at fault, nothing is delivered, in SendGrid's words for it.
func TestAccountAtFaultDropsEverything(t *testing.T) {
	t.Parallel()
	b, l := reporting(t, 0, time.Minute)
	b.faults(`{"account":"quota"}`)
	b.mailTo("alex@example.org", "m1")
	until(t, "it was dropped", func() bool { return len(l.all()) == 1 })
	if e := l.all()[0]; e["event"] != "dropped" || e["reason"] != "Recipient List over Package Quota" || e["message"] != "m1" {
		t.Errorf("%v", e)
	}
	b.faults(`{}`)
	b.mailTo("alex@example.org", "m2")
	until(t, "the next is delivered", func() bool { return len(l.all()) == 3 })
	if w := b.ask("PUT", "/mailbox/faults", `{"account":"moon"}`); w.Code != http.StatusBadRequest {
		t.Errorf("a fault that is none: status %d", w.Code)
	}
}

func TestEventsAreToldUntilTheyAreTaken(t *testing.T) {
	t.Parallel()
	b, l := reporting(t, 3, time.Minute)
	b.mailTo("alex@example.org", "m1")
	until(t, "both events came", func() bool { return len(l.all()) == 2 })
	if l.posts < 4 {
		t.Errorf("taken at post %d, and 3 were refused", l.posts)
	}
}

// Whoever takes no events holds nothing up, and is left alone after a while.
func TestEventsThatNobodyTakesAreGivenUp(t *testing.T) {
	t.Parallel()
	b, l := reporting(t, 1<<30, 400*time.Millisecond)
	b.mailTo("alex@example.org", "m1")
	count := func() int { l.mu.Lock(); defer l.mu.Unlock(); return l.posts }
	until(t, "it was tried again", func() bool { return count() >= 2 })
	b.mailTo("robin@example.org", "m2") // taken all the same
	until(t, "it was tried, too", func() bool { return count() >= 4 })
	l.mu.Lock()
	l.refuse = 0
	l.mu.Unlock()
	b.mailTo("zoe@example.org", "m3")
	until(t, "a later one is told", func() bool {
		return slices.ContainsFunc(l.all(), func(e map[string]any) bool { return e["message"] == "m3" })
	})
	// With nobody at all, too.
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	other := newBox(t)
	key, _, err := mailbox.Key(filepath.Join(t.TempDir(), "webhook.key"))
	if err != nil {
		t.Fatal(err)
	}
	other.report(gone.URL, key, time.Minute)
	other.mailTo("alex@example.org", "m1")
	// The cleanup ends it in the middle of its trying, which must not take long.
}

func TestKeyIsMadeOnceAndOnlyTheRightKindIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "webhook.key")
	_, first, err := mailbox.Key(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, again, err := mailbox.Key(file); err != nil || again != first {
		t.Errorf("another key at the second time: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key can be read by others: %v, %v", info.Mode(), err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(p384)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "text": "key", "cut": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"another curve": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := mailbox.Key(file); err == nil {
			t.Errorf("a file that is %s is read as a key", name)
		}
	}
	if _, _, err := mailbox.Key(filepath.Join(dir, "no", "folder")); err == nil {
		t.Error("a key was made in no folder")
	}
}

// set puts faults to a mailbox while it runs.
func (b *box) faults(text string) {
	b.t.Helper()
	if w := b.ask("PUT", "/mailbox/faults", text); w.Code != http.StatusNoContent {
		b.t.Fatalf("%s: status %d, %s", text, w.Code, w.Body)
	}
}

func TestEventsAreDroppedDoubledAndMixed(t *testing.T) {
	t.Parallel()
	const n = 300
	for name, row := range map[string]struct {
		faults   string
		min, max int // of 2 n events
		ordered  bool
	}{
		"all":     {`{}`, 2 * n, 2 * n, true},
		"doubled": {`{"events":{"double":1}}`, 4 * n, 4 * n, false},
		"dropped": {`{"events":{"drop":0.5},"seed":7}`, n - 60, n + 60, true},
		"mixed":   {`{"events":{"shuffle":true}}`, 2 * n, 2 * n, false},
		"late":    {`{"events":{"delay":"300ms"}}`, 2 * n, 2 * n, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, l := reporting(t, 0, time.Minute)
			b.faults(row.faults)
			for i := range n {
				b.mailTo("alex@example.org", fmt.Sprint("m", i))
			}
			b.faults(`{}`)
			b.mailTo("alex@example.org", "last")
			until(t, "all came", func() bool {
				all := l.all()
				return len(all)-2 >= row.min && slices.ContainsFunc(all, func(e map[string]any) bool { return e["message"] == "last" })
			})
			backwards, got, ids := 0, 0, map[any]bool{}
			done := map[any]bool{}
			for _, e := range l.all() {
				if ids[e["sg_event_id"]] {
					t.Errorf("told twice under one id: %v", e)
				}
				ids[e["sg_event_id"]] = true
				if e["message"] == "last" {
					continue
				}
				got++
				if e["event"] == "processed" && done[e["message"]] {
					backwards++
				}
				done[e["message"]] = done[e["message"]] || e["event"] == "delivered"
			}
			if got < row.min || got > row.max {
				t.Errorf("%d events, want %d to %d", got, row.min, row.max)
			}
			if !row.ordered && backwards == 0 {
				t.Error("all events came in their order")
			}
		})
	}
}
