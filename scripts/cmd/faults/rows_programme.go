package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/relay"
	"github.com/cascading-leadership/cascade/shared/enrolment"
)

// strain is what happens to a journey.
type strain struct {
	pairs, kills int
	// frozen is for how long the database stands still in the middle.
	frozen   time.Duration
	refusals float64
	relay    relay.Faults
	// silence is how long the provider says nothing of an email that it took.
	silence time.Duration
	// patient is the journey's.
	patient bool
	// calls decides about each call to Firestore; nil for none failing.
	calls func(j *journey) func(c call) verdict
	// programmes are how many the pairs take part in, where it is not one.
	programmes int
	// twice: the two of each so many-th pair are one person; 0 for none.
	twice int
}

// whole is that a commit is made as a whole or not at all, which the proxy before a twin
// does not hold to.
const whole sabotage.Guard = "whole commits"

var _ = add(
	row{
		id: "S1", alone: true, breaks: "a whole programme: kill -9 of any function, the provider failing, events twice, shuffled and a tenth dropped, the database stopped in the middle",
		within: 9 * time.Minute,
		guards: []sabotage.Guard{sabotage.Update},
		run: func(ctx context.Context, at *place) error {
			return at.programmeUnder(ctx, strain{pairs: at.size(100, 15), kills: at.size(200, 30), frozen: 6 * time.Second, refusals: 0.1, relay: doubled, twice: 5})
		},
	},
	row{
		id: "F1", breaks: "one in ten calls to the database fails, half of these after they were made, with a seed for each pair", within: 6 * time.Minute,
		guards: []sabotage.Guard{sabotage.Update},
		run: func(ctx context.Context, at *place) error {
			n := at.size(200, 20)
			if len(at.off) > 0 {
				n = 30 // which is enough to notice
			}
			err := at.programmeUnder(ctx, strain{pairs: n, programmes: 3, relay: doubled, calls: (*journey).failing})
			if seeds := at.counted("seeds"); err == nil && seeds < n {
				at.violation("the calls about %d pairs failed by %d seeds", n, seeds)
			}
			return err
		},
	},
	row{
		id: "F2", breaks: "each kind of write that a programme makes fails the first two times", within: 5 * time.Minute,
		guards: []sabotage.Guard{whole, sabotage.Doubt},
		run:    namedWrites,
	},
)

// namedWrites takes a programme through while of each name of a commit the first two
// are not made: what was done by halves would have to be found and put right.
func namedWrites(ctx context.Context, at *place) error {
	var mu sync.Mutex
	made := map[string]int{}
	// The provider says nothing of an email before its lease is over, so that it is seen
	// what becomes of one of which could not be recorded that it was sent.
	err := at.programmeUnder(ctx, strain{pairs: at.size(12, 3), refusals: 0.1, relay: doubled, silence: lease + time.Second, patient: true, calls: func(*journey) func(call) verdict {
		return func(c call) verdict {
			if c.method != "Commit" {
				return verdict{}
			}
			mu.Lock()
			defer mu.Unlock()
			name := c.name()
			if made[name]++; made[name] <= 2 {
				return verdict{code: codes.Internal, half: slices.Contains(at.off, whole)}
			}
			return verdict{}
		}
	}})
	mu.Lock()
	defer mu.Unlock()
	at.count("named writes", len(made))
	again := 0
	for _, n := range made {
		if n > 2 {
			again++
		}
	}
	at.count("of them made again", again)
	return err
}

