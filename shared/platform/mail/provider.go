package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

// Provider takes emails and sends them on.
type Provider interface {
	// Send hands one email over and returns the provider's id for it. The error is a
	// *Refused where the email was certainly not taken; any other error leaves open
	// whether it went.
	Send(ctx context.Context, e Envelope) (id string, err error)
	// Reports says whether the provider tells later what became of an email, with
	// the custom arguments that went with it. Only then is it worth waiting for
	// word of an email that may have gone.
	Reports() bool
}

// Envelope is an email on its way.
type Envelope struct {
	Email
	ToName, ToAddress string
	ReplyTo           string // an address, or ""
	// Message and Attempt are the outbox id and how often it was tried, this time
	// included. They are all that a provider is told beside the email itself: it keeps
	// custom arguments for long and shows them to its staff. From the id comes the
	// Message-ID, so that mail programs fold copies of one email into one.
	Message string
	Attempt int
	// Again: an earlier one came back, and the provider's list of addresses that did is
	// passed by, since it may be on it for a box that was full.
	Again bool
	// Thread is the id of the pairing that the email is about, or "": mail programs
	// show the emails with one thread together.
	Thread string
	// Unsubscribe is where a POST declines emails like this one (RFC 8058), or "".
	Unsubscribe string
	// Calendar is an iCalendar object whose METHOD is REQUEST or CANCEL, or nil.
	Calendar []byte
}

// The names of the custom arguments, which a provider's events carry among fields of
// their own. SendGrid's "deferred" has an "attempt", by which it means its own.
const (
	MessageArgument = "message"
	AttemptArgument = "try"
)

// Refused is that the provider certainly did not take an email.
type Refused struct {
	// Status is the provider's code of HTTP or SMTP, or 0 where it was not reached.
	Status int
	// Permanent: sending the same again would be refused again.
	Permanent bool
	// Fault is that of the host's account, where that is why.
	Fault outbox.Fault
	// RetryAfter is how long the provider asks to wait; 0 where it does not say.
	RetryAfter time.Duration
	// Cause is the error below, or nil. It may name an address: nothing for logs.
	Cause error
}

// Error says the failure's class alone, since it is kept and logged.
func (e *Refused) Error() string {
	switch {
	case e.Status != 0:
		return fmt.Sprintf("the provider answered %d", e.Status)
	case e.Permanent:
		return "the email cannot be addressed"
	}
	return "the provider was not reached"
}

func (e *Refused) Unwrap() error { return e.Cause }

// longestAsked bounds how long a provider can ask to wait.
const longestAsked = 30 * 24 * time.Hour

// sendTimeout bounds one call to a provider. It is shorter than an outbox lease, so
// that nobody else takes a message over while it is still being sent.
var sendTimeout = 30 * time.Second

// sender is whom emails come from.
type sender struct{ name, address string }

// domain is the part of the sender's address that ids are made in.
func (s sender) domain() string {
	_, domain, _ := strings.Cut(s.address, "@")
	return domain
}

// prepared is an email with nothing in it that could become a header, or another
// recipient, whatever its envelope held.
type prepared struct {
	Email
	to        netmail.Address
	replyTo   string
	messageID string // without brackets
	headers   map[string]string
	// method is the calendar's, or "".
	method   string
	calendar []byte
}

// prepare makes an envelope fit to be written on the wire. The error is a *Refused.
func (s sender) prepare(e Envelope) (*prepared, error) {
	p := &prepared{Email: e.Email, headers: map[string]string{
		// RFC 3834: machines that answer letters leave this one alone.
		"Auto-Submitted": "auto-generated",
	}}
	p.Subject = clip(oneLine(e.Subject), 250)
	to, err := alone(e.ToAddress)
	if err != nil {
		return nil, err
	}
	p.to = netmail.Address{Name: phrase(e.ToName), Address: to}
	if e.ReplyTo != "" {
		if p.replyTo, err = alone(e.ReplyTo); err != nil {
			return nil, err
		}
	}
	p.messageID = s.id(e.Message)
	if e.Thread != "" {
		// No email has this id: it stands for the pairing, and mail programs put
		// together what refers to the same.
		thread := "<" + s.id("pairing-"+e.Thread) + ">"
		p.headers["In-Reply-To"], p.headers["References"] = thread, thread
	}
	if e.Unsubscribe != "" {
		to, err := url.Parse(e.Unsubscribe)
		if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || strings.ContainsFunc(e.Unsubscribe, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>,", r) }) {
			return nil, &Refused{Permanent: true, Cause: errors.New("no address to unsubscribe at")}
		}
		p.headers["List-Unsubscribe"] = "<" + e.Unsubscribe + ">"
		p.headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
	}
	if e.Calendar != nil {
		p.calendar, p.method = e.Calendar, method(e.Calendar)
		if p.method == "" {
			return nil, &Refused{Permanent: true, Cause: errors.New("a calendar without a method")}
		}
	}
	return p, nil
}

// id is an id of ours as RFC 5322 wants it in Message-ID: of the sender's domain.
func (s sender) id(of string) string { return url.QueryEscape(of) + "@" + s.domain() }

// method is a calendar's, which RFC 6047 wants in the part's type as well: REQUEST,
// CANCEL, or "" for any other.
func method(calendar []byte) string {
	for line := range bytes.Lines(calendar) {
		switch name := strings.TrimSpace(string(line)); name {
		case "METHOD:REQUEST", "METHOD:CANCEL":
			return strings.TrimPrefix(name, "METHOD:")
		}
	}
	return ""
}

// alone is one plain address, and refuses what is not one as it stands. Addresses that
// were stored before domains were put into Punycode are put into it here.
func alone(address string) (string, error) {
	a := email.Address(address)
	if read := email.Read(address); read.Shown() == address {
		a = read
	}
	if !a.Valid() {
		return "", &Refused{Permanent: true, Cause: errors.New("not one address")}
	}
	return string(a), nil
}

// phrase is a person's name as the display name of an address. It does without what
// has a meaning in lists of addresses: SendGrid takes names apart at commas and
// semicolons, and its libraries quote them for that reason.
func phrase(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`",;:<>()[]\@`, r) {
			return ' '
		}
		return r
	}, oneLine(name))
	return clip(strings.Join(strings.Fields(name), " "), 100)
}

// unseen are the characters that end a line or turn the direction of what follows,
// by which a name could look like another.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// oneLine takes out of what becomes a header what does not belong in one.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// clip shortens to a number of characters.
func clip(s string, n int) string {
	if all := []rune(s); len(all) > n {
		return string(all[:n-1]) + "…"
	}
	return s
}
