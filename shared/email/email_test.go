package email

import (
	_ "embed"
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
		"1@2.example":                           "1@2.example",
		strings.Repeat("x", 64) + "@a.org":      Address(strings.Repeat("x", 64) + "@a.org"),
		"x@" + strings.Repeat("y", 63) + ".org": Address("x@" + strings.Repeat("y", 63) + ".org"),
		// Apostrophes and dashes of word processors, and full width.
		"o'neill@example.org":       "o'neill@example.org",
		"pat.o’neill@example.org":   "pat.o'neill@example.org",
		"pat.o‘neill@example.org":   "pat.o'neill@example.org",
		"pat.oʼneill@example.org":   "pat.o'neill@example.org",
		"pat.o`neill@example.org":   "pat.o'neill@example.org",
		"pat.o´neill@example.org":   "pat.o'neill@example.org",
		"pat.o′neill@example.org":   "pat.o'neill@example.org",
		"pat.o＇neill@example.org":   "pat.o'neill@example.org",
		"jo–ann@north‑west.example": "jo-ann@north-west.example",
		"ｊｏ＠ｅｘａｍｐｌｅ．ｏｒｇ":            "jo@example.org",
		"jo@example。org":            "jo@example.org",
		// What nobody sees.
		"jo@example.org\u200b":                   "jo@example.org",
		"\ufeff\u00a0jo@example.org\u2060":       "jo@example.org",
		"a\u200blex@exa\u00admple.org":           "alex@example.org",
		"alex@exa\u200cmple.org":                 "alex@example.org",
		"\u202ajo@example.org\u202c":             "jo@example.org",
		"\u3000jo\u202f@\u2009example.org\u3164": "jo@example.org",
		"jo @ example.org":                       "jo@example.org",
		// Links and names.
		"mailto:jo@example.org":                                  "jo@example.org",
		"MailTo: jo@example.org ":                                "jo@example.org",
		"mailto:jo@example.org?subject=Hello%20there&cc=a@b.org": "jo@example.org",
		"MAILTO:o%27neill@example.org":                           "o'neill@example.org",
		"mailto://jo@example.org":                                "jo@example.org",
		"<jo@example.org>":                                       "jo@example.org",
		"<mailto:jo@example.org>":                                "jo@example.org",
		"Jo Sample <jo@example.org>":                             "jo@example.org",
		`"Sample, Jo" <jo@example.org>;`:                         "jo@example.org",
		"Sample, Jo <jo@example.org>,":                           "jo@example.org",
		"Jo O’Neill <mailto:o’neill@example.org>.":               "o'neill@example.org",
		"JO@example.org <jo@example.org>":                        "jo@example.org",
		// Punctuation of the sentence around it.
		"jo@example.org.":       "jo@example.org",
		"jo@example.org;":       "jo@example.org",
		"jo@example.org ,":      "jo@example.org",
		"(jo@example.org)":      "jo@example.org",
		"“jo@example.org”":      "jo@example.org",
		"‘jo@example.org’":      "jo@example.org",
		"'jo@example.org'":      "jo@example.org",
		"<jo@example.org>.":     "jo@example.org",
		"jo@example.org>":       "jo@example.org",
		"; jo@example.org...":   "jo@example.org",
		"\"jo@example.org\" \n": "jo@example.org",
		// Domains in other letters.
		"sian@bücher.example":        "sian@xn--bcher-kva.example",
		"sian@BU\u0308CHER.example":  "sian@xn--bcher-kva.example",
		"sian@xn--bcher-kva.example": "sian@xn--bcher-kva.example",
		"sian@XN--BCHER-KVA.example": "sian@xn--bcher-kva.example",
		"info@straße.example":        "info@xn--strae-oqa.example",
		"info@संगठन.भारत":            "info@xn--i1b6b1a6a2e.xn--h2brj9c",
		"info@例え.example":            "info@xn--r8jz45g.example",
		"info@пример.example":        "info@xn--e1afmkfd.example",
	} {
		if got, err := Parse(given); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", given, got, err, want)
		}
	}
}

