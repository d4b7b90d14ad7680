package outbox

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// signer signs deliveries of events as SendGrid does.
type signer struct{ *ecdsa.PrivateKey }

func newSigner(t testing.TB) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key}
}

// public is the key as SendGrid shows it.
func (s signer) public() string {
	der, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func (s signer) sign(at time.Time, body string) (signature, timestamp string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256([]byte(timestamp + body))
	sig, err := ecdsa.SignASN1(rand.Reader, s.PrivateKey, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(sig), timestamp
}

// reported is one of SendGrid's events about an attempt at a message.
func reported(event, message string, attempt int) string {
	text, _ := json.Marshal(map[string]any{
		"email": "alex@example.org", "timestamp": time.Now().Unix(), "event": event, "sg_event_id": rand.Text(),
		"sg_message_id": "sg.recvd-1", "message": message, "try": strconv.Itoa(attempt), "type": "bounce", "reason": "550 5.1.1",
	})
	return string(text)
}

// event is one of SendGrid's events about the first attempt at a message, or about none
// that it names for "", with fields of its own.
func event(message string, fields map[string]string) string {
	all := map[string]any{"email": "alex@example.org", "timestamp": time.Now().Unix(), "sg_event_id": rand.Text(), "smtp-id": "<" + message + "@example.org>"}
	if message != "" {
		all["message"], all["try"] = message, "1"
	}
	for name, value := range fields {
		all[name] = value
	}
	text, _ := json.Marshal(all)
	return string(text)
}

// newReportedBed is a bed whose provider reports what becomes of emails.
func newReportedBed(t *testing.T) (*bed, signer) {
	b, s := newBed(t), newSigner(t)
	b.serve(Config{WebhookKey: s.public()})
	return b, s
}

// deliver posts a delivery of events and returns the answer's status.
func (b *bed) deliver(s signer, events ...string) int {
	b.t.Helper()
	body := "[" + strings.Join(events, ",") + "]"
	signature, timestamp := s.sign(time.Now(), body)
	return b.hook(body, signature, timestamp)
}

func (b *bed) hook(body, signature, timestamp string) int {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+"/webhooks/sendgrid", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(signatureHeader, signature)
	request.Header.Set(timestampHeader, timestamp)
	response, err := b.Browser.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// goneQuiet takes the email and gives no answer.
func (b *bed) goneQuiet(http.ResponseWriter, *http.Request) {
	b.mu.Lock()
	b.taken = append(b.taken, email{})
	b.mu.Unlock()
	panic(http.ErrAbortHandler)
}

// However late the reading of a message arrived, a doubt lasts as long as it should.
func TestDoubtLastsItsGraceAfterASlowReading(t *testing.T) {
	b := newBed(t)
	b.refusing(b.goneQuiet)
	provider := httptest.NewServer(b.provider)
	defer provider.Close()
	s, err := newSender(b.Runtime, Config{Key: "the-key", Host: provider.URL, SenderName: "Cascade", SenderEmail: "sender@example.org", WebhookKey: newSigner(t).public()})
	if err != nil {
		t.Fatal(err)
	}
	b.booked("a")
	for m, err := range s.Store.These(t.Context(), "a") {
		if err != nil {
			t.Fatal(err)
		}
		groups, err := s.groups(t.Context(), []*outbox.Message{m})
		if err != nil || len(groups) != 1 {
			t.Fatalf("%d groups, %v", len(groups), err)
		}
		m.ReadAt = m.ReadAt.Add(-10 * time.Minute)
		if err := s.act(t.Context(), groups[0]); err != nil {
			t.Fatal(err)
		}
	}
	if m := b.message("a"); m.State != outbox.InDoubt || m.DueAt.Sub(m.Version) < outbox.Usual.Grace-time.Minute {
		t.Errorf("%s for %v, want about %v", m.State, m.DueAt.Sub(m.Version), outbox.Usual.Grace)
	}
}

func TestMessageInDoubtWaitsForTheProvidersWord(t *testing.T) {
	b, s := newReportedBed(t)
	b.refusing(b.goneQuiet)
	b.booked("a")
	b.Event("outbox/a", "")
	m := b.message("a")
	if m.State != outbox.InDoubt || m.Doubts != 1 || m.Attempts != 1 {
		t.Fatalf("%+v", m)
	}
	b.refusing(nil)
	b.Event("outbox/a", "")
	b.Pass(24 * time.Hour) // the programme's date is not the server's
	b.sweep()
	if n := b.attempts(); n != 1 {
		t.Fatalf("sent again without waiting: %d attempts", n)
	}
	if status := b.deliver(s, reported("processed", "a", 1)); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	b.change("a", func(m *outbox.Message, server time.Time) {
		if m.State != outbox.Sent || m.Outcome != outbox.Taken {
			t.Errorf("the provider says it went: %+v", m)
		}
	})
	b.sweep()
	if n := len(b.emails()); n != 1 {
		t.Errorf("%d emails", n)
	}
}

func TestMessageInDoubtIsSentOnceMoreWhenNoWordComes(t *testing.T) {
	b, s := newReportedBed(t)
	b.refusing(b.goneQuiet)
	b.booked("a")
	b.Event("outbox/a", "")
	b.refusing(nil)
	b.change("a", func(m *outbox.Message, server time.Time) { m.DueAt = server })
	b.sweep()
	m := b.message("a")
	if n := len(b.emails()); n != 1+m.Doubts || m.State != outbox.Sent || m.Attempts != 2 {
		t.Errorf("%d emails; %+v", n, m)
	}
	// The word about the first comes after all, and late: nothing more is sent.
	if status := b.deliver(s, reported("delivered", "a", 1), reported("delivered", "a", 2)); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	b.sweep()
	if n := len(b.emails()); n != 2 {
		t.Errorf("%d emails", n)
	}
}

// The provider's word can be quicker than its answer: whoever records the answer then
// finds that it is known already.
func TestReportThatOvertakesTheAnswer(t *testing.T) {
	b, s := newReportedBed(t)
	b.refusing(func(w http.ResponseWriter, r *http.Request) {
		if status := b.deliver(s, reported("delivered", "a", 1)); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		b.take(w, email{})
	})
	b.booked("a")
	b.Event("outbox/a", "")
	b.refusing(nil)
	b.sweep()
	if m := b.message("a"); m.State != outbox.Sent || m.Outcome != outbox.Delivered || len(b.emails()) != 1 {
		t.Errorf("%d emails; %+v", len(b.emails()), m)
	}
}

func TestCrashedSenderLeavesDoubtAndNoSecondEmail(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.change("a", func(m *outbox.Message, server time.Time) { m.Claim(server.Add(-outbox.Usual.Lease), outbox.Usual) })
	b.sweep()
	if m := b.message("a"); m.State != outbox.InDoubt || m.Doubts != 1 || b.attempts() != 0 {
		t.Fatalf("%d attempts; %+v", b.attempts(), m)
	}
	if status := b.deliver(s, reported("delivered", "a", 1)); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	b.sweep()
	if m := b.message("a"); m.State != outbox.Sent || b.attempts() != 0 {
		t.Errorf("%d attempts; %+v", b.attempts(), m)
	}
}

func TestWhoseAddressFailsIsNotWrittenToAgain(t *testing.T) {
	for _, row := range []struct {
		event   string
		state   outbox.State
		outcome outbox.Outcome
		stopped contact.Stop
	}{
		{"delivered", outbox.Sent, outbox.Delivered, ""},
		{"deferred", outbox.Sent, outbox.Taken, ""},
		{"open", outbox.Sent, outbox.Unknown, ""},
		{"bounce", outbox.SetAside, outbox.Bounced, contact.Bounced},
		{"dropped", outbox.SetAside, outbox.Unclear, ""}, // the reason is none of SendGrid's
		{"spamreport", outbox.Sent, outbox.SpamReport, contact.SpamReport},
		{"unsubscribe", outbox.Sent, outbox.Unsubscribed, ""},
	} {
		t.Run(row.event, func(t *testing.T) {
			b, s := newReportedBed(t)
			b.booked("a")
			b.Event("outbox/a", "")
			for range 3 { // SendGrid says everything about three times
				if status := b.deliver(s, reported(row.event, "a", 1), reported("processed", "a", 1)); status != http.StatusOK {
					t.Fatalf("status %d", status)
				}
			}
			m := b.message("a")
			if row.outcome == outbox.Unknown {
				row.outcome = outbox.Taken // of processed
			}
			if m.State != row.state || m.Outcome != row.outcome {
				t.Errorf("%+v", m)
			}
			contact, err := b.Store.Contact(t.Context(), "pilot", "alex")
			if err != nil || contact.Stopped != row.stopped {
				t.Errorf("contact %+v, %v", contact, err)
			}
			if declined := len(contact.Declined) > 0; declined != (row.event == "unsubscribe") {
				t.Errorf("declined %v", contact.Declined)
			}
			b.owe(t.Context(), outbox.Message{ID: "b", Kind: message.KindPairingStarted, To: "alex", Role: programme.Client, IDs: outbox.IDs{Pairing: "m"}})
			b.Event("outbox/b", "")
			if want := map[bool]outbox.State{true: outbox.Sent, false: outbox.Unwanted}[row.stopped == ""]; b.message("b").State != want {
				t.Errorf("the next one: %+v, want %s", b.message("b"), want)
			}
		})
	}
}

// However often and in whatever order reports come, the person has the time at which an
// email last arrived.
func TestWhenAnEmailLastArrivedStandsOnThePerson(t *testing.T) {
	b, s := newReportedBed(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
	delivered := func(id string, at time.Time) string {
		return regexp.MustCompile(`"timestamp":\d+`).ReplaceAllString(reported("delivered", id, 1), fmt.Sprintf(`"timestamp":%d`, at.Unix()))
	}
	known := func() *contact.Contact {
		t.Helper()
		c, err := b.Store.Contact(t.Context(), "pilot", "alex")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		b.booked(id)
		b.Event("outbox/"+id, "")
	}
	for _, row := range []struct {
		id    string
		at    time.Time
		want  time.Time
		write bool
	}{
		{"b", at, at, true},
		{"b", at, at, false}, // again
		{"a", at.Add(-time.Minute), at, false},
		{"c", at.Add(time.Minute), at.Add(time.Minute), true},
		{"c", at.Add(time.Hour), at.Add(time.Minute), false}, // the message has it already
		{"b", at, at.Add(time.Minute), false},
	} {
		before := known().Version
		if status := b.deliver(s, delivered(row.id, row.at)); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		if c := known(); !c.DeliveredAt.Equal(row.want) || c.Stopped != "" || c.Version.Equal(before) == row.write {
			t.Errorf("%+v: %+v", row, c)
		}
	}
	// A bounce afterwards stops the sending, and leaves what was known.
	b.deliver(s, reported("bounce", "d", 1))
	if c := known(); !c.DeliveredAt.Equal(at.Add(time.Minute)) || c.Stopped != contact.Bounced {
		t.Errorf("%+v", c)
	}
	// Of somebody who is gone nothing is kept anew, and a report is taken all the same.
	for _, event := range []string{"delivered", "bounce", "unsubscribe"} {
		id := "gone-" + event
		b.owe(t.Context(), outbox.Message{ID: id, Kind: message.KindSessionBooked, To: "gone", Role: programme.Client, IDs: outbox.IDs{Pairing: "m", Session: "s"}})
		b.change(id, func(m *outbox.Message, server time.Time) { m.Claim(server, outbox.Usual); m.Took("x", server) })
		if status := b.deliver(s, reported(event, id, 1)); status != http.StatusOK || b.message(id).Outcome == outbox.Unknown {
			t.Errorf("%s: status %d, %+v", event, status, b.message(id))
		}
		if c, err := b.Store.Contact(t.Context(), "pilot", "gone"); err != nil || !c.Version.IsZero() {
			t.Errorf("%s: they became a contact: %+v, %v", event, c, err)
		}
	}
}

func TestOnlyTheProviderIsBelieved(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	body := "[" + reported("bounce", "a", 1) + "]"
	signature, timestamp := s.sign(time.Now(), body)
	old, oldTime := s.sign(time.Now().Add(-fresh-time.Minute), body)
	early, earlyTime := s.sign(time.Now().Add(fresh+time.Minute), body)
	foreign, foreignTime := newSigner(t).sign(time.Now(), body)
	der, _ := base64.StdEncoding.DecodeString(signature)
	for name, row := range map[string]struct {
		body, signature, timestamp string
		status                     int
	}{
		"no signature":          {body, "", timestamp, 403},
		"not base64":            {body, "%%%", timestamp, 403},
		"not a signature":       {body, base64.StdEncoding.EncodeToString([]byte("x")), timestamp, 403},
		"something after it":    {body, base64.StdEncoding.EncodeToString(append(bytes.Clone(der), 0)), timestamp, 403},
		"of another body":       {strings.Replace(body, "bounce", "dropped", 1), signature, timestamp, 403},
		"of the body re-spaced": {body + " ", signature, timestamp, 403},
		"of another time":       {body, signature, oldTime, 403},
		"no time":               {body, signature, "", 403},
		"a time that is none":   {body, signature, "soon", 403},
		"another's key":         {body, foreign, foreignTime, 403},
		"replayed later":        {body, old, oldTime, 403},
		"from the future":       {body, early, earlyTime, 403},
		"too large":             {"[" + strings.Repeat(" ", 3<<20) + "]", signature, timestamp, 413},
	} {
		if status := b.hook(row.body, row.signature, row.timestamp); status != row.status {
			t.Errorf("%s: status %d, want %d", name, status, row.status)
		}
	}
	if got := b.Get("/webhooks/sendgrid"); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.StatusCode)
	}
	if m := b.message("a"); m.State != outbox.Sent || m.Outcome != outbox.Unknown {
		t.Fatalf("a stranger was believed: %+v", m)
	}
	if status := b.hook(body, signature, timestamp); status != http.StatusOK || b.message("a").Outcome != outbox.Bounced {
		t.Errorf("the provider is not: status %d", status)
	}
}

// Wrong signatures that others have taken for right: numbers of nought, of the curve's
// order and beyond, negative ones, encodings that are not DER, bytes after them; and
// right ones that others have refused.
func TestSignaturesThatAreEasilyTakenWrongly(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/wycheproof/ecdsa_secp256r1_sha256.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var key *ecdsa.PublicKey
	n := map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "key "); ok {
			if key, err = publicKey(text); err != nil {
				t.Fatal(err)
			}
			continue
		}
		f := strings.SplitN(lines.Text(), " ", 5)
		message, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(f[2], "-"))
		if err != nil || len(f) != 5 {
			t.Fatal(lines.Text(), err)
		}
		want, signature := f[1] == "valid", strings.TrimPrefix(f[3], "-")
		n[f[1]]++
		if verified(key, signature, message) != want {
			t.Errorf("%s (%s): believed %v", f[0], f[4], !want)
		}
		// Most messages are numbers: a delivery of nothing at that time.
		if at, err := strconv.ParseInt(string(message), 10, 64); err == nil {
			n["a delivery"]++
			if signed(key, signature, string(message), nil, time.Unix(at, 0)) != want {
				t.Errorf("%s (%s), as a delivery: believed %v", f[0], f[4], !want)
			}
		}
	}
	if n["valid"] != 174 || n["invalid"] != 310 || n["a delivery"] < 400 {
		t.Errorf("looked at %v", n)
	}
}

