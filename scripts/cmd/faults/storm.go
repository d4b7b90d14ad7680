package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/relay"
	"github.com/cascading-leadership/cascade/shared/email"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// outboxStorm is emails on their way while senders and provider fail: rows differ in
// what fails, and all are checked in the same way.
type outboxStorm struct {
	emails, senders int
	// kills are by kill -9, stalls longer than a lease; both at random moments while
	// emails are owed.
	kills, stalls int
	// holds are stalls between a claim and its sending, before a slow database.
	holds int
	// refusals is the share of requests that the provider does not answer as it should.
	refusals float64
	// silent is the share of emails about which no event comes.
	silent float64
	relay  relay.Faults
	// skew is by how much senders' clocks are wrong, each with one of these at first. They
	// jump from one to another every now and then.
	skew []time.Duration
	// hush is how long the provider says nothing of an email that it took.
	hush time.Duration
	// calm is how many emails more are owed when nothing fails any more: none of these
	// may be in doubt.
	calm int
	// poison is the share of messages that cannot be sent.
	poison float64
	// most is for how long it may take to settle.
	most time.Duration
}

// addresses of people are made of their names, and both stand in their emails.
func address(name string) string { return name + "@example.org" }

// enrolPerson adds a person who is ready.
func enrolPerson(c *store.Commit, name string, now time.Time) { enrolIn(c, "pilot", name, now) }

func enrolIn(c *store.Commit, p, name string, now time.Time) {
	c.CreateEnrolment(p, &enrolment.Enrolment{ID: name, Role: programme.Client,
		Person: enrolment.Person{Name: name, Email: email.Address(address(name))}, Organisation: enrolment.Organisation{Name: "Sample Trust"},
		State: enrolment.Ready, CreatedAt: now, UpdatedAt: now})
}

// storm runs one, and checks everything.
func (at *place) storm(ctx context.Context, o outboxStorm) error {
	if err := at.atTen(); err != nil {
		return err
	}
	at.provider.plan = func(message string, nth int) fault {
		if nth > 4 || at.of("fault", message, fmt.Sprint(nth)) >= o.refusals {
			return fine
		}
		kinds := []fault{tooMany, brokenPre, brokenPost, hangPost, resetPost, resetPre}
		return kinds[int(at.of("kind", message, fmt.Sprint(nth))*float64(len(kinds)))]
	}
	at.provider.events = func(message string, nth int) []happening {
		if at.of("silent", message, fmt.Sprint(nth)) < o.silent {
			return nil
		}
		d := o.hush + time.Duration(at.of("delay", message, fmt.Sprint(nth))*float64(300*time.Millisecond))
		return []happening{{"delivered", d}, {"processed", d + 200*time.Millisecond}}
	}
	if err := at.listen(ctx, o.relay, "outbox"); err != nil {
		return err
	}
	var each [][]string
	var holders []*holder
	for i := range o.senders {
		var more []string
		if o.holds > 0 {
			h, err := at.newHolder()
			if err != nil {
				return err
			}
			holders = append(holders, h)
			more = append(more, h.environment()...)
		}
		if len(o.skew) > 0 {
			if err := at.skew(i, o.skew[i%len(o.skew)]); err != nil {
				return err
			}
			more = append(more, sabotage.Skew+"=@"+at.skewFile(i))
		}
		each = append(each, more)
	}
	if err := at.run(ctx, "outbox", o.senders, each...); err != nil {
		return err
	}

	senders := at.all("outbox")
	for i, h := range holders {
		h.sender = senders[i]
	}

	sweeping, stop := context.WithCancel(ctx)
	// Each sender has ticks of its own: those of one that stands still would hold up
	// those with which others take over from it.
	var sweeps sync.WaitGroup
	for _, w := range senders {
		sweeps.Go(func() {
			for pause(sweeping, 250*time.Millisecond) {
				_ = at.tickAt(sweeping, "http://"+w.host+cloudevent.Path, "outbox-sweep") // the next tick finds what it left
			}
		})
	}
	var chaos sync.WaitGroup
	// The programme's time runs faster, so that what waits for its next attempt does
	// not wait for long; leases and doubts go by the server's.
	chaos.Go(func() {
		for pause(sweeping, 200*time.Millisecond) {
			if err := at.pass(4 * time.Second); err != nil {
				return
			}
		}
	})
	if len(o.skew) > 0 {
		chaos.Go(func() {
			for pause(sweeping, 100*time.Millisecond+at.random.upTo(900*time.Millisecond)) {
				if err := at.skew(at.random.n(o.senders), o.skew[at.random.n(len(o.skew))]); err != nil {
					at.violation("a clock could not jump: %v", err)
					return
				}
				at.count("times that a clock was set", 1)
			}
		})
	}
	l := newLedger()
	err := at.owe(ctx, o, l, holders)
	if err == nil {
		err = at.settled(ctx, o.most, l.len())
	}
	if err == nil && o.calm > 0 {
		err = at.calm(ctx, o, l)
	}
	stop()
	chaos.Wait()
	sweeps.Wait()
	if err != nil {
		return err
	}
	if err := at.provider.quiet(ctx, 40*time.Second); err != nil {
		return err
	}
	if err := at.promises(ctx, l); err != nil {
		return err
	}
	if err := checkHolders(holders, o.holds); err != nil {
		return err
	}
	return at.fixpoint(ctx, []string{"outbox"}, func(ctx context.Context) error { return at.tick(ctx, "outbox", "outbox-sweep") })
}

