package mailbox

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
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Event is what became of an email, as SendGrid's event webhook tells it.
type Event struct {
	Email     string
	Timestamp int64
	Name      string
	// ID is another each time that an event is told, as SendGrid's are.
	ID string
	// MessageID begins with what the sender got as X-Message-Id.
	MessageID string
	SMTPID    string
	// More are the fields that events of this name have beside.
	More map[string]string
	// Arguments are the email's custom arguments.
	Arguments map[string]string
}

// MarshalJSON writes custom arguments beside the event's own fields, which hide
// arguments of their names.
func (e Event) MarshalJSON() ([]byte, error) {
	all := map[string]any{}
	for _, from := range []map[string]string{e.Arguments, e.More} {
		for name, value := range from {
			all[name] = value
		}
	}
	all["email"], all["timestamp"], all["event"], all["sg_event_id"], all["sg_message_id"] = e.Email, e.Timestamp, e.Name, e.ID, e.MessageID
	if e.SMTPID != "" {
		all["smtp-id"] = e.SMTPID
	}
	return json.Marshal(all)
}

// happening is one event of an address's fate.
type happening struct {
	name string
	more map[string]string
}

var (
	processed = happening{name: "processed"}
	delivered = happening{"delivered", map[string]string{"response": "250 2.0.0 OK"}}
)

// fates are what becomes of emails to addresses that begin so, with its words for
// the page. An address that begins otherwise gets them.
var fates = []struct {
	begins, words string
	events        []happening
}{
	{"bounce", "Bounced: there is no such address", []happening{processed, {"bounce", map[string]string{"type": "bounce", "reason": "550 5.1.1 The email account that you tried to reach does not exist.", "status": "5.1.1", "bounce_classification": "Invalid Address"}}}},
	{"blocked", "Blocked by whoever takes emails for the address", []happening{processed, {"bounce", map[string]string{"type": "blocked", "reason": "550 5.7.1 Message blocked.", "status": "5.7.1", "bounce_classification": "Reputation"}}}},
	{"dropped", "Dropped: the provider sends nothing to the address", []happening{{"dropped", map[string]string{"reason": "Bounced Address"}}}},
	{"no-address", "Dropped: to the provider it is no address", []happening{{"dropped", map[string]string{"reason": "Invalid"}}}},
	{"complained", "Dropped: an earlier email was reported as spam", []happening{{"dropped", map[string]string{"reason": "Spam Reporting Address"}}}},
	{"opted-out", "Dropped: no more is wanted from the provider", []happening{{"dropped", map[string]string{"reason": "Unsubscribed Address"}}}},
	{"full-box", "Returned: the box has no room, until the third attempt", []happening{processed, {"bounce", map[string]string{"type": "bounce", "reason": "552 5.2.2 The email account that you tried to reach is over quota.", "status": "5.2.2", "bounce_classification": "Mailbox Unavailable"}}}},
	{"greylisted", "Returned: greylisted, until the second attempt", []happening{processed, {"bounce", map[string]string{"type": "blocked", "reason": "450 4.2.0 greylisted, try again", "status": "4.2.0", "bounce_classification": "Technical Failure"}}}},
	{"late-bounce", "Delivered, and bounced later, which is told without the sender’s arguments", []happening{processed, delivered, {"bounce", map[string]string{"type": "bounce", "reason": "550 5.1.1 User unknown", "status": "5.1.1", "bounce_classification": "Invalid Address"}}}},
	{"deferred", "Delivered, at the second attempt", []happening{processed, {"deferred", map[string]string{"response": "421 4.7.0 Try again later.", "attempt": "1"}}, delivered}},
	{"spam", "Delivered, and reported as spam", []happening{processed, delivered, {name: "spamreport"}}},
	{"unsubscribe", "Delivered, and declined from now on", []happening{processed, delivered, {name: "unsubscribe"}}},
	{"", "Delivered", []happening{processed, delivered}},
}

