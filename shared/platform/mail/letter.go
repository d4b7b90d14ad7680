// Package mail writes emails and hands them to SendGrid.
//
// Each file of letters/ is one letter: front matter in YAML, which says when it is
// sent and its subject, and then Markdown. It holds paragraphs, lists, emphasis,
// links, and a link titled "button" for the one thing to do, but no HTML, no images
// and no logic. What is said in one case alone is a letter of its own, and variants.go
// says which is written when. A name in braces, such as {when}, is a field: fields.go
// has them all. Values are put into what Markdown's syntax tree was made into, and are
// never parsed, so that no name or place can become markup, a header, a link or a
// second button.
package mail

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Email is a rendered letter.
type Email struct{ Subject, Text, HTML string }

// Source says of a letter how its file is called, without .md, and when it is sent.
type Source struct{ Name, Sent string }

//go:embed letters/*.md layout.html
var files embed.FS

// Letters are the parsed letters. Those of a kind stand as its variants do.
type Letters struct {
	byKind map[outbox.Kind][]*letter
	// translated are those that stand beside an English one in another language, by its name.
	translated map[language.Language]map[string]*letter
	layout     *template.Template
}

// Parse reads the letters. An error names the file and the line.
func Parse() (*Letters, error) { return parse(files) }

func parse(files fs.FS) (*Letters, error) {
	layout, err := template.New("layout.html").Funcs(template.FuncMap{"in": in}).ParseFS(files, "layout.html")
	if err != nil {
		return nil, err
	}
	ls := &Letters{map[outbox.Kind][]*letter{}, map[language.Language]map[string]*letter{}, layout}
	names, err := fs.Glob(files, "letters/*.md")
	if err != nil {
		return nil, err
	}
	for _, file := range names {
		name, tag, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".md"), ".")
		in := language.Of(tag)
		if in.Tag() != cmp.Or(tag, language.English.Tag()) {
			return nil, fmt.Errorf("%s:1: there is no language %q", file, tag)
		}
		kind, place, ok := placeOf(name)
		if !ok {
			return nil, fmt.Errorf("%s:1: no message is written with it: there is no such kind or variant", file)
		}
		source, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		l, err := parseLetter(file, source, kind, in)
		if err != nil {
			return nil, err
		}
		l.Name = name
		if in != language.English {
			l.Name += "." + in.Tag()
			if ls.translated[in] == nil {
				ls.translated[in] = map[string]*letter{}
			}
			ls.translated[in][name] = l
			continue
		}
		if ls.byKind[kind] == nil {
			ls.byKind[kind] = make([]*letter, len(variantsOf(kind)))
		}
		ls.byKind[kind][place] = l
	}
	for _, kind := range message.Kinds() {
		for i, v := range variantsOf(kind) {
			if ls.byKind[kind] == nil || ls.byKind[kind][i] == nil {
				return nil, fmt.Errorf("letters/%s.md is missing", v.letter(kind))
			}
			for _, letters := range ls.translated {
				if l := letters[v.letter(kind)]; l != nil && !maps.Equal(l.used, ls.byKind[kind][i].used) {
					return nil, fmt.Errorf("letters/%s.md:1: it names other fields than the letter in English", l.Name)
				}
			}
		}
	}
	return ls, nil
}

// Written is a letter's file: its name, and what stands in it.
type Written struct{ Name, Text string }

// Translated are the files of the letters that are there in a language beside English.
func Translated(in language.Language) ([]Written, error) {
	names, err := fs.Glob(files, "letters/*."+string(in)+".md")
	var all []Written
	for _, name := range names {
		text, failed := fs.ReadFile(files, name)
		if failed != nil {
			return nil, failed
		}
		all = append(all, Written{path.Base(name), string(text)})
	}
	return all, err
}

// placeOf finds the kind and the variant by a letter's name.
func placeOf(name string) (kind outbox.Kind, place int, ok bool) {
	before, _, _ := strings.Cut(name, "--")
	kind = outbox.Kind(before)
	place = slices.IndexFunc(variantsOf(kind), func(v variant) bool { return v.letter(kind) == name })
	return kind, place, place >= 0
}

// Kinds are the kinds of message that a letter is written for.
func (ls *Letters) Kinds() []outbox.Kind {
	var kinds []outbox.Kind
	for k := range ls.byKind {
		kinds = append(kinds, k)
	}
	return kinds
}

