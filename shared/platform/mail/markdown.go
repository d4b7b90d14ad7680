package mail

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
)

// letter is one file of letters/, read and checked. It holds no values yet, and
// nothing of it is parsed again once they are filled in.
type letter struct {
	Source
	subject words
	blocks  []block
	used    map[string]bool // the fields that it names
}

// block is one part of a letter: a paragraph, a list, or a button.
type block struct {
	paragraph words
	items     []item
	button    words
	link      address // where the button leads
}

// item is one item of a list, or one for each line of a list's field.
type item struct {
	words words
	lines func(*Facts) []string
}

// words are what a paragraph, an item, a button or a subject says.
type words []span

// span is text as it stands in the file, or the field that stands there.
type span struct {
	text       string
	field      func(*Facts) string
	strong, em bool
	link       address
}

// address is where a link leads; nil for no link.
type address func(*Facts) string

// greets is the first paragraph of every letter, and greetsNobody of one to an address that
// nobody has confirmed. A bundle greets once, and leaves it out of the letters that follow.
const greets, greetsNobody = "Hello {name},", "Hello,"

// greeting is how a letter of a kind begins.
func greeting(kind outbox.Kind, in language.Language) string {
	if message.ToUnconfirmed(kind) {
		return in.Say(greetsNobody)
	}
	return in.Say(greets)
}

// markdown is CommonMark as it stands, with fields. What letters may not hold is
// parsed, too, so that it can be refused with its name and line. References are not,
// since they would take away paragraphs that begin like [this]: and so on.
var markdown = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithInlineParsers(append(parser.DefaultInlineParsers(), util.Prioritized(braces{}, 50))...),
)

// fieldPattern is a field's name in braces.
var fieldPattern = regexp.MustCompile(`^\{([A-Za-z]+(?:-[a-z]+)*)\}`)

// braces finds fields. Any other brace is one, too, of no name, and is refused later:
// logic does not belong in a letter.
type braces struct{}

func (braces) Trigger() []byte { return []byte{'{', '}'} }

func (braces) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if found := fieldPattern.FindSubmatch(line); found != nil {
		block.Advance(len(found[0]))
		return &fieldNode{name: string(found[1])}
	}
	block.Advance(1)
	return new(fieldNode)
}

// fieldNode is a field in the syntax tree.
type fieldNode struct {
	ast.BaseInline
	name string
}

var fieldKind = ast.NewNodeKind("Field")

func (*fieldNode) Kind() ast.NodeKind          { return fieldKind }
func (n *fieldNode) Dump(source []byte, l int) { ast.DumpHelper(n, source, l, nil, nil) }

// reader reads one file. Its errors begin with the file's name and the line.
type reader struct {
	file  string
	kind  outbox.Kind
	body  []byte
	first int // the file's line in which the body begins
	letter
}

// parseLetter reads a letter of a kind in a language.
func parseLetter(file string, source []byte, kind outbox.Kind, in language.Language) (*letter, error) {
	r := &reader{file: file, kind: kind, letter: letter{used: map[string]bool{}}}
	if err := r.head(strings.ReplaceAll(string(source), "\r\n", "\n")); err != nil {
		return nil, err
	}
	document := markdown.Parse(text.NewReader(r.body))
	for n := document.FirstChild(); n != nil; n = n.NextSibling() {
		b, err := r.block(n)
		if err != nil {
			return nil, err
		}
		r.blocks = append(r.blocks, b)
	}
	first := document.FirstChild()
	if first == nil || first.Kind() != ast.KindParagraph || strings.TrimSpace(string(first.Lines().Value(r.body))) != greeting(kind, in) {
		return nil, r.fails(r.first, "a letter begins with the paragraph %q", greeting(kind, in))
	}
	if len(r.blocks) == 1 {
		return nil, r.fails(r.first, "the letter says nothing after its greeting")
	}
	return &r.letter, nil
}

// fails is an error in a line of the file.
func (r *reader) fails(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, line, fmt.Sprintf(format, args...))
}

