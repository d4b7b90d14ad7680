package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cascading-leadership/cascade/scripts/internal/collector"
	"github.com/cascading-leadership/cascade/shared/matching"
)

//go:embed dense.py
var densePython []byte

// problemSpec is which problem a process of one side is to solve.
type problemSpec struct {
	shape, settings string
	size            int
	seed            uint64
}

func (w *problemSpec) flags(c *cobra.Command) {
	c.Flags().StringVar(&w.shape, "shape", sectorwide, "")
	c.Flags().StringVar(&w.settings, "settings", total, "")
	c.Flags().IntVar(&w.size, "size", 0, "")
	c.Flags().Uint64Var(&w.seed, "seed", 0, "")
}

func (w problemSpec) arguments() []string {
	return []string{"--shape", w.shape, "--settings", w.settings, "--size", strconv.Itoa(w.size), "--seed", strconv.FormatUint(w.seed, 10)}
}

// oursCommand is our side's process: it writes an empty object of JSON when it is ready,
// and then for each line that it reads it solves once and writes what it measured.
func oursCommand() *cobra.Command {
	var w problemSpec
	c := &cobra.Command{Use: "ours", Args: cobra.NoArgs, Hidden: true, RunE: func(*cobra.Command, []string) error {
		p, err := problem(w.shape, w.settings, w.size, w.seed)
		if err != nil {
			return err
		}
		collector.Frugal(2 * w.size) // as the command-line program does
		fmt.Println("{}")
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			runtime.GC() // what the last solution left is not this one's to clear up
			began, used := time.Now(), cpu()
			s, err := matching.Solve(p)
			took, cpu := time.Since(began), cpu()-used
			if err != nil {
				return err
			}
			peak, err := peak()
			if err != nil {
				return err
			}
			m := measurement{Seconds: took.Seconds(), CPU: cpu, Matched: len(s.Matches), Score: s.Score, Peak: peak}
			if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
				return err
			}
		}
		return in.Err()
	}}
	w.flags(c)
	return c
}

// cpu is how many seconds of the processors this process has used.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// peak is the most memory that this process ever held, in bytes, as Linux counts it.
func peak() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if kilobytes, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kilobytes), " kB"), 10, 64)
			return n * 1024, err
		}
	}
	return 0, errors.New("/proc/self/status does not say the peak of memory, VmHWM")
}

// measure has a problem solved by all sides that it names, in turn.
func (o *options) measure(ctx context.Context, folder string, p *comparison) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	type taking struct {
		name string
		*solverProcess
		series *series
	}
	var sides []taking
	start := func(name string, to *series, program string, arguments ...string) error {
		s, err := startProcess(ctx, program, arguments...)
		if err == nil {
			sides = append(sides, taking{name, s, to})
		}
		return err
	}
	defer func() {
		for _, s := range sides {
			s.end()
		}
	}()
	ours := func(name, settings string, to *series) error {
		if to == nil {
			return nil
		}
		return start(name, to, self, append([]string{"ours"}, problemSpec{p.Shape, settings, p.Size, o.seed}.arguments()...)...)
	}
	if err := ours("ours", total, p.Ours); err != nil {
		return err
	}
	if p.SciPy != nil {
		arrays := filepath.Join(folder, fmt.Sprintf("%s-%d", p.Shape, p.Size))
		if err := os.Mkdir(arrays, 0o755); err != nil {
			return err
		}
		defer os.RemoveAll(arrays)
		writing := exec.CommandContext(ctx, self, append([]string{"arrays", arrays}, problemSpec{p.Shape, total, p.Size, o.seed}.arguments()...)...)
		writing.Stderr = os.Stderr
		if err := writing.Run(); err != nil {
			return fmt.Errorf("writing arrays: %w", err)
		}
		program := filepath.Join(arrays, "dense.py")
		if err := os.WriteFile(program, densePython, 0o644); err != nil {
			return err
		}
		if err := start("SciPy", p.SciPy, o.python, program, arrays); err != nil {
			return err
		}
	}
	if err := ours("ours as shipped", shipped, p.Shipped); err != nil {
		return err
	}
	for k := range o.repeat {
		var said []string
		for _, s := range sides {
			m, err := s.solve()
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.series.Runs = append(s.series.Runs, m)
			said = append(said, fmt.Sprintf("%s %s (%s of CPU)", s.name, duration(m.Seconds), duration(m.CPU)))
		}
		if err := p.agree(k); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%-6s %8s, %d of %d: %s\n", p.Shape, count(p.Size), k+1, o.repeat, strings.Join(said, ", "))
	}
	return nil
}

// agree holds the solutions of one turn against each other: SciPy's optimum is ours to
// the point, and relaxing never matches fewer.
func (p *comparison) agree(turn int) error {
	if p.Ours == nil {
		return nil
	}
	a := p.Ours.Runs[turn]
	if p.SciPy != nil {
		if b := p.SciPy.Runs[turn]; a.Matched != b.Matched || a.Score != b.Score {
			return fmt.Errorf("the two disagree: ours matches %d with a score of %d, SciPy %d with %d", a.Matched, a.Score, b.Matched, b.Score)
		}
	}
	if p.Shipped != nil {
		if b := p.Shipped.Runs[turn]; b.Matched < a.Matched {
			return fmt.Errorf("with relaxing it matches %d, and without %d", b.Matched, a.Matched)
		}
	}
	return nil
}

// solverProcess is a process that solves a problem each time it is asked.
type solverProcess struct {
	command *exec.Cmd
	ask     io.WriteCloser
	answers *json.Decoder
}

func startProcess(ctx context.Context, program string, arguments ...string) (*solverProcess, error) {
	s := &solverProcess{command: exec.CommandContext(ctx, program, arguments...)}
	n := strconv.Itoa(cores())
	s.command.Env = append(os.Environ(), "GOMAXPROCS="+n, "OPENBLAS_NUM_THREADS="+n, "OMP_NUM_THREADS="+n)
	s.command.Stderr = os.Stderr
	var err error
	if s.ask, err = s.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.answers = json.NewDecoder(out)
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	if err := s.answers.Decode(&struct{}{}); err != nil {
		s.end()
		return nil, fmt.Errorf("%s did not get ready: %w", filepath.Base(program), err)
	}
	return s, nil
}

// pause is what both sides have before each run: the threads of OpenBLAS, which SciPy
// uses, spin for tens of milliseconds when they have nothing to do any more.
const pause = 250 * time.Millisecond

func (s *solverProcess) solve() (measurement, error) {
	var m measurement
	time.Sleep(pause)
	if _, err := io.WriteString(s.ask, "\n"); err != nil {
		return m, err
	}
	err := s.answers.Decode(&m)
	return m, err
}

// end lets the process end by itself, which it does when nobody can ask any more.
func (s *solverProcess) end() {
	s.ask.Close()
	_ = s.command.Wait()
}

// versions are those of Python's libraries.
func versions(ctx context.Context, python string) (string, error) {
	out, err := exec.CommandContext(ctx, python, "-c", "import numpy, scipy.optimize; print(f'SciPy {scipy.__version__}, NumPy {numpy.__version__}')").Output()
	if err != nil {
		return "", fmt.Errorf("%s has no SciPy: install python3-scipy, or name another with --python (%w)", python, err)
	}
	return strings.TrimSpace(string(out)), nil
}