// Sources are all letters, by name.
func (ls *Letters) Sources() []Source {
	var all []Source
	for _, letters := range ls.byKind {
		for _, l := range letters {
			all = append(all, l.Source)
		}
	}
	slices.SortFunc(all, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Source says which letter is written for a message of a kind with these facts.
func (ls *Letters) Source(kind outbox.Kind, f Facts) (Source, error) {
	l, err := ls.of(kind, &f)
	if err != nil {
		return Source{}, err
	}
	if t := ls.translated[ls.in([]Enclosure{{kind, f}})][l.Name]; t != nil {
		return t.Source, nil
	}
	return l.Source, nil
}

// of finds the letter that applies.
func (ls *Letters) of(kind outbox.Kind, f *Facts) (*letter, error) {
	for i, v := range variantsOf(kind) {
		if v.applies == nil || v.applies(f) {
			return ls.byKind[kind][i], nil
		}
	}
	return nil, fmt.Errorf("there is no letter for messages of kind %q", kind)
}

// in is the language in which letters are written together: the one that their reader has
// asked for, where the programme says that it was reviewed and each of them is there in it.
func (ls *Letters) in(letters []Enclosure) language.Language {
	in := letters[0].Facts.In
	for i := range letters {
		f := &letters[i].Facts
		l, err := ls.of(letters[i].Kind, f)
		if err != nil || f.In != in || ls.translated[in][l.Name] == nil {
			return language.English
		}
		if _, reviewed := f.Programme.In(in); !reviewed {
			return language.English
		}
	}
	return in
}

// part is a written block, for the layout.
type part struct {
	Paragraph []run
	Items     [][]run
	Button    string
	Link      string // where the button leads
	Leads     bool   // it is the one thing to do: a button
}

// run is a stretch of text that looks the same.
type run struct {
	Text       string
	Strong, Em bool
	Link       string // where it leads, or ""
}

// section is a written letter, or one of a bundle.
type section struct {
	Heading string // the letter's subject
	Parts   []part
}

// coloured are parts or runs, with the colour of their links.
type coloured struct {
	Colour string
	Of     any
}

func in(colour string, of any) coloured { return coloured{colour, of} }

// logoHeight is how high a logo stands in an email, in pixels, where it is not smaller.
const logoHeight = 48

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
	in := ls.in(letters)
	for i, l := range letters {
		l.Facts.Programme, _ = l.Facts.Programme.In(in)
		l.Facts.In = in
		s, err := ls.section(l, i > 0)
		if err != nil {
			return Email{}, err
		}
		if i == 1 {
			text.WriteString(in.Say(alsoWaiting) + "\n\n")
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
	p, _ := letters[0].Facts.Programme.In(in)
	fmt.Fprintf(&text, "-- \n%s\n%s\n%s %s, %s, %s\n", p.Name, p.Host.Name, in.Say(questions), p.Host.Contact, p.Host.Email, p.Host.Phone)
	notice, my := letters[0].Facts.Notice, letters[0].Facts.My
	if my != "" {
		fmt.Fprintf(&text, "%s:\n%s\n", in.Say(myProgramme), my)
	}
	if notice != "" {
		fmt.Fprintf(&text, "%s:\n%s\n", in.Say(howWeUse), notice)
	}
	if choices != "" {
		fmt.Fprintf(&text, "\n%s %s\n%s:\n%s\n", in.Say(whyThis), partIn(letters[0].Facts, p, in), in.Say(chooseWhat), choices)
	}

	subject := sections[0].Heading
	var html bytes.Buffer
	if err := ls.layout.Execute(&html, struct {
		In                                   language.Language
		Lead                                 section
		AlsoWaiting                          string
		Others                               []section
		P                                    *programme.Programme
		Questions                            string
		WhyThis, PartIn, ChooseWhat, Choices string
		HowWeUse, Notice, MyProgramme, My    string
		Colour, Logo                         string
		LogoHeight                           int
	}{
		in, sections[0], in.Say(alsoWaiting), sections[1:], p, in.Say(questions), in.Say(whyThis), partIn(letters[0].Facts, p, in), in.Say(chooseWhat), choices, in.Say(howWeUse), notice, in.Say(myProgramme), my,
		p.Look.Main().String(), letters[0].Facts.Logo, min(p.Look.Logo.Height, logoHeight),
	}); err != nil {
		return Email{}, err
	}
	return Email{Subject: oneLine(subject), Text: text.String(), HTML: html.String()}, nil
}

// What both parts of an email say around its letters.
const (
	questions   = "Questions? A reply to this email reaches"
	alsoWaiting = "Also waiting for you"
	whyThis     = "Why do you get this?"
	chooseWhat  = "Choose what you get"
	myProgramme = "My programme: all that you take part in, on one page"
	howWeUse    = "How we use what you tell us"
)

func partIn(f Facts, p *programme.Programme, in language.Language) string {
	if f.Role == "" { // the staff
		return in.Say("You run %s.", p.Name)
	}
	return in.Say("You take part in %s.", p.Name)
}

// section writes a letter's blocks; one that follows another greets no more.
func (ls *Letters) section(e Enclosure, follows bool) (s section, err error) {
	defer func() {
		if recover() != nil { // what it would say may be personal
			err = fmt.Errorf("a letter of kind %q lacks what it is about", e.Kind)
		}
	}()
	l, err := ls.of(e.Kind, &e.Facts)
	if err != nil {
		return s, err
	}
	if t := ls.translated[e.Facts.In][l.Name]; t != nil {
		l = t
	}
	s.Heading = plain(l.subject.fill(&e.Facts))
	blocks := l.blocks
	if follows {
		blocks = blocks[1:]
	}
	for _, b := range blocks {
		var p part
		switch {
		case b.button != nil:
			p.Button, p.Link, p.Leads = plain(b.button.fill(&e.Facts)), b.link(&e.Facts), !follows
		case b.items != nil:
			for _, i := range b.items {
				p.Items = append(p.Items, i.fill(&e.Facts)...)
			}
			if p.Items == nil {
				continue // there is nothing to list
			}
		default:
			p.Paragraph = b.paragraph.fill(&e.Facts)
		}
		s.Parts = append(s.Parts, p)
	}
	return s, nil
}

// fill puts values in the place of fields. Values stand as they are, on one line.
func (w words) fill(f *Facts) []run {
	runs := make([]run, 0, 1)
	for _, s := range w {
		r := run{Text: s.text, Strong: s.strong, Em: s.em}
		if s.field != nil {
			r.Text = s.field(f)
		}
		if s.link != nil {
			r.Link = s.link(f)
		}
		if n := len(runs); n > 0 && runs[n-1].looksLike(r) {
			runs[n-1].Text += r.Text
			continue
		}
		runs = append(runs, r)
	}
	return oneSpaced(runs)
}

// fill writes the item, or one for each of its lines.
func (i item) fill(f *Facts) (items [][]run) {
	if i.lines == nil {
		return [][]run{i.words.fill(f)}
	}
	for _, line := range i.lines(f) {
		items = append(items, oneSpaced([]run{{Text: line}}))
	}
	return items
}

func (r run) looksLike(other run) bool {
	return r.Strong == other.Strong && r.Em == other.Em && r.Link == other.Link
}

// oneSpaced makes one space of each break, whether a letter or a value has it, and of
// none where the runs begin and end.
func oneSpaced(runs []run) []run {
	spaced := true
	for i := range runs {
		r := &runs[i]
		words := strings.Fields(r.Text)
		starts := strings.TrimLeftFunc(r.Text, unicode.IsSpace) != r.Text
		ends := len(words) > 0 && strings.TrimRightFunc(r.Text, unicode.IsSpace) != r.Text
		r.Text = strings.Join(words, " ")
		if starts && !spaced {
			r.Text = " " + r.Text
		}
		if ends && i < len(runs)-1 {
			r.Text += " "
		}
		spaced = spaced && r.Text == "" || strings.HasSuffix(r.Text, " ")
	}
	return runs
}

// plain is the text of runs.
func plain(runs []run) string {
	if len(runs) == 1 {
		return runs[0].Text
	}
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// writeText adds a block to the text part of an email. Each link stands on a line of
// its own, after what is done there.
func (p part) writeText(text *strings.Builder) {
	links := func(runs []run) {
		for _, r := range runs {
			if r.Link != "" {
				text.WriteString(strings.TrimSpace(r.Text) + ":\n" + strings.TrimPrefix(r.Link, "mailto:") + "\n")
			}
		}
	}
	switch {
	case p.Button != "":
		text.WriteString(p.Button + ":\n" + p.Link + "\n")
	case p.Items != nil:
		for _, item := range p.Items {
			text.WriteString("* " + plain(item) + "\n")
		}
		for _, item := range p.Items {
			links(item)
		}
	default:
		text.WriteString(plain(p.Paragraph) + "\n")
		links(p.Paragraph)
	}
	text.WriteString("\n")
}
