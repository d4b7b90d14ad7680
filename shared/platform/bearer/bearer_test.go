package bearer_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cascading-leadership/cascade/shared/platform/bearer"
	"github.com/cascading-leadership/cascade/shared/platform/jwks"
	"github.com/cascading-leadership/cascade/shared/platform/openid/openidtest"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

const (
	audience = "cascade/outbox"
	account  = "events@project.iam.example.org"
	subject  = "system:serviceaccount:cascade:outbox-sweep"
)

// door is an endpoint that takes events, and the issuer whose tokens it trusts.
type door struct {
	*openidtest.Provider
	t      *testing.T
	url    string
	passed int

	mu    sync.Mutex
	shift time.Duration
}

func newDoor(t *testing.T, change ...func(*bearer.Trusted)) *door {
	t.Helper()
	d := &door{Provider: openidtest.New(t, account), t: t}
	trusted := bearer.Trusted{Issuer: d.URL, Keys: d.URL + "/keys", Audience: audience, Subjects: []string{subject}, Emails: []string{account}}
	for _, c := range change {
		c(&trusted)
	}
	d.serve(trusted)
	return d
}

func (d *door) serve(trusted ...bearer.Trusted) {
	d.t.Helper()
	v, err := bearer.New(trusted, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	server := httptest.NewServer(v.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.passed++
	})))
	d.t.Cleanup(server.Close)
	d.url = server.URL
}

func (d *door) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.shift)
}

func (d *door) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shift += by
}

