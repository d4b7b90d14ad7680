// Package keys is the secret keys by which tokens are hashed and cookies are signed.
//
// A setting holds the keys of one purpose, one after another: the first one is used, and
// what was made with the others is still known. So a key is changed by writing a new one
// before it, and goes once nothing is left that was made with it. A key has an id, so that
// people can speak of it without saying it.
package keys

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Ring is the keys of one purpose, the one that is used first. Ring{} knows nothing, and
// makes nothing.
type Ring []Key

// Key is one secret of a ring.
type Key struct {
	// ID is 1 to 20 small letters, digits and hyphens.
	ID     string
	secret []byte
}

const (
	// Most is how many keys a ring has at most: what is unknown is looked for under each.
	Most = 4
	// minimum is how many bytes a key has at least, as many as the hash that it keys.
	minimum = 32
)

var idForm = regexp.MustCompile(`^[a-z0-9-]{1,20}$`)

// New is a fresh key as Parse reads it, with the day as its id.
func New(now time.Time) string {
	secret := make([]byte, minimum)
	_, _ = rand.Read(secret) // never fails
	return now.UTC().Format("2006-01-02") + ":" + hex.EncodeToString(secret)
}

// Parse reads a ring, such as "2027-01-31:9f86…,2026-01-31:2c26…": keys with a comma
// between, each an id, a colon, and 32 bytes or more in hexadecimal. The error says which
// key is wrong by its place, and never holds a key.
func Parse(text string) (Ring, error) {
	var ring Ring
	for i, each := range strings.Split(text, ",") {
		id, secret, found := strings.Cut(strings.TrimSpace(each), ":")
		if !found || !idForm.MatchString(id) {
			return nil, fmt.Errorf("key %d is not an id of small letters, digits and hyphens, a colon, and the key", i+1)
		}
		k, err := parse(id, secret)
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		for _, other := range ring {
			if other.ID == id || hmac.Equal(other.secret, k.secret) {
				return nil, fmt.Errorf("key %d is there twice, or has another's id", i+1)
			}
		}
		ring = append(ring, k)
	}
	if len(ring) > Most {
		return nil, fmt.Errorf("there are %d keys, and can be %d: leave out the oldest", len(ring), Most)
	}
	return ring, nil
}

// Single is a ring of one key in hexadecimal, without an id.
func Single(secret string) (Ring, error) {
	k, err := parse("", secret)
	if err != nil {
		return nil, fmt.Errorf("the key %w", err)
	}
	return Ring{k}, nil
}

// parse reads one key. What nobody made at random is refused: one that repeats a few bytes,
// as those do that stand in examples.
func parse(id, text string) (Key, error) {
	secret, err := hex.DecodeString(text)
	switch {
	case err != nil:
		return Key{}, errors.New("is not hexadecimal")
	case len(secret) < minimum:
		return Key{}, fmt.Errorf("has %d bytes, and needs %d or more: 64 hexadecimal characters", len(secret), minimum)
	case distinct(secret) < 12:
		return Key{}, errors.New("repeats a few bytes, and was not made at random")
	}
	return Key{id, secret}, nil
}

// distinct is how many different bytes there are. Of 32 random ones fewer than 12 are
// different once in 10^25 keys.
func distinct(secret []byte) int {
	seen := map[byte]bool{}
	for _, b := range secret {
		seen[b] = true
	}
	return len(seen)
}

// For is the ring of a use within the purpose, such as "staff sessions": keys derived by
// HKDF with SHA-256, from which neither the ring nor another use's keys follow.
func (r Ring) For(use string) Ring {
	all := make(Ring, len(r))
	for i, k := range r {
		derived, err := hkdf.Key(sha256.New, k.secret, nil, "cascade "+use, sha256.Size)
		if err != nil {
			panic(err) // more bytes than HKDF gives
		}
		all[i] = Key{k.ID, derived}
	}
	return all
}

// Named is the ring of the one key that has an id; false where there is none.
func (r Ring) Named(id string) (Ring, bool) {
	for _, k := range r {
		if k.ID == id {
			return Ring{k}, true
		}
	}
	return nil, false
}

// Hash is the keyed hash of a token under the first key, in hexadecimal.
func (r Ring) Hash(token string) string { return r.Hashes(token)[0] }

// Hashes are a token's keyed hashes under each key, in their order.
func (r Ring) Hashes(token string) []string {
	all := make([]string, len(r))
	for i, k := range r {
		all[i] = hex.EncodeToString(k.mac(token))
	}
	return all
}

func (k Key) mac(text string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// Sign is a value with a signature by the first key after it.
func (r Ring) Sign(value string) string {
	return value + "." + base64.RawURLEncoding.EncodeToString(r[0].mac(value))
}

// Verify is the value that was signed by any of the keys.
func (r Ring) Verify(signed string) (value string, ok bool) {
	i := strings.LastIndexByte(signed, '.')
	if i < 0 {
		return "", false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(signed[i+1:])
	if err != nil {
		return "", false
	}
	for _, k := range r {
		if hmac.Equal(signature, k.mac(signed[:i])) {
			return signed[:i], true
		}
	}
	return "", false
}
