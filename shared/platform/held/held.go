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
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/privacy"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Words are those in which people of a programme read what is stored. Role is the side of
// whoever it is about, and "" where that says nothing.
type Words struct {
	Programme *programme.Programme
	Role      programme.Role
}

// Sheet is all that is held about a person but what others wrote.
type Sheet struct {
	Words
	At       time.Time
	Sections []Section
}

// Section is all documents of one type.
type Section struct {
	// Title is what one of them is called to the person, and Kept until when they are kept.
	Title, Kept string
	Path        string
	Documents   []Document
}

// OnlyRecorded reports whether nothing in it is given by the person or noted by staff.
func (s Section) OnlyRecorded() bool {
	return !slices.ContainsFunc(s.Documents, func(d Document) bool { return len(d.Given())+len(d.Noted()) > 0 })
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
	// For is what it is stored for, and Seen who is shown it, both said to the person.
	For, Seen string
}

// Of lays out what is held about somebody at a time.
func Of(ctx context.Context, db *store.Store, who *store.Person, now time.Time) (*Sheet, error) {
	all, err := db.TheirsShown(ctx, who)
	if err != nil {
		return nil, err
	}
	s := &Sheet{Words: Words{Programme: who.Programme}, At: now}
	seen := map[string]bool{}
	for i := range store.Documents {
		d := &store.Documents[i]
		section, last := Section{Title: d.Register.Title(), Kept: d.Register.Kept.Until, Path: d.Path}, time.Time{}
		for _, t := range all {
			if t.Path != d.Path || seen[t.At] {
				continue
			}
			seen[t.At] = true
			section.Documents = append(section.Documents, Document{t.ID(), s.items(t, who)})
			if end := expires(t.Doc); end.After(last) {
				last = end
			}
		}
		if !last.IsZero() {
			section.Kept = s.Text("", last) + " at the latest"
		}
		if len(section.Documents) > 0 {
			slices.SortFunc(section.Documents, func(a, b Document) int { return cmp.Compare(a.ID, b.ID) })
			s.Sections = append(s.Sections, section)
		}
	}
	return s, nil
}

// expires is when a document ends by itself; the zero time where it says nothing of that.
func expires(doc any) time.Time {
	for _, v := range register.Values(doc) {
		if at, ok := v.Value.(time.Time); ok && v.Path == "expireAt" {
			return at
		}
	}
	return time.Time{}
}

func (s *Sheet) items(t *store.Theirs, who *store.Person) (all []Item) {
	in := s.Words
	if e, ok := t.Doc.(*enrolment.Enrolment); ok {
		in.Role = e.Role
	}
	rows := map[string]*register.Row{}
	for _, row := range t.Register.Own() {
		for _, name := range row.Names() {
			rows[name] = row
		}
	}
	for _, v := range register.Values(t.Own(who)) {
		if row := rows[v.Path]; row != nil {
			all = append(all, Item{Class: row.Class, Field: v.Path, At: v.At, Value: v.Value, Words: in.Field(v.Path, v.At), Text: in.Text(v.Path, v.Value), For: row.ForYou(), Seen: privacy.Seen(row.Seen, s.Programme)})
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

// Field is a field's name for people, by its path and its place among several: what the
// notice calls it, or else "organisation.joined" is "Organisation: joined". The design's
// words for the two roles are never shown.
func (w Words) Field(path, at string) string {
	if label := privacy.Label(path); label != "" {
		return label
	}
	var parts []string
	for _, part := range strings.Split(at, ".") {
		switch part {
		case string(programme.Client), string(programme.Consultant):
			parts = append(parts, w.Programme.Terms.Of(programme.Role(part)).Singular)
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

// Text is what a field holds as people read it.
func (w Words) Text(field string, value any) string {
	switch value := value.(type) {
	case time.Time:
		return value.In(w.Programme.Location()).Format("2 January 2006, 15:04")
	case bool:
		if value {
			return "Yes"
		}
		return "No"
	case []byte:
		return fmt.Sprintf("%d bytes", len(value))
	case int:
		if strings.HasSuffix(field, "income") {
			return enrolment.Pounds(value)
		}
	case map[string]int:
		if w.Role != "" {
			return w.levels(value)
		}
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		var all []string
		for i := range v.Len() {
			all = append(all, w.Text(field, v.Index(i).Interface()))
		}
		return strings.Join(all, ", ")
	case reflect.Map:
		var all []string
		for each := v.MapRange(); each.Next(); {
			all = append(all, w.Text(field, each.Key().Interface())+": "+w.Text(field, each.Value().Interface()))
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	return w.name(fmt.Sprint(value))
}

// levels are skills with how much of each.
func (w Words) levels(skills map[string]int) string {
	names := enrolment.Levels(w.Role)
	var all []string
	for _, id := range slices.Sorted(maps.Keys(skills)) {
		all = append(all, w.name(id)+": "+names[min(max(skills[id], 0), len(names)-1)])
	}
	return strings.Join(all, "; ")
}

// name is what an id of the programme's stands for, and any other text as it is.
func (w Words) name(id string) string {
	if role := programme.Role(id); slices.Contains(programme.Roles, role) {
		return w.Programme.Terms.Of(role).Singular
	}
	for _, skill := range w.Programme.Skills {
		if skill.ID == id {
			return skill.Name
		}
	}
	for _, q := range w.Programme.Questions {
		if q.ID == id {
			return q.Label
		}
	}
	for _, r := range w.Programme.Eligibility.Rules {
		if r.ID == id {
			return r.Ask
		}
	}
	for _, category := range w.Programme.Categories {
		if category.Code == id {
			return category.Name
		}
	}
	for _, h := range enrolment.HalfDays {
		if h.ID == id {
			return h.Name
		}
	}
	for _, m := range enrolment.Meetings {
		if m.ID == id {
			return m.Name
		}
	}
	return id
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
		one := section{each.Title, each.Kept, each.Path, nil}
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
