package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
)

// Migrated is how many documents of one collection and one shape there are to change,
// or were changed.
type Migrated struct {
	Collection string
	From, To   int
	// Why are the migrations' reasons, in their order.
	Why []string
	// Documents is how many.
	Documents int
	// Failed are the paths of those that cannot be changed, with why.
	Failed []error
}

// migrateAtOnce is how many documents are read at once, and changed in one commit.
const migrateAtOnce = 100

// Migrate goes through all of the database's documents that migrations are for. It counts those of an
// earlier shape, and where apply is set changes them, each unless somebody else wrote
// it since it was read, who is waited for: then it is read again. What it has done is
// done; started again, it passes over that. say hears of each collection how many of
// its documents were gone through.
func (s *Store) Migrate(ctx context.Context, migrations []Migration, apply bool, say func(collection string, done, of int)) ([]Migrated, error) {
	return s.migrate(ctx, s, migrations, apply, say)
}

// Migrate is Store.Migrate, of the answers.
func (a *Answers) Migrate(ctx context.Context, migrations []Migration, apply bool, say func(collection string, done, of int)) ([]Migrated, error) {
	return a.migrate(ctx, nil, migrations, apply, say)
}

// migrate is with the diary of a store, where documents can have a place in it.
func (d *database) migrate(ctx context.Context, s *Store, migrations []Migration, apply bool, say func(collection string, done, of int)) ([]Migrated, error) {
	var found []Migrated
	seen := map[string]bool{}
	for _, m := range migrations {
		if seen[m.Collection] || inAnswers[m.Collection] != d.answers {
			continue
		}
		seen[m.Collection] = true
		run := &migrating{store: s, db: d, migrations: migrations, collection: m.Collection, apply: apply, found: map[int]*Migrated{}}
		err := run.all(ctx, say)
		for _, schema := range slices.Sorted(maps.Keys(run.found)) {
			found = append(found, *run.found[schema])
		}
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// migrating goes through one collection, wherever one of that name stands.
type migrating struct {
	store      *Store
	db         *database
	migrations []Migration
	collection string
	apply      bool
	found      map[int]*Migrated // by the shape they have
}

func (g *migrating) all(ctx context.Context, say func(string, int, int)) error {
	group := g.db.client.CollectionGroup(g.collection)
	of, err := count(ctx, group.Query, g.collection)
	if err != nil {
		return err
	}
	q, done := group.OrderBy(firestore.DocumentID, firestore.Asc).Limit(migrateAtOnce), 0
	for {
		say(g.collection, done, of)
		within, cancel := context.WithTimeout(ctx, 3*deadline)
		page, err := q.Documents(within).GetAll()
		cancel()
		if err != nil {
			return failed(err, "list "+g.collection)
		}
		if err := g.page(ctx, page); err != nil {
			return err
		}
		if done += len(page); len(page) < migrateAtOnce {
			say(g.collection, done, max(done, of))
			return nil
		}
		q = q.StartAfter(page[len(page)-1])
	}
}

// page changes documents together, and where that cannot be, one by one.
func (g *migrating) page(ctx context.Context, page []*firestore.DocumentSnapshot) error {
	c := g.db.begin()
	var changed []*firestore.DocumentRef
	for _, snap := range page {
		if left := g.left(snap); len(left) > 0 && g.counted(snap, left).rewrite(g.store, &c, snap, left) {
			changed = append(changed, snap.Ref)
		}
	}
	if !g.apply {
		return nil
	}
	tooLarge := c.err != nil
	if err := c.Do(ctx); err == nil || !tooLarge && !errors.Is(err, ErrChanged) {
		return err
	}
	for _, ref := range changed {
		if err := g.alone(ctx, ref); err != nil {
			return fmt.Errorf("%s: %w", pathOf(ref), err)
		}
	}
	return nil
}

// left are the migrations that a document has before it.
func (g *migrating) left(snap *firestore.DocumentSnapshot) []Migration {
	return migrationsOf(g.migrations, g.collection, schemaOf(snap.Data()))
}

func schemaOf(fields map[string]any) int {
	schema, _ := fields["schema"].(int64)
	return int(schema)
}

// counted counts a document with others of its shape.
func (g *migrating) counted(snap *firestore.DocumentSnapshot, left []Migration) *Migrated {
	from := schemaOf(snap.Data())
	m := g.found[from]
	if m == nil {
		m = &Migrated{Collection: g.collection, From: from, To: left[len(left)-1].To}
		for _, each := range left {
			m.Why = append(m.Why, each.Why)
		}
		g.found[from] = m
	}
	m.Documents++
	return m
}

// tries is how often a document is read again that others write all the time.
const tries = 20

// alone changes one document, as often as somebody else writes it first.
func (g *migrating) alone(ctx context.Context, ref *firestore.DocumentRef) error {
	for range tries {
		within, cancel := context.WithTimeout(ctx, deadline)
		all, err := g.db.client.GetAll(within, []*firestore.DocumentRef{ref})
		cancel()
		if err != nil {
			return failed(err, "read")
		}
		if !all[0].Exists() {
			return nil
		}
		c, left := g.db.begin(), g.left(all[0])
		if len(left) == 0 || !new(Migrated).rewrite(g.store, &c, all[0], left) {
			return nil // another made it new, or it cannot be made so any more
		}
		if err := c.Do(ctx); !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return ErrChanged
}

// rewrite writes what of a document changes, unless it cannot be changed.
func (m *Migrated) rewrite(s *Store, c *writes, snap *firestore.DocumentSnapshot, left []Migration) bool {
	before, after := snap.Data(), snap.Data()
	if err := upgrade(left, after); err != nil {
		m.Failed = append(m.Failed, fmt.Errorf("%s: %w", pathOf(snap.Ref), err))
		return false
	}
	if to, moved := movedBy(left, snap.Ref.ID, after); to != "" {
		c.move(s, snap, to, moved)
		return true
	}
	updates := []firestore.Update{{Path: "op", Value: c.op}}
	for name := range before {
		if _, kept := after[name]; !kept {
			updates = append(updates, firestore.Update{FieldPath: firestore.FieldPath{name}, Value: firestore.Delete})
		}
	}
	for name, value := range after {
		if !reflect.DeepEqual(value, before[name]) {
			updates = append(updates, firestore.Update{FieldPath: firestore.FieldPath{name}, Value: value})
		}
	}
	if c.add(snap.Ref, after) {
		c.batch.Update(snap.Ref, updates, firestore.LastUpdateTime(snap.UpdateTime))
	}
	return true
}

// movedBy is where some migrations move a document to, and its fields there; "" where it stays.
func movedBy(all []Migration, id string, fields map[string]any) (collection string, moved map[string]any) {
	for _, m := range all {
		if m.Moves == nil {
			continue
		}
		if to, moved := m.Moves(id, fields); to != "" {
			return to, moved
		}
	}
	return "", nil
}

// move takes a document away and writes it, under its id, into a collection beside its own,
// with its place in the diary.
func (c *writes) move(s *Store, snap *firestore.DocumentSnapshot, collection string, moved map[string]any) {
	to := snap.Ref.Parent.Parent.Collection(collection).Doc(snap.Ref.ID)
	if c.add(to, moved) {
		moved["op"], moved["schema"] = c.op, typeOf(to).Schema
		c.batch.Set(to, moved)
	}
	if due, ok := moved["dueAt"].(time.Time); ok {
		c.set(s.entry(pathOf(to), due), Due{Path: pathOf(to), DueAt: due, CreatedAt: s.now()})
	}
	c.delete(snap.Ref, snap.UpdateTime)
}
