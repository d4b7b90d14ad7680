// Package form checks what people enter. The rules for an entry stand in the tag
// of its field: validator's own, those that every form shares, and those of one
// form alone. For each entry that breaks one there is a sentence that says what to
// enter.
package form

import (
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"

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
		v.RegisterTagNameFunc(func(f reflect.StructField) string { name, _, _ := strings.Cut(f.Tag.Get("json"), ","); return name })
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
// to enter: of an address, what its own rule says. What is said of a list's length is
// not said of its entries.
func (c *Checker) Wrong(form any, messages Messages) map[string]string {
	found := map[string]string{}
	if err := c.built().Struct(form); err != nil {
		for _, e := range err.(validator.ValidationErrors) {
			name, _, within := strings.Cut(e.Field(), "[")
			rule := e.Tag()
			if within {
				rule = ""
			}
			if _, ok := found[name]; ok {
				continue
			}
			found[name] = messages.Of(name, rule)
			if rule == "address" {
				_, err := email.Parse(e.Value().(string))
				found[name] = err.Error()
			}
		}
	}
	return found
}
