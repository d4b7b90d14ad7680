package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/scripts/internal/mailbox"
	"github.com/cascading-leadership/cascade/shared/platform/mail"
)

// fault is how the provider treats one request.
type fault string

const (
	fine        fault = ""
	tooMany     fault = "429"
	tooManyWait fault = "429 with Retry-After"
	brokenPre   fault = "503 before taking"
	brokenPost  fault = "500 after taking"
	hangPre     fault = "hang before taking"
	hangPost    fault = "hang after taking"
	resetPre    fault = "reset before taking"
	resetPost   fault = "reset after taking"
	garbage     fault = "202 with garbage"
	slow        fault = "slow body"
	elsewhere   fault = "redirect"
	cut         fault = "cut in the answer"
	refused     fault = "400"
)

// request is one attempt to hand over an email, as the provider saw it.
type request struct {
	message string
	attempt int
	to      string
	text    string
	at      time.Time // when it arrived
	when    time.Time // the same by the programme's time
	args    map[string]string
	fault   fault
	taken   bool
	// reported is when an event about it was accepted; zero while none was.
	reported time.Time
	// unreported says that no event about it is sent.
	unreported bool
}

// happening is what the provider tells about an email, and after how long.
type happening struct {
	kind  string
	after time.Duration
}

// notice is an event that waits for its time.
type notice struct {
	due   time.Time
	event map[string]any
	of    *request
	tries int
}

// provider stands in for SendGrid: the mailbox takes the emails, with its checks, and
// what is done to the requests on the way is decided here.
type provider struct {
	at  *place
	box *mailbox.Mailbox
	api http.Handler
	url string
	key *ecdsa.PrivateKey
	srv *http.Server

	// plan decides about the nth request for a message, from 1.
	plan func(message string, nth int) fault
	// events are those about a taken email, each posted after its time; none where
	// nothing is ever heard of it.
	events func(message string, nth int) []happening
	// early says of which emails the first event comes before the answer to the request.
	early func(message string) bool
	// gate is asked before a request is looked at; it may hold it up.
	gate func(r *http.Request)

	mu       sync.Mutex
	requests map[string][]*request
	order    []*request
	waiting  []*notice
	strange  int // requests that carry no message's id
	moved    int // requests to where a redirect points
	posting  int // events on their way
	closed   chan struct{}
	posters  sync.WaitGroup
}

func newProvider(at *place) (*provider, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	p := &provider{at: at, key: key, requests: map[string][]*request{}, closed: make(chan struct{}),
		plan:   func(string, int) fault { return fine },
		events: func(string, int) []happening { return []happening{{"delivered", 100 * time.Millisecond}} },
		early:  func(string) bool { return false }}
	if p.box, err = mailbox.Open(filepath.Join(at.dir, "mailbox.jsonl"), time.Now); err != nil {
		return nil, err
	}
	if p.api, err = p.box.Handler(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.url = "http://" + l.Addr().String()
	p.srv = &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.srv.Serve(l) }() // until it is closed
	for range 4 {
		p.posters.Go(p.report)
	}
	return p, nil
}

func (p *provider) stop() {
	close(p.closed)
	p.srv.Close()
	p.posters.Wait()
	p.box.Close()
}

// public is the key that events are verified with, as SendGrid shows it.
func (p *provider) public() string {
	der, err := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
	if err != nil {
		panic(err) // never for this curve
	}
	return base64.StdEncoding.EncodeToString(der)
}

