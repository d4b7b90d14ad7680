package bearer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/cascading-leadership/cascade/shared/platform/web"
)

// Setting is the variable of the environment that says whom a function trusts to deliver
// its events, see Parse.
const Setting = "CASCADE_EVENTS_FROM"

// Trusted is whom a function trusts to deliver events to it: those to whom an issuer gives
// tokens for an audience, by the subject or the verified address of the account.
type Trusted struct {
	// Issuer is exactly as tokens have it, and Keys the address of its keys (JWKS).
	Issuer string `json:"issuer"`
	Keys   string `json:"keys"`
	// CA is a file with the certificates that vouch for where the keys are, where these are
	// the cluster's own; "" for the usual ones.
	CA       string   `json:"ca,omitempty"`
	Audience string   `json:"audience"`
	Subjects []string `json:"subjects,omitempty"`
	Emails   []string `json:"emails,omitempty"`
}

const (
	// maxTrusted is how many there can be at most, since a token may be tried with each.
	maxTrusted = 16
	// patience is how long an issuer has to tell its keys.
	patience = 5 * time.Second
)

// Parse reads whom a function trusts, as JSON:
//
//	[{"issuer": "https://accounts.google.com", "keys": "https://www.googleapis.com/oauth2/v3/certs",
//	  "audience": "cascade/outbox", "emails": ["events@project.iam.gserviceaccount.com"]}]
//
// Nobody at all is an error, and so is a name that stands there twice or is another's.
func Parse(text string) ([]Trusted, error) {
	var all []Trusted
	if err := json.Unmarshal([]byte(text), &all, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("it is not a list in JSON of issuer, keys, audience, and subjects or emails: %w", err)
	}
	if len(all) == 0 || len(all) > maxTrusted {
		return nil, fmt.Errorf("it names %d issuers: there has to be one, and there can be %d", len(all), maxTrusted)
	}
	for i, t := range all {
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("number %d: %w", i+1, err)
		}
	}
	return all, nil
}

func (t Trusted) check() error {
	for _, a := range []struct{ name, address string }{{"issuer", t.Issuer}, {"keys", t.Keys}} {
		u, err := url.Parse(a.address)
		if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !web.Loopback(u.Hostname())) {
			return fmt.Errorf("%s is %q: it has to be an address that begins with https://", a.name, a.address)
		}
	}
	if t.Audience == "" {
		return errors.New("audience is missing")
	}
	if len(t.Subjects)+len(t.Emails) == 0 {
		return errors.New("it trusts everybody: name subjects or emails")
	}
	for _, name := range append(t.Subjects[:len(t.Subjects):len(t.Subjects)], t.Emails...) {
		if name == "" {
			return errors.New("a subject or an email is empty")
		}
	}
	_, err := t.client()
	return err
}

// client is what fetches the keys.
func (t Trusted) client() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if t.CA != "" {
		certificates, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("ca: %s holds no certificate", t.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return &http.Client{Timeout: patience, Transport: transport}, nil
}
