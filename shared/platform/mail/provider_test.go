package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"pgregory.net/rapid"
)

// arrived is an email as whoever reads it gets it, with all words decoded.
type arrived struct {
	to      []string // whom it is brought to, whatever its header says
	header  netmail.Header
	parts   []piece // those to choose from, in their order
	files   []piece
	options map[string]string // custom arguments
}

type piece struct{ kind, name, content string }

func (a arrived) part(kind string) string {
	for _, p := range a.parts {
		if p.kind == kind {
			return p.content
		}
	}
	return ""
}

// stage is when a server does something other than take an email.
type stage int

const (
	never      stage = iota
	connecting       // before an email is spoken of
	addressing       // when it hears for whom the email is
	before           // when it has all of the email, and takes it not
	after            // when it took the email
)

// fault is what a server does instead of answering as it should.
type fault struct {
	at     stage
	status int  // what it answers; or else
	cut    bool // it ends the connection; or else it is silent
	header http.Header
}

// server is a provider's side. It keeps what it took.
type server struct {
	mu    sync.Mutex
	taken []arrived
	fault fault
	// silent is called when a silence begins.
	silent func()
	// ended ends silences.
	ended context.Context
}

// silence says nothing until nobody waits.
func (s *server) silence(r context.Context) {
	s.mu.Lock()
	began := s.silent
	s.mu.Unlock()
	began()
	select {
	case <-s.ended.Done():
	case <-r.Done():
	}
}

func (s *server) take(a arrived) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, a)
}

func (s *server) all() []arrived {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

func (s *server) does(f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.taken = f, nil
}

func (s *server) now() fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// world is a provider with the server that it speaks to.
type world struct {
	*server
	Provider
	// elsewhere is the same provider where nothing listens, and untrusted where the
	// server's certificate is nobody's.
	elsewhere, untrusted Provider
	// answers are its codes for "not now" and "never".
	notNow, notEver int
}

const (
	senderName    = "Cascading Leadership"
	senderAddress = "programme@example.org"
)

// nowhere is an address at which nothing listens.
func nowhere(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr)
}

func newServer(t *testing.T) *server {
	ended, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	return &server{ended: ended, silent: func() {}}
}

// sendGrid is SendGrid's side of the v3 Mail Send API. It puts names, the subject
// and headers into the email as they are, as SendGrid does: what is wrong in them is
// then wrong in the email that people get.
func sendGrid(t *testing.T) *world {
	s := newServer(t)
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := s.now()
		fail := func() {
			switch {
			case f.status != 0:
				for name, values := range f.header {
					w.Header()[name] = values
				}
				w.WriteHeader(f.status)
			case f.cut:
				panic(http.ErrAbortHandler)
			default:
				s.silence(r.Context())
			}
		}
		if f.at == connecting || f.at == addressing {
			fail()
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v3/mail/send" || r.Header.Get("Authorization") != "Bearer key" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("asked %s %s %v: %v", r.Method, r.URL, r.Header, err)
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if f.at == before {
			fail()
			return
		}
		a, err := fromSendGrid(body)
		if err != nil {
			t.Errorf("%v in %s", err, body)
		}
		s.take(a)
		if f.at == after {
			fail()
			return
		}
		w.Header().Set("X-Message-Id", "sg-1")
		w.WriteHeader(http.StatusAccepted)
	})
	h := httptest.NewServer(serve)
	secure := httptest.NewUnstartedServer(serve)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	// Silences end before the servers do, which wait for what they serve.
	t.Cleanup(secure.Close)
	t.Cleanup(h.Close)
	ended, end := context.WithCancel(s.ended)
	s.ended = ended
	t.Cleanup(end)
	at := func(url string) Provider { return NewSendGrid("key", url, senderName, senderAddress, true) }
	return &world{s, at(h.URL), at("http://" + nowhere(t).String()), at(secure.URL), 429, 400}
}

