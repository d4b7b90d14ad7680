package outbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/contact"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// webhook takes SendGrid's signed events: what became of emails. An event may come
// late, twice and out of order; each is taken by the message's id and attempt, which
// went along with the email, or else by what the provider called it, and changes only
// what it says more about.
type webhook struct{ *sender }

// The headers of a signed delivery, as SendGrid names them.
const (
	signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
	timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// fresh is how old a signed delivery may be: SendGrid signs anew when it tries again.
const fresh = 10 * time.Minute

// publicKey reads a key as SendGrid shows it; nil for "".
func publicKey(text string) (*ecdsa.PublicKey, error) {
	if text == "" {
		return nil, nil
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("SENDGRID_WEBHOOK_KEY must be the verification key that SendGrid shows, in base64")
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if ec, ok := key.(*ecdsa.PublicKey); err == nil && ok && ec.Curve == elliptic.P256() {
		return ec, nil
	}
	return nil, errors.New("SENDGRID_WEBHOOK_KEY is not the public key of a signed event webhook")
}

// signed reports whether a body was signed with the key at a time that is not long
// ago. The signature is of the bytes as they came.
func signed(key *ecdsa.PublicKey, signature, timestamp string, body []byte, now time.Time) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > fresh {
		return false
	}
	return verified(key, signature, append([]byte(timestamp), body...))
}

// verified reports whether a signature, in base64, is of a message with the key.
func verified(key *ecdsa.PublicKey, signature string, message []byte) bool {
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(message)
	return ecdsa.VerifyASN1(key, sum[:], sig)
}

// said is one of SendGrid's events, as far as it is used. The address is not: whose
// it is, the message says.
type said struct {
	Event          text  `json:"event"`
	Type           text  `json:"type"`
	Reason         text  `json:"reason"`
	Status         text  `json:"status"`
	Classification text  `json:"bounce_classification"`
	Timestamp      int64 `json:"timestamp"`
	Message        text  `json:"message"`
	Attempt        text  `json:"try"`
	// MessageID begins with what the provider called the email when it took it, up to a dot.
	// A bounce that comes late lacks our own arguments, and sometimes this as well.
	MessageID text `json:"sg_message_id"`
}

// text is a field that is text, or is taken for none.
type text string

// UnmarshalJSON reads it. A code may be a number.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	var n json.Number
	if json.Unmarshal(raw, &s) == nil || json.Unmarshal(raw, &n) == nil {
		*t = text(s + n.String())
	}
	return nil
}

// report is the event in this project's words, without a message where it names none;
// false where it says nothing of use.
func (e said) report() (outbox.Report, bool) {
	words := outbox.Said{Event: string(e.Event), Type: string(e.Type), Reason: string(e.Reason), Status: string(e.Status), Classification: string(e.Classification)}
	r := outbox.Report{At: time.Unix(e.Timestamp, 0).UTC()}
	var ok bool
	r.Outcome, r.Dropped, r.Fault, ok = words.Meaning()
	r.Provider, _, _ = strings.Cut(string(e.MessageID), ".")
	if !providerID.MatchString(r.Provider) {
		r.Provider = ""
	}
	if attempt, err := strconv.Atoi(string(e.Attempt)); err == nil {
		r.Message, r.Attempt = string(e.Message), attempt
	}
	return r, ok
}

