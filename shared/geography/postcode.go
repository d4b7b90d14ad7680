package geography

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Postcode is a UK postcode in its usual form, such as "LS6 2AB", or what it begins with,
// such as "LS6" or "LS"; or one of a programme's own table, in capitals and without spaces.
type Postcode string

var postcodeForm = regexp.MustCompile(`^([A-Z]{1,2})([0-9][0-9A-Z]?)([0-9][A-Z]{2})$`)

// parsePostcode reads a postcode in any case, with or without spaces and stray
// punctuation, and says whether it has a UK postcode's form and a known area. The letters O
// and I are figures where only a figure can stand. A letter of another alphabet is no
// punctuation: a text that holds one is refused rather than read as what is left of it.
func parsePostcode(s string) (Postcode, bool) {
	s, ok := compactPostcode(s)
	if !ok || s == girobank {
		return "", false
	}
	for _, s := range withFigures(s) {
		if m := postcodeForm.FindStringSubmatch(s); m != nil && UK().areas[m[1]].Code != "" {
			return Postcode(m[1] + m[2] + " " + m[3]), true
		}
	}
	return "", false
}

// girobank is the one postcode of another form.
const girobank = "GIR0AA"

// compactPostcode is a text in capitals without spaces, punctuation and what nobody sees.
func compactPostcode(s string) (string, bool) {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		switch {
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case !unicode.IsSpace(r) && !unicode.IsPunct(r) && !unicode.Is(unicode.Cf, r):
			return "", false
		}
	}
	return b.String(), true
}

// withFigures are a compact text as it is, and with O and I read as the figures that they
// look like: where the second half begins, then also after the area's letters.
func withFigures(s string) []string {
	if len(s) < 5 {
		return []string{s}
	}
	figure := strings.NewReplacer("O", "0", "I", "1")
	first, second := s[:len(s)-3], s[len(s)-3:]
	all := []string{s, first + figure.Replace(second[:1]) + second[1:]}
	for letters := 2; letters >= 1; letters-- {
		if len(first) > letters {
			all = append(all, first[:letters]+figure.Replace(first[letters:letters+1])+first[letters+1:]+figure.Replace(second[:1])+second[1:])
		}
	}
	return all
}

// Unplaced says why a postcode lies in no region of the UK: "islands" for the Isle of Man,
// Jersey and Guernsey, "forces" for one of the British Forces, "nowhere" for one that is
// given to an organisation and no place; "" where it is no such postcode.
func Unplaced(s string) string {
	s, ok := compactPostcode(s)
	if !ok {
		return ""
	}
	if strings.HasPrefix(s, "BFPO") {
		return "forces"
	}
	if s == girobank {
		return "nowhere"
	}
	for _, s := range withFigures(s) {
		if m := postcodeForm.FindStringSubmatch(s); m != nil {
			if why := unplaced[m[1]]; why != "" {
				return why
			}
		}
	}
	return ""
}

// unplaced are the postcode areas that are in no region.
var unplaced = map[string]string{"JE": "islands", "GY": "islands", "IM": "islands", "BF": "forces", "BX": "nowhere", "XX": "nowhere", "QC": "nowhere", "GX": "nowhere"}

// District is the part before the space, such as "LS6".
func (p Postcode) District() string {
	d, _, _ := strings.Cut(string(p), " ")
	return d
}

// Area is the leading letters, such as "LS".
func (p Postcode) Area() string {
	if i := strings.IndexAny(string(p), "0123456789"); i >= 0 {
		return string(p[:i])
	}
	return string(p)
}