func fromSendGrid(body []byte) (a arrived, err error) {
	type address struct{ Name, Email string }
	var m struct {
		Personalizations []struct {
			To, Cc, Bcc []address
			CustomArgs  map[string]string `json:"custom_args"`
		}
		From        address
		ReplyTo     *address `json:"reply_to"`
		Subject     string
		Headers     map[string]string
		Content     []struct{ Type, Value string }
		Attachments []struct{ Content, Type, Filename string }
		Tracking    map[string]struct{ Enable bool } `json:"tracking_settings"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return a, err
	}
	for _, kind := range []string{"click_tracking", "open_tracking", "subscription_tracking"} {
		if set, ok := m.Tracking[kind]; !ok || set.Enable {
			return a, fmt.Errorf("%s is not off", kind)
		}
	}
	raw := fmt.Sprintf("From: %s <%s>\r\nSubject: %s\r\n", m.From.Name, m.From.Email, m.Subject)
	if m.ReplyTo != nil {
		raw += "Reply-To: <" + m.ReplyTo.Email + ">\r\n"
	}
	for name, value := range m.Headers {
		raw += name + ": " + value + "\r\n"
	}
	for _, p := range m.Personalizations {
		for _, to := range slices.Concat(p.To, p.Cc, p.Bcc) {
			a.to = append(a.to, to.Email)
			raw += fmt.Sprintf("To: %s <%s>\r\n", to.Name, to.Email)
		}
		a.options = p.CustomArgs
	}
	read, err := netmail.ReadMessage(strings.NewReader(raw + "\r\n"))
	if err != nil {
		return a, err
	}
	a.header = read.Header
	for _, c := range m.Content {
		a.parts = append(a.parts, piece{kind: c.Type, content: c.Value})
	}
	for _, f := range m.Attachments {
		content, err := base64.StdEncoding.DecodeString(f.Content)
		if err != nil {
			return a, err
		}
		a.files = append(a.files, piece{f.Type, f.Filename, string(content)})
	}
	return a, nil
}

// mailServer is a mail server that wants STARTTLS and a password.
func mailServer(t *testing.T) *world {
	s := newServer(t)
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS() // for its certificate alone
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())

	b := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, c: c}, s.failing(c, connecting) }))
	b.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates}
	b.Domain, b.EnableSMTPUTF8 = "mail.example.org", true
	b.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.Serve(l) }() // ends with Close
	t.Cleanup(func() { b.Close() })
	at := func(port int, roots *x509.CertPool) Provider {
		p, err := NewSMTP(SMTPConfig{Host: "127.0.0.1", Port: port, User: "cascade", Password: "secret"}, senderName, senderAddress)
		if err != nil {
			t.Fatal(err)
		}
		p.roots = roots
		return p
	}
	port := l.Addr().(*net.TCPAddr).Port
	return &world{s, at(port, roots), at(nowhere(t).Port, roots), at(port, nil), 451, 550}
}

// failing is a fault as an answer; it may take its time.
func (s *server) failing(c *smtp.Conn, at stage) error {
	f := s.now()
	switch {
	case f.at != at:
		return nil
	case f.status != 0:
		return &smtp.SMTPError{Code: f.status, Message: "alex@example.org: no"}
	case f.cut:
		c.Conn().Close()
	default:
		s.silence(s.ended)
		c.Conn().Close()
	}
	return errors.New("gone")
}

// session is one connection to the mail server.
type session struct {
	*server
	c  *smtp.Conn
	ok bool
	a  arrived
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.ok = user == "cascade" && password == "secret"; !s.ok {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, encrypted := s.c.TLSConnectionState(); !encrypted || !s.ok || from != senderAddress {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.a.to = append(s.a.to, to)
	return s.failing(s.c, addressing)
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.failing(s.c, before); err != nil {
		return err
	}
	m, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err == nil {
		s.a.header = m.Header
		err = s.a.read(textproto.MIMEHeader(m.Header), m.Body, false)
	}
	if err != nil {
		return &smtp.SMTPError{Code: 554, Message: fmt.Sprintf("unreadable: %v", err)}
	}
	s.take(s.a)
	return s.failing(s.c, after)
}

// read reads a part and those in it.
func (a *arrived) read(h textproto.MIMEHeader, body io.Reader, file bool) error {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			disposition, _, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
			if err := a.read(p.Header, p, disposition == "attachment"); err != nil {
				return err
			}
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if file {
		a.files = append(a.files, piece{kind, parameters["name"], string(content)})
		return nil
	}
	if !strings.EqualFold(parameters["charset"], "utf-8") {
		return fmt.Errorf("the character set is %q", parameters["charset"])
	}
	if method := parameters["method"]; method != "" {
		kind += "; method=" + method
	}
	a.parts = append(a.parts, piece{kind: kind, content: strings.ReplaceAll(string(content), "\r\n", "\n")})
	return nil
}

// worlds are all providers. What holds for one must hold for each.
func worlds(t *testing.T, check func(t *testing.T, w *world)) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *world{"SendGrid": sendGrid, "SMTP": mailServer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

// everything is an email with everything that one can have.
func everything(method string) Envelope {
	return Envelope{
		Email:  Email{Subject: "Your session is booked", Text: "Hello Zoë,\n\n.\nhttps://cascade.example.org/a\n", HTML: "<p>Hello Zoë</p>\n"},
		ToName: "Zoë Example", ToAddress: "zoe@example.org", ReplyTo: "host@example.org", Message: "m1", Attempt: 3, Thread: "x1",
		Unsubscribe: "https://cascade.example.org/email/decline/" + strings.Repeat("a", 80),
		Calendar:    []byte("BEGIN:VCALENDAR\r\nMETHOD:" + method + "\r\nSUMMARY:Zoë\r\nEND:VCALENDAR\r\n"),
	}
}

func TestEmailsArriveWhole(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for _, method := range []string{"REQUEST", "CANCEL"} {
			w.does(fault{})
			e := everything(method)
			id, err := w.Send(t.Context(), e)
			all := w.all()
			if err != nil || id == "" || len(all) != 1 {
				t.Fatalf("id %q, %v, %d taken", id, err, len(all))
			}
			a := all[0]
			if !slices.Equal(a.to, []string{"zoe@example.org"}) {
				t.Errorf("to %q", a.to)
			}
			for name, want := range map[string]string{
				"Message-Id": "<m1@example.org>", "In-Reply-To": "<pairing-x1@example.org>", "References": "<pairing-x1@example.org>",
				"Auto-Submitted": "auto-generated", "List-Unsubscribe": "<" + e.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
				"Subject": e.Subject, "Reply-To": "<host@example.org>",
			} {
				if got := a.header[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			for name, want := range map[string]netmail.Address{"From": {Name: senderName, Address: senderAddress}, "To": {Name: "Zoë Example", Address: "zoe@example.org"}} {
				if got, err := a.header.AddressList(name); err != nil || len(got) != 1 || *got[0] != want {
					t.Errorf("%s is %v, %v", name, got, err)
				}
			}
			calendar := "text/calendar; method=" + method
			if _, api := w.Provider.(*SendGrid); api && method == "CANCEL" {
				calendar = "text/calendar" // SendGrid refuses the parameter
			}
			want := []piece{{"text/plain", "", e.Text}, {"text/html", "", e.HTML}, {calendar, "", strings.ReplaceAll(string(e.Calendar), "\r\n", "\n")}}
			for i := range a.parts { // line ends are the transport's
				a.parts[i].content = strings.ReplaceAll(a.parts[i].content, "\r\n", "\n")
			}
			if !slices.Equal(a.parts, want) {
				t.Errorf("parts %q, want %q", a.parts, want)
			}
			if !slices.Equal(a.files, []piece{{"text/calendar", "session.ics", string(e.Calendar)}}) {
				t.Errorf("files %q", a.files)
			}
			if w.Reports() != (len(a.options) > 0) || w.Reports() && (len(a.options) != 2 || a.options["message"] != "m1" || a.options["try"] != "3") {
				t.Errorf("it reports: %t, and was told %v", w.Reports(), a.options)
			}
		}
	})
}

// What an email need not have leaves no trace.
func TestShortEmailsHaveNothingMore(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		if _, err := w.Send(t.Context(), Envelope{Email: Email{Subject: "Hello", Text: "Hello", HTML: "<p>Hello</p>"}, ToAddress: "zoe@example.org", Message: "m1", Attempt: 1}); err != nil {
			t.Fatal(err)
		}
		a := w.all()[0]
		for _, name := range []string{"In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To", "User-Agent", "X-Mailer", "Cc", "Bcc"} {
			if got, there := a.header[name]; there {
				t.Errorf("%s is %q", name, got)
			}
		}
		if len(a.parts) != 2 || len(a.files) > 0 {
			t.Errorf("parts %q, files %q", a.parts, a.files)
		}
	})
}

// Every attempt at a message has its Message-ID, and no other message has it.
func TestAttemptsAreOneEmailToMailPrograms(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		seen := map[string]string{}
		for _, message := range []string{"a", "a", "b", "a b", "a@b", "a>b", "pairing-a"} {
			w.does(fault{})
			if _, err := w.Send(t.Context(), Envelope{Email: Email{Subject: "x", Text: "x", HTML: "x"}, ToAddress: "zoe@example.org", Message: message}); err != nil {
				t.Fatal(err)
			}
			id := w.all()[0].header.Get("Message-Id")
			if a, err := netmail.ParseAddress(id); err != nil || !strings.HasSuffix(a.Address, "@example.org") {
				t.Errorf("%q has the Message-ID %s", message, id)
			}
			if other, ok := seen[id]; ok && other != message {
				t.Errorf("%q and %q have the Message-ID %s", message, other, id)
			}
			seen[id] = message
		}
		if len(seen) != 6 {
			t.Errorf("%d Message-IDs: %v", len(seen), seen)
		}
	})
}

// outcome is what an attempt tells.
type outcome int

const (
	sent   outcome = iota
	notNow         // certainly not taken, and may be another time
	notEver
	inDoubt
)

func (o outcome) String() string { return [...]string{"sent", "not now", "not ever", "in doubt"}[o] }

func told(err error) outcome {
	var refused *Refused
	switch {
	case err == nil:
		return sent
	case errors.As(err, &refused) && refused.Permanent:
		return notEver
	case errors.As(err, &refused):
		return notNow
	}
	return inDoubt
}

// try sends one email, and holds what every outcome must hold: who is told "sent"
// sent one email, who is told "refused" none, nobody waits longer than there is time,
// and no error names a person.
func (w *world) try(t *testing.T, p Provider) (outcome, *Refused) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w.mu.Lock()
	w.silent = cancel // whoever is told nothing has waited long enough by then
	w.mu.Unlock()
	start := time.Now()
	_, err := p.Send(ctx, everything("REQUEST"))
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	got, taken := told(err), len(w.all())
	if got == sent && taken != 1 || (got == notNow || got == notEver) && taken != 0 || taken > 1 {
		t.Errorf("told %v (%v), and %d emails were taken", got, err, taken)
	}
	if err != nil && strings.Contains(err.Error(), "zoe") {
		t.Errorf("the error names a person: %v", err)
	}
	var refused *Refused
	errors.As(err, &refused)
	return got, refused
}

func TestOutcomesAreWhatIsCertain(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		_, api := w.Provider.(*SendGrid)
		for _, row := range []struct {
			name string
			fault
			want outcome
		}{
			{"takes it", fault{}, sent},
			{"refuses it for now", fault{at: before, status: w.notNow}, notNow},
			{"refuses it for good", fault{at: before, status: w.notEver}, notEver},
			{"refuses its address for good", fault{at: addressing, status: w.notEver}, notEver},
			{"cuts the line with the email before it", fault{at: before, cut: true}, inDoubt},
			{"cuts the line when it took it", fault{at: after, cut: true}, inDoubt},
			{"is silent with the email before it", fault{at: before}, inDoubt},
			{"is silent when it took it", fault{at: after}, inDoubt},
			// Over HTTP all goes at once; a mail server has seen nothing of the email yet.
			{"cuts the line when it hears for whom it is", fault{at: addressing, cut: true}, map[bool]outcome{true: inDoubt, false: notNow}[api]},
			{"is silent when it hears for whom it is", fault{at: addressing}, map[bool]outcome{true: inDoubt, false: notNow}[api]},
		} {
			w.does(row.fault)
			got, refused := w.try(t, w.Provider)
			if got != row.want {
				t.Errorf("a server that %s: %v, want %v", row.name, got, row.want)
			}
			if row.status != 0 && (refused == nil || refused.Status != row.status) {
				t.Errorf("a server that %s: refused as %+v", row.name, refused)
			}
		}
		w.does(fault{})
		for name, p := range map[string]Provider{"not there": w.elsewhere, "not who it should be": w.untrusted} {
			if got, _ := w.try(t, p); got != notNow {
				t.Errorf("a server that is %s: %v", name, got)
			}
		}
	})
}

// It is not parallel, so that no other test has as little time.
func TestNobodyWaitsForAProviderForEver(t *testing.T) {
	usual := sendTimeout
	sendTimeout = 200 * time.Millisecond
	defer func() { sendTimeout = usual }()
	for _, w := range []*world{sendGrid(t), mailServer(t)} {
		for _, at := range []stage{connecting, addressing, before, after} {
			w.does(fault{at: at})
			start := time.Now()
			_, err := w.Send(context.Background(), everything("REQUEST"))
			if took := time.Since(start); err == nil || took > 20*time.Second {
				t.Errorf("%T, stage %d: %v after %v", w.Provider, at, err, took)
			}
		}
	}
}

func TestStatusesOfSendGrid(t *testing.T) {
	t.Parallel()
	w := sendGrid(t)
	for status := 200; status < 600; status++ {
		want := notEver
		switch {
		case status < 300:
			want = sent
		case status == 401 || status == 402 || status == 403 || status == 408 || status == 429 || status == 503:
			want = notNow
		case status >= 500:
			want = inDoubt
		}
		// What it answers is all there is to know, taken or not: so it takes what it says it took.
		at := before
		if want == sent {
			at = after
		}
		w.does(fault{at: at, status: status, header: http.Header{"Location": {"http://" + nowhere(t).String()}}})
		if got, _ := w.try(t, w.Provider); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
}

func TestProviderIsGivenTheTimeItAsksFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		after, reset string
		want         time.Duration
	}{
		{"", "", 0},
		{"120", "", 2 * time.Minute},
		{"0", "", 0},
		{"-5", "", 0},
		{"soon", "", 0},
		{"Sat, 28 Nov 2026 12:10:00 GMT", "", 10 * time.Minute},
		{"Sat, 28 Nov 2026 11:00:00 GMT", "", 0},
		{"", fmt.Sprint(now.Add(time.Minute).Unix()), time.Minute},
		{"", fmt.Sprint(now.Add(-time.Minute).Unix()), 0},
		{"", "soon", 0},
		{"30", fmt.Sprint(now.Add(time.Minute).Unix()), 30 * time.Second},
		{"9000000000000000000", "", longestAsked},
		{"99999999999999999999", "", 0},
		{"", "9000000000000000000", longestAsked},
		{"Sat, 28 Nov 2099 12:10:00 GMT", "", longestAsked},
	} {
		h := http.Header{}
		for name, value := range map[string]string{"Retry-After": row.after, "X-RateLimit-Reset": row.reset} {
			if value != "" {
				h.Set(name, value)
			}
		}
		if got := retryAfter(h, now); got != row.want {
			t.Errorf("%q, %q: %v, want %v", row.after, row.reset, got, row.want)
		}
	}

	w := sendGrid(t)
	for status, want := range map[int]time.Duration{429: time.Minute, 503: time.Minute, 400: 0, 401: 0} {
		w.does(fault{at: before, status: status, header: http.Header{"Retry-After": {"60"}}})
		if _, refused := w.try(t, w.Provider); refused == nil || refused.RetryAfter != want {
			t.Errorf("%d: %+v", status, refused)
		}
	}
}

func TestAnswersOfAMailServer(t *testing.T) {
	t.Parallel()
	w := mailServer(t)
	for _, row := range []struct {
		at     stage
		status int
		want   outcome
	}{
		// Whoever is not let in at all may be another time.
		{connecting, 421, notNow}, {connecting, 554, notNow},
		{addressing, 421, notNow}, {addressing, 450, notNow}, {addressing, 550, notEver},
		{before, 421, notNow}, {before, 452, notNow}, {before, 554, notEver},
	} {
		w.does(fault{at: row.at, status: row.status})
		if got, refused := w.try(t, w.Provider); got != row.want || refused == nil || refused.Status != row.status {
			t.Errorf("stage %d, %d: %v, %+v", row.at, row.status, got, refused)
		}
	}
	for _, row := range []fault{{at: connecting, cut: true}, {at: connecting}} {
		w.does(row)
		if got, _ := w.try(t, w.Provider); got != notNow {
			t.Errorf("%+v: %v", row, got)
		}
	}
	w.does(fault{})
	wrong := *w.Provider.(*SMTP)
	wrong.c.Password = "other"
	if got, refused := w.try(t, &wrong); got != notNow || refused.Status != 535 {
		t.Errorf("with another password: %v, %+v", got, refused)
	}
}

func TestMailServersAreSpokenToEncrypted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		SMTPConfig
		tls string // "" for settings that are refused
	}{
		{SMTPConfig{Host: "mail.example.org", Port: 587}, "starttls"},
		{SMTPConfig{Host: "mail.example.org", Port: 25}, "starttls"},
		{SMTPConfig{Host: "mail.example.org", Port: 465}, "implicit"},
		{SMTPConfig{Host: "mail.example.org", Port: 465, TLS: "starttls"}, "starttls"},
		{SMTPConfig{Host: "mail.example.org", Port: 2465, TLS: "implicit"}, "implicit"},
		{SMTPConfig{Host: "127.0.0.1", Port: 25, TLS: "none"}, "none"},
		{SMTPConfig{Host: "::1", Port: 25, TLS: "none"}, "none"},
		{SMTPConfig{Host: "localhost", Port: 25, TLS: "none"}, "none"},
		{SMTPConfig{Host: "mail.example.org", Port: 25, TLS: "none"}, ""},
		{SMTPConfig{Host: "localhost.example.org", Port: 25, TLS: "none"}, ""},
		{SMTPConfig{Host: "10.0.0.1", Port: 25, TLS: "none"}, ""},
		{SMTPConfig{Host: "mail.example.org", Port: 25, TLS: "opportunistic"}, ""},
		{SMTPConfig{Host: "mail.example.org"}, ""},
		{SMTPConfig{Port: 25}, ""},
		{SMTPConfig{Host: "mail.example.org", Port: 25, User: "x"}, ""},
	} {
		s, err := NewSMTP(row.SMTPConfig, senderName, senderAddress)
		if (err == nil) != (row.tls != "") || err == nil && s.c.TLS != row.tls {
			t.Errorf("%+v: %+v, %v", row.SMTPConfig, s, err)
		}
	}

	// A server without STARTTLS, as one in the middle would have it, gets nothing.
	s := newServer(t)
	b := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, c: c, ok: true}, nil }))
	b.AllowInsecureAuth, b.ErrorLog = true, log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.Serve(l) }() // ends with Close
	t.Cleanup(func() { b.Close() })
	p, err := NewSMTP(SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}, senderName, senderAddress)
	if err != nil {
		t.Fatal(err)
	}
	if got := told(func() error { _, err := p.Send(t.Context(), everything("REQUEST")); return err }()); got != notNow || len(s.all()) > 0 {
		t.Errorf("%v", got)
	}
}

// Whatever people are called and whatever stands in a letter: it goes to one
// address, and has the headers that it should have and no others.
func TestNothingBecomesAHeaderOrAnotherRecipient(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		hostile := rapid.OneOf(
			rapid.String(),
			rapid.SampledFrom([]string{
				"Alex\r\nBcc: other@example.org", "Alex\nX-Evil: 1", "Alex\r\n\r\nbody", "Alex\r", "Alex\x00", "\u2028Bcc: x@example.org", "Alex\u0085X",
				"Alex, other@example.org", "Alex; other@example.org", `"Alex" <other@example.org>,`, `Alex\`, `"`, `Alex (other@example.org)`, "a:b;",
				"=?utf-8?q?Alex=0D=0ABcc:_other@example.org?=", "\u202eelpmaxe@xela", "مريم مثال", "שרה", "Zoë O’Neill", "👩🏽‍💼", "\xff\xfe", "", " ", ".", "\r\n.\r\nRCPT TO:<other@example.org>\r\n",
				strings.Repeat("a", 5000), strings.Repeat("é", 3000), strings.Repeat("a ", 3000), "{{Alex}}", "-name-",
			}))
		rapid.Check(t, func(r *rapid.T) {
			w.does(fault{})
			e := everything("REQUEST")
			e.Subject, e.ToName, e.Text, e.HTML = "S"+hostile.Draw(r, "subject"), hostile.Draw(r, "name"), "T"+hostile.Draw(r, "text"), "H"+hostile.Draw(r, "HTML")
			e.Message, e.Thread = "m"+hostile.Draw(r, "message"), "x"+hostile.Draw(r, "thread")
			e.Message, e.Thread = clip(e.Message, 50), clip(e.Thread, 50) // ids are short
			if _, err := w.Send(t.Context(), e); err != nil {
				r.Fatal(err)
			}
			a := w.all()[0]
			if !slices.Equal(a.to, []string{"zoe@example.org"}) {
				r.Fatalf("to %q", a.to)
			}
			if to, err := a.header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "zoe@example.org" || strings.ContainsFunc(to[0].Name, unseen) {
				r.Fatalf("To: %q, %v", a.header["To"], err)
			}
			for name, values := range a.header {
				expected := slices.Contains([]string{
					"From", "To", "Subject", "Reply-To", "Message-Id", "In-Reply-To", "References", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
					"Date", "Mime-Version", "Content-Type",
				}, name)
				if !expected || len(values) != 1 || len(values[0]) > 5000 {
					r.Fatalf("%s: %q", name, values)
				}
			}
			if len(a.parts) != 3 || a.parts[0].kind != "text/plain" || a.parts[1].kind != "text/html" || len(a.files) != 1 {
				r.Fatalf("parts %q", a.parts)
			}
			if len(a.options) > 0 && len(a.options) != 2 {
				r.Fatalf("told %q", a.options)
			}
		})
	})
}

