// Package forget carries out that people are forgotten: what was asked for and confirmed,
// once its day is over, and again what a backup brings back.
package forget

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/erasure"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/keys"
	"github.com/cascading-leadership/cascade/shared/platform/matches"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// Sweep is what each look does.
type Sweep struct {
	Store *store.Store
	// Keys are those by which it is kept that somebody was forgotten.
	Keys keys.Ring
	Now  clock.Clock
}

// restored is who asks for an erasure where a backup brought somebody back, and carriedOut
// who ends one.
const (
	restored   = "a backup that was loaded"
	carriedOut = "the sweep"
)

// rounds is how often one look goes on with one person: each leaves less, and what waits for
// somebody else is for the next look.
const rounds = 5

// Parts are the functions that have a part in forgetting somebody which they alone can do, as
// the register says.
func Parts() (all []string) {
	seen := map[string]bool{}
	for _, d := range slices.Concat(store.Documents, store.AnswerDocuments) {
		for _, w := range d.Register.Whose {
			for _, name := range w.Part.Names() {
				if !seen[name] {
					seen[name] = true
					all = append(all, name)
				}
			}
		}
	}
	return all
}

// Do carries out what is due in all programmes. What fails for one person holds up no other.
func (s Sweep) Do(ctx context.Context) error {
	programmes, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	settle, err := s.compare(ctx, programmes)
	if err != nil {
		return err
	}
	var failed []error
	for _, p := range programmes {
		all, err := s.Store.Erasures(ctx, p.ID)
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := s.one(ctx, p, e); err != nil {
				slog.ErrorContext(ctx, "erasure", "id", e.ID, "error", err)
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(append(failed, settle(ctx))...)
}

// one goes on with one person as far as it can now.
func (s Sweep) one(ctx context.Context, p *programme.Programme, e *erasure.Erasure) error {
	for range rounds {
		done, err := s.step(ctx, p, e)
		if done || err != nil && !store.IsConflict(err) {
			return err
		}
		if e, err = s.Store.Erasure(ctx, p.ID, e.ID); err != nil || e == nil {
			return err
		}
	}
	return nil
}

// step does the next thing about an erasure; done says that nothing is left to do now.
func (s Sweep) step(ctx context.Context, p *programme.Programme, e *erasure.Erasure) (done bool, err error) {
	now := s.Now()
	switch {
	case e.Lapsed(now):
		c := s.Store.Commit()
		c.DropErasure(p.ID, e)
		return true, c.Do(ctx)
	case !e.Due(now):
		return true, nil
	}
	who, err := s.Store.Person(ctx, p, e.ID)
	if err != nil {
		return false, err
	}
	if e.State != erasure.Begun {
		return false, s.begin(ctx, who, e, now)
	}
	left, err := s.Store.StopMessages(ctx, p.ID, who.IDs(), "the person is forgotten", now)
	if err != nil || left {
		return true, err // a sender has a message in its hands, for minutes at most
	}
	if len(e.Waits(Parts())) > 0 {
		return true, nil
	}
	if left, err = s.Store.Forget(ctx, who, now); err != nil || left {
		return false, err
	}
	return true, s.finish(ctx, who, e, now)
}

// begin has somebody leave, as everybody does who leaves: the others are told, and nothing of
// why. From then on it cannot be stopped.
func (s Sweep) begin(ctx context.Context, who *store.Person, e *erasure.Erasure, now time.Time) error {
	p := who.Programme
	ch := &matches.Change{Store: s.Store, Commit: s.Store.Commit(), Programme: p, Now: now, Quiet: e.By == restored}
	var leavers []*enrolment.Enrolment
	for _, each := range who.Enrolments {
		if each.State != enrolment.Withdrawn {
			leavers = append(leavers, each)
		}
	}
	if len(leavers) > 0 {
		if err := ch.Leave(ctx, leavers...); err != nil {
			return err
		}
	}
	hash := s.hash(p.ID, who.ID)[0]
	compared, err := s.Store.Compared(ctx)
	if err != nil {
		return err
	}
	again, err := s.Store.Buried(ctx, hash)
	if err != nil {
		return err
	}
	e.Begin(now)
	ch.SaveErasure(p.ID, e)
	ch.Bury(hash, &erasure.Tombstone{Programme: p.ID, At: now, CreatedAt: now})
	if !again { // one more, which is no backup's
		compared.Tombstones++
	}
	compared.At = now
	ch.SaveCompared(compared)
	ch.Audit(store.AuditEntry{Programme: p.ID, By: carriedOut, Did: "began to forget somebody, as was asked by " + by(e), To: hash, At: now})
	return ch.Do(ctx)
}

// by says who asked for an erasure, without saying whose it is.
func by(e *erasure.Erasure) string {
	if e.By == erasure.ByThemselves {
		return "the person"
	}
	return e.By
}

// finish ends an erasure once nothing is found any more that is about the person.
func (s Sweep) finish(ctx context.Context, who *store.Person, e *erasure.Erasure, now time.Time) error {
	again, err := s.Store.Theirs(ctx, who)
	if err != nil {
		return err
	}
	for _, t := range again {
		if _, itself := t.Doc.(*erasure.Erasure); !itself {
			return nil // written meanwhile: the next look finds it
		}
	}
	c := s.Store.Commit()
	c.Forgotten(who.Programme.ID, e, now)
	c.Audit(store.AuditEntry{Programme: who.Programme.ID, By: carriedOut, Did: "forgot somebody", To: s.hash(who.Programme.ID, who.ID)[0], At: now})
	return c.Do(ctx)
}

// hash are the keyed hashes of somebody in a programme, by each key.
func (s Sweep) hash(p, person string) []string {
	return s.Keys.Hashes(strings.Join([]string{p, person}, "\x00"))
}

// compare has those forgotten again whom a backup brought back. That one was loaded shows in
// the number of tombstones: they are more than when they were last compared, as the backup
// says, or were never compared. So nobody's documents are read as long as nothing is brought
// back. What it returns keeps that they are compared, once it has begun with whomever it
// found: until then the outbox writes to nobody.
func (s Sweep) compare(ctx context.Context, programmes []*programme.Programme) (settle func(context.Context) error, err error) {
	n, err := s.Store.CountTombstones(ctx)
	if err != nil {
		return nil, err
	}
	before, err := s.Store.Compared(ctx)
	if err != nil {
		return nil, err
	}
	if !before.Misses(n) && !before.Version.IsZero() {
		return func(context.Context) error { return nil }, nil
	}
	now := s.Now()
	for _, p := range programmes {
		if err := s.compareIn(ctx, p, now); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context) error {
		for _, p := range programmes {
			all, err := s.Store.Erasures(ctx, p.ID)
			if err != nil {
				return err
			}
			for _, e := range all {
				if e.By == restored && e.State != erasure.Begun {
					return nil // the next look goes on
				}
			}
		}
		compared, err := s.Store.Compared(ctx)
		if err != nil {
			return err
		}
		// Those that were begun since have counted themselves.
		compared.Tombstones, compared.At = compared.Tombstones+n-before.Tombstones, now
		c := s.Store.Commit()
		c.SaveCompared(compared)
		if err := c.Do(ctx); err != nil && !store.IsConflict(err) {
			return err
		}
		return nil
	}, nil
}

func (s Sweep) compareIn(ctx context.Context, p *programme.Programme, now time.Time) error {
	tombstones, err := s.Store.Tombstones(ctx, p.ID)
	if err != nil || len(tombstones) == 0 {
		return err
	}
	people, err := s.Store.People(ctx, p.ID)
	if err != nil {
		return err
	}
	for person, since := range people {
		if !slices.ContainsFunc(s.hash(p.ID, person), func(hash string) bool {
			t := tombstones[hash]
			return t != nil && t.Again(since)
		}) {
			continue
		}
		if err := s.again(ctx, p, person, now); err != nil {
			return err
		}
	}
	return nil
}

// again has somebody forgotten once more. An erasure of theirs that the backup holds as it was
// before it was carried out waits for nothing any more.
func (s Sweep) again(ctx context.Context, p *programme.Programme, person string, now time.Time) error {
	e, err := s.Store.Erasure(ctx, p.ID, person)
	if err != nil {
		return err
	}
	if e == nil {
		e = erasure.AskFor(person, enrolment.IDs(person)[0], "", "", now)
	}
	if e.State == erasure.Begun {
		return nil
	}
	e.Resume(restored, "they were forgotten before", now)
	c := s.Store.Commit()
	c.SaveErasure(p.ID, e)
	if err := c.Do(ctx); err != nil && !store.IsConflict(err) { // it goes on already
		return err
	}
	return nil
}
