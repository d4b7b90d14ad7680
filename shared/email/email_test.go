package email

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]Address{
		"alex@example.org":                      "alex@example.org",
		" Alex@EXAMPLE.Org\t":                   "Alex@example.org",
		"alex+cascade@mail.example.co.uk":       "alex+cascade@mail.example.co.uk",
		"o'neill@example.org":                   "o'neill@example.org",
		"pat.o’neill@example.org":               "pat.o'neill@example.org",
		"jo@example.org\u200b":                  "jo@example.org",
		"\ufeff\u00a0jo@example.org\u2060":      "jo@example.org",
		"mailto:jo@example.org":                 "jo@example.org",
		"MailTo: jo@example.org ":               "jo@example.org",
		"<jo@example.org>":                      "jo@example.org",
		"<mailto:jo@example.org>":               "jo@example.org",
		"sian@bücher.example":                   "sian@bücher.example",
		"sian@xn--bcher-kva.example":            "sian@xn--bcher-kva.example",
		"info@संगठन.भारत":                       "info@संगठन.भारत",
		"1@2.example":                           "1@2.example",
		strings.Repeat("x", 64) + "@a.org":      Address(strings.Repeat("x", 64) + "@a.org"),
		"x@" + strings.Repeat("y", 63) + ".org": Address("x@" + strings.Repeat("y", 63) + ".org"),
	} {
		if got, err := Parse(given); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", given, got, err, want)
		}
	}
	for _, given := range []string{
		"", " ", "@", "mailto:", "<>", "alex", "alex@", "@example.org", "alex@example", "alex@@example.org", "a@b@example.org",
		"a lex@example.org", "a\u00a0lex@example.org", "a\u200blex@example.org", "a\u202elex@example.org", "a\u0085lex@example.org",
		"alex@exa\u200bmple.org", "alex@example.org\r\nBcc: sam@example.org", "alex@example.org,sam@example.org",
		"alex@example.org;sam@example.org", "alex@example.org sam@example.org", "Alex <alex@example.org>", "<alex@example.org", "alex@example.org>",
		`"a b"@example.org`, `"alex"@example.org`, ".alex@example.org", "alex.@example.org", "al..ex@example.org", "alex@example..org",
		"alex@-example.org", "alex@example-.org", "alex@example.org.", "alex@.example.org", "alex@[127.0.0.1]", "alex@127.0.0.1", "alex@example.1",
		"jörg@example.org", "ｊo@example.org", "jo\x00@example.org", "jo@example.org?subject=x",
		strings.Repeat("1", 69) + "@example.org", strings.Repeat("x", 65) + "@a.org", "x@" + strings.Repeat("y", 64) + ".org",
		"x@" + strings.Repeat("y.", 130) + "org", "\xff@example.org",
	} {
		if got, err := Parse(given); err != ErrMalformed || got != "" {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

// Only what stands there counts: what Parse would read is not yet an address.
func TestValidChecksAsItStands(t *testing.T) {
	t.Parallel()
	for address, want := range map[Address]bool{
		"alex@example.org": true, "Alex@EXAMPLE.org": true,
		" alex@example.org": false, "<alex@example.org>": false, "mailto:alex@example.org": false, "pat.o’neill@example.org": false,
	} {
		if address.Valid() != want {
			t.Errorf("%q is an address: %v", address, !want)
		}
	}
}

func TestSameInAnyCase(t *testing.T) {
	t.Parallel()
	if !Address("Alex@example.org").Same("alex@EXAMPLE.org") || Address("alex@example.org").Same("alex@example.com") {
		t.Error("who is the same is not told")
	}
}

func TestReadingTwiceIsReadingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ <]{0,2}(mailto:)?[a-zA-Z.'’]{0,5}@?[a-zA-Z.]{0,9}[> ]{0,2}`)).Draw(t, "s")
		a, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(string(a)); err != nil || again != a || !a.Valid() || !a.Same(a) || len(a) > MaxLength || strings.ContainsFunc(string(a), blank) {
			t.Fatalf("%q is %q, and then %q, %v", s, a, again, err)
		}
	})
}
