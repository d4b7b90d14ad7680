package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/cascading-leadership/cascade/scripts/cmd/faults/sabotage"
	"github.com/cascading-leadership/cascade/scripts/internal/wiring"
	"github.com/cascading-leadership/cascade/shared/platform/cloudevent"
)

var _ = add(row{
	id: "X8", breaks: "each schedule's job stops: it fires no more, its function is gone, or its work fails each time",
	guards: []sabotage.Guard{sabotage.Heartbeat},
	run:    stopJobs,
})

// job is a schedule with the worker that does its work.
type job struct {
	wiring.Schedule
	worker *worker
	// calls are those that the worker makes to the database.
	calls *proxy
}

// stopJobs stops one job after the other, in each way. As long as it has been due only
// once since, nobody is alarmed; when it is due a second time, the command that looks
// after schedules names it and no other; and when it works again, none.
func stopJobs(ctx context.Context, at *place) error {
	check, err := at.ground.checker()
	if err != nil {
		return err
	}
	schedules, err := wiring.Schedules(at.ground.root)
	if err != nil {
		return err
	}
	var jobs []*job
	for _, s := range schedules {
		j := &job{Schedule: s}
		if j.calls, err = newProxy(at.ground.host); err != nil {
			return err
		}
		at.closers = append(at.closers, j.calls.stop)
		if err := at.run(ctx, s.Function, 1, []string{"FIRESTORE_EMULATOR_HOST=" + j.calls.host}); err != nil {
			return err
		}
		of := at.all(s.Function)
		j.worker = of[len(of)-1]
		jobs = append(jobs, j)
	}
	tick := func(without *job) {
		for _, j := range jobs {
			if j == without {
				continue
			}
			if err := at.tickAt(ctx, "http://"+j.worker.host+cloudevent.Path, j.Name); err != nil {
				at.violation("%s does not work: %v", j.Name, err)
			}
		}
	}
	names := func(when string, want ...string) error {
		at.count("looks", 1)
		got, err := check(ctx, at)
		if err == nil && !slices.Equal(got, want) {
			at.violation("%s: silent are %v, and not %v", when, got, want)
		}
		return err
	}
	if err := at.atTen(); err != nil {
		return err
	}
	var all []string
	for _, j := range jobs {
		all = append(all, j.Name)
	}
	if err := names("nothing has ever worked", all...); err != nil {
		return err
	}
	for _, stop := range []struct {
		how         string
		stop, again func(j *job) error
		fires       bool
	}{
		{how: "fires no more", stop: func(*job) error { return nil }, again: func(*job) error { return nil }},
		{how: "is gone", fires: true, stop: func(j *job) error { j.worker.kill(); return nil }, again: func(j *job) error {
			return errors.Join(j.worker.start(), j.worker.ready(ctx))
		}},
		{how: "fails each time", fires: true, stop: func(j *job) error {
			// Nothing can be read. A heartbeat could be written.
			j.calls.set(func(c call) verdict {
				if c.method == "Commit" {
					return verdict{}
				}
				return verdict{code: codes.PermissionDenied}
			})
			return nil
		}, again: func(j *job) error { j.calls.set(func(call) verdict { return verdict{} }); return nil }},
	} {
		for _, j := range jobs {
			// Not so near to a full minute that it passes meanwhile.
			if err := at.pass(at.now().Truncate(time.Minute).Add(80 * time.Second).Sub(at.now())); err != nil {
				return err
			}
			tick(nil)
			last := at.now()
			if err := stop.stop(j); err != nil {
				return err
			}
			at.count("stopped", 1)
			// Its second time is between a moment before it and a moment after.
			second := j.Next(j.Next(last))
			for _, look := range []struct {
				at   time.Time
				want []string
			}{{j.Next(last).Add(time.Second), nil}, {second.Add(2 * time.Second), []string{j.Name}}} {
				if err := at.pass(look.at.Sub(at.now())); err != nil {
					return err
				}
				tick(j)
				if stop.fires && at.tickAt(ctx, "http://"+j.worker.host+cloudevent.Path, j.Name) == nil {
					at.violation("%s %s, and its tick was taken", j.Name, stop.how)
				}
				if err := names(fmt.Sprintf("%s %s, %v after", j.Name, stop.how, look.at.Sub(last).Round(time.Second)), look.want...); err != nil {
					return err
				}
			}
			if err := stop.again(j); err != nil {
				return err
			}
		}
		tick(nil)
		if err := names("all work again"); err != nil {
			return err
		}
	}
	return nil
}

// checker builds the command that looks after schedules. Each look is a process of its
// own, and says which ones are silent.
func (g *ground) checker() (func(context.Context, *place) ([]string, error), error) {
	file := filepath.Join(g.dir, "cascade")
	build := exec.Command("go", "build", "-o", file, "./scripts/cmd/cascade")
	build.Dir = g.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cascade does not build:\n%s", out)
	}
	return func(ctx context.Context, at *place) (silent []string, err error) {
		c := exec.CommandContext(ctx, file, "check", "--root", g.root)
		c.Env = append(os.Environ(), at.settings(0)...)
		var out, said bytes.Buffer
		c.Stdout, c.Stderr = &out, &said
		err = c.Run()
		var exit *exec.ExitError
		if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
			return nil, fmt.Errorf("cascade check: %w: %s", err, said.String())
		}
		for line := range strings.Lines(out.String()) {
			if parts := strings.Fields(line); len(parts) > 1 && parts[1] == "SILENT" {
				silent = append(silent, parts[0])
			}
		}
		if (err != nil) != (len(silent) > 0) {
			return nil, fmt.Errorf("cascade check ends with %v, and says %s", err, out.String())
		}
		return silent, nil
	}, nil
}