// Each kind of mistake has a sentence of its own.
func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		why   Problem
		given []string
	}{
		{Empty, []string{"", " ", "\u200b", "<>", ";"}},
		{NoAt, []string{"alex", "mailto:", "alex.example.org", "http://example.org", "07700 900123"}},
		{Several, []string{"alex@@example.org", "a@b@example.org", "alex@example.org,sam@example.org", "alex@example.org; sam@example.org", "alex@example.org sam@example.org",
			"alex@example.org\r\nBcc: sam@example.org", "alex@example.org <sam@example.org>"}},
		{Spaces, []string{"a lex@example.org", "a\u00a0lex@example.org", "alex@exam ple.org", "alex@example. org", "alex@example.org\r\nSubject: x", "jo@example.org. Thanks", "a\u0085lex@example.org"}},
		{NoLocal, []string{"@example.org", " @ example.org", "@"}},
		{NoDomain, []string{"alex@", "alex@."}},
		{OuterStop, []string{".alex@example.org", "alex.@example.org", "alex@.example.org"}},
		{TwoStops, []string{"al..ex@example.org", "alex@example..org"}},
		{LongLocal, []string{strings.Repeat("1", 69) + "@example.org", strings.Repeat("x", 65) + "@a.org"}},
		{Long, []string{"x@" + strings.Repeat("y.", 125) + "org"}},
		{LongLabel, []string{"x@" + strings.Repeat("y", 64) + ".org", "x@" + strings.Repeat("ü", 63) + ".org"}},
		{NoStop, []string{"alex@example", "alex@localhost"}},
		{Numbers, []string{"alex@127.0.0.1", "alex@example.1", "alex@example.1a"}},
		{OuterHyphen, []string{"alex@-example.org", "alex@example-.org"}},
		{Mixed, []string{"alex@gmаil.org", "alex@xn--gmil-63d.org", "alex@еxample.org"}},
		{Unregistrable, []string{"alex@xn--a.org", "alex@☃️\u202e.org", "alex@xn--zzzzzzzz999.org"}},
		{`Enter another email address: we cannot send to one with “ö” before the @ sign, only to letters from a to z, numbers and signs such as full stops`, []string{"jörg@example.org", "jo\u0308rg@example.org"}},
		{`Enter another email address: we cannot send to one with “伊” before the @ sign, only to letters from a to z, numbers and signs such as full stops`, []string{"r+伊昭傑@example.org"}},
		{`Type the part before the @ sign yourself: it holds a character that cannot be seen`, []string{"a\u202elex@example.org", "jo\x00@example.org", "\xff@example.org"}},
		{`Enter the email address without “"” before the @ sign`, []string{`"al"ex@example.org`, `jo"@example.org`}},
		{`Enter the email address without “(” before the @ sign`, []string{"jo(x)@example.org"}},
		{`Enter the email address without “_” after the @ sign`, []string{"alex@exam_ple.org"}},
		{`Enter the email address without “[” after the @ sign`, []string{"alex@[127.0.0.1]"}},
		{`Enter the email address without “?” after the @ sign`, []string{"jo@example.org?subject=x"}},
		{`Enter the email address without “,” after the @ sign. Did you mean jo@gmail.com?`, []string{"jo@gmail,com"}},
		{NoStop + ". Did you mean jo@gmail.com?", []string{"jo@gmailcom", "jo@gmail"}},
		{NoStop + ". Did you mean jo@yahoo.co.uk?", []string{"jo@yahoocouk"}},
		{`Enter the whole email address: “.c” is not how one ends`, []string{"alex@example.c"}},
	} {
		for _, given := range row.given {
			if got, err := Parse(given); err != row.why || got != "" {
				t.Errorf("%q: %q, %v, want %v", given, got, err, row.why)
			}
		}
	}
}

//go:embed testdata/addresses.tsv
var addresses string