func TestOneBadEventHoldsUpNone(t *testing.T) {
	b, s := newReportedBed(t)
	b.booked("a")
	b.Event("outbox/a", "")
	events := []string{`7`, `null`, `{}`, `{"event":9}`, `"x"`, `{"event":"delivered","message":"__a__","try":"1"}`,
		`{"event":"delivered","message":"nowhere","try":"1"}`, `{"event":"delivered","message":"a","try":"many"}`,
		`{"event":"delivered","message":"a"}`, `{"event":"delivered","message":"a/b","try":"1"}`}
	if status := b.deliver(s, events...); status != http.StatusOK || b.message("a").Outcome != outbox.Unknown {
		t.Errorf("status %d; %+v", status, b.message("a"))
	}
	if status := b.deliver(s, append(events, reported("delivered", "a", 1))...); status != http.StatusOK || b.message("a").Outcome != outbox.Delivered {
		t.Errorf("status %d; %+v", status, b.message("a"))
	}
	for _, body := range []string{`{}`, `[`, ``, `[{]`} {
		signature, timestamp := s.sign(time.Now(), body)
		if status := b.hook(body, signature, timestamp); status != http.StatusBadRequest {
			t.Errorf("%q: status %d", body, status)
		}
	}
}

func TestKeyThatIsNoneStopsTheStart(t *testing.T) {
	t.Parallel()
	der, err := base64.StdEncoding.DecodeString(newSigner(t).public())
	if err != nil {
		t.Fatal(err)
	}
	beside, compressed := bytes.Clone(der), bytes.Clone(der)
	beside[len(beside)-1] ^= 1 // no point of the curve
	compressed[len(compressed)-65] = 2
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"x", "aGVsbG8=", base64.StdEncoding.EncodeToString([]byte(newSigner(t).public())),
		base64.StdEncoding.EncodeToString(beside), base64.StdEncoding.EncodeToString(compressed), base64.StdEncoding.EncodeToString(der[:len(der)-64]),
		base64.StdEncoding.EncodeToString(append(bytes.Clone(der), 0)), signer{other}.public()} {
		if _, err := publicKey(key); err == nil || !strings.Contains(err.Error(), "SENDGRID_WEBHOOK_KEY") {
			t.Errorf("%q: %v", key, err)
		}
	}
}
