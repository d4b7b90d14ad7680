// Package email is the one rule for email addresses: what people paste or type
// is read in one way, everywhere, and an address that is taken can be sent to.
package email

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// Address is an email address such as "Alex@example.org": one that Parse or Valid
// took. Its domain is in small letters; the part before the @ is as the person
// wrote it, since a mail server may tell its letters apart.
type Address string

// The longest address, and the longest part of one before the @, in bytes: RFC 5321,
// 4.5.3.1. The label of a domain is bounded by RFC 1035, 2.3.4.
const (
	MaxLength = 254
	maxLocal  = 64
	maxLabel  = 63
)

// ErrMalformed is that a text is no address that an email can be sent to.
var ErrMalformed = errors.New("not an email address")

// Parse reads an address as people paste and type it, see Read. The error is
// ErrMalformed.
func Parse(s string) (Address, error) {
	a := Read(s)
	if !a.Valid() {
		return "", ErrMalformed
	}
	return a, nil
}

// Read takes off what comes along when an address is copied: spaces and characters
// without a width around it, "mailto:", and angle brackets. A typographer's
// apostrophe is the one on the keyboard. What is left is not checked: a form shows
// it again where it is wrong.
func Read(s string) Address {
	s = trimmed(s)
	if inner, ok := strings.CutPrefix(s, "<"); ok && strings.HasSuffix(inner, ">") {
		s = trimmed(strings.TrimSuffix(inner, ">"))
	}
	if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		s = trimmed(s[len(scheme):])
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return Address(s)
	}
	return Address(strings.ReplaceAll(s[:at], "’", "'") + strings.ToLower(s[at:]))
}

const scheme = "mailto:"

func trimmed(s string) string { return strings.TrimFunc(s, blank) }

// blank characters are not seen where an address ends.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// wellFormed is a local part that every mail server and SendGrid takes, without
// quotes, and a domain of labels, of which a name in any script can be one.
var wellFormed = sync.OnceValue(func() *regexp.Regexp {
	const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
	return regexp.MustCompile(`^` + atom + `(?:\.` + atom + `)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+\p{L}[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}]$`)
})

// Valid reports whether an email can be sent to an address as it stands.
func (a Address) Valid() bool {
	local, domain, _ := strings.Cut(string(a), "@")
	if len(a) > MaxLength || len(local) > maxLocal || !wellFormed().MatchString(string(a)) {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxLabel {
			return false
		}
	}
	return true
}

// Folded is the address in small letters: two addresses with one folded form are the
// same person's, since no mail server in use tells them apart.
func (a Address) Folded() string { return strings.ToLower(string(a)) }

// Same reports whether two addresses are the same person's.
func (a Address) Same(other Address) bool { return a.Folded() == other.Folded() }
