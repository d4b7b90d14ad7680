package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
)

// trial is a type of document that there is in these tests alone. It is of its third
// shape: in the first, "whole" was one text, which "parts" are since the second; the
// third has parts by their number.
type trial struct {
	Parts   map[string]string `firestore:"numbered"`
	Written int               `firestore:"written"`
	Schema  int               `firestore:"schema"`
	Version time.Time         `firestore:"-"`
}

func trialAt(x *trial, snap *firestore.DocumentSnapshot) { x.Version = snap.UpdateTime }

func init() {
	documents["trials"] = &Document{Path: "trials/*", Schema: 3, Type: reflect.TypeFor[trial]()}
	Migrations = append(Migrations, trials...)
}

var trials = []Migration{
	{Collection: "trials", To: 2, Why: "so that one part can be asked for", Drops: []string{"whole"}, Change: func(fields map[string]any) error {
		whole, ok := fields["whole"].(string)
		if !ok {
			return errors.New("there is no whole")
		}
		var parts []any
		for part := range strings.SplitSeq(whole, " ") {
			parts = append(parts, part)
		}
		fields["parts"] = parts
		return nil
	}},
	{Collection: "trials", To: 3, Why: "so that a part keeps its number", Drops: []string{"parts"}, Change: func(fields map[string]any) error {
		numbered := map[string]any{}
		for i, part := range fields["parts"].([]any) {
			numbered[fmt.Sprint(i)] = part
		}
		fields["numbered"] = numbered
		return nil
	}},
}

func (s *Store) trial(id string) *firestore.DocumentRef { return s.client.Collection("trials").Doc(id) }

// put writes documents as an earlier version did.
func put(t *testing.T, s *Store, all map[string]map[string]any) {
	t.Helper()
	for id, fields := range all {
		if _, err := s.trial(id).Set(t.Context(), fields); err != nil {
			t.Fatal(err)
		}
	}
}

func stored(t *testing.T, s *Store) map[string]map[string]any {
	t.Helper()
	snaps, err := s.client.Collection("trials").Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, snap := range snaps {
		all[snap.Ref.ID] = snap.Data()
	}
	return all
}

var earlier = map[string]map[string]any{
	"first":  {"whole": "a b", "written": 1, "schema": 1, "unknown": "stays"},
	"second": {"parts": []any{"a", "b"}, "written": 1, "schema": 2, "unknown": "stays"},
	"third":  {"numbered": map[string]any{"0": "a", "1": "b"}, "written": 1, "schema": 3, "unknown": "stays"},
}

// Documents of an earlier shape are read as those of the present one, whichever way
// they are read, and written as such; nothing has to be migrated before.
func TestEarlierShapesAreReadBesideTheLatest(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	put(t, s, earlier)
	refs := []*firestore.DocumentRef{s.trial("first"), s.trial("second"), s.trial("third")}
	one := new(trial)
	snap, err := read(ctx, refs[0], "trial", one)
	if err != nil {
		t.Fatal(err)
	}
	trialAt(one, snap)
	ways := [][]*trial{{one}}
	for _, way := range []func() ([]*trial, error){
		func() ([]*trial, error) { return list(ctx, s.client.Collection("trials").Query, "trials", trialAt) },
		func() ([]*trial, error) { return readAll(ctx, s, refs, "trials", trialAt) },
		func() (all []*trial, err error) {
			h := s.BatchReader()
			_, _ = take(h, refs[1], "trial", trialAt)
			if _, err := h.Fetch(ctx); err != nil {
				return nil, err
			}
			x, err := take(h, refs[1], "trial", trialAt)
			return []*trial{x}, err
		},
	} {
		all, err := way()
		if err != nil {
			t.Fatal(err)
		}
		ways = append(ways, all)
	}
	for _, way := range ways {
		for _, x := range way {
			if !maps.Equal(x.Parts, map[string]string{"0": "a", "1": "b"}) || x.Written != 1 || x.Schema != 3 {
				t.Errorf("read %+v", x)
			}
		}
	}

	one.Written = 2
	add(t, s, func(c *Commit) { c.update(refs[0], one, one.Version) })
	got := stored(t, s)["first"]
	delete(got, "op")
	if want := map[string]any{"numbered": map[string]any{"0": "a", "1": "b"}, "written": int64(2), "schema": int64(3), "unknown": "stays"}; !reflect.DeepEqual(got, want) {
		t.Errorf("written %v, want %v", got, want)
	}
}

