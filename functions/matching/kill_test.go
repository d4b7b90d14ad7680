package matching

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cascading-leadership/cascade/shared/enrolment"
	"github.com/cascading-leadership/cascade/shared/platform/clock"
	"github.com/cascading-leadership/cascade/shared/platform/serve"
	"github.com/cascading-leadership/cascade/shared/platform/store"
	"github.com/cascading-leadership/cascade/shared/platform/testbed"
)

// childOf names the project whose programme a process of these tests runs once.
const childOf = "MATCHING_TEST_PROJECT"

func TestMain(m *testing.M) {
	project := os.Getenv(childOf)
	if project == "" {
		os.Exit(m.Run())
	}
	s, err := store.Open(context.Background(), project, "(default)")
	if err == nil {
		fmt.Println("begun")
		err = (&runner{&serve.Runtime{Store: s, Now: clock.Real}, 7}).run(context.Background(), "pilot")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killed runs a programme once in a process that dies. Afterwards everybody sees all
// as it was before, or all of the new run.
func (b *arena) killed(id string, death *testbed.Death, most int, before, after string) {
	b.t.Helper()
	s, bury := b.Dying(death)
	defer bury()
	if err := b.on(s, most).run(b.t.Context(), id); err == nil && death.Requests() >= death.At {
		b.t.Errorf("%s: a process that died at request %d reports nothing", id, death.At)
	}
	b.oneOf(fmt.Sprintf("%s, killed at request %d (after: %v)", id, death.At, death.After), b.view(id), before, after)
}

func (b *arena) oneOf(when, got, before, after string) {
	b.t.Helper()
	if got != before && got != after {
		b.t.Errorf("%s: people see\n%.2000s\nwhich is neither\n%.2000s\nnor\n%.2000s", when, got, before, after)
	}
}

// finished runs a programme and fails unless it comes to what was expected.
func (b *arena) finished(id string, most int, after string) {
	b.t.Helper()
	if err := b.on(b.Store, most).run(b.t.Context(), id); err != nil {
		b.t.Error(err)
	}
	if got := b.view(id); got != after {
		b.t.Errorf("%s: in the end people see\n%.2000s\nwant\n%.2000s", id, got, after)
	}
	b.sound(id)
}

// A run that is killed at any of its requests, before or after it is made, is seen as
// a whole or not at all, and the next one comes to what it would have come to.
func TestRunKilledAtAnyPointIsWholeOrNotThere(t *testing.T) {
	const all = 400 // points at which runs are killed
	wanted := int64(testbed.Runs(all))
	var points atomic.Int64
	t.Cleanup(func() {
		if n := points.Load(); n < wanted && !t.Failed() {
			t.Errorf("runs were killed at %d points, want %d", n, wanted)
		} else {
			t.Logf("killed at %d points", n)
		}
	})
	for _, scene := range []struct {
		name string
		most int
		// begun brings a programme to where the run begins.
		begun func(b *arena, id string)
	}{
		{"the first run", 5, func(b *arena, id string) { b.begin(id, 6) }},
		{"a later run", 1, func(b *arena, id string) {
			b.begin(id, 5)
			b.run(id)
			b.change(id, "a001", func(e *enrolment.Enrolment) { e.Skills["board"], e.Skills["finance"] = 3, 1 })
		}},
		{"a run beside matches that are out, some of which it would move", 2, func(b *arena, id string) {
			b.begin(id, 5)
			b.run(id)
			b.release(id, b.proposals(id)[:3]...)
			better := someone("z", 9)
			better.Skills = map[string]int{"board": 3, "digital": 3}
			c := b.Store.Commit()
			c.CreateEnrolment(id, better)
			c.CreateEnrolment(id, someone("a", 9))
			b.Commit(c)
		}},
		{"a run that also clears up after others", 3, func(b *arena, id string) {
			b.begin(id, 6)
			s, bury := b.Dying(&testbed.Death{At: 9}) // given up
			defer bury()
			_ = b.on(s, 1).run(b.t.Context(), id)
			b.change(id, "a001", func(e *enrolment.Enrolment) { e.Skills["finance"] = 1 })
			b.run(id)
			b.change(id, "a002", func(e *enrolment.Enrolment) { e.Skills["finance"] = 1 })
		}},
	} {
		t.Run(scene.name, func(t *testing.T) {
			b := newArena(t)
			each(func(i int) bool {
				id := fmt.Sprint("p", i)
				point := i * (all / int(wanted)) // an odd step: before and after a request in turn
				death := &testbed.Death{At: point/2 + 1, After: point%2 == 1}
				scene.begun(b, id)
				before, after := b.view(id), b.expected(id)
				b.killed(id, death, scene.most, before, after)
				b.finished(id, scene.most, after)
				points.Add(1)
				// Until the whole run lies before the death.
				return death.Requests() >= death.At && !t.Failed() && t.Context().Err() == nil
			})
		})
	}

	// Processes that are killed again and again, each time at another point, go on from
	// where the one before was.
	for _, scene := range []struct {
		name                    string
		people, most, at, least int
	}{
		{"again and again, one write a commit", 8, 1, 36, 130},
		{"again and again, two writes a commit", 8, 2, 28, 125},
		{"again and again, many in several commits", 90, 40, 22, 6},
	} {
		t.Run(scene.name, func(t *testing.T) {
			b := newArena(t)
			b.begin("pilot", scene.people)
			random := rand.New(rand.NewPCG(4, uint64(scene.people)))
			before, after := b.view("pilot"), b.expected("pilot")
			for n := 0; n < testbed.Runs(scene.least) && !t.Failed(); n++ {
				death := &testbed.Death{At: 1 + random.IntN(scene.at), After: random.IntN(2) == 1}
				b.killed("pilot", death, scene.most, before, after)
				points.Add(1)
				if b.view("pilot") == after { // and now for another one
					b.sound("pilot")
					b.change("pilot", "a000", func(e *enrolment.Enrolment) { e.Skills["finance"] = 1 + e.Skills["finance"]%3 })
					before, after = after, b.expected("pilot")
				}
			}
			b.finished("pilot", scene.most, after)
		})
	}
}

// The same with a real process that is really killed, at moments that nobody chose,
// while somebody looks all the time.
func TestProcessKilledAtAnyMoment(t *testing.T) {
	b := newArena(t)
	b.begin("pilot", 40)
	before, after := b.view("pilot"), b.expected("pilot")

	looking, stop := context.WithCancel(t.Context())
	var reader sync.WaitGroup
	looks := 0
	reader.Go(func() {
		for ; looking.Err() == nil; looks++ {
			if got, err := view(looking, b.Store, "pilot"); looking.Err() == nil {
				if err != nil {
					t.Error(err)
				}
				b.oneOf("while it runs", got, before, after)
			}
		}
	})
	random := rand.New(rand.NewPCG(9, 2016))
	kills := 0
	for kills < 5 && !t.Failed() {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childOf+"="+b.Project)
		said, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(said).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- child.Wait() }()
		// Longer and longer, until one comes to its end.
		lives := time.NewTimer(time.Duration(random.Int64N(int64(40*time.Millisecond) << kills)))
		select {
		case <-lives.C:
			_ = child.Process.Kill()
			<-done
			kills++
			b.oneOf("after a kill", b.view("pilot"), before, after)
			continue
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		}
		b.oneOf("a process that was not killed", b.view("pilot"), after, after)
		break
	}
	stop()
	reader.Wait()
	b.finished("pilot", store.MaxWrites, after)
	t.Logf("%d processes were killed, and %d looks saw one or the other", kills, looks)
	if kills == 0 {
		t.Error("none was killed")
	}
}