// What is not one address gets no email, and neither does anybody else.
func TestOnlyAddressesAreWrittenTo(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for _, address := range []string{
			"", "zoe", "zoe@example.org, other@example.org", "zoe@example.org\r\nBcc: other@example.org", "<zoe@example.org>", "Zoe <zoe@example.org>",
			"zoe@example.org\x00", " zoe@example.org", "zoe@example.org>\r\nRCPT TO:<other@example.org", "zoe@example.org;other@example.org", `"zoe other"@example.org`,
		} {
			for _, change := range []func(e *Envelope){func(e *Envelope) { e.ToAddress = address }, func(e *Envelope) { e.ReplyTo = address }} {
				e := everything("REQUEST")
				if change(&e); e.ReplyTo == "" {
					continue // which is none
				}
				if _, err := w.Send(t.Context(), e); told(err) != notEver {
					t.Errorf("%q: %v", address, err)
				}
			}
		}
		for _, where := range []string{"mailto:x@example.org", "https://", "javascript:alert(1)", "https://example.org/>\r\nX: y", "https://example.org/,b", "/email/decline", "https://example.org/é", "https://example.org/\x7f"} {
			e := everything("REQUEST")
			e.Unsubscribe = where
			if _, err := w.Send(t.Context(), e); told(err) != notEver {
				t.Errorf("unsubscribing at %q: %v", where, err)
			}
		}
		e := everything("PUBLISH")
		if _, err := w.Send(t.Context(), e); told(err) != notEver {
			t.Errorf("a calendar of another method: %v", err)
		}
		if n := len(w.all()); n > 0 {
			t.Errorf("%d emails were taken", n)
		}
	})
}

