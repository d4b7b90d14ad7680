// Package web is what every page has in common: the frame, GOV.UK Frontend's
// components as templates, reading forms and JSON strictly, turning errors into
// pages, and the headers that keep a page safe.
//
// Pages work without JavaScript. Their words come from the programme: text is
// passed through Page.Say, and role names are never written out.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/cascading-leadership/cascade/shared/deskpath"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/language"
	"github.com/cascading-leadership/cascade/shared/programme"
)

//go:embed frame/*.html pages/*.html
var frame embed.FS

// Page is what a page's template gets.
type Page struct {
	// Title is the page's heading and, with the programme, its title, as it is shown.
	Title string
	// Programme is nil on a page that belongs to none.
	Programme *programme.Programme
	// Invalid lists what to correct, or is nil.
	Invalid *fault.Invalid
	// Said is what has just been done, in sentences that stand at the top, or "".
	Said string
	// Back is the address of the back link, or "".
	Back string
	// SignedIn shows the staff's navigation.
	SignedIn bool
	// Agreed is where the reader sees what they have agreed to, and takes it back; "" where
	// they did not come by a link of theirs.
	Agreed string
	// In is the language in which the page is, and Others are those in which it is as well, see
	// Translated.
	In     language.Language
	Others []language.Language
	Data   any
}

// Say is an English text in the page's language, with values in the place of its verbs, see
// language.Language, and the programme's words filled in.
func (p Page) Say(text string, values ...any) string {
	text = p.In.Say(text, values...)
	if p.Programme == nil {
		return text
	}
	return p.Programme.Terms.Say(text)
}

// Small is a text with its first letter in lower case, for the middle of a sentence.
func (p Page) Small(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[size:]
}

// Term is the programme's word for a role.
func (p Page) Term(r programme.Role) programme.Term {
	if p.Programme == nil {
		return programme.Term{}
	}
	return p.Programme.Terms.Of(r)
}

// Colours is the style sheet of the programme's own colours, or "".
func (p Page) Colours() string { return SheetPath(p.Programme) }

// Colour is that of the band at the top, for what is around the page.
func (p Page) Colour() string { return look(p.Programme).Main().String() }

// Logo is where the host's logo is, or "".
func (p Page) Logo() string { return LogoPath(p.Programme) }

// Error is what to correct in an input, or "".
func (p Page) Error(name string) string {
	if p.Invalid != nil {
		for _, f := range p.Invalid.Fields {
			if f.Name == name {
				return f.Message
			}
		}
	}
	return ""
}

// Desk is where the programme's desk is, from which the addresses of its pages follow.
func (p Page) Desk() deskpath.Path {
	if p.Programme == nil {
		return ""
	}
	return deskpath.Of(p.Programme.ID)
}

// Date is a time as a date in words in the programme's zone.
func (p Page) Date(t time.Time) string { return p.In.Date(p.in(t), "Monday 2 January 2006") }

// When is a time as a date and time in words, with the zone.
func (p Page) When(t time.Time) string { return When(t, p.zone()) }

// When is a time as a date and time in words, such as
// "Tuesday 14 April 2026, 2:00pm UK time".
func When(t time.Time, zone *time.Location) string {
	name := t.In(zone).Format("MST")
	if zone.String() == "Europe/London" {
		name = "UK time"
	}
	return t.In(zone).Format("Monday 2 January 2006, 3:04pm ") + name
}

func (p Page) in(t time.Time) time.Time { return t.In(p.zone()) }

func (p Page) zone() *time.Location {
	if p.Programme == nil {
		return time.UTC
	}
	return p.Programme.Location()
}

// Pages are the templates of one function, each parsed when it is first shown:
// parsing all of them would take up most of the time that a process starts in.
type Pages struct {
	templates map[string]func() (*template.Template, error)
}

// Parse finds a function's pages: each file of a file system's root folder "pages"
// defines "column", which stands in the frame's column for reading, or "main", which
// takes the whole width. Each is parsed with the files of the folder "parts" beside it,
// which define what several pages show. No two pages have one name.
func Parse(files ...fs.FS) (*Pages, error) {
	base := sync.OnceValues(func() (*template.Template, error) {
		return template.New("").Funcs(functions).ParseFS(frame, "frame/*.html")
	})
	p := &Pages{map[string]func() (*template.Template, error){}}
	for _, source := range append([]fs.FS{frame}, files...) {
		names, err := fs.Glob(source, "pages/*.html")
		if err != nil {
			return nil, err
		}
		parts, err := fs.Glob(source, "parts/*.html")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			page := strings.TrimSuffix(path.Base(name), ".html")
			if p.templates[page] != nil {
				return nil, fmt.Errorf("there are two pages %q", page)
			}
			p.templates[page] = sync.OnceValues(func() (*template.Template, error) {
				t, err := base()
				if err != nil {
					return nil, err
				}
				if t, err = t.Clone(); err != nil {
					return nil, err
				}
				return t.ParseFS(source, append(slices.Clone(parts), name)...)
			})
		}
	}
	return p, nil
}

// Render writes a page. It is rendered as a whole first, so that a failing
// template answers 500 and not half a page.
func (ps *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, page Page) error {
	parse, ok := ps.templates[name]
	if !ok {
		return fmt.Errorf("no page %q", name)
	}
	t, err := parse()
	if err != nil {
		return fmt.Errorf("page %q: %w", name, err)
	}
	page.Agreed = AroundOf(r).Agreed
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "frame", page); err != nil {
		return fmt.Errorf("page %q: %w", name, err)
	}
	trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("cascade.page", name))
	return writePage(w, r, status, b.Bytes())
}

// Show renders a page with status 200, or 422 when it says what to correct: what was done
// before that, which a form's address may still name, is not said again.
func (ps *Pages) Show(w http.ResponseWriter, r *http.Request, name string, page Page) error {
	status := http.StatusOK
	if page.Invalid != nil {
		status, page.Said = http.StatusUnprocessableEntity, ""
	}
	return ps.Render(w, r, status, name, page)
}

// done is in a page's address the name of what has just been done, and doneTo the id of to
// what.
const done, doneTo = "done", "to"

// Done is Redirect to a page that says at its top what has just been done, by a name that
// the page knows; and to what, by its id, where the page shows several. An id of "" is none.
func Done(w http.ResponseWriter, r *http.Request, page, what string, to ...string) error {
	query := url.Values{done: {what}}
	for _, id := range to {
		if id != "" {
			query.Set(doneTo, id)
		}
	}
	return Redirect(w, r, page+"?"+query.Encode())
}

// WhatDone is the name of what has just been done, by the request's address; "" for nothing.
// Anybody can write an address, so that a page only says what is so as well.
func WhatDone(r *http.Request) string { return r.URL.Query().Get(done) }

// DoneTo is the id of that to which it has been done, by the request's address, or "".
func DoneTo(r *http.Request) string { return r.URL.Query().Get(doneTo) }

// Redirect sends the browser to a page after a change, so that reloading that
// page does not make the change again.
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