// failing decides about calls to Firestore. Those about a pair, whose enrolments' ids
// they have, fail in an order that belongs to the pair's seed, whatever others come
// between; what is about nobody, such as the search for what is due, has one of its own.
func (j *journey) failing() func(call) verdict {
	wrong := []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal}
	of := map[string]int{}
	for i := range j.pairs {
		for _, side := range []string{"p", "q"} {
			of[enrolment.PersonOf(j.idOf(side, i))] = i + 1
		}
	}
	seeds := map[int]*rand.Rand{}
	return func(c call) verdict {
		n := 0
		for _, id := range derived.FindAll(c.request, -1) {
			if n = of[string(id)]; n > 0 {
				break
			}
		}
		r := seeds[n]
		if r == nil {
			r = rand.New(rand.NewPCG(j.at.ground.seed, uint64(n)))
			seeds[n] = r
			j.at.count("seeds", min(1, n))
		}
		switch n := r.IntN(1000); {
		case n < 50:
			return verdict{code: wrong[r.IntN(len(wrong))]}
		case n < 100 && c.method == "Commit":
			return verdict{code: wrong[r.IntN(2)], after: true}
		}
		return verdict{}
	}
}

// derived is an id as it stands in what is asked of Firestore.
var derived = regexp.MustCompile(`[a-z2-7]{26}`)

// programmeUnder takes a programme through, and checks everything.
func (at *place) programmeUnder(ctx context.Context, s strain) error {
	var calls *proxy
	if s.calls != nil {
		var err error
		if calls, err = at.proxied(); err != nil {
			return err
		}
	}
	at.environment = append(at.environment, sabotage.StoreDeadline+"=3s")
	at.provider.plan = func(message string, nth int) fault {
		if nth > 4 || at.of("fault", message, string(rune(nth))) >= s.refusals {
			return fine
		}
		kinds := []fault{tooMany, brokenPre, brokenPost, hangPost, resetPost, resetPre}
		return kinds[int(at.of("kind", message, string(rune(nth)))*float64(len(kinds)))]
	}
	at.provider.events = func(message string, _ int) []happening {
		d := s.silence + time.Duration(at.of("delay", message)*float64(300*time.Millisecond))
		return []happening{{"delivered", d}, {"processed", d + 200*time.Millisecond}}
	}
	in := func(int) string { return "pilot" }
	if s.programmes > 1 {
		in = func(i int) string { return fmt.Sprintf("pilot-%d", i%s.programmes) }
	}
	j, err := at.beginIn(ctx, s.pairs, in)
	if err != nil {
		return err
	}
	j.patient = s.patient
	if s.twice > 0 {
		j.twice = func(i int) bool { return i%s.twice == 0 }
	}
	if err := at.listen(ctx, s.relay, "outbox", "questionnaires"); err != nil {
		return err
	}
	if calls != nil {
		calls.set(s.calls(j))
	}
	running, stop := context.WithCancel(ctx)
	schedules := j.schedules(running)
	var trouble sync.WaitGroup
	trouble.Go(func() { at.chaos(running, s.kills, time.Duration(s.pairs)*700*time.Millisecond+20*time.Second) })
	if s.frozen > 0 {
		trouble.Go(func() {
			if pause(running, 12*time.Second) {
				if err := at.freeze(running, s.frozen); err != nil {
					at.violation("the emulator could not be stopped and continued: %v", err)
				}
			}
		})
	}
	err = j.whole(running)
	if calls != nil {
		all, before, after := calls.made()
		at.count("calls", all)
		at.count("failed before", before)
		at.count("failed after", after)
		calls.set(func(call) verdict { return verdict{} })
	}
	if err == nil {
		err = j.sentToday(running)
	}
	stop()
	trouble.Wait()
	schedules.Wait()
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		at.violation("the programme did not come to its end: %v", err)
		return nil
	}
	if err := at.provider.quiet(ctx, 40*time.Second); err != nil {
		return err
	}
	for _, w := range at.all("") {
		if err := w.ready(ctx); err != nil {
			return err
		}
	}
	if err := j.check(ctx); err != nil {
		return err
	}
	return at.fixpoint(ctx, []string{"outbox", "matches", "pairings", "sessions", "invitations"}, func(ctx context.Context) error {
		for function, schedule := range map[string]string{"outbox": "outbox-sweep", "reminders": "reminders-tick", "questionnaires": "questionnaires-sweep"} {
			if err := at.tick(ctx, function, schedule); err != nil {
				return err
			}
		}
		return nil
	})
}
