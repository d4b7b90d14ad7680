package openid

import (
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/cascading-leadership/cascade/shared/email"
)

// claims are those of an ID token whose signature, issuer and expiry the library has
// checked, and that we are among its audience.
type claims struct {
	Subject          string
	Audience         []string
	Nonce            string
	IssuedAt, Expiry time.Time
	said             struct {
		AuthorizedParty string `json:"azp"`
		Email           string `json:"email"`
		// Verified is true, or for some providers "true".
		Verified     any    `json:"email_verified"`
		HostedDomain string `json:"hd"`
	}
}

const (
	// ahead is how far a provider's clock may be before ours, and late how old a token may
	// be that was made a moment ago.
	ahead = time.Minute
	late  = 10 * time.Minute
	// longest is how long a token may say that it holds.
	longest = 24 * time.Hour
	// maxSubject is the most that OpenID Connect Core, 2, allows.
	maxSubject = 255
)

// check checks what the library leaves unchecked, and returns the verified address. The
// error is ErrRejected or ErrUnverified.
func (c claims) check(of Config, nonce string, now time.Time) (email.Address, error) {
	reject := func(why string) (email.Address, error) { return "", fmt.Errorf("%w: %s", ErrRejected, why) }
	switch {
	case nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(nonce)) != 1:
		return reject("its nonce is another's")
	case c.Subject == "" || len(c.Subject) > maxSubject:
		return reject("it has no subject")
	case len(c.Audience) != 1 || c.Audience[0] != of.ClientID:
		return reject("it is for others as well")
	case c.said.AuthorizedParty != "" && c.said.AuthorizedParty != of.ClientID:
		return reject("it was given to another")
	case c.IssuedAt.IsZero() || c.IssuedAt.After(now.Add(ahead)) || c.IssuedAt.Before(now.Add(-late)):
		return reject("it was not issued just now")
	case c.Expiry.After(c.IssuedAt.Add(longest)):
		return reject("it holds for too long")
	case of.HostedDomain != "" && c.said.HostedDomain != of.HostedDomain:
		return reject("it is of another organisation's account")
	case c.said.Verified != true && c.said.Verified != "true":
		return "", ErrUnverified
	}
	address, err := email.Parse(c.said.Email)
	if err != nil {
		return "", ErrUnverified
	}
	return address, nil
}
