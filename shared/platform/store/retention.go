package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// endedAtOnce is how many documents one commit deletes. Each has an entry of the diary, or
// may have.
const endedAtOnce = 200

// ending are the types of the database whose documents end at an occasion, in the order in
// which they go: what waits to be sent first, so that nothing is; then what stands below others;
// and what several programmes share last.
func (d *database) ending(at register.Occasion) (all []*Document) {
	types := d.types()
	for i := range types {
		t := &types[i]
		if t.Path != "programmes/*" && (t.Register.Kept.At == at || at == register.OnceDeleted && t.ofProgramme()) {
			all = append(all, t)
		}
	}
	place := func(t *Document) int {
		_, sent := reflect.New(t.Type).Interface().(inHand)
		switch {
		case sent:
			return 0
		case t.Register.Kept.Shared:
			return 3
		case strings.Count(t.Path, "/") > 3:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b *Document) int { return cmp.Compare(place(a), place(b)) })
	return all
}

// ofProgramme reports whether documents of the type are one programme's.
func (d *Document) ofProgramme() bool {
	return strings.HasPrefix(d.Path, "programmes/") || d.Register.Of != ""
}

// nameless reports whether documents of the type stay at an occasion, without whose they are.
func (d *Document) nameless(at register.Occasion) bool {
	return at == register.OnceOver && d.Register.Kept.Nameless != ""
}

// inHand is what a sender may have in its hands.
type inHand interface{ InHand(server time.Time) bool }

// several is what several programmes can share.
type several interface {
	Quit(programme string) (was, nobody bool)
}

// of are the queries by which a programme's documents of a type are found: also those below
// documents that are gone.
func (d *database) of(ctx context.Context, p string, t *Document, at register.Occasion) (all []firestore.Query, err error) {
	switch parts := strings.Split(t.Path, "/"); {
	case t.nameless(at):
		return []firestore.Query{d.client.Collection(t.Collection()).Where(t.Register.Of, "==", p).Where(t.Register.Kept.Nameless, ">", "")}, nil
	case t.Register.Kept.Shared:
		return []firestore.Query{d.client.Collection(t.Collection()).Query}, nil
	case parts[0] != "programmes":
		return []firestore.Query{d.client.Collection(t.Collection()).Where(t.Register.Of, "==", p)}, nil
	case len(parts) == 4:
		return []firestore.Query{d.in(p, t.Collection()).Query}, nil
	default:
		above := d.in(p, parts[2]).DocumentRefs(ctx)
		for {
			ref, err := above.Next()
			if errors.Is(err, iterator.Done) {
				return all, nil
			}
			if err != nil {
				return nil, failed(err, "list "+parts[2])
			}
			all = append(all, ref.Collection(t.Collection()).Query)
		}
	}
}

// CountEnding counts what of a programme ends at an occasion, by type; what there is none of
// is not among them.
func (d *database) CountEnding(ctx context.Context, p string, at register.Occasion) (all []programme.Count, err error) {
	for _, t := range d.ending(at) {
		n, err := d.countOf(ctx, p, t, at)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, programme.Count{Of: t.Collection(), N: n})
		}
	}
	return all, nil
}

func (d *database) countOf(ctx context.Context, p string, t *Document, at register.Occasion) (n int, err error) {
	queries, err := d.of(ctx, p, t, at)
	if err != nil {
		return 0, err
	}
	for _, q := range queries {
		if t.Register.Kept.Shared {
			all, err := snapshots(ctx, q, t.Collection())
			if err != nil {
				return 0, err
			}
			for _, snap := range all {
				doc, err := t.decoded(snap)
				if err != nil {
					return 0, err
				}
				if was, _ := doc.(several).Quit(p); was {
					n++
				}
			}
			continue
		}
		some, err := count(ctx, q, t.Collection())
		if err != nil {
			return 0, err
		}
		n += some
	}
	return n, nil
}

