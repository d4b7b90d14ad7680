package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/id"
)

// A document about which something will be owed says so in its field dueAt, and in a
// diary: a collection for each day, such as due-2027-03-01, with an entry for each
// document at which reminders are to look on that day. The entry is written in the
// same commit as the document. So a tick reads what is due today, and none of what is
// due on all other days, however large the programme.
//
// The entry is a hint and the document the truth: an entry from which the document has
// moved on is dropped when its day comes.

// Due is an entry of the diary: a document to look at.
type Due struct {
	// Path is the document's, such as "programmes/p/pairings/x".
	Path  string    `firestore:"path"`
	DueAt time.Time `firestore:"dueAt"`
	// Tries is how many looks have failed.
	Tries     int       `firestore:"tries"`
	CreatedAt time.Time `firestore:"createdAt"`

	ref     *firestore.DocumentRef
	version time.Time
}

// Programme is the id of the programme to which the document belongs.
func (d *Due) Programme() string { return strings.Split(d.Path, "/")[1] }

// Kind is the name of the document's collection.
func (d *Due) Kind() string {
	parts := strings.Split(d.Path, "/")
	return parts[len(parts)-2]
}

// DiaryDay is the day of the diary for a time, in UTC.
func DiaryDay(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// diary is the collection of a day.
func (s *Store) diary(day string) *firestore.CollectionRef { return s.client.Collection("due-" + day) }

// entry is a document's place in the diary. What is due in the past stands on the day
// on which it is written, since the days before may have been worked off.
func (s *Store) entry(path string, dueAt time.Time) *firestore.DocumentRef {
	if now := s.now(); dueAt.Before(now) {
		dueAt = now
	}
	return s.diary(DiaryDay(dueAt)).Doc(entryID(path))
}

// entryID is the id of a document's entries, on whichever day.
func entryID(path string) string {
	sum := sha256.Sum256([]byte(path))
	return id.FromHash(sum[:])
}

// due writes into the diary when to look at a document of this commit next.
func (c *Commit) due(ref *firestore.DocumentRef, dueAt time.Time) {
	if dueAt.IsZero() || c.err != nil {
		return
	}
	path := pathOf(ref)
	d := Due{Path: path, DueAt: dueAt, CreatedAt: c.store.now()}
	c.set(c.store.entry(path, dueAt), d)
}

// Looked drops an entry of the diary whose document is written in this commit, with
// when to look at it next. The document's guard is the entry's too: whoever writes the
// entry anew writes the document.
func (c *Commit) Looked(d *Due, next time.Time) {
	if !next.IsZero() && c.store.entry(d.Path, next).Path == d.ref.Path {
		return // it stands there anew
	}
	if c.add(d.ref, nil) {
		c.batch.Delete(d.ref)
	}
}

// Drop drops an entry of the diary, unless it was written anew.
func (c *Commit) Drop(d *Due) { c.delete(d.ref, d.version) }

// Postpone has an entry of the diary looked at again later, since its document could
// not be handled. That document stays as it is.
func (c *Commit) Postpone(d *Due, until time.Time) { c.later(d, until, d.Tries+1) }

// Await has an entry of the diary looked at again later, since it is not known yet what its
// document asks for. That document stays as it is.
func (c *Commit) Await(d *Due, until time.Time) { c.later(d, until, d.Tries) }

func (c *Commit) later(d *Due, until time.Time, tries int) {
	later := Due{Path: d.Path, DueAt: until, Tries: tries, CreatedAt: d.CreatedAt}
	if at := c.store.entry(d.Path, until); at.Path != d.ref.Path {
		c.delete(d.ref, d.version)
		c.set(at, later)
		return
	}
	c.update(d.ref, later, d.version)
}

// DueOn lists up to n entries of a day of the diary that are due at the time now, the
// longest waiting first.
func (s *Store) DueOn(ctx context.Context, day string, now time.Time, n int) ([]*Due, error) {
	return list(ctx, s.diary(day).Where("dueAt", "<=", now).OrderBy("dueAt", firestore.Asc).Limit(n), "entries of the diary",
		func(d *Due, snap *firestore.DocumentSnapshot) { d.ref, d.version = snap.Ref, snap.UpdateTime })
}

// DueDocument is the document of an entry: one of *enrolment.Enrolment, *enrolment.Claim, *pairing.Match,
// *pairing.Pairing, *pairing.Session, *questionnaire.Invitation, *complaint.Complaint, *nomination.Nomination, *sealed.Letter and
// *reminder.Digest,
// or nil where it is not there. Err says why it cannot be read.
type DueDocument struct {
	Doc any
	Err error
}

// DueDocuments reads the documents of entries in one round trip.
func (s *Store) DueDocuments(ctx context.Context, all []*Due) ([]DueDocument, error) {
	refs := make([]*firestore.DocumentRef, len(all))
	for i, d := range all {
		if refs[i] = s.client.Doc(d.Path); refs[i] == nil {
			return nil, fmt.Errorf("read what is due: malformed path of the entry %s", d.ref.ID)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	snaps, err := s.client.GetAll(ctx, refs)
	if err != nil {
		return nil, failed(err, "read what is due")
	}
	found := make([]DueDocument, len(all))
	for i, snap := range snaps {
		if !snap.Exists() {
			continue
		}
		switch all[i].Kind() {
		case "enrolments":
			found[i] = decoded(snap, enrolmentAt)
		case "claims":
			found[i] = decoded(snap, claimAt)
		case "matches":
			found[i] = decoded(snap, matchAt)
		case "pairings":
			found[i] = decoded(snap, pairingAt)
		case "sessions":
			found[i] = decoded(snap, sessionAt)
		case "invitations":
			found[i] = decoded(snap, invitationAt)
		case "complaints":
			found[i] = decoded(snap, complaintAt)
		case "nominations":
			found[i] = decoded(snap, nominationAt)
		case "sealedLetters":
			found[i] = decoded(snap, sealedAt)
		case "digests":
			found[i] = decoded(snap, digestAt)
		default:
			found[i].Err = fmt.Errorf("read what is due: nothing is ever owed about %s", all[i].Kind())
		}
	}
	return found, nil
}

func decoded[T any](snap *firestore.DocumentSnapshot, at func(*T, *firestore.DocumentSnapshot)) DueDocument {
	v := new(T)
	if err := decode(snap, v); err != nil {
		return DueDocument{Err: fmt.Errorf("read what is due: %w", err)}
	}
	at(v, snap)
	return DueDocument{Doc: v}
}

// diaryDays is how far the diary was worked off.
type diaryDays struct {
	// From is the first day that may still have entries.
	From string `firestore:"from"`
}

// farBack is how many days back the diary is looked through the first time.
const farBack = 35

func (s *Store) diaryDays() *firestore.DocumentRef { return s.client.Collection("due").Doc("days") }

// DiaryFrom is the first day of the diary that may have entries that are due at now.
func (s *Store) DiaryFrom(ctx context.Context, now time.Time) (string, error) {
	d := new(diaryDays)
	_, err := read(ctx, s.diaryDays(), "diary", d)
	if fault.Is(err, fault.NotFound) {
		return DiaryDay(now.AddDate(0, 0, -farBack)), nil
	}
	// Where the programme's date was moved back, what is due now stands before.
	return min(d.From, DiaryDay(now)), err
}

// WorkedOff records that no day of the diary before a day has entries, and none will
// be written.
func (s *Store) WorkedOff(ctx context.Context, from string) error {
	c := s.Commit()
	c.set(s.diaryDays(), diaryDays{From: from})
	return c.Do(ctx)
}
