package mail

import (
	"fmt"
	"html"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// source is a letter's file: front matter of four lines, an empty line, the greeting
// in the sixth, and the body from the eighth.
func source(body string) string {
	return "---\nsent: in a test\nsubject: \"About {your-role}\"\n---\n\nHello {name},\n\n" + body + "\n"
}

// An error says in which line of which file what is wrong.
func TestMalformedLettersAreRefused(t *testing.T) {
	t.Parallel()
	const press = "[Go]({link} \"button\")"
	for name, row := range map[string]struct{ source, says string }{
		"no front matter":           {"Hello {name},\n\nWelcome.\n", "x.md:1: a letter begins with its subject"},
		"no end of it":              {"---\nsubject: A\nsent: b\n\nHello {name},\n\nWelcome.\n", "x.md:1: a letter begins with its subject"},
		"no subject":                {"---\nsent: b\n---\n\nHello {name},\n\nWelcome.\n", "x.md:1: the subject"},
		"no time":                   {"---\nsubject: A\n---\n\nHello {name},\n\nWelcome.\n", "x.md:1: the subject, or when"},
		"an unknown key":            {"---\nsent: b\nsubject: A\nto: c\n---\n\nHello {name},\n\nWelcome.\n", `x.md:4: unknown field "to"`},
		"a key twice":               {"---\nsent: b\nsubject: A\nsubject: B\n---\n\nHello {name},\n\nWelcome.\n", `x.md:4: mapping key "subject" already defined`},
		"no YAML":                   {"---\nsent: b\nsubject: \"A\n---\n\nHello {name},\n\nWelcome.\n", "x.md:3: "},
		"an unknown field":          {source("Dear *{othr}*."), "x.md:8: letters of this kind have no field {othr}; they have {Their-role}, {host-contact}"},
		"another kind's field":      {source("Welcome.\n\n- on\n- {when}"), "x.md:11: letters of this kind have no field {when}"},
		"an unknown field above":    {"---\nsent: b\nsubject: \"A {othr}\"\n---\n\nHello {name},\n\nWelcome.\n", "x.md:3: letters of this kind have no field {othr}"},
		"a list in a subject":       {"---\nsent: b\nsubject: \"A {missing}\"\n---\n\nHello {name},\n\nWelcome.\n", "x.md:3: letters of this kind have no field {missing}"},
		"an action":                 {source("Dear {{.Name}}."), "x.md:8: a brace that is not part of a field"},
		"a condition":               {source("Welcome.\n\n{if again}Again.{end}"), "x.md:10: a brace that is not part of a field"},
		"a brace alone":             {source("Welcome }."), "x.md:8: a brace that is not part of a field"},
		"a brace above":             {"---\nsent: b\nsubject: \"A {{if}}\"\n---\n\nHello {name},\n\nWelcome.\n", "x.md:3: a brace that is not part of a field"},
		"no greeting":               {"---\nsent: b\nsubject: A\n---\n\nWelcome.\n\n" + press + "\n", `x.md:5: a letter begins with the paragraph "Hello {name},"`},
		"another greeting":          {"---\nsent: b\nsubject: A\n---\n\nHello {name}, welcome.\n\n" + press + "\n", `x.md:5: a letter begins with`},
		"nothing at all":            {"---\nsent: b\nsubject: A\n---\n", "x.md:5: a letter begins with"},
		"no more to say":            {source(""), "x.md:5: the letter says nothing"},
		"two buttons":               {source(press + "\n\n" + press), "x.md:10: a letter has one button"},
		"a button in a sentence":    {source("Press " + press), "x.md:8: a button stands in a paragraph of its own"},
		"a button in a list":        {source("- " + press), "x.md:8: a button stands in a paragraph of its own"},
		"another title":             {source(`Read [this](https://example.org "a title").`), "x.md:8: a link has no title"},
		"HTML":                      {source("Welcome.\n\n<div>All</div>"), "x.md:10: HTML is not for letters"},
		"HTML in a sentence":        {source("Welcome,\n<b>all</b>."), "x.md:9: HTML is not for letters"},
		"a comment":                 {source("Welcome. <!-- all -->"), "x.md:8: HTML is not for letters"},
		"an image":                  {source("![All](https://example.org/all.png)"), "x.md:8: an image is not for letters"},
		"a heading":                 {source("# Welcome"), "x.md:8: a heading is not for letters"},
		"an underlined heading":     {source("Welcome\n==="), "x.md:8: a heading is not for letters"},
		"a line":                    {source("Welcome.\n\n---"), "x.md:10: a line across is not for letters"},
		"a quotation":               {source("> Welcome"), "x.md:8: a quotation is not for letters"},
		"code":                      {source("Type `welcome`."), "x.md:8: code is not for letters"},
		"an indented block":         {source("Welcome.\n\n    indented"), "x.md:10: an indented block is not for letters"},
		"an address in brackets":    {source("See <https://example.org>."), "x.md:8: an address in angle brackets is not for letters"},
		"numbers":                   {source("1. Welcome"), "x.md:8: a numbered list is not for letters"},
		"an empty item":             {source("- "), "x.md:8: an item of a list is empty"},
		"a list within a list":      {source("- Welcome\n  - all"), "x.md:9: an item of a list is one paragraph"},
		"two paragraphs in an item": {source("- Welcome\n\n  all"), "x.md:10: an item of a list is one paragraph"},
		"a quotation in an item":    {source("- > Welcome"), "x.md:8: a quotation is not for letters"},
		"a script":                  {source("[Go](javascript:alert(1))"), `x.md:8: a link leads to {link}, https://… or mailto:…, and not to "javascript:alert(1)"`},
		"a button that is a script": {source(`[Go](javascript:alert(1) "button")`), "x.md:8: a link leads to"},
		"an open address":           {source("[Go](http://example.org)"), "x.md:8: a link leads to"},
		"a place of ours":           {source("[Go](/desk)"), "x.md:8: a link leads to"},
		"a field within an address": {source("[Go](https://example.org/{name})"), "x.md:8: a link leads to"},
		"a name as an address":      {source("[Go]({name})"), "x.md:8: no link leads to {name}"},
		"an unknown address":        {source("[Go]({lnik})"), "x.md:8: letters of this kind have no field {lnik}"},
		"an address as words":       {source("Go to {link}."), "x.md:8: {link} is where a link leads: [words]({link})"},
		"an old letter":             {"Subject: Hello\n\nHello {{.Name}},\n\nWelcome.\n", "x.md:1: "},
	} {
		l, err := parseLetter("x.md", []byte(row.source), message.KindYourLink, language.English)
		if err == nil || !strings.HasPrefix(err.Error(), row.says) {
			t.Errorf("%s: %v, and not %s", name, err, row.says)
		}
		if l != nil {
			t.Errorf("%s: there is a letter", name)
		}
	}
	for name, row := range map[string]struct{ body, says string }{
		"a list in a sentence":        {"You need {missing}.", "x.md:8: {missing} is a list: it stands alone in an item of a list"},
		"a list in a busy item":       {"- You need {missing}", "x.md:8: {missing} is a list"},
		"a link of another kind":      {"[Go]({link})", "x.md:8: letters of this kind have no field {link}"},
		"a list where a button leads": {`[Go]({missing} "button")`, "x.md:8: no link leads to {missing}"},
	} {
		if _, err := parseLetter("x.md", []byte(source(row.body)), message.KindGetReady, language.English); err == nil || !strings.HasPrefix(err.Error(), row.says) {
			t.Errorf("%s: %v, and not %s", name, err, row.says)
		}
	}
	if _, err := letters(t).Write("no-such-kind", facts(t, programme.Client)); err == nil {
		t.Error("a letter is written that is not there")
	}
}

// A letter without a file, and a file without a message, stop the start.
func TestFilesAreThoseOfTheVariants(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(fstest.MapFS)
		says   string
	}{
		"as they are":             {func(fstest.MapFS) {}, ""},
		"one too few":             {func(m fstest.MapFS) { delete(m, "letters/answer-match--again.md") }, "letters/answer-match--again.md is missing"},
		"none of a kind":          {func(m fstest.MapFS) { delete(m, "letters/follow-up.md") }, "letters/follow-up.md is missing"},
		"an unknown variant":      {func(m fstest.MapFS) { m["letters/follow-up--x.md"] = m["letters/follow-up.md"] }, "letters/follow-up--x.md:1: no message is written with it"},
		"an unknown kind":         {func(m fstest.MapFS) { m["letters/hello.md"] = m["letters/follow-up.md"] }, "letters/hello.md:1: no message is written with it"},
		"a letter that is broken": {func(m fstest.MapFS) { m["letters/follow-up.md"] = &fstest.MapFile{Data: []byte(source("{x}"))} }, "letters/follow-up.md:8: letters of this kind have no field {x}"},
	} {
		all := fstest.MapFS{}
		if err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, path)
			all[path] = &fstest.MapFile{Data: data}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		row.change(all)
		if _, err := parse(all); row.says == "" && err != nil || row.says != "" && (err == nil || !strings.HasPrefix(err.Error(), row.says)) {
			t.Errorf("%s: %v, and not %q", name, err, row.says)
		}
	}
}

