package reminders

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/shared/fault"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/platform/store"
)

const (
	// page is how many documents one look takes up, pages how many of these one tick.
	// What is left then is for the next tick, a quarter of an hour later.
	page  = 250
	pages = 160
	// slow is by how much a server's clock may be.
	slow = 2 * time.Hour
	// atOnce is how many commits are made at once.
	atOnce = 8
	// firstDelay and longestDelay are after how long a document is looked at again that
	// could not be handled: longer with each try, and never given up.
	firstDelay   = 15 * time.Minute
	longestDelay = 24 * time.Hour
)

// tally counts what became of the documents that were due.
type tally struct{ told, nothing, beaten, failed int }

// tick looks at every document about which something is due. Its work grows with what
// is due, not with the programme: each document stands in the diary on the day on
// which it is next to be looked at, and a tick reads today's page by page, and those
// of the days before that were not worked off.
func (t *reminders) tick(ctx context.Context) error {
	now := t.Now()
	from, err := t.Store.DiaryFrom(ctx, now)
	if err != nil {
		return err
	}
	// Of a day that is just over, a server whose clock is slow may yet write some.
	last := store.DiaryDay(now.Add(-slow))
	var sum tally
	off, left := from, pages
	for day, today := from, store.DiaryDay(now); day <= today && err == nil; day = after(day) {
		done := false
		if done, err = t.work(ctx, day, now, &left, &sum); done && off == day && day < last {
			off = after(day)
		}
	}
	if off != from && err == nil {
		err = t.Store.WorkedOff(ctx, off)
	}
	err = errors.Join(err, t.letGo(ctx, now))
	if sum != (tally{}) { // most ticks find nothing
		slog.InfoContext(ctx, "tick", "told", sum.told, "nothing to tell", sum.nothing, "changed meanwhile", sum.beaten, "not handled", sum.failed)
	}
	return err
}

// letGo deletes what nobody confirmed in time, forms that nobody went on with, and invitations
// that were passed on. Firestore
// would do so within a day, when it comes to it: people were promised when.
func (t *reminders) letGo(ctx context.Context, now time.Time) error {
	all, err := t.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range all {
		claims, drafts, nominations, err := t.Store.SweepExpired(ctx, p.ID, now, store.MaxWrites)
		errs = append(errs, err)
		if claims+drafts+nominations > 0 {
			slog.InfoContext(ctx, "let go", "programme", p.ID, "claims", claims, "drafts", drafts, "invitations", nominations)
		}
	}
	_, err = t.Store.SweepBudgets(ctx, store.MaxWrites)
	return errors.Join(append(errs, err)...)
}

func after(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "9999" // later than any
	}
	return store.DiaryDay(t.AddDate(0, 0, 1))
}

// work looks at what is due of one day of the diary, and reports whether it found the
// end of it.
func (t *reminders) work(ctx context.Context, day string, now time.Time, left *int, sum *tally) (done bool, err error) {
	for ; *left > 0; *left-- {
		due, err := t.Store.DueOn(ctx, day, now, page)
		if err != nil || len(due) == 0 {
			return err == nil, err
		}
		var this tally
		if err := t.process(ctx, due, now, &this); err != nil {
			return false, err
		}
		sum.told, sum.nothing, sum.beaten, sum.failed = sum.told+this.told, sum.nothing+this.nothing, sum.beaten+this.beaten, sum.failed+this.failed
		if len(due) < page || this.beaten == len(due) { // what others changed meanwhile, the next tick finds
			return this.beaten == 0, nil
		}
	}
	return false, nil
}

