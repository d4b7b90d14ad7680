package programme

import "strings"

// Term is the word for one role.
type Term struct {
	// Article goes before the singular: "a" or "an".
	Article  string `firestore:"article" yaml:"article"`
	Singular string `firestore:"singular" yaml:"singular"`
	Plural   string `firestore:"plural" yaml:"plural"`
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
		add("a "+string(r), term.Article+" "+term.Singular)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Capital is the text with its first letter in upper case.
func Capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
