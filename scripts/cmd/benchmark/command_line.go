package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/table"
)

// filesCommand writes a problem as a host would have it, a table of enrolments and
// the programme's settings, in a process of its own so that the one that measures
// stays small: what a process starts counts its starter's memory as its own.
func filesCommand() *cobra.Command {
	var w problemSpec
	c := &cobra.Command{Use: "files FOLDER", Args: cobra.ExactArgs(1), Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		p, err := problem(w.shape, w.settings, w.size, w.seed)
		if err != nil {
			return err
		}
		settings, err := yaml.Marshal(p.Programme)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(args[0], "programme.yaml"), settings, 0o644); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(args[0], "enrolments.csv"))
		if err != nil {
			return err
		}
		all := &table.Enrolments{Clients: p.Clients, Consultants: p.Consultants, Supervisors: p.Supervisors}
		return errors.Join(all.Write(f, p.Programme), f.Close())
	}}
	w.flags(c)
	return c
}

// measureCommandLine measures `cascade match`, from its start to its end.
func (o *options) measureCommandLine(ctx context.Context, folder string, like []comparison) (*series, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := problemSpec{sectorwide, total, o.whole, o.seed}
	writing := exec.CommandContext(ctx, self, append([]string{"files", folder}, w.arguments()...)...)
	writing.Stderr = os.Stderr
	if err := writing.Run(); err != nil {
		return nil, fmt.Errorf("writing enrolments: %w", err)
	}
	in := func(name string) string { return filepath.Join(folder, name) }
	s := &series{Size: o.whole}
	for k := range o.repeat {
		for _, name := range []string{"matches.csv", "certificate.json"} {
			if err := os.Remove(in(name)); err != nil && k > 0 {
				return nil, err
			}
		}
		c := exec.CommandContext(ctx, o.cascade, "match", "--enrolments", in("enrolments.csv"), "--programme", in("programme.yaml"),
			"--out", in("matches.csv"), "--certificate", in("certificate.json"))
		c.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(cores()))
		began := time.Now()
		out, err := c.CombinedOutput()
		took := time.Since(began)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, out)
		}
		text, err := os.ReadFile(in("certificate.json"))
		if err != nil {
			return nil, err
		}
		var found struct{ Matched, Score int }
		if err := json.Unmarshal(text, &found); err != nil {
			return nil, err
		}
		used := c.ProcessState.SysUsage().(*syscall.Rusage)
		m := measurement{Seconds: took.Seconds(), CPU: (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), Matched: found.Matched, Score: found.Score, Peak: used.Maxrss * 1024}
		s.Runs = append(s.Runs, m)
		fmt.Fprintf(os.Stderr, "files  %8s, %d of %d: ours %s (%s of CPU), %s\n", count(o.whole), k+1, o.repeat, duration(m.Seconds), duration(m.CPU), bytes(float64(m.Peak)))
		for _, p := range like {
			if p.Shape != sectorwide || p.Size != o.whole || p.Ours == nil {
				continue
			}
			if r := p.Ours.Runs[0]; r.Matched != m.Matched || r.Score != m.Score {
				return nil, fmt.Errorf("from files it matches %d with a score of %d, in memory %d with %d", m.Matched, m.Score, r.Matched, r.Score)
			}
		}
	}
	return s, nil
}
