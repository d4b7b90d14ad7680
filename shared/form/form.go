// Package form checks what people enter. The rules for an entry stand in the tag
// of its field: validator's own, those that every form shares, and those of one
// form alone. For each entry that breaks one there is a sentence that says what to
// enter.
package form

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"
	"golang.org/x/text/unicode/norm"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Rules are tags beside validator's. An empty entry that is optional passes each.
type Rules map[string]func(string) bool

// shared are the rules of every form.
var shared = Rules{
	"plain":   programme.Plain,
	"named":   func(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) },
	"address": func(s string) bool { return email.Address(s).Valid() },
}

// Messages say what to enter, by input and rule; the empty rule is any other.
type Messages map[string]map[string]string

// Of is what to enter in an input that breaks a rule.
func (m Messages) Of(name, rule string) string {
	if text, ok := m[name][rule]; ok {
		return text
	}
	return m[name][""]
}

// Checker checks forms. It is built when the first form comes, not when a process
// starts, and then once: validator keeps what it learns of a type.
type Checker struct{ built func() *validator.Validate }

// New is a checker with rules of one's own.
func New(rules Rules) *Checker {
	return &Checker{sync.OnceValue(func() *validator.Validate {
		v := validator.New(validator.WithRequiredStructEnabled())
		v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("json") })
		for _, all := range []Rules{shared, rules} {
			for tag, rule := range all {
				if err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return rule(fl.Field().String()) }); err != nil {
					panic(err) // the tags are constants
				}
			}
		}
		return v
	})}
}

// Wrong are the inputs of a form that break a rule, by their JSON names, with what
// to enter. What is said of a list's length is not said of its entries.
func (c *Checker) Wrong(form any, messages Messages) map[string]string {
	found := map[string]string{}
	if err := c.built().Struct(form); err != nil {
		for _, e := range err.(validator.ValidationErrors) {
			name, _, within := strings.Cut(e.Field(), "[")
			rule := e.Tag()
			if within {
				rule = ""
			}
			if _, ok := found[name]; !ok {
				found[name] = messages.Of(name, rule)
			}
		}
	}
	return found
}

// Tidy is a text as its reader sees it: each letter composed with its accents, without
// the characters that nobody sees and that mean nothing, without spaces of any kind around
// it, and with one at most between words.
func Tidy(s string) string {
	var b strings.Builder
	var before rune
	all := []rune(s)
	for i, r := range all {
		switch {
		case slices.Contains(blanks, r):
			b.WriteByte(' ')
		case !unicode.Is(unicode.Cf, r) || turns(r) || joins(r) && i+1 < len(all) && joined(before) && joined(all[i+1]):
			b.WriteRune(r)
		default:
			continue // it is not seen, and before stays what it was
		}
		before = r
	}
	return norm.NFC.String(strings.Join(strings.Fields(b.String()), " "))
}

// turns reports whether a character turns those after it round, which every reader sees.
func turns(r rune) bool { return r == '\u202d' || r == '\u202e' }

// blanks are letters and symbols that look like a space.
var blanks = []rune{'\u115f', '\u1160', '\u3164', '\uffa0', '\u2800'}

// joins reports whether a character says how the two around it are written, which in some
// scripts is another word.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

// joined reports whether a character is of a script, or a symbol, that joiners mean
// something to: no Latin, Greek or Cyrillic letter is.
func joined(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r)) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}
