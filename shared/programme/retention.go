package programme

import (
	"slices"
	"time"
)

const (
	// keptYears is for how many years after its end a programme keeps what is about people.
	keptYears = 1
	// announcedDays is how many days before that it is announced what will be deleted, and
	// standsDays how many at least the announcement stands before anything is: where it
	// comes late, since the dates were moved or no schedule ran, the deletion does too.
	announcedDays, standsDays = 35, 30
	// toldDays is on how many days before it coordinators are told each day.
	toldDays = 7
)

// Retention is how far it is that a programme deletes what is kept until a year after its
// end. It stands in the programme, whose dates it follows: whoever moves these, or begins,
// comes too late where the other was first.
type Retention struct {
	// Until is for how long things are kept by the dates that it was announced by, and
	// DueAt when they are deleted: then, or later where it was announced late.
	Until time.Time `firestore:"until"`
	DueAt time.Time `firestore:"dueAt"`
	// AnnouncedAt is when it was announced, and Counts what there was then.
	AnnouncedAt time.Time `firestore:"announcedAt"`
	Counts      []Count   `firestore:"counts,omitempty"`
	// BegunAt is when it began, from when on it cannot be stopped.
	BegunAt time.Time `firestore:"begunAt"`
	// Parts are the functions that have deleted what they alone can.
	Parts []string `firestore:"parts,omitempty"`
	// DoneAt is when nothing was found any more.
	DoneAt time.Time `firestore:"doneAt"`
}

// Count is how many documents of a type there are.
type Count struct {
	// Of is the name of their collections.
	Of string `firestore:"of"`
	N  int    `firestore:"n"`
}

// KeptUntil is the moment from which on nothing is kept any more that is kept until a year
// after the programme's end; false where it has no dates, and keeps it.
func (p *Programme) KeptUntil() (time.Time, bool) {
	end, ok := p.End()
	if !ok {
		return time.Time{}, false
	}
	return end.AddDate(keptYears, 0, 0), true
}

// Announced reports whether a deletion was announced.
func (r *Retention) Announced() bool { return !r.AnnouncedAt.IsZero() }

// Begun reports whether it has begun, or is done.
func (r *Retention) Begun() bool { return !r.BegunAt.IsZero() }

// Done reports whether it is done.
func (r *Retention) Done() bool { return !r.DoneAt.IsZero() }

// Due reports whether what the programme keeps about people is to be deleted now, is being
// deleted, or is gone. Nobody is written to or takes part from then on.
func (r *Retention) Due(now time.Time) bool {
	return r.Begun() || r.Announced() && !now.Before(r.DueAt)
}

// Stale reports whether a deletion was announced by other dates than the programme has now.
func (p *Programme) Stale() bool {
	until, ok := p.KeptUntil()
	return p.Retention.Announced() && !p.Retention.Begun() && !(ok && until.Equal(p.Retention.Until))
}

// ToAnnounce reports whether it is to be announced now that things will be deleted.
func (p *Programme) ToAnnounce(now time.Time) bool {
	until, ok := p.KeptUntil()
	return ok && !p.Retention.Begun() && (!p.Retention.Announced() || p.Stale()) && !now.Before(until.AddDate(0, 0, -announcedDays))
}

// Announce records what there is that will be deleted. Where something else was announced
// before, its time begins anew.
func (p *Programme) Announce(now time.Time, counts []Count) {
	until, _ := p.KeptUntil()
	due := now.AddDate(0, 0, standsDays)
	if due.Before(until) {
		due = until
	}
	p.Retention = Retention{Until: until, DueAt: due, AnnouncedAt: now, Counts: counts}
}

// Begin records that the deletion has begun.
func (r *Retention) Begin(now time.Time) { r.BegunAt = now }

// Finish records that a function has done its part, and reports whether that is new.
func (r *Retention) Finish(function string) bool {
	if slices.Contains(r.Parts, function) {
		return false
	}
	r.Parts = append(r.Parts, function)
	return true
}

// Waits reports whether any of some functions has not done its part.
func (r *Retention) Waits(functions []string) bool {
	return slices.ContainsFunc(functions, func(f string) bool { return !slices.Contains(r.Parts, f) })
}

// Tell is when things will be deleted, where coordinators are to be told of it: because it was
// announced since a time, or because the day is near; else the zero time. Nothing is new since
// the zero time.
func (r *Retention) Tell(since, now time.Time) time.Time {
	near := !now.Before(r.DueAt.AddDate(0, 0, -toldDays))
	fresh := !since.IsZero() && r.AnnouncedAt.After(since)
	if !r.Announced() || r.Begun() || !near && !fresh {
		return time.Time{}
	}
	return r.DueAt
}