// claims are those of a token that passes, with some changed; nil takes one away.
func (d *door) claims(change map[string]any) map[string]any {
	now := d.now()
	all := map[string]any{"iss": d.URL, "sub": subject, "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// knocks posts with headers, and says how it was answered and whether it came through.
func (d *door) knocks(authorization ...string) (status int, challenge string, through bool) {
	d.t.Helper()
	before := d.passed
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+"/events", strings.NewReader("{}"))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header["Authorization"] = authorization
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	answer.Body.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	return answer.StatusCode, answer.Header.Get("WWW-Authenticate"), d.passed > before
}

// Whatever is wrong with a token, the event does not come through, and what the log says of
// it is one of few words.
func TestWrongTokens(t *testing.T) {
	seen := testbed.Watch(t)
	var log bytes.Buffer
	usual := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(usual) })

	d := newDoor(t)
	signed := func(change map[string]any) string { return "Bearer " + d.KeySigned(d.claims(change)) }
	at := func(by time.Duration) int64 { return d.now().Add(by).Unix() }
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(d.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	public = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	right := strings.TrimPrefix(signed(nil), "Bearer ")
	head, rest, _ := strings.Cut(right, ".")
	body, signature, _ := strings.Cut(rest, ".")

	const (
		passes     = ""
		noToken    = "no token"
		unreadable = "malformed, or signed in a way that is not allowed"
		issuer     = "issuer"
		forged     = "signature"
		wrongTime  = "time"
		wrongAud   = "audience"
		sender     = "sender"
	)
	counted := map[string]float64{}
	for _, row := range []struct {
		name   string
		header []string
		reason string
	}{
		{"the right one", []string{signed(nil)}, passes},
		{"in small letters", []string{"bearer " + right}, passes},
		{"an account, by its verified address", []string{signed(map[string]any{"sub": "1234", "email": account, "email_verified": true})}, passes},
		{"as some issuers say that", []string{signed(map[string]any{"sub": "1234", "email": account, "email_verified": "true"})}, passes},
		{"an issuer's clock that is before ours", []string{signed(map[string]any{"iat": at(50 * time.Second), "nbf": at(50 * time.Second)})}, passes},
		{"two hours", []string{signed(map[string]any{"iat": at(-time.Hour), "exp": at(time.Hour)})}, passes},
		{"an audience in a list", []string{signed(map[string]any{"aud": []string{audience}})}, passes},

		{"as Kubernetes makes them", []string{signed(map[string]any{"aud": []string{audience}, "nbf": at(0), "jti": "d5f1b1d2-0000-4000-8000-000000000000",
			"kubernetes.io": map[string]any{"namespace": "cascade", "serviceaccount": map[string]any{"name": "outbox-sweep", "uid": "1"}}})}, passes},
		{"as Google makes them", []string{signed(map[string]any{"sub": "113774264463038321964", "azp": "113774264463038321964", "email": account, "email_verified": true})}, passes},

		{"no token", nil, noToken},
		{"a password", []string{"Basic YTpi"}, unreadable},
		{"nothing", []string{"Bearer "}, unreadable},
		{"a word", []string{"Bearer hello"}, unreadable},
		{"two", []string{"Bearer " + right, "Bearer " + right}, unreadable},
		{"one in the JSON form", []string{`Bearer {"payload":"` + body + `","protected":"` + head + `","signature":"` + signature + `"}`}, unreadable},
		{"no algorithm", []string{"Bearer " + openidtest.Unsigned(d.claims(nil))}, unreadable},
		{"the public key as a secret", []string{"Bearer " + openidtest.Signed(jose.HS256, public, d.KeyID(), d.claims(nil))}, unreadable},
		{"an algorithm that is not allowed", []string{"Bearer " + openidtest.Signed(jose.RS512, openidtest.OtherKey(), d.KeyID(), d.claims(nil))}, unreadable},

		{"a foreign key under the issuer's id", []string{"Bearer " + openidtest.Signed(jose.RS256, openidtest.OtherKey(), d.KeyID(), d.claims(nil))}, forged},
		{"another kind of key under it", []string{"Bearer " + openidtest.Signed(jose.ES256, ec, d.KeyID(), d.claims(nil))}, forged},
		{"another kind still", []string{"Bearer " + openidtest.Signed(jose.EdDSA, ed, d.KeyID(), d.claims(nil))}, forged},
		{"a foreign key under it, by another algorithm", []string{"Bearer " + openidtest.Signed(jose.PS256, openidtest.OtherKey(), d.KeyID(), d.claims(nil))}, forged},
		{"a signature that was taken out", []string{"Bearer " + head + "." + body + ".U0lHTkFUVVJFX1JFTU9WRUQ"}, forged},

		{"another issuer", []string{signed(map[string]any{"iss": "https://other.example.org"})}, issuer},
		{"a slash more", []string{signed(map[string]any{"iss": d.URL + "/"})}, issuer},
		{"no issuer", []string{signed(map[string]any{"iss": nil})}, issuer},

		{"expired", []string{signed(map[string]any{"iat": at(-time.Hour), "exp": at(-time.Second)})}, wrongTime},
		{"no end", []string{signed(map[string]any{"exp": nil})}, wrongTime},
		{"no beginning", []string{signed(map[string]any{"iat": nil})}, wrongTime},
		{"issued in the future", []string{signed(map[string]any{"iat": at(2 * time.Minute)})}, wrongTime},
		{"not valid yet", []string{signed(map[string]any{"nbf": at(2 * time.Minute)})}, wrongTime},
		{"not valid for long yet", []string{signed(map[string]any{"nbf": at(time.Hour)})}, wrongTime},
		{"ten years", []string{signed(map[string]any{"exp": at(87600 * time.Hour)})}, wrongTime},
		{"a little more than two hours", []string{signed(map[string]any{"exp": at(2*time.Hour + 2*time.Second)})}, wrongTime},
		{"issued long ago, for long", []string{signed(map[string]any{"iat": at(-3 * time.Hour)})}, wrongTime},

		{"another function's", []string{signed(map[string]any{"aud": "cascade/reminders"})}, wrongAud},
		{"no audience", []string{signed(map[string]any{"aud": nil})}, wrongAud},
		{"for others as well", []string{signed(map[string]any{"aud": []string{audience, "cascade/reminders"}})}, wrongAud},

		{"nobody's", []string{signed(map[string]any{"sub": nil})}, sender},
		{"nobody's, with the address of who may", []string{signed(map[string]any{"sub": nil, "email": account, "email_verified": true})}, sender},
		{"somebody else's", []string{signed(map[string]any{"sub": subject + "2"})}, sender},
		{"somebody else's address", []string{signed(map[string]any{"sub": "1234", "email": "alex@example.org", "email_verified": true})}, sender},
		{"an address that is not verified", []string{signed(map[string]any{"sub": "1234", "email": account, "email_verified": false})}, sender},
		{"an address of which nothing is said", []string{signed(map[string]any{"sub": "1234", "email": account})}, sender},
		{"a subject that is another's address", []string{signed(map[string]any{"sub": account})}, sender},
		{"a subject of a page's length", []string{signed(map[string]any{"sub": strings.Repeat("x", 300), "email": account, "email_verified": true})}, sender},
	} {
		log.Reset()
		status, challenge, through := d.knocks(row.header...)
		if row.reason == passes {
			if status != http.StatusOK || !through || log.Len() > 0 {
				t.Errorf("%s: status %d, through: %v, saying %s", row.name, status, through, &log)
			}
			continue
		}
		counted[row.reason]++
		want := `Bearer error="invalid_token"`
		if row.reason == noToken {
			want = "Bearer"
		}
		if status != http.StatusUnauthorized || through || challenge != want {
			t.Errorf("%s: status %d with %q, through: %v", row.name, status, challenge, through)
		}
		if !strings.Contains(log.String(), `"msg":"event refused","reason":"`+row.reason+`"}`) || strings.Count(log.String(), "\n") != 1 || strings.Contains(log.String(), "@") {
			t.Errorf("%s: the log says %s, want the reason %q alone", row.name, &log, row.reason)
		}
	}
	figures := seen.Figures()
	for reason, n := range counted {
		if got := figures["cascade.events.refused{reason="+reason+"}"]; got != n {
			t.Errorf("%v refusals with the reason %q are counted, want %v", got, reason, n)
		}
	}
	if got, ok := figures["cascade.events.refused{reason=issuer does not answer}"]; !ok || got != 0 {
		t.Errorf("the count of outages begins with %v, %v", got, ok)
	}
}

