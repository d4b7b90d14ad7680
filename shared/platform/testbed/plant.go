package testbed

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/store"
)

// filler fills fields, and counts them.
type filler struct {
	tag string
	n   int
}

// Fill fills every field of a document with what no other field has: texts with a tag in
// them. Keys are the side on which the person is.
func Fill(v reflect.Value, tag string) { (&filler{tag: tag}).fill(v) }

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.String:
		v.SetString(fmt.Sprintf("%s%dx", f.tag, f.n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(100000 + f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(fmt.Sprintf("%s%dx", f.tag, f.n)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		each := reflect.New(v.Type().Elem()).Elem()
		f.fill(each)
		v.SetMapIndex(reflect.ValueOf("client").Convert(v.Type().Key()), each)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2031, 1, 1, 0, f.n, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				f.fill(v.Field(i))
			}
		}
	}
}

// SetField sets a field by its path in Firestore, below structs.
func SetField(v reflect.Value, path, value string) {
	name, rest, deeper := strings.Cut(path, ".")
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("firestore"), ",")
		switch {
		case tag == name && deeper:
			SetField(v.Field(i), rest, value)
		case tag == name:
			v.Field(i).SetString(value)
		case f.Anonymous && tag == "":
			SetField(v.Field(i), path, value)
		}
	}
}

// Plant writes a document of a type past the domain, into the database of the type.
func (b *Bed) Plant(d *store.Document, path string, doc reflect.Value) {
	b.t.Helper()
	v := reflect.Indirect(doc)
	fields := map[string]any{"schema": d.Schema}
	for i := range d.Type.NumField() {
		f := d.Type.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("firestore"), ",")
		if f.Anonymous && name == "" {
			for k := range f.Type.NumField() {
				name, _, _ := strings.Cut(f.Type.Field(k).Tag.Get("firestore"), ",")
				fields[name] = v.Field(i).Field(k).Interface()
			}
		} else if name != "" && name != "-" {
			fields[name] = v.Field(i).Interface()
		}
	}
	for _, one := range store.AnswerDocuments {
		if one.Path == d.Path {
			b.Reply(path, fields)
			return
		}
	}
	b.Put(path, fields)
}
