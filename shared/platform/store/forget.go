package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/register"
)

// together is how many documents one commit forgets: those of most people.
const together = 200

// StopMessages has everything that waits to be sent to somebody not sent any more, whatever
// becomes of it. left says that a sender has one in its hands, for minutes at most.
func (s *Store) StopMessages(ctx context.Context, p string, ids []string, why string, now time.Time) (left bool, err error) {
	for _, id := range ids {
		all, err := list(ctx, s.client.Collection("outbox").Where("programme", "==", p).Where("to", "==", id), "messages", messageAt)
		if err != nil {
			return false, err
		}
		for some := range slices.Chunk(slices.DeleteFunc(all, func(m *outbox.Message) bool { return m.State.Final() }), together) {
			c := s.Commit()
			for _, m := range some {
				if m.InHand(m.ReadAt) {
					left = true
					continue
				}
				m.Drop(why)
				m.UpdatedAt = now
				c.UpdateMessage(m)
			}
			if err := c.Do(ctx); IsConflict(err) { // a sender was faster
				left = true
			} else if err != nil {
				return false, err
			}
		}
	}
	return left, nil
}

// forgets is what has something of a person in it that is somebody else's, too.
type forgets interface {
	Forget(ids []string) (nobody bool)
}

// Forget takes away what is about somebody, or takes them out of it, by the register: a
// commit at a time, so that whoever goes on finds the rest. It leaves alone that they are to
// be forgotten, which is the caller's to end. left says that something changed meanwhile, or
// cannot go yet.
func (s *Store) Forget(ctx context.Context, who *Person, now time.Time) (left bool, err error) {
	all, err := s.Theirs(ctx, who)
	if err != nil {
		return false, err
	}
	all = slices.DeleteFunc(all, func(t *Theirs) bool { return t.Collection() == "erasures" })
	for _, forget := range []func() (bool, error){
		func() (bool, error) { return s.forgetInside(ctx, who) },
		func() (bool, error) { return s.forgetOrganisation(ctx, who, now) },
		func() (bool, error) { return s.forgetDue(ctx, all) },
	} {
		more, err := forget()
		if err != nil {
			return false, err
		}
		left = left || more
	}
	for some := range slices.Chunk(all, together) {
		c := s.Commit()
		for _, t := range some {
			if m, ok := t.Doc.(*outbox.Message); ok && !m.State.Final() {
				left = true
				continue
			}
			// What the others are found by goes once they are gone.
			if left && t.last() == 3 && t.Whose.Then == register.Deleted {
				continue
			}
			if err := c.forget(who, t); err != nil {
				return false, err
			}
		}
		if err := c.Do(ctx); IsConflict(err) {
			return true, nil // in their order: the next time goes on from here
		} else if err != nil {
			return false, err
		}
	}
	return left, nil
}

// forget adds what becomes of one document.
func (c *Commit) forget(who *Person, t *Theirs) error {
	switch t.Whose.Then {
	case register.Deleted:
		c.delete(t.snap.Ref, t.snap.UpdateTime)
	case register.Without:
		doc, ok := t.Doc.(forgets)
		if !ok {
			return fmt.Errorf("forget: %s is somebody else's too, and its type has no method Forget", t.Path)
		}
		if doc.Forget(who.IDs()) {
			c.delete(t.snap.Ref, t.snap.UpdateTime)
		} else {
			c.update(t.snap.Ref, t.Doc, t.snap.UpdateTime)
		}
	default:
		return fmt.Errorf("forget: nothing is done with %s of which %s", t.Path, t.Whose.Then)
	}
	return nil
}

