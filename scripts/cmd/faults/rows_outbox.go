package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/relay"
	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/message"
	"github.com/cascading-leadership/cascade/shared/outbox"
	"github.com/cascading-leadership/cascade/shared/programme"
)

// size is a number, or a smaller one in the short version and for twins, which fail
// soon where they fail at all.
func (at *place) size(whole, short int) int {
	if at.ground.short || len(at.off) > 0 {
		return short
	}
	return whole
}

// doubled is how events come in rows that are not about them: each twice, in another
// order, a tenth not at all.
var doubled = relay.Faults{Double: 1, Shuffle: 300 * time.Millisecond, Drop: 0.1}

var _ = add(
	row{
		id: "D1", breaks: "kill -9 of any sender while the provider fails one request in six, all its events arriving", short: true, within: 5 * time.Minute,
		guards: []sabotage.Guard{sabotage.Doubt},
		run: func(ctx context.Context, at *place) error {
			return at.storm(ctx, outboxStorm{emails: at.size(3000, 240), senders: 3, kills: at.size(200, 16), refusals: 0.17, most: 90 * time.Second, relay: doubled})
		},
	},
	row{
		id: "D2", breaks: "the same while a fifth of the provider's events never arrive", within: 5 * time.Minute,
		guards: []sabotage.Guard{sabotage.Doubt},
		run: func(ctx context.Context, at *place) error {
			return at.storm(ctx, outboxStorm{emails: at.size(1500, 240), senders: 3, kills: at.size(100, 16), refusals: 0.17, silent: 0.2, most: 120 * time.Second, relay: doubled})
		},
	},
	row{
		id: "D5", breaks: "senders stopped for longer than their lease, and continued, half of them between a claim and its sending", within: 6 * time.Minute,
		guards: []sabotage.Guard{sabotage.Doubt, sabotage.Fence},
		run: func(ctx context.Context, at *place) error {
			return at.storm(ctx, outboxStorm{emails: at.size(1200, 400), senders: 4, stalls: at.size(15, 4), holds: at.size(15, 4), refusals: 0.1, hush: time.Second, most: 90 * time.Second, relay: doubled})
		},
	},
	row{
		id: "D6", breaks: "the senders' clocks wrong by ten minutes either way and set anew every second, with kills and a slow database", within: 5 * time.Minute,
		guards: []sabotage.Guard{sabotage.ServerClock},
		run: func(ctx context.Context, at *place) error {
			// The second event about a message comes while its sender is at it then.
			if err := at.slowly(); err != nil {
				return err
			}
			return at.storm(ctx, outboxStorm{emails: at.size(1500, 300), senders: 3, kills: at.size(100, 20), refusals: 0.17, most: 90 * time.Second, relay: doubled,
				skew: []time.Duration{0, 10 * time.Minute, -10 * time.Minute}, calm: at.size(300, 100)})
		},
	},
	row{
		id: "D3", breaks: "each way in which a provider can answer, or not", short: true,
		guards: []sabotage.Guard{sabotage.Redirects, sabotage.Doubt},
		run:    answers,
	},
	row{
		id: "D9", breaks: "every document event lost", short: true,
		guards: []sabotage.Guard{sabotage.Sweep},
		run:    eventless,
	},
)

// commitTakes is how long a commit takes in a slow database.
const commitTakes = 150 * time.Millisecond

// slowly has the database take a while for each commit.
func (at *place) slowly() error {
	p, err := at.proxied()
	if err != nil {
		return err
	}
	p.set(func(c call) verdict {
		if c.method == "Commit" {
			return verdict{wait: commitTakes}
		}
		return verdict{}
	})
	return nil
}