// While an issuer does not answer, events are put off and not lost; whose key is known, goes
// on to pass.
func TestAnIssuerThatIsDownPutsEventsOff(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Down = http.StatusBadGateway
	token := func() string { return "Bearer " + d.KeySigned(d.claims(nil)) }
	if status, _, through := d.knocks(token()); status != http.StatusServiceUnavailable || through {
		t.Errorf("an issuer that does not answer: status %d, through: %v", status, through)
	}
	d.Down = 0
	d.pass(6 * time.Second)
	if status, _, through := d.knocks(token()); status != http.StatusOK || !through {
		t.Errorf("once it does: status %d", status)
	}
	d.Down = http.StatusBadGateway
	for range 5 {
		d.pass(7 * time.Hour)
		if status, _, through := d.knocks(token()); status != http.StatusOK || !through {
			t.Errorf("a known key, while it is down again: status %d", status)
		}
	}
	foreign := "Bearer " + openidtest.Signed(jose.RS256, openidtest.OtherKey(), "unknown", d.claims(nil))
	if status, _, _ := d.knocks(foreign); status != http.StatusServiceUnavailable {
		t.Errorf("a key of which it cannot be asked: status %d", status)
	}
}

// A flood of tokens of keys that the issuer does not have is one fetch, and none of it comes
// through; the issuer's new key is found all the same.
func TestAFloodOfUnknownKeysAndANewKey(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	if status, _, _ := d.knocks("Bearer " + d.KeySigned(d.claims(nil))); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	d.pass(jwks.Interval)
	before := d.Asked("/keys")
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			token := "Bearer " + openidtest.Signed(jose.RS256, openidtest.OtherKey(), rand.Text(), d.claims(nil))
			if status, _, _ := d.knocks(token); status != http.StatusUnauthorized && status != http.StatusServiceUnavailable {
				t.Errorf("an unknown key: status %d", status)
			}
		})
	}
	all.Wait()
	if n := d.Asked("/keys") - before; n != 1 || d.passed != 1 {
		t.Errorf("%d fetches for 200 unknown keys; %d came through", n, d.passed-1)
	}
	d.Rotate("second")
	token := "Bearer " + d.KeySigned(d.claims(nil))
	if status, _, _ := d.knocks(token); status != http.StatusServiceUnavailable {
		t.Errorf("a new key, a moment after the flood: status %d, want that it comes again", status)
	}
	d.pass(jwks.Interval)
	if status, _, through := d.knocks(token); status != http.StatusOK || !through {
		t.Errorf("a new key, an interval later: status %d", status)
	}
}

// Each issuer vouches for its own, and for nobody of another's.
func TestIssuersVouchForTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	other := openidtest.New(t, account)
	other.Rotate("of the other")
	d.serve(bearer.Trusted{Issuer: d.URL, Keys: d.URL + "/keys", Audience: audience, Subjects: []string{"a"}},
		bearer.Trusted{Issuer: d.URL, Keys: d.URL + "/keys", Audience: "second", Subjects: []string{"b"}},
		bearer.Trusted{Issuer: other.URL, Keys: other.URL + "/keys", Audience: audience, Subjects: []string{"c"}})
	for _, row := range []struct {
		name    string
		by      *openidtest.Provider
		change  map[string]any
		through bool
	}{
		{"the first's", d.Provider, map[string]any{"sub": "a"}, true},
		{"the first's for another audience", d.Provider, map[string]any{"sub": "b", "aud": "second"}, true},
		{"the other's", other, map[string]any{"iss": other.URL, "sub": "c"}, true},
		{"the first's, for an audience of another of its own", d.Provider, map[string]any{"sub": "a", "aud": "second"}, false},
		{"the other's, by the first", d.Provider, map[string]any{"sub": "c"}, false},
		{"the other's name, signed by the first", d.Provider, map[string]any{"iss": other.URL, "sub": "c"}, false},
		{"the first's name, signed by the other", other, map[string]any{"sub": "a"}, false},
	} {
		d.pass(jwks.Interval) // what does not verify is fetched for
		if status, _, through := d.knocks("Bearer " + row.by.KeySigned(d.claims(row.change))); through != row.through || (status == http.StatusOK) != row.through {
			t.Errorf("%s: status %d", row.name, status)
		}
	}
}

