// Package held lays out what is held about one person: for their own page, for the files that
// they take along, and for staff and the cascade program who do the same on request. It is
// made from the register alone, so that a field which is stored about people is there.
package held

import (
	"bytes"
	"cmp"
	"context"
	_ "embed" // the page to read
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Sheet is all that is held about a person but what others wrote.
type Sheet struct {
	Programme *programme.Programme
	At        time.Time
	Sections  []Section
}

// Section is all documents of one type.
type Section struct {
	// Holds says what one of them is, and Kept until when they are kept.
	Holds, Kept string
	Path        string
	Documents   []Document
}

// Document is one document, with what of it is about the person.
type Document struct {
	ID    string
	Items []Item
}

// Item is what one field holds.
type Item struct {
	Class register.Class
	// Field is its name, At where it is among several, and Value what it holds; Words and
	// Text are the same for people.
	Field, At   string
	Value       any
	Words, Text string
	// For is what it is stored for, and Seen who is shown it.
	For, Seen string
}

// kept says until when something is kept, and where nothing ends it by itself that too.
func kept(k register.Kept) string {
	if k.By == "" {
		return k.Until + "; nothing deletes it by itself, the host does"
	}
	return k.Until
}

// Of lays out what is held about somebody at a time.
func Of(ctx context.Context, db *store.Store, who *store.Person, now time.Time) (*Sheet, error) {
	all, err := db.TheirsShown(ctx, who)
	if err != nil {
		return nil, err
	}
	s := &Sheet{Programme: who.Programme, At: now}
	seen := map[string]bool{}
	for i := range store.Documents {
		d := &store.Documents[i]
		section := Section{Holds: d.Register.Holds, Kept: kept(d.Register.Kept), Path: d.Path}
		for _, t := range all {
			if t.Path != d.Path || seen[t.At] {
				continue
			}
			seen[t.At] = true
			section.Documents = append(section.Documents, Document{t.ID(), s.items(t, who)})
		}
		if len(section.Documents) > 0 {
			slices.SortFunc(section.Documents, func(a, b Document) int { return cmp.Compare(a.ID, b.ID) })
			s.Sections = append(s.Sections, section)
		}
	}
	return s, nil
}

func (s *Sheet) items(t *store.Theirs, who *store.Person) (all []Item) {
	rows := map[string]*register.Row{}
	for _, row := range t.Register.Own() {
		for _, name := range row.Names() {
			rows[name] = row
		}
	}
	for _, v := range register.Values(t.Own(who)) {
		if row := rows[v.Path]; row != nil {
			all = append(all, Item{Class: row.Class, Field: v.Path, At: v.At, Value: v.Value, Words: s.words(v.At), Text: s.Text(v.Value), For: row.For, Seen: row.Seen.String()})
		}
	}
	return all
}

// Given, Recorded and Noted are a document's items by whom they come from.
func (d Document) Given() []Item    { return d.of(register.Given) }
func (d Document) Recorded() []Item { return d.of(register.Recorded) }
func (d Document) Noted() []Item    { return d.of(register.Noted) }

func (d Document) of(c register.Class) []Item {
	return slices.DeleteFunc(slices.Clone(d.Items), func(i Item) bool { return i.Class != c })
}

// words is a field's name for people: "organisation.joined" is "Organisation: joined". The
// design's words for the two roles are never shown.
func (s *Sheet) words(at string) string {
	var parts []string
	for _, part := range strings.Split(at, ".") {
		switch part {
		case string(programme.Client), string(programme.Consultant):
			parts = append(parts, s.Programme.Terms.Of(programme.Role(part)).Singular)
			continue
		case "person":
			continue
		}
		var b strings.Builder
		for i, r := range part {
			if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(part[i-1])) {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
		}
		word := b.String()
		if strings.ContainsFunc(part, unicode.IsLower) && !strings.ContainsAny(part, "-0123456789") {
			word = strings.ToLower(word)
		}
		parts = append(parts, word)
	}
	return programme.Capital(strings.Join(parts, ": "))
}

// Text is a value as people read it.
func (s *Sheet) Text(value any) string {
	switch value := value.(type) {
	case time.Time:
		return value.In(s.Programme.Location()).Format("2 January 2006, 15:04")
	case bool:
		if value {
			return "Yes"
		}
		return "No"
	case []byte:
		return fmt.Sprintf("%d bytes", len(value))
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		var all []string
		for i := range v.Len() {
			all = append(all, s.Text(v.Index(i).Interface()))
		}
		return strings.Join(all, ", ")
	case reflect.Map:
		var all []string
		for each := v.MapRange(); each.Next(); {
			all = append(all, s.Text(each.Key().Interface())+": "+s.Text(each.Value().Interface()))
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	text := fmt.Sprint(value)
	if role := programme.Role(text); slices.Contains(programme.Roles, role) {
		return s.Programme.Terms.Of(role).Singular
	}
	for _, skill := range s.Programme.Skills {
		if skill.ID == text {
			return skill.Name
		}
	}
	for _, category := range s.Programme.Categories {
		if category.Code == text {
			return category.Name
		}
	}
	return text
}

//go:embed page.html
var page string

// pages is the template of the page to read, which needs nothing but itself.
var pages = template.Must(template.New("page").Funcs(template.FuncMap{"capital": programme.Capital}).Parse(page))

// HTML is the sheet as a page to keep.
func (s *Sheet) HTML() ([]byte, error) {
	var text bytes.Buffer
	err := pages.Execute(&text, s)
	return text.Bytes(), err
}

// JSON is the sheet as a file for programs: by the path of each type, its documents, with
// what each field holds by its name, and what that is for.
func (s *Sheet) JSON() ([]byte, error) {
	type field struct {
		Field string `json:"field"`
		Value any    `json:"value"`
		From  string `json:"from"`
		For   string `json:"for"`
	}
	type document struct {
		ID     string  `json:"id"`
		Fields []field `json:"fields"`
	}
	type section struct {
		Holds     string     `json:"holds"`
		KeptUntil string     `json:"keptUntil"`
		Path      string     `json:"path"`
		Documents []document `json:"documents"`
	}
	whole := struct {
		Programme string    `json:"programme"`
		At        time.Time `json:"at"`
		Sections  []section `json:"sections"`
	}{s.Programme.Name, s.At, nil}
	for _, each := range s.Sections {
		one := section{each.Holds, each.Kept, each.Path, nil}
		for _, d := range each.Documents {
			doc := document{ID: d.ID}
			for _, i := range d.Items {
				doc.Fields = append(doc.Fields, field{i.At, i.Value, strings.TrimPrefix(string(i.Class), "personal, "), i.For})
			}
			one.Documents = append(one.Documents, doc)
		}
		whole.Sections = append(whole.Sections, one)
	}
	return json.MarshalIndent(whole, "", "  ")
}
