package organisation

import (
	"regexp"
	"strings"
	"sync"
)

// Key is one of the things by which an organisation is known: its number, or its folded
// name. Two organisations that share a key are one, and so is the organisation that an
// entry means and one that shares a key with it.
type Key string

func ofNumber(n Number) Key  { return Key("#" + string(n.Main())) }
func ofName(fold string) Key { return Key("=" + fold) }

// Keys are those by which an organisation is known, that of its number first.
func Keys(name, number, postcode string) (keys []Key) {
	if n := Canonical(number, postcode); n != "" {
		keys = append(keys, ofNumber(n))
	}
	if fold := Fold(name); fold != "" {
		keys = append(keys, ofName(fold))
	}
	return keys
}

// Meant are the keys of what somebody typed to name one organisation: a name, a number, or
// a text that holds a number. Who typed several on one line means each of them.
func Meant(entry string) (keys []Key) {
	add := func(k Key) {
		for _, has := range keys {
			if has == k {
				return
			}
		}
		keys = append(keys, k)
	}
	if id := Canonical(entry, belfast); id != "" {
		add(ofNumber(id))
	}
	for _, text := range numbers().FindAllString(entry, -1) {
		if n, err := ParseNumber(text, belfast); err == nil && n != "" {
			add(ofNumber(n))
		}
	}
	for _, name := range append([]string{entry}, strings.FieldsFunc(entry, parts)...) {
		if fold := Fold(name); fold != "" {
			add(ofName(fold))
		}
	}
	return keys
}

// belfast is a postcode where a bare number of Northern Ireland's range is taken for one:
// no other register has it.
const belfast = "BT1 1AA"

// numbers are what may be a register's number within a text.
var numbers = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:GB-(?:CHC|SC|NIC|COH)-?)?(?:SC|NIC|NI)?[ -]?[0-9][0-9O, \x{200b}]{4,9}[0-9O](?:-[0-9]{1,3})?\b`)
})

// parts reports whether a character stands between organisations on one line.
func parts(r rune) bool { return strings.ContainsRune(",;|/\n\r\t", r) }
