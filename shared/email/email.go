// Package email is the one rule for email addresses: what people paste or type
// is read in one way, everywhere, and an address that is taken can be sent to.
package email

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/text"
)

// Address is an email address such as "Alex@example.org": one that Parse took. It is
// ASCII: its domain is in small letters, in Punycode where it has others than a to z.
// The part before the @ is as the person wrote it, since a mail server may tell its
// letters apart.
type Address string

// The longest address, and the longest part of one before the @, in bytes: RFC 5321,
// 4.5.3.1. The label of a domain is bounded by RFC 1035, 2.3.4.
const (
	MaxLength = 254
	maxLocal  = 64
	maxLabel  = 63
)

// Problem is why a text is no address that an email can be sent to, as a sentence that
// says what to do.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems that name nothing of what was entered.
const (
	Empty         Problem = "Enter an email address, like name@example.org"
	NoAt          Problem = "Enter an email address with an @ sign, like name@example.org"
	Several       Problem = "Enter one email address only, with one @ sign"
	Spaces        Problem = "Enter the email address without spaces in it"
	NoLocal       Problem = "Enter the whole email address: the part before the @ sign is missing"
	NoDomain      Problem = "Enter the whole email address: the part after the @ sign is missing"
	LongLocal     Problem = "Enter an email address with 64 characters or fewer before the @ sign"
	Long          Problem = "Enter an email address of 254 characters or fewer"
	OuterStop     Problem = "Enter the email address without a full stop at the start, or just before or after the @ sign"
	TwoStops      Problem = "Enter the email address without two full stops in a row"
	NoStop        Problem = "Enter the whole email address: the part after the @ sign has a full stop in it, as in name@example.org"
	Numbers       Problem = "Enter an email address that ends in a name, like example.org, and not in numbers"
	LongLabel     Problem = "Enter an email address with 63 characters or fewer between the full stops after the @ sign"
	OuterHyphen   Problem = "Enter the email address without a hyphen next to a full stop or the @ sign in the part after the @ sign"
	Mixed         Problem = "Type the part after the @ sign yourself: it mixes letters of different alphabets that look alike"
	Unregistrable Problem = "Check the part after the @ sign: no domain can be spelt like that"
)

// Parse reads an address as people paste and type it, see Read. The error is a Problem.
func Parse(s string) (Address, error) {
	a := Read(s)
	if err := a.check(); err != nil {
		return "", err
	}
	return a, nil
}

// Valid reports whether an address is one that Parse took, as it stands.
func (a Address) Valid() bool {
	read, err := Parse(string(a))
	return err == nil && read == a
}

// Masked is the address for its owner to know it by, and nobody else: the first letter of
// the part before the @ and, where there are more than three, the last one.
func (a Address) Masked() string {
	local, domain, _ := strings.Cut(string(a), "@")
	letters := []rune(local)
	if len(letters) == 0 {
		return ""
	}
	last := ""
	if len(letters) > 3 {
		last = string(letters[len(letters)-1:])
	}
	return string(letters[:1]) + "…" + last + "@" + domain
}

// Folded is the address in small letters: two addresses with one folded form are the
// same person's, since no mail server in use tells them apart.
func (a Address) Folded() string { return strings.ToLower(string(a)) }

