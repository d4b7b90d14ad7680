package bearer

import (
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// refusal is why an event is refused. It is one of few, and says nothing of the token's own.
type refusal string

// The refusals. Away is the only one that another try may undo.
const (
	passes        refusal = ""
	noToken       refusal = "no token"
	unreadable    refusal = "malformed, or signed in a way that is not allowed"
	unknownIssuer refusal = "issuer"
	forged        refusal = "signature"
	outOfTime     refusal = "time"
	otherAudience refusal = "audience"
	otherSender   refusal = "sender"
	away          refusal = "issuer does not answer"
)

const (
	// ahead is how far an issuer's clock may be before ours.
	ahead = time.Minute
	// longest is how long a token may hold, from when it was issued. Knative's and Google's
	// hold for an hour.
	longest = 2 * time.Hour
	// maxSubject is the most that OpenID Connect Core, 2, allows.
	maxSubject = 255
)

// claims are what a token says beside what the library reads of it.
type claims struct {
	NotBefore *float64 `json:"nbf"`
	Email     string   `json:"email"`
	// Verified is true, or for some issuers "true".
	Verified any `json:"email_verified"`
}

// check decides about a token that its issuer signed. The library is left the signature and
// the issuer alone, so that all of the rest stands here.
func check(t *oidc.IDToken, by []Trusted, now time.Time) refusal {
	var said claims
	if err := t.Claims(&said); err != nil {
		return unreadable
	}
	switch {
	case t.Expiry.IsZero() || !now.Before(t.Expiry),
		t.IssuedAt.IsZero() || t.IssuedAt.After(now.Add(ahead)),
		t.Expiry.Sub(t.IssuedAt) > longest,
		said.NotBefore != nil && *said.NotBefore > float64(now.Add(ahead).Unix()):
		return outOfTime
	}
	// A token for others as well could be passed on by them.
	by = slices.DeleteFunc(slices.Clone(by), func(x Trusted) bool { return len(t.Audience) != 1 || t.Audience[0] != x.Audience })
	if len(by) == 0 {
		return otherAudience
	}
	if t.Subject == "" || len(t.Subject) > maxSubject {
		return otherSender
	}
	verified := said.Email != "" && (said.Verified == true || said.Verified == "true")
	for _, x := range by {
		if slices.Contains(x.Subjects, t.Subject) || verified && slices.Contains(x.Emails, said.Email) {
			return passes
		}
	}
	return otherSender
}
