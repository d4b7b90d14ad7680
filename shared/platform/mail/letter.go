// Package mail writes emails and hands them to SendGrid.
//
// Each kind of message is one file in letters/: a subject, then blocks divided by
// blank lines: a paragraph, a list ("- " before each item), or the one thing to do
// ("=> " before its words). A block's form is settled before values are filled in,
// so that no name or place can become markup, a header or a second button.
package mail

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/web"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Facts are what letters are written from. A letter uses those its kind needs.
type Facts struct {
	Programme *programme.Programme
	// Name is whom the letter greets.
	Name string
	// Role is the recipient's; the other side's is Role.Other.
	Role programme.Role
	// Other is the other side of a match or pairing.
	Other   *enrolment.Enrolment
	Reasons matching.Reasons
	Session *pairing.Session
	// Pairing is set for letters about one.
	Pairing *pairing.Pairing
	// Closing tells the questionnaire at the end from the one at the start.
	Closing bool
	// Link is where the one thing to do is done.
	Link string
}

// Mine and Theirs are the terms for the recipient's role and the other side's.
func (f Facts) Mine() programme.Term { return f.Programme.Terms.Of(f.Role) }

// Theirs is the term for the other side's role.
func (f Facts) Theirs() programme.Term { return f.Programme.Terms.Of(f.Role.Other()) }

// TheirsCapital is the term for the other side's role at the start of a sentence.
func (f Facts) TheirsCapital() string {
	t := f.Theirs()
	return programme.Capital(t.Article + " " + t.Singular)
}

// FromDirectory reports whether the recipient finds a match in a directory.
func (f Facts) FromDirectory() bool {
	return f.Programme.Mode == programme.Directory && f.Programme.Chooses(f.Role)
}

// Met are the names of the needs that the match meets, most important first.
func (f Facts) Met() []string {
	names := make([]string, len(f.Reasons.Met))
	for i, n := range f.Reasons.Met {
		names[i] = f.Programme.SkillName(n.Skill)
	}
	return names
}

// Near says in which way the two of a match are near enough to each other.
func (f Facts) Near() string {
	switch within := f.Programme.Place.Within; {
	case f.Reasons.Relaxed == programme.Neighbouring:
		return "Your regions border on each other. The programme allows that where nobody nearer is left."
	case f.Reasons.Relaxed == programme.Online:
		return "You can meet without travelling. The programme allows that where nobody nearer is left."
	case within == programme.Distance:
		return "You are near enough to each other to meet."
	case within == programme.Neighbouring:
		return "You are in the same region, or in regions that border on each other."
	case within == programme.Online:
		return "You can meet without travelling, and the programme asks for no more."
	}
	return fmt.Sprintf("You are in the same region: %s.", f.Reasons.Region)
}

// When is the session's start in words, in the programme's zone.
func (f Facts) When() string { return web.When(f.Session.StartsAt, f.Programme.Location()) }

// Email is a rendered letter.
type Email struct{ Subject, Text, HTML string }

type blockKind int

const (
	paragraph blockKind = iota
	list
	action
)

type block struct {
	kind blockKind
	text *texttemplate.Template
}

type letter struct {
	subject *texttemplate.Template
	blocks  []block
}

//go:embed letters/*.letter layout.html
var files embed.FS

// Letters are the parsed letters by kind.
type Letters struct {
	byKind map[outbox.Kind]letter
	layout *template.Template
}

// Parse reads the letters; a malformed one is an error that names it.
func Parse() (*Letters, error) {
	layout, err := template.ParseFS(files, "layout.html")
	if err != nil {
		return nil, err
	}
	ls := &Letters{map[outbox.Kind]letter{}, layout}
	names, err := fs.Glob(files, "letters/*.letter")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		source, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		l, err := parse(string(source))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ls.byKind[outbox.Kind(strings.TrimSuffix(path.Base(name), ".letter"))] = l
	}
	return ls, nil
}

func parse(source string) (l letter, err error) {
	head, body, _ := strings.Cut(source, "\n\n")
	subject, ok := strings.CutPrefix(head, "Subject: ")
	if !ok {
		return l, fmt.Errorf("the first line must begin with %q", "Subject: ")
	}
	if l.subject, err = texttemplate.New("subject").Parse(subject); err != nil {
		return l, err
	}
	for part := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		b := block{kind: paragraph}
		switch {
		case strings.HasPrefix(part, "=> "):
			b.kind, part = action, part[len("=> "):]
		case strings.HasPrefix(part, "- ") || strings.HasPrefix(part, "{{range"):
			b.kind = list
		}
		if b.text, err = texttemplate.New("block").Parse(part); err != nil {
			return l, err
		}
		l.blocks = append(l.blocks, b)
	}
	return l, nil
}

// Kinds are the kinds of message that a letter is written for.
func (ls *Letters) Kinds() []outbox.Kind {
	var kinds []outbox.Kind
	for k := range ls.byKind {
		kinds = append(kinds, k)
	}
	return kinds
}

// Part is a written block, for the layout.
type Part struct {
	Paragraph string
	Items     []string
	Action    string
}

// Write renders the letter of a kind. The text part says the same as the HTML.
func (ls *Letters) Write(kind outbox.Kind, f Facts) (Email, error) {
	l, ok := ls.byKind[kind]
	if !ok {
		return Email{}, fmt.Errorf("there is no letter for messages of kind %q", kind)
	}
	subject, err := fill(l.subject, f)
	if err != nil {
		return Email{}, err
	}
	var parts []Part
	var text strings.Builder
	for _, b := range l.blocks {
		filled, err := fill(b.text, f)
		if err != nil {
			return Email{}, err
		}
		if filled == "" {
			continue // a block that is left out in this case
		}
		switch b.kind {
		case paragraph:
			filled = strings.Join(strings.Fields(filled), " ")
			parts = append(parts, Part{Paragraph: filled})
			text.WriteString(filled + "\n\n")
		case list:
			var items []string
			for line := range strings.SplitSeq(filled, "\n") {
				if item, ok := strings.CutPrefix(line, "- "); ok {
					items = append(items, item)
					text.WriteString("* " + item + "\n")
				}
			}
			parts = append(parts, Part{Items: items})
			text.WriteString("\n")
		case action:
			parts = append(parts, Part{Action: filled})
			text.WriteString(filled + ":\n" + f.Link + "\n\n")
		}
	}
	host := f.Programme.Host
	fmt.Fprintf(&text, "-- \n%s\n%s\nQuestions? %s, %s, %s\n", f.Programme.Name, host.Name, host.Contact, host.Email, host.Phone)

	var html bytes.Buffer
	if err := ls.layout.Execute(&html, struct {
		Subject string
		Parts   []Part
		Link    string
		P       *programme.Programme
	}{subject, parts, f.Link, f.Programme}); err != nil {
		return Email{}, err
	}
	return Email{Subject: oneLine(subject), Text: text.String(), HTML: html.String()}, nil
}

// fill executes a part of a letter. Values stand as they are; what would break
// lines or hide text in them was refused when they were entered.
func fill(t *texttemplate.Template, f Facts) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, f); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// oneLine takes control characters out of what becomes a header.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
