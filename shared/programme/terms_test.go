package programme

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var odd = Terms{
	Client:     Term{Article: "an", Singular: "élève", Plural: "élèves"},
	Consultant: Term{Article: "a", Singular: "guide", Plural: "guides"},
}

func TestSay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                               "",
		"nothing to fill":                "nothing to fill",
		"a {client}":                     "a élève",
		"{a client}":                     "an élève",
		"{A client} and {a consultant}":  "An élève and a guide",
		"{Client}, {Clients}, {clients}": "Élève, Élèves, élèves",
		"{Consultant}s {Consultants}":    "Guides Guides",
		"{client":                        "{client",
		"{unknown} {CLIENT} { client }":  "{unknown} {CLIENT} { client }",
		"{{client}}":                     "{élève}",
	} {
		if got := odd.Say(text); got != want {
			t.Errorf("Say(%q) = %q, want %q", text, got, want)
		}
	}
}

// A term is text: what looks like a placeholder in one stays as it is.
func TestSayFillsInOnce(t *testing.T) {
	t.Parallel()
	terms := odd
	terms.Client.Singular = "{consultant}"
	if got := terms.Say("{client}"); got != "{consultant}" {
		t.Errorf("got %q", got)
	}
}

func TestSayLeavesNoPlaceholderItKnows(t *testing.T) {
	t.Parallel()
	known := []string{"{client}", "{clients}", "{a client}", "{Client}", "{Clients}", "{A client}",
		"{consultant}", "{consultants}", "{a consultant}", "{Consultant}", "{Consultants}", "{A consultant}"}
	part := rapid.OneOf(rapid.SampledFrom(known), rapid.StringMatching(`[ a-z.]*`))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(part).Draw(t, "parts"), "")
		if said := odd.Say(text); strings.ContainsAny(said, "{}") {
			t.Fatalf("Say(%q) = %q", text, said)
		}
	})
}

func TestCapital(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "coach": "Coach", "Élan": "Élan", "élan": "Élan", "éLAN": "ÉLAN", "\xff": "\xff", "\xffé": "\xffé", "1st": "1st"} {
		if got := Capital(s); got != want {
			t.Errorf("Capital(%q) = %q, want %q", s, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		got := Capital(s)
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(s) || Capital(got) != got {
			t.Fatalf("Capital(%q) = %q", s, got)
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "Alex Sample", "Nguyễn O’Brien-Łuksza", "李", "Trust & Co. (Leeds)", "a\u00a0b", "👩🏽‍🏫"} {
		if !Plain(s) {
			t.Errorf("%q is not plain", s)
		}
	}
	for _, s := range []string{"a\nb", "a\rb", "a\tb", "a\x00b", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\x7fb", "a\xffb", "\ufffd"} {
		if Plain(s) {
			t.Errorf("%q is plain", s)
		}
	}
}
