package mail

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	sgmail "github.com/sendgrid/sendgrid-go/helpers/mail"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// SendGrid sends emails through the v3 Mail Send API.
type SendGrid struct {
	key, host string
	from      sender
	reports   bool
	http      *http.Client
}

// NewSendGrid returns a sender for an API host such as https://api.sendgrid.com. It
// reports what becomes of emails where its signed event webhook is set up.
func NewSendGrid(key, host, senderName, senderAddress string, reports bool) *SendGrid {
	return &SendGrid{key, host, sender{phrase(senderName), senderAddress}, reports, &http.Client{
		Transport: otelhttp.NewTransport(transport()),
		// A redirect would carry the key and the email to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// transport keeps a connection for each of those that send at once, where two are
// usual. It lets go of them before the other side does: a request that meets the end
// of its connection leaves open whether it arrived.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost, t.IdleConnTimeout = 64, 20*time.Second
	return t
}

// Reports is whether its events come.
func (s *SendGrid) Reports() bool { return s.reports }

// Send hands one email over. The library's types alone are used: its client writes
// each request's body into itself, and mixes up recipients when it is shared.
func (s *SendGrid) Send(ctx context.Context, e Envelope) (id string, err error) {
	p, err := s.from.prepare(e)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	connected := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// A connection that the other side had closed is given up for a new one, but
		// only while nothing of the email was written to it.
		GetConn: func(string) { connected = false },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.host+"/v3/mail/send", bytes.NewReader(s.body(p, e)))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.http.Do(request)
	if err != nil {
		if !connected { // nothing was sent
			return "", &Refused{Cause: err}
		}
		return "", fmt.Errorf("send: %w", err)
	}
	// A body that breaks off changes nothing. A short one is read to its end, so that the
	// connection serves again.
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 16<<10))
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300:
		return answer.Header.Get("X-Message-Id"), nil
	case status >= 500 && status != http.StatusServiceUnavailable:
		// What broke may have broken after the email was taken, or behind a gateway.
		return "", fmt.Errorf("send: the provider answered %d", status)
	default:
		refused := &Refused{Status: status, Permanent: true}
		switch status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			refused.Permanent, refused.RetryAfter = false, retryAfter(answer.Header, time.Now())
		case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
			// No email is to blame, and when that is put right each can go.
			refused.Permanent, refused.Fault = false, accountFault(status, said)
		case http.StatusRequestTimeout: // the line is slow
			refused.Permanent = false
		}
		return "", refused
	}
}

// accountFault is what is wrong with the account, by an answer that lets nobody in.
func accountFault(status int, said []byte) outbox.Fault {
	words := strings.ToLower(string(said))
	switch {
	case status == http.StatusPaymentRequired || strings.Contains(words, "credit") || strings.Contains(words, "quota"):
		return outbox.OverQuota
	case strings.Contains(words, "suspended") || strings.Contains(words, "deactivated") || strings.Contains(words, "banned"):
		return outbox.Suspended
	case strings.Contains(words, "sender identity") || strings.Contains(words, "from address"):
		return outbox.Unauthorised
	}
	return outbox.WrongKey
}

// retryAfter is how long an answer asks to wait: in seconds or until a date (RFC
// 9110, 10.2.3), else until SendGrid's own limit is lifted, in seconds since 1970.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(longestAsked/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	} else if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		wait = time.Unix(reset, 0).Sub(now)
	}
	return min(max(wait, 0), longestAsked)
}

// body is the request's JSON.
func (s *SendGrid) body(p *prepared, e Envelope) []byte {
	m := sgmail.NewV3Mail()
	m.SetFrom(sgmail.NewEmail(s.from.name, s.from.address))
	if p.replyTo != "" {
		m.SetReplyTo(sgmail.NewEmail("", p.replyTo))
	}
	m.Subject = p.Subject
	to := sgmail.NewPersonalization()
	to.AddTos(sgmail.NewEmail(p.to.Name, p.to.Address))
	to.SetCustomArg(MessageArgument, e.Message)
	to.SetCustomArg(AttemptArgument, strconv.Itoa(e.Attempt))
	m.AddPersonalizations(to)
	m.SetHeader("Message-ID", "<"+p.messageID+">")
	for name, value := range p.headers {
		m.SetHeader(name, value)
	}
	m.AddContent(sgmail.NewContent("text/plain", p.Text), sgmail.NewContent("text/html", p.HTML))
	if p.calendar != nil {
		// SendGrid refuses a content type with a parameter, but for method=REQUEST as it
		// is written here, by which mail programs know an invitation. Nobody reports that
		// CANCEL is let through, so that a cancellation goes without: programs then read
		// the METHOD inside, or offer the attached file, which says the same.
		kind := "text/calendar"
		if p.method == "REQUEST" {
			kind += "; method=REQUEST"
		}
		m.AddContent(sgmail.NewContent(kind, string(p.calendar)))
		a := sgmail.NewAttachment()
		a.SetType("text/calendar").SetFilename("session.ics").SetDisposition("attachment").
			SetContent(base64.StdEncoding.EncodeToString(p.calendar))
		m.AddAttachment(a)
	}
	// No pixels, no rewritten links, no footer of the provider's.
	off := false
	m.SetTrackingSettings(&sgmail.TrackingSettings{
		ClickTracking:        &sgmail.ClickTrackingSetting{Enable: &off, EnableText: &off},
		OpenTracking:         &sgmail.OpenTrackingSetting{Enable: &off},
		SubscriptionTracking: &sgmail.SubscriptionTrackingSetting{Enable: &off},
	})
	if on := true; e.Again {
		m.SetMailSettings(new(sgmail.MailSettings).SetBypassBounceManagement(&sgmail.Setting{Enable: &on}))
	}
	return sgmail.GetRequestBody(m)
}