// Mailbox is the address as whose mailbox it is known, as far as that can be told without
// asking: in small letters, without what stands after a plus, and without full stops where
// the provider says that they do not count (https://support.google.com/mail/answer/7436150).
func (a Address) Mailbox() string {
	local, domain, at := cut(a.Folded())
	if !at {
		return a.Folded()
	}
	if plain, _, tagged := strings.Cut(local, "+"); tagged && plain != "" {
		local = plain
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

// Same reports whether two addresses are the same person's.
func (a Address) Same(other Address) bool { return a.Folded() == other.Folded() }

// cut are the parts before and after the last @; at reports whether there is one.
func cut(s string) (local, domain string, at bool) {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// Read takes off what comes along when an address is copied: spaces and characters
// that nobody sees, "mailto:", a name with angle brackets, and the punctuation of the
// sentence around it. Apostrophes and dashes are those of the keyboard, and the domain
// is in Punycode. What is left is not checked: a form shows it again where it is wrong.
func Read(s string) Address {
	s = strings.Map(plain, text.Tidy(s))
	for before := ""; before != s; {
		before = s
		s = unquoted(unnamed(unlinked(outer(s))))
	}
	local, domain, at := cut(s)
	if !at || strings.Contains(local, "@") {
		return Address(s)
	}
	return Address(strings.TrimSpace(local) + "@" + ascii(strings.TrimSpace(domain)))
}

// plain is a character as the keyboard has it, where one like it can mean nothing else
// in an address: apostrophes, dashes, and letters and signs of full width.
func plain(r rune) rune {
	if r >= '！' && r <= '～' {
		r += '!' - '！'
	}
	switch {
	case strings.ContainsRune("’‘ʼʹ′‛`´", r):
		return '\''
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-'
	case r == '。' || r == '｡':
		return '.'
	}
	return r
}

// outer is an address without spaces around it and without the punctuation after it that
// can belong to none.
func outer(s string) string {
	s = strings.TrimLeft(s, " ,;:([{\"“”„«»")
	if strings.Contains(s, "<") {
		return strings.TrimRight(s, " .,;:!?…)]}\"“”„«»")
	}
	return strings.TrimRight(s, " .,;:!?…)]}>\"“”„«»")
}

const scheme = "mailto:"

// unlinked is the address that a link is for.
func unlinked(s string) string {
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return s
	}
	s, _, _ = strings.Cut(strings.TrimLeft(s[len(scheme):], " /"), "?")
	if plain, err := url.PathUnescape(s); err == nil {
		return text.Tidy(plain)
	}
	return s
}

// unnamed is the address that stands in angle brackets after a name; the name may be the
// address once more, as programs write it, but no other.
func unnamed(s string) string {
	name, rest, found := strings.Cut(s, "<")
	if !found {
		return s
	}
	inner, after, _ := strings.Cut(rest, ">")
	if strings.TrimSpace(after) != "" || strings.Contains(name, "@") && !Read(name).Same(Read(inner)) {
		return s
	}
	return inner
}

// unquoted is an address without single quotes around it.
func unquoted(s string) string {
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return s[1 : len(s)-1]
	}
	return s
}

// atoms are the signs that can stand between full stops before the @ beside letters and
// numbers, without quotes: every mail server takes them, and SendGrid.
const atoms = "!#$%&'*+/=?^_`{|}~-"

func atom(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(atoms, r)
}

// check is what is wrong with an address that was read.
func (a Address) check() error {
	s := string(a)
	local, domain, at := cut(s)
	switch {
	case s == "":
		return Empty
	case !at:
		return NoAt
	case strings.Contains(local, "@"):
		return Several
	case strings.ContainsFunc(s, unicode.IsSpace):
		return Spaces
	case local == "":
		return NoLocal
	case domain == "":
		return NoDomain
	}
	if err := checkLocal(local); err != nil {
		return err
	}
	if err := checkDomain(domain); err != nil {
		if meant := a.Meant(); meant != "" {
			return Problem(fmt.Sprintf("%s. Did you mean %s?", err, meant.Shown()))
		}
		return err
	}
	if len(s) > MaxLength {
		return Long
	}
	return nil
}

func checkLocal(local string) error {
	for _, r := range local {
		switch {
		case r == '.' || atom(r):
		case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
			return Problem("Type the part before the @ sign yourself: it holds a character that cannot be seen")
		case r > unicode.MaxASCII:
			return Problem(fmt.Sprintf("Enter another email address: we cannot send to one with “%c” before the @ sign, only to letters from a to z, numbers and signs such as full stops", r))
		default:
			return Problem(fmt.Sprintf("Enter the email address without “%c” before the @ sign", r))
		}
	}
	switch {
	case strings.HasPrefix(local, "."), strings.HasSuffix(local, "."):
		return OuterStop
	case strings.Contains(local, ".."):
		return TwoStops
	case len(local) > maxLocal:
		return LongLocal
	}
	return nil
}