// forgetInside takes somebody out of the pages of the programme's matching runs, in which
// ids stand: another that means nobody takes its place, of the same length, so that what
// was proven with it still is.
func (s *Store) forgetInside(ctx context.Context, who *Person) (left bool, err error) {
	runs, err := listAll(ctx, s.runs(who.Programme.ID).Select("schema"), time.Time{}, "matching runs", runAt)
	if err != nil {
		return false, err
	}
	for _, run := range runs {
		var refs []*firestore.DocumentSnapshot
		all, err := list(ctx, s.ofRun(who.Programme.ID, run.ID, "parts").OrderBy(firestore.DocumentID, firestore.Asc), "parts of a matching run",
			func(_ *part, snap *firestore.DocumentSnapshot) { refs = append(refs, snap) })
		if err != nil {
			return false, err
		}
		changed := relabelled(all, who.IDs())
		for some := range slices.Chunk(changed, 4) { // half a mebibyte each
			c := s.Commit()
			for _, i := range some {
				c.update(refs[i].Ref, all[i], refs[i].UpdateTime)
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

// relabelled puts random ids in the place of some in the texts of parts, which may begin in
// one part of a text and end in the next, and returns which parts it changed.
func relabelled(all []*part, ids []string) (changed []int) {
	for from := 0; from < len(all); {
		to := from
		var text []byte
		for ; to < len(all) && all[to].Kind == all[from].Kind; to++ {
			text = append(text, all[to].Text...)
		}
		if all[from].Kind != leaves { // which are hashes
			before := bytes.Clone(text)
			for _, id := range ids {
				text = bytes.ReplaceAll(text, []byte(id), label(id))
			}
			at := 0
			for i := from; i < to; i++ {
				n := len(all[i].Text)
				if !bytes.Equal(before[at:at+n], text[at:at+n]) {
					all[i].Text = text[at : at+n]
					changed = append(changed, i)
				}
				at += n
			}
		}
		from = to
	}
	return changed
}

// label is a random id of the length and the role of another.
func label(id string) []byte {
	random := strings.ToLower(rand.Text() + rand.Text())
	person := enrolment.PersonOf(id)
	return []byte(random[:min(len(person), len(random))] + id[min(len(person), len(random)):])
}

// forgetOrganisation takes somebody's organisation out of those whom others may mean by an
// organisation that they do not want to work with.
func (s *Store) forgetOrganisation(ctx context.Context, who *Person, now time.Time) (left bool, err error) {
	others, err := listAll(ctx, s.unclear(who.Programme.ID).Query, time.Time{}, "entries to settle", unclearAt)
	if err != nil {
		return false, err
	}
	for some := range slices.Chunk(others, together) {
		c := s.Commit()
		for _, u := range some {
			changed := false
			for _, e := range who.Enrolments {
				changed = u.ForgetOrganisation(e.Organisation) || changed
			}
			if changed && !slices.Contains(who.IDs(), u.ID) {
				u.UpdatedAt = now
				c.SaveUnclear(who.Programme.ID, u)
			}
		}
		if err := c.Do(ctx); IsConflict(err) {
			left = true
		} else if err != nil {
			return false, err
		}
	}
	return left, nil
}

// forgetDue drops the entries of the diary, on whichever day, for documents that go.
func (s *Store) forgetDue(ctx context.Context, all []*Theirs) (left bool, err error) {
	var paths []string
	for _, t := range all {
		if t.Whose.Then == register.Deleted && slices.Contains([]string{"claims", "enrolments", "invitations"}, t.Collection()) {
			paths = append(paths, t.At)
		}
	}
	if len(paths) == 0 {
		return false, nil
	}
	roots, err := s.client.Collections(ctx).GetAll()
	if err != nil {
		return false, failed(err, "list collections")
	}
	var refs []*firestore.DocumentRef
	for _, c := range roots {
		if strings.HasPrefix(c.ID, "due-") {
			for _, path := range paths {
				refs = append(refs, c.Doc(entryID(path)))
			}
		}
	}
	found, err := s.present(ctx, refs)
	if err != nil {
		return false, err
	}
	for some := range slices.Chunk(found, together) {
		c := s.Commit()
		for _, snap := range some {
			c.delete(snap.Ref, snap.UpdateTime)
		}
		if err := c.Do(ctx); IsConflict(err) {
			left = true
		} else if err != nil {
			return false, err
		}
	}
	return left, nil
}

// Forgotten ends the erasure of somebody of whom nothing is left, with its tombstone.
func (c *Commit) Forgotten(p string, e *erasure.Erasure, now time.Time) {
	c.DropErasure(p, e)
	c.LogTransition("erasure", e.ID, "done")
}
