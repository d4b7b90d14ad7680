// Package mailbox stands in for SendGrid on one machine: it speaks the v3 Mail
// Send API, with its checks and its errors, tells what became of emails by its
// signed event webhook, and shows what arrived. It sends nothing anywhere. On
// request it fails in the ways that a provider can.
package mailbox

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
)

// Message is an email that arrived.
type Message struct {
	// ID is what the sender got as X-Message-Id.
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	ReplyTo string    `json:"replyTo,omitempty"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitempty"`
	// Calendar is the calendar part, as it would be shown for acceptance.
	Calendar    string            `json:"calendar,omitempty"`
	Attachments []Attachment      `json:"attachments,omitempty"`
	CustomArgs  map[string]string `json:"customArgs,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
}

// Attachment is a file that came with an email.
type Attachment struct {
	Name, Type string
	Content    []byte
}

// Mailbox keeps what arrived, in a file and in memory.
type Mailbox struct {
	file *os.File
	now  func() time.Time

	mu       sync.Mutex
	messages []*Message
	byID     map[string]*Message
	faults   Faults
	attempts map[string]*Attempts // by the custom argument "message"
	happened map[string]int       // by the name of a kind
	// Events that wait and that were told, while somebody is told.
	reporting bool
	waiting   []told
	told      []Event
	wake      chan struct{}
}

// Open reads the messages in a file of one JSON document a line, and appends to
// it from then on. A last line that was cut off is dropped, and one before it that
// cannot be read, as a full disk leaves it, is passed over.
func Open(file string, now func() time.Time) (*Mailbox, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	b := &Mailbox{
		file: f, now: now, byID: map[string]*Message{}, attempts: map[string]*Attempts{}, happened: map[string]int{}, wake: make(chan struct{}, 1),
	}
	var whole int64
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		whole += int64(len(line))
		if m := new(Message); json.Unmarshal(line, m) == nil {
			b.messages = append(b.messages, m)
			b.byID[m.ID] = m
		}
	}
	if err := f.Truncate(whole); err != nil {
		return nil, err
	}
	_, err = f.Seek(whole, 0)
	return b, err
}

// Close closes the file.
func (b *Mailbox) Close() error { return b.file.Close() }

// Messages are those to an address, or all for "", oldest first.
func (b *Mailbox) Messages(to string) []*Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := []*Message{}
	for _, m := range b.messages {
		if to == "" || slices.Contains(m.To, to) {
			found = append(found, m)
		}
	}
	return found
}

// message is the one with an id, or fs.ErrNotExist.
func (b *Mailbox) message(id string) (*Message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m, ok := b.byID[id]; ok {
		return m, nil
	}
	return nil, fs.ErrNotExist
}

func (b *Mailbox) keep(m *Message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n, err := b.file.Write(append(line, '\n')); err != nil {
		// Half a line would take the next one with it.
		if at, seek := b.file.Seek(int64(-n), io.SeekCurrent); seek == nil {
			err = errors.Join(err, b.file.Truncate(at))
		}
		return err
	}
	b.messages = append(b.messages, m)
	b.byID[m.ID] = m
	return nil
}

// wrong is one error in SendGrid's form.
type wrong struct {
	Message string  `json:"message"`
	Field   *string `json:"field"`
	Help    *string `json:"help"`
}

// refuse answers with one error that is about no field.
func refuse(w http.ResponseWriter, status int, message string) {
	refuseAll(w, status, []wrong{{Message: message}})
}

func refuseAll(w http.ResponseWriter, status int, all []wrong) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]wrong{"errors": all}) // the sender went away
}

// maxMail is the most bytes of one request, as SendGrid's.
const maxMail = 30 << 20

// send is POST /v3/mail/send.
func (b *Mailbox) send(w http.ResponseWriter, r *http.Request) {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !ok || key == "" {
		refuse(w, http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked")
		return
	}
	if t := r.Header.Get("Content-Type"); !strings.HasPrefix(t, "application/json") {
		refuse(w, http.StatusUnsupportedMediaType, "Content-Type should be application/json.")
		return
	}
	var v sgmail.SGMailV3
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxMail)).Decode(&v); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			refuse(w, http.StatusRequestEntityTooLarge, "Payload too large")
			return
		}
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if all := check(&v); len(all) > 0 {
		refuseAll(w, http.StatusBadRequest, all)
		return
	}
	var all []*Message
	for _, p := range v.Personalizations {
		m, err := b.read(&v, p)
		if err != nil {
			var found findings
			found.add("attachments", "message.attachments", "The attachment content must be base64 encoded.")
			refuseAll(w, http.StatusBadRequest, found)
			return
		}
		all = append(all, m)
	}
	kind, faults := b.attempt(all[0].CustomArgs["message"])
	if kind != nil && !kind.taken {
		kind.answer(w, r, faults)
		return
	}
	for _, m := range all {
		if err := b.keep(m); err != nil {
			refuse(w, http.StatusInternalServerError, "could not be kept: "+err.Error())
			return
		}
		b.tell(m)
		w.Header().Set("X-Message-Id", m.ID)
	}
	if kind != nil {
		kind.answer(w, r, faults)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (b *Mailbox) read(v *sgmail.SGMailV3, p *sgmail.Personalization) (*Message, error) {
	m := &Message{
		ID: rand.Text(), At: b.now(), From: v.From.Address, Subject: v.Subject,
		CustomArgs: map[string]string{}, Headers: map[string]string{},
	}
	if p.Subject != "" {
		m.Subject = p.Subject
	}
	if v.ReplyTo != nil {
		m.ReplyTo = v.ReplyTo.Address
	}
	for _, to := range p.To {
		m.To = append(m.To, to.Address)
	}
	for _, from := range []map[string]string{v.CustomArgs, p.CustomArgs} {
		for k, value := range from {
			m.CustomArgs[k] = value
		}
	}
	for _, from := range []map[string]string{v.Headers, p.Headers} {
		for k, value := range from {
			m.Headers[k] = value
		}
	}
	for _, c := range v.Content {
		switch {
		case c.Type == "text/plain":
			m.Text = c.Value
		case c.Type == "text/html":
			m.HTML = c.Value
		case strings.HasPrefix(c.Type, "text/calendar"):
			m.Calendar = c.Value
		}
	}
	for _, a := range v.Attachments {
		content, err := base64.StdEncoding.DecodeString(a.Content)
		if err != nil {
			return nil, err
		}
		m.Attachments = append(m.Attachments, Attachment{a.Filename, a.Type, content})
	}
	return m, nil
}