func fate(address string) (words string, events []happening) {
	for _, f := range fates {
		if begins(address, f.begins) {
			return f.words, f.events
		}
	}
	return "", nil // the last begins every address
}

// patience is how many attempts come back of emails to addresses that begin so.
var patience = map[string]int{"full-box": 2, "greylisted": 1}

// fateOf is what becomes of an attempt at an email: what came back is delivered in the
// end, and while the account is at fault nothing is even tried.
func (b *Mailbox) fateOf(to string, arguments map[string]string) []happening {
	if reason, ok := accountFaults[b.faults.Account]; ok {
		return []happening{{"dropped", map[string]string{"reason": reason}}}
	}
	try, _ := strconv.Atoi(arguments["try"])
	for with, most := range patience {
		if begins(to, with) && try > most {
			return []happening{processed, delivered}
		}
	}
	_, events := fate(to)
	return events
}

// accountFaults are for what an account at fault drops every email, in SendGrid's words.
var accountFaults = map[string]string{"quota": "Recipient List over Package Quota", "header": "Invalid SMTPAPI header", "spam-check": "Spam Content"}

// Fates describes what becomes of emails by how their address begins, a line each.
func Fates() string {
	text := ""
	for _, f := range fates[:len(fates)-1] {
		text += fmt.Sprintf("  %-16s %s\n", f.begins, f.words)
	}
	return text + fmt.Sprintf("  %-16s %s\n", "refused", "Not taken: SendGrid says that it is no address")
}

func begins(address, with string) bool {
	return len(address) >= len(with) && strings.EqualFold(address[:len(with)], with)
}

// Became says in words what became of the email, for each address another line.
func (m *Message) Became() []string {
	var all []string
	for _, to := range m.To {
		words, _ := fate(to)
		all = append(all, words)
	}
	return all
}

// Reports is where events are told, and how.
type Reports struct {
	URL string
	Key *ecdsa.PrivateKey
	// For is how long events are told again that nobody took.
	For time.Duration
}

// The bounds of telling events: how many go together, how long they are waited for,
// and how many posts are under way at once.
const (
	together = 200
	gather   = 20 * time.Millisecond
	posts    = 4
)

// told is an event on its way.
type told struct {
	Event
	due time.Time
}

// tell readies the events of an email that was taken.
func (b *Mailbox) tell(m *Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.reporting {
		return
	}
	now := time.Now()
	for _, to := range m.To {
		for i, h := range b.fateOf(to, m.CustomArgs) {
			e := Event{Email: to, Timestamp: m.At.Unix(), Name: h.name, MessageID: m.ID + ".recvd-" + strings.ToLower(m.ID[:8]) + "-0", SMTPID: m.Headers["Message-ID"], More: h.more, Arguments: m.CustomArgs}
			if begins(to, "late-bounce") && h.name == "bounce" && i > 0 {
				e.Arguments, e.SMTPID = nil, "" // as SendGrid's are that come by another email
			}
			f := b.faults.Events
			random := b.faults.random(m.ID+"\x00"+to+"\x00"+h.name, 0)
			if m.CustomArgs["message"] != "" { // ids are not the same from run to run
				random = b.faults.random(m.CustomArgs["message"]+"\x00"+h.name, b.attempts[m.CustomArgs["message"]].Asked)
			}
			copies := 1
			if random.Float64() < f.Drop {
				copies = 0
				b.happened["event dropped"]++
			} else if random.Float64() < f.Double {
				copies = 2
				b.happened["event doubled"]++
			}
			for n := range copies {
				e.ID = token()
				most := time.Duration(f.Delay) + time.Duration(n)*time.Second // the second comes later
				if f.Shuffle {
					most += time.Second / 4
				}
				b.waiting = append(b.waiting, told{e, now.Add(time.Duration(random.Float64() * float64(most)))})
			}
		}
	}
	select {
	case b.wake <- struct{}{}:
	default: // it wakes already
	}
}