// unused are the fields that kinds have of their own and no letter of theirs names.
func unused(ls *Letters, fields func(outbox.Kind) []string) (all []string) {
	for _, kind := range message.Kinds() {
		for _, field := range fields(kind) {
			if !slices.ContainsFunc(ls.byKind[kind], func(l *letter) bool { return l.used[field] }) {
				all = append(all, fmt.Sprintf("%s: {%s}", kind, field))
			}
		}
	}
	return all
}

// What a kind's letters can name, one of them does; what can be named is there; and
// there is nothing that none can name.
func TestEveryFieldIsUsed(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	if got := unused(ls, message.Fields); len(got) > 0 {
		t.Errorf("fields that no letter of their kind names: %v", got)
	}
	more := func(kind outbox.Kind) []string {
		if kind == message.KindFollowUp {
			return []string{"session", "place"}
		}
		return message.Fields(kind)
	}
	if got := unused(ls, more); len(got) != 1 || got[0] != "follow-up: {place}" {
		t.Errorf("a field that is not used is not found: %v", got)
	}
	named := map[string]bool{}
	for _, list := range [][]string{forAll, forParticipants} {
		for _, name := range list {
			named[name] = true
		}
	}
	for _, kind := range message.Kinds() {
		for _, name := range message.Fields(kind) {
			named[name] = true
			if _, ok := fields[name]; !ok {
				t.Errorf("%s: there is no field {%s}", kind, name)
			}
		}
	}
	for name, f := range fields {
		if !named[name] {
			t.Errorf("no letter can name {%s}", name)
		}
		n := 0
		for _, set := range []bool{f.words != nil, f.items != nil, f.link != nil} {
			if set {
				n++
			}
		}
		if n != 1 || !fieldPattern.MatchString("{"+name+"}") {
			t.Errorf("{%s} is %d things", name, n)
		}
	}
}

