package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

// AuditEntry says who did what, when, to which document, and whom that is about. It names
// ids only, and its own words are none that somebody wrote.
type AuditEntry struct {
	// Kind is audit.Change where it is "".
	Kind      audit.Kind
	Programme string
	// Shown are the programmes in which it is read, where that is not Programme.
	Shown []string
	By    string // the staff member's, the person's or enrolment's id
	Did   string
	To    string
	// About are the enrolments, people or members of staff whom it is about, beside By and To.
	About []string
	// Times is how often, where it counts.
	Times int
	// At is when, or the zero time for now.
	At time.Time
}

// auditKeys are derived from the keys of the audit trail: one hashes ids to pseudonyms, and
// one hides them, for the page on which administrators read who it was.
type auditKeys struct{ pseudonyms, names keys.Ring }

// SetAuditKeys gives the store the keys of the audit trail. Without them nothing can be
// added to it. It comes before anything else.
func (s *Store) SetAuditKeys(ring keys.Ring) {
	s.audit = auditKeys{ring.For("audit pseudonyms"), ring.For("audit names")}
}

// Pseudonyms are those of somebody in the trail, by an id of theirs: one person has the
// same ones in both roles. The first is what is written, the others are of keys before.
func (s *Store) Pseudonyms(of string) []string {
	all := s.audit.pseudonyms.Hashes(enrolment.PersonOf(of))
	for i := range all {
		all[i] = short(all[i])
	}
	return all
}

// short is a pseudonym, 128 bits of a keyed hash.
func short(hash string) string { return hash[:32] }

func (s *Store) pseudonym(of string) string {
	if of == "" {
		return ""
	}
	return s.Pseudonyms(of)[0]
}

// Audit adds an entry to the audit trail, in the commit that it is about. Its id is random,
// so that no two writers meet, and it reads nothing.
func (c *Commit) Audit(e AuditEntry) {
	if len(c.store.audit.pseudonyms) == 0 {
		c.err = errors.New("commit: there are no keys for the audit trail: set CASCADE_AUDIT_KEYS")
		return
	}
	if e.Kind == "" {
		e.Kind = audit.Change
	}
	now := c.store.now().UTC().Truncate(time.Microsecond)
	if e.At.IsZero() {
		e.At = now
	}
	x := e.stored(c.store, rand.Text(), now)
	c.create(document(c.store.auditEntries(), x.ID), x)
	if e.Kind == audit.Change {
		c.transitions = append(c.transitions, transition{what: "done", attrs: []any{"did", e.Did, "to", e.To, "programme", e.Programme}})
	}
}

// stored is the entry as it is written under an id.
func (e *AuditEntry) stored(s *Store, id string, now time.Time) *audit.Entry {
	x := &audit.Entry{ID: id, Kind: e.Kind, Programme: e.Programme, Did: e.Did, By: s.pseudonym(e.By), To: s.pseudonym(e.To), Times: e.Times,
		At: e.At.UTC().Truncate(time.Microsecond), Hour: audit.HourOf(now)}
	for _, id := range e.About {
		if p := s.pseudonym(id); p != "" && !slices.Contains(x.About, p) {
			x.About = append(x.About, p)
		}
	}
	shown := e.Shown
	if len(shown) == 0 && e.Programme != "" {
		shown = []string{e.Programme}
	}
	if len(shown) == 0 && e.By == "" && e.To == "" {
		shown = []string{audit.Everywhere}
	}
	x.Find = audit.Words(shown, append([]string{x.By, x.To}, x.About...)...)
	if e.By != "" || e.To != "" || len(e.About) > 0 {
		names, _ := json.Marshal(audit.Names{By: e.By, To: e.To, About: e.About}) // of texts
		x.Named = s.audit.names.Encrypt(string(names), x.ID)
	}
	return x
}

// NamesOf are the ids that an entry names, as far as the keys still read them.
func (s *Store) NamesOf(e *audit.Entry) (n audit.Names) {
	if text, ok := s.audit.names.Decrypt(e.Named, e.ID); ok {
		_ = json.Unmarshal([]byte(text), &n) // which wrote it
	}
	return n
}

func (s *Store) auditEntries() *firestore.CollectionRef { return s.client.Collection("auditEntries") }

func auditEntryAt(e *audit.Entry, snap *firestore.DocumentSnapshot) {
	e.ID, e.Written = snap.Ref.ID, snap.CreateTime
}

// AuditPage is some entries of the trail, the latest first.
type AuditPage struct {
	Entries []*audit.Entry
	// Next is the cursor of the page after it, "" for none.
	Next string
}

// AuditWanted is which entries of the trail are asked for.
type AuditWanted struct {
	// Programme is in which they are shown, beside those that belong to none.
	Programme string
	// People are pseudonyms of one person, "" for everybody.
	People []string
	// From and Before bound the time, where they are not zero.
	From, Before time.Time
	// After is the cursor of a page, and Most how many entries one has.
	After string
	Most  int
}

// AuditEntries reads a page of the trail. However long that is, it is so many reads.
func (s *Store) AuditEntries(ctx context.Context, want AuditWanted) (*AuditPage, error) {
	words := []string{want.Programme, audit.Everywhere}
	if len(want.People) > 0 {
		words = nil
		for _, who := range want.People {
			words = append(words, want.Programme+" "+who)
		}
	}
	q := s.auditEntries().Where("find", "array-contains-any", words)
	if !want.From.IsZero() {
		q = q.Where("at", ">=", want.From)
	}
	if !want.Before.IsZero() {
		q = q.Where("at", "<", want.Before)
	}
	q = q.OrderBy("at", firestore.Desc).OrderBy(firestore.DocumentID, firestore.Desc).Limit(want.Most + 1)
	if want.After != "" {
		at, id, ok := strings.Cut(want.After, "_")
		micros, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil || !isID(id) {
			return nil, fault.New(fault.NotFound, "There is no such page. Begin with the first one.")
		}
		q = q.StartAfter(time.UnixMicro(micros).UTC(), id)
	}
	all, err := list(ctx, q, "audit entries", auditEntryAt)
	if err != nil {
		return nil, err
	}
	page := &AuditPage{Entries: all}
	if len(all) > want.Most {
		page.Entries = all[:want.Most]
		last := page.Entries[want.Most-1]
		page.Next = strconv.FormatInt(last.At.UnixMicro(), 10) + "_" + last.ID
	}
	return page, nil
}
