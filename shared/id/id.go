// Package id writes ids that are derived from what they stand for, so that the same
// thing has the same id whoever derives it.
package id

import (
	"encoding/base32"
	"strings"
)

// Length is how many characters an id has.
const Length = 26

// FromHash writes a cryptographic hash of at least 16 bytes as an id: its first 130
// bits, or all of 128, in base32 (RFC 4648) without padding, in lower case. An id fits
// a document's name, an address and a log, and tells nothing of what was hashed.
func FromHash(sum []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)[:Length])
}
