// Package localissuer signs tokens for those who deliver events on one machine, where no
// platform does it: the local scheduler and relay, the command that posts an event by hand,
// and tests. Functions are told to trust it by the same setting as any other issuer.
//
// Tokens are of real time, as functions check them by it: moving the programme's date ends
// none.
package localissuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// Name is what tokens say who issued them. Nothing is asked for there: the keys are
	// where Setting says.
	Name = "http://127.0.0.1/issuer"
	// Audience is whom the tokens are for: all functions of this machine.
	Audience = "cascade/local"
)

// Those to whom tokens are given.
const (
	Scheduler = "scheduler"
	Relay     = "relay"
	// ByHand is who posts an event from a file.
	ByHand = "by hand"
)

const (
	// life is how long a token holds, and rest how long one has left at least that is
	// given out again.
	life = time.Hour
	rest = 5 * time.Minute
)

// Issuer signs tokens. It is safe for concurrent use.
type Issuer struct {
	signer jose.Signer
	public jose.JSONWebKey
	ago    time.Duration

	mu     sync.Mutex
	tokens map[string]token // by subject
}

type token struct {
	text  string
	until time.Time
}

// New returns an issuer with a key of its own.
func New() *Issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the source of randomness never fails
	}
	return of(key)
}

// Ago is New for places where clocks are wrong on purpose: tokens say that they were issued
// some time ago, as those of a sender that keeps them do.
func Ago(d time.Duration) *Issuer {
	i := New()
	i.ago = d
	return i
}

// Open returns the issuer whose key is in a file, which is made at the first time.
func Open(file string) (*Issuer, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(file); err != nil {
			return nil, err
		}
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key: remove it, and it is made anew", file)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return of(key), nil
}

// create makes a key's file in one step, so that whoever opens it at the same time finds all
// of it, and the same.
func create(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	part := file + "." + rand.Text()
	if err := os.WriteFile(part, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	defer os.Remove(part)
	if err := os.Link(part, file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func of(key *ecdsa.PrivateKey) *Issuer {
	public := jose.JSONWebKey{Key: key.Public(), Algorithm: string(jose.ES256), Use: "sig"}
	print, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		panic(err) // it is a key of the kind that has one
	}
	public.KeyID = fmt.Sprintf("%x", print[:8])
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: public.KeyID}}, nil)
	if err != nil {
		panic(err) // the same
	}
	return &Issuer{signer: signer, public: public, tokens: map[string]token{}}
}

// ServeHTTP tells the issuer's keys, whatever the path.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.public}}) // whoever asked went away
}

// Sign has a request carry a token of somebody's.
func (i *Issuer) Sign(header http.Header, subject string) {
	header.Set("Authorization", "Bearer "+i.token(subject))
}

// token is one for somebody: the last one, while that holds for a while.
func (i *Issuer) token(subject string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	if t := i.tokens[subject]; now.Before(t.until) {
		return t.text
	}
	issued := now.Add(-i.ago)
	text := i.Signed(map[string]any{"iss": Name, "sub": subject, "aud": Audience, "iat": issued.Unix(), "exp": issued.Add(life).Unix()})
	i.tokens[subject] = token{text, issued.Add(life - rest)}
	return text
}

// Signed signs any claims.
func (i *Issuer) Signed(claims map[string]any) string {
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err) // whoever calls gives what JSON has
	}
	signed, err := i.signer.Sign(text)
	if err != nil {
		panic(err) // the key was checked when the signer was made
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}

// Setting is what functions are told, so that they trust an issuer whose keys stand at an
// address.
func Setting(keys string) string {
	text, err := json.Marshal([]map[string]any{{"issuer": Name, "keys": keys, "audience": Audience, "subjects": []string{Scheduler, Relay, ByHand}}})
	if err != nil {
		panic(err) // texts
	}
	return string(text)
}
