package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
)

// row is one thing that is broken on purpose.
type row struct {
	id     string
	breaks string
	// short: it is in the short version.
	short bool
	// alone: it stops what other rows work with, or measures how long things take.
	alone bool
	// needs says what is not built yet that the row needs, or "".
	needs func(*ground) string
	// run breaks it and checks what the row promises. Each run has a place of its own.
	run func(ctx context.Context, at *place) error
	// guards are those without which the row must fail. Each is one twin, where its
	// code is there.
	guards []sabotage.Guard
	// together are guards that hold the same: only without all of them must it fail.
	together []sabotage.Guard
	// twin does what run does with the guard off; nil where run itself does.
	twin func(ctx context.Context, at *place) error
	// within bounds one run; 0 for three minutes.
	within time.Duration
}

// rows are all rows, in the order of the table in the notes on reliability.
var rows []row

// the files of the rows add theirs, in any order.
func add(r ...row) struct{} {
	rows = append(rows, r...)
	order := func(id string) (int, int) {
		n := 0
		fmt.Sscanf(id[1:], "%d", &n)
		return strings.Index("SDFLX", id[:1]), n
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		ka, na := order(a.id)
		kb, nb := order(b.id)
		return cmp.Or(cmp.Compare(ka, kb), cmp.Compare(na, nb))
	})
	return struct{}{}
}

// counts are what a run counted, in the order of first mention.
type counts struct {
	mu    sync.Mutex
	names []string
	n     map[string]int
	wrong []string
	more  int
}

// count adds to a count.
func (c *counts) count(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	if _, known := c.n[name]; !known {
		c.names = append(c.names, name)
	}
	c.n[name] += n
}

// counted is what a count has come to.
func (c *counts) counted(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[name]
}

// violation notes that a promise was broken.
func (c *counts) violation(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrong) < 12 {
		c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
		return
	}
	c.more++
}

func (c *counts) violations() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.wrong) + c.more
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, name := range c.names {
		all = append(all, fmt.Sprintf("%d %s", c.n[name], name))
	}
	return strings.Join(all, ", ")
}

// result is what came of a row.
type result struct {
	row
	notRun string
	err    error
	counts *counts
	took   time.Duration
	twins  []twin
}

// twin is what came of a row with a guard off.
type twin struct {
	off    []sabotage.Guard
	err    error
	counts *counts
}

// noticed reports whether the twin failed, as it must.
func (t twin) noticed() bool { return t.err == nil && t.counts != nil && t.counts.violations() > 0 }

// tries is how often a twin is run, at most, until it fails.
const tries = 3

func (t twin) String() string {
	names := make([]string, len(t.off))
	for i, g := range t.off {
		names[i] = strings.TrimPrefix(string(g), "no-") // what the twin is without
	}
	guard := strings.Join(names, " and ")
	switch {
	case t.err != nil:
		return fmt.Sprintf("%s: could not be run: %v", guard, t.err)
	case t.noticed():
		return fmt.Sprintf("%s: fails, as it must (%d)", guard, t.counts.violations())
	}
	return fmt.Sprintf("%s: NOT NOTICED", guard)
}

// all runs rows, some at once, and those last that have to be alone. The results come
// in the order of the rows.
func (g *ground) all(ctx context.Context, chosen []row) []chan result {
	results := make([]chan result, len(chosen))
	var running errgroup.Group
	running.SetLimit(g.atOnce)
	for i := range chosen {
		results[i] = make(chan result, 1)
	}
	go func() {
		for _, alone := range []bool{false, true} {
			for i, r := range chosen {
				if r.alone != alone {
					continue
				}
				running.Go(func() error {
					results[i] <- g.do(ctx, r)
					return nil
				})
				if alone {
					_ = running.Wait()
				}
			}
			_ = running.Wait()
		}
	}()
	return results
}

// do runs a row and its twins.
func (g *ground) do(ctx context.Context, r row) result {
	res := result{row: r, counts: new(counts)}
	if r.needs != nil {
		if res.notRun = r.needs(g); res.notRun != "" {
			return res
		}
	}
	if r.run == nil {
		res.notRun = "not written yet"
		return res
	}
	began := time.Now()
	res.err = g.once(ctx, r, r.run, res.counts, nil)
	res.took = time.Since(began)
	if g.noTwins {
		return res
	}
	all := [][]sabotage.Guard{}
	for _, guard := range r.guards {
		all = append(all, []sabotage.Guard{guard})
	}
	if len(r.together) > 0 {
		all = append(all, r.together)
	}
	for _, off := range all {
		body := r.run
		if r.twin != nil {
			body = r.twin
		}
		// A twin shows that harm can be done, and at a short row's size none may be by
		// chance: whether an email goes twice hangs on what comes first.
		var t twin
		for try := 0; try < tries && !t.noticed(); try++ {
			t = twin{off: off, counts: new(counts)}
			if t.err = g.once(ctx, r, body, t.counts, off); t.err != nil {
				break
			}
		}
		res.twins = append(res.twins, t)
	}
	return res
}

// once runs a row's body in a place of its own.
func (g *ground) once(ctx context.Context, r row, body func(context.Context, *place) error, c *counts, off []sabotage.Guard) error {
	within := cmp.Or(r.within, 3*time.Minute)
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("did not end within %v", within))
	defer cancel()
	at, err := g.place(ctx, r.id, c, off)
	if err != nil {
		return err
	}
	defer at.leave()
	if err := body(ctx, at); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return nil
}

// table prints what came of the rows.
type table struct {
	out    io.Writer
	began  time.Time
	passed int
	failed int
	not    int
	found  bool
}

func newTable(out io.Writer) *table {
	t := &table{out: out, began: time.Now()}
	fmt.Fprintf(out, "%-4s %-9s %6s  %s\n", "row", "result", "time", "what was broken, what was counted, and the sabotage twin")
	return t
}

func (t *table) add(r result) {
	status := "kept"
	switch {
	case r.notRun != "":
		status = "not run"
		t.not++
	case r.err != nil || r.counts.violations() > 0:
		status = "BROKEN"
	}
	twins := true
	for _, w := range r.twins {
		twins = twins && w.noticed()
	}
	if status == "kept" && !twins {
		status = "NO PROOF"
	}
	switch status {
	case "kept":
		t.passed++
	case "not run":
	default:
		t.failed++
		t.found = true
	}
	fmt.Fprintf(t.out, "%-4s %-9s %5.1fs  %s\n", r.id, status, r.took.Seconds(), r.breaks)
	if r.notRun != "" {
		fmt.Fprintf(t.out, "%23s%s\n", "", r.notRun)
		return
	}
	fmt.Fprintf(t.out, "%23s%v, %d violations\n", "", r.counts, r.counts.violations())
	if r.err != nil {
		fmt.Fprintf(t.out, "%23s! %v\n", "", r.err)
	}
	for _, w := range r.counts.wrong {
		fmt.Fprintf(t.out, "%23s! %s\n", "", w)
	}
	if r.counts.more > 0 {
		fmt.Fprintf(t.out, "%23s! and %d more\n", "", r.counts.more)
	}
	for _, w := range r.twins {
		fmt.Fprintf(t.out, "%23stwin without %v\n", "", w)
	}
}

func (t *table) end() {
	fmt.Fprintf(t.out, "%d kept, %d not, %d not run, in %.0f s\n", t.passed, t.failed, t.not, time.Since(t.began).Seconds())
}
