// Command benchmark measures matching beside SciPy's linear_sum_assignment, on the
// same made-up people in the same run, and says whether what the project promises
// holds. It is run by scripts/bench-matching.
//
// Ours is measured with two settings: the total without relaxing, which is all that
// SciPy can be asked for, and what the presets ship, fair and with relaxing, which
// takes longer. The report says in each row which of the two it is of.
//
// Each side is a process of its own, so that the most memory it ever held is its
// own; they take turns, so that a busy moment of the machine meets all of them. Ours
// goes from enrolments in memory to the solution with its certificate, SciPy's
// (dense.py) from the same people's arrays in memory to the pairs. Both must come to
// the same number of pairs and the same total.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-matching:", err)
		stop()
		os.Exit(1)
	}
}

// options are what is measured, and where the results go.
type options struct {
	sizes   []int
	alone   []int
	shipped []int
	whole   int
	repeat  int
	seed    uint64
	python  string
	cascade string
	picture string
	raw     string
	quick   bool
	within  time.Duration
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use: "bench-matching", Short: "Measure matching beside SciPy",
		Long: "Measure matching beside SciPy's linear_sum_assignment, on the same made-up people in the same run. It prints a table with what is\n" +
			"promised, fails where that does not hold or where the two disagree by a single point, and draws a picture. The whole of it takes\n" +
			"about half an hour on two cores, most of it SciPy's; each line is a median of five.\n\n" +
			"Beside SciPy ours solves for the total without relaxing. What the presets ship, fair and with relaxing, is measured in the same run.",
		Example: "  scripts/bench-matching\n  scripts/bench-matching --quick\n" +
			"  scripts/bench-matching --sizes 1000,10000 --shipped 1000,10000 --alone 0 --whole 0 --picture '' --raw ''\n" +
			"  scripts/bench-matching --sizes 0 --alone 1000,36000 --shipped 1000,36000 --whole 0 --picture '' --raw ''    # without SciPy",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.quick {
				for flag, value := range map[string]string{"sizes": "300,1000", "alone": "3000", "shipped": "300,1000,3000", "whole": "3000", "picture": "", "raw": ""} {
					if !cmd.Flags().Changed(flag) {
						_ = cmd.Flags().Set(flag, value)
					}
				}
			}
			ctx, stop := context.WithTimeout(cmd.Context(), o.within)
			defer stop()
			err := o.run(ctx)
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("not finished within %v: give it longer with --within, or smaller --sizes", o.within)
			}
			return err
		},
	}
	c.CompletionOptions.DisableDefaultCmd = true
	f := c.Flags()
	f.BoolVar(&o.quick, "quick", false, "small sizes, no picture: a minute at most")
	f.IntSliceVar(&o.sizes, "sizes", []int{1_000, 3_000, 10_000, 36_000}, "people a side, ours beside SciPy's; 0 for none")
	f.IntSliceVar(&o.alone, "alone", []int{163_000}, "people a side, ours alone; 0 for none")
	f.IntSliceVar(&o.shipped, "shipped", []int{1_000, 3_000, 10_000, 36_000}, "people a side, ours with the presets' settings")
	f.IntVar(&o.whole, "whole", 163_000, "people a side from a CSV file to a certificate file, by the command-line program; 0 for none")
	f.IntVar(&o.repeat, "repeat", 5, "how often each is measured; the median counts")
	f.Uint64Var(&o.seed, "seed", 2016, "what chance begins from")
	f.StringVar(&o.python, "python", "python3", "a Python that has SciPy")
	f.StringVar(&o.cascade, "cascade", filepath.Join(".cascade", "bin", "cascade"), "the command-line program")
	f.StringVar(&o.picture, "picture", filepath.Join("docs", "pictures", "matching.svg"), "where the picture goes")
	f.StringVar(&o.raw, "raw", filepath.Join("docs", "pictures", "matching.json"), "where every single measurement goes")
	f.DurationVar(&o.within, "within", 90*time.Minute, "when to give up")
	c.AddCommand(oursCommand(), arraysCommand(), filesCommand())
	return c
}

