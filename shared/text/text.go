// Package text is what people type, paste and save, made into text: in UTF-8, and as its
// reader sees it.
package text

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tidy is a text as its reader sees it: each letter composed with its accents, without
// the characters that nobody sees and that mean nothing, without spaces of any kind around
// it, and with one at most between words.
func Tidy(s string) string {
	var b strings.Builder
	var before rune
	all := []rune(s)
	for i, r := range all {
		switch {
		case slices.Contains(blanks, r):
			b.WriteByte(' ')
		case !unicode.Is(unicode.Cf, r) || turns(r) || joins(r) && i+1 < len(all) && joined(before) && joined(all[i+1]):
			b.WriteRune(r)
		default:
			continue // it is not seen, and before stays what it was
		}
		before = r
	}
	return norm.NFC.String(strings.Join(strings.Fields(b.String()), " "))
}

// All are some texts, each tidied; none given stays none.
func All(texts []string) []string {
	if texts == nil {
		return nil
	}
	all := make([]string, len(texts))
	for i, s := range texts {
		all[i] = Tidy(s)
	}
	return all
}

// turns reports whether a character turns those after it round, which every reader sees.
func turns(r rune) bool { return r == '\u202d' || r == '\u202e' }

// blanks are letters and symbols that look like a space.
var blanks = []rune{'\u115f', '\u1160', '\u3164', '\uffa0', '\u2800'}

// joins reports whether a character says how the two around it are written, which in some
// scripts is another word.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

// joined reports whether a character is of a script, or a symbol, that joiners mean
// something to: no Latin, Greek or Cyrillic letter is.
func joined(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r)) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}
