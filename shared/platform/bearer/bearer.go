// Package bearer lets events in that the platform delivers, and no others: each carries a
// token that an issuer signed whom the function's settings trust, for this function and for
// one of those who are named there (OpenID Connect, RFC 6750). A network that lets somebody
// through who should not be there does not make them the platform.
//
// A token that does not pass is refused for good, with 401. One whose issuer does not say
// by which keys it signs is put off with 503, since senders try again then and not else.
package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cascading-leadership/cascade/shared/platform/jwks"
	"github.com/cascading-leadership/cascade/shared/platform/telemetry"
)

// Verifier decides who may deliver events. It is safe for concurrent use.
type Verifier struct {
	// by are those who are trusted, by issuer.
	by  map[string]*issuer
	now func() time.Time
}

// issuer is one with all whom it gives tokens to. Its keys are in one place: the first.
type issuer struct {
	verifier *oidc.IDTokenVerifier
	trusted  []Trusted
}

// New returns a verifier that trusts those whom Parse read, and asks nobody before a first
// event comes. now is real time, by which issuers go.
func New(trusted []Trusted, now func() time.Time) (*Verifier, error) {
	v := &Verifier{by: map[string]*issuer{}, now: now}
	for _, t := range trusted {
		if known := v.by[t.Issuer]; known != nil {
			if known.trusted[0].Keys != t.Keys || known.trusted[0].CA != t.CA {
				return nil, errors.New("the issuer " + t.Issuer + " has its keys in two places")
			}
			known.trusted = append(known.trusted, t)
			continue
		}
		client, err := t.client()
		if err != nil {
			return nil, err
		}
		v.by[t.Issuer] = &issuer{trusted: []Trusted{t}, verifier: oidc.NewVerifier(t.Issuer, jwks.New(t.Keys, client, now),
			&oidc.Config{SupportedSigningAlgs: jwks.AlgorithmNames(), SkipClientIDCheck: true, SkipExpiryCheck: true})} // see check
	}
	for _, r := range []refusal{noToken, unreadable, unknownIssuer, forged, outOfTime, otherAudience, otherSender, away} {
		refused.Add(context.Background(), 0, by(r)) // the rise to the first one would not be seen otherwise
	}
	return v, nil
}

// What an operator watches.
var refused = telemetry.Counter("cascade.events.refused", "Events that were refused, by what is wrong with the token of whoever delivered them")

func by(r refusal) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("reason", string(r)))
}

// Handler lets those requests through whose token passes.
func (v *Verifier) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		why := v.decide(r)
		if why == passes {
			next.ServeHTTP(w, r)
			return
		}
		slog.WarnContext(r.Context(), "event refused", "reason", string(why))
		refused.Add(r.Context(), 1, by(why))
		switch why {
		case away:
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusServiceUnavailable)
		case noToken: // RFC 6750, 3: no code of an error where nothing was tried
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

// decide says why a request is refused, or that it passes.
func (v *Verifier) decide(r *http.Request) refusal {
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return noToken
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return unreadable
	}
	from, ok := issuerOf(token)
	if !ok {
		return unreadable
	}
	at := v.by[from]
	if at == nil {
		return unknownIssuer
	}
	t, err := jwks.Verify(r.Context(), at.verifier, token)
	switch {
	case errors.Is(err, jwks.ErrAway):
		return away
	case errors.Is(err, jwks.ErrForged):
		return forged
	case err != nil:
		return unreadable
	}
	return check(t, at.trusted, v.now())
}

// issuerOf is who issued a token by its own word, which says whose keys have to verify it.
func issuerOf(token string) (name string, ok bool) {
	t, err := jose.ParseSignedCompact(token, jwks.Algorithms)
	if err != nil {
		return "", false
	}
	var said struct {
		Issuer string `json:"iss"`
	}
	err = json.Unmarshal(t.UnsafePayloadWithoutVerification(), &said)
	return said.Issuer, err == nil
}
