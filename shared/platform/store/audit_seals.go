package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/cascading-leadership/cascade/shared/audit"
	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
)

func (s *Store) seals() *firestore.CollectionRef { return s.client.Collection("seals") }

func (s *Store) sealParts(hour string) *firestore.CollectionRef {
	if !isID(hour) {
		hour = nowhere
	}
	return s.seals().Doc(hour).Collection("sealParts")
}

func sealAt(*audit.Seal, *firestore.DocumentSnapshot) {}

func sealPartAt(p *audit.Part, snap *firestore.DocumentSnapshot) { p.ID = snap.Ref.ID }

// sealHashes are the keyed hashes by which hours are sealed: the first seals, and what the
// others sealed is still known.
func sealHashes(ring keys.Ring) (all []audit.Hash) {
	ring = ring.For("audit seals")
	for i := range ring {
		all = append(all, ring[i:i+1].Hash)
	}
	return all
}

const (
	// sealBytes is about how much goes into one commit of seals, and sealsAtOnce how many
	// hours: a year without any sealing is made up for in some minutes.
	sealBytes   = 2 << 20
	sealsAtOnce = 400
)

// SealAudit seals every hour of the audit trail that is over for long enough and has no
// seal yet, empty ones too, and says how many. Of two at once each hour is sealed by one:
// a seal is created under its hour, and is the same whoever makes it.
func (s *Store) SealAudit(ctx context.Context, ring keys.Ring, now time.Time) (sealed int, err error) {
	for range tries {
		n, err := s.sealAudit(ctx, sealHashes(ring)[0], audit.LastOver(now))
		if sealed += n; !errors.Is(err, ErrExists) {
			return sealed, err
		}
	}
	return sealed, ErrExists
}

func (s *Store) sealAudit(ctx context.Context, h audit.Hash, due string) (sealed int, err error) {
	all, err := list(ctx, s.seals().OrderBy("hour", firestore.Desc).Limit(1), "seals", sealAt)
	if err != nil {
		return 0, err
	}
	var last *audit.Seal
	hour := due
	if len(all) > 0 {
		last = all[0]
		hour = last.Next()
	} else {
		first, err := list(ctx, s.auditEntries().OrderBy("hour", firestore.Asc).Limit(1), "audit entries", auditEntryAt)
		if err != nil {
			return 0, err
		}
		if len(first) > 0 {
			hour = first[0].Hour
		}
	}
	c, bytes := s.Commit(), 0
	commit := func() error {
		if err := c.Do(ctx); err != nil {
			return err
		}
		c, bytes = s.Commit(), 0
		return nil
	}
	entries := newHourly(s.entriesOf(ctx, hour, due))
	defer entries.stop()
	at, err := s.Time(ctx)
	if err != nil {
		return 0, err
	}
	made := 0
	for ; hour <= due; hour = last.Next() {
		of, err := entries.take(hour)
		if err != nil {
			return sealed, err
		}
		seal, parts := audit.Close(last, hour, of, at, h)
		for _, p := range parts { // before the seal that names them; a rival writes the same
			if err := s.add(ctx, []addition{{document(s.sealParts(hour), p.ID), p}}); err != nil {
				return sealed, err
			}
		}
		c.create(document(s.seals(), hour), seal)
		last = seal
		made++
		if bytes += len(seal.Entries); bytes > sealBytes || made == sealsAtOnce {
			if err := commit(); err != nil {
				return sealed, err
			}
			sealed, made = sealed+made, 0
		}
	}
	if err := commit(); err != nil {
		return sealed, err
	}
	return sealed + made, nil
}

// entriesOf are the entries of hours up to and with the last one, in the order of hours.
func (s *Store) entriesOf(ctx context.Context, first, last string) iter.Seq2[*audit.Entry, error] {
	return func(yield func(*audit.Entry, error) bool) {
		q := s.auditEntries().Where("hour", ">=", first)
		if last != "" {
			q = q.Where("hour", "<=", last)
		}
		q = q.OrderBy("hour", firestore.Asc).OrderBy(firestore.DocumentID, firestore.Asc).Limit(pageSize)
		for {
			page, err := list(ctx, q, "audit entries", auditEntryAt)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			q = q.StartAfter(page[len(page)-1].Hour, page[len(page)-1].ID)
		}
	}
}

