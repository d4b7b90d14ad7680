// Command faults breaks Cascade on purpose and looks whether it keeps its promises.
//
// Each row breaks one thing, with real processes, the real Firestore emulator and a
// stand-in for SendGrid, and at the end checks the whole database and the whole
// mailbox. Then it does the same once more with the guard switched off that the row
// is about, its sabotage twin, which has to fail: a row that passes either way would
// prove nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// errFound is that a promise was broken, or a twin did not notice.
var errFound = errors.New("a promise was broken, or a twin did not notice: see the table")

func main() {
	// What the rows write themselves is not of interest; the processes log to files.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "test-faults:", err)
		stop()
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o options
	var list, vet bool
	c := &cobra.Command{
		Use: "test-faults", Short: "Break Cascade on purpose, and look whether it keeps its promises", Args: cobra.NoArgs,
		Long: "Break Cascade on purpose, and look whether it keeps its promises.\n\n" +
			"Each row breaks one thing, checks the whole database and the whole mailbox at the end, and does the same once more with the guard\n" +
			"switched off that the row is about: this sabotage twin has to fail. Ends with 1 where a promise was broken or a twin did not notice.\n" +
			"A row that needs what is not built yet says so, and does not count as passed.",
		Example: "  scripts/test-faults                       every row, in half an hour on two cores\n" +
			"  scripts/test-faults --short               the short version, as scripts/test runs it\n" +
			"  scripts/test-faults --rows D1,D5          only these\n" +
			"  scripts/test-faults --seed 42 --rows D1   what failed before, once more\n" +
			"  scripts/test-faults --list                what there is",
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.root, err = filepath.Abs(o.root); err != nil {
				return err
			}
			if list {
				for _, r := range rows {
					fmt.Printf("%-4s %s\n", r.id, r.breaks)
				}
				return nil
			}
			if vet {
				return vetSwitchable(cmd.Context(), o.root)
			}
			return run(cmd.Context(), o)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.rows, "rows", nil, "only these rows, by id, with commas between")
	f.BoolVar(&o.short, "short", false, "a smaller version of the rows that fit into a minute")
	f.Uint64Var(&o.seed, "seed", 0, "the same seed makes the same choices (default: another each time)")
	f.IntVar(&o.atOnce, "at-once", 0, "how many rows run at once (default: 1, and 6 in the short version)")
	f.BoolVar(&o.keep, "keep", false, "keep the folder with the processes' logs also when all is well")
	f.BoolVar(&o.noTwins, "no-twins", false, "leave out the sabotage twins, which is for looking into a failure")
	f.BoolVar(&list, "list", false, "list the rows and do nothing")
	f.BoolVar(&vet, "vet", false, "only have go vet look at the functions with their switches")
	f.StringVar(&o.root, "root", ".", "the project's folder")
	_ = f.MarkHidden("root")
	return c
}

type options struct {
	rows    []string
	short   bool
	seed    uint64
	keep    bool
	noTwins bool
	atOnce  int
	root    string
}

// chosen are the rows that were asked for.
func (o options) chosen() ([]row, error) {
	if len(o.rows) == 0 {
		return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return o.short && !r.short }), nil
	}
	var chosen []row
	for _, id := range o.rows {
		i := slices.IndexFunc(rows, func(r row) bool { return strings.EqualFold(r.id, strings.TrimSpace(id)) })
		if i < 0 {
			return nil, fmt.Errorf("there is no row %q: see --list", id)
		}
		chosen = append(chosen, rows[i])
	}
	return chosen, nil
}

func run(ctx context.Context, o options) (err error) {
	chosen, err := o.chosen()
	if err != nil {
		return err
	}
	if o.atOnce < 1 {
		o.atOnce = 1
		if o.short {
			o.atOnce = 6
		}
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	fmt.Printf("seed %d\n", o.seed)
	dir, err := os.MkdirTemp("", "cascade-faults-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil || o.keep {
			fmt.Printf("what the processes said is kept in %s\n", dir)
			return
		}
		os.RemoveAll(dir)
	}()
	g, err := newGround(ctx, o, dir)
	if err != nil {
		return err
	}
	defer g.stop()

	t := newTable(os.Stdout)
	for _, r := range g.all(ctx, chosen) {
		t.add(<-r)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.end()
	if t.found {
		return errFound
	}
	return nil
}