// answer keeps what the mailbox answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) WriteHeader(status int)      { a.status = status }

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/elsewhere" {
		p.mu.Lock()
		p.moved++
		p.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it died on the way: nothing was taken
	}
	if p.gate != nil {
		p.gate(r)
	}
	req := p.arrived(body)
	if req == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	take := func() *answer {
		a := &answer{header: http.Header{}, status: http.StatusOK}
		again := r.Clone(context.Background())
		again.Body = io.NopCloser(bytes.NewReader(body))
		p.api.ServeHTTP(a, again)
		if a.status == http.StatusAccepted {
			p.took(req)
		}
		return a
	}
	hang := func() {
		select {
		case <-r.Context().Done():
		case <-p.closed:
		}
		panic(http.ErrAbortHandler)
	}
	switch req.fault {
	case tooMany:
		w.WriteHeader(http.StatusTooManyRequests)
	case tooManyWait:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case brokenPre:
		w.WriteHeader(http.StatusServiceUnavailable)
	case refused:
		w.WriteHeader(http.StatusBadRequest)
	case elsewhere:
		http.Redirect(w, r, p.url+"/elsewhere", http.StatusTemporaryRedirect)
	case brokenPost:
		take()
		w.WriteHeader(http.StatusInternalServerError)
	case hangPre:
		hang()
	case hangPost:
		take()
		hang()
	case resetPre, resetPost:
		if req.fault == resetPost {
			take()
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset, and not an end
			}
			c.Close()
		}
	case cut:
		take()
		c, b, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = b.WriteString("HTTP/1.1 202 Acc")
			_ = b.Flush()
			c.Close()
		}
	default:
		a := take()
		for name, values := range a.header {
			w.Header()[name] = values
		}
		switch req.fault {
		case garbage:
			w.WriteHeader(a.status)
			_, _ = w.Write([]byte("\x00\xff{\"never mind")) // whoever sent it went away
		case slow:
			w.Header().Set("Content-Length", "6")
			w.WriteHeader(a.status)
			for range 6 {
				_, _ = w.Write([]byte("."))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		default:
			w.WriteHeader(a.status)
			_, _ = w.Write(a.body.Bytes())
		}
	}
}

// arrived notes a request and decides about it; nil where it is none about a message.
func (p *provider) arrived(body []byte) *request {
	var v struct {
		Personalizations []struct {
			To   []struct{ Email string } `json:"to"`
			Args map[string]string        `json:"custom_args"`
		} `json:"personalizations"`
		Args    map[string]string              `json:"custom_args"`
		Content []struct{ Type, Value string } `json:"content"`
	}
	err := json.Unmarshal(body, &v)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || len(v.Personalizations) != 1 || len(v.Personalizations[0].To) != 1 {
		p.strange++
		return nil
	}
	args := v.Personalizations[0].Args
	if args[mail.MessageArgument] == "" {
		args = v.Args
	}
	id := args[mail.MessageArgument]
	if id == "" {
		p.strange++
		return nil
	}
	req := &request{message: id, to: v.Personalizations[0].To[0].Email, at: time.Now(), when: p.at.now(), args: args}
	req.attempt, _ = strconv.Atoi(args[mail.AttemptArgument])
	for _, c := range v.Content {
		if c.Type == "text/plain" {
			req.text = c.Value
		}
	}
	p.requests[id] = append(p.requests[id], req)
	p.order = append(p.order, req)
	req.fault = p.plan(id, len(p.requests[id]))
	return req
}

// took notes that the email was taken, and lets the events about it be sent.
func (p *provider) took(req *request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	req.taken = true
	nth := slices.Index(p.requests[req.message], req) + 1
	all := p.events(req.message, nth)
	req.unreported = len(all) == 0
	for i, h := range all {
		n := p.about(req, h)
		if i == 0 && p.early(req.message) {
			p.mu.Unlock()
			p.send([]*notice{n})
			p.mu.Lock()
			continue
		}
		p.waiting = append(p.waiting, n)
	}
}

// about is one event about an email.
func (p *provider) about(req *request, h happening) *notice {
	e := map[string]any{
		"email": req.to, "event": h.kind, "timestamp": time.Now().Unix(), "smtp-id": "<" + rand.Text() + ">",
		"sg_event_id": rand.Text(), "sg_message_id": rand.Text() + ".recvd-1",
	}
	for name, value := range req.args { // they come back with each event
		e[name] = value
	}
	switch h.kind {
	case "deferred":
		e["attempt"] = "3" // which is the provider's own
	case "bounce":
		e["type"], e["status"], e["reason"] = "bounce", "5.1.1", "550 5.1.1 User unknown"
	case "dropped":
		e["reason"] = "Bounced Address"
	}
	return &notice{due: time.Now().Add(h.after), of: req, event: e}
}