// skew has the nth sender's clock be wrong by so much from now on.
func (at *place) skew(n int, by time.Duration) error {
	part := at.skewFile(n) + ".part"
	if err := os.WriteFile(part, []byte(by.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(part, at.skewFile(n))
}

func (at *place) skewFile(n int) string { return filepath.Join(at.dir, fmt.Sprintf("skew-%d", n)) }

// calm owes emails with nothing to disturb them but what is wrong with the senders
// themselves. One of them that is in doubt was taken from a sender who was at it.
func (at *place) calm(ctx context.Context, o outboxStorm, l *ledger) error {
	at.provider.mu.Lock()
	at.provider.plan = func(string, int) fault { return fine }
	at.provider.mu.Unlock()
	more, err := at.people(ctx, o.calm, "d")
	if err != nil {
		return err
	}
	// Each is heard of again while one of the senders is at it.
	var hearing sync.WaitGroup
	for _, message := range more.all {
		l.add(*message)
		for n := range 6 {
			hearing.Go(func() {
				if pause(ctx, time.Duration(at.of("hear", message.message, fmt.Sprint(n))*float64(3*time.Second))) {
					at.happen(ctx, "outbox", "outbox/"+message.message, false)
				}
			})
		}
	}
	hearing.Wait()
	if err := at.settled(ctx, o.most, l.len()); err != nil {
		return err
	}
	docs, err := at.messages(ctx)
	if err != nil {
		return err
	}
	for id := range more.all {
		if m := docs[id]; m.doubts > 0 || m.attempts > 1 {
			at.violation("%s was in doubt %d times in %d attempts, and nothing was wrong with it", id, m.doubts, m.attempts)
		}
	}
	return nil
}

// owe writes the messages, a few at a time between one fault and the next, so that
// the faults meet emails at every step of their way.
func (at *place) owe(ctx context.Context, o outboxStorm, l *ledger, holders []*holder) error {
	faults := o.kills + o.stalls + o.holds
	var restarts sync.WaitGroup
	defer restarts.Wait()
	var stopped sync.Mutex
	halted, stalls := map[*worker]bool{}, semaphore.NewWeighted(2)
	written, stalled, held := 0, 0, 0
	people := 0
	for i := range max(faults, 20) {
		upTo := o.emails * (i + 1) / max(faults, 20)
		for written < upTo {
			n := min(20, upTo-written)
			c := at.store.Commit()
			var mine []owed
			for range n {
				// Every third is to somebody who got one already.
				if written%3 != 2 || people == 0 {
					people++
					enrolPerson(c, fmt.Sprintf("p%05d", people), at.now())
				}
				name := fmt.Sprintf("p%05d", people)
				m := confirmed(name, fmt.Sprint(written))
				message := owed{message: m.ID, to: address(name)}
				if at.of("poison", m.ID) < o.poison {
					message.poison = true
					m.Kind = "no-such-letter"
					at.count("poison", 1)
				}
				c.Enqueue(ctx, m, at.now())
				mine = append(mine, message)
				written++
			}
			if err := c.Do(ctx); err != nil {
				return err
			}
			for _, message := range mine {
				l.add(message)
			}
		}
		if i >= faults {
			if !pause(ctx, 50*time.Millisecond) {
				return context.Cause(ctx)
			}
			continue
		}
		if !pause(ctx, at.random.upTo(350*time.Millisecond)) {
			return context.Cause(ctx)
		}
		senders := at.all("outbox")
		n := at.random.n(len(senders))
		if both := o.stalls + o.holds; (stalled+held)*faults < both*(i+1) {
			holds := held*both < o.holds*(stalled+held+1)
			if holds {
				held++
			} else {
				stalled++
			}
			// Two at a time, so that others take over what these hold.
			if err := stalls.Acquire(ctx, 1); err != nil {
				return context.Cause(ctx)
			}
			stopped.Lock()
			for halted[senders[n]] {
				n = at.random.n(len(senders))
			}
			w := senders[n]
			halted[w] = true
			stopped.Unlock()
			if !holds {
				if err := w.halt(); err != nil {
					return err
				}
				at.count("stalls", 1)
			}
			bereft := held%2 == 0
			restarts.Go(func() {
				if holds {
					holders[n].hold(ctx, bereft)
				} else {
					// Some until after others have sent what they took over.
					pause(ctx, lease+at.random.upTo(lease+grace+2*time.Second))
					w.resume()
				}
				stopped.Lock()
				delete(halted, w)
				stopped.Unlock()
				stalls.Release(1)
			})
			continue
		}
		w := senders[n]
		w.kill()
		at.count("kills", 1)
		if err := w.start(); err != nil {
			return err
		}
	}
	at.count("owed", l.len())
	return nil
}
