package store

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Person is somebody who takes part in a programme, in whichever roles: by whom documents
// are found that are about them.
type Person struct {
	ID        string // see enrolment.PersonOf
	Programme *programme.Programme
	// Enrolments are theirs as far as they are there, by role.
	Enrolments []*enrolment.Enrolment
	// Claims are what was sent with their address, and nobody has confirmed.
	Claims []*enrolment.Claim
}

// Person reads somebody by the id of the person or of one of their enrolments.
func (s *Store) Person(ctx context.Context, p *programme.Programme, id string) (*Person, error) {
	who := &Person{ID: enrolment.PersonOf(id), Programme: p}
	var found map[string]*enrolment.Enrolment
	err := InParallel(ctx,
		func(ctx context.Context) (err error) { found, err = s.EnrolmentsOf(ctx, p.ID, who.IDs()); return err },
		func(ctx context.Context) (err error) { who.Claims, err = s.claimsOf(ctx, p.ID, who.ID); return err },
	)
	for _, id := range who.IDs() {
		if e := found[id]; e != nil {
			who.Enrolments = append(who.Enrolments, e)
		}
	}
	return who, err
}

// IDs are those of the enrolments that they have or could have.
func (who *Person) IDs() []string { return enrolment.IDs(who.ID) }

// atAddresses are the ids of whoever enrols with an address of theirs: the present one, one
// that they asked for or had before, and that by which they came.
func (who *Person) atAddresses() []string {
	ids := []string{who.ID}
	add := func(address email.Address) {
		if id := personAt(who.Programme, address); address != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, e := range who.Enrolments {
		add(e.Person.Email)
		add(e.NewEmail)
		add(e.FormerEmail)
	}
	for _, c := range who.Claims {
		add(c.Address())
	}
	return ids
}

// Theirs is a document that is about somebody, as it is stored, and in which way.
type Theirs struct {
	*Document
	Whose register.Whose
	// At is its path, and Doc what it holds: a pointer to the type.
	At  string
	Doc any

	snap *firestore.DocumentSnapshot
}

// ID is the document's id.
func (t *Theirs) ID() string { return t.snap.Ref.ID }

// Own is what the document says of the person alone: what is the other side's of it is blank.
func (t *Theirs) Own(who *Person) any {
	if shared, ok := reflect.Indirect(reflect.ValueOf(t.Doc)).Interface().(interface{ Only(ids []string) any }); ok {
		return shared.Only(who.IDs())
	}
	return t.Doc
}

// Theirs finds all documents that are about somebody, of every type of document and in each
// way that its register says: but for what it says is somebody else's, or is found by a
// function alone, and for what has ids inside a text, see Forget. Those below a pairing come
// before the pairing, and enrolments last: what is found by a document comes before it.
func (s *Store) Theirs(ctx context.Context, who *Person) ([]*Theirs, error) {
	return s.theirsWhere(ctx, who, func(register.Whose) bool { return true })
}

// TheirsShown are those among Theirs that somebody's own page is made from.
func (s *Store) TheirsShown(ctx context.Context, who *Person) ([]*Theirs, error) {
	return s.theirsWhere(ctx, who, func(w register.Whose) bool { return w.Unseen == "" })
}

// LookForTheirs reads what Person and TheirsShown ask for, so that it is at hand in a context that
// reads ahead: what is found by addresses, and what lies below pairings, waits once, for these.
func (s *Store) LookForTheirs(ctx context.Context, p *programme.Programme, id string) error {
	// What has the ids of their enrolments is asked for after these, which Person reads.
	at := func(w register.Whose) bool { return w.Is == register.Address || w.Is == register.Role && w.By == "" }
	return InParallel(ctx, func(ctx context.Context) error {
		_, err := s.theirsWhere(ctx, &Person{ID: enrolment.PersonOf(id), Programme: p}, func(w register.Whose) bool { return w.Unseen == "" && !at(w) })
		return err
	}, func(ctx context.Context) error {
		who, err := s.Person(ctx, p, id)
		if err == nil {
			_, err = s.inWays(ctx, who, nil, func(w register.Whose) bool { return w.Unseen == "" && at(w) })
		}
		return err
	})
}

func (s *Store) theirsWhere(ctx context.Context, who *Person, wanted func(register.Whose) bool) ([]*Theirs, error) {
	below := func(w register.Whose) bool { return w.Is == register.Pairing || w.Is == register.Side }
	all, err := s.inWays(ctx, who, nil, func(w register.Whose) bool { return wanted(w) && !below(w) })
	if err != nil {
		return nil, err
	}
	var pairings []*Theirs
	for _, t := range all {
		if t.Collection() == "pairings" {
			pairings = append(pairings, t)
		}
	}
	if len(pairings) > 0 {
		more, err := s.inWays(ctx, who, pairings, func(w register.Whose) bool { return wanted(w) && below(w) })
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	slices.SortStableFunc(all, func(a, b *Theirs) int { return cmp.Compare(a.last(), b.last()) })
	seen := map[string]bool{} // one that is about them in two ways is found twice
	return slices.DeleteFunc(all, func(t *Theirs) bool {
		before := seen[t.At]
		seen[t.At] = true
		return before
	}), nil
}

// inWays are the documents that are about somebody in some ways, looked for at once.
func (s *Store) inWays(ctx context.Context, who *Person, pairings []*Theirs, in func(register.Whose) bool) ([]*Theirs, error) {
	var look []func(context.Context) error
	var found [][]*Theirs
	for i := range Documents {
		d := &Documents[i]
		for _, w := range d.Register.Whose {
			if !in(w) {
				continue
			}
			k := len(found)
			found = append(found, nil)
			look = append(look, func(ctx context.Context) error {
				snaps, err := s.theirs(ctx, who, d, w, pairings)
				for _, snap := range snaps {
					t := &Theirs{d, w, pathOf(snap.Ref), reflect.New(d.Type).Interface(), snap}
					if err := decode(snap, t.Doc); err != nil {
						return fmt.Errorf("%s: %w", t.At, err)
					}
					found[k] = append(found[k], t)
				}
				return err
			})
		}
	}
	err := InParallel(ctx, look...)
	return slices.Concat(found...), err
}

// last says in which order documents go.
func (t *Theirs) last() int {
	switch t.Collection() {
	case "sessions", "logs", "shared", "notebooks", "endings":
		return 0
	case "pairings":
		return 2
	case "enrolments", "claims":
		return 3
	}
	return 1
}

// theirs are the documents of a type that are about somebody in one way.
func (s *Store) theirs(ctx context.Context, who *Person, d *Document, w register.Whose, pairings []*Theirs) ([]*firestore.DocumentSnapshot, error) {
	if w.Then == register.Stays || w.Then == register.OfStaff || w.Part != 0 {
		return nil, nil
	}
	if w.Is == register.Pairing || w.Is == register.Side {
		return s.belowPairings(ctx, who, d, w, pairings)
	}
	q, collection := s.within(who.Programme.ID, d)
	switch {
	case w.Is == register.Person && w.By == "":
		return s.present(ctx, []*firestore.DocumentRef{document(collection, who.ID)})
	case w.Is == register.Role && w.By == "":
		var refs []*firestore.DocumentRef
		for _, id := range who.IDs() {
			refs = append(refs, document(collection, id))
		}
		return s.present(ctx, refs)
	case w.Is == register.Person:
		return snapshots(ctx, q.Where(w.By, "==", who.ID), d.Collection())
	case w.Is == register.Role, w.Is == register.SeveralOf:
		op := map[register.Named]string{register.Role: "in", register.SeveralOf: "array-contains-any"}[w.Is]
		return snapshots(ctx, q.Where(w.By, op, who.IDs()), d.Collection())
	case w.Is == register.Address:
		var all []*firestore.DocumentSnapshot
		for some := range slices.Chunk(who.atAddresses(), mostInOneQuery) {
			found, err := snapshots(ctx, q.Where(w.By, "in", some), d.Collection())
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	}
	return nil, nil // what has ids inside a text, or names nobody
}

// mostInOneQuery is how many values Firestore compares a field with in one query.
const mostInOneQuery = 30

// within are the documents of a type in a programme, and their collection where it is one.
func (s *Store) within(p string, d *Document) (firestore.Query, *firestore.CollectionRef) {
	parts := strings.Split(d.Path, "/")
	switch {
	case parts[0] == "programmes" && len(parts) == 4:
		c := s.in(p, d.Collection())
		return c.Query, c
	case parts[0] == "programmes":
		return s.client.CollectionGroup(d.Collection()).Where("programme", "==", p), s.client.Collection(nowhere)
	}
	c := s.client.Collection(d.Collection())
	return c.Where("programme", "==", p), c
}

// belowPairings are the documents of a type below somebody's pairings: all of them, or those
// of their own side.
func (s *Store) belowPairings(ctx context.Context, who *Person, d *Document, w register.Whose, pairings []*Theirs) ([]*firestore.DocumentSnapshot, error) {
	var all []*firestore.DocumentSnapshot
	for _, t := range pairings {
		q := t.snap.Ref.Collection(d.Collection()).Query
		if w.Is == register.Side {
			role := programme.Client
			if !slices.Contains(who.IDs(), t.Doc.(*pairing.Pairing).Client) {
				role = programme.Consultant
			}
			q = q.Where(w.By, "==", role)
		}
		found, err := snapshots(ctx, q, d.Collection())
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// present are those of some documents that are there.
func (s *Store) present(ctx context.Context, refs []*firestore.DocumentRef) ([]*firestore.DocumentSnapshot, error) {
	var all []*firestore.DocumentSnapshot
	for some := range slices.Chunk(slices.DeleteFunc(refs, func(ref *firestore.DocumentRef) bool { return ref == nil }), MaxWrites) {
		found, err := s.getAll(ctx, some)
		if err != nil {
			return nil, failed(err, "read what is about somebody")
		}
		all = append(all, found...)
	}
	return slices.DeleteFunc(all, func(snap *firestore.DocumentSnapshot) bool { return !snap.Exists() }), nil
}

// snapshots are the documents of a query as they are stored.
func snapshots(ctx context.Context, q firestore.Query, what string) (all []*firestore.DocumentSnapshot, err error) {
	_, err = list(ctx, q, what, func(_ *snapshot, snap *firestore.DocumentSnapshot) { all = append(all, snap) })
	return all, err
}