// again lets one more event come about a message that was taken.
func (p *provider) again(message, kind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests[message] {
		if r.taken {
			p.waiting = append(p.waiting, p.about(r, happening{kind, 0}))
			return
		}
	}
}

// webhook is where the events go.
const webhook = "/webhooks/sendgrid"

// report posts events as they come due, several at once, and again where they are not
// accepted, as SendGrid does for a day.
func (p *provider) report() {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.closed:
			return
		case <-tick.C:
		}
		var due []*notice
		now := time.Now()
		p.mu.Lock()
		p.waiting = slices.DeleteFunc(p.waiting, func(n *notice) bool {
			if len(due) < 20 && !n.due.After(now) {
				due = append(due, n)
				return true
			}
			return false
		})
		p.posting += len(due)
		p.mu.Unlock()
		if len(due) > 0 {
			p.send(due)
			p.mu.Lock()
			p.posting -= len(due)
			p.mu.Unlock()
		}
	}
}

// send posts events together, and lets them wait where they are not accepted.
func (p *provider) send(due []*notice) {
	events := make([]map[string]any, len(due))
	for i, n := range due {
		events[i] = n.event
	}
	body, _ := json.Marshal(events)
	status := p.post(body, time.Now(), p.key)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range due {
		switch {
		case status >= 200 && status < 300:
			if n.of.reported.IsZero() {
				n.of.reported = time.Now()
			}
		case status == http.StatusNotFound: // there is nobody who takes events
		case n.tries < 200:
			n.tries++
			n.due = time.Now().Add(100 * time.Millisecond)
			p.waiting = append(p.waiting, n)
		}
	}
}

// post posts events, signed, and returns the answer's status, or 0 for none.
func (p *provider) post(body []byte, at time.Time, key *ecdsa.PrivateKey) int {
	stamp := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256(append([]byte(stamp), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return 0
	}
	return p.raw(body, stamp, base64.StdEncoding.EncodeToString(signature))
}

// raw posts events with any signature.
func (p *provider) raw(body []byte, stamp, signature string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 55*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.at.url+webhook, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	if signature != "" {
		r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", signature)
	}
	if stamp != "" {
		r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", stamp)
	}
	response, err := within.Do(r)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// quiet waits until no event waits any more. A twin that does not take its events is
// not waited for.
func (p *provider) quiet(ctx context.Context, most time.Duration) error {
	err := until(ctx, most, "every event was posted", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.waiting)+p.posting == 0
	})
	if len(p.at.off) > 0 && ctx.Err() == nil {
		return nil
	}
	return err
}

// log are all requests, in the order in which they arrived.
func (p *provider) log() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]request, len(p.order))
	for i, r := range p.order {
		all[i] = *r
	}
	return all
}

// sentLink is a link in an email that was taken: its path, and the email's message.
type sentLink struct{ path, message string }

// links are those of a kind, such as /match, in emails that were taken and went to an
// address, however it is written: the newest first.
func (p *provider) links(to, kind string) []sentLink {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := regexp.MustCompile(regexp.QuoteMeta(p.at.url) + "(" + regexp.QuoteMeta(kind) + `/[\w-]+)`)
	var all []sentLink
	for _, r := range slices.Backward(p.order) {
		if r.taken && strings.EqualFold(r.to, to) {
			for _, found := range path.FindAllStringSubmatch(r.text, -1) {
				all = append(all, sentLink{found[1], r.message})
			}
		}
	}
	return all
}

// copies are the taken requests by message.
func (p *provider) copies() map[string][]request {
	taken := map[string][]request{}
	for _, r := range p.log() {
		if r.taken {
			taken[r.message] = append(taken[r.message], r)
		}
	}
	return taken
}

func (r request) String() string {
	return strings.TrimSpace(fmt.Sprintf("attempt %d at %s %s", r.attempt, r.at.Format("15:04:05.000"), r.fault))
}
