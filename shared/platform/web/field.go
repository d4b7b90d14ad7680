package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/programme"
)

// Field is one input of a form. A template makes one by `field $ "name" "Label"`
// and adds to it: `{{template "input" ((field $ "email" "Email").Type "email")}}`.
type Field struct {
	Name, Label, Hint, Value, Type, Autocomplete, Error string
	// Digits has a phone show its keys for digits.
	Digits  bool
	Values  []string
	Options []Option
	// Heading makes the label the page's heading.
	Heading bool
	// Width is a class of GOV.UK Frontend's fixed widths: 2, 3, 4, 5, 10 or 20 characters; 0 is full.
	Width int
	Rows  int
}

// Option is one choice of a field.
type Option struct{ Value, Text, Hint string }

// Numbered are choices of which the first has the value 0, and so on.
func Numbered(texts []string) (all []Option) {
	for i, text := range texts {
		all = append(all, Option{Value: strconv.Itoa(i), Text: text})
	}
	return all
}

func field(p Page, name, label string) Field {
	return Field{Name: name, Label: p.Say(label), Error: p.Error(name), Type: "text", Rows: 5}
}

// WithHint adds a hint below the label.
func (f Field) WithHint(hint string) Field { f.Hint = hint; return f }

// Is sets the value that was entered before.
func (f Field) Is(value any) Field { f.Value = fmt.Sprint(value); return f }

// Are sets the values that were chosen before.
func (f Field) Are(values []string) Field { f.Values = values; return f }

// Of sets the kind of input, such as "email".
func (f Field) Of(kind string) Field { f.Type = kind; return f }

// Fills says what browsers may fill in (WCAG 1.3.5), such as "email".
func (f Field) Fills(autocomplete string) Field { f.Autocomplete = autocomplete; return f }

// InDigits says that digits are entered, which is no number to count with.
func (f Field) InDigits() Field { f.Digits = true; return f }

// Choices sets what can be chosen.
func (f Field) Choices(options []Option) Field { f.Options = options; return f }

// Days are the three inputs of a date, whose values are the field's: the day's has
// the field's own name, so that the error summary's link goes there.
func (f Field) Days() []Field {
	days := []Field{{Name: f.Name, Label: "Day", Width: 2}, {Name: f.Name + "-month", Label: "Month", Type: "text", Width: 5}, {Name: f.Name + "-year", Label: "Year", Width: 4}}
	for i := range min(len(days), len(f.Values)) {
		days[i].Value = f.Values[i]
	}
	for i := range days {
		days[i].Error = f.Error
	}
	return days
}

// Ticks makes the label that of one box to tick, for one value.
func (f Field) Ticks(value any) Field {
	f.Options = []Option{{Value: fmt.Sprint(value), Text: f.Label}}
	return f
}

// AsHeading makes the label the page's heading.
func (f Field) AsHeading() Field { f.Heading = true; return f }

// Wide sets a fixed width in characters.
func (f Field) Wide(characters int) Field { f.Width = characters; return f }

// Tall is the field with room for so many lines.
func (f Field) Tall(lines int) Field { f.Rows = lines; return f }

// Chosen reports whether an option was chosen before.
func (f Field) Chosen(value string) bool {
	for _, v := range f.Values {
		if v == value {
			return true
		}
	}
	return f.Value == value
}

// OptionID is the id of the i-th option's input; the first has the field's own
// id, so that the error summary's link goes there.
func (f Field) OptionID(i int) string {
	if i == 0 {
		return f.Name
	}
	return f.Name + "-" + strconv.Itoa(i+1)
}

// Described are the ids of what describes the input, for aria-describedby.
func (f Field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Column is the head of a table's column.
type Column struct {
	Text string
	// Numeric puts figures at the right.
	Numeric bool
}

// columns are the heads of a table: a text each, or what numeric makes of it.
func columns(heads ...any) ([]Column, error) {
	all := make([]Column, len(heads))
	for i, h := range heads {
		switch h := h.(type) {
		case string:
			all[i] = Column{Text: h}
		case Column:
			all[i] = h
		default:
			return nil, fmt.Errorf("a column's head is a %T", h)
		}
	}
	return all, nil
}

// Link is a link that looks like a button.
type Link struct {
	Href, Text string
	Secondary  bool
}

// AsSecondary makes it the lesser of two buttons.
func (l Link) AsSecondary() Link { l.Secondary = true; return l }

// tel is a phone number as a link takes it: what is dialled of how it is written.
func tel(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, strings.Replace(number, "(0)", "", 1))
}

var functions = template.FuncMap{
	"field":   field,
	"option":  func(value, text string) Option { return Option{Value: value, Text: text} },
	"add":     func(a, b int) int { return a + b },
	"join":    strings.Join,
	"capital": programme.Capital,
	"lines":   func(text string) []string { return strings.Split(text, "\n") },
	"columns": columns,
	"numeric": func(text string) Column { return Column{text, true} },
	"link":    func(href, text string) Link { return Link{Href: href, Text: text} },
	"query":   url.QueryEscape,
	"tel":     tel,
	"asset":   func(name string) string { return AssetPath(name) },
}
