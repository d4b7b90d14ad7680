package programme

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Term is the word for one role.
type Term struct {
	// Article goes before the singular: "a" or "an"; "" in a language without.
	Article  string `firestore:"article" yaml:"article"`
	Singular string `firestore:"singular" yaml:"singular"`
	Plural   string `firestore:"plural" yaml:"plural"`
}

// Indefinite is the singular with its article, where the language has one.
func (t Term) Indefinite() string {
	if t.Article == "" {
		return t.Singular
	}
	return t.Article + " " + t.Singular
}

// Terms are the programme's words for its roles. Participants of the first
// programme found the default words one-sided, so no page or email may write
// them: it writes a term, or text that Say has filled in.
type Terms struct {
	Client     Term `firestore:"client" yaml:"client"`
	Consultant Term `firestore:"consultant" yaml:"consultant"`
}

// Of is the term for a role.
func (t Terms) Of(r Role) Term {
	if r == Client {
		return t.Client
	}
	return t.Consultant
}

// Say fills the programme's words into a text that is data. It knows
// {client}, {clients}, {a client} and the same for consultant, and each with a
// capital first letter: {Client}, {Clients}, {A client}.
func (t Terms) Say(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var pairs []string
	add := func(name, word string) {
		pairs = append(pairs, "{"+name+"}", word, "{"+Capital(name)+"}", Capital(word))
	}
	for _, r := range Roles {
		term := t.Of(r)
		add(string(r), term.Singular)
		add(string(r)+"s", term.Plural)
		add("a "+string(r), term.Indefinite())
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Capital is the text with its first letter in upper case.
func Capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// Plain reports whether a text is one line of what people can see: it has no
// control characters, no line or paragraph separators, none that reverse its
// direction, and is UTF-8. What is plain can stand in a page, a letter's subject
// and a calendar entry without breaking out of its place.
func Plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
	})
}