// results are all measurements, as they are kept in a file.
type results struct {
	Cores    int          `json:"cores"`
	Go       string       `json:"go"`
	Python   string       `json:"python"`
	Seed     uint64       `json:"seed"`
	Problems []comparison `json:"problems"`
	Whole    *series      `json:"whole,omitempty"`
}

// comparison is one problem, solved by all sides that are named.
type comparison struct {
	Shape string `json:"shape"`
	Size  int    `json:"size"`
	// Ours and SciPy are for the total without relaxing, and Shipped is ours with the
	// presets' settings.
	Ours    *series `json:"ours,omitempty"`
	SciPy   *series `json:"scipy,omitempty"`
	Shipped *series `json:"shipped,omitempty"`
}

// series is one thing measured again and again by one process or several.
type series struct {
	Size int           `json:"size,omitempty"`
	Runs []measurement `json:"runs"`
}

// measurement is one solution. Seconds are those that passed, CPU those of all cores
// together, which a busy machine changes less. Peak is the most memory, in bytes,
// that its process had ever held.
type measurement struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"`
	Scoring float64 `json:"scoring,omitempty"`
	Solving float64 `json:"solving,omitempty"`
	Matched int     `json:"matched"`
	Score   int     `json:"score"`
	Peak    int64   `json:"peak"`
}

// median is the middle of the runs by a number.
func (s *series) median(of func(measurement) float64) float64 {
	var all []float64
	for _, r := range s.Runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

func (s *series) seconds() float64 {
	return s.median(func(m measurement) float64 { return m.Seconds })
}

func (s *series) peak() float64 {
	return s.median(func(m measurement) float64 { return float64(m.Peak) })
}

func (o *options) run(ctx context.Context) error {
	if o.repeat < 1 {
		return fmt.Errorf("--repeat %d: measure at least once", o.repeat)
	}
	folder, err := os.MkdirTemp("", "bench-matching-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	all := &results{Cores: cores(), Go: runtime.Version(), Seed: o.seed}
	if all.Python, err = versions(ctx, o.python); err != nil {
		return err
	}
	// What was measured is reported even where something went wrong later: a run is
	// long. But only a whole one is kept.
	if err := o.all(ctx, folder, all); err != nil {
		_ = all.report(os.Stdout, o.repeat)
		return err
	}
	if o.raw != "" {
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.raw, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.picture != "" {
		if err := draw(o.picture, all); err != nil {
			return err
		}
	}
	return all.report(os.Stdout, o.repeat)
}

// problems are those to measure, each with the sides that are to solve it.
func (o *options) problems() []*comparison {
	all := []*comparison{{Shape: sectorwide, Size: pilotSize, Shipped: new(series)}, {Shape: dense, Size: denseSize, Ours: new(series), SciPy: new(series)}}
	sector := func(size int) *comparison {
		for _, p := range all {
			if p.Shape == sectorwide && p.Size == size {
				return p
			}
		}
		all = append(all, &comparison{Shape: sectorwide, Size: size})
		return all[len(all)-1]
	}
	for _, sizes := range []struct {
		of    []int
		sides func(p *comparison)
	}{
		{o.sizes, func(p *comparison) { p.Ours, p.SciPy = new(series), new(series) }},
		{o.alone, func(p *comparison) { p.Ours = new(series) }},
		{o.shipped, func(p *comparison) { p.Shipped = new(series) }},
	} {
		for _, n := range sizes.of {
			if n > 0 {
				sizes.sides(sector(n))
			}
		}
	}
	return all
}

// all measures everything.
func (o *options) all(ctx context.Context, folder string, to *results) error {
	for _, p := range o.problems() {
		if err := o.measure(ctx, folder, p); err != nil {
			return fmt.Errorf("%s of %s a side: %w", p.Shape, count(p.Size), err)
		}
		to.Problems = append(to.Problems, *p)
	}
	if o.whole > 0 {
		whole, err := o.measureCommandLine(ctx, folder, to.Problems)
		if err != nil {
			return fmt.Errorf("from CSV to certificate: %w", err)
		}
		to.Whole = whole
	}
	return nil
}

// cores is how many each side may use: two, as promised, or one where there is no
// more.
func cores() int { return min(2, runtime.NumCPU()) }
