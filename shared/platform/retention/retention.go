// Package retention carries out that a programme keeps what is about people until a year
// after its end, and no longer: it announces what will be deleted, lets that stand for a month,
// and deletes it. What that is says the register, see package store.
package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
	"github.com/cascading-leadership/cascade/shared/register"
)

// Sweep is what each look does.
type Sweep struct {
	Store *store.Store
	Now   clock.Clock
	// By is who deletes, and Why what the audit trail says beside it.
	By, Why string
	// Commits bounds the commits of one look at one programme. The next goes on from there.
	Commits int
}

// usual is what a look of the schedule may do: ten thousand documents, in half a minute.
const usual = 50

// Scheduled is the sweep of the schedule.
func Scheduled(s *store.Store, now clock.Clock) Sweep {
	return Sweep{Store: s, Now: now, By: "the sweep", Why: "a year after the programme’s end", Commits: usual}
}

// Do goes on with all programmes. What fails for one holds up no other.
func (s Sweep) Do(ctx context.Context) error {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		if err := s.One(ctx, p); err != nil && !store.IsConflict(err) { // another look goes on with it
			errs = append(errs, fmt.Errorf("programme %s: %w", p.ID, err))
		}
	}
	return errors.Join(errs...)
}

// One goes on with a programme as far as it can now.
func (s Sweep) One(ctx context.Context, p *programme.Programme) error {
	now := s.Now()
	switch r := &p.Retention; {
	case r.Done():
		return nil
	case p.ToAnnounce(now):
		// Letters come back while there is time to read them. Whoever is killed here finds the
		// deletion not announced, and goes on.
		if err := s.Store.ReturnSealedLetters(ctx, p.ID, now); err != nil {
			return err
		}
		counts, err := s.Store.CountEnding(ctx, p.ID, register.OnceOver)
		if err != nil {
			return err
		}
		p.Announce(now, counts)
		return s.save(ctx, p, now, fmt.Sprintf("announced that what is kept about people is deleted on %s: documents", day(p, r.DueAt)), number(counts))
	case p.Stale():
		p.Retention = programme.Retention{}
		return s.save(ctx, p, now, "took back that what is kept about people is deleted, since the dates have moved", 0)
	case !r.Due(now):
		return nil
	case !r.Begun():
		r.Begin(now)
		if err := s.save(ctx, p, now, "began to delete what was kept about people, "+s.Why, 0); err != nil {
			return err
		}
	}
	ended, err := s.Store.End(ctx, p.ID, register.OnceOver, s.Commits, s.By, s.Why, now)
	if ended.Documents() > 0 {
		slog.InfoContext(ctx, "retention", "programme", p.ID, "deleted", ended.Documents(), "left", ended.Left)
	}
	// It is done once a later look finds nothing: what others wrote meanwhile goes too.
	if err != nil || ended.Left || ended.Documents() > 0 || p.Retention.Waits(store.EndParts()) {
		return err
	}
	p.Retention.DoneAt = now
	return s.save(ctx, p, now, "deleted all that was kept about people", 0)
}

// save writes a programme with what was done, and how many documents that was about.
func (s Sweep) save(ctx context.Context, p *programme.Programme, now time.Time, did string, times int) error {
	c := s.Store.Commit()
	p.UpdatedAt = now
	c.UpdateProgramme(p)
	c.Audit(store.AuditEntry{Programme: p.ID, By: s.By, Did: did, Times: times, At: now})
	if err := c.Do(ctx); err != nil {
		return err
	}
	p.Version = c.At()
	return nil
}

// Part works off what ends in the database of answers, of a programme whose deletion has begun.
func (s Sweep) Part(ctx context.Context, answers *store.Answers, p *programme.Programme, function register.Functions) error {
	if !p.Retention.Begun() || !p.Retention.Finish(function.String()) {
		return nil
	}
	ended, err := answers.End(ctx, p.ID, register.OnceOver, s.Commits)
	if err != nil || ended.Left {
		return err
	}
	err = s.save(ctx, p, s.Now(), "deleted what published figures rest on, "+s.Why, ended.Documents())
	if store.IsConflict(err) {
		return nil // the next look finds nothing left, and says so
	}
	return err
}

// PartAgain deletes in the database of answers what had ended there, and a backup has brought
// back. left says that there is more than one look takes.
func (s Sweep) PartAgain(ctx context.Context, answers *store.Answers, p *programme.Programme) (left bool, err error) {
	if !p.Retention.Begun() {
		return false, nil
	}
	ended, err := answers.End(ctx, p.ID, register.OnceOver, s.Commits)
	return ended.Left, err
}

func number(counts []programme.Count) (n int) {
	for _, c := range counts {
		n += c.N
	}
	return n
}

func day(p *programme.Programme, at time.Time) string {
	return at.In(p.Location()).Format(time.DateOnly)
}