// process owes what is due about several documents. Where one of them cannot be handled,
// each is looked at by itself, and that one is put off.
func (t *reminders) process(ctx context.Context, due []*store.Due, now time.Time, sum *tally) error {
	found, err := t.read(ctx, due)
	switch {
	case fault.Is(err, fault.Unavailable) || ctx.Err() != nil:
		return err
	case err != nil && len(due) > 1:
		for _, d := range due {
			if err := t.process(ctx, []*store.Due{d}, now, sum); err != nil {
				return err
			}
		}
		return nil
	case err != nil:
		return t.postpone(ctx, due[0], err, now, sum)
	}
	var (
		reminding errgroup.Group
		mu        sync.Mutex
		errs      []error
	)
	reminding.SetLimit(atOnce)
	for _, s := range found {
		reminding.Go(func() error {
			var one tally
			err := t.remind(ctx, s, now, &one)
			if err != nil && !fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
				err = t.postpone(ctx, s.due, err, now, &one)
			}
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
			sum.told, sum.nothing, sum.beaten, sum.failed = sum.told+one.told, sum.nothing+one.nothing, sum.beaten+one.beaten, sum.failed+one.failed
			return nil
		})
	}
	_ = reminding.Wait() // their errors are in errs
	return errors.Join(errs...)
}

// remind owes what is due about one document and says when to look at it again, in
// one commit. A document that changed meanwhile is looked at once more.
func (t *reminders) remind(ctx context.Context, s *subject, now time.Time, sum *tally) error {
	c := t.Store.Commit()
	if s.doc == nil || s.dueAt().IsZero() || s.dueAt().After(now) {
		sum.nothing++ // it is gone, or has moved on since this was written into the diary
		c.Drop(s.due)
		return unlessBeaten(c.Do(ctx))
	}
	if s.unmarked {
		sum.nothing++
		c.Await(s.due, now.Add(firstDelay))
		return unlessBeaten(c.Do(ctx))
	}
	if heir := s.takesOver(); heir != nil {
		sum.told++
		return unlessBeaten(t.takeOver(ctx, s, heir))
	}
	l, err := t.decide(ctx, s, now)
	if err != nil {
		return err
	}
	if l.Lapses {
		err = t.lapse(ctx, s, now)
	} else {
		err = t.owe(ctx, s, l.Owed, l.Next, l.Overdue, now)
	}
	if errors.Is(err, store.ErrExists) && !l.Lapses {
		// Told before, by a cadence or a calendar that has changed since; or by another
		// tick, which has changed the document too.
		fresh, failed := t.unwritten(ctx, l.Owed)
		if failed != nil {
			return failed
		}
		err = t.owe(ctx, s, fresh, l.Next, l.Overdue, now)
	}
	switch {
	case store.IsConflict(err):
		sum.beaten++
		return nil
	case err == nil && (len(l.Owed) > 0 || l.Lapses):
		sum.told++
	case err == nil:
		sum.nothing++
	}
	return err
}

func (t *reminders) owe(ctx context.Context, s *subject, owed []outbox.Message, next time.Time, overdue bool, now time.Time) error {
	c := t.Store.Commit()
	s.save(c, next, overdue, now)
	c.Looked(s.due, next)
	for _, m := range owed {
		c.Enqueue(ctx, m, now)
	}
	return c.Do(ctx)
}

// unwritten are those of the messages that were not written before.
func (t *reminders) unwritten(ctx context.Context, all []outbox.Message) (fresh []outbox.Message, err error) {
	for _, m := range all {
		_, _, err := t.Store.Message(ctx, m.ID)
		if fault.Is(err, fault.NotFound) {
			fresh = append(fresh, m)
		} else if err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// postpone has a document looked at again later that could not be handled, so that it
// holds up no other.
func (t *reminders) postpone(ctx context.Context, d *store.Due, why error, now time.Time, sum *tally) error {
	sum.failed++
	slog.ErrorContext(ctx, "reminders could not be decided", "kind", d.Kind(), "programme", d.Programme(), "tries", d.Tries+1, "error", why)
	c := t.Store.Commit()
	c.Postpone(d, now.Add(min(firstDelay<<min(d.Tries, 10), longestDelay)))
	return unlessBeaten(c.Do(ctx))
}

func unlessBeaten(err error) error {
	if store.IsConflict(err) {
		return nil
	}
	return err
}