// A query that selects fields cannot tell a document's shape without its schema.
func TestSelectedFieldsNeedTheSchema(t *testing.T) {
	t.Parallel()
	s := open(t)
	put(t, s, earlier)
	q := s.client.Collection("trials").Select("written")
	if _, err := list(t.Context(), q, "trials", trialAt); err == nil {
		t.Error("a document of an unknown shape was read")
	}
	if _, err := list(t.Context(), q, "trials", func(*struct{}, *firestore.DocumentSnapshot) {}); err != nil {
		t.Errorf("whether documents are there cannot be asked: %v", err)
	}
}

func quiet(string, int, int) {}

// A dry run says what would be changed, and changes nothing; a real one changes that,
// and a second one nothing.
func TestMigrateIsTriedFirstAndDoneOnce(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	put(t, s, earlier)
	put(t, s, map[string]map[string]any{"odd": {"whole": 1, "schema": 1}})
	before := stored(t, s)
	tried, err := s.Migrate(ctx, trials, false, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if after := stored(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("a dry run left %v of %v", after, before)
	}
	done, err := s.Migrate(ctx, trials, true, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range [][]Migrated{tried, done} {
		if len(all) != 2 || all[0].From != 1 || all[0].To != 3 || all[0].Documents != 2 || len(all[0].Why) != 2 ||
			all[1].From != 2 || all[1].Documents != 1 || !slices.Equal(all[1].Why, []string{trials[1].Why}) {
			t.Errorf("counted %+v", all)
		}
		if len(all[0].Failed) != 1 || !strings.Contains(all[0].Failed[0].Error(), "trials/odd") {
			t.Errorf("failed %v", all[0].Failed)
		}
	}
	all := stored(t, s)
	for _, id := range []string{"first", "second", "third"} {
		got := all[id]
		delete(got, "op")
		if want := map[string]any{"numbered": map[string]any{"0": "a", "1": "b"}, "written": int64(1), "schema": int64(3), "unknown": "stays"}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
	if !reflect.DeepEqual(all["odd"], before["odd"]) {
		t.Errorf("what cannot be changed became %v", all["odd"])
	}
	before = stored(t, s)
	again, err := s.Migrate(ctx, trials, true, quiet)
	if err != nil || len(again) != 1 || again[0].Documents != 1 || len(again[0].Failed) != 1 {
		t.Errorf("a second run found %+v, %v", again, err)
	}
	if after := stored(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("a second run left %v of %v", after, before)
	}
}

// Whoever changes documents while they are migrated loses nothing by it, also where
// several migrate at once and one of them was broken off.
func TestMigrateAmongWriters(t *testing.T) {
	t.Parallel()
	s := open(t)
	const documents, writes = 3 * migrateAtOnce / 2, 4
	c := s.Commit()
	for i := range documents {
		c.batch.Set(s.trial(fmt.Sprintf("t%03d", i)), map[string]any{"whole": "a b", "written": 0, "schema": 1})
		c.count++
	}
	c.first = s.trial("t000")
	do(t, c)
	broken, end := context.WithCancel(t.Context())
	if _, err := s.Migrate(broken, trials, true, func(_ string, done, _ int) {
		if done > 0 {
			end()
		}
	}); err == nil {
		t.Fatal("it was not broken off")
	}

	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			if _, err := s.Migrate(t.Context(), trials, true, quiet); err != nil {
				t.Error(err)
			}
		})
	}
	for range writes {
		wait.Go(func() {
			for i := documents - 1; i >= 0; i -= 7 { // against the migrations' order
				ref := s.trial(fmt.Sprintf("t%03d", i))
				for {
					x := new(trial)
					snap, err := read(t.Context(), ref, "trial", x)
					if err != nil {
						t.Error(err)
						return
					}
					x.Written++
					c := s.Commit()
					c.update(ref, x, snap.UpdateTime)
					if err := c.Do(t.Context()); err == nil {
						break
					} else if !IsConflict(err) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wait.Wait()
	for id, fields := range stored(t, s) {
		var i int
		_, _ = fmt.Sscanf(id, "t%d", &i)
		want := int64(0)
		if (documents-1-i)%7 == 0 {
			want = writes
		}
		delete(fields, "op")
		if whole := map[string]any{"numbered": map[string]any{"0": "a", "1": "b"}, "written": want, "schema": int64(3)}; !reflect.DeepEqual(fields, whole) {
			t.Errorf("%s is %v, want %v", id, fields, whole)
		}
	}
}

// The shapes of a type follow one another without a gap up to the present one, and no
// field stays in the struct that was dropped.
func TestMigrationsLeadToThePresentShape(t *testing.T) {
	t.Parallel()
	last := map[string]int{}
	for _, m := range Migrations {
		d := DocumentOf(m.Collection)
		if d == nil || m.Why == "" || m.Change == nil {
			t.Errorf("the migration of %q to %d is incomplete, or of no type of document", m.Collection, m.To)
			continue
		}
		if before, ok := last[m.Collection]; ok && m.To != before+1 {
			t.Errorf("%s goes from schema %d to %d", m.Collection, before, m.To)
		}
		last[m.Collection] = m.To
		for i := range d.Type.NumField() {
			name, _, _ := strings.Cut(d.Type.Field(i).Tag.Get("firestore"), ",")
			if slices.Contains(m.Drops, name) {
				t.Errorf("%s has %q, which its migration to %d drops", d.Type, name, m.To)
			}
		}
	}
	for collection, to := range last {
		if d := DocumentOf(collection); d.Schema != to {
			t.Errorf("%s are of schema %d, and their migrations end at %d", collection, d.Schema, to)
		}
	}
	if _, ok := last["due-*"]; ok {
		t.Error("the diary cannot be migrated: its collections have the days' names, and its entries are gone when their day is over")
	}
}

// example sets all of a value to something, so that nothing of it is left out.
func example(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text", depth))
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(3 + depth))
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			example(v.Index(i), depth+i)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		example(key, depth)
		example(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		example(v.Elem(), depth)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(now.Add(time.Duration(depth) * time.Hour)))
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("firestore"); name != "" && name != "-" {
				example(v.Field(i), depth+1)
			}
		}
	default:
		panic("no example of a " + v.Type().String())
	}
}

// A document of an earlier shape is filled in as the client fills in others, for every
// type of document, and every one is written with its schema.
func TestDocumentsAreFilledInAsByTheClient(t *testing.T) {
	t.Parallel()
	s, a := both(t)
	for _, d := range slices.Concat(Documents, AnswerDocuments) {
		in := &s.database
		if inAnswers[d.Collection()] {
			in = &a.database
		}
		ref := in.client.Doc(strings.ReplaceAll(d.Path, "*", "x"))
		doc := reflect.New(d.Type)
		example(doc.Elem(), 0)
		c := in.begin()
		c.create(ref, doc.Interface())
		if err := c.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		snap, err := ref.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		byClient, filled := reflect.New(d.Type), reflect.New(d.Type)
		if err := snap.DataTo(byClient.Interface()); err != nil {
			t.Fatal(err)
		}
		if err := fill(filled.Elem(), snap.Data()); err != nil {
			t.Errorf("%s: %v", d.Path, err)
		}
		if !reflect.DeepEqual(byClient.Interface(), filled.Interface()) {
			t.Errorf("%s is filled in as\n%+v, by the client as\n%+v", d.Path, filled, byClient)
		}
		if got := schemaOf(snap.Data()); got != d.Schema {
			t.Errorf("%s has schema %d, want %d", d.Path, got, d.Schema)
		}
	}
}

// What is in no list cannot be written, so that the list is complete.
func TestUnlistedDocumentsCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := s.Commit()
	c.create(s.client.Doc("programmes/p/secrets/x"), &trial{})
	if err := c.Do(t.Context()); err == nil {
		t.Error("a document that is in no list was written")
	}
}