// unshown are the letters that no sample of a programme that ships is written with.
func unshown(t *testing.T, ls *Letters, samples func(outbox.Kind, *programme.Programme) []Sample) (names []string) {
	t.Helper()
	shown := map[string]bool{}
	for _, preset := range programme.Presets() {
		p, err := programme.Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range ls.Kinds() {
			for _, sample := range samples(kind, p) {
				l, err := ls.of(kind, &sample.Facts)
				if err != nil {
					t.Fatal(err)
				}
				shown[l.Name] = true
				for name := range l.used {
					if f := fields[name]; f.words != nil && f.words(&sample.Facts) == "" || f.items != nil && len(f.items(&sample.Facts)) == 0 {
						t.Errorf("%s names {%s}, which is empty", l.Name, name)
					}
				}
			}
		}
	}
	for _, source := range ls.Sources() {
		if !shown[source.Name] {
			names = append(names, source.Name)
		}
	}
	return names
}

func TestEveryLetterHasASample(t *testing.T) {
	t.Parallel()
	ls := letters(t)
	if got := unshown(t, ls, Samples); len(got) > 0 {
		t.Errorf("letters without a sample: %v", got)
	}
	without := func(kind outbox.Kind, p *programme.Programme) []Sample {
		return slices.DeleteFunc(Samples(kind, p), func(s Sample) bool { return kind == message.KindAnswerMatch && s.Facts.Step > 1 })
	}
	if got := unshown(t, ls, without); len(got) != 1 || got[0] != "answer-match--again" {
		t.Errorf("a letter without a sample is not found: %v", got)
	}
}

