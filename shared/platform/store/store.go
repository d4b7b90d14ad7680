// Package store keeps the documents in Firestore, one file a collection.
//
// Reads return domain types with the time of their last write in Version.
// Writes go through a Commit: one atomic batch of creates, and of updates
// guarded by Version, never a read-write transaction (a killed one blocks its
// document for a minute; guarded updates cost milliseconds).
//
// There are two databases, since Firestore gives rights by database: Store is that of
// people, and Answers that of what they answered, which few functions open. Nothing is
// committed across both.
package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/option"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cascading-leadership/cascade/shared/fault"
)

// deadline bounds each call; without one, a paused backend holds it for ever.
const deadline = 10 * time.Second

// Store is the programme's documents. It is safe for concurrent use.
type Store struct {
	database
	// now is the programme's clock, by which the diary has days, see SetClock.
	now func() time.Time
	// programmes are those read lately, a remembered by id, which are good for as long as recent.
	programmes sync.Map
	recent     time.Duration
	audit      auditKeys
}

// Open connects to a database of a project. It does not wait for the server. What is
// asked of it is counted, see package cost.
func Open(ctx context.Context, project, name string, opts ...option.ClientOption) (*Store, error) {
	d, err := connect(ctx, project, name, false, opts...)
	if err != nil {
		return nil, err
	}
	return &Store{database: d, now: time.Now, recent: 10 * time.Second}, nil
}

// SetClock has the diary go by the programme's clock, which beside the emulator may be
// ahead of the real one. It comes before anything else.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Remember sets for how long RecentProgramme returns a programme that was read, where calls
// are compared one by one. It comes before anything else.
func (s *Store) Remember(recent time.Duration) { s.recent = recent }

// isID reports whether an id has the form of every id that this project makes:
// up to 200 letters, digits, dots, dashes and underscores, beginning with one of
// the first two. Ids also come out of addresses, where anybody can write
// anything: the client takes "x/sessions/y" for a document further down, and the
// server refuses some names with an error.
func isID(id string) bool {
	for i, c := range []byte(id) {
		first := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !first && (i == 0 || c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return id != "" && len(id) <= 200
}

// nowhere is a collection that holds nothing.
const nowhere = "-"

// document is a collection's document, or nil for an id that cannot be one.
func document(c *firestore.CollectionRef, id string) *firestore.DocumentRef {
	if c.ID == nowhere || !isID(id) {
		return nil
	}
	return c.Doc(id)
}

// ErrUnreadable is that a document is there and does not hold what it should.
var ErrUnreadable = errors.New("unreadable")

// failed is an error of the client with what was attempted: a fault of kind
// Unavailable where Firestore does not answer, or not in time.
func failed(err error, what string) error {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted:
	default:
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return fault.Because(fmt.Errorf("%s: %w", what, err), fault.Unavailable, "This takes longer than it should. Try again in a few minutes.")
}

// read fills v from one document. A missing one is a fault of kind NotFound.
func read(ctx context.Context, ref *firestore.DocumentRef, what string, v any) (*firestore.DocumentSnapshot, error) {
	if ref == nil {
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	snap, err := get(ctx, ref)
	if status.Code(err) == codes.NotFound {
		return nil, fault.New(fault.NotFound, "There is no such %s.", what)
	}
	if err != nil {
		return nil, failed(err, "read "+what)
	}
	if err := decode(snap, v); err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", what, ErrUnreadable, err)
	}
	return snap, nil
}

// list reads all documents of a query; each gives the parts of a document that
// stand outside its fields.
func list[T any](ctx context.Context, q firestore.Query, what string, each func(*T, *firestore.DocumentSnapshot)) ([]*T, error) {
	snaps, err := listed(ctx, q)
	if err != nil {
		return nil, failed(err, "list "+what)
	}
	var all []*T
	for _, snap := range snaps {
		v := new(T)
		if err := decode(snap, v); err != nil {
			return nil, fmt.Errorf("list %s: %w", what, err)
		}
		each(v, snap)
		all = append(all, v)
	}
	return all, nil
}

// listed are the documents of a query, read ahead or now.
func listed(ctx context.Context, q firestore.Query) (all []*firestore.DocumentSnapshot, err error) {
	if all, ok := takenList(ctx, q); ok {
		return all, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*deadline)
	defer cancel()
	if all, err = q.Documents(ctx).GetAll(); err == nil {
		keepList(ctx, q, all)
	}
	return all, err
}

// pageSize is how many documents listAll asks for at once, so that no one answer
// takes long, however many there are.
const pageSize = 1000

// listAll is list for what may be thousands of documents, in the order of their
// names: it reads page after page, each as it was at one moment. The zero time is
// the moment of the first page.
func listAll[T any](ctx context.Context, q firestore.Query, at time.Time, what string, each func(*T, *firestore.DocumentSnapshot)) ([]*T, error) {
	q = q.OrderBy(firestore.DocumentID, firestore.Asc).Limit(pageSize)
	var all []*T
	for {
		if !at.IsZero() {
			q = *q.WithReadOptions(firestore.ReadTime(at))
		}
		var last *firestore.DocumentSnapshot
		page, err := list(ctx, q, what, func(v *T, snap *firestore.DocumentSnapshot) {
			each(v, snap)
			last = snap
		})
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(page) < pageSize {
			return all, nil
		}
		if q = q.StartAfter(last); at.IsZero() {
			at = last.ReadTime
		}
	}
}

// reader is a database, whichever: Store or Answers.
type reader interface {
	getAll(ctx context.Context, refs []*firestore.DocumentRef) ([]*firestore.DocumentSnapshot, error)
}

// readAll reads documents by name in one round trip; one that is not there, or whose
// name is none, is nil.
func readAll[T any](ctx context.Context, s reader, refs []*firestore.DocumentRef, what string, each func(*T, *firestore.DocumentSnapshot)) ([]*T, error) {
	all := make([]*T, len(refs))
	var asked []*firestore.DocumentRef
	var places []int
	for i, ref := range refs {
		if ref != nil {
			asked, places = append(asked, ref), append(places, i)
		}
	}
	if len(asked) == 0 {
		return all, nil
	}
	snaps, err := s.getAll(ctx, asked)
	if err != nil {
		return nil, failed(err, "read "+what)
	}
	for k, snap := range snaps {
		if !snap.Exists() {
			continue
		}
		v := new(T)
		if err := decode(snap, v); err != nil {
			return nil, fmt.Errorf("read %s: %w", what, err)
		}
		each(v, snap)
		all[places[k]] = v
	}
	return all, nil
}

// byID reads documents of a collection by id, each once.
func byID[T any](ctx context.Context, s reader, c *firestore.CollectionRef, ids []string, what string, each func(*T, *firestore.DocumentSnapshot), id func(*T) string) (map[string]*T, error) {
	var refs []*firestore.DocumentRef
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			refs = append(refs, document(c, id))
		}
	}
	all, err := readAll(ctx, s, refs, what, each)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*T, len(all))
	for _, v := range all {
		if v != nil {
			found[id(v)] = v
		}
	}
	return found, nil
}

// count is the number of documents of a query, without reading them.
func count(ctx context.Context, q firestore.Query, what string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	r, err := q.NewAggregationQuery().WithCount("n").Get(ctx)
	if err != nil {
		return 0, failed(err, "count "+what)
	}
	n, ok := r["n"].(interface{ GetIntegerValue() int64 })
	if !ok {
		return 0, fmt.Errorf("count %s: unexpected answer %T", what, r["n"])
	}
	return int(n.GetIntegerValue()), nil
}
