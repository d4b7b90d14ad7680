// Package mail writes emails and hands them to SendGrid.
//
// Each kind of message is one file in letters/: a subject, then blocks divided by
// blank lines: a paragraph, a list ("- " before each item), or the one thing to do
// ("=> " before its words). A block's form is settled before values are filled in,
// so that no name or place can become markup, a header or a second button.
package mail

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strconv"
	"strings"
	texttemplate "text/template"
	"text/template/parse"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/matching"
	"github.com/cascading-leadership/cascade/shared/message"
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
	// Step is which ask of its kind this is, 1 or 0 for the first.
	Step int
	// Left says that the recipient has left the programme.
	Left bool
	// Missing are what the recipient still needs before they can be matched.
	Missing []string
	// Concerns are what needs a coordinator.
	Concerns message.Concerns
	// Closing tells the questionnaire at the end from the one at the start.
	Closing bool
	// Link is where the one thing to do is done.
	Link string
	// Choices is where the person chooses what they get: a URL, or empty on what
	// cannot be declined.
	Choices string
}

// Mine and Theirs are the terms for the recipient's role and the other side's.
func (f *Facts) Mine() programme.Term { return f.Programme.Terms.Of(f.Role) }

// Theirs is the term for the other side's role.
func (f *Facts) Theirs() programme.Term { return f.Programme.Terms.Of(f.Role.Other()) }

// TheirsCapital is the term for the other side's role at the start of a sentence.
func (f *Facts) TheirsCapital() string {
	t := f.Theirs()
	return programme.Capital(t.Article + " " + t.Singular)
}

// FromDirectory reports whether the recipient finds a match in a directory.
func (f *Facts) FromDirectory() bool {
	return f.Programme.Mode == programme.Directory && f.Programme.Chooses(f.Role)
}

// Met are the names of the needs that the match meets, most important first.
func (f *Facts) Met() []string {
	names := make([]string, len(f.Reasons.Met))
	for i, n := range f.Reasons.Met {
		names[i] = f.Programme.SkillName(n.Skill)
	}
	return names
}

// Near says in which way the two of a match are near enough to each other.
func (f *Facts) Near() string {
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

// Pressing are what needs a coordinator, in words.
func (f *Facts) Pressing() (lines []string) {
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{f.Concerns.Unanswered, "match has waited for an answer for too long", "matches have waited for an answer for too long"},
		{f.Concerns.Unbooked, "pairing has had no session to come for too long", "pairings have had no session to come for too long"},
		{f.Concerns.Unready, "person has not been ready to be matched for a long time", "people have not been ready to be matched for a long time"},
		{f.Concerns.SetAside, "email could not be sent", "emails could not be sent"},
	} {
		switch x.n {
		case 0:
		case 1:
			lines = append(lines, "1 "+x.one)
		default:
			lines = append(lines, strconv.Itoa(x.n)+" "+x.many)
		}
	}
	return lines
}

// When is the session's start in words, in the programme's zone.
func (f *Facts) When() string { return web.When(f.Session.StartsAt, f.Programme.Location()) }

// Was is when the session was before its last move, in words.
func (f *Facts) Was() string { return web.When(f.Session.Was.StartsAt, f.Programme.Location()) }

// NewTime, NewLength and NewPlace report what the session's last move changed.
func (f *Facts) NewTime() bool { return !f.Session.Was.StartsAt.Equal(f.Session.StartsAt) }

// NewLength reports whether the session is longer or shorter than before.
func (f *Facts) NewLength() bool { return f.Session.Was.Minutes != f.Session.Minutes }

// NewPlace reports whether the session is elsewhere than before.
func (f *Facts) NewPlace() bool { return f.Session.Was.Place != f.Session.Place }

// MoreToCome reports whether the pairing goes on, so that another session can be booked.
func (f *Facts) MoreToCome() bool { return f.Pairing.State == pairing.Active }

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

// greets is the first block of every letter.
const greets = "Hello {{.Name}},"

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
		l, err := parseLetter(string(source))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ls.byKind[outbox.Kind(strings.TrimSuffix(path.Base(name), ".letter"))] = l
	}
	return ls, nil
}

