package register

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Value is what one field of a document holds.
type Value struct {
	// Path is the field's, as Paths has it, and At the same with the place or the key of
	// each of several in it.
	Path, At string
	Value    any
}

// Values are those of all fields of a stored document that are not empty, in the order of
// the type.
func Values(doc any) []Value {
	var all []Value
	values(reflect.ValueOf(doc), "", "", &all)
	return all
}

func values(v reflect.Value, path, at string, all *[]Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			values(v.Elem(), path, at, all)
		}
		return
	case reflect.Slice, reflect.Array:
		if below(v.Type().Elem()) {
			for i := range v.Len() {
				values(v.Index(i), path+".*", fmt.Sprint(at, ".", i+1), all)
			}
			return
		}
	case reflect.Map:
		if below(v.Type().Elem()) {
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			for _, key := range keys {
				values(v.MapIndex(key), path+".*", fmt.Sprint(at, ".", key), all)
			}
			return
		}
	case reflect.Struct:
		if below(v.Type()) {
			for i := range v.NumField() {
				f := v.Type().Field(i)
				if f.Anonymous && f.Tag.Get("firestore") == "" {
					values(v.Field(i), path, at, all)
					continue
				}
				name, options, _ := strings.Cut(f.Tag.Get("firestore"), ",")
				if options == "omitempty" && v.Field(i).IsZero() { // which is not stored
					continue
				}
				if name == "" && path != "" && f.IsExported() {
					name = f.Name
				}
				if name != "" && name != "-" {
					values(v.Field(i), strings.TrimPrefix(path+"."+name, "."), strings.TrimPrefix(at+"."+name, "."), all)
				}
			}
			return
		}
	}
	if !empty(v) {
		*all = append(*all, Value{path, at, v.Interface()})
	}
}

func empty(v reflect.Value) bool {
	if t, ok := v.Interface().(time.Time); ok {
		return t.IsZero()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Bool: // no is an answer
		return false
	}
	return v.IsZero()
}