// Whom a function trusts is said in full, or it does not start.
func TestSettingsThatTrustTooMuch(t *testing.T) {
	t.Parallel()
	const right = `{"issuer":"https://i.example.org","keys":"https://i.example.org/keys","audience":"a","subjects":["s"]}`
	without := func(part string) string { return "[" + strings.Replace(right, part, "", 1) + "]" }
	empty := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ text, says string }{
		"nothing":                  {"", "JSON"},
		"nobody":                   {"[]", "0 issuers"},
		"null":                     {"null", "0 issuers"},
		"a switch":                 {"off", "JSON"},
		"one that is no list":      {right, "JSON"},
		"too many":                 {"[" + strings.Repeat(right+",", 16) + right + "]", "17 issuers"},
		"a field of another name":  {"[" + strings.Replace(right, "audience", "aud", 1) + "]", "aud"},
		"a field twice":            {"[" + strings.Replace(right, `"audience":"a"`, `"audience":"a","audience":"b"`, 1) + "]", "audience"},
		"no issuer":                {without(`"issuer":"https://i.example.org",`), "issuer"},
		"no keys":                  {without(`"keys":"https://i.example.org/keys",`), "keys"},
		"no audience":              {without(`"audience":"a",`), "audience"},
		"everybody":                {without(`,"subjects":["s"]`), "everybody"},
		"an empty subject":         {"[" + strings.Replace(right, `["s"]`, `[""]`, 1) + "]", "empty"},
		"an empty email":           {"[" + strings.Replace(right, `["s"]`, `["s"],"emails":[""]`, 1) + "]", "empty"},
		"keys in plain http":       {"[" + strings.Replace(right, "https://i.example.org/keys", "http://i.example.org/keys", 1) + "]", "keys"},
		"an issuer that is a file": {"[" + strings.Replace(right, "https://i.example.org", "file:///etc", 1) + "]", "issuer"},
		"a CA that is not there":   {"[" + strings.Replace(right, `"audience"`, `"ca":"/nowhere","audience"`, 1) + "]", "/nowhere"},
		"a CA that is none":        {"[" + strings.Replace(right, `"audience"`, `"ca":"`+empty+`","audience"`, 1) + "]", "no certificate"},
	} {
		if _, err := bearer.Parse(row.text); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %q", name, err, row.says)
		}
	}
	trusted, err := bearer.Parse("[" + right + "," + strings.Replace(right, "/keys", "/others", 1) + "]")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bearer.New(trusted, time.Now); err == nil || !strings.Contains(err.Error(), "two places") {
		t.Errorf("keys of one issuer in two places: %v", err)
	}
}

// A cluster's own keys stand behind its own certificate.
func TestKeysBehindAnOwnCertificate(t *testing.T) {
	t.Parallel()
	keys := httptest.NewTLSServer(nil)
	t.Cleanup(keys.Close)
	ca := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: keys.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		ca     string
		status int
	}{{"", http.StatusServiceUnavailable}, {ca, http.StatusOK}} {
		d := newDoor(t, func(x *bearer.Trusted) { x.Keys, x.CA = keys.URL, row.ca })
		keys.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answer, err := http.Get(d.URL + "/keys")
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			var body bytes.Buffer
			_, _ = body.ReadFrom(answer.Body)
			_, _ = w.Write(body.Bytes())
		})
		if status, _, _ := d.knocks("Bearer " + d.KeySigned(d.claims(nil))); status != row.status {
			t.Errorf("with the certificates of %q: status %d, want %d", row.ca, status, row.status)
		}
	}
}

// Whatever is sent, nothing comes through that was not signed.
func FuzzToken(f *testing.F) {
	f.Add("Bearer a.b.c")
	f.Add("Bearer eyJhbGciOiJub25lIn0.e30.")
	f.Add("Bearer " + openidtest.Signed(jose.RS256, openidtest.OtherKey(), "k", map[string]any{"iss": "https://i.example.org"}))
	v, err := bearer.New([]bearer.Trusted{{Issuer: "https://i.example.org", Keys: "http://127.0.0.1:1/keys", Audience: "a", Subjects: []string{"s"}}}, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	usual := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	f.Cleanup(func() { slog.SetDefault(usual) })
	h := v.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodPost, "/events", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized && w.Code != http.StatusServiceUnavailable {
			t.Fatalf("status %d", w.Code)
		}
	})
}
