package enrolment

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/text"
)

// ReadForm is the form that a web page of another site has posted, whose inputs have the names
// of the JSON: one with several answers is repeated or has a line for each, and one of answers
// by name has an input for each, such as skills.fundraising with its level. The error is a
// *fault.Invalid with what is not one of the form's inputs, or cannot be read.
func ReadForm(posted map[string][]string) (Form, error) {
	var f Form
	var invalid fault.Invalid
	v := reflect.ValueOf(&f).Elem()
	read := map[string]bool{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		values, given := posted[name]
		field := v.Field(i)
		if field.Kind() == reflect.Map {
			field.Set(reflect.MakeMap(field.Type()))
			for sent, values := range posted {
				key, of := strings.CutPrefix(sent, name+".")
				if !of {
					continue
				}
				read[sent] = true
				if len(values) != 1 {
					invalid.Add(sent, "Give this once")
				} else if level := field.Type().Elem().Kind() == reflect.Int; strings.TrimSpace(values[0]) != "" && (!level || strings.TrimSpace(values[0]) != "0") {
					to := reflect.New(field.Type().Elem()).Elem()
					set(to, values)
					field.SetMapIndex(reflect.ValueOf(key), to)
				}
			}
			continue
		}
		if read[name] = true; !given || len(values) == 0 {
			continue
		}
		if field.Kind() != reflect.Slice && len(values) > 1 {
			invalid.Add(name, "Give this once")
			continue
		}
		set(field, values)
	}
	var unknown []string
	for sent := range posted {
		if !read[sent] {
			unknown = append(unknown, sent)
		}
	}
	slices.Sort(unknown)
	for _, sent := range unknown {
		invalid.Add(sent, "There is no input of this name: take it out of the form, or write it as the description has it")
	}
	return f, invalid.Err()
}

// set gives a field what was posted for it. A number that is none becomes one that the form's
// rules refuse.
func set(field reflect.Value, values []string) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(values[0])
	case reflect.Int:
		n, ok := ParseIncome(values[0])
		if !ok {
			n = -1
		}
		field.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(values[0])
		field.SetBool(b || err != nil && values[0] == "on")
	case reflect.Slice:
		list := reflect.MakeSlice(field.Type(), 0, len(values))
		for _, lines := range values {
			for line := range strings.Lines(lines) {
				if line = text.Tidy(line); line != "" {
					to := reflect.New(field.Type().Elem()).Elem()
					set(to, []string{line})
					list = reflect.Append(list, to)
				}
			}
		}
		field.Set(list)
	default:
		panic("no page can post a " + field.Type().String())
	}
}

// Posted are the answers of a form as a web page of another site posts them.
func (f Form) Posted() map[string][]string {
	posted := map[string][]string{}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		field := v.Field(i)
		switch field.Kind() {
		case reflect.Map:
			for _, key := range field.MapKeys() {
				posted[name+"."+key.String()] = []string{written(field.MapIndex(key))}
			}
		case reflect.Slice:
			for j := range field.Len() {
				posted[name] = append(posted[name], written(field.Index(j)))
			}
		default:
			if !field.IsZero() {
				posted[name] = []string{written(field)}
			}
		}
	}
	return posted
}

func written(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	panic("no page can post a " + v.Type().String())
}
