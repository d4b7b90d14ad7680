package organisation

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Number is an organisation's number on a register, with the register's prefix from
// org-id.guide: "GB-CHC-1000430" on that of England and Wales, with "-2" behind it for a
// charity that is linked to it; "GB-SC-SC012345" on Scotland's, "GB-NIC-101234" on Northern
// Ireland's; and "GB-COH-09506232" for a company. "" is none.
type Number string

// Why a text is no number.
var (
	ErrNoNumber = errors.New("not a number of a register")
	// ErrNorthern is of a number that only Northern Ireland's register has, from elsewhere.
	ErrNorthern = errors.New("a number of Northern Ireland's register, without its letters and from elsewhere")
)

// number is a text in capitals without spaces and commas.
var number = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:GB-?)?(CHC|SC|NIC|COH)?-?(SC|NI|OC|SO|NC|CE|CS)?-?([0-9]{5,8})(?:[-/]([0-9]{1,3}))?$`)
})

// ParseNumber reads a register's number as people write it. The postcode tells a number of
// Northern Ireland's register that does not say so: it has the range below all of England
// and Wales. Where it is from elsewhere, or "", the error is ErrNorthern.
func ParseNumber(s, postcode string) (Number, error) {
	s = compact(s)
	if s == "" {
		return "", nil
	}
	m := number().FindStringSubmatch(s)
	if m == nil {
		return "", ErrNoNumber
	}
	register, prefix, digits, linked := m[1], m[2], m[3], strings.TrimLeft(m[4], "0")
	if linked != "" && (register != "" && register != "CHC" || prefix != "") {
		return "", ErrNoNumber // only England and Wales link charities
	}
	switch {
	case register == "COH" || register == "" && (prefix != "" && prefix != "SC" || len(digits) == 8):
		return company(prefix, digits)
	case (register == "SC" || register == "" && prefix == "SC") && (prefix == "" || prefix == "SC"):
		return scottish(digits)
	case prefix != "":
		return "", ErrNoNumber
	case register == "NIC" && len(digits) == 6:
		return Number("GB-NIC-" + digits), nil
	case (register == "" || register == "CHC") && len(digits) == 6 && digits[0] == '1' && linked == "":
		if !strings.HasPrefix(compact(postcode), "BT") {
			return "", ErrNorthern
		}
		return Number("GB-NIC-" + digits), nil
	case (register == "" || register == "CHC") && (len(digits) == 6 || len(digits) == 7):
		if linked != "" {
			digits += "-" + linked
		}
		return Number("GB-CHC-" + digits), nil
	}
	return "", ErrNoNumber
}

// scottish is a number of Scotland's register, whose zero in front people leave out.
func scottish(digits string) (Number, error) {
	if len(digits) == 5 {
		digits = "0" + digits
	}
	if len(digits) != 6 {
		return "", ErrNoNumber
	}
	return Number("GB-SC-SC" + digits), nil
}

// company is a number of eight characters.
func company(prefix, digits string) (Number, error) {
	if len(prefix)+len(digits) < 8 && prefix == "" {
		digits = strings.Repeat("0", 8-len(digits)) + digits
	}
	if len(prefix)+len(digits) != 8 {
		return "", ErrNoNumber
	}
	return Number("GB-COH-" + prefix + digits), nil
}

// Canonical is a number as ParseNumber gives it, however it is written; and another id,
// such as one of the host's own, in capitals.
func Canonical(id, postcode string) Number {
	if n, err := ParseNumber(id, postcode); err == nil {
		return n
	}
	return Number(strings.ToUpper(strings.TrimSpace(id)))
}

// Written is a number as people write it and as ParseNumber reads it: "1000430", "SC012345",
// "NIC101234". One that would be taken for another register's keeps its prefix.
func (n Number) Written() string {
	if rest, ok := strings.CutPrefix(string(n), "GB-NIC-"); ok {
		return "NIC" + rest
	}
	for _, prefix := range []string{"GB-CHC-", "GB-SC-", "GB-COH-"} {
		if rest, ok := strings.CutPrefix(string(n), prefix); ok {
			if read, err := ParseNumber(rest, ""); err == nil && read == n {
				return rest
			}
		}
	}
	return string(n)
}

// Main is the number of the charity to which a linked one belongs, and that of any other:
// a charity and those linked to it are one organisation.
func (n Number) Main() Number {
	if rest, ok := strings.CutPrefix(string(n), "GB-CHC-"); ok {
		main, _, _ := strings.Cut(rest, "-")
		return Number("GB-CHC-" + main)
	}
	return n
}

// said are the words before a number that say what it is.
var said = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:THE|UK|REGISTERED|REGISTRATION|REGD|REG|SCOTTISH|CHARITABLE|CHARITY|COMPANY|CONO|NUMBER|NUM|NO|NR)[.:#-]*)+`)
})

// compact is a text in capitals and without what people put between the figures of a
// number, or before it to say what it is.
func compact(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(",.'’", r):
			return -1
		case unicode.Is(unicode.Pd, r) || r == '−' || r == '_':
			return '-'
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(s))
	s = strings.Trim(said().ReplaceAllString(s, ""), "-:#()")
	return figures(s)
}

// figures are a text whose letters that look like a figure are one, where they stand
// among figures or in front of them as the zero of a number.
func figures(s string) string {
	b := []byte(strings.Replace(s, "SCO", "SC0", 1))
	for i, c := range b {
		among := i > 0 && b[i-1] >= '0' && b[i-1] <= '9'
		switch {
		case c == 'O' && (among || i == 0 && len(b) > 1 && b[1] >= '0' && b[1] <= '9'):
			b[i] = '0'
		case (c == 'I' || c == 'L') && among:
			b[i] = '1'
		}
	}
	return string(b)
}
