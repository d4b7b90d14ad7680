package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/cascading-leadership/cascade/shared/outbox"
)

// SMTPConfig is where a mail server is and how it is spoken to.
type SMTPConfig struct {
	Host           string
	Port           int
	User, Password string // both "" for a server that asks for none
	// TLS is "" for what is usual at the port: "implicit" at 465 and "starttls", which
	// must succeed, at any other. "none" is only for a server on this machine.
	TLS string
}

// SMTP sends emails through a mail server.
type SMTP struct {
	c     SMTPConfig
	from  sender
	roots *x509.CertPool // nil for the machine's
}

// NewSMTP returns a sender, or an error that says what is wrong with the settings.
func NewSMTP(c SMTPConfig, senderName, senderAddress string) (*SMTP, error) {
	if c.Host == "" || c.Port < 1 || c.Port > 65535 {
		return nil, errors.New("a mail server needs a host and a port from 1 to 65535")
	}
	if (c.User == "") != (c.Password == "") {
		return nil, errors.New("a mail server's user and password go together")
	}
	switch c.TLS {
	case "":
		c.TLS = "starttls"
		if c.Port == 465 {
			c.TLS = "implicit"
		}
	case "implicit", "starttls":
	case "none":
		if ip, err := netip.ParseAddr(c.Host); c.Host != "localhost" && (err != nil || !ip.IsLoopback()) {
			return nil, errors.New("emails leave this machine encrypted: TLS none is for a mail server on it")
		}
	default:
		return nil, fmt.Errorf("TLS is starttls, implicit or none, and not %q", c.TLS)
	}
	return &SMTP{c: c, from: sender{phrase(senderName), senderAddress}}, nil
}

// Reports is false: a mail server tells no more than that it took an email.
func (s *SMTP) Reports() bool { return false }

// Send hands one email over, on a connection of its own. The id is its Message-ID,
// which is what a mail server's log says.
func (s *SMTP) Send(ctx context.Context, e Envelope) (id string, err error) {
	p, err := s.from.prepare(e)
	if err != nil {
		return "", err
	}
	m, err := s.message(p)
	if err != nil {
		return "", &Refused{Permanent: true, Cause: err}
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()

	// The library leaves a connection open that fails while it is set up, and does not
	// look at ctx once it stands: both are done here.
	var connection net.Conn
	client, err := s.client(ctx, func(c net.Conn) { connection = c })
	if err != nil {
		return "", &Refused{Permanent: true, Cause: err}
	}
	defer func() {
		if connection != nil {
			connection.Close()
		}
	}()
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		// No email was spoken of yet, and a server that refuses all of them, or our name
		// and password, may think otherwise when that is put right.
		var answer *textproto.Error
		refused := &Refused{Cause: err}
		if errors.As(err, &answer) {
			refused.Status = answer.Code
			switch answer.Code { // RFC 4954
			case 530, 534, 535, 538:
				refused.Fault = outbox.WrongKey
			}
		}
		return "", refused
	}
	err = client.SendWithSMTPClient(session, m)
	if m.IsDelivered() { // whatever came after that
		_ = connection.SetDeadline(time.Now().Add(time.Second))
		_ = session.Quit() // good manners; the email is theirs
		return p.messageID, nil
	}
	var failed *gomail.SendError
	if errors.As(err, &failed) {
		code := failed.ErrorCode()
		switch {
		case failed.Reason == gomail.ErrSMTPDataClose && code == 0:
			// The whole email is there, and no answer.
			return "", errors.New("send: the mail server does not say whether it took the email")
		default:
			return "", &Refused{Status: code, Permanent: code >= 500, Cause: err}
		}
	}
	return "", errors.New("send: it is not known whether the mail server took the email")
}

// client is for one email. It tells of the connection as soon as that stands.
func (s *SMTP) client(ctx context.Context, connected func(net.Conn)) (*gomail.Client, error) {
	secure := &tls.Config{ServerName: s.c.Host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	dial := (&net.Dialer{}).DialContext
	policy := gomail.TLSMandatory
	switch s.c.TLS {
	case "implicit":
		dial = (&tls.Dialer{Config: secure}).DialContext
		policy = gomail.TLSOpportunistic // the library sees that the connection is encrypted
	case "none":
		policy = gomail.NoTLS
	}
	options := []gomail.Option{
		gomail.WithPort(s.c.Port), gomail.WithTimeout(sendTimeout), gomail.WithTLSConfig(secure), gomail.WithTLSPolicy(policy),
		gomail.WithHELO(s.from.domain()), gomail.WithoutRset(), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(_ context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			if err == nil {
				connected(c)
				context.AfterFunc(ctx, func() { c.Close() })
			}
			return c, err
		}),
	}
	if s.c.User != "" {
		options = append(options, gomail.WithUsername(s.c.User), gomail.WithPassword(s.c.Password),
			// What shows the password to the server alone, or to nobody.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(s.c.Host, options...)
}

// message is the email as it stands on the wire.
func (s *SMTP) message(p *prepared) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&netmail.Address{Name: s.from.name, Address: s.from.address})
	m.ToMailAddress(&p.to)
	if p.replyTo != "" {
		m.ReplyToMailAddress(&netmail.Address{Address: p.replyTo})
	}
	m.Subject(p.Subject)
	m.SetMessageIDWithValue(p.messageID)
	for name, value := range p.headers {
		m.SetGenHeader(gomail.Header(name), value)
	}
	m.SetBodyString(gomail.TypeTextPlain, p.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, p.HTML)
	if p.calendar == nil {
		return m, nil
	}
	// The part is what mail programs act on, the file what all others can open.
	m.AddAlternativeString(gomail.ContentType("text/calendar; method="+p.method), string(p.calendar))
	return m, m.AttachReader("session.ics", bytes.NewReader(p.calendar), gomail.WithFileContentType("text/calendar"))
}
