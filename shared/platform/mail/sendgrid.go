package mail

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"
	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// Envelope is an email on its way.
type Envelope struct {
	Email
	ToName, ToAddress string
	ReplyTo           string
	// Message is the outbox id, the only thing the provider is told beside the
	// email itself: it keeps custom arguments for long and shows them to its staff.
	Message string
	// Calendar is an iCalendar invitation, or nil.
	Calendar []byte
}

// Refused is that the provider did not take an email.
type Refused struct {
	Status int
	// Permanent: sending the same again would be refused again.
	Permanent bool
	// RetryAfter is how long the provider asks to wait; 0 where it does not say.
	RetryAfter time.Duration
}

func (e *Refused) Error() string { return fmt.Sprintf("the provider answered %d", e.Status) }

// SendGrid sends emails through the v3 Mail Send API.
type SendGrid struct {
	key, host, senderName, senderAddress string
	http                                 *http.Client
}

// sendTimeout is shorter than an outbox lease, so that nobody else takes a
// message over while it is still being sent.
const sendTimeout = 30 * time.Second

// NewSendGrid returns a sender for an API host such as https://api.sendgrid.com.
func NewSendGrid(key, host, senderName, senderAddress string) *SendGrid {
	return &SendGrid{key, host, senderName, senderAddress, &http.Client{
		Transport: otelhttp.NewTransport(http.DefaultTransport),
		Timeout:   sendTimeout,
		// A redirect would carry the key and the email to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send hands one email over and returns the provider's id for it. The error is a
// *Refused when the provider answered; any other error leaves open whether the
// email went. Each call builds a request of its own: the library's client mixes
// up recipients when it is shared.
func (s *SendGrid) Send(ctx context.Context, e Envelope) (id string, err error) {
	m := sgmail.NewV3Mail()
	m.SetFrom(sgmail.NewEmail(s.senderName, s.senderAddress))
	m.SetReplyTo(sgmail.NewEmail("", e.ReplyTo))
	m.Subject = e.Subject
	p := sgmail.NewPersonalization()
	p.AddTos(sgmail.NewEmail(oneLine(e.ToName), e.ToAddress))
	p.SetCustomArg("message", e.Message)
	m.AddPersonalizations(p)
	m.AddContent(sgmail.NewContent("text/plain", e.Text), sgmail.NewContent("text/html", e.HTML))
	if e.Calendar != nil {
		// SendGrid refuses a content type with a parameter, but for this one as it is
		// written here, by which mail programs know an invitation.
		m.AddContent(sgmail.NewContent("text/calendar; method=REQUEST", string(e.Calendar)))
		a := sgmail.NewAttachment()
		a.SetType("text/calendar").SetFilename("session.ics").SetDisposition("attachment").
			SetContent(base64.StdEncoding.EncodeToString(e.Calendar))
		m.AddAttachment(a)
	}
	off := false
	m.SetTrackingSettings(&sgmail.TrackingSettings{
		ClickTracking: &sgmail.ClickTrackingSetting{Enable: &off, EnableText: &off},
		OpenTracking:  &sgmail.OpenTrackingSetting{Enable: &off},
	})

	request := sendgrid.GetRequest(s.key, "/v3/mail/send", s.host)
	request.Method = rest.Post
	request.Body = sgmail.GetRequestBody(m)
	client := rest.Client{HTTPClient: s.http}
	answer, err := client.SendWithContext(ctx, request)
	switch {
	case err != nil:
		return "", fmt.Errorf("send: %w", err)
	case answer.StatusCode == http.StatusAccepted || answer.StatusCode == http.StatusOK:
		return first(answer.Headers["X-Message-Id"]), nil
	}
	retry, _ := strconv.Atoi(first(answer.Headers["Retry-After"]))
	return "", &Refused{
		Status:     answer.StatusCode,
		Permanent:  answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests,
		RetryAfter: time.Duration(retry) * time.Second,
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