// providerID is what ids of SendGrid's look like: nothing else is looked for or logged.
var providerID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ServeHTTP takes a delivery of events. It answers 503 where they could not all be
// kept, so that the whole is delivered again, which does no harm to those that were.
func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	case !signed(h.key, r.Header.Get(signatureHeader), r.Header.Get(timestampHeader), body, clock.Real()):
		unsigned.Add(r.Context(), 1)
		slog.WarnContext(r.Context(), "report refused: not signed by the provider, or too old")
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var batch []json.RawMessage
	if err := json.Unmarshal(body, &batch); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	// Those about one email in their order, and those about several at once.
	var order []string
	about := map[string][]outbox.Report{}
	for _, raw := range batch {
		var e said
		if err := json.Unmarshal(raw, &e); err != nil {
			slog.WarnContext(r.Context(), "an event could not be read") // one bad event holds up none
			continue
		}
		report, ok := e.report()
		if report.Fault != outbox.NoFault {
			blame(r.Context(), report.Fault)
		}
		if !ok || report.Outcome == outbox.Unknown {
			continue // it is about no email
		}
		key := "message " + report.Message
		if report.Message == "" {
			key = "provider " + report.Provider
		}
		if about[key] == nil {
			order = append(order, key)
		}
		about[key] = append(about[key], report)
	}
	errs := make([]error, len(order))
	var keeping errgroup.Group
	keeping.SetLimit(atOnce)
	for i, id := range order {
		keeping.Go(func() error {
			for _, report := range about[id] {
				errs[i] = errors.Join(errs[i], h.place(r.Context(), report))
			}
			return nil
		})
	}
	_ = keeping.Wait() // their errors are in errs
	if failed := errors.Join(errs...); failed != nil {
		slog.ErrorContext(r.Context(), "reports could not be kept", "error", failed)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// rivals is how often a report is tried to be kept while others change the message.
const rivals = 5

// place finds the message that a report is about, by the arguments that went along with
// the email or else by what the provider called it, and writes it there.
func (s *sender) place(ctx context.Context, r outbox.Report) error {
	if r.Message == "" && r.Provider != "" {
		m, err := s.Store.MessageOf(ctx, r.Provider)
		if err != nil {
			return err
		}
		if m != nil {
			r.Message, r.Attempt = m.ID, m.Attempts
		}
	}
	if r.Message != "" {
		if here, err := s.report(ctx, r); here || err != nil {
			return err
		}
	}
	unplaced.Add(ctx, 1, metric.WithAttributes(attribute.String("outcome", string(r.Outcome))))
	slog.WarnContext(ctx, "report cannot be placed", "outcome", r.Outcome, "provider", r.Provider)
	return nil
}

// blame counts and logs a fault of the host's account: nothing else tells the host.
func blame(ctx context.Context, f outbox.Fault) {
	faults.Add(ctx, 1, metric.WithAttributes(attribute.String("fault", string(f))))
	slog.ErrorContext(ctx, "the account at the provider is at fault", "fault", f)
}

// report writes a report on its message, on those that went in the same email, and
// on the person where it says something of them, in one commit. It says whether there
// is such a message.
func (s *sender) report(ctx context.Context, r outbox.Report) (here bool, err error) {
	for range rivals {
		m, _, err := s.Store.Message(ctx, r.Message)
		if fault.Is(err, fault.NotFound) || errors.Is(err, store.ErrUnreadable) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if !m.Report(r, rand.Float64(), s.Now()) {
			return true, nil // it says nothing new
		}
		if m.State == outbox.SetAside && r.Outcome == outbox.Unsubscribed && message.TopicOf(m.Kind) != "" {
			m.Drop(string(contact.DeclinedByMe)) // it may be declined, and was
		}
		p := &post{lead: m}
		if err := s.follow(ctx, p); err != nil {
			return true, err
		}
		p.mirror()
		c := s.Store.Commit()
		p.save(c, s.Now())
		if err := s.tellPerson(ctx, c, m, r); err != nil {
			return true, err
		}
		traced := telemetry.Continue(ctx, m.Trace)
		if err = c.Do(traced); store.IsConflict(err) {
			continue // its sender, or another report
		}
		if err != nil {
			return true, err
		}
		// The trace of the cause ends with what became of the email.
		_, span := telemetry.Span(traced, "email "+string(r.Outcome), attribute.String("cascade.message", m.ID), attribute.String("cascade.letter", string(m.Kind)))
		span.End()
		reports.Add(ctx, 1, metric.WithAttributes(attribute.String("outcome", string(r.Outcome))))
		return true, nil
	}
	return true, fault.New(fault.Unavailable, "%s", fmt.Sprintf("message %s changes all the time", r.Message))
}

// tellPerson adds to a commit what a report says of a person: that an email arrived, or
// that nothing more should be sent to them.
func (s *sender) tellPerson(ctx context.Context, c *store.Commit, m *outbox.Message, r outbox.Report) error {
	if message.ForStaff(m.Kind) || r.Outcome != outbox.Delivered && !r.Outcome.Stops() {
		return nil
	}
	contact, err := s.Store.Contact(ctx, m.Programme, m.To)
	if err != nil {
		return err
	}
	if contact.Version.IsZero() { // whoever is gone gets no document anew
		if _, err := s.Store.Enrolment(ctx, m.Programme, m.To); fault.Is(err, fault.NotFound) {
			return nil
		} else if err != nil && !errors.Is(err, store.ErrUnreadable) {
			return err
		}
	}
	before := contact.State()
	switch r.Outcome {
	case outbox.Delivered:
		if !contact.Reached(r.At) {
			return nil
		}
	case outbox.Unsubscribed:
		contact.Want() // what everybody must have still comes
	default:
		contact.Stop(stops[r.Outcome], s.Now())
	}
	c.SaveContact(m.Programme, contact, s.Now())
	if contact.State() != before {
		c.LogTransition("contact", contact.ID, contact.State())
	}
	return nil
}

// stops are the outcomes after which a person is not written to any more.
var stops = map[outbox.Outcome]contact.Stop{
	outbox.Bounced: contact.Bounced, outbox.Dropped: contact.Bounced, outbox.Invalid: contact.Bounced,
	outbox.SpamReport: contact.SpamReport,
}