// with are the letters of one kind, all of which say the same.
func with(t testing.TB, kind outbox.Kind, body string) *Letters {
	t.Helper()
	l, err := parseLetter("x.md", []byte(source(body)), kind, language.English)
	if err != nil {
		t.Fatal(err)
	}
	ls := letters(t)
	own := make([]*letter, len(variantsOf(kind)))
	for i := range own {
		own[i] = l
	}
	return &Letters{map[outbox.Kind][]*letter{kind: own}, nil, ls.layout}
}

// All that a letter may hold, in both parts of the email.
func TestMarkdownOfLetters(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ markdown, text, html string }{
		"emphasis": {"It is *{other}*, **not** ***me***.", "It is Robin Sample, not me.\n",
			`<p style="margin:0 0 20px">It is <em>Robin Sample</em>, <strong>not</strong> <strong><em>me</em></strong>.</p>`},
		"line ends": {"One  \ntwo\nthree\\\n*four*", "One two three four\n",
			`<p style="margin:0 0 20px">One two three <em>four</em></p>`},
		"escapes": {`5 \* 3 &amp; 4 \[a\] 1 < 2`, "5 * 3 & 4 [a] 1 < 2\n",
			`<p style="margin:0 0 20px">5 * 3 &amp; 4 [a] 1 &lt; 2</p>`},
		"links": {"Read the *[guide for {your-role}](https://example.org/a?b=1&c=2)*, or ask [us](mailto:a@example.org).",
			"Read the guide for a client, or ask us.\nguide for a client:\nhttps://example.org/a?b=1&c=2\nus:\na@example.org\n",
			`<p style="margin:0 0 20px">Read the <a href="https://example.org/a?b=1&amp;c=2" style="color:#12436d"><em>guide for a client</em></a>, or ask <a href="mailto:a@example.org" style="color:#12436d">us</a>.</p>`},
		"links in a list": {"- [here]({link})\n- **there**", "* here\n* there\nhere:\nhttps://cascade.example.org/link\n",
			`<ul style="margin:0 0 20px;padding-left:20px"><li style="margin-bottom:5px"><a href="https://cascade.example.org/link" style="color:#12436d">here</a></li><li style="margin-bottom:5px"><strong>there</strong></li></ul>`},
		"a loose list": {"* a\n\n* {when}", "* a\n* Sunday 28 March 2027, 2:00pm UK time\n",
			`<ul style="margin:0 0 20px;padding-left:20px"><li style="margin-bottom:5px">a</li><li style="margin-bottom:5px">Sunday 28 March 2027, 2:00pm UK time</li></ul>`},
		"a button elsewhere": {`[Read *on* with {other}](https://example.org "button")`, "Read on with Robin Sample:\nhttps://example.org\n",
			`<a href="https://example.org" style="display:inline-block;background:#12436d;color:#ffffff;padding:10px 16px;font-weight:bold;text-decoration:underline">Read on with Robin Sample</a>`},
		"what only looks like a link": {"[this]: https://example.org [that][this]", "[this]: https://example.org [that][this]\n",
			`<p style="margin:0 0 20px">[this]: https://example.org [that][this]</p>`},
	} {
		e, err := with(t, message.KindFollowUp, row.markdown).Write(message.KindFollowUp, facts(t, programme.Client))
		if err != nil {
			t.Fatal(err)
		}
		if body, _, _ := strings.Cut(e.Text, "\n-- \n"); body != "Hello Alex Example,\n\n"+row.text {
			t.Errorf("%s: the text is %q", name, body)
		}
		if !strings.Contains(e.HTML, row.html) {
			t.Errorf("%s: the HTML is %s", name, e.HTML)
		}
	}
}