// people enrols as many people and owes each one email; it returns the book of them.
func (at *place) people(ctx context.Context, n int, prefix string) (*ledger, error) {
	l := newLedger()
	for from := 0; from < n; from += 200 {
		c := at.store.Commit()
		for i := from; i < min(from+200, n); i++ {
			name := fmt.Sprintf("p%s%04d", prefix, i)
			enrolPerson(c, name, at.now())
			m := confirmed(name, "")
			c.Enqueue(ctx, m, at.now())
			l.add(owed{message: m.ID, to: address(name)})
		}
		if err := c.Do(ctx); err != nil {
			return nil, err
		}
	}
	at.count("owed", l.len())
	return l, nil
}

// confirmed is a message that goes at once, at any hour: another for each occasion.
func confirmed(name, occasion string) outbox.Message {
	m := message.EnrolmentConfirmed(&programme.Programme{ID: "pilot" + occasion}, &enrolment.Enrolment{ID: name, Role: programme.Client})
	m.Programme = "pilot"
	return m
}

// drained sweeps until every message is at its end, while the programme's time runs
// fast.
func (at *place) drained(ctx context.Context, l *ledger, most time.Duration) error {
	sweeping, stop := context.WithCancel(ctx)
	sweeps := at.sweeping(sweeping, "outbox", "outbox-sweep", 200*time.Millisecond, 2)
	sweeps.Go(func() {
		for pause(sweeping, 200*time.Millisecond) {
			if at.pass(5*time.Second) != nil {
				return
			}
		}
	})
	err := at.settled(ctx, most, l.len())
	stop()
	sweeps.Wait()
	if err != nil {
		return err
	}
	return at.provider.quiet(ctx, 40*time.Second)
}

// answers has the first request for each email treated in one of the ways there are.
func answers(ctx context.Context, at *place) error {
	type expected struct {
		fault fault
		// doubts is how many attempts are in doubt; aside, that a person has to look.
		doubts int64
		aside  bool
	}
	ways := []expected{
		{fine, 0, false}, {tooMany, 0, false}, {tooManyWait, 0, false}, {brokenPre, 0, false}, {brokenPost, 1, false},
		{hangPre, 1, false}, {hangPost, 1, false}, {resetPre, 1, false}, {resetPost, 1, false}, {cut, 1, false},
		{garbage, 0, false}, {slow, 0, false}, {elsewhere, 0, true}, {refused, 0, true},
	}
	if err := at.atTen(); err != nil {
		return err
	}
	l, err := at.people(ctx, len(ways)*at.size(50, 4), "1")
	if err != nil {
		return err
	}
	way := map[string]expected{}
	ids := slices.Sorted(func(yield func(string) bool) {
		for id := range l.all {
			if !yield(id) {
				return
			}
		}
	})
	for i, id := range ids {
		way[id] = ways[i%len(ways)]
		l.all[id].poison = way[id].aside
	}
	at.provider.plan = func(message string, nth int) fault {
		if nth > 1 {
			return fine
		}
		return way[message].fault
	}
	// The event comes when the sender has given up, and before the grace is over.
	at.provider.events = func(string, int) []happening { return []happening{{"delivered", sendTimeout * 3 / 2}} }
	if err := at.run(ctx, "outbox", 2); err != nil {
		return err
	}
	if err := at.drained(ctx, l, 60*time.Second); err != nil {
		return err
	}
	docs, err := at.messages(ctx)
	if err != nil {
		return err
	}
	for id, w := range way {
		if d := docs[id].doubts; d != w.doubts {
			at.violation("%q: %d attempts in doubt, want %d (%s, %s)", w.fault, d, w.doubts, docs[id].state, docs[id].failure)
		}
	}
	if n := at.provider.moved; n > 0 {
		at.violation("%d redirects were followed", n)
	}
	at.count("ways to answer", len(ways))
	return at.promises(ctx, l)
}