// hourly gives entries hour by hour.
type hourly struct {
	next func() (*audit.Entry, error, bool)
	stop func()
	held *audit.Entry
	err  error
	over bool
}

func newHourly(all iter.Seq2[*audit.Entry, error]) *hourly {
	h := new(hourly)
	h.next, h.stop = iter.Pull2(all)
	h.advance()
	return h
}

func (h *hourly) advance() {
	e, err, ok := h.next()
	h.held, h.err, h.over = e, err, !ok
}

// hour is that of the next entry, "" for none.
func (h *hourly) hour() string {
	if h.over || h.held == nil {
		return ""
	}
	return h.held.Hour
}

// take are the entries of an hour, which no earlier one precedes.
func (h *hourly) take(hour string) (all []*audit.Entry, err error) {
	for !h.over && h.err == nil && h.held.Hour == hour {
		all = append(all, h.held)
		h.advance()
	}
	return all, h.err
}

// AuditVerified is what was found of the trail.
type AuditVerified struct {
	Findings []audit.Finding
	// Hours and Entries are how many were compared, First and Last the hours, and Head the
	// last seal's.
	Hours, Entries    int
	First, Last, Head string
	// Open is how many entries wait for the next seal.
	Open int
}

// AuditKept is what somebody kept of the trail elsewhere: an hour and its seal's head.
type AuditKept struct{ Hour, Head string }

// VerifyAudit compares the whole trail with its seals, as it is now. restored is when the
// database was last restored from a copy, or the zero time: whatever was written until then
// may be older than it looks. kept are heads that were kept elsewhere.
func (s *Store) VerifyAudit(ctx context.Context, ring keys.Ring, now, restored time.Time, kept ...AuditKept) (*AuditVerified, error) {
	v, hashes := new(AuditVerified), sealHashes(ring)
	forgotten := audit.Forgotten(now)
	heads := map[string]string{}
	for _, k := range kept {
		heads[k.Hour] = k.Head
	}
	add := func(what audit.What, id, hour string) {
		v.Findings = append(v.Findings, audit.Finding{What: what, ID: id, Hour: hour})
	}
	entries := newHourly(s.entriesOf(ctx, forgotten, ""))
	defer entries.stop()
	var last *audit.Seal
	for seal, err := range s.allSeals(ctx, forgotten) {
		if err != nil {
			return nil, err
		}
		before := last
		switch {
		case last == nil:
			if v.First = seal.Hour; seal.Prev != "" && seal.Hour > forgotten { // what came before is not old enough to be forgotten
				add(audit.NoSeal, "", "before "+seal.Hour)
			}
		case last.Next() != seal.Hour:
			v.Findings = append(v.Findings, audit.Gaps(last, seal.Hour)...)
			before = nil
		}
		for hour := entries.hour(); hour != "" && hour < seal.Hour; hour = entries.hour() {
			all, err := entries.take(hour)
			if err != nil {
				return nil, err
			}
			for _, e := range all {
				add(audit.Late, e.ID, hour)
			}
		}
		of, err := entries.take(seal.Hour)
		if err != nil {
			return nil, err
		}
		parts, err := s.partsOf(ctx, seal)
		if err != nil {
			return nil, err
		}
		v.Findings = append(v.Findings, seal.Check(before, parts, of, restored, hashes)...)
		if head, ok := heads[seal.Hour]; ok && head != seal.Head {
			add(audit.OtherHead, "", seal.Hour)
		}
		delete(heads, seal.Hour)
		v.Hours++
		v.Entries += len(of)
		v.Last, v.Head, last = seal.Hour, seal.Head, seal
	}
	// A tick may be late: only what should have been sealed by the one before is amiss.
	switch overdue := audit.LastOver(now.Add(-time.Hour)); {
	case last != nil:
		v.Findings = append(v.Findings, audit.Gaps(last, (&audit.Seal{Hour: overdue}).Next())...)
	case entries.hour() != "" && entries.hour() <= overdue:
		add(audit.NoSeal, "", entries.hour())
	}
	for hour := range heads {
		if hour >= forgotten {
			add(audit.OtherHead, "", hour)
		}
	}
	for hour := entries.hour(); hour != ""; hour = entries.hour() {
		all, err := entries.take(hour)
		if err != nil {
			return nil, err
		}
		v.Open += len(all)
	}
	return v, entries.err
}