// What became of the addresses with which the rule was tried.
func TestAddressesThatWentWrong(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(addresses), "\n")[1:]
	want := []string{
		"pat.o'neill@example.org", "pat.o'neill@example.org", "jo@example.org", "jo@example.org",
		"Enter another email address: we cannot send to one with “ö” before the @ sign, only to letters from a to z, numbers and signs such as full stops", string(LongLocal),
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		given, _, _ := strings.Cut(row, "\t")
		got, err := Parse(given)
		if err != nil {
			got = Address(err.Error())
		}
		if got != Address(want[i]) {
			t.Errorf("%q: %q, want %q", given, got, want[i])
		}
	}
}

// Only what stands there counts: what Parse would read is not yet an address.
func TestValidChecksAsItStands(t *testing.T) {
	t.Parallel()
	for address, want := range map[Address]bool{
		"alex@example.org": true, "Alex@example.org": true, "Alex@EXAMPLE.org": false, "alex@bücher.example": false,
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

func TestShownInItsOwnLetters(t *testing.T) {
	t.Parallel()
	for address, want := range map[Address]string{
		"Alex@example.org": "Alex@example.org", "sian@xn--bcher-kva.example": "sian@bücher.example",
		"alex@xn--gmil-63d.org": "alex@xn--gmil-63d.org", "nobody": "nobody",
	} {
		if got := address.Shown(); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}

func TestSlipsOfProvidersAreSeen(t *testing.T) {
	t.Parallel()
	for given, want := range map[Address]Address{
		"jo@gmial.com": "jo@gmail.com", "jo@gmai.com": "jo@gmail.com", "jo@gmaill.com": "jo@gmail.com", "jo@gnail.com": "jo@gmail.com", "jo@gmail.con": "jo@gmail.com",
		"jo@gmail.co": "jo@gmail.com", "jo@gmail.co.uk": "jo@gmail.com", "jo@gmial.cpm": "jo@gmail.com", "jo@gmailcom": "jo@gmail.com", "jo@gmail": "jo@gmail.com",
		"jo@hotmial.com": "jo@hotmail.com", "jo@hotnail.co.uk": "jo@hotmail.co.uk", "jo@hotmal.com": "jo@hotmail.com", "jo@hotmail.co": "jo@hotmail.com", "jo@homtail.con": "jo@hotmail.com",
		"jo@yahoo.co.ku": "jo@yahoo.co.uk", "jo@yaho.com": "jo@yahoo.com", "jo@yahooo.co.uk": "jo@yahoo.co.uk", "jo@yahoo.couk": "jo@yahoo.co.uk", "jo@yahoo.cmo": "jo@yahoo.com",
		"jo@outlok.com": "jo@outlook.com", "jo@outllok.com": "jo@outlook.com", "jo@outlook.cm": "jo@outlook.com", "jo@iclod.com": "jo@icloud.com", "jo@icloud.co.uk": "jo@icloud.com",
		"jo@btinternet.co.uk": "jo@btinternet.com", "jo@btintenet.com": "jo@btinternet.com", "jo@live.co.ku": "jo@live.co.uk", "jo@protonmial.com": "jo@protonmail.com",
		"jo@hospice.con": "jo@hospice.com", "jo@hospice.ogr.uk": "jo@hospice.org.uk", "jo@hospice.org.ku": "jo@hospice.org.uk", "jo@hospice.orguk": "jo@hospice.org.uk", "jo@hospice.ogr": "jo@hospice.org",
	} {
		if got := given.Meant(); got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
	for _, right := range []Address{
		"jo@example.org", "jo@hospice.org.uk", "jo@mail.com", "jo@email.com", "jo@ymail.com", "jo@me.com", "jo@aol.com", "jo@ao.com", "jo@sol.com", "jo@love.com", "jo@yahoo.it", "jo@yahoo.ie",
		"jo@yahoo.com.au", "jo@hotmail.fr", "jo@outlook.es", "jo@live.nl", "jo@gmx.de", "jo@nhs.net", "jo@nhs.uk", "jo@bbc.co.uk", "jo@mind.org.uk", "jo@virgin.com", "jo@sky.uk", "jo@small.org", "nobody",
	} {
		if got := right.Meant(); got != "" {
			t.Errorf("%s: %q", right, got)
		}
	}
	for _, p := range providers {
		if got := Address("jo@" + p).Meant(); got != "" {
			t.Errorf("%s: %q", p, got)
		}
		if _, err := Parse("jo@" + p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestSlipsAreAskedAboutUntilThePersonHasSaid(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		typed, known Address
		chosen       string
		settled, ask Address
	}{
		{"jo@gmial.com", "", "", "jo@gmial.com", "jo@gmail.com"},
		{"jo@gmial.com", "", "jo@gmail.com", "jo@gmail.com", ""},
		{"jo@gmial.com", "", "jo@gmial.com", "jo@gmial.com", ""},
		{"jo@gmial.com", "JO@gmial.com", "", "jo@gmial.com", ""},
		{"jo@gmial.com", "jo@example.org", "", "jo@gmial.com", "jo@gmail.com"},
		{"jo@hotmial.com", "", "jo@gmial.com", "jo@hotmial.com", "jo@hotmail.com"}, // said of another one
		{"jo@hotmial.com", "", "jo@gmail.com", "jo@hotmial.com", "jo@hotmail.com"},
		{"jo@gmail.com", "", "jo@gmial.com", "jo@gmail.com", ""},
		{"jo@example.org", "", "", "jo@example.org", ""},
	} {
		if settled, ask := Settle(row.typed, row.chosen, row.known); settled != row.settled || ask != row.ask {
			t.Errorf("%+v: %q, asking about %q", row, settled, ask)
		}
	}
}

func TestReadingTwiceIsReadingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ <“']{0,2}(mailto:)?[a-zA-Z.'’é]{0,5} ?[@＠]? ?[a-zA-Z.。ü]{0,9}[> ’;.]{0,3}`)).Draw(t, "s")
		a, err := Parse(s)
		if err != nil {
			if _, ok := err.(Problem); !ok {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if again, err := Parse(string(a)); err != nil || again != a || !a.Valid() || !a.Same(a) || len(a) > MaxLength || !plainASCII(string(a)) {
			t.Fatalf("%q is %q, and then %q, %v", s, a, again, err)
		}
		if shown, err := Parse(a.Shown()); err != nil || shown != a {
			t.Fatalf("%q is shown as %q, which is %q, %v", a, a.Shown(), shown, err)
		}
		if meant := a.Meant(); meant != "" && (!meant.Valid() || meant.Meant() != "") {
			t.Fatalf("for %q it asks about %q, and then about %q", a, meant, meant.Meant())
		}
	})
}

func TestMaskedAddressIsKnownToItsOwnerAlone(t *testing.T) {
	t.Parallel()
	for a, want := range map[Address]string{
		"john.o@example.org": "j…o@example.org", "jo@example.org": "j…@example.org", "joe@example.org": "j…@example.org", "a@example.org": "a…@example.org",
		"zoë.ash@example.org": "z…h@example.org", "": "",
	} {
		if got := a.Masked(); got != want {
			t.Errorf("%s is %q, want %q", a, got, want)
		}
	}
}

// Whatever is known not to tell two mailboxes apart is left out of how a mailbox is known.
func TestOneMailboxHasOneName(t *testing.T) {
	t.Parallel()
	for want, all := range map[string][]Address{
		"jo.sample@example.org":  {"jo.sample@example.org", "Jo.Sample@example.org", "jo.sample+a@example.org", "JO.SAMPLE+a+b@example.org"},
		"josample@example.org":   {"josample@example.org"},
		"+@example.org":          {"+@example.org"},
		"+a@example.org":         {"+a@example.org"},
		"josample@gmail.com":     {"josample@gmail.com", "Jo.Sample@gmail.com", "j.o.s.a.m.p.l.e+a.b@gmail.com", "jo.sample@googlemail.com"},
		"jo.sample@gmail.com.uk": {"jo.sample@gmail.com.uk"},
	} {
		for _, a := range all {
			if got := a.Mailbox(); got != want {
				t.Errorf("%s is the mailbox %s, want %s", a, got, want)
			}
		}
	}
}
