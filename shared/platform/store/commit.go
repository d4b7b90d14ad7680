package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// ErrExists is that a document to create is there already.
var ErrExists = errors.New("a document to create exists already")

// ErrChanged is that a document to update was changed since it was read.
var ErrChanged = fault.New(fault.Conflict, "Someone else changed this a moment ago. Look at it again, then try once more.")

// IsConflict reports that a commit changed nothing because another came first, which
// is as good as done where both wanted the same.
func IsConflict(err error) bool { return errors.Is(err, ErrExists) || errors.Is(err, ErrChanged) }

// MaxWrites and maxBytes bound a commit; larger changes are made in several, invisible
// until one pointer flips. What the server finds too large, the client tries again
// for a minute.
const (
	MaxWrites = 500
	maxBytes  = 3 << 20
)

// Commit collects writes that happen together or not at all.
type Commit struct {
	writes
	store *Store
}

// Commit starts an empty commit.
func (s *Store) Commit() *Commit { return &Commit{s.begin(), s} }

// writes are those of a commit to one database.
type writes struct {
	db *database
	//lint:ignore SA1019 BulkWriter is not atomic, and loses documents silently; a transaction reads and locks.
	batch *firestore.WriteBatch
	op    string
	first *firestore.DocumentRef
	// byID says that the first document's being there is all that is wanted, whoever made it.
	byID        bool
	count       int
	bytes       int
	transitions []transition
	at          time.Time
	err         error
}

// begin starts a commit. It carries a random operation id, because the client may
// send a commit again whose answer was lost: the second one then finds the first
// one's documents, and only the id tells them from a rival's.
func (d *database) begin() writes {
	batch := d.client.Batch() //lint:ignore SA1019 see writes
	return writes{db: d, batch: batch, op: rand.Text()}
}

// create adds a document that must not exist yet.
func (c *writes) create(ref *firestore.DocumentRef, doc any) {
	if c.add(ref, doc) {
		c.batch.Create(ref, c.whole(ref, doc))
	}
}

// set writes all of a document, whatever was there.
func (c *writes) set(ref *firestore.DocumentRef, doc any) {
	if c.add(ref, doc) {
		c.batch.Set(ref, c.whole(ref, doc))
	}
}

// whole are all fields of a document, with the commit's id and the number of its shape.
func (c *writes) whole(ref *firestore.DocumentRef, doc any) map[string]any {
	values, _ := fields(doc)
	values["op"], values["schema"] = c.op, typeOf(ref).Schema
	return values
}

// update writes all fields of a document that must be as it was when read;
// fields that this version of the code does not know stay as they are, and those that
// it dropped go.
func (c *writes) update(ref *firestore.DocumentRef, doc any, version time.Time) {
	if c.add(ref, doc) {
		updates := []firestore.Update{{Path: "op", Value: c.op}}
		values, empty := fields(doc)
		values["schema"] = typeOf(ref).Schema
		for _, m := range migrationsOf(Migrations, typeOf(ref).Collection(), 0) {
			empty = append(empty, m.Drops...)
		}
		for name, value := range values {
			updates = append(updates, firestore.Update{Path: name, Value: value})
		}
		for _, name := range empty {
			updates = append(updates, firestore.Update{Path: name, Value: firestore.Delete})
		}
		c.batch.Update(ref, updates, firestore.LastUpdateTime(version))
	}
}

// delete takes away a document that must be as it was when read.
func (c *writes) delete(ref *firestore.DocumentRef, version time.Time) {
	if c.add(ref, nil) {
		c.batch.Delete(ref, firestore.LastUpdateTime(version))
	}
}

// remove takes away a document, whether it is there or not.
func (c *writes) remove(ref *firestore.DocumentRef) {
	if c.add(ref, nil) {
		c.batch.Delete(ref)
	}
}