// hostile are values that would be something in Markdown, in HTML, in a header or in
// a letter's file, if they were ever read as such.
var hostile = []string{
	"[x](javascript:alert(1))", "[x](https://evil.example.org)", `[x](https://evil.example.org "button")`, "![](https://evil.example.org/x.png)",
	"*x*", "**x**", "_x_", "__x__", "***", "`x`", "``` x", "<b>x</b>", "<https://evil.example.org>", "<x@evil.example.org>", "https://evil.example.org",
	"{name}", "{link}", "{{.Link}}", "{missing}", "}", "\\", "\\*x\\*", "&lt;b&gt;", "&#42;x&#42;", "# x", "> x", "- x", "1. x", "---", "===", "    x",
	"subject: x", "a\nb", "a\r\nBcc: x@evil.example.org", "a\n\n- b\n\n[x](https://evil.example.org \"button\")", "a\n-- \nb", "x  \ny",
}

// Values are words wherever they stand: nothing in them is parsed.
func TestValuesAreNeverParsed(t *testing.T) {
	t.Parallel()
	const body = "To {other}, *{other}*, **{other}** and [{other}](https://example.org).\n\n{place-and-before}\n\n- {other}\n- {length-and-before}\n\n[With {other}]({link} \"button\")"
	ls := with(t, message.KindSessionMoved, body)
	shape := func(e Email) string { return strings.Join(tag.FindAllString(e.HTML, -1), "") }
	write := func(value string) Email {
		f := facts(t, programme.Client)
		f.Name, f.Other = value, person(value, value)
		f.Session.Place, f.Session.Was.Place = value, value
		own := *f.Programme
		own.Terms.Client.Singular = value
		f.Programme = &own
		e, err := ls.Write(message.KindSessionMoved, f)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	plain := write("x")
	for _, value := range hostile {
		e := write(value)
		if shape(e) != shape(plain) {
			t.Errorf("%q: the markup is %s, and not %s", value, shape(e), shape(plain))
		}
		if strings.Count(e.Text, "\n") != strings.Count(plain.Text, "\n") || strings.ContainsAny(e.Subject, "\r\n") {
			t.Errorf("%q makes lines of its own: %q, %s", value, e.Subject, e.Text)
		}
		line := strings.Join(strings.Fields(value), " ")
		for _, want := range []string{"Hello " + line + ",\n", "\n* " + line + "\n", "\n" + line + "\n", "\nWith " + line + ":\n"} {
			if !strings.Contains(e.Text, want) {
				t.Errorf("%q: the text does not say %q but %s", value, want, e.Text)
			}
		}
		if want := fmt.Sprintf("To %s, %[1]s, %[1]s and %[1]s.\n%[1]s:\nhttps://example.org\n", line); !strings.Contains(e.Text, want) {
			t.Errorf("%q: the text does not say %q but %s", value, want, e.Text)
		}
		if n := strings.Count(html.UnescapeString(tag.ReplaceAllString(e.HTML, "")), "With "+line); n != 1 {
			t.Errorf("%q: the HTML says it %d times: %s", value, n, e.HTML)
		}
	}
}

// FuzzLetter: whatever a file holds, it is refused with its name, or is a letter
// without markup other than a letter's.
func FuzzLetter(f *testing.F) {
	for _, value := range hostile {
		f.Add(source(value))
	}
	f.Add(source("To {other}, *{other}*, **[a](https://example.org)**\n\n- a\n- b\n\n[With {other}]({link} \"button\")"))
	allowed := []string{"p", "ul", "li", "a", "strong", "em", "h1"}
	f.Fuzz(func(t *testing.T, source string) {
		l, err := parseLetter("x.md", []byte(source), message.KindFollowUp, language.English)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.md:") {
				t.Fatalf("it does not say where: %v", err)
			}
			return
		}
		ls := letters(t)
		e, err := (&Letters{map[outbox.Kind][]*letter{message.KindFollowUp: {l}}, nil, ls.layout}).Write(message.KindFollowUp, facts(t, programme.Client))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(e.HTML, "<h1")
		body, _, _ = strings.Cut("<h1"+body, `<p style="margin:30px 0 0;padding-top`)
		for _, found := range tag.FindAllString(body, -1) {
			name := strings.FieldsFunc(found, func(r rune) bool { return strings.ContainsRune("<>/ ", r) })[0]
			if !slices.Contains(allowed, name) || strings.Contains(found, "javascript:") {
				t.Fatalf("%s in %s", found, body)
			}
		}
	})
}