// allSeals are the seals from an hour on, in order, a few at a time: each may be long.
func (s *Store) allSeals(ctx context.Context, from string) iter.Seq2[*audit.Seal, error] {
	const atOnce = 100
	return func(yield func(*audit.Seal, error) bool) {
		q := s.seals().Where("hour", ">=", from).OrderBy("hour", firestore.Asc).Limit(atOnce)
		for {
			page, err := list(ctx, q, "seals", sealAt)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, seal := range page {
				if !yield(seal, nil) {
					return
				}
			}
			if len(page) < atOnce {
				return
			}
			q = q.StartAfter(page[len(page)-1].Hour)
		}
	}
}

// partsOf are the parts that a seal names, nil for one that is not there.
func (s *Store) partsOf(ctx context.Context, seal *audit.Seal) ([]*audit.Part, error) {
	var refs []*firestore.DocumentRef
	for _, id := range seal.Parts {
		refs = append(refs, document(s.sealParts(seal.Hour), id))
	}
	return readAll(ctx, s, refs, "parts of a seal", sealPartAt)
}

// ForgetAudit deletes what of the trail is kept for long enough, entries before the seal of
// their hour, and a bounded part of it: the next goes on from there. Verifying looks at
// nothing that is so old.
func (s *Store) ForgetAudit(ctx context.Context, now time.Time) error {
	forgotten, commits := audit.Forgotten(now), sweepCommits
	if done, err := s.sweepAll(ctx, s.auditEntries().Where("hour", "<", forgotten), &commits); err != nil || !done {
		return err
	}
	old := s.seals().Where("hour", "<", forgotten)
	all, err := list(ctx, old.Limit(MaxWrites), "seals", sealAt)
	if err != nil {
		return err
	}
	for _, seal := range all {
		if len(seal.Parts) > 0 {
			if done, err := s.sweepAll(ctx, s.sealParts(seal.Hour).Query, &commits); err != nil || !done {
				return err
			}
		}
	}
	if len(all) > 0 {
		_, err = s.sweepAll(ctx, old, &commits)
	}
	return err
}

// formerAuditEntry is one of a version before, with ids in it.
type formerAuditEntry struct {
	Programme string    `firestore:"programme"`
	By        string    `firestore:"by"`
	Did       string    `firestore:"did"`
	To        string    `firestore:"to"`
	At        time.Time `firestore:"at"`
	CreatedAt time.Time `firestore:"createdAt"`
}

// chosen is how a version before wrote whom somebody chose: with the id in the words.
const chosen = "chose %s from the directory"

// MoveAudit writes the entries of versions before anew, by pseudonyms, and deletes them
// where they stood; where apply is not set it only counts them. They keep what they say and
// when that was, and are sealed with the hour in which they are moved, since nothing says
// what they were before. Safe to run twice, and beside everything else.
func (s *Store) MoveAudit(ctx context.Context, apply bool) (int, error) {
	type found struct {
		formerAuditEntry
		ref     *firestore.DocumentRef
		version time.Time
	}
	all, err := listAll(ctx, s.client.Collection("audit").Query, time.Time{}, "audit entries", func(x *snapshot, snap *firestore.DocumentSnapshot) { x.of = snap })
	if err != nil || !apply {
		return len(all), err
	}
	for i, each := range all {
		x := found{ref: each.of.Ref, version: each.of.UpdateTime}
		if err := each.of.DataTo(&x.formerAuditEntry); err != nil {
			return i, fmt.Errorf("%s: %w", pathOf(x.ref), err)
		}
		e := AuditEntry{Programme: x.Programme, By: x.By, Did: x.Did, To: x.To, At: x.At}
		var who string
		if n, _ := fmt.Sscanf(x.Did, chosen, &who); n == 1 {
			e.Did, e.About = "chose somebody from the directory", []string{who}
		}
		c := s.Commit()
		c.Audit(e)
		c.delete(x.ref, x.version)
		if err := c.Do(ctx); err != nil && !IsConflict(err) && !fault.Is(err, fault.NotFound) {
			return i, err
		}
	}
	return len(all), nil
}
