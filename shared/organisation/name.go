// Package organisation is who is who: whether two names, or what somebody types, mean the
// same organisation. A register's number decides where there is one; of names those are
// equal that differ only in what no reader sees or means.
package organisation

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is a name without what no reader sees, such as invisible characters and which of
// several marks stands for an apostrophe, and without what no reader means: its legal
// form, "the" at its start, and small words. Two names with one folded form are the same
// organisation's. It is in small letters, its words with one space between, and "" only
// where the name holds no letter and no figure.
//
// The steps are those by which the registers of charities are commonly compared, see
// github.com/kanedata/find-that-charity, with accents taken off and possessives kept whole.
func Fold(name string) string {
	all := Words(name)
	said := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(small, w) })
	if len(said) == 0 {
		said = all
	}
	for n := len(said); n > 1; n = len(said) {
		if slices.Contains(legalForms, said[n-1]) {
			said = said[:n-1]
		} else if n > 3 && slices.Equal(said[n-3:], incorporated) {
			said = said[:n-3]
		} else {
			break
		}
	}
	for i, w := range said {
		if w == "saint" || w == "saints" {
			said[i] = "st" + strings.TrimPrefix(w, "saint")
		}
	}
	return strings.Join(said, " ")
}

// What names end with that says nothing of whose they are.
var (
	legalForms   = []string{"ltd", "limited", "cio", "scio", "cic", "plc", "llp", "inc"}
	incorporated = []string{"charitable", "incorporated", "organisation"}
	// small are words that people leave out or put in.
	small = []string{"of", "for", "in", "and", "uk", "the", "a"}
)

// letters are those that have no form without a mark of their own.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ħ", "h", "ı", "i", "ŋ", "n")

// Words are a name's, in small letters, without accents and punctuation; "&" and "+" are "and".
func Words(name string) []string {
	var b strings.Builder
	for _, r := range letters.Replace(strings.ToLower(norm.NFKD.String(name))) {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r): // an accent by itself
		case unicode.Is(unicode.Cf, r): // it is not seen
		case slices.Contains(deleted, r):
		case r == '&' || r == '+':
			b.WriteString(" and ")
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// deleted are what stands for an apostrophe, and the full stops of initials: they part no
// words.
var deleted = []rune{'\'', '’', '‘', '‛', '`', '´', 'ʼ', 'ʻ', 'ʹ', '′', '＇', '.', '·'}
