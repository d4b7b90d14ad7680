package register

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// Paths are the names of all fields of a stored struct down to those that hold no
// others, as Firestore has them: "person.name", and "skills.*.id" for each of several.
func Paths(t reflect.Type) []string {
	var all []string
	walk(t, "", &all)
	slices.Sort(all)
	return all
}

func walk(t reflect.Type, path string, all *[]string) {
	switch t.Kind() {
	case reflect.Pointer:
		walk(t.Elem(), path, all)
		return
	case reflect.Slice, reflect.Array, reflect.Map:
		if below(t.Elem()) {
			walk(t.Elem(), path+".*", all)
			return
		}
	case reflect.Struct:
		if below(t) {
			for i := range t.NumField() {
				f := t.Field(i)
				if f.Anonymous && f.Tag.Get("firestore") == "" { // its fields are the struct's own
					walk(f.Type, path, all)
					continue
				}
				name, _, _ := strings.Cut(f.Tag.Get("firestore"), ",")
				if name == "" && path != "" && f.IsExported() {
					name = f.Name // as the client calls it
				}
				if name != "" && name != "-" {
					walk(f.Type, strings.TrimPrefix(path+"."+name, "."), all)
				}
			}
			return
		}
	}
	*all = append(*all, path)
}

// below reports whether a type holds fields of its own.
func below(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return below(t.Elem())
	case reflect.Struct:
		return t != reflect.TypeFor[time.Time]()
	}
	return false
}