// However many are sent at once, each person gets the email that is theirs.
func TestManyAtOnceAreNotMixedUp(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		n := 10_000
		if _, api := w.Provider.(*SendGrid); !api {
			n = 500 // each has a connection of its own
		}
		var senders sync.WaitGroup
		next := make(chan int)
		for range 32 {
			senders.Go(func() {
				for i := range next {
					name := fmt.Sprintf("person-%d", i)
					if _, err := w.Send(t.Context(), Envelope{
						Email: Email{Subject: name, Text: name, HTML: name}, ToName: name, ToAddress: name + "@example.org", Message: name, Attempt: i,
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range n {
			next <- i
		}
		close(next)
		senders.Wait()
		seen := map[string]bool{}
		for _, a := range w.all() {
			name := strings.TrimSuffix(a.to[0], "@example.org")
			if to, err := a.header.AddressList("To"); err != nil || len(a.to) != 1 || seen[name] || to[0].Name != name || a.header.Get("Subject") != name ||
				strings.TrimSpace(a.part("text/plain")) != name || strings.TrimSpace(a.part("text/html")) != name || a.header.Get("Message-Id") != "<"+name+"@example.org>" ||
				a.options != nil && (a.options["message"] != name || "person-"+a.options["try"] != name) {
				t.Errorf("%s got %+v", name, a)
			}
			seen[name] = true
		}
		if len(seen) != n {
			t.Errorf("%d of %d got their email", len(seen), n)
		}
	})
}

// The connections to a provider serve again, also when many send at once.
func BenchmarkSendGrid(b *testing.B) {
	connections := 0
	var mu sync.Mutex
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			mu.Lock()
			connections++
			mu.Unlock()
		}
	}
	server.Start()
	b.Cleanup(server.Close)
	p := NewSendGrid("key", server.URL, senderName, senderAddress, true)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Send(b.Context(), everything("REQUEST")); err != nil {
				b.Error(err)
			}
		}
	})
	mu.Lock()
	b.ReportMetric(float64(connections), "connections")
	mu.Unlock()
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Sat, 28 Nov 2026 12:10:00 GMT", "1796032832")
	f.Add("-9223372036854775808", "-9223372036854775808")
	f.Add("", "9223372036854775807")
	f.Fuzz(func(t *testing.T, after, reset string) {
		h := http.Header{"Retry-After": {after}, "X-Ratelimit-Reset": {reset}}
		if got := retryAfter(h, time.Unix(1796032832, 0)); got < 0 || got > longestAsked {
			t.Errorf("%v", got)
		}
	})
}