func (c *writes) add(ref *firestore.DocumentRef, doc any) bool {
	c.bytes += size(ref, doc)
	switch c.count++; {
	case ref == nil:
		c.err = errors.New("commit: an id is empty or malformed")
	case typeOf(ref) == nil:
		c.err = fmt.Errorf("commit: %s is of no type of document: name it in store.Documents or AnswerDocuments", ref.Path)
	case !c.db.holds(ref):
		c.err = fmt.Errorf("commit: %s is not of the database %s", ref.Path, c.db.path)
	case c.count > MaxWrites:
		c.err = fmt.Errorf("commit: more than %d writes", MaxWrites)
	case c.bytes > maxBytes:
		c.err = fmt.Errorf("commit: more than %d bytes", maxBytes)
	case c.first == nil:
		c.first = ref
	}
	return c.err == nil
}

// Do makes the writes. The error is ErrExists or ErrChanged where a guard failed
// by another's doing; nothing was written then.
func (c *writes) Do(ctx context.Context) error {
	defer written(ctx)
	if c.err != nil || c.count == 0 {
		return c.err
	}
	within, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	made, err := c.batch.Commit(within)
	if err == nil {
		c.at = made[0].UpdateTime
	}
	if err == nil || c.landed(ctx) {
		c.tell(ctx)
		return nil
	}
	switch status.Code(err) {
	case codes.AlreadyExists:
		return ErrExists
	case codes.FailedPrecondition, codes.NotFound:
		return ErrChanged
	}
	return failed(err, "commit")
}

// At is when the writes were made, which is the Version of each document then; the
// zero time before.
func (c *writes) At() time.Time { return c.at }

// landed looks, after an error, whether this very commit was made all the same.
// It has a moment of its own, since the error may be that the caller's time ran
// out while the reply was on its way.
func (c *writes) landed(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	snap, err := c.first.Get(ctx)
	if err != nil {
		return false
	}
	if c.byID {
		return true
	}
	op, err := snap.DataAt("op")
	if err != nil || op != c.op {
		return false
	}
	c.at = snap.UpdateTime
	return true
}

// size is about how many bytes a document takes up in a commit: rather too many.
func size(ref *firestore.DocumentRef, doc any) int {
	n := 200
	if ref != nil { // a malformed id is found later
		n += len(ref.Path)
	}
	if doc != nil {
		n += sizeOf(reflect.ValueOf(doc))
	}
	return n
}

func sizeOf(v reflect.Value) int {
	const overhead = 12 // of a value: its type and lengths
	switch v.Kind() {
	case reflect.String:
		return overhead + v.Len()
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return overhead + v.Len()
		}
		n := overhead
		for i := range v.Len() {
			n += sizeOf(v.Index(i))
		}
		return n
	case reflect.Map:
		n := overhead
		for each := v.MapRange(); each.Next(); {
			n += sizeOf(each.Key()) + sizeOf(each.Value())
		}
		return n
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return overhead
		}
		return sizeOf(v.Elem())
	case reflect.Struct:
		n := 2 * overhead // also of a time
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Tag.Get("firestore"); {
			case name != "" && name != "-":
				n += 2*len(name) + sizeOf(v.Field(i)) // an update names it twice
			case embedded(v.Type().Field(i)):
				n += sizeOf(v.Field(i))
			}
		}
		return n
	}
	return overhead + 10 // numbers
}

// fields are the named top-level fields of a document's struct, without those that are
// empty and then omitted: each field that is there costs its place in an index.
func fields(doc any) (values map[string]any, empty []string) {
	v := reflect.Indirect(reflect.ValueOf(doc))
	values = make(map[string]any, v.NumField())
	return values, addFields(values, v)
}

// addFields adds those of a struct, and names the empty ones.
func addFields(values map[string]any, v reflect.Value) (empty []string) {
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("firestore"), ",")
		switch f := v.Field(i); {
		case embedded(v.Type().Field(i)):
			empty = append(empty, addFields(values, f)...)
		case name == "" || name == "-":
		case options == "omitempty" && isEmpty(f):
			empty = append(empty, name)
		default:
			values[name] = f.Interface()
		}
	}
	return empty
}

// embedded reports whether a field is a struct whose fields stand among those of the
// struct that it is in.
func embedded(f reflect.StructField) bool { return f.Anonymous && f.Tag.Get("firestore") == "" }

func isEmpty(v reflect.Value) bool {
	if t, ok := v.Interface().(time.Time); ok {
		return t.IsZero() // in whatever zone
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}
