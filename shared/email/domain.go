package email

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// punycode is what a label begins with that stands for letters beyond ASCII.
const punycode = "xn--"

// ascii is a domain as it is stored: in small letters and in Punycode, without a full
// stop at its end. One that cannot be written so stays as it is, in small letters.
func ascii(domain string) string {
	domain = strings.TrimRight(strings.ToLower(domain), ".")
	if plainASCII(domain) {
		return domain
	}
	if encoded, err := idna.Lookup.ToASCII(domain); err == nil {
		return encoded
	}
	return domain
}

func plainASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// Shown is an address as its owner writes it, with the letters that stand in Punycode.
func (a Address) Shown() string {
	local, domain, at := cut(string(a))
	if !at || !strings.Contains(domain, punycode) {
		return string(a)
	}
	if shown, err := idna.Lookup.ToUnicode(domain); err == nil && mixed(shown) == "" {
		return local + "@" + shown
	}
	return string(a)
}

// checkDomain is what is wrong with a domain as ascii gives it.
func checkDomain(domain string) error {
	shown := domain
	if strings.Contains(domain, punycode) {
		var err error
		if shown, err = idna.Lookup.ToUnicode(domain); err != nil {
			return Unregistrable
		}
	}
	for _, r := range shown {
		if r <= unicode.MaxASCII && r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return Problem(fmt.Sprintf("Enter the email address without “%c” after the @ sign", r))
		}
	}
	if mixed(shown) != "" {
		return Mixed
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		switch {
		case label == "" && strings.HasPrefix(domain, "."):
			return OuterStop
		case label == "":
			return TwoStops
		case strings.HasPrefix(label, "-"), strings.HasSuffix(label, "-"):
			return OuterHyphen
		case len(label) > maxLabel:
			return LongLabel
		}
	}
	last := labels[len(labels)-1]
	switch {
	case !plainASCII(domain): // what cannot be Punycode
		return Unregistrable
	case len(labels) == 1:
		return NoStop
	case strings.ContainsAny(last[:1], "0123456789"):
		return Numbers
	case len(last) < 2:
		return Problem(fmt.Sprintf("Enter the whole email address: “.%s” is not how one ends", last))
	}
	return nil
}

// mixed is the first label that mixes alphabets as no name of one language does, or "":
// by it, an address can look like another (Unicode Technical Standard 39, 5.2, Highly
// Restrictive).
func mixed(domain string) string {
	for label := range strings.SplitSeq(domain, ".") {
		found := map[string]bool{}
		for _, r := range label {
			if s := script(r); s != "" {
				found[s] = true
			}
		}
		delete(found, "Han")
		asian := found["Hiragana"] || found["Katakana"]
		delete(found, "Hiragana")
		delete(found, "Katakana")
		for _, alone := range []string{"Hangul", "Bopomofo"} {
			if found[alone] && !asian {
				delete(found, alone)
				asian = true
			}
		}
		latin := found["Latin"]
		delete(found, "Latin")
		if len(found) > 1 || len(found) == 1 && (latin || asian) {
			return label
		}
	}
	return ""
}

// script is the name of a letter's alphabet, or "" where it is of none alone.
func script(r rune) string {
	if !unicode.IsLetter(r) || unicode.Is(unicode.Common, r) {
		return ""
	}
	if r <= unicode.MaxASCII {
		return "Latin"
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}