// eventless owes emails of which no event tells: two sweeps have to find them.
func eventless(ctx context.Context, at *place) error {
	if err := at.listen(ctx, relay.Faults{Drop: 1}, "outbox"); err != nil {
		return err
	}
	if err := at.run(ctx, "outbox", 2); err != nil {
		return err
	}
	l, err := at.people(ctx, at.size(500, 60), "9")
	if err != nil {
		return err
	}
	for range 2 {
		if err := at.tick(ctx, "outbox", "outbox-sweep"); err != nil {
			return err
		}
	}
	at.count("sweeps", 2)
	if err := at.provider.quiet(ctx, 10*time.Second); err != nil {
		return err
	}
	return at.promises(ctx, l)
}

var _ = add(row{
	id: "D7", breaks: "the provider's events up to 46 times, in any order, also before the sending was recorded", short: true,
	guards: []sabotage.Guard{sabotage.Forward},
	run:    disordered,
})

// says ranks what a provider tells about an email by how much it says, which is what
// has to be known in the end whatever came last.
var says = map[string]int{"processed": 1, "deferred": 1, "delivered": 2, "blocked": 3, "bounce": 4, "dropped": 4, "spamreport": 5, "unsubscribe": 6}

// outcomes are how the message says so.
var outcomes = map[string]int{"": 0, "taken": 1, "delivered": 2, "blocked": 3, "bounced": 4, "dropped": 4, "spam report": 5, "unsubscribed": 6}

func disordered(ctx context.Context, at *place) error {
	if err := at.atTen(); err != nil {
		return err
	}
	// Stories that a provider can tell, each in its own order.
	stories := [][]string{
		{"processed", "delivered"}, {"processed", "deferred", "deferred", "delivered"}, {"processed", "bounce"}, {"dropped"},
		{"processed", "delivered", "spamreport"}, {"processed", "delivered", "unsubscribe"}, {"processed", "deferred", "bounce"}, {"delivered", "bounce"},
	}
	var mu sync.Mutex
	furthest := map[string]int{}
	at.provider.events = func(message string, nth int) []happening {
		story := stories[int(at.of("story", message)*float64(len(stories)))]
		var all []happening
		for i, kind := range story {
			copies := 1
			if at.of("often", message, kind, fmt.Sprint(i)) < 0.3 {
				copies = 1 + int(at.of("copies", message, kind)*46)
			}
			for n := range copies {
				all = append(all, happening{kind, time.Duration(at.of("when", message, kind, fmt.Sprint(i, n)) * float64(2*time.Second))})
			}
			mu.Lock()
			furthest[message] = max(furthest[message], says[kind])
			mu.Unlock()
		}
		at.count("events", len(all))
		return all
	}
	at.provider.early = func(message string) bool { return at.of("early", message) < 0.2 }
	if err := at.run(ctx, "outbox", 2); err != nil {
		return err
	}
	l, err := at.people(ctx, at.size(1000, 100), "7")
	if err != nil {
		return err
	}
	if err := at.drained(ctx, l, 60*time.Second); err != nil {
		return err
	}
	// A day later, each story once more from its beginning.
	for _, r := range at.provider.log() {
		if r.taken && at.of("late", r.message) < 0.3 {
			at.provider.again(r.message, "processed")
			at.count("events", 1)
		}
	}
	if err := at.provider.quiet(ctx, 40*time.Second); err != nil {
		return err
	}
	all, _, err := at.snapshot(ctx, "outbox")
	if err != nil {
		return err
	}
	for _, d := range all["outbox"] {
		var outcome, state string
		field(d, "outcome", &outcome)
		field(d, "state", &state)
		want := furthest[d.Ref.ID]
		switch {
		case outcomes[outcome] != want:
			at.violation("of %s it was said as much as %d, and what counts is %q", d.Ref.ID, want, outcome)
		case (want == 3 || want == 4) != (state == "set aside"):
			at.violation("%s is %q, and what became of it is %q", d.Ref.ID, state, outcome)
		}
	}
	for id, taken := range at.provider.copies() {
		if len(taken) > 1 {
			at.violation("I4: %d copies of %s", len(taken), id)
		}
	}
	return nil
}
