package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/pairing"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/programme"
)

var _ = add(
	row{
		id: "D11", breaks: "a schedule that fires a hundred times at once, ten times at once, and not for a day, over a change of clocks", short: true,
		together: []sabotage.Guard{sabotage.DerivedID, sabotage.Update},
		run:      rivals,
	},
	row{
		id: "X3", breaks: "far more emails due at once than may go, in three programmes, with kills", within: 4 * time.Minute,
		guards: []sabotage.Guard{sabotage.RateLimit},
		run:    crowded,
	},
	row{
		id: "X7", breaks: "a year passes, with both changes of clocks, holidays, a leap day and a cohort each month", within: 15 * time.Minute,
		guards: []sabotage.Guard{sabotage.OneADay},
		run:    year,
		needs: func(g *ground) string {
			if g.short {
				return "it takes minutes"
			}
			return ""
		},
	},
)

// clocksChange is the programme's time at ten in the morning, ten days before the
// clocks go forward.
func (at *place) clocksChange() error {
	zone := at.programme.Location()
	to := time.Date(2027, 3, 19, 10, 0, 0, 0, zone) // they go forward on Sunday 28 March
	return at.pass(to.Sub(at.now()))
}

// rivals has the tick of reminders fired by many at once.
func rivals(ctx context.Context, at *place) error {
	if err := at.clocksChange(); err != nil {
		return err
	}
	if err := at.run(ctx, "reminders", 3); err != nil {
		return err
	}
	n := at.size(30, 10)
	zone := at.programme.Location()
	for i := range n {
		c := at.store.Commit()
		now := at.now()
		pair := onePairing(c, fmt.Sprintf("p%05d", i), now)
		// On the Monday and Tuesday after the change.
		starts := time.Date(2027, 3, 29+i%2+1, 9, 0, 0, 0, zone)
		s, err := pair.Book("s", "pilot", programme.Client, pairing.Booking{StartsAt: starts.UTC(), Minutes: 90, Place: "Room 2"}, programme.MostSessions, now)
		if err != nil {
			return err
		}
		c.CreateSession(s)
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
	fire := func(times int) {
		var wait sync.WaitGroup
		for range times {
			wait.Go(func() { _ = at.tickAt(ctx, at.inside("reminders")+cloudevent.Path, "reminders-tick") }) // one that fails leaves it to the others
		}
		wait.Wait()
		at.count("ticks", times)
	}
	for day := range 13 {
		if err := at.pass(24 * time.Hour); err != nil {
			return err
		}
		switch {
		case day == 5: // no tick at all: the next one catches up
		case day%4 == 3:
			fire(100)
		default:
			fire(10)
		}
	}
	all, _, err := at.snapshot(ctx, "outbox")
	if err != nil {
		return err
	}
	type owing struct{ kind, to string }
	owed := map[owing]int{}
	for _, d := range all["outbox"] {
		var o owing
		var step int64
		field(d, "kind", &o.kind)
		field(d, "to", &o.to)
		field(d, "step", &step)
		if o.kind == string(message.KindSessionTomorrow) || o.kind == string(message.KindSessionInAWeek) {
			owed[o]++
		}
	}
	for i := range n {
		for _, to := range []string{fmt.Sprintf("p%05d", i), fmt.Sprintf("p%05d-other", i)} {
			for _, kind := range []outbox.Kind{message.KindSessionInAWeek, message.KindSessionTomorrow} {
				if got := owed[owing{string(kind), to}]; got != 1 {
					at.violation("%s is owed to %s %d times", kind, to, got)
				}
			}
		}
	}
	at.count("reminders", len(owed))
	return nil
}

// crowded has one programme owe very many emails, and two owe a few.
func crowded(ctx context.Context, at *place) error {
	const perMinute = 300
	at.environment = []string{fmt.Sprintf("CASCADE_MAILS_PER_MINUTE=%d", perMinute)}
	if err := at.atTen(); err != nil {
		return err
	}
	few := map[string]bool{}
	for _, id := range []string{"small1", "small2"} {
		p := *at.programme
		p.ID = id
		c := at.store.Commit()
		c.CreateProgramme(&p)
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
	l, err := at.people(ctx, at.size(500, 300), "c")
	if err != nil {
		return err
	}
	for _, id := range []string{"small1", "small2"} {
		c := at.store.Commit()
		for i := range 20 {
			name := fmt.Sprintf("%s-%d", id, i)
			enrolIn(c, id, name, at.now())
			m := confirmed(name, id)
			m.Programme = id
			c.Enqueue(ctx, m, at.now())
			l.add(owed{message: m.ID, to: address(name)})
			few[m.ID] = true
		}
		if err := c.Do(ctx); err != nil {
			return err
		}
	}
	if err := at.run(ctx, "outbox", 3); err != nil {
		return err
	}
	began := time.Now()
	killing, stop := context.WithCancel(ctx)
	var chaos sync.WaitGroup
	chaos.Go(func() { at.chaos(killing, 6, 30*time.Second) })
	err = at.drained(ctx, l, 150*time.Second)
	took := time.Since(began)
	stop()
	chaos.Wait()
	if err != nil {
		return err
	}
	var small []time.Duration
	byProgramme := map[bool][]request{}
	for _, r := range at.provider.log() {
		byProgramme[few[r.message]] = append(byProgramme[few[r.message]], r)
		if few[r.message] && r.taken {
			small = append(small, r.at.Sub(began))
		}
	}
	at.paced(byProgramme[false], perMinute)
	if len(small) > 0 {
		last := slices.Max(small)
		at.count("s until the few had theirs", int(last.Seconds()))
		// One whose sender was killed waits for a lease and a grace besides.
		if last > 10*time.Second+lease+grace && last > took/2 {
			at.violation("the few emails of two programmes took %v beside the many of another, which took %v", last.Round(time.Millisecond), took.Round(time.Millisecond))
		}
	}
	at.count("s for all", int(took.Seconds()))
	return at.promises(ctx, l)
}

// year takes a cohort a month through a programme, while the date goes on by days.
func year(ctx context.Context, at *place) error {
	const perCohort, cohorts = 2, 12
	months := cohorts
	if len(at.off) > 0 {
		months = 2
	}
	at.provider.events = func(message string, _ int) []happening { return []happening{{"delivered", 50 * time.Millisecond}} }
	// From before the clocks go forward until after a leap day.
	zone := at.programme.Location()
	if err := at.pass(time.Date(2027, 3, 22, 10, 0, 0, 0, zone).Sub(at.now())); err != nil {
		return err
	}
	leapDay := time.Date(2028, 2, 29, 0, 0, 0, 0, zone)
	j, err := at.begin(ctx, perCohort)
	if err != nil {
		return err
	}
	j.twice = func(i int) bool { return i%perCohort == 0 }
	s, err := at.store.Supervisor(ctx, "pilot", "robin")
	if err != nil {
		return err
	}
	s.Capacity = perCohort * cohorts
	c := at.store.Commit()
	c.UpdateSupervisor("pilot", s)
	if err := c.Do(ctx); err != nil {
		return err
	}
	if err := at.listen(ctx, doubled, "outbox", "questionnaires"); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	schedules := j.schedules(running)
	leaped := false
	whole := func() error {
		for cohort := range months {
			j.base = cohort * perCohort
			// Who enrols on a day off is answered, and hears of a match on the next day.
			for at.dayOff(at.now()) {
				if err := j.nextDay(running, 9); err != nil {
					return err
				}
			}
			for _, step := range []func(context.Context, int) error{j.enrol, j.prepare} {
				if err := j.each(running, step); err != nil {
					return err
				}
			}
			if err := j.begun(running); err != nil {
				return err
			}
			for day := range 28 { // a month, with those until all had heard of their matches
				if err := j.nextDay(running, 9); err != nil {
					return err
				}
				if err := j.sentToday(running); err != nil {
					return err
				}
				if err := j.each(running, j.answers); err != nil {
					return err
				}
				// The first working day has brought both the link.
				if day == 5 {
					if ahead := int(leapDay.Sub(at.now()).Hours()/24) + 1; ahead > 2 && ahead < 20 {
						j.ahead, leaped = ahead, true // the last cohort's sessions are on it
					}
					if err := j.each(running, j.book); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	err = whole()
	stop()
	schedules.Wait()
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		at.violation("the year did not come to its end: %v", err)
		return nil
	}
	if months == cohorts && !leaped {
		at.violation("no session was on %s", leapDay.Format(time.DateOnly))
	}
	if err := at.provider.quiet(ctx, 40*time.Second); err != nil {
		return err
	}
	j.base, j.pairs, j.perRun = 0, perCohort*months, perCohort
	return j.check(ctx)
}
