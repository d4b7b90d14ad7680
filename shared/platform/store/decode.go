package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
)

// decode fills v from a document. One of an earlier shape is changed into the present
// one on the way, and stays as it is where it stands.
func decode(snap *firestore.DocumentSnapshot, v any) error {
	d := typeOf(snap.Ref)
	if d == nil || len(migrationsOf(Migrations, d.Collection(), 0)) == 0 {
		return snap.DataTo(v)
	}
	if t := reflect.TypeOf(v).Elem(); t.NumField() == 0 || t == reflect.TypeFor[snapshot]() { // only that it is there
		return nil
	}
	shape, _ := snap.DataAt("schema")
	schema, ok := shape.(int64)
	switch {
	case !ok:
		// A query that selects fields of such a type has to select this one, too.
		return fmt.Errorf("%s has no schema, by which its shape is told", snap.Ref.Path)
	case int(schema) >= d.Schema: // of a later version, the fields are there that this one knows
		return snap.DataTo(v)
	}
	fields := snap.Data()
	if err := upgrade(migrationsOf(Migrations, d.Collection(), int(schema)), fields); err != nil {
		return fmt.Errorf("%s: %w", snap.Ref.Path, err)
	}
	return fill(reflect.ValueOf(v).Elem(), fields)
}

// upgrade changes a document's fields by some migrations in turn.
func upgrade(all []Migration, fields map[string]any) error {
	for _, m := range all {
		if err := m.Change(fields); err != nil {
			return fmt.Errorf("change %s to schema %d: %w", m.Collection, m.To, err)
		}
		for _, name := range m.Drops {
			delete(fields, name)
		}
		fields["schema"] = int64(m.To)
	}
	return nil
}

// fill sets v to a value as Firestore's client gives it, as the client's own DataTo
// does from a document, which cannot be changed on the way.
func fill(v reflect.Value, from any) error {
	if from == nil {
		v.SetZero()
		return nil
	}
	value := reflect.ValueOf(from)
	if value.Type().AssignableTo(v.Type()) { // times, bytes and what is any
		v.Set(value)
		return nil
	}
	switch from := from.(type) {
	case map[string]any:
		if v.Kind() == reflect.Map {
			return fillMap(v, from)
		}
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			return fillStruct(v, from)
		}
	case []any:
		if v.Kind() == reflect.Slice && len(from) == 0 { // which the client reads as none
			v.SetZero()
			return nil
		}
		if v.Kind() == reflect.Slice {
			all := reflect.MakeSlice(v.Type(), len(from), len(from))
			for i, each := range from {
				if err := fill(all.Index(i), each); err != nil {
					return err
				}
			}
			v.Set(all)
			return nil
		}
	case int64:
		if v.CanInt() && !v.OverflowInt(from) {
			v.SetInt(from)
			return nil
		}
		if v.CanFloat() {
			v.SetFloat(float64(from))
			return nil
		}
	case float64, string, bool:
		if value.Kind() == v.Kind() {
			v.Set(value.Convert(v.Type())) // to a named type
			return nil
		}
	}
	return fmt.Errorf("a %T cannot be a %s", from, v.Type())
}

func fillMap(v reflect.Value, from map[string]any) error {
	all := reflect.MakeMapWithSize(v.Type(), len(from))
	for key, each := range from {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := fill(value, each); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		all.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	v.Set(all)
	return nil
}

func fillStruct(v reflect.Value, from map[string]any) error {
	for i := range v.NumField() {
		if embedded(v.Type().Field(i)) {
			if err := fillStruct(v.Field(i), from); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("firestore"), ",")
		if name == "" && v.Type().Field(i).IsExported() {
			name = v.Type().Field(i).Name // as the client calls it
		}
		each, ok := from[name]
		if !ok || name == "" || name == "-" {
			continue
		}
		if err := fill(v.Field(i), each); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
