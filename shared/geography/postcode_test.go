package geography

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePostcode(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ given, want, region string }{
		{"LS6 2AB", "LS6 2AB", "Yorkshire and the Humber"},
		{"ls62ab", "LS6 2AB", "Yorkshire and the Humber"},
		{"  l s 6 2 a b ", "LS6 2AB", "Yorkshire and the Humber"},
		{"LS6\u00a02AB", "LS6 2AB", "Yorkshire and the Humber"},
		{"LS6-2AB.", "LS6 2AB", "Yorkshire and the Humber"},
		{"EC1A 1BB", "EC1A 1BB", "London"},
		{"W1A 0AX", "W1A 0AX", "London"},
		{"M1 1AE", "M1 1AE", "North West"},
		{"B33 8TH", "B33 8TH", "West Midlands"},
		{"CR2 6XH", "CR2 6XH", "London"},
		{"DN55 1PT", "DN55 1PT", "Yorkshire and the Humber"},
		{"BT1 5GS", "BT1 5GS", "Northern Ireland"},
		{"EH1 1YZ", "EH1 1YZ", "Scotland"},
		{"CF10 1EP", "CF10 1EP", "Wales"},
		{"NE1 4ST", "NE1 4ST", "North East"},
		{"PL1 1AA", "PL1 1AA", "South West"},

		{"", "", ""},
		{"LS6", "", ""},      // a district alone
		{"LS6 2A", "", ""},   // cut off
		{"LS6 2ABC", "", ""}, // too long
		{"6LS 2AB", "", ""},  // the wrong way round
		{"QQ1 1AA", "", ""},  // no such area
		{"JE2 3AB", "", ""},  // Jersey is in none of the regions
		{"IM1 1AA", "", ""},  // nor is Man
		{"GIR 0AA", "", ""},  // a bank's, long gone
		{"BFPO 801", "", ""}, // the forces' post is nowhere
		{"12345", "", ""},    // abroad
		{"LS6 2Aß", "", ""},  // not a letter of a postcode
		{"LſS6 2AB", "", ""}, // a long s is no stray punctuation
		{"\uff2c\uff336 2AB", "LS6 2AB", "Yorkshire and the Humber"}, // full-width letters
		{"LS6é2AB", "", ""},                //
		{"LS\u0666 2AB", "", ""},           // an Arabic six
		{"\xffLS6 2AB", "", ""},            // not UTF-8
		{"LS6 2AB\x00", "", ""},            // a control character
		{strings.Repeat("LS6", 9), "", ""}, //
	} {
		got, ok := parsePostcode(row.given)
		if string(got) != row.want || ok != (row.want != "") || UK().Usual(got) != row.region {
			t.Errorf("parsePostcode(%q) = %q %v in %q, want %q in %q", row.given, got, ok, UK().Usual(got), row.want, row.region)
		}
	}
}

func TestPostcodeIsReadAlikeHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	areas := slices.Sorted(maps.Keys(UK().areas))
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.SampledFrom(areas).Draw(t, "area")
		district := rapid.StringMatching(`[0-9][0-9A-Z]?`).Draw(t, "district")
		unit := rapid.StringMatching(`[0-9][A-Z]{2}`).Draw(t, "unit")
		want := area + district + " " + unit
		var written strings.Builder
		for _, r := range want {
			if rapid.Bool().Draw(t, "lower") {
				r = []rune(strings.ToLower(string(r)))[0]
			}
			written.WriteRune(r)
			written.WriteString(rapid.SampledFrom([]string{"", " ", "-", "."}).Draw(t, "stray"))
		}
		got, ok := parsePostcode(written.String())
		if !ok || string(got) != want || got.Area() != area || got.District() != area+district {
			t.Fatalf("parsePostcode(%q) = %q, want %q", written.String(), got, want)
		}
	})
}

func FuzzParsePostcode(f *testing.F) {
	for _, s := range []string{"LS6 2AB", "ec1a1bb", "", "w1a-0ax", "\xff", "GIR 0AA", "ＬＳ６"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := parsePostcode(s)
		if !ok {
			if p != "" {
				t.Fatalf("%q was refused and gave %q", s, p)
			}
			return
		}
		again, ok := parsePostcode(string(p))
		if !ok || again != p || UK().Usual(p) == "" || p.District() == "" || len(p) > 8 {
			t.Fatalf("parsePostcode(%q) = %q, read again %q", s, p, again)
		}
	})
}