// Report tells the events of emails that are taken from now on, until ctx ends. What
// it returns waits until nothing of it is under way any more.
func (b *Mailbox) Report(ctx context.Context, to Reports) (ended func()) {
	b.mu.Lock()
	b.reporting = true // before it returns: an email that comes next has its events told
	b.mu.Unlock()
	var under sync.WaitGroup
	under.Go(func() { b.report(ctx, to, &under) })
	return under.Wait
}

// report posts what is due each time that it is woken, under a group's eyes.
func (b *Mailbox) report(ctx context.Context, to Reports, under *sync.WaitGroup) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: posts}}
	slots := semaphore.NewWeighted(posts)
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		wait(ctx, gather)
		batch, next := b.due()
		for len(batch) > 0 {
			n := min(len(batch), together)
			part := batch[:n:n]
			batch = batch[n:]
			under.Go(func() { b.post(ctx, client, slots, to, part) })
		}
		if next > 0 {
			time.AfterFunc(next, func() {
				select {
				case b.wake <- struct{}{}:
				default:
				}
			})
		}
	}
}

// due takes the events whose time has come, and says when the next one's comes.
func (b *Mailbox) due() (batch []Event, next time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	var later []told
	for _, e := range b.waiting {
		left := e.due.Sub(now)
		if left <= 0 {
			batch = append(batch, e.Event)
			continue
		}
		later = append(later, e)
		if next == 0 || left < next {
			next = left
		}
	}
	b.waiting = later
	return batch, next
}

// post tells a batch until it is taken or given up.
func (b *Mailbox) post(ctx context.Context, client *http.Client, slots *semaphore.Weighted, to Reports, batch []Event) {
	body, err := json.Marshal(batch)
	if err != nil {
		slog.Error("events", "error", err) // no value of ours is beyond JSON
		return
	}
	until := time.Now().Add(to.For)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := slots.Acquire(ctx, 1)
		if err == nil {
			err = b.once(ctx, client, to, body)
			slots.Release(1)
		}
		if err == nil {
			b.mu.Lock()
			b.told = append(b.told, batch...)
			b.mu.Unlock()
			return
		}
		if ctx.Err() != nil {
			return
		}
		if time.Now().Add(pause).After(until) {
			slog.Warn("events given up: nobody takes them", "events", len(batch), "error", err)
			return
		}
		wait(ctx, pause)
	}
}

func (b *Mailbox) once(ctx context.Context, client *http.Client, to Reports, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10) // a signature is young by the real clock
	signature, err := Sign(to.Key, at, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "SendGrid Event API")
	r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", signature)
	r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", at)
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<20)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("answered %s", response.Status)
	}
	return nil
}

// Sign is SendGrid's signature of a post of events: ECDSA over the SHA-256 of the
// time and the body as it is sent, in ASN.1 and base64.
func Sign(key *ecdsa.PrivateKey, at string, body []byte) (string, error) {
	sum := sha256.Sum256(append([]byte(at), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	return base64.StdEncoding.EncodeToString(signature), err
}

// Key is the private key in a file, made at the first time, and the public key that
// belongs to it in SendGrid's form: base64 of its DER.
func Key(file string) (key *ecdsa.PrivateKey, public string, err error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, "", err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, "", err
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			return nil, "", err
		}
	case err != nil:
		return nil, "", err
	default:
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, "", fmt.Errorf("%s holds no key", file)
		}
		read, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", file, err)
		}
		var ok bool
		if key, ok = read.(*ecdsa.PrivateKey); !ok || key.Curve != elliptic.P256() {
			return nil, "", fmt.Errorf("%s holds a key of another kind than ECDSA P-256", file)
		}
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	return key, base64.StdEncoding.EncodeToString(der), err
}

func token() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// events serves those that were told and taken, in that order.
func (b *Mailbox) events(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	all := b.told[:len(b.told):len(b.told)]
	b.mu.Unlock()
	if all == nil {
		all = []Event{}
	}
	text, err := json.Marshal(all)
	answer(w, text, err)
}