// failsAt is an error in the body where a node begins.
func (r *reader) failsAt(n ast.Node, format string, args ...any) error {
	return r.fails(r.first+bytes.Count(r.body[:max(n.Pos(), 0)], []byte("\n")), format, args...)
}

// head reads the front matter, YAML between two lines of three dashes, and leaves
// the body.
func (r *reader) head(source string) error {
	const dashes = "---\n"
	rest, opened := strings.CutPrefix(source, dashes)
	front, body, closed := strings.Cut(rest, "\n"+dashes)
	if !opened || !closed {
		return r.fails(1, "a letter begins with its subject and with when it is sent, between two lines that say ---")
	}
	r.first = strings.Count(source[:len(source)-len(body)], "\n") + 1
	r.body = []byte(body)
	var head struct {
		Sent    string `yaml:"sent"`
		Subject string `yaml:"subject"`
	}
	// The empty line stands for the dashes, so that lines count as in the file.
	if err := yaml.UnmarshalWithOptions([]byte("\n"+front), &head, yaml.Strict()); err != nil {
		if at := yaml.Error(nil); errors.As(err, &at) && at.GetToken() != nil {
			return r.fails(at.GetToken().Position.Line, "%s", at.GetMessage())
		}
		return r.fails(1, "%v", err)
	}
	if head.Sent == "" || head.Subject == "" {
		return r.fails(1, "the subject, or when the letter is sent, is missing")
	}
	r.Sent = head.Sent
	line := 1 + strings.Count(source[:strings.Index(source, "\nsubject:")+1], "\n")
	return r.subjectOf(head.Subject, line)
}

// subjectOf reads a subject, which is text with fields, and no Markdown.
func (r *reader) subjectOf(subject string, line int) error {
	for subject != "" {
		i := strings.IndexAny(subject, "{}")
		if i < 0 {
			i = len(subject)
		}
		if i > 0 {
			r.subject = append(r.subject, span{text: subject[:i]})
		}
		if subject = subject[i:]; subject == "" {
			break
		}
		found := fieldPattern.FindStringSubmatch(subject)
		if found == nil {
			return r.fails(line, "%s", strayBrace)
		}
		f, why := r.field(found[1])
		if why == "" && f.words == nil {
			why = notWords(found[1], f)
		}
		if why != "" {
			return r.fails(line, "%s", why)
		}
		r.subject, subject = append(r.subject, span{field: f.words}), subject[len(found[0]):]
	}
	return nil
}

// block reads one block of the body.
func (r *reader) block(n ast.Node) (b block, err error) {
	switch n := n.(type) {
	case *ast.Paragraph:
		if l, ok := n.FirstChild().(*ast.Link); ok && n.ChildCount() == 1 && string(l.Title) == button {
			if slices.ContainsFunc(r.blocks, func(b block) bool { return b.button != nil }) {
				return b, r.failsAt(l, "a letter has one button: the one thing to do")
			}
			if b.link, err = r.address(l); err == nil {
				b.button, err = r.words(l, span{})
			}
			return b, err
		}
		b.paragraph, err = r.words(n, span{})
		return b, err
	case *ast.List:
		if n.IsOrdered() {
			return b, r.failsAt(n, "a numbered list is not for letters: begin each item with a dash")
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			i, err := r.item(c)
			if err != nil {
				return b, err
			}
			b.items = append(b.items, i)
		}
		return b, nil
	}
	return b, r.refuse(n)
}

// item reads an item of a list.
func (r *reader) item(n ast.Node) (i item, err error) {
	c := n.FirstChild()
	switch {
	case c == nil:
		return i, r.failsAt(n, "an item of a list is empty")
	case c.Kind() != ast.KindParagraph && c.Kind() != ast.KindTextBlock:
		return i, r.refuse(c)
	case c.NextSibling() != nil:
		return i, r.failsAt(c.NextSibling(), "an item of a list is one paragraph")
	}
	if only, ok := c.FirstChild().(*fieldNode); ok && c.ChildCount() == 1 {
		if f, why := r.field(only.name); why == "" && f.items != nil {
			i.lines = f.items
			return i, nil
		}
	}
	i.words, err = r.words(c, span{})
	return i, err
}

// button is the title of a link that is the one thing to do.
const button = "button"