// decoded is a document of the type as it is stored.
func (d *Document) decoded(snap *firestore.DocumentSnapshot) (any, error) {
	doc := reflect.New(d.Type).Interface()
	if err := decode(snap, doc); err != nil {
		return nil, fmt.Errorf("%s: %w", pathOf(snap.Ref), err)
	}
	return doc, nil
}

// Ended is what was done of an end.
type Ended struct {
	Counts []programme.Count
	// Left says that there is more, or something that cannot go yet.
	Left bool
}

// Documents is how many there were.
func (e *Ended) Documents() (n int) {
	for _, c := range e.Counts {
		n += c.N
	}
	return n
}

func (e *Ended) add(of string, n int) {
	for i := range e.Counts {
		if e.Counts[i].Of == of {
			e.Counts[i].N += n
			return
		}
	}
	if n > 0 {
		e.Counts = append(e.Counts, programme.Count{Of: of, N: n})
	}
}

// end deletes documents of a programme that end at an occasion, in no more than so many
// commits: each has those of one type, and what else belongs to it. Whoever goes on finds the
// rest.
func (d *database) end(ctx context.Context, p string, at register.Occasion, commits int, commit func(t *Document, some []*firestore.DocumentSnapshot) (int, error)) (e Ended, err error) {
	for _, t := range d.ending(at) {
		queries, err := d.of(ctx, p, t, at)
		if err != nil {
			return e, err
		}
		for _, q := range queries {
			for more := true; more; {
				if commits == 0 {
					e.Left = true
					return e, nil
				}
				found, some, err := d.toEnd(ctx, p, t, at, q)
				if err != nil {
					return e, err
				}
				if len(some) < found {
					e.Left = true // a sender has it
				}
				if len(some) == 0 {
					break
				}
				commits--
				n, err := commit(t, some)
				if IsConflict(err) {
					e.Left = true // another does the same, or writes: both go on with what is there
				} else if err != nil {
					return e, err
				}
				e.add(t.Collection(), n)
				more = found == endedAtOnce || err != nil
			}
		}
	}
	return e, nil
}

// toEnd are some of what a query finds that can go now, and how many it found.
func (d *database) toEnd(ctx context.Context, p string, t *Document, at register.Occasion, q firestore.Query) (found int, some []*firestore.DocumentSnapshot, err error) {
	_, sent := reflect.New(t.Type).Interface().(inHand)
	switch {
	case t.Register.Kept.Shared: // there are few
	case sent, t.nameless(at):
		q = q.Limit(endedAtOnce)
	default:
		q = q.Select().Limit(endedAtOnce)
	}
	var all []*firestore.DocumentSnapshot
	if sent || t.nameless(at) || t.Register.Kept.Shared {
		all, err = snapshots(ctx, q, t.Collection())
	} else {
		_, err = list(ctx, q, t.Collection(), func(_ *struct{}, snap *firestore.DocumentSnapshot) { all = append(all, snap) })
	}
	if err != nil {
		return 0, nil, err
	}
	for _, snap := range all {
		goes := true
		if sent || t.Register.Kept.Shared {
			doc, err := t.decoded(snap)
			if err != nil && t.Register.Kept.Shared {
				return 0, nil, err
			}
			if m, ok := doc.(inHand); ok && m.InHand(snap.ReadTime) {
				goes = false
			}
			if m, ok := doc.(several); ok {
				if goes, _ = m.Quit(p); !goes {
					continue
				}
			}
		}
		if found++; goes {
			some = append(some, snap)
		}
	}
	return found, some, nil
}