func parseLetter(source string) (l letter, err error) {
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
	if greeting := strings.TrimSpace(body); !strings.HasPrefix(greeting, greets+"\n\n") {
		return l, fmt.Errorf("the first block must be %q, and others follow it", greets) // a bundle greets once
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

// part is a written block, for the layout.
type part struct {
	Paragraph string
	Items     []string
	Action    string
	Link      string // where the action is done
	Leads     bool   // it is the one thing to do: a button
}

// section is a written letter, or one of a bundle.
type section struct {
	Heading string // the letter's subject
	Parts   []part
}

// Write renders the letter of a kind. The text part says the same as the HTML.
func (ls *Letters) Write(kind outbox.Kind, f Facts) (Email, error) {
	return ls.Bundle([]Enclosure{{kind, f}})
}

// Enclosure is one letter of a bundle.
type Enclosure struct {
	Kind  outbox.Kind
	Facts Facts
}

// Bundle renders as one email the letters that wait for one person. The first
// leads, with its subject and its button. The others follow as sections of their
// own under "Also waiting for you", each with its subject as heading and a link
// for what is to be done. People can choose what they get if they can for one of
// the letters.
func (ls *Letters) Bundle(letters []Enclosure) (Email, error) {
	if len(letters) == 0 {
		return Email{}, errors.New("there is no letter to write")
	}
	var text strings.Builder
	sections := make([]section, len(letters))
	var choices string
	for i, l := range letters {
		s, err := ls.section(l, i > 0)
		if err != nil {
			return Email{}, err
		}
		if i == 1 {
			text.WriteString(alsoWaiting + "\n\n")
		}
		if i > 0 {
			fmt.Fprintf(&text, "%d. %s\n\n", i, s.Heading)
		}
		for _, p := range s.Parts {
			p.writeText(&text)
		}
		sections[i] = s
		choices = cmp.Or(choices, l.Facts.Choices)
	}
	p := letters[0].Facts.Programme
	fmt.Fprintf(&text, "-- \n%s\n%s\nQuestions? %s, %s, %s\n", p.Name, p.Host.Name, p.Host.Contact, p.Host.Email, p.Host.Phone)
	if choices != "" {
		fmt.Fprintf(&text, "\n%s %s\n%s:\n%s\n", whyThis, partIn(letters[0].Facts), chooseWhat, choices)
	}

	subject := sections[0].Heading
	var html bytes.Buffer
	if err := ls.layout.Execute(&html, struct {
		Lead                                 section
		AlsoWaiting                          string
		Others                               []section
		P                                    *programme.Programme
		WhyThis, PartIn, ChooseWhat, Choices string
	}{sections[0], alsoWaiting, sections[1:], p, whyThis, partIn(letters[0].Facts), chooseWhat, choices}); err != nil {
		return Email{}, err
	}
	return Email{Subject: oneLine(subject), Text: text.String(), HTML: html.String()}, nil
}

// What both parts of an email say around its letters.
const (
	alsoWaiting = "Also waiting for you"
	whyThis     = "Why do you get this?"
	chooseWhat  = "Choose what you get"
)

func partIn(f Facts) string {
	if f.Role == "" { // the staff
		return "You run " + f.Programme.Name + "."
	}
	return "You take part in " + f.Programme.Name + "."
}

// section writes a letter's blocks; one that follows another greets no more.
func (ls *Letters) section(e Enclosure, follows bool) (s section, err error) {
	l, ok := ls.byKind[e.Kind]
	if !ok {
		return s, fmt.Errorf("there is no letter for messages of kind %q", e.Kind)
	}
	if s.Heading, err = fill(l.subject, &e.Facts); err != nil {
		return s, err
	}
	blocks := l.blocks
	if follows {
		blocks = blocks[1:]
	}
	for _, b := range blocks {
		filled, err := fill(b.text, &e.Facts)
		if err != nil {
			return s, err
		}
		if filled == "" {
			continue // a block that is left out in this case
		}
		var p part
		switch b.kind {
		case paragraph:
			p.Paragraph = strings.Join(strings.Fields(filled), " ")
		case list:
			for line := range strings.SplitSeq(filled, "\n") {
				if item, ok := strings.CutPrefix(line, "- "); ok {
					p.Items = append(p.Items, item)
				}
			}
		case action:
			p.Action, p.Link, p.Leads = filled, e.Facts.Link, !follows
		}
		s.Parts = append(s.Parts, p)
	}
	return s, nil
}

// writeText adds a block to the text part of an email.
func (p part) writeText(text *strings.Builder) {
	switch {
	case p.Action != "":
		text.WriteString(p.Action + ":\n" + p.Link + "\n")
	case p.Paragraph != "":
		text.WriteString(p.Paragraph + "\n")
	}
	for _, item := range p.Items {
		text.WriteString("* " + item + "\n")
	}
	text.WriteString("\n")
}

// fill executes a part of a letter. Values stand as they are; what would break
// lines or hide text in them was refused when they were entered.
func fill(t *texttemplate.Template, f *Facts) (string, error) {
	if n := t.Root.Nodes; len(n) == 1 && n[0].Type() == parse.NodeText {
		return strings.TrimSpace(n[0].String()), nil // there is nothing to fill in
	}
	var b strings.Builder
	if err := t.Execute(&b, f); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}