// words reads what a node says, as a part of a span of the given looks.
func (r *reader) words(n ast.Node, looks span) (all words, err error) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		s := looks
		switch c := c.(type) {
		case *ast.Text:
			s.text = unescaped(c.Segment.Value(r.body))
			if c.SoftLineBreak() || c.HardLineBreak() {
				s.text += " "
			}
			all = append(all, s)
			continue
		case *fieldNode:
			f, why := r.field(c.name)
			if why == "" && f.words == nil {
				why = notWords(c.name, f)
			}
			if why != "" {
				return nil, r.failsAt(c, "%s", why)
			}
			s.field = f.words
			all = append(all, s)
			continue
		case *ast.Emphasis:
			s.strong, s.em = s.strong || c.Level == 2, s.em || c.Level == 1
		case *ast.Link:
			if string(c.Title) == button {
				return nil, r.failsAt(c, "a button stands in a paragraph of its own")
			}
			if s.link, err = r.address(c); err != nil {
				return nil, err
			}
		default:
			return nil, r.refuse(c)
		}
		inner, err := r.words(c, s)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}

// unescaped is text without Markdown's backslashes and entities.
func unescaped(markdown []byte) string {
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(markdown))))
}

// address reads where a link leads: to what a field gives, a page or an email
// address.
func (r *reader) address(l *ast.Link) (address, error) {
	if title := string(l.Title); title != "" && title != button {
		return nil, r.failsAt(l, "a link has no title, or %q", button)
	}
	to := string(l.Destination)
	if found := fieldPattern.FindStringSubmatch(to); found != nil && found[0] == to {
		f, why := r.field(found[1])
		if why == "" && f.link == nil {
			why = fmt.Sprintf("no link leads to {%s}", found[1])
		}
		if why != "" {
			return nil, r.failsAt(l, "%s", why)
		}
		return f.link, nil
	}
	u, err := url.Parse(to)
	if err != nil || strings.ContainsAny(to, "{}") || !(u.Scheme == "https" && u.Host != "" || u.Scheme == "mailto" && u.Opaque != "") {
		return nil, r.failsAt(l, "a link leads to {link}, https://… or mailto:…, and not to %q", to)
	}
	return func(*Facts) string { return to }, nil
}

// strayBrace is why a brace is refused that holds no field.
const strayBrace = "a brace that is not part of a field such as {name}; a letter holds no logic: what is said in one case alone is a letter of its own"

// field finds a field that the letter may name, or says why there is none.
func (r *reader) field(name string) (f field, why string) {
	if name == "" {
		return f, strayBrace
	}
	f, known := fields[name]
	if !known || !mayName(r.kind, name) {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return !mayName(r.kind, name) })
		return f, fmt.Sprintf("letters of this kind have no field {%s}; they have {%s}", name, strings.Join(names, "}, {"))
	}
	r.used[name] = true
	return f, ""
}

// notWords says where a field belongs that cannot stand in a sentence.
func notWords(name string, f field) string {
	if f.items != nil {
		return fmt.Sprintf("{%s} is a list: it stands alone in an item of a list", name)
	}
	return fmt.Sprintf("{%s} is where a link leads: [words]({%s})", name, name)
}

// refused are what Markdown has and letters have not, for the errors.
var refused = map[ast.NodeKind]string{
	ast.KindHeading: "a heading", ast.KindThematicBreak: "a line across", ast.KindBlockquote: "a quotation",
	ast.KindCodeBlock: "an indented block", ast.KindFencedCodeBlock: "code", ast.KindCodeSpan: "code",
	ast.KindHTMLBlock: "HTML", ast.KindRawHTML: "HTML", ast.KindImage: "an image", ast.KindAutoLink: "an address in angle brackets",
	ast.KindList: "a list within a list",
}

func (r *reader) refuse(n ast.Node) error {
	what, ok := refused[n.Kind()]
	if !ok {
		what = n.Kind().String()
	}
	return r.failsAt(n, "%s is not for letters, which hold paragraphs, lists with dashes, *emphasis*, **strong words**, [links](https://…) and one button", what)
}