// End deletes what of a programme ends at an occasion, and what stands in the diary about it,
// in no more than so many commits. The audit trail keeps in each how many documents of which
// type it were, who did it, and why.
func (s *Store) End(ctx context.Context, p string, at register.Occasion, commits int, by, why string, now time.Time) (Ended, error) {
	e, err := s.end(ctx, p, at, commits, func(t *Document, some []*firestore.DocumentSnapshot) (int, error) {
		c := s.Commit()
		did := "deleted of "
		if t.nameless(at) {
			did = "took names out of "
		}
		c.Audit(AuditEntry{Programme: p, By: by, Did: did + t.Collection() + ", " + why, Times: len(some), At: now})
		for _, snap := range some {
			if err := c.endOne(ctx, p, t, at, snap, now); err != nil {
				return 0, err
			}
		}
		if t.Type == reflect.TypeFor[erasure.Tombstone]() { // or a backup seems to have been loaded
			compared, err := s.Compared(ctx)
			if err != nil {
				return 0, err
			}
			if compared.Tombstones -= len(some); !compared.Version.IsZero() {
				c.SaveCompared(compared)
			}
		}
		if err := c.Do(ctx); err != nil {
			return 0, err
		}
		return len(some), nil
	})
	if err != nil || e.Left {
		return e, err
	}
	left, err := s.endDue(ctx, p, at)
	e.Left = left
	return e, err
}

// endOne deletes a document, takes its programme out of what others share, or whose it was
// out of what stays. With somebody
// who works for nobody any more go their sessions.
func (c *Commit) endOne(ctx context.Context, p string, t *Document, at register.Occasion, snap *firestore.DocumentSnapshot, now time.Time) error {
	if !t.Register.Kept.Shared && !t.nameless(at) {
		c.delete(snap.Ref, snap.UpdateTime)
		return nil
	}
	doc, err := t.decoded(snap)
	if err != nil {
		return err
	}
	if l, ok := doc.(*Link); ok { // an old email's, which says that the programme is over
		linkAt(l, snap)
		l.Person, l.Role, l.IDs, l.Topics = "", "", outbox.IDs{}, nil
		c.UpdateLink(l)
		return nil
	}
	if _, nobody := doc.(several).Quit(p); !nobody {
		m := doc.(*Staff)
		staffAt(m, snap)
		c.SaveStaff(m, now)
		return nil
	}
	c.delete(snap.Ref, snap.UpdateTime)
	sessions, err := c.store.StaffSessions(ctx, snap.Ref.ID)
	for _, x := range sessions {
		c.remove(document(c.store.staffSessions(), x.ID))
	}
	return err
}

// endDue drops entries of the diary, on whichever day, for documents of a programme that are
// gone.
func (s *Store) endDue(ctx context.Context, p string, at register.Occasion) (left bool, err error) {
	ends := map[string]bool{}
	for _, t := range s.ending(at) {
		ends[t.Collection()] = true
	}
	roots, err := s.client.Collections(ctx).GetAll()
	if err != nil {
		return false, failed(err, "list collections")
	}
	for _, root := range roots {
		if !strings.HasPrefix(root.ID, "due-") {
			continue
		}
		q := root.Where("path", ">=", "programmes/"+p+"/").Where("path", "<", "programmes/"+p+"0") // which comes after /
		all, err := list(ctx, q, "entries of the diary", func(d *Due, snap *firestore.DocumentSnapshot) { d.ref, d.version = snap.Ref, snap.UpdateTime })
		if err != nil {
			return false, err
		}
		all = slices.DeleteFunc(all, func(d *Due) bool { return !ends[d.Kind()] })
		for some := range slices.Chunk(all, MaxWrites) {
			c := s.Commit()
			for _, d := range some {
				c.Drop(d)
			}
			if err := c.Do(ctx); IsConflict(err) {
				left = true
			} else if err != nil {
				return false, err
			}
		}
	}
	return left, nil
}

// End deletes what of a programme's answers, and of what was made of them, ends at an occasion,
// in no more than so many commits.
func (a *Answers) End(ctx context.Context, p string, at register.Occasion, commits int) (Ended, error) {
	return a.end(ctx, p, at, commits, func(_ *Document, some []*firestore.DocumentSnapshot) (int, error) {
		c := a.Commit()
		for _, snap := range some {
			c.delete(snap.Ref, snap.UpdateTime)
		}
		if err := c.Do(ctx); err != nil {
			return 0, err
		}
		return len(some), nil
	})
}

// EndParts are the functions that have a part in the end of a programme's period which they
// alone can do, since they alone open the database of answers to write there.
func EndParts() []string { return register.Questionnaires.Names() }
